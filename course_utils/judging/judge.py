"""Judge observations of a function against an exercise's oracle."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any
from warnings import catch_warnings

import numpy as np

from .compare import Leaf, agrees
from .criteria import Failure, Row, cases_of, charge, message_of, withhold
from .difference import difference
from .drawn_cases import Observation, Trial
from .explaining import explain
from .model import Case, Exercise, Misconception
from .result import CriterionResult, Result

LARGER = 100  # times as large as expected: from parts beyond that nothing is said to follow


def judge(trial: Trial, observations: Sequence[Observation], *, explaining: bool = True) -> Result:
    """Judge one observation per case; the feedback is about the first thing that is wrong.

    Without `explaining`, no cause is looked for.
    """
    with np.errstate(all="ignore"), catch_warnings(action="ignore"):  # whatever the learner set
        return _judge(trial, observations, explaining)


def _judge(trial: Trial, observations: Sequence[Observation], explaining: bool) -> Result:
    exercise = trial.exercise
    stopped = _not_run(exercise, observations)
    if stopped:
        status, summary = stopped
        nothing = tuple(CriterionResult(c.name, 0, c.points, summary) for c in exercise.criteria)
        return Result(exercise.name, status, nothing, summary, hints=exercise.hints)
    compared = [trial.compare(i, seen) for i, seen in enumerate(observations)]
    rows = [
        (case, seen, forgiving(exercise, case, seen, parts))
        for case, seen, parts in zip(trial.cases, observations, compared, strict=True)
    ]
    failures = charge(exercise, rows)
    found = [failure for failure in failures.values() if failure]
    withhold(exercise, rows, failures)
    criteria = _criterion_results(exercise, rows, failures)
    # a changed argument often spoils a cache or a later step: say that first
    first = min(found, key=lambda failure: not failure.changed, default=None)
    if first is None:
        return Result(exercise.name, "passed", criteria)
    named: list[Misconception] = []
    note = ""
    if explaining:
        with suppress(Exception):  # what cannot be explained must not cost the points it has
            named, note = explain(trial, observations, compared, first.case, first.leaf)
    leaf = first.leaf
    return Result(
        exercise.name,
        "failed",
        criteria,
        summary=first.message,
        difference=difference(leaf, exercise.axes, first.case.label)
        if leaf and leaf.kind == "value"
        else None,
        misconceptions=tuple((m.name, m.sentence) for m in named),
        note=note,
        hints=_hints(exercise, failures),
        case=next(i for i, case in enumerate(trial.cases) if case is first.case),
    )


def _hints(exercise: Exercise, failures: dict[str, Failure | None]) -> tuple[str, ...]:
    """Return the exercise's hints, after that of the first criterion that is not met."""
    unmet = next(c for c in exercise.criteria if failures[c.name])
    return tuple(filter(None, (unmet.hint, *exercise.hints)))


def _criterion_results(
    exercise: Exercise, rows: Sequence[Row], failures: dict[str, Failure | None]
) -> tuple[CriterionResult, ...]:
    return tuple(
        CriterionResult(
            c.name,
            0 if failures[c.name] else c.points,
            c.points,
            message_of(failure, cases_of(c, rows), rows) if (failure := failures[c.name]) else "",
        )
        for c in exercise.criteria
    )


def forgiving(exercise: Exercise, case: Case, seen: Observation, parts: list[Leaf]) -> list[Leaf]:
    """Return the parts of one case, those right that follow from the learner's own."""
    if exercise.follows is None or not any(part.kind == "value" for part in parts):
        return parts
    if not all(map(_may_be_used, parts)):
        return parts
    try:
        consequence = exercise.follows(case.args, exercise.read(case, seen))
    except Exception:  # the earlier parts are not even of the right kind
        return parts
    return [
        part._replace(kind="ok")
        if part.kind == "value"
        and part.name in consequence
        and agrees(part.got, np.asarray(consequence[part.name]))
        else part
        for part in parts
    ]


def _may_be_used(part: Leaf) -> bool:
    """Return True if computing with a part takes little: an answer may be of any size."""
    if part.kind == "shape":
        return part.got.size <= LARGER * part.expected.size
    return part.kind != "type" or part.got is None


def _not_run(exercise: Exercise, observations: Sequence[Observation]) -> tuple[Any, str] | None:
    """Say why there is nothing to judge, where that is so."""
    name = exercise.name
    for seen in observations:
        if seen["status"] == "missing":
            close = get_close_matches(name, seen.get("similar", []), 1, cutoff=0.6)
            rename = f" Was it renamed? `{close[0]}` is defined." if close else ""
            return "not defined", f"`{name}` is not defined in this notebook.{rename}"
        if seen["status"] == "broken cell":
            return "not defined", f"The cell that defines `{name}` did not run: {seen['message']}"
    if all(seen["status"] == "not_attempted" for seen in observations):
        where = observations[0]["where"]
        if where != name:
            return "could not run", f"`{name}` calls `{where}`, which is not written yet."
        return "not attempted", (
            f"`{name}` still raises NotImplementedError: put your code in that line's place."
        )
    return None
