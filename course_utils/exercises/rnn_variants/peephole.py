"""Exercise 5: an LSTM whose gates see the cell state."""

from __future__ import annotations

from functools import partial
from itertools import permutations

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception, Nested
from ...rnn_utils import sigmoid
from ..rnn_step_by_step.cases import gate_parameters, tags
from ..rnn_step_by_step.loops import informative
from ..rnn_step_by_step.lstm_forward import CACHE, memory_mistakes
from . import oracle
from .gru import AXES, SHAPES, label


def peephole_parameters(rng: np.random.Generator, n_x: int, n_a: int) -> dict:
    """Draw the weights of an LSTM with peepholes pf, pi, po (n_a, 1)."""
    peepholes = {f"p{gate}": rng.normal(0, 0.9, (n_a, 1)) for gate in "fio"}
    return gate_parameters(rng, n_x, n_a, "fico") | peepholes


def _cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (xt, a_prev, c_prev, parameters)."""
    cases = []
    for n_x, n_a, m, _ in SHAPES:
        args = {
            "xt": rng.normal(size=(n_x, m)),
            "a_prev": rng.normal(0, 0.6, (n_a, m)),
            "c_prev": rng.normal(0, 1.2, (n_a, m)),
            "parameters": peephole_parameters(rng, n_x, n_a),
        }
        cases.append(Case(label(n_x, n_a, m), args, tags(m, 0)))
    return cases


def peephole_cell(
    xt,
    a_prev,
    c_prev,
    p,
    *,
    sees=("old", "old", "new"),
    candidate_sees="",
    vectors="fio",
    without="",
    through=lambda c: c,
    outside=False,
    peep=lambda vector, c: vector * c,
    gate=sigmoid,
    candidate=np.tanh,
    mix=lambda f, i, g, c: f * c + i * g,
    squash=np.tanh,
    x_first=False,
    swap_cache=False,
):
    """Run an LSTM cell with peepholes: what forget, update and output gate `sees`, in order."""
    stacked = np.concatenate((xt, a_prev) if x_first else (a_prev, xt))
    z = {k: p[f"W{k}"] @ stacked + (0.0 if k in without else p[f"b{k}"]) for k in "fico"}
    kinds = {"old": c_prev, "a": a_prev, "nothing": 0 * c_prev}

    def opened(k, place, states):
        extra = peep(p[f"p{vectors[place]}"], through(states[sees[place]]))
        return gate(z[k]) + extra if outside else gate(z[k] + extra)

    ft, it = opened("f", 0, kinds), opened("i", 1, kinds)
    cct = candidate(z["c"] + (p[f"p{candidate_sees}"] * c_prev if candidate_sees else 0.0))
    c_next = mix(ft, it, cct, c_prev)
    shown = squash(c_next)
    ot = opened("o", 2, kinds | {"new": c_next, "candidate": cct})
    a_next = ot * shown
    states = (c_next, a_next) if swap_cache else (a_next, c_next)
    return a_next, c_next, (*states, a_prev, c_prev, ft, it, cct, ot, xt, p)


def _overwrites(xt, a_prev, c_prev, p):
    a_next, c_next, cache = peephole_cell(xt, a_prev, c_prev, p)
    c_prev[:] = c_next
    return a_next, c_next, cache


def _follows(args, value) -> dict:
    """Derive c_next from the learner's gates, the output gate from c_next, a_next from both."""
    a, c, p = informative(value[0]), informative(value[1]), args["parameters"]
    ft, it, cct, ot = map(informative, value[2][4:8])
    stacked = np.concatenate((args["a_prev"], args["xt"]))
    return {
        "c_next": ft * args["c_prev"] + it * cct,
        "cache.ot": sigmoid(p["Wo"] @ stacked + p["po"] * c + p["bo"]),
        "a_next": ot * np.tanh(c),
        "cache.a_next": a,
        "cache.c_next": c,
    }


