"""Exercises 1 and 2: the most frequent words, numbered, and reviews as rows of these numbers."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import pairwise

import numpy as np

from course_utils.sentiment_utils import words_of

from ...judging.model import Criterion, Exercise, Misconception
from ..readings import missing_at_an_end, without_zeros
from . import oracle
from .cases import encoding_cases, vocabulary_cases

FIRST = 2  # number of a word


def _split_lower(review):
    return review.lower().split()


def _case_kept(review):
    kept = review.replace("<br />", " ")
    for mark in ".,!()":
        kept = kept.replace(mark, " ")
    return kept.split()


def _built(reviews, input_dim, *, tokens=words_of, count=lambda words: words,
           rank=lambda word, n: (-n, word), room=-2, first=2, more=()):  # fmt: skip
    """Build a vocabulary with one thing or another done wrong."""
    counts = Counter(word for review in reviews for word in count(tokens(review)))
    ranked = sorted(counts, key=lambda word: rank(word, counts[word]))
    numbers = {word: number for number, word in enumerate(ranked[: input_dim + room], first)}
    return {**dict(more), **numbers}


def _as_met(reviews, input_dim, *, last_first=False):
    """Decide ties by the order in which words are met."""
    counts = Counter(word for review in reviews for word in words_of(review))
    ranked = [word for word, _ in counts.most_common()][:: -1 if last_first else 1]
    ranked.sort(key=lambda word: -counts[word])
    return {word: number for number, word in enumerate(ranked[: input_dim - 2], 2)}


def _counts(reviews, input_dim):
    counts = Counter(word for review in reviews for word in words_of(review))
    return {word: counts[word] for word in _built(reviews, input_dim)}


def _turned_round(reviews, input_dim):
    return {number: word for word, number in _built(reviews, input_dim).items()}


def _ranked(args, value):
    """List the words in the order of their numbers, and the numbers."""
    ranked = sorted(value.items(), key=lambda pair: int(pair[1]))
    return {
        "words": np.array([word for word, _ in ranked]),
        "numbers": np.array([int(number) for _, number in ranked]),
    }


def _first_flaw(args, value) -> str:
    """Name the first of several things that are wrong with a vocabulary at once."""
    words, numbers = value["words"].tolist(), value["numbers"].tolist()
    said = Counter(word for review in args["reviews"] for word in words_of(review))
    if not words:
        return "Your dict is empty: is no word counted, or is none of them kept?"
    if not all(isinstance(word, str) for word in words):
        return ""
    if {*words} & {review for review in args["reviews"] if len(words_of(review)) > 1}:
        return "Your dict holds whole reviews. `words_of` splits a review into words."
    split = {word for review in args["reviews"] for word in review.split()}
    if strange := [word for word in words if word not in said and word not in split]:
        named = ", ".join(f"'{word}'" for word in strange[:3])
        if min(numbers) < FIRST:
            return (
                f"Your dict holds {named}, which no review says. 0 and 1 are only kept free: no "
                "word has them."
            )
        return f"Your dict holds {named}: no words as `words_of` splits the reviews."
    if strange := [word for word in words if word not in said]:
        return f"Your dict holds '{strange[0]}', which is no word as `words_of` splits them."
    room = args["input_dim"] - 2
    if len(words) > room:
        return f"Your dict holds {len(words)} words, and there is room for {room}: input_dim - 2."
    *_, last = args["reviews"]
    of_last = [*_built([last], args["input_dim"])]
    if {*words} != {*said} and words == of_last:
        return "These are the words of the last review alone. Where is the count begun?"
    if len(words) < min(room, len(said)):
        left = next(word for word in sorted(said, key=lambda w: -said[w]) if word not in words)
        return (
            f"Your dict holds {len(words)} of {len(said)} words, and there is room for {room}. "
            f"'{left}', said {said[left]} times, is not among them."
        )
    if min(numbers) != 2:
        return f"The least number is {min(numbers)}; numbers begin at 2."
    if any(said[one] < said[other] for one, other in pairwise(words)):
        return "The words do not stand in the order of how often they are said."
    return ""


BUILD_VOCABULARY = Exercise(
    name="build_vocabulary",
    difficulty=1,
    minutes=12,
    returns=(),
    axes={"words": ("rank",), "numbers": ("rank",)},
    cases=vocabulary_cases,
    oracle=oracle.build_vocabulary,
    reading=_ranked,
    diagnosis=_first_flaw,
    criteria=(
        Criterion("as many words as there is room for", 3, leaves=("words",), aspect="shape"),
        Criterion("the most frequent words, most frequent first", 4, leaves=("words",),
                  tag="ordinary"),
        Criterion("every time a word is said counts", 2, leaves=("words",), tag="said often",
            hint="A word that is said three times in one review counts three times. Do you "
                 "count whole words, or reviews that have them, or letters inside other words?"),
        Criterion("equally frequent words in alphabetical order", 2, leaves=("words",), tag="ties",
            hint="Of two equally frequent words the alphabet decides. What is the second "
                 "part of what you sort by, and does a reversed order turn it round as well?"),
        Criterion("words as words_of splits them", 1, leaves=("words",), tag="marks",
            hint="The docstring says which function splits a review into words. Is it the "
                 "one that you call?"),
        Criterion("numbers from 2 on, without gaps", 3, leaves=("numbers",),
            hint="0 and 1 are taken. Which number does the most frequent word get?"),
    ),
    misconceptions=(
        Misconception("no room for 0 and 1",
            "There are too many words, and the last ones fall off the end of the table. It has "
            "input_dim rows, of which 0 and 1 take two.",
            partial(_built, room=0),
            (partial(_built, room=-1), partial(_built, room=1)),
            costs="as many words as there is room for"),
        Misconception("one word too few",
            "The last row of the table stays empty: numbers may go up to input_dim - 1.",
            partial(_built, room=-3),
            costs="as many words as there is room for"),
        Misconception("numbered from 0 or 1",
            "The numbers begin too low: 0 is padding and 1 stands for unknown words. The most "
            "frequent word is number 2.",
            partial(_built, first=0),
            (partial(_built, first=1), partial(_built, first=0, room=0),
             partial(_built, first=1, room=-1), partial(_built, first=1, room=0)),
            costs="numbers from 2 on, without gaps"),
        Misconception("numbered from 3",
            "The numbers begin too high. 0 is padding and 1 is unknown, so the most frequent "
            "word is number 2.",
            partial(_built, first=3),
            (partial(_built, first=3, room=-3),),
            costs="numbers from 2 on, without gaps"),
        Misconception("reviews counted, not words",
            "A word that is said six times in one review counts once. Count every word, not the "
            "reviews that hold it, as a set or `in` does.",
            partial(_built, count=set),
            costs="every time a word is said counts"),
        Misconception("ties as they come",
            "Words said equally often stand in the order in which they were met, or its reverse, "
            "which another order of reviews would change. Decide ties by the alphabet.",
            _as_met,
            (partial(_as_met, last_first=True),)),
        Misconception("ties from z to a",
            "Words said equally often stand in reverse alphabetical order. A `reverse=True` would "
            "turn the ties round as well, and `>=` lets the last of them win.",
            partial(_built, rank=lambda word, n: (-n, [-ord(letter) for letter in word]))),
        Misconception("alphabetical order",
            "The words are ranked by the alphabet. Rank them by how often they are said, and use "
            "the alphabet for ties only.",
            partial(_built, rank=lambda word, n: word),
            (partial(_built, rank=lambda word, n: [-ord(letter) for letter in word]),)),
        Misconception("rarest first",
            "The rarest words come first, and those that matter fall off. Most frequent first.",
            partial(_built, rank=lambda word, n: (n, word))),
        Misconception("split at white space",
            "Your words are not those of `words_of`: capitals, tags or full stops stay on some of "
            "them, so 'Good', 'good.' and 'good' are three. Use it.",
            partial(_built, tokens=str.split),
            (partial(_built, tokens=_split_lower), partial(_built, tokens=_case_kept)),
            costs="words as words_of splits them"),
        Misconception("letters counted",
            "Letters are counted instead of words: a loop over a string goes through its letters. "
            "Split the review with words_of first.",
            partial(_built, tokens=list)),
        Misconception("all words kept",
            "No word is left out, so the numbers run past the end of a table of input_dim rows.",
            partial(_built, room=10**6),
            costs="as many words as there is room for"),
        Misconception("counts returned",
            "Each word is mapped to how often it was said. Its number is its rank: 2 for the most "
            "frequent word, 3 for the next.",
            _counts,
            costs="numbers from 2 on, without gaps"),
        Misconception("entries for 0 and 1",
            "The dict holds entries for padding or unknown words, which nobody writes in a review. "
            "0 and 1 are only kept free: no word has them.",
            partial(_built, more={"<pad>": 0, "<unk>": 1}),
            (partial(_built, more={"<unk>": 1}),),
            costs="numbers from 2 on, without gaps"),
        Misconception("turned round",
            "The dict maps numbers to words. We have the word and look for its number: word -> "
            "number.",
            _turned_round),
    ),
    hints=(
        "If the numbers must be below input_dim, and 0 and 1 are taken, how many words have room?",
        "collections.Counter counts whatever you go through; sorted(counts, key=...) with a key "
        "of two parts, (-counts[word], word), ranks them.",
        "Count words_of(review) over all reviews; sort by (-count, word); keep input_dim - 2; "
        "enumerate(..., start=2) gives the numbers.",
    ),
)  # fmt: skip


def _numbers(words, index):
    return [index.get(word, 1) for word in words]


def _raised(words, index, by, unknown=1):
    return [index[word] + by if word in index else unknown for word in words]


def _marked(words, index):
    """Number words as Keras's IMDB data does with its marks: 1 for the start, 2 for unknown."""
    return [1, *[index.get(word, 2) for word in words]]


