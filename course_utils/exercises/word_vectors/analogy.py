"""A is to b as c is to which word?

The answer is the word whose step away from c points most nearly along d = e_b - e_a. In the cases,
there is a word for every other rule somebody might use, which that rule prefers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import intermediates, oracle
from .names import at_right_angles, draw_words, unit
from .similarity import loop_cosine, unguarded_cosine


def _cosines(E, e_a, e_b, e_c):
    """Return the cosine of e_b - e_a with the step from e_c to every word; 0 for no step."""
    return _cosine_with(E - e_c, e_b - e_a)


def _cosine_with(rows, d):
    lengths = np.linalg.norm(rows, axis=1)
    return rows @ d / (np.where(lengths > 0, lengths, 1) * np.linalg.norm(d))


def _search(
    a,
    b,
    c,
    words,
    *,
    score: Callable = _cosines,
    skip: str = "abc",
    lower="all",
    floor=None,
    at_first=None,
    choose: Callable = np.argmax,
):
    """Return the word of the greatest score, with one thing or another done wrong.

    Where no score is above `floor`, the answer stays what it was `at_first`.
    """
    given = dict(zip("abc", (a, b, c), strict=True))
    looked_up = {k: word.lower() if lower else word for k, word in given.items()}
    skipped = looked_up if lower in ("all", "") else given
    known, E = list(words), np.stack(list(words.values()))
    scores = score(E, *(words[word] for word in looked_up.values()))
    for letter in skip:
        if skipped[letter] in words:
            scores[known.index(skipped[letter])] = -np.inf
    best = choose(scores)
    return known[best] if floor is None or scores[best] > floor else at_first


def _by(score: Callable):
    return partial(_search, score=score)


def _multiplied(E, e_a, e_b, e_c, *, shift):
    a, b, c = (_cosine_with(E, e) + shift for e in (e_a, e_b, e_c))
    return b * c / (a + 1e-3)


def _skipping(letters: str, **more):
    return partial(_search, skip=letters, **more)


def _unguarded(E, e_a, e_b, e_c):
    return (E - e_c) @ (e_b - e_a) / np.linalg.norm(E - e_c, axis=1)


MARGIN = 0.02  # between the best cosine and the next: float32 is far finer


def complete_analogy_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (word_a, word_b, word_c, word_to_vec_map)."""
    return [
        _case(rng, "60 words", {"ordinary"}, n=25, size=60),
        _case(rng, "100 words", {"ordinary"}, n=50, size=100),
        _case(rng, "word_c close to word_a", {"given words"}, n=20, size=40, place="near a"),
        _case(rng, "word_c before word_a", {"given words"}, n=20, size=40, place="before a"),
        _case(rng, "capital letters", {"capitals"}, n=30, size=40, place="near a", capitals=True),
        _case(rng, "every step points away", {"all negative"}, n=20, size=40, place="behind"),
        _only_opposite(rng),
        _case(rng, "a word with the vector of word_c", {"twin"}, n=25, size=40, twin="c"),
        _case(
            rng,
            "a word with the vector of word_b",
            {"twin"},
            n=25,
            size=40,
            twin="b",
            place="near a",
        ),
    ]


def _only_opposite(rng: np.random.Generator) -> Case:
    """Leave one word, whose cosine is -1 exactly: whole numbers, and steps of whole length."""
    a, b, c, d = draw_words(rng, 4)
    e_a, e_c = rng.integers(-3, 4, (2, 4)).astype(float)
    step = rng.choice([-1.0, 1.0], 4)
    words = {d: e_c - 3 * step, a: e_a, b: e_a + 2 * step, c: e_c}
    args = {"word_a": a, "word_b": b, "word_c": c, "word_to_vec_map": words}
    return Case("one word is left, in the opposite direction", args, frozenset({"all negative"}))


def _case(rng, label, tags, *, n, size, place="apart", capitals=False, twin="") -> Case:
    for _ in range(200):
        words, (a, b, c) = _draw(rng, n, size, place, twin)
        (best, _), (second, _), *_ = oracle.ranking(a, b, c, words)
        if best - second > MARGIN:
            break
    else:
        raise RuntimeError(f"no clear analogy drawn for {label!r}")
    if capitals:
        a, b, c = a.capitalize(), b.upper(), c.capitalize()
    args = {"word_a": a, "word_b": b, "word_c": c, "word_to_vec_map": words}
    return Case(label, args, frozenset(tags))


