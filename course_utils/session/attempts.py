"""What a kernel remembers between checks: the cases that failed, and the hints that were opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..exercises import assignment as load_assignment
from ..exercises import find, stems
from ..exercises.sealed import shown
from ..judging.drawn_cases import Trial
from ..judging.model import Exercise
from ..judging.result import Result
from ..observing.keras_objects import made_arguments
from .runs import notebook

_failed: dict[str, tuple[Trial, int]] = {}  # exercise -> the cases it failed on last, and which
_hints: dict[str, tuple[str, ...]] = {}  # exercise -> the hints that fit its last result
_opened: dict[str, int] = {}  # exercise -> how many hints were opened by `hint`
_last: list[str] = []  # the exercise checked last, [] before the first


def trials(exercise: Exercise) -> Iterator[Trial]:
    """Yield the cases to try an answer on: those it failed last, those feedback is about, fresh.

    Networks take long to build, so their answers are not tried on fresh ones here.
    """
    again = _failed.get(exercise.name)
    if again:
        yield again[0]
    else:
        yield shown(exercise)
    if exercise.probe == "call":
        yield Trial(exercise, np.random.default_rng())


def remember(trial: Trial, result: Result) -> None:
    """Keep what the next check, `case` and `hint` need of a result."""
    name = result.exercise
    _last[:] = [name]
    _hints[name] = result.hints
    _failed.pop(name, None)
    if result.case >= 0:
        _failed[name] = trial, result.case


def failed_case(exercise: Exercise) -> dict[str, Any] | None:
    """Return the arguments of the case that the last check of an exercise failed on, or None."""
    if exercise.name not in _failed:
        return None
    trial, number = _failed[exercise.name]
    return made_arguments(trial.cases[number].args)


def how_to_get_case(result: Result) -> str:
    """Tell how to try the case that failed, or return ""."""
    if result.case < 0:
        return ""
    name = result.exercise
    return (
        "To try this case yourself: `from course_utils.check import case`, then "
        f"`{name}(**case({name}))`. The next check tries it first."
    )


def ladder(exercise: Exercise) -> list[tuple[str, str]]:
    """List the hints of an exercise with their labels, those that fit its last result first."""
    hints = _hints.get(exercise.name) or exercise.hints
    return [(f"Hint {n} of {len(hints)}", hint) for n, hint in enumerate(hints, 1)]


def opened(exercise: Exercise) -> int:
    """Return how many hints of an exercise have been opened."""
    return min(_opened.get(exercise.name, 0), len(ladder(exercise)) - 1)


def open_hint(exercise: Exercise) -> str:
    """Return the next hint; the last one says that it is the last, and stays."""
    rungs = ladder(exercise)
    rung = opened(exercise)
    _opened[exercise.name] = rung + 1
    label, text = rungs[rung]
    stem = find(exercise.name)[0].stem
    end = f"\nThis is the last hint. The answer key is solutions/{stem}.ipynb."
    return f"{label} for {exercise.name}: {text}{end if rung == len(rungs) - 1 else ''}"


def example() -> str:
    """Return the name of an exercise, of this kernel's notebook where it is known."""
    path = notebook()
    stem = path.stem if path and path.stem in stems() else stems()[0]
    return load_assignment(stem).names()[0]


def asked_for(fn: Any) -> Exercise | str:
    """Return the exercise that `hint` is asked about, or say how to ask.

    `fn` is a function, its name, or None for the exercise checked last.
    """
    if fn is None and _last:
        return find(_last[0])[1]
    name = fn if isinstance(fn, str) else getattr(fn, "__name__", "")
    try:
        return find(name)[1]
    except KeyError:
        one = example()
        return (
            f'Say which exercise: hint({one}), or hint("{one}") if it is not defined yet. '
            "Without a name, `hint()` is about the exercise that was checked last."
        )
