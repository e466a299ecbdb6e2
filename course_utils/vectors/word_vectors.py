"""Hold word vectors as a dict would, without a copy of each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any
from unicodedata import normalize

import numpy as np


class UnknownWord(KeyError):
    """A word has no vector; the message says what to try."""

    def __init__(self, word: Any, vectors: WordVectors) -> None:
        super().__init__(word)
        self.word, self.vectors = word, vectors

    def __str__(self) -> str:
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
    """Find words in any Unicode form: é is one character, or two, e and an accent.

    Only a word outside ASCII that isn't found as it is written needs this.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = words

    @cached_property
    def _stored(self) -> dict[str, str]:
        return {normalize("NFC", word): word for word in self._words if not word.isascii()}

    def find(self, word: object) -> str | None:
        """Return the word as it is stored, or None."""
        if not isinstance(word, str) or word.isascii():
            return None
        return self._stored.get(normalize("NFC", word))


class WordVectors(Mapping[str, np.ndarray]):
    """A mapping from a word to a fresh (n,) float64 array; edits never reach the store.

    words: list in file order; matrix: (n_words, n) float32, read-only; index: word -> row.
    A word is found in any Unicode form; an unknown one raises UnknownWord, a KeyError.
    """

    def __init__(self, words: list[str], matrix: np.ndarray) -> None:
        if len(words) != len(matrix):
            raise ValueError(f"{len(words)} words for {len(matrix)} rows: expected equally many")
        self.words = words
        self.matrix = matrix.view()
        self.matrix.flags.writeable = False
        self._spellings = Spellings(words)

    @cached_property
    def index(self) -> dict[str, int]:
        # built on the first look-up: hashing 400,000 words takes longer than opening them
        return dict(zip(self.words, range(len(self.words)), strict=True))

    def __getitem__(self, word: str) -> np.ndarray:
        row = self.index.get(word)
        if row is None and (stored := self._spellings.find(word)) is not None:
            row = self.index[stored]
        if row is None:
            raise UnknownWord(word, self)
        return self.matrix[row].astype(np.float64)  # (n,)

    def __contains__(self, word: object) -> bool:
        return word in self.index or self._spellings.find(word) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"<WordVectors: {len(self):,} words, {self.matrix.shape[1]} numbers each>"

    # Mapping would compare arrays, whose truth is ambiguous
    __eq__ = object.__eq__
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __deepcopy__(self, memo: dict) -> WordVectors:
        return copy.copy(self)  # nothing here changes, so 80 MB needn't be doubled


class LazyDict(Mapping):
    """The mapping that `build` returns, built when anything but its length is first asked for.

    Words in it are found in any Unicode form.
    """

    def __init__(self, size: int, build: Callable[[], dict]) -> None:
        self._size, self._build = size, build

    @cached_property
    def _dict(self) -> dict:
        return self._build()

    @cached_property
    def _spellings(self) -> Spellings:
        return Spellings(key for key in self._dict if isinstance(key, str))

    def __getitem__(self, key: Any) -> Any:
        if key not in self._dict and (stored := self._spellings.find(key)) is not None:
            key = stored
        return self._dict[key]

    def __iter__(self) -> Iterator:
        return iter(self._dict)

    def __len__(self) -> int:
        return self._size

    def __repr__(self) -> str:
        return f"<{self._size:,} entries, the first: {dict([next(iter(self.items()))])}>"


def as_matrix(word_to_vec_map: Mapping) -> tuple[list[str], np.ndarray]:
    """Return (words, E): a list of n_words, and (n_words, n); row i of E is the vector of words[i].

    E is the store of a WordVectors itself, float32 and not a copy; of a plain dict, a new float64.
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
