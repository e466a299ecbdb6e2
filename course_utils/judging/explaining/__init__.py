"""Explain a wrong answer: a known mistake, a relation, the first wrong stage, or an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import numpy as np

from ..compare import Leaf, label, same
from ..drawn_cases import Observation, Trial, wirings_of
from ..model import Case, Misconception
from .errors import explain_error, in_another_order
from .forms import explain_form
from .line_held import HELD
from .mistakes import named_mistakes
from .relations import kept_at_a_limit, quantities, relation, settled
from .repairing import Search
from .stages import (
    argument_unread,
    drawn_at_random,
    first_not_finite,
    first_wrong_stage,
    first_wrong_variable,
    listed,
    misnamed,
    option_that_matters,
    parts_that_are_wrong,
    right_variables,
)
from .supposing import supposition
from .wirings import TRAINED, as_they_should_be, first_difference
from .wrong_parts import Wrong


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
    search = Search(trial, observations, compared, at)
    named, note = _told(trial, observations, compared, at, leaf, search.where)
    if named:
        return named, note
    if note and not note.startswith(HELD):
        known = note + observations[at].get("source", "")
        return [], " ".join(filter(None, (note, search.where_else(known))))
    if said := " ".join(filter(None, (note, search.where(note)))):
        return [], said
    if leaf is None or leaf.kind == "type":
        return [], ""
    return [], parts_that_are_wrong(compared, at, observations[at].get("value"))


def _told(
    trial: Trial,
    observations: Sequence[Observation],
    compared: Sequence[list[Leaf]],
    at: int,
    leaf: Leaf | None,
    tried: Callable[[str], str],
) -> tuple[list[Misconception], str]:
    """Explain an answer, trying out changes of it only where a wrong stage alone can be told."""
    case = trial.cases[at]
    seen = [trial.parts(i, *one) for i, one in enumerate(zip(observations, compared, strict=True))]
    if said := in_another_order(trial.exercise, case, observations[at]):
        return [], said  # whatever else is wrong may come from that
    if said := misnamed(trial, observations[at], case):
        return [], said
    wrong = {name for name, (ok, _) in seen[at].items() if not ok}
    apart = _settled(trial, compared)
    named, left = named_mistakes(trial, seen, apart)
    if left and wrong & TRAINED.keys():
        for part in _as_they_should_be(trial, observations[at], at):
            seen[at].pop(part, None)  # something else shows in it: other sizes, another layer
        named, left = named_mistakes(trial, seen, apart)
    every = {name for parts in seen for name, (ok, _) in parts.items() if not ok}
    if named and left and _follow(trial, observations[at], compared[at], case, every - left):
        named, left = [], every  # what they explain comes from what is left
    failed = [i for i, parts in enumerate(seen) if f"(error) {i}" in parts]
    if trial.makes_networks and at in failed:  # alike errors have many causes
        kept = [each for each in named if _may_be_wired_so(trial, each, observations[at], at)]
        named, left = kept, left if kept else {*left, *(f"(error) {i}" for i in failed)}
    errors = [i for i in failed if f"(error) {i}" in left]
    if errors and (named or at in errors):
        i = at if at in errors else errors[0]
        said = wired_otherwise(trial, observations[i], i, {"outputs"})
        if any(not name.startswith("(") for name in left):
            named = []  # numbers are wrong for another reason, perhaps that of the error
        return named, said or explain_error(trial.exercise, trial.cases[i], observations[i])
    if named and left and (said := supposition(trial, compared, _wrong_by_value(compared))):
        return [], said  # which explains all of it
    if leaf is None and not named:
        return named, _changed(observations[at], known=True)
    if leaf is None or (named and leaf.name not in left):
        return named, ""
    unexplained = ({part.name for part in compared[at]} & left) or {leaf.name}
    if leaf.kind == "type":
        return named, (
            _diagnosis(trial, observations)
            or wired_otherwise(trial, observations[at], at, unexplained)
            or explain_form(trial, observations[at], at)
        )
    return named, (
        _diagnosis(trial, observations)
        or wired_otherwise(trial, observations[at], at, unexplained)
        or drawn_at_random(observations[at])
        or argument_unread(observations[at])
        or _exchanged(compared, leaf)
        or _entries_reordered(compared, leaf)
        or _one_array(compared, leaf, observations[at].get("value"))
        or _overwritten(compared[at], leaf)
        or _first_wrong(trial, observations, compared, at, leaf, tried)
        or _changed(observations[at])
        or option_that_matters(trial, compared)
    )


def _settled(trial: Trial, compared: Sequence[list[Leaf]]) -> set[str]:
    """Return the wrong parts of which one relation gives the numbers, in all cases."""
    wrong: dict[str, list[Wrong]] = {}
    for case, leaves in zip(trial.cases, compared, strict=True):
        for part in leaves:
            if part.kind != "ok":
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


def _diagnosis(trial: Trial, observations: Sequence[Observation]) -> str:
    """Return what the exercise itself says of the first case in which it recognises a mistake."""
    if trial.exercise.diagnosis is None:
        return ""
    for case, seen in zip(trial.cases, observations, strict=True):
        if seen["status"] == "returned":
            with suppress(Exception):  # the value may be of any kind
                if said := trial.exercise.diagnosis(case.args, trial.exercise.read(case, seen)):
                    return said
    return ""


def _as_they_should_be(trial: Trial, seen: Observation, at: int) -> set[str]:
    """Name the parts about training that the networks of a case cannot have spoiled."""
    own, known = wirings_of(seen), trial.wirings(at)
    sure = [as_they_should_be(*both) for both in zip(known, own, strict=False)]
    return set.intersection(*sure) if sure and len(own) == len(known) else set()


def wired_otherwise(trial: Trial, seen: Observation, at: int, wrong: set[str]) -> str:
    """Name the first layer of case `at` that is wired wrongly and can have spoiled these parts."""
    own = wirings_of(seen)
    known = trial.wirings(at) if own else []
    if len(own) != len(known):
        return ""
    for i, (right, one) in enumerate(zip(known, own, strict=True)):
        if said := first_difference(right, one, wrong):
            return f"In model {i + 1} of {len(own)}: {said}" if own[1:] else said
    return ""


def _may_be_wired_so(trial: Trial, mistake: Misconception, seen: Observation, i: int) -> bool:
    """Return False if the networks of case i are known, and wired unlike all forms of a mistake."""
    own = wirings_of(seen)
    for form in mistake.forms() if own else ():
        its = trial.wirings(i, form)
        if len(its) == len(own) and not any(
            first_difference(*both, {"outputs"}) for both in zip(its, own, strict=True)
        ):
            return True
    return not own


def _first_wrong(
    trial: Trial,
    observations: Sequence[Observation],
    compared: Sequence[list[Leaf]],
    at: int,
    leaf: Leaf,
    tried: Callable[[str], str],
) -> str:
    """Explain the first wrong variable or stage of a case, or the part that is told first."""
    if _is_not_finite(leaf) and (said := first_not_finite(observations[at])):
        return said
    variable = first_wrong_variable(trial, observations, compared, at)
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
                f"{listed(right)} {'are' if right[1:] else 'is'} right; {label(leaf.name)} is not."
            )
    found = _of_part(trial, compared, wrong or leaf)
    if not found and wrong and wrong.name != leaf.name:
        found = _of_part(trial, compared, leaf)
    found = found or tried(said) or hint or option_that_matters(trial, compared)
    if not found and "(`" not in said:  # no line is named
        apart = parts_that_are_wrong(compared, at, observations[at].get("value"))
        found = apart if apart.endswith("depend on.") else ""  # of one part, all is said
    if re.match(r"The numbers in `[\w.]+` are right", found):
        return found  # and so is the line that made them
    if found := " ".join(filter(None, (said, found))):
        return found
    for case, seen, parts in zip(trial.cases, observations, compared, strict=True):
        has_nan = any(part.name == leaf.name and _is_not_finite(part) for part in parts)
        if has_nan and (said := first_not_finite(seen)):
            return f"{said} ({case.label})"
    return ""


def _comes_before(one: Leaf, other: Leaf, trial: Trial) -> bool:
    """Return True if one of two parts is an earlier stage than the other."""
    names = [part.name.rpartition(".")[2] for part in (one, other)]
    order = [n for n in trial.exercise.stages if n in names]
    return order == names and names[0] != names[1]


def _is_not_finite(part: Leaf) -> bool:
    floats = isinstance(part.got, np.ndarray) and part.got.dtype.kind == "f"
    return part.kind in ("value", "shape") and floats and not np.isfinite(part.got).all()


def _changed(seen: Observation, known: bool = False) -> str:
    """Name an argument that was changed while it was still being read, and the line.

    That it was changed is left out if it is `known`.
    """
    if not seen.get("changed"):
        return ""
    name = next(iter(seen["changed"]))
    lines = seen.get("lines", {})
    line = next((lines[each] for each in lines if re.match(rf"{name}\b", each)), "")
    if known and line:
        return f"`{line}` writes into it. Start from a copy, or make a new array."
    if known:
        return (
            f"It is written into under another name: `b = {name}` makes no copy, and a slice of an "
            "array shares its numbers. Start from a copy, or make a new array."
        )
    return (
        f"Your function changes its argument `{name}` in place, so whatever reads it after that "
        "gets other numbers. Start from a copy, or make a new array."
    )


def _of_part(trial: Trial, compared: Sequence[list[Leaf]], leaf: Leaf) -> str:
    """Explain what is wrong with one part, in all cases."""
    wrong = _wherever_wrong(trial, compared, leaf.name)
    finite = [each for each in wrong if not _is_not_finite(each.leaf)]
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


def _exchanged(compared: Sequence[list[Leaf]], leaf: Leaf) -> str:
    """Name the part that has changed places with the one that is told."""
    cases = [{part.name: part for part in parts} for parts in compared]
    wrong = [parts for parts in cases if leaf.name in parts and parts[leaf.name].kind != "ok"]
    for other in wrong[0]:
        if other != leaf.name and all(
            other in parts
            and parts[other].kind in ("value", "shape")
            and same(parts[leaf.name].got, np.asarray(parts[other].expected))
            and same(parts[other].got, np.asarray(parts[leaf.name].expected))
            for parts in wrong
        ):
            said = f"{label(leaf.name)} and {label(other)} have changed places"
            if any(parts[leaf.name].kind == "ok" for parts in cases if leaf.name in parts):
                return f"{said} here, and not in other cases: what decides which comes first?"
            return f"{said}: mind their order."
        if other != leaf.name and all(
            _exchanged_at_first(parts, leaf.name, other) for parts in wrong
        ):
            return (
                f"At step 0, {label(leaf.name)} holds what belongs in {label(other)}, and the "
                "reverse: mind the order in which you take apart what a step returns."
            )
    return ""


def _entries_reordered(compared: Sequence[list[Leaf]], leaf: Leaf) -> str:
    """Say so if the entries of a list are right, and stand in another order."""
    if not re.match(r"\d+\.", leaf.name):
        return ""
    wrong = [leaves for leaves in compared if any(part.kind != "ok" for part in leaves)]
    for leaves in wrong:
        entries: dict[str, tuple[list, list]] = {}
        for part in leaves:
            both = entries.setdefault(part.name.partition(".")[0], ([], []))
            both[0].append(part.expected)
            both[1].append(part.got)
        left = [want for want, _ in entries.values()]
        for _, got in entries.values():
            at = next((i for i, each in enumerate(left) if all(map(_alike, each, got))), None)
            if at is None:
                return ""
            del left[at]
    return "The entries are right, and stand in another order than is asked for."


def _alike(want: object, got: object) -> bool:
    return same(np.asarray(want), np.asarray(got))


def _exchanged_at_first(parts: Mapping[str, Leaf], name: str, other: str) -> bool:
    """Return True if two sequences hold each other's values at their first step."""
    both = [parts[each] for each in (name, other) if each in parts]
    if len(both) < 2 or any(p.kind != "value" or np.ndim(p.got) < 3 for p in both):
        return False
    (got, want), (got_too, want_too) = (
        (part.got[..., 0], np.asarray(part.expected)[..., 0]) for part in both
    )
    return same(got, want_too) and same(got_too, want)


