"""Find the first stage of a computation that is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ..compare import Kind, Leaf, agrees, label
from ..drawn_cases import Observation, Trial
from .relations import Wrong, relation

MOST_TOLD = 3  # names that are right


def first_wrong_stage(stages: Sequence[str], leaves: Sequence[Leaf]) -> tuple[Leaf | None, str]:
    """Find the first of the stages, in order of computation, that is wrong in one case.

    Of a sequence, the earliest step with a wrong stage is told. Returns the part and a sentence.
    """
    steps: dict[int, dict[str, Leaf]] = {}
    for leaf in leaves:
        step = re.search(r"\.steps\.(\d+)\.", leaf.name)
        found = steps.setdefault(int(step[1]) if step else 0, {})
        found.setdefault(leaf.name.rpartition(".")[2], leaf)
    for _, parts in sorted(steps.items()):
        known = [parts[stage] for stage in stages if stage in parts]
        for i, leaf in enumerate(known):
            if leaf.kind != "ok":
                return leaf, _told([label(right.name) for right in known[:i]], label(leaf.name))
    return None, ""


def first_wrong_variable(trial: Trial, observations: Sequence[Observation], at: int) -> str:
    """Name the first of the learner's variables that is wrong in a case, and how it is wrong.

    Only variables that the exercise knows by name are compared; "" if none of them is wrong.
    """
    found = _compared_variables(trial, observations[at], at)
    name = next((name for name, leaf in found.items() if leaf.kind != "ok"), "")
    if not name:
        listed = _listed([f"`{each}`" for each in list(found)[-MOST_TOLD:]])
        verb = "are" if len(found) > 1 else "is"
        return f"{listed} {verb} right: the mistake is in another line." if found else ""
    right = [f"`{each}`" for each in list(found)[: list(found).index(name)]][-MOST_TOLD:]
    lines = observations[at].get("lines", {})
    line = f" (`{lines[name]}`)" if name in lines else ""
    wrong = []
    for i, seen in enumerate(observations):
        its = _compared_variables(trial, seen, i)
        if name in its and its[name].kind != "ok":
            before = {n: a for n, a in seen["variables"].items() if a.ndim and n != name}
            wrong.append(Wrong(trial.cases[i], its[name], before))
    return f"{_told(right, f'`{name}`')[:-1]}{line}. {relation(wrong, trial.exercise.axes)}".strip()


def _compared_variables(trial: Trial, seen: Observation, i: int) -> dict[str, Leaf]:
    """Compare the variables of one case that are known, in the order of their assignment."""
    held = seen.get("variables")
    if seen["status"] != "returned" or not held or trial.exercise.intermediates is None:
        return {}
    known = trial.exercise.intermediates(*trial.cases[i].args.values())
    found = {}
    for name, got in held.items():
        if name in known:
            wants = [np.asarray(want) for want in known[name]]
            ok = any(agrees(got, want) for want in wants)
            kind: Kind = "ok" if ok else "value" if got.shape == wants[0].shape else "shape"
            found[name] = Leaf(name, kind, wants[0], got)
    return found


def parts_that_are_wrong(leaves: Sequence[Leaf]) -> str:
    """Say which of several parts are right and which are not, or that none is right."""
    named = [leaf for leaf in leaves if leaf.name and not leaf.name.startswith("cache")]
    wrong = [label(leaf.name) for leaf in named if leaf.kind != "ok"]
    right = [label(leaf.name) for leaf in named if leaf.kind == "ok"]
    if len(named) < 2 or not wrong:
        return ""
    if not right:
        return f"{_listed(wrong)} are all wrong: look at what they have in common."
    verb, depend = "are" if right[1:] else "is", "depend" if wrong[1:] else "depends"
    return f"{_listed(right)} {verb} right: look at what only {_listed(wrong)} {depend} on."


def _told(right: list[str], wrong: str) -> str:
    if not right:
        return f"{wrong} is the first stage, and it is wrong already."
    verb = "are" if right[1:] else "is"
    return f"{_listed(right)} {verb} right; {wrong} is the first that differs."


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
