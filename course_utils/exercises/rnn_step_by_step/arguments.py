"""Random arguments of several shapes: batches of one, single steps, long sequences."""

from __future__ import annotations

import numpy as np

from ...judging.model import Case
from . import oracle

# (n_x, n_a, n_y, m, T_x): a few of everything; n_x = n_a where a swap of the two would hide
SHAPES = ((3, 5, 2, 4, 7), (2, 3, 3, 1, 4), (4, 4, 2, 3, 1), (3, 2, 4, 2, 12))


AXES = {
    "xt": ("input feature", "example"),
    "x": ("input feature", "example", "time step"),
    **{name: ("unit", "example") for name in ("a_prev", "c_prev", "a0")},
    "Wax": ("unit", "input feature"),
    "Waa": ("unit", "unit before"),
    **{name: ("class", "unit") for name in ("Wya", "Wy")},
    **{f"W{gate}": ("unit", "stacked input") for gate in "fico"},
}


def label(n_x: int, n_a: int, n_y: int, m: int, T_x: int | None = None) -> str:
    """Describe the sizes of a case."""
    steps = f", T_x={T_x}" if T_x is not None else ""
    return f"n_x={n_x}, n_a={n_a}, n_y={n_y}, m={m}{steps}"


def tags(m: int, T_x: int) -> frozenset[str]:
    """Say what is special about the sizes."""
    special = (("batch of one", m == 1), ("one step", T_x == 1), ("long", T_x > 10))
    return frozenset(name for name, holds in special if holds)


def rnn_parameters(rng: np.random.Generator, n_x: int, n_a: int, n_y: int) -> dict:
    """Draw the weights of a plain RNN, float64, of moderate size."""
    return {
        "Wax": rng.normal(0, 0.7, (n_a, n_x)),
        "Waa": rng.normal(0, 0.6, (n_a, n_a)),
        "Wya": rng.normal(0, 1.0, (n_y, n_a)),
        "ba": rng.normal(0, 0.5, (n_a, 1)),
        "by": rng.normal(0, 0.5, (n_y, 1)),
    }


def lstm_parameters(rng: np.random.Generator, n_x: int, n_a: int, n_y: int) -> dict:
    """Draw the weights of an LSTM, float64, of moderate size."""
    gates = {}
    for gate in "fico":
        gates[f"W{gate}"] = rng.normal(0, 0.6, (n_a, n_a + n_x))
        gates[f"b{gate}"] = rng.normal(0, 0.5, (n_a, 1))
    return gates | {"Wy": rng.normal(0, 1.0, (n_y, n_a)), "by": rng.normal(0, 0.5, (n_y, 1))}


def _states(rng, n_a, m):
    return rng.normal(0, 0.6, (n_a, m))


def rnn_cell_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (xt, a_prev, parameters)."""
    cases = []
    for n_x, n_a, n_y, m, _ in SHAPES:
        args = {
            "xt": rng.normal(size=(n_x, m)),
            "a_prev": _states(rng, n_a, m),
            "parameters": rnn_parameters(rng, n_x, n_a, n_y),
        }
        cases.append(Case(label(n_x, n_a, n_y, m), args, tags(m, 0)))
    return cases


def lstm_cell_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (xt, a_prev, c_prev, parameters)."""
    cases = []
    for n_x, n_a, n_y, m, _ in SHAPES:
        args = {
            "xt": rng.normal(size=(n_x, m)),
            "a_prev": _states(rng, n_a, m),
            "c_prev": rng.normal(size=(n_a, m)),
            "parameters": lstm_parameters(rng, n_x, n_a, n_y),
        }
        cases.append(Case(label(n_x, n_a, n_y, m), args, tags(m, 0)))
    return cases


def sequence_cases(rng: np.random.Generator, draw_parameters) -> list[Case]:
    """Make arguments (x, a0, parameters) for `rnn_forward` or `lstm_forward`."""
    cases = []
    for n_x, n_a, n_y, m, T_x in SHAPES:
        args = {
            "x": rng.normal(size=(n_x, m, T_x)),
            "a0": _states(rng, n_a, m),
            "parameters": draw_parameters(rng, n_x, n_a, n_y),
        }
        cases.append(Case(label(n_x, n_a, n_y, m, T_x), args, tags(m, T_x)))
    return cases


def rnn_cell_backward_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (da_next, cache)."""
    cases = []
    for case in rnn_cell_cases(rng):
        a_next, _, cache = oracle.rnn_cell_forward(*case.args.values())
        args = {"da_next": rng.normal(size=a_next.shape), "cache": cache}
        cases.append(Case(case.label, args, case.tags))
    return cases


def lstm_cell_backward_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (da_next, dc_next, cache)."""
    cases = []
    for case in lstm_cell_cases(rng):
        a_next, c_next, _, cache = oracle.lstm_cell_forward(*case.args.values())
        args = {
            "da_next": rng.normal(size=a_next.shape),
            "dc_next": rng.normal(size=c_next.shape),
            "cache": cache,
        }
        cases.append(Case(case.label, args, case.tags))
    return cases


def sequence_backward_cases(rng: np.random.Generator, draw_parameters, forward) -> list[Case]:
    """Make arguments (da, caches); `da` is as long as the sequence it belongs to."""
    cases = []
    for case in sequence_cases(rng, draw_parameters):
        a, *_, caches = forward(*case.args.values())
        args = {"da": rng.normal(size=a.shape), "caches": caches}
        cases.append(Case(case.label, args, case.tags))
    return cases
