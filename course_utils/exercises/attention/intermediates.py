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
    hidden = [] if mask is None else [np.where(mask, scores, low) for low in (-1e30, -1e9, -np.inf)]
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
