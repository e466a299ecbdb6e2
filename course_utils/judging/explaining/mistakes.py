"""Recognise known mistakes, one or two at a time, in what a function returned."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from ..compare import same
from ..drawn_cases import Parts, Trial
from ..model import Case, Exercise, Form, Misconception, looks_at

AT_MOST = 2
SECONDS = 0.04  # for pairs that seem unlikely
SOME_WORDS = 2  # of many, that are no chance
MOST = 0.8  # of the cases
VARIED = 3  # numbers of an array
COMPOSED = 4  # characters of a text of one's own, that are no chance


class Candidate(NamedTuple):
    """Mistakes that were made at once, the wrong parts they explain, and how many they do not."""

    mistakes: tuple[Misconception, ...]
    explained: set[str]
    extra: int
    form: Form  # that gives them


def named_mistakes(
    trial: Trial, seen: Sequence[Parts], settled: Collection[str] = ()
) -> tuple[list[Misconception], set[str]]:
    """List the misconceptions that reproduce the wrong parts of an answer, and the parts left over.

    `seen` has what `Trial.parts` says of each case. A misconception explains a part if on every
    case where either is wrong both are the same; one that would break a part that is right here
    is not the learner's. Two that explain different parts are both named; where no one explains
    anything, two made at once may. Of what is left, one explains what it spoils in some cases, if
    all of that is the same here; but not of parts that are `settled` otherwise in all cases.
    """
    unexplained = {name for parts in seen for name, (ok, _) in parts.items() if not ok}
    if not unexplained:  # a key was added to an argument, say
        return [], set()
    exercise = trial.exercise
    forms = [((mistake,), form) for mistake, form in exercise.wrong_forms()]
    singles = list(_fitting(trial, seen, unexplained, forms))
    named, left = _best(singles, unexplained, partial(_may_be_both_made, trial, seen))
    errors = {n: text for parts in seen for n, (_, text) in parts.items() if is_error(n)}
    explained = unexplained - left
    told, others = ({errors[n] for n in names & errors.keys()} for names in (explained, left))
    explained_errors_only = explained <= errors.keys()
    if explained_errors_only and told & others:
        named, left = [], unexplained  # the same error has another cause elsewhere
    values = {name for name in left if not is_error(name)}
    wrong = [
        i
        for i, parts in enumerate(seen)
        if f"(error) {i}" not in parts and not all(ok for ok, _ in parts.values())
    ]
    # building networks takes too long for pairs, and two would explain any error
    if left and wrong and exercise.is_quick and len(wrong) >= len(errors):
        likely, unlikely = _possible_pairs(trial, seen, wrong)
        # two that would spoil something in another way than it is here are not the learner's
        fitting = list(_fitting(trial, seen, unexplained, likely))
        fitting += _fitting_in_time(trial, seen, unexplained, unlikely)
        candidates = [c for c in fitting if not (c.extra or _all_zero(seen, c.explained))]
        if named:
            candidates = [each for each in candidates if (values or left) <= each.explained]
        both, left_by_both = _best(_in_common(candidates, unexplained), unexplained)
        if both and (not named or not left_by_both):
            return both, left_by_both
        if both and all(map(is_error, left_by_both)):
            # the one that was named explains an error, and these two explain the numbers
            return [*named, *(m for m in both if m not in named)], left & left_by_both
    values -= {*settled}
    if values and not trial.makes_networks:  # how a network is wired tells more
        more, explained = _in_some_cases(trial, seen, values, named)
        if explained_errors_only and not more and any("out of bounds" in text for text in told):
            return [], unexplained  # an index may be too large for many reasons
        return [*named, *more], left - explained
    return named, left


def mistake_in_most_cases(
    trial: Trial, seen: Sequence[Parts], at: int, name: str
) -> list[Misconception]:
    """Return the one known mistake that gives a wrong part of case `at`, where others are mixed in.

    It gives that part in half of the cases at least in which it is wrong, and all that it spoils
    is wrong here, too. The numbers are such as chance never gives, and no other mistake gives them.
    """
    if not _is_unlikely(seen[at][name][1], trial.cases[at]):
        return []
    found = {}
    wrong = [i for i, parts in enumerate(seen) if not parts.get(name, (True,))[0]]
    for mistake, form in trial.exercise.wrong_forms():
        if not _is_same(name, seen[at], trial.mistake(form, at)):
            continue
        its = [trial.mistake(form, i) for i in range(len(seen))]
        alike = [i for i in wrong if _is_same(name, seen[i], its[i])]
        if 2 * len(alike) >= len(wrong) and not _contradicted(seen, its):
            found[mistake.name] = mistake
    return [*found.values()] if len(found) == 1 else []


def _is_same(name: str, one: Parts, other: Parts) -> bool:
    return name in other and not other[name][0] and same(one[name][1], other[name][1])


def _is_unlikely(value: object, case: Case) -> bool:
    """Return True for what chance never gives."""
    varied = isinstance(value, np.ndarray) and np.unique(value).size >= VARIED
    return varied or _tells(value) or _is_composed(value, case)


def is_error(name: str) -> bool:
    """Return True for the name under which an error is kept among the parts of a case."""
    return name.startswith("(error)")


def _in_some_cases(
    trial: Trial, seen: Sequence[Parts], names: set[str], named: list[Misconception]
) -> tuple[list[Misconception], set[str]]:
    """Name mistakes that explain parts in some of the cases only: others are wrong otherwise.

    All that such a mistake spoils must be spoiled here in the same way, and some of that must be
    numbers that are seldom met by chance. Returns the parts that are explained in all cases, too.
    """
    wrong = {
        (name, i)
        for i, parts in enumerate(seen)
        for name, (ok, _) in parts.items()
        if name in names and not ok
    }
    left, found = set(wrong), list[Misconception]()
    for mistake, form in trial.exercise.wrong_forms():
        if mistake in (*named, *found) or len(named) + len(found) >= AT_MOST:
            continue
        if not any(_alike(seen[i], trial.mistake(form, i)) for i in {i for _, i in left}):
            continue
        its = [trial.mistake(form, i) for i in range(len(seen))]
        spoiled = {(n, i) for i, parts in enumerate(its) for n, (ok, _) in parts.items() if not ok}
        same_here = all(
            name in seen[i] and not seen[i][name][0] and same(seen[i][name][1], its[i][name][1])
            for name, i in spoiled
            if (name in seen[i] or f"(error) {i}" not in seen[i])
            and not _gave_up(seen[i].get(name, (True, None))[1])
        )
        alike = [(seen[i][name][1], i) for name, i in spoiled & left if name in seen[i]]
        words = {value for value, _ in alike if isinstance(value, str) and " should " not in value}
        all_else = [seen[i][name][1] for name, i in left - spoiled]
        are_words = len(words) >= SOME_WORDS and all(map(_gave_up, all_else))
        tells = any(_tells(v) or _is_composed(v, trial.cases[i]) for v, i in alike)
        if same_here and (tells or are_words):
            found.append(mistake)
            left -= spoiled
    return found, names - {name for name, _ in left}


def _is_composed(value: object, case: Case) -> bool:
    """Return True for a text that was put together, not chosen among the words of a case."""
    if not isinstance(value, str) or " should " in value or len(value) < COMPOSED:
        return False
    words = value.split(", ")
    return not any(
        isinstance(v, Mapping) and all(w in v for w in words) for v in case.args.values()
    )


def _gave_up(value: object) -> bool:
    """Return True for a None where something was asked for: nothing tells what it would be."""
    return isinstance(value, str) and value.endswith(", got None")


def _tells(value: object) -> bool:
    """Return True if a value is seldom met by chance: numbers that differ, or a fraction."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or np.isnan(value).any():
        return False
    return bool(np.ptp(value) > 0) if value.size > 1 else bool((value % 1).any())


