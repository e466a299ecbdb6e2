"""Exercise 3: an embedding that is learned along, and one unit that decides."""

from __future__ import annotations

from functools import partial

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import learned_cases
from .keras_forms import learned


def counts(args, value):
    """Reduce a model to its outputs and to how many numbers are trained."""
    return {"outputs": value["outputs"], "n_trainable": value["n_trainable"]}


def _with(**slips):
    return partial(learned, **slips)


def _always_8(input_dim, output_dim, maxlen):
    return learned(input_dim, 8, maxlen)


def _always_10000(input_dim, output_dim, maxlen):
    return learned(10000, output_dim, maxlen)


LEARNED_EMBEDDING_MODEL = Exercise(
    name="learned_embedding_model",
    difficulty=1,
    minutes=12,
    returns=(),
    axes={"outputs": ("review", "unit")},
    cases=learned_cases,
    oracle=oracle.learned_embedding_model,
    probe="keras_model",
    reading=counts,
    criteria=(
        Criterion("a model with one number a review", 3, leaves=("outputs",), aspect="shape"),
        Criterion(
            "embedding, then all vectors side by side, then a sigmoid", 9, leaves=("outputs",)
        ),
        Criterion(
            "an embedding of the size asked for and one unit to train", 3, leaves=("n_trainable",)
        ),
    ),
    misconceptions=(
        Misconception(
            "softmax on one unit",
            "A softmax makes the outputs of a layer sum to 1; with a single unit that is always "
            "exactly 1, whatever the review says. One unit takes a sigmoid.",
            _with(activation="softmax"),
        ),
        Misconception(
            "no sigmoid",
            "The model gives a raw score, which may be any number. A probability lies between 0 "
            "and 1: give the last layer a sigmoid.",
            _with(activation=None),
            (_with(activation="relu"), _with(activation="tanh")),
        ),
        Misconception(
            "vectors averaged",
            "Pooling over the words loses which word stood where. Flatten keeps every component "
            "of every position, maxlen * output_dim numbers, each with its own weight.",
            _with(pool="mean"),
            (_with(pool="max"),),
        ),
        Misconception(
            "no Flatten",
            "The last layer is applied to each word's vector, so there is one answer a word. "
            "Flatten the (maxlen, output_dim) numbers of a review into one row first.",
            _with(pool=None),
        ),
        Misconception(
            "two units",
            "There is one unit too many. The probability of *positive* says all: that of "
            "*negative* is what is left of 1.",
            _with(outputs=2, activation="softmax"),
            (_with(outputs=2),),
        ),
        Misconception(
            "embedding frozen",
            "The embedding is frozen at the random numbers it started with. Here nothing is "
            "known about the words yet, so their vectors must be learned.",
            _with(trainable=False),
        ),
        Misconception(
            "one row too many",
            "The table has one row more than asked for. The numbers go from 0 to input_dim - 1, "
            "padding and unknown words counted in: input_dim rows hold them all.",
            _with(more_rows=1),
            (_with(more_rows=2),),
        ),
        Misconception(
            "sizes written in",
            "The sizes are written into the model as numbers. Take input_dim and output_dim from "
            "the arguments; the usual values are their defaults.",
            _always_8,
            (_always_10000,),
        ),
        Misconception(
            "a hidden layer",
            "There is a layer between the vectors and the answer that was not asked for. The "
            "single unit reads the flattened vectors itself.",
            _with(hidden=16),
            (_with(hidden=32),),
        ),
        Misconception(
            "no deciding unit",
            "The model ends with the vectors. One Dense unit has to make a single number of them.",
            _with(dense=False),
        ),
    ),
    hints=(
        "How many numbers does a review of maxlen words become once each word is a vector of "
        "output_dim? And how many numbers should the model answer with?",
        "(m, maxlen) -> Embedding -> (m, maxlen, output_dim) -> Flatten -> "
        "(m, maxlen * output_dim) -> Dense -> (m, 1).",
        "keras.Sequential of four: Input((maxlen,)), Embedding(input_dim, output_dim), Flatten(), "
        "and a Dense of one unit with a sigmoid.",
    ),
)
