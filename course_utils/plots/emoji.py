"""Emoji on matplotlib's axes, which can't use colour fonts: our own icons instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.offsetbox import AnnotationBbox, DrawingArea
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path

from .counts import confusion_counts, draw_counts
from .emoji_icons import ICONS, NAMES

_CODES = {"M": [Path.MOVETO], "L": [Path.LINETO], "C": [Path.CURVE4] * 3, "Z": [Path.CLOSEPOLY]}


def icon(label: int, size: float = 16) -> DrawingArea:
    """Return the icon of a label as a box `size` points wide and high, to place on a figure."""
    box = DrawingArea(size, size)
    for shape, fill, stroke, width in ICONS[label]:
        paint: dict[str, Any] = {
            "facecolor": fill or "none",
            "edgecolor": stroke or "none",
            "linewidth": width * size / 100,
            "capstyle": "round",
            "joinstyle": "round",
        }
        if isinstance(shape, str):
            box.add_artist(PathPatch(_path(shape, size), **paint))
        else:
            cx, cy, r = (number * size / 100 for number in shape)
            box.add_artist(Circle((cx, size - cy), r, **paint))
    return box


def emoji_ticks(ax: Axes, axis: str, size: float = 16) -> None:
    """Put the five icons at 0..4 along `axis`, "x" or "y", where the tick labels would be."""
    if axis not in ("x", "y"):
        raise ValueError(f'axis is {axis!r}: expected "x" or "y"')
    along = ax.xaxis if axis == "x" else ax.yaxis
    along.set_ticks(range(len(ICONS)), NAMES, fontsize=1, alpha=0)  # named, but not to be seen
    along.set_tick_params(length=0, pad=size + 6)  # the axis label stays clear of the icons
    for label in range(len(ICONS)):
        at, beside, where = (
            ((label, 0), (0, -size / 2 - 4), ax.get_xaxis_transform())
            if axis == "x"
            else ((0, label), (-size / 2 - 4, 0), ax.get_yaxis_transform())
        )
        placed = AnnotationBbox(
            icon(label, size), at, beside, xycoords=where, boxcoords="offset points", frameon=False
        )
        placed.set_gid(f"{axis}-{NAMES[label]}")
        ax.add_artist(placed)


def plot_confusion_matrix(Y_true: Sequence[int], Y_pred: Sequence[int]) -> Axes:
    """Draw how often each label, (m,), was predicted as each; right answers on the diagonal.

    Raises ValueError for labels outside 0..4, none at all, or lengths that differ.
    """
    C = len(ICONS)
    counts = confusion_counts(Y_true, Y_pred, C)  # (5, 5)
    ax = draw_counts(counts, NAMES, figsize=(3.8, 3.4), fontsize=9)
    emoji_ticks(ax, "x")
    emoji_ticks(ax, "y")
    ax.set(xlim=(-0.5, C - 0.5), ylim=(C - 0.5, -0.5))  # the icons would widen them
    return ax


def _path(d: str, size: float) -> Path:
    """Turn an SVG path of absolute M, L, C and Z into matplotlib's, y up and scaled to `size`."""
    vertices, codes, letter, start = [], [], "", (0.0, 0.0)
    tokens = iter(d.split())
    for token in tokens:
        if token in _CODES:
            letter = token
            if letter == "Z":
                vertices.append(start)
                codes += _CODES["Z"]
                continue
            token = next(tokens)
        points = [(float(token), float(next(tokens)))]
        points += [
            (float(next(tokens)), float(next(tokens))) for _ in range(len(_CODES[letter]) - 1)
        ]
        start = points[0] if letter == "M" else start
        vertices += points
        codes += _CODES[letter]
    return Path(np.array(vertices) * (size / 100, -size / 100) + (0, size), codes)
