"""How good translations are: exact matches, chrF, counts by group, and where they go wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

import numpy as np

from .sentence_pairs import END


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


def edits(text: str, other: str) -> int:
    """Return how many characters to change, add or drop to make one text the other.

    The distance of Levenshtein (1966).
    """
    row = list(range(len(other) + 1))
    for i, character in enumerate(text, 1):
        above, row = row, [i]
        for j, wanted in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (character != wanted)))
    return row[-1]


def after_first_mistakes(
    translations: Sequence[str], expected: Sequence[str], is_right: np.ndarray
) -> tuple[int, int, int]:
    """Count characters after the first mistake, over all wrong translations.

    is_right (m, T_y): with the true beginning, is the next character right? Returns how many
    characters of the expected sentences come after the first wrong one, end characters included;
    how many of them are wrong with the true beginning; and the edits that the rest of the
    translations needs.
    """
    left = with_teacher = alone = 0
    for got, wanted, right in zip(translations, expected, is_right, strict=True):
        if got != wanted:
            got, wanted = got + END, wanted + END
            same = zip(got, wanted, strict=False)
            first = next((t for t, (a, b) in enumerate(same) if a != b), len(got))
            left += len(wanted) - first - 1
            with_teacher += int(np.sum(~right[first + 1 : len(wanted)]))
            alone += edits(got[first + 1 :], wanted[first + 1 :])
    return left, with_teacher, alone


def mended_and_spoilt(
    before: Sequence[str], after: Sequence[str], expected: Sequence[str]
) -> tuple[int, int]:
    """Count the translations that are right only after a change, and those right only before."""
    rows = list(zip(before, after, expected, strict=True))
    mended = sum(one != wanted == other for one, other, wanted in rows)
    return mended, sum(one == wanted != other for one, other, wanted in rows)
