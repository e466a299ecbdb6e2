"""Pictures of word vectors: a map of words, an analogy as two arrows, shares, a loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from .html_figures import describe
from .style import COLOURS

_GROUP_COLOURS = ("input", "hidden", "cell", "update", "forget", "candidate", "output")
_MARKERS = "osD^vPX"


def principal_axes(vectors: np.ndarray, k: int = 2) -> np.ndarray:
    """Return the k directions in which the rows of `vectors`, (m, n), vary most: (k, n).

    Rows are centred first. The sign of each direction makes its largest component positive.
    """
    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:k]  # (k, n)
    greatest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return axes * np.sign(greatest)


def project(vectors: np.ndarray) -> np.ndarray:
    """Project the rows of `vectors`, (m, n), on their two principal axes: (m, 2)."""
    return (vectors - vectors.mean(axis=0)) @ principal_axes(vectors).T


def word_map(
    groups: Mapping[str, Sequence[str]],
    word_to_vec_map: Mapping[str, np.ndarray],
    title: str = "",
) -> Axes:
    """Draw words as dots on their two principal axes, one colour and marker for each group."""
    words = [word for group in groups.values() for word in group]
    points = project(np.stack([word_to_vec_map[word] for word in words]))  # (n_words, 2)
    _, ax = plt.subplots(figsize=(6.4, 4.0))
    start = 0
    for i, (name, group) in enumerate(groups.items()):
        own = points[start : start + len(group)]
        colour = COLOURS[_GROUP_COLOURS[i % len(_GROUP_COLOURS)]]
        ax.scatter(
            own[:, 0], own[:, 1], s=18, color=colour, marker=_MARKERS[i % len(_MARKERS)], label=name
        )
        start += len(group)
    ax.set(xlabel="first principal axis", ylabel="second", title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)
    ax.margins(0.14, 0.1)
    _label(ax, points, words)
    return ax


def analogy(
    word_a: str, word_b: str, word_c: str, word_d: str, word_to_vec_map: Mapping[str, np.ndarray]
) -> Axes:
    """Draw a -> b and c -> d as arrows on the plane where the four words spread most."""
    words = [word_a, word_b, word_c, word_d]
    points = project(np.stack([word_to_vec_map[word] for word in words]))  # (4, 2)
    _, ax = plt.subplots(figsize=(4.4, 2.9))
    ax.scatter(points[:, 0], points[:, 1], s=18, color=COLOURS["text"])
    for start, end, colour in ((0, 1, "input"), (2, 3, "hidden")):
        arrow = {"arrowstyle": "-|>", "color": COLOURS[colour], "lw": 2, "shrinkA": 4, "shrinkB": 4}
        ax.annotate("", points[end], points[start], arrowprops=arrow)
    for start, end in ((0, 2), (1, 3)):
        ax.plot(*points[[start, end]].T, ":", color=COLOURS["text"], lw=1)
    lines = [points[[start, end]] for start, end in ((0, 1), (2, 3), (0, 2), (1, 3))]
    ax.set_aspect("equal", adjustable="datalim")
    ax.margins(0.22)
    ax.set(title=f"{word_a} is to {word_b} as {word_c} is to {word_d}")
    ax.set(xticklabels=[], yticklabels=[])
    _label(ax, points, words, lines)
    return ax


def plot_shares(shares: Mapping[str, Mapping[str, float]]) -> Axes:
    """Draw the share of analogies solved as bars: relation -> rule -> share from 0 to 1."""
    rules = list(next(iter(shares.values())))
    _, ax = plt.subplots(figsize=(6.4, 2.8))
    at, width = np.arange(len(shares)), 0.8 / len(rules)
    for k, rule in enumerate(rules):
        place = at + (k - (len(rules) - 1) / 2) * width
        heights = [found[rule] for found in shares.values()]
        colour = COLOURS[_GROUP_COLOURS[k]]
        ax.bar(place, heights, width, label=rule, color=colour, hatch=("", "//", "..")[k % 3])
    ax.set_xticks(at, list(shares))
    ax.set(ylabel="share solved", ylim=(0, 1))
    ax.grid(axis="x", visible=False)
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=len(rules), fontsize=8)
    return ax


def plot_answering(losses: Mapping[int, float]) -> Axes:
    """Draw the loss in bits a question against the update, update -> loss, beside a coin's."""
    _, ax = plt.subplots()
    ax.plot(list(losses), list(losses.values()), color=COLOURS["hidden"], label="the vectors")
    ax.axhline(1.0, color=COLOURS["text"], lw=0.8, ls="--", label="a coin")
    ax.set(xlabel="update", ylabel="loss, bits a question")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    first, last = list(losses.values())[0], list(losses.values())[-1]
    describe(
        ax.figure,
        f"Line plot: the loss in bits a question goes from {first:.3f} to {last:.3f}; a level line "
        "at 1 shows the loss of a coin.",
    )
    return ax


