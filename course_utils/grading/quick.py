"""Find the answers of a Keras notebook whose results are clear without TensorFlow.

Clear is what is right, what is not there, and what gives number for number what a known
misconception gives with TensorFlow. Everything else is observed with TensorFlow, by the engine, so
nothing is lost by a worker that has less than the learner had (see `keras_on_numpy`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..exercises.model import Exercise
from ..exercises.result import Result
from .limits import Limits
from .observe import Seen, Session

SETTLED = ("passed", "not attempted", "not defined")
SECONDS = 5.0  # what takes longer is not worth trying here


def within(limits: Limits) -> Limits:
    """Return limits for a try: it should cost little where it fails."""
    return replace(
        limits,
        cell_seconds=min(SECONDS, limits.cell_seconds),
        probe_seconds=min(SECONDS, limits.probe_seconds),
    )


def is_clear(result: Result) -> bool:
    """Tell whether another look at an answer cannot tell more."""
    return result.status in SETTLED or result.explained


def clear_answers(
    exercises: Sequence[Exercise],
    session: Session,
    observed: Callable[[Exercise], tuple[Seen, Result]],
) -> dict[str, Result]:
    """Return the results that are clear here; none if something stopped, or a cell failed that
    might run elsewhere.

    Raises WorkerStopped only if not even an empty worker comes up.
    """
    results: dict[str, Result] = {}
    for exercise in exercises:
        seen, result = observed(exercise)
        if not session.plain or seen.reason:
            return {}
        if is_clear(result):
            results[exercise.name] = result
    return results
