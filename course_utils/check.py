"""Check a learner's answer in the notebook: `check(fn)`, `hint(fn)`, `case(fn)`, `score()`."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from html import escape
from typing import Any

import numpy as np

from . import demos
from .exercises import assignment as load_assignment
from .exercises import find, stems
from .judging.drawn_cases import Observation, Trial
from .judging.judge import judge
from .judging.model import Assignment, Exercise
from .judging.panel import Extras, to_html, to_text
from .judging.result import CriterionResult, Result
from .observing import bounds
from .observing.probes import NUMPYS_OWN
from .session import attempts, printing, results
from .session.runs import AFTER_RESTART, Run, kindly, notebook, runs_of, shell_in_use

SECONDS, SECONDS_WITH_KERAS = 20, 120  # what the calls of an answer may take in one check
_UNTOUCHED = re.compile(r"# YOUR CODE HERE\s+raise NotImplementedError")  # no line between

_checked: set[str] = set()  # the notebooks of which something was checked in this kernel, by stem


class _Brief(Exception):
    """An error that a notebook shows in a line or two, without the stack."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class CheckFailed(_Brief):
    """The answer is not right yet, or was not attempted."""


class NotChecked(CheckFailed):
    """Nothing was judged: what the kernel holds is not what the learner wrote last."""


class CheckerFault(_Brief):
    """The checker itself failed; the learner's answer may well be right."""


def check(fn: Any = None) -> None:
    """Check one exercise and show what passed, what did not, and why.

    `fn` is the learner's function. Raises CheckFailed unless every criterion is met, NotChecked if
    its cell says something else by now, and CheckerFault if the checker itself breaks (which is
    never the learner's doing).
    """
    found, exercise = _which(fn)
    _demand_tensorflow(exercise)
    run = _RUNS.defining(fn)
    if run and (why := _RUNS.outdated(exercise.name, run) or _RUNS.missing_in(fn)):
        raise NotChecked(f"{exercise.name} was not checked: {why}")
    try:
        result = _judged(fn, exercise)
    except _Stopped as stopped:
        result = _not_run(exercise, str(stopped))
    except Exception as error:
        raise CheckerFault(
            f"the checker of {exercise.name} broke ({type(error).__name__}: {error}). This is a "
            "fault of the course, not of your answer: please report it to your instructor."
        ) from error
    result = _names_leftover_raise(result, run)
    note = _remember(result, run)
    _checked.add(found.stem)
    # only where the front end tells which cell runs: an answer key stays as it is if cells move
    judged = f"Checked: your answer as run in [{run.number}]. " if run and run.cell else ""
    line = f"{judged}{_score_line(found)}{note}"
    _show(result, _extras(exercise, result, line))
    if result.status != "passed":
        earned = f"{result.points}/{result.max_points} points"
        raise CheckFailed(f"{exercise.name} {result.status}, {earned} (see the panel above)")
    _say_what_comes_next(found)


def hint(fn: Any = None) -> None:
    """Show the next hint of an exercise; called again, the one after it.

    `fn` is the learner's function or its name; without it, the exercise checked last is meant.
    """
    exercise = attempts.asked_for(fn)
    print(exercise if isinstance(exercise, str) else attempts.open_hint(exercise))


def case(fn: Any) -> dict[str, Any]:
    """Return the arguments of the case that the last check of an exercise failed on, by name.

    Raises CheckFailed if its last check passed, or if there was none.
    """
    _, exercise = _which(fn)
    arguments = attempts.failed_case(exercise)
    if arguments is None:
        raise CheckFailed(f"no check of {exercise.name} has failed on a case: run its check first")
    return arguments


def score() -> None:
    """Show the points of this notebook, exercise by exercise, and those of the whole course."""
    remembered, path = results.recall(), notebook()
    here = {path.stem} if path else set()
    here |= _checked
    shown = [stem for stem in stems() if stem in here]
    if not remembered:
        print("Nothing checked yet: run the check cells first.")
    for stem in shown if remembered else []:
        found = load_assignment(stem)
        for exercise in found.exercises:
            last = remembered.get(exercise.name)
            earned, status = (last.points, last.status) if last else (0, "not checked")
            print(f"{earned:>4} / {exercise.points:<3} {exercise.name} ({status})")
        print(_score_line(found))
    course = [load_assignment(stem) for stem in stems()]
    begun = [found for found in course if any(name in remembered for name in found.names())]
    if any(found.stem not in shown for found in begun):
        for found in begun:
            print(f"{_earned(found, remembered):>4} / {found.points:<3} {found.stem}")
        earned = sum(_earned(found, remembered) for found in begun)
        print(f"The whole course: {earned} / {sum(found.points for found in course)} points")


