"""How good translations are: exact matches, chrF, and counts by group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest


def references_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Map every English sentence to all its French ones, in order."""
    found: dict[str, list[str]] = {}
    for english, french in pairs:
        found.setdefault(english, [])
        if french not in found[english]:
            found[english].append(french)
    return found


def exact_match(translations: Sequence[str], references: Sequence[str | Sequence[str]]) -> float:
    """Return the share of translations that are, to the letter, their reference or one of them.

    Raises ValueError if there are none, or lengths differ.
    """
    if len(translations) != len(references) or not translations:
        raise ValueError(
            f"expected equally many translations and references, and at least one; found "
            f"{len(translations)} and {len(references)}"
        )
    right = [
        text == wanted if isinstance(wanted, str) else text in wanted
        for text, wanted in zip(translations, references, strict=True)
    ]
    return sum(right) / len(right)


def chrf(translations: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Return sacrebleu's chrF2 of the corpus, 0 to 100; a translation may have several references.

    chrF (Popović 2015) is an F-score of the character n-grams up to 6, recall counting double.
    """
    from sacrebleu.metrics import CHRF

    # sacrebleu wants first references, then second ones, ...: None where a sentence has fewer
    columns: list = [list(column) for column in zip_longest(*references)]
    return CHRF().corpus_score(list(translations), columns).score


def by_group(
    groups: Sequence[str], translations: Sequence[str], expected: Sequence[str]
) -> Mapping[str, tuple[int, int]]:
    """Map each group to (how many are right, how many there are), the worst first."""
    counts: dict[str, tuple[int, int]] = {}
    for group, got, wanted in zip(groups, translations, expected, strict=True):
        right, of = counts.get(group, (0, 0))
        counts[group] = right + (got == wanted), of + 1
    return dict(sorted(counts.items(), key=lambda item: item[1][0] / item[1][1]))
