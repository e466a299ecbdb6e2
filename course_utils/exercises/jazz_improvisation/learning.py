"""Exercise 1: the network that learns, with the tokens of a tune as inputs."""

from __future__ import annotations

from functools import partial

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import djmodel_cases
from .keras_forms import djmodel
from .slips import AXES, layer_slips, reading, state_slips


def _wired(**slips):
    return partial(djmodel, **slips)


DJMODEL = Exercise(
    name="djmodel",
    difficulty=3,
    minutes=25,
    returns=(),
    axes=AXES,
    cases=djmodel_cases,
    oracle=oracle.djmodel,
    probe="keras_model",
    reading=reading,
    criteria=(
        Criterion(
            "one output (m, n_values) for each time step",
            5,
            leaves=("number of outputs", "shape of each output"),
            beside=True,
        ),
        Criterion("starts from a0 and c0", 7, leaves=("outputs",), tag="start"),
        Criterion("carries a and c from step to step", 10, leaves=("outputs",), tag="carry"),
        Criterion("reads the step it is at", 10, leaves=("outputs",), tag="read"),
        Criterion(
            "uses the layers it is given, and makes none",
            8,
            leaves=("LSTM_cell used", "densor used", "parameters in new layers"),
            beside=True,
        ),
    ),
    misconceptions=(
        Misconception(
            "always the first step",
            "Every step reads X[:, 0, :]. Step t reads `X[:, t, :]`.",
            _wired(at=lambda t, Tx: 0),
        ),
        Misconception(
            "always the last step",
            "Every step reads the last token. In a Lambda layer, `t` is looked up when the model "
            "runs, and by then the loop is over: slice `X[:, t, :]` directly.",
            _wired(at=lambda t, Tx: Tx - 1),
        ),
        Misconception(
            "time read backwards",
            "The tokens are read from the end to the start. Time runs forwards: step t reads "
            "`X[:, t, :]`.",
            _wired(at=lambda t, Tx: Tx - 1 - t),
        ),
        Misconception(
            "the step before",
            "Step t reads the token of step t - 1, and step 0 that of the last step. The targets "
            "are shifted already: step t reads `X[:, t, :]`.",
            _wired(at=lambda t, Tx: t - 1),
        ),
        *state_slips(_wired),
        *layer_slips(_wired),
    ),
    hints=(
        "The same cell works at every step. What does it need at step t besides the token, and "
        "where does that come from at step 0?",
        "`X[:, t, :]` is (m, n_values); the cell wants a sequence, so `reshaper` makes it (m, 1, "
        "n_values). `LSTM_cell(x, initial_state=[...])` returns three things: output, a, c.",
        "Before the loop: a, c = a0, c0 and an empty list. In it: slice, reshape, run the cell "
        "with both states, keep both new states, append what `densor` makes of a. At the end: "
        "Model(inputs=[...three...], outputs=the list).",
    ),
)
