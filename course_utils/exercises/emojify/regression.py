"""Exercises 2 and 3: the cross entropy, and a softmax regression trained with it."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...emo_utils import convert_to_one_hot
from ...judging.model import Criterion, Exercise, Misconception
from . import oracle, start
from .cases import probability_cases, training_cases


def _one_hot(A, Y):
    return np.eye(A.shape[1])[Y]


def _true(A, Y):
    return A[np.arange(len(Y)), Y]


def _separate_questions(A, Y):
    y = _one_hot(A, Y)
    return -np.mean(np.sum(y * np.log(A) + (1 - y) * np.log(1 - A), axis=1))


def _cost_parts(A, Y):
    """Name what leads to the cost, as it is called; some names have several uses."""
    rows, picked = _one_hot(A, Y), _true(A, Y)
    logs = np.log(A), np.log(picked)
    known = dict.fromkeys(("Y_oh", "y_oh", "Y_one_hot", "y_one_hot", "one_hot"), (rows,))
    known |= dict.fromkeys(("p", "probs", "correct", "picked"), (picked, A))
    known |= dict.fromkeys(("logs", "log_A", "log_p", "log_probs"), logs)
    return known | {"losses": (-logs[1],)}


CROSS_ENTROPY = Exercise(
    name="cross_entropy",
    difficulty=1,
    minutes=8,
    returns="the cost",
    cases=probability_cases,
    oracle=oracle.cross_entropy,
    intermediates=_cost_parts,
    criteria=(
        Criterion("returns one number", 2, aspect="shape"),
        Criterion("the mean surprise over several examples", 5, tag="many"),
        Criterion("hundreds of examples", 1, tag="hundreds",
            hint="The product of hundreds of probabilities is too small for any number but 0. Is "
                 "each logarithm taken by itself?"),
        Criterion("one example", 1, tag="one",
            hint="With one example, `A` has one row. Is the mean still taken over examples, "
                 "not over classes?"),
        Criterion("examples of the first class count too", 1, tag="first class",
            hint="Class 0 is a class like the others. Which line treats the number 0 as "
                 "nothing?"),
    ),
    misconceptions=(
        Misconception("labels in place of one-hot rows",
            "You multiply by the labels themselves, so class 4 counts four times and class 0 "
            "never. Each row needs a single 1, in the column of its label.",
            lambda A, Y: -np.mean(np.sum(Y[:, None] * np.log(A), axis=1)),
            (lambda A, Y: -np.sum(Y[:, None] * np.log(A)),)),
        Misconception("labels as factors",
            "The label chooses an entry of its row, and multiplies the logarithm as well, so "
            "class 4 counts four times and class 0 never. Choosing is all it is for.",
            lambda A, Y: -np.mean(Y * np.log(_true(A, Y))),
            (lambda A, Y: -np.sum(Y * np.log(_true(A, Y))),)),
        Misconception("mean squared error",
            "This is the squared error. It hardly grows when a true label gets probability "
            "0.001 instead of 0.1; the logarithm does.",
            lambda A, Y: np.mean(np.sum((A - _one_hot(A, Y)) ** 2, axis=1)),
            (lambda A, Y: np.mean((A - _one_hot(A, Y)) ** 2),
             lambda A, Y: np.sum((A - _one_hot(A, Y)) ** 2) / (2 * len(Y)))),
        Misconception("sum for mean",
            "You add over the examples. Divide by m, or the cost grows with the size of the "
            "training set.",
            lambda A, Y: -np.sum(np.log(_true(A, Y)))),
        Misconception("one example only",
            "This is the cost of one example. In a loop, add each example's cost to the total, "
            "return after the loop, and divide by m.",
            lambda A, Y: -np.log(_true(A, Y)[-1]),
            (lambda A, Y: -np.log(_true(A, Y)[0]),
             lambda A, Y: -np.log(_true(A, Y)[-1]) / len(Y),
             lambda A, Y: -np.log(_true(A, Y)[0]) / len(Y))),
        Misconception("mean over the classes too",
            "You divide by C as well as by m. Add over the classes; average over the examples.",
            lambda A, Y: -np.mean(_one_hot(A, Y) * np.log(A))),
        Misconception("sign",
            "The logarithm of a probability is negative: without the minus sign, better "
            "predictions would cost more.",
            lambda A, Y: np.mean(np.log(_true(A, Y))),
            (lambda A, Y: np.sum(np.log(_true(A, Y))),)),
        Misconception("no logarithm",
            "You average the probabilities themselves. The cost is their negative logarithm: 0 "
            "for certainty, without bound as the probability goes to 0.",
            lambda A, Y: -np.mean(_true(A, Y)),
            (lambda A, Y: 1 - np.mean(_true(A, Y)), lambda A, Y: np.mean(_true(A, Y)))),
        Misconception("logarithm of the mean",
            "You average first and take the logarithm afterwards. Each example is surprised on "
            "its own: logarithm first, then the mean.",
            lambda A, Y: -np.log(np.mean(_true(A, Y)))),
        Misconception("logarithm to base 2 or 10",
            "This logarithm has another base. Use the natural one: with it the gradient is a - y.",
            lambda A, Y: -np.mean(np.log2(_true(A, Y))),
            (lambda A, Y: -np.mean(np.log10(_true(A, Y))),)),
        Misconception("the wrong classes counted as well",
            "You add log(1 - a) for the wrong classes: that is the cost of C separate yes-or-no "
            "questions. After a softmax only the true class counts.",
            _separate_questions,
            (lambda A, Y: len(Y) * _separate_questions(A, Y),
             lambda A, Y: _separate_questions(A, Y) / A.shape[1])),
        Misconception("gradient in place of the cost",
            "This is a - y, the gradient with respect to the scores. The cost itself is one "
            "number: how surprising the true classes were, on average.",
            lambda A, Y: (A - _one_hot(A, Y)) / len(Y),
            (lambda A, Y: A - _one_hot(A, Y),)),
        Misconception("rows in place of entries",
            "`A[Y]` picks whole rows, those at the places that the labels name. Each example has a "
            "row of its own, and its label names the column.",
            lambda A, Y: -np.mean(np.log(A[Y])),
            (lambda A, Y: -np.sum(np.log(A[Y])) / len(Y),)),
        Misconception("softmax of probabilities",
            "The rows of `A` go through a softmax, and they are probabilities already. Take their "
            "logarithm as they are.",
            lambda A, Y: -np.mean(np.log(_true(_softmax(A), Y)))),
        Misconception("probability of the prediction",
            "You look at the most probable class, right or wrong. The cost asks how probable the "
            "true class was held to be.",
            lambda A, Y: -np.mean(np.log(A.max(axis=1)))),
        Misconception("every row with every label",
            "Every row of `A` meets the labels of all rows, m times m numbers, as in `A[:, Y]` or "
            "in a matrix product. Each row has one label of its own.",
            lambda A, Y: -np.mean(np.log(A[:, Y])),
            (lambda A, Y: -np.sum(np.log(A[:, Y])) / len(Y),)),
    ),
    hints=(
        "Of the five probabilities in a row, which one says how surprised the model was by the "
        "truth?",
        "`Y_oh` is (m, C) with one 1 in a row, so Y_oh * np.log(A) keeps one number of each row. "
        "Indexing with two arrays, A[np.arange(m), Y], gives them as (m,) directly.",
        "Logarithm of A, keep the entry of the true class in each row, mean over the m rows, "
        "minus sign.",
    ),
)  # fmt: skip


def _averages(X, words):
    return np.array([np.mean([words[w] for w in text.lower().split()], axis=0) for text in X])


def _softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _predicted(X, Y, words, W, b):
    return (_averages(X, words) @ W.T + b).argmax(axis=1)


def _trained(X, Y, words, rate, epochs, activation=_softmax, error=lambda a, y: a - y, bias=1.0,
             in_scores=1.0, step=lambda rate: rate,
             order=range, all_epochs=True, start=np.zeros, pred=_predicted,
             labels=None, carried=0.0, one_hot=lambda Y: np.eye(Y.max() + 1)[Y]):  # fmt: skip
    """Train one example at a time, with one thing or another done wrong."""
    averages, y = _averages(X, words), one_hot(Y)
    W, b = start((y.shape[1], averages.shape[1])), start(y.shape[1])
    y = y if labels is None else labels(Y)
    for _ in range(epochs if all_epochs else 1):
        dW, db = 0.0, 0.0
        for i in order(len(Y)):
            dz = error(activation(W @ averages[i] + in_scores * b), y[i])
            dW, db = carried * dW + np.outer(dz, averages[i]), carried * db + dz
            W = W - step(rate) * dW
            b = b - bias * step(rate) * db
    return pred(X, Y, words, W, b), W, b


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


def _predicted_on_the_way(X, Y, words, rate, epochs):
    """Predict each sentence before its own step in the last epoch."""
    averages, y, pred = _averages(X, words), np.eye(Y.max() + 1)[Y], np.zeros(len(Y), int)
    _, W, b = _trained(X, Y, words, rate, epochs - 1)
    for i in range(len(Y)):
        a = _softmax(W @ averages[i] + b)
        pred[i] = a.argmax()
        W, b = W - rate * np.outer(a - y[i], averages[i]), b - rate * (a - y[i])
    return pred


def _recognised(args, value) -> str:
    """Recognise a start from other numbers than zeros, and right weights with early predictions.

    The latter may be right by chance in some draws, so they are no known mistake.
    """
    if said := start.not_from_zeros(args, value):
        return said
    right, *trained = _trained(*args.values())
    if not all(np.allclose(*both) for both in zip(trained, value[1:], strict=True)):
        return ""
    first = partial(_trained, all_epochs=False)(*args.values())[0]
    W, b = trained
    others = (_predicted(args["X"], None, args["word_to_vec_map"], W, s * b) for s in (0, -1))
    made = {
        "right": (right,),
        "made while they still change, during an epoch or after an earlier one. Predict all "
        "sentences once more after the last epoch.": (
            _predicted_on_the_way(*args.values()), first),
        "what they would give without `b`.": (next(others),),
        "what they would give with `b` subtracted.": (next(others),),
    }  # fmt: skip
    found = [
        said for said, all_of in made.items() if any(np.array_equal(value[0], p) for p in all_of)
    ]
    if len(found) != 1 or np.sum(value[0] != right) < 2:
        return ""  # of several, nothing tells which; one other class may be met by chance
    return f"`W` and `b` are right, and `pred` is {found[0]}"


def _an_epoch_off(X, Y, words, rate, epochs, by=-1):
    return _trained(X, Y, words, rate, epochs + by) if rate else _trained(X, Y, words, rate, epochs)


def _prepared(X, Y, words, rate, epochs):
    """Name what is prepared before training, as it is called."""
    averages = dict.fromkeys(("averages", "avgs", "X_avg", "feats"), (_averages(X, words),))
    return averages | dict.fromkeys(("Y_oh", "y_oh", "Y_one_hot"), (np.eye(Y.max() + 1)[Y],))


def _random_start(X, Y, words, rate, epochs):
    """Start from random numbers; what is predicted in the end may well be right."""
    rng = np.random.default_rng(1)
    _, W, b = _trained(X, Y, words, rate, epochs, start=lambda size: rng.normal(size=size))
    return _trained(X, Y, words, rate, epochs)[0], W, b


def _reading(args, value):
    """Say of a training with rate 0 where W and b have started: the rest is judged elsewhere."""
    if args["learning_rate"]:
        return value
    _, W, b = value
    return {"start": "other numbers" if np.any(W) or np.any(b) else "zeros"}


def _follows(args, value):
    """Expect the predictions of the learner's own W and b, if these say anything."""
    _, W, b = value
    if not 1e-4 < np.abs(W).max() < 1e4 or np.ptp(W, axis=0).min() == 0:
        raise ValueError("no W that training gives")
    return {"pred": _predicted(args["X"], None, args["word_to_vec_map"], W, b)}


