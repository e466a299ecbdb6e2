"""RNN notebook: other forms of a right answer pass, and slips that print well are caught."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.exercises.rnn_step_by_step.lstm_forward import lstm_cell, lstm_sequence
from course_utils.exercises.rnn_step_by_step.rnn_backward import rnn_back, rnn_cell_back
from course_utils.exercises.rnn_step_by_step.rnn_forward import rnn_cell, rnn_sequence
from course_utils.rnn_utils import softmax

LSTM_CACHE = ("a_next", "c_next", "a_prev", "c_prev", "ft", "it", "cct", "ot", "xt", "parameters")


def test_a_list_for_a_tuple_and_extra_keys_are_no_mistake(judged):
    exercise = find("rnn_cell_forward")[1]
    assert judged(exercise, lambda *a: list(rnn_cell(*a))).status == "passed"
    exercise = find("rnn_cell_backward")[1]
    assert judged(exercise, lambda *a: rnn_cell_back(*a) | {"dz": 1}).status == "passed"


# The slips that the published tests let through, written from scratch as a learner would.


def tanh_of_each(xt, a_prev, p):
    a_next = np.tanh(p["Waa"] @ a_prev) + np.tanh(p["Wax"] @ xt) + np.tanh(p["ba"])
    return a_next, softmax(p["Wya"] @ a_next + p["by"]), (a_next, a_prev, xt, p)


def y_from_a_prev(xt, a_prev, p):
    a_next = np.tanh(p["Waa"] @ a_prev + p["Wax"] @ xt + p["ba"])
    return a_next, softmax(p["Wya"] @ a_prev + p["by"]), (a_next, a_prev, xt, p)


def zero_after_five(forward):
    def wrong(x, a0, p):
        a, *rest = forward(x, a0, p)
        a = a.copy()
        a[:, :, 5:] = 0
        return (a, *rest)

    return wrong


def every_cache_the_first(forward):
    def wrong(x, a0, p):
        *results, (caches, x) = forward(x, a0, p)
        return (*results, ([caches[0] for _ in caches], x))

    return wrong


def c_next_plus_five(xt, a_prev, c_prev, p):
    a_next, c_next, y, cache = lstm_cell(xt, a_prev, c_prev, p)
    return a_next, c_next + 5, y, cache


def c_plus_five(x, a0, p):
    a, y, c, caches = lstm_sequence(x, a0, p)
    return a, y, c + 5, caches


def _loop(first_c):
    """Run an LSTM as a learner would; `first_c(c, a0)` is the first cell state."""

    def forward(x, a0, p):
        n_a, m, T_x = *a0.shape, x.shape[2]
        a, c, y = np.zeros((n_a, m, T_x)), np.zeros((n_a, m, T_x)), []
        a_next, c_next, caches = a0, first_c(c, a0), []
        for t in range(T_x):
            a_next, c_next, yt_pred, cache = lstm_cell(x[:, :, t], a_next, c_next, p)
            a[:, :, t], c[:, :, t] = a_next, c_next
            y.append(yt_pred)
            caches.append(cache)
        return a, np.stack(y, axis=2), c, (caches, x)

    return forward


overwrites_the_first_cache = _loop(lambda c, a0: c[:, :, 0])
starts_as_a0 = _loop(lambda c, a0: a0)
starts_as_a_number = _loop(lambda c, a0: 0)


SLIPS = [
    ("rnn_cell_forward", tanh_of_each, "tanh of each term"),
    ("rnn_cell_forward", y_from_a_prev, "y from a_prev"),
    ("rnn_forward", zero_after_five(rnn_sequence), "stops after a fixed number of steps"),
    ("lstm_forward", zero_after_five(lstm_sequence), "stops after a fixed number of steps"),
    ("rnn_forward", every_cache_the_first(rnn_sequence), "every cache the first"),
    ("lstm_forward", every_cache_the_first(lstm_sequence), "every cache the first"),
    ("lstm_cell_forward", c_next_plus_five, "c_next shifted"),
    ("lstm_forward", c_plus_five, "c shifted"),
]


@pytest.mark.parametrize(
    ("name", "slip", "called"), [pytest.param(*slip, id=f"{slip[0]}-{slip[2]}") for slip in SLIPS]
)
@pytest.mark.parametrize("seed", range(5))
def test_slips_that_published_tests_let_through_are_named(name, slip, called, seed, judged):
    result = judged(find(name)[1], slip, seed)
    assert result.status == "failed"
    assert called in [named for named, _ in result.misconceptions]


def test_two_mistakes_at_once_are_both_named(judged):
    def wrong(xt, a_prev, p):
        a_next = np.tanh(p["Waa"] @ a_prev + p["Wax"] @ xt)  # no bias
        return a_next, softmax(p["Wya"] @ a_prev + p["by"]), (a_next, a_prev, xt, p)

    result = judged(find("rnn_cell_forward")[1], wrong)
    assert {name for name, _ in result.misconceptions} == {"bias ba forgotten", "y from a_prev"}


def adds_a_key(xt, a_prev, p):
    p["last"] = a_prev
    return rnn_cell(xt, a_prev, p)


def adds_in_place(da, caches):
    kept, x = caches
    total = rnn_back(da, caches)
    da += 1
    return total


@pytest.mark.parametrize(
    ("name", "wrong", "argument"),
    [("rnn_cell_forward", adds_a_key, "parameters"), ("rnn_backward", adds_in_place, "da")],
)
def test_changing_an_argument_is_noticed_and_said_first(name, wrong, argument, judged):
    result = judged(find(name)[1], wrong)
    assert result.summary == f"`{name}` changes its argument `{argument}` in place."
    assert [c.name for c in result.criteria if not c.passed] == ["leaves its inputs unmodified"]


NOT_MISNAMED = {
    "cache holds a_next twice": ("rnn_cell_forward", lambda xt, a, p: (
        *rnn_cell(xt, a, p)[:2], (rnn_cell(xt, a, p)[0],) * 2 + (xt, p))),
    "caches reversed": ("rnn_forward", lambda x, a0, p: (
        *rnn_sequence(x, a0, p)[:2], (rnn_sequence(x, a0, p)[2][0][::-1], x))),
    "every input twice": ("rnn_forward", partial(rnn_sequence, at=lambda t, T_x: t // 2)),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_MISNAMED)
@pytest.mark.parametrize("seed", range(3))
def test_a_mistake_that_has_no_name_gets_no_false_one(case, seed, judged):
    name, wrong = NOT_MISNAMED[case]
    result = judged(find(name)[1], wrong, seed)
    assert result.status == "failed"
    assert result.misconceptions == ()


def lost(result):
    return {c.name.split(",")[0] for c in result.criteria if not c.passed}


def test_a_prediction_that_follows_from_a_wrong_state_is_not_charged_again(judged):
    def no_bias(xt, a_prev, p):
        a_next = np.tanh(p["Waa"] @ a_prev + p["Wax"] @ xt)
        return a_next, softmax(p["Wya"] @ a_next + p["by"]), (a_next, a_prev, xt, p)

    result = judged(find("rnn_cell_forward")[1], no_bias)
    assert lost(result) == {"a_next"}
    assert result.points == 7
    assert result.misconceptions[0][0] == "bias ba forgotten"
    result = judged(find("rnn_forward")[1], partial(rnn_sequence, handed_on=()))
    assert "y_pred" not in lost(result) and "a" in lost(result)
    result = judged(find("lstm_cell_forward")[1], partial(lstm_cell, squash=lambda c: c))
    assert lost(result) == {"a_next"}


@pytest.mark.parametrize("seed", range(3))
def test_a_cell_state_that_starts_as_a0_costs_two_points(seed, judged):
    result = judged(find("lstm_forward")[1], starts_as_a0, seed)
    assert [named for named, _ in result.misconceptions] == ["cell state starts as a0"]
    assert result.points == 8


def test_a_first_cell_state_that_shares_memory_costs_the_caches_alone(judged):
    result = judged(find("lstm_forward")[1], overwrites_the_first_cache)
    assert lost(result) == {"caches holds (one cache a step"}
    assert result.misconceptions[0][0] == "first cell state shares memory with c"


def test_a_cell_state_that_starts_as_the_number_0_is_no_mistake(judged):
    assert judged(find("lstm_forward")[1], starts_as_a_number).status == "passed"


def test_a_bias_that_is_a_mean_does_not_blame_the_matrices(judged):
    def mean_of_the_bias(da_next, cache):
        gradients = rnn_cell_back(da_next, cache)
        return gradients | {"dba": gradients["dba"] / da_next.shape[1]}

    result = judged(find("rnn_cell_backward")[1], mean_of_the_bias)
    assert lost(result) == {"dba"}
    assert [named for named, _ in result.misconceptions] == ["dba averaged over the batch"]


def test_nothing_follows_from_a_state_that_does_not_vary(judged):
    def constant(xt, a_prev, p):
        a_next = np.zeros_like(a_prev)
        return a_next, softmax(p["Wya"] @ a_next + p["by"]) + 0 * a_next[:1], (
            a_next, a_prev, xt, p,
        )  # fmt: skip

    result = judged(find("rnn_cell_forward")[1], constant)
    assert "yt_pred" in lost(result)
    assert result.points == 0


@pytest.mark.parametrize("name", ["rnn_backward", "lstm_backward"])
@pytest.mark.parametrize(("steps", "word"), [(4, "shorter"), (9, "longer")])
def test_an_upstream_gradient_of_another_length_is_refused_clearly(name, steps, word, answers):
    case = find(name)[1].cases(np.random.default_rng(0))[0]  # T_x = 7
    n_a, m, _ = case.args["da"].shape
    with pytest.raises(ValueError, match=f"{word} than the sequence: da covers {steps} .* 7"):
        answers("01_rnn_step_by_step")[name](np.zeros((n_a, m, steps)), case.args["caches"])
    with pytest.raises(ValueError, match="must be"):
        answers("01_rnn_step_by_step")[name](np.zeros((n_a, m)), case.args["caches"])
