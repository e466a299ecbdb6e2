"""Exercise 5: frozen pretrained vectors below two dense layers."""

from __future__ import annotations

from functools import partial

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import pretrained_cases
from .keras_forms import pretrained


def _reading(args, value):
    """Part what is trained from what is not."""
    return {
        "outputs": value["outputs"],
        "n_trainable": value["n_trainable"],
        "n_frozen": value["n_weights"] - value["n_trainable"],
    }


def _with(**slips):
    return partial(pretrained, **slips)


GLOVE_CLASSIFIER = Exercise(
    name="glove_classifier",
    difficulty=2,
    minutes=15,
    returns=(),
    axes={"outputs": ("review", "unit")},
    cases=pretrained_cases,
    oracle=oracle.glove_classifier,
    probe="keras_model",
    reading=_reading,
    criteria=(
        Criterion("a model with one number a review", 2, leaves=("outputs",), aspect="shape"),
        Criterion("the matrix's vectors, side by side, 32 units, one", 8, leaves=("outputs",)),
        Criterion("the matrix is frozen", 4, leaves=("n_frozen",)),
        Criterion("two dense layers to train", 2, leaves=("n_trainable",)),
    ),
    misconceptions=(
        Misconception(
            "trainable",
            "The vectors are trained along: half a million numbers to be fitted to two hundred "
            "reviews, and words that don't occur in them left behind. trainable=False.",
            _with(trainable=True),
        ),
        Misconception(
            "random vectors",
            "The matrix is not in the model: the embedding holds the random numbers it started "
            "with. Build the layer and set its weights, or give them to it.",
            _with(filled=False),
            (_with(filled=False, trainable=True),),
        ),
        Misconception(
            "rows shifted",
            "The rows of your matrix arrive one place off, so every word gets its neighbour's "
            "vector. Row k belongs to number k as it is.",
            _with(shift=1),
            (_with(shift=-1),),
        ),
        Misconception(
            "vectors averaged",
            "Pooling over the words gives their average. Here they are to stand side by side: "
            "Flatten.",
            _with(pool="mean"),
        ),
        Misconception(
            "no Flatten",
            "The dense layers are applied to each word's vector, so there is one answer a word. "
            "Flatten the vectors of a review into one row first.",
            _with(pool=None),
        ),
        Misconception(
            "no activation in the hidden layer",
            "The layer of 32 has no activation. Two linear layers in a row are one linear layer: "
            "without the relu the 32 units add nothing.",
            _with(hidden=None),
        ),
        Misconception(
            "another activation in the hidden layer",
            "The layer of 32 should have a relu, which lets what is positive through as it is.",
            _with(hidden="tanh"),
            (_with(hidden="sigmoid"),),
        ),
        Misconception(
            "no hidden layer",
            "The layer of 32 with a relu is missing, or has another size.",
            _with(units=0),
            (_with(units=64), _with(units=16)),
        ),
        Misconception(
            "softmax on one unit",
            "A softmax makes the outputs of a layer sum to 1; with a single unit that is always "
            "exactly 1. One unit takes a sigmoid.",
            _with(activation="softmax"),
        ),
        Misconception(
            "no sigmoid",
            "The model gives a raw score. A probability lies between 0 and 1: end with a sigmoid.",
            _with(activation=None),
            (_with(activation="relu"),),
        ),
        Misconception(
            "two units",
            "There is one unit too many. The probability of *positive* says all.",
            _with(outputs=2, activation="softmax"),
            (_with(outputs=2),),
        ),
    ),
    hints=(
        "Which of the model's numbers should 200 reviews be allowed to change, and which not?",
        "layers.Embedding(input_dim, n, trainable=False), with input_dim, n = matrix.shape; to "
        "fill it, build((None,)) and set_weights([matrix]). Then Flatten, as before.",
        "Embedding filled with the matrix, Flatten, Dense(32) with a relu, Dense(1) with a "
        "sigmoid.",
    ),
)
