"""Let each named mistake of an exercise cost one criterion, whatever else it spoils."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from ..judging.compare import Leaf, agrees, leaves
from ..judging.model import Exercise, looks_at

FLAT = 1e-5  # an array that varies less than this says nothing


def charged_once(exercise: Exercise, right: Callable[..., Any], *first: str) -> Exercise:
    """Return the exercise with a `follows` that charges each of its named mistakes once.

    Where all parts of an answer are what one named mistake gives, every wrong part follows from
    the first: the first that a glob of `first` matches, or else that a criterion looks at. Any
    other answer is left to the exercise's own `follows`. `right` is a right answer, which tells
    what a mistake spoils. Nothing follows if every wrong array is the same everywhere.
    """
    forms = [form for mistake in exercise.misconceptions for form in mistake.forms()]
    plain = [c for c in exercise.criteria if c.aspect == "value" and c.tag is None]

    def follows(args: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
        for form in forms:
            mine = deepcopy(dict(args))
            given = form(*mine.values())
            if not _start_alike(given, value):  # cheap: most forms end here
                continue
            changed = not _all_right(leaves(dict(args), mine))  # a mistake of another kind
            if changed or not _all_right(leaves(given, value, exercise.returns)):
                continue
            expected = right(*deepcopy(dict(args)).values())
            compared = leaves(expected, value, exercise.returns)
            wrong = {leaf.name: leaf.got for leaf in compared if leaf.kind == "value"}
            looking = (
                criterion
                for glob in (*first, "*")
                for criterion in plain
                if any(fnmatchcase(n, glob) and looks_at(criterion, n) for n in wrong)
            )
            if all(np.size(got) > 1 and np.ptp(got) < FLAT for got in wrong.values()):
                return {}  # an answer without logic gives this, too
            charged = next(looking)
            return {n: got for n, got in wrong.items() if not looks_at(charged, n)}
        return exercise.follows(args, value) if exercise.follows else {}

    return replace(exercise, follows=follows)


def _start_alike(one: Any, other: Any) -> bool:
    while isinstance(one, (tuple, list, Mapping)):
        key = next(iter(one)) if isinstance(one, Mapping) else 0
        one, other = one[key], other[key]
    return agrees(np.asarray(other), np.asarray(one))


def _all_right(compared: list[Leaf]) -> bool:
    return all(leaf.kind == "ok" for leaf in compared)
