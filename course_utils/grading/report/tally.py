"""Count a class grade by grade, keeping a few numbers of each."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ...judging.result import Result
from ..core.grade import Grade

LONGEST_NOTE = 300  # characters kept of a note or reason
MOST_NOTES = 20  # kept of one grade
_LINE = re.compile(r" at line \d+(, `[^`]*`)?")  # where an error was raised

Members = Mapping  # from what submissions share to the numbers of those submissions


def _members() -> Members:
    return defaultdict(lambda: array("L"))


class Handed(NamedTuple):
    """One submission: whose, the path of its page, its own path, and a hash of its bytes."""

    student: str
    page: str | None
    file: str = ""
    digest: str = ""


@dataclass
class ExerciseTally:
    """How one exercise went."""

    statuses: Counter = field(default_factory=Counter)
    points: int = 0
    max_points: int = 0
    carried: int = 0

    def add(self, result: Result) -> None:
        """Count one result."""
        self.statuses[result.status] += 1
        self.points += result.points
        self.max_points += result.max_points
        self.carried += bool(result.carried)

    @property
    def pass_rate(self) -> float:
        """Return the share of answers that passed."""
        return self.statuses["passed"] / self.statuses.total()

    @property
    def mean_share(self) -> float:
        """Return the mean share of the points."""
        return self.points / self.max_points if self.max_points else 0.0


@dataclass
class AssignmentTally:
    """The graded submissions of one assignment."""

    max_score: int = 0
    scores: array = field(default_factory=lambda: array("l"))
    exercises: dict[str, ExerciseTally] = field(default_factory=dict)
    misconceptions: Members = field(default_factory=_members)  # by exercise and name
    sentences: dict[tuple[str, str], str] = field(default_factory=dict)
    unexplained: Members = field(default_factory=_members)  # by what the answer gave
    specimens: dict[Hashable, Result] = field(default_factory=dict)
    answers: Members = field(default_factory=_members)  # by exercise and fingerprint
    right: set[tuple[str, str]] = field(default_factory=set)  # those of `answers` that passed

    def add(self, number: int, grade: Grade) -> None:
        """Count one graded submission."""
        self.max_score = max(self.max_score, grade.max_score)
        self.scores.append(grade.score)
        for result in grade.results:
            self.exercises.setdefault(result.exercise, ExerciseTally()).add(result)
            for name, sentence in result.misconceptions:
                self.misconceptions[result.exercise, name].append(number)
                self.sentences.setdefault((result.exercise, name), sentence)
            if is_unexplained(result):
                self.unexplained[what_it_gave(result)].append(number)
                self.specimens.setdefault(what_it_gave(result), result)
            answer = (result.exercise, grade.fingerprints.get(result.exercise, ""))
            if answer[1]:
                self.answers[answer].append(number)
                if result.status == "passed":
                    self.right.add(answer)


@dataclass
class ClassTally:
    """All submissions. A submission is known by its number: the order in which it came."""

    handed: list[Handed] = field(default_factory=list)
    seconds: array = field(default_factory=lambda: array("d"))
    assignments: dict[str, AssignmentTally] = field(default_factory=dict)
    not_graded: Members = field(default_factory=_members)  # by status and reason
    notes: Members = field(default_factory=_members)  # by text, of those that were graded
    levels: set[str] = field(default_factory=set)

    def add(self, grade: Grade, page: str | None, digest: str = "") -> None:
        """Count one submission; remember the path of its page and a hash of its bytes."""
        number = len(self.handed)
        self.handed.append(Handed(grade.student, page, grade.file, digest))
        self.seconds.append(grade.seconds)
        if grade.confinement:
            self.levels.add(grade.confinement)
        notes = [note[:LONGEST_NOTE] for note in grade.notes[:MOST_NOTES]]
        if grade.status != "graded":
            reason = "; ".join(notes)[:LONGEST_NOTE]
            self.not_graded[grade.status, reason].append(number)
            return
        for note in dict.fromkeys(notes):
            self.notes[note].append(number)
        self.assignments.setdefault(grade.assignment, AssignmentTally()).add(number, grade)

    def names(self, numbers: Iterable[int]) -> frozenset[str]:
        """Return the students who handed in these submissions."""
        return frozenset(self.handed[number].student for number in numbers)


def is_unexplained(result: Result) -> bool:
    """Return True for a wrong answer in which no known mistake was recognised.

    One that was judged with right helpers is left out: what it gave is not on record.
    """
    return result.status == "failed" and not result.misconceptions and not result.carried


def what_it_gave(result: Result) -> Hashable:
    """Return what a wrong answer gave, as far as its result shows it.

    All answers of a course meet the same cases there, so the same mistake gives the same. An error
    is the same whatever line it was raised in.
    """
    messages = tuple(_LINE.sub("", criterion.message) for criterion in result.criteria)
    return result.exercise, result.difference, _LINE.sub("", result.summary), messages
