"""Find how a wrong part relates to the right one, and to what else the problem holds.

A relation is told only if it holds in every case where the part is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np

from ..compare import Leaf, capital, differs, label, same
from ..difference import axis_names
from .factors import another_factor, exchanged_factors, factor, term, written
from .nonlinearities import nonlinearity
from .texts import relation_of_texts
from .wrong_parts import Quantities, Wrong, common, tells
from .wrong_shapes import relation_of_shapes, swapped_lengths

MOST_QUANTITIES = 60
LEAST_CASES = 3  # two numbers may agree by chance
MOST_AXES = 4
FLAT = 1e-3  # of what is expected
LEAST_FACTOR = 1e-6  # all else is 0, but for rounding
HALF = 2e-3  # what floats of 16 bits may be off
MOST_LEFT = 0.05  # of the difference from what is expected


def relation(wrong: Sequence[Wrong], axes: Mapping[str, tuple[str, ...]]) -> str:
    """Describe the relation of one part in all cases where it is wrong; "" if none is found."""
    kinds = {each.leaf.kind for each in wrong}
    if not kinds or not kinds <= {"shape", "value"}:
        return ""
    if said := relation_of_texts(wrong):
        return said
    name = label(wrong[0].leaf.name)
    if any(isinstance(w.got, np.ndarray) and w.got.dtype.kind == "c" for w in wrong):
        return f"{capital(name)} holds complex numbers, and real ones are asked for."
    if not all(_is_numeric(w.want) and _is_numeric(w.got) for w in wrong):
        return ""
    if kinds == {"value"} and all(map(_is_rounded, wrong)):
        return f"{capital(name)} holds floats of 16 bits, which have three digits. Use wider ones."
    wrong = list(map(_signed, wrong))
    if said := (
        _another(wrong, name)
        or _axes_exchanged(wrong, name, axes)
        or _reversed(wrong, name, axes)
        or _reordered(wrong, name)
    ):
        return said
    if "shape" in kinds:
        relate = relation_of_shapes if kinds == {"shape"} else swapped_lengths
        return relate(wrong, name)
    if all(w.want.dtype.kind == "b" == w.got.dtype.kind for w in wrong):
        return _truth(wrong, name)
    wrong = [_in_numbers(w) for w in wrong]
    joined = _side_by_side(wrong)
    rules: tuple[Callable[[], str], ...] = (
        lambda: _simple(wrong, name),
        lambda: _in_another_order(wrong, name),
        lambda: _scaled(wrong, name),
        lambda: _of_single_numbers(wrong, name),
        lambda: nonlinearity(joined, name),
        lambda: _cut_off(wrong, name),
        lambda: _in_time(wrong, name, axes),
        lambda: _of_first_example(wrong, name, axes),
        lambda: term(joined, name),
        lambda: factor(joined, name),
        lambda: another_factor(joined, name),
        lambda: exchanged_factors(joined, name),
        lambda: _unfilled(wrong, name),
        lambda: _alike_along(wrong, name, axes),
        lambda: _beyond_zero(wrong, name),
    )
    return next((said for rule in rules if (said := rule())), "")


def settled(wrong: Sequence[Wrong]) -> str:
    """Return a relation of one part from which its numbers follow in every case; "" if none."""
    if {w.leaf.kind for w in wrong} != {"value"} or not all(
        _is_numeric(each) and each.dtype.kind == "f" for w in wrong for each in (w.want, w.got)
    ):
        return ""
    name = label(wrong[0].leaf.name)
    scaled = _scaled(wrong, name) if wrong[1:] else ""  # one case has many causes
    return _of_sign(wrong, name) or _of_single_numbers(wrong, name) or scaled


def _in_numbers(w: Wrong) -> Wrong:
    """Count False as 0 and True as 1."""
    want, got = (each + 0 if each.dtype.kind == "b" else each for each in (w.want, w.got))
    return replace(w, leaf=w.leaf._replace(expected=want, got=got))


def _is_rounded(w: Wrong) -> bool:
    return w.got.dtype == np.float16 and np.allclose(w.got, w.want, HALF, HALF)


def _signed(w: Wrong) -> Wrong:
    """Let bytes be whole numbers that can be below 0."""

    def signed(value: np.ndarray) -> np.ndarray:
        return value.astype(np.int64) if value.dtype.kind == "u" else value

    leaf = w.leaf._replace(expected=signed(w.want), got=signed(w.got))
    return replace(w, leaf=leaf, known={n: signed(q) for n, q in w.known.items()})


def _side_by_side(wrong: Sequence[Wrong]) -> Sequence[Wrong]:
    """Put the single numbers of several cases into one array; leave other parts alone."""
    if len(wrong) < LEAST_CASES or any(w.want.size != 1 or w.got.size != 1 for w in wrong):
        return wrong
    want, got = (np.concatenate([np.ravel(v) for v in values])
                 for values in ([w.want for w in wrong], [w.got for w in wrong]))  # fmt: skip
    known = {
        name: np.array([w.known[name].item() for w in wrong])
        for name in common(wrong)
        if all(w.known[name].size == 1 for w in wrong)
    }
    leaf = wrong[0].leaf._replace(expected=want, got=got)
    return [replace(wrong[0], leaf=leaf, known=known)]


def _is_numeric(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiub"


def quantities(args: Mapping, leaves: Sequence[Leaf], between: Mapping) -> Quantities:
    """Name the arrays of a case: its arguments, the parts that are expected, and those between.

    `between` is what the exercise's `intermediates` returned.
    """
    found: Quantities = {}

    def walk(name: str, value: object) -> None:
        if isinstance(value, np.ndarray | np.floating) and value.dtype.kind in "fiu":
            found.setdefault(name, np.asarray(value))
        elif isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            for key, item in list(value.items())[:MOST_QUANTITIES]:
                walk(str(key), item)

    for name, value in args.items():
        walk(name, value)
    for leaf in leaves:
        if len(found) < MOST_QUANTITIES:
            walk(leaf.name, leaf.expected)
    for name, values in between.items():
        walk(name, values[0])
    return found


def _axes_exchanged(wrong: Sequence[Wrong], name: str, axes: Mapping[str, tuple[str, ...]]) -> str:
    """Right numbers, with the axes in another order."""
    ranks = {each.ndim for w in wrong for each in (w.want, w.got)}
    rank = ranks.pop()
    if ranks or not 2 <= rank <= MOST_AXES or not any(tells(w.want) for w in wrong):
        return ""
    for order in permutations(range(rank)):
        if all(same(w.got, w.want.transpose(order)) for w in wrong):
            if rank == 2:
                return f"{capital(name)} is the transpose of what is expected."
            names = axis_names(wrong[0].leaf, axes)
            stand, belong = (", ".join(each) for each in ([names[i] for i in order], names))
            return (
                f"The numbers in {name} are right, but its axes stand in the order ({stand}). "
                f"They belong in the order ({belong})."
            )
    return ""


def _reversed(wrong: Sequence[Wrong], name: str, axes: Mapping[str, tuple[str, ...]]) -> str:
    """Right entries, from the last to the first along one axis."""
    if any(w.got.shape != w.want.shape for w in wrong):
        return ""
    for axis in range(min(w.want.ndim for w in wrong)):
        long = max(w.want.shape[axis] for w in wrong) > 2
        if long and all(same(np.flip(w.got, axis), w.want) for w in wrong):
            along = axis_names(wrong[0].leaf, axes)[axis]
            named = along if along.startswith("axis") else f"axis {axis} ({along})"
            where = "in time" if along == "time step" else f"along its {named}"
            return f"{capital(name)} is right but runs backwards {where}."
    return ""


def _in_another_order(wrong: Sequence[Wrong], name: str) -> str:
    """The right numbers of a list, in any other order."""
    if all(
        w.got.shape == w.want.shape and w.got.ndim == 1 and len(np.unique(w.want)) > 2
        and not same(np.sort(w.want), np.arange(len(w.want)))  # a ranking has no other numbers
        and same(np.sort(w.got), np.sort(w.want))
        for w in wrong
    ):  # fmt: skip
        return f"{capital(name)} holds the right numbers, in another order than is asked for."
    return ""


def _reordered(wrong: Sequence[Wrong], name: str) -> str:
    """The numbers of an argument, brought into the right shape with their axes in wrong order."""
    if all(same(w.got.ravel(), w.want.ravel()) for w in wrong):
        return ""  # right numbers, counted off rightly
    rank = wrong[0].want.ndim
    if 3 <= rank <= MOST_AXES and all(tells(w.got) and w.leaf.kind == "value" for w in wrong):
        for order in permutations(range(rank)):
            if all(same(w.got.ravel(), w.want.transpose(order).ravel()) for w in wrong):
                return (
                    f"{capital(name)} holds the right numbers in wrong places: they are counted "
                    f"off with the axes in the order {order}. `reshape` moves no axis, "
                    "`transpose` does."
                )
    for other in common(wrong):
        rank = wrong[0].known[other].ndim
        if not 3 <= rank <= MOST_AXES or not all(
            w.known[other].ndim == rank
            and w.known[other].size == w.got.size == w.want.size
            and tells(w.got)
            for w in wrong
        ):
            continue
        for order in permutations(range(rank)):
            counted = (w.known[other].transpose(order).reshape(w.got.shape) for w in wrong)
            if all(same(w.got, each) for w, each in zip(wrong, counted, strict=True)):
                as_it_is = order == tuple(range(rank))
                how = "`reshape` alone" if as_it_is else f"its axes in the order {order}"
                return (
                    f"{capital(name)} holds the numbers of {label(other)} as they are counted off "
                    f"with {how}. Which axes must stand side by side before they become one?"
                )
        by_column = (w.known[other].reshape(w.got.shape, order="F") for w in wrong)
        if all(same(w.got, each) for w, each in zip(wrong, by_column, strict=True)):
            return (
                f"{capital(name)} holds the numbers of {label(other)} as `order='F'` counts them "
                "off and puts them down, the first axis fastest. That exchanges no axes."
            )
    return ""


def _simple(wrong: Sequence[Wrong], name: str) -> str:
    """What can be said without the right numbers, and signs."""
    if any(np.isnan(w.got).any() for w in wrong):
        return (
            f"{capital(name)} contains nan: look for a division by zero, an overflow, or the "
            "root of a negative number."
        )
    if any(np.isinf(w.got).any() for w in wrong):
        return f"{capital(name)} contains inf: look for a division by zero or an overflow."
    if all(
        (w.got.dtype.kind in "iu" and w.want.dtype.kind == "f" and same(w.got, np.trunc(w.want)))
        for w in wrong
    ):
        return f"{capital(name)} holds whole numbers only: an integer array cuts fractions off."
    if all(not w.got.any() for w in wrong):
        if all(w.got.size == 1 for w in wrong):
            return (
                f"{capital(name)} is 0 in every case that is wrong: is it ever computed, or what "
                "makes it 0?"
            )
        return f"{capital(name)} is all zeros: is it ever filled in, and with more than zeros?"
    values = np.unique(np.concatenate([np.ravel(w.got) for w in wrong]))
    if values.size == 1 and any(w.got.size > 1 for w in wrong) and wrong[1:]:
        return f"Every number in {name} is {values[0]:.4g}, whatever the case holds: what sets it?"
    if said := _of_sign(wrong, name):
        return said
    if all(tells(w.want) and same(w.got * w.want, np.ones(w.want.shape)) for w in wrong):
        return f"Every element of {name} is 1 divided by what is expected: what is divided by what?"
    return ""


def _beyond_zero(wrong: Sequence[Wrong], name: str) -> str:
    """All numbers on the other side of zero, in several cases."""
    for sign, side in ((-1, "below"), (1, "above")) if wrong[1:] else ():
        if all((sign * w.got > 0).all() and (sign * w.want < 0).all() for w in wrong):
            return (
                f"{capital(name)} is {side} 0 wherever it is wrong, and belongs on the other side: "
                "is a minus missing, or one too many?"
            )
    return ""


def _of_sign(wrong: Sequence[Wrong], name: str) -> str:
    return (
        f"{capital(name)} has the wrong sign."
        if all(same(w.got, np.asarray(-w.want)) for w in wrong)
        else ""
    )


def _truth(wrong: Sequence[Wrong], name: str) -> str:
    """Truth values that are the other way round, or wrong in one direction only."""
    if any(w.want.size < 2 for w in wrong):
        return ""
    if all(same(w.got, ~w.want) for w in wrong):
        return f"{capital(name)} is upside down: True and False have changed places."
    for value, strict in ((False, "strict"), (True, "lenient")):
        if all((w.got[w.got != w.want] == value).all() for w in wrong):
            return (
                f"Every wrong entry of {name} is {value} and should be {not value}: its condition "
                f"is too {strict}."
            )
    return ""


def _scaled(wrong: Sequence[Wrong], name: str) -> str:
    """One factor for all elements, or one offset."""
    factors = [_ratio(w) for w in wrong]
    single = all(w.want.size == 1 for w in wrong)
    if all(factors) and (not single or len(wrong) >= LEAST_CASES):
        sizes = [w.case.sizes for w in wrong]
        axes = [a for a in sizes[0] if all(a in each for each in sizes)]
        for axis in axes:
            n = [each[axis] for each in sizes]
            if len(set(n)) > 1 or not single and n[0] > 2:
                if all(abs(f * k - 1) < 1e-3 for f, k in zip(factors, n, strict=True)):
                    return (
                        f"{capital(name)} is the right value divided by {axis}: a mean, or a "
                        f"division by {axis}, where a sum is asked for."
                    )
                if all(abs(f / k - 1) < 1e-3 for f, k in zip(factors, n, strict=True)):
                    return (
                        f"{capital(name)} is the right value times {axis}: a sum where a mean is "
                        "asked for, or an addend counted once for each."
                    )
            for other in [b for b in axes if b != axis]:
                ratios = [int(each[axis]) / int(each[other]) for each in sizes]
                if len(set(ratios)) > 1 and np.allclose(factors, ratios, rtol=1e-3):
                    return (
                        f"{capital(name)} is the right value times {axis} and divided by {other}: "
                        "one of them stands where the other belongs."
                    )
        for axis in axes:
            n = [each[axis] for each in sizes]
            for how, rest in (
                ("times", np.divide(factors, n)),
                ("divided by", np.multiply(factors, n)),
            ):
                if len(set(n)) > 1 and np.ptp(rest) <= 1e-3 * abs(rest[0]):
                    is_ln_2 = abs(rest[0] - np.log(2)) < 1e-3
                    whole = f"{rest[0]:.3g}" + (", the logarithm of 2" if is_ln_2 else "")
                    return f"{capital(name)} is the right value {how} {axis}, and times {whole}."
        if single:
            return ""
        if np.ptp(factors) <= 1e-3 * abs(factors[0]):
            return f"Every element of {name} is {factors[0]:.4g} times what is expected."
        return f"{capital(name)} is right but for one factor, which differs from case to case."
    offsets = [float(np.mean(np.subtract(w.got, w.want, dtype=float))) for w in wrong]
    if (
        all(np.isfinite(offsets))
        and all(
            w.got.size > 1 and _explains(w.want + offset, w)
            for w, offset in zip(wrong, offsets, strict=True)
        )
        and np.ptp(offsets) <= 1e-3 * abs(offsets[0])
    ):
        size = "large" if offsets[0] > 0 else "small"
        return f"Every element of {name} is {abs(offsets[0]):.4g} too {size}."
    return ""


def _ratio(w: Wrong) -> float:
    """Return by how much all elements are too large, 0.0 if they are not by one factor."""
    if not w.want.size:
        return 0.0
    largest = np.unravel_index(np.argmax(np.abs(w.want)), w.want.shape)
    factor = float(w.got[largest] / w.want[largest]) if w.want[largest] else 0.0
    is_one = np.isfinite(factor) and _explains(factor * w.want, w)
    return factor if is_one and abs(factor) > LEAST_FACTOR else 0.0


def _explains(value: Any, w: Wrong) -> bool:
    """Return True if a part holds a value, and what is expected is not nearly the same."""
    if not same(w.got, np.asarray(value)):
        return False
    left, off = (np.max(np.abs(np.subtract(w.got, x, dtype=float))) for x in (value, w.want))
    return bool(left < MOST_LEFT * off)


def kept_at_a_limit(parts: Sequence[Leaf]) -> str:
    """One number a case, the same wherever less (or more) is expected, and right elsewhere."""
    if any(np.size(part.expected) != 1 or np.size(part.got) != 1 for part in parts):
        return ""
    if not all(_is_numeric(np.asarray(v)) for part in parts for v in (part.expected, part.got)):
        return ""
    wrong = [part for part in parts if part.kind != "ok"]
    limits = {float(np.ravel(part.got)[0]) for part in wrong}
    limit = limits.pop()
    if limits or len(wrong) < 2 or not np.isfinite(limit):
        return ""
    for way, sign in (("below", -1), ("above", 1)):
        beyond = [
            (sign * (np.ravel(part.expected)[0] - limit), part.kind != "ok") for part in parts
        ]
        if all(by > 0 for by, is_wrong in beyond if is_wrong) and any(by < 0 for by, _ in beyond):
            return (
                f"{capital(label(wrong[0].name))} is {limit:.4g} wherever it should be {way} that, "
                f"and right elsewhere: what keeps it from going {way}?"
            )
    return ""


def _of_single_numbers(wrong: Sequence[Wrong], name: str) -> str:
    """One number a case: a factor, an offset or a sum that is the same in all cases."""
    if any(w.want.size != 1 for w in wrong) or len(wrong) < LEAST_CASES:
        return ""
    want, got = (np.array([float(v.reshape(())) for v in values])
                 for values in ([w.want for w in wrong], [w.got for w in wrong]))  # fmt: skip
    if len(set(want.round(4))) < LEAST_CASES or not np.isfinite(got).all():
        return ""
    if np.ptp(got) == 0:
        return (
            f"{capital(name)} is {got[0]:.4g} in every case, whatever the case holds. Is it, or "
            "what it depends on, written as a fixed number, or taken from a wrong place?"
        )
    largest = int(np.argmax(np.abs(want)))
    factor, offset, total = got[largest] / want[largest], got[0] - want[0], got[0] + want[0]
    if same(got, factor * want) and abs(factor) > LEAST_FACTOR:
        return f"In every case, {name} is {factor:.4g} times what is expected."
    if same(got, want + offset):
        size = "large" if offset > 0 else "small"
        return f"In every case, {name} is {abs(offset):.4g} too {size}."
    if same(got, total - want):
        return f"In every case, {name} is {total:.4g} minus what is expected."
    return ""


def _alike_along(wrong: Sequence[Wrong], name: str, axes: Mapping[str, tuple[str, ...]]) -> str:
    """The same numbers all along an axis, where they should differ."""
    for axis in range(max(w.want.ndim for w in wrong)):
        long = [w for w in wrong if w.want.ndim > axis and w.want.shape[axis] > 1]
        if long and all(
            tells(w.got) and not np.ptp(w.got, axis=axis).any() and np.ptp(w.want, axis=axis).any()
            for w in long
        ):
            along = axis_names(long[0].leaf, axes)[axis]
            along = along if along.startswith("axis") else f"axis {axis} ({along})"
            return f"{capital(name)} is the same all along its {along}, where it should differ."
    return ""


def _unfilled(wrong: Sequence[Wrong], name: str) -> str:
    """Right numbers, and zeros in places that should not be zero."""
    places = [(w.got == 0) & (w.want != 0) for w in wrong]
    right = (
        gaps.any() and same(w.got[~gaps], w.want[~gaps])
        for w, gaps in zip(wrong, places, strict=True)
    )
    if not any(np.any(w.got) for w in wrong) or not all(right):
        return ""
    return (
        f"{capital(name)} is right where it is not 0: are some of its places never filled in, or "
        "what makes them 0?"
    )


def _cut_off(wrong: Sequence[Wrong], name: str) -> str:
    """Right numbers, except that those beyond a limit are set to it."""
    if not all(tells(w.got) and np.isfinite(w.got).all() for w in wrong):
        return ""
    low, high = min(w.got.min() for w in wrong), max(w.got.max() for w in wrong)
    if not all(same(w.got, np.clip(w.want, low, high)) for w in wrong):
        return ""
    below, above = (sum(int((differs(w.want, np.clip(w.want, *limits))).sum()) for w in wrong)
                    for limits in ((low, None), (None, high)))  # fmt: skip
    limits = [f"at {limit:.4g}" for limit, n in ((low, below), (high, above)) if n]
    is_flat = all(np.ptp(w.got) < FLAT * np.ptp(w.want) for w in wrong)
    between = (w.got[~differs(w.want, w.got) & (w.got > low) & (w.got < high)] for w in wrong)
    is_flat = is_flat or len(limits) > 1 and not any(each.size for each in between)
    if below + above < LEAST_CASES or is_flat:
        return ""
    if not any(w.want[differs(w.want, w.got)].any() for w in wrong):
        return f"{capital(name)} is right, but holds {low or high:.4g} where it should hold 0."
    return f"{capital(name)} is right, but cut off {' and '.join(limits)}."


def _another(wrong: Sequence[Wrong], name: str) -> str:
    """Another quantity of the case stands in the part's place."""
    for other in common(wrong):
        if all(
            w.known[other].shape == w.got.shape and tells(w.got) and same(w.got, w.known[other])
            for w in wrong
        ):
            alike = wrong[0].got.ndim > 2 and wrong[0].got.shape == wrong[0].want.shape
            one = " Are they one array under two names?" if alike else ""
            return f"{capital(name)} holds {label(other)} instead.{one}"
        for end in (0, -1):
            if all(
                w.known[other].ndim == w.got.ndim + 1
                and w.known[other].shape[:-1] == w.got.shape
                and tells(w.got)
                and same(w.got, w.known[other][..., end])
                for w in wrong
            ):
                return f"{capital(name)} holds {written(f'{{}}[..., {end}]', other)} instead."
    return ""


