"""What the four functions should return, one number at a time.

Python's own floats and `math.fsum` only: no arrays are added, multiplied or sorted here.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum, sqrt

import numpy as np

Vector = list[float]


def _floats(vector) -> Vector:
    return [float(number) for number in vector]


def dot(u: Vector, v: Vector) -> float:
    """Return the sum of the products of the numbers of two vectors."""
    return fsum(a * b for a, b in zip(u, v, strict=True))


def minus(u: Vector, v: Vector) -> Vector:
    """Return u - v, number by number."""
    return [a - b for a, b in zip(u, v, strict=True)]


def _cosine(u: Vector, v: Vector) -> float:
    lengths = sqrt(dot(u, u)) * sqrt(dot(v, v))
    return dot(u, v) / lengths if lengths else 0.0


def cosine_similarity(u, v) -> float:
    """Return the cosine of the angle between u and v, 0.0 if one of them is zero."""
    return _cosine(_floats(u), _floats(v))


def ranking(word_a: str, word_b: str, word_c: str, word_to_vec_map: Mapping) -> list[tuple]:
    """List (cosine, word) for every word that may complete the analogy, best first."""
    given = [word.lower() for word in (word_a, word_b, word_c)]
    e_a, e_b, e_c = (_floats(word_to_vec_map[word]) for word in given)
    wanted = minus(e_b, e_a)
    scores = [
        (_cosine(wanted, minus(_floats(vector), e_c)), word)
        for word, vector in word_to_vec_map.items()
        if word not in given and any(minus(_floats(vector), e_c))
    ]
    return sorted(scores, reverse=True)


def complete_analogy(word_a: str, word_b: str, word_c: str, word_to_vec_map: Mapping) -> str:
    """Return the word d for which a is to b as c is to d."""
    return ranking(word_a, word_b, word_c, word_to_vec_map)[0][1]


def _along(e: Vector, g: Vector) -> float:
    """Return how many times g lies in e."""
    return dot(e, g) / dot(g, g)


def neutralize(word: str, g, word_to_vec_map: Mapping) -> np.ndarray:
    """Return the vector of `word` without its part along g."""
    e, axis = _floats(word_to_vec_map[word.lower()]), _floats(g)
    times = _along(e, axis)
    return np.array([a - times * b for a, b in zip(e, axis, strict=True)])


def equalize(pair, bias_axis, word_to_vec_map: Mapping) -> tuple[np.ndarray, np.ndarray]:
    """Return the pair, each at length 1, mirror images of each other along the axis.

    What is left is geometry, not the formula of the paper: the pair shares the part that
    is at right angles to the axis, and Pythagoras says how far along it each must go.
    """
    first, second = (_floats(word_to_vec_map[word.lower()]) for word in pair)
    first, second = ([a / sqrt(dot(e, e)) for a in e] for e in (first, second))
    axis = _floats(bias_axis)
    size = sqrt(dot(axis, axis))
    shared = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
    times = _along(shared, axis)
    shared = [a - times * b for a, b in zip(shared, axis, strict=True)]
    height = sqrt(1.0 - dot(shared, shared))
    side = 1.0 if dot(first, axis) > dot(second, axis) else -1.0
    one, other = (
        np.array([a + sign * height * b / size for a, b in zip(shared, axis, strict=True)])
        for sign in (side, -side)
    )
    return one, other
