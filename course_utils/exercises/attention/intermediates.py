"""What stands between the arguments and the results, under the names in use.

A name that is used for several quantities has each of them: any is right.
"""

from __future__ import annotations

import numpy as np

Known = dict[str, tuple[np.ndarray, ...]]


def scaled_dot_product_attention(Q, K, V, mask) -> Known:
    """Name the scores, before and after they are scaled and masked."""
    raw = Q @ np.swapaxes(K, -1, -2)
    scores = raw / Q.shape[-1] ** 0.5
    hidden = [] if mask is None else [np.where(mask, scores, -np.inf)]
    return {"scores": (raw, scores, *hidden), "logits": (raw, scores, *hidden)}


def attention_backward(doutput, Q, K, V, weights) -> Known:
    """Name the gradients of the weights and of the scores, before and after they are scaled."""
    dweights = doutput @ np.swapaxes(V, -1, -2)
    dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True))
    both = dscores, dscores / Q.shape[-1] ** 0.5
    return {"dweights": (dweights,), "dW": (dweights,), "dscores": both, "dS": both}


def attend(h, S, real, parameters) -> Known:
    """Name the queries and what the decoder finds, with and without the axis of the one query."""
    q = h @ parameters["Wq"]
    scores = np.einsum("ms,mts->mt", q, S) / q.shape[-1] ** 0.5
    powers = np.exp(scores - scores.max(axis=1, keepdims=True)) * real
    context = np.einsum("mt,mts->ms", powers / powers.sum(axis=1, keepdims=True), S)
    names = {"q": q, "query": q, "queries": q, "context": context, "context_vector": context}
    return {name: (value[:, None], value) for name, value in names.items()}


def multi_head_attention(X_q, X_kv, parameters, n_heads, mask) -> Known:
    """Name queries, keys and values, before and after they are split among the heads."""
    m, _, d_model = X_q.shape
    found: Known = {}
    for names, X, weights in (
        (("Q", "q", "query", "queries"), X_q, "Wq"),
        (("K", "k", "key", "keys"), X_kv, "Wk"),
        (("V", "v", "value", "values"), X_kv, "Wv"),
    ):
        whole = X @ parameters[weights]
        parts = whole.reshape(m, -1, n_heads, d_model // n_heads)  # (m, T, n_heads, d_k)
        split = parts.transpose(0, 2, 1, 3)
        last = [whole[..., -parts.shape[-1] :], whole[..., :0], X]  # in a loop, or not yet made
        known = (split, parts, whole, *last, parts.transpose(2, 0, 1, 3))
        found |= dict.fromkeys(names, known)
    return found


def positional_encoding(T, d_model) -> Known:
    """Name what stands between positions and angles, for each pair or for each column."""
    pairs = np.arange(0, d_model, 2) / d_model
    columns = np.repeat(pairs, 2)
    t = np.arange(T)[:, None]
    powers = [10000.0**each for each in (pairs, columns)]
    angles = [t / each for each in powers]
    table = np.stack((np.sin(angles[0]), np.cos(angles[0])), axis=-1).reshape(T, d_model)
    speeds = [way for each in powers for way in (1 / each, (1 / each)[None], each, each[None])]
    k = np.arange(d_model // 2)
    exponents = [way for each in (pairs, columns, 2.0 * k, k) for way in (each, each[None])]
    names = "angles angle_rads angle div_term angle_rates rates freqs inv_freq speeds denominator"
    known = dict.fromkeys(names.split(), (*angles, table, *speeds))
    return known | dict.fromkeys(("exponent", "exponents"), tuple(exponents))
