"""The language model notebook: easy slips are named, and the oracle is right."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.exercises.language_model import oracle
from course_utils.exercises.language_model.cases import drawn
from course_utils.rnn_utils import softmax

# Slips written from scratch, as a learner would.


def mean_probability(y_pred, targets):
    m, T_x = targets.shape
    p = [y_pred[targets[e, t], e, t] for e in range(m) for t in range(T_x)]
    bits = -np.log2(sum(p) / len(p))
    return bits, 2**bits


def in_nats(y_pred, targets):
    m, T_x = targets.shape
    came = y_pred[targets, np.arange(m)[:, None], np.arange(T_x)]
    loss = -np.log(came).mean()
    return loss, np.exp(loss)


def forgetful(x, a0, p):
    steps = [np.tanh(p["Wax"][:, x[:, t]] + p["Waa"] @ a0 + p["ba"]) for t in range(x.shape[1])]
    a = np.stack(steps, axis=2)
    return a, np.stack([softmax(p["Wya"] @ step + p["by"]) for step in steps], axis=2)


def shared_array(y_pred, targets, a, p):
    """Take dz for y_pred itself, as in dy = p; dy[target] -= 1."""
    _, m, T_x = y_pred.shape
    dz = y_pred
    dz[targets, np.arange(m)[:, None], np.arange(T_x)] -= 1
    dz = dz / (m * T_x)
    dWya, da = np.einsum("ymt,amt->ya", dz, a), np.einsum("ya,ymt->amt", p["Wya"], dz)
    return {"da": da, "dWya": dWya, "dby": dz.sum((1, 2))[:, None]}


def summed(y_pred, targets, a, p):
    found = oracle.output_backward(y_pred, targets, a, p)
    return {name: value * targets.size for name, value in found.items()}


def buffered(da, a, x, a0, p):
    """Add to columns by an index, which counts a repeated character once."""
    dWax, dWaa, dba = (np.zeros_like(p[name]) for name in ("Wax", "Waa", "ba"))
    back = 0
    for t in range(x.shape[1] - 1, -1, -1):
        dz = (1 - a[:, :, t] ** 2) * (da[:, :, t] + back)
        dWax[:, x[:, t]] += dz
        dWaa += dz @ (a[:, :, t - 1] if t else a0).T
        dba += dz.sum(1, keepdims=True)
        back = p["Waa"].T @ dz
    return {"dWax": dWax, "dWaa": dWaa, "dba": dba}


def by_choice(first, a0, p, draws, temperature, top_k):
    """Be sure of oneself: take the likeliest."""
    a, index, indices = a0, first, []
    for _ in draws:
        a = np.tanh(p["Wax"][:, [index]] + p["Waa"] @ a + p["ba"])
        index = int(np.argmax(p["Wya"] @ a + p["by"]))
        indices.append(index)
    return np.array(indices)


def with_first(first, a0, p, draws, temperature, top_k):
    return np.array([first, *oracle.sample(first, a0, p, draws, temperature, top_k)[:-1]])


def adagrad(x, targets, a0, parameters, memory, rate, max_norm):
    moved, kept, a_last, bits = oracle.train_step(
        x, targets, a0, parameters, memory, rate, max_norm
    )
    squares = {name: (kept[name] - 0.99 * memory[name]) / 0.01 for name in kept}
    steps = {n: (parameters[n] - moved[n]) * (np.sqrt(kept[n]) + 1e-8) for n in moved}
    kept = {name: memory[name] + squares[name] for name in memory}
    moved = {n: parameters[n] - steps[n] / (np.sqrt(kept[n]) + 1e-8) for n in moved}
    return moved, kept, a_last, bits


SLIPS = [
    ("language_model_loss", mean_probability, "logarithm of the mean"),
    ("language_model_loss", in_nats, "nats for bits"),
    ("language_model_forward", forgetful, "state not carried"),
    ("output_backward", shared_array, "probabilities overwritten"),
    ("output_backward", summed, "a sum instead of a mean"),
    ("language_model_backward", buffered, "a character that comes twice is counted once"),
    ("train_step", adagrad, "squares added up"),
    ("sample", by_choice, "always the likeliest"),
    ("sample", with_first, "first returned"),
]


@pytest.mark.parametrize(
    ("name", "slip", "called"), [pytest.param(*slip, id=f"{slip[0]}-{slip[2]}") for slip in SLIPS]
)
@pytest.mark.parametrize("seed", range(5))
def test_easy_slips_are_named(name, slip, called, seed, judged):
    result = judged(find(name)[1], slip, seed)
    assert result.status == "failed"
    assert called in [named for named, _ in result.misconceptions]


def test_the_gradients_are_those_of_the_loss():
    args = drawn(np.random.default_rng(0), 5, 4, 3, 6)
    x, targets, a0, p = args.values()

    def nats(parameters):
        _, y_pred = oracle.language_model_forward(x, a0, parameters)
        return oracle.language_model_loss(y_pred, targets)[0] * np.log(2)

    a, y_pred = oracle.language_model_forward(x, a0, p)
    found = oracle.output_backward(y_pred, targets, a, p)
    found |= oracle.language_model_backward(found["da"], a, x, a0, p)
    for name, weights in p.items():
        for place in np.ndindex(weights.shape):
            nudge = np.zeros(weights.shape)
            nudge[place] = 1e-5
            up, down = (nats(p | {name: weights + sign * nudge}) for sign in (1, -1))
            assert found[f"d{name}"][place] == pytest.approx((up - down) / 2e-5, abs=1e-9)


def test_draws_are_as_frequent_as_the_probabilities_say():
    args = drawn(np.random.default_rng(1), 5, 4, 1, 1)
    a0, p = args["a0"], args["parameters"]
    draws = (np.arange(1000) + 0.5) / 1000
    _, shares = oracle.probabilities(2, a0, p, 1.7, 3)
    chosen = [int(oracle.sample(2, a0, p, [draw], 1.7, 3)[0]) for draw in draws]
    np.testing.assert_allclose(np.bincount(chosen, minlength=5) / 1000, shares, atol=2e-3)
    assert np.count_nonzero(shares) == 3
