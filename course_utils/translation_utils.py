"""What notebook 08 uses: pairs of sentences, their characters, and how good translations are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from .demos.translation_attention import align, attention_model, translate_attending
from .demos.translation_search import beam_search, log_probability, numbers_of, translate
from .training import examples
from .translation.characters import character_index
from .translation.sentence_pairs import constructions, read_pairs, tidied

__all__ = [
    "align", "attention_model", "beam_search", "by_group", "character_index", "chrf",
    "constructions", "exact_match", "few", "log_probability", "numbers_of", "read_pairs",
    "references_of", "tidied", "translate", "translate_attending", "translation_table",
]  # fmt: skip


def few(items: Sequence, short: int = 24) -> Sequence:
    """Return the items, or the first few in short training: see `training.examples`."""
    return items[: examples(len(items), short)]


def references_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Map every English sentence to all its French ones, in order."""
    found: dict[str, list[str]] = {}
    for english, french in pairs:
        found.setdefault(english, [])
        if french not in found[english]:
            found[english].append(french)
    return found


def exact_match(translations: Sequence[str], references: Sequence[str | Sequence[str]]) -> float:
    """Return the share of translations that are, to the letter, a reference or one of several.

    Raises ValueError for none, or for lengths that differ.
    """
    if len(translations) != len(references) or not translations:
        raise ValueError(
            f"expected as many translations as references, and at least one; found "
            f"{len(translations)} and {len(references)}"
        )
    right = [
        text == wanted if isinstance(wanted, str) else text in wanted
        for text, wanted in zip(translations, references, strict=True)
    ]
    return sum(right) / len(right)


def chrf(translations: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Return sacrebleu's chrF2 of the corpus, 0 to 100, each translation with all its references.

    chrF (Popović 2015) is an F-score of the character n-grams up to 6, recall counting double.
    """
    from sacrebleu.metrics import CHRF

    most = max(map(len, references))
    columns = [[each[k] if k < len(each) else None for each in references] for k in range(most)]
    return CHRF().corpus_score(list(translations), columns).score


class TranslationTable:
    """Show sentences, their translations, and what was expected where it is another."""

    def __init__(self, rows: list[tuple[str, str, str]]):
        self.rows = rows

    def __repr__(self):
        return "\n".join(
            f"{'✓' if got == wanted else '✗'} {source} | {got}"
            + ("" if got == wanted else f" | expected {wanted}")
            for source, got, wanted in self.rows
        )

    def _repr_html_(self):
        cell = "text-align: left; padding: 3px 10px; border-bottom: 1px solid #999"
        lines = [
            "".join(
                f'<th scope="col" style="{cell}">{head}</th>'
                for head in ("", "English", "translation", "expected")
            )
        ]
        for source, got, wanted in self.rows:
            right = got == wanted
            cells = ["✓" if right else "✗", source, got, "" if right else wanted]
            lines.append("".join(f'<td style="{cell}">{escape(each)}</td>' for each in cells))
        style = (
            "border-collapse: collapse; font-family: var(--jp-ui-font-family, sans-serif);"
            " font-size: 13px; color: var(--jp-ui-font-color1, inherit)"
        )
        return f'<table style="{style}"><tr>{"</tr><tr>".join(lines)}</tr></table>'


def translation_table(
    sentences: Sequence[str], translations: Sequence[str], expected: Sequence[str]
) -> TranslationTable:
    """Return a table to display. Raises ValueError for lengths that differ."""
    return TranslationTable(list(zip(sentences, translations, expected, strict=True)))


def by_group(
    groups: Sequence[str], translations: Sequence[str], expected: Sequence[str]
) -> Mapping[str, tuple[int, int]]:
    """Map each group to (how many are right, how many there are), the worst first."""
    counts: dict[str, tuple[int, int]] = {}
    for group, got, wanted in zip(groups, translations, expected, strict=True):
        right, of = counts.get(group, (0, 0))
        counts[group] = right + (got == wanted), of + 1
    return dict(sorted(counts.items(), key=lambda item: item[1][0] / item[1][1]))
