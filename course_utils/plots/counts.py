"""What figures of counts and of weights share: a scale from white, and a matrix with its counts."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap

from .style import COLOURS


def shades() -> Colormap:
    """Return the scale from white, for nothing, to the course's blue."""
    return LinearSegmentedColormap.from_list("shades", ["#ffffff", COLOURS["input"]])


def draw_counts(counts: np.ndarray, figsize: tuple[float, float], fontsize: float) -> Axes:
    """Draw how often each class, a row, was taken for each, a column; ticks are the caller's.

    counts: (classes, classes). The right ones, on the diagonal, are bold and counted in the title.
    """
    _, ax = plt.subplots(figsize=figsize)
    ax.imshow(counts, cmap=shades(), vmin=0, vmax=max(1, counts.max()))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            ax.text(
                column, row, str(count), ha="center", va="center", fontsize=fontsize,
                color="white" if count > 0.6 * counts.max() else COLOURS["text"],
                weight="bold" if row == column else "normal",
            )  # fmt: skip
    ax.set(xlabel="predicted", ylabel="true")
    ax.set_title(f"{np.trace(counts)} of {counts.sum()} right")
    ax.grid(False)
    return ax
