"""Recognise weights that training did not start from zeros."""

from __future__ import annotations

import numpy as np

SMALL = 1e-3  # beside the largest singular value


def not_from_zeros(args, value) -> str:
    """Say so if W, trained on one sentence, has a rank above 1.

    Each step adds outer(dz, avg) with the same avg, so from zeros the rows of W are all parallel.
    """
    _, W, _ = value
    if len(args["X"]) != 1 or np.ndim(W) != 2 or min(np.shape(W)) < 2:
        return ""
    first, second, *_ = np.linalg.svd(W, compute_uv=False)
    if not second > SMALL * first:
        return ""
    return (
        "`W` does not start from zeros: trained on one sentence it holds more than multiples of "
        "that sentence's average. Start `W` and `b` from zeros, as the docstring says: then all "
        "results can be compared, and this cost has a single valley anyway."
    )