def _cut(row, maxlen, end):
    return row[-maxlen:] if end == "pre" else row[:maxlen]


def _pad(row, maxlen, end, filler=0):
    filled = [filler] * (maxlen - len(row))
    return filled + row if end == "pre" else row + filled


def _at_other_end(step):
    return lambda row, maxlen, end: step(row, maxlen, "post" if end == "pre" else "pre")


def _always_at(step, end):
    return lambda row, maxlen, _: step(row, maxlen, end)


def _encoded(reviews, word_to_index, maxlen, padding, truncating, *, tokens=words_of,
             number=_numbers, cut=_cut, pad=_pad):  # fmt: skip
    """Encode reviews with one thing or another done wrong."""
    rows = []
    for review in reviews:
        row = cut(number(tokens(review), word_to_index), maxlen, truncating)
        rows.append(pad(row, maxlen, padding))
    return np.array(rows)


def _place(words, index):
    there = list(index)
    return [there.index(word) + 2 if word in index else 1 for word in words]


def _exchanged(reviews, word_to_index, maxlen, padding, truncating):
    return _encoded(reviews, word_to_index, maxlen, truncating, padding)


def _cut_by_padding(reviews, word_to_index, maxlen, padding, truncating, *, other):
    end = {"pre": "post", "post": "pre"}[padding] if other else padding
    return _encoded(reviews, word_to_index, maxlen, padding, end)


