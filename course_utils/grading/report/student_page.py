"""The page of one graded notebook: for the learner, and for whoever looks into a grade."""

from __future__ import annotations

from functools import lru_cache

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
