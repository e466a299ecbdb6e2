"""An explanation names what is wrong and not what only looks like it."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises import find
from course_utils.exercises.rnn_step_by_step.oracle import rnn_cell_backward
from course_utils.exercises.rnn_variants.oracle import gru_cell_forward
from course_utils.judging.compare import Leaf
from course_utils.judging.explaining.stages import parts_that_are_wrong
from course_utils.judging.model import Case
from course_utils.judging.result import Result
from course_utils.observing.looking import look
from course_utils.observing.probes import call
from tests.test_explaining import BACK, CELL, LSTM, explained

ATTENTION = "def scaled_dot_product_attention(Q, K, V, mask=None):\n"
BACKWARDS = "def rnn_backward(da, caches):\n"
LOOP = f"""{BACKWARDS}    kept, x = caches
    dx, back = np.zeros(x.shape), np.zeros(da.shape[:2])
    totals = dict(dWax=0, dWaa=0, dba=0)
    for t in reversed(range(da.shape[2])):
        {{first}}
        step = rnn_cell_backward(da[:, :, t] + back, kept[t])
        dx[:, :, t], back = step["dxt"], {{back}}
        totals = {{{{name: totals[name] + step[name] for name in totals}}}}
    return {{{{"dx": dx, "da0": back, **totals}}}}
"""


TWO_AXES = """
def attention_backward(doutput, Q, K, V, weights):
    dweights = doutput @ V.T
    average = (weights * dweights).sum(axis=-1, keepdims=True)
    dscores = weights * (dweights - average) / np.sqrt(Q.shape[-1])
    return {"dQ": dscores @ K, "dK": dscores.T @ Q, "dV": weights.T @ doutput}
"""


def backwards(**parts):
    return explained(LOOP.format(**parts), rnn_cell_backward=rnn_cell_backward)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "def rnn_cell_forward(parameters, xt, a_prev):\n    return parameters['Wax'] @ xt",
            "Its first line has the arguments in another order. Wanted: `def rnn_cell_forward(xt,",
        ),
        (
            "def rnn_cell_forward(x, a_prev, parameters):\n    return xt",
            "The task calls this argument `xt`, and your first line calls it `x`",
        ),
        (f"{CELL}    dWaa = 0\n    return Waa @ a_prev", "`Waa = parameters['Waa']`"),
        (
            f"{CELL}    return np.concatenate((a_prev, xt), axis=1)",
            "along axis 1 must be equally long along all others. Along axis 0 they could be",
        ),
        (
            f"{ATTENTION}    return Q @ K.transpose(0, 2, 1)",
            "and `K` is (5, 4), that is (T_k, d_k)",
        ),
        (
            f"{CELL}    a = np.zeros((2, 4))\n    a[:, :] = a_prev\n    return a",
            "or what comes is not what its name says",
        ),
        (f"{ATTENTION}    return Q.size(-1)", "An array's `.size` is no function"),
        (
            TWO_AXES,
            "`np.swapaxes(V, -1, -2)`",
        ),
        (
            "def clip_gradients(gradients, max_norm):\n"
            "    g = np.array(gradients)\n    return g**2",
            "`g` is an array of shape () that holds a dict",
        ),
        (
            "def language_model_loss(y_pred, targets):\n"
            "    return sum(targets[i] for i in range(len(y_pred)))",
            "that axis is m: is that what `i` counts",
        ),
        (f"{CELL}    return np.sum(xt.multiply(2))", "NumPy has it: `np.multiply`."),
        (f"{CELL}    return parameters.zeros(3)", "NumPy has it: `np.zeros`."),
        (f"{CELL}    return parameters.vectors", "stands in square brackets"),
        (f"{CELL}    return np.zeros((3, parameters))", "`parameters` is a dict with the keys"),
        (f"{CELL}    return xt[a_prev[0]:]", "A whole number is needed here, and an array"),
        (
            f"{CELL}    states = {{-1: xt}}\n    return states[len(xt) - 3]",
            "has no key 0: it has -1.",
        ),
        (
            f"{CELL}    t, h, x = 1, {{0: a_prev}}, {{1: xt}}\n"
            "    h[t] = np.tanh(x[t]) + h[t + 1] + parameters['ba']",
            "`h` has no key 2: it has 0.",
        ),
        (
            f"{CELL}    seen = {{}}\n    return seen[0] + parameters['ba']",
            "has no key 0: it is empty.",
        ),
        (
            f"{CELL}    own, more = {{'b': 1}}, {{'a': 1}}\n    more['b'] += own['b']",
            "`more` has no key 'b': it has a.",
        ),
        (f"{CELL}    return xt.sum(a_prev, 1)", "When this line runs"),
        (
            f"{CELL}    return np.cumsum(xt, keepdims=True)",
            "`cumsum` takes no argument `keepdims`.",
        ),
        (f"{CELL}    return xt[:, parameters]", "Here `parameters` is a dict with the keys"),
        (f"{CELL}    return [xt, a_prev][:, 0]", "Several indices, as an array takes them"),
        (
            f"{CELL}    return np.zeros(xt.shape[2])",
            "`xt.shape` is (3, 4), that is (n_x, m): it has no `[2]`",
        ),
        (
            f"{CELL}    return np.einsum('ij,jk', xt, 2)",
            "more letters for operand 1 (counted from 0)",
        ),
        (f"{CELL}    n = xt.shape\n    return a_prev[:n]", "On this line `n` is a tuple."),
        (f"{CELL}    return [1].index('xt')", "looks for 'xt' in a list that does not have it"),
        (f"{CELL}    return np.arange(3) ** -1", "to no negative power"),
        (
            f"{CELL}    p = parameters\n    return np.concatenate((p['Wax'], p['Wya']))",
            "`p['Wya']` is (2, 5), that is (n_y, n_a)",
        ),
        (f"{CELL}    return xt[:2] + parameters['Wya'].T @ a_prev", "they would fit without `.T`"),
        (f"{CELL}    return xt + parameters['Wya'].T @ a_prev", "the two that belong together?"),
        (f"{CELL}    np.add.at(xt, [0, 1], a_prev)", "adds `b` to the rows `a[i]`"),
        (
            f"{ATTENTION}    return np.matmul(2, K), mask",
            "`@` takes no single numbers, nor what counts as one",
        ),
    ],
)
def test_an_error_leads_to_its_cause(source, said):
    result = explained(source)
    text = f"{result.note} {' '.join(sentence for _, sentence in result.misconceptions)}"
    assert said in text


def test_what_right_results_are_made_from_is_not_wrong():
    shared = "    a_next, a_prev, xt, parameters = cache\n    dz = 1 - a_next * a_next\n"
    body = (
        '    dxt = parameters["Wax"].T @ (dz * da_next)\n'
        '    da_prev = parameters["Waa"].T @ (dz * da_next)\n'
        "    dWax, dWaa = (dz * da_next) @ xt.T, 3 * (dz * da_next) @ a_prev.T\n"
        "    dba = (dz * da_next).sum(1, keepdims=True)\n"
        "    return dict(dxt=dxt, da_prev=da_prev, dWax=dWax, dWaa=dWaa, dba=dba)\n"
    )
    result = explained(f"def rnn_cell_backward(da_next, cache):\n{shared}{body}")
    assert "`dz` is wrong" not in result.note and "`dWaa`" in result.note


def test_an_array_in_the_place_of_another_is_not_wrong_itself():
    source = LSTM.format(it='p["Wi"] @ s + p["bi"]').replace(
        "ft, it, cct, ot, xt", "ft, ot, cct, it, xt"
    )
    assert "is wrong (" not in explained(source).note


def test_a_right_variable_that_is_returned_by_mistake_is_not_called_wrong():
    source = BACK.format(dz="(1 - a_next**2) * da_next").replace(
        'parameters["Waa"].T @ dz', "state"
    )
    note = explained(source.replace("    return", "    state = a_prev\n    return")).note
    assert "`state`" not in note and "`da_prev` holds `a_prev` instead" in note
    source = f"""{ATTENTION}    scores = Q @ K.swapaxes(-1, -2) / np.sqrt(Q.shape[-1])
    powers = np.exp(scores if mask is None else np.where(mask, scores, -1e9))
    return powers / powers.sum(-1, keepdims=True) @ V, powers
"""
    assert "`weights` is wrong. In your code it is `powers` (`powers = " in explained(source).note


def test_a_number_on_the_line_of_a_wrong_one_is_looked_at_too():
    source = """
def language_model_loss(y_pred, targets):
    total = sum(-np.log(y_pred[k, i, 1:]).sum() / 7 for i, k in enumerate(targets[:, 0]))
    bits = total / np.log(2) + 0.1
    return bits, 2**bits
"""
    assert "It is made from `total`, of which nothing is known here." in explained(source).note


def test_what_nothing_is_known_of_is_followed_back_to_what_the_task_gives():
    source = """
def language_model_loss(y_pred, y_true):
    scores = y_pred.transpose(1, 2, 0).reshape(-1, len(y_pred))
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    chosen = shares[np.arange(len(scores)), y_true.flatten()]
    bits = -np.log(chosen).mean() + 0.1
    return bits, 2**bits
"""
    note = explained(source).note
    assert "It is made from `chosen`, of which nothing is known here. Check `shares = " in note


def test_what_only_some_parts_depend_on_is_told_where_no_line_is_known():
    source = """
def lstm_cell_backward(da_next, dc_next, cache):
    a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, p = cache
    dc = dc_next + da_next * ot * (1 - np.tanh(c_next) ** 2)
    s, n, grads = np.concatenate((a_prev, xt)), len(a_prev), {"dc_prev": dc * ft}
    dz = dict(f=dc * c_prev * ft, i=dc * cct * it * (1 - it), c=dc * it * (1 - cct**2),
              o=da_next * np.tanh(c_next) * ot * (1 - ot))
    back = sum(p["W" + k].T @ dz[k] for k in dz)
    for k in dz:
        grads["dW" + k], grads["db" + k] = dz[k] @ s.T, dz[k].sum(1, keepdims=True)
    return {"dxt": back[n:], "da_prev": back[:n], **grads}
"""
    note = explained(source.replace("ft, i=", "ft + 0.1, i=")).note
    assert "look at what only `dxt`, `da_prev`, `dWf` and `dbf` depend on" in note


def test_lines_that_fill_parts_of_one_array_are_told_side_by_side():
    def f(x):
        a = np.zeros((2, 3))
        for t in range(3):
            a[0, t] = x[t]
        for t in range(3):
            a[1, t] = -x[t]
        if len(x) > 2:
            a = a * 2
        return a

    seen = look(call, {"f": f}, "f", {"x": np.arange(3.0)}, {})
    assert seen["lines"]["a"] == "a[0, t] = x[t]; a[1, t] = -x[t]; a = a * 2"


def test_numbers_that_run_backwards_along_any_axis_are_told():
    source = """
def positional_encoding(T, d_model):
    encoding = np.zeros((T, d_model))
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    encoding[::-1, 0::2], encoding[:, 1::2] = np.sin(angles), np.cos(angles)
    return encoding
"""
    assert "is right but runs backwards along its axis 0 (position)" in explained(source).note
    source = """
def attention_mask(numbers, T_q, causal):
    mask = np.repeat(numbers[:, None, ::-1] != 0, T_q, axis=1)
    return mask & np.tri(*mask.shape[1:], dtype=bool)[:, ::-1] if causal else mask
