"""The networks raced in RNN variants: right gradients, a fair task, and learning that works."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises.rnn_step_by_step import oracle as standard
from course_utils.exercises.rnn_variants import oracle
from course_utils.rnn_variants_utils import (
    GATES,
    adding_problem,
    count,
    gradient_by_distance,
    loss_and_gradients,
    predict,
    split,
    start,
    train,
)

KINDS = tuple(GATES)


@pytest.fixture
def task():
    return adding_problem(np.random.default_rng(1), 3, 6)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_agree_with_central_differences(kind, task):
    p = start(kind, 2, 4, seed=0)
    _, gradients = loss_and_gradients(kind, p, *task)
    assert set(gradients) == {f"d{name}" for name in p}
    for name, array in p.items():
        for place in np.ndindex(array.shape):
            nudge = np.zeros_like(array)
            nudge[place] = 1e-6
            up, down = (
                loss_and_gradients(kind, p | {name: array + s * nudge}, *task)[0] for s in (1, -1)
            )
            slope = gradients[f"d{name}"][place]
            assert slope == pytest.approx((up - down) / 2e-6, abs=1e-8)


def test_the_networks_are_those_of_the_notebooks(task):
    x, _ = task
    zeros = np.zeros((4, 3))
    last = {}
    p = {kind: start(kind, 2, 4, seed=3) for kind in KINDS}
    a, _ = oracle.gru_forward(x, zeros, split("GRU", p["GRU"]) | {"bca": zeros[:, :1]}, False)
    last["GRU"] = a[:, :, -1]
    output = {"Wy": np.ones((1, 4)), "by": np.zeros((1, 1))}
    a, *_ = standard.lstm_forward(x, zeros, split("LSTM", p["LSTM"]) | output)
    last["LSTM"] = a[:, :, -1]
    W = split("SRNN", p["SRNN"])
    plain = {"Wax": W["Wa"][:, 4:], "Waa": W["Wa"][:, :4], "ba": W["ba"]}
    a, *_ = standard.rnn_forward(x, zeros, plain | {"Wya": output["Wy"], "by": output["by"]})
    last["SRNN"] = a[:, :, -1]
    for kind, state in last.items():
        answer = (p[kind]["V"] @ state + p[kind]["v"])[0]
        np.testing.assert_allclose(predict(kind, p[kind], x), answer, atol=1e-12)


def test_a_start_has_orthogonal_recurrences_and_gates_that_remember():
    for kind in KINDS:
        p = split(kind, start(kind, 2, 5, seed=1, remember=2.0))
        for gate in GATES[kind]:
            W = p[f"W{gate}"]
            assert W.shape == (5, 7)
            np.testing.assert_allclose(W[:, :5] @ W[:, :5].T, np.eye(5), atol=1e-12)
    assert (split("GRU", start("GRU", 2, 5, 1, 2.0))["bz"] == -2).all()
    assert (split("LSTM", start("LSTM", 2, 5, 1, 2.0))["bf"] == 2).all()


@pytest.mark.parametrize(("kind", "gates"), [("SRNN", 1), ("GRU", 3), ("LSTM", 4)])
def test_weights_are_counted(kind, gates):
    assert count(start(kind, 2, 5, seed=0)) == gates * 5 * (5 + 2 + 1)


@pytest.mark.parametrize("T_x", [2, 7, 30])
def test_the_adding_problem_marks_one_number_in_each_half(T_x):
    x, y = adding_problem(np.random.default_rng(0), 200, T_x)
    assert x.shape == (2, 200, T_x) and y.shape == (200,)
    half = T_x // 2
    assert (x[1, :, :half].sum(axis=1) == 1).all()
    assert (x[1, :, half:].sum(axis=1) == 1).all()
    np.testing.assert_allclose(y, (x[0] * x[1]).sum(axis=1))


def test_always_answering_one_gives_a_sixth():
    _, y = adding_problem(np.random.default_rng(0), 100_000, 4)
    assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, abs=0.002)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_by_distance_starts_at_one(kind, task):
    norms = gradient_by_distance(kind, start(kind, 2, 6, seed=0), task[0])
    assert norms.shape == (6,)
    assert norms[0] == 1
    assert (norms > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_short_task_is_learned_from_a_seed_again_and_again(kind):
    def run():
        first = start(kind, 2, 8, seed=0)
        return train(kind, first, dict, T_x=4, updates=150, seed=0, rate=0.02)

    (p, losses, ms), (_, again, _) = run(), run()
    np.testing.assert_array_equal(losses, again)
    assert len(losses) == 150 and ms > 0
    assert losses[-20:].mean() < 0.25 * losses[:20].mean()
    x, y = adding_problem(np.random.default_rng(9), 200, 4)
    assert np.mean((predict(kind, p, x) - y) ** 2) < 0.05


def test_training_clips_and_leaves_the_start_alone():
    seen, first = [], start("GRU", 2, 4, seed=0)
    before = {name: value.copy() for name, value in first.items()}

    def nothing(gradients):
        seen.append(set(gradients))
        return {name: 0 * gradient for name, gradient in gradients.items()}

    p, _, _ = train("GRU", first, nothing, T_x=4, updates=2, seed=0)
    assert seen == [{"dW", "db", "dV", "dv"}] * 2
    for name, value in before.items():
        np.testing.assert_array_equal(first[name], value)
        np.testing.assert_allclose(p[name], value, rtol=1e-6)
