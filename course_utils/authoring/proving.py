"""Prove an exercise: right answers pass, mistakes are named, changes of the key are refused."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from io import StringIO
from typing import Any, NamedTuple
from warnings import catch_warnings

import numpy as np

from ..exercises import find, for_authors
from ..judging.criteria import examine
from ..judging.drawn_cases import Observation, Trial
from ..judging.judge import forgiving, judge
from ..judging.model import Exercise
from ..judging.result import Result
from .answers import AnswerBook
from .course import Course
from .mutants import Mutant, mutants
from .records import faults

KEY = "answer key"
SEEDS = range(3)
SECONDS, SECONDS_WITH_KERAS = 2.0, 20.0  # of the processor, for all cases of one changed answer

Answer = Callable[..., Any]
Draw = Callable[[Exercise, int], Trial]


class Finding(NamedTuple):
    """What was tried, in a few words, and what is not as it should be."""

    tried: str
    problems: list[str]


def prove(course: Course, name: str) -> Iterator[Finding]:
    """Try all that is demanded of an exercise; KeyError if no notebook has one of that name."""
    assignment, exercise = find(name)
    yield Finding("the record", [str(fault) for fault in faults(assignment.stem)])
    yield Finding("cases", case_problems(exercise))
    draw = Draws()
    count = sum(len(mistake.forms()) for mistake in exercise.misconceptions)
    yield Finding(f"{count} forms of known mistakes", mistake_problems(exercise, draw))
    book = AnswerBook(course.root, assignment.stem)
    answers = book.answers()
    if name not in answers:
        missing = f'no cell of solutions/{assignment.stem}.py has exercise="{name}"'
        yield Finding("the answer key", [missing])
        return
    right = for_authors(assignment.stem, "STYLES").get(name, {}) | {KEY: answers[name]}
    yield Finding(f"{len(right)} right answers", right_answer_problems(exercise, right, draw))
    count, passed = survivors_of(exercise, mutants_of(book, name), answers)
    yield Finding(f"{count} changes of the answer key", mutant_problems(name, passed))


class CachedTrial(Trial):
    """A trial that calls each known mistake once a case, both to judge it and to explain by it."""

    def __init__(self, exercise: Exercise, rng: np.random.Generator) -> None:
        """Draw the cases."""
        super().__init__(exercise, rng)
        self._known = {form for _, form in exercise.wrong_forms()}
        self._seen: dict[tuple[Answer, int], Observation] = {}

    def observe_case(self, function: Answer, i: int, *, looking: bool = True) -> Observation:
        """Observe `function` on case i; a known mistake once only, with its variables."""
        if function not in self._known:
            return super().observe_case(function, i, looking=looking)
        if (function, i) not in self._seen:
            self._seen[function, i] = super().observe_case(function, i)
        return self._seen[function, i]


class Draws:
    """Draws the cases of an exercise once for each seed."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[int, int], CachedTrial] = {}

    def __call__(self, exercise: Exercise, seed: int = 0) -> CachedTrial:
        """Return the trial of an exercise; it keeps the exercise alive, and with it the id."""
        if (id(exercise), seed) not in self._drawn:
            made = CachedTrial(exercise, np.random.default_rng(seed))
            self._drawn[id(exercise), seed] = made
        return self._drawn[id(exercise), seed]


def case_problems(exercise: Exercise) -> list[str]:
    """List criteria without a case, and seeds that change nothing, or something they should not."""
    drawn = [exercise.cases(np.random.default_rng(seed)) for seed in (1, 1, 2)]
    tags = {tag for case in drawn[0] for tag in case.tags}
    found = [
        f"{criterion.name!r} looks at no case: none is tagged {criterion.tag!r}"
        for criterion in exercise.criteria
        if criterion.tag is not None and criterion.tag not in tags
    ]
    same, again, other = (repr([(case.args, case.after) for case in cases]) for cases in drawn)
    if same != again:
        found.append("the same seed gives other cases: draw them from the `rng` that is given")
    if same == other:
        found.append("another seed gives the same cases: draw them from the `rng` that is given")
    return found


def right_answer_problems(
    exercise: Exercise, answers: Mapping[str, Answer], draw: Draw, seeds: Sequence[int] = SEEDS
) -> list[str]:
    """List the right answers that lose points; without Keras, in float32 too.

    With Keras, answers other than the key are tried on the first seed only, as each takes long.
    """
    found, slow = [], exercise.probe != "call"
    for called, answer in answers.items():
        forms = {called: answer}
        if not slow:
            forms[f"{called}, in float32"] = in_float32(answer)
        for seed in seeds[:1] if slow and called != KEY else seeds:
            for form, function in forms.items():
                result = _judged(draw(exercise, seed), function)
                if result.status != "passed":
                    found.append(f"{form} fails on seed {seed}: {result.diagnosis}")
    return found


