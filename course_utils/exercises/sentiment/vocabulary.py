"""Exercise 1: the most frequent words, numbered."""

from __future__ import annotations

from collections import Counter
from functools import partial

import numpy as np

from course_utils.sentiment_utils import words_of

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import vocabulary_cases


def _reading(args, value):
    """List the words in the order of their numbers, and the numbers."""
    ranked = sorted(value.items(), key=lambda pair: int(pair[1]))
    return {
        "words": np.array([word for word, _ in ranked]),
        "numbers": np.array([int(number) for _, number in ranked]),
    }


def _built(
    reviews,
    input_dim,
    tokens=words_of,
    count=lambda words: words,
    rank=lambda word, n: (-n, word),
    room=-2,
    first=2,
):
    """Build a vocabulary with one thing or another done wrong."""
    counts = Counter(word for review in reviews for word in count(tokens(review)))
    ranked = sorted(counts, key=lambda word: rank(word, counts[word]))
    return {word: number for number, word in enumerate(ranked[: input_dim + room], first)}


def _with(**slips):
    return partial(_built, **slips)


def _split(review):
    return review.split()


def _split_lower(review):
    return review.lower().split()


def _case_kept(review):
    kept = review.replace("<br />", " ")
    for mark in ".,!()":
        kept = kept.replace(mark, " ")
    return kept.split()


def _first_come(reviews, input_dim):
    counts = Counter(word for review in reviews for word in words_of(review))
    ranked = [word for word, _ in counts.most_common(input_dim - 2)]
    return {word: number for number, word in enumerate(ranked, 2)}


def _last_come(reviews, input_dim):
    counts = Counter(word for review in reviews for word in words_of(review))
    ranked = [word for word, _ in reversed(counts.most_common())]
    ranked.sort(key=lambda word: -counts[word])
    return {word: number for number, word in enumerate(ranked[: input_dim - 2], 2)}


def _no_cut(reviews, input_dim):
    return _built(reviews, 10**6)


def _words_to_counts(reviews, input_dim):
    counts = Counter(word for review in reviews for word in words_of(review))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: counts[word] for word in ranked[: input_dim - 2]}


def _turned_round(reviews, input_dim):
    return {number: word for word, number in _built(reviews, input_dim).items()}


BUILD_VOCABULARY = Exercise(
    name="build_vocabulary",
    difficulty=1,
    minutes=12,
    returns=(),
    axes={"words": ("rank",), "numbers": ("rank",)},
    cases=vocabulary_cases,
    oracle=oracle.build_vocabulary,
    reading=_reading,
    criteria=(
        Criterion("as many words as there is room for", 3, leaves=("words",), aspect="shape"),
        Criterion(
            "the most frequent words, most frequent first", 4, leaves=("words",), tag="ordinary"
        ),
        Criterion("every time a word is said counts", 2, leaves=("words",), tag="said often"),
        Criterion("equally frequent words in alphabetical order", 2, leaves=("words",), tag="ties"),
        Criterion("words as words_of parts them", 1, leaves=("words",), tag="marks"),
        Criterion("numbers from 2 on, without gaps", 3, leaves=("numbers",)),
    ),
    misconceptions=(
        Misconception(
            "no room for 0 and 1",
            "There are too many words. The table has input_dim rows, and 0 and 1 take two of "
            "them, so input_dim - 2 words have room: the last ones would fall off its end.",
            _with(room=0),
            (_with(room=-1), _with(room=1)),
        ),
        Misconception(
            "one word too few",
            "The last row of the table stays empty. Numbers go up to input_dim - 1, so there is "
            "room for input_dim - 2 words.",
            _with(room=-3),
        ),
        Misconception(
            "numbered from 0 or 1",
            "The numbers begin too low: 0 is padding and 1 stands for unknown words. The most "
            "frequent word is number 2.",
            _with(first=0),
            (
                _with(first=1),
                _with(first=0, room=0),
                _with(first=1, room=-1),
                _with(first=1, room=0),
            ),
        ),
        Misconception(
            "numbered from 3",
            "The numbers begin too high. 0 is padding and 1 is unknown, so the most frequent "
            "word is number 2.",
            _with(first=3),
            (_with(first=3, room=-3),),
        ),
        Misconception(
            "reviews counted, not words",
            "A word that is said six times in one review counts once: a set forgets how often. "
            "Count every word, not the reviews that hold it.",
            _with(count=set),
        ),
        Misconception(
            "ties as they come",
            "Words said equally often stand in the order in which they were met, which another "
            "order of reviews would change. Decide ties by the alphabet.",
            _first_come,
            (_last_come,),
        ),
        Misconception(
            "ties from z to a",
            "Words said equally often stand in reverse alphabetical order: `reverse=True` turns "
            "the ties round as well. Sort by (-count, word).",
            _with(rank=lambda word, n: (-n, [-ord(letter) for letter in word])),
        ),
        Misconception(
            "alphabetical order",
            "The words are ranked by the alphabet. Rank them by how often they are said, and use "
            "the alphabet for ties only.",
            _with(rank=lambda word, n: word),
        ),
        Misconception(
            "rarest first",
            "The rarest words come first, and the ones that matter fall off. Most frequent first.",
            _with(rank=lambda word, n: (n, word)),
        ),
        Misconception(
            "split at white space",
            "`split()` leaves capitals, tags and full stops on the words, so *Good*, *good.* and "
            "*good* are three. Use words_of.",
            _with(tokens=_split),
            (_with(tokens=_split_lower), _with(tokens=_case_kept)),
        ),
        Misconception(
            "letters counted",
            "Letters are counted instead of words: going through a string gives its letters. Go "
            "through words_of(review).",
            _with(tokens=list),
        ),
        Misconception(
            "all words kept",
            "No word is left out, so the numbers run past the end of a table of input_dim rows.",
            _no_cut,
        ),
        Misconception(
            "counts returned",
            "Each word is mapped to how often it was said. Its number is its rank: 2 for the most "
            "frequent word, 3 for the next.",
            _words_to_counts,
        ),
        Misconception(
            "turned round",
            "The dict maps numbers to words. We have the word and look for its number: "
            "{word: number}.",
            _turned_round,
        ),
    ),
    hints=(
        "If the numbers must be below input_dim, and 0 and 1 are taken, how many words have room?",
        "collections.Counter counts whatever you go through; sorted(counts, key=...) with a key "
        "of two parts, (-counts[word], word), ranks them.",
        "Count words_of(review) over all reviews; sort by (-count, word); keep input_dim - 2; "
        "enumerate(..., start=2) gives the numbers.",
    ),
)
