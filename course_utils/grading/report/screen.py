"""Show in the terminal how a class did, and what an instructor should know about submissions."""

from __future__ import annotations

from pathlib import PurePosixPath
from statistics import mean, median

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..core.grade import Grade
from ..intake.submissions import OTHER_FILE
from .tables import one_line

AT_MOST = 40  # rows on the screen
_NO_FAULT = ("graded", "other assignment", OTHER_FILE)


class Screen:
    """Collects what is shown at the end: each notebook of a small class, else the assignments."""

    def __init__(self) -> None:
        """Begin with none."""
        self._rows: list[Grade] = []
        self._scores: dict[str, list[int]] = {}
        self._most: dict[str, int] = {}
        self.ungraded = 0

    def add(self, grade: Grade) -> None:
        """Take one grade in."""
        self.ungraded += grade.status not in _NO_FAULT
        self._scores.setdefault(grade.assignment, []).append(grade.score)
        self._most[grade.assignment] = grade.max_score
        if len(self._rows) <= AT_MOST:
            self._rows.append(grade)

    def show(self, console: Console) -> None:
        """Print one row a notebook, or one an assignment where there are many."""
        table = Table(box=None, pad_edge=False)
        if len(self._rows) <= AT_MOST:
            for name in ("student", "assignment"):
                table.add_column(name, no_wrap=True)
            for name in ("score", "max"):
                table.add_column(name, justify="right")
            table.add_column("status", no_wrap=True)
            for g in sorted(self._rows, key=lambda g: (g.student, g.file)):
                row = (g.student, g.assignment, str(g.score), str(g.max_score), g.status)
                table.add_row(*(escape(one_line(text)) for text in row))
        else:
            table.add_column("assignment", no_wrap=True)
            for name in ("notebooks", "mean", "median", "max"):
                table.add_column(name, justify="right")
            for stem, scores in sorted(self._scores.items()):
                middle = f"{median(scores):g}"
                about = (len(scores), f"{mean(scores):.1f}", middle, self._most[stem])
                table.add_row(escape(one_line(stem)), *map(str, about))
        console.print(table)


def problems(grade: Grade) -> list[str]:
    """List, one line each, what an instructor should know about a submission."""
    where = one_line(f"{grade.student}/{PurePosixPath(grade.file).name}")
    lines = [f"{where}: {one_line(note)}" for note in grade.notes]
    if grade.status == "graded":
        lines += [
            f"{where}: {one_line(r.summary)}"
            for r in grade.results
            if r.status in ("not defined", "could not run") and "cell that defines" not in r.summary
        ]
    return lines
