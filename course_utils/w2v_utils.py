"""Open word vectors and look at their neighbourhoods."""

from functools import cache

import numpy as np

from course_utils.data import DATASETS, locate, sha256_of
from course_utils.demos.nearest_words import nearest_words as nearest_words
from course_utils.demos.words_along_axis import along_axis as along_axis
from course_utils.vectors.word_vectors import LazyDict, WordVectors
from course_utils.vectors.word_vectors import UnknownWord as UnknownWord
from course_utils.vectors.word_vectors import as_matrix as as_matrix


def read_glove_vecs(path=None, *, index: bool = False, member: str | None = None):
    """Open word vectors: the ones installed with the course, or a file of your own.

    The file: text as GloVe, word2vec or fastText write it, or word2vec's binary form; plain, or
    packed by gzip, bzip2, xz, zip or tar. What was not certain is said in a warning.

    Returns (words, word_to_vec_map): a set-like view of the words, and a WordVectors.
    With index=True: (word_to_index, index_to_word, word_to_vec_map), counting from 1 over the
    sorted words. `member` names the file to read in an archive that holds several.
    Raises FileNotFoundError if `path` isn't there; ValueError if what is there isn't word vectors.
    """
    if path is None:
        if member is not None:
            raise ValueError("member= names a file in a zip: give the zip's path too")
        vectors = WordVectors(*_installed())
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
    from course_utils.vectors.disk_cache import sorted_words

    n, ordered = len(vectors), cache(lambda: sorted_words(vectors.words))
    return (
        LazyDict(n, lambda: dict(zip(ordered(), range(1, n + 1), strict=True))),
        LazyDict(n, lambda: dict(enumerate(ordered(), start=1))),
        vectors,
    )


def _installed():
    """Return (words, matrix) of the installed vectors; the words from the cache if it can be."""
    matrix_file, words_file = map(locate, DATASETS["word_vectors"].sha256)
    from course_utils.vectors.disk_cache import read_words, sealed_folder, write_words

    def words_of_package():
        from pyarrow import parquet  # lazy: 0.2 s, on a cold cache only

        return parquet.read_table(words_file).column("index").to_pylist()

    def fill(folder):
        with open(folder / "words.txt", "wb") as file:
            write_words(file, words_of_package())

    try:
        words = read_words(sealed_folder(f"words-{sha256_of(words_file)[:32]}", fill))
    except OSError:  # the cache can't be written: slower, as good
        words = words_of_package()
    matrix = np.load(matrix_file, mmap_mode="r", allow_pickle=False)
    return words, np.asarray(matrix)