def _all_zero(seen: Sequence[Parts], names: set[str]) -> bool:
    """Return True if all of these wrong parts are zeros, which many mistakes give."""
    held = [parts[n][1] for parts in seen for n in names & parts.keys() if not parts[n][0]]
    return all(isinstance(v, np.ndarray) and v.dtype.kind in "iuf" and not v.any() for v in held)


def _best(
    candidates: list[Candidate],
    unexplained: set[str],
    go_together: Callable[[Candidate, Candidate], bool] = lambda *_: True,
) -> tuple[list[Misconception], set[str]]:
    """Choose mistakes that explain most, at most two; return them and what they leave."""
    named: list[Misconception] = []
    while candidates and len(named) < AT_MOST:
        best = max(candidates, key=lambda c: (len(c.explained & unexplained), -c.extra))
        if not best.explained & unexplained:
            break
        named += [mistake for mistake in best.mistakes if mistake not in named]
        unexplained = unexplained - best.explained
        others = [each for each in candidates if each.explained & unexplained]
        candidates = [each for each in others if go_together(best, each)]
    return named[:AT_MOST], unexplained


def _may_be_both_made(
    trial: Trial, seen: Sequence[Parts], one: Candidate, other: Candidate
) -> bool:
    """Return False if two mistakes at once are known to give something else than was seen."""
    both = together(one.form, other.form)
    if both is None or not trial.exercise.is_quick:
        return True
    its = [trial.mistake(both, i) for i in range(len(seen))]
    explained = one.explained | other.explained
    return all(_explains(name, seen, its) for name in explained) and not _contradicted(seen, its)


