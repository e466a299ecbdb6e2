"""Exercise 2: reviews as rows of numbers, all of one length."""

from __future__ import annotations

from functools import partial

import numpy as np

from course_utils.sentiment_utils import words_of

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import encoding_cases


def _numbers(words, index):
    return [index.get(word, 1) for word in words]


def _cut(row, maxlen, truncating):
    return row[-maxlen:] if truncating == "pre" else row[:maxlen]


def _pad(row, maxlen, padding):
    zeros = [0] * (maxlen - len(row))
    return zeros + row if padding == "pre" else row + zeros


def _encoded(
    reviews,
    word_to_index,
    maxlen,
    padding,
    truncating,
    *,
    tokens=words_of,
    number=_numbers,
    cut=_cut,
    pad=_pad,
):
    """Encode reviews with one thing or another done wrong."""
    rows = []
    for review in reviews:
        row = cut(number(tokens(review), word_to_index), maxlen, truncating)
        rows.append(pad(row, maxlen, padding))
    return np.array(rows)


def _with(**slips):
    return partial(_encoded, **slips)


def _split(review):
    return review.split()


def _split_lower(review):
    return review.lower().split()


def _other_end(row, maxlen, end):
    return _cut(row, maxlen, "post" if end == "pre" else "pre")


def _other_side(row, maxlen, end):
    return _pad(row, maxlen, "post" if end == "pre" else "pre")


def _start_kept(row, maxlen, end):
    return row[:maxlen]


def _end_kept(row, maxlen, end):
    return row[-maxlen:]


def _in_front(row, maxlen, end):
    return _pad(row, maxlen, "pre")


def _behind(row, maxlen, end):
    return _pad(row, maxlen, "post")


def _with_ones(row, maxlen, end):
    filled = [1] * (maxlen - len(row))
    return filled + row if end == "pre" else row + filled


def _unknown_left_out(words, index):
    return [index[word] for word in words if word in index]


def _unknown_as_padding(words, index):
    return [index.get(word, 0) for word in words]


def _looked_up(words, index):
    return [index[word] for word in words]


def _place(words, index):
    there = list(index)
    return [there.index(word) + 2 if word in index else 1 for word in words]


def _swapped(reviews, word_to_index, maxlen, padding, truncating):
    return _encoded(reviews, word_to_index, maxlen, truncating, padding)


def _cut_characters(reviews, word_to_index, maxlen, padding, truncating):
    reviews = [_cut(review, maxlen, truncating) for review in reviews]
    return _encoded(reviews, word_to_index, maxlen, padding, truncating)


ENCODE_REVIEWS = Exercise(
    name="encode_reviews",
    difficulty=2,
    minutes=15,
    returns="indices",
    axes={"indices": ("review", "position")},
    cases=encoding_cases,
    oracle=oracle.encode_reviews,
    criteria=(
        Criterion("an array of shape (m, maxlen)", 3, aspect="shape"),
        Criterion("padding='pre': zeros in front", 3, tag="pre"),
        Criterion("padding='post': zeros behind", 3, tag="post"),
        Criterion("truncating='pre': the last maxlen words stay", 2, tag="end kept"),
        Criterion("truncating='post': the first maxlen words stay", 2, tag="start kept"),
        Criterion("unknown words are 1", 2, tag="unknown"),
        Criterion("words as words_of parts them", 1, tag="marks"),
    ),
    misconceptions=(
        Misconception(
            "padded at the wrong end",
            "The zeros stand at the other end. 'pre' is before the words, 'post' after them.",
            _with(pad=_other_side),
        ),
        Misconception(
            "always padded behind",
            "The zeros always stand behind, whatever `padding` says. With 'pre' they go in "
            "front, and the words end at the last position.",
            _with(pad=_behind),
        ),
        Misconception(
            "always padded in front",
            "The zeros always stand in front, whatever `padding` says. With 'post' they go "
            "behind the words.",
            _with(pad=_in_front),
        ),
        Misconception(
            "cut at the wrong end",
            "The wrong part of a long review is left. truncating='pre' cuts off its beginning, "
            "so the end stays; 'post' cuts off its end.",
            _with(cut=_other_end),
        ),
        Misconception(
            "always the first words",
            "The first words always stay, whatever `truncating` says. 'pre' cuts the beginning "
            "off: keep numbers[-maxlen:].",
            _with(cut=_start_kept),
        ),
        Misconception(
            "always the last words",
            "The last words always stay, whatever `truncating` says. 'post' cuts the end off: "
            "keep numbers[:maxlen].",
            _with(cut=_end_kept),
        ),
        Misconception(
            "padding and truncating exchanged",
            "`padding` decides what is cut, and `truncating` where the zeros go. It is the other "
            "way round.",
            _swapped,
        ),
        Misconception(
            "unknown words left out",
            "Unknown words are left out, as if nobody had said anything there. They get the "
            "number 1: *a word, but none we know*.",
            _with(number=_unknown_left_out),
        ),
        Misconception(
            "unknown words as padding",
            "Unknown words get the number 0, which means *no word here*. Theirs is 1.",
            _with(number=_unknown_as_padding),
        ),
        Misconception(
            "unknown words looked up",
            "A word without a number raises a KeyError. word_to_index.get(word, 1) gives 1 "
            "instead.",
            _with(number=_looked_up),
        ),
        Misconception(
            "padded with 1",
            "The rows are filled up with 1, which means *unknown word*. Padding is 0.",
            _with(pad=_with_ones),
        ),
        Misconception(
            "place in the dictionary",
            "You use a word's place in the dictionary. Its number is word_to_index[word].",
            _with(number=_place),
        ),
        Misconception(
            "split at white space",
            "`split()` leaves capitals, tags and full stops on the words, so they are not found. "
            "Use words_of.",
            _with(tokens=_split),
            (_with(tokens=_split_lower),),
        ),
        Misconception(
            "letters cut, not words",
            "The review is cut to maxlen letters. Part it into words first, then keep maxlen of "
            "those.",
            _cut_characters,
        ),
        Misconception(
            "a long review does not fit",
            "A review of more than maxlen words is not cut, so the rows are not all of one length.",
            _with(cut=lambda row, maxlen, end: row),
        ),
        Misconception(
            "written backwards",
            "The words stand in reverse. A row reads as the review was written; only the zeros "
            "and the cut move.",
            _with(number=lambda words, index: _numbers(words, index)[::-1]),
        ),
    ),
    hints=(
        "A review of 3 words, maxlen 5: at which positions do its numbers start with 'pre', and "
        "with 'post'? And which 5 of 7 words stay with each?",
        "word_to_index.get(word, 1) for each word of words_of(review). numbers[-maxlen:] are the "
        "last ones, numbers[:maxlen] the first. Start from np.zeros((m, maxlen), dtype=int).",
        "For each review: number its words; cut at the end that `truncating` names; write what is "
        "left into its row from position 0 ('post') or maxlen - len(numbers) ('pre').",
    ),
)
