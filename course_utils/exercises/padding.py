"""Look at numbers and padding apart, so that zeros at the wrong end cost no more than that."""

from __future__ import annotations

from typing import Any

import numpy as np


def without_zeros(rows: Any) -> Any:
    """Move the numbers of each row to its front, in order; what is no table stays as it is."""
    try:
        table = np.asarray(rows)
    except ValueError:  # rows of several lengths
        return rows
    if table.ndim != 2 or table.dtype.kind not in "iuf":
        return rows
    packed = np.zeros_like(table)
    for row, numbers in zip(packed, table, strict=True):
        there = numbers[numbers != 0]
        row[: len(there)] = there
    return packed
