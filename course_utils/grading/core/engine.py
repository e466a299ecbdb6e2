"""Grade notebooks: a confined worker observes them, this process judges what was observed."""

from __future__ import annotations

import secrets
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ... import PACKAGE
from ...exercises import assignment
from ...exercises.sealed import sealed_root, shown
from ...judging.drawn_cases import Observation, Trial
from ...judging.judge import judge
from ...judging.model import Assignment, Exercise
from ...judging.result import Result
from ...observing.frameworks import Framework, framework_of
from ..intake.fingerprints import fingerprints
from ..intake.notebook_file import Notebook, Unreadable, assignment_stem, read_notebook
from ..intake.submissions import Submission
from ..sandbox.limits import DEFAULT, Limits
from ..sandbox.templates import TemplatePool
from ..sandbox.worker_handle import WorkerLost, WorkerStopped, is_too_slow
from .grade import Grade, no_grade, zero
from .lending import Watchdog, helpers
from .page_feedback import of_another_look, of_one_stopped
from .session import Seen, Session

MAX_JUDGED = 20_000
MOST_NOTES = 50  # about one notebook
TRIES = 2
SETTLED = ("passed", "not attempted", "not defined")
SAID_ALREADY = ("passed", "not attempted")  # what is said of these comes from nothing but the name

# Which cases: those that give points, drawn for a run; others of the run for answers with right
# helpers; and those that feedback is about, the same in every run.
COUNTED, LENT, SHOWN = "counted", "lent", "shown"


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
        require_isolation: bool = False,
        watchdog: Callable[[], Watchdog] = lambda: nullcontext,
    ) -> None:
        """Draw fresh cases, or those of `seed`; workers cannot read `left_out`.

        With `only`, notebooks of other assignments are not graded; with `require_isolation`, none
        is whose worker could not be confined in full. `watchdog` makes one for each submission; it
        is entered wherever what was handed in could keep this process busy for ever.
        """
        self.seed = secrets.randbits(63) if seed is None else seed
        self.limits, self._only = limits, only
        self._watchdog_of_one, self._watchdog = watchdog, watchdog()
        self._trials: dict[tuple[str, str], Trial] = {}
        self._requests: dict[tuple, bytes] = {}
        self._judged: dict[tuple, Result] = {}  # many answers give the same bytes
        hidden = [PACKAGE, sealed_root(), *_checkout(), *_copies(), *left_out]
        self._templates = TemplatePool(limits, hidden, require_isolation=require_isolation)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes of this run and delete its folder."""
        self._templates.close()

    def trial(self, exercise: Exercise, which: str = COUNTED) -> Trial:
        """Return cases of an exercise, with their expected values, drawn once a run."""
        if (exercise.name, which) not in self._trials:
            name = zlib.crc32(exercise.name.encode())
            seeds = {COUNTED: [self.seed, name], LENT: [self.seed, name, 1]}
            self._trials[exercise.name, which] = (
                shown(exercise)
                if which == SHOWN
                else Trial(exercise, np.random.default_rng(seeds[which]))
            )
        return self._trials[exercise.name, which]

    def warm(self, stem: str) -> None:
        """Start what grading an assignment will need, while the caller does something else."""
        self._templates.start(_framework(assignment(stem)))

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
        self._watchdog = self._watchdog_of_one()
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
            with self._watchdog():
                notebook = read_notebook(content)
                stem = assignment_stem(path, notebook.sources())
        except Unreadable as error:
            return self.refuse(student, file, str(error))
        if stem is None:
            note = "is no assignment of this course: neither its name nor its functions are known"
            return no_grade(student, file, "unknown assignment", note, None)
        found = assignment(stem)
        if self._only not in (None, stem):
            note = f"belongs to {stem}, not to {self._only}"
            return no_grade(student, file, "other assignment", note, None)
        why: WorkerStopped | WorkerLost
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
        with self._watchdog():
            cells = notebook.to_run(found.names())
        spawn = partial(self._templates.spawn, _framework(found))
        with Session(cells, spawn, self.limits, self._requests, self._watchdog) as session:
            results = {exercise.name: self._own(session, exercise) for exercise in found.exercises}
            # last, so that no right helper is there while a learner's own is looked at
            for exercise in found.exercises:
                results[exercise.name] = self._carried(session, exercise, results, found.stem)
        with session.another() as other:
            for exercise in found.exercises:
                result = results[exercise.name]
                if result.status not in SAID_ALREADY:
                    results[exercise.name] = self._shown(other, exercise, result, found.stem)
        with self._watchdog():
            prints = fingerprints(notebook.sources(), found.names())
        return Grade(
            student,
            found.stem,
            file,
            "graded",
            tuple(results.values()),
            found.points,
            _most([*notebook.notes, *_newer_python(notebook, session.notes), *session.notes]),
            session.confinement,
            fingerprints=prints,
        )

    def _own(self, session: Session, exercise: Exercise) -> Result:
        """Judge a learner's own answer; one that is not right is looked at again, in a new fork.

        A fork takes longer than most calls, so exercises share one. What an earlier one did there
        may cost a later one its points, but only until it has been observed before all others.
        """
        seen, result = self._observed(session, exercise)
        if seen.fresh or result.status in SETTLED:
            return result
        return self._observed(session, exercise, anew=True)[1]

    def _carried(
        self, session: Session, exercise: Exercise, results: dict[str, Result], stem: str
    ) -> Result:
        """Judge an exercise again with right helpers where the learner's own were wrong."""
        own = results[exercise.name]
        wrong = [name for name in exercise.needs if results[name].status != "passed"]
        if not wrong or own.status in SETTLED:
            return own
        _, again = self._observed(session, exercise, LENT, lent=helpers(stem, wrong))
        # where both fail alike, the failure that no wrong helper can have caused is shown
        return replace(again, carried=tuple(wrong)) if again.points >= own.points else own

    def _shown(self, session: Session, exercise: Exercise, result: Result, stem: str) -> Result:
        """Return a result with feedback from cases that give no points.

        Nothing that came of the cases that count is shown, since an answer could tell them all:
        only what earned points, and what has kept the trusted side waiting.
        """
        if result.stopped and is_too_slow(result.stopped):
            return of_one_stopped(result)
        lent = helpers(stem, result.carried)
        seen, shown = self._observed(session, exercise, SHOWN, lent=lent)
        # numbers that a known mistake gives were not spoiled by what was observed there before
        if not (seen.fresh or shown.misconceptions or shown.status in SETTLED):
            _, shown = self._observed(session, exercise, SHOWN, lent=lent, anew=True)
        return of_another_look(result, shown)

    def _observed(
        self, session: Session, exercise: Exercise, which: str = COUNTED, **how: Any
    ) -> tuple[Seen, Result]:
        trial = self.trial(exercise, which)
        seen = session.observe(exercise, trial.cases, which, **how)
        key = (exercise.name, which, seen.digest())
        if key in self._judged:
            return seen, self._judged[key]
        with self._watchdog():
            observations = [session.explained(exercise.name, o) for o in seen.observations()]
        result = replace(self._judge(trial, observations, which == SHOWN), stopped=seen.reason)
        # a missing function depends on more than what was observed
        if not any(o["status"] in ("missing", "broken cell") for o in observations):
            if len(self._judged) >= MAX_JUDGED:
                self._judged.clear()
            self._judged[key] = result
        return seen, result

    def _judge(self, trial: Trial, observations: list[Observation], explaining: bool) -> Result:
        try:
            with self._watchdog():
                return judge(trial, observations, explaining=explaining)
        except Exception as error:
            # An answer built to break the judge must not stop the run; a human should look.
            reason = f"the judge failed on this answer ({type(error).__name__})"
            return zero(trial.exercise, "could not run", reason)


