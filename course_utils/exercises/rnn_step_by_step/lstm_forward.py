"""Exercises 3 and 4: the LSTM forwards."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception, Nested
from . import arguments, consequences, oracle
from .slips import forward_slips
from .variants import lstm_cell, lstm_sequence, sigmoid, softmax

CACHE = ("a_next", "c_next", "a_prev", "c_prev", "ft", "it", "cct", "ot", "xt", "parameters")
GATES = ("ft", "it", "cct", "ot")
AXES = {
    **arguments.AXES,
    **{name: ("unit", "example") for name in ("a_next", "c_next", *GATES)},
    "yt_pred": ("class", "example"),
    "a": ("unit", "example", "time step"),
    "c": ("unit", "example", "time step"),
    "y": ("class", "example", "time step"),
}


def _cell(**broken):
    return partial(lstm_cell, **broken)


def _x_first(xt, a_prev):
    return xt, a_prev


LSTM_CELL_FORWARD = Exercise(
    name="lstm_cell_forward",
    difficulty=2,
    minutes=20,
    returns=("a_next", "c_next", "yt_pred", Nested("cache", CACHE)),
    axes=AXES,
    cases=arguments.lstm_cell_cases,
    oracle=oracle.lstm_cell_forward,
    follows=consequences.lstm_cell,
    criteria=(
        Criterion(
            "returns (a_next, c_next, yt_pred, cache) of the right shapes", 1, aspect="shape"
        ),
        Criterion("a_next, the new hidden state", 3, ("a_next",)),
        Criterion("c_next, the new cell state", 3, ("c_next",)),
        Criterion("yt_pred, the prediction", 2, ("yt_pred",)),
        Criterion("gates ft, it, ot and candidate cct", 3, tuple(f"cache.{g}" for g in GATES)),
        Criterion(
            "cache holds the states, xt and parameters in order",
            1,
            ("cache.a_*", "cache.c_*", "cache.xt", "cache.parameters.*"),
            beside=True,
        ),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "xt before a_prev",
            "You stack `xt` above `a_prev`. The first n_a columns of every gate's weights "
            "belong to `a_prev`, so it comes first.",
            _cell(join=_x_first),
        ),
        Misconception(
            "forget and update gates swapped",
            "The forget gate should scale the old memory and the update gate the candidate; "
            "yours do it the other way round.",
            _cell(mix=lambda f, i, g, c: i * c + f * g),
        ),
        Misconception(
            "no forget gate",
            "The old cell state is kept whole: multiply `c_prev` by the forget gate `ft`, or "
            "the cell can never let go of anything.",
            _cell(mix=lambda f, i, g, c: c + i * g),
        ),
        Misconception(
            "one gate for both",
            "You use 1 - ft as the update gate (as a GRU does). An LSTM has an update gate "
            "`it` with weights of its own.",
            _cell(mix=lambda f, i, g, c: f * c + (1 - f) * g),
        ),
        Misconception(
            "old memory dropped",
            "`c_next` holds the gated candidate only: the memory `ft * c_prev` is missing.",
            _cell(mix=lambda f, i, g, c: i * g),
        ),
        Misconception(
            "sigmoid for the candidate",
            "The candidate `cct` goes through a sigmoid, so memory could only ever grow. It "
            "uses tanh, which can also take away.",
            _cell(candidate=sigmoid),
        ),
        Misconception(
            "tanh for the gates",
            "A gate says how much to let through, from 0 to 1: sigmoid. With tanh it could "
            "let through a negative amount.",
            _cell(gate=np.tanh, out_gate=np.tanh),
            (_cell(out_gate=np.tanh), _cell(gate=np.tanh)),
        ),
        Misconception(
            "a_next without tanh",
            "`a_next` is `ot * c_next`. The cell state is squashed on its way out: "
            "`ot * tanh(c_next)`.",
            _cell(squash=lambda c: c),
        ),
        Misconception(
            "c_next shifted",
            "`a_next` fits the right cell state, but the `c_next` you return is another one. "
            "Return the very array that went into `tanh`.",
            _cell(shift=5.0),
            tuple(_cell(shift=s) for s in (1.0, -1.0)),
        ),
        Misconception(
            "y from the cell state",
            "`yt_pred` is made from `c_next`. The cell state is private; the output sees only "
            "what the output gate lets out, `a_next`.",
            _cell(seen="c"),
        ),
        Misconception(
            "y from a_prev",
            "`yt_pred` is made from `a_prev`, the state before this step; use `a_next`.",
            _cell(seen="a_prev"),
        ),
        Misconception(
            "softmax forgotten",
            "`yt_pred` holds raw scores: softmax over the classes is missing.",
            _cell(output=lambda z: z),
        ),
        Misconception(
            "softmax over the batch",
            "The softmax adds up over examples. Only the classes of one example share a total: "
            "normalise over axis 0.",
            _cell(output=partial(softmax, axis=1)),
            (_cell(output=partial(softmax, axis=None)),),
        ),
        Misconception(
            "biases forgotten",
            "A bias is missing: each of the three gates and the candidate adds its own, "
            "`bf, bi, bo` and `bc`, before its nonlinearity.",
            _cell(without="fico"),
            tuple(_cell(without=gate) for gate in "fico"),
        ),
        Misconception(
            "cache in another order",
            "The cache starts with the cell state. The backward pass unpacks "
            "`(a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters)`.",
            _cell(swap_cache=True),
        ),
    ),
    hints=(
        "Three gates and one candidate all read the same stacked vector. Which of the four is "
        "not a gate, and what range should it have?",
        "Stack `a_prev` (n_a, m) above `xt` (n_x, m) with np.concatenate into (n_a + n_x, m); "
        "each of Wf, Wi, Wc, Wo is (n_a, n_a + n_x).",
        "New memory: (forget gate * old memory) + (update gate * candidate). New hidden state: "
        "output gate * tanh(new memory). Prediction: softmax(Wy @ new hidden state + by).",
    ),
)


def _sequence(**broken):
    return partial(lstm_sequence, **broken)


def _read(args, value):
    """Spread a first cell state that is written as a plain 0 over all units and examples."""
    a, y, c, (caches, x) = value
    first = list(caches[0])
    if np.ndim(first[3]) == 0:
        first[3] = np.full(args["a0"].shape, float(first[3]))
    return a, y, c, ([tuple(first), *caches[1:]], x)


LSTM_FORWARD = Exercise(
    name="lstm_forward",
    difficulty=2,
    minutes=15,
    needs=("lstm_cell_forward",),
    returns=("a", "y", "c", Nested("caches", (Nested("steps", CACHE, each=True), "x"))),
    axes=AXES,
    cases=partial(arguments.sequence_cases, draw_parameters=arguments.lstm_parameters),
    oracle=oracle.lstm_forward,
    follows=consequences.lstm_sequence,
    reading=_read,
    criteria=(
        Criterion("returns (a, y, c, caches) of the right shapes", 1, aspect="shape"),
        Criterion("a, the hidden state of every step", 2, ("a",)),
        Criterion("c, the cell state of every step", 2, ("c",)),
        Criterion("y, the prediction of every step", 1, ("y",)),
        Criterion("caches holds (one cache a step, x)", 1, ("caches.*",)),
        Criterion("works for a sequence of one step", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "cell state not carried",
            "The cell state is set back to zero at every step. It is the LSTM's long memory: "
            "`c_next` of one step is `c_prev` of the next.",
            _sequence(carry_c=False),
        ),
        Misconception(
            "hidden state not carried",
            "Every step is given `a0`. Hand the new hidden state on to the next step.",
            _sequence(carry_a=False),
        ),
        Misconception(
            "cell state starts as a0",
            "The first cell state is a copy of `a0`. It starts at zero: only the hidden state "
            "is given.",
            _sequence(start_c=lambda a0: a0),
        ),
        Misconception(
            "c shifted",
            "The hidden states are right, so the cell states inside were right too, but `c` "
            "records something else. Store `c_next` as it comes from the cell.",
            _sequence(shift=5.0),
            tuple(_sequence(shift=s) for s in (1.0, -1.0)),
        ),
        Misconception(
            "c records another state",
            "`c[:, :, t]` does not hold the cell state that step t produces: store `c_next`, "
            "neither the hidden state nor the cell state before the step.",
            _sequence(record_c="a"),
            (_sequence(record_c="c_prev"),),
        ),
        *forward_slips(_sequence),
    ),
    hints=(
        "Two states travel from step to step. Which of them is given, and how does the other "
        "begin?",
        "`a` and `c` are (n_a, m, T_x), `y` is (n_y, m, T_x); the first c_prev is zeros (n_a, m).",
        "In the loop: one call of lstm_cell_forward gives the new a, the new c, the prediction "
        "and the cache. Store all four at t; hand both states on.",
    ),
)
