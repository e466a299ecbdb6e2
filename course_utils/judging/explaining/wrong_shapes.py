"""Find how the shape of a wrong part relates to the right one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from ..compare import capital, same
from .strange_sizes import LEAST_FIXED, sizes_of
from .wrong_parts import Wrong, tells


def relation_of_shapes(wrong: Sequence[Wrong], name: str) -> str:
    """Describe how the shape of one part differs, where it does in all cases; "" if unclear."""
    if (axis := _only_axis(wrong)) is not None:
        for one, verb in ((np.sum, "summed"), (np.mean, "averaged")):
            if any(tells(w.got) for w in wrong) and all(
                same(w.got, one(w.want, axis=axis, keepdims=True)) for w in wrong
            ):
                if all(same(np.broadcast_to(w.got, w.want.shape), w.want) for w in wrong):
                    return (
                        f"Axis {axis} of {name} has length 1. Its entries are right and would "
                        "broadcast, but the whole array is asked for."
                    )
                return f"{capital(name)} is {verb} over axis {axis}, too."
    for axis in range(wrong[0].got.ndim):
        if not (size := _fixed_length(wrong, axis)):
            continue
        if not size[0]:
            return f"{capital(name)} is empty in every case: is nothing put into it?"
        return (
            f"Axis {axis} of {name} has the length {size[0]} in every case that is wrong, whatever "
            f"the case holds. Is {size[0]} written as a fixed number? Take it from the arguments."
        )
    telling = any(tells(w.want) for w in wrong)
    if telling and (said := _cut(wrong, name)):
        return said
    ones = [(w.got.shape.count(1), w.want.shape.count(1)) for w in wrong]
    one_more = all(w.got.ndim == w.want.ndim + 1 for w in wrong)
    if one_more and all(has > wants for has, wants in ones):
        return f"{capital(name)} has an axis of length 1 too many."
    if all(map(_is_one_hot, wrong)):
        return f"{capital(name)} has a one-hot row where a whole number is asked for."
    if all(w.got.ndim == 0 and w.want.ndim > 0 for w in wrong):
        if not any(w.got.any() for w in wrong):
            return f"{capital(name)} is the number 0 in every case: is anything added to it?"
        return (
            f"{capital(name)} is one number instead of an array. A sum or mean without an axis, "
            "for one, leaves a single number."
        )
    if all(w.want.ndim == 0 < w.got.ndim for w in wrong) and any(w.got.size > 1 for w in wrong):
        said = f"One number is asked for, and {name} is an array"
        for one, whole in ((np.sum, "sum"), (np.mean, "mean")):
            if all(same(np.asarray(one(w.got)), w.want) for w in wrong):
                return f"{said}: its {whole} is missing."
        return f"{said}."
    if all(w.got.ndim == w.want.ndim - 1 for w in wrong):
        gone = [_lost_axis(w) for w in wrong]
        if -1 not in gone and len(set(gone)) == 1:
            kept = (
                " (`keepdims=True` keeps it)"
                if all(w.want.shape[gone[0]] == 1 for w in wrong)
                else ""
            )
            return f"{capital(name)} has lost axis {gone[0]}{kept}."
    if telling and all(
        w.got.size == w.want.size and same(w.got.reshape(w.want.shape), w.want) for w in wrong
    ):
        return f"The numbers in {name} are right; only its shape is not."
    run_together = _run_together(wrong, name) if telling else ""
    return (
        run_together
        or _other_length(wrong, name)
        or _one_long(wrong, name)
        or swapped_lengths(wrong, name)
    )


def _fixed_length(wrong: Sequence[Wrong], axis: int) -> list[int]:
    """Return the wrong length that an axis has in all cases, though no case has it; or nothing."""
    lengths = {w.got.shape[axis] for w in wrong if w.got.ndim == wrong[0].got.ndim}
    wanted = {w.want.shape[axis] for w in wrong if w.want.ndim > axis}
    same_axes = all(w.got.ndim == w.want.ndim for w in wrong)
    if len(lengths) != 1 or lengths == {1} or lengths & wanted or not same_axes:
        return []
    (length,) = lengths
    strange = length >= LEAST_FIXED and all(
        w.got.ndim == w.want.ndim and length not in sizes_of(w.case) for w in wrong
    )
    return [length] if len(wanted) > 1 or strange else []


def _is_one_hot(w: Wrong) -> bool:
    """Return True for one-hot rows of what is wanted, counted from 0 or 1, some rows all zeros."""
    if w.got.shape[:-1] != w.want.shape or not np.isin(w.got, (0, 1)).all():
        return False
    filled = w.got.sum(-1) == 1
    apart = w.got.argmax(-1)[filled] - w.want[filled]
    return bool((w.got.sum(-1) <= 1).all() and filled.any() and np.ptp(apart) == 0)


def _cut(wrong: Sequence[Wrong], name: str) -> str:
    """Right entries along one axis, with some too many or too few at an end."""
    if (axis := _only_axis(wrong)) is None:
        return ""
    longer = {w.got.shape[axis] > w.want.shape[axis] for w in wrong}
    for end in ("end", "beginning"):
        if len(longer) == 1 and all(_agree_but_for(w, axis, end) for w in wrong):
            what = "more than there should be" if longer.pop() else "some missing"
            return f"The entries of {name} along axis {axis} are right, with {what} at the {end}."
    return ""


def _agree_but_for(w: Wrong, axis: int, end: str) -> bool:
    n = min(w.got.shape[axis], w.want.shape[axis])
    kept = [
        np.take(array, range(n) if end == "end" else range(-n, 0), axis)
        for array in (w.got, w.want)
    ]
    return n > 0 and same(*kept)


def _only_axis(wrong: Sequence[Wrong]) -> int | None:
    """Return the axis of which the length is wrong, if it is the same one everywhere."""
    if any(w.got.ndim != w.want.ndim for w in wrong):
        return None
    axes = {tuple(np.flatnonzero(np.not_equal(w.got.shape, w.want.shape)).tolist()) for w in wrong}
    only = axes.pop()
    return only[0] if not axes and len(only) == 1 else None


def swapped_lengths(wrong: Sequence[Wrong], name: str) -> str:
    """Name two axes in each other's place, if the lengths in all cases leave no other order."""
    if any(w.got.ndim != w.want.ndim for w in wrong):
        return ""
    orders = [
        order
        for order in permutations(range(wrong[0].got.ndim))
        if all(w.got.shape == tuple(w.want.shape[axis] for axis in order) for w in wrong)
    ]
    moved = [axis for axis, was in enumerate(orders[0]) if axis != was] if len(orders) == 1 else []
    if len(moved) != 2:
        return ""
    return f"Axes {moved[0]} and {moved[1]} of {name} stand in each other's place."


