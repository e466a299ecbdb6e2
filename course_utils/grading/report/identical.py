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
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import lgamma, log, log2

from ... import PACKAGE
from ...exercises import assignment, stems
from ..core.lending import references
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
class Identical:
    """Identical answers of an assignment, the most surprising first.

    `groups` are students who share answers; `course` are groups whose answers are those of the
    course's own code. `not_listed` counts shared answers that are in neither; `same_form` counts
    students who have the course's form in too few or too short functions to say anything.
    """

    groups: tuple[Group, ...]
    not_listed: int
    course: tuple[Group, ...] = ()
    same_form: int = 0


def identical_answers(
    found: AssignmentTally, whole: ClassTally, course: Mapping[str, frozenset[str]] | None = None
) -> Identical:
    """Group the students of an assignment by surprising answers that they share.

    `course` maps exercises to the fingerprints of the course's own code for them.
    """
    answers = _Answers(found, whole)
    groups: list[Group] = []
    listed: dict[str, list[frozenset[str]]] = defaultdict(list)  # the groups each student is in
    shared_in_groups: set[Answer] = set()
    for bits, students, shared in answers.surprising():
        met = Counter(group for student in students for group in listed[student])
        if any(2 * count > len(students) for count in met.values()):  # mostly one listed already
            continue
        for student in students:
            listed[student].append(students)
        shared_in_groups |= shared
        groups.append(answers.group(students, shared, bits))
    several = {answer for answer, students in answers.given_by.items() if len(students) > 1}
    same, same_form = answers.as_the_course(course or {})
    return Identical(tuple(groups), len(several - shared_in_groups), same, same_form)


class _Answers:
    """The answers of an assignment: which students gave each, and which each student gave."""

    def __init__(self, found: AssignmentTally, whole: ClassTally) -> None:
        self._found, self._whole = found, whole
        self.given_by = {answer: whole.names(numbers) for answer, numbers in found.answers.items()}
        self.of_student: dict[str, set[Answer]] = defaultdict(set)
        for answer, students in self.given_by.items():
            for student in students:
                self.of_student[student].add(answer)

    def surprising(self) -> list[tuple[float, frozenset[str], set[Answer]]]:
        """List sets of students with the bits of what they share, the most surprising first."""
        bits = self._bits()
        found = []
        for students in self._candidates():
            shared = set.intersection(*(self.of_student[student] for student in students))
            one_each = {answer[0]: answer for answer in sorted(shared)}.values()  # an exercise
            total = (len(students) - 1) * sum(bits[answer] for answer in one_each)
            total -= _choices(len(self.of_student), len(students))
            if total >= SURPRISING:
                found.append((total, students, shared))
        return sorted(found, key=lambda one: (-one[0], sorted(one[1])))

    def _bits(self) -> dict[Answer, float]:
        """Return how rare each answer is among those that are as right or wrong as it is."""
        totals: Counter = Counter()
        for answer, students in self.given_by.items():
            totals[answer[0], answer in self._found.right] += len(students)
        bits = {}
        for answer, students in self.given_by.items():
            usual = IMAGINED * min(1.0, OBVIOUS / size(answer[1])) ** 2
            total = totals[answer[0], answer in self._found.right]
            bits[answer] = -log2((len(students) + usual) / (total + IMAGINED))
        return bits

    def _candidates(self) -> set[frozenset[str]]:
        """List sets of students worth a look."""
        found = {students for students in self.given_by.values() if len(students) > 1}
        by_answers: dict[frozenset[Answer], set[str]] = defaultdict(set)
        for student, answers in self.of_student.items():
            by_answers[frozenset(answers)].add(student)
            for answer in answers:  # all but one the same
                by_answers[frozenset(answers - {answer})].add(student)
        found |= {frozenset(some) for answers, some in by_answers.items() if answers}
        pairs = Counter(
            pair
            for students in self.given_by.values()
            if 1 < len(students) <= RARE
            for pair in combinations(sorted(students), 2)
        )
        found |= {frozenset(pair) for pair, count in pairs.items() if count > 1}
        return {students for students in found if len(students) > 1}

    def as_the_course(self, course: Mapping[str, frozenset[str]]) -> tuple[tuple[Group, ...], int]:
        """Group students by which of their answers are the course's own code.

        Return the groups to list, and the number of students with too little in common with it.
        """
        groups: dict[frozenset[Answer], set[str]] = defaultdict(set)
        for student, answers in self.of_student.items():
            same = frozenset(answer for answer in answers if answer[1] in course.get(answer[0], ()))
            if same:
                groups[same].add(student)
        listed, others = [], 0
        for same, students in groups.items():
            bits = sum(max(0.0, log2(size(prints) / SHORT)) for _, prints in same)
            if bits >= AS_THE_COURSE:
                listed.append(self.group(students, same, bits))
            else:
                others += len(students)
        listed.sort(key=lambda group: (-group.bits, group.numbers))
        return tuple(listed), others

    def group(self, students: Collection[str], shared: Iterable[Answer], bits: float) -> Group:
        """Return what is shown of students who share answers."""
        order = {exercise: place for place, exercise in enumerate(self._found.exercises)}
        answers = sorted(shared, key=lambda answer: order[answer[0]])
        having = self._found.answers[answers[0]]
        numbers = tuple(n for n in having if self._whole.handed[n].student in students)
        exercises = tuple(dict.fromkeys(exercise for exercise, _ in answers))
        wrong = frozenset(answer[0] for answer in answers if answer not in self._found.right)
        return Group(numbers, exercises, wrong, bits)


@cache
def _choices(among: int, many: int) -> float:
    """Return the bits it takes to choose `many` of `among` students."""
    ways = lgamma(among + 1) - lgamma(many + 1) - lgamma(among - many + 1)
    return ways / log(2)


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