def mistake_problems(exercise: Exercise, draw: Draw, seeds: Iterable[int] = SEEDS) -> list[str]:
    """List the known mistakes that pass or go by another name, and the criteria none of them loses.

    Whether a criterion can be lost is tried on the first seed.
    """
    found, lost = [], None
    for seed in seeds:
        trial = draw(exercise, seed)
        results = []
        for mistake in exercise.misconceptions:
            for number, form in enumerate(mistake.forms()):
                result = _judged(trial, form)
                results.append(result)
                named = result.misconceptions[0][0] if result.misconceptions else "no mistake"
                where = f"{mistake.name!r}, form {number}, on seed {seed}"
                if result.status != "failed":
                    found.append(f"{where}: {result.status}")
                elif named != mistake.name:
                    found.append(f"{where}: named {named!r}; {result.summary}")
        if lost is None:
            results.append(_judged(trial, lambda *args: None))
            lost = {c.name for result in results for c in result.criteria if not c.passed}
    kept = [c.name for c in exercise.criteria if c.name not in (lost or ())]
    return found + [f"no wrong answer loses {name!r}" for name in kept]


def mutants_of(book: AnswerBook, name: str) -> Iterator[Mutant]:
    """Yield the changes of an answer key, and of another form of it.

    The records may say which lines of the key are changed, ONLY those that hold a text, and ALSO
    give another form to change.
    """
    stem = book.assignment.stem
    yield from mutants(book.marked(name), for_authors(stem, "ONLY").get(name, ""))
    if also := for_authors(stem, "ALSO").get(name):
        yield from mutants(also)


def mutant_problems(name: str, passed: Iterable[str], untried: Iterable[str] = ()) -> list[str]:
    """Compare the changes that passed with those that are listed as no mistake."""
    reasons = for_authors(find(name)[0].stem, "SURVIVORS").get(name, {})
    listed = {line.strip() for text in reasons.values() for line in text.strip().splitlines()}
    gone = sorted(listed - {*passed, *untried})
    found = [f"listed as no mistake, but refused or gone: {change}" for change in gone]
    if new := [change for change in passed if change not in listed]:
        lines = "".join(f"            {change}\n" for change in new)
        found.append(
            f"{len(new)} changes passed: the cases are too weak, or these are no mistake. Then "
            f'list them in SURVIVORS, beside the record:\n    "{name}": {{\n'
            f'        "the reason": """\n{lines}        """,\n    }},'
        )
    return found


def survivors_of(
    exercise: Exercise, changed: Iterable[Mutant], namespace: Mapping[str, Any], seed: int = 0
) -> tuple[int, list[str]]:
    """Judge changed answers; return how many there are and the changes that pass.

    An answer is run in a copy of `namespace`.
    """
    exercise = replace(exercise, misconceptions=())  # to name each takes long
    trial = Trial(exercise, np.random.default_rng(seed))
    seconds = SECONDS if exercise.probe == "call" else SECONDS_WITH_KERAS
    count, passed = 0, []
    for change, code in changed:
        count += 1
        mine = dict(namespace)
        with np.errstate(all="ignore"), catch_warnings(action="ignore"), _silence():
            try:
                with time_limit(seconds):
                    exec(code, mine)
                    answer = mine[exercise.name]
                    if not _refused_early(trial, answer) and _passes(trial, answer):
                        passed.append(change)
            except TimeoutError:
                pass
    return count, passed


def _refused_early(trial: Trial, answer: Answer) -> bool:
    """Return True if some criterion is failed by the first wrong part, without trying all cases."""
    exercise = trial.exercise
    for i, case in enumerate(trial.cases):
        seen = trial.observe_case(answer, i)
        row = (case, seen, forgiving(trial, i, seen, trial.compare(i, seen)))
        looking = (c for c in exercise.criteria if c.tag is None or c.tag in case.tags)
        if any(examine(criterion, exercise, [row]).wrong for criterion in looking):
            return True
    return False


def _passes(trial: Trial, answer: Answer) -> bool:
    return judge(trial, trial.observe(answer), explaining=False).status == "passed"


def _judged(trial: Trial, answer: Answer) -> Result:
    with np.errstate(all="ignore"), catch_warnings(action="ignore"), _silence():
        return judge(trial, trial.observe(answer))


def _silence():
    return redirect_stdout(StringIO())


def in_float32(answer: Answer) -> Answer:
    """Make an answer that gets its arrays of real numbers in float32."""
    return lambda *args: answer(*map(_cast, args))


def _cast(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cast(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(map(_cast, value))
    real = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype(np.float32) if real else value


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in code that takes longer, again and again until it is left.

    Time of the processor counts: on a busy machine a right answer must not time out.
    """

    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
