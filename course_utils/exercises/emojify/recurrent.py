"""Exercise 6: two LSTMs on top of the pretrained vectors."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import oracle
from .cases import numbered, vocabulary
from .keras_forms import embedding, emojify, in_order

UNITS, CLASSES, COPIES = 128, 5, 128


def _cases(rng: np.random.Generator) -> list[Case]:
    """Draw a vocabulary, sentences as indices, and weights for all layers but the embedding."""
    cases = []
    for m, T_x, size, n in ((3, 6, 9, 4), (1, 3, 7, 5)):
        words = vocabulary(rng, size, n)
        inputs = rng.integers(1, size + 1, (m, T_x))  # no padding: it may be masked or not
        shapes = [
            *[(n, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)],
            *[(UNITS, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)],
            *[(UNITS, CLASSES), (CLASSES,)],
        ]
        # large enough for the classes to part, and not so large that the gates saturate
        weights = [rng.normal(0, 1.5 / np.sqrt(shape[0]), shape) for shape in shapes]
        cases.append(
            Case(
                f"m={m}, max_len={T_x}, {size} words",
                {
                    "input_shape": (T_x,),
                    "word_to_vec_map": words,
                    "word_to_index": numbered(rng, words),
                },
                after={
                    "inputs": inputs,
                    "weights": weights,
                    "training": _training(rng, inputs, shapes),
                },
            )
        )
    return cases


def _training(rng: np.random.Generator, inputs: np.ndarray, shapes: list) -> dict:
    """Make weights that show in training where dropout stands, and copies of one sentence.

    The first LSTM does not look at the words, so without dropout after it all copies are alike.
    Only the first class looks at the second LSTM, at one unit: dropout after it makes the first
    class like the others at times.
    """
    weights = [np.zeros(shape) for shape in shapes]
    weights[2] += rng.normal(0, 1.0, 4 * UNITS)
    weights[3] += rng.normal(0, 1.0 / np.sqrt(UNITS), weights[3].shape)
    weights[5] += 1.5
    weights[6][0, 0] = 3.0
    return {"inputs": inputs[:1].repeat(COPIES, axis=0), "weights": weights}


def _reading(args, value):
    """Reduce what a model is made of to where its dropout stands and what can be trained."""
    return {
        "outputs": value["outputs"],
        "n_trainable": value["n_trainable"],
        "n_frozen": value["n_weights"] - value["n_trainable"],
        "dropout": _dropout(value),
    }


def _dropout(value) -> str:
    """Say after which LSTM there is dropout: by what it does, where both have the right size."""
    if not value["training"]["fits"]:
        return _listed_dropout(value["layers"])
    rows = value["training"]["outputs"].reshape(COPIES, -1)[:, -CLASSES:]
    dropped = np.isclose(rows[:, 0], rows[:, 1], atol=1e-6)
    if dropped.all():
        return _said([False, False])
    return _said([bool(np.ptp(rows[~dropped, 0]) > 1e-5), bool(dropped.any())])


def _listed_dropout(layers) -> str:
    """Say the same from the list of a model's layers."""
    lstms = [layer["name"] for layer in layers if layer["kind"] == "LSTM"]
    dropped = {name for layer in layers if layer["kind"] == "Dropout" and 0 < layer["rate"] < 1
               for name in layer["from"]}  # fmt: skip
    return _said([name in dropped for name in lstms])


def _said(after) -> str:
    if len(after) == 2 and all(after):
        return "after both LSTMs"
    if not any(after):
        return "after no LSTM"
    return f"after LSTM {after.index(True) + 1} of {len(after)}"


def _with(**slips):
    return partial(emojify, **slips)


def _dead_first(input_shape, words, index):
    """Stop at the first LSTM's last state: the second LSTM gets no sequence."""
    import keras
    from keras import layers

    x = embedding(words, index)(keras.Input(input_shape, dtype="int32"))
    return layers.LSTM(UNITS)(layers.Dropout(0.5)(layers.LSTM(UNITS)(x)))


