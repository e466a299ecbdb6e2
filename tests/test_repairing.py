"""A wrong answer that one small change would make right is told where, and never how."""

from __future__ import annotations

import ast
import linecache
import re
import time

import pytest

from course_utils.exercises import find
from course_utils.exercises.sealed import shown
from course_utils.judging.explaining import repairing
from course_utils.observing.alike_changes import alike
from course_utils.observing.repeatable import is_repeatable
from course_utils.observing.syntax_trees import get
from course_utils.observing.variants import variants
from tests.conftest import reference_answers
from tests.test_explaining import explained

FORWARD = """
def rnn_cell_forward(xt, a_prev, parameters):
    {first}
    def act(*pairs):
        return np.tanh(sum(parameters[W] @ of for W, of in pairs) + parameters["ba"])
    a_next = act(("Wax", xt), ("Waa", {state}))
    return a_next, softmax(parameters["Wya"] @ {out} + parameters["by"]), ({out}, a_prev, xt, {p})
"""
RIGHT = {"first": "", "state": "a_prev", "out": "a_next", "p": "parameters"}
COSINE = "def cosine_similarity(u, v):\n    {}\n"


@pytest.fixture(autouse=True)
def small_changes(monkeypatch):
    """Try changes for as long as a slow processor needs."""
    monkeypatch.setattr(repairing, "SECONDS", 20.0)
    monkeypatch.setattr(repairing, "SECONDS_IF_TOLD", 20.0)


@pytest.mark.parametrize(
    ("line", "part", "asked"),
    [
        ("a, b, c = (float((x * y).sum()) for x, y in ((u, v), (u, u), (u, v)))\n"
         "    return a / np.sqrt(b * c) if b * c else 0.0", "the fourth `u`", "that is meant"),
        ("return 0.0 if not u.any() or not v.any() else (u * v).sum() / "
         "np.sqrt((u * u).sum() * (v ** 3).sum())", "`3`", "the right number"),
        ("return 0.0 if not u.any() or not v.any() else (u * v).sum() / "
         "np.sqrt((u * u).sum() + (v * v).sum())", "`(u * u).sum() + (v * v).sum()`", "operation"),
        ("return 0.0 if not u.any() or not v.any() else (u * v).sum() / "
         "((u * u).sum() * (v * v).sum() ** 0.5)",
         "`(u * u).sum() * (v * v).sum() ** 0.5`", "brackets"),
        ("w = (v * v).sum()\n    p = (u * u).sum() ** 0.5\n    return 0.0 if not p * w else "
         "(u * v).sum() / (p * w ** 1 / 2)", "`p * w ** 1 / 2`", "brackets"),
    ],
)  # fmt: skip
def test_the_part_whose_change_would_do_is_told(line, part, asked):
    note = explained(COSINE.format(line)).note
    assert f"Look at {part} in `" in note
    assert asked in note


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        ({"state": "xt"}, ""),  # it cannot be multiplied, and the error says so
        ({"state": "a_prev[:, ::-1]"}, "Look at `-1`: "),
        ({"first": "a_prev = a_prev / 2"}, "`a_prev = a_prev / 2`"),
    ],
)
def test_answers_without_variables_to_compare_are_told_the_line(slip, said):
    result = explained(FORWARD.format(**{**RIGHT, **slip}))
    assert result.status == "failed" and said in result.note


LOOP = """
def rnn_forward(x, a0, parameters):
    n_y, T_x = parameters["by"].shape[0], x.shape[2]
    a, y = [], np.zeros(({rows}, x.shape[1], T_x))
    caches, a_next = [], a0
    for t in range(T_x):
        a_next, y[:, :, t], cache = rnn_cell_forward(x[:, :, {t}], a_next, parameters)
        a.append(a_next)
        caches.append(cache)
    return np.stack(a, axis=-1), y, (caches, x)
"""


