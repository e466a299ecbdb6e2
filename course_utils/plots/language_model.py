"""Figures of the language model notebook: learning curves, shares, a text as a network reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from .style import COLOURS

_STYLES = (("hidden", "-"), ("cell", "--"), ("update", "-."), ("input", ":"))
_SHOWN = {" ": "␣", "\n": "¶", "\t": "⇥"}  # characters that would leave no mark


def _visible(character: str) -> str:
    return _SHOWN.get(character, character)


def plot_learning(
    curves: Mapping[str, Mapping[int, float]], baselines: Mapping[str, float], top: float = 4.8
) -> Axes:
    """Plot bits per character against the update, and models that count as level lines.

    curves: name -> {update: bits}. Baselines above `top` are left out.
    """
    _, ax = plt.subplots(figsize=(6.4, 3.2))
    for (name, values), (colour, style) in zip(curves.items(), _STYLES, strict=False):
        ax.plot(list(values), list(values.values()), style, color=COLOURS[colour], label=name)
    for name, bits in baselines.items():
        if bits <= top:
            ax.axhline(bits, color=COLOURS["text"], lw=0.8)
            ax.annotate(name, (1.0, bits), xycoords=("axes fraction", "data"), xytext=(4, 0),
                        textcoords="offset points", va="center", fontsize=8)  # fmt: skip
    lowest = min([*baselines.values(), *(min(values.values()) for values in curves.values())])
    ax.set(xlabel="update", ylabel="bits per character", ylim=(lowest - 0.15, top))
    ax.legend(loc="upper right", bbox_to_anchor=(1.0, 0.9))
    return ax


def plot_shares(
    shares: Mapping[str, np.ndarray],
    characters: Sequence[str],
    most: int = 12,
    ylabel: str = "probability",
) -> Axes:
    """Draw what each of several distributions gives to the `most` characters with the longest bars.

    shares: name -> (n_y,).
    """
    order = np.argsort(-np.abs(list(shares.values())).max(axis=0), kind="stable")[:most]
    _, ax = plt.subplots(figsize=(6.4, 2.6))
    width = 0.8 / len(shares)
    for i, ((name, values), (colour, _)) in enumerate(zip(shares.items(), _STYLES, strict=False)):
        place = np.arange(len(order)) + (i - (len(shares) - 1) / 2) * width
        ax.bar(place, values[order], width, color=COLOURS[colour], label=name)
    ax.set_xticks(range(len(order)), [_visible(characters[i]) for i in order])
    ax.axhline(0, color=COLOURS["text"], lw=0.8)
    ax.set(xlabel="character", ylabel=ylabel)
    ax.grid(axis="x", visible=False)
    ax.legend()
    return ax


def plot_steps(nudges: Sequence[float], errors: Sequence[float]) -> Axes:
    """Plot how wrong a slope is against how far a weight was nudged, both on logarithmic axes."""
    _, ax = plt.subplots(figsize=(4.6, 2.6))
    ax.loglog(nudges, errors, "o-", ms=4, color=COLOURS["hidden"])
    ax.set(xlabel="nudge", ylabel="relative difference")
    return ax


def plot_reading(
    text: str,
    rows: Mapping[str, np.ndarray],
    width: int = 64,
    limit: float = 1.0,
    label: str = "value",
) -> list[Axes]:
    """Write a text out, once for each row of values, every character on the colour of its value.

    rows: title -> (len(text),), from -limit to limit; label: what they are, beside the colours.
    Raises ValueError for other lengths.
    """
    for title, values in rows.items():
        if len(values) != len(text):
            raise ValueError(f"{title}: expected {len(text)} values, found {len(values)}")
    lines = -(-len(text) // width)
    _, axes = plt.subplots(len(rows), 1, squeeze=False,
                           figsize=(7.2, (0.24 * lines + 0.35) * len(rows)))  # fmt: skip
    for ax, (title, values) in zip(axes[:, 0], rows.items(), strict=True):
        grid = np.full(lines * width, np.nan)
        grid[: len(text)] = values
        image = ax.imshow(grid.reshape(lines, width), cmap="PuOr", vmin=-limit, vmax=limit,
                          aspect="auto")  # fmt: skip
        for i, character in enumerate(text):
            ink = "white" if abs(values[i]) > 0.65 * limit else "#222222"
            ax.text(i % width, i // width, _visible(character), ha="center", va="center",
                    fontsize=7, family="monospace", color=ink)  # fmt: skip
        ax.set(xticks=[], yticks=[], title=title)
        ax.grid(False)
        ax.figure.colorbar(image, ax=ax, shrink=0.9, ticks=[-limit, 0, limit], label=label)
    return list(axes[:, 0])
