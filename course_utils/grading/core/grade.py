"""One graded notebook, as the journal keeps it and as pages and tables show it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from ...judging.model import Assignment, Exercise
from ...judging.result import CriterionResult, Difference, Result, Shown, Status


@dataclass(frozen=True)
class Grade(Shown):
    """The grade of one notebook.

    `assignment` is a stem of the course ("01_rnn_step_by_step"), or the file's own where that is
    not known; `file` is the notebook's path below the submissions, with "/" between its parts;
    `status` is "graded", or why it could not be ("unreadable", "unknown assignment", "not run");
    `notes` are for the instructor, one line each: cells that failed, what was repaired;
    `confinement` says how its code was held ("landlock, namespaces, limits", "none", ...);
    `seconds` is wall-clock time; `fingerprints` maps an exercise to a hash of its normalised code.
    """

    student: str
    assignment: str
    file: str
    status: str
    results: tuple[Result, ...] = ()
    max_score: int = 0
    notes: tuple[str, ...] = ()
    confinement: str = ""
    seconds: float = 0.0
    fingerprints: Mapping[str, str] = field(default_factory=dict)

    @property
    def score(self) -> int:
        """Return the points earned."""
        return sum(result.points for result in self.results)


def zero(exercise: Exercise, status: Status, reason: str) -> Result:
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


def to_json(grade: Grade) -> str:
    """Write a grade down; `from_json` gives it back."""
    return json.dumps(grade, default=vars, separators=(",", ":"))


def from_json(text: str) -> Grade:
    """Return the grade that `to_json` wrote down."""
    read = json.loads(text)
    read["results"] = tuple(_result(item) for item in read["results"])
    read["notes"] = tuple(read["notes"])
    return Grade(**read)


def _result(read: dict[str, Any]) -> Result:
    shown = read["difference"]
    if shown:
        lists = {key: tuple(value) for key, value in shown.items() if isinstance(value, list)}
        shown = Difference(**(shown | lists))
    return Result(
        **read
        | {
            "criteria": tuple(CriterionResult(**item) for item in read["criteria"]),
            "difference": shown,
            "misconceptions": tuple((name, said) for name, said in read["misconceptions"]),
            "hints": tuple(read["hints"]),
            "carried": tuple(read["carried"]),
        }
    )
