"""Read sentences labelled with an emoji, and show what a model makes of them."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import numpy as np

from course_utils.data import locate
from course_utils.demos.softmax_regression import train_compiled as train_compiled
from course_utils.emojis.sentence_tables import read_labelled
from course_utils.files.opening import find

ALIASES = (":heart:", ":baseball:", ":smile:", ":disappointed:", ":fork_and_knife:")
EMBEDDED = ("train", "test", "hard")


def read_csv(
    path: str | Path = "train", C: int = 5, member: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Read sentences and their labels: the course's own, or those of any table in a text file.

    path: "train", "test" or "hard" for the course's files, or a file with commas, semicolons, tabs
    or bars between its cells, with or without a header; in an archive, `member` names it. What was
    not certain, such as which columns were taken, is said in one warning.
    Returns X, (m,) strings, and Y, (m,) whole numbers from 0 to C - 1.
    Raises FileNotFoundError; ValueError that describes the first bad rows, by their numbers in the
    file, and counts the rest.
    """
    if path in EMBEDDED:
        file = locate(f"data/emoji_{path}.csv")
    else:
        file = find(path, f"The course's own are {', '.join(map(repr, EMBEDDED))}.")
    return read_labelled(file, C, ALIASES, member)


def convert_to_one_hot(Y: Sequence[int], C: int = 5) -> np.ndarray:
    """Return (m, C) zeros with a one in the column of each label of Y, (m,).

    Raises ValueError for a label that isn't a whole number from 0 to C - 1.
    """
    Y = np.asarray(Y).reshape(-1)
    odd = [label for label in Y.tolist() if label not in range(C)]
    if odd:
        raise ValueError(f"Y has {odd[0]!r}: expected whole numbers from 0 to {C - 1}")
    return np.eye(C)[Y.astype(int)]


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


def label_to_emoji(label: int) -> str:
    """Return the emoji of a label. Raises ValueError for one that isn't from 0 to 4."""
    import emoji  # lazy: it reads its tables

    if label not in range(len(ALIASES)):
        raise ValueError(f"no emoji for {label!r}: expected a label from 0 to {len(ALIASES) - 1}")
    return emoji.emojize(ALIASES[int(label)], language="alias")


def print_predictions(X: Sequence[str], pred: Sequence[int]) -> None:
    """Print each sentence and the emoji predicted for it."""
    for sentence, label in zip(X, np.ravel(pred).tolist(), strict=True):
        print(sentence, label_to_emoji(label))


def plot_confusion_matrix(Y_true: Sequence[int], Y_pred: Sequence[int]):
    """Draw how often each label, (m,), was predicted as each; return the axes."""
    from course_utils.plots.emoji import plot_confusion_matrix as draw  # lazy: matplotlib

    return draw(Y_true, Y_pred)


class EmojiTable:
    """Show sentences with the emoji predicted for them, in a notebook or as text."""

    def __init__(self, rows: list[tuple[str, int, int | None]]):
        self.rows = rows  # (sentence, predicted, true or None)

    def __repr__(self):
        def line(sentence, predicted, true):
            wrong = true is not None and true != predicted
            expected = f"   ✗ expected {label_to_emoji(true)}" if wrong else ""
            return f"{label_to_emoji(predicted)} {sentence}{expected}"

        return "\n".join(line(*row) for row in self.rows)

    def _repr_html_(self):
        from course_utils.plots.emoji_icons import svg  # lazy: matplotlib

        return _html(self.rows, lambda label: svg(label, label_to_emoji(label)))


def emoji_table(
    sentences: Sequence[str], pred: Sequence[int], Y: Sequence[int] | None = None
) -> EmojiTable:
    """Return a table to display: each sentence, its predicted emoji, and what Y expects if wrong.

    sentences: (m,); pred, Y: (m,) labels. Raises ValueError for lengths or labels that don't fit.
    """
    columns = [list(map(str, sentences)), np.ravel(pred).tolist()]
    columns.append([None] * len(columns[0]) if Y is None else np.ravel(Y).tolist())
    if len(set(map(len, columns))) > 1:
        sizes = ", ".join(str(len(column)) for column in columns)
        raise ValueError(f"expected as many sentences, predictions and labels; found {sizes}")
    for label in (label for column in columns[1:] for label in column if label is not None):
        label_to_emoji(label)  # refuses a wrong one now, not when the table is drawn
    return EmojiTable(list(zip(*columns, strict=True)))


_TABLE = (
    "border-collapse: collapse; font-family: var(--jp-ui-font-family, sans-serif);"
    " font-size: 13px; color: var(--jp-ui-font-color1, inherit)"
)
_CELL = (
    "text-align: left; padding: 3px 10px; border-bottom: 1px solid var(--jp-border-color2, #999)"
)


def _html(rows, draw: Callable[[int], str]) -> str:
    heads = ["sentence", "predicted"]
    if judged := any(true is not None for _, _, true in rows):
        heads.append("expected")
    lines = ["".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in heads)]
    for sentence, predicted, true in rows:
        cells = [escape(sentence), draw(predicted)]
        if judged:
            cells.append("" if true == predicted else f"✗ {draw(true)}")
        lines.append("".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells))
    return f'<table style="{_TABLE}"><tr>{"</tr><tr>".join(lines)}</tr></table>'