def _in_time(wrong: Sequence[Wrong], name: str, axes: Mapping[str, tuple[str, ...]]) -> str:
    """Right numbers at other time steps, or right up to one."""
    *others, along = axis_names(wrong[0].leaf, axes) or ("",)
    named = along and not along.startswith("axis") and not others
    if along != "time step" and not (named and wrong[0].want.dtype.kind == "f"):
        return ""
    long = [w for w in wrong if w.want.ndim and w.want.shape[-1] > 2]
    if not long:
        return ""
    if all(same(w.got[..., 1:], w.want[..., :-1]) for w in long):
        return f"{capital(name)} is one step late: what belongs at step t stands at t + 1."
    if all(same(w.got[..., :-1], w.want[..., 1:]) for w in long):
        return f"{capital(name)} is one step early: what belongs at step t stands at t - 1."
    if all(_is_zero_where_wrong(w) for w in long):
        steps = np.flatnonzero(_wrong_steps(long[0])).tolist()
        told = f"{along}{'s' * (len(steps) > 1)} {', '.join(map(str, steps))}"
        return (
            f"{capital(name)} is still zero at {told} ({long[0].case.label}) and right "
            "elsewhere: which places does the loop visit?"
        )
    spans = [_span(w) for w in long]
    if all(first > 0 for first, _ in spans):
        w, (first, _) = long[0], spans[0]
        only = (
            " alone"
            if all(
                f == last == v.want.shape[-1] - 1 for v, (f, last) in zip(long, spans, strict=True)
            )
            else ""
        )
        return (
            f"{capital(name)} is right up to {along} {first - 1} and wrong from "
            f"{along.split()[-1]} {first}{only} ({w.case.label})."
        )
    if all(last < w.want.shape[-1] - 1 for w, (_, last) in zip(long, spans, strict=True)):
        w, (_, last) = long[0], spans[0]
        return (
            f"{capital(name)} is right from {along} {last + 1} on and wrong before it "
            f"({w.case.label})."
        )
    return ""


