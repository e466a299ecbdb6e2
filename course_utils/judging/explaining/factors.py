"""Find terms and factors of a wrong part that are missing, or that do not belong there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

import numpy as np

from ..compare import capital, label, same
from .wrong_parts import Wrong, common, tells

MOST_FACTORS = 20  # of which one may stand in another's place
FACTORS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("{}", lambda q: q),
    ("1 - {}", lambda q: 1 - q),
    ("1 - {}**2", lambda q: 1 - q**2),
    ("{} * (1 - {})", lambda q: q * (1 - q)),
    ("(1 - {})**2", lambda q: (1 - q) ** 2),
    ("{}**2", lambda q: q**2),
    ("tanh({})", np.tanh),
    ("1 - tanh({})**2", lambda q: 1 - np.tanh(q) ** 2),
)


def term(wrong: Sequence[Wrong], name: str) -> str:
    """A term that is missing, added once too often, or has the other sign."""
    for other in common(wrong):
        for sign, said in (
            (
                1,
                f"With {label(other)} added, {name} would be right: a term is missing, or has the "
                "wrong sign.",
            ),
            (
                -1,
                f"{capital(name)} contains {label(other)} once too often.",
            ),
            (2, f"The term {label(other)} goes into {name} with the wrong sign."),
            (-2, f"The term {label(other)} goes into {name} with the wrong sign."),
        ):
            if all(
                tells(w.known[other]) and _fits(w, w.got + sign * _spread(w, other)) for w in wrong
            ):
                return said
    return ""


def factor(wrong: Sequence[Wrong], name: str) -> str:
    """A factor that is missing, or applied once too often."""
    for other in common(wrong):
        for form, apply in FACTORS:
            if not all(tells(w.known[other]) for w in wrong):
                break
            told = written(form, other)
            if all(_fits(w, w.got * apply(_spread(w, other))) for w in wrong):
                return f"{capital(name)} lacks the factor {told}: with it, it would be right."
            if all(same(w.got, w.want * apply(_spread(w, other))) for w in wrong):
                return (
                    f"{capital(name)} is the right value times {told}: that goes in once too "
                    "often, or a division by it is missing."
                )
    return ""


def another_factor(wrong: Sequence[Wrong], name: str) -> str:
    """A factor that is made from the right quantity in the wrong way."""
    for other in common(wrong):
        spread = [_spread(w, other) for w in wrong]
        if not all(tells(q) and np.isfinite(q).all() for q in spread):
            continue
        for (form, apply), (used, wrongly) in permutations(FACTORS, 2):
            pairs = list(zip(wrong, spread, strict=True))
            if all(same(w.want * apply(q), w.want * wrongly(q)) for w, q in pairs):
                continue  # these numbers tell nothing apart
            if all(same(w.got * apply(q), w.want * wrongly(q)) for w, q in pairs):
                return (
                    f"{capital(name)} has the factor {written(used, other)} where "
                    f"{written(form, other)} belongs."
                )
    return ""


def exchanged_factors(wrong: Sequence[Wrong], name: str) -> str:
    """Two factors of which one stands where the other belongs."""
    spread = {other: [_spread(w, other) for w in wrong] for other in common(wrong)}
    usable = [n for n, qs in spread.items() if all(tells(q) and np.all(q != 0) for q in qs)]
    for one, other in permutations(usable[:MOST_FACTORS], 2):
        pairs = list(zip(wrong, spread[one], spread[other], strict=True))
        if all(same(w.got * p, w.want * q) for w, p, q in pairs) and not all(
            same(p, q) for _, p, q in pairs
        ):
            return (
                f"Times {label(one)} and divided by {label(other)}, {name} would be right: one of "
                "them stands where the other belongs."
            )
    return ""


def written(form: str, other: str) -> str:
    return "`" + form.replace("{}", other.rpartition(".")[2]) + "`"


def _spread(w: Wrong, other: str) -> np.ndarray:
    """Return a quantity spread over the shape of the part, nan where it does not fit."""
    quantity = w.known[other]
    try:
        return np.broadcast_to(quantity, w.want.shape)
    except ValueError:
        return np.full(w.want.shape, np.nan)


def _fits(w: Wrong, value: np.ndarray) -> bool:
    return bool(np.isfinite(value).all()) and same(value, w.want)
