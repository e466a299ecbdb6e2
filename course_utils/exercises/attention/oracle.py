"""What the exercises of the attention notebook should return, one query at a time.

Every weight is computed by itself with Python's own numbers, straight from the equations (Vaswani
et al. 2017; attend as in Luong, Pham and Manning 2015, with a scaled score). The gradients come
from differentiating that by complex steps.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

STEP = 1e-30  # of a complex derivative
EPSILON = 1e-3  # that layer normalisation adds to the variance, in Keras


def _weights(query, keys, seen) -> list:
    """Return the weights of one query; 0 for keys that are not seen."""
    scores = [
        sum(q * k for q, k in zip(query, key, strict=True)) / math.sqrt(len(query)) for key in keys
    ]
    visible = [score.real for score, may in zip(scores, seen, strict=True) if may]
    if not visible:
        return [0.0] * len(keys)
    powers = [
        cmath.exp(score - max(visible)) if may else 0.0
        for score, may in zip(scores, seen, strict=True)
    ]
    return [power / sum(powers) for power in powers]


def _mix(weights, values) -> list:
    """Add up the values, each times its weight."""
    return [
        sum(w * v for w, v in zip(weights, column, strict=True))
        for column in zip(*values, strict=True)
    ]


def _look(Q, K, V, seen) -> tuple[list, list]:
    """Return the outputs and the weights of all queries; seen: (T_q, T_k) booleans."""
    rows = [_weights(q, K, row) for q, row in zip(Q, seen, strict=True)]
    return [_mix(row, V) for row in rows], rows


def scaled_dot_product_attention(Q, K, V, mask):
    """Return (output, weights), for each leading index by itself."""
    lead, T_q, T_k = Q.shape[:-2], Q.shape[-2], K.shape[-2]
    seen = np.broadcast_to(True if mask is None else mask, (*lead, T_q, T_k))
    output, weights = np.zeros((*lead, T_q, V.shape[-1])), np.zeros((*lead, T_q, T_k))
    for at in np.ndindex(*lead):
        found = _look(*(array[at].tolist() for array in (Q, K, V)), seen[at].tolist())
        output[at], weights[at] = (np.real(part) for part in found)
    return output, weights


def attention_backward(doutput, Q, K, V, weights):
    """Return the gradients of sum(doutput * output), each number of Q, K and V moved by itself."""
    gradients = {f"d{name}": np.zeros(a.shape) for name, a in {"Q": Q, "K": K, "V": V}.items()}
    for at in np.ndindex(*Q.shape[:-2]):
        parts: dict[str, list] = {n: a[at].tolist() for n, a in {"Q": Q, "K": K, "V": V}.items()}
        seen, upstream = (weights[at] > 0).tolist(), doutput[at]
        for name, rows in parts.items():
            for i, row in enumerate(rows):
                for j, number in enumerate(row):
                    row[j] = number + STEP * 1j
                    output, _ = _look(parts["Q"], parts["K"], parts["V"], seen)
                    gradients[f"d{name}"][(*at, i, j)] = np.sum(upstream * np.imag(output)) / STEP
                    row[j] = number
    return gradients


def attention_mask(numbers, T_q, causal):
    """Ask of each query and each key whether the one may look at the other."""
    return np.array(
        [
            [
                [number != 0 and (not causal or key <= query) for key, number in enumerate(row)]
                for query in range(T_q)
            ]
            for row in numbers.tolist()
        ]
    )


def attend(h, S, real, parameters):
    """Return (attended, weights) for one example after another."""
    attended, weights = [], []
    for state, states, seen in zip(h, S, real.tolist(), strict=True):
        row = np.real(_weights((parameters["Wq"].T @ state).tolist(), states.tolist(), seen))
        joined = np.concatenate([row @ states, state])
        attended.append([math.tanh(z) for z in joined @ parameters["Wc"] + parameters["bc"]])
        weights.append(row)
    return np.array(attended), np.array(weights)


def multi_head_attention(X_q, X_kv, parameters, n_heads, mask):
    """Return (output, weights); each head has its own columns of the weights."""
    m, T_q, d_model = X_q.shape
    output = np.zeros(X_q.shape)
    weights = np.zeros((m, n_heads, T_q, X_kv.shape[1]))
    d_k = d_model // n_heads
    for e in range(m):
        seen = np.ones(weights.shape[2:], bool) if mask is None else mask[e]
        for head in range(n_heads):
            own = slice(head * d_k, (head + 1) * d_k)
            Wq, Wk, Wv = (parameters[name][:, own] for name in ("Wq", "Wk", "Wv"))
            found = _look(
                (X_q[e] @ Wq).tolist(), (X_kv[e] @ Wk).tolist(), (X_kv[e] @ Wv).tolist(),
                seen.tolist(),
            )  # fmt: skip
            mixed, weights[e, head] = (np.real(part) for part in found)
            output[e] += mixed @ parameters["Wo"][own]
    return output, weights


def positional_encoding(T, d_model):
    """Turn a clock of its own for each pair of columns."""
    rows = []
    for t in range(T):
        row: list[float] = []
        for pair in range(d_model // 2):
            angle = t / math.pow(10000.0, 2 * pair / d_model)
            row += [math.sin(angle), math.cos(angle)]
        rows.append(row)
    return np.array(rows)


def _normalised(x, gamma, beta):
    """Normalise one position over its features, as Keras's LayerNormalization does."""
    deviation = math.sqrt(float(np.mean((x - x.mean()) ** 2)) + EPSILON)
    return gamma * (x - x.mean()) / deviation + beta


def transformer_block(d_model, n_heads, d_ff, *, inputs, weights, ends) -> dict[str, Any]:
    """Return the outputs and the weights of a causal block, one position after another."""
    Wq, Wk, Wv, Wo, *one, W1, b1, W2, b2 = weights[:10]
    two = weights[10:12]
    flat = {
        name: W.reshape(d_model, d_model) for name, W in zip(("Wq", "Wk", "Wv", "Wo"),
                                                            (Wq, Wk, Wv, Wo), strict=True)
    }  # fmt: skip
    m, T, _ = inputs.shape
    mask = np.broadcast_to(np.tri(T, dtype=bool), (m, T, T))
    found, looks = multi_head_attention(inputs, inputs, flat, n_heads, mask)
    outputs = np.zeros(inputs.shape)
    for at in np.ndindex(m, T):
        x = _normalised(inputs[at] + found[at], *one)
        outputs[at] = _normalised(x + np.maximum(x @ W1 + b1, 0) @ W2 + b2, *two)
    return {"outputs": outputs, "weights": looks, "drawn in training": "nothing"}
