"""Take the part along an axis out of a word."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.linalg import norm

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import intermediates, oracle
from .names import chosen, unit, word_map


def _part(e, g):
    return (e @ g) / (g @ g) * g


def _combined(word, g, words, combine):
    return combine(words[word.lower()], g)


def _by(combine):
    return partial(_combined, combine=combine)


def _as_typed(word, g, words):
    e = words[word]
    return e - _part(e, g)


def _in_place(word, g, words):
    words[word.lower()] -= _part(words[word.lower()], g)
    return words[word.lower()]


def _stored(word, g, words):
    words[word.lower()] = words[word.lower()] - _part(words[word.lower()], g)
    return words[word.lower()]


def _rescaled(e, g):
    rest = e - _part(e, g)
    return rest / norm(rest)


def neutralize_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (word, g, word_to_vec_map); g is of length 1 but where its length is tried."""
    cases = []

    def add(label, tag, word, g, words):
        args = {"word": word, "g": g, "word_to_vec_map": words}
        cases.append(Case(label, args, frozenset({tag})))

    for n, length, tag in ((6, 1, "ordinary"), (50, 1, "ordinary"), (8, 2.1, "length"),
                           (10, 0.4, "length")):  # fmt: skip
        words = word_map(rng, n)
        (word,) = chosen(rng, words, 1)
        g = length * unit(rng.normal(size=n) + rng.choice([-1.5, 1.5]) * words[word])
        label = f"{n} numbers a word" if tag == "ordinary" else f"g of length {length}"
        add(label, tag, word, g, words)
    words = word_map(rng, 9)
    (word,) = chosen(rng, words, 1)
    g = unit(rng.normal(size=9) + words[word])
    add("a capital letter", "capitals", word.capitalize(), g, words)
    add("capitals throughout", "capitals", word.upper(), g, words)
    words = word_map(rng, 4)
    (word,) = chosen(rng, words, 1)
    a, b, c, d = (float(k) for k in rng.integers(1, 6, 4))
    words[word] = np.array([a, b, c, d]) / 4
    across = unit(np.array([b, -a, d, -c]))
    add("a word at right angles to g", "right angle", word, across, words)
    words = word_map(rng, 5)
    (word,) = chosen(rng, words, 1)
    words[word] = rng.uniform(1.5, 3.0) * rng.choice([-1.0, 1.0]) * words[word]
    add("a word that lies along g", "along", word, unit(words[word]), words)
    return cases