PEEPHOLE_LSTM_CELL_FORWARD = Exercise(
    name="peephole_lstm_cell_forward",
    difficulty=2,
    minutes=20,
    returns=("a_next", "c_next", Nested("cache", CACHE)),
    stages=("ft", "it", "cct", "c_next", "ot", "a_next"),
    axes=AXES,
    cases=_cases,
    oracle=oracle.peephole_lstm_cell_forward,
    follows=_follows,
    charged_first=("cache.[fi]t", "cache.cct", "c_next"),
    criteria=(
        Criterion("returns (a_next, c_next, cache) of the right shapes", 1, aspect="shape"),
        Criterion("forget and update gate ft, it", 4, ("cache.ft", "cache.it")),
        Criterion(
            "candidate cct",
            2,
            ("cache.cct",),
            hint="The candidate is no gate. Does it look at the cell state here?",
        ),
        Criterion(
            "output gate ot",
            5,
            ("cache.ot",),
            hint="The output gate looks at the cell state as well. At which of the two, and "
            "does that one exist yet when you compute the gate?",
        ),
        Criterion(
            "c_next, the new cell state",
            5,
            ("c_next",),
            hint="The new memory is made as in an LSTM. Which gate keeps the old one, and "
            "which one lets the candidate in?",
        ),
        Criterion(
            "a_next, the new hidden state",
            2,
            ("a_next",),
            hint="The hidden state is what the output gate shows of the new memory. What "
            "happens to the memory before the gate multiplies it?",
        ),
        Criterion(
            "cache holds the states, xt and parameters in order",
            1,
            ("cache.a_*", "cache.c_*", "cache.xt", "cache.parameters.*"),
            beside=True,
            hint="Compare your cache with the docstring's, one by one: is each thing in its "
            "place, and as it was given?",
        ),
        Criterion("works for a batch of one", 1, ("a_next", "c_next"), "batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "no peepholes",
            "A gate does not see the cell state. Add its peephole's share to the sum inside the "
            "sigmoid. (Without any peephole, this is the LSTM of the RNN notebook.)",
            partial(peephole_cell, sees=("nothing",) * 3),
            tuple(
                partial(peephole_cell, sees=sees)
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
            "The output gate looks at `c_prev`. It decides how much to show of the new memory, so "
            "it should look at that. In which order must you compute the two?",
            partial(peephole_cell, sees=("old", "old", "old")),
        ),
        Misconception(
            "gates see the hidden state",
            "The peepholes multiply `a_prev`, which is what the output gate let out. They are "
            "there to see the cell state itself.",
            partial(peephole_cell, sees=("a", "a", "new")),
            (partial(peephole_cell, sees=("a", "a", "a")),),
        ),
        Misconception(
            "output gate sees the candidate",
            "The output gate's peephole multiplies the candidate. It should look at the whole new "
            "memory.",
            partial(peephole_cell, sees=("old", "old", "candidate")),
        ),
        Misconception(
            "candidate peeps too",
            "The candidate has no peephole: it says what could be written, whatever is stored. "
            "Only the three gates look at the cell state.",
            partial(peephole_cell, candidate_sees="i"),
            tuple(partial(peephole_cell, candidate_sees=gate) for gate in "fo"),
        ),
        Misconception(
            "peepholes exchanged",
            "A gate uses another gate's peephole: `pf` belongs to the forget gate, `pi` to the "
            "update gate, `po` to the output gate.",
            partial(peephole_cell, vectors="ifo"),
            tuple(
                partial(peephole_cell, vectors="".join(order))
                for order in (*permutations("fio"), "fff", "ffo")
                if "".join(order) not in ("fio", "ifo")
            ),
        ),
        Misconception(
            "peeps at the squashed cell state",
            "The gates look at tanh of the cell state. A peephole sees it as it is, however "
            "large it has grown: that is how a gate can count.",
            partial(peephole_cell, through=np.tanh),
        ),
        Misconception(
            "peephole outside the sigmoid",
            "You add the peephole's share after the sigmoid, so the gate can leave the range 0 to "
            "1. The share is one more term of the sum inside.",
            partial(peephole_cell, outside=True),
        ),
        Misconception(
            "peephole mixes the units",
            "Each unit sees the sum over all units. A peephole is one number for each unit, and "
            "it sees that unit's own cell only.",
            partial(peephole_cell, peep=lambda vector, c: vector.T @ c),
            (partial(peephole_cell, peep=lambda vector, c: vector @ c.sum(axis=0, keepdims=True)),),
        ),
        Misconception(
            "peephole added, not multiplied",
            "A peephole is a weight: multiply it by the cell state. You add it like a bias, or "
            "leave it out.",
            partial(peephole_cell, peep=lambda vector, c: vector + c),
            (
                partial(peephole_cell, peep=lambda vector, c: vector),
                partial(peephole_cell, peep=lambda vector, c: c),
            ),
        ),
        Misconception(
            "tanh for the gates",
            "A gate says how much to let through, from 0 to 1: that is a sigmoid, with the "
            "peephole's share inside.",
            partial(peephole_cell, gate=np.tanh),
        ),
        *memory_mistakes(peephole_cell),
        Misconception(
            "c_prev overwritten",
            "You wrote the new memory into `c_prev` itself, so the caller's old state is gone. "
            "Make a new array.",
            _overwrites,
            costs="leaves its inputs unmodified",
        ),
    ),
    hints=(
        "In which order must the four be computed, if one of the gates wants to see the new "
        "cell state?",
        "`pf`, `pi`, `po` are (n_a, 1). Times a cell state of (n_a, m), element by element, they "
        "broadcast over the batch. The term goes inside the sigmoid.",
        "First the forget and update gates, each with its peephole on `c_prev`. Then the "
        "candidate and `c_next`, as in the LSTM you know. Then the output gate, with its peephole "
        "on `c_next`. Last, a_next.",
    ),
)
