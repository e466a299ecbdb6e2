"""Recognise a known misconception in what a function returned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from .compare import leaves, same
from .model import Case, Exercise, Misconception
from .observe import observe

AT_MOST = 2


def explain(
    exercise: Exercise, cases: Sequence[Case], expected: Sequence[Any], observations: Sequence[dict]
) -> list[Misconception]:
    """List the misconceptions that reproduce the wrong parts, best first, two at most.

    A misconception explains a part if on every case where either is wrong both are the same;
    one that would break a part that is right here is not the learner's.
    """
    seen = [_parts(exercise, *row) for row in zip(cases, expected, observations, strict=True)]
    unexplained = {name for parts in seen for name, (ok, _) in parts.items() if not ok}
    if not unexplained:  # a key was added to an argument, say
        return []
    first = next(i for i, parts in enumerate(seen) if not all(ok for ok, _ in parts.values()))
    raised = next((i for i, parts in enumerate(seen) if "(error)" in parts), first)
    trial = sorted({first, raised})
    candidates = []
    forms = [(m, form) for m in exercise.misconceptions for form in m.forms()]
    for misconception, form in forms:
        shown = _observed_parts(exercise, form, [(cases[i], expected[i]) for i in trial])
        if not any(
            _explains(name, [seen[i]], [its])
            for i, its in zip(trial, shown, strict=True)
            for name in unexplained
        ):
            continue  # cheap: most forms end here, after a case or two
        its = _observed_parts(exercise, form, list(zip(cases, expected, strict=True)))
        explained = {name for name in unexplained if _explains(name, seen, its)}
        extra = {n for parts in its for n, (ok, _) in parts.items() if not ok} - explained
        if _covers(exercise, unexplained, explained) and not _contradicted(seen, its):
            candidates.append((misconception, explained, len(extra)))
    named: list[Misconception] = []
    while candidates and len(named) < AT_MOST:
        best = max(candidates, key=lambda c: (len(c[1] & unexplained), -c[2]))
        if not best[1] & unexplained:
            break
        named.append(best[0])
        unexplained -= best[1]
    return named


def _explains(name: str, seen: list[dict], its: list[dict]) -> bool:
    shared_wrong = 0
    for one, other in zip(seen, its, strict=True):
        if "(error)" in one and name != "(error)":
            continue  # the learner's function stopped before it came to this part
        ok, value = one.get(name, (True, None))
        its_ok, its_value = other.get(name, (True, None))
        if ok and its_ok:
            continue
        if ok != its_ok or not same(value, its_value):
            return False
        shared_wrong += 1
    return shared_wrong > 0


def _covers(exercise: Exercise, wrong: set[str], explained: set[str]) -> bool:
    """Tell whether all that is wrong under some criterion, or an argument, is explained."""
    parts = {name for name in wrong if not name.startswith("(")}
    groups = [{n for n in wrong - parts if n.startswith(kind)} for kind in ("(error)", "(arg")]
    groups += [
        {n for n in parts if any(fnmatchcase(n, glob) for glob in criterion.leaves)}
        for criterion in exercise.criteria
    ]
    return any(group and group <= explained for group in groups)


def _contradicted(seen: list[dict], its: list[dict]) -> bool:
    """Tell whether the misconception would break something that is right here."""
    return any(
        name in one and one[name][0] and not its_ok
        for one, other in zip(seen, its, strict=True)
        for name, (its_ok, _) in other.items()
    )


def _observed_parts(exercise: Exercise, form: Callable, chosen: list[tuple[Case, Any]]) -> list:
    """Run one form of a misconception on some cases, each with its expected value."""
    observations = observe(exercise, form, [case for case, _ in chosen])
    return [
        _parts(exercise, case, want, seen)
        for (case, want), seen in zip(chosen, observations, strict=True)
    ]


def _parts(exercise: Exercise, case: Case, expected: Any, seen: dict) -> dict[str, tuple]:
    """Map every part of an observation, its error and its arguments to (is right, value)."""
    if seen["status"] != "returned":
        return {"(error)": (False, seen.get("type", seen["status"]))}
    parts = {
        leaf.name: (leaf.kind == "ok", leaf.problem if leaf.kind == "type" else leaf.got)
        for leaf in leaves(expected, seen["value"], exercise.returns)
    }
    for name, before in case.args.items():
        for leaf in leaves(before, seen["args_after"].get(name), (), f"(argument) {name}"):
            parts[leaf.name] = (leaf.kind == "ok", leaf.got)
    return parts
