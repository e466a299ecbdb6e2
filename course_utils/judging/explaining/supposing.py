"""Ask what the right answer would be for other arguments: an answer may have used those.

If a right answer that takes an argument for zeros, or turned round in time, gives the learner's
numbers in every case, the learner's answer leaves that argument out, or reads it that way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, islice, permutations
from typing import Any, NamedTuple

import numpy as np

from ...observing.unread import MOST_KEYS
from ..compare import Leaf, leaves, same
from ..drawn_cases import Trial
from ..model import Case

MOST_SUPPOSED = 150
SUCH = "The numbers are those of an answer that"
Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]  # arguments -> others


class _Supposed(NamedTuple):
    """What an answer may do, to which argument, and the arguments for which that is right."""

    does: str  # "{}" stands for the argument
    name: str
    change: Change


def supposition(trial: Trial, compared: Sequence[list[Leaf]], names: Collection[str]) -> str:
    """Say what other arguments explain the parts of these names, wherever one is wrong.

    Where several arguments do, all are named; where several ways to use them do, none is.
    """
    wrong = [
        i
        for i, parts in enumerate(compared)
        if any(p.name in names and p.kind == "value" for p in parts)
    ]
    if not wrong or trial.exercise.probe != "call" or _one_number(compared, names):
        return ""
    whole = [p.got for parts in compared for p in parts if p.name in names and _is_whole(p.got)]
    if any(not (got != got.flat[0]).any() for got in whole):
        return ""  # one whole number, again and again, has many causes
    smallest = min(
        wrong,
        key=lambda i: sum(p.expected.size for p in compared[i] if hasattr(p.expected, "size")),
    )
    rest = [i for i in range(len(compared)) if i != smallest and compared[i]]
    found = [
        each
        for each in islice(_changes(trial.cases[smallest]), MOST_SUPPOSED)
        if all(_gives(trial, i, compared[i], names, each.change) for i in (smallest, *rest))
    ]
    if len({each.does for each in found}) > 1:  # other wrong parts may tell them apart
        every = {part.name for parts in compared for part in parts if part.kind != "ok"}
        found = [
            each
            for each in found
            if all(_gives(trial, i, compared[i], every, each.change) for i in (smallest, *rest))
        ]
    if len({each.does for each in found}) != 1:
        return ""
    return f"{SUCH} {found[0].does.format(' or '.join(f'`{each.name}`' for each in found))}."


def _one_number(compared: Sequence[list[Leaf]], names: Collection[str]) -> bool:
    """Return True if all that came back is one number, and not 0: much may lead to that."""
    got = [
        np.ravel(p.got)
        for parts in compared
        for p in parts
        if p.name in names and p.kind == "value"
    ]
    found = {value for array in got for value in np.unique(array).tolist()}
    return len(found) == 1 and found != {0.0}


def _gives(trial: Trial, i: int, parts: list[Leaf], names: Collection[str], change: Change) -> bool:
    """Return True if the oracle, given changed arguments, gives the learner's parts in case i."""
    supposed = right_parts(trial, i, change(trial.cases[i].args))
    learners = [part for part in parts if part.name in names]
    return supposed is not None and all(
        part.name in supposed and same(part.got, supposed[part.name]) for part in learners
    )


def right_parts(trial: Trial, i: int, args: Mapping[str, Any]) -> dict[str, np.ndarray] | None:
    """Return the parts of the right answer to other arguments of case i; None if it has none."""
    try:
        value = trial.exercise.oracle(*args.values(), **trial.cases[i].after)
    except Exception:  # these arguments make no sense here
        return None
    return named_parts(trial, value)


def named_parts(trial: Trial, value: Any) -> dict[str, np.ndarray]:
    """Return the parts of a right answer by their names."""
    found = leaves(value, value, trial.exercise.returns)
    return {part.name: np.asarray(part.expected) for part in found}


