"""RNN notebook: right answers written in other ways: loops, matrices, einsum."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...rnn_utils import sigmoid, softmax
from . import oracle
from .loops import run_backward
from .lstm_backward import lstm_back, lstm_cell_back
from .lstm_forward import lstm_cell, lstm_sequence
from .rnn_backward import rnn_back, rnn_cell_back
from .rnn_forward import rnn_cell, rnn_sequence


def einsum_rnn_cell(xt, a_prev, p):
    z = np.einsum("ij,jm->im", p["Wax"], xt) + np.einsum("ij,jm->im", p["Waa"], a_prev) + p["ba"]
    a_next = np.tanh(z)
    return a_next, softmax(np.einsum("ij,jm->im", p["Wya"], a_next) + p["by"]), (
        a_next, a_prev, xt, p,
    )  # fmt: skip


def einsum_lstm_cell(xt, a_prev, c_prev, p):
    n_a = a_prev.shape[0]

    def mix(gate):
        W = p[f"W{gate}"]
        z = np.einsum("ij,jm->im", W[:, :n_a], a_prev) + np.einsum("ij,jm->im", W[:, n_a:], xt)
        return z + p[f"b{gate}"]

    ft, it, ot = (sigmoid(mix(gate)) for gate in "fio")
    cct = np.tanh(mix("c"))
    c_next = ft * c_prev + it * cct
    a_next = ot * np.tanh(c_next)
    y = softmax(np.einsum("ij,jm->im", p["Wy"], a_next) + p["by"])
    return a_next, c_next, y, (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, p)


def looped_rnn_cell_back(da_next, cache):
    a_next, a_prev, xt, p = cache
    (n_a, m), n_x = a_next.shape, xt.shape[0]
    shapes = {"dxt": (n_x, m), "da_prev": (n_a, m), "dWax": (n_a, n_x), "dWaa": (n_a, n_a)}
    grads = {name: np.zeros(shape) for name, shape in shapes.items()} | {"dba": np.zeros((n_a, 1))}
    for e in range(m):
        for k in range(n_a):
            dz = da_next[k, e] * (1 - a_next[k, e] ** 2)
            grads["dba"][k, 0] += dz
            for j in range(n_x):
                grads["dxt"][j, e] += p["Wax"][k, j] * dz
                grads["dWax"][k, j] += dz * xt[j, e]
            for j in range(n_a):
                grads["da_prev"][j, e] += p["Waa"][k, j] * dz
                grads["dWaa"][k, j] += dz * a_prev[j, e]
    return grads


def looped_lstm_cell_back(da_next, dc_next, cache):
    """Go back example by example, with outer products."""
    _, _, a_prev, _, *_, xt, p = cache
    m, total = a_prev.shape[1], None
    columns = {"dxt": [], "da_prev": [], "dc_prev": []}
    for e in range(m):
        one = tuple(part[:, e : e + 1] if isinstance(part, np.ndarray) else part for part in cache)
        step = lstm_cell_back(da_next[:, e : e + 1], dc_next[:, e : e + 1], one)
        for name, pieces in columns.items():
            pieces.append(step.pop(name))
        total = step if total is None else {k: total[k] + v for k, v in step.items()}
    return {name: np.hstack(pieces) for name, pieces in columns.items()} | total


def sequence(cell, start, outputs):
    """Make a sequence pass out of a cell, collecting lists and stacking them at the end."""

    def forward(x, a0, p):
        states, kept, rows = start(a0), [], []
        for t in range(x.shape[2]):
            *results, cache = cell(x[..., t], *states, p)
            states = results[: len(states)]
            rows.append(results)
            kept.append(cache)
        stacked = [np.stack([row[k] for row in rows], axis=-1) for k in outputs]
        return (*stacked, (kept, x))

    return forward


STYLES = {
    "rnn_cell_forward": {
        "loop": oracle.rnn_cell_forward, "vectorised": rnn_cell, "einsum": einsum_rnn_cell,
    },
    "rnn_forward": {
        "loop": oracle.rnn_forward, "vectorised": rnn_sequence,
        "einsum": sequence(einsum_rnn_cell, lambda a0: [a0], (0, 1)),
    },
    "lstm_cell_forward": {
        "loop": oracle.lstm_cell_forward, "vectorised": lstm_cell, "einsum": einsum_lstm_cell,
    },
    "lstm_forward": {
        "loop": oracle.lstm_forward, "vectorised": lstm_sequence,
        "einsum": sequence(einsum_lstm_cell, lambda a0: [a0, np.zeros_like(a0)], (0, 2, 1)),
    },
    "rnn_cell_backward": {"loop": looped_rnn_cell_back, "vectorised": rnn_cell_back},
    "rnn_backward": {
        "loop": partial(run_backward, back=looped_rnn_cell_back),
        "vectorised": rnn_back,
    },
    "lstm_cell_backward": {"loop": looped_lstm_cell_back, "vectorised": lstm_cell_back},
    "lstm_backward": {
        "loop": partial(run_backward, back=looped_lstm_cell_back, lstm=True),
        "vectorised": lstm_back,
    },
}  # fmt: skip
