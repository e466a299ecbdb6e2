"""What an answer sees of the cases that give points reaches no page, table or other answer."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from course_utils.exercises import assignment
from course_utils.grading.batch.run import end_if_stuck
from course_utils.grading.core.engine import LENT, SHOWN, Run
from course_utils.grading.core.grade import to_json
from course_utils.grading.core.lending import MAX_AXIS, Lender, helpers
from course_utils.grading.intake.submissions import find_submissions
from course_utils.grading.sandbox.inside import wire
from course_utils.grading.sandbox.limits import Limits
from course_utils.grading.sandbox.worker_handle import WorkerStopped
from tests.test_fairness import FORWARD, WRONG
from tests.test_grading import RIGHT, SETUP, STEM, write

# each tells what it is given, in another way
TELLTALES = {
    "raises it": "raise ValueError(told)",
    "returns it as text": "return told, told, told",
    "returns it as numbers": "return 0 * a_prev + xt[0, 0], xt, (a_prev, a_prev, xt, parameters)",
    "raises what it was given before": (
        "global kept\n    before, kept = globals().get('kept', ''), told\n"
        "    raise ValueError(before)"
    ),
    "raises what a file holds": (
        "before = open('kept').read() if os.path.exists('kept') else ''\n"
        "    open('kept', 'w').write(told)\n    raise ValueError(before + told)"
    ),
    "has its name": "raise type(told[:80], (Exception,), {})()",
    "names a function": (
        "name = 'rnn_cell_forward_' + told.replace('.', '_').replace('-', 'm')[:80]\n"
        "    globals()[name] = globals().pop('rnn_cell_forward')"
    ),
    "is a line of code": (
        "lines = f'raise ValueError  # {told}'\n    linecache.cache['t'] = 1, None, [lines], 't'\n"
        "    exec(compile(lines, 't', 'exec'), globals())"
    ),
}


@pytest.fixture(scope="module")
def run():
    with Run(31, Limits(probe_seconds=3.0, cell_seconds=3.0)) as made:
        yield made


@pytest.fixture
def graded(run, tmp_path):
    def grade(*cells):
        (found,) = run.grade(find_submissions(write(tmp_path / f"{STEM}.ipynb", *cells)))
        return found, {result.exercise: result for result in found.results}

    return grade


def numbers_of(trial):
    """List the arguments' numbers as a telltale might write them."""
    arrays = [case.args["xt"] for case in trial.cases]
    return {f"{abs(x):.4f}" for array in arrays for x in array.ravel().tolist() if abs(x) > 0.01}


@pytest.mark.parametrize("way", TELLTALES)
def test_nothing_of_the_cases_that_count_is_shown(run, graded, way):
    cell = f"""
import os, linecache
def rnn_cell_forward(xt, a_prev, parameters):
    told = " ".join(f"{{x:.4f}}" for x in xt.ravel().tolist()[:40])
    {TELLTALES[way]}
"""
    found, results = graded(SETUP, cell)
    exercise = assignment(STEM)["rnn_cell_forward"]
    said = to_json(found).replace("_", ".")
    counted, shown = numbers_of(run.trial(exercise)), numbers_of(run.trial(exercise, SHOWN))
    assert results["rnn_cell_forward"].points == 0
    assert [number for number in counted - shown if number in said] == []


def test_feedback_is_about_cases_that_are_the_same_in_every_run(run):
    exercise = assignment(STEM)["rnn_cell_forward"]
    with Run(32) as another:
        for which, same in (("counted", False), (LENT, False), (SHOWN, True)):
            one, other = (r.trial(exercise, which).cases[0].args["xt"] for r in (run, another))
            assert np.array_equal(one, other) is same, which


def test_what_is_right_on_the_cases_shown_alone_is_told_so(run, graded):
    trial = run.trial(assignment(STEM)["rnn_cell_forward"], SHOWN)
    learned = [case.args["xt"].tolist() for case in trial.cases]
    cell = RIGHT.replace("    p = ", f"    assert xt.tolist() in {learned}\n    p = ")
    _, results = graded(SETUP, cell)
    found = results["rnn_cell_forward"]
    assert found.points == 0 and found.status == "failed"
    assert "not on all of those that count" in found.summary


# Helpers that are lent


