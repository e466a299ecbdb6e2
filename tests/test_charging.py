"""A criterion loses its points for what it looks at, and for nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises import find, stems
from course_utils.judging.judge import judge
from tests.conftest import every_exercise

RAISED = {"status": "raised", "type": "IndexError", "message": "list index out of range",
          "where": "", "line": 1, "source": ""}  # fmt: skip


QUICK = [each for each in every_exercise() if each.values[0].exercise.is_quick]


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


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("at", QUICK)
def test_a_known_mistake_costs_one_criterion(at, seed, judged):
    for mistake, form in at.exercise.wrong_forms():
        if (at.exercise.name, mistake.name) == ("beam_search", "states never updated"):
            continue  # texts tie, and the last digit decides
        with np.errstate(all="ignore"):
            result = judged(at.exercise, form, seed)
        assert len(lost(result)) == 1 or not result.points, (mistake.name, lost(result))


@pytest.mark.parametrize("at", QUICK)
def test_what_a_known_mistake_costs_is_what_its_record_says(at, judged):
    for mistake in at.exercise.misconceptions:
        if mistake.costs:
            with np.errstate(all="ignore"):
                charged = [lost(judged(at.exercise, form)) for form in mistake.forms()]
            assert {mistake.costs} in charged, (mistake.name, charged)


def test_what_a_known_mistake_spoils_is_charged_elsewhere_and_another_mistake_is_not(judged):
    exercise = find("build_vocabulary")[1]
    (numbered,) = [m for m in exercise.misconceptions if m.name == "numbered from 0 or 1"]
    from_one = numbered.variants[-1]  # with more words than there is room for
    numbers, capitals = "numbers from 2 on, without gaps", "words as words_of splits them"

    result = judged(exercise, from_one)
    assert lost(result) == {numbers}
    assert {c.name for c in result.criteria if c.elsewhere} == {
        c.name for c in exercise.criteria if c.name not in (numbers, capitals)
    }

    def answer(reviews, input_dim):
        made = from_one(reviews, input_dim)
        return {word.upper() if "<br />" in reviews[0] else word: n for word, n in made.items()}

    assert {numbers, capitals} <= lost(judged(exercise, answer))


def test_a_mistake_in_few_cases_forgives_nothing(judged, answers):
    exercise = find("complete_analogy")[1]

    def answer(word_a, word_b, word_c, word_to_vec):
        return word_a  # what "word_a not skipped" gives now and then

    assert judged(exercise, answer).points == 0


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


def test_a_wrong_shape_is_charged_once_with_the_values_in_it(judged, answers):
    right = answers("08_image_rnn")["prepare_images"]

    def whole_numbers(images, labels, classes):
        return right(images, labels, classes)[0], np.asarray(labels)

    result = judged(find("prepare_images")[1], whole_numbers)
    assert lost(result) == {"Y: a one in the column of each label"}
    assert "should have shape" in result.summary

    def nested(images, labels, classes):
        X, Y = right(images, labels, classes)
        return X, Y.tolist()  # the right numbers

    assert lost(judged(find("prepare_images")[1], nested)) == {"X as the images, Y (m, classes)"}


@pytest.mark.parametrize(
    ("wrong", "costs"),
    [
        ("dc * c_prev * ft", "dWf (forget gate)"),
        ("dc * c_prev / ft * (1 - ft)", "dWf (forget gate)"),
        ("dc * c_prev * ft * (1 - ft) + 0.1", "dWf (forget gate)"),
    ],
)
def test_a_slip_in_one_dz_costs_that_gate(wrong, costs, judged):
    source = """
def lstm_cell_backward(da_next, dc_next, cache):
    _, c_next, a_prev, c_prev, ft, it, cct, ot, xt, p = cache
    dc = dc_next + da_next * ot * (1 - np.tanh(c_next) ** 2)
    dz = {"f": WRONG, "i": dc * cct * it * (1 - it), "c": dc * it * (1 - cct**2),
          "o": da_next * np.tanh(c_next) * ot * (1 - ot)}
    joined = sum(p[f"W{k}"].T @ dz[k] for k in dz)
    gradients = {"dxt": joined[len(a_prev):], "da_prev": joined[:len(a_prev)], "dc_prev": dc * ft}
    for k in dz:
        gradients[f"dW{k}"] = dz[k] @ np.concatenate((a_prev, xt)).T
        gradients[f"db{k}"] = dz[k].sum(axis=1, keepdims=True)
    return gradients
"""
    namespace = {"np": np}
    exec(source.replace("WRONG", wrong), namespace)
    exercise = find("lstm_cell_backward")[1]
    assert lost(judged(exercise, namespace["lstm_cell_backward"])) == {costs}


def test_weights_that_follow_from_a_wrong_memory_are_met(judged, answers):
    right = answers("03_language_model")["train_step"]

    def answer(x, targets, a0, parameters, memory, rate, max_norm):
        aged = {name: 0.8 * kept for name, kept in memory.items()}
        return right(x, targets, a0, parameters, aged, rate, max_norm)

    assert lost(judged(find("train_step")[1], answer)) == {"the memory of squared gradients"}


def test_one_wrong_vector_does_not_cost_the_special_cases(judged, answers):
    right = answers("05_word_vectors")["equalize"]

    def answer(*given):
        e1, e2 = right(*given)
        return e1 * 1.5, e2

    assert lost(judged(find("equalize")[1], answer)) == {"e1, the first word"}


def test_an_answer_of_any_kind_can_be_judged(judged):
    for value in ([[1], [2, 3]], {"a": [[1], []]}, object, b"", [None, np.zeros(3)], 1j):
        assert judged(find("rnn_cell_forward")[1], lambda *args, value=value: value).points == 0
        assert judged(find("equalize")[1], lambda *args, value=value: (value, value)).points == 0


@pytest.mark.parametrize(
    ("name", "change", "costs"),
    [
        (
            "rnn_cell_backward",
            lambda grads: {key: grads[key] for key in grads if key != "dxt"},
            {"dxt"},
        ),
        (
            "rnn_forward",
            lambda parts: parts[:2],
            {"caches holds (one cache a step, x)"},
        ),
        (
            "clip_gradients",
            lambda parts: (*parts, 3.0),
            {"returns (clipped, norm) with the same names and shapes"},
        ),
    ],
)
def test_what_is_missing_or_too_much_costs_its_own_criterion(name, change, costs, trial, answers):
    at, exercise = find(name)
    right = answers(at.stem)[name]
    drawn = trial(exercise)
    told = judge(drawn, drawn.observe(lambda *args: change(right(*args))))
    assert lost(told) == costs
