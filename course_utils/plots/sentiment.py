"""Figures of sentiment: the accuracy in training, a review's score from word to word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from .style import COLOURS

TRAINING, VALIDATION = COLOURS["input"], COLOURS["hidden"]
POSITIVE, NEGATIVE = COLOURS["cell"], COLOURS["wrong"]
MOVED = 0.5  # in log-odds: from a score of 0.5, to 0.62 or 0.38


def plot_curves(
    history: Mapping[str, Sequence[float]], title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the accuracy of each epoch, in training and on the validation part.

    history: `fit(...).history`, with the keys accuracy and val_accuracy.
    Raises ValueError if one of them is missing.
    """
    if missing := {"accuracy", "val_accuracy"} - set(history):
        raise ValueError(f"history lacks {min(missing)}: compile with metrics=['accuracy'] and "
                         "fit with validation data")  # fmt: skip
    ax = ax or plt.subplots()[1]
    number = np.arange(1, len(history["accuracy"]) + 1)
    ax.plot(number, history["accuracy"], "o-", ms=3, color=TRAINING, label="training")
    ax.plot(number, history["val_accuracy"], "s--", ms=3, color=VALIDATION, label="validation")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set(xlabel="epoch", ylabel="accuracy", title=title)
    ax.label_outer()
    ax.legend()
    return ax


def plot_running_score(
    words: Sequence[str], scores: Sequence[float], title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the score after each word, and colour the words that move its log-odds by over 0.5.

    words: of a review, in order. scores: one for each word, from 0 (negative) to 1 (positive).
    A word and its dot have one colour, by whether the word raises the score or lowers it.
    Raises ValueError for lengths that differ, or no words.
    """
    heights = np.asarray(scores, float)
    if len(words) != len(heights) or not len(words):
        raise ValueError(f"expected a score for each word, found {len(words)} and {len(heights)}")
    ax = ax or plt.subplots(figsize=(max(4.0, 0.24 * len(words) + 1.2), 2.6))[1]
    place = np.arange(len(words))
    ax.axhline(0.5, color=COLOURS["text"], lw=0.8, ls=":")
    ax.plot(place, heights, color=COLOURS["text"], lw=1, zorder=1)
    inside = np.clip(heights, 1e-6, 1 - 1e-6)
    steps = np.diff(np.log(inside / (1 - inside)), prepend=0.0)  # a score of 0.5 before any word
    ax.set_xticks(place, words, rotation=60, ha="right", rotation_mode="anchor")
    moves = {"raises it": (steps > MOVED, POSITIVE), "lowers it": (steps < -MOVED, NEGATIVE)}
    still = np.abs(steps) <= MOVED
    ax.scatter(place[still], heights[still], s=12, color=COLOURS["text"], zorder=2)
    for name, (moved, colour) in moves.items():
        ax.scatter(place[moved], heights[moved], s=26, color=colour, zorder=2, label=name)
        for label in np.array(ax.get_xticklabels(), object)[moved]:
            label.set(color=colour, fontweight="bold")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), title="the word")
    ax.set(ylim=(-0.05, 1.05), ylabel="score so far", title=title)
    ax.grid(axis="x", visible=False)
    return ax
