"""Name the statements that run only where an answer is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ...observing.bounds import TookTooLong, can_be_bounded, memory, seconds
from ..compare import Leaf
from ..drawn_cases import Observation, Trial
from .repairing import quietly
from .stages import option_that_matters

SECONDS = 0.2
MOST_TOLD = 2


def where_it_matters(
    trial: Trial, observations: Sequence[Observation], compared: Sequence[list[Leaf]]
) -> str:
    """Name the value of an option that wrong cases have in common, and what runs only there."""
    if said := option_that_matters(trial, compared):
        return f"{said} {_runs_only_where_wrong(trial, observations, compared)}".strip()
    return ""


def _runs_only_where_wrong(
    trial: Trial, observations: Sequence[Observation], compared: Sequence[list[Leaf]]
) -> str:
    """Quote one or two statements that run in all wrong cases, and in no other."""
    watched = observations[0].get("lines_run")
    wrong = [not leaves or any(leaf.kind != "ok" for leaf in leaves) for leaves in compared]
    if not callable(watched) or not trial.exercise.is_quick or not can_be_bounded():
        return ""
    if all(wrong) or not any(wrong):
        return ""
    with quietly(), suppress(TookTooLong, ValueError), seconds(SECONDS), memory():
        run: list[set[int]] = []
        for i in range(len(compared)):
            function = watched()
            trial.glance(function, i)
            run.append(function.run)
        here, there = (
            [r for r, it in zip(run, wrong, strict=True) if it is k] for k in (True, False)
        )
        only = sorted(set.intersection(*here).difference(*there))
        told = [f"`{function.text(line)}`" for line in only]
        if 0 < len(told) <= MOST_TOLD and all("\n" not in each for each in told):
            verb = "do" if told[1:] else "does"
            return f"Only where it is wrong {verb} {' and '.join(told)} run."
    return ""
