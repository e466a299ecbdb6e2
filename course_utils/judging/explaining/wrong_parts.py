"""A part of an answer that is wrong, in one case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np

from ..compare import Leaf
from ..model import Case

Quantities = dict[str, np.ndarray]  # what a case holds: arguments and expected parts, by name


@dataclass(frozen=True)
class Wrong:
    """A part of one case that is wrong: what was wanted, what came, and what the case holds."""

    case: Case
    leaf: Leaf
    known: Quantities

    @property
    def want(self) -> np.ndarray:
        return self.leaf.expected

    @property
    def got(self) -> np.ndarray:
        return self.leaf.got


def common(wrong: Sequence[Wrong]) -> Iterator[str]:
    """Yield the quantities that all cases hold, other than the part itself."""
    for name in wrong[0].known:
        if name != wrong[0].leaf.name and all(name in w.known for w in wrong):
            yield name


def tells(array: np.ndarray) -> bool:
    """Return True if an array is no constant, which much may be equal to."""
    if array.size < 2:
        return False
    if array.dtype.kind != "f":
        return bool((array != array.flat[0]).any())
    return bool(np.ptp(array) > 1e-9 * np.max(np.abs(array)))


def is_float(value: object) -> TypeGuard[np.ndarray]:
    """Return True for an array of floats."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def is_not_finite(part: Leaf) -> bool:
    """Return True if numbers of a part are infinite or none."""
    compared = part.kind in ("value", "shape") and is_float(part.got)
    return compared and not np.isfinite(part.got).all()
