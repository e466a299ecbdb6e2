"""Decide how long a notebook trains: in full, or briefly where only the running is tested."""

from __future__ import annotations

import os

VARIABLE = "COURSE_TRAINING"
SHORT = 2
FEW = 64


def epochs(full: int) -> int:
    """Return `full`, or at most 2 where the environment has COURSE_TRAINING=short.

    Raises ValueError for any other value of the variable but "full" (the default).
    """
    return min(full, SHORT) if _is_short() else full


def examples(full: int, few: int = FEW) -> int:
    """Return how many examples to take: `full`, or at most `few` in short training."""
    return min(full, few) if _is_short() else full


def _is_short() -> bool:
    wanted = os.environ.get(VARIABLE, "full")
    if wanted not in ("full", "short"):
        raise ValueError(f"{VARIABLE} is {wanted!r}: set it to full or short, or leave it unset")
    return wanted == "short"
