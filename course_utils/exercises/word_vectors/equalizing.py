"""Put a pair of words at the same distance from everything neutral."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.linalg import norm

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import intermediates, oracle
from .names import at_right_angles, chosen, unit, word_map


def _part(e, g):
    return (e @ g) / (g @ g) * g


def _height(nu):
    return np.sqrt(np.abs(1 - nu @ nu))


def _units(pair, words):
    es = [words[word.lower()] for word in pair]
    return [e / norm(e) for e in es]


def _pair(
    pair,
    g,
    words,
    *,
    part=_part,
    height=_height,
    base=None,
    below=None,
    own=None,
    ends=(0, 1),
    look_up=_units,
):
    """Equalise a pair with one of the steps replaced.

    `base(mu, nu)` is what both share; `below(e, e_B, mu_B, mu)` divides the bias part;
    `own(e_B, mu_B)` is the bias part before that; `ends` says whose bias part each gets.
    """
    es = look_up(pair, words)
    mu = (es[0] + es[1]) / 2
    mu_B = part(mu, g)
    nu = mu - mu_B
    shared = base(mu, nu) if base else nu
    sides = []
    for e in es:
        e_B = part(e, g)
        away = own(e_B, mu_B) if own else e_B - mu_B
        sides.append(height(nu) * away / (below(e, e_B, mu_B, mu) if below else norm(away)))
    return shared + sides[ends[0]], shared + sides[ends[1]]


def _broken(**changes):
    return partial(_pair, **changes)


def _neutral(pair, g, words):
    return tuple(e - _part(e, g) for e in _units(pair, words))


def _shared_only(pair, g, words):
    mu = sum(_units(pair, words)) / 2
    return mu - _part(mu, g), mu - _part(mu, g)


def _whole_difference(pair, g, words):
    e1, e2 = _units(pair, words)
    nu, _ = _shared_only(pair, g, words)
    step = _height(nu) * (e1 - e2) / norm(e1 - e2)
    return nu + step, nu - step


def _own_kept(pair, g, words):
    nu, _ = _shared_only(pair, g, words)
    return tuple(nu + _part(e, g) for e in _units(pair, words))


def equalize_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (pair, bias_axis, word_to_vec_map); most vectors and axes have length 1."""
    plans = (
        (6, 0.6, -0.3, 1.0, "opposite sides"),
        (50, -0.4, 0.5, 1.0, "opposite sides"),
        (12, 0.7, 0.2, 1.0, "same side"),
        (7, -0.15, -0.6, 1.0, "same side"),
        (3, 0.5, -0.2, 1.0, "three numbers"),
        (9, -0.5, 0.3, 2.2, "axis"),
        (5, 0.4, -0.3, 0.4, "axis"),
    )
    cases = [_equalize_case(rng, *plan) for plan in plans]
    scaled = _equalize_case(rng, 8, 0.5, -0.3, 1.0, "lengths")
    for word, size in zip(scaled.args["pair"], (0.55, 0.8), strict=True):
        scaled.args["word_to_vec_map"][word] *= size
    typed = _equalize_case(rng, 9, -0.3, 0.5, 1.0, "capitals")
    first, second = typed.args["pair"]
    args = dict(typed.args) | {"pair": (first.capitalize(), second.upper())}
    return [*cases, _one_at_right_angles(rng), scaled, replace(typed, args=args)]


def _one_at_right_angles(rng: np.random.Generator) -> Case:
    """Place one word at right angles to the axis, exactly: the axis is one of the numbers."""
    case = _equalize_case(rng, 6, 0.5, -0.3, 1.0, "same side")
    words, pair = case.args["word_to_vec_map"], case.args["pair"]
    axis = np.eye(6)[rng.integers(6)]
    first, second = (at_right_angles(words[word], axis) for word in pair)
    along = rng.uniform(0.4, 0.6)
    turned = {pair[0]: first, pair[1]: np.sqrt(1 - along**2) * second + along * axis}
    turned[pair[0]][axis > 0] = 0.0
    args = {**case.args, "bias_axis": axis, "word_to_vec_map": words | turned}
    return Case("6 numbers a word, the first word at right angles to the axis", args, case.tags)


def _equalize_case(
    rng: np.random.Generator, n: int, along1: float, along2: float, length: float, tag: str
) -> Case:
    """Place a pair of unit vectors with about the given components along the axis."""
    axis = unit(rng.normal(size=n))
    words = {word: unit(vector) for word, vector in word_map(rng, n).items()}
    pair = tuple(chosen(rng, words, 2))
    common = at_right_angles(rng.normal(size=n), axis)
    for word, along in zip(pair, (along1, along2), strict=True):
        along = along + rng.uniform(-0.05, 0.05)
        across = unit(at_right_angles(1.5 * common + unit(rng.normal(size=n)), axis))
        words[word] = along * axis + np.sqrt(1 - along**2) * across
    about = {
        "lengths": ", of lengths below 1",
        "capitals": ", a pair in capitals",
        "axis": f", an axis of length {length}",
    }
    label = f"{n} numbers a word{about.get(tag, f', {tag} of the axis' if 'side' in tag else '')}"
    args = {"pair": pair, "bias_axis": length * axis, "word_to_vec_map": words}
    return Case(label, args, frozenset({tag}))


