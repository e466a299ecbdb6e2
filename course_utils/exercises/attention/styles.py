"""Right answers written in other ways: loops, einsum, additive masks, and Keras."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from .looking import look


def attention_by_einsum(Q, K, V, mask=None):
    """Add a very low number where the mask hides, and blank the rows that see nothing."""
    scores = np.einsum("...qd,...kd->...qk", Q, K) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores + (1.0 - np.asarray(mask, float)) * -1e30
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    if mask is not None:
        weights = weights * np.any(mask, axis=-1, keepdims=True)
    return np.einsum("...qk,...kv->...qv", weights, V), weights


def attention_by_query(Q, K, V, mask=None):
    """Take one query after another."""
    shape = (*Q.shape[:-1], K.shape[-2])
    mask = np.ones(shape, bool) if mask is None else np.broadcast_to(mask, shape)
    weights, output = np.zeros(shape), np.zeros((*Q.shape[:-1], V.shape[-1]))
    for at in np.ndindex(*Q.shape[:-1]):
        lead, seen = at[:-1], np.flatnonzero(mask[at])
        if len(seen):
            scores = K[lead][seen] @ Q[at] / Q.shape[-1] ** 0.5
            powers = np.exp(scores - max(scores))
            weights[at][seen] = powers / sum(powers)
            output[at] = weights[at][seen] @ V[lead][seen]
    return output, weights


def attention_in_keras(Q, K, V, mask=None):
    scores = ops.matmul(Q / Q.shape[-1] ** 0.5, np.moveaxis(K, -1, -2))
    if mask is None:
        weights = ops.softmax(scores)
    else:
        weights = np.asarray(ops.softmax(ops.where(mask, scores, -1e9))) * mask
    return np.asarray(ops.matmul(weights, V)), np.asarray(weights)


def backward_by_jacobian(doutput, Q, K, V, weights):
    """Multiply by the whole Jacobian of each row's softmax."""
    dW = np.einsum("...qv,...kv->...qk", doutput, V)
    jacobian = weights[..., :, None] * np.eye(weights.shape[-1])
    jacobian = jacobian - weights[..., :, None] * weights[..., None, :]
    dscores = np.einsum("...qk,...qkj->...qj", dW, jacobian) / np.sqrt(Q.shape[-1])
    return {
        "dQ": np.einsum("...qk,...kd->...qd", dscores, K),
        "dK": np.einsum("...qk,...qd->...kd", dscores, Q),
        "dV": np.einsum("...qk,...qv->...kv", weights, doutput),
    }


def backward_by_output(doutput, Q, K, V, weights):
    """Take off what the output itself says: the row's sum is doutput times the output."""
    taken = np.sum(doutput * (weights @ V), axis=-1, keepdims=True)
    dscores = weights * (doutput @ np.moveaxis(V, -1, -2) - taken) * Q.shape[-1] ** -0.5
    turned = np.moveaxis(dscores, -1, -2)
    dV = np.moveaxis(weights, -1, -2) @ doutput
    return {"dQ": dscores @ K, "dK": turned @ Q, "dV": dV}


def mask_by_loop(numbers, T_q, causal):
    m, T_k = numbers.shape
    mask = np.zeros((m, T_q, T_k), dtype=bool)
    for e in range(m):
        for i in range(T_q):
            for j in range(T_k):
                mask[e, i, j] = numbers[e, j] > 0 and not (causal and j > i)
    return mask


def mask_by_repeat(numbers, T_q, causal):
    mask = np.repeat((numbers != 0)[:, np.newaxis, :], T_q, axis=1)
    return np.tril(mask) if causal else mask


def attend_by_example(h, S, real, parameters):
    attended, weights = [], []
    for i in range(len(h)):
        scores = S[i] @ (h[i] @ parameters["Wq"]) / np.sqrt(S.shape[-1])
        powers = np.where(real[i], np.exp(scores - scores[real[i]].max()), 0)
        weights.append(powers / powers.sum())
        both = np.append(weights[-1] @ S[i], h[i])
        attended.append(np.tanh(both @ parameters["Wc"] + parameters["bc"]))
    return np.array(attended), np.array(weights)


def attend_in_parts(h, S, real, parameters):
    """Multiply the context and the state by their own rows of Wc."""
    n_s = S.shape[-1]
    context, weights = look(h[:, None] @ parameters["Wq"], S, S, real[:, None])
    from_context = context[:, 0] @ parameters["Wc"][:n_s]
    z = from_context + h @ parameters["Wc"][n_s:] + parameters["bc"]
    return np.tanh(z), weights.squeeze(1)


