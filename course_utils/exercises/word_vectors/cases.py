"""Random arguments for similarity, neutralising and equalising."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...judging.model import Case
from .names import draw_words


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def similarity_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (u, v): short and long, near and far, at right angles and opposed."""
    cases = []
    for n in (7, 50, 300):
        u = rng.normal(0.4, 1.0, n)
        v = 0.5 * rng.choice([-1.0, 1.0]) * u + rng.normal(0.3, 1.0, n)
        cases.append(Case(f"{n} numbers each", {"u": u, "v": v}, frozenset({"ordinary"})))
    u = rng.normal(0.4, 1.0, 20)
    v = -1.2 * u + rng.normal(0.2, 0.6, 20)
    cases.append(Case("pointing apart", {"u": u, "v": v}, frozenset({"negative"})))
    u = rng.normal(0.4, 1.0, 12)
    v = u + rng.normal(0.0, 0.8, 12)
    long_short = {"u": 40.0 * u, "v": 0.05 * v}
    cases.append(Case("one long, one short", long_short, frozenset({"lengths"})))
    parallel = {"u": u, "v": rng.uniform(2.0, 5.0) * u}
    cases.append(Case("v a multiple of u", parallel, frozenset({"lengths"})))
    a, b, c, d = (float(k) for k in rng.integers(1, 6, 4))
    square = {"u": np.array([a, b, c, d]), "v": np.array([b, -a, d, -c])}
    cases.append(Case("at right angles", square, frozenset({"right angle"})))
    single = {"u": np.array([rng.uniform(2, 4)]), "v": np.array([-rng.uniform(2, 4)])}
    cases.append(Case("one number each", single, frozenset({"negative"})))
    zero, other = np.zeros(6), rng.normal(0.4, 1.0, 6)
    cases.append(Case("u is zero", {"u": zero, "v": other}, frozenset({"zero"})))
    cases.append(Case("v is zero", {"u": other.copy(), "v": zero.copy()}, frozenset({"zero"})))
    return cases


def _word_map(rng: np.random.Generator, n: int, size: int = 8) -> dict[str, np.ndarray]:
    return {word: rng.normal(size=n) / np.sqrt(n) for word in draw_words(rng, size)}


def _chosen(rng: np.random.Generator, words: dict, count: int) -> list[str]:
    return [str(word) for word in rng.choice(list(words), count, replace=False)]


def neutralize_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (word, g, word_to_vec_map); g is of any length but one."""
    cases = []

    def add(label, tag, word, g, words):
        args = {"word": word, "g": g, "word_to_vec_map": words}
        cases.append(Case(label, args, frozenset({tag})))

    for n in (6, 50):
        words = _word_map(rng, n)
        (word,) = _chosen(rng, words, 1)
        g = rng.uniform(1.6, 2.5) * _unit(rng.normal(size=n) + 1.5 * words[word])
        add(f"{n} numbers a word", "ordinary", word, g, words)
    words = _word_map(rng, 10)
    (word,) = _chosen(rng, words, 1)
    short = 0.4 * _unit(rng.normal(size=10) - words[word])
    add("a short g", "ordinary", word, short, words)
    words = _word_map(rng, 9)
    (word,) = _chosen(rng, words, 1)
    g = 2.2 * _unit(rng.normal(size=9) + words[word])
    add("a capital letter", "capitals", word.capitalize(), g, words)
    add("capitals throughout", "capitals", word.upper(), g, words)
    words = _word_map(rng, 4)
    (word,) = _chosen(rng, words, 1)
    a, b, c, d = (float(k) for k in rng.integers(1, 6, 4))
    words[word] = np.array([a, b, c, d]) / 4
    add("a word at right angles to g", "right angle", word, np.array([b, -a, d, -c]) / 2, words)
    words = _word_map(rng, 5)
    (word,) = _chosen(rng, words, 1)
    along = rng.uniform(1.5, 3.0) * rng.choice([-1.0, 1.0]) * words[word]
    add("a word that lies along g", "along", word, along, words)
    return cases


def equalize_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (pair, bias_axis, word_to_vec_map); most vectors are of length 1."""
    plans = (
        (6, 0.6, -0.3, 2.0, "opposite sides"),
        (50, -0.4, 0.5, 1.7, "opposite sides"),
        (12, 0.7, 0.2, 0.5, "same side"),
        (7, -0.15, -0.6, 2.4, "same side"),
        (3, 0.5, -0.2, 1.5, "three numbers"),
    )
    cases = [_equalize_case(rng, *plan) for plan in plans]
    scaled = _equalize_case(rng, 8, 0.5, -0.3, 1.8, "lengths")
    for word, size in zip(scaled.args["pair"], (0.55, 0.8), strict=True):
        scaled.args["word_to_vec_map"][word] *= size
    typed = _equalize_case(rng, 9, -0.3, 0.5, 0.7, "capitals")
    first, second = typed.args["pair"]
    args = dict(typed.args) | {"pair": (first.capitalize(), second.upper())}
    return [*cases, scaled, replace(typed, args=args)]


def _equalize_case(
    rng: np.random.Generator, n: int, along1: float, along2: float, length: float, tag: str
) -> Case:
    """Place a pair of unit vectors with about the given components along the axis."""
    axis = _unit(rng.normal(size=n))
    words = {word: _unit(vector) for word, vector in _word_map(rng, n).items()}
    pair = tuple(_chosen(rng, words, 2))
    common = _across(rng.normal(size=n), axis)
    for word, along in zip(pair, (along1, along2), strict=True):
        along = along + rng.uniform(-0.05, 0.05)
        across = _unit(_across(1.5 * common + _unit(rng.normal(size=n)), axis))
        words[word] = along * axis + np.sqrt(1 - along**2) * across
    about = {"lengths": ", of lengths below 1", "capitals": ", a pair in capitals"}
    label = f"{n} numbers a word{about.get(tag, f', {tag} of the axis' if 'side' in tag else '')}"
    args = {"pair": pair, "bias_axis": length * axis, "word_to_vec_map": words}
    return Case(label, args, frozenset({tag}))


def _across(vector: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Return the unit vector at right angles to a unit axis that is nearest to `vector`."""
    return _unit(vector - (vector @ axis) * axis)