@pytest.mark.parametrize(
    ("slip", "fact", "place"),
    [
        (
            {"rows": "parameters['ba'].size"},
            r"gets an array of shape \(2, 4\)",
            "Look at .*ba.* in .a, y",
        ),
        ({"t": "t + 1"}, "an axis .axis 2. that has 7", ""),  # on the line that raised
    ],
)
def test_where_a_fact_is_told_the_place_is_told_too_if_it_is_elsewhere(slip, fact, place):
    source = LOOP.format(**{"rows": "n_y", "t": "t"} | slip)
    step = reference_answers("01_rnn_step_by_step")["rnn_cell_forward"]
    note = explained(source, rnn_cell_forward=step).note
    assert re.search(f"{fact}.*{place}", note)
    assert ("One small change" in note) == bool(place)


def test_of_two_faults_the_one_in_the_case_that_is_told_is_found():
    source = """
def equalize(pair, bias_axis, word_to_vec_map):
    first, second = (word_to_vec_map[word.lower()] for word in pair)
    middle, along = (first + second) / 2, bias_axis / np.linalg.norm(bias_axis)
    apart = middle - (middle @ along) * along
    side = (first @ along) * along - (middle @ along) * along
    size = np.sqrt(np.abs(1 - (middle * middle).sum())) * side / np.linalg.norm(side)
    return apart + size, apart - size
"""
    note = explained(source).note  # it does not divide the vectors by their lengths, either
    assert "would make this case right, though not all. Look at the first `middle" in note


STEPS = """
def model(X, Y, word_to_vec_map, learning_rate, num_iterations):
    avgs = np.array([np.mean([word_to_vec_map[w] for w in x.lower().split()], axis=0) for x in X])
    rows = np.eye(Y.max() + 1)[Y]
    W, b = np.zeros((rows.shape[1], avgs.shape[1])), np.zeros(rows.shape[1])
    for _ in range(num_iterations):
        for avg, y in zip(avgs, rows):
            a = np.exp(W @ avg + b) / np.exp(W @ avg + b).sum()
            dz = {dz}
            W = {W}
            b = {b}
    return (avgs @ W.T + b).argmax(axis=1), W, b
"""
IN_STEPS = {
    "dz": "a - y",
    "W": "W - learning_rate * np.outer(dz, avg)",
    "b": "b - learning_rate * dz",
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"b": "b - learning_rate * a"}, "Look at `a` in `b = b - learning_rate * a`"),
        ({"dz": "a - y / 2"}, "in `dz = a - y / 2`"),
        ({"W": "W - learning_rate * np.outer(dz, avg) / 3"}, "is all of this needed?"),
        ({"W": "W + learning_rate * np.outer(dz, avg)"}, "is that the right operation?"),
    ],
)
def test_a_slip_in_a_loop_that_spoils_all_that_follows_is_found(change, said):
    result = explained(STEPS.format(**IN_STEPS | change))
    assert said in result.note and (result.status == "passed") == (not change)


def test_the_answer_is_not_told():
    note = explained(COSINE.format("return u @ v / np.sqrt((u @ u) * (u @ v))")).note
    assert "v @ v" not in note


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    open('kept.txt', 'a').write('1')\n    return x",
        "def f(x):\n    kept.append(x)\n    return x",
        "def f(x):\n    kept[0] = x\n    return x",
        "def f(x):\n    global kept\n    kept = x",
        "def f(x):\n    import os\n    return os.getcwd()",
        "def f(x):\n    np.save('kept', x)\n    return x",
        "def f(x):\n    return np.random.rand() + x",
        "def f(x):\n    return shutil.rmtree(x)",
        "def f(x):\n    return counter.count(x)",
    ],
)
def test_what_leaves_a_trace_is_not_run_again(source):
    import shutil

    import numpy as np

    counter = type("Counter", (), {"__module__": "__main__"})()
    home = {"kept": [1], "np": np, "shutil": shutil, "counter": counter}
    assert not is_repeatable(ast.parse(source), home)


def test_what_only_computes_is_run_again():
    import numpy as np

    source = """
def f(x, model, rng):
    from math import exp
    found, names = [], {}
    for i in range(3):
        found.append(np.exp(x).sum() + model.predict(x) + exp(1.0))
        names[i] = kept.index(i)
    with np.errstate(all="ignore"):
        return found, names, rng.random(3)
"""
    assert is_repeatable(ast.parse(source), {"kept": [1], "np": np})


