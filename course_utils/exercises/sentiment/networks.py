"""Exercises 3, 5 and 6: learned vectors, borrowed ones, and two bidirectional LSTMs.

Keras is imported when a form of an answer is run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from ..readings import drawn, ends, left_alone, ranking, where_it_drops
from . import oracle
from .cases import FULL, bidirectional_cases, learned_cases, pretrained_cases

AXES = {
    "outputs": ("review", "unit"),
    "ranking of the reviews": ("place",),
    "ranking of the padded reviews": ("place",),
    "probability": ("unit",),
}


def _read(args, value):
    """Say what a model's outputs show of it."""
    return {
        "outputs": value["outputs"],
        "ranking of the reviews": ranking(value["outputs"]),
        "probability": ends(value["ends"]["outputs"]),
        "frozen": left_alone(value["step"]),
        "drawn in training": drawn(value["ends"]),
    }


def _one_unit(form: Callable) -> tuple[Misconception, ...]:
    """Make the slips with the last layer that every model of this notebook invites."""
    return (
        Misconception("softmax on one unit",
            "A softmax makes the outputs of a layer sum to 1; with a single unit that is always "
            "exactly 1, whatever the review says. One unit takes a sigmoid.",
            partial(form, activation="softmax")),
        Misconception("no sigmoid",
            "Nothing keeps the output between 0 and 1, where a probability lies. End with a "
            "sigmoid, in the place of any other activation.",
            partial(form, activation=None),
            (partial(form, activation="relu"), partial(form, activation="tanh"))),
        Misconception("two units",
            "There is one unit too many. The probability of 'positive' says all: that of "
            "'negative' is what is left of 1.",
            partial(form, outputs=2, activation="softmax"),
            (partial(form, outputs=2),)),
    )  # fmt: skip


def _pooled(x, pool):
    from keras import layers

    made = {"flatten": layers.Flatten, "mean": layers.GlobalAveragePooling1D,
            "max": layers.GlobalMaxPooling1D}  # fmt: skip
    return made[pool]()(x) if pool else x


def _learned(input_dim, output_dim, maxlen, *, pool="flatten", activation="sigmoid", outputs=1,
             trainable=True, more_rows=0, hidden=0, dense=True):  # fmt: skip
    """Build learned_embedding_model with one thing or another done wrong."""
    import keras
    from keras import layers

    numbers = keras.Input((maxlen,), dtype="int32")
    x = layers.Embedding(input_dim + more_rows, output_dim, trainable=trainable)(numbers)
    x = _pooled(x, pool)
    if hidden:
        x = layers.Dense(hidden, activation="relu")(x)
    return keras.Model(numbers, layers.Dense(outputs, activation=activation)(x) if dense else x)


LEARNED_EMBEDDING_MODEL = Exercise(
    name="learned_embedding_model",
    difficulty=1,
    minutes=12,
    returns=(),
    axes=AXES,
    cases=learned_cases,
    oracle=oracle.learned_embedding_model,
    probe="keras_model",
    reading=_read,
    criteria=(
        Criterion("a model with one number a review", 3, leaves=("outputs",), aspect="shape"),
        Criterion("embedding, then all vectors side by side, then one unit", 7,
                  leaves=("ranking of the reviews",)),
        Criterion("the probabilities of this very network", 1,
                  leaves=("outputs", "drawn in training"),
            hint="The order of the reviews is right, the numbers are not. Does something act "
                 "on the score that the network of the text does not have?"),
        Criterion("ends with a sigmoid", 1, leaves=("probability",),
            hint="One number between 0 and 1: which activation makes it?"),
        Criterion("training moves the embedding and all behind it", 3, leaves=("frozen",),
                  beside=True,
            hint="Is there an embedding, and may training move it, and every layer behind it?"),
    ),
    misconceptions=(
        *_one_unit(_learned),
        Misconception("vectors averaged",
            "Pooling over the words loses which word stood where. Every component of every "
            "position has its own weight: maxlen * output_dim numbers side by side.",
            partial(_learned, pool="mean"),
            (partial(_learned, pool="max"),)),
        Misconception("no Flatten",
            "The last layer is applied to each word's vector, so there is one answer a word. "
            "First put the (maxlen, output_dim) numbers of a review into one row.",
            partial(_learned, pool=None)),
        Misconception("embedding frozen",
            "The embedding is frozen at the random numbers it started with. Nothing is known "
            "about the words yet, so their vectors must be learned.",
            partial(_learned, trainable=False)),
        Misconception("another number of rows",
            "The table has another number of rows than asked for. The numbers go from 0 to "
            "input_dim - 1, padding and unknown words included, so input_dim rows hold them all.",
            partial(_learned, more_rows=1),
            (partial(_learned, more_rows=2),
             lambda input_dim, output_dim, maxlen: _learned(10000, output_dim, maxlen))),
        Misconception("size of the vectors written in",
            "The size of the vectors is written into the model as a number. It is an argument; "
            "the usual value is only its default.",
            lambda input_dim, output_dim, maxlen: _learned(input_dim, 8, maxlen)),
        Misconception("a hidden layer",
            "There is a layer between the vectors and the answer that was not asked for. The "
            "single unit reads the flattened vectors itself.",
            partial(_learned, hidden=16),
            (partial(_learned, hidden=32),)),
        Misconception("no deciding unit",
            "The model ends with the vectors. One Dense unit has to make a single number of them.",
            partial(_learned, dense=False)),
    ),
    hints=(
        "How many numbers does a review of maxlen words become once each word is a vector of "
        "output_dim? And how many numbers should the model answer with?",
        "(m, maxlen) -> Embedding -> (m, maxlen, output_dim) -> Flatten -> "
        "(m, maxlen * output_dim) -> Dense -> (m, 1).",
        "keras.Sequential of four: Input((maxlen,)), Embedding(input_dim, output_dim), Flatten(), "
        "and a Dense of one unit with a sigmoid.",
    ),
)  # fmt: skip


