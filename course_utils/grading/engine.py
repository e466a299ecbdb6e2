"""Grade submissions: workers observe them, this process judges what was observed."""

from __future__ import annotations

import secrets
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..exercises import assignment
from ..exercises.judge import judge
from ..exercises.model import Assignment, Exercise
from ..exercises.result import CriterionResult, Result
from ..exercises.trial import Trial
from .observe import Session
from .process import WorkerStopped
from .stage import stage
from .submissions import Submission, Unreadable, assignment_stem, read_cells


@dataclass(frozen=True)
class Grade:
    """The grade of one notebook. `status` is "graded", or why it could not be."""

    student: str
    assignment: str
    path: Path
    status: str
    results: tuple[Result, ...] = ()
    max_score: int = 0
    note: str = ""

    @property
    def score(self) -> int:
        """Return the points earned."""
        return sum(result.points for result in self.results)


class Run:
    """One grading run: every submission meets the same cases, drawn from one seed."""

    def __init__(self, seed: int | None = None) -> None:
        """Draw fresh cases, or those of `seed`."""
        self.seed = secrets.randbits(64) if seed is None else seed
        self._trials: dict[str, Trial] = {}

    def trial(self, exercise: Exercise) -> Trial:
        """Return an exercise's cases, with their expected values, drawn once a run."""
        if exercise.name not in self._trials:
            rng = np.random.default_rng([self.seed, zlib.crc32(exercise.name.encode())])
            self._trials[exercise.name] = Trial(exercise, rng)
        return self._trials[exercise.name]

    def grade(self, submissions: Sequence[Submission]) -> Iterator[Grade]:
        """Grade submissions one by one; none stops the run."""
        with tempfile.TemporaryDirectory(prefix="course-staged-") as folder:
            staged = stage(Path(folder))
            for submission in submissions:
                yield self._grade_one(submission, staged)

    def _grade_one(self, submission: Submission, staged: Path) -> Grade:
        student, path = submission.student, submission.path
        try:
            cells = read_cells(path)
        except Unreadable as error:
            stem = assignment_stem(path, [])
            known = assignment(stem) if stem else None
            return _no_grade(student, path, "unreadable", str(error), known)
        stem = assignment_stem(path, cells)
        if stem is None:
            note = "is no assignment of this course: neither its name nor its functions are known"
            return _no_grade(student, path, "unknown assignment", note, None)
        found = assignment(stem)
        try:
            with Session(cells, staged) as session:
                results = tuple(self._result(session, exercise) for exercise in found.exercises)
        except WorkerStopped as error:  # not even an empty worker came up
            return _no_grade(student, path, "not run", f"could not be run: {error}", found)
        note = "; ".join(
            f"a cell failed: {message}"
            for message in session.broken.values()
            if not message.startswith("NotImplementedError")
        )
        return Grade(student, stem, path, "graded", results, found.points, note)

    def _result(self, session: Session, exercise: Exercise) -> Result:
        trial = self.trial(exercise)
        observations = session.observe(exercise, trial.cases)
        try:
            return judge(trial, observations)
        except Exception as error:
            # An answer built to break the judge must not stop the run; a human should look.
            reason = f"the judge failed on this answer ({type(error).__name__}: {error})"
            return _zero(exercise, "could not run", reason)


def _zero(exercise: Exercise, status: str, reason: str) -> Result:
    criteria = tuple(CriterionResult(c.name, 0, c.points, reason) for c in exercise.criteria)
    return Result(exercise.name, status, criteria, reason)


def _no_grade(student: str, path: Path, status: str, note: str, found: Assignment | None) -> Grade:
    reason = f"the notebook {note}"
    exercises = found.exercises if found else ()
    results = tuple(_zero(exercise, "could not run", reason) for exercise in exercises)
    stem = found.stem if found else path.stem
    return Grade(student, stem, path, status, results, found.points if found else 0, note)
