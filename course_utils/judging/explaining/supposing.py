"""Ask what the right answer would be for other arguments: an answer may have used those.

If a right answer that takes an argument for zeros, or turned round in time, gives the learner's
numbers in every case, the learner's answer leaves that argument out, or reads it that way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, islice, permutations
from typing import Any

import numpy as np

from ..compare import Leaf, leaves, same
from ..drawn_cases import Trial
from ..model import Case

MOST_SUPPOSED = 150
MOST_KEYS = 20  # of a dict of parameters; word maps have more
SUCH = "The numbers are those of an answer that"
Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]  # arguments -> others


def supposition(trial: Trial, compared: Sequence[list[Leaf]], name: str) -> str:
    """Say what other arguments explain the part of this name, wherever that is wrong."""
    wrong = [
        i
        for i, parts in enumerate(compared)
        if any(p.name == name and p.kind == "value" for p in parts)
    ]
    if not wrong or trial.exercise.probe != "call":
        return ""
    smallest = min(
        wrong,
        key=lambda i: sum(p.expected.size for p in compared[i] if hasattr(p.expected, "size")),
    )
    for said, change in islice(_changes(trial.cases[smallest]), MOST_SUPPOSED):
        rest = [i for i in range(len(compared)) if i != smallest and compared[i]]
        if all(_gives(trial, i, compared[i], name, change) for i in (smallest, *rest)):
            return said
    return ""


def _gives(trial: Trial, i: int, parts: list[Leaf], name: str, change: Change) -> bool:
    """Return True if the oracle, given changed arguments, gives the learner's part in case i."""
    case = trial.cases[i]
    try:
        value = trial.exercise.oracle(*change(case.args).values(), **case.after)
    except Exception:  # these arguments make no sense here
        return False
    supposed = {leaf.name: leaf.expected for leaf in leaves(value, value, trial.exercise.returns)}
    learners = [part for part in parts if part.name == name]
    return all(name in supposed and same(part.got, np.asarray(supposed[name])) for part in learners)


def _changes(case: Case) -> Iterator[tuple[str, Change]]:
    """Yield what an answer may do with the arguments, and arguments that amount to the same."""
    arrays = {name: value for name, value in case.args.items() if _is_array(value)}
    for name, value in arrays.items():
        for does, turn in _turns(value):
            yield f"{SUCH} {does.format(name)}.", _with(name, turn)
    for name, held in case.args.items():
        for key in _fields(held):
            for does, turn in _turns(held[key]):
                yield f"{SUCH} {does.format(key)}.", _inside(name, key, turn)
        for key, other in permutations(_fields(held), 2):
            if held[key].shape == held[other].shape:
                yield f"{SUCH} uses `{other}` where `{key}` belongs.", _replaced(name, key, other)
    for one, other in permutations(arrays, 2):
        if arrays[one].shape == arrays[other].shape:
            yield f"{SUCH} uses `{other}` where `{one}` belongs.", _taken(one, other)
    for one, other in combinations(arrays, 2):
        if arrays[one].shape == arrays[other].shape:
            yield f"{SUCH} takes `{one}` for `{other}` and the reverse.", _swapped(one, other)


def _fields(held: Any) -> list[str]:
    """List the keys under which a dict of parameters holds arrays."""
    if not isinstance(held, Mapping) or len(held) > MOST_KEYS:
        return []
    return [key for key, value in held.items() if _is_array(value)]


def _turns(value: np.ndarray) -> Iterator[tuple[str, Callable]]:
    """Yield what an answer may do with an array, and what the array is in effect."""
    yield "leaves `{}` out, or multiplies it by zeros", np.zeros_like
    yield "counts `{}` twice", partial(np.multiply, 2)
    yield "leaves out the factor `{}`", np.ones_like
    if value.ndim == 3:
        yield "reads `{}` one step late: at step t it takes step t - 1", partial(_rolled, by=1)
        yield "reads `{}` one step early: at step t it takes step t + 1", partial(_rolled, by=-1)
        yield "reads `{}` backwards in time", lambda v: v[..., ::-1]
        yield "takes step 0 of `{}` at every step", lambda v: np.repeat(v[..., :1], v.shape[-1], -1)
        yield (
            "takes the last step of `{}` at every step",
            lambda v: np.repeat(v[..., -1:], v.shape[-1], -1),
        )
    if value.ndim == 2 and value.shape[0] == value.shape[1] > 1:
        yield "uses the transpose of `{}`", np.transpose
    yield "uses `{}` with the wrong sign", np.negative


def _rolled(value: np.ndarray, by: int) -> np.ndarray:
    return np.roll(value, by, axis=-1)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim > 0


def _with(name: str, turn: Callable) -> Change:
    return lambda args: {**args, name: turn(args[name])}


def _inside(name: str, key: str, turn: Callable) -> Change:
    return lambda args: {**args, name: {**args[name], key: turn(args[name][key])}}


def _taken(name: str, other: str) -> Change:
    return lambda args: {**args, name: args[other]}


def _replaced(name: str, key: str, other: str) -> Change:
    return lambda args: {**args, name: {**args[name], key: args[name][other]}}


def _swapped(one: str, other: str) -> Change:
    return lambda args: {**args, one: args[other], other: args[one]}
