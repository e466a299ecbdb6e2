"""The oracles of RNN variants agree with Keras's layers, NumPy's routines and each other."""

from __future__ import annotations

import os

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.exercises.rnn_step_by_step import oracle as standard
from course_utils.exercises.rnn_variants import oracle
from course_utils.exercises.rnn_variants.gru import gru_parameters
from course_utils.exercises.rnn_variants.peephole import peephole_parameters

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
SHAPES = [(3, 5, 4, 7), (2, 3, 1, 4), (4, 4, 3, 1)]  # n_x, n_a, m, T_x


def drawn(n_x, n_a, m, T_x, parameters=gru_parameters):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n_x, m, T_x)), rng.normal(size=(n_a, m)), parameters(rng, n_x, n_a)


def gru_weights(p, reset_after=False):
    """Lay a GRU's weights out as Keras has them, whose z is our 1 - z."""
    n_a, sign = len(p["bz"]), {"z": -1, "r": 1, "c": 1}
    joined = np.hstack([sign[k] * p[f"W{k}"].T for k in "zrc"])
    bias = np.hstack([sign[k] * p[f"b{k}"][:, 0] for k in "zrc"])
    if reset_after:
        bias = np.stack((bias, np.hstack((np.zeros(2 * n_a), p["bca"][:, 0]))))
    return [joined[n_a:], joined[:n_a], bias]


def run_keras(layer, weights, x, **options):
    layer.build((None, None, len(x)))
    layer.set_weights(weights)
    return np.asarray(layer(np.transpose(x, (1, 2, 0)), **options))


