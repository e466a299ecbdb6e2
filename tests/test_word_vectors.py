"""Notebook 04: the exercises, their misconceptions, and the reference answers."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.exercises import assignment
from course_utils.exercises.word_vectors import oracle
from course_utils.exercises.word_vectors.equalizing import EQUALIZE
from course_utils.w2v_utils import read_glove_vecs
from tests.conftest import reference_answers

STEM = "04_word_vectors"
SOURCE = Path(__file__).parent.parent / "solutions" / f"{STEM}.py"
EXERCISES = assignment(STEM).exercises
SEEDS = range(4)


def answer(name):
    return reference_answers(STEM)[name]


@cache
def glove():
    return read_glove_vecs()[1]


def forms():
    return [
        pytest.param(exercise, m.name, form, id=f"{exercise.name}: {m.name}, {i}")
        for exercise in EXERCISES
        for m in exercise.misconceptions
        for i, form in enumerate(m.forms())
    ]


def test_the_record_is_complete():
    assert assignment(STEM).points == 100
    for exercise in EXERCISES:
        assert len(exercise.misconceptions) >= 5
        assert len(exercise.hints) == 3
        assert all(criterion.points > 0 for criterion in exercise.criteria)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_the_reference_earns_everything(judged, exercise):
    for seed in range(10):
        result = judged(exercise, answer(exercise.name), seed)
        assert result.status == "passed", (seed, result)
        assert result.points == exercise.points


@pytest.mark.parametrize(("exercise", "name", "form"), forms())
def test_a_misconception_fails_and_is_named_first(judged, exercise, name, form):
    for seed in SEEDS:
        with np.errstate(all="ignore"):
            result = judged(exercise, form, seed)
        assert result.status == "failed"
        assert result.points < exercise.points
        assert result.misconceptions, seed
        assert result.misconceptions[0][0] == name, seed


# other right ways to write each answer; `as_type` is float32 or float64


def loop_cosine(u, v):
    u, v = u.tolist(), v.tolist()
    dot = lengths_u = lengths_v = 0.0
    for a, b in zip(u, v, strict=True):
        dot, lengths_u, lengths_v = dot + a * b, lengths_u + a * a, lengths_v + b * b
    if not lengths_u or not lengths_v:
        return 0.0
    return dot / lengths_u**0.5 / lengths_v**0.5


def einsum_cosine(u, v):
    lengths = np.sqrt(np.einsum("i,i->", u, u) * np.einsum("i,i->", v, v))
    return np.einsum("i,i->", u, v) / lengths if lengths else 0.0


def normed_cosine(u, v):
    with np.errstate(all="ignore"):
        return np.nan_to_num(unguarded_cosine(u, v))


def unguarded_cosine(u, v):
    return np.sum(u / np.linalg.norm(u) * v / np.linalg.norm(v))


def loop_analogy(a, b, c, words):
    a, b, c = a.lower(), b.lower(), c.lower()
    best_word, best = None, -100
    for word in words:
        if word in (a, b, c):
            continue
        cosine = answer("cosine_similarity")(words[b] - words[a], words[word] - words[c])
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


def loop_neutralize(word, g, words):
    e = words[word.lower()]
    dot = sum(float(a) * float(b) for a, b in zip(e, g, strict=True))
    square = sum(float(b) * float(b) for b in g)
    return np.array([a - dot / square * b for a, b in zip(e, g, strict=True)])


def einsum_neutralize(word, g, words):
    e, unit = words[word.lower()], g / np.linalg.norm(g)
    return e - np.einsum("i,i,j->j", e, unit, unit)


def matrix_neutralize(word, g, words):
    return (np.eye(len(g), dtype=g.dtype) - np.outer(g, g) / (g @ g)) @ words[word.lower()]


def units(pair, words):
    return [words[word.lower()] / np.linalg.norm(words[word.lower()]) for word in pair]


def abs_equalize(pair, g, words):
    first, second = units(pair, words)
    mu = (first + second) / 2
    mu_B = np.dot(mu, g) / np.linalg.norm(g) ** 2 * g
    nu = mu - mu_B
    ends = []
    for e in (first, second):
        away = np.dot(e, g) / np.sum(g * g) * g - mu_B
        ends.append(np.sqrt(np.abs(1 - np.sum(nu**2))) * away / np.linalg.norm(away) + nu)
    return ends  # a list will do


def einsum_equalize(pair, g, words):
    E, unit = np.stack([words[word.lower()] for word in pair]), g / np.linalg.norm(g)
    E = E / np.linalg.norm(E, axis=1, keepdims=True)
    height = np.einsum("ij,j->i", E, unit)
    mu = E.mean(axis=0)
    nu = mu - np.einsum("i,i,j->j", mu, unit, unit)
    side = np.sign(height - height.mean())
    first, second = nu + np.sqrt(1 - nu @ nu) * side[:, None] * unit
    return first, second


def loop_equalize(pair, g, words):
    u, v, g = (x.astype(float).tolist() for x in (*units(pair, words), g))
    square = sum(x * x for x in g)
    along = [sum(a * b for a, b in zip(e, g, strict=True)) / square for e in (u, v)]
    middle = sum(along) / 2
    nu = [(a + b) / 2 - middle * x for a, b, x in zip(u, v, g, strict=True)]
    size = (1 - sum(x * x for x in nu)) ** 0.5 / square**0.5
    signs = [1 if times > middle else -1 for times in along]
    return tuple(
        np.array([n + sign * size * x for n, x in zip(nu, g, strict=True)]) for sign in signs
    )


RIGHT = {
    "cosine_similarity": (loop_cosine, einsum_cosine, normed_cosine),
    "complete_analogy": (loop_analogy, unguarded_loop_analogy, einsum_analogy),
    "neutralize": (loop_neutralize, einsum_neutralize, matrix_neutralize),
    "equalize": (abs_equalize, einsum_equalize, loop_equalize),
}


def in_type(value, as_type):
    if isinstance(value, dict):
        return {key: in_type(item, as_type) for key, item in value.items()}
    return value.astype(as_type) if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("as_type", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("exercise", "function"), [(e, f) for e in EXERCISES for f in RIGHT[e.name]]
)
def test_every_right_way_to_write_it_passes(judged, exercise, function, as_type):
    for seed in range(10):
        result = judged(
            exercise, lambda *args: function(*(in_type(arg, as_type) for arg in args)), seed
        )
        assert result.status == "passed", (seed, result)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_the_reference_passes_in_float32(judged, exercise):
    function = answer(exercise.name)
    for seed in range(10):
        result = judged(exercise, lambda *a: function(*(in_type(x, np.float32) for x in a)), seed)
        assert result.status == "passed", (seed, result)


def test_a_partly_right_answer_earns_part_of_the_points(judged):
    by_name = {exercise.name: exercise for exercise in EXERCISES}

    def forgets_capitals(word, g, words):
        return oracle.neutralize(word, g, {word: words[word]})

    assert judged(by_name["neutralize"], forgets_capitals).points == 17
    swapped = judged(EQUALIZE, lambda *args: (oracle.equalize(*args)[0],) * 2)
    assert 8 < swapped.points < 30
    assert judged(by_name["complete_analogy"], lambda *args: args[-1] and "river").points == 0


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
            (best, _), (second, _), *_ = oracle.ranking(*case.args.values())
            assert best - second > 1e-2
            assert 40 <= len(case.args["word_to_vec_map"]) <= 150


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


def test_a_zero_vector_has_cosine_zero():
    zero, one = np.zeros(3), np.ones(3)
    for u, v in ((zero, one), (one, zero), (zero, zero)):
        assert answer("cosine_similarity")(u, v) == 0.0


@pytest.mark.parametrize(
    ("a", "b", "c", "d"),
    [
        ("italy", "italian", "spain", "spanish"),
        ("india", "delhi", "japan", "tokyo"),
        ("man", "woman", "boy", "girl"),
        ("small", "smaller", "large", "larger"),
        ("Italy", "ITALIAN", "Spain", "spanish"),
    ],
)
def test_analogies(a, b, c, d):
    assert answer("complete_analogy")(a, b, c, glove()) == d


def test_analogies_agree_with_every_cosine_in_float64():
    words, E = glove().words, glove().matrix.astype(np.float64)
    rng = np.random.default_rng(0)
    for _ in range(5):
        given_words = [words[i] for i in rng.choice(20_000, 3, replace=False)]
        e_a, e_b, e_c = (glove()[word] for word in given_words)
        lengths = np.linalg.norm(E - e_c, axis=1)
        scores = (E @ (e_b - e_a) - e_c @ (e_b - e_a)) / np.where(lengths > 0, lengths, np.inf)
        scores[[glove().index[word] for word in given_words]] = -np.inf
        assert answer("complete_analogy")(*given_words, glove()) == words[int(scores.argmax())]


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
    published = next(m for m in EQUALIZE.misconceptions if "whole difference" in m.name)
    neutral = oracle.neutralize(next(w for w in words if w not in pair), g, words)
    with_norm, number_by_number = (form(pair, g, words) for form in published.forms())
    for e in with_norm:
        assert np.linalg.norm(e) < 0.99
    one, two = (np.linalg.norm(e - neutral) for e in number_by_number)
    assert abs(one - two) > 0.01
    one, two = (np.linalg.norm(e) for e in number_by_number)
    assert abs(one - two) > 0.01


def test_two_mistakes_of_which_one_raises_are_both_named(judged):
    def nearest_by_distance(word_a, word_b, word_c, word_to_vec_map):
        goal = word_to_vec_map[word_b] - word_to_vec_map[word_a] + word_to_vec_map[word_c]
        others = [word for word in word_to_vec_map if word not in (word_a, word_b, word_c)]
        return min(others, key=lambda word: np.linalg.norm(word_to_vec_map[word] - goal))

    for seed in range(3):
        result = judged(assignment(STEM)["complete_analogy"], nearest_by_distance, seed)
        assert {name for name, _ in result.misconceptions} == {
            "no lower-casing",
            "nearest to the corner",
        }
