"""The page of one graded notebook: for the learner, and for whoever looks into a grade."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from ...judging.result import Result
from ..core.grade import Grade
from .html import render

MOST_NOTES = 50
MARKS = {
    "passed": "✓",
    "failed": "✗",
    "not reached": "–",
    "not attempted": "○",
    "not defined": "?",
    "could not run": "!",
}


def student_page(grade: Grade) -> str:
    """Return one grade as an HTML page that needs no other file and runs no script.

    It shows no more of what was expected than the messages and the neighbours of the first
    difference do.
    """
    return render(
        "student.html",
        grade=grade,
        sections=[_section(result) for result in grade.results],
        marks=MARKS,
        most_notes=MOST_NOTES,
    )


@lru_cache(1024)  # a class gets few results over and over
def _section(result: Result) -> Markup:
    """Return what a page says of one exercise, already escaped."""
    return Markup(render("exercise.html", result=result, marks=MARKS))


class Pages:
    """Writes students' pages below a folder."""

    def __init__(self, out: Path) -> None:
        """Remember where."""
        self._out = out

    def write(self, grade: Grade, page: str, *, new: bool) -> None:
        """Write a grade's page; one that is there and not new is left as it is."""
        target = self._out / page
        if not new and target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        partial.write_text(student_page(grade), "utf-8")
        partial.replace(target)
