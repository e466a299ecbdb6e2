"""What stands between the arguments and the results, under the names in use."""

from __future__ import annotations

import numpy as np

Known = dict[str, tuple[np.ndarray, ...]]


def _along(e, axis):
    return np.dot(e, axis) / np.dot(axis, axis) * axis


def cosine_similarity(u, v) -> Known:
    """Name the dot product and the two lengths; what else they may hold comes after."""
    dot = np.asarray(np.dot(u, v))
    cosine = dot / ((np.linalg.norm(u) * np.linalg.norm(v)) or 1.0)  # of vectors of length 1
    known: Known = dict.fromkeys(("dot", "dot_product"), (dot, u * v, cosine))
    for name, vector in (("u", u), ("v", v)):
        length = np.asarray(np.linalg.norm(vector))
        values = length, length**2, vector / (length or 1.0)
        known |= dict.fromkeys((f"norm_{name}", f"{name}_norm", f"{name}_length"), values)
    return known


def complete_analogy(word_a, word_b, word_c, word_to_vec_map) -> Known:
    """Name the vectors of the three words."""
    vectors = (word_to_vec_map[word.lower()] for word in (word_a, word_b, word_c))
    return {name: (e.copy(),) for name, e in zip(("e_a", "e_b", "e_c"), vectors, strict=True)}


def _parts(e, axis) -> tuple[np.ndarray, ...]:
    """Return a vector's part along an axis, and the numbers that some call by its name."""
    dot, square = np.dot(e, axis), np.dot(axis, axis)
    return _along(e, axis), dot / square, dot / np.sqrt(square), dot


def neutralize(word, g, word_to_vec_map) -> Known:
    """Name the vector and its part along the axis."""
    e = word_to_vec_map[word.lower()]
    return {"e": (e,), **dict.fromkeys(("e_B", "e_biascomponent", "e_bias"), _parts(e, g))}


def equalize(pair, bias_axis, word_to_vec_map) -> Known:
    """Name the parts of the two vectors, which are scaled to length 1 first."""
    e1, e2 = (word_to_vec_map[word.lower()] for word in pair)
    e1, e2 = e1 / np.linalg.norm(e1), e2 / np.linalg.norm(e2)
    mu = (e1 + e2) / 2
    mu_B = _along(mu, bias_axis)
    nu = mu - mu_B
    known: Known = {"mu": (mu,), "mu_B": _parts(mu, bias_axis), "nu": (nu,), "mu_orth": (nu,)}
    size = np.sqrt(1 - np.dot(nu, nu))
    known["(length)"] = (size,)  # in brackets: what has these numbers, whatever its name
    for name, e in (("e_w1", e1), ("e_w2", e2)):
        away = _along(e, bias_axis) - mu_B
        mirrored = size * away / np.linalg.norm(away)
        known |= {name: (e,), f"{name}B": _parts(e, bias_axis)}
        known[f"corrected_{name}B"] = (mirrored,)
        known[f"(away of {name})"] = (away,)
    return known