def test_a_lent_helper_is_not_there_to_be_read(graded):
    look = FORWARD.replace(
        "    a_next, states",
        """
    import inspect, gc
    kinds = {type(each).__name__ for each in (rnn_cell_forward,)}
    assert kinds == {"LentHelper"} and not hasattr(rnn_cell_forward, "__code__")
    texts = [each for each in gc.get_objects() if isinstance(each, str)]
    assert not any("yt_pred = softmax" in text for text in texts)
    a_next, states""",
    )
    _, results = graded(SETUP, WRONG, look)
    assert results["rnn_forward"].carried and results["rnn_forward"].status == "passed"


def test_nothing_a_lent_helper_says_is_shown(graded):
    tell = FORWARD.replace(
        "    return np", "    raise ValueError(repr(caches[0][0].tolist()))\n    #"
    )
    found, results = graded(SETUP, WRONG, tell)
    result = results["rnn_forward"]
    assert result.carried and result.points == 0
    assert result.summary.startswith("Judged with right helpers, this is still not met")
    assert "ValueError" not in to_json(found) and result.difference is None


def test_the_mistake_that_right_helpers_do_not_mend_is_named(graded):
    transposed = FORWARD.replace("np.stack(states, axis=2)", "np.stack(states, axis=2)[:, :, ::-1]")
    _, results = graded(SETUP, WRONG, transposed)
    assert results["rnn_forward"].carried and results["rnn_forward"].status == "failed"


def call(name="rnn_cell_forward", args=(), kwargs=None):
    return wire.encode({"call": name, "args": args, "kwargs": kwargs or {}})


def test_a_call_is_answered_and_an_observation_is_not():
    lender = Lender({"double": lambda x: 2 * x})
    assert wire.decode(lender.reply(call("double", (np.array(3.0),))))["value"] == 6
    assert lender.reply(wire.encode({"status": "returned"})) is None
    assert lender.reply(b"no message") is None


@pytest.mark.parametrize(
    "args", [(np.zeros(MAX_AXIS + 1),), (np.zeros((900, 900)),), ({"a": [np.zeros(5_000)]},)]
)
def test_arguments_that_would_cost_the_grader_memory_are_refused(args):
    reply = wire.decode(Lender({"f": lambda x: np.outer(x, x)}).reply(call("f", args)))
    assert "too large" in reply["raised"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere memory is not bounded")
def test_small_arguments_whose_result_is_huge_cost_the_grader_no_memory():
    one, other = np.zeros((1_000, 50, 1)), np.zeros((1_000, 1, 50))
    reply = wire.decode(Lender({"f": np.dot}, end_if_stuck()).reply(call("f", (one, other))))
    assert "MemoryError" in reply["raised"]


def test_an_error_of_a_right_helper_is_told_to_the_answer():
    lent = helpers(STEM, ["rnn_cell_forward"])
    reply = wire.decode(Lender(lent).reply(call(args=(np.zeros((2, 1)), np.zeros((3, 1)), {}))))
    assert reply["raised"].startswith("KeyError")


@pytest.mark.parametrize(
    "sent", [call("other"), wire.encode({"call": "f", "args": [], "kwargs": {}})]
)
def test_what_is_no_call_of_a_lent_helper_ends_the_observation(sent):
    with pytest.raises(WorkerStopped):
        Lender({"f": len}).reply(sent)


def test_calls_are_bounded(monkeypatch):
    monkeypatch.setattr("course_utils.grading.core.lending.MAX_CALLS", 2)
    lender = Lender({"f": lambda: 1})
    lender.reply(call("f")), lender.reply(call("f"))
    with pytest.raises(WorkerStopped, match="more than 2 times"):
        lender.reply(call("f"))


@pytest.mark.slow
def test_a_layer_is_lent_as_one(tmp_path):
    solved = {e.name for e in assignment("06_emojify").exercises}
    assert "Emojify_V2" in solved
    from course_utils.authoring.source import parse
    from tests.conftest import ROOT

    source = ROOT / "solutions" / "06_emojify.py"
    cells = [
        c.source
        for c in parse(source.read_text("utf-8"), source)
        if c.exercise or (c.kind == "code" and c.source.startswith(("import ", "from ")))
    ]
    broken = "def pretrained_embedding_layer(words, index):\n    return keras.layers.Dense(3)"
    path = write(tmp_path / "06_emojify.ipynb", *cells, broken)
    with Run(5) as run:
        (found,) = run.grade(find_submissions(path))
    (model,) = [r for r in found.results if r.exercise == "Emojify_V2"]
    assert model.carried == ("pretrained_embedding_layer",) and model.status == "passed"
