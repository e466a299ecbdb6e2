"""Probes reduce whatever a function returns or raises to plain data."""

from __future__ import annotations

import collections

import numpy as np
import pytest

from course_utils.observing import plain_data
from course_utils.observing.plain_data import Opaque
from course_utils.observing.probes import call


def observe(function, **args):
    return call({"f": function}, "f", args)


def test_values_come_back_as_plain_copies():
    array = np.arange(3)
    seen = observe(lambda x: (array, [1, 2.5], {"k": "text", 2: None}, True), x=0)
    array[:] = 0
    value = seen["value"]
    assert value[0].tolist() == [0, 1, 2]
    assert value[1:] == ([1, 2.5], {"k": "text", "2": None}, True)
    assert isinstance(value[1][0], np.ndarray)


def test_arguments_are_copied_and_reported_after_the_call():
    x = np.zeros(2)

    def f(x):
        x += 1

    seen = observe(f, x=x)
    assert x.tolist() == [0, 0]
    assert seen["changed"]["x"].tolist() == [1, 1]


def test_arguments_are_copied_whole_and_what_is_one_object_stays_one():
    shared = np.zeros(2)
    odd = np.array([[1], "a"], dtype=object)
    args = {"one": shared, "both": [shared, {"again": (shared,)}], "odd": odd, "set": {1}}

    def spoil(one, both, odd, others):
        assert both[0] is one and both[1]["again"][0] is one
        one += 1
        both.append(2)
        odd[0].append(2)
        others.add(2)
        return one

    after = call({"spoil": spoil}, "spoil", args)["changed"]
    assert set(after) == set(args)  # of a set it cannot be told: it counts as changed
    assert after["both"][1]["again"][0].tolist() == [1, 1]
    assert shared.tolist() == [0, 0] and len(args["both"]) == 2
    assert odd[0] == [1] and args["set"] == {1}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["list"].append(1),
        lambda d: d["list"][1].pop("key"),
        lambda d: d["list"][1].update(new=2),
        lambda d: d["list"][1].update(key="other"),
        lambda d: d.update(number=1),
        lambda d: d.update(number=0.0),
        lambda d: d.update(nothing=False),
        lambda d: d.update(tuple=[d["array"], d["array"]]),
        lambda d: d["array"].fill(0),
        lambda d: d["array"].resize((2, 1)),
        lambda d: d.update(array=d["array"].astype("float32")),
        lambda d: d.update(array=d["array"].tolist()),
        lambda d: d["tuple"][1].__setitem__(0, -0.0),
    ],
)
def test_every_change_of_an_argument_is_seen_and_no_other(change):
    array = np.array([0.0, np.nan])
    args = {
        "other": {"array": array, 2: [None]},
        "d": {
            "array": array,
            "tuple": (array, np.zeros(2)),
            "list": [True, {"key": "text", "again": array}],
            "number": 0,
            "nothing": None,
        },
    }
    assert call({"f": lambda other, d: None}, "f", args)["changed"] == {}
    copied = {**args, "other": {"array": array.copy(), 2: [None]}}
    assert set(call({"f": lambda other, d: change(d) or d}, "f", copied)["changed"]) == {"d"}


def test_named_tuples_and_array_likes_are_plain():
    pair = collections.namedtuple("pair", "a b")

    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return np.ones(2)

    seen = observe(lambda: pair(1, Tensor()))
    assert type(seen["value"]) is tuple
    assert seen["value"][1].tolist() == [1, 1]


@pytest.mark.parametrize(
    "value", [object(), lambda: 0, np.array([object()]), {1, 2}, int, np.array("2020", "M8[D]")]
)
def test_anything_else_is_opaque(value):
    assert isinstance(observe(lambda: value)["value"], Opaque)


@pytest.mark.parametrize(
    "value",
    [np.zeros(plain_data.MAX_BYTES), [0] * (plain_data.MAX_LEAVES + 1)],
    ids=["bytes", "parts"],
)
def test_too_much_is_refused(value):
    assert observe(lambda: value)["status"] == "too_large"


def test_an_endless_nest_is_refused():
    nest = []
    nest.append(nest)
    assert observe(lambda: nest)["status"] == "too_large"


def test_errors_are_told_with_the_learners_own_line():
    namespace = {}
    exec(
        "def f(x):\n    y = x\n    return helper(y)\ndef helper(y):\n    return y['a']\n", namespace
    )
    seen = call(namespace, "f", {"x": {}})
    assert (seen["status"], seen["type"], seen["where"], seen["line"]) == (
        "raised",
        "KeyError",
        "helper",
        5,
    )


def test_exit_is_an_error_like_any_other():
    def f():
        raise SystemExit(3)

    assert observe(f)["type"] == "SystemExit"


def test_an_exception_that_cannot_be_printed_does_no_harm():
    class Nasty(Exception):
        def __str__(self):
            raise RuntimeError

    def f():
        raise Nasty

    assert observe(f)["message"] == ""


def test_not_implemented_names_the_function_that_is_not():
    namespace = {}
    exec("def f():\n    return g()\ndef g():\n    raise NotImplementedError\n", namespace)
    assert call(namespace, "f", {}) == {"status": "not_attempted", "where": "g"}
    assert call(namespace, "g", {})["where"] == "g"


def test_what_a_library_does_not_implement_is_an_error_of_the_answer():
    namespace = {"library": compile("raise NotImplementedError('no such mode')", "library", "exec")}
    exec("def f():\n    exec(library, {})\n", namespace)
    seen = call(namespace, "f", {})
    assert (seen["status"], seen["type"], seen["where"]) == ("raised", "NotImplementedError", "f")


def test_a_missing_name_lists_what_is_defined():
    namespace = {"np": np, "print": print}
    exec("def rnn_forwards(): pass", namespace)
    assert call(namespace, "rnn_forward", {}) == {"status": "missing", "similar": ["rnn_forwards"]}


@pytest.mark.parametrize("depth", [15, 300])
def test_a_dict_that_stands_in_many_places_is_bounded_as_if_written_out(depth):
    chain = [{"x": np.zeros(2)}]
    for _ in range(depth):
        chain.append({"x": chain[-1]})
    seen = observe(lambda: chain)
    assert seen["status"] == ("returned" if depth < 20 else "too_large")
    if depth < 20:
        assert seen["value"][3]["x"]["x"]["x"]["x"].shape == (2,)


def test_a_dict_that_doubles_with_every_step_is_too_large():
    doubled = {"x": 1.0}
    for _ in range(18):
        doubled = {"a": doubled, "b": doubled}
    assert observe(lambda: doubled)["status"] == "too_large"
