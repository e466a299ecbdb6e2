"""Open word vectors and look at their neighbourhoods."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from unicodedata import normalize

import numpy as np

from course_utils.data import DATASETS, locate, sha256_of
from course_utils.demos.nearest_words import nearest_words as nearest_words


class UnknownWord(KeyError):
    """Say which word isn't there, and what to try."""

    def __init__(self, word, vectors: "WordVectors"):
        super().__init__(word)
        self.word, self.vectors = word, vectors

    def __str__(self):
        message = f"{self.word!r} is not among the {len(self.vectors):,} words"
        if not isinstance(self.word, str):
            return f"{message}: a word is a string"
        bare = self.word.strip()
        for form in (bare.lower(), bare.capitalize(), bare.title(), bare.upper()):
            if form in self.vectors:
                why = "words are lower case: " if form == self.word.lower() else ""
                why = "without the spaces: " if bare != self.word else why
                return f"{message}; {why}try {form!r}"
        return f"{message}; ask first with `{self.word!r} in word_to_vec_map`"


class Spellings:
    """Find words in whatever Unicode form: é is one character, or two, e and an accent.

    words: all there are. Only a word outside ASCII that isn't there as it stands needs this.
    """

    def __init__(self, words: Iterable[str]):
        self._words = words

    @cached_property
    def _stored(self) -> dict[str, str]:
        return {normalize("NFC", word): word for word in self._words if not word.isascii()}

    def find(self, word) -> str | None:
        """Return the word as it is stored, or None."""
        if not isinstance(word, str) or word.isascii():
            return None
        return self._stored.get(normalize("NFC", word))


class WordVectors(Mapping):
    """Behave as a dict from a word to a fresh (n,) float64 array; edits never reach the store.

    words: list in file order; matrix: (n_words, n) float32, read-only; index: word -> row.
    A word is found in any Unicode form; an unknown one raises UnknownWord, a KeyError.
    """

    def __init__(self, words: list[str], matrix: np.ndarray):
        if len(words) != len(matrix):
            raise ValueError(f"{len(words)} words for {len(matrix)} rows: expected as many")
        self.words = words
        self.matrix = matrix.view()
        self.matrix.flags.writeable = False
        self._spellings = Spellings(words)

    @cached_property
    def index(self) -> dict[str, int]:
        # built on the first look-up: hashing 400,000 words takes longer than opening them
        return dict(zip(self.words, range(len(self.words)), strict=True))

    def __getitem__(self, word):
        row = self.index.get(word)
        if row is None and (row := self.index.get(self._spellings.find(word))) is None:
            raise UnknownWord(word, self)
        return self.matrix[row].astype(np.float64)  # (n,)

    def __contains__(self, word):
        return word in self.index or self._spellings.find(word) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __len__(self):
        return len(self.words)

    def __repr__(self):
        return f"<WordVectors: {len(self):,} words, {self.matrix.shape[1]} numbers each>"

    # Mapping would compare arrays, whose truth is ambiguous
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __deepcopy__(self, memo):
        return copy.copy(self)  # nothing here changes, so 80 MB needn't be doubled


class LazyDict(Mapping):
    """Behave as the dict that `build` returns, built when something other than len is asked."""

    def __init__(self, size: int, build: Callable[[], dict]):
        self._size, self._build = size, build

    @cached_property
    def _dict(self):
        return self._build()

    @cached_property
    def _spellings(self):
        return Spellings(key for key in self._dict if isinstance(key, str))

    def __getitem__(self, key):
        if key not in self._dict and (stored := self._spellings.find(key)) is not None:
            key = stored
        return self._dict[key]

    def __iter__(self):
        return iter(self._dict)

    def __len__(self):
        return self._size

    def __repr__(self):
        return f"<{self._size:,} entries, the first: {dict([next(iter(self.items()))])}>"


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
        from course_utils.data_files import find
        from course_utils.glove_files import open_glove

        file = find(
            path,
            "read_glove_vecs() with no argument opens the 400,000 GloVe vectors of 50 numbers "
            "that came with the course.",
        )
        vectors = WordVectors(*open_glove(file, member))
    if not index:
        return vectors.keys(), vectors
    from course_utils.glove_cache import sorted_words

    n, ordered = len(vectors), cache(lambda: sorted_words(vectors.words))
    return (
        LazyDict(n, lambda: dict(zip(ordered(), range(1, n + 1), strict=True))),
        LazyDict(n, lambda: dict(enumerate(ordered(), start=1))),
        vectors,
    )


def _installed():
    """Return (words, matrix) of the installed vectors; the words from the cache if it can be."""
    matrix_file, words_file = map(locate, DATASETS["word_vectors"].sha256)
    from course_utils.glove_cache import read_words, sealed_folder, write_words

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


def as_matrix(word_to_vec_map: Mapping) -> tuple[list[str], np.ndarray]:
    """Return (words, E): a list of n_words, and (n_words, n); row i of E is the vector of words[i].

    A WordVectors gives its own float32, not a copy; a plain dict float64.
    Raises ValueError for an empty map, or vectors of several lengths.
    """
    if isinstance(word_to_vec_map, WordVectors):
        return word_to_vec_map.words, word_to_vec_map.matrix
    words = list(word_to_vec_map)
    if not words:
        raise ValueError("word_to_vec_map is empty: there is nothing to make a matrix of")
    n = np.shape(word_to_vec_map[words[0]])
    for word in words:
        if np.shape(word_to_vec_map[word]) != n:
            raise ValueError(
                f"vectors must be of one shape: {words[0]!r} has {n}, "
                f"{word!r} has {np.shape(word_to_vec_map[word])}"
            )
    return words, np.stack([word_to_vec_map[word] for word in words]).astype(np.float64, copy=False)
