"""What the backward passes should return, by complex steps.

For a real-analytic loss L, Im L(w + ih) / h is dL/dw to machine precision, with no
subtraction and so no step size to tune (Squire and Trapp 1998). All weights are perturbed
in one go: every array gets a leading axis with one copy per perturbed element.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

STEP = 1e-30
Arrays = Mapping[str, np.ndarray]


def complex_step(loss: Callable[[dict], np.ndarray], values: Arrays) -> dict[str, np.ndarray]:
    """Differentiate `loss` with respect to every element of every array in `values`.

    `loss` gets arrays of shape (copies, ...) and returns (copies,). Only + - * / @ exp tanh.
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


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-z))


def _weigh(state: np.ndarray, upstream: np.ndarray) -> np.ndarray:
    return (state * upstream).sum(axis=(-2, -1))  # (copies,)


def rnn_step(v: Arrays, x: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Return a_next of a plain RNN cell, over any leading axes."""
    return np.tanh(v["Wax"] @ x + v["Waa"] @ a + v["ba"])


def lstm_step(v: Arrays, x: np.ndarray, a: np.ndarray, c: np.ndarray) -> tuple:
    """Return (a_next, c_next) of an LSTM cell, over any leading axes, without concatenating."""
    n_a = a.shape[-2]
    f, i, g, o = (
        v[f"W{k}"][..., :n_a] @ a + v[f"W{k}"][..., n_a:] @ x + v[f"b{k}"] for k in "fico"
    )
    c_next = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c_next), c_next


def _renamed(gradients: dict[str, np.ndarray], *names: str) -> dict[str, np.ndarray]:
    """Rename x, a, c to the names of the assignment and put a "d" before the weights."""
    states = dict(zip(("x", "a", "c"), names, strict=False))
    return {states.get(name, f"d{name}"): value for name, value in gradients.items()}


def rnn_cell_backward(da_next, cache):
    """Differentiate sum(da_next * a_next): dxt, da_prev, dWax, dWaa, dba."""
    _, a_prev, xt, p = cache
    values = {"x": xt, "a": a_prev, "Wax": p["Wax"], "Waa": p["Waa"], "ba": p["ba"]}
    gradients = complex_step(lambda v: _weigh(rnn_step(v, v["x"], v["a"]), da_next), values)
    return _renamed(gradients, "dxt", "da_prev")


def rnn_backward(da, caches):
    """Differentiate sum(da * a) over the whole sequence: dx, da0, dWax, dWaa, dba."""
    (first, *_), x = caches
    _, a0, _, p = first

    def loss(v: dict) -> np.ndarray:
        a, total = v["a"], 0.0
        for t in range(x.shape[2]):
            a = rnn_step(v, v["x"][..., t], a)
            total = total + _weigh(a, da[:, :, t])
        return total

    values = {"x": x, "a": a0, "Wax": p["Wax"], "Waa": p["Waa"], "ba": p["ba"]}
    return _renamed(complex_step(loss, values), "dx", "da0")


def _gates(parameters: Arrays) -> dict[str, np.ndarray]:
    return {name: parameters[name] for k in "fico" for name in (f"W{k}", f"b{k}")}


def lstm_cell_backward(da_next, dc_next, cache):
    """Differentiate sum(da_next * a_next) + sum(dc_next * c_next) through one LSTM cell."""
    _, _, a_prev, c_prev, *_, xt, p = cache

    def loss(v: dict) -> np.ndarray:
        a_next, c_next = lstm_step(v, v["x"], v["a"], v["c"])
        return _weigh(a_next, da_next) + _weigh(c_next, dc_next)

    values = {"x": xt, "a": a_prev, "c": c_prev, **_gates(p)}
    return _renamed(complex_step(loss, values), "dxt", "da_prev", "dc_prev")


def lstm_backward(da, caches):
    """Differentiate sum(da * a) through an LSTM over a sequence: dx, da0 and the gates'."""
    (first, *_), x = caches
    a0, c0, p = first[2], first[3], first[9]

    def loss(v: dict) -> np.ndarray:
        a, c, total = v["a"], c0, 0.0
        for t in range(x.shape[2]):
            a, c = lstm_step(v, v["x"][..., t], a, c)
            total = total + _weigh(a, da[:, :, t])
        return total

    values = {"x": x, "a": a0, **_gates(p)}
    return _renamed(complex_step(loss, values), "dx", "da0")
