"""Exercise 4: a table of pretrained vectors for the words of a vocabulary."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.compare import all_are_rows
from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import matrix_cases


def _reading(args, value):
    """Say what stands in each kind of row: vectors of words, the two special ones, the rest."""
    matrix = np.asarray(value, float)
    if matrix.ndim == 1:
        shape = {"shape": str(matrix.shape), "holds all vectors": False, "vectors": matrix}
        return shape | dict.fromkeys(("rows 0 and 1", "words without a vector"), "no rows")
    index, vectors = args["word_to_index"], args["word_to_vec_map"]
    known = oracle.found(index, vectors)
    there = [index[word] for word in known if index[word] < len(matrix)]
    without = [n for word, n in index.items() if word not in vectors and n < len(matrix)]
    return {
        "shape": str(matrix.shape),
        "holds all vectors": all_are_rows([vectors[word] for word in known], matrix),
        "vectors": matrix[there],
        "rows 0 and 1": _kind(matrix[:2]),
        "words without a vector": _kind(matrix[without]),
    }


def _kind(rows) -> str:
    return "other numbers" if rows.any() or np.isnan(rows).any() else "zeros"


def _filled(index, vectors, *, rows=2, shift=0, start=0.0, missing=None, special=None, order=None):
    """Fill the matrix with one thing or another done wrong."""
    n = len(next(iter(vectors.values())))
    matrix = np.full((len(index) + rows, n), start)
    numbers = order(index, vectors) if order else index
    for word, number in numbers.items():
        if word in vectors:
            matrix[number + shift] = vectors[word]
        elif missing is not None:
            matrix[number + shift] = missing(vectors)
    if special is not None:
        matrix[:2] = special(vectors)
    return matrix


def _with(**slips):
    return partial(_filled, **slips)


def _noise(vectors):
    n = len(next(iter(vectors.values())))
    return np.random.default_rng(0).normal(size=n)


def _mean(vectors):
    return np.mean(list(vectors.values()), axis=0)


def _as_listed(index, vectors):
    return {word: number for number, word in enumerate(index, 2)}


def _as_in_glove(index, vectors):
    inside = [word for word in vectors if word in index]
    return {word: number for number, word in enumerate(inside, 2)}


def _looked_up(index, vectors):
    n = len(next(iter(vectors.values())))
    matrix = np.zeros((len(index) + 2, n))
    for word, number in index.items():
        matrix[number] = vectors[word]
    return matrix


def _all_vectors(index, vectors):
    n = len(next(iter(vectors.values())))
    return np.concatenate([np.zeros((2, n)), np.array(list(vectors.values()))])


def _transposed(index, vectors):
    return _filled(index, vectors).T


def _closed_up(index, vectors):
    """Leave the words without a vector out, so that the others move up."""
    known = oracle.found(index, vectors)
    n = len(next(iter(vectors.values())))
    return np.concatenate([np.zeros((2, n)), np.array([vectors[word] for word in known])])


EMBEDDING_MATRIX = Exercise(
    name="embedding_matrix",
    difficulty=1,
    minutes=10,
    returns=(),
    axes={"vectors": ("word", "component")},
    cases=matrix_cases,
    oracle=oracle.embedding_matrix,
    reading=_reading,
    criteria=(
        Criterion("a row for every number, 0 and 1 too", 3, leaves=("shape",), beside=True),
        Criterion("holds the vectors of all words that have one", 3, leaves=("holds all vectors",)),
        Criterion("each word's vector in the row of its number", 3, leaves=("vectors",)),
        Criterion("rows 0 and 1 are zeros", 2, leaves=("rows 0 and 1",), beside=True),
        Criterion(
            "zeros for words without a vector", 2, leaves=("words without a vector",), beside=True
        ),
    ),
    misconceptions=(
        Misconception(
            "no rows for 0 and 1",
            "The matrix has too few rows. The numbers go up to len(word_to_index) + 1, because 0 "
            "and 1 are taken: that takes len(word_to_index) + 2 rows.",
            _with(rows=0),
            (_with(rows=0, shift=-2), _with(rows=1, shift=-1), _with(rows=1)),
        ),
        Misconception(
            "rows too low",
            "The vectors stand one or two rows too low, so each number reads as another word. "
            "The row of a word is word_to_index[word], with nothing taken off.",
            _with(shift=-2),
            (_with(shift=-1),),
        ),
        Misconception(
            "rows too high",
            "The vectors stand a row too high. The row of a word is word_to_index[word], with "
            "nothing added: 0 and 1 are counted in already.",
            _with(rows=3, shift=1),
            (_with(rows=4, shift=2),),
        ),
        Misconception(
            "rows in dictionary order",
            "The rows stand in the order of a dictionary. Write each vector to row "
            "word_to_index[word], or every word gets another's.",
            _with(order=_as_listed),
            (_with(order=_as_in_glove),),
        ),
        Misconception(
            "unknown rows filled",
            "Words without a vector are filled with something. Random numbers look like a meaning "
            "that nobody meant, and the frozen layer could not unlearn it: leave zeros.",
            _with(missing=_noise),
            (_with(missing=_mean),),
        ),
        Misconception(
            "rows 0 and 1 filled",
            "Rows 0 and 1 are padding and unknown words. Both should say nothing: leave zeros.",
            _with(special=_noise),
            (_with(special=_mean),),
        ),
        Misconception(
            "started from other numbers than zeros",
            "The matrix does not start from zeros, and what is in no word's row keeps what it "
            "started with. Start from np.zeros.",
            _with(start=1.0),
            (_with(start=0.05),),
        ),
        Misconception(
            "words looked up",
            "A word without a vector raises a KeyError. GloVe doesn't know every word that a "
            "reviewer types: ask `if word in word_to_vec_map` first.",
            _looked_up,
        ),
        Misconception(
            "words without a vector left out",
            "Words without a vector get no row, so all that come after them move up and read as "
            "others. Leave them a row of zeros.",
            _closed_up,
        ),
        Misconception(
            "all vectors there are",
            "The matrix holds every vector of the map. Go through word_to_index: only its words "
            "have a number.",
            _all_vectors,
        ),
        Misconception(
            "transposed",
            "The matrix lies on its side. A word is a row: (len(word_to_index) + 2, n).",
            _transposed,
        ),
    ),
    hints=(
        "The Embedding layer will be asked for row 7 when it meets word number 7. What must stand "
        "there, and how many rows does the largest number take?",
        "np.zeros((len(word_to_index) + 2, n)), n being the length of any vector in the map; then "
        "go through word_to_index.items().",
        "For each word and its number: if the map has the word, the row of that number becomes "
        "its vector. Return the matrix.",
    ),
)
