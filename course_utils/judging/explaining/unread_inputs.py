"""Name what an answer is given and never uses, though a wrong part depends on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..compare import Leaf, label, leaves, same
from ..drawn_cases import Observation, Trial


def input_unread(trial: Trial, at: int, seen: Observation, leaf: Leaf) -> str:
    """Name an argument, or an entry of one, that is never used, with the line that drops it."""
    for each in seen.get("unread", ()):
        name, written = each["argument"], each["written"]
        if each["replaced"]:
            return (
                f"`{each['replaced']}` gives the argument `{written}` another value before it is "
                "read, so what the function is given there counts for nothing."
            )
        if _matters(trial, at, name, each["key"], leaf):
            told = f"`{each['stored']}` (`{written}`)" if each["stored"] else f"`{written}`"
            return f"{told} is never used, and {label(leaf.name)} depends on it."
    return ""


def _matters(trial: Trial, at: int, name: str, key: str, leaf: Leaf) -> bool:
    """Return True if the right value of a part is another one where an input is another."""
    case = trial.cases[at]
    if trial.exercise.probe != "call" or name not in case.args:
        return False
    for args in _others(trial, at, name, key):
        try:
            value = trial.exercise.oracle(*args.values(), **case.after)
            found = leaves(value, value, trial.exercise.returns)
        except Exception:  # these arguments make no sense here
            continue
        it = [np.asarray(part.expected) for part in found if part.name == leaf.name]
        if any(not same(each, np.asarray(leaf.expected)) for each in it):
            return True
    return False


def _others(trial: Trial, at: int, name: str, key: str) -> Iterator[Mapping[str, Any]]:
    """Yield the arguments of a case with another input: zeros for an array, else another option.

    Of a size or a map of words, nothing is yielded: it may be had from another argument.
    """
    args = trial.cases[at].args
    held = args[name]
    value = held.get(key) if key else held
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        for other in (np.zeros_like(value), -value):
            yield {**args, name: {**held, key: other} if key else other}
    elif not key and (value is None or isinstance(value, bool | str | float | np.ndarray)):
        for case in trial.cases:
            yield {**args, name: case.args[name]}