def _lost_axis(w: Wrong) -> int:
    for axis in range(w.want.ndim):
        if w.want.shape[:axis] + w.want.shape[axis + 1 :] == w.got.shape:
            return axis
    return -1


def _run_together(wrong: Sequence[Wrong], name: str) -> str:
    """Right numbers with two axes run together, or one part of several that are asked for."""
    if all(w.got.ndim == w.want.ndim - 1 and w.got.size == w.want.size for w in wrong):
        for order in permutations(range(wrong[0].want.ndim)):
            if all(same(w.got, w.want.transpose(order).reshape(w.got.shape)) for w in wrong):
                return f"The numbers in {name} are right, but two of its axes have become one."
    if all(w.got.ndim == w.want.ndim + 1 for w in wrong):
        for axis in range(wrong[0].got.ndim):
            parts = [np.moveaxis(w.got, axis, 0) for w in wrong]
            if all(
                any(same(part, w.want) for part in (every[0], every[-1]))
                for w, every in zip(wrong, parts, strict=True)
                if len(every)
            ):
                return f"{capital(name)} has axis {axis} too many: one place along it is asked for."
    return ""


def _other_length(wrong: Sequence[Wrong], name: str) -> str:
    """One axis has the length that another axis should have, by the sizes the case names."""
    for axis in range(wrong[0].want.ndim):
        named = []
        for w in wrong:
            rest = [np.delete(shape, axis).tolist() for shape in (w.got.shape, w.want.shape)
                    if len(shape) > axis]  # fmt: skip
            if len(rest) < 2 or rest[0] != rest[1]:
                break
            lengths = w.got.shape[axis], w.want.shape[axis]
            named += [[{k for k, n in w.case.sizes.items() if n == each} for each in lengths]]
        else:
            has, wants = (set.intersection(*each) for each in zip(*named, strict=True))
            if len(has) == len(wants) == 1:
                return (
                    f"Axis {axis} of {name} has the length {has.pop()}, and should have "
                    f"{wants.pop()}."
                )
    return ""


def _one_long(wrong: Sequence[Wrong], name: str) -> str:
    """One axis has the length 1 in every case, where others are asked for."""
    axis = _only_axis(wrong)
    if axis is None or any(w.got.shape[axis] != 1 for w in wrong) or len(wrong) < 2:
        return ""
    return (
        f"Axis {axis} of {name} has the length 1 in every case. Is its size written as a fixed "
        "number, is it summed over, or is one of its places taken?"
    )
