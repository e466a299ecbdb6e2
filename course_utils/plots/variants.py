"""Figures of RNN variants: powers of a matrix, a cliff, gates, reach, the race, forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from .html_figures import describe
from .style import COLOURS

KINDS = {"SRNN": ("hidden", ":"), "GRU": ("update", "--"), "LSTM": ("cell", "-")}  # colour, line
_STYLES = ("-", "--", "-.", ":")


def plot_powers(
    found: Mapping[str, tuple[np.ndarray, np.ndarray]], eigenvalues: Mapping[str, np.ndarray]
) -> tuple[Axes, Axes]:
    """Draw eigenvalues in the complex plane, and beside it the norms of the powers.

    `found` maps a name to (sizes, norms) as `powers_of_recurrence` returns them, `eigenvalues`
    the same names to complex numbers. Thin lines are powers of the largest size.
    """
    _, (plane, ax) = plt.subplots(1, 2, figsize=(6.8, 2.8), width_ratios=(1, 1.5))
    angle = np.linspace(0, 2 * np.pi, 200)
    plane.plot(np.cos(angle), np.sin(angle), color=COLOURS["text"], lw=0.8)
    names = ("input", "hidden", "cell", "forget")
    for (name, (sizes, norms)), style, colour, marker in zip(
        found.items(), _STYLES, names, "os^D", strict=False
    ):
        values = eigenvalues[name]
        plane.plot(values.real, values.imag, marker, ms=5, color=COLOURS[colour], alpha=0.8)
        k = np.arange(len(norms))
        ax.plot(k, norms, style, marker=marker, ms=3, color=COLOURS[colour], label=name)
        ax.plot(k, sizes[0] ** k, color=COLOURS[colour], lw=0.7, alpha=0.7)
    plane.set(aspect="equal", xlabel="real part", ylabel="imaginary part", title="eigenvalues")
    ax.set(yscale="log", xlabel="power k", ylabel="norm", title="norm of the k-th power")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return plane, ax


def plot_walks(
    weights: Sequence[float], losses: Sequence[float], walks: Mapping[str, np.ndarray]
) -> Axes:
    """Draw a loss over one weight, and walks down it: name -> rows of (weight, loss)."""
    _, ax = plt.subplots()
    ax.plot(weights, losses, color=COLOURS["text"], lw=1.0)
    for (name, steps), colour, marker in zip(walks.items(), ("wrong", "cell"), "Xo", strict=False):
        ax.plot(*steps.T, ":", marker=marker, ms=6, color=COLOURS[colour], label=name, alpha=0.8)
    ax.set(xlabel="recurrent weight", ylabel="loss")
    ax.legend()
    return ax


def plot_gru(caches: list, x: np.ndarray, *, unit: int = 0) -> tuple[Axes, Axes]:
    """Plot a GRU unit's gates over time, and below its state with channel 0 of x (n_x, 1, T_x).

    `caches` is the list of cell caches that `gru_forward` returns.
    """
    _, (top, bottom) = plt.subplots(2, 1, figsize=(6.0, 3.2), sharex=True)
    for name, place, colour, style in (
        ("update z", 2, "update", "-"),
        ("reset r", 3, "forget", ":"),
    ):
        values = [cache[place][unit, 0] for cache in caches]
        top.plot(values, style, ds="steps-mid", color=COLOURS[colour], label=name)
    top.set(ylim=(-0.05, 1.05), ylabel="gate")
    bottom.plot(x[0, 0], ".", color=COLOURS["input"], label="input value")
    states = [cache[0][unit, 0] for cache in caches]
    bottom.plot(states, ds="steps-mid", color=COLOURS["hidden"], label="hidden state")
    bottom.set(xlabel="time step", ylabel="value")
    for ax in (top, bottom):
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return top, bottom


def plot_around(values: np.ndarray, marks: np.ndarray, *, reach: int = 10, label: str = "") -> Axes:
    """Map each unit's mean value in the steps around a mark, units with a peak there on top.

    values: (n_a, m, T_x), from 0 to 1; marks: (m, T_x), not 0 where there is a mark. Marks with
    fewer than `reach` steps on either side are left out.
    """
    at = [(e, t) for e, t in np.argwhere(marks) if reach <= t < marks.shape[1] - reach]
    mean = np.mean([values[:, e, t - reach : t + reach + 1] for e, t in at], axis=0)
    peaks = mean[:, reach] - mean.mean(axis=1)  # (n_a,)
    _, ax = plt.subplots(figsize=(6.0, 3.2))
    image = ax.imshow(
        mean[np.argsort(-peaks)],
        cmap="viridis",
        vmin=0,
        vmax=1,
        aspect="auto",
        extent=(-reach - 0.5, reach + 0.5, len(mean), 0),
    )
    ax.set(
        xlabel="steps from the mark", ylabel="unit", yticks=[], xticks=range(-reach, reach + 1, 5)
    )
    ax.grid(False)
    plt.colorbar(image, ax=ax, label=label)
    return ax


def plot_reach(change: np.ndarray, step: int, length: int) -> Axes:
    """Show which states (2 n_a, T_x) of a bidirectional network an input at `step` changed.

    Steps from `length` on are padding.
    """
    _, ax = plt.subplots(figsize=(6.0, 2.4))
    rows, T_x = change.shape
    shown = np.where(np.abs(change) > 0, np.abs(change), np.nan)
    image = ax.imshow(shown, cmap="viridis_r", aspect="auto", norm="log")
    ax.axhline(rows / 2 - 0.5, color=COLOURS["text"], lw=1.2)
    ax.axvline(step, color=COLOURS["wrong"], lw=1.2, ls="--")
    if length < T_x:
        ax.axvspan(
            length - 0.5, T_x - 0.5, facecolor="none", edgecolor=COLOURS["text"], hatch="//", lw=0
        )
    ax.set_yticks([rows / 4 - 0.5, 3 * rows / 4 - 0.5], ["reads\nforwards", "reads\nbackwards"])
    ax.set(xlabel="time step")
    ax.grid(False)
    ax.figure.colorbar(image, ax=ax, label="change of the state")
    return ax


def plot_race(
    losses: Mapping[str, Sequence[np.ndarray]], baseline: float, window: int = 25
) -> Axes:
    """Plot each run's loss (averaged over a few updates) on a logarithmic axis."""
    _, ax = plt.subplots(figsize=(6.4, 2.8))
    for kind, runs in losses.items():
        colour, style = KINDS[kind]
        for number, run in enumerate(runs):
            width = min(window, len(run))
            smooth = np.convolve(run, np.ones(width) / width, mode="valid")
            ax.plot(np.arange(len(smooth)) + width, smooth, style, color=COLOURS[colour],
                    alpha=0.85, lw=1.3, label=kind if not number else None)  # fmt: skip
    ax.axhline(baseline, color=COLOURS["text"], lw=0.8)
    ax.annotate("always answer 1", (1.0, baseline), xycoords=("axes fraction", "data"),
                xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)  # fmt: skip
    ax.set(xlabel="update", ylabel="mean squared error", yscale="log")
    ax.legend(loc="lower left")
    return ax