def _framework(found: Assignment) -> Framework:
    return framework_of(exercise.probe for exercise in found.exercises)


def _newer_python(notebook: Notebook, notes: Iterable[str]) -> list[str]:
    """Say so where a cell may be legal in the Python it was written for, but not in this one."""
    here = sys.version_info[:2]
    if notebook.python <= here or not any("SyntaxError" in note for note in notes):
        return []
    theirs, ours = (".".join(map(str, version)) for version in (notebook.python, here))
    return [f"was written with Python {theirs}; Python {ours}, which grades it, knows less syntax"]


def _most(notes: list[str]) -> tuple[str, ...]:
    """Return as many notes as an instructor would read, and how many more there are."""
    more = len(notes) - MOST_NOTES
    return (*notes[:MOST_NOTES], f"{more} more notes of this kind") if more > 0 else tuple(notes)


def _copies() -> list[Path]:
    """Return this package wherever else it is installed: workers can read what is beside it."""
    places = dict.fromkeys((sys.prefix, sys.base_prefix, "/usr", "/usr/local"))
    inside = f"lib*/python*/*-packages/{PACKAGE.name}"
    return [found for place in places for found in Path(place).glob(inside)]


def _checkout() -> list[Path]:
    """Return the checkout this package stands in, if it is one: the solutions are there."""
    root = PACKAGE.parent
    return [root] if (root / "solutions").is_dir() else []
