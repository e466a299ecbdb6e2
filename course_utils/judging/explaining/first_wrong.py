"""Explain the first variable, stage or part of an answer that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

import numpy as np

from ..compare import Leaf, label, same
from ..drawn_cases import Observation, Trial
from .relations import kept_at_a_limit, quantities, relation
from .stages import (
    APART,
    first_not_finite,
    first_wrong_stage,
    first_wrong_variable,
    line_that_returns,
    listed,
    made_from_unknown,
    option_that_matters,
    parts_that_are_wrong,
    right_variables,
)
from .supposing import supposition
from .wrong_parts import Wrong, is_not_finite


def explain_first_wrong(
    trial: Trial,
    observations: Sequence[Observation],
    compared: Sequence[list[Leaf]],
    at: int,
    leaf: Leaf,
    tried: Callable[[str], str],
    explained: Collection[str],
) -> str:
    """Explain the first wrong variable or stage of a case, or the part that is told first."""
    if is_not_finite(leaf) and (said := first_not_finite(observations[at])):
        return said
    variable = first_wrong_variable(trial, observations, compared, at, explained)
    stage, placed = first_wrong_stage(trial.exercise.stages, compared[at])
    if variable and variable.part and stage and _comes_before(stage, variable.part, trial):
        held = observations[at].get("variables", {}).values()
        if not any(same(np.asarray(stage.got), each) for each in held):
            variable = None  # it follows from what no variable holds
    if variable and variable.part is None:
        found = (
            relation(variable.wrong, trial.exercise.axes) or tried(variable.said) or variable.hint
        )
        return f"{variable.said} {found}".strip()
    hint = variable.hint if variable else ""
    if variable:
        said, wrong = variable.said, variable.part
    else:
        wrong, said = stage, placed
        right = right_variables(trial, observations, compared, at)
        if not said and right:
            said = (
                f"{listed(right)} {'are' if right[1:] else 'is'} right; {label(leaf.name)} is not"
                f"{line_that_returns(observations[at])}."
            )
            hint = made_from_unknown(trial, observations[at], compared[at], at, leaf.name)
    found = _of_part(trial, compared, wrong or leaf)
    if not found and wrong and wrong.name != leaf.name:
        found = _of_part(trial, compared, leaf)
    found = found or tried(said) or option_that_matters(trial, compared) or hint
    if not found and "(`" not in said:  # no line is named
        apart = parts_that_are_wrong(compared, at, observations[at].get("value"))
        found = apart if apart.endswith(APART) else ""  # of one part, all is said
    if re.match(r"The numbers in `[\w.]+` are right", found):
        return found  # and so is the line that made them
    if found := " ".join(filter(None, (said, found))):
        return found
    for case, seen, parts in zip(trial.cases, observations, compared, strict=True):
        has_nan = any(part.name == leaf.name and is_not_finite(part) for part in parts)
        if has_nan and (said := first_not_finite(seen)):
            return f"{said} ({case.label})"
    return ""


def _comes_before(one: Leaf, other: Leaf, trial: Trial) -> bool:
    """Return True if one of two parts is an earlier stage than the other."""
    names = [part.name.rpartition(".")[2] for part in (one, other)]
    order = [n for n in trial.exercise.stages if n in names]
    return order == names and names[0] != names[1]


def _of_part(trial: Trial, compared: Sequence[list[Leaf]], leaf: Leaf) -> str:
    """Explain what is wrong with one part, in all cases."""
    wrong = _wherever_wrong(trial, compared, leaf.name)
    finite = [each for each in wrong if not is_not_finite(each.leaf)]
    if 2 * len(finite) < len(wrong):
        finite = wrong  # a few cases may have something else in common
    if trial.makes_networks and isinstance(leaf.expected, str):
        return ""  # what a reading says of networks is no text that an answer has written
    return (
        kept_at_a_limit([p for parts in compared for p in parts if p.name == leaf.name])
        or relation(finite, trial.exercise.axes)
        or supposition(trial, compared, _in_all_steps(compared, leaf.name))
    )


def _wherever_wrong(trial: Trial, compared: Sequence[list[Leaf]], name: str) -> list[Wrong]:
    return [
        Wrong(case, part, quantities(case.args, leaves, trial.between(case)))
        for case, leaves in zip(trial.cases, compared, strict=True)
        for part in leaves
        if part.name == name and part.kind != "ok"
    ]


def _in_all_steps(compared: Sequence[list[Leaf]], name: str) -> set[str]:
    """Name a part of the cache of one step in the caches of all steps; another part alone."""
    if ".steps." not in name:
        return {name}
    end = name.rpartition(".")[2]
    parts = (part.name for leaves in compared for part in leaves)
    return {each for each in parts if ".steps." in each and each.rpartition(".")[2] == end}
