"""A criterion loses its points for what it looks at, and for nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises import find, stems
from course_utils.judging.judge import judge
from tests.conftest import every_exercise

RAISED = {"status": "raised", "type": "IndexError", "message": "list index out of range",
          "where": "", "line": 1, "source": ""}  # fmt: skip


def lost(result) -> set[str]:
    return {criterion.name for criterion in result.criteria if not criterion.passed}


def about(exercise, tag: str) -> set[str]:
    return {criterion.name for criterion in exercise.criteria if criterion.tag == tag}


@pytest.mark.parametrize("at", every_exercise())
def test_an_error_in_special_cases_costs_the_criteria_about_them(at, trial, answers):
    exercise, drawn = at.exercise, trial(at.exercise)
    right = drawn.observe(answers(at.stem)[exercise.name])
    for tag in {criterion.tag for criterion in exercise.criteria} - {None}:
        hit = [tag in case.tags for case in drawn.cases]
        if 2 * sum(hit) > len(hit):
            continue  # most cases: no longer something special
        seen = [RAISED if it else one for it, one in zip(hit, right, strict=True)]
        told = judge(drawn, seen)
        # a case may be special in two ways
        shared = [case.tags for case, it in zip(drawn.cases, hit, strict=True) if it]
        others = {c.name for c in exercise.criteria if c.tag
                  and all(c.tag in tags for tags in shared)
                  or c.tag and all(it for case, it in zip(drawn.cases, hit, strict=True)
                                   if c.tag in case.tags)}  # fmt: skip
        assert about(exercise, tag) <= lost(told) <= about(exercise, tag) | others, tag


@pytest.mark.parametrize("at", every_exercise())
def test_an_answer_that_always_raises_earns_nothing_and_is_not_reached(at, trial):
    told = judge(trial(at.exercise), [RAISED] * len(trial(at.exercise).cases))
    assert told.points == 0 and lost(told) == {c.name for c in at.exercise.criteria}
    assert all(c.message.startswith("Not reached: ") for c in told.criteria)


def test_an_error_in_general_leaves_only_what_was_shown(trial, answers):
    exercise = find("rnn_backward")[1]
    drawn = trial(exercise)
    right = drawn.observe(answers(stems()[0])["rnn_backward"])
    seen = [one if case.tags & {"one step"} else RAISED
            for case, one in zip(drawn.cases, right, strict=True)]  # fmt: skip
    told = judge(drawn, seen)
    assert told.points == 1 and "works for a sequence of one step" not in lost(told)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("dx", "dx"), ("da0", "da0"), ("dWax", "dWax"), ("dWaa", "dWaa"), ("dba", "dba")],
)
def test_one_wrong_gradient_costs_its_own_criterion(name, wrong, judged, answers):
    right = answers("01_rnn_step_by_step")["rnn_backward"]

    def answer(da, caches):
        gradients = right(da, caches)
        return gradients | {wrong: gradients[wrong] / 3}

    assert lost(judged(find("rnn_backward")[1], answer)) == {name}


def test_a_mistake_in_special_cases_costs_the_criterion_about_them(judged, answers):
    cell = answers("02_rnn_variants")["gru_forward"]
    result = judged(find("gru_forward")[1], lambda x, a0, p, after: cell(x, a0, p, False))
    assert lost(result) == {"reset_after reaches every step"}

    backward = answers("01_rnn_step_by_step")["rnn_backward"]

    def squeezed(da, caches):
        return {k: v.squeeze(1) if v.shape[1] == 1 and k != "dba" else v
                for k, v in backward(da, caches).items()}  # fmt: skip

    assert lost(judged(find("rnn_backward")[1], squeezed)) == {"works for a batch of one"}


COST_MORE = {  # the shape of what they touch, the list of caches, or an argument is wrong as well
    ("rnn_cell_forward", "cache in another order"),
    ("rnn_cell_forward", "a_prev overwritten"),
    ("rnn_forward", "stops after a fixed number of steps"),
    ("lstm_forward", "stops after a fixed number of steps"),
    ("clip_gradients", "short gradients stretched"),  # divides by zero, too
    ("rnn_backward", "da left out"),  # all is zero
    ("lstm_backward", "da left out"),
    ("gru_cell_forward", "cache in another order"),
    ("gru_cell_forward", "a_prev overwritten"),
    ("gru_forward", "stops after a fixed number of steps"),
    ("peephole_lstm_cell_forward", "c_prev overwritten"),
    ("bidirectional_forward", "state lost at padding"),  # in `last`, also where `a` is right
    ("bidirectional_forward", "mask upside down"),  # without padding, nothing is read at all
    ("bidirectional_forward", "added instead of joined"),
    ("bidirectional_forward", "joined along another axis"),
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "at",
    [p for p in every_exercise() if p.values[0].stem in ("01_rnn_step_by_step", "02_rnn_variants")],
)
def test_a_named_mistake_costs_one_criterion(at, seed, judged):
    for mistake, form in at.exercise.wrong_forms():
        with np.errstate(all="ignore"):
            failed = lost(judged(at.exercise, form, seed))
        if (at.exercise.name, mistake.name) not in COST_MORE:
            assert len(failed) == 1, (mistake.name, failed)


@pytest.mark.parametrize("filled", [np.nan, 0.0, 1.0])
def test_constant_indices_with_rows_to_match_earn_little(filled, trial):
    exercise = find("predict_and_sample")[1]
    drawn = trial(exercise)
    seen = []
    for want in drawn.expected:
        chosen = np.full(want["indices"].shape, filled)
        rows = np.eye(want["results"].shape[1])[np.nan_to_num(chosen[:, 0]).astype(int)]
        seen.append({"status": "returned", "value": (rows, chosen), "changed": {}})
    assert judge(drawn, seen).points == 0


def test_a_cell_state_that_starts_as_a_plain_number_is_right(judged, answers):
    cell = answers("01_rnn_step_by_step")["lstm_cell_forward"]

    def answer(x, a0, parameters):
        states, cells, outputs, caches, a, c = [], [], [], [], a0, 0
        for t in range(x.shape[2]):
            a, c, y, cache = cell(x[:, :, t], a, c, parameters)
            states.append(a), cells.append(c), outputs.append(y), caches.append(cache)
        return np.stack(states, 2), np.stack(outputs, 2), np.stack(cells, 2), (caches, x)

    assert judged(find("lstm_forward")[1], answer).status == "passed"


def test_of_a_long_error_message_the_line_that_says_something_is_shown(judged):
    def answer(xt, a_prev, parameters):
        raise ValueError(
            "Exception encountered when calling LSTM.call().\n\nThe shapes do not fit. "
            + "Here is all that is known about them. " * 20
            + "\n\nArguments received by LSTM.call():\n  • sequences=..."
        )

    result = judged(find("rnn_cell_forward")[1], answer)
    assert "raised ValueError" in result.summary and "The shapes do not fit. " in result.summary
    assert len(result.summary) < 500 and "\n" not in result.summary
    assert "Exception encountered" not in result.summary and "Arguments" not in result.summary


def test_what_follows_from_a_mistake_is_met_and_says_so(judged):
    def rnn_cell_backward(da_next, cache):
        a_next, a_prev, xt, p = cache
        dz = da_next * (1 - a_next)
        grads = {"dxt": p["Wax"].T @ dz, "da_prev": p["Waa"].T @ dz, "dWax": dz @ xt.T}
        return grads | {"dWaa": dz @ a_prev.T, "dba": dz.sum(axis=1, keepdims=True)}

    criteria = {c.name: c for c in judged(find("rnn_cell_backward")[1], rnn_cell_backward).criteria}
    assert not criteria["dxt"].passed
    assert criteria["dWaa"].passed and criteria["dWaa"].elsewhere
    assert not criteria["leaves its inputs unmodified"].elsewhere