def heads_by_loop(X_q, X_kv, parameters, n_heads, mask=None):
    d_k = X_q.shape[-1] // n_heads
    outputs, weights = [], []
    for head in range(n_heads):
        own = slice(head * d_k, (head + 1) * d_k)
        Q = X_q @ parameters["Wq"][:, own]
        K, V = (X_kv @ parameters[name][:, own] for name in ("Wk", "Wv"))
        output, looks = look(Q, K, V, mask)
        outputs.append(output)
        weights.append(looks)
    return np.concatenate(outputs, axis=-1) @ parameters["Wo"], np.stack(weights, axis=1)


def heads_by_einsum(X_q, X_kv, parameters, n_heads, mask=None):
    d_model = X_q.shape[-1]
    cut = {k: W.reshape(d_model, n_heads, -1) for k, W in parameters.items() if k != "Wo"}
    Q = np.einsum("mtd,dhk->mhtk", X_q, cut["Wq"])
    K, V = (np.einsum("mtd,dhk->mhtk", X_kv, cut[name]) for name in ("Wk", "Wv"))
    output, weights = look(Q, K, V, None if mask is None else np.expand_dims(mask, 1))
    Wo = parameters["Wo"].reshape(n_heads, -1, d_model)
    return np.einsum("mhtk,hkd->mtd", output, Wo), weights


def encoding_by_loop(T, d_model):
    found = np.zeros((T, d_model))
    for t in range(T):
        for j in range(d_model):
            angle = t / 10000 ** ((j - j % 2) / d_model)
            found[t, j] = np.cos(angle) if j % 2 else np.sin(angle)
    return found


def encoding_by_turning(T, d_model):
    """Turn every clock by the same angle again and again, as complex numbers."""
    turn = np.exp(1j * 10000.0 ** (-np.arange(0, d_model, 2) / d_model))
    clocks = turn ** np.arange(T)[:, None]
    return np.stack((clocks.imag, clocks.real), axis=-1).reshape(T, d_model)


def block_of_layers(d_model, n_heads, d_ff):
    """Use layers for everything, and a sequential model for the dense part."""
    x = keras.Input(shape=(None, d_model))
    attention = layers.MultiHeadAttention(
        num_heads=n_heads, key_dim=d_model // n_heads, use_bias=False
    )
    found, weights = attention(
        query=x, value=x, use_causal_mask=True, return_attention_scores=True
    )  # fmt: skip
    y = layers.LayerNormalization()(layers.Add()([x, found]))
    think = keras.Sequential([layers.Dense(d_ff, activation="relu"), layers.Dense(d_model)])
    z = layers.LayerNormalization()(layers.Add()([y, think(y)]))
    return keras.Model(inputs=x, outputs=[z, weights])


def block_with_a_mask(d_model, n_heads, d_ff):
    """Make the causal mask by hand."""
    x = keras.Input((None, d_model))
    place = ops.cumsum(ops.ones_like(x[..., 0]), axis=1)
    mask = place[:, None, :] <= place[:, :, None]
    attention = layers.MultiHeadAttention(n_heads, d_model // n_heads, use_bias=False)
    found, weights = attention(x, x, attention_mask=mask, return_attention_scores=True)
    y = layers.LayerNormalization()(x + found)
    z = ops.relu(layers.Dense(d_ff)(y))
    z = layers.LayerNormalization()(y + layers.Dense(d_model)(z))
    return keras.Model(x, (z, weights))


STYLES = {
    "scaled_dot_product_attention": {
        "einsum": attention_by_einsum, "query by query": attention_by_query,
        "keras": attention_in_keras, "vectorised": look,
    },
    "attention_backward": {"jacobian": backward_by_jacobian, "by output": backward_by_output},
    "attention_mask": {"loop": mask_by_loop, "repeat": mask_by_repeat},
    "attend": {"by example": attend_by_example, "in parts": attend_in_parts},
    "multi_head_attention": {"loop": heads_by_loop, "einsum": heads_by_einsum},
    "positional_encoding": {"loop": encoding_by_loop, "turning": encoding_by_turning},
    "transformer_block": {"layers": block_of_layers, "own mask": block_with_a_mask},
}  # fmt: skip