def _pretrained(matrix, maxlen, *, trainable=False, filled=True, shift=0, pool="flatten",
                hidden="relu", units=32, activation="sigmoid", outputs=1):  # fmt: skip
    """Build glove_classifier with one thing or another done wrong."""
    import keras
    from keras import layers

    embedding = layers.Embedding(*matrix.shape, trainable=trainable)
    embedding.build((None, maxlen))
    if filled:
        embedding.set_weights([np.roll(matrix, shift, axis=0)])
    numbers = keras.Input((maxlen,), dtype="int32")
    x = _pooled(embedding(numbers), pool)
    if units:
        x = layers.Dense(units, activation=hidden)(x)
    return keras.Model(numbers, layers.Dense(outputs, activation=activation)(x))


GLOVE_CLASSIFIER = Exercise(
    name="glove_classifier",
    difficulty=2,
    minutes=15,
    returns=(),
    axes=AXES,
    cases=pretrained_cases,
    oracle=oracle.glove_classifier,
    probe="keras_model",
    reading=_read,
    criteria=(
        Criterion("a model with one number a review", 2, leaves=("outputs",), aspect="shape"),
        Criterion("the matrix's vectors, side by side, 32 units, one", 7,
                  leaves=("ranking of the reviews",)),
        Criterion("the probabilities of this very network", 1,
                  leaves=("outputs", "drawn in training"),
            hint="The order of the reviews is right, the numbers are not. Does something act "
                 "on the units or the score that the network of the text does not have?"),
        Criterion("ends with a sigmoid", 2, leaves=("probability",),
            hint="One number between 0 and 1: which activation makes it?"),
        Criterion("training moves the dense layers and leaves the matrix as it is", 4,
                  leaves=("frozen",), beside=True,
            hint="Which layers may training move? Look at `trainable`, of the embedding and "
                 "of the others."),
    ),
    misconceptions=(
        Misconception("trainable",
            "The vectors are trained too: half a million numbers fitted to two hundred reviews, "
            "and words that don't occur in these left behind. Freeze the Embedding layer itself.",
            partial(_pretrained, trainable=True)),
        Misconception("random vectors",
            "The matrix is not in the model: the embedding holds the random numbers it started "
            "with.",
            partial(_pretrained, filled=False),
            (partial(_pretrained, filled=False, trainable=True),)),
        Misconception("rows shifted",
            "The rows of your matrix arrive one place off, so every word gets its neighbour's "
            "vector. Row k belongs to number k as it is.",
            partial(_pretrained, shift=1),
            (partial(_pretrained, shift=-1),)),
        Misconception("vectors averaged",
            "Pooling over the words gives their average. Here they are to stand side by side.",
            partial(_pretrained, pool="mean")),
        Misconception("no Flatten",
            "The dense layers are applied to each word's vector, so there is one answer a word. "
            "First put the vectors of a review into one row.",
            partial(_pretrained, pool=None)),
        Misconception("no activation in the hidden layer",
            "The layer of 32 has no activation. Two linear layers in a row are one linear layer, "
            "so the 32 units add nothing.",
            partial(_pretrained, hidden=None)),
        Misconception("another activation in the hidden layer",
            "The layer of 32 should have a relu, which lets what is positive through as it is.",
            partial(_pretrained, hidden="tanh"),
            (partial(_pretrained, hidden="sigmoid"),)),
        Misconception("no hidden layer",
            "The layer of 32 with a relu is missing, or has another size.",
            partial(_pretrained, units=0),
            (partial(_pretrained, units=64), partial(_pretrained, units=16))),
        *_one_unit(_pretrained),
    ),
    hints=(
        "Which of the model's numbers should 200 reviews be allowed to change, and which not?",
        "layers.Embedding(input_dim, n, trainable=False), with input_dim, n = matrix.shape; to "
        "fill it, build((None,)) and set_weights([matrix]). Then Flatten, as before.",
        "Embedding filled with the matrix, Flatten, Dense(32) with a relu, Dense(1) with a "
        "sigmoid.",
    ),
)  # fmt: skip