def _of_first_example(
    wrong: Sequence[Wrong], name: str, axes: Mapping[str, tuple[str, ...]]
) -> str:
    """Right numbers for example 0 alone."""
    names = axis_names(wrong[0].leaf, axes)
    if "example" not in names or "time step" not in names:
        return ""
    at = names.index("example")
    bad = [np.moveaxis(differs(w.want, w.got), at, 0).reshape(w.want.shape[at], -1) for w in wrong]
    several = [np.asarray(np.any(each, axis=1)) for each in bad if len(each) > 1]
    if not several or not all(each[1:].all() and not each[0] for each in several):
        return ""
    return (
        f"{capital(name)} is right for example 0 alone. Does something of it pass on to the "
        "others, or stand for theirs?"
    )


def _wrong_steps(w: Wrong) -> np.ndarray:
    """Mark the time steps that are wrong."""
    return np.any(differs(w.want, w.got).reshape(-1, w.want.shape[-1]), axis=0)


def _is_zero_where_wrong(w: Wrong) -> bool:
    bad = _wrong_steps(w)
    return not bad.all() and not w.got[..., bad].any()


def _span(w: Wrong) -> tuple[int, int]:
    """Return the first and the last time step that is wrong."""
    bad = _wrong_steps(w)
    return int(np.argmax(bad)), len(bad) - 1 - int(np.argmax(bad[::-1]))
