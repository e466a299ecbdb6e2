"""What notebook 03 needs: open music, turn it into tokens, improvise, and measure the result."""

from __future__ import annotations

from course_utils.demos.improvisation import generate, improvise
from course_utils.music_corpus import Corpus, NoMelody, load_corpus
from course_utils.music_improvise import (
    longest_copy,
    play,
    share_copied,
    share_of_chord_tones,
    share_that_fits,
)
from course_utils.music_notes import Chord, Note, Tune
from course_utils.music_swing import performed
from course_utils.music_tokens import decode, encode, one_hot, prepare, vocabulary

__all__ = [
    "Chord", "Corpus", "NoMelody", "Note", "Tune", "decode", "encode", "generate", "improvise",
    "load_corpus", "longest_copy", "one_hot", "performed", "play", "prepare", "share_copied",
    "share_of_chord_tones", "share_that_fits", "vocabulary",
]  # fmt: skip
