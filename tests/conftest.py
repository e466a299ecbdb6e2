"""Shared fixtures, and what nbval should do with our notebooks."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from coverage import Coverage

from course_utils.authoring.answers import AnswerBook
from course_utils.authoring.proving import Draws
from course_utils.exercises import assignment, stems
from course_utils.judging.explaining import mistakes, repairing
from course_utils.judging.judge import LOG, judge

from . import coverage_inside

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "solutions").glob("[0-9][0-9]_*.py"))


def pytest_configure():
    """Count the lines that workers run where coverage is measured."""
    if coverage := Coverage.current():
        coverage_inside.begin(Path(coverage.config.data_file).resolve())


def pytest_unconfigure():
    """Hand over the lines that workers have run."""
    if coverage := Coverage.current():
        coverage_inside.end(Path(coverage.config.data_file).resolve())


@cache
def reference_answers(stem: str) -> dict:
    """Run the set-up and the solved exercise cells of a source; return their namespace."""
    return AnswerBook(ROOT, stem).answers()


class Loud(logging.Handler):
    """Raises the errors that judging lets pass, for they cost a learner only the explanation."""

    def emit(self, record):
        """Raise the error of a record."""
        raise record.exc_info[1]


@pytest.fixture(autouse=True)
def explaining_must_not_fail():
    """Fail a test in which an answer could not be explained because of an error of ours."""
    LOG.addHandler(loud := Loud())
    LOG.setLevel(logging.DEBUG)
    yield
    LOG.removeHandler(loud)
    LOG.setLevel(logging.NOTSET)


@pytest.fixture(autouse=True)
def small_changes(monkeypatch):
    """Try no changes of answers, nor unlikely pairs: how many can be depends on the processor."""
    monkeypatch.setattr(repairing, "one_small_change", lambda *_, **__: None)
    monkeypatch.setattr(mistakes, "SECONDS", 0.0)


@pytest.fixture
def answers():
    """Return a function from an assignment's stem to a namespace with its reference answers."""
    return lambda stem: dict(reference_answers(stem))


@pytest.fixture(scope="session")
def trial():
    """Return a function from an exercise and a seed to its trial, drawn once."""
    return Draws()


@pytest.fixture
def judged(trial):
    """Return a function that judges an answer on the cases of a seed, as `check` would."""

    def run(exercise, function, seed=0):
        drawn = trial(exercise, seed)
        return judge(drawn, drawn.observe(function))

    return run


@pytest.fixture
def course_figures():
    """Draw without a window, in the course's style; close what was drawn."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    from course_utils.plots import use_course_style

    plt.switch_backend("agg")
    with mpl.rc_context():
        use_course_style()
        yield
    plt.close("all")


def every_network() -> list:
    """List the exercises whose answers hold networks, as every_exercise does."""
    return [at for at in every_exercise() if at.values[0].exercise.probe != "call"]


def every_exercise() -> list:
    """List every exercise of every notebook, as parameters named after them."""
    return [
        pytest.param(SimpleNamespace(stem=stem, exercise=exercise), id=exercise.name)
        for stem in stems()
        for exercise in assignment(stem).exercises
    ]