EMOJIFY_V2 = Exercise(
    name="Emojify_V2",
    difficulty=3,
    minutes=20,
    returns=(),
    axes={"outputs": ("sentence", "class")},
    needs=("pretrained_embedding_layer",),
    cases=_cases,
    oracle=oracle.emojify_v2,
    probe="keras_model",
    reading=_reading,
    criteria=(
        Criterion(
            "a model with one row of five numbers a sentence",
            3,
            leaves=("outputs",),
            aspect="shape",
        ),
        Criterion(
            "embedding, LSTM, LSTM, softmax, each fed by the one before", 12, leaves=("outputs",)
        ),
        Criterion("dropout after each LSTM", 4, leaves=("dropout",), beside=True),
        Criterion("two LSTMs of 128 and a layer of 5 to train", 3, leaves=("n_trainable",)),
        Criterion("the word vectors are frozen", 3, leaves=("n_frozen",)),
    ),
    misconceptions=(
        Misconception(
            "embedding trained",
            "The word vectors are trained along. In the real model that is 20 million numbers "
            "for twelve hundred sentences: use your frozen layer.",
            _with(trainable=True),
        ),
        Misconception(
            "sigmoid",
            "The outputs don't add up to 1: this is a sigmoid for each class. The classes "
            "exclude each other, so end with a softmax.",
            _with(activation="sigmoid"),
        ),
        Misconception(
            "no softmax",
            "The model ends with raw scores. Give the last layer, or one after it, a softmax.",
            _with(activation=None),
            (_with(activation="relu"), _with(activation="tanh")),
        ),
        Misconception(
            "cut short after the first dropout",
            "The model ends after the first LSTM and its dropout. A second LSTM has to read that "
            "sequence and hand its last state to the layer of 5.",
            _with(second=False, head=False),
            (_with(second=False),),
        ),
        Misconception(
            "second LSTM fed with the embeddings",
            "The second LSTM reads the embeddings, so the first one is cut off and never used. "
            "Pass on the first one's output, after its dropout.",
            _with(from_embedding=True),
        ),
        Misconception(
            "random embedding",
            "The words come in as random vectors. Use pretrained_embedding_layer, so that words "
            "the training set has never seen still mean something.",
            _with(matrix=None),
            (_with(matrix=None, trainable=True),),
        ),
        Misconception(
            "rows in dictionary order",
            "The vectors stand in the order of a dictionary, so each word gets another's. Row "
            "word_to_index[word] belongs to the word.",
            _with(matrix=lambda words, index: in_order(words, words)),
        ),
        Misconception(
            "first LSTM returns its last state only",
            "The second LSTM needs a state at each step, (m, T_x, 128). Tell the first one to "
            "return its whole sequence.",
            _dead_first,
        ),
        Misconception(
            "second LSTM returns all steps",
            "You get five numbers for each word. One decision a sentence is wanted: the second "
            "LSTM returns its last state only.",
            _with(all_steps=True),
        ),
        Misconception(
            "a dropout is missing",
            "One dropout is missing, or has rate 0. With twelve hundred sentences the network "
            "knows them by heart soon: one after each LSTM.",
            _with(first_dropout=0),
            (_with(second_dropout=0), _with(first_dropout=0, second_dropout=0)),
        ),
        Misconception(
            "sentences read backwards",
            "The first LSTM reads from the end. Leave go_backwards alone.",
            _with(go_backwards=True),
        ),
        Misconception(
            "another number of units",
            "The LSTMs have another size than 128 units each, which changes every count that "
            "follows.",
            _with(units=(64, 64)),
            (_with(units=(128, 64)), _with(units=(64, 128))),
        ),
    ),
    hints=(
        "What shape does the second LSTM have to receive, and what shape the layer of 5? Which "
        "setting of an LSTM decides between the two?",
        "Input (m, T_x) -> embedding (m, T_x, n) -> LSTM, all steps (m, T_x, 128) -> dropout -> "
        "LSTM, last step (m, 128) -> dropout -> 5 -> softmax.",
        "Name the tensor anew at each step and feed each layer with it: X = LSTM(128, "
        "return_sequences=True)(embeddings); X = Dropout(0.5)(X); and so on to Model(inputs, X).",
    ),
)
