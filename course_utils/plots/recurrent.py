"""Figures of the recurrent notebooks: the unrolled cell, states, gates, gradient norms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from .html_figures import describe
from .style import COLOURS

Point = tuple[float, float]


def _write(ax: Axes, x: float, y: float, text: str, colour: str, **how: Any) -> None:
    ax.text(x, y, text, color=COLOURS[colour], va="center", **{"ha": "center", **how})


def _box(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    box = FancyBboxPatch((x - 0.45, y - 0.3), 0.9, 0.6, "round,pad=0.02,rounding_size=0.12")
    box.set(facecolor="none", edgecolor=COLOURS[colour], linewidth=1.6)
    ax.add_patch(box)
    _write(ax, x, y, text, colour)


def _arrow(ax: Axes, start: Point, end: Point, colour: str, style: str = "-") -> None:
    arrow = {"arrowstyle": "-|>", "color": COLOURS[colour], "lw": 1.4, "ls": style}
    ax.annotate("", xy=end, xytext=start, arrowprops=arrow | {"shrinkA": 0, "shrinkB": 0})


def draw_unrolled(steps: int = 4, *, backward: bool = False) -> Axes:
    """Draw a recurrent cell unrolled over `steps` time steps, with the gradient's way if asked."""
    _, ax = plt.subplots(figsize=(4.0, 2.0))
    for t in range(steps):
        x = 1.7 * t
        _box(ax, x, 0, "cell", "hidden")
        _write(ax, x, -1.25, f"$x^{{\\langle {t} \\rangle}}$", "input")
        _arrow(ax, (x, -0.95), (x, -0.34), "input")
        _write(ax, x, 1.25, f"$\\hat{{y}}^{{\\langle {t} \\rangle}}$", "output")
        _arrow(ax, (x, 0.34), (x, 0.95), "output")
        _arrow(ax, (x - 1.2, 0.08), (x - 0.5, 0.08), "hidden")
        state = f"$a^{{\\langle {t - 1} \\rangle}}$" if t else "$a_0$"
        _write(ax, x - 0.86, 0.36, state, "hidden", fontsize=8)
        if backward:
            _arrow(ax, (x - 0.5, -0.12), (x - 1.2, -0.12), "wrong", ":")
    last = 1.7 * (steps - 1)
    _arrow(ax, (last + 0.5, 0.08), (last + 1.2, 0.08), "hidden")
    if backward:
        _write(ax, last + 1.25, -0.45, "gradient", "wrong", ha="right", fontsize=8)
    ax.set(xlim=(-1.4, 1.7 * steps - 0.4), ylim=(-1.6, 1.6))
    ax.axis("off")
    text = (
        f"A network unrolled over {steps} time steps: at each, the same cell reads an input and "
        "the state of the step before, and gives an output and the next state."
    )
    back = " The gradient goes back along the states, from the last cell to the first."
    describe(ax.figure, text + (back if backward else ""))
    return ax


def plot_states(a: np.ndarray, title: str = "", *, example: int = 0) -> Axes:
    """Show the hidden states (n_a, m, T_x) of one example as a map: units down, time across."""
    _, ax = plt.subplots(figsize=(6.0, 2.2))
    image = ax.imshow(a[:, example, :], cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    ax.set(xlabel="time step", ylabel="unit", title=title)
    ax.grid(False)
    ax.figure.colorbar(image, ax=ax, label="state")
    return ax


def plot_lines(
    curves: Mapping[str, Sequence[float]],
    *,
    ylabel: str,
    title: str = "",
    log: bool = False,
    colours: Mapping[str, str] | None = None,
    xlabel: str = "time step",
) -> Axes:
    """Plot one line for each name against the time step."""
    _, ax = plt.subplots()
    for name, values in curves.items():
        ax.plot(np.arange(len(values)), values, label=name, color=(colours or {}).get(name))
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if log:
        ax.set_yscale("log")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def plot_gates(caches: list, *, example: int = 0, unit: int = 0) -> tuple[Axes, Axes]:
    """Plot the gates of one LSTM unit over time, and below them its cell and hidden state.

    `caches` is the list of cell caches that `lstm_forward` returns.
    """
    _, (top, bottom) = plt.subplots(2, 1, figsize=(6.0, 3.4), sharex=True)
    places = {"forget": (4, "-"), "update": (5, "--"), "output": (7, ":")}
    for name, (place, style) in places.items():
        values = [cache[place][unit, example] for cache in caches]
        top.plot(values, style, ds="steps-mid", color=COLOURS[name], label=f"{name} gate")
    top.set(ylim=(-0.05, 1.05), ylabel="gate")
    for name, place in {"cell": 1, "hidden": 0}.items():
        values = [cache[place][unit, example] for cache in caches]
        bottom.plot(values, ds="steps-mid", color=COLOURS[name], label=f"{name} state")
    bottom.set(xlabel="time step", ylabel="state")
    for ax in (top, bottom):
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return top, bottom


def plot_agreement(ours: Mapping[str, np.ndarray], theirs: Mapping[str, np.ndarray]) -> Axes:
    """Plot two sets of gradients against each other: on the diagonal they agree."""
    _, ax = plt.subplots(figsize=(3.4, 3.0))
    largest = max(float(np.abs(value).max()) for value in theirs.values())
    ax.plot([-largest, largest], [-largest, largest], color=COLOURS["text"], lw=0.8)
    for name in theirs:
        ax.plot(theirs[name].ravel(), ours[name].ravel(), "o", ms=4, alpha=0.8, label=name)
    ax.set(xlabel="by nudging each number", ylabel="by your formula")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax
