"""Notebook 02: other right styles pass, in float32 too; some mistakes are named, some are not."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.exercises.rnn_variants import ASSIGNMENT, oracle
from course_utils.exercises.rnn_variants.bidirectional import bidirectional
from course_utils.exercises.rnn_variants.gru import gru_cell, gru_sequence
from course_utils.exercises.rnn_variants.peephole import peephole_cell
from course_utils.exercises.rnn_variants.powers_and_clipping import clip, powers
from course_utils.rnn_utils import sigmoid


def cast(value, dtype):
    """Cast every array of real numbers in nested tuples, lists and dicts."""
    if isinstance(value, dict):
        return {key: cast(item, dtype) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(cast(item, dtype) for item in value)
    real = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype(dtype) if real else value


def in_float32(function):
    """Make a function that computes in float32 throughout."""
    return lambda *args: function(*cast(args, np.float32))


def powers_by_svd(Waa, steps):
    """Measure by singular values, and sort by hand."""
    power, norms = np.identity(len(Waa)), []
    for _ in range(steps + 1):
        norms.append(np.linalg.svd(power, compute_uv=False)[0])
        power = Waa.dot(power)
    values = np.linalg.eig(Waa)[0]
    return np.array(sorted(np.hypot(values.real, values.imag), reverse=True)), np.array(norms)


def stacked_powers(Waa, steps):
    """Make all powers first, as one array."""
    all_powers = np.stack([np.linalg.matrix_power(Waa, k) for k in range(steps + 1)])
    sizes = -np.sort(-abs(np.linalg.eigvals(Waa)))
    return sizes, np.linalg.norm(all_powers, ord=2, axis=(1, 2))


def clip_by_if(gradients, max_norm):
    flat = np.concatenate([gradient.ravel() for gradient in gradients.values()])
    norm = float(np.linalg.norm(flat))
    if norm <= max_norm:
        return gradients, norm
    return {name: gradient * max_norm / norm for name, gradient in gradients.items()}, norm


def clip_by_einsum(gradients, max_norm):
    norm = sum(np.einsum("i,i->", g.ravel(), g.ravel()) for g in gradients.values()) ** 0.5
    factor = 1.0 if norm == 0 else min(1.0, max_norm / norm)
    return {name: np.einsum("...,->...", g, factor) for name, g in gradients.items()}, norm


def mixed(W, b, a, xt):
    n_a = len(a)
    return np.einsum("ij,jm->im", W[:, :n_a], a) + np.einsum("ij,jm->im", W[:, n_a:], xt) + b


def einsum_gru_cell(xt, a_prev, p, reset_after):
    zt, rt = (sigmoid(mixed(p[f"W{k}"], p[f"b{k}"], a_prev, xt)) for k in "zr")
    if reset_after:
        from_input = mixed(p["Wc"], p["bc"], 0 * a_prev, xt)
        from_memory = mixed(p["Wc"], p["bca"], a_prev, 0 * xt)
        cct = np.tanh(from_input + rt * from_memory)
    else:
        cct = np.tanh(mixed(p["Wc"], p["bc"], rt * a_prev, xt))
    a_next = a_prev + zt * (cct - a_prev)
    return a_next, (a_next, a_prev, zt, rt, cct, xt, p)


def fused_gru_cell(xt, a_prev, p, reset_after):
    """Compute both gates in one product."""
    n_a = len(a_prev)
    W, b = np.vstack((p["Wz"], p["Wr"])), np.vstack((p["bz"], p["br"]))
    gates = sigmoid(W @ np.vstack((a_prev, xt)) + b)
    _, (*_, cct, _, _) = gru_cell(xt, a_prev, p, reset_after)
    zt, rt = gates[:n_a], gates[n_a:]
    a_next = a_prev - zt * a_prev + zt * cct
    return a_next, (a_next, a_prev, zt, rt, cct, xt, p)


def listed_gru(x, a0, p, reset_after, cell=einsum_gru_cell):
    states, kept = [a0], []
    for xt in np.moveaxis(x, 2, 0):
        a_next, cache = cell(xt, states[-1], p, reset_after)
        states.append(a_next)
        kept.append(cache)
    return np.stack(states[1:], axis=-1), (kept, x)


def einsum_peephole(xt, a_prev, c_prev, p):
    z = {k: mixed(p[f"W{k}"], p[f"b{k}"], a_prev, xt) for k in "fico"}

    def peep(k, c):
        return np.einsum("i,im->im", p[f"p{k}"][:, 0], c)

    ft, it = (sigmoid(z[k] + peep(k, c_prev)) for k in "fi")
    cct = np.tanh(z["c"])
    c_next = ft * c_prev + it * cct
    ot = sigmoid(z["o"] + peep("o", c_next))
    a_next = ot * np.tanh(c_next)
    return a_next, c_next, (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, p)


def diagonal_peephole(xt, a_prev, c_prev, p):
    """Write a peephole as a diagonal matrix beside the gate's own."""

    def gate(k, c):
        return sigmoid(
            np.hstack((p[f"W{k}"], np.diag(p[f"p{k}"].ravel()))) @ np.vstack((a_prev, xt, c))
            + p[f"b{k}"]
        )

    cct = np.tanh(p["Wc"] @ np.vstack((a_prev, xt)) + p["bc"])
    ft, it = gate("f", c_prev), gate("i", c_prev)
    c_next = ft * c_prev + it * cct
    ot = gate("o", c_next)
    return (
        ot * np.tanh(c_next), c_next,
        (ot * np.tanh(c_next), c_next, a_prev, c_prev, ft, it, cct, ot, xt, p),
    )  # fmt: skip


def one_reader(x, mask, p):
    """Read forwards, blending by the mask as a number."""
    a, state = [], np.zeros((len(p["bz"]), x.shape[1]))
    for t in range(x.shape[2]):
        real = mask[:, t].astype(x.dtype)
        state = real * einsum_gru_cell(x[..., t], state, p, False)[0] + (1 - real) * state
        a.append(real * state)
    return np.stack(a, axis=-1), state


def turned(x, mask, forwards, backwards):
    """Turn the sequence round, read it forwards, and turn the states back."""
    one, end = one_reader(x, mask, forwards)
    other, start = one_reader(x[..., ::-1], mask[:, ::-1], backwards)
    return np.vstack((one, other[..., ::-1])), np.vstack((end, start))


def by_example(x, mask, forwards, backwards):
    """Cut the padding out of each example, read what is left, and put it back."""
    n_a, (_, m, T_x) = len(forwards["bz"]), x.shape
    a, last = np.zeros((2 * n_a, m, T_x), x.dtype), np.zeros((2 * n_a, m), x.dtype)
    for e in range(m):
        real = np.flatnonzero(mask[e])
        start = np.zeros((n_a, 1))
        one, _ = gru_sequence(x[:, e : e + 1, real], start, forwards)
        other, _ = gru_sequence(x[:, e : e + 1, real[::-1]], start, backwards)
        a[:n_a, e, real], a[n_a:, e, real[::-1]] = one[:, 0], other[:, 0]
        last[:, e] = np.concatenate((one[:, 0, -1], other[:, 0, -1]))
    return a, last


STYLES = {
    "powers_of_recurrence": {
        "loop": oracle.powers_of_recurrence, "vectorised": powers,
        "singular values": powers_by_svd, "stacked": stacked_powers,
    },
    "clip_gradients": {
        "loop": oracle.clip_gradients, "vectorised": clip,
        "if": clip_by_if, "einsum": clip_by_einsum,
    },
    "gru_cell_forward": {
        "loop": oracle.gru_cell_forward, "vectorised": gru_cell,
        "einsum": einsum_gru_cell, "fused": fused_gru_cell,
    },
    "gru_forward": {
        "loop": oracle.gru_forward, "vectorised": gru_sequence,
        "einsum": listed_gru, "fused": partial(listed_gru, cell=fused_gru_cell),
    },
    "peephole_lstm_cell_forward": {
        "loop": oracle.peephole_lstm_cell_forward, "vectorised": peephole_cell,
        "einsum": einsum_peephole, "diagonal": diagonal_peephole,
    },
    "bidirectional_forward": {
        "loop": oracle.bidirectional_forward, "vectorised": bidirectional,
        "turned": turned, "by example": by_example,
    },
}  # fmt: skip
EVERY_STYLE = [
    pytest.param(name, function, id=f"{name}-{style}")
    for name, styles in STYLES.items()
    for style, function in styles.items()
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "function"), EVERY_STYLE)
def test_right_styles_pass_in_float64_and_float32(name, function, seed, judged):
    exercise = find(name)[1]
    for answer in (function, in_float32(function)):
        result = judged(exercise, answer, seed)
        assert result.status == "passed", result.diagnosis


def test_a_list_for_a_tuple_and_more_gradients_than_asked_for_are_no_mistake(judged):
    exercise = find("gru_cell_forward")[1]
    assert judged(exercise, lambda *a: list(gru_cell(*a))).status == "passed"
    exercise = find("clip_gradients")[1]

    def with_the_factor(gradients, max_norm):
        clipped, norm = clip(gradients, max_norm)
        return clipped | {"factor": 1.0}, norm

    assert judged(exercise, with_the_factor).status == "passed"


# Slips that are easy to make and hard to see, written from scratch as a learner would.


def keras_convention(xt, a_prev, p, reset_after):
    stacked = np.concatenate((a_prev, xt))
    zt, rt = sigmoid(p["Wz"] @ stacked + p["bz"]), sigmoid(p["Wr"] @ stacked + p["br"])
    _, (*_, cct, _, _) = gru_cell(xt, a_prev, p, reset_after)
    a_next = zt * a_prev + (1 - zt) * cct
    return a_next, (a_next, a_prev, zt, rt, cct, xt, p)


def per_array(gradients, max_norm):
    clipped = {}
    for name, gradient in gradients.items():
        length = np.linalg.norm(gradient)
        clipped[name] = gradient * max_norm / length if length > max_norm else gradient
    return clipped, np.sqrt(sum(np.linalg.norm(g) ** 2 for g in gradients.values()))


def old_cell_for_the_output_gate(xt, a_prev, c_prev, p):
    stacked = np.concatenate((a_prev, xt))
    ft, it, ot = (sigmoid(p[f"W{k}"] @ stacked + p[f"p{k}"] * c_prev + p[f"b{k}"]) for k in "fio")
    cct = np.tanh(p["Wc"] @ stacked + p["bc"])
    c_next = ft * c_prev + it * cct
    a_next = ot * np.tanh(c_next)
    return a_next, c_next, (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, p)


def summary_at_the_end(x, mask, forwards, backwards):
    a, _ = turned(x, mask, forwards, backwards)
    return a, a[:, :, -1]


def never_turned_back(x, mask, forwards, backwards):
    one, end = one_reader(x, mask, forwards)
    other, start = one_reader(x[..., ::-1], mask[:, ::-1], backwards)
    return np.vstack((one, other)), np.vstack((end, start))


def largest_by_real_part(Waa, steps):
    return np.sort(np.linalg.eigvals(Waa).real)[::-1], powers(Waa, steps)[1]


SLIPS = [
    ("gru_cell_forward", keras_convention, "update gate the other way round"),
    ("clip_gradients", per_array, "each array by itself"),
    ("peephole_lstm_cell_forward", old_cell_for_the_output_gate,
     "output gate sees the old cell state"),
    ("bidirectional_forward", summary_at_the_end, "last is the last step"),
    ("bidirectional_forward", never_turned_back, "backward half not turned back"),
    ("powers_of_recurrence", largest_by_real_part, "real parts for sizes"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "slip", "called"), [pytest.param(*slip, id=f"{slip[0]}-{slip[2]}") for slip in SLIPS]
)
@pytest.mark.parametrize("seed", range(5))
def test_easy_slips_are_named(name, slip, called, seed, judged):
    result = judged(find(name)[1], slip, seed)
    assert result.status == "failed"
    assert called in [named for named, _ in result.misconceptions]


def test_two_mistakes_at_once_are_both_named(judged):
    def wrong(x, mask, forwards, backwards):
        a, _ = bidirectional(x, mask, forwards, backwards, stored="as read")
        right, _ = bidirectional(x, mask, forwards, backwards)
        return a, right[:, :, -1]

    result = judged(find("bidirectional_forward")[1], wrong)
    assert {name for name, _ in result.misconceptions} == {
        "backward half not turned back",
        "last is the last step",
    }


NOT_MISNAMED = {
    "z squared": ("gru_cell_forward", partial(
        gru_cell, blend=lambda z, a, c, r: (1 - z**2) * a + z**2 * c)),
    "every input twice": ("gru_forward", partial(gru_sequence, at=lambda t, T_x: t // 2)),
    "half the limit": ("clip_gradients", lambda g, limit: (clip(g, limit / 2)[0], clip(g, 1)[1])),
    "mask one step late": ("bidirectional_forward", partial(
        bidirectional, real=lambda mask: np.roll(mask, 1, axis=1))),
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


def test_what_follows_from_an_earlier_mistake_is_not_charged_again(judged):
    result = judged(find("gru_cell_forward")[1], partial(gru_cell, without="r"))
    assert lost(result) == {"gates zt and rt"}
    result = judged(find("gru_cell_forward")[1], partial(gru_cell, form=lambda after: False))
    assert {c.name for c in result.criteria if not c.passed} == {
        "candidate cct, reset after the product",
    }
    result = judged(
        find("gru_cell_forward")[1], partial(gru_cell, blend=lambda z, a, c, r: z * a + (1 - z) * c)
    )
    assert lost(result) == {"a_next"}
    result = judged(
        find("peephole_lstm_cell_forward")[1], partial(peephole_cell, sees=("old", "old", "old"))
    )
    assert lost(result) == {"output gate ot"}
    root_forgotten = partial(clip, length=lambda arrays: sum(np.sum(g**2) for g in arrays))
    result = judged(find("clip_gradients")[1], root_forgotten)
    assert lost(result) == {"norm"}
    result = judged(find("gru_forward")[1], partial(gru_sequence, start=np.zeros_like))
    assert "a" in lost(result)


COST_MORE = {  # the shape of what they touch, the list of caches, or an argument is wrong as well
    ("clip_gradients", "short gradients stretched"),  # divides by zero, too
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
@pytest.mark.parametrize("exercise", ASSIGNMENT.exercises, ids=ASSIGNMENT.names())
def test_a_named_mistake_costs_one_criterion(exercise, seed, judged):
    for mistake in exercise.misconceptions:
        for form in mistake.forms():
            result = judged(exercise, form, seed)
            failed = [c.name for c in result.criteria if not c.passed]
            if (exercise.name, mistake.name) not in COST_MORE:
                assert len(failed) == 1, (mistake.name, failed)


@pytest.mark.parametrize("norm", [0.0, np.nan, -1.0])
def test_nothing_follows_from_a_norm_that_is_none(norm, judged):
    result = judged(
        find("clip_gradients")[1], lambda g, limit: ({k: 0 * v for k, v in g.items()}, norm)
    )
    assert {"norm", "shortens what is too long"} <= lost(result)


def test_nothing_follows_from_a_gate_that_does_not_vary(judged):
    def shut(xt, a_prev, c_prev, p):
        zero = np.zeros_like(c_prev)
        return zero, zero, (zero, zero, a_prev, c_prev, zero, zero, zero, zero, xt, p)

    result = judged(find("peephole_lstm_cell_forward")[1], shut)
    assert {"a_next", "c_next"} <= lost(result)
    assert result.points <= 2
