"""Word vectors notebook: the exercises, their misconceptions, and the reference answers."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.demos import withheld
from course_utils.exercises import assignment
from course_utils.exercises.word_vectors import oracle
from course_utils.exercises.word_vectors.equalizing import EQUALIZE
from course_utils.w2v_utils import nearest_words, read_glove_vecs
from tests.conftest import reference_answers

STEM = "05_word_vectors"
SOURCE = Path(__file__).parent.parent / "solutions" / f"{STEM}.py"
EXERCISES = assignment(STEM).exercises


def answer(name):
    return reference_answers(STEM)[name]


@cache
def glove():
    return read_glove_vecs()[1]


def test_a_partly_right_answer_earns_part_of_the_points(judged):
    by_name = {exercise.name: exercise for exercise in EXERCISES}

    def forgets_capitals(word, g, words):
        return oracle.neutralize(word, g, {word: words[word]})

    assert judged(by_name["neutralize"], forgets_capitals).points == 16
    swapped = judged(EQUALIZE, lambda *args: (oracle.equalize(*args)[0],) * 2)
    assert swapped.points == 20  # all but the second vector
    assert judged(by_name["complete_analogy"], lambda *args: args[-1] and "river").points == 0


@pytest.mark.parametrize(
    ("name", "mistake", "points"),
    [
        ("neutralize", "not divided by the squared length", 15),
        ("neutralize", "divided by the length once", 15),
        ("equalize", "projections not divided", 24),
        ("equalize", "not scaled to length 1 first", 24),
        ("most_similar", "the word itself in the list", 13),
        ("most_similar", "the right words in another order", 14),
        ("most_similar", "the first of the list dropped", 15),
        ("most_similar", "no lower-casing", 14),
    ],
)
def test_one_mistake_costs_one_criterion(judged, name, mistake, points):
    exercise = assignment(STEM)[name]
    (wrong,) = [m.wrong for m in exercise.misconceptions if m.name == mistake]
    for seed in range(5):
        result = judged(exercise, wrong, seed)
        assert sum(not criterion.passed for criterion in result.criteria) == 1
        assert result.points == points


def test_neighbours_cannot_be_had_from_the_helper_that_finds_them(judged):
    def borrowed(word, word_to_vec_map, n):
        e = word_to_vec_map[word.lower()]
        return [found for found, _ in nearest_words(e, word_to_vec_map, n, word.lower())]

    exercise = assignment(STEM)["most_similar"]
    assert judged(exercise, borrowed).status == "passed"
    with withheld():
        result = judged(exercise, borrowed)
    assert result.points == 0
    assert "it is not there while an answer is checked or graded" in result.summary


@pytest.mark.parametrize("form", [tuple, np.array], ids=["tuple", "array"])
def test_neighbours_may_come_in_another_container(judged, form):
    exercise = assignment(STEM)["most_similar"]
    result = judged(exercise, lambda *args: form(answer("most_similar")(*args)))
    assert result.status == "passed"


def test_checks_never_open_the_word_vectors():
    code = (
        "import sys, numpy as np; from course_utils.exercises import assignment\n"
        f"for e in assignment({STEM!r}).exercises:\n"
        "    [e.oracle(*c.args.values()) for c in e.cases(np.random.default_rng(0))]\n"
        "assert 'course_utils.w2v_utils' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=SOURCE.parent.parent)


def test_analogies_have_one_clear_answer():
    exercise = assignment(STEM)["complete_analogy"]
    for seed in range(20):
        for case in exercise.cases(np.random.default_rng(seed)):
            (best, _), *others = oracle.ranking(*case.args.values())
            assert not others or best - others[0][0] > 1e-2
            assert bool(others) == (40 <= len(case.args["word_to_vec_map"]) <= 150)


def _cosine(u, v):
    return u @ v / np.linalg.norm(u) / np.linalg.norm(v)


def _by_cosine(word, words, n):
    scores = {w: _cosine(words[word.lower()], v) for w, v in words.items() if w != word.lower()}
    by = {score: w for w, score in scores.items()}
    return [by[score] for score in sorted(by, reverse=True)[:n]]


def _no_longer_words(word, words, n):
    e, others = words[word.lower()], [w for w in words if word.lower() not in w]
    return sorted(others, key=lambda w: -_cosine(e, words[w]))[:n]


def _fits(a, b, c, words, *, leave_out, below=-2.0):
    given = [w.lower() for w in (a, b, c)]
    e_a, e_b, e_c = vectors = [words[w] for w in given]
    best, found = below, None
    for w, e in words.items():
        if w not in given and not leave_out(e, vectors) and _cosine(e_b - e_a, e - e_c) > best:
            best, found = _cosine(e_b - e_a, e - e_c), w
    return found


def _twins_of_all(e, vectors):
    return any(np.array_equal(e, other) for other in vectors)


SLIPS = {
    "cosine as a key": ("most_similar", _by_cosine, "leaves no other word out"),
    "in between strings": ("most_similar", _no_longer_words, "leaves no other word out"),
    "twins of all": (
        "complete_analogy",
        lambda *args: _fits(*args, leave_out=_twins_of_all),
        "never a word with the same vector as word_c, and any other may win",
    ),
    "one number shared": (
        "complete_analogy",
        lambda *args: _fits(*args, leave_out=lambda e, vectors: (e == vectors[2]).any()),
        "never a word with the same vector as word_c, and any other may win",
    ),
    "close to word_c": (
        "complete_analogy",
        lambda *args: _fits(*args, leave_out=lambda e, vectors: np.allclose(e, vectors[2], 0, 0.1)),
        "never a word with the same vector as word_c, and any other may win",
    ),
    "begins at -1": (
        "complete_analogy",
        lambda *args: _fits(
            *args, leave_out=lambda e, vectors: np.array_equal(e, vectors[2]), below=-1
        ),
        "the best fit even where every cosine is negative",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_that_few_words_show_costs_what_it_is_about(judged, slip):
    name, wrong, criterion = SLIPS[slip]
    for seed in range(4):
        result = judged(assignment(STEM)[name], wrong, seed)
        assert [each.name for each in result.criteria if not each.passed] == [criterion]


@pytest.mark.parametrize("seed", range(5))
def test_of_two_words_with_one_vector_either_may_come_first(judged, seed):
    def other_way_round(word, words, n):
        e = words[word.lower()]
        others = [w for w in reversed(words) if w != word.lower()]
        return sorted(others, key=lambda w: -round(_cosine(e, words[w]), 9))[:n]

    assert judged(assignment(STEM)["most_similar"], other_way_round, seed).status == "passed"


# the reference answers on the real vectors


@pytest.mark.parametrize(
    ("u", "v", "cosine"),
    [("father", "mother", 0.8909), ("ball", "crocodile", 0.2744)],
)
def test_cosines_of_words(u, v, cosine):
    assert answer("cosine_similarity")(glove()[u], glove()[v]) == pytest.approx(cosine, abs=5e-5)


def test_the_cosine_of_two_steps():
    e = glove()
    found = answer("cosine_similarity")(e["france"] - e["paris"], e["rome"] - e["italy"])
    assert found == pytest.approx(-0.6751, abs=5e-5)


def test_neighbours_of_words():
    found = answer("most_similar")("River", glove(), 4)
    assert found == ["rivers", "creek", "tributary", "valley"]
    assert answer("most_similar")("b", {"a": np.ones(2), "b": np.ones(2)}, 5) == ["a"]


def test_a_zero_vector_has_cosine_zero():
    zero, one = np.zeros(3), np.ones(3)
    for u, v in ((zero, one), (one, zero), (zero, zero)):
        assert answer("cosine_similarity")(u, v) == 0.0


@pytest.mark.parametrize(
    ("a", "b", "c", "d"),
    [
        ("Italy", "ITALIAN", "Spain", "spanish"),
        ("walk", "walked", "play", "threw"),
    ],
)
def test_analogies(a, b, c, d):
    assert answer("complete_analogy")(a, b, c, glove()) == d


def test_an_unknown_word_is_named():
    with pytest.raises(KeyError, match="qwertyish"):
        answer("complete_analogy")("italy", "italian", "Qwertyish", glove())
    with pytest.raises(KeyError, match="b"):
        answer("complete_analogy")("a", "b", "a", {"a": np.ones(2)})


def test_a_twin_of_word_c_is_not_the_answer_and_gives_no_nan():
    words = {
        "a": np.array([0.0, 0.0, 1.0]),
        "b": np.array([1.0, 0.0, 1.0]),
        "c": np.array([0.0, 2.0, 0.0]),
        "twin": np.array([0.0, 2.0, 0.0]),
        "d": np.array([1.0, 2.1, 0.0]),
    }
    with np.errstate(all="raise"):
        assert answer("complete_analogy")("a", "b", "c", words) == "d"


def test_no_axis_no_neutralizing():
    with pytest.raises(ValueError, match="zero"):
        answer("neutralize")("a", np.zeros(3), {"a": np.ones(3)})


def test_a_pair_the_axis_does_not_tell_apart_is_refused():
    g = np.array([2.0, 0.0, 0.0])
    pair = {"a": np.array([0.6, 0.8, 0.0]), "b": np.array([0.6, 0.0, 0.8])}
    for axis in (g, np.zeros(3)):
        with pytest.raises(ValueError, match="equal components along the axis"):
            answer("equalize")(("a", "b"), axis, pair)


def unit(vector):
    return vector / np.linalg.norm(vector)


@st.composite
def axis_and_words(draw):
    n = draw(st.integers(2, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    g = draw(st.floats(0.01, 100.0)) * unit(rng.normal(size=n))
    scale = draw(st.floats(0.01, 100.0))
    return g, {word: scale * rng.normal(size=n) for word in ("one", "two", "other")}


@settings(deadline=None)
@given(axis_and_words(), st.floats(-50, 50).filter(lambda k: abs(k) > 0.02))
def test_neutralizing_removes_the_axis_and_nothing_else(drawn, factor):
    g, words = drawn
    neutralize = answer("neutralize")
    e, rest = words["one"], neutralize("One", g, words)
    size = np.linalg.norm(e)
    assert abs(rest @ unit(g)) < 1e-12 * size
    assert np.allclose(np.outer(e - rest, g), np.outer(g, e - rest), atol=1e-9 * size)  # parallel
    again = neutralize("one", g, {"one": rest})
    assert np.allclose(again, rest, atol=1e-12 * size)
    assert np.allclose(neutralize("one", factor * g, words), rest, atol=1e-12 * size)


@settings(deadline=None)
@given(axis_and_words())
def test_equalizing_makes_a_pair_even(drawn):
    g, words = drawn
    neutralize, equalize = answer("neutralize"), answer("equalize")
    u, v = unit(words["one"]), unit(words["two"])
    if abs((u - v) @ unit(g)) < 1e-4:
        return
    e1, e2 = equalize(("one", "Two"), g, words)
    assert np.allclose([np.linalg.norm(e1), np.linalg.norm(e2)], 1.0)
    other = neutralize("other", g, words)
    assert np.isclose(np.linalg.norm(e1 - other), np.linalg.norm(e2 - other))
    assert np.isclose(e1 @ g, -(e2 @ g))
    assert np.sign(e1 @ g) == np.sign((u - v) @ g)
    middle = neutralize("m", g, {"m": (u + v) / 2})
    assert np.allclose((e1 + e2) / 2, middle, atol=1e-9)
    backwards = equalize(("two", "one"), g, words)
    assert np.allclose(backwards, (e2, e1))


def test_what_the_docstring_says_of_the_published_formula():
    rng = np.random.default_rng(0)
    (case, *_) = EQUALIZE.cases(rng)
    pair, g, words = case.args.values()
    by_name = {m.name: m for m in EQUALIZE.misconceptions}
    published = by_name["divided by the whole difference"], by_name["divided number by number"]
    neutral = oracle.neutralize(next(w for w in words if w not in pair), g, words)
    with_norm, number_by_number = (mistake.wrong(pair, g, words) for mistake in published)
    for e in with_norm:
        assert np.linalg.norm(e) < 0.99
    one, two = (np.linalg.norm(e - neutral) for e in number_by_number)
    assert abs(one - two) > 0.01
    one, two = (np.linalg.norm(e) for e in number_by_number)
    assert abs(one - two) > 0.01


def test_two_mistakes_of_which_one_raises_are_both_explained(judged):
    def nearest_by_distance(word_a, word_b, word_c, word_to_vec_map):
        goal = word_to_vec_map[word_b] - word_to_vec_map[word_a] + word_to_vec_map[word_c]
        others = [word for word in word_to_vec_map if word not in (word_a, word_b, word_c)]
        return min(others, key=lambda word: np.linalg.norm(word_to_vec_map[word] - goal))

    for seed in range(3):
        result = judged(assignment(STEM)["complete_analogy"], nearest_by_distance, seed)
        assert [name for name, _ in result.misconceptions] == ["nearest to the corner"]
        assert "in lower case" in result.note
