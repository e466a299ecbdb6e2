"""Show where two values first differ, with neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .compare import Leaf, differs
from .result import Difference

NEIGHBOURS = 2
LEAST_DIGITS = 3
AXIS = "axis "  # what an axis without a name of its own is called


def difference(leaf: Leaf, axes: Mapping[str, tuple[str, ...]], case: str) -> Difference:
    """Find the first element of a "value" leaf that differs and the elements around it.

    Where the last axis is time, first means the earliest time step.
    """
    part = leaf.name or "result"
    if not isinstance(leaf.expected, np.ndarray) or leaf.expected.ndim == 0:
        one, other = show_both(leaf.got, leaf.expected)
        return Difference(part, "", case, "", ("",), (one,), (other,), 0)
    index = first_index(leaf, axes)
    names = axis_names(leaf, axes)
    along = len(index) - 1
    if leaf.expected.shape[along] == 1 and leaf.expected.ndim > 1:
        along = int(np.argmax(leaf.expected.shape))  # a column: show its neighbours downwards
    low = max(index[along] - NEIGHBOURS, 0)
    high = min(index[along] + NEIGHBOURS + 1, leaf.expected.shape[along])
    around = [(*index[:along], i, *index[along + 1 :]) for i in range(low, high)]
    focus = index[along] - low
    got, expected = ([show(side[i]) for i in around] for side in (leaf.got, leaf.expected))
    got[focus], expected[focus] = show_both(leaf.got[index], leaf.expected[index])
    return Difference(
        part,
        place(index, names),
        case,
        names[along],
        tuple(str(i) for i in range(low, high)),
        tuple(got),
        tuple(expected),
        focus,
    )


def first_index(leaf: Leaf, axes: Mapping[str, tuple[str, ...]]) -> tuple[int, ...]:
    """Return the index of the first differing element, earliest time step first."""
    wrong = np.argwhere(differs(leaf.expected, leaf.got))
    if axis_names(leaf, axes)[-1] == "time step":
        wrong = wrong[np.lexsort((*wrong[:, -2::-1].T, wrong[:, -1]))]
    return tuple(int(i) for i in wrong[0])


def axis_names(leaf: Leaf, axes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Name the axes of a part, by its whole name or the last word of it."""
    names = axes.get(leaf.name) or axes.get(leaf.name.rpartition(".")[2]) or ()
    if len(names) == leaf.expected.ndim:
        return names
    return tuple(f"{AXIS}{i}" for i in range(leaf.expected.ndim))


def place(index: tuple[int, ...], names: tuple[str, ...]) -> str:
    """Say where an element is: "unit 2, example 0", or [2, 0] where its axes have no names."""
    if names[1:] and all(name.startswith(AXIS) for name in names):
        return str(list(index))
    return ", ".join(f"{name} {i}" for name, i in zip(names, index, strict=True))


def show(value: object, digits: int = LEAST_DIGITS) -> str:
    """Format one number or string, briefly."""
    if value is None:
        return "None"
    if isinstance(value, str):
        text = str(value)  # an element of an array says np.str_ of itself
        return repr(text if len(text) < 60 else f"{text[:57]}...")
    number = np.asarray(value)
    if number.ndim:
        return f"array of shape {number.shape}"
    return f"{number:.{digits}g}" if number.dtype.kind in "fc" else str(number)


def show_both(got: Any, expected: Any) -> tuple[str, str]:
    """Format two values that differ, with as many digits as it takes to see it.

    A number that is next to nothing, also beside the other one, is shown as 0.
    """
    if all(np.asarray(value).dtype.kind == "f" for value in (got, expected)):
        least = 1e-9 * min(1.0, max(abs(float(got)), abs(float(expected))))
        got, expected = (0.0 if abs(value) < least else value for value in (got, expected))
    for digits in range(LEAST_DIGITS, 17):
        shown = show(got, digits), show(expected, digits)
        if shown[0] != shown[1]:
            break
    return shown
