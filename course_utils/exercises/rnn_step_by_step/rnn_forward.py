"""Exercises 1 and 2: the plain RNN forwards."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception, Nested
from . import arguments, consequences, oracle
from .slips import forward_slips
from .variants import rnn_cell, rnn_sequence, sigmoid, softmax

CACHE = ("a_next", "a_prev", "xt", "parameters")
AXES = {
    **arguments.AXES,
    "a_next": ("unit", "example"),
    "yt_pred": ("class", "example"),
    "a": ("unit", "example", "time step"),
    "y_pred": ("class", "example", "time step"),
}


def _cell(**broken):
    return partial(rnn_cell, **broken)


def _overwrites(xt, a_prev, parameters):
    a_next, yt_pred, _ = rnn_cell(xt, a_prev, parameters)
    a_prev[:] = a_next
    return a_next, yt_pred, (a_next, a_prev, xt, parameters)


def _transposed(xt, a_prev, p):
    a_next, yt_pred, _ = rnn_cell(xt, a_prev, p | {"Waa": p["Waa"].T})
    return a_next, yt_pred, (a_next, a_prev, xt, p)


RNN_CELL_FORWARD = Exercise(
    name="rnn_cell_forward",
    difficulty=1,
    minutes=10,
    returns=("a_next", "yt_pred", Nested("cache", CACHE)),
    axes=AXES,
    cases=arguments.rnn_cell_cases,
    oracle=oracle.rnn_cell_forward,
    follows=consequences.rnn_cell,
    criteria=(
        Criterion("returns (a_next, yt_pred, cache) of the right shapes", 1, aspect="shape"),
        Criterion("a_next, the new hidden state", 3, ("a_next",)),
        Criterion("yt_pred, the prediction", 3, ("yt_pred",)),
        Criterion("cache holds (a_next, a_prev, xt, parameters)", 1, ("cache.*",), beside=True),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "tanh of each term",
            "You squash each term and then add. The cell adds first: one tanh around "
            "`Wax @ xt + Waa @ a_prev + ba`, so the input can push against the memory.",
            _cell(state=lambda wx, wa, b: np.tanh(wx) + np.tanh(wa) + np.tanh(b)),
            (
                _cell(state=lambda wx, wa, b: np.tanh(wx) + np.tanh(wa + b)),
                _cell(state=lambda wx, wa, b: np.tanh(wx + b) + np.tanh(wa)),
                _cell(state=lambda wx, wa, b: np.tanh(wx) + np.tanh(wa) + b),
                _cell(state=lambda wx, wa, b: np.tanh(wx + b) + np.tanh(wa + b)),
            ),
        ),
        Misconception(
            "y from a_prev",
            "`yt_pred` is computed from `a_prev`, the state before this step. The prediction "
            "must see the present input, so it comes from `a_next`.",
            _cell(seen="a_prev"),
        ),
        Misconception(
            "softmax forgotten",
            "`yt_pred` holds the raw scores. Softmax turns each column of scores into "
            "probabilities that add up to 1.",
            _cell(output=lambda z: z),
        ),
        Misconception(
            "softmax over the batch",
            "The softmax adds up over examples. Only the classes of one example share a total: "
            "each column must add up to 1, so normalise over axis 0.",
            _cell(output=partial(softmax, axis=1)),
            (_cell(output=partial(softmax, axis=None)),),
        ),
        Misconception(
            "sigmoid for the output",
            "`yt_pred` uses a sigmoid, which judges every class alone. Softmax makes the "
            "classes share one total of 1.",
            _cell(output=sigmoid),
        ),
        Misconception(
            "sigmoid for tanh",
            "The hidden state goes through a sigmoid. This cell uses tanh, which is centred "
            "on 0 and can say no as well as yes.",
            _cell(state=lambda wx, wa, b: sigmoid(wx + wa + b)),
        ),
        Misconception(
            "no nonlinearity",
            "The hidden state is a plain sum. Without tanh, any number of steps collapses "
            "into one linear map.",
            _cell(state=lambda wx, wa, b: wx + wa + b),
        ),
        Misconception(
            "bias ba forgotten",
            "The bias `ba` is missing from the hidden state.",
            _cell(state=lambda wx, wa, b: np.tanh(wx + wa)),
        ),
        Misconception(
            "memory forgotten",
            "The new state ignores `a_prev`: without `Waa @ a_prev` the cell has no memory.",
            _cell(state=lambda wx, wa, b: np.tanh(wx + b)),
        ),
        Misconception(
            "Waa transposed",
            "`Waa` is applied transposed. Row k of `Waa` feeds unit k: use `Waa @ a_prev`.",
            _transposed,
        ),
        Misconception(
            "cache in another order",
            "The cache holds the right things in another order. The backward pass unpacks "
            "`(a_next, a_prev, xt, parameters)`.",
            _cell(order="paxw"),
            (_cell(order="axpw"), _cell(order="xapw")),
        ),
        Misconception(
            "a_prev overwritten",
            "The new state was written into `a_prev` itself, so the caller's old state is "
            "gone, and the backward pass needs it. Make a new array.",
            _overwrites,
        ),
    ),
    hints=(
        "Two quantities meet inside one tanh. What are their shapes, and which axis is the batch?",
        "`Wax` is (n_a, n_x) and `xt` is (n_x, m); `Waa` is (n_a, n_a) and `a_prev` is (n_a, m). "
        "Both products are (n_a, m), and `ba` (n_a, 1) broadcasts over the batch.",
        "First the state: tanh of (input part + memory part + bias). Then the prediction: "
        "softmax of (`Wya` times the state you just made, plus `by`).",
    ),
)


def _sequence(**broken):
    return partial(rnn_sequence, **broken)


RNN_FORWARD = Exercise(
    name="rnn_forward",
    difficulty=2,
    minutes=15,
    needs=("rnn_cell_forward",),
    returns=("a", "y_pred", Nested("caches", (Nested("steps", CACHE, each=True), "x"))),
    axes=AXES,
    cases=partial(arguments.sequence_cases, draw_parameters=arguments.rnn_parameters),
    oracle=oracle.rnn_forward,
    follows=consequences.rnn_sequence,
    criteria=(
        Criterion("returns (a, y_pred, caches) of the right shapes", 1, aspect="shape"),
        Criterion("a, the hidden state of every step", 3, ("a",)),
        Criterion("y_pred, the prediction of every step", 2, ("y_pred",)),
        Criterion("caches holds (one cache a step, x)", 1, ("caches.*",), beside=True),
        Criterion("works for a sequence of one step", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "state not carried",
            "Every step starts again from `a0`. The state that leaves step t must enter step "
            "t + 1: that is the recurrence.",
            _sequence(carry=False),
        ),
        Misconception(
            "y from a_prev",
            "The prediction of each step is made from the state before it; it should come "
            "from the state after the step.",
            _sequence(y_from="a_prev"),
        ),
        *forward_slips(_sequence),
    ),
    hints=(
        "What does step t need from step t - 1, and where does step 0 get it?",
        "`a` is (n_a, m, T_x): make it of zeros first, fill `a[:, :, t]` in a loop over T_x.",
        "In the loop: call rnn_cell_forward on `x[:, :, t]` and the running state; store the "
        "new state, the prediction and the cache; let the new state be the running one.",
    ),
)
