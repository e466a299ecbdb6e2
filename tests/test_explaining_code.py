"""Wrong answers are explained by what their own code holds: helpers, aliases, layouts, mixtures."""

from __future__ import annotations

import pytest

from course_utils.judging.explaining import mistakes
from tests.conftest import reference_answers
from tests.test_explaining import explained
from tests.test_explaining_causes import of_steps

ATTENDING = """
class Reader:
    def __init__(self, W):
        self.W = W

    def __call__(self, h, S, real):
        {extra}
        query = h @ self.W{slip}
        return look(query, S, real)

def look(query, S, real):
    powers = np.exp(np.einsum("ms,mts->mt", query, S) / np.sqrt(S.shape[-1])) * real
    weights = powers / powers.sum(axis=1, keepdims=True)
    return np.einsum("mt,mts->ms", weights, S), weights

def attend(h, S, real, parameters):
    context, weights = Reader(parameters["Wq"])(h, S, real)
    return np.tanh(np.hstack([context, h]) @ parameters["Wc"] + parameters["bc"]), weights
"""


def test_the_variables_of_helpers_are_compared_in_the_order_of_their_assignment():
    right = explained(ATTENDING.format(extra="", slip=""))
    assert right.status == "passed"
    note = explained(ATTENDING.format(extra="", slip=" * 1.5 + 0.1")).note
    assert note.startswith("`query` is wrong (`query = h @ self.W * 1.5 + 0.1`).")


def test_the_variables_of_a_helper_that_is_called_again_are_passed_over():
    helper = "def scaled(S, k):\n    query = S[:, 0] * k\n    return query.sum()\n\n"
    again = "S = S + 0 * sum(scaled(S, k) for k in (1, 2))"
    source = ATTENDING.format(extra=again, slip=" * 1.5 + 0.1")
    before, _, after = source.partition("def attend(")
    assert "h @ self.W * 1.5" in explained(f"{before}{helper}def attend({after}").note


STEP = """
def train_step(x, targets, a0, parameters, memory, rate, max_norm):
    a, y_pred = language_model_forward(x, a0, parameters)
    gradients = output_backward(y_pred, targets, a, parameters)
    gradients |= language_model_backward(gradients["da"], a, x, a0, parameters)
    names = sorted(parameters)
    size = np.sqrt(sum((gradients["d" + name] ** 2).sum() for name in names))
    for name in names:
        weight, seen = {weight}, memory[name].copy()
        gradient = {gradient}
        seen {change}
        weight -= rate * gradient / (np.sqrt(seen) + 1e-8)
        parameters, memory = parameters | {{name: weight}}, memory | {{name: seen}}
    bits, _ = language_model_loss(y_pred, targets)
    return parameters, memory, a[:, :, -1], bits
"""
RIGHT_STEP = {
    "weight": "parameters[name].copy()",
    "change": "+= 0.01 * (gradient ** 2 - seen)",
    "gradient": 'gradients["d" + name] * min(1.0, max_norm / size)',
}


def trained(**slips):
    """Explain a step of training in which something is written otherwise."""
    names = "language_model_forward", "output_backward", "language_model_backward"
    known = reference_answers("03_language_model")
    needed = {name: known[name] for name in (*names, "language_model_loss")}
    return explained(STEP.format(**RIGHT_STEP | slips), **needed)


def test_what_is_written_under_another_name_is_told_with_its_line():
    assert trained().status == "passed"
    note = trained(weight="parameters[name]").note
    assert note.startswith("`weight -= rate * gradient / (np.sqrt(seen) + 1e-08)` writes into it.")


def test_a_known_mistake_is_named_though_another_is_mixed_in():
    # the rate of the step is wrong, too, and no known mistake makes it so
    slips = {"change": "+= gradient ** 2", "weight": "parameters[name] * 0.99"}
    named = trained(**slips).misconceptions
    assert [name for name, _ in named] == ["squares added up"]


def test_two_mistakes_are_named_though_one_magnifies_what_the_other_hardly_changes(monkeypatch):
    monkeypatch.setattr(mistakes, "SECONDS", 60.0)  # it is the last of many pairs, perhaps
    slips = {
        "change": "+= gradient ** 2",
        "gradient": 'np.clip(gradients["d" + name], -max_norm, max_norm)',
    }
    names = {name for name, _ in trained(**slips).misconceptions}
    assert names == {"squares added up", "each number by itself"}


def test_a_layout_of_ones_own_is_not_wrong():
    source = """
def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, parameters = cache
    a_next, a_prev, xt = a_next.T, a_prev.T, xt.T
    dz = (1 - a_next**2) * da_next.T
    return {"dxt": (dz @ parameters["Wax"]).T, "da_prev": (dz @ parameters["Waa"]).T,
            "dWax": dz.T @ xt, "dWaa": a_prev.T @ dz, "dba": dz.sum(axis=0)[:, None]}
"""
    note = explained(source).note
    assert "`dz`" not in note and "`a_next`" not in note
    assert note.startswith("`dWaa` is the transpose of what is expected.")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("np.stack(a).reshape(*a0.shape, -1)", "`a` holds the right numbers in wrong places"),
        ("np.stack(a, 2) + (np.arange(len(a[0]))[:, None, None] > len(a[0]) / 2)", ""),
    ],
)
def test_numbers_that_reshape_has_moved_are_recognised(made, said):
    note = of_steps(f"{made}, np.stack(y, 2)").note
    assert said in note and bool(said) == ("wrong places" in note)


def test_the_line_that_returns_is_quoted_where_all_before_it_is_right():
    note = explained("""
def cosine_similarity(u, v):
    if not u.any() or not v.any():
        return 0.0
    dot = (u * v).sum()
    size_of_u, size_of_v = len(u), len(v)
    return dot / (size_of_u * size_of_v)
""").note
    said = "`dot` is right; `the cosine` is not (`return dot / (size_of_u * size_of_v)`)."
    assert note.startswith(said)


def test_scores_whose_largest_is_taken_off_are_right():
    note = explained("""
def scaled_dot_product_attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5
    scores = scores if mask is None else np.where(mask, scores, -1e30)
    scores = scores - scores.max(axis=-1, keepdims=True)
    e = np.exp(scores) * (True if mask is None else mask)
    weights = e / np.maximum(e.sum(axis=-2, keepdims=True), 1e-30)
    return weights @ V, weights
""").note
    assert "`scores` is wrong" not in note


def test_an_expression_too_deep_to_be_read_costs_nothing():
    deep = "def cosine_similarity(u, v):\n    zero = 0" + " + 0" * 900
    answer = f"{deep}\n    lengths = np.sqrt((u @ u) * (v @ v)) + zero\n"
    right = explained(answer + "    return float(u @ v) / lengths if lengths else 0.0\n")
    wrong = explained(answer + "    return float(u @ v) if lengths else 0.0\n")
    assert (right.status, wrong.status) == ("passed", "failed")
