"""An LSTM that reads characters, for the experiments of the language model notebook.

Its recurrent part is the one that races in the variants notebook: all gates in one matrix,
W (4 n_a, n_a + n_y) and b (4 n_a, 1), and an output Wya (n_y, n_a), by (n_y, 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from course_utils.rnn_utils import softmax

from . import demo
from .recurrent_race import STEPS

Array = np.ndarray
Parameters = dict[str, Array]
States = tuple[Array, ...]


def _start(n_y: int, n_a: int, seed: int) -> Parameters:
    """Draw initial weights; the forget gates start open by a bias of 1."""
    rng = np.random.default_rng(seed)
    W = rng.normal(0, n_a**-0.5, (4 * n_a, n_a + n_y))
    b = np.zeros((4 * n_a, 1))
    b[:n_a] = 1.0
    Wya = rng.normal(0, n_a**-0.5, (n_y, n_a))
    drawn = {"W": W, "b": b, "Wya": Wya, "by": np.zeros((n_y, 1))}
    return {name: weights.astype(np.float32) for name, weights in drawn.items()}


def _read_piece(
    x: Array, states: States, p: Parameters
) -> tuple[Array, Array, States, list[Callable]]:
    """Return hidden and cell states (n_a, m, T_x), the last of both, and the ways back."""
    one_hot = np.eye(len(p["by"]), dtype=p["W"].dtype)
    hidden, cells, backs = [], [], []
    for xt in x.T:
        states, back = STEPS["LSTM"](p["W"], p["b"], one_hot[:, xt], states)
        hidden.append(states[0])
        cells.append(states[1])
        backs.append(back)
    return np.stack(hidden, axis=2), np.stack(cells, axis=2), states, backs


def _predict(a: Array, p: Parameters) -> Array:
    """Return probabilities (n_y, m, T_x)."""
    scores = np.tensordot(p["Wya"], a, axes=1) + p["by"][:, :, None]
    return softmax(scores)


def _zeros(p: Parameters, m: int) -> States:
    return (np.zeros((len(p["b"]) // 4, m), p["W"].dtype),) * 2


@demo
def read_with_lstm(x: np.ndarray, parameters: Parameters) -> tuple[Array, Array, Array]:
    """Return a, c (n_a, m, T_x) and y_pred (n_y, m, T_x) from reading x (m, T_x) from zeros."""
    a, c, _, _ = _read_piece(x, _zeros(parameters, len(x)), parameters)
    return a, c, _predict(a, parameters)


@demo
def train_lstm(
    pieces: Iterable[tuple[Array, Array, bool]],
    n_y: int,
    output_backward: Callable[..., Parameters],
    *,
    n_a: int = 60,
    seed: int = 0,
    rate: float = 0.002,
    max_norm: float = 5.0,
    report: Callable[[int, Parameters], None] = lambda k, parameters: None,
) -> Parameters:
    """Train on pieces of text (x, targets, fresh), as `train_step` would, and return the weights.

    `output_backward` is that of the notebook; `report(k, parameters)` is called before update k.
    """
    p = _start(n_y, n_a, seed)
    memory = {name: np.zeros_like(weights) for name, weights in p.items()}
    states: States = ()
    for k, (x, targets, fresh) in enumerate(pieces):
        report(k, p)
        states = _zeros(p, len(x)) if fresh else states
        a, _, states, backs = _read_piece(x, states, p)
        gradients = output_backward(_predict(a, p), targets, a, p)
        gradients |= _back(gradients["da"].astype(a.dtype), backs)
        norm = np.sqrt(sum(float(np.sum(gradients[f"d{name}"] ** 2)) for name in p))
        factor = max_norm / max(norm, max_norm)
        for name in p:
            g = (factor * gradients[f"d{name}"]).astype(np.float32)
            memory[name] = np.float32(0.99) * memory[name] + np.float32(0.01) * g**2
            p[name] = p[name] - np.float32(rate) * g / (np.sqrt(memory[name]) + np.float32(1e-8))
    return p


def _back(da: Array, backs: list[Callable]) -> Parameters:
    grads: States = (np.zeros_like(da[:, :, 0]),) * 2
    dW: Any = np.float32(0)
    db: Any = np.float32(0)
    for t in reversed(range(da.shape[2])):
        dW_t, dz, _, grads = backs[t]((grads[0] + da[:, :, t], grads[1]))
        dW, db = dW + dW_t, db + dz.sum(axis=1, keepdims=True)
    return {"dW": dW, "db": db}


@demo
def sample_lstm(
    prompt: np.ndarray, parameters: Parameters, draws: np.ndarray, temperature: float = 1.0
) -> np.ndarray:
    """Draw as many characters as there are draws, after reading a prompt (n,); see `sample`."""
    states, indices, read = _zeros(parameters, 1), [], np.asarray(prompt)[None]
    for draw in draws:
        a, _, states, _ = _read_piece(read, states, parameters)
        p = _predict(a[:, :, -1:], parameters)[:, 0, 0].astype(float) ** (1 / temperature)
        totals = np.cumsum(p)
        indices.append(int(np.searchsorted(totals, draw * totals[-1], side="right")))
        read = np.array([indices[-1:]])
    return np.array(indices)
