"""Random texts and networks of several sizes: a batch of one, one step, a longer text."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...judging.model import Case
from ..rnn_step_by_step.cases import rnn_parameters, tags
from . import oracle

# (n_y, n_a, m, T_x): characters, units, examples, steps; n_y = n_a where a swap would hide
SHAPES = ((5, 4, 3, 6), (4, 6, 1, 5), (4, 4, 2, 1), (6, 3, 2, 12))

_NAMES_BY_AXES = {
    ("example", "time step"): "x targets",
    ("unit", "example"): "a0 a_last",
    ("unit", "example", "time step"): "a da",
    ("character", "example", "time step"): "y_pred",
    ("character", "unit"): "Wya dWya",
    ("character", "column"): "by dby",
    ("unit", "character"): "Wax dWax",
    ("unit", "unit before"): "Waa dWaa",
    ("unit", "column"): "ba dba",
    ("character drawn",): "indices",
}
AXES = {name: axes for axes, names in _NAMES_BY_AXES.items() for name in names.split()}


def drawn(rng: np.random.Generator, n_y: int, n_a: int, m: int, T_x: int) -> dict[str, Any]:
    """Draw a text x, the characters that follow (m, T_x), a0 (n_a, m) and the weights.

    Characters repeat: in x one character comes twice at a step, where there are two examples.
    """
    x, targets = rng.integers(n_y, size=(2, m, T_x))
    if m > 1:
        x[1, T_x // 2] = x[0, T_x // 2]
    a0 = rng.normal(0, 0.6, (n_a, m))
    return {"x": x, "targets": targets, "a0": a0, "parameters": rnn_parameters(rng, n_y, n_a, n_y)}


def case(args: dict[str, Any], n_y: int, n_a: int, m: int, T_x: int) -> Case:
    """Label and tag a case of these sizes."""
    return Case(f"n_y={n_y}, n_a={n_a}, m={m}, T_x={T_x}", args, tags(m, T_x))


def forward_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (x, a0, parameters)."""
    return [case(_only(drawn(rng, *s), "x", "a0", "parameters"), *s) for s in SHAPES]


def loss_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (y_pred, targets) of any predictor, sure of some characters.

    Of the longest text, no float can hold the product of the probabilities.
    """
    made = []
    for n_y, n_a, m, T_x in (*SHAPES, (5, 4, 4, 300)):
        powers = np.exp(rng.normal(0, 1.5, (n_y, m, T_x)))
        args = {"y_pred": powers / powers.sum(axis=0), "targets": rng.integers(n_y, size=(m, T_x))}
        made.append(case(args, n_y, n_a, m, T_x))
    return made


def output_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (y_pred, targets, a, parameters), as a network gives them."""
    made = []
    for sizes in SHAPES:
        args = drawn(rng, *sizes)
        a, y_pred = oracle.language_model_forward(args["x"], args["a0"], args["parameters"])
        args |= {"y_pred": y_pred, "a": a}
        made.append(case(_only(args, "y_pred", "targets", "a", "parameters"), *sizes))
    return made


def backward_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (da, a, x, a0, parameters)."""
    made = []
    for sizes in SHAPES:
        args = drawn(rng, *sizes)
        a, _ = oracle.language_model_forward(args["x"], args["a0"], args["parameters"])
        args |= {"a": a, "da": rng.normal(size=a.shape)}
        made.append(case(_only(args, "da", "a", "x", "a0", "parameters"), *sizes))
    return made


def _only(args: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: args[name] for name in names}
