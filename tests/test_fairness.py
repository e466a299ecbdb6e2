"""One mistake is charged once, a crash costs one exercise, a notebook's layout nothing."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from course_utils.authoring.source import parse
from course_utils.exercises import assignment
from course_utils.grading.core import engine
from course_utils.grading.core.engine import Run
from course_utils.grading.core.lending import references
from course_utils.grading.intake.submissions import find_submissions
from course_utils.grading.sandbox.isolation import isolation
from course_utils.grading.sandbox.limits import Limits
from course_utils.grading.sandbox.worker_handle import WorkerHandle
from course_utils.judging.drawn_cases import Trial
from tests.conftest import ROOT
from tests.test_grading import RIGHT, SETUP, STEM, grade, points, write
from tests.test_journal import timeless

FORWARD = """
def rnn_forward(x, a0, parameters):
    a_next, states, outputs, caches = a0, [], [], []
    for t in range(x.shape[2]):
        a_next, y, cache = rnn_cell_forward(x[:, :, t], a_next, parameters)
        states.append(a_next); outputs.append(y); caches.append(cache)
    return np.stack(states, axis=2), np.stack(outputs, axis=2), (caches, x)
"""
WRONG = RIGHT.replace(' + p["ba"]', "")
STUB = "def rnn_cell_forward(xt, a_prev, parameters):\n    raise NotImplementedError\n"


@pytest.fixture(scope="module")
def run():
    with Run(11, Limits(probe_seconds=3.0, cell_seconds=3.0)) as made:
        yield made


@pytest.fixture
def hand_in(run, tmp_path):
    """Grade one notebook of these cells; return exercise -> result."""

    def graded(*cells, name=STEM, tags=()):
        path = write(tmp_path / "eve" / f"{name}.ipynb", *cells, tags=tags)
        (found,) = run.grade(find_submissions(path))
        assert found.status == "graded", found.notes
        return {result.exercise: result for result in found.results} | {"": found}

    return graded


@pytest.mark.parametrize(
    "helper",
    [
        WRONG,
        STUB,
        "def rnn_cell_forward(*a): return 1 / 0",
        "def rnn_cell_forward(*a):\n    while True: pass",
        "import os\ndef rnn_cell_forward(*a): os._exit(3)",
        "def rnn_cell_forward(xt):",
    ],
    ids=["missing bias", "stub", "raises", "endless", "exits", "syntax"],
)
def test_a_wrong_helper_is_charged_once(hand_in, helper):
    results = hand_in(SETUP, helper, FORWARD)
    cell, forward = results["rnn_cell_forward"], results["rnn_forward"]
    assert cell.points < 10 and not cell.carried
    assert forward.points == forward.max_points and forward.status == "passed"
    assert forward.carried == ("rnn_cell_forward",)


def test_where_right_helpers_do_not_help_it_is_their_failure_that_is_shown(hand_in):
    helper = "def rnn_cell_forward(*a): return 1 / 0"
    forward = hand_in(SETUP, helper, FORWARD.replace("states, axis=2", "states, axis=0"))[
        "rnn_forward"
    ]
    assert forward.status == "failed" and forward.carried == ("rnn_cell_forward",)
    assert "ZeroDivisionError" not in forward.summary
    assert forward.summary.endswith("still not met: a, the hidden state of every step.")


def test_a_right_helper_is_never_replaced(hand_in):
    results = hand_in(SETUP, RIGHT, FORWARD)
    assert results["rnn_forward"].status == "passed" and not results["rnn_forward"].carried
    broken = hand_in(SETUP, RIGHT, FORWARD.replace("axis=2", "axis=1"))["rnn_forward"]
    assert broken.status == "failed" and not broken.carried


def test_an_unwritten_exercise_earns_nothing_by_a_lent_helper(hand_in):
    results = hand_in(
        SETUP, WRONG, "def rnn_forward(x, a0, parameters):\n    raise NotImplementedError"
    )
    assert results["rnn_forward"].status == "not attempted"
    assert results["rnn_forward"].points == 0


def test_a_lent_helper_leaves_nothing_to_its_own_exercise(hand_in):
    """A dependent function saves the helper it was lent, whose exercise is already judged."""
    thief = """
import marshal, types
from course_utils.rnn_utils import softmax
def rnn_cell_forward(*args):
    code = marshal.loads(open("lent", "rb").read())
    return types.FunctionType(code, globals())(*args)