def _read_both_ways(args, value):
    """Split the outputs for full reviews from those for padded ones; say where it drops."""
    outputs, padded = value["outputs"][:FULL], value["outputs"][FULL:]
    return _read(args, value | {"outputs": outputs}) | {
        "outputs for padded reviews": padded,
        "ranking of the padded reviews": ranking(padded),
        "dropout": where_it_drops(value, _dropout, "after the embedding and after the last LSTM"),
    }


def _dropout(outputs) -> str:
    """Say where there is dropout, by what it does in training (see `cases.dropout_look`)."""
    found = np.ravel(outputs)
    dropped = np.isclose(found, 0.5, atol=1e-6) | np.isclose(found, 0.0, atol=1e-6)
    halves = zip(np.array_split(found, 2), np.array_split(dropped, 2), strict=True)
    first = any(_n_values(half[~gone]) > 2 for half, gone in halves)
    last = bool(dropped.any() and not dropped.all())
    places = ["after the embedding"] * first + ["after the last LSTM"] * last
    return " and ".join(places) or "nowhere"


def _n_values(numbers) -> int:
    return 1 + int(np.sum(np.diff(np.sort(numbers)) > 2e-6))  # rounding differs by 1e-7


def _bidirectional(maxlen, input_dim, output_dim, units, *, mask=True, trainable=True,
                   both=(True, True), merge="concat", layers_used=2, sequences=(True, False),
                   between=None, take=None, drop=(0.5, 0.5), activation="sigmoid",
                   outputs=1):  # fmt: skip
    """Build bilstm_classifier with one thing or another done wrong."""
    import keras
    from keras import layers

    numbers = keras.Input((maxlen,), dtype="int32")
    x = layers.Embedding(input_dim, output_dim, mask_zero=mask, trainable=trainable)(numbers)
    if drop[0]:
        x = layers.Dropout(drop[0])(x)
    for number in range(layers_used):
        # not unrolled, which would be quicker: Keras then gives zeros where a mask ends a row
        lstm = layers.LSTM(units, return_sequences=sequences[number - layers_used])
        x = (layers.Bidirectional(lstm, merge_mode=merge) if both[number] else lstm)(x)
        if number == 0 and between == "one step":
            x = layers.Reshape((1, -1))(x)
    if take == "last":
        x = x[:, -1]
    x = _pooled(x, "mean" if take == "mean" else None)
    if drop[1]:
        x = layers.Dropout(drop[1])(x)
    return keras.Model(numbers, layers.Dense(outputs, activation=activation)(x))