def _draw(rng, n, size, place, twin) -> tuple[dict[str, np.ndarray], list[str]]:
    d = unit(rng.normal(size=n))
    e_a = unit(rng.normal(size=n))
    e_c = {
        "apart": e_a + 1.3 * _across(rng, d),
        "near a": e_a + 0.2 * _across(rng, d),
        "before a": e_a - d + 0.2 * _across(rng, d),
        "behind": e_a + 1.3 * _across(rng, d),
    }[place]
    placed = [e_a, e_a + d, e_c]
    if place == "behind":
        placed.append(e_c - 0.3 * d + 1.2 * _across(rng, d))  # the least wrong, cosine -0.24
        placed += [
            e_c - rng.uniform(0.6, 1.5) * d + rng.uniform(0.3, 1.0) * _across(rng, d)
            for _ in range(size - 4)
        ]
    else:
        placed += _answer_and_decoys(rng, d, e_a, e_c, place)
        if twin == "c":  # the answer is close to it, too, and one of its numbers is the same
            placed[3] = e_c + 0.05 * (placed[3] - e_c)
            same = np.argmin(np.abs(placed[3] - e_c))
            placed[3][same] = e_c[same]
        placed += {"b": [placed[1].copy()], "c": [e_c.copy()]}.get(twin, [])
        placed += [
            rng.uniform(0.5, 1.5) * unit(rng.normal(size=n)) for _ in range(size - len(placed))
        ]
    names = draw_words(rng, size)
    if place == "near a":
        names[3] = f"{names[0]}s"  # the answer: a given word is part of it
    elif place == "before a":
        names[3] = names[2][:-1]  # ... and the other way round
    words = {names[i]: placed[i] for i in rng.permutation(size)}
    if twin == "b":  # word_b comes last
        words[names[1]] = words.pop(names[1])
    return words, names[:3]


def _answer_and_decoys(rng, d, e_a, e_c, place) -> list[np.ndarray]:
    """Place the answer (cosine 0.92) and the words that other rules would choose."""
    placed = [
        e_c + 1.6 * d + 0.7 * _across(rng, d),  # the answer
        e_c + 0.9 * d + 0.55 * _across(rng, d),  # nearest to e_b - e_a + e_c
        0.25 * (e_c + d),  # in the direction of e_b - e_a + e_c
        e_c + 4.0 * d + 4.0 * _across(rng, d),  # far away: a large dot product
        e_c - 1.3 * d + 0.3 * _across(rng, d),  # the opposite step
        e_c + 0.05 * d + 0.05 * _across(rng, d),  # a short step: length subtracted, not divided
        e_c + d + _level(d),  # along d but for a constant: correlation
        e_c + 1.5 * _sparse(d),  # few numbers: a length by absolute values
    ]
    if place == "apart":
        placed += [
            e_a + 0.35 * d + 0.02 * _across(rng, d),  # the right step, but from a
            e_a + d + 2.5 * (e_c - e_a) + 0.02 * _across(rng, d),  # a is to c as b is to ...
            0.5 * d + 0.02 * _across(rng, d),  # itself along d, whatever c is
            e_a + d + 0.05 * _across(rng, d),  # next to b: divided by the distance from b
        ]
    return placed


def _level(d: np.ndarray) -> np.ndarray:
    """Return the same number everywhere, of length 1.2, on the side away from d."""
    level = np.full(d.size, 1.2 / np.sqrt(d.size))
    return -level if level @ d > 0 else level


