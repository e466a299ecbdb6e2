"""For the translation notebook: sentence pairs, their characters, demo models, and scores."""

from __future__ import annotations

from collections.abc import Sequence

from .demos.translation import (
    align,
    attention_model,
    numbers_of,
    search,
    translate,
    translate_attending,
)
from .plots.tables import translation_table
from .training import examples
from .translation.hand_made import networks_of
from .translation.scores import (
    after_first_mistakes,
    by_group,
    chrf,
    exact_match,
    mended_and_spoilt,
    references_of,
)
from .translation.sentence_pairs import character_index, constructions, read_pairs, tidied

__all__ = [
    "after_first_mistakes", "align", "attention_model", "by_group", "character_index", "chrf",
    "constructions", "exact_match", "few", "mended_and_spoilt", "networks_of", "numbers_of",
    "read_pairs", "references_of", "search", "tidied", "translate", "translate_attending",
    "translation_table",
]  # fmt: skip


def few(items: Sequence, short: int = 24) -> Sequence:
    """Return the items, or the first few in short training: see `training.examples`."""
    return items[: examples(len(items), short)]
