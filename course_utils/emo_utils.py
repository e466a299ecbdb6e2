"""Read sentences labelled with an emoji, and show a model's predictions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_utils.data import locate
from course_utils.demos.softmax_regression import train_compiled
from course_utils.emojis.sentences import label_to_emoji, print_predictions, read_labelled
from course_utils.files.opening import find
from course_utils.plots.tables import emoji_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "EMBEDDED", "accuracy_interval", "convert_to_one_hot", "emoji_table", "label_to_emoji",
    "plot_confusion_matrix", "predict", "print_predictions", "read_csv", "softmax",
    "train_compiled",
]  # fmt: skip

EMBEDDED = ("train", "test", "hard")


def read_csv(
    path: str | Path = "train", C: int = 5, member: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Read sentences and their labels: the course's own, or those of any table in a text file.

    path: "train", "test" or "hard" for the course's files, or a file with commas, semicolons, tabs
    or bars between its cells, with or without a header; in an archive, `member` names it. One
    warning says which choices were uncertain, such as the columns taken.
    Returns X, (m,) strings, and Y, (m,) whole numbers from 0 to C - 1.
    Raises FileNotFoundError; ValueError that describes the first bad rows, by their numbers in the
    file, and counts the rest.
    """
    if path in EMBEDDED:
        file = locate(f"data/emoji_{path}.csv")
    else:
        file = find(path, f"The course's own are {', '.join(map(repr, EMBEDDED))}.")
    return read_labelled(file, C, member)


def convert_to_one_hot(Y: Sequence[int], C: int = 5) -> np.ndarray:
    """Return (m, C) zeros with a one in the column of each label of Y, (m,).

    Raises ValueError for a label that isn't a whole number from 0 to C - 1.
    """
    labels = np.ravel(Y)
    odd = [label for label in labels.tolist() if label not in range(C)]
    if odd:
        raise ValueError(f"Y has {odd[0]!r}: expected whole numbers from 0 to {C - 1}")
    return np.eye(C)[labels.astype(int)]


def softmax(x: np.ndarray) -> np.ndarray:
    """Return probabilities of the shape of x, which sum to 1 along its last axis."""
    x = np.asarray(x, np.float64)
    e = np.exp(x - x.max(axis=-1, keepdims=True))  # the greatest becomes 1: nothing overflows
    return e / e.sum(axis=-1, keepdims=True)


def predict(X_avg: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the most probable label of each row of X_avg: (m,).

    X_avg: (m, n) averages of word vectors, or (n,) for one sentence; W: (C, n); b: (C,).
    Raises ValueError for shapes that don't fit.
    """
    X_avg, W, b = np.atleast_2d(X_avg), np.asarray(W), np.ravel(b)
    if W.ndim != 2 or X_avg.ndim != 2 or X_avg.shape[1] != W.shape[1] or len(b) != len(W):
        raise ValueError(
            f"shapes don't fit: X_avg {X_avg.shape}, W {W.shape}, b {b.shape}; "
            "expected (m, n), (C, n), (C,)"
        )
    return (X_avg @ W.T + b).argmax(axis=1)  # softmax keeps the order, so it isn't needed


def accuracy_interval(right: int, m: int) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy of which `right` of m examples were seen.

    Source: Wilson (1927). Raises ValueError unless 0 <= right <= m and m > 0.
    """
    if not 0 <= right <= m or m == 0:
        raise ValueError(f"{right} right of {m} is no accuracy")
    z = 1.96
    share = right / m
    middle = (share + z**2 / (2 * m)) / (1 + z**2 / m)
    half = z / (1 + z**2 / m) * np.sqrt(share * (1 - share) / m + z**2 / (4 * m**2))
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def plot_confusion_matrix(Y_true: Sequence[int], Y_pred: Sequence[int]) -> Axes:
    """Draw how often each label, (m,), was predicted as each; return the axes."""
    from course_utils.plots.emoji import plot_confusion_matrix as draw  # lazy: matplotlib

    return draw(Y_true, Y_pred)
