"""Explain a wrong answer: a known mistake, a relation, the first wrong stage, or an error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from operator import getitem

import numpy as np

from ..compare import FORMS, Leaf, capital, label, same
from ..drawn_cases import Observation, Parts, Trial
from ..model import Case, Exercise, Misconception
from .errors import explain_error, in_another_order
from .first_wrong import explain_first_wrong
from .forms import explain_form
from .given_models import fed_too_many_steps
from .known_wirings import (
    may_be_trained_so,
    may_be_wired_so,
    parts_as_they_should_be,
    wired_otherwise,
)
from .line_held import HELD
from .mistakes import is_error, mistake_in_most_cases, named_mistakes
from .out_of_place import changed, entries_reordered, exchanged, one_array, overwritten
from .relations import settled
from .repairing import Search
from .stages import (
    APART,
    UNKNOWN,
    WRONG_ALREADY,
    drawn_at_random,
    listed,
    misnamed,
    option_that_matters,
    parts_that_are_wrong,
    right_for_nothing,
)
from .supposing import supposition
from .unread_inputs import input_unread, only_input_unread, value_lost
from .wirings import RAISED, TRAINED
from .wrong_parts import Wrong

UNCHANGED = (
    "All that is wrong comes back as it was given. Is it changed at all, and by more than next to "
    "nothing?"
)
MOST_NAMED = 3  # parts that one known mistake is about


def explain(
    trial: Trial,
    observations: Sequence[Observation],
    compared: Sequence[list[Leaf]],
    case: Case,
    leaf: Leaf | None,
) -> tuple[list[Misconception], str]:
    """Return the known mistakes that explain an answer, and another explanation of what is left.

    `compared` has what `Trial.compare` says of each observation; the failure that is told first
    is in `case`, at `leaf` if some value was returned there.
    """
    at = next(i for i, each in enumerate(trial.cases) if each is case)
    lost = value_lost(observations[at]) if leaf else ""
    unread = input_unread(trial, at, observations[at], leaf) if leaf else ""
    search = Search(trial, observations, compared, at, is_told=bool(lost or unread))
    named, note = _told(trial, observations, compared, at, leaf, search)
    named, note = _with_place(named, note, observations[at], search)
    if lost:
        return named, f"{note} Besides, {lost}" if note else capital(lost)
    if leaf is None or leaf.kind in FORMS or named:
        return named, note
    if unread and capital(unread) not in note:
        if note and not _leads_nowhere(note):
            return [], f"{note} Besides, {unread}"
        return [], f"{capital(unread)} That may not be all."
    if note and (idle := right_for_nothing(trial, observations, compared, at)):
        return [], f"{note} Besides, {idle}"
    return [], note or parts_that_are_wrong(compared, at, observations[at].get("value"))


def _with_place(
    named: list[Misconception], note: str, seen: Observation, search: Search
) -> tuple[list[Misconception], str]:
    """Add to an explanation the place of a change that would help, where that says more."""
    if named:
        return named, note
    if note and not _leads_nowhere(note):
        known = note + seen.get("source", "")
        return [], " ".join(filter(None, (note, search.where_else(known))))
    if place := search.where(note):
        return [], f"{note} {place}".strip()
    return [], note


def _leads_nowhere(note: str) -> bool:
    """Return True if a note only says what there is, and not which of it to look at."""
    in_part = re.search(r" is right (?:from|up to) .* and wrong (?:from|before) [^.]*\.$", note)
    return bool(in_part) or note.startswith(HELD) or note.endswith(APART) or UNKNOWN in note


def _told(
    trial: Trial,
    observations: Sequence[Observation],
    compared: Sequence[list[Leaf]],
    at: int,
    leaf: Leaf | None,
    search: Search,
) -> tuple[list[Misconception], str]:
    """Explain an answer, trying out changes of it only where a wrong stage alone can be told."""
    case, seen = trial.cases[at], observations[at]
    parts = [trial.parts(i, *one) for i, one in enumerate(zip(observations, compared, strict=True))]
    if said := in_another_order(trial.exercise, case, seen) or misnamed(trial, seen, case):
        return [], said  # whatever else is wrong may come from that
    named, left = _known_mistakes(trial, seen, compared, at, parts)
    if left and _handed_back(trial, compared):  # all of it has one cause
        return [], UNCHANGED
    errors = [i for i, its in enumerate(parts) if f"(error) {i}" in its and f"(error) {i}" in left]
    if errors and (named or at in errors):
        told = _of_error(trial, observations, at if at in errors else errors[0], named, left)
        return told if at in errors else _in_another_case(trial, observations, errors[0], *told)
    if named and left and (said := supposition(trial, compared, _wrong_by_value(compared))):
        return [], said  # which explains all of it
    if leaf is None:
        return named, "" if named else changed(seen, known=True)
    if named and leaf.name not in left:
        wrong_left = (part for part in compared[at] if part.kind != "ok" and part.name in left)
        if (leaf := next(wrong_left, None)) is None:  # the mistakes explain all that is wrong here
            return named, ""
    explained = _wrong_in(parts) - left
    no_numbers = all(map(is_error, explained))  # explained are errors of other cases, or nothing
    if len(named) == 1 and leaf.name in left:
        may_be_its = trial.makes_networks and leaf.name in trial.spoiled_by(named[0], [at])
        if not may_be_its:
            named = [_said_of_its_parts(trial, named[0], compared[at], explained, at)]
    mixed_in = no_numbers and not trial.makes_networks and leaf.name in parts[at]
    if mixed_in and (found := mistake_in_most_cases(trial, parts, at, leaf.name)):
        mended = search.where_else("")  # then nothing else is wrong, and it is not this mistake
        others = [each for each in named if each.name != found[0].name]
        return (named, mended) if mended else ([*found, *others], "")
    unexplained = ({part.name for part in compared[at]} & left) or {leaf.name}
    tried = search.where_else if named else search.where
    if leaf.kind in FORMS:
        return named, (
            _diagnosis(trial, observations, compared, at)
            or wired_otherwise(trial, seen, at, unexplained, named)
            or explain_form(trial, observations, at)
        )
    note = (
        _diagnosis(trial, observations, compared, at)
        or fed_too_many_steps(case, seen)
        or wired_otherwise(trial, seen, at, unexplained, named)
        or drawn_at_random(seen)
        or only_input_unread(trial, compared, at, seen, leaf)
        or exchanged(compared, leaf)
        or entries_reordered(compared, leaf)
        or one_array(compared, leaf, seen.get("value"))
        or overwritten(compared[at], leaf)
        or explain_first_wrong(trial, observations, compared, at, leaf, tried, explained)
        or changed(seen)
        or option_that_matters(trial, compared)
    )
    # a mistake says more than which stage it spoils first
    says_less = not no_numbers and (note.endswith(WRONG_ALREADY) or _leads_nowhere(note))
    return named, "" if says_less else note


def _known_mistakes(
    trial: Trial,
    seen: Observation,
    compared: Sequence[list[Leaf]],
    at: int,
    parts: Sequence[Parts],
) -> tuple[list[Misconception], set[str]]:
    """List the known mistakes of an answer, and the wrong parts that they do not explain.

    Those that the networks of case `at`, or the learner's own earlier parts, speak against are
    left out; and of `parts`, those that something else than training has spoiled.
    """
    apart = _settled(trial, compared)
    named, left = named_mistakes(trial, parts, apart)
    if left and TRAINED.keys() & _wrong_in([parts[at]]):
        for part in parts_as_they_should_be(trial, seen, at):
            parts[at].pop(part, None)  # something else shows in it: other sizes, another layer
        named, left = named_mistakes(trial, parts, apart)
    every = _wrong_in(parts)
    if trial.makes_networks:
        named = [each for each in named if may_be_trained_so(trial, each, seen, at)]
    if named and left and _follow(trial, seen, compared[at], trial.cases[at], every - left):
        named, left = [], every  # what they explain comes from what is left
    if trial.makes_networks and f"(error) {at}" in parts[at]:  # alike errors have many causes
        named = [each for each in named if may_be_wired_so(trial, each, seen, at)]
        left = left if named else {*left, *(name for name in every if name.startswith("(error)"))}
    return named, left


def _wrong_in(parts: Sequence[Parts]) -> set[str]:
    return {name for its in parts for name, (ok, _) in its.items() if not ok}


def _of_error(
    trial: Trial,
    observations: Sequence[Observation],
    at: int,
    named: list[Misconception],
    left: set[str],
) -> tuple[list[Misconception], str]:
    """Explain the error of case `at`, beside known mistakes."""
    if any(not name.startswith("(") for name in left):
        named = []  # numbers are wrong for another reason, perhaps that of the error
    said = wired_otherwise(trial, observations[at], at, {RAISED})
    return named, said or explain_error(trial.exercise, trial.cases[at], observations[at])


def _in_another_case(
    trial: Trial, observations: Sequence[Observation], at: int, named: list, said: str
) -> tuple[list[Misconception], str]:
    """Put before what is said of an error which case it is of, not the one that is shown."""
    raised = observations[at].get("type", "an error")
    line = observations[at].get("source", "")
    where = f"`{line}` raises {raised}" if line else f"{raised} is raised"
    return named, f"In another case ({trial.cases[at].label}), {where}. {said}" if said else ""


def _said_of_its_parts(
    trial: Trial, mistake: Misconception, leaves: Sequence[Leaf], explained: set[str], at: int
) -> Misconception:
    """Put before a mistake's sentence which parts of case `at` it is about, not what is shown."""
    wrong = [part.name for part in leaves if part.kind != "ok"]
    every = range(len(trial.cases))
    its = explained if explained.intersection(wrong) else trial.spoiled_by(mistake, every)
    about = [name for name in wrong if name in its]
    told = about if len(about) <= MOST_NAMED else about[:1]
    these = listed([*map(label, told), *(["other parts"] if told != about else [])])
    return replace(mistake, sentence=f"Of {these}: {mistake.sentence}") if about else mistake


def _wherever_wrong(trial: Trial, compared: Sequence[list[Leaf]]) -> list[tuple[Case, Leaf]]:
    pairs = zip(trial.cases, compared, strict=True)
    return [(case, part) for case, leaves in pairs for part in leaves if part.kind != "ok"]


def _handed_back(trial: Trial, compared: Sequence[list[Leaf]]) -> bool:
    """Return True if every wrong part is what the argument of its name holds."""
    wrong = _wherever_wrong(trial, compared)
    with suppress(Exception):  # a part that is no argument
        given = [reduce(getitem, part.name.split("."), case.args) for case, part in wrong]
        return bool(wrong) and all(
            same(part.got, its) for (_, part), its in zip(wrong, given, strict=True)
        )
    return False


def _settled(trial: Trial, compared: Sequence[list[Leaf]]) -> set[str]:
    """Return the wrong parts of which one relation gives the numbers, in all cases."""
    wrong: dict[str, list[Wrong]] = {}
    for case, part in _wherever_wrong(trial, compared):
        wrong.setdefault(part.name, []).append(Wrong(case, part, {}))
    return {name for name, each in wrong.items() if settled(each)}


def _wrong_by_value(compared: Sequence[list[Leaf]]) -> set[str]:
    """Name the wrong parts; none, if one of them is wrong in more than its numbers."""
    wrong = [part for leaves in compared for part in leaves if part.kind != "ok"]
    return set() if any(p.kind != "value" for p in wrong) else {p.name for p in wrong}


def _follow(
    trial: Trial, seen: Observation, compared: Sequence[Leaf], case: Case, names: set[str]
) -> bool:
    """Return True if parts are as they should be in view of the learner's own earlier ones."""
    got = {leaf.name: leaf.got for leaf in compared if leaf.name in names and leaf.kind == "value"}
    follows = trial.exercise.follows
    if follows is None:
        return False
    with suppress(Exception):  # the value may be of any kind
        given = follows(case.args, trial.exercise.read(case, seen))
        return bool(got) and all(
            name in given and same(got[name], np.asarray(given[name])) for name in got
        )
    return False


def _diagnosis(
    trial: Trial, observations: Sequence[Observation], compared: Sequence[list[Leaf]], at: int
) -> str:
    """Return what the exercise itself says of the first case in which it recognises a mistake."""
    for case, seen, leaves in zip(trial.cases, observations, compared, strict=True):
        is_wrong = any(leaf.kind != "ok" for leaf in leaves)
        if is_wrong and (said := _said_of(trial.exercise, case, seen)):
            here = said == _said_of(trial.exercise, trial.cases[at], observations[at])
            return said if here else f"In another case ({case.label}): {said}"
    return ""


def _said_of(exercise: Exercise, case: Case, seen: Observation) -> str:
    if exercise.diagnosis and seen["status"] == "returned":
        with suppress(Exception):  # the value may be of any kind
            return exercise.diagnosis(case.args, exercise.read(case, seen))
    return ""
