"""Find the answers of a Keras notebook that are right, or not written yet, without TensorFlow.

Nothing else is final, so nothing is lost by a worker that has less than the learner had
(see `keras_on_numpy`): everything else is observed with TensorFlow, by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..exercises.model import Exercise
from ..exercises.result import Result
from ..exercises.trial import Trial
from .limits import Limits
from .observe import Session

SECONDS = 5.0  # what takes longer is not worth trying here


def within(limits: Limits) -> Limits:
    """Return limits for a try: it should cost little where it fails."""
    return replace(
        limits,
        cell_seconds=min(SECONDS, limits.cell_seconds),
        probe_seconds=min(SECONDS, limits.probe_seconds),
    )


def clear_answers(
    exercises: Sequence[Exercise],
    trial: Callable[[Exercise], Trial],
    session: Session,
    judge: Callable[..., Result],
) -> dict[str, Result]:
    """Return the results that are clear here; none if a cell failed or anything stopped.

    Raises WorkerStopped only if not even an empty worker comes up.
    """
    results: dict[str, Result] = {}
    for exercise in exercises:
        seen = session.observe(exercise, trial(exercise).cases)
        if session.broken or seen.reason:
            return {}
        result = judge(trial(exercise), seen.observations(), why=False)
        if result.status in ("passed", "not attempted"):
            results[exercise.name] = result
    return results
