"""Exercise 2: a is to b as c is to which word?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .analogy_cases import complete_analogy_cases


def _cosines(E, e_a, e_b, e_c):
    """Return the cosine of e_b - e_a with the step from e_c to every word; 0 for no step."""
    return _cosine_with(E - e_c, e_b - e_a)


def _cosine_with(rows, d):
    lengths = np.linalg.norm(rows, axis=1)
    return rows @ d / (np.where(lengths > 0, lengths, 1) * np.linalg.norm(d))


def _search(
    a, b, c, words, *, score: Callable = _cosines, skip: str = "abc", lower="all", floor=None
):
    """Return the word of the greatest score, with one thing or another done wrong."""
    given = dict(zip("abc", (a, b, c), strict=True))
    looked_up = {k: word.lower() if lower else word for k, word in given.items()}
    skipped = looked_up if lower in ("all", "") else given
    known, E = list(words), np.stack(list(words.values()))
    scores = score(E, *(words[word] for word in looked_up.values()))
    for letter in skip:
        if skipped[letter] in words:
            scores[known.index(skipped[letter])] = -np.inf
    best = int(np.argmax(scores))
    return known[best] if floor is None or scores[best] > floor else None


def _by(score: Callable):
    return partial(_search, score=score)


def _skipping(letters: str, **more):
    return partial(_search, skip=letters, **more)


def _unguarded(E, e_a, e_b, e_c):
    return (E - e_c) @ (e_b - e_a) / np.linalg.norm(E - e_c, axis=1)


COMPLETE_ANALOGY = Exercise(
    name="complete_analogy",
    difficulty=2,
    minutes=20,
    needs=("cosine_similarity",),
    returns="the word",
    cases=complete_analogy_cases,
    oracle=oracle.complete_analogy,
    criteria=(
        Criterion("returns one word", 2, aspect="shape"),
        Criterion("the word whose step fits best", 12, tag="ordinary"),
        Criterion("never one of the three given words", 6, tag="given words"),
        Criterion("capital letters make no difference", 4, tag="capitals"),
        Criterion("the best fit even where every cosine is negative", 2, tag="all negative"),
        Criterion("never a word with the same vector as word_c", 2, tag="twin"),
        Criterion("leaves its inputs unmodified", 2, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "no lower-casing",
            "The vectors are filed under lower-case words, so `Italy` is not found. Lower-case "
            "the three words before looking them up.",
            partial(_search, lower=""),
        ),
        Misconception(
            "lower-cased for the look-up only",
            "You look up the lower-case words but skip them as they were typed, so `Rome` no "
            "longer rules out `rome`. Lower-case first, then use only those.",
            partial(_search, lower="look-up"),
        ),
        Misconception(
            "word_b not skipped",
            "You answer with `word_b`, which often fits best of all: e_b - e_c is nearly "
            "e_b - e_a when a and c are close. Skip all three given words.",
            _skipping("ac"),
            (_skipping("c"), _skipping("")),
        ),
        Misconception(
            "word_a not skipped",
            "You answer with `word_a`. It can fit by accident, and it is never what the "
            "question asks for: skip all three given words.",
            _skipping("bc"),
        ),
        Misconception(
            "word_c not skipped",
            "You answer with `word_c` itself. From it to itself there is no step, so its score "
            "is 0 (or 0/0) and says nothing: skip all three given words.",
            _skipping("ab"),
            (_skipping("ab", score=_unguarded), _skipping("", score=_unguarded)),
        ),
        Misconception(
            "0/0 wins",
            "A word with the same vector as `word_c` gives 0/0, which is nan, and np.argmax "
            "takes nan for the greatest of all. Give such a word no chance.",
            _by(_unguarded),
        ),
        Misconception(
            "dot product instead of cosine",
            "You compare by dot product, so a word far from `word_c` wins by the sheer length "
            "of its step. Only the direction counts: use the cosine.",
            _by(lambda E, e_a, e_b, e_c: (E - e_c) @ (e_b - e_a)),
        ),
        Misconception(
            "step taken from e_a",
            "You measure each word's step from `word_a`. The pair that is looked for starts at "
            "`word_c`: compare e_b - e_a with e_w - e_c.",
            _by(lambda E, e_a, e_b, e_c: _cosine_with(E - e_a, e_b - e_a)),
        ),
        Misconception(
            "no step taken",
            "You compare e_b - e_a with e_w itself, so `word_c` plays no part. A step is "
            "compared with a step: e_w - e_c.",
            _by(lambda E, e_a, e_b, e_c: _cosine_with(E, e_b - e_a)),
        ),
        Misconception(
            "the opposite step",
            "The answer lies in exactly the opposite direction: the step is e_a - e_b, or the "
            "smallest cosine is kept instead of the greatest, or the cosine's sign is dropped.",
            _by(lambda E, e_a, e_b, e_c: _cosines(E, e_b, e_a, e_c)),
            (_by(lambda E, e_a, e_b, e_c: _cosine_with(e_c - E, e_b - e_a)),),
        ),
        Misconception(
            "b and c exchanged",
            "You solve another analogy: a is to c as b is to ... Here the step goes from "
            "`word_a` to `word_b`, and it is taken again from `word_c`.",
            _by(lambda E, e_a, e_b, e_c: _cosine_with(E - e_b, e_c - e_a)),
        ),
        Misconception(
            "nearest to the corner",
            "You look for the word nearest to the point e_c + e_b - e_a. That asks for the same "
            "length of step too; here only its direction counts, by cosine.",
            _by(lambda E, e_a, e_b, e_c: -np.linalg.norm(E - (e_c + e_b - e_a), axis=1)),
        ),
        Misconception(
            "cosine with the corner",
            "You take the cosine of each word with e_c + e_b - e_a, seen from the zero point "
            "(known as 3CosAdd). Here steps are compared: e_b - e_a with e_w - e_c.",
            _by(lambda E, e_a, e_b, e_c: _cosine_with(E, e_c + e_b - e_a)),
        ),
        Misconception(
            "best so far starts too high",
            "Where every cosine is negative, nothing beats a best-so-far of 0 and no word comes "
            "back. Start below -1, the least a cosine can be.",
            partial(_search, floor=0.0),
            (lambda *args: _search(*args, floor=0.0) or "",),
        ),
    ),
    hints=(
        "From a to b is a step. Which other step should point the same way, and where does it "
        "start?",
        "e_b - e_a is (n,). `as_matrix` gives every word as a row of E, (n_words, n): E @ d "
        "compares all of them with d at once. A loop over the words is right too, only slower.",
        "For every word but the three: cosine of (e_b - e_a) with (e_w - e_c); keep the word of "
        "the greatest. All at once: numerator E @ d - e_c @ d; squared length of each step "
        "|e_w|^2 - 2 e_w.e_c + |e_c|^2.",
    ),
)
