"""Analogies among made-up words, each with a decoy for every tempting wrong rule.

The answer is the word whose step away from c points most nearly along d = e_b - e_a. For every
other rule somebody might use there is a word that this rule prefers.
"""

from __future__ import annotations

import numpy as np

from ...judging.model import Case
from . import oracle
from .names import draw_words

MARGIN = 0.02  # between the best cosine and the next: float32 is far finer


def complete_analogy_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (word_a, word_b, word_c, word_to_vec_map)."""
    return [
        _case(rng, "60 words", {"ordinary"}, n=25, size=60),
        _case(rng, "100 words", {"ordinary"}, n=50, size=100),
        _case(rng, "word_c close to word_a", {"given words"}, n=20, size=40, place="near a"),
        _case(rng, "word_c before word_a", {"given words"}, n=20, size=40, place="before a"),
        _case(rng, "capital letters", {"capitals"}, n=30, size=40, place="near a", capitals=True),
        _case(rng, "every step points away", {"all negative"}, n=20, size=40, place="behind"),
        _case(rng, "a word with the vector of word_c", {"twin"}, n=25, size=40, twin=True),
    ]


def _case(rng, label, tags, *, n, size, place="apart", capitals=False, twin=False) -> Case:
    for _ in range(200):
        words, given = _draw(rng, n, size, place, twin)
        (best, _), (second, _), *_ = oracle.ranking(*given, words)
        if best - second > MARGIN:
            break
    else:
        raise RuntimeError(f"no clear analogy drawn for {label!r}")
    if capitals:
        given = [given[0].capitalize(), given[1].upper(), given[2].capitalize()]
    args = dict(zip(("word_a", "word_b", "word_c"), given, strict=True))
    args["word_to_vec_map"] = words
    return Case(label, args, frozenset(tags))


def _draw(rng, n, size, place, twin) -> tuple[dict[str, np.ndarray], list[str]]:
    d = _unit(rng.normal(size=n))
    e_a = _unit(rng.normal(size=n))
    e_c = {
        "apart": e_a + 1.3 * _across(rng, d),
        "near a": e_a + 0.2 * _across(rng, d),
        "before a": e_a - d + 0.2 * _across(rng, d),
        "behind": e_a + 1.3 * _across(rng, d),
    }[place]
    placed = [e_a, e_a + d, e_c]
    if place == "behind":
        placed.append(e_c - 0.3 * d + 1.2 * _across(rng, d))  # the least wrong, cosine -0.24
        placed += [
            e_c - rng.uniform(0.6, 1.5) * d + rng.uniform(0.3, 1.0) * _across(rng, d)
            for _ in range(size - 4)
        ]
    else:
        placed += _answer_and_decoys(rng, d, e_a, e_c, place)
        placed += [e_c.copy()] if twin else []
        placed += [
            rng.uniform(0.5, 1.5) * _unit(rng.normal(size=n)) for _ in range(size - len(placed))
        ]
    names = draw_words(rng, size)
    if place == "near a":
        names[3] = f"{names[0]}s"  # the answer: a given word is part of it
    elif place == "before a":
        names[3] = names[2][:-1]  # ... and the other way round
    words = {names[i]: placed[i] for i in rng.permutation(size)}
    return words, names[:3]


def _answer_and_decoys(rng, d, e_a, e_c, place) -> list[np.ndarray]:
    """Place the answer (cosine 0.92) and the words that other rules would choose."""
    placed = [
        e_c + 1.6 * d + 0.7 * _across(rng, d),  # the answer
        e_c + 0.9 * d + 0.55 * _across(rng, d),  # nearest to e_b - e_a + e_c
        0.25 * (e_c + d),  # in the direction of e_b - e_a + e_c
        e_c + 4.0 * d + 4.0 * _across(rng, d),  # far away: a large dot product
        e_c - 1.3 * d + 0.3 * _across(rng, d),  # the opposite step
        e_c + 0.05 * d + 0.05 * _across(rng, d),  # a short step: length subtracted, not divided
        e_c + d + _level(d),  # along d but for a constant: correlation
        e_c + 1.5 * _sparse(d),  # few numbers: a length by absolute values
    ]
    if place == "apart":
        placed += [
            e_a + 0.35 * d + 0.02 * _across(rng, d),  # the right step, but from a
            e_a + d + 2.5 * (e_c - e_a) + 0.02 * _across(rng, d),  # a is to c as b is to ...
            0.5 * d + 0.02 * _across(rng, d),  # itself along d, whatever c is
            e_a + d + 0.05 * _across(rng, d),  # next to b: divided by the distance from b
        ]
    return placed


def _level(d: np.ndarray) -> np.ndarray:
    """Return the same number everywhere, of length 1.2, on the side away from d."""
    level = np.full(d.size, 1.2 / np.sqrt(d.size))
    return -level if level @ d > 0 else level


def _sparse(d: np.ndarray) -> np.ndarray:
    """Return d with all but the largest fifth of its numbers set to 0, at length 1."""
    least = np.sort(np.abs(d))[-max(d.size // 5, 1)]
    return _unit(np.where(np.abs(d) >= least, d, 0.0))


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def _across(rng, d: np.ndarray) -> np.ndarray:
    """Draw a unit vector at right angles to the unit vector d."""
    vector = rng.normal(size=d.size)
    return _unit(vector - (vector @ d) * d)
