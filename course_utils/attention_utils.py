"""For the attention notebook: sentence pairs, the networks that are compared, and their scores."""

from __future__ import annotations

from .demos.attention import (
    attend_parameters,
    one_row,
    recurrent_model,
    train,
    transformer_model,
    translated,
    two_rows,
)
from .translation.scores import exact_match
from .translation.sentence_pairs import character_index, read_pairs

__all__ = [
    "attend_parameters", "character_index", "exact_match", "one_row", "read_pairs",
    "recurrent_model", "train", "transformer_model", "translated", "two_rows",
]  # fmt: skip
