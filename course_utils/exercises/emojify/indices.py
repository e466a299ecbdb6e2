"""Exercise 4: sentences as rows of word indices."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import index_cases


def _lower(text):
    return text.lower().split()


def _padded(row, size):
    return (row + [0] * size)[:size]


def _filled(X, index, max_len, tokens=_lower, number=None, place=_padded):
    """Number the words of each sentence and put them into a row."""
    number = number or (lambda words: [index[word] for word in words if word in index])
    return np.array([place(number(tokens(text)), max_len) for text in X.tolist()])


def _tokens(tokens):
    return partial(_filled, tokens=tokens)


def _placed(place):
    return partial(_filled, place=place)


def _numbered(number):
    """Make a form that numbers words in its own way."""
    return lambda X, index, max_len: _filled(
        X, index, max_len, number=lambda words: number(words, index)
    )


def _cut_first(X, index, max_len):
    """Cut a sentence to max_len words before unknown ones are left out."""
    return _filled(X, index, max_len, tokens=lambda text: _lower(text)[:max_len])


def _too_long(row, size):
    out = np.zeros(size, int)
    for j, number in enumerate(row):
        out[j] = number
    return out


def _one_column(row, size):
    return [row[-1] if row else 0, *[0] * (size - 1)]


SENTENCES_TO_INDICES = Exercise(
    name="sentences_to_indices",
    difficulty=1,
    minutes=10,
    returns="indices",
    axes={"indices": ("sentence", "position")},
    cases=index_cases,
    oracle=oracle.sentences_to_indices,
    criteria=(
        Criterion("an array of shape (m, max_len)", 3, aspect="shape"),
        Criterion("the words' indices in order, then zeros", 5, tag="ordinary"),
        Criterion("capital letters make no difference", 2, tag="capitals"),
        Criterion("words are parted by any white space", 1, tag="spaces"),
        Criterion("unknown words are left out and leave no gap", 2, tag="unknown"),
        Criterion("of a long sentence, the first max_len known words", 2, tag="long"),
    ),
    misconceptions=(
        Misconception(
            "case kept",
            "The words are numbered in lower case, so *Love* has no number while *love* has. "
            "Make the sentence lower-case before you split it.",
            _tokens(str.split),
        ),
        Misconception(
            "split at single spaces",
            '`split(" ")` parts words at single spaces only: a tab glues two words together. '
            "`split()` without an argument takes any white space.",
            _tokens(lambda text: text.lower().split(" ")),
        ),
        Misconception(
            "repeated words counted once",
            "A set forgets what was said twice, and the order too, which is what the LSTM is "
            "there for. Keep the list.",
            _tokens(lambda text: list(dict.fromkeys(_lower(text)))),
            (_tokens(lambda text: sorted(set(_lower(text)))),),
        ),
        Misconception(
            "padded in front",
            "The zeros stand in front. Here they go to the end: start with np.zeros and fill each "
            "row from position 0.",
            _placed(lambda row, size: ([0] * size + row[:size])[-size:]),
            (_placed(lambda row, size: ([0] * size + row)[-size:]),),
        ),
        Misconception(
            "the last words kept",
            "A long sentence loses its beginning. Cut it at the end: the first max_len known "
            "words stay.",
            _placed(lambda row, size: _padded(row[-size:], size)),
        ),
        Misconception(
            "cut before unknown words are left out",
            "You cut the sentence to max_len words first and leave out the unknown ones then, so "
            "known words that had room are lost. Leave out first, cut then.",
            _cut_first,
        ),
        Misconception(
            "a long sentence does not fit",
            "A sentence of more than max_len words runs over the end of its row. Stop at max_len.",
            _placed(_too_long),
        ),
        Misconception(
            "unknown words leave a gap",
            "An unknown word leaves a 0 in the middle. 0 is padding: nothing follows it. Leave "
            "the word out and let the next one move up.",
            _numbered(lambda words, index: [index.get(word, 0) for word in words]),
        ),
        Misconception(
            "unknown words looked up",
            "A word without a number raises a KeyError. People misspell: ask `if word in "
            "word_to_index` first.",
            _numbered(lambda words, index: [index[word] for word in words]),
        ),
        Misconception(
            "numbered from zero",
            "The numbers are one too small. Take them from `word_to_index` as they are: they "
            "start at 1 because 0 is padding.",
            _numbered(lambda words, index: [index[w] - 1 for w in words if w in index]),
        ),
        Misconception(
            "place in the dictionary",
            "You use a word's place in the dictionary. A dictionary's order is nobody's promise: "
            "the number of a word is word_to_index[word].",
            _numbered(lambda words, index: [list(index).index(w) + 1 for w in words if w in index]),
            (_numbered(lambda words, index: [list(index).index(w) for w in words if w in index]),),
        ),
        Misconception(
            "all written to one position",
            "Every word of a sentence is written to position 0, so the last one stays. Count the "
            "position up after each word.",
            _placed(_one_column),
        ),
        Misconception(
            "written backwards",
            "The words stand in reverse. The LSTM should read the sentence as it was said.",
            _placed(lambda row, size: _padded(row[::-1], size)),
        ),
    ),
    hints=(
        "If *quite* is not in the vocabulary, what should *quite good* and *good* have in common "
        "for a network that takes 0 to mean *nothing here*?",
        "Start with np.zeros((m, max_len), dtype=int). For sentence i, the known words of "
        "`X[i].lower().split()` have the numbers word_to_index[word].",
        "For each sentence: list the numbers of its known words, keep the first max_len of them, "
        "and write them into the row from position 0.",
    ),
)
