"""Exercise 1: a sentence as the average of its words' vectors."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import average_cases


def _known(tokens, words):
    return [words[token] for token in tokens if token in words]


def _averaged(sentence, words, tokens=lambda s: s.lower().split(), combine=None):
    """Average what `tokens` makes of a sentence, or combine it in another way."""
    found = _known(tokens(sentence), words)
    if not found:
        return np.zeros(len(next(iter(words.values()))))
    return combine(found, sentence) if combine else np.mean(found, axis=0)


def _tokens(tokens):
    return partial(_averaged, tokens=tokens)


def _combined(combine):
    return partial(_averaged, combine=combine)


def _no_zeros(sentence, words):
    with np.errstate(all="ignore"):
        return sum(_known(sentence.lower().split(), words), np.zeros(_size(words))) / len(
            _known(sentence.lower().split(), words)
        )


def _nan(sentence, words):
    found = _known(sentence.lower().split(), words)
    return (
        np.sum(found, axis=0) / np.float64(len(found)) if found else np.full(_size(words), np.nan)
    )


def _size(words):
    return len(next(iter(words.values())))


def _unknown_raises(sentence, words):
    return np.mean([words[word] for word in sentence.lower().split()], axis=0)


def _one_number(sentence, words):
    return np.mean(_known(sentence.lower().split(), words) or [0.0])


SENTENCE_TO_AVG = Exercise(
    name="sentence_to_avg",
    difficulty=1,
    minutes=8,
    returns="avg",
    axes={"avg": ("component",)},
    cases=average_cases,
    oracle=oracle.sentence_to_avg,
    criteria=(
        Criterion("returns a vector of the shape of a word's", 2, aspect="shape"),
        Criterion("the average of the words' vectors", 5, tag="ordinary"),
        Criterion("capital letters make no difference", 2, tag="capitals"),
        Criterion("a word counts as often as it is said", 2, tag="repeated"),
        Criterion("words are parted by any white space", 1, tag="spaces"),
        Criterion("unknown words are left out", 2, tag="unknown"),
        Criterion("zeros where no word is known", 1, tag="none known", beside=True),
    ),
    misconceptions=(
        Misconception(
            "case kept",
            "The vectors are filed under lower-case words, so *Love* is not found while *love* "
            "is. Make the sentence lower-case before you split it.",
            _tokens(lambda s: s.split()),
        ),
        Misconception(
            "split at single spaces",
            '`split(" ")` parts words at single spaces only: a tab glues two words together. '
            "`split()` without an argument takes any white space.",
            _tokens(lambda s: s.lower().split(" ")),
        ),
        Misconception(
            "repeated words counted once",
            "A set forgets how often a word was said. *Very very good* should lean more to *very* "
            "than *very good* does: keep the list.",
            _tokens(lambda s: set(s.lower().split())),
            (_tokens(lambda s: dict.fromkeys(s.lower().split())),),
        ),
        Misconception(
            "sum not divided",
            "This is the sum, so a long sentence gets a long vector. Divide by the number of "
            "words that you added.",
            _combined(lambda found, s: np.sum(found, axis=0)),
        ),
        Misconception(
            "divided by all words",
            "You add the known words but divide by the number of all. A misspelt word then "
            "shrinks the average; divide by the number of vectors you added.",
            _combined(lambda found, s: np.sum(found, axis=0) / len(s.lower().split())),
        ),
        Misconception(
            "divided by the number of letters",
            "`len(sentence)` counts letters. Divide by the number of words you added.",
            _combined(lambda found, s: np.sum(found, axis=0) / len(s)),
        ),
        Misconception(
            "divided inside the loop",
            "The division stands inside the loop, so the first words are divided again and "
            "again. Add all vectors first, then divide once.",
            _combined(lambda found, s: _divided_each_time(found)),
        ),
        Misconception(
            "only the first word",
            "You return after the first word: the `return` stands inside the loop.",
            _combined(lambda found, s: found[0]),
            (_combined(lambda found, s: found[0] / len(found)),),
        ),
        Misconception(
            "only the last word",
            "Each word replaces the one before (`=` where `+=` is meant), so only the last is "
            "left.",
            _combined(lambda found, s: found[-1]),
            (_combined(lambda found, s: found[-1] / len(found)),),
        ),
        Misconception(
            "averaged over the components too",
            "You average over everything and get one number. Average over the words only, "
            "axis 0, and keep a number for each component.",
            _one_number,
        ),
        Misconception(
            "no known word",
            "With no known word you divide by zero. Say what such a sentence is: a vector of "
            "zeros, which leans nowhere.",
            _nan,
            (_no_zeros,),
        ),
        Misconception(
            "unknown words looked up",
            "A word that is not in the map raises a KeyError. People misspell: ask `if word in "
            "word_to_vec_map` first.",
            _unknown_raises,
        ),
    ),
    hints=(
        "How do *I LOVE it* and *i love it* come to the same words? And what should a word that "
        "nobody knows add to the average?",
        "`sentence.lower().split()` gives the words; each known one has a vector of shape (n,). "
        "`np.mean(list_of_vectors, axis=0)` is (n,) again.",
        "Collect the vectors of the words that are in the map; if there are none, return zeros "
        "of the shape of any vector in it; otherwise their mean over axis 0.",
    ),
)


def _divided_each_time(found):
    avg = np.zeros_like(found[0])
    for vector in found:
        avg = (avg + vector) / len(found)
    return avg
