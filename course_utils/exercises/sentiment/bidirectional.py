"""Exercise 6: two bidirectional LSTMs that skip the padding."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import FULL, bidirectional_cases
from .keras_forms import bidirectional

_NOWHERE = "nowhere"
_RECURRENT = ("Bidirectional", "LSTM")


def _reading(args, value):
    """Part the outputs for full reviews from those for padded ones; say where it drops."""
    outputs = value["outputs"]
    return {
        "outputs": outputs[:FULL],
        "outputs for padded reviews": outputs[FULL:],
        "n_trainable": value["n_trainable"],
        "dropout": _dropout(value),
    }


def _dropout(value) -> str:
    """Say where there is dropout: by what it does in training, where all sizes are right.

    See `training_arguments` for what each kind of dropout does.
    """
    if not value["training"]["fits"]:
        return _listed_dropout(value["layers"])
    found = value["training"]["outputs"].ravel()
    dropped = np.isclose(found, 0.5, atol=1e-6) | np.isclose(found, 0.0, atol=1e-6)
    several = len(np.unique(found[~dropped].round(5))) > 2
    return _said(several, dropped.any() and not dropped.all())


def _said(first, last) -> str:
    places = ["after the embedding"] * bool(first) + ["after the last LSTM"] * bool(last)
    return " and ".join(places) or _NOWHERE


def _listed_dropout(layers) -> str:
    """Say the same from the list of a model's layers."""
    kinds = {layer["name"]: layer["kind"] for layer in layers}
    recurrent = [name for name, kind in kinds.items() if kind in _RECURRENT]
    dropped = {name for layer in layers if "Dropout" in layer["kind"] and 0 < layer["rate"] < 1
               for name in layer["from"]}  # fmt: skip
    first = any(kinds.get(name) == "Embedding" for name in dropped)
    return _said(first, recurrent and recurrent[-1] in dropped)


def _with(**slips):
    return partial(bidirectional, **slips)


def _units_shared(maxlen, input_dim, output_dim, units):
    return bidirectional(maxlen, input_dim, output_dim, max(units // 2, 1))


BILSTM_CLASSIFIER = Exercise(
    name="bilstm_classifier",
    difficulty=3,
    minutes=20,
    returns=(),
    axes={
        "outputs": ("review", "unit"),
        "outputs for padded reviews": ("padded review", "unit"),
    },
    cases=bidirectional_cases,
    oracle=oracle.bilstm_classifier,
    probe="keras_model",
    reading=_reading,
    criteria=(
        Criterion("a model with one number a review", 3, leaves=("outputs",), aspect="shape"),
        Criterion("reads forwards and backwards, twice", 10, leaves=("outputs",)),
        Criterion("skips padding, wherever it stands", 6, leaves=("outputs for padded reviews",)),
        Criterion(
            "dropout after the embedding and after the last LSTM",
            2,
            leaves=("dropout",),
            beside=True,
        ),
        Criterion(
            "an embedding, two bidirectional LSTMs and one unit to train",
            4,
            leaves=("n_trainable",),
        ),
    ),
    misconceptions=(
        Misconception(
            "padding read as words",
            "Zeros change the answer, so the LSTMs read the padding as if it were words. "
            "`mask_zero=True` tells every layer after the embedding to skip it.",
            _with(mask=False),
        ),
        Misconception(
            "forwards only",
            "A layer reads in one direction only. Wrap both LSTMs: Bidirectional(LSTM(units)).",
            _with(both=(False, False)),
            (_with(both=(True, False)), _with(both=(False, True))),
        ),
        Misconception(
            "the second layer gets no sequence",
            "The first layer hands on its end states only, so the second has one step to read, "
            "or cannot be built. It needs a state for every word: return_sequences=True.",
            _with(sequences=(False, False)),
            (_with(sequences=(False, False), between="one step"),),
        ),
        Misconception(
            "directions not side by side",
            "The two directions are averaged or added, which mixes up who said what. Leave "
            "merge_mode alone: it puts their states side by side, 2 * units numbers.",
            _with(merge="ave"),
            (_with(merge="sum"),),
        ),
        Misconception(
            "last position of both directions",
            "At the last position, the reading backwards has only just begun. A Bidirectional "
            "layer without return_sequences gives each direction's state at its own end.",
            _with(sequences=(True, True), take="last"),
        ),
        Misconception(
            "states averaged over the words",
            "The states at all words are averaged. The end states decide here: leave "
            "return_sequences off in the second layer.",
            _with(sequences=(True, True), take="mean"),
        ),
        Misconception(
            "one answer a word",
            "You get a number for each word. One decision a review is wanted: the second layer "
            "returns its end states only.",
            _with(sequences=(True, True)),
        ),
        Misconception(
            "one layer only",
            "There is one bidirectional layer. A second one is to read what the first one made "
            "of the words.",
            _with(layers_used=1),
        ),
        Misconception(
            "units shared by the directions",
            "Each direction has half the units. `units` is meant for each of them, so a layer "
            "hands on 2 * units numbers a word.",
            _units_shared,
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
        ),
        Misconception(
            "two units",
            "There is one unit too many. The probability of *positive* says all.",
            _with(outputs=2, activation="softmax"),
        ),
        Misconception(
            "a dropout is missing",
            "A dropout is missing, or has rate 0. The table alone has two and a half million "
            "numbers, enough to learn the reviews by heart: drop after the embedding and after "
            "the last LSTM.",
            _with(drop=(0.5, 0)),
            (_with(drop=(0, 0)),),
        ),
        Misconception(
            "embedding frozen",
            "The embedding is frozen at the random numbers it started with. With twenty thousand "
            "reviews there is enough to learn the vectors from.",
            _with(trainable=False),
        ),
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
)
