"""What notebook 03 needs: open music, turn it into tokens, improvise, and measure the result."""

from __future__ import annotations

from course_utils.music_corpus import Corpus, NoMelody, load_corpus
from course_utils.music_improvise import (
    generate,
    improvise,
    longest_copy,
    play,
    share_copied,
    share_of_chord_tones,
    share_that_fits,
)
from course_utils.music_notes import Chord, Note, Tune
from course_utils.music_swing import performed
from course_utils.music_tokens import decode, encode, one_hot, prepare, vocabulary


def get_ready(model, inputs, targets) -> None:
    """Make what a compiled model keeps for training, so that fit() has to trace it only once.

    Keras makes the optimizer's slots and the losses while it traces the first step; TensorFlow
    then traces that step again. With thirty outputs, that is half of the time before the first
    epoch. `inputs` and `targets` are those of fit(); one example of each is used, nothing trained.
    """
    one = [values[:1] for values in inputs]
    model.optimizer.build(model.trainable_variables)
    model.compute_loss(x=one, y=[values[:1] for values in targets], y_pred=model(one))


__all__ = [
    "Chord", "Corpus", "NoMelody", "Note", "Tune", "decode", "encode", "generate", "get_ready",
    "improvise", "load_corpus", "longest_copy", "one_hot", "performed", "play", "prepare",
    "share_copied", "share_of_chord_tones", "share_that_fits", "vocabulary",
]  # fmt: skip
