"""Write grades as CSV, print them as a table, and list what an instructor should know."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..core.grade import Grade
from ..intake.submissions import OTHER_FILE

if TYPE_CHECKING:
    from ..batch.journal import Row

GRADES = (
    *("student", "assignment", "score", "max_score", "status", "file", "attempt", "counts"),
    *("handed_in", "graded", "seed", "version", "identical_to", "note"),
)
CRITERIA = (
    *("student", "assignment", "exercise", "criterion", "points", "max_points", "diagnosis"),
    *("file", "attempt", "handed_in", "seed", "version"),
)
AT_MOST = 40  # rows on the screen
LONGEST_NOTE = 300
_NO_FAULT = ("graded", "other assignment", OTHER_FILE)
_FORMULA = ("=", "+", "-", "@")


def plain(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: a quote stands before what may be one.

    See OWASP, "CSV Injection".
    """
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])  # also a full-width "="
    risky = first.startswith(_FORMULA) or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if risky else text


def write_csv(rows: Iterable[Row], folder: Path) -> tuple[Path, Path]:
    """Write grades.csv and criteria.csv, UTF-8, into `folder` and return their paths.

    Each is complete or as it was before: it is written under another name first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "grades.csv", folder / "criteria.csv"
    partial = [path.with_suffix(".csv.partial") for path in paths]
    with (
        partial[0].open("w", encoding="utf-8", newline="", errors="replace") as scores,
        partial[1].open("w", encoding="utf-8", newline="", errors="replace") as details,
    ):
        first, second = csv.writer(scores), csv.writer(details)
        first.writerow(GRADES)
        second.writerow(CRITERIA)
        for row in rows:
            first.writerow(map(_cell, _of(row)))
            second.writerows(map(_cell, line) for line in _criteria(row))
    for source, target in zip(partial, paths, strict=True):
        source.replace(target)
    return paths


def _cell(value: object) -> object:
    return plain(value) if isinstance(value, str) else value


def _of(row: Row) -> Sequence[object]:
    g, filed = row.grade, row.filed
    note = "" if g.status == "graded" else _one_line("; ".join(g.notes))[:LONGEST_NOTE]
    return (
        *(g.student, g.assignment, g.score, g.max_score, g.status, g.file, row.attempt or ""),
        *("yes" if row.counts else "", filed.handed_in, row.graded, filed.seed, filed.version),
        *(row.twin, note),
    )


def _criteria(row: Row) -> Iterator[Sequence[object]]:
    g, filed = row.grade, row.filed
    about = (g.file, row.attempt or "", filed.handed_in, filed.seed, filed.version)
    for r in g.results:
        for c in r.criteria:
            said = r.diagnosis if r.misconceptions else c.message
            said = "" if c.passed else _one_line(said)
            points = c.points, c.max_points
            yield g.student, g.assignment, r.exercise, c.name, *points, said, *about


class Screen:
    """Collects what is shown at the end: each notebook of a small class, else the classes."""

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
                table.add_row(*(escape(_plain(text)) for text in row))
        else:
            table.add_column("assignment", no_wrap=True)
            for name in ("notebooks", "mean", "median", "max"):
                table.add_column(name, justify="right")
            for stem, scores in sorted(self._scores.items()):
                middle = f"{median(scores):g}"
                about = (len(scores), f"{mean(scores):.1f}", middle, self._most[stem])
                table.add_row(escape(_plain(stem)), *map(str, about))
        console.print(table)


def problems(grade: Grade) -> list[str]:
    """List, one line each, what an instructor should know about a submission."""
    where = _plain(f"{grade.student}/{Path(grade.file).name}")
    lines = [f"{where}: {_one_line(note)}" for note in grade.notes]
    if grade.status == "graded":
        lines += [
            f"{where}: {_one_line(r.summary)}"
            for r in grade.results
            if r.status in ("not defined", "could not run") and "cell that defines" not in r.summary
        ]
    return lines


def _plain(text: str) -> str:
    """Take out what a terminal would act on."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _one_line(text: str) -> str:
    return _plain(" ".join(text.split()))
