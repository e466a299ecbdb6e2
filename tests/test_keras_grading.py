"""Notebooks that use Keras, graded in a worker with TensorFlow."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator

import nbformat
import pytest

from course_utils.grading.core.engine import Run
from course_utils.grading.sandbox.templates import TemplatePool
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are not forked here")
EMOJIFY = "06_emojify"


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with Run(5) as made:
        yield made


def key(*changes: tuple[str, str], first: str = "", last: str = "") -> bytes:
    """Return the solved notebook, some of its code changed, with cells before and after the rest.

    The last cell may define an answer anew.
    """
    notebook = nbformat.read(ROOT / "solutions" / f"{EMOJIFY}.ipynb", as_version=4)
    for old, new in changes:
        assert any(old in cell.source for cell in notebook.cells)
        for cell in notebook.cells:
            cell.source = cell.source.replace(old, new)
    if first:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(first))
    if last:
        notebook.cells.append(nbformat.v4.new_code_cell(last))
    return nbformat.writes(notebook).encode()


def test_right_answers_need_one_worker(run, monkeypatch):
    spawned, spawn = [], TemplatePool.spawn
    monkeypatch.setattr(
        TemplatePool, "spawn", lambda self, each: spawned.append(each.name) or spawn(self, each)
    )
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", key())
    assert (grade.score, spawned, grade.notes) == (100, ["keras"], ())


AUTOGRAPH = """
import tensorflow as tf

@tf.function
def absolute(x):
    if tf.reduce_sum(x) > 0:
        y = x
    else:
        y = -x
    return y

assert float(absolute(tf.constant(-2.0))) == 2.0
"""
SETTINGS = """
import keras
import tensorflow as tf
keras.config.set_floatx("float64")
keras.config.set_image_data_format("channels_first")
keras.mixed_precision.set_global_policy("mixed_float16")
tf.config.run_functions_eagerly(True)
tf.random.set_seed(1)
"""


@pytest.mark.parametrize("first", [AUTOGRAPH, SETTINGS], ids=["AutoGraph", "settings"])
def test_what_tensorflow_offers_costs_nothing(run, first):
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", key(first=first))
    assert (grade.score, grade.notes) == (100, ())


def test_autograph_works_in_an_answer(run):
    body = "    sentence_indices = keras.Input"
    changed = key((body, "    assert float(absolute(tf.constant(-2.0))) == 2\n" + body),
                  first=AUTOGRAPH.replace("assert", "#"))  # fmt: skip
    assert run.grade_content("ada", f"{EMOJIFY}.ipynb", changed).score == 100


def test_a_model_that_is_not_built_yet_earns_all_points(run):
    from tests import test_keras_styles as styles

    parts = [inspect.getsource(part) for part in (styles.Reader, styles.subclass)]
    source = "\n\n".join(parts).replace("subclass(", "Emojify_V2(")
    source = source.replace("embedding(words, index)", "pretrained_embedding_layer(words, index)")
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", key(last=source))
    assert (grade.score, grade.notes) == (100, ())


SIGMOID = ('activation="softmax"', 'activation="sigmoid"')
TRAINABLE = ("trainable=False", "trainable=True")


@pytest.mark.parametrize(
    ("changes", "first", "wrong"),
    [
        ([SIGMOID], "", ["Emojify_V2"]),
        ([TRAINABLE], "", ["pretrained_embedding_layer"]),  # Emojify_V2: carried forward
        ([TRAINABLE, SIGMOID], "", ["pretrained_embedding_layer", "Emojify_V2"]),
        ([("def sentences_to_indices(", "def def sentences_to_indices(")], "",
         ["sentences_to_indices"]),
        ([], "shown = resutl", []),
        ([], "import jax.numpy", []),
    ],
)  # fmt: skip
def test_a_wrong_answer_or_cell_costs_only_itself(run, changes, first, wrong):
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", key(*changes, first=first))
    assert [r.exercise for r in grade.results if r.status != "passed"] == wrong
    assert bool(grade.notes) == bool(first or "def def" in str(changes))


def test_a_call_that_ends_its_process_costs_that_exercise(run):
    gone = "    import os\n    os._exit(1)\n"
    before = "    sentence_indices = keras.Input"
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", key((before, gone + before)))
    assert [r.exercise for r in grade.results if r.status != "passed"] == ["Emojify_V2"]


def test_a_network_that_cannot_be_read_is_told_why(run):
    lines = ("X = layers.LSTM(128)(X)", "X = layers.LSTM(128)(X)\n    Z = X\n    "
             "X = layers.Lambda(lambda _: Z * 1.0)(X)")  # fmt: skip
    grade = run.grade_content("ada", f"{EMOJIFY}.ipynb", key(lines))
    (wrong,) = [r for r in grade.results if r.status != "passed"]
    assert "gives symbolic tensors and no numbers: the Lambda layer" in wrong.summary
    assert "only a Lambda's own argument holds numbers" in wrong.note
