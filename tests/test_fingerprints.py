"""Fingerprints: which answers count as the same, and sources written to break a parser."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.authoring.source import parse
from course_utils.exercises import assignment
from course_utils.grading.intake.fingerprints import MOST_CHARACTERS, fingerprint, fingerprints
from tests.conftest import SOURCES

ANSWER = '''
def rnn_cell_forward(xt, a_prev, parameters):
    """One step."""
    Waa, ba = parameters["Waa"], parameters["ba"]
    total = 0.0
    for unit in range(3):
        total += np.tanh(Waa @ a_prev + ba)
    return total, [row for row in xt]
'''
SAME = {
    "comments": ANSWER.replace("total = 0.0", "# from nothing\n    total = 0.0  # here"),
    "layout": ANSWER.replace("(3):\n        total", "( 3 ) : total").replace(
        "[row for", "[\nrow for"
    ),
    "docstring": ANSWER.replace('"""One step."""\n    ', ""),
    "a string in between": ANSWER.replace("    total = 0.0", "    'note'\n    total = 0.0"),
    "annotations": ANSWER.replace("xt,", "xt: int,").replace("total = 0", "total: float = 0"),
    "returned type": ANSWER.replace("parameters):", "parameters) -> tuple:"),
    "local names": ANSWER.replace("total", "s").replace("unit", "i").replace("row", "r"),
    "argument names": ANSWER.replace("xt", "x").replace("a_prev", "a"),
    "pass": ANSWER.replace("    total = 0.0", "    pass\n    total = 0.0"),
    "quotes": ANSWER.replace('["Waa"]', "['Waa']"),
    "magic": "%matplotlib inline\n!ls -l\n" + ANSWER,
}
OTHER = {
    "a constant": ANSWER.replace("range(3)", "range(4)"),
    "a key": ANSWER.replace('"ba"', '"by"'),
    "a call": ANSWER.replace("np.tanh", "np.sinh"),
    "an operator": ANSWER.replace("a_prev + ba", "a_prev - ba"),
    "kind of number": ANSWER.replace("0.0", "0"),
    "order": ANSWER.replace("Waa @ a_prev", "a_prev @ Waa"),
    "names that are swapped": ANSWER.replace("row in xt", "row in a_prev"),
    "a default": ANSWER.replace("parameters):", "parameters=None):"),
    "a global name": ANSWER.replace("    total = 0.0", "    global total\n    total = 0.0"),
}


@pytest.mark.parametrize("source", SAME.values(), ids=SAME)
def test_what_makes_no_difference(source):
    assert fingerprint(source) == fingerprint(ANSWER) != ""


@pytest.mark.parametrize("source", OTHER.values(), ids=OTHER)
def test_what_makes_a_difference(source):
    assert fingerprint(source) not in ("", fingerprint(ANSWER))


def test_other_answers_differ_from_one_another():
    assert len({fingerprint(source) for source in OTHER.values()}) == len(OTHER)


def test_bindings_of_every_kind_are_local_names():
    source = """
def f(a, *rest, b, **more):
    import numpy as np
    def inner(x): return lambda y: x + y
    class Kept: pass
    try:
        with open(a) as file, open(b): (found := file)
    except OSError as error: del error
    match rest:
        case [first, *others]: return first, others
        case {"k": value, **left}: return value, left
        case {} as whole: return whole
    return inner, Kept, found, more
