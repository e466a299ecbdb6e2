"""Exercise 3: a recurrent network that reads what a convolution saw."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import cases, oracle
from . import keras_forms as forms
from .slips import AXES, reading, slips


def _cases(rng: np.random.Generator) -> list[Case]:
    """Draw images that are higher than wide or wider than high, and two of them at least."""
    m, shape = int(rng.integers(2, 4)), ((8, 12, 3), (12, 8, 2))[int(rng.integers(2))]
    after = {
        "inputs": cases.images(rng, m, shape),
        "weights": cases.then_weights(rng, shape),
        "pools": (forms.POOL,),
    }
    return [Case(f"m={m}, input_shape={shape}", {"input_shape": shape}, after=after)]


def _with(**changed):
    return partial(forms.then, **changed)


CNN_THEN_RNN = Exercise(
    name="cnn_then_rnn",
    difficulty=2,
    minutes=20,
    returns=(),
    axes=AXES,
    cases=_cases,
    oracle=oracle.cnn_then_rnn,
    probe="keras_model",
    reading=reading,
    criteria=(
        Criterion(
            "a model with one row of ten numbers an image", 3, leaves=("outputs",), aspect="shape"
        ),
        Criterion("each row adds up to 1", 4, leaves=("sums",), beside=True),
        Criterion(
            "convolution, normalisation, pooling, rows read both ways, softmax",
            20,
            leaves=("outputs",),
        ),
        Criterion("as many numbers to train as the table says", 5, leaves=("n_trainable",)),
        Criterion("two moving averages for each filter", 3, leaves=("n_frozen",)),
    ),
    misconceptions=(
        Misconception(
            "torn rows",
            "As many steps as the map has columns are counted off with a plain reshape, so a step "
            "begins in the middle of a row. The map is (m, h, w, 32): Reshape((h, w * 32)). On "
            "square images the shapes would not have shown it.",
            _with(read=forms.torn),
        ),
        Misconception(
            "columns as steps",
            "The steps are the map's columns. Rows are asked for, and need no Permute.",
            _with(read=forms.columns),
        ),
        Misconception(
            "convolution cut off",
            "The recurrent part reads the image itself, and what the convolution found is thrown "
            "away. Pass the pooled map on.",
            _with(skip_map=True),
        ),
        Misconception(
            "no pooling",
            "There is no pooling. It makes the sequence four times shorter and its steps four "
            "times smaller, and forgives a shift by a pixel or two.",
            _with(pooling=None),
        ),
        Misconception(
            "an answer for each row",
            "You get ten numbers for each row. One decision an image is wanted: the LSTM returns "
            "its last state only.",
            _with(recurrent=forms.every_step),
        ),
        Misconception(
            "average pooling",
            "You take the mean of each block. Max-pooling keeps the largest: that a pattern was "
            "seen, and not how much of the block it fills.",
            _with(pooling="average"),
        ),
        Misconception(
            "directions added up",
            "The two directions are added or averaged. Keep both, side by side (100 numbers): "
            "what Bidirectional does if you say nothing.",
            _with(recurrent=forms.summed),
        ),
        Misconception(
            "sigmoid",
            "The ten numbers don't add up to 1: this is a sigmoid for each class. An image "
            "belongs to one class only, so end with a softmax.",
            _with(head=forms.sigmoid),
        ),
        *slips(_with),
    ),
    hints=(
        "What does the pooled map look like, axis by axis, and which axis should become time? "
        "Which two axes then belong to one step?",
        "Input -> Conv2D(32, 5) -> BatchNormalization -> MaxPooling2D(4), (m, h, w, 32) -> "
        "Reshape((h, w * 32)) -> Bidirectional(LSTM(50)), (m, 100) -> Dense(10).",
        "Name the tensor anew at each step, x = layer(x). Its shape says h and w: _, h, w, c = "
        "x.shape. The convolution has padding='same' and activation='relu', the last layer "
        "activation='softmax'.",
    ),
)