EQUALIZE = Exercise(
    name="equalize",
    difficulty=3,
    minutes=20,
    returns=("e1", "e2"),
    axes={"e1": ("component",), "e2": ("component",)},
    cases=equalize_cases,
    intermediates=intermediates.equalize,
    oracle=oracle.equalize,
    criteria=(
        Criterion("returns two vectors (e1, e2)", 1, aspect="shape"),
        Criterion("e1, the first word", 6, ("e1",)),
        Criterion(
            "e2, the second word",
            6,
            ("e2",),
            hint="If e1 is right, what differs for e2? Only its own part along the axis: "
            "where does that enter?",
        ),
        Criterion(
            "two words on the same side of the axis",
            5,
            tag="same side",
            hint="Compare each word's part along the axis with the middle of both, not with "
            "zero. From what does your code take the direction?",
        ),
        Criterion(
            "vectors of three numbers",
            2,
            tag="three numbers",
            hint="Here the vectors have three numbers. Does a line hold a length of its own?",
        ),
        Criterion(
            "an axis of any length",
            2,
            tag="axis",
            hint="Make the axis twice as long: the result must stay the same. By what are "
            "the dot products divided?",
        ),
        Criterion(
            "vectors of any length, scaled to 1 first",
            2,
            tag="lengths",
            hint="The formula counts on words of length 1. Which line makes them so, and "
            "does it come before all others?",
        ),
        Criterion("capital letters make no difference", 1, tag="capitals"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "divided by the whole difference",
            "The bias part is divided by |e_w - mu|, the whole difference of the words. Divide "
            "by |e_wB - mu_B|, its length along the axis: else the words end shorter than 1.",
            _broken(below=lambda e, e_B, mu_B, mu: norm(e - mu)),
        ),
        Misconception(
            "divided number by number",
            "Each number is divided by its own size: np.abs of a vector, or the root of its "
            "squares, is a vector. Divide all of them by one length: that of e_wB - mu_B.",
            _broken(below=lambda e, e_B, mu_B, mu: np.abs(e - mu)),
            (_broken(below=lambda e, e_B, mu_B, mu: np.abs(e_B - mu_B)),),
        ),
        Misconception(
            "the whole difference as the bias part",
            "Each word moves along e_w - mu, which also has a part across the axis, so one of the "
            "two ends nearer to a neutral word. Move along the axis only: e_wB - mu_B.",
            _whole_difference,
        ),
        Misconception(
            "only neutralised",
            "Both words have lost their part along the axis, so `man` and `woman` no longer "
            "differ in gender. Equalising keeps that difference and centres it.",
            _neutral,
            (_shared_only,),
        ),
        Misconception(
            "both on the same side",
            "Both words get the same bias part. They lie on opposite sides of their mean: "
            "e_wB - mu_B has one sign for the first and the other for the second.",
            _broken(ends=(0, 0)),
            (_broken(ends=(1, 1)),),
        ),
        Misconception(
            "words exchanged",
            "The two words have changed places: each is on the other's side of the axis. Mind "
            "the sign, e_wB - mu_B, and return (e1, e2) in the order of `pair`.",
            _broken(ends=(1, 0)),
        ),
        Misconception(
            "old bias parts kept",
            "Each word keeps the part along the axis that it came with, so one still leans "
            "further than the other. Replace it by one of the same size on either side.",
            _own_kept,
        ),
        Misconception(
            "mean of the bias not subtracted",
            "The bias parts do not part around their mean: two words that lean to the same side "
            "stay there together. What has to be taken off e_wB before it is scaled?",
            _broken(own=lambda e_B, mu_B: e_B),
        ),
        Misconception(
            "whole mean as the shared part",
            "Both words share mu, which still leans along the axis. Share nu = mu - mu_B, the "
            "part of the mean that does not.",
            _broken(base=lambda mu, nu: mu),
        ),
        Misconception(
            "square root forgotten",
            "The bias part's size is 1 - |nu|^2 where Pythagoras asks for its square root: only "
            "then does the word end at length 1.",
            _broken(height=lambda nu: 1 - nu @ nu),
        ),
        Misconception(
            "length of nu not squared",
            "Pythagoras works with squares: sqrt(1 - |nu|^2). Yours takes |nu| as it is.",
            _broken(height=lambda nu: np.sqrt(1 - norm(nu))),
        ),
        Misconception(
            "direction not scaled to length 1",
            "e_wB - mu_B is used at the length it has. Divide it by its own length first, so "
            "that sqrt(1 - |nu|^2) alone says how far each word goes.",
            _broken(below=lambda e, e_B, mu_B, mu: 1.0),
        ),
        Misconception(
            "bias parts neither scaled nor sized",
            "Each bias part e_wB - mu_B is added as it is, so the words end at other lengths than "
            "1. Scale it to length 1 first, then to the size that Pythagoras leaves for it.",
            _broken(below=lambda e, e_B, mu_B, mu: 1.0, height=lambda nu: 1.0),
        ),
        Misconception(
            "bias part without its new size",
            "The bias part has length 1 for both. Multiply it by sqrt(1 - |nu|^2): shared part "
            "and bias part together must have length 1.",
            _broken(height=lambda nu: 1.0),
        ),
        Misconception(
            "divided by |g| once",
            "A projection divides by the length of the axis once. The axis stands twice in (e.g) "
            "g, so divide by g.g.",
            _broken(part=lambda e, g: (e @ g) / norm(g) * g),
        ),
        Misconception(
            "projections not divided",
            "A projection lacks its division by g.g, so it is right only for an axis of length 1.",
            _broken(part=lambda e, g: (e @ g) * g),
        ),
        Misconception(
            "not scaled to length 1 first",
            "The two vectors are used at the lengths they come with, so the longer one pulls the "
            "shared part towards itself. Divide each by its length first.",
            _broken(look_up=lambda pair, words: [words[word.lower()] for word in pair]),
        ),
        Misconception(
            "no lower-casing",
            "The vectors are filed under lower-case words, so a word with a capital letter is not "
            "found. Lower-case both before looking them up.",
            _broken(look_up=lambda pair, words: [words[w] / norm(words[w]) for w in pair]),
        ),
    ),
    hints=(
        "Two things should be the same for both words afterwards. What is their shared part, and "
        "what should differ between them in sign alone?",
        "mu, mu_B, nu and each e_wB are (n,); nu is at right angles to the axis. Pythagoras: if "
        "|e| is to be 1, how long must the part along the axis be?",
        "mu = mean of the two; mu_B = its projection on the axis; nu = mu - mu_B. For each word: "
        "project it, subtract mu_B, scale that to length 1, multiply by sqrt(1 - |nu|^2), add nu.",
    ),
)


