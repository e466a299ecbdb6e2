"""Exercise 2: a loss that does not count the padding."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import loss_cases


def _surprise(y_true, y_pred):
    from keras import losses

    return losses.sparse_categorical_crossentropy(y_true, y_pred)


def _real(y_true, y_pred):
    from keras import ops

    return ops.cast(ops.not_equal(y_true, 0), y_pred.dtype)


def _combined(y_true, y_pred, combine):
    """Combine the surprise at each position, and which of them are real."""
    from keras import ops

    return combine(ops, _surprise(y_true, y_pred), _real(y_true, y_pred))


def _with(combine):
    return partial(_combined, combine=combine)


def _count(ops, losses):
    return ops.cast(ops.shape(losses)[0], losses.dtype)


def _upside_down(ops, losses, real):
    return ops.sum(losses * (1 - real)) / ops.maximum(ops.sum(1 - real), 1.0)


def _rightly_guessed(y_true, y_pred):
    """Take the mask from what the network says."""
    from keras import ops

    real = ops.cast(ops.argmax(y_pred, axis=-1) != 0, y_pred.dtype)
    return ops.sum(_surprise(y_true, y_pred) * real) / ops.maximum(ops.sum(real), 1.0)


def _squared(y_true, y_pred):
    from keras import ops

    real = _real(y_true, y_pred)
    apart = (ops.one_hot(ops.cast(y_true, "int32"), y_pred.shape[-1]) - y_pred) ** 2
    return ops.sum(ops.sum(apart, axis=-1) * real) / ops.sum(real)


def _in_numpy(y_true, y_pred):
    """Compute the right loss of arrays, which is not what `fit` comes with."""
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    losses = -np.log(np.take_along_axis(y_pred, y_true[..., None], axis=-1)[..., 0])
    return np.sum(losses * (y_true != 0)) / np.sum(y_true != 0)


MASKED_LOSS = Exercise(
    name="masked_loss",
    difficulty=2,
    minutes=12,
    returns="the loss",
    cases=loss_cases,
    oracle=oracle.masked_loss,
    probe="keras_loss",
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
            _with(lambda ops, losses, real: ops.mean(losses)),
        ),
        Misconception(
            "divided by all positions",
            "The padding is left out of the sum but counted in the division. Divide by the "
            "number of real characters.",
            _with(lambda ops, losses, real: ops.mean(losses * real)),
        ),
        Misconception(
            "each sentence averaged first",
            "You average each sentence and then the sentences, so a character of a short one "
            "counts for more. One mean over all real characters is wanted.",
            _with(
                lambda ops, losses, real: ops.mean(
                    ops.sum(losses * real, axis=1) / ops.sum(real, axis=1)
                )
            ),
        ),
        Misconception(
            "sum for mean",
            "This is the sum over the characters, which grows with the batch. Divide by the "
            "number of real characters.",
            _with(lambda ops, losses, real: ops.sum(losses * real)),
            (_with(lambda ops, losses, real: ops.sum(losses * real) / _count(ops, losses)),),
        ),
        Misconception(
            "one loss a position",
            "You return a loss for each position, and Keras would average them, padding and "
            "all. Return one number: their sum over the number of real characters.",
            _with(lambda ops, losses, real: losses * real),
            (_surprise,),
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
            _with(_upside_down),
        ),
        Misconception(
            "squared error",
            "This is the squared error. It hardly grows when a true character gets probability "
            "0.001 instead of 0.1; the logarithm does.",
            _squared,
        ),
        Misconception(
            "written in NumPy",
            "In `fit` your function is compiled before there are any numbers: it gets symbolic "
            "tensors, which NumPy cannot read. Use keras.ops, which also takes arrays.",
            _in_numpy,
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
