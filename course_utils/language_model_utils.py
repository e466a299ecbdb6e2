"""For the language model notebook: texts as characters, counting models, an LSTM to compare."""

from __future__ import annotations

from course_utils.characters.ngrams import NGram
from course_utils.characters.texts import (
    Alphabet,
    batches,
    hold_back,
    properties_of,
    read_characters,
)
from course_utils.demos.character_lstm import read_with_lstm, sample_lstm, train_lstm

__all__ = [
    "Alphabet", "NGram", "batches", "hold_back", "properties_of", "read_characters",
    "read_with_lstm", "sample_lstm", "train_lstm",
]  # fmt: skip