NEUTRALIZE = Exercise(
    name="neutralize",
    difficulty=1,
    minutes=10,
    returns="e_neutral",
    axes={"e_neutral": ("component",)},
    cases=neutralize_cases,
    intermediates=intermediates.neutralize,
    oracle=oracle.neutralize,
    criteria=(
        Criterion("returns a vector of the shape of the word's", 2, aspect="shape"),
        Criterion("nothing is left along g, all else is kept", 6, tag="ordinary"),
        Criterion(
            "g of any length",
            3,
            tag="length",
            hint="Make `g` twice as long: the result must stay the same. By what is the dot "
            "product divided?",
        ),
        Criterion("capital letters make no difference", 2, tag="capitals"),
        Criterion(
            "a word at right angles to g stays as it is",
            2,
            tag="right angle",
            beside=True,
            hint="At right angles there is nothing to take away. What does your function "
            "change all the same?",
        ),
        Criterion(
            "a word that lies along g becomes zero",
            2,
            tag="along",
            beside=True,
            hint="A word along g has nothing else. Is the whole of its part along g taken away?",
        ),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "not divided by the squared length",
            "The projection lacks its division by g.g, so it is right only for a `g` of "
            "length 1. Otherwise you take out too much or too little.",
            _by(lambda e, g: e - (e @ g) * g),
        ),
        Misconception(
            "divided by the length once",
            "You divide by |g| once. `g` stands twice in the projection, in the dot product and "
            "as its direction, so its length must go out twice: divide by g.g.",
            _by(lambda e, g: e - (e @ g) / norm(g) * g),
        ),
        Misconception(
            "cosine instead of projection",
            "You take the cosine for the share of `g` in the word, so the word's length plays no "
            "part. A projection is longer for a longer word: divide the dot product by g.g only.",
            _by(lambda e, g: e - (e @ g) / (norm(e) * norm(g)) * g),
            (_by(lambda e, g: e - (e @ g) / (norm(e) * norm(g)) * unit(g)),),
        ),
        Misconception(
            "the part along g itself",
            "You return the part along `g`: just what was to be taken out. Subtract it from "
            "the word's vector.",
            _by(_part),
        ),
        Misconception(
            "added instead of subtracted",
            "The part along `g` is added, so the word leans even further. Subtract it.",
            _by(lambda e, g: e + _part(e, g)),
        ),
        Misconception(
            "subtracted twice",
            "Twice the part along `g` is taken out: that mirrors the word to the other side. "
            "Once leaves it on neither.",
            _by(lambda e, g: e - 2 * _part(e, g)),
        ),
        Misconception(
            "g projected on the word",
            "You project `g` on the word. It is the word that has a part along `g`: divide by "
            "g.g, and let the part point along `g`.",
            _by(lambda e, g: e - (e @ g) / (e @ e) * e),
            (_by(lambda e, g: g - (e @ g) / (e @ e) * e),),
        ),
        Misconception(
            "divided by the word's squared length",
            "You divide by the word's squared length. Make `g` ten times as long, and the part "
            "along it must stay the same: which vector's length has to go out?",
            _by(lambda e, g: e - (e @ g) / (e @ e) * g),
        ),
        Misconception(
            "g itself subtracted",
            "You subtract all of `g`. A word has only so much of it, (e.g)/(g.g) times: subtract "
            "that much.",
            _by(lambda e, g: e - g),
            (_by(lambda e, g: e - g / norm(g)),),
        ),
        Misconception(
            "products not summed",
            "`e * g` multiplies number by number. The projection needs their sum, one number: "
            "np.dot(e, g) or e @ g.",
            _by(lambda e, g: e - e * g / (g @ g) * g),
            (_by(lambda e, g: e - e * g / np.sum(g**2)),),
        ),
        Misconception(
            "scaled to length 1",
            "The direction is right, but you also stretch the result to length 1. Return what "
            "is left as it is; how long it is says how much was taken out.",
            _by(_rescaled),
        ),
        Misconception(
            "no lower-casing",
            "The vectors are filed under lower-case words. Use word.lower() for the look-up.",
            _as_typed,
        ),
        Misconception(
            "the map overwritten",
            "The neutral vector was written into `word_to_vec_map`, so nobody can compare "
            "before and after any more. Make a new array.",
            _in_place,
            (_stored,),
        ),
    ),
    hints=(
        "Draw an arrow e and a line along g. Which piece of e runs along the line, and which is "
        "at right angles to it?",
        "The piece along g is a number times g: the number is a dot product, (n,) with (n,), "
        "divided by another dot product.",
        "First the number (e.g)/(g.g); then that number times g, (n,); then take it away from e.",
    ),
)


def loop_neutralize(word, g, words):
    e = words[word.lower()]
    dot = sum(float(a) * float(b) for a, b in zip(e, g, strict=True))
    square = sum(float(b) * float(b) for b in g)
    return np.array([a - dot / square * b for a, b in zip(e, g, strict=True)])


def einsum_neutralize(word, g, words):
    e, unit = words[word.lower()], g / np.linalg.norm(g)
    return e - np.einsum("i,i,j->j", e, unit, unit)


def matrix_neutralize(word, g, words):
    return (np.eye(len(g), dtype=g.dtype) - np.outer(g, g) / (g @ g)) @ words[word.lower()]


STYLES = {
    "neutralize": {
        "loop": loop_neutralize,
        "einsum": einsum_neutralize,
        "matrix": matrix_neutralize,
    },
}

SURVIVORS = {
    "neutralize": {
        "the dot product of two vectors commutes": """
            e_B = np.dot({e, g -> g, e}) / np.dot(g, g) * g
        """,
    },
}
