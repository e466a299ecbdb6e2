"""Show where two values first differ, with neighbours, and any simple pattern in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .compare import Leaf, differs, same
from .result import Difference

NEIGHBOURS = 2


def difference(leaf: Leaf, axes: Mapping[str, tuple[str, ...]], case: str) -> Difference:
    """Find the first element of a "value" leaf that differs and the elements around it.

    Where the last axis is time, first means the earliest time step.
    """
    part = leaf.name or "result"
    if not isinstance(leaf.expected, np.ndarray) or leaf.expected.ndim == 0:
        got, expected = show_both(leaf.got, leaf.expected)
        return Difference(part, "", case, "", ("",), (got,), (expected,), 0)
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
    return tuple(f"axis {i}" for i in range(leaf.expected.ndim))


def place(index: tuple[int, ...], names: tuple[str, ...]) -> str:
    """Say where an element is: "unit 2, example 0"."""
    return ", ".join(f"{name} {i}" for name, i in zip(names, index, strict=True))


def show(value: object, digits: int = 4) -> str:
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


def show_both(got: object, expected: object) -> tuple[str, str]:
    """Format two values that differ, with as many digits as it takes to see it."""
    for digits in range(4, 17):
        shown = show(got, digits), show(expected, digits)
        if shown[0] != shown[1]:
            break
    return shown


def pattern(leaf: Leaf, axes: Mapping[str, tuple[str, ...]]) -> str:
    """Describe how a wrong array relates to the right one, if the relation is a simple one."""
    wanted, got = leaf.expected, leaf.got
    if not isinstance(wanted, np.ndarray) or not isinstance(got, np.ndarray):
        return ""
    if leaf.kind == "shape":
        if wanted.ndim == 2 and same(got, wanted.T):
            return f"`{leaf.name}` is the transpose of what is expected."
        if got.size == wanted.size and same(got.reshape(wanted.shape), wanted):
            return f"The numbers in `{leaf.name}` are right; only its shape is not."
        return ""
    if leaf.kind != "value" or got.size < 2 or got.dtype.kind not in "fiu":
        return ""
    if np.isnan(got).any():
        return f"`{leaf.name}` contains nan: look for a division by zero or an overflow."
    if got.dtype.kind in "iu" and same(got, np.trunc(wanted)):
        return f"`{leaf.name}` holds whole numbers only: an integer array cuts fractions off."
    if not got.any():
        return f"`{leaf.name}` is all zeros: is it ever filled in?"
    if same(got, -wanted):
        return f"`{leaf.name}` has the wrong sign."
    largest = np.unravel_index(np.argmax(np.abs(wanted)), wanted.shape)
    factor = got[largest] / wanted[largest] if wanted[largest] else 0.0
    if factor and np.isfinite(factor) and same(got, factor * wanted):
        return f"Every element of `{leaf.name}` is {factor:.4g} times what is expected."
    offset = float(np.mean(got - wanted))
    if np.isfinite(offset) and same(got, wanted + offset):
        size = "large" if offset > 0 else "small"
        return f"Every element of `{leaf.name}` is {abs(offset):.4g} too {size}."
    if axis_names(leaf, axes)[-1] == "time step":
        return _time_pattern(leaf, wanted, got)
    return ""


def _time_pattern(leaf: Leaf, wanted: np.ndarray, got: np.ndarray) -> str:
    steps = wanted.shape[-1]
    if steps > 1 and same(got[..., ::-1], wanted):
        return f"`{leaf.name}` is right but runs backwards in time."
    wrong = differs(wanted, got).reshape(-1, steps).any(axis=0)
    first, last = int(np.argmax(wrong)), steps - 1 - int(np.argmax(wrong[::-1]))
    if first > 0:
        return f"`{leaf.name}` is right up to time step {first - 1} and wrong from step {first}."
    if last < steps - 1:
        return f"`{leaf.name}` is right from time step {last + 1} on and wrong before it."
    return ""
