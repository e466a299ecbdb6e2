"""Exercise 3: run the network that plays, and write its choices down."""

from __future__ import annotations

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import sampling_cases


def _pred(model, x, a, c):
    return np.array(model([x, a, c]))  # (Ty, 1, n_values); a bit quicker than predict


def _one_hot(indices, n_values):
    return np.eye(n_values)[np.ravel(indices)]


def _sampled(*, inputs=lambda x, a, c: (x, a, c), choose=np.argmax, axis=-1,
             keep=lambda pred: pred, write=lambda pred, indices, n: (_one_hot(indices, n), indices),
             ):  # fmt: skip
    """Make an answer with one thing or another done wrong."""

    def answer(inference_model, x_initializer, a_initializer, c_initializer):
        given = inputs(x_initializer, a_initializer, c_initializer)
        pred = keep(_pred(inference_model, *given))
        return write(pred, choose(pred, axis=axis), pred.shape[-1])

    return answer


def _one_row_each(pred, indices, n_values):
    """One-hot every number there is, whatever shape they come in."""
    return np.eye(n_values)[indices], indices


def _follows(args, value):
    """Expect the one-hot rows of the learner's own indices."""
    n_values = len(args["inference_model"]["heads"][0][1])
    if np.ptp(value[1]) == 0:
        raise ValueError("the same index at every step is no choice")
    return {"results": _one_hot(value[1].astype(int), n_values)}


PREDICT_AND_SAMPLE = Exercise(
    name="predict_and_sample",
    difficulty=1,
    minutes=10,
    returns=("results", "indices"),
    axes={"results": ("time step", "token"), "indices": ("time step", "column")},
    cases=sampling_cases,
    oracle=oracle.predict_and_sample,
    probe="call_with_keras",
    follows=_follows,
    criteria=(
        Criterion("the most probable token of each step", 12, leaves=("indices",), tag="input"),
        Criterion(
            "gives the model x, a and c, in this order", 9, leaves=("indices",), tag="states"
        ),
        Criterion("a one-hot row for each index", 4, leaves=("results",)),
    ),
    misconceptions=(
        Misconception(
            "argmax over another axis",
            "The predictions are (Ty, 1, n_values). The tokens lie along the last axis: argmax "
            "with axis=-1.",
            _sampled(axis=1, write=_one_row_each),
            (_sampled(axis=0, write=_one_row_each), _sampled(axis=0), _sampled(axis=1)),
        ),
        Misconception(
            "probabilities returned",
            "`results` holds the probabilities. A row of it says which token was chosen: 1 there "
            "and 0 elsewhere.",
            _sampled(write=lambda pred, indices, n: (pred[:, 0], indices)),
            (_sampled(write=lambda pred, indices, n: (pred, indices)),),
        ),
        Misconception(
            "one-hot rows too narrow",
            "The rows of `results` are only as wide as the largest index asks for. Say how many "
            "tokens there are: num_classes=n_values, from the shape of x_initializer.",
            _sampled(write=lambda pred, i, n: (_one_hot(i, int(np.max(i)) + 1), i)),
        ),
        Misconception(
            "an axis too many in results",
            "`results` has an axis of length 1 in its middle. One row for each step is wanted: "
            "(Ty, n_values).",
            _sampled(write=_one_row_each),
        ),
        Misconception(
            "indices flat",
            "`indices` has lost an axis: it should be (Ty, 1), one row for each step. argmax over "
            "the last axis of (Ty, 1, n_values) leaves just that.",
            _sampled(write=lambda pred, i, n: (_one_hot(i, n), np.ravel(i))),
        ),
        Misconception(
            "results and indices exchanged",
            "You return (indices, results). The order is results, then indices.",
            _sampled(write=lambda pred, i, n: (i, _one_hot(i, n))),
        ),
        Misconception(
            "a and c exchanged",
            "The model gets c in the place of a, and the other way round. Its inputs are "
            "[x, a, c].",
            _sampled(inputs=lambda x, a, c: (x, c, a)),
        ),
        Misconception(
            "initial states ignored",
            "The model starts from zeros, or from one state twice, and not from the "
            "`a_initializer` and `c_initializer` it is given.",
            _sampled(inputs=lambda x, a, c: (x, 0 * a, 0 * c)),
            (
                _sampled(inputs=lambda x, a, c: (x, a, a)),
                _sampled(inputs=lambda x, a, c: (x, c, c)),
            ),
        ),
        Misconception(
            "x ignored",
            "The model starts with an empty x and not with the `x_initializer` it is given.",
            _sampled(inputs=lambda x, a, c: (0 * x, a, c)),
        ),
        Misconception(
            "least probable token",
            "These are the least probable tokens. argmax finds the most probable ones.",
            _sampled(choose=np.argmin),
        ),
        Misconception(
            "only one step",
            "You keep one step of the prediction. The model returns a list of Ty outputs, and "
            "each of them becomes a row.",
            _sampled(keep=lambda pred: pred[:1]),
            (_sampled(keep=lambda pred: pred[-1:]),),
        ),
    ),
    hints=(
        "The model gives, for each of Ty steps, a probability for every token. What should "
        "remain of such a row in `indices`, and what in `results`?",
        "`inference_model.predict([x, a, c], verbose=0)` is a list of Ty arrays (1, n_values): as "
        "an array (Ty, 1, n_values). indices is (Ty, 1), results (Ty, n_values).",
        "pred = ...predict(...); indices = np.argmax of the array, over its last axis; results = "
        "keras.utils.to_categorical(indices, num_classes=the last number of x_initializer.shape).",
    ),
)