def abs_equalize(pair, g, words):
    first, second = _units(pair, words)
    mu = (first + second) / 2
    mu_B = np.dot(mu, g) / np.linalg.norm(g) ** 2 * g
    nu = mu - mu_B
    ends = []
    for e in (first, second):
        away = np.dot(e, g) / np.sum(g * g) * g - mu_B
        ends.append(np.sqrt(np.abs(1 - np.sum(nu**2))) * away / np.linalg.norm(away) + nu)
    return ends  # a list will do


def einsum_equalize(pair, g, words):
    E, unit = np.stack([words[word.lower()] for word in pair]), g / np.linalg.norm(g)
    E = E / np.linalg.norm(E, axis=1, keepdims=True)
    height = np.einsum("ij,j->i", E, unit)
    mu = E.mean(axis=0)
    nu = mu - np.einsum("i,i,j->j", mu, unit, unit)
    side = np.sign(height - height.mean())
    first, second = nu + np.sqrt(1 - nu @ nu) * side[:, None] * unit
    return first, second


def loop_equalize(pair, g, words):
    u, v, g = (x.astype(float).tolist() for x in (*_units(pair, words), g))
    square = sum(x * x for x in g)
    along = [sum(a * b for a, b in zip(e, g, strict=True)) / square for e in (u, v)]
    middle = sum(along) / 2
    nu = [(a + b) / 2 - middle * x for a, b, x in zip(u, v, g, strict=True)]
    size = (1 - sum(x * x for x in nu)) ** 0.5 / square**0.5
    signs = [1 if times > middle else -1 for times in along]
    return tuple(
        np.array([n + sign * size * x for n, x in zip(nu, g, strict=True)]) for sign in signs
    )


STYLES = {
    "equalize": {
        "absolute value": abs_equalize,
        "einsum": einsum_equalize,
        "loop": loop_equalize,
    },
}

SURVIVORS = {
    "equalize": {
        "the dot product of two vectors commutes": """
            return np.dot({e, bias_axis -> bias_axis, e}) / np.dot(bias_axis, bias_axis) * bias_axis
        """,
        "mu = nu + mu_B, and mu_B is at right angles to nu": """
            size = np.sqrt(1 - np.dot({nu -> mu}, nu))
            size = np.sqrt(1 - np.dot(nu, {nu -> mu}))
        """,
        "away1 = -away2, so all four have one length": """
            e1 = nu + size * away1 / np.linalg.norm({away1 -> away2})
            e1 = nu + size * away1 / np.linalg.norm({ -> -}away1)
            e2 = nu + size * away2 / np.linalg.norm({away2 -> away1})
            e2 = nu + size * away2 / np.linalg.norm({ -> -}away2)
        """,
    },
}
