"""What judging an exercise yields: points by criterion, and what to tell the learner."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["passed", "failed", "not attempted", "not defined", "could not run"]

LONGEST = 10_000  # characters of one text
MOST = 50  # texts in a list
NOT_REACHED = "Not reached: "  # opens the message of a criterion whose cases all failed before it
COUNTS_LATER = "counts once some value is right"  # ends that of one that is met, but not alone

# sequences that a terminal acts on; then controls, what turns the direction of text, and halves of
# characters
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"
    r"|\x1b[ -/]*[0-~]"
)
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def printable(text: Any) -> Any:
    """Return a text, or a tuple of texts, that does no harm to a page, a table or a terminal.

    Colours and the like are left out, other characters that cannot be seen are written as \\x...
    """
    if isinstance(text, tuple):
        return tuple(printable(item) for item in text)
    if not isinstance(text, str) or text.isprintable():
        return text
    text = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


def bounded(value: Any) -> Any:
    """Return a text, or a tuple of texts, cut to a length that can be kept; a mark says so."""
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]} [... {len(value) - LONGEST:,} more characters]"
    if not isinstance(value, tuple):
        return value
    if len(value) > MOST and all(isinstance(item, str) for item in value):
        value = (*value[:MOST], f"[... {len(value) - MOST:,} more]")
    return tuple(bounded(item) for item in value)


class Shown:
    """A record whose texts, which may come from a learner's code, are `bounded` and `printable`."""

    def __post_init__(self) -> None:
        """Replace each text."""
        for name, value in vars(self).items():
            object.__setattr__(self, name, printable(bounded(value)))


@dataclass(frozen=True)
class CriterionResult(Shown):
    """Points earned for one criterion; `message` says what was wrong, "" if nothing was.

    What is wrong in a criterion that is met may be `elsewhere`: charged to another one.
    """

    name: str
    points: int
    max_points: int
    message: str = ""
    elsewhere: bool = False

    @property
    def passed(self) -> bool:
        """Return True if the criterion was met."""
        return not self.message

    @property
    def is_open(self) -> bool:
        """Return True if nothing is known against the criterion, though it earns nothing."""
        return self.message.startswith(NOT_REACHED) or self.message.endswith(f"{COUNTS_LATER}.")

    @property
    def aside(self) -> str:
        """Say in a few words why the points are what they are, where the mark does not; or ""."""
        if self.message.startswith(NOT_REACHED):
            return "not reached"
        if self.is_open:
            return COUNTS_LATER
        return "charged elsewhere" if self.elsewhere else ""


@dataclass(frozen=True)
class Difference(Shown):
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
class Result(Shown):
    """The judgement on one exercise."""

    exercise: str
    status: Status
    criteria: tuple[CriterionResult, ...]
    summary: str = ""
    difference: Difference | None = None
    misconceptions: tuple[tuple[str, str], ...] = ()  # (name, sentence)
    note: str = ""  # another cause, or the first wrong stage, where no misconception fits
    hints: tuple[str, ...] = ()
    # exercises whose mistakes this one was not charged for: judged with right ones in their place
    carried: tuple[str, ...] = ()
    stopped: str = ""  # why the grader waited no longer, if it did
    case: int = -1  # the number of the case that the summary is about

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
