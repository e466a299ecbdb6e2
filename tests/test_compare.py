"""Comparing, describing and locating differences."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.judging.compare import agrees, describe, differs, label, leaves, same
from course_utils.judging.difference import difference, show, show_both
from course_utils.judging.explaining.relations import Wrong, relation
from course_utils.judging.model import Case, Nested

AXES = {"a": ("unit", "example", "time step"), "m": ("row", "column")}


def one(expected, got, name="a"):
    (leaf,) = leaves((expected,), (got,), (name,))
    return leaf


def test_float32_noise_is_equal_and_a_thousandth_is_not():
    expected = np.random.default_rng(0).normal(size=(50, 4))
    assert not differs(expected, expected.astype(np.float32)).any()
    assert differs(expected, expected * 1.001).any()
    assert differs(expected, expected + 1e-3).all()


def test_nan_is_never_right_but_two_nans_are_the_same():
    nan = np.array([1.0, np.nan])
    assert differs(np.array([1.0, 2.0]), nan).tolist() == [False, True]
    assert same(nan, nan.copy())
    assert not same(nan, np.array([1.0, 2.0]))


def test_texts_are_shown_as_texts_also_out_of_an_array():
    words = np.array(["berry", "x" * 70])
    assert show_both(words[0], "orange") == ("'berry'", "'orange'")
    assert show(words[1]) == repr("x" * 57 + "...")
    assert show(None) == "None"


def test_a_number_is_shown_as_0_only_if_it_is_next_to_nothing():
    assert show_both(2.44e21, 18.1) == ("2.44e+21", "18.1")
    assert show_both(0.5, 1e-17) == ("0.5", "0")
    assert show_both(3e-12, 5e-12) == ("3e-12", "5e-12")


@pytest.mark.parametrize(
    ("got", "kind", "said"),
    [
        (np.zeros((2, 3, 4)), "ok", ""),
        (np.zeros((2, 3)), "shape", "should have shape (2, 3, 4), got (2, 3)"),
        (np.ones((2, 3, 4)), "value", ""),
        (None, "type", "None"),
        ("text", "type", "a string"),
        ([0.0], "type", "a list of 1"),
        (np.array(["x"]), "type", "an array of shape (1,)"),
    ],
)
def test_a_part_is_compared_by_kind_then_shape_then_value(got, kind, said):
    leaf = one(np.zeros((2, 3, 4)), got)
    assert leaf.kind == kind
    assert said in leaf.problem


def test_an_infinity_is_the_same_as_itself_only():
    assert same(np.array([1.0, np.inf]), np.array([1.0, np.inf]))
    assert not same(np.array([1.0, np.inf]), np.array([2.0, np.inf]))
    assert not same(np.array([1.0, np.inf]), np.array([1.0, -np.inf]))


def test_rows_of_an_array_serve_as_a_tuple_of_arrays():
    pair = (np.zeros(3), np.ones(3))
    assert [leaf.kind for leaf in leaves(pair, np.array(pair), ("e1", "e2"))] == ["ok", "ok"]
    (leaf, _) = leaves(pair, np.zeros((3, 3)), ("e1", "e2"))
    assert "a tuple of 2: (e1, e2), got an array of shape (3, 3)" in leaf.problem


def test_enough_digits_are_shown_to_see_the_difference():
    shown = difference(one(np.array([[0.125678]]), np.array([[0.1257]]), "m"), AXES, "")
    assert (shown.got, shown.expected) == (("0.1257",), ("0.12568",))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a_next", "`a_next`"),
        ("caches.steps.3.ft", "`ft` in the cache of step 3"),
        ("caches.steps", "the list of caches in `caches`"),
        ("caches.x", "`caches.x`"),
        ("", "the result"),
    ],
)
def test_parts_are_named_in_words(name, words):
    assert label(name) == words


def test_a_wrong_container_is_reported_for_every_part_below_it():
    expected = (np.zeros(2), (np.zeros(3), {"W": np.zeros(1)}))
    parts = ("a", Nested("cache", ("x", "weights")))
    found = list(leaves(expected, (np.zeros(2), None), parts))
    assert [(leaf.name, leaf.kind) for leaf in found] == [
        ("a", "ok"),
        ("cache.x", "type"),
        ("cache.weights.W", "type"),
    ]
    assert "`cache` should be a tuple of 2: (x, weights), got None" in found[1].problem


def test_missing_keys_and_wrong_lengths_are_said():
    (leaf,) = leaves({"dx": np.zeros(1)}, {"dX": np.zeros(1)})
    assert leaf.problem == "the returned dict lacks the key dx"
    _, missing = leaves((np.zeros(1), np.ones(1)), (np.zeros(1),), ("a", "b"))
    assert missing.problem == "the function should return a tuple of 2: (a, b), got 1"


A, B, C = np.arange(3.0), np.arange(4.0), np.ones(2)


@pytest.mark.parametrize(
    ("expected", "got", "kinds"),
    [
        ({"a": A, "b": B}, {"b": B + 1}, "type value"),  # the key that is there is compared
        ((A, B), A, "ok type"),
        ((A, B), (B,), "type ok"),
        ((A, B), B + 1, "type value"),  # by its shape, which is that of no other part
        ((A, B), C, "type type"),
        ((A, A + 1), A + 2, "type type"),
        ((A, B, C), (B, A), "ok type type"),  # in another order
        ((A, B), (C, A, B), "beside beside"),
        ((A, B), (C, A, B + 1), "beside type"),
        ((A, (B, C)), A, "ok type type"),
        ((A, {"b": B}), {"b": B}, "type ok"),
        ([A, B], [A], "type type"),  # steps: nothing tells which
        ((A, B), (A, C, B, C), "type type"),  # guesses
        ((A, B), [C] * 1000, "type type"),
    ],
)
def test_what_a_dict_or_tuple_does_hold_is_compared_though_something_is_missing(
    expected, got, kinds
):
    found = leaves(expected, got, ("a", "b", "c")[: len(expected)])
    assert [leaf.kind for leaf in found] == kinds.split()
    assert all(leaf.problem for leaf in found if leaf.kind in ("type", "beside"))


def test_parts_of_each_step_are_named_by_step():
    steps = [(np.zeros(1), np.zeros(2)), (np.zeros(1), np.zeros(2))]
    parts = (Nested("steps", ("a", "c"), each=True),)
    names = [leaf.name for leaf in leaves((steps,), (steps,), parts)]
    assert names == ["steps.0.a", "steps.0.c", "steps.1.a", "steps.1.c"]


def test_the_earliest_wrong_time_step_comes_first():
    expected = np.zeros((3, 2, 6))
    got = expected.copy()
    got[0, 0, 5] = got[2, 1, 3] = 1
    shown = difference(one(expected, got), AXES, "a case")
    assert shown.place == "unit 2, example 1, time step 3"
    assert shown.columns == ("1", "2", "3", "4", "5")
    assert shown.got[shown.focus] == "1"
    assert shown.expected[shown.focus] == "0"


def test_a_column_shows_its_neighbours_downwards():
    expected = np.zeros((4, 1))
    got = expected.copy()
    got[2, 0] = 7
    shown = difference(one(expected, got, "m"), AXES, "a case")
    assert (shown.along, shown.columns, shown.focus) == ("row", ("0", "1", "2", "3"), 2)


W = np.random.default_rng(1).normal(size=(3, 4))
T = np.random.default_rng(2).normal(size=(3, 2, 6))


@pytest.mark.parametrize(
    ("expected", "got", "name", "said"),
    [
        (W, W.T, "m", "the transpose"),
        (W, W.reshape(4, 3), "m", "only its shape is not"),
        (W, -W, "m", "wrong sign"),
        (W, 2 * W, "m", "2 times"),
        (W, W + 5, "m", "5 too large"),
        (W, 0 * W, "m", "all zeros"),
        (W, W * np.nan, "m", "nan"),
        (3 * W, (3 * W).astype(int), "m", "whole numbers only"),
        (W, W + np.inf, "m", "contains inf"),
        (W, np.tanh(W), "m", "another tanh"),
        (np.tanh(W), W, "m", "lacks the tanh"),
        (T, T[..., ::-1], "a", "backwards in time"),
        (T, np.where(np.arange(6) > 3, 0.5, T), "a", "up to time step 3 and wrong from step 4"),
        (T, np.where(np.arange(6) < 2, 0.5, T), "a", "right from time step 2 on"),
        (W, W**2, "m", ""),
    ],
)
def test_simple_patterns_are_noticed(expected, got, name, said):
    with np.errstate(all="ignore"):  # as `judge` has it
        note = relation([Wrong(Case("", {}), one(expected, got, name), {})], AXES)
    assert said in note if said else note == ""


def test_values_are_described_in_words():
    assert describe(np.zeros((2, 1))) == "an array of shape (2, 1)"
    assert describe({"a": 1}) == "a dict with the keys a"
    assert describe((1, 2)) == "a tuple of 2"


def test_texts_and_truth_values_must_be_equal():
    texts = np.array(["a", "bc"])
    assert [leaf.kind for leaf in leaves(texts, texts.copy())] == ["ok"]
    assert [leaf.kind for leaf in leaves(texts, np.array(["a", "bd"]))] == ["value"]
    assert [leaf.kind for leaf in leaves(texts, np.zeros(2))] == ["type"]
    assert [leaf.kind for leaf in leaves(True, False)] == ["value"]
    assert [leaf.kind for leaf in leaves(True, True)] == ["ok"]
    assert same(texts, texts.copy()) and not same(texts, np.array(["a", "b"]))
    assert same(np.array([True]), np.array([True])) and not same(np.True_, np.False_)


def test_beside_an_infinity_the_other_numbers_are_compared_too():
    hidden = np.array([1.0, 2.0, -np.inf])
    assert agrees(hidden.copy(), hidden)
    assert not agrees(np.array([1.0, 3.0, -np.inf]), hidden)
    assert not agrees(np.array([1.0, 2.0, -1e9]), hidden)