@pytest.mark.parametrize("reset_after", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_both_forms_of_the_gru_agree_with_keras(shape, reset_after):
    layers = pytest.importorskip("keras").layers
    x, a0, p = drawn(*shape)
    layer = layers.GRU(len(a0), reset_after=reset_after, return_sequences=True, dtype="float64")
    sequence = run_keras(layer, gru_weights(p, reset_after), x, initial_state=a0.T)
    a, _ = oracle.gru_forward(x, a0, p, reset_after)
    np.testing.assert_allclose(np.transpose(a, (1, 2, 0)), sequence, atol=1e-12)
    other, _ = oracle.gru_forward(x, a0, p, not reset_after)
    assert np.abs(other - a).max() > 1e-3


@pytest.mark.parametrize("shape", SHAPES)
def test_without_peepholes_it_is_the_lstm_of_keras_and_of_notebook_1(shape):
    layers = pytest.importorskip("keras").layers
    x, a0, p = drawn(*shape, parameters=peephole_parameters)
    n_a = len(a0)
    p |= {f"p{k}": np.zeros((n_a, 1)) for k in "fio"}
    joined = np.hstack([p[f"W{k}"].T for k in "ifco"])
    weights = [joined[n_a:], joined[:n_a], np.hstack([p[f"b{k}"][:, 0] for k in "ifco"])]
    c0 = 0.7 * a0
    layer = layers.LSTM(n_a, return_sequences=True, dtype="float64")
    sequence = run_keras(layer, weights, x, initial_state=[a0.T, c0.T])
    a, c = a0, c0
    output = {"Wy": np.ones((1, n_a)), "by": np.zeros((1, 1))}
    for t in range(x.shape[2]):
        a_there, c_there, _, _ = standard.lstm_cell_forward(x[:, :, t], a, c, p | output)
        a, c, _ = oracle.peephole_lstm_cell_forward(x[:, :, t], a, c, p)
        np.testing.assert_allclose(a.T, sequence[:, t], atol=1e-12)
        np.testing.assert_allclose((a, c), (a_there, c_there), atol=1e-12)


def seeing(p, gates, n_a):
    """Turn peepholes into weights of a standard LSTM whose input has the cell state below it."""
    wide = {"Wy": np.ones((1, n_a)), "by": np.zeros((1, 1))}
    for k in "fico":
        peephole = p[f"p{k}"][:, 0] if k in gates else np.zeros(n_a)
        wide |= {f"W{k}": np.hstack((p[f"W{k}"], np.diag(peephole))), f"b{k}": p[f"b{k}"]}
    return wide


@pytest.mark.parametrize("seed", range(3))
def test_peepholes_are_a_standard_lstm_that_reads_its_cell_state_as_input(seed):
    for case in find("peephole_lstm_cell_forward")[1].cases(np.random.default_rng(seed)):
        xt, a, c, p = case.args.values()
        a_next, c_next, cache = oracle.peephole_lstm_cell_forward(xt, a, c, p)
        old = standard.lstm_cell_forward(np.vstack((xt, c)), a, c, seeing(p, "fi", len(a)))
        np.testing.assert_allclose(c_next, old[1], atol=1e-13)
        np.testing.assert_allclose(cache[4:7], old[3][4:7], atol=1e-13)  # ft, it, cct
        new = standard.lstm_cell_forward(np.vstack((xt, old[1])), a, c, seeing(p, "o", len(a)))
        np.testing.assert_allclose(cache[7], new[3][7], atol=1e-13)  # ot
        np.testing.assert_allclose(a_next, new[3][7] * np.tanh(old[1]), atol=1e-13)


@pytest.mark.parametrize("seed", range(2))
def test_bidirectional_agrees_with_keras_wherever_the_padding_is(seed):
    layers = pytest.importorskip("keras").layers
    for case in find("bidirectional_forward")[1].cases(np.random.default_rng(seed)):
        x, mask, one, other = case.args.values()
        weights = gru_weights(one) + gru_weights(other)
        found = []
        for whole in (True, False):
            inner = layers.GRU(
                len(one["bz"]), reset_after=False, return_sequences=whole, dtype="float64"
            )
            layer = layers.Bidirectional(inner, dtype="float64")
            found.append(run_keras(layer, weights, x, mask=mask))
        a, last = oracle.bidirectional_forward(x, mask, one, other)
        np.testing.assert_allclose(np.transpose(a, (1, 2, 0)), found[0], atol=1e-12)
        np.testing.assert_allclose(last.T, found[1], atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_eigenvalues_and_norms_agree_with_numpy(seed):
    rng = np.random.default_rng(seed)
    drawn = [case.args["Waa"] for case in find("powers_of_recurrence")[1].cases(rng)]
    symmetric = rng.normal(size=(6, 6))
    for Waa in (*drawn, symmetric + symmetric.T, np.diag([2.0, -1.0, 0.5]), 0.9 * np.eye(3)):
        sizes, norms = oracle.powers_of_recurrence(Waa, 7)
        wanted = np.sort(np.abs(np.linalg.eigvals(Waa)))[::-1]
        np.testing.assert_allclose(sizes, wanted, rtol=1e-4)  # a triple root is hard to find
        powers = [np.linalg.matrix_power(Waa, k) for k in range(8)]
        np.testing.assert_allclose(norms, [np.linalg.norm(P, 2) for P in powers], rtol=1e-8)


def test_powers_of_nothing_are_nothing():
    sizes, norms = oracle.powers_of_recurrence(np.zeros((2, 2)), 2)
    np.testing.assert_allclose(norms, [1, 0, 0])
    np.testing.assert_allclose(sizes, 0, atol=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_clipping_keeps_the_direction_and_bounds_the_length(seed):
    for case in find("clip_gradients")[1].cases(np.random.default_rng(seed)):
        gradients, limit = case.args.values()
        clipped, norm = oracle.clip_gradients(gradients, limit)
        before, after = (
            np.concatenate([g.ravel() for g in arrays.values()]) for arrays in (gradients, clipped)
        )
        assert norm == pytest.approx(np.linalg.norm(before))
        assert np.linalg.norm(after) == pytest.approx(min(norm, limit))
        assert after @ before == pytest.approx(np.linalg.norm(after) * norm)


@pytest.mark.parametrize("seed", range(20))
def test_the_masks_of_the_cases_are_what_they_say(seed):
    for case in find("bidirectional_forward")[1].cases(np.random.default_rng(seed)):
        mask = case.args["mask"]
        assert mask.dtype == bool
        assert mask.any(axis=1).all()
        assert mask.all() == ("no padding" in case.tags)
