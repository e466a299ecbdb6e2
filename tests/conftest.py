"""Shared fixtures, and what nbval should do with our notebooks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.authoring.source import parse
from course_utils.exercises import assignment, stems
from course_utils.judging.drawn_cases import Trial
from course_utils.judging.judge import judge

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "solutions").glob("[0-9][0-9]_*.py"))


@cache
def reference_answers(stem: str) -> dict:
    """Run the set-up and the solved exercise cells of a source; return their namespace."""
    path = ROOT / "solutions" / f"{stem}.py"
    namespace: dict = {"__name__": "answers"}
    for cell in parse(path.read_text("utf-8"), path):
        is_setup = cell.kind == "code" and cell.source.startswith(("import ", "from "))
        if cell.exercise or is_setup:
            exec(compile(cell.source, f"{stem}:{cell.line}", "exec"), namespace)
    return namespace


@pytest.fixture
def answers():
    """Return a function from an assignment's stem to a namespace with its reference answers."""
    return lambda stem: dict(reference_answers(stem))


class OnceTrial(Trial):
    """A trial that calls each known mistake once a case, be it to judge or to compare with it."""

    def __init__(self, exercise, rng) -> None:
        super().__init__(exercise, rng)
        self._known = {form for mistake in exercise.misconceptions for form in mistake.forms()}
        self._seen: dict = {}

    def observe_case(self, function, i):
        if function not in self._known:
            return super().observe_case(function, i)
        if (function, i) not in self._seen:
            self._seen[function, i] = super().observe_case(function, i)
        return self._seen[function, i]


@pytest.fixture(scope="session")
def trial():
    """Return a function from an exercise and a seed to its trial, drawn once."""
    drawn: dict = {}

    def draw(exercise, seed=0) -> Trial:
        if (id(exercise), seed) not in drawn:
            drawn[id(exercise), seed] = OnceTrial(exercise, np.random.default_rng(seed))
        return drawn[id(exercise), seed]  # it keeps the exercise alive, and with it the id

    return draw


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


def every_exercise() -> list:
    """List every exercise of every notebook, as parameters named after them."""
    return [
        pytest.param(SimpleNamespace(stem=stem, exercise=exercise), id=exercise.name)
        for stem in stems()
        for exercise in assignment(stem).exercises
    ]
