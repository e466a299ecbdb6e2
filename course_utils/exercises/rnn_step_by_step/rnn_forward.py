"""Exercises 1 and 2: the plain RNN forwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception, Nested
from ...rnn_utils import sigmoid, softmax
from . import intermediates, oracle
from .cases import AXES, rnn_parameters, sequence_cases, step_cases
from .loops import cached_states, forward_mistakes, informative, predictions, run_forward

CACHE = ("a_next", "a_prev", "xt", "parameters")


def rnn_cell(
    xt,
    a_prev,
    p,
    *,
    mix=lambda wx, wa, b: np.tanh(wx + wa + b),
    output=softmax,
    seen="a_next",
    order="apxw",
):
    """Run a plain RNN cell; `mix` joins the three terms, `order` is that of the cache."""
    a_next = mix(p["Wax"] @ xt, p["Waa"] @ a_prev, p["ba"])
    source = a_next if seen == "a_next" else a_prev
    yt_pred = output(p["Wya"] @ source + p["by"])
    kept = {"a": a_next, "p": a_prev, "x": xt, "w": p}
    return a_next, yt_pred, tuple(kept[letter] for letter in order)


def _overwrites(xt, a_prev, parameters):
    a_next, yt_pred, _ = rnn_cell(xt, a_prev, parameters)
    a_prev[:] = a_next
    return a_next, yt_pred, (a_next, a_prev, xt, parameters)


def _transposed(xt, a_prev, p):
    a_next, yt_pred, _ = rnn_cell(xt, a_prev, p | {"Waa": p["Waa"].T})
    return a_next, yt_pred, (a_next, a_prev, xt, p)


def prediction_mistakes(cell: Callable[..., tuple]) -> tuple[Misconception, ...]:
    """List the mistakes in a cell's prediction; `cell` takes the switches `seen` and `output`."""
    return (
        Misconception(
            "y from a_prev",
            "`yt_pred` is made from `a_prev`, the state before this step. A prediction must know "
            "the present input: which state does?",
            partial(cell, seen="a_prev"),
        ),
        Misconception(
            "softmax forgotten",
            "`yt_pred` holds raw scores. Softmax turns each column of scores into probabilities "
            "that add up to 1.",
            partial(cell, output=lambda z: z),
        ),
        Misconception(
            "softmax over the batch",
            "Your softmax shares its total between examples. Only the classes of one example "
            "share a total, so it is each column that must add up to 1.",
            partial(cell, output=lambda z: softmax(z.T).T),
            (partial(cell, output=lambda z: softmax(z.reshape(-1, 1)).reshape(z.shape)),),
        ),
    )


def _cell_follows(args, value) -> dict:
    """Derive yt_pred and the cached state from the learner's a_next."""
    a, p = informative(value[0]), args["parameters"]
    return {"yt_pred": softmax(p["Wya"] @ a + p["by"]), "cache.a_next": a}


