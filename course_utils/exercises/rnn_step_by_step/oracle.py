"""What the RNN notebook's functions should return, computed unlike any good answer.

Forwards, nothing multiplies matrices: every unit of every example is computed by itself with
Python's own floats, straight from the equations (Elman 1990; Hochreiter and Schmidhuber 1997
with the forget gate of Gers et al. 2000). Backwards, the forward pass is differentiated by
complex steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp, tanh
from typing import Any

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


# The backward passes, by complex steps: for a real-analytic loss L, Im L(w + ih) / h is dL/dw to
# machine precision, with no subtraction and so no step size to tune (Squire and Trapp 1998).

STEP = 1e-30
Arrays = Mapping[str, np.ndarray]


def complex_step(loss: Callable[[dict], np.ndarray], values: Arrays) -> dict[str, np.ndarray]:
    """Differentiate `loss` with respect to every element of every array in `values`.

    All elements are perturbed at once: `loss` gets arrays (copies, ...) with one copy for each
    element, and returns (copies,). It may use only + - * / @ exp and tanh.
    """
    copies = sum(value.size for value in values.values())
    perturbed, start = {}, 0
    for name, value in values.items():
        stack = np.repeat(np.asarray(value, dtype=complex)[None], copies, axis=0)
        element = np.arange(value.size)
        stack.reshape(copies, -1)[start + element, element] += 1j * STEP
        perturbed[name], start = stack, start + value.size
    slopes = loss(perturbed).imag / STEP
    gradients, start = {}, 0
    for name, value in values.items():
        gradients[name] = slopes[start : start + value.size].reshape(value.shape)
        start += value.size
    return gradients


def rnn_step(v: Arrays, x: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Return a_next of a plain RNN cell, over any leading axes."""
    return np.tanh(v["Wax"] @ x + v["Waa"] @ a + v["ba"])


def lstm_step(v: Arrays, x: np.ndarray, a: np.ndarray, c: np.ndarray) -> tuple:
    """Return (a_next, c_next) of an LSTM cell, over any leading axes, without concatenating."""
    n_a = a.shape[-2]
    f, i, g, o = (
        v[f"W{k}"][..., :n_a] @ a + v[f"W{k}"][..., n_a:] @ x + v[f"b{k}"] for k in "fico"
    )
    f, i, o = (1.0 / (1.0 + np.exp(-z)) for z in (f, i, o))
    c_next = f * c + i * np.tanh(g)
    return o * np.tanh(c_next), c_next


def _weighted_sum(state: np.ndarray, upstream: np.ndarray) -> np.ndarray:
    return (state * upstream).sum(axis=(-2, -1))  # (copies,)


def _gradients(loss: Callable, weights: Arrays, **states: np.ndarray) -> dict[str, np.ndarray]:
    """Differentiate with respect to states, by their names, and weights; put "d" before each."""
    found = complex_step(loss, {**states, **weights})
    return {f"d{name}": value for name, value in found.items()}


def rnn_cell_backward(da_next, cache):
    """Differentiate sum(da_next * a_next): dxt, da_prev, dWax, dWaa, dba."""
    _, a_prev, xt, p = cache

    def loss(v: dict) -> np.ndarray:
        return _weighted_sum(rnn_step(v, v["xt"], v["a_prev"]), da_next)

    return _gradients(loss, _recurrent(p), xt=xt, a_prev=a_prev)


def rnn_backward(da, caches):
    """Differentiate sum(da * a) over the whole sequence: dx, da0, dWax, dWaa, dba."""
    (first, *_), x = caches
    _, a0, _, p = first

    def loss(v: dict) -> np.ndarray:
        a = v["a0"]
        total: Any = 0.0
        for t in range(x.shape[2]):
            a = rnn_step(v, v["x"][..., t], a)
            total = total + _weighted_sum(a, da[:, :, t])
        return total

    return _gradients(loss, _recurrent(p), x=x, a0=a0)


def _recurrent(parameters: Arrays) -> Arrays:
    return {name: parameters[name] for name in ("Wax", "Waa", "ba")}


def lstm_cell_backward(da_next, dc_next, cache):
    """Differentiate sum(da_next * a_next) + sum(dc_next * c_next) through one LSTM cell."""
    _, _, a_prev, c_prev, *_, xt, p = cache

    def loss(v: dict) -> np.ndarray:
        a_next, c_next = lstm_step(v, v["xt"], v["a_prev"], v["c_prev"])
        return _weighted_sum(a_next, da_next) + _weighted_sum(c_next, dc_next)

    return _gradients(loss, _gates(p), xt=xt, a_prev=a_prev, c_prev=c_prev)


def lstm_backward(da, caches):
    """Differentiate sum(da * a) through an LSTM over a sequence: dx, da0 and the gates'."""
    (first, *_), x = caches
    a0, c0, p = first[2], first[3], first[9]

    def loss(v: dict) -> np.ndarray:
        a, c = v["a0"], c0
        total: Any = 0.0
        for t in range(x.shape[2]):
            a, c = lstm_step(v, v["x"][..., t], a, c)
            total = total + _weighted_sum(a, da[:, :, t])
        return total

    return _gradients(loss, _gates(p), x=x, a0=a0)


def _gates(parameters: Arrays) -> Arrays:
    return {name: parameters[name] for k in "fico" for name in (f"W{k}", f"b{k}")}
