"""Random arguments of several shapes: batches of one, single steps, long sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...judging.model import Case

Draw = Callable[[np.random.Generator, int, int, int], dict]

# (n_x, n_a, n_y, m, T_x): a few of everything; n_x = n_a where a swap of the two would hide
SHAPES = ((3, 5, 2, 4, 7), (2, 3, 3, 1, 4), (4, 4, 2, 3, 1), (3, 2, 4, 2, 12))

_NAMES_BY_AXES = {
    ("input feature", "example"): "xt dxt",
    ("input feature", "example", "time step"): "x dx",
    ("unit", "example"): "a_next a_prev a0 c_next c_prev ft it cct ot da_prev da0 dc_prev",
    ("unit", "example", "time step"): "a c",
    ("class", "example"): "yt_pred",
    ("class", "example", "time step"): "y y_pred",
    ("class", "unit"): "Wya Wy",
    ("unit", "input feature"): "Wax dWax",
    ("unit", "unit before"): "Waa",
    ("unit", "unit"): "dWaa",
    ("unit", "stacked input"): "Wf Wi Wc Wo",
    ("unit", "input"): "dWf dWi dWc dWo",
    ("unit", "column"): "dba dbf dbi dbc dbo",
}
AXES = {name: axes for axes, names in _NAMES_BY_AXES.items() for name in names.split()}


def label(n_x: int, n_a: int, n_y: int, m: int, T_x: int | None = None) -> str:
    """Describe the sizes of a case."""
    steps = f", T_x={T_x}" if T_x is not None else ""
    return f"n_x={n_x}, n_a={n_a}, n_y={n_y}, m={m}{steps}"


def tags(m: int, T_x: int) -> frozenset[str]:
    """Tag what is special about the sizes."""
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


def gate_parameters(rng: np.random.Generator, n_x: int, n_a: int, gates: str) -> dict:
    """Draw W (n_a, n_a + n_x) and b (n_a, 1) for each gate, named by its letter."""
    parameters = {}
    for gate in gates:
        parameters[f"W{gate}"] = rng.normal(0, 0.6, (n_a, n_a + n_x))
        parameters[f"b{gate}"] = rng.normal(0, 0.5, (n_a, 1))
    return parameters


def lstm_parameters(rng: np.random.Generator, n_x: int, n_a: int, n_y: int) -> dict:
    """Draw the weights of an LSTM, float64, of moderate size."""
    gates = gate_parameters(rng, n_x, n_a, "fico")
    return gates | {"Wy": rng.normal(0, 1.0, (n_y, n_a)), "by": rng.normal(0, 0.5, (n_y, 1))}


def step_cases(rng: np.random.Generator, draw_parameters: Draw, lstm: bool = False) -> list[Case]:
    """Make the arguments of one step: xt, a_prev, for an LSTM c_prev, and parameters."""
    cases = []
    for n_x, n_a, n_y, m, _ in SHAPES:
        args: dict[str, Any] = {
            "xt": rng.normal(size=(n_x, m)),
            "a_prev": rng.normal(0, 0.6, (n_a, m)),
        }
        if lstm:
            args["c_prev"] = rng.normal(size=(n_a, m))
        args["parameters"] = draw_parameters(rng, n_x, n_a, n_y)
        cases.append(Case(label(n_x, n_a, n_y, m), args, tags(m, 0)))
    return cases


def sequence_cases(rng: np.random.Generator, draw_parameters: Draw) -> list[Case]:
    """Make the arguments of a whole sequence: x, a0 and parameters."""
    cases = []
    for n_x, n_a, n_y, m, T_x in SHAPES:
        args = {
            "x": rng.normal(size=(n_x, m, T_x)),
            "a0": rng.normal(0, 0.6, (n_a, m)),
            "parameters": draw_parameters(rng, n_x, n_a, n_y),
        }
        cases.append(Case(label(n_x, n_a, n_y, m, T_x), args, tags(m, T_x)))
    return cases


def backward_cases(
    rng: np.random.Generator, cases: Callable, forward: Callable, upstream: tuple[str, ...]
) -> list[Case]:
    """Make the arguments of a backward pass: the upstream gradients, and the forward pass's cache.

    `cases` draws the arguments of `forward`. Every upstream gradient has the shape of its first
    result.
    """
    made = []
    for case in cases(rng):
        first, *_, kept = forward(*case.args.values())
        args = {name: rng.normal(size=first.shape) for name in upstream}
        cache = {"caches" if isinstance(kept[0], list) else "cache": kept}
        made.append(Case(case.label, args | cache, case.tags))
    return made
