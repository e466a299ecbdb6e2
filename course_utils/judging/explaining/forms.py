"""Say what is amiss with a tuple, list or dict that does not hold what it should."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ..compare import Leaf, capital, describe, label, leaves, same
from ..drawn_cases import Observation, Trial
from ..model import Nested, Parts
from .stages import listed

MOST_TOLD = 6  # names
STILL_NONE = (
    "A value is still None: either a gap is not filled in yet, or the function that should give it "
    "ends without a `return`, or returns what `.sort`, `.append` or `.update` give, which is None."
)
NONE_HERE = (
    "Your function returns None in this case, though not in all. Which line ends it here, and what "
    "does the docstring ask for?"
)
ALONE = "This is "


def explain_form(trial: Trial, observations: Sequence[Observation], i: int) -> str:
    """Explain the first container of case i that has another form than expected; "" if unclear."""
    got, expected = trial.exercise.read(trial.cases[i], observations[i]), trial.expected[i]
    if got is None and any(seen.get("value") is not None for seen in observations):
        return NONE_HERE
    if trial.exercise.reading and isinstance(expected, Mapping) and isinstance(got, tuple):
        readable = (trial.exercise.read(trial.cases[i], {"value": one}) for one in got)
        if sum(isinstance(one, Mapping) for one in readable) == 1:
            return "One thing is asked for, and it comes with something else. Give it alone."
    said = _of_case(trial, observations, i)
    returned = (n for n, seen in enumerate(observations) if seen["status"] == "returned")
    if said.startswith(ALONE) and any(_of_case(trial, observations, n) != said for n in returned):
        return f"In this case, though not in all, {said[0].lower()}{said[1:]}"
    return said


def _of_case(trial: Trial, observations: Sequence[Observation], i: int) -> str:
    got, expected = trial.exercise.read(trial.cases[i], observations[i]), trial.expected[i]
    parts = trial.exercise.returns
    return _explained(expected, got, parts, leaves(expected, expected, parts))


def _explained(expected: Any, got: Any, parts: Parts, known: Sequence[Leaf]) -> str:
    children: list[tuple[Any, Any, Parts]]
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        if missing := [key for key in expected if key not in got]:
            return _of_keys(expected, got, missing)
        children = [(expected[key], got[key], ()) for key in expected]
    elif isinstance(expected, tuple) and (said := _alone(expected, got, parts)):
        return said
    elif isinstance(expected, (tuple, list)) and isinstance(got, (tuple, list)):
        alone = isinstance(expected, list) and isinstance(got, tuple)
        if alone and (said := _among(expected, got)):
            return said
        if isinstance(parts, Nested) and parts.each:
            inside: list[Parts] = [Nested("", parts.parts)] * len(expected)
            if len(got) != len(expected):
                return _of_steps(expected, got, parts.parts)
        else:
            named = parts.parts if isinstance(parts, Nested) else parts
            named = () if isinstance(named, str) else named
            if len(got) != len(expected):
                return _of_parts(expected, got, named)
            inside = [part if isinstance(part, Nested) else Nested(part, ()) for part in named]
            inside = inside if len(inside) == len(expected) else [()] * len(expected)
        children = list(zip(expected, got, inside, strict=True))
    else:
        place = label(parts.name) if isinstance(parts, Nested) and parts.name else ""
        is_list = isinstance(parts, Nested) and parts.each
        return _of_kind(expected, got, known, "the list" if is_list else place)
    return next((said for child in children if (said := _explained(*child, known))), "")


def _alone(expected: tuple, got: Any, parts: Parts) -> str:
    """Say so if one of several things came without the others."""
    names = parts.parts if isinstance(parts, Nested) else parts
    if isinstance(names, str) or len(names) != len(expected):
        return ""
    if isinstance(parts, Nested) and isinstance(got, np.ndarray):  # which was meant for the whole
        return ""
    labels = [label(name if isinstance(name, str) else name.name) for name in names]
    for i, want in enumerate(expected):
        if not isinstance(want, str) and _equal(want, got):
            others = labels[:i] + labels[i + 1 :]
            missing = f"{listed(others)} {'are' if others[1:] else 'is'} missing"
            return f"{ALONE}{labels[i]} alone: {missing} beside it."
    return ""


def _of_kind(expected: Any, got: Any, known: Sequence[Leaf], name: str) -> str:
    """No container where there should be one: None, or something that belongs elsewhere."""
    if got is None and expected is not None:
        return STILL_NONE
    if isinstance(got, (tuple, list)) and not isinstance(expected, (Mapping, tuple, list)):
        return _among(expected, got)
    if isinstance(expected, (Mapping, tuple, list)) and isinstance(got, np.ndarray):
        for leaf in known:
            if got.size > 1 and same(got, np.asarray(leaf.expected)):
                place = f"where {name} belongs" if name else "in its place"
                return f"{capital(label(leaf.name))} stands {place}."
    return ""


def _among(expected: Any, got: Sequence) -> str:
    """Say so if just one of several things is of the kind that is asked for."""
    if sum(_alike(expected, one) for one in got) != 1 or len(got) < 2:
        return ""
    kinds = ((str, "text"), (list, "list"), (object, "array or number"))
    kind = next(name for one, name in kinds if isinstance(expected, one))
    return f"One {kind} is asked for, and it comes with something else. Give it alone."


def _alike(expected: Any, got: Any) -> bool:
    """Return True for two texts, two numbers or arrays of one shape, or two lists of such."""
    if isinstance(expected, list):
        alike = isinstance(got, list) and len(got) == len(expected)
        return alike and all(map(_alike, expected, got))
    if isinstance(expected, str) or isinstance(got, str):
        return isinstance(expected, str) and isinstance(got, str)
    if np.ndim(expected):  # a shape may be another one's, too
        return _equal(expected, got)
    return isinstance(got, (np.generic, int, float)) or (
        isinstance(got, np.ndarray) and not got.ndim
    )


def _of_keys(expected: Mapping, got: Mapping, missing: list) -> str:
    """A dict without some key: another one may hold what belongs there."""
    extra = [key for key in got if key not in expected]
    for key in missing:
        for other in extra:
            if _equal(expected[key], got[other]):
                if len(missing) > 1 == len(extra):
                    return f"`{other}` is the only new key: are all stored under the same one?"
                return f"The key `{other}` holds what belongs under `{key}`: only the name differs."
    if not extra:
        return ""
    told = ", ".join(f"`{key}`" for key in extra[:MOST_TOLD])
    return f"Nobody asks for {told}: is that a name spelled otherwise?"


def _of_steps(expected: Sequence, got: Sequence, names: Sequence | str) -> str:
    """A list with an entry for each step that has too few: say which steps they are.

    `names` are those of the things in an entry.
    """
    inside = [len(each) for each in expected if isinstance(each, (tuple, list))]
    apart = not any(isinstance(each, (tuple, list)) for each in got)
    if inside and len(got) == sum(inside) and apart:
        return (
            "It holds what is in the entries, one by one. `append` adds an entry as a whole; `+=` "
            "and `extend` add what is in it."
        )
    if inside and got and apart and all(isinstance(name, str) for name in names):
        each, one = ", ".join(names), describe(got[0])
        return f"An entry of the list should be a tuple ({each}), and yours is {one}."
    steps = [next((k for k, want in enumerate(expected) if _equal(want, one)), -1) for one in got]
    if not got:
        return "The list is empty: append to it in each step."
    if len(got) > len(expected):
        return ""
    if -1 in steps:
        entries = "1 entry" if len(got) == 1 else f"{len(got)} entries"
        return f"It has {entries} instead of {len(expected)}: where, and how often, is one added?"
    if steps == [len(expected) - 1]:
        return (
            "It holds the entry of the last step only: each step must append its own, inside the "
            "loop."
        )
    if steps == [0]:
        return "It holds the entry of step 0 only: does the function return inside the loop?"
    if steps == list(range(steps[0], steps[0] + len(steps))):
        where = "before" if steps[0] else "after"
        return (
            f"It holds the entries of steps {steps[0]} to {steps[-1]}, and what comes {where} them "
            "is missing: look at the range of the loop."
        )
    return f"It holds the entries of steps {', '.join(map(str, steps))}."


def _of_parts(expected: Sequence, got: Sequence, names: Sequence[str | Nested]) -> str:
    """A tuple of another length: say which parts are there and right, and which are not."""
    if len(names) != len(expected):
        return ""
    labels = [label(name if isinstance(name, str) else name.name) for name in names]
    there = [any(_equal(want, one) for one in got) for want in expected]
    missing = [name for name, found in zip(labels, there, strict=True) if not found]
    if not any(there) or not missing:
        return STILL_NONE if any(one is None for one in got) else ""
    if len(missing) == len(expected) - len(got):
        return f"{listed(missing)} {'are' if missing[1:] else 'is'} missing."
    right = [name for name, found in zip(labels, there, strict=True) if found]
    return (
        f"{listed(right)} {'are' if right[1:] else 'is'} there and right; {listed(missing)} "
        f"{'are' if missing[1:] else 'is'} missing or wrong."
    )


def _equal(expected: Any, got: Any) -> bool:
    """Return True if a value is right, whatever it is made of."""
    if isinstance(expected, Mapping):
        return (
            isinstance(got, Mapping)
            and expected.keys() <= got.keys()
            and all(_equal(expected[key], got[key]) for key in expected)
        )
    if isinstance(expected, (tuple, list)):
        return (
            isinstance(got, (tuple, list))
            and len(got) == len(expected)
            and all(map(_equal, expected, got))
        )
    if got is None:
        return expected is None
    with suppress(ValueError):  # a list or tuple of arrays of different shapes
        return same(np.asarray(expected), np.asarray(got))
    return False
