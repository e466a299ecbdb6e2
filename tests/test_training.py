"""The switch between full and short training."""

from __future__ import annotations

import re

import numpy as np
import pytest

from course_utils.authoring.solve import settled
from course_utils.training import SHORT, VARIABLE, epochs, get_ready, progress


@pytest.mark.parametrize(
    ("setting", "full", "expected"),
    [(None, 50, 50), ("full", 50, 50), ("short", 50, SHORT), ("short", 1, 1)],
)
def test_the_environment_decides(monkeypatch, setting, full, expected):
    monkeypatch.delenv(VARIABLE, raising=False)
    if setting:
        monkeypatch.setenv(VARIABLE, setting)
    assert epochs(full) == expected


def test_another_setting_is_refused_with_the_choices(monkeypatch):
    monkeypatch.setenv(VARIABLE, "brief")
    with pytest.raises(ValueError, match="full or short"):
        epochs(3)


def test_getting_ready_spares_a_trace_and_trains_nothing():
    keras = pytest.importorskip("keras")
    X, Y = [np.ones((4, 2)), np.ones((4, 3))], [np.ones((4, 1))] * 2
    traced, losses = [], []

    def counted(y, y_pred):
        traced.append(y_pred)
        return keras.losses.mean_squared_error(y, y_pred)

    for ready in (False, True):
        keras.utils.set_random_seed(3)
        inputs = [keras.Input((2,)), keras.Input((3,))]
        model = keras.Model(inputs, [keras.layers.Dense(1)(x) for x in inputs])
        model.compile("adam", loss=[counted, "mse"], metrics=[["mae"], ["mae"]])
        before = model.get_weights()
        if ready:
            get_ready(model, X, Y)
        assert all(map(np.array_equal, before, model.get_weights()))
        traced.clear()
        losses.append(model.fit(X, Y, epochs=3, verbose=0).history["loss"])
        assert len(traced) == (1 if ready else 2)
    assert losses[0] == losses[1]


def outputs_of(tmp_path, *sources):
    """Run cells in a kernel; return the outputs of each, and the texts that each went through."""
    import nbformat
    from nbclient import NotebookClient

    class Watched(NotebookClient):
        def process_message(self, msg, cell, cell_index):
            if "data" in msg["content"]:
                seen[cell_index].append(msg["content"]["data"]["text/plain"])
            return super().process_message(msg, cell, cell_index)

    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    seen = [[] for _ in cells]
    notebook = nbformat.v4.new_notebook(cells=cells)
    Watched(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    return [cell.outputs for cell in notebook.cells], seen


PRELUDE = f"""
import os, time
os.environ["{VARIABLE}"] = "full"
from course_utils import training
training.EVERY = 0
"""
LOOPS = """
for name in training.progress(["a", "b"], "network"):
    steps = training.progress(10, "update")
    for k in steps:
        time.sleep(0.01)
        steps.note = f"loss {k}\\nand a sample"
"""


@pytest.mark.slow
def test_a_loop_is_one_line_with_the_time_left(tmp_path):
    short = PRELUDE.replace('"full"', '"short"') + LOOPS
    ends_early = f"{PRELUDE}\nfor k in training.progress(9):\n    if k == 3: break"
    (two, none, early), (seen, _, _) = outputs_of(tmp_path, PRELUDE + LOOPS, short, ends_early)
    assert none == []
    assert [output.data["text/plain"] for output in two] == ["2 networks in 0 s"]
    assert settled(two) == []
    assert early[0].data["text/plain"] == "3 steps in 0 s"
    assert seen[0] == "network 1 of 2"
    assert "network 2 of 2, update 5 of 10, about 0 s left, loss 3\nand a sample" in seen


@pytest.mark.slow
def test_a_loop_that_was_stopped_leaves_the_next_cell_a_line_of_its_own(tmp_path):
    stopped = (
        PRELUDE
        + """
try:
    for k in training.progress(9):
        1 / 0
except ZeroDivisionError as error:
    kept = error
"""
    )
    (_, after), _ = outputs_of(tmp_path, stopped, "for k in training.progress(1): pass")
    assert [output.data["text/plain"] for output in after] == ["1 step in 0 s"]


@pytest.mark.slow
def test_fit_is_a_line_too(tmp_path):
    pytest.importorskip("keras")
    fit = f"""{PRELUDE}
import keras, numpy as np
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
for n in training.progress(2, "network"):
    model.fit(np.ones((8, 1)), np.ones((8, 1)), batch_size=2, epochs=3, verbose=0,
              callbacks=[training.progress_of_fit()])
history = model.fit(np.ones((8, 1)), np.ones((8, 1)), epochs=3, verbose=0,
                    callbacks=[training.progress_of_fit()])
"""
    (outputs,), (seen,) = outputs_of(tmp_path, fit)
    assert any(
        re.match(r"network 2 of 2, epoch 2 of 3, about \d+ s left, loss \S+$", x) for x in seen
    )
    (last,) = [output for output in outputs if "data" in output]  # TensorFlow may warn
    assert re.match(r"3 epochs in \d+ s, loss \S+$", last.data["text/plain"])


def test_outside_of_a_notebook_a_loop_is_a_loop(capsys):
    assert list(progress(3)) == [0, 1, 2]
    assert list(progress(iter("ab"))) == ["a", "b"]
    assert capsys.readouterr() == ("", "")
