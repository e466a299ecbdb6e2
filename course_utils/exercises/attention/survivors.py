"""Changes of the answer key that are no mistake, so that they pass (see `course try`)."""

SURVIVORS = {
    "scaled_dot_product_attention": {
        "queries and keys have the same number of features": """
            scores = Q @ np.swapaxes(K, -1, -2) / {Q -> K}.shape[-1] ** 0.5
        """,
        "the same two axes": """
            scores = Q @ np.swapaxes(K, -{1, -2 -> 2, -1}) / Q.shape[-1] ** 0.5
        """,
        "the larger of two does not depend on their order": """
            weights = powers / np.maximum({np.sum(powers, axis=-1, keepdims=True), 1 -> 1, np.sum(powers, axis=-1, keepdims=True)})
        """,
        "low is low": """
            scores = np.where(seen, scores, -1e+{30 -> 35})
        """,
    },
    "attention_backward": {
        "queries and keys have the same number of features": """
            dscores = weights * (dweights - average) / {Q -> K}.shape[-1] ** 0.5
        """,
        "the same two axes": """
            dV = np.swapaxes(weights, -{1, -2 -> 2, -1}) @ doutput
            dweights = doutput @ np.swapaxes(V, -{1, -2 -> 2, -1})
            return {'dQ': dscores @ K, 'dK': np.swapaxes(dscores, -{1, -2 -> 2, -1}) @ Q, 'dV': dV}
        """,
    },
    "attention_mask": {
        "-True is as true as True": """
            if { -> -}causal: mask = mask & np.tri(T_q, T_k, dtype=bool)
        """,
    },
    "attend": {
        "the same axis": """
            both = np.concatenate((context[:, 0], h), axis={ -> -}1)
        """,
        "there is one query": """
            both = np.concatenate((context[:, {0 -> -1}], h), axis=1)
            return (np.tanh(both @ Wc + bc), weights[:, {0 -> -1}])
        """,
    },
    "multi_head_attention": {
        "the same two axes": """
            return np.swapaxes(X.reshape(m, X.shape[1], n_heads, -1), 1, { -> -}2)
            return np.swapaxes(X.reshape(m, X.shape[1], n_heads, -1), {1, 2 -> 2, 1})
            return (np.swapaxes(output, 1, { -> -}2).reshape(m, T_q, d_model) @ Wo, weights)
            return (np.swapaxes(output, {1, 2 -> 2, 1}).reshape(m, T_q, d_model) @ Wo, weights)
        """,
        "NumPy takes any negative length for the one it is to find out": """
            return np.swapaxes(X.reshape(m, X.shape[1], n_heads, -{1 -> 2}), 1, 2)
            return (np.swapaxes(output, 1, 2).reshape(m, { -> -}T_q, d_model) @ Wo, weights)
            return (np.swapaxes(output, 1, 2).reshape(m, T_q, { -> -}d_model) @ Wo, weights)
        """,
    },
    "positional_encoding": {
        "the array is zero there, so adding to it is the same as writing to it": """
            encoding[:, 0::2] {= -> +=} np.sin(angles)
            encoding[:, 1::2] {= -> +=} np.cos(angles)
        """,
        "cosine is an even function": """
            encoding[:, 1::2] = np.cos({ -> -}angles)
        """,
    },
}
