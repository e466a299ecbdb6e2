"""Exercise 4: a convolutional branch and a recurrent one, side by side."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import cases, oracle
from . import keras_forms as forms
from .slips import AXES, reading, slips


def _cases(rng: np.random.Generator) -> list[Case]:
    """Draw images that are wider than high, and two of them at least."""
    m, shape = int(rng.integers(2, 4)), ((8, 16, 3), (8, 17, 2))[int(rng.integers(2))]
    after = {
        "inputs": cases.images(rng, m, shape),
        "weights": cases.beside_weights(rng, shape),
        "pools": (forms.POOL, forms.SECOND_POOL),
    }
    return [Case(f"m={m}, input_shape={shape}", {"input_shape": shape}, after=after)]


def _with(**changed):
    return partial(forms.beside, **changed)


CNN_BESIDE_RNN = Exercise(
    name="cnn_beside_rnn",
    difficulty=3,
    minutes=20,
    returns=(),
    axes=AXES,
    cases=_cases,
    oracle=oracle.cnn_beside_rnn,
    probe="keras_model",
    reading=reading,
    criteria=(
        Criterion(
            "a model with one row of ten numbers an image", 3, leaves=("outputs",), aspect="shape"
        ),
        Criterion("each row adds up to 1", 3, leaves=("sums",), beside=True),
        Criterion(
            "both branches read the image, and the softmax sees both", 16, leaves=("outputs",)
        ),
        Criterion("as many numbers to train as the table says", 5, leaves=("n_trainable",)),
        Criterion("two moving averages for each filter", 3, leaves=("n_frozen",)),
    ),
    misconceptions=(
        Misconception(
            "recurrent branch on top of the convolutional one",
            "The LSTMs read the map, so the second branch stands on the first. Beside it means "
            "that both begin at the image: give the reshape the input itself.",
            _with(of_map=True),
        ),
        Misconception(
            "branches in the other order",
            "The recurrent numbers come before the convolutional ones. Either order can learn; "
            "the table puts the convolutional branch first, so that the two can be compared.",
            _with(order=(1, 0)),
        ),
        Misconception(
            "convolutional branch alone",
            "The recurrent branch is built and then forgotten: the softmax sees the convolutional "
            "one only. Concatenate the two.",
            _with(keep=(0,)),
        ),
        Misconception(
            "torn rows",
            "As many steps as the image has columns are counted off with a plain reshape, so a "
            "step begins in the middle of a row. The image is (m, H, W, C): Reshape((H, W * C)). "
            "On square images the shapes would not have shown it.",
            _with(read=forms.torn),
        ),
        Misconception(
            "one convolution only",
            "The convolutional branch has one convolution. A second one, of 64 filters, looks for "
            "patterns in what the first has found.",
            _with(second=False),
        ),
        *slips(_with),
    ),
    hints=(
        "Both branches begin at the same tensor. Which one is it, and what shape does each of "
        "them end with?",
        "One branch: two times Conv2D, BatchNormalization, MaxPooling2D; then Flatten. The other: "
        "Reshape((H, W * C)), then Bidirectional(LSTM(50)). Then Concatenate and Dense(10).",
        "Keep the input under a name of its own: x = image; ...; x = Flatten()(x). Then r = "
        "Reshape(...)(image); r = Bidirectional(LSTM(50))(r). Last Concatenate()([x, r]).",
    ),
)
