"""Exercises 3 and 4: the gated recurrent unit."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception, Nested
from ..rnn_step_by_step.slips import forward_slips
from . import cases, consequences, oracle
from .variants import gru_cell, gru_sequence, sigmoid

CACHE = ("a_next", "a_prev", "zt", "rt", "cct", "xt", "parameters")


def _cell(**broken):
    return partial(gru_cell, **broken)


def _overwrites(xt, a_prev, p, reset_after):
    a_next, cache = gru_cell(xt, a_prev, p, reset_after)
    a_prev[:] = a_next
    return a_next, cache


GRU_CELL_FORWARD = Exercise(
    name="gru_cell_forward",
    difficulty=2,
    minutes=25,
    returns=("a_next", Nested("cache", CACHE)),
    axes=cases.AXES,
    cases=cases.gru_cell_cases,
    oracle=oracle.gru_cell_forward,
    follows=consequences.gru_cell,
    criteria=(
        Criterion("returns (a_next, cache) of the right shapes", 1, aspect="shape"),
        Criterion("gates zt and rt", 5, ("cache.zt", "cache.rt")),
        Criterion("candidate cct, reset before the product", 3, ("cache.cct",), "reset before"),
        Criterion("candidate cct, reset after the product", 3, ("cache.cct",), "reset after"),
        Criterion("a_next, the new hidden state", 5, ("a_next",)),
        Criterion(
            "cache holds the states, xt and parameters in order",
            1,
            ("cache.a_*", "cache.xt", "cache.parameters.*"),
            beside=True,
        ),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "update gate the other way round",
            "You keep the part `zt` of the memory and take 1 - zt of the candidate. Keras and "
            "the first paper do so; here `zt` says how much is new: (1 - zt) * a_prev + zt * cct.",
            _cell(blend=lambda z, a, c, r: z * a + (1 - z) * c),
        ),
        Misconception(
            "old memory kept whole",
            "You add the new content without letting go of the old: multiply `a_prev` by "
            "1 - zt, so that the state stays between its past and the candidate.",
            _cell(blend=lambda z, a, c, r: a + z * c),
        ),
        Misconception(
            "old memory dropped",
            "`a_next` holds the gated candidate only. What the gate does not replace stays: "
            "(1 - zt) * a_prev is missing.",
            _cell(blend=lambda z, a, c, r: z * c),
        ),
        Misconception(
            "blended with the reset memory",
            "You blend in `rt * a_prev`. The reset gate only hides the past from the candidate; "
            "what is kept is `a_prev` itself.",
            _cell(blend=lambda z, a, c, r: (1 - z) * r * a + z * c),
        ),
        Misconception(
            "reset gate as forget gate",
            "You use `rt` where 1 - zt belongs, as if this were an LSTM. One gate does both "
            "jobs here: what is not new is old.",
            _cell(blend=lambda z, a, c, r: r * a + z * c),
        ),
        Misconception(
            "reset gate not used",
            "The candidate sees all of the past: `rt` multiplies nothing.",
            _cell(let=lambda r: 1.0),
        ),
        Misconception(
            "reset gate upside down",
            "The candidate sees 1 - rt of the past. A reset gate of 1 lets all of it through, "
            "one of 0 starts afresh.",
            _cell(let=lambda r: 1 - r),
        ),
        Misconception(
            "always reset before",
            "With `reset_after` the gate multiplies what the matrix made of the memory, "
            "rt * (Wca @ a_prev + bca); yours multiplies the memory before the product.",
            _cell(form=lambda after: False),
        ),
        Misconception(
            "always reset after",
            "Without `reset_after` the gate multiplies the memory itself, before the product "
            "mixes the units: Wc @ [rt * a_prev; xt].",
            _cell(form=lambda after: True),
        ),
        Misconception(
            "the two forms exchanged",
            "The two forms stand the wrong way round: `reset_after` means that the matrix comes "
            "first and the gate after it.",
            _cell(form=lambda after: not after),
        ),
        Misconception(
            "bca outside the reset",
            "The second bias `bca` belongs to the memory's product, so the reset gate multiplies "
            "it too: rt * (Wca @ a_prev + bca).",
            _cell(second="outside"),
        ),
        Misconception(
            "bca in both forms",
            "`bca` belongs to the form with `reset_after`. Before the product there is one "
            "bias, `bc`.",
            _cell(second="always"),
        ),
        Misconception(
            "everything reset",
            "With `reset_after` the gate multiplies the memory's share only; yours scales the "
            "input's share and `bc` as well.",
            _cell(second="around"),
        ),
        Misconception(
            "gates see the reset memory",
            "The update gate is given `rt * a_prev`. Both gates look at the whole `a_prev`; only "
            "the candidate's view is reset.",
            _cell(gates_see_reset=True),
        ),
        Misconception(
            "update and reset gate exchanged",
            "The two gates use each other's weights: `zt` needs `Wz, bz` and `rt` needs `Wr, br`.",
            _cell(gates="rz"),
            (_cell(gates="rr"), _cell(gates="zz")),
        ),
        Misconception(
            "xt before a_prev",
            "You stack `xt` above `a_prev`. The first n_a columns of every matrix belong to "
            "`a_prev`, so it comes first.",
            _cell(x_first=True),
        ),
        Misconception(
            "sigmoid for the candidate",
            "The candidate goes through a sigmoid, so the state could never be negative. It "
            "uses tanh.",
            _cell(candidate=sigmoid),
            (_cell(candidate=lambda z: z),),
        ),
        Misconception(
            "tanh for a gate",
            "A gate says how much, from 0 to 1: sigmoid. With tanh it could take a negative "
            "amount of the past.",
            _cell(update=np.tanh, reset=np.tanh),
            (_cell(update=np.tanh), _cell(reset=np.tanh)),
        ),
        Misconception(
            "biases forgotten",
            "A bias is missing: `bz`, `br` and `bc` are added before the nonlinearity, and with "
            "`reset_after` `bca` as well.",
            _cell(without="zrc2"),
            tuple(_cell(without=which) for which in ("z", "r", "c", "2", "zr", "zrc")),
        ),
        Misconception(
            "cache in another order",
            "The cache holds the right things in another order: "
            "`(a_next, a_prev, zt, rt, cct, xt, parameters)`.",
            _cell(order="nacrzxp"),
            (_cell(order="narzcxp"), _cell(order="anzrcxp"), _cell(order="nxzrcap")),
        ),
        Misconception(
            "a_prev overwritten",
            "The new state was written into `a_prev` itself, so the caller's old state is gone. "
            "Make a new array.",
            _overwrites,
        ),
    ),
    hints=(
        "Which of the three (two gates, one candidate) sees a different past from the other two?",
        "Gates: sigmoid of a matrix times np.concatenate((a_prev, xt)), plus a bias. For "
        "reset_after, `Wc[:, :n_a]` is the part of the matrix that meets the memory.",
        "cct = tanh(Wc @ [rt * a_prev; xt] + bc), or tanh(rt * (Wca @ a_prev + bca) + Wcx @ xt "
        "+ bc). Then a_next moves from a_prev towards cct by the share zt.",
    ),
)


def _sequence(**broken):
    return partial(gru_sequence, **broken)


GRU_FORWARD = Exercise(
    name="gru_forward",
    difficulty=2,
    minutes=10,
    needs=("gru_cell_forward",),
    returns=("a", Nested("caches", (Nested("steps", CACHE, each=True), "x"))),
    axes=cases.AXES,
    cases=cases.gru_cases,
    oracle=oracle.gru_forward,
    follows=consequences.gru_sequence,
    criteria=(
        Criterion("returns (a, caches) of the right shapes", 1, aspect="shape"),
        Criterion("a, the hidden state of every step", 6, ("a",)),
        Criterion("reset_after reaches every step", 2, ("a",), "reset after"),
        Criterion("caches holds (one cache a step, x)", 2, ("caches.*",)),
        Criterion("works for a sequence of one step", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "state not carried",
            "Every step starts again from `a0`. The state that leaves step t must enter step "
            "t + 1.",
            _sequence(carry=False),
        ),
        Misconception(
            "reset_after not handed on",
            "`gru_forward` is told where to reset, but the cell is not: hand `reset_after` on "
            "to every step.",
            _sequence(form=lambda after: False),
            (_sequence(form=lambda after: True), _sequence(form=lambda after: not after)),
        ),
        Misconception(
            "a records the state before",
            "`a[:, :, t]` holds the state that enters step t. Store the one that leaves it.",
            _sequence(record="a_prev"),
        ),
        *forward_slips(_sequence),
    ),
    hints=(
        "An LSTM hands on two states. How many does a GRU hand on, and where does it start?",
        "`a` is (n_a, m, T_x): make it of zeros, fill `a[:, :, t]` in a loop over T_x, and "
        "append each step's cache to a list.",
        "In the loop: gru_cell_forward(x[:, :, t], state, parameters, reset_after) gives the "
        "new state and the cache. Store both; the new state is the next step's old one.",
    ),
)