def _units_shared(maxlen, input_dim, output_dim, units):
    return _bidirectional(maxlen, input_dim, output_dim, max(units // 2, 1))


BILSTM_CLASSIFIER = Exercise(
    name="bilstm_classifier",
    difficulty=3,
    minutes=20,
    returns=(),
    axes=AXES,
    cases=bidirectional_cases,
    oracle=oracle.bilstm_classifier,
    probe="keras_model",
    reading=_read_both_ways,
    criteria=(
        Criterion("a model with one number a review", 3, leaves=("outputs",), aspect="shape"),
        Criterion("reads forwards and backwards, twice", 9, leaves=("ranking of the reviews",)),
        Criterion("skips padding, wherever it stands", 6,
                  leaves=("ranking of the padded reviews",),
            hint="The number 0 is no word. Which layer can tell all those after it, and with "
                 "which setting?"),
        Criterion("the probabilities of this very network", 1, leaves=("outputs*",),
            hint="The order of the reviews is right, the numbers are not. Does something act "
                 "on the states or the score that the network of the text does not have?"),
        Criterion("ends with a sigmoid", 2, leaves=("probability",),
            hint="One number between 0 and 1: which activation makes it?"),
        Criterion("dropout after the embedding and after the last LSTM, nowhere else", 2,
                  leaves=("dropout",), beside=True,
            hint="The text names two places for dropout. What stands between the embedding "
                 "and the first LSTM, and what between the last LSTM and the unit? Does anything "
                 "else drop?"),
        Criterion("training moves the embedding and all behind it", 2, leaves=("frozen",),
                  beside=True,
            hint="Is there an embedding, and may training move it, and every layer behind it?"),
    ),
    misconceptions=(
        Misconception("padding read as words",
            "Zeros change the answer, so the LSTMs read the padding as if it were words. The "
            "embedding can pass on a mask that tells all layers after it to skip zeros. (Does "
            "each layer in between hand it on?)",
            partial(_bidirectional, mask=False)),
        Misconception("forwards only",
            "A layer reads in one direction only. Both LSTMs are to be wrapped in Bidirectional.",
            partial(_bidirectional, both=(False, False)),
            (partial(_bidirectional, both=(True, False)),
             partial(_bidirectional, both=(False, True)))),
        Misconception("the second layer gets no sequence",
            "The first LSTM hands on its end states only, so the second has one step to read, "
            "or cannot be built. It needs a state for every word.",
            partial(_bidirectional, sequences=(False, False)),
            (partial(_bidirectional, sequences=(False, False), between="one step"),)),
        Misconception("directions not side by side",
            "The two directions are averaged or added, which mixes up who said what. Side by side "
            "they are 2 * units numbers: leave merge_mode alone.",
            partial(_bidirectional, merge="ave"),
            (partial(_bidirectional, merge="sum"),)),
        Misconception("last position of both directions",
            "At the last position, the reading backwards has only just begun. Each direction's "
            "state is wanted at its own end, which is what the layer gives without a sequence.",
            partial(_bidirectional, sequences=(True, True), take="last")),
        Misconception("states averaged over the words",
            "The states at all words are averaged. Here the end states decide: the second layer "
            "returns no sequence.",
            partial(_bidirectional, sequences=(True, True), take="mean")),
        Misconception("one answer a word",
            "You get a number for each word. There is one decision a review: the second layer "
            "returns its end states only.",
            partial(_bidirectional, sequences=(True, True))),
        Misconception("one layer only",
            "There is one bidirectional layer. A second one should read what the first one made "
            "of the words.",
            partial(_bidirectional, layers_used=1)),
        Misconception("units shared by the directions",
            "Each direction has half the units. `units` is meant for each of them, so a layer "
            "hands on 2 * units numbers a word.",
            _units_shared),
        *_one_unit(_bidirectional),
        Misconception("a dropout is missing",
            "A dropout is missing, or has rate 0. The table alone has two and a half million "
            "numbers, enough to learn the reviews by heart: drop after the embedding and after "
            "the last LSTM.",
            partial(_bidirectional, drop=(0.5, 0)),
            (partial(_bidirectional, drop=(0, 0)),)),
        Misconception("embedding frozen",
            "The embedding is frozen at the random numbers it started with. Twenty thousand "
            "reviews are enough to learn the vectors from.",
            partial(_bidirectional, trainable=False)),
    ),
    hints=(
        "What must the second layer be given to read, and what does the last unit need of it? "
        "And what should the layers make of the zeros?",
        "Embedding(..., mask_zero=True) gives (m, maxlen, output_dim); a Bidirectional LSTM that "
        "returns its sequence gives (m, maxlen, 2 * units); one that doesn't, (m, 2 * units).",
        "Input, Embedding with mask_zero, dropout, Bidirectional(LSTM(units, "
        "return_sequences=True)), Bidirectional(LSTM(units)), dropout, Dense of one unit with a "
        "sigmoid.",
    ),
)  # fmt: skip