"""
    assert "runs backwards along its axis 2 (key)" in explained(source).note


def test_what_is_unpacked_in_another_order_is_named():
    source = BACK.format(dz="(1 - a_next**2) * da_next")
    source = source.replace("a_next, a_prev, xt", "a_prev, a_next, xt")
    assert (
        "`a_prev` holds `a_next` (`a_prev, a_next, xt, parameters = cache`)"
        in explained(source).note
    )


def test_the_line_that_writes_into_an_argument_is_told():
    result = backwards(first="da[:, :, t] += 0 * back + 1e-3", back='step["da_prev"]')
    assert "`da[:, :, t] += 0 * back + 0.001`" in result.note


def test_what_is_written_into_under_another_name_is_told():
    step = find("gru_cell_forward")[1].oracle
    source = """
def gru_forward(x, a0, parameters, reset_after=False):
    states, caches, a = [], [], a0
    for t in range(x.shape[2]):
        new, cache = gru_cell_forward(x[:, :, t], a.copy(), parameters, reset_after)
        a[:] = new
        states.append(new), caches.append(cache)
    return np.stack(states, 2), (caches, x)
"""
    note = explained(source, gru_cell_forward=step).note
    assert note.startswith("`a[:] = new` writes into it.")


def test_gradients_that_are_added_up_on_their_way_back_are_a_known_mistake():
    result = backwards(first="", back='back + step["da_prev"]')
    assert [name for name, _ in result.misconceptions] == ["what comes back added up"]


def test_what_a_loop_does_to_several_arrays_is_their_line():
    def f(x):
        a, b = x + 1, x + 2
        for each in (a, b):
            np.clip(each, 0, 1, out=each)
        return a + b

    seen = look(call, {"f": f}, "f", {"x": np.arange(3.0)}, {})
    assert seen["lines"]["a"] == seen["lines"]["b"] == "np.clip(each, 0, 1, out=each)"


def test_right_numbers_in_another_shape_blame_no_line():
    source = f"""{ATTENTION}    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    seen = np.ones(scores.shape, bool) if mask is None else mask
    powers = np.exp(np.where(seen, scores, -1e9) - scores.max(-1, keepdims=True)) * seen
    weights = powers / np.maximum(powers.sum(-1, keepdims=True), 1e-30)
    return weights @ V, weights.reshape(-1, weights.shape[-1])
"""
    note = explained(source).note
    assert "is wrong (" not in note


def test_places_that_are_never_filled_are_told():
    source = """
