"""Figures about images: tiles by class, a network's input, curves, confusion, mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from .counts import confusion_counts as confusion_counts
from .counts import draw_counts
from .style import COLOURS

_STYLES = (("input", "-"), ("hidden", "--"), ("cell", "-."), ("update", ":"), ("forget", "-"))


def plot_classes(x: np.ndarray, y: np.ndarray, names: Sequence[str], each: int = 12) -> Axes:
    """Show the first images of each class in a row: x (m, H, W, 3) uint8, y (m, 1) labels."""
    labels = np.ravel(y)
    H, W = x.shape[1:3]
    page = np.full((len(names) * (H + 2), each * (W + 2), 3), 255, np.uint8)
    for row in range(len(names)):
        for column, image in enumerate(x[labels == row][:each]):
            top, left = row * (H + 2), column * (W + 2)
            page[top : top + H, left : left + W] = image
    _, ax = plt.subplots(figsize=(6.4, 0.5 * len(names) + 0.2))
    ax.imshow(page, interpolation="nearest")
    ax.set_yticks(np.arange(len(names)) * (H + 2) + H / 2, names)
    return _bare(ax)


def plot_readings(image: np.ndarray, readings: Mapping[str, np.ndarray]) -> list[Axes]:
    """Show an image (H, W, 3), and beside it sequences (steps, numbers), one line a step."""
    panels = {"the image": image}
    for title, sequence in readings.items():
        panels[title] = sequence.reshape(len(sequence), -1, 3)  # three numbers a dot again
    _, axes = plt.subplots(1, len(panels), figsize=(6.8, 2.6), squeeze=False)
    for ax, (title, dots) in zip(axes[0], panels.items(), strict=True):
        ax.imshow(dots, interpolation="nearest")
        ax.set_title(title, fontsize=9)
        _bare(ax).set_yticks([])
    for ax in axes[0, 1:]:
        ax.set_ylabel("steps, from above")
        ax.set_xlabel("numbers in a step")
    return list(axes[0])


def plot_learning(histories: Mapping[str, Mapping[str, Sequence[float]]]) -> tuple[Axes, Axes]:
    """Draw loss and accuracy over the epochs: name -> Keras's history with "loss", "accuracy"."""
    _, (left, right) = plt.subplots(1, 2, figsize=(7.2, 2.6))
    for (name, kept), (colour, style) in zip(histories.items(), _STYLES, strict=False):
        for ax, key in ((left, "loss"), (right, "accuracy")):
            at = np.arange(1, len(kept[key]) + 1)
            ax.plot(at, kept[key], style, marker="o", ms=3, color=COLOURS[colour], label=name)
    left.set(xlabel="epoch", ylabel="loss, training")
    right.set(xlabel="epoch", ylabel="accuracy, training", ylim=(0, 1))
    for ax in (left, right):
        ax.xaxis.get_major_locator().set_params(integer=True)
    right.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8)
    return left, right


def plot_confusion(counts: np.ndarray, names: Sequence[str], title: str = "") -> Axes:
    """Draw confusion counts (classes, classes), true classes as rows, with the classes' names."""
    ax = draw_counts(np.asarray(counts), names, figsize=(4.6, 4.2), fontsize=7)
    ax.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(names)), names)
    if title:
        ax.set_title(f"{title}: {ax.get_title()}")
    return ax


def plot_mistakes(
    x: np.ndarray,
    Y_true: Sequence[int],
    Y_pred: Sequence[int],
    names: Sequence[str],
    most: int = 10,
) -> list[Axes]:
    """Show the first misclassified images, each with its class and the predicted one."""
    true, predicted = np.ravel(Y_true), np.ravel(Y_pred)
    wrong = np.flatnonzero(true != predicted)[:most]
    columns = max(1, (most + 1) // 2)
    fig, axes = plt.subplots(2, columns, figsize=(6.8, 3.2), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, i in zip(axes.flat, wrong, strict=False):
        ax.imshow(x[i], interpolation="nearest")
        ax.set_title(f"{names[true[i]]}\nread as {names[predicted[i]]}", fontsize=8)
    return list(axes.flat)


def _bare(ax: Axes) -> Axes:
    """Remove grid, frame and the ticks along x."""
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.grid(False)
    for side in ax.spines.values():
        side.set_visible(False)
    return ax
