"""Figures of the attention notebook: weights as maps, heads side by side, scores and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from .counts import shades
from .html_figures import describe
from .style import COLOURS
from .translation import shown

_LETTERS = "DejaVu Sans Mono"


MOST_ROWS = 30  # of a figure that are read out


def _map(
    ax: Axes, weights: np.ndarray, rows: Sequence[str], columns: Sequence[str], size: float
) -> None:
    ax.imshow(weights, cmap=shades(), vmin=0, vmax=1, aspect="equal")
    for axis, labels in ((ax.xaxis, columns), (ax.yaxis, rows)):
        names = [shown(label) for label in labels]
        axis.set_ticks(range(len(labels)), names, family=_LETTERS, fontsize=size)
    ax.xaxis.tick_top()
    ax.tick_params(length=0, pad=2)
    ax.grid(False)


def _said(
    title: str, weights: np.ndarray, rows: Sequence[str], columns: Sequence[str], most: int
) -> str:
    """Say of the first rows where most of their weight is."""
    names = {"\t": "the start", "\n": "the end", " ": "a space"}
    looks = [
        f"{names.get(row, row)} at {names.get(columns[best], columns[best])} ({share:.0%})"
        for row, best, share in zip(rows, weights.argmax(axis=1), weights.max(axis=1), strict=True)
    ]
    more = f", and {len(looks) - most} more rows" if len(looks) > most else ""
    return f"{title + ': m' if title else 'M'}ost weight has {', '.join(looks[:most])}{more}."


def plot_maps(
    maps: Mapping[str, np.ndarray],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    cell: float = 0.2,
    across: int = 2,
) -> Sequence[Axes]:
    """Draw weights (T_q, T_k), several maps side by side: strong colour for much.

    rows, columns: characters to write beside queries and keys; cell: inches of one weight; across:
    how many maps stand beside each other.
    """
    across = min(across, len(maps))
    down = -(-len(maps) // across)
    size = (across * (cell * len(columns) + 0.6), down * (cell * len(rows) + 0.7))
    figure, axes = plt.subplots(down, across, figsize=size, squeeze=False)
    for ax, (title, weights) in zip(axes.flat, maps.items(), strict=False):
        _map(ax, weights, rows, columns, min(9.0, 58 * cell))
        ax.set_title(title)
    most = MOST_ROWS // len(maps)
    said = [_said(title, weights, rows, columns, most) for title, weights in maps.items()]
    describe(figure, f"Attention weights, a row for each query. {' '.join(said)}")
    return list(axes.flat)


def plot_masks(masks: Mapping[str, np.ndarray]) -> Sequence[Axes]:
    """Draw masks (T_q, T_k) side by side: coloured where a query may look."""
    _, axes = plt.subplots(1, len(masks), figsize=(2.0 * len(masks), 2.2), squeeze=False)
    for ax, (title, mask) in zip(axes[0], masks.items(), strict=True):
        ax.imshow(mask, cmap=shades(), vmin=0, vmax=1, aspect="equal")
        ax.set(title=title, xlabel="key", xticks=range(mask.shape[1]), yticks=range(len(mask)))
        ax.tick_params(length=0)
        ax.grid(False)
    axes[0, 0].set_ylabel("query")
    return axes[0]


def plot_encoding(encoding: np.ndarray) -> Sequence[Axes]:
    """Draw a positional encoding (T, d_model), and how alike the rows are: their dot products."""
    _, (left, right) = plt.subplots(1, 2, figsize=(6.4, 2.6))
    left.imshow(encoding.T, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    left.set(xlabel="position", ylabel="column", title="the encoding")
    alike = encoding @ encoding.T / (encoding.shape[1] / 2)
    image = right.imshow(alike, cmap="RdBu_r", vmin=-1, vmax=1)
    right.set(xlabel="position", ylabel="position", title="how alike two positions are")
    right.figure.colorbar(image, ax=right)
    for ax in (left, right):
        ax.grid(False)
    return left, right


def plot_by_size(
    sizes: Sequence[int], curves: Mapping[str, Sequence[float]], *, ylabel: str
) -> Axes:
    """Draw one line for each name against d_k, on a logarithmic scale; shares from 0 to 1."""
    _, ax = plt.subplots(figsize=(4.6, 2.4))
    for (name, values), colour in zip(curves.items(), ("wrong", "input"), strict=False):
        ax.semilogx(sizes, values, "o-", ms=4, label=name, color=COLOURS[colour])
    ax.set(xlabel="$d_k$", ylabel=ylabel, ylim=(0, 1))
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    ax.legend()
    return ax


def plot_networks(histories: Mapping[str, Sequence[Sequence[float]]]) -> Axes:
    """Draw the loss of each epoch: of several networks, each with a line for every seed."""
    _, ax = plt.subplots()
    for (name, runs), colour in zip(histories.items(), ("hidden", "input", "update"), strict=False):
        for k, losses in enumerate(runs):
            epochs = range(1, len(losses) + 1)
            ax.semilogy(epochs, losses, color=COLOURS[colour], label="" if k else name, lw=1.2)
    ax.set(xlabel="epoch", ylabel="loss for a character")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax
