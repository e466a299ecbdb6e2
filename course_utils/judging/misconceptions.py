"""Recognise a known misconception in what a function returned."""

from __future__ import annotations

from collections.abc import Sequence

from .compare import Leaf, same
from .drawn_cases import Observation, Parts, Trial
from .model import Exercise, Misconception, looks_at

AT_MOST = 2


def explain(
    trial: Trial, observations: Sequence[Observation], compared: Sequence[list[Leaf]]
) -> list[Misconception]:
    """List the misconceptions that reproduce the wrong parts, best first, two at most.

    `compared` has what `Trial.compare` says of each observation.

    A misconception explains a part if on every case where either is wrong both are the same;
    one that would break a part that is right here is not the learner's.
    """
    exercise = trial.exercise
    seen = [trial.parts(i, *one) for i, one in enumerate(zip(observations, compared, strict=True))]
    unexplained = {name for parts in seen for name, (ok, _) in parts.items() if not ok}
    if not unexplained:  # a key was added to an argument, say
        return []
    first = next(i for i, parts in enumerate(seen) if not all(ok for ok, _ in parts.values()))
    raised = next((i for i, parts in enumerate(seen) if "(error)" in parts), first)
    candidates = []
    forms = [(m, form) for m in exercise.misconceptions for form in m.forms()]
    for misconception, form in forms:
        if not any(_alike(seen[i], trial.mistake(form, i)) for i in {first, raised}):
            continue  # cheap: most forms end here, after a case or two
        its = [trial.mistake(form, i) for i in range(len(seen))]
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


def _alike(one: Parts, other: Parts) -> bool:
    """Return True if some part is wrong in both in the same way."""
    return any(
        not ok and not other.get(name, (True,))[0] and same(value, other[name][1])
        for name, (ok, value) in one.items()
    )


def _explains(name: str, seen: list[Parts], its: list[Parts]) -> bool:
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
    """Return True if all that is wrong under some criterion, or an argument, is explained."""
    parts = {name for name in wrong if not name.startswith("(")}
    groups = [{n for n in wrong - parts if n.startswith(kind)} for kind in ("(error)", "(arg")]
    groups += [{n for n in parts if looks_at(criterion, n)} for criterion in exercise.criteria]
    return any(group and group <= explained for group in groups)


def _contradicted(seen: list[Parts], its: list[Parts]) -> bool:
    """Return True if the misconception would break something that is right here."""
    return any(
        not its_ok and _is_right(name, one)
        for one, other in zip(seen, its, strict=True)
        for name, (its_ok, _) in other.items()
    )


def _is_right(name: str, parts: Parts) -> bool:
    """Return True if a part is known to be right; of arguments, only those changed are listed."""
    if name in parts:
        return parts[name][0]
    return name.startswith("(argument)") and "(error)" not in parts
