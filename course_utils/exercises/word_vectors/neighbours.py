"""Which words are most similar to a word?

In the cases, other rules find other neighbours: vectors are of many lengths, one points away from
the word, one word has the very vector of the word asked about, and two others share one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
from numpy.linalg import norm

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import oracle
from .names import at_right_angles, draw_words, unit


def _cosine(u, v):
    return u @ v / (norm(u) * norm(v))


def _ranked(word, words, n, *, score: Callable = _cosine, leave_out=None, take=None, found=None):
    """List the n words of the greatest score, with one thing or another done wrong."""
    e = words[word.lower()]
    scores = {other: score(e, vector) for other, vector in words.items()}
    out = {word.lower()} if leave_out is None else leave_out(word, words)
    others = [other for other in words if other not in out]
    ranked = sorted(others, key=lambda other: -scores[other])
    chosen = ranked[:n] if take is None else take(ranked, n)
    return chosen if found is None else found(chosen, scores, words)


def _wrong(**changes):
    return partial(_ranked, **changes)


def _in_a_longer_list(word, words, n):
    """Take positions among the other words for positions among all."""
    e = words[word.lower()]
    scores = [-_cosine(e, vector) for other, vector in words.items() if other != word.lower()]
    return [list(words)[i] for i in np.argsort(scores)[:n]]


def _as_typed(word, words, n):
    e = words[word]
    scores = {other: _cosine(e, vector) for other, vector in words.items() if other != word}
    return sorted(scores, key=scores.get, reverse=True)[:n]


def _taken_out_of_the_map(word, words, n):
    e = words.pop(word.lower())
    return sorted(words, key=lambda other: -_cosine(e, words[other]))[:n]


def _last_dropped(word, words, n):
    """Sort upwards and drop the last word, which stands for the word itself."""
    scores = np.array([_cosine(words[word.lower()], vector) for vector in words.values()])
    return [list(words)[i] for i in np.argsort(scores)[::-1][1 : n + 1]]


def _filed_by_cosine(word, words, n, *, twice=False):
    """Find words by their cosines; of two with one vector, one is lost or one comes twice."""
    e = words[word.lower()]
    others = [other for other in words if other != word.lower()]
    # rounded: the same vector has the same cosine, however it is computed
    scores = [round(float(_cosine(e, words[other])), 12) for other in others]
    if twice:
        return [others[scores.index(score)] for score in sorted(scores, reverse=True)[:n]]
    by = dict(zip(scores, others, strict=True))
    return [by[score] for score in sorted(by, reverse=True)[:n]]


def _parts_of_words_left_out(word, words, n, *, within):
    word = word.lower()
    return _ranked(
        word, words, n, leave_out=lambda _, all_of: [w for w in all_of if within(word, w)]
    )


def most_similar(word: str, word_to_vec_map: Mapping, n: int) -> dict[str, Any]:
    """Return what is expected: the word is left out, and the others go by their cosines."""
    word = word.lower()
    e = word_to_vec_map[word]
    others = [
        (oracle.cosine_similarity(e, vector), other)
        for other, vector in word_to_vec_map.items()
        if other != word
    ]
    return _parts([other for _, other in sorted(others, reverse=True)[:n]], word_to_vec_map)


def _reading(args: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Part a list; if the word itself is in it, one more word has to take its place."""
    word = args["word"].lower()
    found = value.tolist() if isinstance(value, np.ndarray) and value.ndim == 1 else value
    if not isinstance(found, (list, tuple)) or list(found).count(word) != 1:
        return _parts(found, args["word_to_vec_map"])
    others = [other for other in found if other != word]
    others += most_similar(**args)["words"][len(others) : len(found)]
    return _parts(others, args["word_to_vec_map"], "in the list")


def _parts(words: Any, vectors: Mapping, itself: str = "left out") -> dict[str, Any]:
    """Tell apart which words are found, their order, and whether the word itself is among them.

    Two words with one vector that stand next to each other are put into alphabetical order.
    """
    if isinstance(words, (list, tuple)) and all(isinstance(w, str) and w in vectors for w in words):
        runs = groupby(words, key=lambda one: np.asarray(vectors[one]).tolist())
        words = [one for _, run in runs for one in sorted(run)]
    which = ", ".join(sorted(map(str, words))) if isinstance(words, (list, tuple)) else ""
    return {"the word itself": itself, "which words": which, "words": words}