class _Stopped(Exception):
    """The learner's code was stopped; the message says where."""


class Interrupted(KeyboardInterrupt):
    """The learner stopped a check."""

    def _render_traceback_(self) -> list[str]:
        return [f"KeyboardInterrupt: {self}"]


@np.errstate(**NUMPYS_OWN)  # whatever the learner's cells have set
def _judged(fn: Any, exercise: Exercise) -> Result:
    for number, trial in enumerate(attempts.trials(exercise)):
        with demos.withheld():  # so that nothing passes here that would fail where it is graded
            observations = _observed(fn, trial, aloud=number == 0)
        result = judge(trial, observations)
        if result.status != "passed":
            break
    attempts.remember(trial, result)
    return result


def _observed(fn: Any, trial: Trial, *, aloud: bool) -> list[Observation]:
    """Observe every case, within bounds; show what the answer prints in the first, if `aloud`."""
    name = trial.exercise.name
    limit = SECONDS if trial.exercise.probe == "call" else SECONDS_WITH_KERAS
    observations: list[Observation] = []
    printed: list[printing.Printed] = []
    began = time.monotonic()
    try:
        with bounds.seconds(limit), bounds.memory():
            for i in range(len(trial.cases)):
                with printing.printing(shell_in_use()) as output:
                    printed.append(output)
                    observations.append(trial.observe_case(fn, i))
    except bounds.TookTooLong as error:
        line = printing.own_line(error.__traceback__, getattr(fn, "__globals__", {}))
        raise _Stopped(
            f"`{name}` was stopped after {limit} seconds{line and f', in {line}'} "
            f"({trial.cases[len(observations)].label}). Does a loop never end?"
        ) from None
    except KeyboardInterrupt as error:
        line = printing.own_line(error.__traceback__, getattr(fn, "__globals__", {}))
        spent = f"{time.monotonic() - began:.0f} s"
        raise Interrupted(
            f"you stopped the check of {name} after {spent}{line and f', in {line}'}"
        ) from None
    finally:
        if aloud:
            _show_printed(printed, [case.label for case in trial.cases])
    return observations


def _show_printed(printed: list[printing.Printed], labels: list[str]) -> None:
    first = next((i for i, output in enumerate(printed) if output), None)
    if first is None:
        return
    more = sum(map(bool, printed)) - 1
    again = f", and something in {more} more" if more else ""
    print(f"Your answer printed this in the case {labels[first]}{again}:")
    if text := printed[first].getvalue().rstrip():
        print(text + ("\n[...]" if len(text) >= printing.MOST else ""))
    for figure in printed[first].figures:
        shell_in_use().display_pub.publish(**figure)


def _not_run(exercise: Exercise, why: str) -> Result:
    nothing = tuple(CriterionResult(c.name, 0, c.points, why) for c in exercise.criteria)
    return Result(exercise.name, "could not run", nothing, why)


def _names_leftover_raise(result: Result, run: Run | None) -> Result:
    """Say that a line is left over where an answer stands above the stub's `raise`."""
    if result.status != "not attempted" or run is None or _UNTOUCHED.search(run.source):
        return result
    return replace(
        result,
        summary=f"`{result.exercise}` has code, but the line `raise NotImplementedError(...)` "
        "below it still stops it: delete that line.",
    )


def _remember(result: Result, run: Run | None) -> str:
    """Keep a result beside the learner's work; return a remark if that is not possible."""
    answer = results.digest(run.source) if run else ""
    kept = results.Remembered(
        result.status, result.points, result.max_points, results.now(), answer
    )
    try:
        results.remember(result.exercise, kept)
    except OSError as error:
        return f" (This result could not be saved: {error.strerror}: {error.filename}.)"
    return ""


