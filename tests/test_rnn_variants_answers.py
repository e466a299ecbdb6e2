"""RNN variants: other right styles pass, in float32 too; some mistakes are named, some not."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.exercises.rnn_variants.bidirectional import bidirectional
from course_utils.exercises.rnn_variants.gru import gru_cell, gru_sequence
from course_utils.exercises.rnn_variants.peephole import peephole_cell
from course_utils.exercises.rnn_variants.powers_and_clipping import clip, powers
from course_utils.exercises.rnn_variants.styles import one_reader, turned
from course_utils.rnn_utils import sigmoid


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
