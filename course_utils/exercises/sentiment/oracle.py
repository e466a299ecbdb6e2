"""Expected values, computed review by review and step by step, in NumPy."""

from __future__ import annotations

import math

import numpy as np

from course_utils.sentiment_utils import words_of

from ..keras_in_numpy import states
from ..readings import ranking, without_zeros


def build_vocabulary(reviews, input_dim):
    """Rank the words by how often they are said, and number as many as there is room for."""
    said = " ".join(" ".join(words_of(review)) for review in reviews).split()
    distinct = sorted(set(said))  # in alphabetical order, which a stable sort keeps among equals
    distinct.sort(key=said.count, reverse=True)
    words = distinct[: max(input_dim - 2, 0)]
    return {"words": np.array(words), "numbers": np.arange(2, 2 + len(words))}


def encode_reviews(reviews, word_to_index, maxlen, padding, truncating):
    """Number each review's words; cut and fill up, one number at a time."""
    rows = []
    for review in reviews:
        row = [word_to_index.get(w, 1) for w in words_of(review)]
        while len(row) > maxlen:
            row.pop(0 if truncating == "pre" else -1)
        while len(row) < maxlen:
            row.insert(0 if padding == "pre" else len(row), 0)
        rows.append(row)
    return {"indices": np.array(rows), "numbers": without_zeros(rows)}


def embedding_matrix(word_to_index, word_to_vec_map):
    """Say what stands in each kind of row."""
    return {
        "matrix": np.zeros((len(word_to_index) + 2, len(next(iter(word_to_vec_map.values()))))),
        "holds all vectors": True,
        "vectors": np.array([word_to_vec_map[w] for w in found(word_to_index, word_to_vec_map)]),
        "rows 0 and 1": "zeros",
        "words without a vector": "zeros",
    }


def found(word_to_index, word_to_vec_map):
    """List the words that have both a number and a vector, in the order of their numbers."""
    return sorted((w for w in word_to_index if w in word_to_vec_map), key=word_to_index.get)


def _sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))


def _side_by_side(table, row):
    return np.array([value for number in row for value in table[number]])


def _judged(outputs, ends, learned):
    """Say what is expected of a model that gives these outputs."""
    return {
        "outputs": np.array(outputs),
        "ranking of the reviews": ranking(np.array(outputs)),
        "probability": np.array([_sigmoid(ends["known"][-1][0])]),
        "frozen": "nothing" if learned else "the table",
        "drawn in training": "nothing",
    }


def learned_embedding_model(input_dim, output_dim, maxlen, *, inputs, weights, ends, step):
    """Weigh every component of every position's vector."""
    table, kernel, bias = weights
    outputs = [[_sigmoid((_side_by_side(table, row) @ kernel + bias)[0])] for row in inputs]
    return _judged(outputs, ends, learned=True)


def glove_classifier(matrix, maxlen, *, inputs, weights, ends, step):
    """Put the vectors side by side, then a hidden layer of 32, then one number."""
    kernel1, bias1, kernel2, bias2 = weights
    outputs = []
    for row in inputs:
        hidden = np.maximum(_side_by_side(matrix, row) @ kernel1 + bias1, 0.0)
        outputs.append([_sigmoid((hidden @ kernel2 + bias2)[0])])
    return _judged(outputs, ends, learned=False)


def bilstm_classifier(maxlen, input_dim, output_dim, units, *, inputs, weights, ends, **looks):
    """Read the words that are there in both directions, twice; the last states decide."""
    table, first, second = weights[0], weights[1:7], weights[7:13]
    kernel, bias = weights[13:15]
    outputs = []
    for row in inputs:
        steps = [table[number] for number in row if number != 0]
        forwards, backwards = _both(steps, first)
        forwards, backwards = _both(
            [np.concatenate(pair) for pair in zip(forwards, backwards, strict=True)], second
        )
        last = np.concatenate([forwards[-1], backwards[0]])  # each at the end of its own reading
        outputs.append([_sigmoid((last @ kernel + bias)[0])])
    full, padded = np.array(outputs).reshape(2, -1, 1)
    return _judged(full, ends, learned=True) | {
        "drawn in training": "something",
        "outputs for padded reviews": padded,
        "ranking of the padded reviews": ranking(padded),
        "dropout": "after the embedding and after the last LSTM",
    }


def _both(steps, weights):
    """Return the states at every position of a reading forwards, and of one backwards."""
    return states(steps, *weights[:3]), states(steps[::-1], *weights[3:])[::-1]
