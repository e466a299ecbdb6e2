"""Exercises 3 and 4: the LSTM forwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception, Nested
from ...rnn_utils import sigmoid, softmax
from . import oracle
from .cases import AXES, lstm_parameters, sequence_cases, step_cases
from .loops import cached_states, forward_mistakes, informative, predictions, run_forward
from .rnn_forward import prediction_mistakes

CACHE = ("a_next", "c_next", "a_prev", "c_prev", "ft", "it", "cct", "ot", "xt", "parameters")


def lstm_cell(
    xt,
    a_prev,
    c_prev,
    p,
    *,
    x_first=False,
    gate=sigmoid,
    out_gate=sigmoid,
    candidate=np.tanh,
    mix=lambda f, i, g, c: f * c + i * g,
    squash=np.tanh,
    without="",
    output=softmax,
    seen="a_next",
    shift=0.0,
    swap_cache=False,
):
    """Run an LSTM cell with any of its parts replaced."""
    inputs = np.concatenate((xt, a_prev) if x_first else (a_prev, xt))
    b = {k: 0.0 if k in without else p[f"b{k}"] for k in "fico"}
    ft, it = (gate(p[f"W{k}"] @ inputs + b[k]) for k in "fi")
    cct, ot = candidate(p["Wc"] @ inputs + b["c"]), out_gate(p["Wo"] @ inputs + b["o"])
    c_next = mix(ft, it, cct, c_prev)
    a_next = ot * squash(c_next)
    yt_pred = output(p["Wy"] @ {"a_next": a_next, "c": c_next, "a_prev": a_prev}[seen] + p["by"])
    states = (c_next, a_next) if swap_cache else (a_next, c_next)
    cache = (*states, a_prev, c_prev, ft, it, cct, ot, xt, p)
    return a_next, c_next + shift, yt_pred, cache


def memory_mistakes(cell: Callable[..., tuple]) -> tuple[Misconception, ...]:
    """List the mistakes of every LSTM cell; `cell` takes the switches of `lstm_cell`."""
    return (
        Misconception(
            "xt before a_prev",
            "`xt` meets the first columns of the gates' weights. The first n_a columns belong to "
            "`a_prev`, the n_x after them to `xt`.",
            partial(cell, x_first=True),
        ),
        Misconception(
            "forget and update gates swapped",
            "The forget gate should scale the old memory and the update gate the candidate. "
            "Yours do it the other way round.",
            partial(cell, mix=lambda f, i, g, c: i * c + f * g),
        ),
        Misconception(
            "no forget gate",
            "The cell keeps its old memory whole and can never let go of anything: the forget "
            "gate should scale it first.",
            partial(cell, mix=lambda f, i, g, c: c + i * g),
        ),
        Misconception(
            "old memory dropped",
            "`c_next` holds the gated candidate only. What the forget gate keeps of the old "
            "memory is missing.",
            partial(cell, mix=lambda f, i, g, c: i * g),
        ),
        Misconception(
            "sigmoid for the candidate",
            "The candidate `cct` goes through a sigmoid, so only positive amounts could be "
            "written. It uses tanh, which can also take away.",
            partial(cell, candidate=sigmoid),
        ),
        Misconception(
            "a_next without tanh",
            "Your output gate lets the raw cell state out. The equation squashes `c_next` before "
            "it multiplies by the gate.",
            partial(cell, squash=lambda c: c),
        ),
        Misconception(
            "biases forgotten",
            "A bias is missing. Each of the three gates and the candidate adds its own before "
            "its nonlinearity.",
            partial(cell, without="fico"),
            tuple(partial(cell, without=which) for which in (*"fico", "fio")),
        ),
        Misconception(
            "cache in another order",
            "The cache starts with the cell state. The backward pass will unpack it in the order "
            "that the docstring gives, which starts with the hidden state.",
            partial(cell, swap_cache=True),
        ),
    )


def _cell_follows(args, value) -> dict:
    """Derive c_next from the learner's gates, a_next from c_next, and yt_pred from a_next."""
    a, c, p = informative(value[0]), informative(value[1]), args["parameters"]
    ft, it, cct, ot = map(informative, value[3][4:8])
    return {
        "c_next": ft * args["c_prev"] + it * cct,
        "a_next": ot * np.tanh(c),
        "yt_pred": softmax(p["Wy"] @ a + p["by"]),
        "cache.a_next": a,
        "cache.c_next": c,
    }


