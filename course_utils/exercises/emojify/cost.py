"""Exercise 2: the cross entropy of predicted probabilities."""

from __future__ import annotations

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import probability_cases


def _one_hot(A, Y):
    return np.eye(A.shape[1])[Y]


def _true(A, Y):
    return A[np.arange(len(Y)), Y]


CROSS_ENTROPY = Exercise(
    name="cross_entropy",
    difficulty=1,
    minutes=8,
    returns="the cost",
    cases=probability_cases,
    oracle=oracle.cross_entropy,
    criteria=(
        Criterion("returns one number", 2, aspect="shape"),
        Criterion("the mean surprise over several examples", 6, tag="many"),
        Criterion("one example", 1, tag="one"),
        Criterion("examples of the first class count too", 1, tag="first class"),
    ),
    misconceptions=(
        Misconception(
            "labels in place of one-hot rows",
            "You multiply by the labels themselves, so class 4 counts four times and class 0 "
            "never. Turn `Y` into one-hot rows first, or pick A[i, Y[i]].",
            lambda A, Y: -np.mean(np.sum(Y[:, None] * np.log(A), axis=1)),
            (
                lambda A, Y: -np.sum(Y[:, None] * np.log(A)),
                lambda A, Y: -np.mean(Y * np.log(_true(A, Y))),
                lambda A, Y: -np.sum(Y * np.log(_true(A, Y))),
            ),
        ),
        Misconception(
            "mean squared error",
            "This is the squared error. It hardly grows when a true label gets probability "
            "0.001 instead of 0.1; the logarithm does.",
            lambda A, Y: np.mean(np.sum((A - _one_hot(A, Y)) ** 2, axis=1)),
            (
                lambda A, Y: np.mean((A - _one_hot(A, Y)) ** 2),
                lambda A, Y: np.sum((A - _one_hot(A, Y)) ** 2) / (2 * len(Y)),
            ),
        ),
        Misconception(
            "sum for mean",
            "You add over the examples. Divide by m, or the cost grows with the size of the "
            "training set.",
            lambda A, Y: -np.sum(np.log(_true(A, Y))),
        ),
        Misconception(
            "mean over the classes too",
            "np.mean over all m times C numbers divides by C as well. Add over the classes; "
            "average over the examples.",
            lambda A, Y: -np.mean(_one_hot(A, Y) * np.log(A)),
        ),
        Misconception(
            "sign",
            "The logarithm of a probability is negative: without the minus sign, better "
            "predictions would cost more.",
            lambda A, Y: np.mean(np.log(_true(A, Y))),
            (lambda A, Y: np.sum(np.log(_true(A, Y))),),
        ),
        Misconception(
            "no logarithm",
            "You average the probabilities themselves. The cost is their negative logarithm: 0 "
            "for certainty, without bound as the probability goes to 0.",
            lambda A, Y: -np.mean(_true(A, Y)),
            (lambda A, Y: 1 - np.mean(_true(A, Y)), lambda A, Y: np.mean(_true(A, Y))),
        ),
        Misconception(
            "logarithm of the mean",
            "You average first and take the logarithm then. Each example is surprised on its "
            "own: logarithm first, then the mean.",
            lambda A, Y: -np.log(np.mean(_true(A, Y))),
        ),
        Misconception(
            "logarithm to base 2 or 10",
            "This logarithm has another base. Use the natural one, np.log: its gradient is a - y.",
            lambda A, Y: -np.mean(np.log2(_true(A, Y))),
            (lambda A, Y: -np.mean(np.log10(_true(A, Y))),),
        ),
        Misconception(
            "the wrong classes counted as well",
            "You add log(1 - a) for the wrong classes: that is the cost of C separate yes-or-no "
            "questions. After a softmax only the true class counts.",
            lambda A, Y: (
                -np.mean(
                    np.sum(
                        _one_hot(A, Y) * np.log(A) + (1 - _one_hot(A, Y)) * np.log(1 - A), axis=1
                    )
                )
            ),
        ),
        Misconception(
            "probability of the prediction",
            "You look at the most probable class, right or wrong. The cost asks how probable the "
            "*true* class was held to be.",
            lambda A, Y: -np.mean(np.log(A.max(axis=1))),
        ),
    ),
    hints=(
        "Of the five probabilities in a row, which one says how surprised the model was by the "
        "truth?",
        "`Y_oh` is (m, C) with one 1 in a row, so Y_oh * np.log(A) keeps one number of each row. "
        "Indexing with two arrays, A[np.arange(m), Y], gives them as (m,) directly.",
        "Logarithm of A, keep the entry of the true class in each row, mean over the m rows, "
        "minus sign.",
    ),
)
