"""Expected values, computed number by number or from the definitions."""

from __future__ import annotations

import math

import numpy as np

from ..keras_in_numpy import softmax, states
from ..readings import ranking, without_zeros


def sentence_to_avg(sentence, word_to_vec_map):
    """Average the vectors of the known words, one component at a time."""
    n = len(next(iter(word_to_vec_map.values())))
    known = [w for w in sentence.casefold().split() if w in word_to_vec_map]
    sums = [math.fsum(float(word_to_vec_map[w][k]) for w in known) for k in range(n)]
    return np.array([total / len(known) if known else 0.0 for total in sums])


def cross_entropy(A, Y):
    """Return the mean surprise, in nats, at the true labels."""
    return sum(-math.log(row[label]) for row, label in zip(A.tolist(), Y.tolist(), strict=True)) / (
        len(Y)
    )


def model(X, Y, word_to_vec_map, learning_rate, num_iterations):
    """Train a softmax regression by gradient steps, one example after another, from zeros."""
    averages = [sentence_to_avg(text, word_to_vec_map).tolist() for text in X.tolist()]
    C, n = int(max(Y.tolist())) + 1, len(averages[0])
    W, b = [[0.0] * n for _ in range(C)], [0.0] * C
    for _ in range(num_iterations):
        for x, label in zip(averages, Y.tolist(), strict=True):
            p = _probabilities(W, b, x)
            for c in range(C):
                error = p[c] - (1.0 if c == label else 0.0)
                for k in range(n):
                    W[c][k] -= learning_rate * error * x[k]
                b[c] -= learning_rate * error
    pred = [int(np.argmax(_probabilities(W, b, x))) for x in averages]
    return (np.array(pred), np.array(W), np.array(b)) if learning_rate else {"start": "zeros"}


def _probabilities(W, b, x):
    scores = [sum(w * v for w, v in zip(row, x, strict=True)) + shift
              for row, shift in zip(W, b, strict=True)]  # fmt: skip
    largest = max(scores)
    e = [math.exp(score - largest) for score in scores]
    return [value / sum(e) for value in e]


def sentences_to_indices(X, word_to_index, max_len):
    """Number the known words of each sentence, left out beyond max_len, padded with 0."""
    rows = []
    for text in X.tolist():
        known = [word_to_index[w] for w in text.casefold().split() if w in word_to_index]
        rows.append((known + [0] * max_len)[:max_len])
    return {"indices": np.array(rows), "numbers": without_zeros(rows)}


def pretrained_embedding_layer(word_to_vec_map, word_to_index, *, inputs, rows):
    """Return the table of vectors, and its rows at `inputs`."""
    table = _table(word_to_vec_map, word_to_index)
    return {
        "outputs": table[inputs],
        "holds all vectors": True,
        "rows of the words": table[1:],
        "padding": table[0],
        "frozen": True,
    }


def _table(word_to_vec_map, word_to_index):
    n = len(next(iter(word_to_vec_map.values())))
    by_number = {number: word for word, number in word_to_index.items()}
    rows = [word_to_vec_map[by_number[number]] for number in sorted(by_number)]
    return np.concatenate([np.zeros((1, n)), np.array(rows)])


def emojify_v2(input_shape, word_to_vec_map, word_to_index, *, inputs, weights, ends, **looks):
    """Run two LSTMs and a softmax over the vectors of the words, step by step."""
    table = _table(word_to_vec_map, word_to_index)
    first, second, (kernel, bias) = weights[0:3], weights[3:6], weights[6:8]
    outputs = []
    for row in inputs.tolist():
        read = states([table[i] for i in row], *first)
        outputs.append(softmax(states(read, *second)[-1] @ kernel + bias))
    return {
        "outputs": np.array(outputs),
        "ranking of the classes": ranking(np.array(outputs)),
        "probabilities": softmax(ends["known"][-1]),
        "dropout": "after both LSTMs",
        "frozen": "the table",
    }