def _cut_letters(reviews, word_to_index, maxlen, padding, truncating):
    reviews = [_cut(review, maxlen, truncating) for review in reviews]
    return _encoded(reviews, word_to_index, maxlen, padding, truncating)


def _first_missing(args, value) -> str:
    """Say so if every word is unknown, or what is missing at an end of a row."""
    numbers, right = value["numbers"], oracle.encode_reviews(**args)["numbers"]
    if np.shape(numbers) == np.shape(right) and np.array_equal(numbers, np.minimum(right, 1)):
        return (
            "Every word gets 1, as if none had a number of its own. What is looked up, and where?"
        )
    return missing_at_an_end(numbers, right)


ENCODE_REVIEWS = Exercise(
    name="encode_reviews",
    difficulty=2,
    minutes=15,
    returns=(),
    axes={"indices": ("review", "position"), "numbers": ("review", "word")},
    cases=encoding_cases,
    oracle=oracle.encode_reviews,
    reading=lambda args, value: {"indices": value, "numbers": without_zeros(value)},
    diagnosis=_first_missing,
    criteria=(
        Criterion("an array of shape (m, maxlen)", 3, leaves=("indices",), aspect="shape"),
        Criterion("the words' numbers in order", 2, leaves=("numbers",), tag="short"),
        Criterion("padding='pre': zeros in front", 2, leaves=("indices",), tag="pre",
            hint="With 'pre' the numbers end at the right edge. At which position does the "
                 "first one stand, then?"),
        Criterion("padding='post': zeros behind", 2, leaves=("indices",), tag="post",
            hint="With 'post' the numbers begin at position 0. Does your code ask which "
                 "padding is wanted?"),
        Criterion("truncating='pre': the last maxlen words stay", 2, leaves=("numbers",),
                  tag="end kept",
            hint="'pre' cuts off in front. Which maxlen numbers are left?"),
        Criterion("truncating='post': the first maxlen words stay", 2, leaves=("numbers",),
                  tag="start kept",
            hint="'post' cuts off behind. Which maxlen numbers are left, and does your code "
                 "ask `truncating`, not `padding`?"),
        Criterion("unknown words are 1", 2, leaves=("numbers",), tag="unknown",
            hint="A word that the vocabulary lacks keeps its place. Which number stands "
                 "there?"),
        Criterion("words as words_of splits them", 1, leaves=("numbers",), tag="marks",
            hint="The docstring says which function splits a review into words. Is it the "
                 "one that you call?"),
    ),
    misconceptions=(
        Misconception("padded at the wrong end",
            "The zeros stand at the other end. 'pre' is before the words, 'post' after them.",
            partial(_encoded, pad=_at_other_end(_pad))),
        Misconception("always padded behind",
            "The zeros always stand behind, whatever `padding` says. With 'pre' they go in "
            "front, and the words end at the last position.",
            partial(_encoded, pad=_always_at(_pad, "post"))),
        Misconception("always padded in front",
            "The zeros always stand in front, whatever `padding` says. With 'post' they go "
            "behind the words.",
            partial(_encoded, pad=_always_at(_pad, "pre"))),
        Misconception("cut at the wrong end",
            "The wrong part of a long review is left. truncating='pre' cuts off its beginning, "
            "so the end stays; 'post' cuts off its end.",
            partial(_encoded, cut=_at_other_end(_cut))),
        Misconception("always the first words",
            "The first words always stay, whatever `truncating` says. 'pre' cuts the beginning "
            "off.",
            partial(_encoded, cut=_always_at(_cut, "post"))),
        Misconception("always the last words",
            "The last words always stay, whatever `truncating` says. 'post' cuts the end off.",
            partial(_encoded, cut=_always_at(_cut, "pre"))),
        Misconception("cut by the padding",
            "Which words stay depends on `padding`, and `truncating` says nothing. The two may "
            "differ or not: cut at the end that `truncating` names.",
            partial(_cut_by_padding, other=False),
            (partial(_cut_by_padding, other=True),)),
        Misconception("padding and truncating exchanged",
            "`padding` decides what is cut, and `truncating` where the zeros go. It is the other "
            "way round.",
            _exchanged),
        Misconception("unknown words left out",
            "Unknown words are left out, as if nobody had said anything there. They get the "
            "number 1: 'a word, but none we know'.",
            partial(_encoded, number=lambda words, index: [index[w] for w in words if w in index])),
        Misconception("unknown words as padding",
            "Unknown words get the number 0, which means 'no word here'. Theirs is 1.",
            partial(_encoded, number=lambda words, index: [index.get(w, 0) for w in words])),
        Misconception("unknown words as another word",
            "Unknown words get a number that belongs to a word: 2, for one, is the most frequent. "
            "Theirs is 1.",
            partial(_encoded, number=partial(_raised, by=0, unknown=2)),
            (partial(_encoded, number=partial(_raised, by=0, unknown=3)),)),
        Misconception("unknown words looked up",
            "A word without a number raises a KeyError. It should become 1, 'unknown'.",
            partial(_encoded, number=lambda words, index: [index[word] for word in words])),
        Misconception("a mark at the start",
            "Each review begins with a number that stands for no word of it: a start mark, as in "
            "Keras's own IMDB data. Here a row holds the review's words and zeros only.",
            partial(_encoded, number=lambda words, index: [1, *_numbers(words, index)]),
            (partial(_encoded, number=_marked),)),
        Misconception("something added to the numbers",
            "The words' numbers are too high: something is added to them. Take them from "
            "`word_to_index` as they are; 0 and 1 are kept free there already.",
            partial(_encoded, number=partial(_raised, by=1)),
            tuple(partial(_encoded, number=partial(_raised, by=by, unknown=unknown))
                  for by, unknown in ((2, 1), (3, 1), (1, 2), (2, 2), (3, 2)))),
        Misconception("padded with another number",
            "The rows are filled up with another number than 0. Only 0 is padding; 1 means "
            "'unknown word'.",
            partial(_encoded, pad=partial(_pad, filler=1)),
            (partial(_encoded, pad=partial(_pad, filler=-1)),),
            costs="padding='pre': zeros in front"),
        Misconception("place in the dictionary",
            "You use a word's place in the dictionary. Its number is word_to_index[word].",
            partial(_encoded, number=_place)),
        Misconception("split at white space",
            "Your words are not those of `words_of`: capitals, tags or full stops stay on some of "
            "them, so they are not found. Use it.",
            partial(_encoded, tokens=str.split),
            (partial(_encoded, tokens=_split_lower),
             partial(_encoded, tokens=lambda review: review.split(" ")),
             partial(_encoded, tokens=lambda review: review.lower().split(" "))),
            costs="words as words_of splits them"),
        Misconception("letters cut, not words",
            "The review is cut to maxlen letters. Split it into words first, then keep maxlen of "
            "those.",
            _cut_letters),
        Misconception("a long review does not fit",
            "A review of more than maxlen words is not cut, so the rows are not all of one length.",
            partial(_encoded, cut=lambda row, maxlen, end: row)),
        Misconception("written backwards",
            "The words stand in reverse. A row reads as the review was written; only the zeros "
            "and the cut move.",
            partial(_encoded, number=lambda words, index: _numbers(words, index)[::-1])),
    ),
    hints=(
        "A review of 3 words, maxlen 5: at which positions do its numbers start with 'pre', and "
        "with 'post'? And which 5 of 7 words stay with each?",
        "word_to_index.get(word, 1) for each word of words_of(review). numbers[-maxlen:] are the "
        "last ones, numbers[:maxlen] the first. Start from np.zeros((m, maxlen), dtype=int).",
        "For each review: number its words; cut at the end that `truncating` names; write what is "
        "left into its row from position 0 ('post') or maxlen - len(numbers) ('pre').",
    ),
)  # fmt: skip