LSTM_CELL_FORWARD = Exercise(
    name="lstm_cell_forward",
    difficulty=2,
    minutes=20,
    returns=("a_next", "c_next", "yt_pred", Nested("cache", CACHE)),
    stages=("ft", "it", "cct", "c_next", "ot", "a_next", "yt_pred"),
    axes=AXES,
    cases=partial(step_cases, draw_parameters=lstm_parameters, lstm=True),
    oracle=oracle.lstm_cell_forward,
    follows=_cell_follows,
    charged_first=("cache.[fi]t", "cache.cct", "cache.ot", "c_next"),
    criteria=(
        Criterion(
            "returns (a_next, c_next, yt_pred, cache) of the right shapes", 1, aspect="shape"
        ),
        Criterion("a_next, the new hidden state", 3, ("a_next",)),
        Criterion(
            "c_next, the new cell state",
            3,
            ("c_next",),
            hint="The new memory has two terms. Which gate multiplies the old memory, and "
            "which one the candidate?",
        ),
        Criterion(
            "yt_pred, the prediction",
            2,
            ("yt_pred",),
            hint="If `a_next` is right, only the prediction is left: which weights read it, "
            "and with which bias?",
        ),
        Criterion(
            "gates ft, it, ot and candidate cct",
            3,
            ("cache.ft", "cache.it", "cache.cct", "cache.ot"),
            hint="Look at the four one by one: each has a matrix and a bias of its own. "
            "Three are sigmoids; which one is not?",
        ),
        Criterion(
            "cache holds the states, xt and parameters in order",
            1,
            ("cache.a_*", "cache.c_*", "cache.xt", "cache.parameters.*"),
            beside=True,
            hint="The docstring names ten things in order, the new states first. Is the one "
            "that the panel names in its place, and as it was given?",
        ),
        Criterion("works for a batch of one", 1, ("?_next", "yt_pred"), "batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        *memory_mistakes(lstm_cell),
        Misconception(
            "one gate for both",
            "You use 1 - ft as the update gate, as a GRU does. An LSTM's update gate `it` has "
            "weights of its own.",
            partial(lstm_cell, mix=lambda f, i, g, c: f * c + (1 - f) * g),
        ),
        Misconception(
            "tanh for the gates",
            "A gate says how much to let through, from 0 to 1: that is a sigmoid. With tanh it "
            "could let through a negative amount.",
            partial(lstm_cell, gate=np.tanh, out_gate=np.tanh),
            (partial(lstm_cell, out_gate=np.tanh), partial(lstm_cell, gate=np.tanh)),
        ),
        Misconception(
            "c_next shifted",
            "`a_next` fits the right cell state, but you return another one as `c_next`. Return "
            "the very array that went into tanh.",
            partial(lstm_cell, shift=5.0),
            tuple(partial(lstm_cell, shift=s) for s in (1.0, -1.0)),
        ),
        Misconception(
            "y from the cell state",
            "`yt_pred` is made from `c_next`. The cell state is private: the prediction sees only "
            "what the output gate lets out.",
            partial(lstm_cell, seen="c"),
        ),
        *prediction_mistakes(lstm_cell),
    ),
    hints=(
        "Three gates and one candidate all read the same stacked vector. Which of the four is "
        "not a gate, and what range should it have?",
        "Stack `a_prev` (n_a, m) above `xt` (n_x, m) with np.concatenate into (n_a + n_x, m); "
        "each of Wf, Wi, Wc, Wo is (n_a, n_a + n_x).",
        "The new memory is what the forget gate keeps of the old one, plus what the update gate "
        "takes of the candidate. The new hidden state is what the output gate shows of the "
        "squashed memory. The prediction is a softmax of that state, weighted, plus `by`.",
    ),
)

lstm_sequence = partial(
    run_forward,
    cell=lstm_cell,
    results=(0, 2, 1),
    first_states=lambda a0: [a0, np.zeros_like(a0)],
)


def _shifted(by: float) -> Callable[..., tuple]:
    return partial(lstm_sequence, record=lambda after, *_: (after[0], after[1] + by, after[2]))


def _shares_memory(x, a0, p):
    a, y, c, (caches, x) = lstm_sequence(x, a0, p)
    first = list(caches[0])
    first[3] = c[:, :, 0]
    return a, y, c, ([tuple(first), *caches[1:]], x)


def _sequence_follows(args, value) -> dict:
    """Derive y and the cached states from the learner's a and c."""
    a, c, p = informative(value[0]), informative(value[2]), args["parameters"]
    return {
        "y": predictions(p["Wy"], p["by"], a),
        **cached_states("a", a, args["a0"]),
        **cached_states("c", c, np.zeros_like(args["a0"])),
    }


def _read(args, value):
    """Spread a first cell state that is written as a plain 0 over all units and examples."""
    a, y, c, (caches, x) = value
    first = list(caches[0] if isinstance(caches, (list, tuple)) else ())
    if np.ndim(first[3]) == 0:
        first[3] = np.full(args["a0"].shape, float(first[3]))
    return a, y, c, ([tuple(first), *caches[1:]], x)


LSTM_FORWARD = Exercise(
    name="lstm_forward",
    difficulty=2,
    minutes=15,
    needs=("lstm_cell_forward",),
    returns=("a", "y", "c", Nested("caches", (Nested("steps", CACHE, each=True), "x"))),
    stages=("c_prev", "a_prev", "ft", "it", "cct", "c_next", "ot", "a_next"),
    axes=AXES,
    cases=partial(sequence_cases, draw_parameters=lstm_parameters),
    oracle=oracle.lstm_forward,
    follows=_sequence_follows,
    reading=_read,
    criteria=(
        Criterion("returns (a, y, c, caches) of the right shapes", 1, aspect="shape"),
        Criterion("a, the hidden state of every step", 2, ("a",)),
        Criterion(
            "c, the cell state of every step",
            2,
            ("c",),
            hint="`c` is stored at t just as `a` is. Is it the new cell state, and does the "
            "next step read that one too?",
        ),
        Criterion(
            "y, the prediction of every step",
            1,
            ("y",),
            hint="Each call returns four things. Which of them is the prediction, and is it "
            "stored at its own step?",
        ),
        Criterion(
            "caches holds (one cache a step, x)",
            1,
            ("caches.*",),
            hint="`caches` is a pair: a list with the cache of every step, first step first, "
            "and the whole `x`.",
        ),
        Criterion("works for a sequence of one step", 1, ("a", "c", "y"), "one step"),
        Criterion("works for a batch of one", 1, ("a", "c", "y"), "batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "states exchanged",
            "The cell takes the hidden state first and the cell state second. You hand them over "
            "the other way round.",
            partial(lstm_sequence, cell=lambda xt, a, c, p: lstm_cell(xt, c, a, p)),
        ),
        Misconception(
            "cell state not carried",
            "The cell state goes back to zero at every step. It is the LSTM's long memory: what "
            "one step leaves in it, the next must find there.",
            partial(lstm_sequence, handed_on=(0,)),
        ),
        Misconception(
            "no state carried",
            "Each step starts again from the first states, so nothing is ever remembered. What "
            "leaves one step, hidden state and cell state, must enter the next.",
            partial(lstm_sequence, handed_on=()),
        ),
        Misconception(
            "cell state starts as a0",
            "The first cell state is a copy of `a0`. You are given the hidden state only; the "
            "cell state starts at zero.",
            partial(lstm_sequence, first_states=lambda a0: [a0, a0]),
        ),
        Misconception(
            "first cell state shares memory with c",
            "The first cell state shares its memory with `c`: slicing an array copies nothing. "
            "When the loop writes into `c`, the first cache changes too. Start from an array of "
            "its own.",
            _shares_memory,
        ),
        Misconception(
            "c shifted",
            "The hidden states are right, so the cell states behind them were right too, but `c` "
            "records something else. Store the cell state as it comes from the cell.",
            _shifted(5.0),
            (_shifted(1.0), _shifted(-1.0)),
        ),
        Misconception(
            "c records another state",
            "`c[:, :, t]` does not hold the cell state that step t produces. You store the hidden "
            "state there, or the cell state from before the step.",
            partial(lstm_sequence, record=lambda after, *_: (after[0], after[0], after[2])),
            (partial(lstm_sequence, record=lambda a, before, _: (a[0], before[1], a[2])),),
        ),
        *forward_mistakes(lstm_sequence),
    ),
    hints=(
        "Two states travel from step to step. Which of them are you given, and how does the "
        "other one begin?",
        "`a` and `c` are (n_a, m, T_x), `y` is (n_y, m, T_x); the first c_prev is zeros (n_a, m).",
        "In the loop, one call of lstm_cell_forward gives the new a, the new c, the prediction "
        "and the cache. Store all four at t, and hand both states on.",
    ),
)
