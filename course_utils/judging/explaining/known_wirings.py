"""Compare the networks of a case with those that are right, or that a known mistake makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ...observing.plain_data import arrays_in
from ..drawn_cases import Observation, Trial, wirings_of
from ..model import Case, Misconception
from .networks import network
from .wirings import as_they_should_be, first_difference

DRAWS = (
    "In training, the model drops numbers or draws them at random, and the text has nothing of "
    "that kind: leave out such layers, and such settings of layers."
)


def wired_otherwise(
    trial: Trial, seen: Observation, at: int, wrong: set[str], named: Sequence[Misconception] = ()
) -> str:
    """Name the first layer of case `at` that is wired wrongly and can have spoiled these parts.

    What one of the `named` mistakes does to the wiring has been said.
    """
    own, padded = wirings_of(seen), _has_padding(trial.cases[at])
    said = _difference(trial.wirings(at), own, wrong, padded=padded) if own else ""
    for mistake in named if said else ():
        known = (trial.wirings(at, form) for form in mistake.forms())
        beside = {_difference(each, own, wrong, padded=padded) for each in known if each}
        if "" in beside or len(beside) > 1 and said not in beside:
            return ""
        said = beside.pop() if len(beside) == 1 else said
    return said


def _has_padding(case: Case) -> bool:
    """Return True if the whole numbers that networks read in a case hold a 0, or are not known."""
    inputs = case.after.get("inputs")
    read = list(arrays_in(inputs)) if isinstance(inputs, (list, tuple)) else [np.asarray(inputs)]
    wholes = [each for each in read if each.dtype.kind in "iu"]
    return not wholes or any((each == 0).any() for each in wholes)


def _difference(
    known: Sequence[list[str]], own: Sequence[list[str]], wrong: set[str], *, padded: bool
) -> str:
    if len(own) != len(known):
        return ""
    if wrong == {"drawn in training"}:
        return DRAWS
    for i, (right, one) in enumerate(zip(known, own, strict=True)):
        if said := first_difference(right, one, wrong, padded=padded):
            return f"In model {i + 1} of {len(own)}: {said}" if own[1:] else said
    return ""


def may_be_wired_so(trial: Trial, mistake: Misconception, seen: Observation, i: int) -> bool:
    """Return False if the networks of case i are known, and wired unlike all forms of a mistake."""
    own = wirings_of(seen)
    for form in mistake.forms() if own else ():
        its = trial.wirings(i, form)
        if len(its) == len(own) and not any(
            first_difference(*both, {"outputs"}) for both in zip(its, own, strict=True)
        ):
            return True
    return not own


def may_be_trained_so(trial: Trial, mistake: Misconception, seen: Observation, i: int) -> bool:
    """Return False if all forms of a mistake freeze, or train, layers that case i does not."""
    own, right = _trained(wirings_of(seen)), _trained(trial.wirings(i))
    for form in mistake.forms() if own else ():
        its = _trained(trial.wirings(i, form))
        if all(own.get(kind, its[kind]) == its[kind] for kind in its if its[kind] != right[kind]):
            return True
    return not own


def _trained(wirings: Sequence[list[str]]) -> defaultdict[str, set[bool]]:
    """Map kinds of layers with weights to whether these are trained."""
    found = defaultdict[str, set[bool]](set)
    for step in (step for each in wirings if each for step in network(each).steps):
        if "trainable" in step.settings:
            found[step.kind].add(step.settings["trainable"])
    return found


def parts_as_they_should_be(trial: Trial, seen: Observation, at: int) -> set[str]:
    """Name the parts about training that the networks of a case cannot have spoiled."""
    own, known = wirings_of(seen), trial.wirings(at)
    sure = [as_they_should_be(*both) for both in zip(known, own, strict=False)]
    return set.intersection(*sure) if sure and len(own) == len(known) else set()
