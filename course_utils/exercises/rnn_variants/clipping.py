"""Exercise 2: gradients that are too long."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception, Nested
from . import cases, consequences, oracle
from .variants import clip


def _clip(**broken):
    return partial(clip, **broken)


def _in_place(gradients, max_norm):
    clipped, norm = clip(gradients, max_norm)
    for name, array in gradients.items():
        array[...] = clipped[name]
    return gradients, norm


def _each_alone(array, limit):
    return array * limit / max(np.linalg.norm(array), limit)


def _too_long(norm, limit):
    return 1.0 if norm <= limit else 0.0


CLIP_GRADIENTS = Exercise(
    name="clip_gradients",
    difficulty=1,
    minutes=10,
    returns=(Nested("clipped", ()), "norm"),
    cases=cases.clip_cases,
    oracle=oracle.clip_gradients,
    follows=consequences.clip,
    criteria=(
        Criterion("returns (clipped, norm) with the same names and shapes", 1, aspect="shape"),
        Criterion("norm, the length of all gradients together", 3, ("norm",)),
        Criterion("shortens what is too long", 2, ("clipped.*",), "too long"),
        Criterion(
            "leaves what is short enough as it is", 2, ("clipped.*",), "short enough", beside=True
        ),
        Criterion("copes with gradients that are all zero", 1, tag="all zero", beside=True),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "each number by itself",
            "Every number is cut off at the limit. That bends the gradient towards another "
            "direction; multiply all of them by one factor and only its length changes.",
            _clip(change=lambda g, limit: np.clip(g, -limit, limit)),
        ),
        Misconception(
            "each array by itself",
            "Every array is shortened by a factor of its own, which changes their proportions. "
            "They are one long vector: one norm, one factor.",
            _clip(change=_each_alone),
        ),
        Misconception(
            "short gradients stretched",
            "Gradients shorter than the limit are stretched to it. Near a minimum gradients are "
            "small for a good reason: leave them.",
            _clip(factor=lambda norm, limit: limit / norm),
            (_clip(factor=lambda norm, limit: limit / (norm + 1e-8)),),
        ),
        Misconception(
            "made one long",
            "What is too long comes out with length 1. It should be as long as `max_norm`: "
            "multiply by max_norm / norm.",
            _clip(factor=lambda norm, limit: 1 / norm if norm > limit else 1.0),
        ),
        Misconception(
            "too long thrown away",
            "Gradients that are too long become zero, so the steepest places teach nothing. "
            "Keep their direction and shorten them.",
            _clip(factor=_too_long),
        ),
        Misconception(
            "not clipped at all",
            "The gradients come back as they were. Where their norm is above `max_norm`, "
            "multiply them by max_norm / norm.",
            _clip(factor=lambda norm, limit: 1.0),
        ),
        Misconception(
            "square root forgotten",
            "`norm` is the sum of the squares. A length is its square root.",
            _clip(length=lambda arrays: sum(np.sum(g**2) for g in arrays)),
        ),
        Misconception(
            "norms added up",
            "You add up the lengths of the arrays. Lengths at right angles don't add; their "
            "squares do: one root around one sum of squares.",
            _clip(length=lambda arrays: sum(np.linalg.norm(g) for g in arrays)),
            (
                _clip(length=lambda arrays: max(np.linalg.norm(g) for g in arrays)),
                _clip(length=lambda arrays: np.mean([np.linalg.norm(g) for g in arrays])),
            ),
        ),
        Misconception(
            "mean instead of sum",
            "You average the squares. A length adds them up: a network with more weights has a "
            "longer gradient.",
            _clip(
                length=lambda arrays: np.sqrt(
                    np.mean(np.concatenate([g.ravel() for g in arrays]) ** 2)
                )
            ),
            (_clip(length=lambda arrays: np.sqrt(sum(np.mean(g**2) for g in arrays))),),
        ),
        Misconception(
            "absolute values added up",
            "`norm` adds up absolute values. The length of a vector is the root of the sum of "
            "its squares.",
            _clip(length=lambda arrays: sum(np.sum(np.abs(g)) for g in arrays)),
        ),
        Misconception(
            "norm after clipping",
            "You return the norm of the clipped gradients, which is never above the limit. The "
            "norm before clipping is what tells you that something exploded.",
            _clip(report="after"),
        ),
        Misconception(
            "biases left out",
            "The norm counts the matrices only. The biases' gradients belong to the same vector.",
            _clip(counts=lambda name: not name.startswith("db")),
        ),
        Misconception(
            "gradients overwritten",
            "The clipped values were written into the arrays you were given. Return new arrays: "
            "the caller may still want to look at the old ones.",
            _in_place,
        ),
    ),
    hints=(
        "Should clipping change the direction of a step, or only its length?",
        "All arrays together are one vector: add up `np.sum(g**2)` over them before the root. "
        "One factor, never above 1, then multiplies every array.",
        "factor = max_norm / (the larger of norm and max_norm). It is 1 for short gradients, and "
        "nothing is divided by zero. Build the new dict with that factor times each array.",
    ),
)
