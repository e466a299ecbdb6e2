"""Find identical answers that are surprising in a class, for a person to assess.

How surprising depends on three things: how many others write the same, how long the function is
(short ones have one obvious form), and how many exercises agree. Each shared answer counts in bits:
the logarithm of how rarely it is met among those whose answer is also right, or also wrong, with a
few imagined answers that stand for how a function of its length is usually written. A group counts
its bits once for each member but the first, less the number of groups of that size to choose from.
"""

from __future__ import annotations

import inspect
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import lgamma, log, log2

from ... import PACKAGE
from ...exercises import assignment, stems
from ..core.lent_answers import references
from ..intake.fingerprints import fingerprint, fingerprints, size
from ..intake.notebook_file import Unreadable, read_notebook
from .tally import AssignmentTally, ClassTally

SURPRISING = 7.0  # bits, for a group: one class in a hundred
AS_THE_COURSE = 4.0  # bits, for agreeing with the course's own code
OBVIOUS = 200  # tokens of a function that nearly everybody writes alike
SHORT = 120  # tokens of one that most people write as the course does
IMAGINED = 4  # answers that stand for what is usual, beside those of the class
RARE = 12  # students who share an answer, up to which each pair of them is looked at

Answer = tuple[str, str]  # exercise and fingerprint


@dataclass(frozen=True)
class Group:
    """Students whose answers to some exercises are the same; `wrong` are those that failed."""

    numbers: tuple[int, ...]
    exercises: tuple[str, ...]
    wrong: frozenset[str]
    bits: float = 0.0


@dataclass(frozen=True)
class Alike:
    """Answers that are the same, most surprising first.

    `groups` are students who share answers; `course` are groups whose answers are those of the
    course's own code. `left_out` counts shared answers in neither; `agree` counts students who have
    the course's form of one or another answer, too few or too short to say anything.
    """

    groups: tuple[Group, ...]
    left_out: int
    course: tuple[Group, ...] = ()
    agree: int = 0


def alike(
    found: AssignmentTally, whole: ClassTally, course: Mapping[str, frozenset[str]] | None = None
) -> Alike:
    """Group the students of an assignment by surprising answers that they share.

    `course` maps exercises to the fingerprints of the course's own code for them.
    """
    having = {answer: whole.names(numbers) for answer, numbers in found.answers.items()}
    own: dict[str, set[Answer]] = defaultdict(set)
    for answer, names in having.items():
        for name in names:
            own[name].add(answer)
    bits = _bits(found, having)
    groups: list[Group] = []
    listed: dict[str, list[frozenset[str]]] = defaultdict(list)
    told: set[Answer] = set()
    weighed = []
    for names in _candidates(having, own):
        shared = set.intersection(*(own[name] for name in names))
        several = {answer[0]: answer for answer in sorted(shared)}.values()  # one an exercise
        each = sum(bits[answer] for answer in several)
        weight = (len(names) - 1) * each - _choices(len(own), len(names))
        if weight >= SURPRISING:
            weighed.append((weight, names, shared))
    weighed.sort(key=lambda one: (-one[0], sorted(one[1])))
    for weight, names, shared in weighed:
        met = Counter(kept for name in names for kept in listed[name])
        if any(2 * count > len(names) for count in met.values()):  # mostly one listed already
            continue
        for name in names:
            listed[name].append(names)
        told |= shared
        groups.append(_group(found, whole, names, shared, weight))
    left = sum(len(names) > 1 for answer, names in having.items() if answer not in told)
    same, agree = _as_the_course(found, whole, own, course or {})
    return Alike(tuple(groups), left, same, agree)


def _bits(found: AssignmentTally, having: Mapping[Answer, frozenset[str]]) -> dict[Answer, float]:
    totals = Counter()
    for answer, names in having.items():
        totals[answer[0], answer in found.right] += len(names)
    result = {}
    for answer, names in having.items():
        usual = IMAGINED * min(1.0, OBVIOUS / size(answer[1])) ** 2
        total = totals[answer[0], answer in found.right]
        result[answer] = -log2((len(names) + usual) / (total + IMAGINED))
    return result


