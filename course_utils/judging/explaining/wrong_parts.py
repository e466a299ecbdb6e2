"""A part of an answer that is wrong, in one case."""

from __future__ import annotations

from dataclasses import dataclass

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
