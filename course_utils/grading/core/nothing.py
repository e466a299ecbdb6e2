"""Grades of what cannot be graded: no points, and the reason."""

from __future__ import annotations

from pathlib import PurePosixPath

from ...judging.model import Assignment, Exercise
from ...judging.result import CriterionResult, Result
from .grade import Grade


def zero(exercise: Exercise, status: str, reason: str) -> Result:
    """Return no points for an exercise."""
    criteria = tuple(CriterionResult(c.name, 0, c.points, reason) for c in exercise.criteria)
    return Result(exercise.name, status, criteria, reason)


def no_grade(student: str, file: str, status: str, note: str, found: Assignment | None) -> Grade:
    """Return no points for a notebook; `found` is its assignment, where that is known."""
    reason = f"the notebook {note}"
    exercises = found.exercises if found else ()
    results = tuple(zero(exercise, "could not run", reason) for exercise in exercises)
    stem = found.stem if found else PurePosixPath(file).stem
    return Grade(student, stem, file, status, results, found.points if found else 0, (note,))