def _say_what_comes_next(found: Assignment) -> None:
    """Lead on to the next notebook once this one, in the learner's folder, is finished."""
    if results.file_in_use() is None or _passed(found, results.recall()) < len(found.exercises):
        return
    after = stems()[stems().index(found.stem) + 1 :]
    text = f"All {len(found.exercises)} exercises of this notebook are passed."
    links = [(f"{after[0]}.ipynb", load_assignment(after[0]).title)] if after else []
    links.append(("00_start.ipynb", "the map of the course"))
    _display(
        f"{text} Next: {', or '.join(file for file, _ in links)}.",
        f"<p>{text} Next: "
        + ", or ".join(
            f'<a href="{file}" style="text-decoration: underline">{escape(title)}</a>'
            for file, title in links
        )
        + ".</p>",
    )


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
        raise CheckFailed(
            "pass the function itself, without quotes or brackets: "
            f"check({name if found else attempts.example()})"
        )
    if found is None:
        known = [name for stem in stems() for name in load_assignment(stem).names()]
        close = get_close_matches(name, known, 1)
        advice = f" Did you mean {close[0]}?" if close else " Pass the function that you wrote."
        raise CheckFailed(f"there is no exercise called {name}.{advice}")
    return found


def _score_line(found: Assignment) -> str:
    remembered = results.recall()
    return (
        f"Score so far: {_earned(found, remembered)} / {found.points} points, "
        f"{_passed(found, remembered)} of {len(found.exercises)} exercises passed"
    )


def _earned(found: Assignment, remembered: Mapping[str, results.Remembered]) -> int:
    return sum(remembered[name].points for name in found.names() if name in remembered)


def _passed(found: Assignment, remembered: Mapping[str, results.Remembered]) -> int:
    return sum(remembered[name].passed for name in found.names() if name in remembered)


def _extras(exercise: Exercise, result: Result, line: str) -> Extras:
    """Put together what the panel says beside the result."""
    first_fix, case = _first_fix(exercise, result), attempts.how_to_get_case(result)
    if result.status not in ("failed", "not attempted") or not exercise.hints:
        return Extras(line, first_fix=first_fix, case=case)
    ladder = attempts.ladder(exercise)
    if _in_notebook():
        (label, text), *more = ladder
        return Extras(line, text, label, first_fix, tuple(more), case)
    label = f"Stuck? {ladder[attempts.opened(exercise)][0]}"
    return Extras(line, f"type hint({exercise.name})", label, first_fix, case=case)


def _first_fix(exercise: Exercise, result: Result) -> str:
    """Name an exercise this one builds on that has not passed."""
    if result.status == "passed":
        return ""
    remembered = results.recall()
    for name in exercise.needs:
        if name in remembered and not remembered[name].passed:
            return f"It builds on `{name}`, whose check has not passed: fix that one first."
    return ""


def _show(result: Result, extras: Extras) -> None:
    _display(to_text(result, extras), to_html(result, extras))


def _display(text: str, html: str) -> None:
    if not _in_notebook():
        print(text)
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": text}, raw=True)


def _in_notebook() -> bool:
    """Return True if output goes to a notebook, which can show HTML."""
    return type(shell_in_use()).__name__ == "ZMQInteractiveShell"


def _advice(error: BaseException) -> str:
    """Say in a line what a cell needs that runs too early, or where it was stopped; else ""."""
    if isinstance(error, Interrupted):
        return ""  # it says so itself
    if isinstance(error, KeyboardInterrupt):
        line = printing.own_line(error.__traceback__, shell_in_use().user_ns)
        return f"you stopped this cell{line and f', in {line}'}"
    if isinstance(error, NameError):
        name = str(error.name)
        unknown = f"`{name}` is not defined yet: run its cell first. {AFTER_RESTART}"
        return _RUNS.missing(name) or (unknown if _is_exercise(name) else "")
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    name = traceback.tb_frame.f_code.co_name if traceback else ""
    return f"this cell needs `{name}`, which is not written yet" if _is_exercise(name) else ""


def _is_exercise(name: str) -> bool:
    return any(name in load_assignment(stem).names() for stem in stems())


_RUNS = runs_of(shell_in_use())
kindly(shell_in_use(), _advice)
