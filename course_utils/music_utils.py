"""For the jazz notebook: open music, turn it into tokens, improvise, and show the result."""

from __future__ import annotations

from course_utils.demos.improvisation import generate, improvise
from course_utils.music.arranging import excerpt, performed, tidy
from course_utils.music.corpus import Corpus, NoMelody, load_corpus
from course_utils.music.engraving import engrave
from course_utils.music.notes import Chord, Note, Tune
from course_utils.music.playing import play, write_midi
from course_utils.music.tokens import (
    as_tune,
    batches,
    decode,
    encode,
    longest_copy,
    one_hot,
    pair_perplexity,
    prepare,
    share_copied,
    share_of_chord_tones,
    share_that_fits,
    vocabulary,
)

__all__ = [
    "Chord", "Corpus", "NoMelody", "Note", "Tune", "as_tune", "batches", "decode", "encode",
    "engrave", "excerpt", "generate", "improvise", "load_corpus", "longest_copy", "one_hot",
    "pair_perplexity", "performed", "play", "prepare", "share_copied", "share_of_chord_tones",
    "share_that_fits", "tidy", "vocabulary", "write_midi",
]  # fmt: skip
