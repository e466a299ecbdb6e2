"""Tables of predictions and translations, in the page's own colours; without matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from course_utils.emojis.sentences import label_to_emoji

from .emoji_icons import svg

_TABLE = (
    "border-collapse: collapse; font-family: var(--jp-ui-font-family, sans-serif);"
    " font-size: 13px; color: var(--jp-ui-font-color1, inherit)"
)
_CELL = (
    "text-align: left; padding: 3px 10px; border-bottom: 1px solid var(--jp-border-color2, #999)"
)


def html_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; heads are plain words, cells are HTML."""
    lines = ["".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in heads)]
    lines += ["".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) for cells in rows]
    return f'<table style="{_TABLE}"><tr>{"</tr><tr>".join(lines)}</tr></table>'


class EmojiTable:
    """Sentences with the emoji predicted for them, shown in a notebook or as text."""

    def __init__(self, rows: list[tuple[str, int, int | None]]) -> None:
        self.rows = rows  # (sentence, predicted, true or None)

    def __repr__(self) -> str:
        def line(sentence: str, predicted: int, true: int | None) -> str:
            said = f"{label_to_emoji(predicted)} {sentence}"
            if true is None or true == predicted:
                return said
            return f"{said}   ✗ expected {label_to_emoji(true)}"

        return "\n".join(line(*row) for row in self.rows)

    def _repr_html_(self) -> str:
        def icon(label: int | None) -> str:
            return "" if label is None else svg(label, label_to_emoji(label))

        judged = any(true is not None for *_, true in self.rows)
        rows = [
            [escape(sentence), icon(predicted)]
            + ["" if true == predicted else f"✗ {icon(true)}"] * judged
            for sentence, predicted, true in self.rows
        ]
        return html_table(["sentence", "predicted", *["expected"] * judged], rows)


def emoji_table(
    sentences: Sequence[str], pred: Sequence[int], Y: Sequence[int] | None = None
) -> EmojiTable:
    """Return a table to display: each sentence, its predicted emoji, and what Y expects if wrong.

    sentences: (m,); pred, Y: (m,) labels. Raises ValueError for lengths or labels that don't fit.
    """
    texts, predicted = list(map(str, sentences)), np.ravel(pred).tolist()
    true = [None] * len(texts) if Y is None else np.ravel(Y).tolist()
    if len({len(texts), len(predicted), len(true)}) > 1:
        raise ValueError(
            "expected equally many sentences, predictions and labels; "
            f"found {len(texts)}, {len(predicted)}, {len(true)}"
        )
    for label in predicted + true:
        if label is not None:
            label_to_emoji(label)  # refuses a wrong one now, not when the table is drawn
    return EmojiTable(list(zip(texts, predicted, true, strict=True)))


class TranslationTable:
    """Sentences, their translations, and the expected ones where they differ."""

    def __init__(self, rows: list[tuple[str, str, str]]) -> None:
        self.rows = rows

    def __repr__(self) -> str:
        return "\n".join(
            f"{'✓' if got == wanted else '✗'} {source} | {got}"
            + ("" if got == wanted else f" | expected {wanted}")
            for source, got, wanted in self.rows
        )

    def _repr_html_(self) -> str:
        rows = [
            ["✓", escape(source), escape(got), ""]
            if got == wanted
            else ["✗", escape(source), escape(got), escape(wanted)]
            for source, got, wanted in self.rows
        ]
        return html_table(["right", "English", "translation", "expected"], rows)


def translation_table(
    sentences: Sequence[str], translations: Sequence[str], expected: Sequence[str]
) -> TranslationTable:
    """Return a table to display. Raises ValueError for lengths that differ."""
    return TranslationTable(list(zip(sentences, translations, expected, strict=True)))
