"""Charge a known mistake to one criterion, however many parts and cases it spoils."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .compare import Leaf, may_be_used, same
from .criteria import Failure, Row, charge, examine, wrong_parts
from .drawn_cases import Parts, Trial
from .model import Criterion, Exercise, Form, Misconception

FLAT = 1e-5  # an array that varies less than this says nothing


def charge_once(
    trial: Trial, rows: Sequence[Row], compared: Sequence[list[Leaf]]
) -> dict[str, Failure | None]:
    """Map every criterion to its failure, or to None, as `charge` does for the rows.

    In the cases where an answer gives what a form of a misconception gives, only the criterion
    that this misconception costs is charged; and the one about changed arguments, where the form
    changes none. `compared` are the parts as they came.
    """
    exercise = trial.exercise
    failures = charge(exercise, rows)
    takes_long = exercise.probe == "keras_loss" or not exercise.is_quick
    if takes_long or sum(map(bool, failures.values())) < 2:
        return failures
    findings = [examine(criterion, exercise, rows) for criterion in exercise.criteria]
    about_arguments = {c.name for c in exercise.criteria if c.aspect == "unmodified"}
    only: dict[int, set[str]] = {}
    for mistake, form, cases in _known(trial, rows, compared):
        wrong = [each.criterion for each in findings if cases & each.wrong.keys()]
        if name := _cost(mistake, wrong, failures, exercise, [rows[i][2] for i in cases]):
            for i in cases:
                changes_more = rows[i][1].get("changed") and not any(
                    part.startswith("(argument)") for part in trial.mistake(form, i)
                )
                only[i] = {name, *about_arguments} if changes_more else {name}
    return charge(exercise, rows, only)


def _known(
    trial: Trial, rows: Sequence[Row], compared: Sequence[list[Leaf]]
) -> list[tuple[Misconception, Form, set[int]]]:
    """List forms of misconceptions and the numbers of the cases they explain, the best one last.

    A form has to explain half of the wrong cases, and to be right where the answer is. That both
    raise the same error, or find no number, is not enough: some case must have a value, or the
    answer must raise in all wrong cases what the form raises.
    """
    wrong = {
        i: _wrong(trial.parts(i, {**seen, "changed": {}}, compared[i]))
        for i, (_, seen, parts) in enumerate(rows)
        if seen["status"] != "returned" or any(part.kind != "ok" for part in parts)
    }
    right = [i for i in range(len(rows)) if i not in wrong]
    telling = {i for i in wrong if _tells(compared[i])}
    raised = {i for i in wrong if rows[i][1]["status"] == "raised"}
    found = []
    for mistake, form in trial.exercise.wrong_forms():
        cases = {i for i in wrong if _are_alike(wrong[i], _wrong(trial.mistake(form, i)))}
        if 2 * len(cases) < len(wrong) or any(_wrong(trial.mistake(form, i)) for i in right):
            continue
        if cases & telling or right and cases == raised == {*wrong}:
            found.append((mistake, form, cases))
    return sorted(reversed(found), key=lambda one: len(one[2]))


def _cost(
    mistake: Misconception,
    wrong: Sequence[Criterion],
    failures: Mapping[str, Failure | None],
    exercise: Exercise,
    parts: Sequence[list[Leaf]],
) -> str:
    """Name the criterion that a mistake costs, of those that are `wrong` in its cases."""
    if mistake.costs in {criterion.name for criterion in wrong}:
        return mistake.costs
    failing = [criterion for criterion in wrong if failures[criterion.name]]
    return min(failing, key=lambda c: _rank(c, exercise, parts)).name if failing else ""


def _rank(criterion: Criterion, exercise: Exercise, cases: Sequence[list[Leaf]]) -> tuple:
    """Sort criteria about values first, and these by `charged_first`."""
    spoiled = {
        part.name for parts in cases for part in wrong_parts(criterion, parts, exercise.criteria)
    }
    globs = exercise.charged_first
    first = next((n for n, glob in enumerate(globs) if fnmatch.filter(spoiled, glob)), len(globs))
    return not criterion.counts_alone, first


def _wrong(parts: Parts) -> dict[str, Any]:
    return {
        name: value
        for name, (ok, value) in parts.items()
        if not ok and not name.startswith("(argument)")
    }


def _are_alike(mine: Mapping[str, Any], its: Mapping[str, Any]) -> bool:
    return mine.keys() == its.keys() and all(same(mine[name], its[name]) for name in mine)


def _tells(parts: Sequence[Leaf]) -> bool:
    """Return True if all wrong numbers are finite, and some array is neither flat nor zero."""
    compared = [part for part in parts if part.kind in ("shape", "value")]
    if not all(map(may_be_used, compared)):
        return False
    wrong = [np.asarray(part.got) for part in compared]
    numbers = [1.0 * got for got in wrong if got.dtype.kind in "biufc"]
    if not all(np.isfinite(got).all() for got in numbers):
        return False
    spread = [np.ptp(got) if got.size > 1 else np.abs(got).max(initial=0) for got in numbers]
    return sum(bool(each < FLAT) for each in spread) < len(wrong)