"""
    local = r"\b(a|b|rest|more|inner|x|y|Kept|file|found|error|first|others|value|left|whole)\b"
    renamed = re.sub(local, r"other_\1", source)
    assert fingerprint(source) == fingerprint(renamed) != ""


@pytest.mark.parametrize(
    "body",
    [
        "raise NotImplementedError",
        'raise NotImplementedError("write f")',
        '"""Doc."""\n    raise NotImplementedError()',
        "pass",
        "...",
        "W = p['W']\n    raise NotImplementedError('write f')\n    return W",  # given code stays
    ],
)
def test_a_stub_has_no_fingerprint(body):
    assert fingerprint(f"def f(p):\n    {body}\n") == ""


@pytest.mark.parametrize(
    "body", ["return 1\n    raise NotImplementedError", "raise ValueError", "if p: pass"]
)
def test_an_answer_that_looks_like_a_stub(body):
    assert fingerprint(f"def f(p):\n    {body}\n") != ""


@pytest.mark.parametrize("source", ["", "x = 1", "def f(:", "class A:\n    def f(self): return 1"])
def test_no_function_no_fingerprint(source):
    assert fingerprint(source) == ""


def test_the_last_definition_counts():
    other = ANSWER.replace("3", "4")
    assert fingerprints([ANSWER, other], ["rnn_cell_forward"]) == {
        "rnn_cell_forward": fingerprint(other)
    }
    assert fingerprints([other + ANSWER], ["rnn_cell_forward"]) == {
        "rnn_cell_forward": fingerprint(ANSWER)
    }
    stub = "def rnn_cell_forward(xt):\n    raise NotImplementedError"
    assert fingerprints([ANSWER, stub], ["rnn_cell_forward"]) == {}


def test_only_names_that_are_asked_for_and_cells_that_parse():
    cells = ["def f(: pass", ANSWER, "def helper(x): return x", "def rnn_cell_forward(:"]
    assert set(fingerprints(cells, ["rnn_cell_forward", "f", "absent"])) == {"rnn_cell_forward"}
    assert fingerprints(cells, []) == {}


def test_the_course_s_own_answers_are_told_apart():
    cells = [cell.source for cell in parse(SOURCES[0].read_text("utf-8"), SOURCES[0])]
    names = assignment(SOURCES[0].stem).names()
    found = fingerprints(cells, names)
    assert list(found) == names
    assert len(set(found.values())) == len(names)


N = MOST_CHARACTERS
HOSTILE = {
    "round brackets": "(" * N,
    "closed brackets": "[" * 150 + "]" * 150,
    "deeper closed brackets": "[" * 9000 + "]" * 9000,
    "signs": "-" * (N - 99) + "1",
    "not": "not " * (N // 5) + "1",
    "lambdas": "lambda:" * (N // 8) + "1",
    "calls": "a" + "()" * (N // 3),
    "sums": "+".join("1" * (N // 3)),
    "powers": "**".join("1" * (N // 4)),
    "attributes": "a" + ".a" * (N // 3),
    "dotted import": "import a" + ".a" * (N // 3),
    "comprehensions": "[" * 90 + "1" + " for a in b]" * 90,
    "f-strings": "f'{" * 149 + "1" + "}'" * 149,
    "elif": "if a: 1\n" + "    elif a: 1\n" * (N // 20),
    "blocks": "".join(f"{' ' * i}if 1:\n" for i in range(4, 150)),
    "digits": "x = " + "9" * (N // 2),
    "hexadecimal": "return 0x" + "f" * (N // 2),
    "surrogate": "return '\ud800'",
    "NUL": "return '\0'",
    "names": "é" * (N // 2),
    "coding": "# coding: utf-7",
    "form feeds": "\f" * (N // 2),
    "too long": "x = 1\n" * N,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_source_neither_raises_nor_takes_long(body):
    start = time.process_time()
    for source in (body, f"def f(x):\n    y = 2\n    {body}", f"def f(x): return {body}"):
        assert isinstance(fingerprint(source), str)
        assert set(fingerprints([source, ANSWER, source], ["f", "rnn_cell_forward"])) >= {
            "rnn_cell_forward"
        }
    assert time.process_time() - start < 10


def test_many_long_cells_are_cut_short():
    cell = "def f():\n" + "    import a" + ".a" * (N // 3)
    start = time.process_time()
    fingerprints([cell] * 5000, ["f"])
    assert time.process_time() - start < 20


@given(st.text(st.characters(), max_size=60), st.text("()[]{}:=,.\n \\'\"f1a@%", max_size=60))
def test_any_text_has_a_fingerprint_or_none(text, code):
    for body in (text, code):
        assert isinstance(fingerprint(f"def f(x):\n    {body}"), str)
        assert isinstance(fingerprints([body], ["f"]), dict)