ENDLESS = """
def rows_as_steps(images, reading):
    i = 0
    while i < 3:
        i = i + 1
    print("so far")
    return images
"""


def test_variants_that_never_end_are_stopped_and_nothing_is_printed(capfd):
    began = time.monotonic()
    assert explained(ENDLESS).status == "failed"
    assert time.monotonic() - began < 60  # the loop's own change would run for ever
    cases = shown(find("rows_as_steps")[1]).cases
    assert capfd.readouterr().out.count("so far") == len(cases)  # which is the answer itself


HANGING = """
def cosine_similarity(u, v):
    from itertools import count
    exponent = next(n for n in count(1) if n > 2)
    return (u * v).sum() / (u**exponent).sum() * 7 / 3
"""


def test_a_variant_that_hangs_in_one_line_ends_the_search(monkeypatch):
    monkeypatch.setattr(repairing, "SECONDS", 0.5)
    monkeypatch.setattr(repairing, "SECONDS_IF_TOLD", 0.5)
    began = time.monotonic()
    assert explained(HANGING).status == "failed"
    assert time.monotonic() - began < 30  # `n < 2` would be asked of ever larger numbers


def test_all_functions_of_a_cell_are_changed_and_no_others():
    source = FORWARD.format(**RIGHT).replace("def act", "def helper")
    found = explained(source.replace("helper", "act").replace("np.tanh(", "np.sin("))
    assert "np.sin" in found.note


def test_a_class_in_the_cell_is_changed_too():
    source = """
class Cell:
    unit = 1.0 / 2.0
    def step(self, p, x, a):
        return np.tanh(p["Wax"] @ x + p["Waa"] @ a**2 + p["ba"] * 2 * self.unit)

def rnn_cell_forward(xt, a_prev, parameters):
    a_next = Cell().step(parameters, xt, a_prev)
    return a_next, softmax(parameters["Wya"] @ a_next + parameters["by"]), (
        a_next, a_prev, xt, parameters)
"""
    assert "Look at `a ** 2` in `return np.tanh(" in explained(source).note


def test_a_variant_is_python_or_nothing():
    source, namespace = FORWARD.format(**RIGHT), {}
    linecache.cache["<cell>"] = len(source), None, source.splitlines(True), "<cell>"
    exec(compile(source, "<cell>", "exec"), namespace)
    cell = namespace["rnn_cell_forward"]
    made = [v.make() for v in variants(cell, ("Wax", "Waa"), ())]
    assert len(made) > 300
    assert sum(each is not None for each in made) > 0.9 * len(made)


SEARCH = """
def beam_search(source, encoder_model, decoder_model, target_index, max_length, width=4, alpha=0.0):
    open_, done = [(0.0, "", *encoder_model.predict(source, verbose=0))], []
    for n in range(1, max_length + 1):
        found = []
        for total, text, h, c in open_:
            last = np.array([[target_index[text[-1:] or "\\t"]]])
            p, *states = decoder_model.predict([last, h, c], verbose=0)
            found += [(total {sign} np.log(p[0, 0, i]), text + ch, *states)
                      for ch, i in target_index.items()]
        found = sorted(found, key=lambda one: -one[0])[: width - len(done)]
        done += [(text[:-1], total / n**alpha) for total, text, *_ in found if text[-1] == "\\n"]
        open_ = [one for one in found if one[1][-1] != "\\n"]
    ended = done + [(text, total / {n}**alpha) for total, text, *_ in open_]
    return sorted(ended, key=lambda one: -float(one[1]))
"""


def test_a_search_that_uses_models_is_tried_in_numpy():
    slip = SEARCH.format(sign="+", n="width")
    assert "`width` in `ended = done" in explained(slip).note
    assert explained(SEARCH.format(sign="+", n="max_length")).status == "passed"


def test_costs_are_told_however_they_are_sorted():
    names = [name for name, _ in explained(SEARCH.format(sign="-", n="max_length")).misconceptions]
    assert "scores with the other sign" in names


