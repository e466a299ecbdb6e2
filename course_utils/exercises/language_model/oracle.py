"""What the language model's functions should return, computed unlike any good answer.

The network reads one-hot vectors and is the one of the RNN notebook's oracle: forwards, it is
computed one number at a time, backwards by complex steps. Losses are added up one character
at a time.
"""

from __future__ import annotations

from math import fsum, log2

import numpy as np

from ..rnn_step_by_step import oracle as rnn


def _one_hot(x: np.ndarray, n_x: int) -> np.ndarray:
    vectors = np.zeros((n_x, *x.shape))
    for place, index in np.ndenumerate(x):
        vectors[(index, *place)] = 1.0
    return vectors


def _caches(x, a0, parameters):
    return rnn.rnn_forward(_one_hot(x, parameters["Wax"].shape[1]), a0, parameters)


def language_model_loss(y_pred, targets):
    """Return (bits, perplexity): the mean over characters, and 2 to its power."""
    surprises = [-log2(y_pred[(index, *place)]) for place, index in np.ndenumerate(targets)]
    bits = fsum(surprises) / len(surprises)
    return bits, 2.0**bits


def language_model_forward(x, a0, parameters):
    """Return (a (n_a, m, T_x), y_pred (n_y, m, T_x))."""
    a, y_pred, _ = _caches(x, a0, parameters)
    return a, y_pred


def output_backward(y_pred, targets, a, parameters):
    """Return da, dWya, dby: the mean of -ln p, through the softmax's whole Jacobian matrix."""
    dWya, dby, da = np.zeros(parameters["Wya"].shape), np.zeros(parameters["by"].shape), 0 * a
    for (e, t), index in np.ndenumerate(targets):
        p = y_pred[:, e, t]
        jacobian = np.diag(p) - np.outer(p, p)
        dp = np.zeros(len(p))
        dp[index] = -1 / p[index] / targets.size
        for k, dz in enumerate(jacobian @ dp):
            dby[k] += dz
            for j in range(len(a)):
                dWya[k, j] += dz * a[j, e, t]
                da[j, e, t] += dz * parameters["Wya"][k, j]
    return {"da": da, "dWya": dWya, "dby": dby}


def language_model_backward(da, a, x, a0, parameters):
    """Return dWax, dWaa, dba of sum(da * a), by complex steps."""
    *_, caches = _caches(x, a0, parameters)
    found = rnn.rnn_backward(da, caches)
    return {name: found[name] for name in ("dWax", "dWaa", "dba")}


def train_step(x, targets, a0, parameters, memory, rate, max_norm):
    """Return (parameters, memory, a_last, bits) after one step of RMSprop."""
    a, y_pred = language_model_forward(x, a0, parameters)
    found = output_backward(y_pred, targets, a, parameters)
    da = found.pop("da")
    found |= language_model_backward(da, a, x, a0, parameters)
    length = fsum(g * g for gradient in found.values() for g in gradient.ravel()) ** 0.5
    shorter = max_norm / length if length > max_norm else 1.0
    moved, remembered = {}, {}
    for name, weights in parameters.items():
        moved[name], remembered[name] = weights.copy(), memory[name].copy()
        for place, g in np.ndenumerate(shorter * found[f"d{name}"]):
            remembered[name][place] = 0.99 * memory[name][place] + 0.01 * g * g
            moved[name][place] -= rate * g / (remembered[name][place] ** 0.5 + 1e-8)
    return moved, remembered, a[:, :, -1], language_model_loss(y_pred, targets)[0]


def probabilities(index, a_prev, parameters, temperature, top_k):
    """Return (a_next (n_a, 1), what each character is drawn with): one step of `sample`."""
    x = _one_hot(np.array([[index]]), parameters["Wax"].shape[1])
    a_next, _, _ = rnn.rnn_cell_forward(x[:, :, 0], a_prev, parameters)
    scores = [
        rnn.affine(row, a_next[:, 0], b) / temperature
        for row, b in zip(parameters["Wya"], parameters["by"][:, 0], strict=True)
    ]
    allowed = sorted(scores, reverse=True)[:top_k]
    powers = [np.exp(score - allowed[0]) if score in allowed else 0.0 for score in scores]
    return a_next, [power / fsum(powers) for power in powers]


def sample(first, a0, parameters, draws, temperature, top_k):
    """Return the indices (number of draws,) of the characters drawn."""
    indices, index, a = [], first, a0
    for draw in draws:
        a, shares = probabilities(index, a, parameters, temperature, top_k)
        index, reached = 0, shares[0]
        while reached <= draw:
            index += 1
            reached += shares[index]
        indices.append(index)
    return np.array(indices)
