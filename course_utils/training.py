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
    wanted = os.environ.get(VARIABLE, "full")
    if wanted not in ("full", "short"):
        raise ValueError(f"{VARIABLE} is {wanted!r}: set it to full or short, or leave it unset")
    return full if wanted == "full" else min(full, SHORT)


def examples(full: int) -> int:
    """Return how many examples to train on: `full`, or at most 64 in short training."""
    return full if epochs(SHORT + 1) > SHORT else min(full, FEW)
