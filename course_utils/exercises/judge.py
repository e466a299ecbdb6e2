"""Judge observations of a function against an exercise's oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple
from warnings import catch_warnings

import numpy as np

from .compare import Leaf, label, leaves, same
from .difference import axis_names, difference, first_index, pattern, place, show_both
from .misconceptions import explain
from .model import Case, Criterion, Exercise, looks_at
from .result import CriterionResult, Result
from .trial import Observation, Trial


class Failure(NamedTuple):
    """Why a criterion is not met: the message, the case, the part, or that an argument changed."""

    message: str
    case: Case
    leaf: Leaf | None = None
    changed: bool = False


def judge(trial: Trial, observations: Sequence[Observation]) -> Result:
    """Judge one observation per case; the feedback is about the first thing that is wrong."""
    with np.errstate(all="ignore"), catch_warnings(action="ignore"):  # whatever the learner set
        return _judge(trial, observations)


def _judge(trial: Trial, observations: Sequence[Observation]) -> Result:
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
    failures = {c.name: first_failure(c, exercise, rows) for c in exercise.criteria}
    _withhold_unmodified(exercise, rows, failures)
    criteria = tuple(
        CriterionResult(
            c.name,
            0 if failures[c.name] else c.points,
            c.points,
            failures[c.name].message if failures[c.name] else "",
        )
        for c in exercise.criteria
    )
    found = [failure for failure in failures.values() if failure]
    # a changed argument often spoils a cache or a later step: say that first
    first = min(found, key=lambda failure: not failure.changed, default=None)
    if first is None:
        return Result(exercise.name, "passed", criteria)
    leaf = first.leaf
    named, whole = explain(trial, observations, compared)
    return Result(
        exercise.name,
        "failed",
        criteria,
        summary=first.message,
        difference=difference(leaf, exercise.axes, first.case.label)
        if leaf and leaf.kind == "value"
        else None,
        misconceptions=tuple((m.name, m.sentence) for m in named),
        note=pattern(leaf, exercise.axes) if leaf and not named else "",
        hints=exercise.hints,
        explained=whole,
    )


def forgiving(exercise: Exercise, case: Case, seen: Observation, parts: list[Leaf]) -> list[Leaf]:
    """Return the parts of one case, those right that follow from the learner's own."""
    if exercise.follows is None or all(part.kind == "ok" for part in parts):
        return parts
    try:
        consequence = exercise.follows(case.args, exercise.read(case, seen))
    except Exception:  # the earlier parts are not even of the right kind
        return parts
    return [
        part._replace(kind="ok")
        if part.kind == "value"
        and part.name in consequence
        and same(part.got, np.asarray(consequence[part.name]))
        else part
        for part in parts
    ]


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


def first_failure(
    criterion: Criterion, exercise: Exercise, rows: Sequence[tuple[Case, Observation, list[Leaf]]]
) -> Failure | None:
    """Find the first case and part that fail a criterion, and say what is wrong there."""
    looked = 0
    for case, seen, parts in rows:
        if criterion.tag and criterion.tag not in case.tags:
            continue
        looked += 1
        if seen["status"] != "returned":
            return Failure(_says_why(exercise.name, seen, case), case)
        if criterion.aspect == "unmodified":
            changed = _changed_arguments(case, seen)
            if changed:
                message = f"`{exercise.name}` changes its argument `{changed}` in place."
                return Failure(message, case, changed=True)
            continue
        chosen = [part for part in parts if looks_at(criterion, part.name)]
        if not chosen:
            raise LookupError(f"{exercise.name}: criterion {criterion.name!r} looks at no part")
        bad = {"type", "shape"} if criterion.aspect == "shape" else {"type", "shape", "value"}
        for leaf in chosen:
            if leaf.kind in bad:
                return Failure(_leaf_message(leaf, exercise, case), case, leaf)
    if not looked:
        raise LookupError(f"{exercise.name}: criterion {criterion.name!r} looks at no case")
    return None


def _leaf_message(leaf: Leaf, exercise: Exercise, case: Case) -> str:
    if leaf.problem:
        return f"{leaf.problem[0].upper()}{leaf.problem[1:]} ({case.label})."
    name = label(leaf.name)
    name = name[0].upper() + name[1:]
    if isinstance(leaf.expected, np.ndarray) and leaf.expected.ndim:
        index = first_index(leaf, exercise.axes)
        where = f" at {place(index, axis_names(leaf, exercise.axes))}"
        got, want = leaf.got[index], leaf.expected[index]
    else:
        where, got, want = "", leaf.got, leaf.expected
    got, want = show_both(got, want)
    return f"{name} is wrong{where}: got {got}, expected {want} ({case.label})."


def _says_why(name: str, seen: Observation, case: Case) -> str:
    if seen["status"] == "raised":
        inside = f" in `{seen['where']}`" if seen["where"] not in ("", name) else ""
        line = f" at line {seen['line']}, `{seen['source']}`" if seen["source"] else ""
        return f"`{name}` raised {seen['type']}{inside}{line}: {seen['message']} ({case.label})."
    if seen["status"] == "not_attempted":
        return f"`{name}` raised NotImplementedError in `{seen['where']}` ({case.label})."
    return f"`{name}`: {seen.get('message', seen['status'])} ({case.label})."


def _changed_arguments(case: Case, seen: Observation) -> str:
    """Name the first argument that is not as it was before the call."""
    for name, after in seen["changed"].items():
        before = case.args[name]
        if not _same_keys(before, after):
            return name
        for leaf in leaves(before, after, (), name):
            if leaf.kind != "ok":
                return name
    return ""


def _same_keys(before: Any, after: Any) -> bool:
    """Tell whether no key was added to or taken from a dict anywhere in an argument."""
    if isinstance(before, Mapping):
        return (
            isinstance(after, Mapping)
            and set(map(str, before)) == set(after)
            and all(_same_keys(value, after[str(key)]) for key, value in before.items())
        )
    if isinstance(before, (tuple, list)):
        return (
            isinstance(after, (tuple, list))
            and len(before) == len(after)
            and all(map(_same_keys, before, after))
        )
    return True


def _withhold_unmodified(
    exercise: Exercise, rows: list, failures: dict[str, Failure | None]
) -> None:
    """Give no points for leaving inputs alone to a function that gets no value right."""
    if any(failures[c.name] is None for c in exercise.criteria if c.aspect == "value"):
        return
    for criterion in exercise.criteria:
        if criterion.aspect == "unmodified" and failures[criterion.name] is None:
            message = "The inputs are unmodified, which counts once some value is right."
            failures[criterion.name] = Failure(message, rows[0][0])
