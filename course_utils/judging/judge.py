"""Judge observations of a function against an exercise's oracle."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from difflib import get_close_matches
from warnings import catch_warnings

import numpy as np

from .charged_once import charge_once
from .compare import Leaf, agrees, may_be_used
from .criteria import Failure, Row, cases_of, examine, message_of, spare_shapes, withhold
from .difference import difference
from .drawn_cases import Observation, Trial
from .explaining import explain
from .model import Exercise, Misconception
from .result import CriterionResult, Result, Status

LOG = logging.getLogger(__name__)  # the tests fail on what it is told
# where the exercise's own hints, on how to compute, do not help; by tag or aspect of a criterion
COMMON_HINTS = {
    "shape": "Compare what the panel says came back with what the docstring says is returned: how "
    "many things, of which kind, and in which shape?",
    "capitals": "The words of the map are in lower case. Which line turns what you are given into "
    "that, and does it come first?",
    "unmodified": "Which line writes into an array or dict that you were given? `a += b` and "
    "`a[i] = b` do; `a = a + b` makes a new one.",
    "batch of one": "Print the shapes in the case that fails. With one example, an axis has length "
    "1: which line drops it, or takes it for another one?",
    "one step": "Go through the case that fails by hand. With one step, the loop runs once: which "
    "line reads a step before or after it, or needs more than one?",
}


def judge(trial: Trial, observations: Sequence[Observation], *, explaining: bool = True) -> Result:
    """Judge one observation per case; the feedback is about the first thing that is wrong.

    Without `explaining`, no cause is looked for.
    """
    with np.errstate(all="ignore"), catch_warnings(action="ignore"):  # whatever the learner set
        return _judge(trial, observations, explaining)


def _judge(trial: Trial, observations: Sequence[Observation], explaining: bool) -> Result:
    exercise = trial.exercise
    if stopped := _not_run(exercise, observations):
        return stopped
    compared = [trial.compare(i, seen) for i, seen in enumerate(observations)]
    rows = [
        (case, observations[i], forgiving(trial, i, observations[i], compared[i]))
        for i, case in enumerate(trial.cases)
    ]
    failures = charge_once(trial, rows, compared)
    found = [failure for failure in failures.values() if failure]
    failures = spare_shapes(exercise, rows, failures)
    withhold(exercise, rows, failures)
    as_it_came = [(case, seen, compared[i]) for i, (case, seen, _) in enumerate(rows)]
    criteria = _criterion_results(exercise, rows, as_it_came, failures)
    # of a stub, given lines may answer some cases
    unfinished = [seen for seen in observations if seen["status"] != "returned"]
    is_worth_nothing = unfinished and not any(c.points for c in criteria)
    if is_worth_nothing and (stopped := _not_run(exercise, unfinished)):
        return stopped
    # a changed argument often spoils a cache or a later step: say that first
    first = min(found, key=lambda failure: not failure.changed, default=None)
    if first is None:
        return Result(exercise.name, "passed", criteria)
    named: list[Misconception] = []
    note = ""
    if explaining:
        try:
            named, note = explain(trial, observations, compared, first.case, first.leaf)
        except Exception:  # what cannot be explained must not cost the points it has
            LOG.debug("explaining `%s` failed", exercise.name, exc_info=True)
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
    failure = failures[unmet.name]
    came_back = failure is not None and failure.leaf is not None
    own = unmet.hint or COMMON_HINTS.get(unmet.tag or unmet.aspect, "")
    if unmet.aspect == "shape" and not came_back:
        own = ""
    return tuple(filter(None, (own, *exercise.hints)))


def _criterion_results(
    exercise: Exercise,
    rows: Sequence[Row],
    as_it_came: Sequence[Row],
    failures: dict[str, Failure | None],
) -> tuple[CriterionResult, ...]:
    return tuple(
        CriterionResult(
            c.name,
            0 if failures[c.name] else c.points,
            c.points,
            message_of(failure, cases_of(c, rows), rows) if (failure := failures[c.name]) else "",
            elsewhere=not failure and bool(examine(c, exercise, as_it_came).wrong),
        )
        for c in exercise.criteria
    )


def forgiving(trial: Trial, i: int, seen: Observation, parts: list[Leaf]) -> list[Leaf]:
    """Return the parts of case i, those right that follow from the learner's own mistake."""
    exercise, case = trial.exercise, trial.cases[i]
    if exercise.follows is None:
        return parts
    if not any(part.kind == "value" for part in parts) or not all(map(may_be_used, parts)):
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


def _not_run(exercise: Exercise, observations: Sequence[Observation]) -> Result | None:
    """Return a result that says why there is nothing to judge, where that is so."""
    if (why := _why_not_run(exercise.name, observations)) is None:
        return None
    status, summary = why
    nothing = tuple(CriterionResult(c.name, 0, c.points, summary) for c in exercise.criteria)
    return Result(exercise.name, status, nothing, summary, hints=exercise.hints)


def _why_not_run(name: str, observations: Sequence[Observation]) -> tuple[Status, str] | None:
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
