"""Exercise 4: a table of pretrained vectors for the words of a vocabulary."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.compare import all_are_rows
from ...judging.model import Criterion, Exercise, Misconception
from ..readings import no_vector_in_place
from . import oracle
from .cases import matrix_cases


def _reading(args, value):
    """Say what stands in each kind of row: vectors of words, the two special ones, the rest."""
    matrix = np.asarray(value, float)
    if matrix.ndim == 1:
        rows = {"matrix": matrix, "holds all vectors": False, "vectors": matrix}
        return rows | dict.fromkeys(("rows 0 and 1", "words without a vector"), "no rows")
    index, vectors = args["word_to_index"], args["word_to_vec_map"]
    known = oracle.found(index, vectors)
    there = [index[word] for word in known if index[word] < len(matrix)]
    without = [n for word, n in index.items() if word not in vectors and n < len(matrix)]
    return {
        "matrix": np.zeros(matrix.shape),  # whose numbers are judged apart
        "holds all vectors": all_are_rows([vectors[word] for word in known], matrix),
        "vectors": matrix[there],
        "rows 0 and 1": _kind(matrix[:2]),
        "words without a vector": _kind(matrix[without], args["word_to_vec_map"]),
    }


def _left_out(args, value) -> str:
    """Name the numbers whose rows are zeros though their words have vectors."""
    index, vectors = args["word_to_index"], args["word_to_vec_map"]
    rows = dict(zip(oracle.found(index, vectors), value["vectors"], strict=True))
    empty = [index[word] for word, row in rows.items() if not row.any()]
    right = [word for word, row in rows.items() if np.allclose(row, vectors[word])]
    if rows and not right:
        return no_vector_in_place(value["vectors"])
    if not empty or len(empty) + len(right) < len(rows) or value["holds all vectors"]:
        return ""
    told = ", ".join(map(str, empty))
    return f"The words of the numbers {told} have vectors and get none: are they passed over?"


def _kind(rows, vectors=()) -> str:
    if not rows.any():  # nan counts as something
        return "zeros"
    known = np.array([vectors[word] for word in vectors])
    taken = known.size and all(
        np.isclose(known, row).all(axis=1).any() for row in rows[rows.any(axis=1)]
    )
    return "vectors of other words" if taken else "other numbers"


def _filled(index, vectors, *, rows=2, shift=0, start=0.0, missing=None, special=None,
            order=lambda index, vectors: index):  # fmt: skip
    """Fill the matrix with one thing or another done wrong."""
    matrix = np.full((len(index) + rows, len(next(iter(vectors.values())))), start)
    for word, number in order(index, vectors).items():
        if word in vectors:
            matrix[number + shift] = vectors[word]
        elif missing is not None:
            matrix[number + shift] = missing(vectors)
    if special is not None:
        matrix[:2] = special(vectors)
    return matrix


def _noise(vectors):
    return np.random.default_rng(0).normal(size=len(next(iter(vectors.values()))))


def _mean(vectors):
    return np.mean(list(vectors.values()), axis=0)


def _below_two_zeros(vectors, behind=0):
    zeros = np.zeros((2 + behind, len(vectors[0])))
    return np.concatenate([zeros[:2], np.array(vectors), zeros[2:]])


def _moved_up(index, vectors):
    """Leave out the words without a vector, and zeros behind all others."""
    found = [vectors[word] for word in oracle.found(index, vectors)]
    return _below_two_zeros(found, len(index) - len(found))


def _in_order(*groups):
    """Number the words of the first group that are in all others, too, from 2 on."""
    return {w: n for n, w in enumerate((w for w in groups[0] if w in groups[-1]), 2)}


EMBEDDING_MATRIX = Exercise(
    name="embedding_matrix",
    difficulty=1,
    minutes=10,
    returns=(),
    axes={"vectors": ("word", "component")},
    cases=matrix_cases,
    oracle=oracle.embedding_matrix,
    reading=_reading,
    diagnosis=_left_out,
    criteria=(
        Criterion("a row for every number, 0 and 1 too", 3, leaves=("matrix",), beside=True),
        Criterion("holds the vectors of all words that have one", 3, leaves=("holds all vectors",)),
        Criterion("each word's vector in the row of its number", 3, leaves=("vectors",),
            hint="The row is the word's own number. Is something added to it or taken away?"),
        Criterion("rows 0 and 1 are zeros", 2, leaves=("rows 0 and 1",), beside=True,
            hint="No word has the number 0 or 1. What was in these rows before the first "
                 "vector was written?"),
        Criterion("zeros for words without a vector", 2, leaves=("words without a vector",),
                  tag="without", beside=True,
            hint="A word that the map lacks keeps a row of zeros, the first one, too. What do you "
                 "write for it, and from which word do you take n?"),
    ),
    misconceptions=(
        Misconception("no rows for 0 and 1",
            "The matrix has too few rows. 0 and 1 are taken, so the numbers go up to "
            "len(word_to_index) + 1, and 0 needs a row as well.",
            partial(_filled, rows=0),
            (partial(_filled, rows=0, shift=-2), partial(_filled, rows=1, shift=-1),
             partial(_filled, rows=1))),
        Misconception("rows too low",
            "The vectors stand one or two rows too low, so each number reads as another word. "
            "The row of a word is its number as it is.",
            partial(_filled, shift=-2),
            (partial(_filled, shift=-1),)),
        Misconception("rows too high",
            "The vectors stand one or two rows too high. The row of a word is its number as it "
            "is: 0 and 1 are counted in already.",
            partial(_filled, rows=3, shift=1),
            (partial(_filled, rows=4, shift=2),)),
        Misconception("rows in dictionary order",
            "The rows stand in the order of a dictionary, so every word gets another's vector. "
            "The row of a word is word_to_index[word].",
            partial(_filled, order=lambda index, vectors: _in_order(index)),
            (partial(_filled, order=lambda index, vectors: _in_order(vectors, index)),
             partial(_filled, order=lambda index, vectors: _in_order(index), shift=-2),
             partial(_filled, order=lambda index, vectors: _in_order(index), shift=-2, rows=0))),
        Misconception("unknown rows filled",
            "Words without a vector are filled with something. It looks like a meaning that nobody "
            "meant, and the frozen layer could not unlearn it: leave zeros.",
            partial(_filled, missing=_noise),
            (partial(_filled, missing=_mean),)),
        Misconception("rows 0 and 1 filled",
            "Rows 0 and 1 are padding and unknown words. Both should say nothing: leave zeros.",
            partial(_filled, special=_noise),
            (partial(_filled, special=_mean),)),
        Misconception("started from other numbers than zeros",
            "Rows where no vector belongs hold other numbers than zeros. Does the matrix start "
            "from zeros, and is nothing else written there?",
            partial(_filled, start=1.0),
            (partial(_filled, start=0.05),)),
        Misconception("words looked up",
            "A word without a vector raises a KeyError. GloVe doesn't know every word that a "
            "reviewer types: ask first whether the map has it.",
            lambda index, vectors: _filled(index, {word: vectors[word] for word in index})),
        Misconception("words without a vector left out",
            "Words without a vector get no row, so all that come after them move up and read as "
            "others. Leave them a row of zeros.",
            lambda index, vectors: _below_two_zeros(
                [vectors[word] for word in oracle.found(index, vectors)]),
            (lambda index, vectors: _below_two_zeros(
                [vectors[word] for word in vectors if word in index]),
             lambda index, vectors: _below_two_zeros(
                [vectors[word] for word in index if word in vectors]),
             _moved_up),
            costs="zeros for words without a vector"),
        Misconception("all vectors there are",
            "The matrix holds every vector of the map. Only the words of word_to_index have a "
            "number: go through these.",
            lambda index, vectors: _below_two_zeros(list(vectors.values()))),
        Misconception("transposed",
            "The matrix lies on its side: a word is a row, not a column.",
            lambda index, vectors: _filled(index, vectors).T,
            costs="a row for every number, 0 and 1 too"),
    ),
    hints=(
        "The Embedding layer will be asked for row 7 when it meets word number 7. What must stand "
        "there, and how many rows does the largest number take?",
        "np.zeros((len(word_to_index) + 2, n)), n being the length of any vector in the map; then "
        "go through word_to_index.items().",
        "For each word and its number: if the map has the word, the row of that number becomes "
        "its vector. Return the matrix.",
    ),
)  # fmt: skip