def plot_distance(panels: Mapping[str, Mapping[str, np.ndarray]]) -> list[Axes]:
    """Plot gradient sizes against distance, a panel each: kind -> (seeds, distances)."""
    _, axes = plt.subplots(1, len(panels), figsize=(6.8, 2.8), sharey=True, squeeze=False)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        for kind, runs in curves.items():
            colour, style = KINDS[kind]
            ax.plot(np.exp(np.log(runs).mean(axis=0)), style, color=COLOURS[colour], label=kind)
            ax.fill_between(np.arange(runs.shape[1]), runs.min(axis=0), runs.max(axis=0),
                            color=COLOURS[colour], alpha=0.15, lw=0)  # fmt: skip
        ax.set(title=title, xlabel="steps back", yscale="log")
    axes[0, 0].set_ylabel("gradient, relative to\nthe last step's")
    axes[0, -1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return list(axes[0])


def plot_forecasts(
    months: np.ndarray,
    known: np.ndarray,
    true: np.ndarray,
    forecasts: Mapping[str, np.ndarray],
    errors: Mapping[str, Sequence[np.ndarray]],
) -> tuple[Axes, Axes]:
    """Draw forecasts from one month, and beside them the mean error of each kind by months ahead.

    months: dates of `known` and `true`, one after the other; forecasts: name -> as `true`;
    errors: name -> (months ahead,) for every start of a network, in ppm.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.0), width_ratios=(1.1, 1))
    past, future = months[: len(known)], months[len(known) :]
    left.plot(past, known, color=COLOURS["text"], lw=1.0, label="known")
    left.plot(future, true, "o", ms=3, color=COLOURS["text"], label="what came")
    names = ("input", "hidden", "forget", "output", "update")
    kinds = {name: (COLOURS[colour], style) for name, colour, style in
             zip(errors, names, (":", "--", "-.", (0, (5, 1)), "-"), strict=False)}  # fmt: skip
    for name, values in forecasts.items():
        left.plot(future, values, color=kinds[name][0], ls=kinds[name][1])
    for name, runs in errors.items():
        for k, run in enumerate(runs):
            right.plot(np.arange(1, len(run) + 1), run, color=kinds[name][0], ls=kinds[name][1],
                       lw=0.9 if runs[1:] else 1.8, zorder=2 if runs[1:] else 2.5,
                       label="" if k else name)  # fmt: skip
    left.set(xlabel="year", ylabel="carbon dioxide, ppm")
    left.legend(loc="upper left")
    right.set(xlabel="months ahead", ylabel="mean error, ppm", ylim=(0, None))
    right.set_xticks(range(0, len(next(iter(errors.values()))[0]) + 1, 6))
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    ends = [f"{name} {np.mean(runs, axis=0)[0]:.2f} and {np.mean(runs, axis=0)[-1]:.2f}"
            for name, runs in errors.items()]  # fmt: skip
    describe(
        figure,
        "Left: carbon dioxide by month, and forecasts from one month on. Right: lines of the mean "
        f"error in ppm, for the next month and the last one forecast: {', '.join(ends)}.",
    )
    return left, right
