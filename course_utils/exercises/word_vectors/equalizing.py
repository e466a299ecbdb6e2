"""Exercise 4: put a pair of words at the same distance from everything neutral."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.linalg import norm

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import equalize_cases


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


EQUALIZE = Exercise(
    name="equalize",
    difficulty=3,
    minutes=20,
    returns=("e1", "e2"),
    axes={"e1": ("component",), "e2": ("component",)},
    cases=equalize_cases,
    oracle=oracle.equalize,
    criteria=(
        Criterion("returns two vectors (e1, e2)", 1, aspect="shape"),
        Criterion("e1, the first word", 8, ("e1",), tag="opposite sides"),
        Criterion("e2, the second word", 8, ("e2",), tag="opposite sides"),
        Criterion("two words on the same side of the axis", 6, tag="same side"),
        Criterion("vectors of three numbers", 2, tag="three numbers"),
        Criterion("vectors of any length, scaled to 1 first", 2, tag="lengths"),
        Criterion("capital letters make no difference", 1, tag="capitals"),
        Criterion("leaves its inputs unmodified", 2, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "divided by the whole difference",
            "The bias part is divided by |e_w - mu|, the whole difference of the words. Divide "
            "by |e_wB - mu_B|, its length along the axis: else the words end shorter than 1.",
            _broken(below=lambda e, e_B, mu_B, mu: norm(e - mu)),
            (_broken(below=lambda e, e_B, mu_B, mu: np.abs(e - mu)),),
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
            "You take each word's bias part as it is. If both lean to the same side they stay "
            "there together: subtract mu_B first, so that they part around their mean.",
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
            "The bias part has length 1 - |nu|^2; by Pythagoras it needs the square root of "
            "that for the word to end at length 1.",
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
            "bias part without its new size",
            "The bias part has length 1 for both. Multiply it by sqrt(1 - |nu|^2): shared part "
            "and bias part together must have length 1.",
            _broken(height=lambda nu: 1.0),
        ),
        Misconception(
            "divided by |g| once",
            "The projections divide by the length of the axis once. The axis stands twice in "
            "(e.g) g, so divide by g.g.",
            _broken(part=lambda e, g: (e @ g) / norm(g) * g),
        ),
        Misconception(
            "projections not divided",
            "The projections lack their division by g.g, so they are right only for an axis of "
            "length 1.",
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
