"""Open word vectors and look at their neighbourhoods."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, overload

from course_utils.demos.skip_gram import answered, review_words, windows
from course_utils.demos.words import (
    along_axis,
    analogy_shares,
    association_test,
    nearest_words,
)  # fmt: skip
from course_utils.rnn_utils import sigmoid
from course_utils.vectors.disk_cache import installed_vectors
from course_utils.vectors.word_vectors import LazyDict, UnknownWord, WordVectors, as_matrix

__all__ = [
    "LazyDict", "UnknownWord", "WordVectors", "along_axis", "analogy_shares", "answered",
    "as_matrix", "association_test", "nearest_words", "read_glove_vecs", "review_words", "sigmoid",
    "windows",
]  # fmt: skip


@overload
def read_glove_vecs(
    path: str | Path | None = None, *, index: Literal[False] = False, member: str | None = None
) -> tuple[Any, WordVectors]: ...


@overload
def read_glove_vecs(
    path: str | Path | None = None, *, index: Literal[True], member: str | None = None
) -> tuple[Mapping[str, int], Mapping[int, str], WordVectors]: ...


def read_glove_vecs(
    path: str | Path | None = None, *, index: bool = False, member: str | None = None
) -> tuple:
    """Open word vectors: the ones installed with the course, or a file of your own.

    The file: text as GloVe, word2vec or fastText write it, or word2vec's binary form; plain, or
    packed by gzip, bzip2, xz, zip or tar. A warning says which choices were uncertain.

    Returns (words, word_to_vec_map): a set-like view of the words, and a WordVectors.
    With index=True: (word_to_index, index_to_word, word_to_vec_map), counting from 1 over the
    sorted words. `member` names the file to read in an archive that holds several.
    Raises FileNotFoundError if `path` isn't there; ValueError if it doesn't hold word vectors.
    """
    if path is None:
        if member is not None:
            raise ValueError("member= names a file in a zip: give the zip's path too")
        vectors = WordVectors(*installed_vectors())
    else:
        from course_utils.files.opening import find
        from course_utils.vectors.vector_files import open_glove

        file = find(
            path,
            "read_glove_vecs() with no argument opens the 400,000 GloVe vectors of 50 numbers "
            "that came with the course.",
        )
        vectors = WordVectors(*open_glove(file, member))
    if not index:
        return vectors.keys(), vectors
    n, in_order = len(vectors), cache(lambda: sorted(vectors.words))
    return (
        LazyDict(n, lambda: dict(zip(in_order(), range(1, n + 1), strict=True))),
        LazyDict(n, lambda: dict(enumerate(in_order(), start=1))),
        vectors,
    )
