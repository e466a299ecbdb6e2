"""The attention notebook: slips are named, one mistake costs one criterion, Keras agrees."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.exercises.attention import oracle
from course_utils.exercises.attention.heads import look_back, many_heads
from course_utils.exercises.attention.looking import go_back, look
from course_utils.exercises.attention.masks_and_positions import encoding, mask_of

# Slips that are easy to make, written from scratch as a learner would.


def softmax(z):
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def additive_with_the_wrong_sign(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores - 1e9 * mask
    weights = softmax(scores)
    if mask is not None:
        weights = weights * ~mask
    return weights @ V, weights


def transposed_outright(Q, K, V, mask=None):
    scores = np.where(True if mask is None else mask, Q @ K.T / Q.shape[-1] ** 0.5, -np.inf)
    weights = np.nan_to_num(softmax(scores))
    return weights @ V, weights


def blanked_afterwards(Q, K, V, mask=None):
    weights = softmax(Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]))
    weights = weights if mask is None else weights * mask
    return weights @ V, weights


def zeroed_and_divided(Q, K, V, mask=None):
    weights = softmax(Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]))
    if mask is not None:
        weights = weights * mask
        weights = weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1e-9)
    return weights @ V, weights


def each_weight_by_itself(doutput, Q, K, V, weights):
    dscores = doutput @ np.swapaxes(V, -1, -2) * weights * (1 - weights) / np.sqrt(Q.shape[-1])
    dV = np.swapaxes(weights, -1, -2) @ doutput
    return {"dQ": dscores @ K, "dK": np.swapaxes(dscores, -1, -2) @ Q, "dV": dV}


def strictly_earlier(numbers, T_q, causal):
    mask = np.repeat((numbers > 0)[:, None], T_q, axis=1)
    return mask & np.tri(T_q, numbers.shape[1], -1, dtype=bool) if causal else mask


def cut_along_the_sequence(X_q, X_kv, parameters, n_heads, mask=None):
    m, T_q, d_model = X_q.shape
    Q, K, V = (
        (X @ parameters[W]).reshape(m, n_heads, X.shape[1], d_model // n_heads)
        for X, W in ((X_q, "Wq"), (X_kv, "Wk"), (X_kv, "Wv"))
    )
    output, weights = look(Q, K, V, None if mask is None else mask[:, None])
    return output.reshape(m, T_q, d_model) @ parameters["Wo"], weights


def halves(T, d_model):
    angles = np.arange(T)[:, None] / 10000 ** (2 * np.arange(d_model // 2) / d_model)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def state_first(h, S, real, parameters):
    context, weights = look((h @ parameters["Wq"])[:, None], S, S, real[:, None])
    joined = np.concatenate([h, context[:, 0]], axis=1)
    return np.tanh(joined @ parameters["Wc"] + parameters["bc"]), weights[:, 0]


SLIPS = [
    ("scaled_dot_product_attention", additive_with_the_wrong_sign, "mask upside down"),
    ("scaled_dot_product_attention", transposed_outright, "K.T"),
    ("scaled_dot_product_attention", blanked_afterwards, "mask after the softmax"),
    ("scaled_dot_product_attention", zeroed_and_divided, "a hidden score taken for the largest"),
    ("attention_backward", each_weight_by_itself, "slope of a sigmoid"),
    ("attention_mask", strictly_earlier, "blind to itself"),
    ("multi_head_attention", cut_along_the_sequence, "split by a reshape alone"),
    ("positional_encoding", halves, "sines first, then cosines"),
    ("attend", state_first, "state before context"),
]


@pytest.mark.parametrize(
    ("name", "slip", "called"), [pytest.param(*slip, id=f"{slip[0]}-{slip[2]}") for slip in SLIPS]
)
@pytest.mark.parametrize("seed", range(3))
def test_easy_slips_are_named(name, slip, called, seed, judged):
    result = judged(find(name)[1], slip, seed)
    assert result.status == "failed"
    assert called in [named for named, _ in result.misconceptions]


NOT_MISNAMED = {
    "cube root": ("scaled_dot_product_attention",
                  lambda *args: look(*args, scale=lambda Q, K, V: Q.shape[-1] ** (1 / 3))),
    "doubled slope": ("attention_backward",
                      lambda *args: {k: 2 * v for k, v in go_back(*args).items()}),
    "two positions ahead": ("attention_mask", lambda *args: mask_of(*args, last=2)),
    "base e": ("positional_encoding", lambda *args: encoding(*args, base=np.e)),
    "half of the context": ("attend", lambda *args: look_back(
        *args, joined=lambda context, h: np.hstack((context / 2, h)))),
    "last head silent": ("multi_head_attention", lambda *args: many_heads(
        *args, join=lambda X: np.concatenate((X[:, :-1], 0 * X[:, -1:]), axis=1)
        .swapaxes(1, 2).reshape(X.shape[0], X.shape[2], -1))),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_MISNAMED)
def test_a_mistake_that_has_no_name_gets_no_false_one(case, judged):
    name, wrong = NOT_MISNAMED[case]
    result = judged(find(name)[1], wrong)
    assert result.status == "failed"
    assert result.misconceptions == ()


def lost(name, wrong, judged):
    result = judged(find(name)[1], wrong)
    return {c.name.split(":")[0].split(",")[0] for c in result.criteria if not c.passed}


def test_a_mistake_costs_what_it_is_about(judged):
    name = "scaled_dot_product_attention"
    assert lost(name, lambda *args: look(*args, axis=-2), judged) == {"weights"}
    found = lost(name, lambda *args: look(*args, read=lambda Q, K, V: V + 1), judged)
    assert found == {"output"}
    assert lost(name, zeroed_and_divided, judged) == {"scores in the thousands are no trouble"}
    assert lost("attention_mask", strictly_earlier, judged) == {"if causal"}
    assert lost("attention_backward", each_weight_by_itself, judged) == {"dQ"}
    assert lost("attend", state_first, judged) == {"attended"}
    name = "multi_head_attention"
    assert lost(name, lambda *args: many_heads(*args, last=lambda X, Wo: X), judged) == {"output"}


@pytest.mark.parametrize("weights", [np.nan, 0.25, 0.0])
def test_nothing_follows_from_weights_that_say_nothing(weights, judged):
    def blank(Q, K, V, mask=None):
        found = np.full((*Q.shape[:-1], K.shape[-2]), weights)
        return found @ V, found

    assert judged(find("scaled_dot_product_attention")[1], blank).points == 0


def test_masks_of_the_cases_hide_something_in_each_row_and_show_something():
    for seed in range(10):
        cases = find("scaled_dot_product_attention")[1].cases(np.random.default_rng(seed))
        masks = [case.args["mask"] for case in cases if case.args["mask"] is not None]
        shown = [mask.any(axis=-1) for mask in masks]
        assert all((~mask).any() for mask in masks)
        assert sum((~rows).sum() for rows in shown) == 2  # of the queries that see nothing


@pytest.mark.parametrize("seed", range(3))
def test_the_gradients_are_those_of_nudged_numbers(seed):
    for case in find("attention_backward")[1].cases(np.random.default_rng(seed)):
        doutput, Q, K, V, weights = case.args.values()
        expected = oracle.attention_backward(*case.args.values())
        for name, array in {"Q": Q, "K": K, "V": V}.items():
            place = tuple(np.random.default_rng(seed).integers(array.shape))
            sums = []
            for step in (1e-6, -1e-6):
                moved = {"Q": Q.copy(), "K": K.copy(), "V": V.copy()}
                moved[name][place] += step
                output, _ = look(*moved.values(), weights > 0)
                sums.append(np.sum(doutput * output))
            slope = (sums[0] - sums[1]) / 2e-6
            np.testing.assert_allclose(expected[f"d{name}"][place], slope, atol=1e-7)


def test_heads_and_masks_are_those_of_keras():
    layers = pytest.importorskip("keras").layers
    for case in find("multi_head_attention")[1].cases(np.random.default_rng(0)):
        X_q, X_kv, p, n_heads, mask = case.args.values()
        if mask is not None and not mask.any(axis=-1).all():
            continue  # Keras lets a query that sees nothing look everywhere
        d_model = X_q.shape[-1]
        layer = layers.MultiHeadAttention(
            n_heads, d_model // n_heads, use_bias=False, dtype="float64"
        )
        layer.build(X_q.shape, X_kv.shape)
        into = [p[name].reshape(d_model, n_heads, -1) for name in ("Wq", "Wk", "Wv")]
        layer.set_weights([*into, p["Wo"].reshape(n_heads, -1, d_model)])
        output, weights = layer(X_q, X_kv, attention_mask=mask, return_attention_scores=True)
        expected = oracle.multi_head_attention(*case.args.values())
        np.testing.assert_allclose(output, expected[0], atol=1e-6)
        np.testing.assert_allclose(weights, expected[1], atol=1e-6)