def _changes(case: Case) -> Iterator[_Supposed]:
    """Yield what an answer may do to each argument, and the arguments that amount to the same."""
    arrays = {name: value for name, value in case.args.items() if _is_array(value)}
    for name, value in arrays.items():
        for does, turn in _turns(value):
            yield _Supposed(does, name, with_changed(name, turn))
    for name, held in case.args.items():
        if _is_map_of_vectors(held):
            yield _Supposed(
                "scales the vectors of {} to length 1", name, with_changed(name, _unit_vectors)
            )
        alike = [n for n, other in case.args.items() if {*_fields(other)} == {*_fields(held)}]
        told = {key: f"{name}['{key}']" if alike[1:] else key for key in _fields(held)}
        for key in told:
            for does, turn in _turns(held[key]):
                yield _Supposed(does, told[key], inside_changed(name, key, turn))
        for key, other in permutations(told, 2):
            if held[key].shape == held[other].shape:
                does = f"uses `{told[other]}` where {{}} belongs"
                yield _Supposed(does, told[key], _replaced(name, key, other))
    for one, other in permutations(arrays, 2):
        if arrays[one].shape == arrays[other].shape:
            yield _Supposed(f"uses `{other}` where {{}} belongs", one, _taken(one, other))
    for one, other in combinations(arrays, 2):
        if arrays[one].shape == arrays[other].shape:
            does = f"takes `{one}` for {{}} and the reverse"
            yield _Supposed(does, other, _swapped(one, other))


def _fields(held: Any) -> list[str]:
    """List the keys under which a dict of parameters holds arrays."""
    if not isinstance(held, Mapping) or len(held) > MOST_KEYS:
        return []
    return [key for key, value in held.items() if _is_array(value)]


def _is_map_of_vectors(held: Any) -> bool:
    """Return True for a dict of vectors that are all of one length, as of words."""
    if not isinstance(held, Mapping) or not all(map(_is_array, held.values())):
        return False
    shapes = {value.shape for value in held.values()}
    return len(held) > 1 and len(shapes) == 1 and len(shapes.pop()) == 1


def _unit_vectors(held: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key: vector / np.linalg.norm(vector) for key, vector in held.items()}


def _turns(value: np.ndarray) -> Iterator[tuple[str, Callable]]:
    """Yield what an answer may do with an array, and what the array is in effect."""
    yield "leaves {} out, or multiplies it by zeros", np.zeros_like
    yield "counts {} twice", partial(np.multiply, 2)
    yield "leaves out the factor {}", np.ones_like
    if value.ndim == 3:
        yield "reads {} one step late: at step t it takes step t - 1", partial(_rolled, by=1)
        yield "reads {} one step early: at step t it takes step t + 1", partial(_rolled, by=-1)
        yield "reads {} backwards in time", lambda v: v[..., ::-1]
        yield "takes step 0 of {} at every step", lambda v: np.repeat(v[..., :1], v.shape[-1], -1)
        yield (
            "takes the last step of {} at every step",
            lambda v: np.repeat(v[..., -1:], v.shape[-1], -1),
        )
    if value.ndim == 2 and value.shape[0] == value.shape[1] > 1:
        yield "uses the transpose of {}", np.transpose
    yield "uses {} with the wrong sign", np.negative


def _rolled(value: np.ndarray, by: int) -> np.ndarray:
    return np.roll(value, by, axis=-1)


def _is_whole(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "iub" and value.size > 1


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim > 0


def with_changed(name: str, turn: Callable) -> Change:
    """Change one argument."""
    return lambda args: {**args, name: turn(args[name])}


def inside_changed(name: str, key: str, turn: Callable) -> Change:
    """Change one entry of an argument that is a dict; other cases may not have it."""

    def change(args: Mapping[str, Any]) -> Mapping[str, Any]:
        held = args[name]
        return {**args, name: {**held, key: turn(held[key])}} if key in held else args

    return change


def _taken(name: str, other: str) -> Change:
    return lambda args: {**args, name: args[other]}


def _replaced(name: str, key: str, other: str) -> Change:
    return lambda args: {**args, name: {**args[name], key: args[name].get(other)}}


def _swapped(one: str, other: str) -> Change:
    return lambda args: {**args, one: args[other], other: args[one]}
