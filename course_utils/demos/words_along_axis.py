"""Draw how far words lean along an axis of their vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils.plots.style import COLOURS

from . import demo


@demo
def along_axis(
    words: Sequence[str],
    axis: np.ndarray,
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray] | None = None,
    ends: tuple[str, str] = ("man", "woman"),
) -> Axes:
    """Draw the cosine of each word with an axis, (n,), before debiasing and after it.

    Words keep the order in which they are given, from the top; `ends` names the two
    directions of the axis.
    """
    rows = np.arange(len(words))
    _, ax = plt.subplots(figsize=(5.6, 0.9 + 0.21 * len(words)))
    old = np.array([_cosine(before[word], axis) for word in words])
    largest = np.abs(old).max(initial=0.05)
    if after is not None:
        new = np.array([_cosine(after[word], axis) for word in words])
        largest = max(largest, np.abs(new).max())
        ax.hlines(rows, old, new, color=COLOURS["text"], lw=1, alpha=0.6)
    ax.scatter(old, rows, s=26, color=COLOURS["input"], label="before", zorder=2.5)
    if after is not None:
        ax.scatter(new, rows, s=26, color=COLOURS["cell"], marker="D", label="after", zorder=3)
    ax.axvline(0, color=COLOURS["text"], lw=1)
    ax.set(xlim=(-1.12 * largest, 1.12 * largest), ylim=(len(words) - 0.4, -0.6))
    ax.set_yticks(rows, words)
    ax.set_xlabel(f"← {ends[0]}      cosine with the axis      {ends[1]} →")
    if after is not None:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)
    return ax


def _cosine(u: np.ndarray, v: np.ndarray) -> float:
    lengths = np.linalg.norm(u) * np.linalg.norm(v)
    return float(u @ v / lengths) if lengths else 0.0
