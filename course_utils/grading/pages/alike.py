"""Find identical answers that are unusual in a class, for a person to judge."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from .tally import AssignmentTally, ClassTally


@dataclass(frozen=True)
class Group:
    """Students whose answers to some exercises are the same; `wrong` are those that failed."""

    numbers: tuple[int, ...]
    exercises: tuple[str, ...]
    wrong: frozenset[str]


@dataclass(frozen=True)
class Alike:
    """Groups, the most unusual first; `left_out` answers are shared by more than `usual`."""

    groups: tuple[Group, ...]
    left_out: int
    usual: int


def alike(found: AssignmentTally, whole: ClassTally) -> Alike:
    """Group the students of an assignment by the answers they share.

    An answer that more than five students and more than one in twenty share is the usual one.
    Students who share several answers are one group. Groups come first that share more answers,
    then more wrong ones (there are few ways to be right), then those of fewer students.
    """
    takers = set()
    shared: dict[frozenset[str], list[tuple[str, str]]] = defaultdict(list)
    for answer, numbers in found.answers.items():
        names = whole.names(numbers)
        takers |= names
        if len(names) > 1:
            shared[names].append(answer)
    order = {exercise: place for place, exercise in enumerate(found.exercises)}
    groups, left_out, usual = [], 0, max(5, len(takers) // 20)
    for names, answers in shared.items():
        if len(names) > usual:
            left_out += len(answers)
            continue
        answers.sort(key=lambda answer: order[answer[0]])
        exercises = tuple(dict.fromkeys(exercise for exercise, _ in answers))
        wrong = frozenset(answer[0] for answer in answers if answer not in found.right)
        groups.append(Group(tuple(found.answers[answers[0]]), exercises, wrong))
    groups.sort(key=lambda g: (-len(g.exercises), -len(g.wrong), len(g.numbers), g.numbers))
    return Alike(tuple(groups), left_out, usual)
