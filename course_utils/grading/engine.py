"""Grade notebooks: a confined worker observes them, this process judges what was observed."""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ..exercises import assignment
from ..exercises.judge import judge
from ..exercises.model import Assignment, Exercise
from ..exercises.result import Result
from ..exercises.trial import Observation, Trial
from .fingerprints import fingerprints
from .grade import Grade
from .held import WorkerLost, WorkerStopped
from .limits import DEFAULT, Limits
from .nothing import no_grade, zero
from .observe import Seen, Session
from .quick import SETTLED, clear_answers, is_clear, within
from .reading import Notebook, Unreadable, assignment_stem, read_notebook
from .references import references
from .stage import PACKAGE
from .submissions import Submission
from .templates import Templates

MAX_JUDGED = 20_000
TRIES = 2


class Run:
    """One grading run: every submission meets the same cases, drawn from one seed.

    Use it as a context manager, or close it: it keeps processes that workers are forked from.
    """

    def __init__(
        self,
        seed: int | None = None,
        limits: Limits = DEFAULT,
        *,
        left_out: Sequence[Path] = (),
        only: str | None = None,
        watchdog: Callable[[], AbstractContextManager] = nullcontext,
    ) -> None:
        """Draw fresh cases, or those of `seed`; workers cannot read `left_out`.

        With `only`, notebooks of other assignments are not graded. `watchdog` is entered wherever
        something that was handed in could keep this process busy for ever.
        """
        self.seed = secrets.randbits(63) if seed is None else seed
        self.limits, self._only, self.watchdog = limits, only, watchdog
        self._trials: dict[str, Trial] = {}
        self._requests: dict[str, bytes] = {}
        self._judged: dict[tuple[str, bytes], Result] = {}  # many answers give the same bytes
        self._templates = Templates(limits, [PACKAGE, *_checkout(), *left_out])

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes of this run and delete its folder."""
        self._templates.close()

    def trial(self, exercise: Exercise) -> Trial:
        """Return an exercise's cases, with their expected values, drawn once a run."""
        if exercise.name not in self._trials:
            rng = np.random.default_rng([self.seed, zlib.crc32(exercise.name.encode())])
            self._trials[exercise.name] = Trial(exercise, rng)
        return self._trials[exercise.name]

    def warm(self, stem: str) -> None:
        """Start what grading an assignment will need, while the caller does something else."""
        kind, quick = self._templates.kinds(assignment(stem))
        self._templates.start(quick or kind)

    def grade(self, submissions: Iterable[Submission]) -> Iterator[Grade]:
        """Grade submissions one by one; none stops the run."""
        for submission in submissions:
            try:
                content = submission.read()
            except Unreadable as error:
                yield self.refuse(submission.student, submission.file, str(error))
            else:
                yield self.grade_content(submission.student, submission.file, content)

    def grade_content(self, student: str, file: str, content: bytes) -> Grade:
        """Grade one notebook, given its bytes; `file` is its path below the submissions."""
        began = time.monotonic()
        grade = self._grade(student, file, content)
        return replace(grade, seconds=round(time.monotonic() - began, 3))

    def refuse(self, student: str, file: str, why: str) -> Grade:
        """Return the grade of a file that could not even be read."""
        stem = assignment_stem(PurePosixPath(file), [])
        known = assignment(stem) if stem else None
        return no_grade(student, file, "unreadable", why, known)

    def _grade(self, student: str, file: str, content: bytes) -> Grade:
        path = PurePosixPath(file)
        try:
            with self.watchdog():
                notebook = read_notebook(content)
        except Unreadable as error:
            return self.refuse(student, file, str(error))
        stem = assignment_stem(path, notebook.sources())
        if stem is None:
            note = "is no assignment of this course: neither its name nor its functions are known"
            return no_grade(student, file, "unknown assignment", note, None)
        found = assignment(stem)
        if self._only not in (None, stem):
            note = f"belongs to {stem}, not to {self._only}"
            return no_grade(student, file, "other assignment", note, None)
        for _ in range(TRIES):
            try:
                return self._observe_and_judge(student, file, notebook, found)
            except WorkerLost as error:
                why = error
            except WorkerStopped as error:  # not even an empty worker came up
                why = error
                break
        return no_grade(student, file, "not run", f"could not be run: {why}", found)

    def _observe_and_judge(
        self, student: str, file: str, notebook: Notebook, found: Assignment
    ) -> Grade:
        cells = notebook.to_run(found.names())
        kind, quick = self._templates.kinds(found)
        # begun only by what is to be observed, as is the other
        with self._session(cells, quick or kind, within(self.limits)) as first:
            clear, done = self._quickly(first, quick, found) if quick else ({}, set())
        with self._session(cells, kind, self.limits) as session:
            results = {e.name: clear.get(e.name) or self._own(session, e) for e in found.exercises}
            # last, so that no right helper is there while a learner's own is looked at
            for exercise in found.exercises:
                if exercise.name not in done:
                    carried, _ = self._carried(session, exercise, results, found.stem)
                    results[exercise.name] = carried
        with self.watchdog():
            prints = fingerprints(notebook.sources(), found.names())
        last = session if session.confinement else first  # nothing may have been left to observe
        return Grade(
            student,
            found.stem,
            file,
            "graded",
            tuple(results.values()),
            found.points,
            (*notebook.notes, *last.notes),
            last.confinement,
            fingerprints=prints,
        )

    def _quickly(
        self, session: Session, kind: str, found: Assignment
    ) -> tuple[dict[str, Result], set[str]]:
        """Return the results that are clear without TensorFlow.

        Also name those that right helpers need not be tried on any more.
        """
        done: set[str] = set()
        try:
            clear = clear_answers(found.exercises, session, partial(self._observed, session))
            for exercise in found.exercises:
                if clear.keys() >= {exercise.name, *exercise.needs}:
                    carried, sure = self._carried(session, exercise, clear, found.stem)
                    if sure:
                        clear[exercise.name] = carried
                        done.add(exercise.name)
        except WorkerStopped:  # this Keras cannot do without TensorFlow
            self._templates.give_up(kind)
            return {}, set()
        return clear, done

    def _session(self, cells: Sequence[str], kind: str, limits: Limits) -> Session:
        return Session(cells, partial(self._templates.spawn, kind), limits, self._requests)

    def _own(self, session: Session, exercise: Exercise) -> Result:
        """Judge a learner's own answer; one that is not right is looked at again, in a new fork.

        A fork takes longer than most calls, so exercises share one. What an earlier one did there
        may cost a later one its points, but only until it has been observed before all others. An
        answer that gives just what a known misconception gives was not spoiled by accident.
        """
        seen, result = self._observed(session, exercise)
        if seen.fresh or is_clear(result):
            return result
        return self._observed(session, exercise, anew=True)[1]

    def _observed(self, session: Session, exercise: Exercise, **how: Any) -> tuple[Seen, Result]:
        seen = session.observe(exercise, self.trial(exercise).cases, **how)
        return seen, self._result(session, exercise, seen)

    def _result(self, session: Session, exercise: Exercise, seen: Seen) -> Result:
        key = (exercise.name, seen.digest())
        if key not in self._judged:
            observations = [session.explained(exercise.name, o) for o in seen.observations()]
            result = self._judge(self.trial(exercise), observations)
            if any(o["status"] in ("missing", "broken cell") for o in observations):
                return result  # that depends on more than what was observed
            if len(self._judged) >= MAX_JUDGED:
                self._judged.clear()
            self._judged[key] = result
        return self._judged[key]

    def _judge(self, trial: Trial, observations: list[Observation]) -> Result:
        try:
            with self.watchdog():
                return judge(trial, observations)
        except Exception as error:
            # An answer built to break the judge must not stop the run; a human should look.
            reason = f"the judge failed on this answer ({type(error).__name__}: {error})"
            return zero(trial.exercise, "could not run", reason)

    def _carried(
        self, session: Session, exercise: Exercise, results: dict[str, Result], stem: str
    ) -> tuple[Result, bool]:
        """Judge an exercise again with right helpers where the learner's own were wrong.

        Return the better result, and whether the one with right helpers is clear.
        """
        own = results[exercise.name]
        wrong = [name for name in exercise.needs if results[name].status != "passed"]
        if not wrong or own.status in SETTLED:
            return own, True
        given = {name: references()[stem][name] for name in wrong}
        _, again = self._observed(session, exercise, given=given)
        # where both fail alike, the failure that no wrong helper can have caused is shown
        better = replace(again, carried=tuple(wrong)) if again.points >= own.points else own
        return better, is_clear(again)


def _checkout() -> list[Path]:
    """Return the checkout this package stands in, if it is one: the solutions are there."""
    root = PACKAGE.parent
    return [root] if (root / "solutions").is_dir() else []
