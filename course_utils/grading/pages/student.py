"""The page of one graded notebook: for the learner, and for whoever looks into a grade."""

from __future__ import annotations

from ..grade import Grade
from .render import render

MOST_NOTES = 50
MARKS = {
    "passed": "✓",
    "failed": "✗",
    "not attempted": "○",
    "not defined": "?",
    "could not run": "!",
}


def student_page(grade: Grade) -> str:
    """Return one grade as an HTML page that needs no other file and runs no script.

    It shows no more of what was expected than the messages and the neighbours of the first
    difference do.
    """
    return render("student.html", grade=grade, marks=MARKS, most_notes=MOST_NOTES)
