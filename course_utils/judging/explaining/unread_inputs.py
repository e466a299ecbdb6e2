"""Name what an answer is given and never uses, though a wrong part depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..compare import Leaf, label, same
from ..drawn_cases import Observation, Trial
from .strange_sizes import sizes_of
from .supposing import inside_changed, named_parts, right_parts, with_changed
from .wrong_parts import is_float


def input_unread(trial: Trial, at: int, seen: Observation, leaf: Leaf) -> str:
    """Name an argument, or an entry of one, that is never used, or is replaced before it is."""
    told = (_told(trial, at, each, leaf) for each in seen.get("unread", ()))
    return next(filter(None, told), "")


def _told(trial: Trial, at: int, each: Mapping[str, str], leaf: Leaf) -> str:
    name, key, written = each["argument"], each["key"], each["written"]
    if each["replaced"]:
        return (
            f"`{each['replaced']}` gives the argument `{written}` another value before it is "
            "read, so what the function is given there counts for nothing."
        )
    if not _matters(trial, at, name, key, leaf):
        return ""
    what = f"`{each['stored']}` (`{written}`)" if each["stored"] else f"`{written}`"
    part = label(leaf.name)
    if leaf.kind == "shape" and leaf.name not in _changed(trial, at, name, key, in_shape=True):
        part = f"what {part} holds"
    return f"{what} is never used, and {part} depends on it."


def value_lost(seen: Observation) -> str:
    """Name a line that makes a value which nothing keeps."""
    lost = seen.get("kept_nowhere")
    if not isinstance(lost, str) or not lost:
        return ""
    said = f"what the line `{lost}` makes is kept nowhere."
    if lost[0] in "+-":
        return f"{said} Does it belong to the line before? Then put the whole in brackets."
    return f"{said} Should a name get it (`x = ...`)?"


def only_input_unread(
    trial: Trial, compared: Sequence[list[Leaf]], at: int, seen: Observation, leaf: Leaf
) -> str:
    """Name what is never used, if a part is as it should be for an input that is always the same.

    Then nothing else is wrong with it: zeros, ones or one of the options stand for what is unused.
    """
    wrong = [
        (i, part)
        for i, leaves in enumerate(compared)
        for part in leaves
        if part.name == leaf.name and part.kind != "ok"
    ]

    if any(part.kind != "value" for _, part in wrong):
        return ""

    def follows(change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> bool:
        supposed = (right_parts(trial, i, change(trial.cases[i].args)) or {} for i, _ in wrong)
        return all(
            same(part.got, right.get(part.name))
            for (_, part), right in zip(wrong, supposed, strict=True)
        )

    is_all = any(
        follows(_change(each["argument"], each["key"], turn))
        for each in seen.get("unread", ())
        for turn in _fixed(trial, each["argument"], each["key"])
    )
    return input_unread(trial, at, seen, leaf) if is_all else ""


def _change(name: str, key: str, turn: Callable) -> Callable:
    return inside_changed(name, key, turn) if key else with_changed(name, turn)


def _fixed(trial: Trial, name: str, key: str) -> Iterator[Callable[[Any], Any]]:
    """Yield what an input is in effect, in all cases, where it is not used."""
    yield from (np.zeros_like, np.ones_like)
    options = [] if key else [case.args.get(name) for case in trial.cases]
    for option in {each for each in options if each is None or isinstance(each, bool | str)}:
        yield partial(_instead, option)


def _instead(option: Any, _: Any) -> Any:
    return option


def _matters(trial: Trial, at: int, name: str, key: str, leaf: Leaf) -> bool:
    """Return True if a right part is another one where an input is another, and nothing else is.

    Where some argument changes nothing, what it tells can be had from the others, and the other
    way round: then no one input has to be read.
    """
    args = trial.cases[at].args
    if trial.exercise.probe != "call" or name not in args:
        return False
    if leaf.name not in _changed(trial, at, name, key):
        return False
    return all(_changed(trial, at, other, "") for other in args if is_float(args[other]))


def _changed(trial: Trial, at: int, name: str, key: str, *, in_shape: bool = False) -> set[str]:
    """Name the right parts that are others, or of other shapes, where an input is another."""
    right = named_parts(trial, trial.expected[at])
    supposed = (right_parts(trial, at, args) for args in _others(trial, at, name, key))
    return {
        part
        for its in supposed
        for part, value in right.items()
        if its is not None
        and (
            part not in its
            or (its[part].shape != value.shape if in_shape else not same(its[part], value))
        )
    }


def _others(trial: Trial, at: int, name: str, key: str) -> Iterator[Mapping[str, Any]]:
    """Yield the arguments of a case with another input: zeros for an array, else another option.

    Of a map of words nothing is yielded, nor of a size that may be had from another argument.
    """
    args = trial.cases[at].args
    held = args[name]
    value = held.get(key) if key else held
    if isinstance(value, int) and not isinstance(value, bool):
        for case in trial.cases:
            others = {n: _without_numbers(one) for n, one in case.args.items() if n != name}
            if case.args[name] not in sizes_of(replace(case, label="", args=others)):
                yield {**args, name: value + 1}
                return
    if is_float(value):
        for turn in (np.zeros_like, np.negative, partial(np.multiply, 0.5)):
            yield _change(name, key, turn)(args)
    elif isinstance(value, np.ndarray) and value.dtype.kind in "iu":
        yield _change(name, key, np.zeros_like)(args)
    elif not key and (value is None or isinstance(value, bool | str | float | np.ndarray)):
        for case in trial.cases:
            yield {**args, name: case.args[name]}


def _without_numbers(value: Any) -> Any:
    """Keep the words of a vocabulary: that some word has the number 6 says nothing of a size."""
    is_vocabulary = isinstance(value, Mapping) and all(isinstance(n, int) for n in value.values())
    return dict.fromkeys(value) if is_vocabulary else value