def _label(
    ax: Axes, points: np.ndarray, words: Iterable[str], lines: Iterable[np.ndarray] = ()
) -> None:
    """Write each word beside its dot, inside the axes, and clear of other words, dots and lines."""
    figure: Any = ax.figure  # drawn by Agg, whose canvas has a renderer
    figure.draw_without_rendering()  # settles the layout, so that sizes in pixels are known
    renderer = figure.canvas.get_renderer()
    unit = figure.dpi / 72
    dots = ax.transData.transform(points)  # (m, 2) pixels
    taken = [_square(dot, 4 * unit) for dot in dots]
    for line in lines:
        start, end = ax.transData.transform(line)
        taken += [_square(start + k / 30 * (end - start), 3 * unit) for k in range(31)]
    frame = ax.get_window_extent(renderer)
    named: list[Bbox] = []
    for row, (word, point) in enumerate(zip(words, points, strict=True)):
        text = ax.annotate(word, point, (0, 0), textcoords="offset points", fontsize=8.5)
        text.set_in_layout(False)
        best: tuple[float, tuple, Bbox] | None = None  # cost, place, the word's box
        for dx, dy, ha, va in _places():
            text.set(position=(dx, dy), ha=ha, va=va)
            box = text.get_window_extent(renderer)
            clash = sum(_shared(box, other) for other in taken)
            path = _path(dots[row], box)
            clash += 20.0 * sum(_shared(bit, other) for bit in path for other in named)
            outside = box.width * box.height - _shared(box, frame)
            cost = clash + 4 * outside
            if best is None or cost < best[0] - 1e-6:
                best = cost, (dx, dy, ha, va), box
            if cost < 1e-6:
                break
        assert best is not None  # there are places
        _, (dx, dy, ha, va), box = best
        text.set(position=(dx, dy), ha=ha, va=va)
        taken.append(box.padded(unit))
        named.append(box)
        if np.hypot(dx, dy) > 8:  # far from its dot: join them by a line
            _leader(ax, point, (dx, dy))


def _path(dot: np.ndarray, box: Bbox) -> list[Bbox]:
    """Return small squares on the way from a dot to the nearest point of its label's box."""
    nearest = np.clip(dot, box.min, box.max)
    return [_square(dot + k / 8 * (nearest - dot), 1.0) for k in range(9)]


def _square(centre: np.ndarray, half: float) -> Bbox:
    return Bbox([centre - half, centre + half])


def _leader(ax: Axes, point: np.ndarray, position: tuple[float, float]) -> None:
    line = {"arrowstyle": "-", "color": COLOURS["text"], "lw": 0.6, "alpha": 0.7}
    line |= {"shrinkA": 0, "shrinkB": 3}
    at = (float(point[0]), float(point[1]))
    leader = ax.annotate("", at, position, textcoords="offset points", arrowprops=line)
    leader.set_in_layout(False)


def _places() -> Iterable[tuple[float, float, str, str]]:
    """Yield places for a label around its dot, nearest first, as offsets in points."""
    sides = (0, 8, 4, 12, 2, 14, 6, 10, 1, 15, 7, 9, 3, 5, 11, 13)  # right, left, above, below, ...
    for far in (5, 11, 17, 24, 32, 42):
        for side in sides:
            x, y = np.cos(side * np.pi / 8), np.sin(side * np.pi / 8)
            ha = "left" if x > 0.2 else "right" if x < -0.2 else "center"
            va = "bottom" if y > 0.2 else "top" if y < -0.2 else "center"
            yield far * x, far * y, ha, va


def _shared(one: Bbox, other: Bbox) -> float:
    """Return the area that two boxes share, in square pixels."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(width, 0.0) * max(height, 0.0)