def rnn_forward(x, a0, parameters):
    open("lent", "wb").write(marshal.dumps(rnn_cell_forward.__code__))
    return 1 / 0
"""
    results = hand_in(SETUP, thief)
    assert results["rnn_cell_forward"].points == 0 and results["rnn_forward"].points == 0


def test_every_lent_helper_is_right_and_stands_alone():
    for stem, sources in references().items():
        if any(exercise.probe != "call" for exercise in assignment(stem).exercises):
            continue
        for name, source in sources.items():
            home = {"__name__": "given"}
            exec(source, home)
            trial = Trial(assignment(stem)[name], np.random.default_rng(3))
            assert engine.judge(trial, trial.observe(home[name])).status == "passed", name


def test_all_that_needs_another_has_a_reference():
    from course_utils.exercises import stems

    for stem in stems():
        needed = {name for e in assignment(stem).exercises for name in e.needs}
        assert needed == set(references().get(stem, {})), stem


CRASHES = {
    "exit": "os._exit(0)",
    "segfault": "ctypes.string_at(0)",
    "abort": "os.abort()",
    "stop": "os.kill(os.getpid(), signal.SIGSTOP)",
    "loop": "while True: pass",
    "recursion": "sys.setrecursionlimit(10**9); f = lambda: f(); f()",
    "descriptors": "os.closerange(0, 1000); return 1",
    "memory": "return np.ones((200_000, 200_000))",
    "base exception": "raise type('Odd', (BaseException,), {})",
}


if isolation().full:  # elsewhere it would end whoever runs the tests
    CRASHES["kill all"] = "os.kill(-1, signal.SIGKILL)"


@pytest.mark.parametrize("body", CRASHES.values(), ids=CRASHES)
def test_a_crash_costs_its_own_exercise_alone(hand_in, body):
    crash = f"import ctypes, os, signal, sys\ndef rnn_cell_backward(*a):\n    {body}\n"
    results = hand_in(SETUP, RIGHT, crash, FORWARD)
    assert results["rnn_cell_backward"].points == 0 and results["rnn_cell_backward"].summary
    assert results["rnn_cell_forward"].status == results["rnn_forward"].status == "passed"


def test_wrong_answers_that_spoil_the_next_cost_no_more_than_themselves(hand_in):
    """Exercises share forks: a fork started after a wrong answer also serves the next exercises."""
    spoil = "def {}(*a):\n    np.tanh = np.exp = np.dot = np.zeros_like = None\n"
    wrong = [spoil.format(name) for name in ("rnn_forward", "lstm_cell_forward", "lstm_forward")]
    right = references()[STEM]["rnn_cell_backward"]
    results = hand_in(SETUP, RIGHT, *wrong, right)
    assert results["rnn_cell_forward"].status == "passed"
    assert results["rnn_cell_backward"].status == "passed"
    assert results["rnn_forward"].points == results["lstm_cell_forward"].points == 0


@pytest.mark.parametrize(
    ("answer", "forks"),
    [
        (FORWARD, [1]),
        # wrong: once more before all others, and once on the cases that are shown
        (FORWARD.replace("np.stack(states", "np.stack(states[::-1]"), [2, 1]),
        ("def rnn_forward(*a): return 1 / 0", [2, 1]),
    ],
    ids=["right", "wrong", "an error"],
)
def test_what_is_wrong_is_observed_again_and_explained_by_another_worker(
    run, tmp_path, monkeypatch, answer, forks
):
    begun: Counter = Counter()
    begin = WorkerHandle._begin_fork

    def count(held):
        begun[held] += 1
        begin(held)

    monkeypatch.setattr(WorkerHandle, "_begin_fork", count)
    source = ROOT / "solutions" / f"{STEM}.py"
    cells = parse(source.read_text("utf-8"), source)
    kept = [c.source for c in cells if c.exercise or c.source.startswith("import ")]
    path = write(tmp_path / "ada" / f"{STEM}.ipynb", *kept, answer)
    (found,) = run.grade(find_submissions(path))
    assert [*begun.values()] == forks
    assert {r.status for r in found.results if r.exercise != "rnn_forward"} == {"passed"}


def test_a_submission_with_threads_is_observed_without_forks(hand_in):
    """A fork would lack the threads; a crash costs its own exercise all the same."""
    threads = (
        "import threading, os\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "def rnn_cell_backward(*a): os.abort()"
    )
    results = hand_in(SETUP, threads, WRONG, FORWARD)
    assert results["rnn_forward"].status == "passed" and results["rnn_forward"].carried
    assert "the process ended" in results["rnn_cell_backward"].summary


FORMS = {
    "magics": ["%matplotlib inline", "%load_ext autoreload", "%%time\n" + SETUP, "%timeit -n1 1"],
    "words": ["matplotlib inline", "pwd # here", "#" * 50_000 + "\n]", "\n", SETUP],
    "annotations": [
        SETUP,
        RIGHT,
        "def f(x: int): pass\nif f.__annotations__['x'] is not int: del rnn_cell_forward",
    ],
    "shell": ["!echo hello", "%%bash\necho hello", "files = !ls", SETUP],
    "input": ["name = input('Your name? ')\nassert name == ''", SETUP],
    "await": ["import asyncio\nawait asyncio.sleep(0)", SETUP],
    "noise": ["import sys\nprint('x' * 10**6); print('y' * 10**6, file=sys.stderr)", SETUP],
    "warning": ["import warnings\nwarnings.warn('odd')", SETUP],
    "exit": ["import sys\nsys.exit(0)", "exit()", SETUP],
    "plot": ["import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()", SETUP],
    "broken cell": ["def f(:", "1 / 0", SETUP],
    "duplicated": [SETUP, WRONG, RIGHT],
    "lambda at last": [
        SETUP,
        RIGHT,
        "cell = rnn_cell_forward\nrnn_cell_forward = lambda *a: cell(*a)",
    ],
    "null": ["'\0'", SETUP],
}


@pytest.mark.parametrize("cells", FORMS.values(), ids=FORMS)
def test_what_a_notebook_also_does_costs_nothing(hand_in, cells):
    last = [] if any("rnn_cell_forward" in cell for cell in cells) else [RIGHT]
    assert hand_in(*cells, *last)["rnn_cell_forward"].status == "passed"


@pytest.mark.parametrize("tag", ["skip-execution", "demo", "train", "raises-exception", "hide"])
def test_no_tag_costs_an_answer_or_earns_one(hand_in, tag):
    assert hand_in(SETUP + RIGHT, tags=[tag])["rnn_cell_forward"].status == "passed"
    assert hand_in(SETUP + WRONG, tags=[tag])["rnn_cell_forward"].points < 10


def test_what_was_handed_in_twice_or_renamed_is_known(hand_in):
    assert hand_in(SETUP, RIGHT, name="my homework")["rnn_cell_forward"].status == "passed"


def test_the_tables_do_not_depend_on_the_number_of_processes(tmp_path):
    for number, cells in enumerate([(RIGHT,), (WRONG,), (STUB,), (WRONG, FORWARD), ("1/0",)] * 2):
        write(tmp_path / "in" / f"s{number}" / f"{STEM}.ipynb", SETUP, f"x = {number}", *cells)
    done, rows, criteria = grade(tmp_path / "in", tmp_path / "three", "--seed", "2", "--jobs", "3")
    assert done.exit_code == 0 and len(rows) == 10
    grade(tmp_path / "in", tmp_path / "alone", "--seed", "2", "--jobs", "1")
    for name in ("grades.csv", "criteria.csv"):
        assert timeless(tmp_path / "three" / name) == timeless(tmp_path / "alone" / name)
    assert points([c for c in criteria if c["student"] == "s3"], "rnn_forward") == 10


def test_text_that_is_no_unicode_costs_its_cell_alone(run, tmp_path):
    path = write(tmp_path / "eve" / f"{STEM}.ipynb", "x = 'ODD'", SETUP, RIGHT)
    path.write_text(path.read_text("utf-8").replace("ODD", "\\ud800"), "utf-8")
    (found,) = run.grade(find_submissions(path))
    assert found.score == 10


def test_lists_instead_of_arrays_cost_the_criterion_on_shapes_only(hand_in):
    forward = RIGHT.replace("return a_next,", "return a_next.tolist(),", 1)
    assert forward != RIGHT
    result = hand_in(SETUP, forward)["rnn_cell_forward"]
    assert result.points == result.max_points - 1
    (lost,) = [c for c in result.criteria if c.points < c.max_points]
    assert "got a list of 5 with the right numbers" in lost.message
