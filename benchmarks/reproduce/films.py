"""Film reviews split so that both sides are of other films."""

from __future__ import annotations

import numpy as np

from course_utils.sentiment_utils import HELD_BACK, installed_reviews


def films_apart() -> tuple[list[str], np.ndarray, list[str], np.ndarray]:
    """Split the reviews so that neighbours, mostly of one film, stay on one side.

    Of each label, ten runs of neighbours are held back, as many reviews as by `read_reviews`. The
    last tenth of what is left to train on is a run of each label, too: for validation. Returns
    X_train, Y_train, X_test, Y_test.
    """
    X, Y = installed_reviews()
    half, run = HELD_BACK // 2, HELD_BACK // 20
    learned, kept_out, held_back = [], [], []
    for label in (0, 1):
        places = np.flatnonzero(label == Y)
        starts = range(0, len(places), len(places) // (half // run))
        chosen = np.concatenate([places[start : start + run] for start in starts])
        left = np.setdiff1d(places, chosen)
        learned.append(left[: len(left) * 9 // 10])
        kept_out.append(left[len(left) * 9 // 10 :])
        held_back.append(chosen)
    parts = []
    for part in ([*learned, *kept_out], held_back):
        order = np.concatenate(part)
        parts += [[X[i] for i in order], Y[order]]
    return tuple(parts)