def _candidates(
    having: Mapping[Answer, frozenset[str]], own: Mapping[str, set[Answer]]
) -> set[frozenset[str]]:
    """List sets of students worth a look."""
    found = {names for names in having.values() if len(names) > 1}
    vectors: dict[frozenset[Answer], set[str]] = defaultdict(set)
    for name, answers in own.items():
        vectors[frozenset(answers)].add(name)
        for answer in answers:  # all but one the same
            vectors[frozenset(answers - {answer})].add(name)
    found |= {frozenset(names) for answers, names in vectors.items() if answers and len(names) > 1}
    pairs = Counter(
        pair
        for names in having.values()
        if 1 < len(names) <= RARE
        for pair in combinations(sorted(names), 2)
    )
    return found | {frozenset(pair) for pair, count in pairs.items() if count > 1}


@cache
def _choices(among: int, many: int) -> float:
    """Return the bits it takes to choose `many` of `among` students."""
    ways = lgamma(among + 1) - lgamma(many + 1) - lgamma(among - many + 1)
    return ways / log(2)


def _as_the_course(
    found: AssignmentTally,
    whole: ClassTally,
    own: Mapping[str, set[Answer]],
    course: Mapping[str, frozenset[str]],
) -> tuple[tuple[Group, ...], int]:
    """Group students by which of their answers are the course's own code."""
    groups: dict[frozenset[Answer], set[str]] = defaultdict(set)
    for name, answers in own.items():
        same = frozenset(a for a in answers if a[1] in course.get(a[0], ()))
        if same:
            groups[same].add(name)
    weighed = {
        same: sum(max(0.0, log2(size(prints) / SHORT)) for _, prints in same) for same in groups
    }
    agree = sum(len(groups[same]) for same, weight in weighed.items() if weight < AS_THE_COURSE)
    listed = [
        _group(found, whole, frozenset(groups[same]), set(same), weight)
        for same, weight in weighed.items()
        if weight >= AS_THE_COURSE
    ]
    listed.sort(key=lambda group: (-group.bits, group.numbers))
    return tuple(listed), agree


def _group(
    found: AssignmentTally,
    whole: ClassTally,
    names: Iterable[str],
    shared: set[Answer],
    weight: float,
) -> Group:
    order = {exercise: place for place, exercise in enumerate(found.exercises)}
    answers = sorted(shared, key=lambda answer: order[answer[0]])
    names = set(names)
    numbers = tuple(n for n in found.answers[answers[0]] if whole.handed[n].student in names)
    exercises = tuple(dict.fromkeys(exercise for exercise, _ in answers))
    wrong = frozenset(answer[0] for answer in answers if answer not in found.right)
    return Group(numbers, exercises, wrong, weight)


@cache
def originals(stem: str) -> dict[str, frozenset[str]]:
    """Map the exercises of an assignment to the fingerprints of the course's own code for them.

    That is the answer key where this is a checkout, the right helpers that are lent to answers, and
    the oracle, which anyone can read.
    """
    if stem not in stems():
        return {}
    exercises = assignment(stem).exercises
    names = [exercise.name for exercise in exercises]
    key = _key(stem, names)
    lent = references().get(stem, {})
    found = {}
    for exercise in exercises:
        oracle = ""
        with suppress(OSError, TypeError):  # no source, or no function
            oracle = textwrap.dedent(inspect.getsource(inspect.unwrap(exercise.oracle)))
        prints = {
            key.get(exercise.name, ""),
            fingerprint(lent.get(exercise.name, "")),
            fingerprint(oracle),
        }
        found[exercise.name] = frozenset(prints - {""})
    return found


def _key(stem: str, names: list[str]) -> dict[str, str]:
    path = PACKAGE.parent / "solutions" / f"{stem}.ipynb"
    try:
        return fingerprints(read_notebook(path.read_bytes()).sources(), names)
    except (OSError, Unreadable):
        return {}
