"""Tell which sizes the arguments of a case have, and name one that none of them has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from ..model import Case
from .raised import Raised

LEAST_FIXED = 6  # smaller numbers are too common to be called a size that was written down
MOST_WALKED, MOST_DEPTH = 50, 6  # of the arguments of a case


def strange_size(e: Raised, lengths: list[int]) -> int:
    """Return the first length that no argument has; 0 if there is none."""
    known = sizes_of(e.case)
    strange = [n for n in lengths if n >= LEAST_FIXED and n not in known]
    # what is cut off or put on makes a size by one or two more or less
    strange = [n for n in strange if not any(0 < abs(n - other) <= 2 for other in lengths)]
    # the text may ask for 128 units, and the shape that is asked for may be computed on the line
    if e.exercise.probe != "call" or "cannot reshape" in e.message:
        made = {int(n) for name in e.held("array") for n in re.findall(r"\d+", e.variables[name])}
        strange = [n for n in strange if n in made or re.search(rf"\b{n}\b", e.source)]
    return strange[0] if strange and len(set(lengths)) > 1 else 0


def _is_written(e: Raised, size: int) -> bool:
    """Return True for a number on the line, and for what a variable there holds."""
    held = {e.variables[name] for name in e.held("int")}
    return bool(re.search(rf"\b{size}\b", e.source)) or f"int ({size})" in held


def of_strange_size(e: Raised, size: int) -> str:
    """Ask whether a size that no argument has is written as a fixed number."""
    how = "" if _is_written(e, size) else ", or made by a reshape or by joining"
    return (
        f"The size {size} is nowhere in the arguments of this case. Is it written as a fixed "
        f"number{how}? Take sizes from the arguments."
    )


def is_joined(e: Raised, size: int) -> bool:
    """Return True for a sum of sizes of the case, as joining makes it."""
    sizes = {*e.case.sizes.values()}
    sizes |= {a * b for a in sizes for b in sizes}
    sums = {a + b for a in sizes for b in sizes}
    sums |= {a + b for a in sums for b in sizes}
    return size in sums and not _is_written(e, size)


def sizes_of(case: Case) -> set[int]:
    """Return every size and whole number in the arguments of a case.

    Products of two axes are among them, too, and those of the sizes that its label names, with
    sums of joined axes.
    """
    found: set[int] = set()

    def walk(value: Any, depth: int = 0) -> None:
        if isinstance(value, (int, np.integer)):
            found.add(int(value))
        elif isinstance(value, np.ndarray):
            found.update((*value.shape, value.size))
            found.update(a * b for a, b in combinations(value.shape, 2))
        elif isinstance(value, Mapping):
            found.update((len(value), len(value) + 1, len(value) + 2))
            for item in list(value.values())[:MOST_WALKED]:
                walk(item, depth + 1)
        elif isinstance(value, (list, tuple)) and depth < MOST_DEPTH:
            found.add(len(value))
            for item in value[:MOST_WALKED]:
                walk(item, depth + 1)
        elif isinstance(value, str):
            found.add(len(value.split()))

    for value in (*case.args.values(), *case.after.values()):
        walk(value)
    sizes = case.sizes
    named = set(sizes.values())
    sums = {sizes[a] + sizes[b] for a, b in joined_sizes(sizes)}
    return found | named | sums | {a * b for a in named for b in (*named, 2, 4)}


def joined_sizes(sizes: Mapping[str, int]) -> list[tuple[str, str]]:
    """Pair the sizes of axes that are joined to one: units and features, not time and batch."""
    return list(combinations(sorted(name for name in sizes if name.startswith("n_")), 2))