def test_a_loop_that_ends_at_an_unknown_word_is_told():
    result = explained("""
def sentence_to_avg(sentence, word_to_vec_map):
    found = []
    for word in sentence.lower().split():
        if word not in word_to_vec_map:
            break
        found.append(word_to_vec_map[word])
    n = len(next(iter(word_to_vec_map.values())))
    return np.mean(found, axis=0) if found else np.zeros(n)
""")
    assert result.status == "failed" and "`break`" in result.note


def test_a_power_that_belongs_inside_a_sum_is_found():
    note = explained("""
def clip_gradients(gradients, max_norm):
    total = 0.0
    for name in gradients:
        total += np.sum(gradients[name]) ** 2
    norm = np.sqrt(total)
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: g * factor for name, g in gradients.items()}, norm
""").note
    assert "Look at `np.sum(gradients[name]) ** 2` in `total" in note


APART = """
def rnn_cell_forward(xt, a_prev, parameters):
    sees = {0}parameters["Wax"] @ xt{1}
    remembers = {0}parameters["Waa"] @ a_prev{1}
    a_next = np.tanh(sees + remembers + parameters["ba"])
    yt_pred = softmax(parameters["Wya"] @ a_next + parameters["by"])
    return a_next, yt_pred, (a_next, a_prev, xt, parameters)
"""


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (APART.format("np.tanh(", ")"), "is all of this needed?"),
        (APART.format("", " * 2"), "is all of this needed?"),
    ],
)
def test_a_slip_made_twice_is_told_where_both_must_change(source, told):
    note = explained(source).note
    assert "The same small change in 2 places would make your function right." in note
    assert told in note


def test_brackets_that_lack_twice_in_one_line_are_told():
    line = (
        "a, b = float(u @ u), float(v @ v)\n    return float(u @ v) / (a ** 1 / 2 * b ** 1 / 2) "
        "if a * b else 0.0"
    )
    assert "do brackets say so?" in explained(COSINE.format(line)).note


def test_only_changes_that_do_the_same_are_made_together():
    tree = ast.parse("a = f(x, axis=1) + f(y, axis=1)\nb = 1 + g(-z) + g(-w)")
    nodes = [
        (node, field, index)
        for node in ast.walk(tree)
        for field, value in ast.iter_fields(node)
        for index, each in (enumerate(value) if isinstance(value, list) else [(None, value)])
        if isinstance(each, ast.Constant | ast.UnaryOp)
    ]

    def change(place):
        old = get(place)
        new = old.operand if isinstance(old, ast.UnaryOp) else ast.Constant(0)
        return 0, "sign" if isinstance(old, ast.UnaryOp) else "number", place, new, tree.body[0]

    together = alike([change(each) for each in nodes], ["w", "x", "y", "z"])
    found = [sorted(ast.unparse(get(place)) for _, _, place, _, _ in group) for group in together]
    assert sorted(found) == [["-w", "-z"], ["1", "1"]]


def test_parts_that_look_alike_are_counted_off_as_they_stand():
    answer = """
def clip_gradients(gradients, max_norm):
    total = 0.0
    for each in gradients.values():
        total = total + np.linalg.norm(each.reshape(len(each), -1), 2) ** 2
    norm = np.sqrt(total)
    return {k: g * min(1.0, max_norm / norm) if norm else g for k, g in gradients.items()}, norm
"""
    assert "the first `2` in `total = total + np.linalg.norm" in explained(answer).note


def test_statements_that_should_all_add_are_told_together():
    note = explained("""
def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, p = cache
    dz = da_next * (1 - a_next ** 2)
    dWax, dWaa, dba = 0 * p["Wax"], 0 * p["Waa"], dz.sum(axis=1, keepdims=True)
    for e in range(dz.shape[1]):
        dWax = np.outer(dz[:, e], xt[:, e])
        dWaa = np.outer(dz[:, e], a_prev[:, e])
    made = {"dxt": p["Wax"].T @ dz, "da_prev": p["Waa"].T @ dz}
    return made | {"dWax": dWax, "dWaa": dWaa, "dba": dba}
""").note
    assert "The same small change in 2 places would make your function right." in note
