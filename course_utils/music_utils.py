"""What notebook 03 needs: open music, turn it into tokens, improvise, and show the result."""

from __future__ import annotations

from course_utils.demos.improvisation import generate, improvise
from course_utils.music.audio import play
from course_utils.music.corpus import Corpus, NoMelody, load_corpus
from course_utils.music.engraving import engrave
from course_utils.music.improvise import (
    as_tune,
    longest_copy,
    share_copied,
    share_of_chord_tones,
    share_that_fits,
)
from course_utils.music.midi_writing import write_midi
from course_utils.music.notes import Chord, Note, Tune
from course_utils.music.swing import performed
from course_utils.music.tidy import excerpt, tidy
from course_utils.music.tokens import decode, encode, one_hot, prepare, vocabulary

__all__ = [
    "Chord", "Corpus", "NoMelody", "Note", "Tune", "as_tune", "decode", "encode", "engrave",
    "excerpt", "generate", "improvise", "load_corpus", "longest_copy", "one_hot", "performed",
    "play", "prepare", "share_copied", "share_of_chord_tones", "share_that_fits", "tidy",
    "vocabulary", "write_midi",
]  # fmt: skip
