"""What judging an exercise yields: points by criterion, and what to tell the learner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["passed", "failed", "not attempted", "not defined", "could not run"]


@dataclass(frozen=True)
class CriterionResult:
    """Points earned for one criterion; `message` says what was wrong, "" if nothing was."""

    name: str
    points: int
    max_points: int
    message: str = ""

    @property
    def passed(self) -> bool:
        """Tell whether the criterion was met."""
        return not self.message


@dataclass(frozen=True)
class Difference:
    """The first differing element in context: a few neighbours, got beside expected."""

    part: str  # "a_next"
    place: str  # "unit 2, example 0"
    case: str  # "n_x=3, n_a=5, m=10"
    along: str  # the axis the neighbours run along: "example"
    columns: tuple[str, ...]
    got: tuple[str, ...]
    expected: tuple[str, ...]
    focus: int  # which column differs first


@dataclass(frozen=True)
class Result:
    """The judgement on one exercise."""

    exercise: str
    status: Status
    criteria: tuple[CriterionResult, ...]
    summary: str = ""
    difference: Difference | None = None
    misconceptions: tuple[tuple[str, str], ...] = ()  # (name, sentence)
    note: str = ""  # a pattern in the numbers, where no misconception fits
    hints: tuple[str, ...] = ()
    # exercises whose mistakes this one was not charged for: judged with right ones in their place
    carried: tuple[str, ...] = ()
    explained: bool = False  # whether the misconceptions reproduce all that is wrong

    @property
    def points(self) -> int:
        """Return the points earned."""
        return sum(criterion.points for criterion in self.criteria)

    @property
    def max_points(self) -> int:
        """Return the points to be had."""
        return sum(criterion.max_points for criterion in self.criteria)

    @property
    def diagnosis(self) -> str:
        """Say in one line what is wrong: the misconception if one was named."""
        if self.misconceptions:
            return "; ".join(sentence for _, sentence in self.misconceptions)
        return " ".join(text for text in (self.summary, self.note) if text)
