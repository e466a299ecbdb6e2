"""The RNN notebook's oracles agree with Keras, its automatic differentiation and each other."""

from __future__ import annotations

import os

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.exercises.rnn_step_by_step import cases, oracle

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
SHAPES = [(3, 5, 4, 7), (2, 3, 1, 4), (4, 4, 3, 1)]  # n_x, n_a, m, T_x
KERAS_GATES = "ifco"  # the order of the blocks in Keras's kernels


def draw(draw_parameters, n_x, n_a, m, T_x, seed=0):
    rng = np.random.default_rng(seed)
    parameters = draw_parameters(rng, n_x, n_a, 2)
    return rng.normal(size=(n_x, m, T_x)), rng.normal(size=(n_a, m)), parameters


def keras_simple_rnn(p):
    keras = pytest.importorskip("keras")
    n_a, n_x = p["Wax"].shape
    layer = keras.layers.SimpleRNN(n_a, return_sequences=True, dtype="float64")
    layer.build((None, None, n_x))
    layer.set_weights([p["Wax"].T, p["Waa"].T, p["ba"][:, 0]])
    return layer


def keras_lstm(p):
    keras = pytest.importorskip("keras")
    n_a = p["Wf"].shape[0]
    layer = keras.layers.LSTM(n_a, return_sequences=True, dtype="float64")
    layer.build((None, None, p["Wf"].shape[1] - n_a))
    recurrent = np.hstack([p[f"W{k}"][:, :n_a].T for k in KERAS_GATES])
    kernel = np.hstack([p[f"W{k}"][:, n_a:].T for k in KERAS_GATES])
    bias = np.concatenate([p[f"b{k}"][:, 0] for k in KERAS_GATES])
    layer.set_weights([kernel, recurrent, bias])
    return layer


def batch_first(array):
    """Turn (n, m, T_x) into Keras's (m, T_x, n)."""
    return np.transpose(array, (1, 2, 0))


def run_keras(layer, x, states, da):
    """Return Keras's sequence and its gradients of sum(da * sequence)."""
    import tensorflow as tf

    x, da = tf.constant(batch_first(x)), tf.constant(batch_first(da))
    states = [tf.constant(state.T) for state in states]
    with tf.GradientTape() as tape:
        tape.watch([x, *states])
        sequence = layer(x, initial_state=states)
        loss = tf.reduce_sum(da * sequence)
    weights = [variable.value for variable in layer.trainable_variables]
    found = tape.gradient(loss, [x, *states, *weights])
    return sequence.numpy(), [g.numpy() for g in found]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_plain_rnn_agrees_with_keras_forwards_and_backwards(shape):
    x, a0, p = draw(cases.rnn_parameters, *shape)
    a, _, caches = oracle.rnn_forward(x, a0, p)
    da = np.random.default_rng(1).normal(size=a.shape)
    sequence, (dx, da0, dkernel, drecurrent, dbias) = run_keras(keras_simple_rnn(p), x, [a0], da)
    np.testing.assert_allclose(batch_first(a), sequence, atol=1e-10)
    ours = oracle.rnn_backward(da, caches)
    np.testing.assert_allclose(batch_first(ours["dx"]), dx, atol=1e-9)
    np.testing.assert_allclose(ours["da0"], da0.T, atol=1e-9)
    np.testing.assert_allclose(ours["dWax"], dkernel.T, atol=1e-9)
    np.testing.assert_allclose(ours["dWaa"], drecurrent.T, atol=1e-9)
    np.testing.assert_allclose(ours["dba"][:, 0], dbias, atol=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_lstm_agrees_with_keras_forwards_and_backwards(shape):
    n_x, n_a, m, _ = shape
    x, a0, p = draw(cases.lstm_parameters, *shape)
    a, _, _, caches = oracle.lstm_forward(x, a0, p)
    da = np.random.default_rng(1).normal(size=a.shape)
    sequence, found = run_keras(keras_lstm(p), x, [a0, np.zeros((n_a, m))], da)
    dx, da0, _, dkernel, drecurrent, dbias = found
    np.testing.assert_allclose(batch_first(a), sequence, atol=1e-10)
    ours = oracle.lstm_backward(da, caches)
    np.testing.assert_allclose(batch_first(ours["dx"]), dx, atol=1e-9)
    np.testing.assert_allclose(ours["da0"], da0.T, atol=1e-9)
    for k, gate in enumerate(KERAS_GATES):
        block = slice(k * n_a, (k + 1) * n_a)
        np.testing.assert_allclose(ours[f"dW{gate}"][:, :n_a], drecurrent[:, block].T, atol=1e-9)
        np.testing.assert_allclose(ours[f"dW{gate}"][:, n_a:], dkernel[:, block].T, atol=1e-9)
        np.testing.assert_allclose(ours[f"db{gate}"][:, 0], dbias[block], atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_differentiated_steps_are_the_scalar_loops(seed):
    for case in find("lstm_cell_forward")[1].cases(np.random.default_rng(seed)):
        xt, a_prev, c_prev, p = case.args.values()
        a_next, c_next, _, _ = oracle.lstm_cell_forward(xt, a_prev, c_prev, p)
        np.testing.assert_allclose(oracle.lstm_step(p, xt, a_prev, c_prev), (a_next, c_next))
    for case in find("rnn_cell_forward")[1].cases(np.random.default_rng(seed)):
        xt, a_prev, p = case.args.values()
        expected = oracle.rnn_cell_forward(xt, a_prev, p)[0]
        np.testing.assert_allclose(oracle.rnn_step(p, xt, a_prev), expected)


def test_an_lstm_cell_backward_agrees_with_central_differences():
    case = find("lstm_cell_backward")[1].cases(np.random.default_rng(3))[0]
    da, dc, cache = case.args.values()
    _, _, a_prev, c_prev, *_, xt, p = cache
    exact = oracle.lstm_cell_backward(da, dc, cache)

    def loss(c):
        a_next, c_next, _, _ = oracle.lstm_cell_forward(xt, a_prev, c, p)
        return np.sum(da * a_next) + np.sum(dc * c_next)

    for place in np.ndindex(c_prev.shape):
        nudge = np.zeros_like(c_prev)
        nudge[place] = 1e-6
        slope = (loss(c_prev + nudge) - loss(c_prev - nudge)) / 2e-6
        assert exact["dc_prev"][place] == pytest.approx(slope, abs=1e-7)


def test_complex_step_differentiates_a_known_function():
    values = {"w": np.array([0.3, -1.2]), "v": np.array([[2.0]])}
    found = oracle.complex_step(
        lambda z: (z["w"] ** 3).sum(axis=1) + np.exp(z["v"][:, 0, 0]), values
    )
    np.testing.assert_allclose(found["w"], 3 * values["w"] ** 2, rtol=1e-14)
    np.testing.assert_allclose(found["v"], np.exp(values["v"]), rtol=1e-14)


def test_the_oracle_computes_softmax_and_sigmoid_without_overflow():
    assert oracle.sigmoid(-800.0) == 0.0
    assert oracle.sigmoid(800.0) == 1.0
    assert sum(oracle._softmax([1000.0, 999.0])) == pytest.approx(1.0)