RNN_CELL_FORWARD = Exercise(
    name="rnn_cell_forward",
    difficulty=1,
    minutes=10,
    returns=("a_next", "yt_pred", Nested("cache", CACHE)),
    stages=("a_next", "yt_pred"),
    axes=AXES,
    cases=partial(step_cases, draw_parameters=rnn_parameters),
    oracle=oracle.rnn_cell_forward,
    intermediates=intermediates.rnn_cell_forward,
    follows=_cell_follows,
    criteria=(
        Criterion("returns (a_next, yt_pred, cache) of the right shapes", 1, aspect="shape"),
        Criterion("a_next, the new hidden state", 3, ("a_next",)),
        Criterion(
            "yt_pred, the prediction",
            3,
            ("yt_pred",),
            hint="If the new state is right, only one line is left. Which weights, which "
            "bias and which function turn `a_next` into probabilities, and along which "
            "axis do these add up to 1?",
        ),
        Criterion(
            "cache holds (a_next, a_prev, xt, parameters)",
            1,
            ("cache.*",),
            beside=True,
            hint="`cache` is one tuple of four things in the docstring's order, the new "
            "state first. Are the other three as they were given?",
        ),
        Criterion("works for a batch of one", 1, ("a_next", "yt_pred"), "batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "tanh of each term",
            "You squash the terms separately and then add. Add all three first and squash their "
            "sum once, so that the input can push against the memory.",
            partial(rnn_cell, mix=lambda wx, wa, b: np.tanh(wx) + np.tanh(wa) + np.tanh(b)),
            (
                partial(rnn_cell, mix=lambda wx, wa, b: np.tanh(wx) + np.tanh(wa + b)),
                partial(rnn_cell, mix=lambda wx, wa, b: np.tanh(wx + b) + np.tanh(wa)),
                partial(rnn_cell, mix=lambda wx, wa, b: np.tanh(wx) + np.tanh(wa) + b),
                partial(rnn_cell, mix=lambda wx, wa, b: np.tanh(wx + b) + np.tanh(wa + b)),
            ),
        ),
        *prediction_mistakes(rnn_cell),
        Misconception(
            "sigmoid for the output",
            "`yt_pred` uses a sigmoid, which judges every class by itself. Softmax makes the "
            "classes share a total of 1.",
            partial(rnn_cell, output=sigmoid),
        ),
        Misconception(
            "sigmoid for tanh",
            "The hidden state goes through a sigmoid. This cell uses tanh, which is centred on 0 "
            "and can say no as well as yes.",
            partial(rnn_cell, mix=lambda wx, wa, b: sigmoid(wx + wa + b)),
        ),
        Misconception(
            "no nonlinearity",
            "The hidden state is a plain sum. Without tanh, any number of steps collapses into "
            "one linear map.",
            partial(rnn_cell, mix=lambda wx, wa, b: wx + wa + b),
        ),
        Misconception(
            "bias outside the tanh",
            "You add `ba` after the tanh, so the state can leave the range from -1 to 1. Add all "
            "three terms first, then squash their sum.",
            partial(rnn_cell, mix=lambda wx, wa, b: np.tanh(wx + wa) + b),
        ),
        Misconception(
            "bias ba forgotten",
            "The hidden state lacks its bias, `ba`: add it before tanh.",
            partial(rnn_cell, mix=lambda wx, wa, b: np.tanh(wx + wa)),
        ),
        Misconception(
            "memory forgotten",
            "The new state ignores `a_prev`. Without the term of `Waa`, the cell has no memory.",
            partial(rnn_cell, mix=lambda wx, wa, b: np.tanh(wx + b)),
        ),
        Misconception(
            "Waa transposed",
            "You use the transpose of `Waa`, or multiply from the other side. Row k of `Waa` "
            "holds the weights that feed unit k.",
            _transposed,
        ),
        Misconception(
            "cache in another order",
            "The cache holds the right things in another order. The backward pass will unpack it "
            "in the order that the docstring gives.",
            partial(rnn_cell, order="paxw"),
            (partial(rnn_cell, order="axpw"), partial(rnn_cell, order="xapw")),
            costs="cache holds (a_next, a_prev, xt, parameters)",
        ),
        Misconception(
            "a_prev overwritten",
            "You wrote the new state into `a_prev` itself. The caller's old state is gone, and "
            "the backward pass needs it. Make a new array.",
            _overwrites,
            costs="leaves its inputs unmodified",
        ),
    ),
    hints=(
        "Two quantities meet inside one tanh. What are their shapes, and which axis is the batch?",
        "`Wax` is (n_a, n_x) and `xt` is (n_x, m); `Waa` is (n_a, n_a) and `a_prev` is (n_a, m). "
        "Both products are (n_a, m), and `ba` (n_a, 1) broadcasts over the batch.",
        "First the state: add the input's share, the memory's share and the bias, and take tanh "
        "of the sum. Then the prediction: weight the state you have just made, add the bias "
        "`by`, and apply softmax.",
    ),
)

rnn_sequence = partial(run_forward, cell=rnn_cell, results=(0, 1))


def _state_before(after, before, p):
    return after[0], softmax(p["Wya"] @ before[0] + p["by"])


def _sequence_follows(args, value) -> dict:
    """Derive y_pred and the cached states from the learner's a."""
    a, p = informative(value[0]), args["parameters"]
    return {
        "y_pred": predictions(p["Wya"], p["by"], a),
        **cached_states("a", a, args["a0"]),
    }


RNN_FORWARD = Exercise(
    name="rnn_forward",
    difficulty=2,
    minutes=15,
    needs=("rnn_cell_forward",),
    returns=("a", "y_pred", Nested("caches", (Nested("steps", CACHE, each=True), "x"))),
    stages=("a_prev", "a_next"),
    axes=AXES,
    cases=partial(sequence_cases, draw_parameters=rnn_parameters),
    oracle=oracle.rnn_forward,
    follows=_sequence_follows,
    criteria=(
        Criterion("returns (a, y_pred, caches) of the right shapes", 1, aspect="shape"),
        Criterion("a, the hidden state of every step", 3, ("a",)),
        Criterion(
            "y_pred, the prediction of every step",
            2,
            ("y_pred",),
            hint="Each call of rnn_cell_forward returns a prediction as well. Where does the "
            "one of step t go, and is `y_pred` as wide as there are outputs, n_y?",
        ),
        Criterion(
            "caches holds (one cache a step, x)",
            1,
            ("caches.*",),
            beside=True,
            hint="`caches` is a pair: a list with the cache of every step, first step first, "
            "and the whole `x`.",
        ),
        Criterion("works for a sequence of one step", 1, ("a", "y_pred"), "one step"),
        Criterion("works for a batch of one", 1, ("a", "y_pred"), "batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "y from a_prev",
            "Each step's prediction is made from the state before the step. It should come from "
            "the state after it.",
            partial(rnn_sequence, record=_state_before),
        ),
        *forward_mistakes(rnn_sequence),
    ),
    hints=(
        "What does step t need from step t - 1, and where does step 0 get it?",
        "`a` is (n_a, m, T_x). Make it of zeros, and fill one slice of it, `a[:, :, t]`, at each "
        "step of a loop over T_x.",
        "In the loop, call rnn_cell_forward on the slice of `x` at t and on the running state. "
        "Store the new state, the prediction and the cache, and let the new state be the running "
        "one.",
    ),
)
