"""`make reproduce`: a stopped run goes on, what is current is left alone, and the table is true."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from click.testing import CliRunner

from benchmarks.reproduce import __main__, records, run
from benchmarks.reproduce.system import Job, System
from benchmarks.reproduce.systems import SYSTEMS
from course_utils import results
from course_utils.exercises import assignment

EPOCHS = 4


def train_and_die_once(job: Job) -> dict:
    """Fit a line; the first start is cut off after its second epoch."""
    import keras
    import numpy as np

    keras.utils.set_random_seed(job.seed)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", loss="mse", run_eagerly=True)
    first = job.folder / "started"
    dies = not first.exists()
    first.touch()

    def ended(epoch: int, logs: dict) -> None:
        with (job.folder / "epochs.txt").open("a") as file:
            file.write(f"{epoch} ")
        if dies and epoch == 1:
            os._exit(3)

    x = np.arange(8.0)[:, None]
    callbacks = [*job.callbacks(EPOCHS), keras.callbacks.LambdaCallback(on_epoch_end=ended)]
    model.fit(x, 2 * x, epochs=EPOCHS, batch_size=4, verbose=0, callbacks=callbacks)
    epochs = (job.folder / "epochs.txt").read_text().split()
    return {"figure": "a | line", "numbers": {"epochs": epochs}, "history": job.history()}


def fail(job: Job) -> dict:
    raise ValueError("no such luck")


LINE = System(
    name="line", title="A line", stem="", published="", data="none", run=train_and_die_once
)


WORDY = """\"\"\"What it is.\"\"\"
# why
def f(x):
    \"\"\"Say what

    it does.
    \"\"\"
    return x  # shape
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Keep records, checkpoints and the table of this test apart from the course's."""
    monkeypatch.setattr(records, "FOLDER", tmp_path / "results")
    monkeypatch.setattr(records, "TABLE", tmp_path / "table.md")
    monkeypatch.setattr(run, "FOLDER", tmp_path / "build")
    return tmp_path


@pytest.mark.slow
def test_a_run_that_is_cut_off_goes_on_where_it_was(place):
    (said,) = run.run([LINE], 0, {})
    assert said == "line: its process ended with exit code 3"
    assert records.load(LINE) is None
    assert run.run([LINE], 0, {}) == []
    record = records.load(LINE)
    # the epoch that was cut off may be done again, those before it are not
    assert record["numbers"]["epochs"] in (list("0123"), list("01123"), list("01223"))
    assert len(record["history"]["loss"]) == EPOCHS
    assert record["seconds"] > 0
    assert not list((place / "build").iterdir())

    before = (place / "results" / "line.json").stat().st_mtime_ns
    assert run.run([LINE], 0, {}) == []  # current: nothing is trained
    assert (place / "results" / "line.json").stat().st_mtime_ns == before
    assert not records.current(LINE, seed=1)

    other = replace(LINE, name="other", title="Not run")
    records.write_table([LINE, other])
    *_, first, second = records.TABLE.read_text("utf-8").splitlines()
    assert first == f"| A line |  | a \\| line | none | 0 | {record['seconds']:,.0f} s |"
    assert second == "| Not run |  |  | none |  |  |"


@pytest.mark.slow
def test_what_fails_is_said_and_the_others_run(place):
    broken = replace(LINE, name="broken", run=fail)
    done = replace(LINE, name="done")
    records.keep(done, 0, records.version(done, 0), 1.0, {"figure": "1"})
    assert run.run([broken, done], 0, {}) == ["broken: ValueError: no such luck"]
    assert records.load(broken) is None


def test_a_changed_answer_is_trained_anew():
    one, other = (s for s in SYSTEMS if s.stem == "06_emojify")
    assert records.version(one, 0) != records.version(other, 0)
    assert records._what_runs(WORDY) == "def f(x):\n    return x"
    fewer = replace(other, answers=other.answers[:-1])
    assert records.version(fewer, 0) != records.version(other, 0)


def test_every_system_trains_answers_of_its_notebook():
    assert len({system.name for system in SYSTEMS}) == len(SYSTEMS)
    for system in SYSTEMS:
        assert set(system.answers) <= set(assignment(system.stem).names())


def test_the_records_and_the_table_are_those_of_the_code_as_it_stands(tmp_path, monkeypatch):
    """A record whose code has changed since must be made again: make reproduce."""
    assert not [s.name for s in SYSTEMS if records.load(s) and not records.current(s, seed=0)]
    shipped = records.TABLE.read_text("utf-8")
    monkeypatch.setattr(records, "TABLE", tmp_path / "table.md")
    records.write_table(SYSTEMS)
    assert records.TABLE.read_text("utf-8") == shipped


def test_an_unknown_system_is_one_line_and_exit_2():
    done = CliRunner().invoke(__main__.main, ["--only", "nonsense"])
    assert done.exit_code == 2
    assert "no system nonsense; there are: " in done.output


def test_a_stored_record_is_read_by_name(place, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", place)
    (place / "line.json").write_text(json.dumps({"figure": "1"}), "utf-8")
    assert results.stored("line") == {"figure": "1"}
    with pytest.raises(FileNotFoundError, match="make reproduce ONLY=other"):
        results.stored("other")
