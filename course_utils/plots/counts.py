"""Shared by figures of counts and weights: confusion counts, their matrix, a scale from white."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap

from .html_figures import describe
from .style import COLOURS

SPOKEN = 3  # confusions that are read out


def shades() -> Colormap:
    """Return the scale from white, for nothing, to the course's blue."""
    return LinearSegmentedColormap.from_list("shades", ["#ffffff", COLOURS["input"]])


def confusion_counts(Y_true: Sequence[int], Y_pred: Sequence[int], classes: int) -> np.ndarray:
    """Return (classes, classes) counts: row the true label, column the predicted one.

    Raises ValueError for labels outside 0..classes - 1, none at all, or lengths that differ.
    """
    pair = {"Y_true": np.ravel(Y_true), "Y_pred": np.ravel(Y_pred)}
    sizes = {name: len(labels) for name, labels in pair.items()}
    if len(set(sizes.values())) > 1 or not sizes["Y_true"]:
        raise ValueError(f"expected equally many labels in both, and at least one; found {sizes}")
    for name, labels in pair.items():
        odd = [label for label in labels.tolist() if label not in range(classes)]
        if odd:
            raise ValueError(f"{name} has {odd[0]!r}: expected labels from 0 to {classes - 1}")
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, tuple(labels.astype(int) for labels in pair.values()), 1)
    return counts


def draw_counts(
    counts: np.ndarray, names: Sequence[str], figsize: tuple[float, float], fontsize: float
) -> Axes:
    """Draw confusion counts (classes, classes) of classes with these names.

    The right ones, on the diagonal, are bold and counted in the title. The caller sets the ticks.
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
    pairs = sorted(zip(*np.nonzero(counts), strict=True), key=lambda pair: -counts[pair])
    wrong = [f"{names[i]} as {names[j]} ({counts[i, j]})" for i, j in pairs if i != j][:SPOKEN]
    taken = f"; most often taken: {', '.join(wrong)}" if wrong else ""
    describe(ax.figure, f"Confusion matrix: {ax.get_title()}{taken}.")
    return ax