def _first_flaw(args: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    """Name the first of several things that are wrong with a list at once."""
    words, found = args["word_to_vec_map"], value["words"]
    right = most_similar(**args)["words"]
    if not isinstance(found, (list, tuple)) or not all(isinstance(one, str) for one in found):
        return ""
    if strange := [one for one in found if one not in words]:
        return f"Your list holds '{strange[0]}', which is no word of the map."
    its = value["the word itself"] == "in the list"  # and a last word is added to those found
    if not its and len(set(found)) < len(found):
        twice = next(one for one in found if list(found).count(one) > 1)
        return f"Your list holds '{twice}' twice."
    if len(found) != len(right):
        few = f": {len(right)} is all there are" if len(right) < args["n"] else ""
        of_them = "other words" if its else "words"
        verb = "belongs" if len(right) == 1 else "belong"
        return f"Your list holds {len(found)} {of_them}, and {len(right)} {verb} there{few}."
    others = [name for name in words if name != args["word"].lower()]
    if set(found) != set(right) and set(found) == set(others[: len(right)]):
        return (
            "These are the first words of the map, whatever their cosines: are all of them "
            "compared, each by its own vector?"
        )
    order = [right.index(name) for name in (found[:-1] if its else found) if name in right]
    if order == sorted(order) or set(found) != set(right):
        return ""
    if order == sorted(order, reverse=True):
        return "The words go from the least similar to the most: turn them round."
    return "The words do not go by their cosines, from the greatest down."


def most_similar_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (word, word_to_vec_map, n)."""
    cases = [
        _case(rng, "5 of 40 words", None, size=40, n=5),
        _case(rng, "10 of 60 words", None, size=60, n=10, growth=1 / 1.2),
        _case(rng, "one neighbour", None, size=20, n=1),
        _case(rng, "more words asked for than there are", "few", size=6, n=8),
        _case(rng, "one word is part of another", "part", size=20, n=4),
        _case(rng, "a word with the same vector", "twin", size=20, n=4),
    ]
    (*_, twins) = cases  # whichever of the two is sorted to the front, the other one is left out
    backwards = dict(reversed(twins.args["word_to_vec_map"].items()))
    cases.append(
        Case(
            "a word with the same vector, later in the map",
            {**twins.args, "word_to_vec_map": backwards},
            twins.tags,
        )
    )
    for label, typed in (("a capital letter", str.capitalize), ("capitals", str.upper)):
        case = _case(rng, label, "capitals", size=20, n=4)
        cases.append(Case(label, {**case.args, "word": typed(case.args["word"])}, case.tags))
    return cases


def _case(
    rng: np.random.Generator, label: str, tag: str | None, *, size: int, n: int, growth=1.2
) -> Case:
    """Place words at cosines 0.03 apart, the nearer ones with the shorter vectors.

    With a `growth` below 1 it is the longer ones, so that the lengths alone tell nothing.
    """
    names, d = draw_words(rng, size), int(rng.integers(20, 40))
    e = unit(rng.normal(size=d))
    falling = 0.9 - 0.03 * np.arange(size - 2) + rng.uniform(-0.01, 0.01, size - 2)
    cosines = [*np.maximum(falling, -0.85 + 0.01 * np.arange(size - 2)[::-1] / size), -0.97]
    placed = [1.5 * e]
    for rank, cosine in enumerate(cosines):
        length = 0.3 * growth ** min(rank, 12) * rng.uniform(0.97, 1.03)
        across = at_right_angles(rng.normal(size=d), e)
        placed.append(length * (cosine * e + np.sqrt(1 - cosine**2) * across))
    if tag == "part":  # the two nearest: a longer word, and a shorter one
        names[1:3] = f"{names[0]}s", names[0][:-1]
    words = {names[i]: placed[i] for i in rng.permutation(size)}
    if tag == "twin":  # before the word itself in the map, and neither of them at an end of it
        first, twin, *others, last = (name for name in words if name != names[0])
        words = {name: words[name] for name in (first, twin, *others, names[0], last)}
        words[twin] = words[names[0]].copy()
        near, next_to_it, *_ = (name for name in names[1:] if name != twin)
        words[next_to_it] = words[near].copy()
    args = {"word": names[0], "word_to_vec_map": words, "n": n}
    tag = "others" if tag in ("part", "twin") else tag
    return Case(label, args, frozenset({tag} if tag else ()))


MOST_SIMILAR = Exercise(
    name="most_similar",
    difficulty=1,
    minutes=12,
    needs=("cosine_similarity",),
    returns="words",
    cases=most_similar_cases,
    oracle=most_similar,
    reading=_reading,
    diagnosis=_first_flaw,
    criteria=(
        Criterion("returns a list of n words", 1, ("words*",), aspect="shape"),
        Criterion("the words of the greatest cosine", 5, ("which words",)),
        Criterion(
            "the greatest cosine first",
            2,
            ("words*",),
            hint="The right words are there, in another order. By what are they sorted, and "
            "in which direction?",
        ),
        Criterion(
            "leaves the word itself out",
            3,
            ("the word itself",),
            beside=True,
            hint="The nearest word to any word is the word itself. Where do you pass over "
            "it, and is it spelled there as it is in the map?",
        ),
        Criterion("capital letters make no difference", 2, ("which words",), tag="capitals"),
        Criterion(
            "leaves no other word out",
            1,
            ("which words",),
            tag="others",
            hint="Two words can have the same vector, and one can be part of another. Do you "
            "leave out the very word alone, and does every other word keep a place of its own?",
        ),
        Criterion(
            "all others if there are fewer",
            1,
            ("which words",),
            tag="few",
            beside=True,
            hint="With fewer words than `n`, all of them are returned. Which line counts on "
            "there being n?",
        ),
        Criterion("leaves the map unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "the word itself in the list",
            "The word that was asked about is in your list: its cosine with itself is 1, and it "
            "tells nothing. Leave it out.",
            _wrong(leave_out=lambda word, words: ()),
        ),
        Misconception(
            "left out as it was typed",
            "You leave out the word as it was typed, so `River` does not rule out `river`. "
            "Lower-case it first, and use only that.",
            _wrong(leave_out=lambda word, words: {word}),
        ),
        Misconception(
            "no lower-casing",
            "The vectors are filed under lower-case words, so `River` is not found. Use "
            "word.lower() for the look-up.",
            _as_typed,
        ),
        Misconception(
            "the first of the list dropped",
            "You drop the first of all words, taking it for the word itself. A word with the same "
            "vector may stand there: leave the word out by its name.",
            _wrong(leave_out=lambda word, words: (), take=lambda ranked, n: ranked[1 : n + 1]),
            (_last_dropped,),
        ),
        Misconception(
            "the nearest of the others dropped",
            "The nearest of the other words is missing. The word itself is out already: what else "
            "do you take off the front?",
            _wrong(take=lambda ranked, n: ranked[1 : n + 1]),
        ),
        Misconception(
            "every word with the same vector left out",
            "You leave out every word that has the word's own vector. Another one is the best "
            "neighbour there can be: leave the word out by its name.",
            _wrong(
                leave_out=lambda word, words: {
                    other for other in words if np.array_equal(words[other], words[word.lower()])
                }
            ),
        ),
        Misconception(
            "words found by their cosines",
            "Two words with the same vector have the same cosine, and a word that is looked up by "
            "its cosine is the same one both times. Keep each word together with its cosine.",
            _filed_by_cosine,
            (partial(_filed_by_cosine, twice=True),),
        ),
        Misconception(
            "words left out by their letters",
            "A longer or shorter word that contains the same letters is left out, too, as `in` "
            "between two strings would do: `rivers` goes with `river`. Compare whole words: ==.",
            partial(_parts_of_words_left_out, within=lambda word, other: word in other),
            (partial(_parts_of_words_left_out, within=lambda word, other: other in word),),
        ),
        Misconception(
            "the least similar first",
            "These are the words of the smallest cosines. In which direction do you sort, and "
            "from which end do you take n?",
            _wrong(score=lambda u, v: -_cosine(u, v)),
            (_wrong(take=lambda ranked, n: ranked[-n:]),),
        ),
        Misconception(
            "the right words in another order",
            "These are the words, but not in order. Put the word of the greatest cosine first.",
            _wrong(take=lambda ranked, n: ranked[:n][::-1]),
            (
                _wrong(found=lambda chosen, scores, words: [w for w in words if w in chosen]),
                _wrong(found=lambda chosen, scores, words: sorted(chosen)),
            ),
        ),
        Misconception(
            "dot product instead of cosine",
            "Words with long vectors win, as in a plain dot product. Only the direction counts: "
            "divide by the length of each word's own vector, as your cosine_similarity does.",
            _wrong(score=lambda u, v: u @ v),
        ),
        Misconception(
            "divided by a length twice",
            "Each word is divided by its length twice, so short vectors win. Is a square root "
            "missing, or were the vectors scaled to length 1 already?",
            _wrong(score=lambda u, v: u @ v / (v @ v)),
        ),
        Misconception(
            "distance instead of cosine",
            "You look for the nearest tips of the vectors. That asks for a similar length too; "
            "here only the direction counts: use your cosine_similarity.",
            _wrong(score=lambda u, v: -norm(u - v)),
        ),
        Misconception(
            "absolute value of the cosine",
            "The sign is lost, so a word that points the opposite way counts as a close one. Keep "
            "the cosine as it is.",
            _wrong(score=lambda u, v: abs(_cosine(u, v))),
        ),
        Misconception(
            "cosines returned too",
            "You return pairs of a word and its cosine. Return the words alone.",
            _wrong(found=lambda chosen, scores, words: [(w, float(scores[w])) for w in chosen]),
        ),
        Misconception(
            "one word too few",
            "Your list is one word short. Take the word itself out first, then the best n of the "
            "rest.",
            _wrong(take=lambda ranked, n: ranked[: n - 1]),
        ),
        Misconception(
            "positions of a shorter list",
            "Your list of cosines leaves the word itself out, and your list of words does not, so "
            "a position in one means another word in the other. Skip it in both, or in neither.",
            _in_a_longer_list,
        ),
        Misconception(
            "the word taken out of the map",
            "You take the word out of `word_to_vec_map` itself, so it is gone for every cell "
            "below. Skip it, and leave the map as it is.",
            _taken_out_of_the_map,
        ),
    ),
    hints=(
        "You can already say how alike two words are. Which pairs of words must you compare, and "
        "which pair says nothing?",
        "Collect (cosine, word) for every other word; Python sorts such pairs by their first "
        "entry. A slice of a list that is too short is no error.",
        "Lower-case the word and look it up. Make a list of the other words, sort it by the cosine "
        "with the word, the greatest first, and return the first n.",
    ),
)


def by_pairs(word, word_to_vec_map, n):
    word, pairs = word.lower(), []
    for other in word_to_vec_map:
        if other != word:
            u, v = word_to_vec_map[word], word_to_vec_map[other]
            pairs.append((np.dot(u, v) / np.linalg.norm(u) / np.linalg.norm(v), other))
    pairs.sort(reverse=True)
    return [other for _, other in pairs[:n]]


def by_matrix(word, word_to_vec_map, n):
    words, E = list(word_to_vec_map), np.stack(list(word_to_vec_map.values()))
    row = words.index(word.lower())
    scores = E @ E[row] / np.linalg.norm(E, axis=1)
    return [words[i] for i in np.argsort(-scores) if i != row][:n]


def by_einsum(word, word_to_vec_map, n):
    e = word_to_vec_map[word.lower()]
    words = [other for other in word_to_vec_map if other != word.lower()]
    E = np.stack([word_to_vec_map[other] for other in words])
    scores = np.einsum("ij,j->i", E, e) / np.sqrt(np.einsum("ij,ij->i", E, E))
    return np.array(words)[np.argsort(scores)[::-1]][:n].tolist()


STYLES = {"most_similar": {"loop": by_pairs, "matrix": by_matrix, "einsum": by_einsum}}

SURVIVORS = {
    "most_similar": {
        "the transpose of a vector is the vector": """
            scores = E @ e{ -> .T} / np.linalg.norm(E, axis=1)
        """,
        "an even function of it: the sign goes out in the length": """
            scores = E @ e / np.linalg.norm({ -> -}E, axis=1)
        """,
        "axis 1 of a matrix is its last axis": """
            scores = E @ e / np.linalg.norm(E, axis={ -> -}1)
        """,
    },
}