def _sparse(d: np.ndarray) -> np.ndarray:
    """Return d with all but the largest fifth of its numbers set to 0, at length 1."""
    least = np.sort(np.abs(d))[-max(d.size // 5, 1)]
    return unit(np.where(np.abs(d) >= least, d, 0.0))


def _across(rng, d: np.ndarray) -> np.ndarray:
    """Draw a unit vector at right angles to the unit vector d."""
    return at_right_angles(rng.normal(size=d.size), d)


COMPLETE_ANALOGY = Exercise(
    name="complete_analogy",
    difficulty=2,
    minutes=20,
    needs=("cosine_similarity",),
    returns="the word",
    cases=complete_analogy_cases,
    oracle=oracle.complete_analogy,
    intermediates=intermediates.complete_analogy,
    criteria=(
        Criterion("returns one word", 1, aspect="shape"),
        Criterion("the word whose step fits best", 10, tag="ordinary"),
        Criterion(
            "never one of the three given words",
            5,
            tag="given words",
            hint="The best fit is often one of the given words. Which of the three does your "
            "loop pass over, and are they in lower case when it compares them?",
        ),
        Criterion("capital letters make no difference", 3, tag="capitals"),
        Criterion(
            "the best fit even where every cosine is negative",
            2,
            tag="all negative",
            hint="If every cosine is below zero, a word that makes no step at all would win "
            "with 0, and so would a search that begins at 0. Do you rule out both?",
        ),
        Criterion(
            "never a word with the same vector as word_c, and any other may win",
            2,
            tag="twin",
            hint="A word with the vector of word_c makes no step at all, so it may not win. A "
            "word close to it may, and so may one with the vector of word_b. Which words does "
            "your code leave out?",
        ),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
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
            "You answer with `word_c` itself: it is not skipped, or the search begins with it and "
            "finds nothing better. From it to itself there is no step, so its score is 0 (or 0/0) "
            "and says nothing.",
            _skipping("ab"),
            (_skipping("ab", score=_unguarded), _skipping("", score=_unguarded)),
            costs="never one of the three given words",
        ),
        Misconception(
            "0/0 wins",
            "A word with the same vector as `word_c` gives 0/0, which is nan, and sorting or "
            "np.argmax takes nan for the greatest of all. Give such a word no chance.",
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
            "You measure each word's step from `word_a` or `word_b`. The pair that is looked for "
            "starts at `word_c`: compare e_b - e_a with e_w - e_c.",
            _by(lambda E, e_a, e_b, e_c: _cosine_with(E - e_a, e_b - e_a)),
            (_by(lambda E, e_a, e_b, e_c: _cosine_with(E - e_b, e_b - e_a)),),
        ),
        Misconception(
            "no step taken",
            "You compare e_b - e_a with e_w itself, so `word_c` plays no part. A step is "
            "compared with a step: e_w - e_c.",
            _by(lambda E, e_a, e_b, e_c: _cosine_with(E, e_b - e_a)),
        ),
        Misconception(
            "the opposite step",
            "The answer lies in exactly the opposite direction. One of the two steps is turned "
            "round (e_a - e_b, or e_c - e_w), the smallest cosine is kept instead of the "
            "greatest, or the cosine's sign is dropped.",
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
            "You compare the words themselves with e_b, e_a and e_c, seen from the zero point "
            "(known as 3CosAdd). Here steps are compared: e_b - e_a with e_w - e_c.",
            _by(lambda E, e_a, e_b, e_c: _cosine_with(E, e_c + e_b - e_a)),
            (_by(lambda E, e_a, e_b, e_c: E @ (e_c + e_b - e_a)),),
        ),
        Misconception(
            "cosines multiplied",
            "You multiply the cosines of each word with e_b and e_c, and divide by that with e_a "
            "(known as 3CosMul). Here steps are compared: e_b - e_a with e_w - e_c.",
            _by(partial(_multiplied, shift=1.0)),
            (_by(partial(_multiplied, shift=0.0)),),
        ),
        Misconception(
            "best so far not kept",
            "You answer with the last word of the map, or the first. Either all words have one "
            "score, or it is not used: where a word beats the best so far, keep its score with "
            "it, and return after the loop.",
            partial(_search, choose=lambda scores: np.flatnonzero(scores > -np.inf)[-1]),
            (partial(_search, choose=lambda scores: np.flatnonzero(scores > -np.inf)[0]),),
        ),
        Misconception(
            "positions of a shorter list",
            "Your list of scores leaves out words that you skip, and your list of words does not, "
            "so a position in one means another word in the other. Skip in both, or in neither.",
            partial(_search, choose=lambda scores: np.argmax(scores[scores > -np.inf])),
        ),
        Misconception(
            "best so far starts too high",
            "No word beats your best so far. With which number does it begin, and which way round "
            "is the comparison? Every cosine may be negative, and the least is -1.",
            partial(_search, floor=0.0),
            (
                partial(_search, floor=0.0, at_first=""),
                partial(_search, floor=2.0),
                partial(_search, floor=2.0, at_first=""),
            ),
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


def loop_analogy(a, b, c, words):
    a, b, c = a.lower(), b.lower(), c.lower()
    best_word, best = None, -100
    for word in words:
        if word in (a, b, c):
            continue
        cosine = loop_cosine(words[b] - words[a], words[word] - words[c])
        if cosine > best:
            best_word, best = word, cosine
    return best_word


def unguarded_loop_analogy(a, b, c, words):
    a, b, c = a.lower(), b.lower(), c.lower()
    best_word, best = None, -2
    for word, e in words.items():
        with np.errstate(all="ignore"):
            cosine = unguarded_cosine(words[b] - words[a], e - words[c])
        if word not in (a, b, c) and cosine > best:
            best_word, best = word, cosine
    return best_word


def einsum_analogy(a, b, c, words):
    a, b, c = (word.lower() for word in (a, b, c))
    known, E = list(words), np.stack(list(words.values()))
    steps = E - words[c]
    lengths = np.sqrt(np.einsum("ij,ij->i", steps, steps))
    scores = np.einsum("ij,j->i", steps, words[b] - words[a]) / np.where(lengths > 0, lengths, 1)
    for i, word in enumerate(known):
        if word in (a, b, c) or lengths[i] == 0:
            scores[i] = -np.inf
    return known[int(np.argmax(scores))]


STYLES = {
    "complete_analogy": {
        "loop": loop_analogy,
        "loop past nan": unguarded_loop_analogy,
        "einsum": einsum_analogy,
    },
}

# the search by matrices, which the answer key does not use
ALSO = {
    "complete_analogy": """
def complete_analogy(word_a, word_b, word_c, word_to_vec_map):
    ### BEGIN SOLUTION
    given = [word.lower() for word in (word_a, word_b, word_c)]
    e_a, e_b, e_c = (word_to_vec_map[word] for word in given)
    words, E = as_matrix(word_to_vec_map)
    away = E - e_c
    lengths = np.linalg.norm(away, axis=1)
    scores = away @ (e_b - e_a) / np.where(lengths > 0, lengths, np.inf)
    scores[[words.index(word) for word in given]] = -np.inf
    return words[np.argmax(scores)]
    ### END SOLUTION
"""
}

SURVIVORS = {
    "complete_analogy": {
        "any number below -1 is less than every cosine": """
            best_word, best = (None, -{2 -> 200000}.0)
        """,
        "the cosine of two vectors is that of the same two exchanged": """
            cosine = cosine_similarity({e_b - e_a, step -> step, e_b - e_a})
        """,
        "no case has two words that fit equally well": """
            if cosine {> -> >=} best: best_word, best = (word, cosine)
        """,
        "a step of zero has the cosine 0, and only matters where every cosine is negative": """
            if word not in given and {step -> e_a}.any(): cosine = cosine_similarity(e_b - e_a, step) if cosine > best: best_word, best = (word, cosine)
            if word not in given and {step -> e_b}.any(): cosine = cosine_similarity(e_b - e_a, step) if cosine > best: best_word, best = (word, cosine)
            if word not in given and {step -> e_c}.any(): cosine = cosine_similarity(e_b - e_a, step) if cosine > best: best_word, best = (word, cosine)
            if word not in given and {step -> e_w}.any(): cosine = cosine_similarity(e_b - e_a, step) if cosine > best: best_word, best = (word, cosine)
        """,  # noqa: E501
        "a finite score plus -inf is -inf": """
            scores[[words.index(word) for word in given]] {= -> +=} -np.inf
        """,
        "an even function of it: the sign goes out in the square or the length": """
            lengths = np.linalg.norm({ -> -}away, axis=1)
        """,
        "axis 1 of a matrix is its last axis": """
            lengths = np.linalg.norm(away, axis={ -> -}1)
        """,
        "the transpose of a vector is the vector": """
            scores = away @ (e_b - e_a){ -> .T} / np.where(lengths > 0, lengths, np.inf)
        """,
    },
}
