"""Exercise 3: train a softmax regression on average vectors."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import training_cases


def _averages(X, words):
    return np.array([np.mean([words[w] for w in text.lower().split()], axis=0) for text in X])


def _softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _error(a, y):
    return a - y


def _trained(
    X, Y, words, rate, epochs, activation=_softmax, error=_error, bias=1.0, order=None, epoch=None
):
    """Train one example at a time, with one thing or another done wrong."""
    averages, y = _averages(X, words), np.eye(Y.max() + 1)[Y]
    W, b = np.zeros((y.shape[1], averages.shape[1])), np.zeros(y.shape[1])
    for _ in range(epochs if epoch is None else epoch):
        for i in range(len(Y)) if order is None else order(len(Y)):
            dz = error(activation(W @ averages[i] + b), y[i])
            W -= rate * np.outer(dz, averages[i])
            b -= bias * rate * dz
    return (averages @ W.T + b).argmax(axis=1), W, b


def _with(**slips):
    return partial(_trained, **slips)


def _returned(X, Y, words, rate, epochs, change):
    return change(X, Y, words, *_trained(X, Y, words, rate, epochs))


def _changed(change):
    return partial(_returned, change=change)


def _whole_batch(X, Y, words, rate, epochs, scale=lambda m: m):
    """Take one step an epoch, by the gradient of all examples."""
    averages, y = _averages(X, words), np.eye(Y.max() + 1)[Y]
    W, b = np.zeros((y.shape[1], averages.shape[1])), np.zeros(y.shape[1])
    for _ in range(epochs):
        dz = (_softmax(averages @ W.T + b) - y) / scale(len(Y))
        W -= rate * dz.T @ averages
        b -= rate * dz.sum(axis=0)
    return (averages @ W.T + b).argmax(axis=1), W, b


def _squared(a, y):
    """Return the gradient of 0.5 |a - y|^2 through the softmax."""
    return a * ((a - y) - np.dot(a, a - y))


def _probabilities(X, Y, words, pred, W, b):
    return _softmax(_averages(X, words) @ W.T + b), W, b


def _follows(args, value):
    """Expect the predictions of the learner's own W and b, if these say anything."""
    _, W, b = value
    if not 1e-4 < np.abs(W).max() < 1e4 or np.ptp(W, axis=0).min() == 0:
        raise ValueError("no W that training gives")
    return {"pred": (_averages(args["X"], args["word_to_vec_map"]) @ W.T + b).argmax(axis=1)}


MODEL = Exercise(
    name="model",
    difficulty=2,
    minutes=20,
    returns=("pred", "W", "b"),
    axes={"pred": ("example",), "W": ("class", "component"), "b": ("class",)},
    needs=("sentence_to_avg",),
    cases=training_cases,
    oracle=oracle.model,
    follows=_follows,
    criteria=(
        Criterion("pred (m,), W (C, n) and b (C,)", 3, aspect="shape"),
        Criterion("W after training", 7, leaves=("W",), tag="many"),
        Criterion("b after training", 4, leaves=("b",), tag="many"),
        Criterion("pred: the most probable class of each sentence", 4, leaves=("pred",)),
        Criterion("a training set of one", 1, leaves=("W", "b"), tag="one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "labels returned as predictions",
            "`pred` is `Y` itself: a model that looks at the answers is always right. Predict "
            "from the sentences, with the trained W and b.",
            _changed(lambda X, Y, words, pred, W, b: (Y, W, b)),
        ),
        Misconception(
            "no learned bias",
            "b is never updated. It lets a class be likely whatever the words are; its gradient "
            "is dz itself.",
            _with(bias=0.0),
        ),
        Misconception(
            "bias pushed the wrong way",
            "b moves along its gradient instead of against it: b -= learning_rate * dz.",
            _with(bias=-1.0),
        ),
        Misconception(
            "mean squared error as cost",
            "This is the gradient of the squared error through the softmax, which dies out where "
            "the model is surely wrong. That of the cross entropy is simply a - y.",
            _with(error=_squared),
            (
                _with(error=lambda a, y: 2 * _squared(a, y)),
                _with(error=lambda a, y: (a - y) * a * (1 - a)),
                _with(error=lambda a, y: 2 * (a - y) * a * (1 - a)),
                _with(error=lambda a, y: 2 * (a - y)),
            ),
        ),
        Misconception(
            "one step an epoch",
            "You add up the gradient over all sentences and take one step an epoch. Stochastic "
            "gradient descent steps after each sentence, so it has moved m times by then.",
            _whole_batch,
            (partial(_whole_batch, scale=lambda m: 1),),
        ),
        Misconception(
            "uphill",
            "The steps go up: the cost grows. Subtract the gradient, with dz = a - y and not "
            "y - a.",
            _with(error=lambda a, y: y - a),
        ),
        Misconception(
            "sigmoid for softmax",
            "Five sigmoids are five separate questions, and their answers don't add up to 1. "
            "These classes exclude each other: softmax.",
            _with(activation=_sigmoid),
        ),
        Misconception(
            "no softmax",
            "You compare the raw scores with the labels. Turn them into probabilities first.",
            _with(activation=lambda z: z),
        ),
        Misconception(
            "softmax twice",
            "The scores go through two softmaxes, and the second one flattens all differences. "
            "Once is enough.",
            _with(activation=lambda z: _softmax(_softmax(z))),
        ),
        Misconception(
            "one epoch only",
            "Training ends after one epoch: a `return` or a missing outer loop. Go through the "
            "sentences num_iterations times.",
            _with(epoch=1),
        ),
        Misconception(
            "only the first sentence",
            "Every step uses the first sentence. Let the inner loop's i choose the average and "
            "the label.",
            _with(order=lambda m: [0] * m),
            (_with(order=lambda m: [0]),),
        ),
        Misconception(
            "sentences in reverse",
            "The sentences are taken from the last to the first. Take them as they come, so that "
            "the result can be compared.",
            _with(order=lambda m: range(m)[::-1]),
        ),
        Misconception(
            "probabilities returned",
            "`pred` holds probabilities. The prediction is the class of the largest one: argmax "
            "over the classes.",
            _changed(_probabilities),
        ),
        Misconception(
            "the least probable class",
            "argmin finds the least probable class. Take argmax.",
            _changed(
                lambda X, Y, words, pred, W, b: (
                    (_averages(X, words) @ W.T + b).argmin(axis=1),
                    W,
                    b,
                )
            ),
        ),
    ),
    hints=(
        "Which part can be computed once, before the first epoch, because no step changes it?",
        "For one sentence: z = W @ avg + b is (C,), a = softmax(z), dz = a - Y_oh[i], all (C,). "
        "dW must be (C, n), made of dz (C,) and avg (n,): np.outer.",
        "Averages first, (m, n). Then for each epoch, for each i in order: z, a, dz, and at once "
        "W -= learning_rate * dW, b -= learning_rate * dz. After the last epoch: argmax.",
    ),
)
