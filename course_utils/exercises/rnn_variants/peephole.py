"""Exercise 5: an LSTM whose gates see the cell state."""

from __future__ import annotations

from functools import partial
from itertools import permutations

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception, Nested
from ..rnn_step_by_step.lstm_forward import CACHE
from . import cases, consequences, oracle
from .variants import peephole_cell, sigmoid


def _cell(**broken):
    return partial(peephole_cell, **broken)


def _overwrites(xt, a_prev, c_prev, p):
    a_next, c_next, cache = peephole_cell(xt, a_prev, c_prev, p)
    c_prev[:] = c_next
    return a_next, c_next, cache


PEEPHOLE_LSTM_CELL_FORWARD = Exercise(
    name="peephole_lstm_cell_forward",
    difficulty=2,
    minutes=20,
    returns=("a_next", "c_next", Nested("cache", CACHE)),
    axes=cases.AXES,
    cases=cases.peephole_cases,
    oracle=oracle.peephole_lstm_cell_forward,
    follows=consequences.peephole_cell,
    criteria=(
        Criterion("returns (a_next, c_next, cache) of the right shapes", 1, aspect="shape"),
        Criterion("forget and update gate ft, it", 4, ("cache.ft", "cache.it")),
        Criterion("candidate cct", 2, ("cache.cct",)),
        Criterion("output gate ot", 5, ("cache.ot",)),
        Criterion("c_next, the new cell state", 5, ("c_next",)),
        Criterion("a_next, the new hidden state", 2, ("a_next",)),
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
            "no peepholes",
            "This is the LSTM of notebook 1: a gate does not see the cell state. Add its "
            "peephole's share inside the sigmoid: `pf * c_prev`, `pi * c_prev`, `po * c_next`.",
            _cell(sees=("nothing",) * 3),
            tuple(
                _cell(sees=sees)
                for sees in (
                    ("nothing", "old", "new"),
                    ("old", "nothing", "new"),
                    ("old", "old", "nothing"),
                    ("nothing", "nothing", "new"),
                )
            ),
        ),
        Misconception(
            "output gate sees the old cell state",
            "The output gate looks at `c_prev`. It decides what to show of the *new* memory, and "
            "by then `c_next` is there: compute it first, then `ot` from it.",
            _cell(sees=("old", "old", "old")),
        ),
        Misconception(
            "gates see the hidden state",
            "The peepholes multiply `a_prev`, which is what the output gate let out. They are "
            "there to see the cell state itself, `c_prev`.",
            _cell(sees=("a", "a", "new")),
            (_cell(sees=("a", "a", "a")),),
        ),
        Misconception(
            "output gate sees the candidate",
            "The output gate's peephole multiplies the candidate. It looks at the whole new "
            "memory, `c_next`.",
            _cell(sees=("old", "old", "candidate")),
        ),
        Misconception(
            "candidate peeps too",
            "The candidate has no peephole: it says what could be written, whatever is stored. "
            "Only the three gates look at the cell state.",
            _cell(candidate_sees="i"),
            (_cell(candidate_sees="f"), _cell(candidate_sees="o")),
        ),
        Misconception(
            "peepholes exchanged",
            "A gate uses another gate's peephole: `pf` belongs to the forget gate, `pi` to the "
            "update gate, `po` to the output gate.",
            _cell(vectors="ifo"),
            tuple(
                _cell(vectors="".join(order))
                for order in permutations("fio")
                if "".join(order) not in ("fio", "ifo")
            )
            + (_cell(vectors="fff"), _cell(vectors="ffo")),
        ),
        Misconception(
            "peeps at the squashed cell state",
            "The gates look at tanh of the cell state. A peephole sees it as it is, however "
            "large it has grown: that is how a gate can count.",
            _cell(through=np.tanh),
        ),
        Misconception(
            "peephole outside the sigmoid",
            "You add the peephole's share after the sigmoid, so the gate leaves 0 to 1. It is "
            "one more term of the sum inside.",
            _cell(outside=True),
        ),
        Misconception(
            "peephole mixes the units",
            "Each unit sees the sum over all units. A peephole is one number a unit, which "
            "sees its own cell only: element by element, `pf * c_prev`.",
            _cell(peep=lambda vector, c: vector.T @ c),
            (_cell(peep=lambda vector, c: vector @ c.sum(axis=0, keepdims=True)),),
        ),
        Misconception(
            "peephole added, not multiplied",
            "`pf` is added like a bias. It is a weight: multiply it by the cell state.",
            _cell(peep=lambda vector, c: vector + c),
            (_cell(peep=lambda vector, c: vector), _cell(peep=lambda vector, c: c)),
        ),
        Misconception(
            "forget and update gates swapped",
            "The forget gate should scale the old memory and the update gate the candidate; "
            "yours do it the other way round.",
            _cell(mix=lambda f, i, g, c: i * c + f * g),
        ),
        Misconception(
            "old memory dropped",
            "`c_next` holds the gated candidate only: the memory `ft * c_prev` is missing.",
            _cell(mix=lambda f, i, g, c: i * g),
            (_cell(mix=lambda f, i, g, c: c + i * g),),
        ),
        Misconception(
            "a_next without tanh",
            "`a_next` is `ot * c_next`. The cell state is squashed on its way out: "
            "`ot * tanh(c_next)`.",
            _cell(squash=lambda c: c),
        ),
        Misconception(
            "sigmoid for the candidate",
            "The candidate `cct` goes through a sigmoid, so memory could only ever grow. It "
            "uses tanh, which can also take away.",
            _cell(candidate=sigmoid),
        ),
        Misconception(
            "tanh for the gates",
            "A gate says how much to let through, from 0 to 1: sigmoid, with the peephole's "
            "share inside.",
            _cell(gate=np.tanh),
        ),
        Misconception(
            "xt before a_prev",
            "You stack `xt` above `a_prev`. The first n_a columns of every gate's weights "
            "belong to `a_prev`, so it comes first.",
            _cell(x_first=True),
        ),
        Misconception(
            "biases forgotten",
            "A bias is missing: each of the three gates and the candidate adds its own, "
            "`bf, bi, bo` and `bc`.",
            _cell(without="fico"),
            (*(_cell(without=k) for k in "fico"), _cell(without="fio")),
        ),
        Misconception(
            "cache in another order",
            "The cache starts with the cell state. It is "
            "`(a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters)`, as before.",
            _cell(swap_cache=True),
        ),
        Misconception(
            "c_prev overwritten",
            "The new memory was written into `c_prev` itself, so the caller's old state is gone. "
            "Make a new array.",
            _overwrites,
        ),
    ),
    hints=(
        "In which order must the four be computed, if one of the gates wants to see the new "
        "cell state?",
        "`pf`, `pi`, `po` are (n_a, 1): times a cell state of (n_a, m), element by element, "
        "they broadcast over the batch. The term goes inside the sigmoid.",
        "ft and it: sigmoid(W @ stacked + p * c_prev + b). Then cct and c_next as before. Then "
        "ot: sigmoid(Wo @ stacked + po * c_next + bo). Last, a_next.",
    ),
)
