"""Check a learner's answer in the notebook: `check(fn)`, `hint(fn)`, `score()`."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import Any

import numpy as np

from . import demos
from .exercises import assignment as load_assignment
from .exercises import find, stems
from .judging.drawn_cases import Trial
from .judging.judge import judge
from .judging.model import Assignment, Exercise
from .judging.panel import Extras, to_html, to_text
from .judging.result import Result

_results: dict[str, Result] = {}  # the last result of each exercise, in this kernel
_shown: dict[str, int] = {}  # how many hints of each exercise have been asked for


class _Brief(Exception):
    """An error that a notebook shows in a line or two, without the stack."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class CheckFailed(_Brief):
    """The answer is not right yet, or was not attempted."""


class CheckerFault(_Brief):
    """The checker itself failed; the learner's answer may well be right."""


def check(fn: Any) -> None:
    """Check one exercise and show what passed, what did not, and why.

    `fn` is the learner's function. Raises CheckFailed unless every criterion is met, and
    CheckerFault if the checker itself breaks (which is never the learner's doing).
    """
    found, exercise = _which(fn)
    _demand_tensorflow(exercise)
    try:
        result = _judged(fn, exercise)
    except Exception as error:
        raise CheckerFault(
            f"the checker of {exercise.name} broke ({type(error).__name__}: {error}). This is a "
            "fault of the course, not of your answer: please report it to your instructor."
        ) from error
    _results[exercise.name] = result
    _show(result, Extras(_score_line(found), *_next_hint(result), _first_fix(exercise, result)))
    if result.status == "failed":
        _shown[exercise.name] = _shown.get(exercise.name, 0) + 1  # the next failure hints further
    if result.status != "passed":
        earned = f"{result.points}/{result.max_points} points"
        raise CheckFailed(f"{exercise.name} {result.status}, {earned} (see the panel above)")


def hint(fn: Any) -> None:
    """Show the next hint of an exercise; called again, the one after it."""
    _, exercise = _which(fn)
    rung = min(_shown.get(exercise.name, 0), len(exercise.hints) - 1)
    _shown[exercise.name] = rung + 1
    print(f"Hint {rung + 1} of {len(exercise.hints)} for {exercise.name}: {exercise.hints[rung]}")


def score() -> None:
    """Show the points earned so far in this session, exercise by exercise."""
    done = {find(name)[0].stem for name in _results}
    if not done:
        print("Nothing checked yet: run the check cells first.")
    for stem in sorted(done):
        found = load_assignment(stem)
        for exercise in found.exercises:
            result = _results.get(exercise.name)
            earned, status = (result.points, result.status) if result else (0, "not checked")
            print(f"{earned:>4} / {exercise.points:<3} {exercise.name} ({status})")
        print(_score_line(found))


def _judged(fn: Any, exercise: Exercise) -> Result:
    trial = Trial(exercise, np.random.default_rng())
    with demos.withheld():  # so that nothing passes here that would fail where it is graded
        observations = trial.observe(fn)
    return judge(trial, observations)


def _demand_tensorflow(exercise: Exercise) -> None:
    """Raise CheckFailed where an exercise needs Keras, and Keras does not use TensorFlow."""
    keras = sys.modules.get("keras")
    if exercise.probe == "call" or keras is None or keras.config.backend() == "tensorflow":
        return
    raise CheckFailed(
        f"this course needs Keras with TensorFlow, and here Keras uses {keras.config.backend()} "
        "(the variable KERAS_BACKEND says so, or keras.json in the folder ~/.keras). Write "
        '`import os; os.environ["KERAS_BACKEND"] = "tensorflow"` at the top of the first cell, '
        "before Keras is imported, and restart the kernel"
    )


def _which(fn: Any) -> tuple[Assignment, Exercise]:
    """Find the exercise that `fn` answers, or say what to pass."""
    name = fn if isinstance(fn, str) else getattr(fn, "__name__", "")
    try:
        found = find(name)
    except KeyError:
        found = None
    if isinstance(fn, str) or not callable(fn):
        example = name if found else "rnn_cell_forward"
        raise CheckFailed(f"pass the function itself, without quotes or brackets: check({example})")
    if found is None:
        known = [name for stem in stems() for name in load_assignment(stem).names()]
        close = get_close_matches(name, known, 1)
        advice = f" Did you mean {close[0]}?" if close else f" There are: {', '.join(known)}."
        raise CheckFailed(f"there is no exercise called {name}.{advice}")
    return found


def _score_line(found: Assignment) -> str:
    results = [_results[name] for name in found.names() if name in _results]
    earned = sum(result.points for result in results)
    passed = sum(result.status == "passed" for result in results)
    return (
        f"Score so far: {earned} / {found.points} points, "
        f"{passed} of {len(found.exercises)} exercises passed"
    )


def _next_hint(result: Result) -> tuple[str, str]:
    """Return the next hint and its label, ("", "") if there is nothing to hint at."""
    if result.status not in ("failed", "not attempted") or not result.hints:
        return "", ""
    rung = min(_shown.get(result.exercise, 0), len(result.hints) - 1)
    if _in_notebook():
        return result.hints[rung], f"Hint {rung + 1} of {len(result.hints)}"
    return f"type hint({result.exercise})", f"Stuck? Hint {rung + 1} of {len(result.hints)}"


def _first_fix(exercise: Exercise, result: Result) -> str:
    """Name an exercise this one builds on that has not passed."""
    if result.status == "passed":
        return ""
    for name in exercise.needs:
        if name in _results and _results[name].status != "passed":
            return f"It builds on `{name}`, whose check has not passed: fix that one first."
    return ""


def _show(result: Result, extras: Extras) -> None:
    text = to_text(result, extras)
    if not _in_notebook():
        print(text)
        return
    from IPython.display import display

    display({"text/html": to_html(result, extras), "text/plain": text}, raw=True)


def _in_notebook() -> bool:
    """Return True if output goes to a notebook, which can show HTML."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and shell.__class__.__name__ == "ZMQInteractiveShell"