MODEL = Exercise(
    name="model",
    difficulty=2,
    minutes=20,
    returns=("pred", "W", "b"),
    axes={"pred": ("example",), "W": ("class", "component"), "b": ("class",)},
    needs=("sentence_to_avg",),
    cases=training_cases,
    oracle=oracle.model,
    reading=_reading,
    follows=_follows,
    diagnosis=_recognised,
    intermediates=_prepared,
    criteria=(
        Criterion("pred (m,), W (C, n) and b (C,)", 3, aspect="shape"),
        Criterion("W after training", 5, leaves=("W",), tag="many"),
        Criterion("b after training", 4, leaves=("b",), tag="many",
            hint="The bias takes a step in each turn as well. Against which gradient, and at "
                 "which rate?"),
        Criterion("pred: the most probable class of each sentence", 4, leaves=("pred",),
                  tag="trained",
            hint="The predictions come after training. With which W and b, and along which "
                 "axis is the largest taken?"),
        Criterion("one sentence twice, with two labels", 1, leaves=("W", "b"), tag="twice",
            hint="A sentence can come twice, with two labels. Do you find a sentence's label by "
                 "its number, or by its words?"),
        Criterion("a training set of one", 1, leaves=("W", "b"), tag="one",
            hint="With one sentence there is only one label. How many rows does W have then, "
                 "and does any line need a second sentence?"),
        Criterion("starts from zeros", 1, leaves=("start",), tag="start", beside=True,
            hint="With no epoch at all, nothing has been learned yet. What do W and b hold then?"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception("labels returned as predictions",
            "`pred` is `Y` itself: a model that looks at the answers is always right. Predict "
            "from the sentences, with the trained W and b.",
            partial(_trained, pred=lambda X, Y, words, W, b: Y)),
        Misconception("starts from random numbers",
            "W or b starts from random numbers, so two trainings end apart. Here both start from "
            "zeros: this cost has a single valley, and there is no symmetry to break.",
            _random_start,
            costs="starts from zeros"),
        Misconception("no learned bias",
            "b never moves away from 0. It lets a class be likely whatever the words are; its "
            "gradient is dz itself.",
            partial(_trained, bias=0.0),
            costs="b after training"),
        Misconception("bias not in the scores",
            "In training, the scores leave b out: it moves, and the probabilities never follow. It "
            "belongs in z, beside the product.",
            partial(_trained, in_scores=0.0)),
        Misconception("steps without the learning rate",
            "The gradient is subtracted as it is. Each step takes `learning_rate` times the "
            "gradient, or it goes much too far.",
            partial(_trained, step=lambda rate: float(rate > 0))),
        Misconception("bias pushed the wrong way",
            "b moves along its gradient. Like W, it has to go against it.",
            partial(_trained, bias=-1.0),
            costs="b after training"),
        Misconception("mean squared error as cost",
            "This is the gradient of the squared error through the softmax, which dies out where "
            "the model is sure and wrong. That of the cross entropy is simply a - y.",
            partial(_trained, error=_squared),
            (partial(_trained, error=lambda a, y: 2 * _squared(a, y)),)),
        Misconception("slope of a sigmoid",
            "dz holds a * (1 - a), the slope of a sigmoid. The cross entropy after a softmax has a "
            "simpler gradient, a - y.",
            partial(_trained, error=lambda a, y: (a - y) * a * (1 - a)),
            (partial(_trained, error=lambda a, y: 2 * (a - y) * a * (1 - a)),)),
        Misconception("steps twice as long",
            "Each step is twice as long as it should be. Does dz hold a factor 2, as a squared "
            "error's gradient does, or is the step taken twice?",
            partial(_trained, error=lambda a, y: 2 * (a - y))),
        Misconception("no step",
            "`W` and `b` are still zeros, as they began. Does each step change these two, and are "
            "they what you return?",
            partial(_trained, step=lambda rate: 0.0)),
        Misconception("one step an epoch",
            "All sentences of an epoch are judged by the same `W` and `b`. Stochastic gradient "
            "descent steps after each sentence, and judges the next by what that has changed: m "
            "steps in the same time.",
            _whole_batch,
            (partial(_whole_batch, scale=lambda m: 1),)),
        Misconception("gradients of the sentences before added",
            "Each step takes the gradients of the epoch's earlier sentences once more: `+=` adds "
            "them up, and W moves after every sentence. Step by this sentence's gradient alone.",
            partial(_trained, carried=1.0)),
        Misconception("only classes that occur counted",
            "You count the classes that occur in `Y`. One of them may not occur: labels go from 0 "
            "to C - 1, so the largest one tells C.",
            partial(_trained, one_hot=lambda Y: convert_to_one_hot(Y, len(np.unique(Y)))),
            (partial(_trained, one_hot=lambda Y: np.eye(len(np.unique(Y)))[Y]),)),
        Misconception("uphill",
            "The steps go up: the cost grows. Subtract the gradient, and check the order of the "
            "difference in dz.",
            partial(_trained, error=lambda a, y: y - a)),
        Misconception("sigmoid for softmax",
            "Five sigmoids are five separate questions, and their answers don't add up to 1. "
            "These classes exclude each other: softmax.",
            partial(_trained, activation=lambda z: 1 / (1 + np.exp(-z)))),
        Misconception("labels in place of one-hot rows",
            "You subtract the label, one number, from all probabilities. Subtract the sentence's "
            "row of `Y_oh`, which has a 1 for the true class alone.",
            partial(_trained, labels=lambda Y: Y)),
        Misconception("no softmax",
            "You compare the raw scores with the labels. Turn them into probabilities first.",
            partial(_trained, activation=lambda z: z)),
        Misconception("softmax twice",
            "The scores go through two softmaxes, and the second one flattens all differences. "
            "Once is enough.",
            partial(_trained, activation=lambda z: _softmax(_softmax(z)))),
        Misconception("one epoch only",
            "The result is that of one epoch. Does training go through the sentences "
            "num_iterations times, and do `W` and `b` start from zeros once only, before the "
            "first?",
            partial(_trained, all_epochs=False)),
        Misconception("an epoch too few or too many",
            "Training takes one epoch less or one more than num_iterations says. With which number "
            "does the outer loop begin, and before which does it end?",
            _an_epoch_off,
            (partial(_an_epoch_off, by=1),)),
        Misconception("only the first sentence",
            "Only the first sentence makes steps. Does the inner loop go on after it, and choose "
            "each sentence's own average and label?",
            partial(_trained, order=lambda m: [0] * m),
            (partial(_trained, order=lambda m: [0]),)),
        Misconception("only the last sentence",
            "Only the last sentence of an epoch makes a step: W and b are updated after the inner "
            "loop. Update them inside it, after each sentence.",
            partial(_trained, order=lambda m: [m - 1])),
        Misconception("a single step",
            "The result is that of one step, by the last sentence. `W` and `b` start from zeros "
            "once only, before the first epoch: are they set inside a loop?",
            partial(_trained, order=lambda m: [m - 1], all_epochs=False)),
        Misconception("sentences in reverse",
            "The sentences are taken from the last to the first. Take them as they come, so that "
            "the result can be compared.",
            partial(_trained, order=lambda m: range(m)[::-1])),
        Misconception("probabilities returned",
            "`pred` holds probabilities. The prediction is the class of the largest one: argmax "
            "over the classes.",
            partial(_trained, pred=lambda X, Y, words, W, b: _softmax(
                _averages(X, words) @ W.T + b))),
        Misconception("the least probable class",
            "argmin finds the least probable class. The most probable one is asked for.",
            partial(_trained, pred=lambda X, Y, words, W, b: (
                _averages(X, words) @ W.T + b).argmin(axis=1))),
    ),
    hints=(
        "Which part can be computed once, before the first epoch, because no step changes it?",
        "For one sentence: z = W @ avg + b is (C,), a = softmax(z), dz = a - Y_oh[i], all (C,). "
        "dW must be (C, n), made of dz (C,) and avg (n,): np.outer.",
        "Averages first, (m, n). Then for each epoch, for each i in order: z, a, dz, and at once "
        "a step of W and b against their gradients. After the last epoch: argmax.",
    ),
)  # fmt: skip
