"""Right answers written in other ways: one-hot vectors, plain loops, other libraries' habits."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...rnn_utils import softmax
from .loss import loss, output
from .network import backward, forward
from .sampling import speak
from .training import step


def looped_loss(y_pred, targets):
    """Add up the surprises one character at a time."""
    m, T_x = targets.shape
    total = 0.0
    for example in range(m):
        for t in range(T_x):
            total -= np.log(y_pred[targets[example, t], example, t])
    nats = total / (m * T_x)
    return nats / np.log(2), np.exp(nats)


def one_hot_loss(y_pred, targets):
    """Pick the probabilities by a sum with one-hot vectors."""
    one_hot = np.moveaxis(np.eye(len(y_pred))[targets], -1, 0)
    bits = -np.log2((y_pred * one_hot).sum(axis=0)).mean()
    return bits, np.power(2.0, bits)


def one_hot_forward(x, a0, p):
    """Multiply by one-hot vectors, as the RNN notebook does."""
    one_hot = np.eye(p["Wax"].shape[1])[x]  # (m, T_x, n_x)
    a, states, outputs = a0, [], []
    for t in range(x.shape[1]):
        a = np.tanh(p["Wax"] @ one_hot[:, t].T + p["Waa"] @ a + p["ba"])
        states.append(a)
        outputs.append(softmax(p["Wya"] @ a + p["by"]))
    return np.stack(states, axis=-1), np.stack(outputs, axis=-1)


def looped_output(y_pred, targets, a, p):
    """Go through the steps one by one, as a cell's backward pass would."""
    n_y, m, T_x = y_pred.shape
    da, dWya, dby = np.zeros(a.shape), np.zeros(p["Wya"].shape), np.zeros(p["by"].shape)
    for t in range(T_x):
        dz = np.array(y_pred[:, :, t])
        for example in range(m):
            dz[targets[example, t], example] -= 1
        dz /= m * T_x
        dWya += dz @ a[:, :, t].T
        dby += dz.sum(axis=1, keepdims=True)
        da[:, :, t] = p["Wya"].T @ dz
    return {"da": da, "dWya": dWya, "dby": dby}


def flat_output(y_pred, targets, a, p):
    """Lay batch and time in one row."""
    n_y, n_a = len(y_pred), len(a)
    dz = y_pred.reshape(n_y, -1) - np.eye(n_y)[targets.ravel()].T
    dz = dz / targets.size
    dWya, dby = dz @ a.reshape(n_a, -1).T, dz.sum(axis=1).reshape(-1, 1)
    return {"da": (p["Wya"].T @ dz).reshape(a.shape), "dWya": dWya, "dby": dby}


def one_hot_backward(da, a, x, a0, p):
    """Keep all dz, and multiply by one-hot vectors and earlier states in the end."""
    before = np.concatenate((a0[:, :, None], a[:, :, :-1]), axis=2)
    dz, back = np.zeros(a.shape), 0.0
    for t in range(x.shape[1] - 1, -1, -1):
        dz[:, :, t] = (1 - np.square(a[:, :, t])) * (da[:, :, t] + back)
        back = np.einsum("kj,km->jm", p["Waa"], dz[:, :, t])
    one_hot = np.eye(p["Wax"].shape[1])[x]  # (m, T_x, n_x)
    return {
        "dWax": np.einsum("amt,mtx->ax", dz, one_hot),
        "dWaa": np.einsum("amt,bmt->ab", dz, before),
        "dba": dz.sum(axis=(1, 2))[:, None],
    }


def looped_backward(da, a, x, a0, p):
    """Add each example's column by itself."""
    dWax, dWaa, dba = np.zeros_like(p["Wax"]), np.zeros_like(p["Waa"]), np.zeros_like(p["ba"])
    back = np.zeros_like(a0)
    for t in reversed(range(a.shape[2])):
        dz = (1 - a[:, :, t] ** 2) * (da[:, :, t] + back)
        for example, character in enumerate(x[:, t]):
            dWax[:, character] += dz[:, example]
        dWaa += dz @ (a0 if t == 0 else a[:, :, t - 1]).T
        dba += dz.sum(axis=1, keepdims=True)
        back = p["Waa"].T @ dz
    return {"dWax": dWax, "dWaa": dWaa, "dba": dba}


def if_too_long(x, targets, a0, p, memory, rate, max_norm):
    """Clip behind an if, with one flat vector."""
    a, y_pred = one_hot_forward(x, a0, p)
    gradients = looped_output(y_pred, targets, a, p)
    gradients.update(looped_backward(gradients["da"], a, x, a0, p))
    flat = np.concatenate([gradients[f"d{name}"].ravel() for name in p])
    norm = np.linalg.norm(flat)
    new, squares = {}, {}
    for name in p:
        g = gradients[f"d{name}"]
        if norm > max_norm:
            g = g * max_norm / norm
        squares[name] = memory[name] + 0.01 * (g * g - memory[name])
        new[name] = p[name] - rate * g / (squares[name] ** 0.5 + 1e-8)
    return new, squares, a[..., -1], one_hot_loss(y_pred, targets)[0]


def looped_sample(first, a0, p, draws, temperature, top_k):
    """Walk along the line until the draw is passed."""
    index, a, indices = first, a0, []
    for draw in draws:
        a = np.tanh(p["Wax"][:, index : index + 1] + p["Waa"].dot(a) + p["ba"])
        scores = (p["Wya"].dot(a) + p["by"]).ravel() / temperature
        if top_k is not None:
            scores[np.argsort(scores)[:-top_k]] = -np.inf
        share = np.exp(scores - scores.max())
        share /= share.sum()
        index, reached = 0, share[0]
        while reached <= draw and index < len(share) - 1:
            index += 1
            reached += share[index]
        indices.append(index)
    return np.array(indices)


def listed_sample(first, a0, p, draws, temperature, top_k):
    """Give a list of numbers, by powers of probabilities, and count the totals."""
    indices, a = [first], a0
    for draw in draws:
        states, y_pred = one_hot_forward(np.array([[indices[-1]]]), a, p)
        a, share = states[:, :, 0], y_pred[:, 0, 0] ** (1 / temperature)
        share = share * (share >= sorted(share)[-(top_k or len(share))])
        indices.append(int((np.cumsum(share) / share.sum() <= draw).sum()))
    return np.array(indices[1:], dtype=float)


STYLES = {
    "language_model_loss": {
        "loop": looped_loss,
        "one-hot": one_hot_loss,
        "from its switches": loss,
    },
    "language_model_forward": {"one-hot": one_hot_forward, "from its switches": forward},
    "output_backward": {
        "loop": looped_output,
        "flat": flat_output,
        "from its switches": output,
    },
    "language_model_backward": {
        "one-hot": one_hot_backward,
        "loop": looped_backward,
        "from its switches": backward,
    },
    "train_step": {"if": if_too_long, "from its switches": partial(step, frozen=())},
    "sample": {"loop": looped_sample, "powers": listed_sample, "from its switches": speak},
}