def _in_common(candidates: list[Candidate], unexplained: set[str]) -> list[Candidate]:
    """Of pairs that explain most, and equally much, keep what all have in common, if anything.

    Other pairs give the same numbers, so nothing tells which of their mistakes was made.
    """
    most = max((len(each.explained & unexplained) for each in candidates), default=0)
    best = [each for each in candidates if len(each.explained & unexplained) == most]
    common = [m for m in best[0].mistakes if all(m in c.mistakes for c in best)] if best else []
    return [best[0]._replace(mistakes=tuple(common))] if common else candidates


def pairs(
    exercise: Exercise,
) -> Iterator[tuple[tuple[Misconception, Misconception], Form, Form, Form]]:
    """Pair misconceptions of one function: both, a form of each, and a form that makes both."""
    for one, other in combinations(exercise.misconceptions, 2):
        for a, b in product(one.forms(), other.forms()):
            if both := together(a, b):
                yield (one, other), a, b, both


Pairs = list[tuple[tuple[Misconception, ...], Form]]


def _possible_pairs(
    trial: Trial, seen: Sequence[Parts], wrong: Sequence[int]
) -> tuple[Pairs, Pairs]:
    """List pairs that may have given what was seen, and others, which may act on each other."""
    likely, unlikely = Pairs(), Pairs()
    for mistakes, a, b, both in pairs(trial.exercise):
        if _may_be_both(trial, seen, wrong, a, b):
            likely.append((mistakes, both))
        elif all(_spoil_no_more(seen[i], trial.mistake(a, i), trial.mistake(b, i)) for i in wrong):
            unlikely.append((mistakes, both))
    return likely, unlikely


def _fitting_in_time(
    trial: Trial, seen: Sequence[Parts], unexplained: set[str], forms: Pairs
) -> list[Candidate]:
    """Return all candidates; none, if the time is up: others may give the same numbers."""
    found, until = list[Candidate](), time.monotonic() + SECONDS
    for each in forms:
        if time.monotonic() > until:
            return []
        found += _fitting(trial, seen, unexplained, [each])
    return found


def _may_be_both(
    trial: Trial, seen: Sequence[Parts], wrong: Sequence[int], a: Form, b: Form
) -> bool:
    """Return False if two mistakes at once cannot give what was seen in most cases.

    Not in all: what one of them changes by too little to be wrong, the other may magnify.
    """
    may_fail = len(wrong) - MOST * len(wrong)
    for i in wrong:
        may_fail -= not _fit_together(seen[i], trial.mistake(a, i), trial.mistake(b, i))
        if may_fail < 0:
            return False
    return True


def _spoil_no_more(seen: Parts, a: Parts, b: Parts) -> bool:
    """Return True if what either of two mistakes spoils is wrong in what was seen."""
    spoiled = {name for parts in (a, b) for name, (ok, _) in parts.items() if not ok}
    return not any(seen.get(name, (True, None))[0] for name in spoiled)


def _fit_together(seen: Parts, a: Parts, b: Parts) -> bool:
    """Return False if a part that only one of two mistakes spoils is not spoiled in its way."""
    for name in a.keys() | b.keys():
        spoiled = [value for ok, value in (p.get(name, (True, None)) for p in (a, b)) if not ok]
        if len(spoiled) == 1:
            ok, value = seen.get(name, (True, None))
            if ok or not same(value, spoiled[0]):
                return False
    return True


@cache  # a trial remembers what a form gives by the form
def together(a: Form, b: Form) -> Form | None:
    """Make one function that makes two mistakes; None if they are not switches of one function."""
    if not (isinstance(a, partial) and isinstance(b, partial) and a.func is b.func):
        return None
    shared = a.keywords.keys() & b.keywords.keys()  # all of one base may have some
    if a.args or b.args or any(a.keywords[k] is not b.keywords[k] for k in shared):
        return None
    return partial(a.func, **(a.keywords | b.keywords))


def _fitting(
    trial: Trial,
    seen: Sequence[Parts],
    unexplained: set[str],
    forms: Iterable[tuple[tuple[Misconception, ...], Form]],
) -> Iterator[Candidate]:
    wrong = [i for i, parts in enumerate(seen) if not all(ok for ok, _ in parts.values())]
    raised = [i for i in wrong if any(map(is_error, seen[i]))]
    probed = {wrong[0], *raised}
    for mistakes, form in forms:
        if not any(_alike(seen[i], trial.mistake(form, i)) for i in probed):
            continue  # cheap: most forms end here, after a case or two
        its = [trial.mistake(form, i) for i in range(len(seen))]
        explained = {name for name in unexplained if _explains(name, seen, its)}
        extra = {n for parts in its for n, (ok, _) in parts.items() if not ok} - explained
        if not _covers(trial.exercise, unexplained, explained) or _contradicted(seen, its):
            continue
        is_all = not extra and not any(map(is_error, unexplained - explained))
        if is_all or any(_tells(parts[n][1]) for parts in seen for n in explained & {*parts}):
            yield Candidate(mistakes, explained, len(extra), form)


def _alike(one: Parts, other: Parts) -> bool:
    """Return True if some part is wrong in both in the same way."""
    return any(
        not ok and not other.get(name, (True,))[0] and same(value, other[name][1])
        for name, (ok, value) in one.items()
    )


def _explains(name: str, seen: Sequence[Parts], its: list[Parts]) -> bool:
    shared_wrong = 0
    for i, (one, other) in enumerate(zip(seen, its, strict=True)):
        if f"(error) {i}" in one and name not in one:
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
    """Return True if an error, the arguments, or all of one criterion is explained."""
    groups = [{n for n in wrong if n.startswith("(argument)")}]
    groups += [{n} for n in wrong if n.startswith("(error)")]
    parts = {name for name in wrong if not name.startswith("(")}
    groups += [{n for n in parts if looks_at(criterion, n)} for criterion in exercise.criteria]
    return any(group and group <= explained for group in groups)


def _contradicted(seen: Sequence[Parts], its: list[Parts]) -> bool:
    """Return True if the misconception would break something that is right here."""
    return any(
        not its_ok and _is_right(name, one, stopped=f"(error) {i}" in one)
        for i, (one, other) in enumerate(zip(seen, its, strict=True))
        for name, (its_ok, _) in other.items()
    )


def _is_right(name: str, parts: Parts, *, stopped: bool) -> bool:
    """Return True if a part is known to be right; of arguments, only those changed are listed."""
    if name in parts:
        return parts[name][0]
    return name.startswith(("(argument)", "(error)")) and not stopped
