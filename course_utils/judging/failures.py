"""Find what fails a criterion, and describe it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .compare import Leaf, label, leaves
from .difference import axis_names, first_index, place, show_both
from .drawn_cases import Observation
from .model import Case, Criterion, Exercise, looks_at


class Failure(NamedTuple):
    """Why a criterion is not met: the message, the case, the part, or that an argument changed."""

    message: str
    case: Case
    leaf: Leaf | None = None
    changed: bool = False


Row = tuple[Case, Observation, list[Leaf]]  # a case, what was observed, and its parts compared


def first_failure(criterion: Criterion, exercise: Exercise, rows: Sequence[Row]) -> Failure | None:
    """Find the first case and part that fail a criterion, and say what is wrong there."""
    return next(iter(failing(criterion, exercise, rows).values()), None)


def failing(criterion: Criterion, exercise: Exercise, rows: Sequence[Row]) -> dict[int, Failure]:
    """Map the numbers of the cases that fail a criterion to what is wrong there first."""
    looked = looked_at(criterion, rows)
    if not looked:
        raise LookupError(f"{exercise.name}: criterion {criterion.name!r} looks at no case")
    found = {i: _failure(criterion, exercise, *rows[i]) for i in looked}
    return {i: failure for i, failure in found.items() if failure}


def looked_at(criterion: Criterion, rows: Sequence[Row]) -> list[int]:
    """List the numbers of the cases that a criterion looks at."""
    return [i for i, (case, *_) in enumerate(rows) if criterion.tag in (None, *case.tags)]


def _failure(
    criterion: Criterion, exercise: Exercise, case: Case, seen: Observation, parts: list[Leaf]
) -> Failure | None:
    if seen["status"] != "returned":
        return Failure(_says_why(exercise.name, seen, case), case)
    if criterion.aspect == "unmodified":
        changed = _changed_arguments(case, seen)
        if changed:
            message = f"`{exercise.name}` changes its argument `{changed}` in place."
            return Failure(message, case, changed=True)
        return None
    if not any(looks_at(criterion, part.name) for part in parts):
        raise LookupError(f"{exercise.name}: criterion {criterion.name!r} looks at no part")
    wrong = wrong_parts(criterion, parts, exercise)
    return Failure(_leaf_message(wrong[0], exercise, case), case, wrong[0]) if wrong else None


def wrong_parts(criterion: Criterion, parts: list[Leaf], exercise: Exercise) -> list[Leaf]:
    """List the parts of a case that are wrong under a criterion.

    A list where an array should be is one mistake: only the criterion on shapes charges it.
    """
    bad = {"type", "shape", "list"} if criterion.aspect == "shape" else {"type", "shape", "value"}
    if not any(other.aspect == "shape" for other in exercise.criteria):
        bad.add("list")
    return [part for part in parts if part.kind in bad and looks_at(criterion, part.name)]


def message_of(failure: Failure, looked: list[int], rows: Sequence[Row]) -> str:
    """Return what is wrong, or that every case of the criterion failed before it could tell."""
    reached = any(rows[i][1]["status"] == "returned" for i in looked)
    return failure.message if reached else f"Not reached: {failure.message}"


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
    """Return True if no key was added to or taken from a dict anywhere in an argument."""
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
