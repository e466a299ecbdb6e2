"""Figures of translation: a pair as the decoder sees it, training, results by group, attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from .counts import shades
from .html_figures import describe
from .style import COLOURS

_SHOWN = {"\t": "⇥", "\n": "↵", " ": "␣", "\u202f": "␣", "": "·"}


def shown(character: str) -> str:
    """Return how a character is drawn: signs for start, end, spaces and padding."""
    return _SHOWN.get(character, character)


def plot_shift(decoder_input: Sequence[str], decoder_target: Sequence[str]) -> Axes:
    """Draw the decoder's input and its target, position by position.

    Both are characters, "" for padding. The start character is drawn as an arrow to a bar, the end
    character as a return sign.
    """
    T = len(decoder_input)
    _, ax = plt.subplots(figsize=(0.28 * T + 1.4, 1.3))
    for y, (row, colour) in enumerate(
        ((decoder_target, COLOURS["output"]), (decoder_input, COLOURS["input"]))
    ):
        for t, character in enumerate(row):
            look: dict = {"color": "0.7"} if not character else {"color": colour, "weight": "bold"}
            ax.text(t, y, shown(character), ha="center", va="center", family="DejaVu Sans Mono",
                    fontsize=10, **look)  # fmt: skip
    for t in range(T - 1):
        if decoder_target[t] and decoder_input[t + 1]:
            ax.plot([t + 0.15, t + 0.85], [0.28, 0.72], color="0.75", lw=1)
    ax.set(xlim=(-0.7, T - 0.3), ylim=(-0.5, 1.5), xticks=range(0, T, 5))
    ax.set_yticks([0, 1], ["says", "reads"])
    ax.set_xlabel("position")
    ax.grid(False)
    return ax


def plot_training(history: Mapping[str, Sequence[float]], n_target: int) -> Axes:
    """Draw the loss of each epoch, in training and validation, on a logarithmic scale."""
    _, ax = plt.subplots()
    n = len(history["loss"])
    ax.semilogy(range(1, n + 1), history["loss"], label="training")
    if "val_loss" in history:
        ax.semilogy(range(1, n + 1), history["val_loss"], "--", label="validation")
    ax.axhline(np.log(n_target), color="0.6", lw=1, ls=":")
    ax.text(n, np.log(n_target) * 0.93, "all characters equally likely", ha="right", va="top")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set(xlabel="epoch", ylabel="loss for a character")
    ax.legend(loc="lower left")
    return ax


def plot_groups(counts: Mapping[str, tuple[int, int]], of: str = "") -> Axes:
    """Draw the share of right translations in each group, with (right, total) counts."""
    _, ax = plt.subplots(figsize=(6.0, 0.24 * len(counts) + 0.7))
    names = list(counts)
    shares = [right / total for right, total in counts.values()]
    ax.barh(names, shares, color=COLOURS["input"], height=0.7)
    for y, (right, total) in enumerate(counts.values()):
        ax.text(1.01, y, f"{right}/{total}", va="center", fontsize=8)
    ax.set(xlim=(0, 1.0), xlabel="translated to the letter", ylabel=of)
    ax.grid(axis="y", visible=False)
    return ax


def attention_map(weights: np.ndarray, source: str, translation: str) -> Axes:
    """Draw attention weights (T_y, T_x): characters of the translation against the source's."""
    rows = [*map(shown, translation), "↵"][: len(weights)]
    _, ax = plt.subplots(figsize=(0.2 * len(source) + 1.2, 0.2 * len(rows) + 0.9))
    ax.imshow(weights, cmap=shades(), vmin=0, vmax=1, aspect="equal")
    ax.set_xticks(range(len(source)), [shown(ch) for ch in source], family="DejaVu Sans Mono")
    ax.set_yticks(range(len(rows)), rows, family="DejaVu Sans Mono")
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(False)
    return ax


def plot_lattice(alpha: np.ndarray, rows: str) -> Axes:
    """Draw the forward sums alpha (T, len(rows)) of CTC, and all steps of complete alignments.

    rows: the label with a blank, "-", around each letter. The stronger the colour, the larger a
    sum's share of its column.
    """
    T, S = alpha.shape
    figure, ax = plt.subplots(figsize=(0.62 * T + 1.6, 0.36 * S + 0.8))
    shares = alpha / alpha.sum(axis=1, keepdims=True)
    image = ax.imshow(shares.T, cmap=shades(), vmin=0, vmax=1, aspect="auto")
    onward = {
        s: [s, *([s + 1] if s + 1 < S else []),
            *([s + 2] if s + 2 < S and rows[s + 2] not in ("-", rows[s]) else [])]
        for s in range(S)
    }  # fmt: skip
    ends = {S - 1, S - 2}  # what a step before leads to the end from
    for t in reversed(range(T - 1)):
        steps = [(s, to) for s in onward for to in onward[s] if to in ends and alpha[t, s] > 0]
        for s, to in steps:
            ax.plot([t, t + 1], [s, to], color=COLOURS["hidden"], lw=0.9)
        ends = {s for s, _ in steps}
    ax.set_yticks(range(S), list(rows), family="DejaVu Sans Mono")
    ax.set(xticks=range(T), xlabel="time step", ylabel="label with blanks")
    ax.grid(False)
    figure.colorbar(image, ax=ax, label="share of the sum")
    most = ", ".join({"-": "blank"}.get(rows[s], rows[s]) for s in alpha.argmax(axis=1))
    describe(
        figure,
        f"Lattice of the alignments of {rows} with {T} time steps: lines from the first two rows "
        f"on the left to the last two on the right. The largest forward sum of each step: {most}.",
    )
    return ax
