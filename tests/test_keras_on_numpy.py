"""Right answers to Keras exercises are found without TensorFlow, and nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import nbformat
import pytest

from course_utils.exercises import assignment, stems
from course_utils.grading.engine import Run
from course_utils.grading.held import WorkerStopped
from course_utils.grading.templates import Templates
from course_utils.grading.warm import KERAS_ON_NUMPY, TENSORFLOW
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are not forked here")
EMOJIFY = "05_emojify"
QUICK = [
    stem
    for stem in stems()
    if any(e.probe != "call" for e in assignment(stem).exercises)
    and not any(e.needs_tensorflow for e in assignment(stem).exercises)
]


def test_four_of_the_five_keras_notebooks_are_tried_without_tensorflow():
    assert [stem[:2] for stem in QUICK] == ["03", "05", "06", "08"]


@pytest.mark.parametrize("stem", QUICK)
def test_every_right_answer_passes_without_tensorflow_and_no_misconception_does(stem):
    done = subprocess.run(
        [sys.executable, "-m", "tests.judged_on_numpy", stem],
        capture_output=True, text=True, cwd=ROOT, env=os.environ | {"KERAS_BACKEND": "numpy"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    judged = json.loads(done.stdout)
    assert set(judged) == set(assignment(stem).names())
    for name, statuses in judged.items():
        assert len(statuses["right"]) > 1 and len(statuses["wrong"]) >= 10
        refused = {how: s for how, s in statuses["right"].items() if s != "passed"}
        let_through = [how for how, status in statuses["wrong"].items() if status == "passed"]
        assert not refused and not let_through, name


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with Run(5) as made:
        yield made


@pytest.fixture
def spawned(monkeypatch) -> list[str]:
    """List the kinds of workers as they are started."""
    kinds: list[str] = []
    spawn = Templates.spawn

    def noted(self, kind):
        kinds.append(kind)
        return spawn(self, kind)

    monkeypatch.setattr(Templates, "spawn", noted)
    return kinds


def key(*changes: tuple[str, str], first: str = "") -> bytes:
    """Return the solved notebook with some of its code changed, and a cell before all others."""
    notebook = nbformat.read(ROOT / "solutions" / f"{EMOJIFY}.ipynb", as_version=4)
    for old, new in changes:
        assert any(old in cell.source for cell in notebook.cells)
        for cell in notebook.cells:
            cell.source = cell.source.replace(old, new)
    if first:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(first))
    return nbformat.writes(notebook).encode()


def test_right_answers_need_no_tensorflow(run, spawned):
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", key())
    assert (grade.score, spawned) == (100, [KERAS_ON_NUMPY])
    assert grade.confinement and not grade.notes


def test_an_unwritten_answer_needs_no_tensorflow(run, spawned):
    stub = "    raise NotImplementedError\n    sentence_indices = keras.Input"
    blank = key(("    sentence_indices = keras.Input", stub))
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", blank)
    assert [r.status for r in grade.results] == ["passed"] * 5 + ["not attempted"]
    assert spawned == [KERAS_ON_NUMPY]


BACKWARDS = ("layers.LSTM(128)(X)", "layers.LSTM(128, go_backwards=True)(X)")
SIGMOID = ('activation="softmax"', 'activation="sigmoid"')
TRAINABLE = ("trainable=False", "trainable=True")


@pytest.mark.parametrize(
    ("changes", "first", "wrong", "needed"),
    [
        ([BACKWARDS], "", ["Emojify_V2"], True),
        ([SIGMOID], "", ["Emojify_V2"], False),  # a known misconception
        ([TRAINABLE], "", ["pretrained_embedding_layer"], False),  # Emojify_V2: carried forward
        ([TRAINABLE, SIGMOID], "", ["pretrained_embedding_layer", "Emojify_V2"], False),
        ([TRAINABLE, BACKWARDS], "", ["pretrained_embedding_layer", "Emojify_V2"], True),
        ([("def sentences_to_indices(", "def to_indices(")], "", ["sentences_to_indices"], False),
        ([("def sentences_to_indices(", "def def sentences_to_indices(")], "",
         ["sentences_to_indices"], False),
        ([], "shown = resutl", [], False),
        ([], "import numpy as np\nnp.vectorize(lambda x: resutl)([1])", [], False),
        ([], "eval('1 +')", [], True),  # its error might be that of something imported
        ([], "1 / 0", [], True),
    ],
)  # fmt: skip
def test_only_what_is_clear_needs_no_tensorflow(
    run, spawned, monkeypatch, changes, first, wrong, needed
):
    content = key(*changes, first=first)
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", content)
    assert spawned == [KERAS_ON_NUMPY] + [TENSORFLOW] * needed
    assert [r.exercise for r in grade.results if r.status != "passed"] == wrong
    monkeypatch.setattr(Templates, "kinds", lambda self, found: (TENSORFLOW, ""))
    alone = run.grade_content("ada", f"{EMOJIFY}.ipynb", content)
    assert alone.results == grade.results and alone.notes == grade.notes


@pytest.mark.parametrize("first", ["import tensorflow as tf\ntf.constant(1)", "import jax.numpy"])
def test_a_cell_that_fails_leaves_everything_to_tensorflow(run, spawned, first):
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", key(first=first))
    assert (grade.score, spawned) == (100, [KERAS_ON_NUMPY, TENSORFLOW])
    assert bool(grade.notes) == ("tensorflow" not in first)


def test_a_call_that_is_cut_short_leaves_everything_to_tensorflow(run, spawned):
    gone = "    import os, keras\n    keras.backend.backend() == 'numpy' and os._exit(1)\n"
    before = "    sentence_indices = keras.Input"
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", key((before, gone + before)))
    assert (grade.score, spawned) == (100, [KERAS_ON_NUMPY, TENSORFLOW])


def test_without_that_kind_of_worker_grading_goes_on(monkeypatch):
    spawn, tried = Templates.spawn, []

    def failing(self, kind):
        tried.append(kind)
        if kind == KERAS_ON_NUMPY:
            raise WorkerStopped("it did not start")
        return spawn(self, kind)

    monkeypatch.setattr(Templates, "spawn", failing)
    with Run(5) as run:
        for student in ("ada", "bob"):
            assert run.grade_content(student, f"{EMOJIFY}.ipynb", key()).score == 100
    assert tried == [KERAS_ON_NUMPY, TENSORFLOW, TENSORFLOW]
