"""Exercise 2: a loss that does not count the padding."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..model import Criterion, Exercise, Misconception
from . import oracle
from .cases import loss_cases


def _surprise(y_true, y_pred):
    return -np.log(np.take_along_axis(y_pred, y_true[..., None], axis=-1)[..., 0])


def _combined(y_true, y_pred, combine):
    """Combine the surprise at each position, and which of them are real."""
    return np.float32(combine(_surprise(y_true, y_pred), (y_true != 0).astype(float)))


def _with(combine):
    return partial(_combined, combine=combine)


def _rightly_guessed(y_true, y_pred):
    """Take the mask from what the network says."""
    real = (y_pred.argmax(axis=-1) != 0).astype(float)
    return np.float32(np.sum(_surprise(y_true, y_pred) * real) / max(real.sum(), 1.0))


def _squared(y_true, y_pred):
    real = (y_true != 0).astype(float)
    apart = np.sum((np.eye(y_pred.shape[-1])[y_true] - y_pred) ** 2, axis=-1)
    return np.float32(np.sum(apart * real) / real.sum())


MASKED_LOSS = Exercise(
    name="masked_loss",
    difficulty=2,
    minutes=12,
    returns="the loss",
    cases=loss_cases,
    oracle=oracle.masked_loss,
    probe="call_with_keras",
    criteria=(
        Criterion("returns one number", 2, aspect="shape"),
        Criterion("the mean surprise where there is no padding", 5, tag="full"),
        Criterion("padding does not count", 8, tag="padded"),
    ),
    misconceptions=(
        Misconception(
            "padding counted",
            "Padding counts as if it were a character. It is easy to predict and there is much of "
            "it, so the loss looks far better than the translations are.",
            _with(lambda losses, real: np.mean(losses)),
        ),
        Misconception(
            "divided by all positions",
            "The padding is left out of the sum but counted in the division. Divide by the "
            "number of real characters.",
            _with(lambda losses, real: np.mean(losses * real)),
        ),
        Misconception(
            "each sentence averaged first",
            "You average each sentence and then the sentences, so a character of a short one "
            "counts for more. One mean over all real characters is wanted.",
            _with(lambda losses, real: np.mean((losses * real).sum(axis=1) / real.sum(axis=1))),
        ),
        Misconception(
            "sum for mean",
            "This is the sum over the characters, which grows with the batch. Divide by the "
            "number of real characters.",
            _with(lambda losses, real: np.sum(losses * real)),
            (_with(lambda losses, real: np.sum(losses * real) / len(losses)),),
        ),
        Misconception(
            "one loss a position",
            "You return a loss for each position, and Keras would average them, padding and "
            "all. Return one number: their sum over the number of real characters.",
            lambda y_true, y_pred: (_surprise(y_true, y_pred) * (y_true != 0)).astype("float32"),
            (lambda y_true, y_pred: _surprise(y_true, y_pred).astype("float32"),),
        ),
        Misconception(
            "mask taken from the prediction",
            "The mask comes from what the network says, which can hide a wrong character by "
            "calling it padding. What is padding is written in y_true.",
            _rightly_guessed,
        ),
        Misconception(
            "mask upside down",
            "Only the padding counts. The mask should be 1 where there is a character.",
            _with(lambda losses, real: np.sum(losses * (1 - real)) / max((1 - real).sum(), 1.0)),
        ),
        Misconception(
            "squared error",
            "This is the squared error. It hardly grows when a true character gets probability "
            "0.001 instead of 0.1; the logarithm does.",
            _squared,
        ),
    ),
    hints=(
        "A sentence of 10 characters in a row of 30 has 20 zeros behind it. How many numbers "
        "should its loss be an average of?",
        "keras.losses.sparse_categorical_crossentropy(y_true, y_pred) is (m, T_y). `y_true != 0` "
        "tells the real positions; keras.ops.cast makes numbers of it.",
        "Multiply the losses by that mask, add everything up with keras.ops.sum, and divide by "
        "the sum of the mask.",
    ),
)