def _one_array(compared: Sequence[list[Leaf]], leaf: Leaf, value: object) -> str:
    """Name the wrong parts that hold the same numbers as the one that is told, in all cases."""
    if isinstance(value, np.ndarray):
        return ""  # one array was asked for, and its parts are readings of it
    if "." in leaf.name or not isinstance(leaf.got, np.ndarray) or leaf.got.dtype.kind != "f":
        return ""
    cases = [{part.name: part for part in parts} for parts in compared]
    wrong = [parts for parts in cases if leaf.name in parts and parts[leaf.name].kind == "value"]
    twins = [
        name
        for name in (wrong[0] if wrong else ())
        if "." not in name
        and all(
            name in parts
            and parts[name].kind == "value"
            and same(parts[name].got, parts[leaf.name].got)
            for parts in wrong
        )
    ]
    if len(twins) < 2 or not np.isfinite(leaf.got).all() or np.ptp(leaf.got) == 0:
        return ""
    if any(same(leaf.got, np.asarray(part.expected)) for part in wrong[0].values()):
        return ""  # both are taken from what is right elsewhere
    return (
        f"{listed([label(name) for name in twins])} hold the same numbers. Are they made from the "
        "same thing, or is it one array under several names, as `a = b = np.zeros(...)` makes it?"
    )


def _overwritten(leaves: Sequence[Leaf], leaf: Leaf) -> str:
    """Say so where a part of a cache was right when it was used, and holds later numbers now.

    That is sure if it is the only part of the caches that is wrong, though all results are right,
    and if it holds what belongs to the last step wherever it is wrong.
    """
    if not leaf.name.startswith("caches.steps.") or leaf.kind != "value":
        return ""
    part = leaf.name.rpartition(".")[2]
    if any(other.kind != "ok" and other.name.rpartition(".")[2] != part for other in leaves):
        return ""
    at_steps = [each for each in leaves if each.name.endswith(f".{part}")]
    overwritten = [each for each in at_steps if each.kind != "ok"]
    if not overwritten[1:] or not all(same(e.got, at_steps[-1].expected) for e in overwritten):
        return ""
    return (
        f"All results are right, so {label(leaf.name)} was right when its step was computed. It "
        "was overwritten later: a slice such as `c[:, :, t]` shares its memory with the array, so "
        "writing into the array changes the cache, too. Keep an array of its own."
    )