def positional_encoding(T, d_model):
    t, k = np.arange(T)[:, None], np.arange(d_model // 2)
    angles, encoding = t / 10000 ** (2 * k / d_model), np.zeros((T, d_model))
    encoding[:, ::2] = np.sin(angles)
    encoding[1:, 1::2] = np.cos(angles)[1:]
    return encoding
"""
    assert "are some of its places never filled in" in explained(source).note


def test_entries_that_are_taken_apart_are_told():
    source = """
def gru_forward(x, a0, parameters, reset_after=False):
    a, states, caches = a0, [], []
    for t in range(x.shape[2]):
        a, cache = gru_cell_forward(x[:, :, t], a, parameters, reset_after)
        states.append(a), caches.extend(cache)
    return np.stack(states, 2), (caches, x)
"""
    assert "adds an entry as a whole" in explained(source, gru_cell_forward=gru_cell_forward).note


def test_one_array_is_no_tuple_of_arrays_of_other_shapes():
    source = "def attend(h, S, real, parameters):\n    return np.zeros((2, 4))\n"
    assert "The function should return a tuple of 2" in explained(source).summary


def test_a_shape_without_room_is_told_as_it_is_asked_for():
    heads = "def multi_head_attention(X_q, X_kv, parameters, n_heads, mask=None):\n"
    body = (
        "    m, T_q, d = X_q.shape\n    K = X_kv @ parameters['Wk']\n"
        "    return K.reshape(m, T_q, n_heads, d // n_heads)\n"
    )
    note = explained(heads + body).note
    assert "`(m, T_q, n_heads, d // n_heads)`, is (2, 3, 2, 3) here and has room for 36" in note


def test_no_function_is_suggested_for_a_name_that_is_gone_through():
    def nearest_words():
        return []

    analogy = "def complete_analogy(word_a, word_b, word_c, word_to_vec_map):\n"
    body = "    for w in words:\n        pass\n"
    assert "nearest_words" not in explained(analogy + body, nearest_words=nearest_words).note


def test_states_taken_apart_in_the_wrong_order_are_told_by_the_first_step():
    step = find("lstm_cell_forward")[1].oracle
    source = """
def lstm_forward(x, a0, parameters):
    a_next, c_next, caches, kept = a0, np.zeros_like(a0), [], []
    for t in range(x.shape[2]):
        c_next, a_next, yt, cache = lstm_cell_forward(x[:, :, t], a_next, c_next, parameters)
        kept.append((a_next, yt, c_next)), caches.append(cache)
    return *(np.stack(each, axis=2) for each in zip(*kept)), (caches, x)
"""
    note = explained(source, lstm_cell_forward=step).note
    assert note.startswith("At step 0, `a` holds what belongs in `c`, and the reverse")


def test_a_part_that_is_right_in_one_case_alone_is_not_called_right():
    def case(numbers, indices):
        return [
            Leaf(name, kind, np.ones(2), np.ones(2))
            for name, kind in (("numbers", numbers), ("indices", indices))
        ]

    once, twice = case("ok", "value"), case("value", "value")
    assert parts_that_are_wrong([once, once], 0).startswith("`numbers` is right")
    assert parts_that_are_wrong([once, twice], 0) == ""


def test_a_line_of_several_names_is_no_witness_if_one_of_them_is_wrong():
    source = """
def lstm_cell_backward(da_next, dc_next, cache):
    a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, p = cache
    tanh_c, s, n_a = np.tanh(c_next), np.concatenate((a_prev, xt)), len(a_next)
    dc = dc_next + da_next * ot * (1 - tanh_c**2)
    dft, dit = dc * c_prev * ft * (1 - ft), dc * cct * it * (1 - it)
    dot = da_next * tanh_c * ot * (1 - ot)
    dcct = dc * it * (1 - cct)
    dWf, dWi, dWc, dWo = (d @ s.T for d in (dft, dit, dcct, dot))
    dbf, dbi, dbc, dbo = (d.sum(1, keepdims=True) for d in (dft, dit, dcct, dot))
    ds = sum(p[f"W{k}"].T @ d for k, d in zip("fico", (dft, dit, dcct, dot)))
    found = dict(dxt=ds[n_a:], da_prev=ds[:n_a], dc_prev=dc * ft, dWf=dWf, dWi=dWi, dWc=dWc)
    return found | dict(dWo=dWo, dbf=dbf, dbi=dbi, dbc=dbc, dbo=dbo)
"""
    assert "`dcct` is the first that differs" in explained(source).note


def test_no_loop_is_suspected_where_an_array_holds_the_index():
    source = """
def language_model_forward(x, a0, parameters):
    return parameters["Waa"][x[:, 0] + 4]
"""
    assert "does a loop" not in explained(source).note


def test_a_number_with_decimals_is_no_size():
    case = Case("m=3, temperature=1.00, n_x=12, max_norm=50.0", {})
    assert case.sizes == {"m": 3, "n_x": 12}


def test_an_argument_that_may_be_none_is_not_blamed_for_shapes():
    source = f"""{ATTENTION}    return Q @ K if mask is None else Q
"""
    assert "`K` is (5, 4)" in explained(source).note


def test_a_variable_of_which_a_part_is_asked_for_is_not_wrong():
    source = """
def clip_gradients(gradients, max_norm):
    total = np.array([np.linalg.norm(g) for g in gradients.values()])
    return gradients, total
"""
    assert "`total` is wrong" not in explained(source).note


def test_what_a_wrong_result_is_copied_from_is_told():
    cell = "step = rnn_cell_backward(da[:, :, t] ** 2 * 3 + back, kept[t])"
    source = LOOP.replace("step = rnn_cell_backward(da[:, :, t] + back, kept[t])", cell)
    source = source.format(first="", back='step["da_prev"]')
    note = explained(source, rnn_cell_backward=rnn_cell_backward).note
    assert "It is made from `step`, of which nothing is known here." in note


def of_steps(returned: str) -> Result:
    """Explain an `rnn_forward` that makes `a` and `y` of the lists of steps in its own way."""
    source = f"""
def rnn_forward(x, a0, parameters):
    a, y, caches, state = [], [], [], a0
    for t in range(x.shape[2]):
        state, yt, cache = rnn_cell_forward(x[:, :, t], state, parameters)
        a.append(state), y.append(yt), caches.append(cache)
    return {returned}, (caches, x)
"""
    return explained(source, rnn_cell_forward=find("rnn_cell_forward")[1].oracle)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("np.concatenate(a, axis=1), np.stack(y, 2)", "two of its axes have become one"),
        ("np.stack([np.stack(a, 2)] * 2), np.stack(y, 2)", "has axis 0 too many"),
    ],
)
def test_right_numbers_along_too_few_or_too_many_axes_are_told(change, said):
    assert said in of_steps(change).note


def test_complex_numbers_are_told():
    source = """
def powers_of_recurrence(Waa, steps):
    return np.sort(np.linalg.eigvals(Waa))[::-1], np.ones(steps + 1)
"""
    assert "`sizes` holds complex numbers" in explained(source).note


def test_steps_that_are_missing_from_a_list_are_counted():
    step = find("gru_cell_forward")[1].oracle
    source = """
def gru_forward(x, a0, parameters, reset_after=False):
    a, states, caches = a0, [a0], []
    for t in range(1, x.shape[2]):
        a, cache = gru_cell_forward(x[:, :, t], a, parameters, reset_after)
        states.append(a), caches.append(cache)
    return np.stack(states, 2), (caches, x)
"""
    note = explained(source, gru_cell_forward=step).note
    assert "It has 6 entries instead of 7: where, and how often, is one added?" in note


def test_truth_values_that_are_wrong_in_some_cases_only_are_explained():
    source = """
def attention_mask(numbers, T_q, causal):
    m, T_k = numbers.shape
    mask = np.repeat(numbers[:, None] != 0, T_q, axis=1)
    if T_q == T_k:
        mask = mask & (numbers[:, :, None] != 0)
    return mask & np.tri(T_q, T_k, dtype=bool) if causal else mask
"""
    assert "its condition is too strict" in explained(source).note


def test_a_slice_of_an_argument_in_the_place_of_a_result_is_told():
    source = LOOP.format(first="", back='step["da_prev"]').replace(
        '"da0": back', '"da0": da[..., 0]'
    )
    note = explained(source, rnn_cell_backward=rnn_cell_backward).note
    assert "`da0` holds `da[..., 0]` instead." in note


def test_the_place_from_which_numbers_are_wrong_is_told():
    source = """
def powers_of_recurrence(Waa, steps):
    powers = [np.eye(len(Waa)), Waa]
    while len(powers) <= steps:
        powers.append(powers[-1] @ powers[-1])
    norms = np.array([np.linalg.norm(power, 2) for power in powers[: steps + 1]])
    return np.sort(np.abs(np.linalg.eigvals(Waa)))[::-1], norms
"""
    assert "`norms` is right up to power 2 and wrong from power 3" in explained(source).note


def test_an_array_instead_of_a_number_is_told_for_one_example_too():
    source = """
def language_model_loss(y_pred, targets):
    bits = -np.log2(np.take_along_axis(y_pred, targets[None], 0)[0]).mean(axis=1)
    return bits, 2 ** np.mean(bits)
"""
    assert "its mean is missing" in explained(source).note


def test_no_argument_is_suspected_where_one_whole_number_comes_again_and_again():
    source = """
def sample(first, a0, parameters, draws, temperature=1.0, top_k=None):
    return np.array([int(np.argmin(draws)) * 0 for _ in draws])
"""
    assert "The numbers are those" not in explained(source).note


def test_what_stands_between_positions_and_angles_is_known():
    source = """
def positional_encoding(T, d_model):
    rates = 10000 ** (np.arange(0, d_model, 2) // d_model + 0.5)
    angles = np.arange(T)[:, None] / rates
    return np.stack((np.sin(angles), np.cos(angles)), 2).reshape(T, d_model)
"""
    assert "`rates` is wrong (`rates = 10000 **" in explained(source).note


def test_queries_keys_and_values_are_known_before_they_attend():
    attention = find("scaled_dot_product_attention")[1].oracle
    source = """
def multi_head_attention(X_q, X_kv, parameters, n_heads, mask=None):
    def split(X):
        return X.reshape(*X.shape[:2], n_heads, -1).swapaxes(1, 2)
    Q, K = split(X_q @ parameters["Wq"]), split(X_kv @ parameters["Wk"] ** 2)
    V = split(X_kv @ parameters["Wv"])
    out, weights = scaled_dot_product_attention(Q, K, V, None if mask is None else mask[:, None])
    return out.swapaxes(1, 2).reshape(X_q.shape) @ parameters["Wo"], weights
"""
    note = explained(source, scaled_dot_product_attention=attention).note
    assert "`K` is wrong" in note or "`K` is the first that differs" in note


def test_a_name_that_is_made_anew_from_itself_has_both_lines():
    def f(x):
        a = x + 1
        a = a.reshape(-1)
        return a

    seen = look(call, {"f": f}, "f", {"x": np.arange(3.0)}, {})
    assert seen["lines"]["a"] == "a = x + 1; a = a.reshape(-1)"


def test_what_follows_from_wrong_gates_is_no_mistake_of_its_own():
    source = LSTM.format(it='p["Wi"] @ s + p["bi"]')
    result = explained(source.replace("ft, it = sigmoid", "it, ft = sigmoid"))
    assert not result.misconceptions
    assert "`cache.ft` and `cache.it` have changed places" in result.note


def test_what_passes_from_one_example_to_the_next_is_told():
    source = """
def language_model_forward(x, a0, p):
    a, y_pred = np.zeros((len(p["ba"]), *x.shape)), np.zeros((len(p["by"]), *x.shape))
    h = a0[:, :1]
    for i in range(len(x)):
        for t in range(x.shape[1]):
            h = np.tanh(p["Wax"][:, x[i, t], None] + p["Waa"] @ h + p["ba"])
            a[:, i, t], y_pred[:, i, t] = h[:, 0], softmax(p["Wya"] @ h + p["by"])[:, 0]
    return a, y_pred
"""
    assert "`a` is right for example 0 alone" in explained(source).note


def test_an_axis_of_another_length_is_told_by_all_cases_together():
    attention = find("scaled_dot_product_attention")[1].oracle
    source = """
def multi_head_attention(X_q, X_kv, parameters, n_heads, mask=None):
    def split(X):
        return X.reshape(*X.shape[:2], -1, n_heads).swapaxes(1, 2)
    Q, K, V = (split(X @ parameters[k]) for X, k in ((X_q, "Wq"), (X_kv, "Wk"), (X_kv, "Wv")))
    out, weights = scaled_dot_product_attention(Q, K, V, None if mask is None else mask[:, None])
    return out.swapaxes(1, 2).reshape(X_q.shape) @ parameters["Wo"], weights
"""
    note = explained(source, scaled_dot_product_attention=attention).note
    assert "has the length d_k, and should have n_heads" in note


def test_what_no_variable_holds_is_told_before_what_follows_from_it():
    source = """
def lstm_cell_forward(xt, a_prev, c_prev, p):
    W, b = (np.vstack([p[k + g] for g in "ifoc"]).T for k in "Wb")
    i, f, o, g = np.split(a_prev.T @ W[: len(a_prev)] + b, 4, axis=1)
    i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
    c = f * c_prev.T + i * g
    h = o * np.tanh(c)
    y = softmax(p["Wy"] @ h.T + p["by"])
    return h.T, c.T, y, (h.T, c.T, a_prev, c_prev, f.T, i.T, g.T, o.T, xt, p)
"""
    note = explained(source).note
    assert "`cache.ft` is the first stage" in note and "leaves `xt` out" in note


def test_a_loop_that_returns_too_early_is_a_known_mistake():
    source = LOOP.format(first="", back='step["da_prev"]')
    result = explained(
        source.replace("    return", "        return"), rnn_cell_backward=rnn_cell_backward
    )
    assert [name for name, _ in result.misconceptions] == ["one step back only"]


def test_what_stands_in_the_place_of_a_part_is_told_with_its_name():
    source = LSTM.format(it='sigmoid(p["Wi"] @ s + p["bi"])')
    note = explained(source.replace("ot, xt, p)", "ot, p, xt)")).note
    assert "`cache.xt` stands where `parameters` belongs" in note


def test_one_number_is_found_under_another_name():
    source = """
def language_model_loss(y_pred, targets):
    mean = -np.mean(np.log2(y_pred[targets[0, 0]])) + 0.25
    return mean, 2**mean
"""
    assert "`bits` is wrong. In your code it is `mean` (`mean = " in explained(source).note


def test_what_goes_into_a_call_without_a_known_shape_is_named():
    source = """
def rnn_forward(x, a0, parameters):
    states = [a0]
    for t in range(x.shape[2]):
        states.append([rnn_cell_forward(x[:, :, t], states[-1], parameters)])
"""

    def rnn_cell_forward(xt, a_prev, p):
        return np.tanh(p["Wax"] @ xt + np.concatenate((a_prev, xt)))

    note = explained(source, rnn_cell_forward=rnn_cell_forward).note
    assert "Compare that and `states[-1]` with the shapes" in note


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("steps = x.shape", "A text, list or tuple is repeated by a whole number, and here by a v"),
        ("kept = [None] * a0", "`[None]` meets an array here"),
    ],
)
def test_a_list_or_tuple_in_the_place_of_a_number_or_an_array_is_told(change, said):
    source = f"""
def gru_forward(x, a0, parameters, reset_after=False):
    steps, a = x.shape[2], a0
    {change}
    kept = [None] * steps
    for t in range(steps):
        a, kept[t] = gru_cell_forward(x[:, :, t], a, parameters, reset_after)
    return a, (kept, x)
"""
    step = find("gru_cell_forward")[1].oracle
    note = explained(source, gru_cell_forward=step).note
    assert said in note, note


def test_a_tuple_passed_to_another_exercise_is_named_with_the_shapes():
    source = """
def lstm_forward(x, a0, parameters):
    a, c, caches = a0, a0.shape, []
    for t in range(x.shape[2]):
        a, c, y, cache = lstm_cell_forward(x[:, :, t], a, c, parameters)
        caches.append(cache)
    return a, y, c, (caches, x)
"""

    def lstm_cell_forward(xt, a_prev, c_prev, p):
        return a_prev, c_prev * np.concatenate((a_prev, xt)), xt, c_prev

    note = explained(source, lstm_cell_forward=lstm_cell_forward).note
    assert "(n_a, m). Compare that and `c` with the shapes" in note, note


def test_an_array_that_is_gone_through_is_not_blamed_for_what_is_joined():
    answer = "def sentences_to_indices(X, word_to_index, max_len):\n"
    note = explained(f"{answer}    return np.vstack([np.ones(len(x)) for x in X])\n").note
    assert note.startswith("The arrays that are joined may differ")
