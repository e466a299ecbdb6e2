"""What the forward passes should return, one scalar at a time.

Nothing here multiplies matrices: every unit of every example is computed by itself with
Python's own floats, straight from the equations (Elman 1990; Hochreiter and Schmidhuber
1997 with the forget gate of Gers et al. 2000). Slow, plain, and unlike any good answer.
"""

from __future__ import annotations

from math import exp, tanh

import numpy as np


def sigmoid(z: float) -> float:
    """Return 1 / (1 + e^-z) of one number."""
    return 1.0 / (1.0 + exp(-z)) if z >= 0 else exp(z) / (1.0 + exp(z))


def affine(row, vector, bias) -> float:
    """Return the bias plus a row times a vector."""
    total = float(bias)
    for weight, value in zip(row, vector, strict=True):
        total += float(weight) * float(value)
    return total


def _softmax(logits: list[float]) -> list[float]:
    largest = max(logits)
    powers = [exp(z - largest) for z in logits]
    return [power / sum(powers) for power in powers]


def columns(lists: list[list[float]]) -> np.ndarray:
    """Stack one list per example into (units, m)."""
    return np.array(lists).T


def rnn_cell_forward(xt, a_prev, parameters):
    """Return (a_next (n_a, m), yt_pred (n_y, m), cache) of one step of a plain RNN."""
    p = parameters
    a_next, yt_pred = [], []
    for example in range(xt.shape[1]):
        x, a = xt[:, example], a_prev[:, example]
        state = [
            tanh(affine(p["Wax"][k], x, 0.0) + affine(p["Waa"][k], a, p["ba"][k, 0]))
            for k in range(len(a))
        ]
        a_next.append(state)
        yt_pred.append(
            _softmax(
                [affine(row, state, b) for row, b in zip(p["Wya"], p["by"][:, 0], strict=True)]
            )
        )
    a_next = columns(a_next)
    return a_next, columns(yt_pred), (a_next, a_prev, xt, parameters)


def rnn_forward(x, a0, parameters):
    """Return (a (n_a, m, T_x), y_pred (n_y, m, T_x), caches) of a plain RNN over a sequence."""
    a_prev, states, outputs, caches = a0, [], [], []
    for t in range(x.shape[2]):
        a_prev, yt_pred, cache = rnn_cell_forward(x[:, :, t], a_prev, parameters)
        states.append(a_prev)
        outputs.append(yt_pred)
        caches.append(cache)
    return np.stack(states, axis=2), np.stack(outputs, axis=2), (caches, x)


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    """Return (a_next, c_next, yt_pred, cache) of one step of an LSTM; gates are (n_a, m)."""
    p, n_a = parameters, a_prev.shape[0]
    names = ("a_next", "c_next", "ft", "it", "cct", "ot", "yt_pred")
    lists: dict[str, list[list[float]]] = {name: [] for name in names}
    for example in range(xt.shape[1]):
        inputs = [*a_prev[:, example], *xt[:, example]]  # n_a values, then n_x
        f, i, o = (
            [sigmoid(affine(p[W][k], inputs, p[b][k, 0])) for k in range(n_a)]
            for W, b in (("Wf", "bf"), ("Wi", "bi"), ("Wo", "bo"))
        )
        candidate = [tanh(affine(p["Wc"][k], inputs, p["bc"][k, 0])) for k in range(n_a)]
        c = [f[k] * float(c_prev[k, example]) + i[k] * candidate[k] for k in range(n_a)]
        a = [o[k] * tanh(c[k]) for k in range(n_a)]
        y = _softmax([affine(row, a, b) for row, b in zip(p["Wy"], p["by"][:, 0], strict=True)])
        for name, value in zip(names, (a, c, f, i, candidate, o, y), strict=True):
            lists[name].append(value)
    a_next, c_next, ft, it, cct, ot, yt_pred = (columns(lists[name]) for name in names)
    cache = (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters)
    return a_next, c_next, yt_pred, cache


def lstm_forward(x, a0, parameters):
    """Return (a, y, c, caches) of an LSTM over a sequence; the first cell state is zero."""
    a_prev, c_prev = a0, np.zeros(a0.shape)
    states, outputs, cells, caches = [], [], [], []
    for t in range(x.shape[2]):
        a_prev, c_prev, yt_pred, cache = lstm_cell_forward(x[:, :, t], a_prev, c_prev, parameters)
        states.append(a_prev)
        outputs.append(yt_pred)
        cells.append(c_prev)
        caches.append(cache)
    a, y, c = (np.stack(steps, axis=2) for steps in (states, outputs, cells))
    return a, y, c, (caches, x)
