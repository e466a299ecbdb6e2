"""Stands in for `course_utils.check` where a submission is graded: it checks nothing.

The grader judges by itself, elsewhere; calls left in a submission must not fail.
"""

from __future__ import annotations


class CheckFailed(Exception):
    """Never raised here."""


class CheckerFault(Exception):
    """Never raised here."""


def check(fn: object) -> None:
    """Do nothing."""


def hint(fn: object) -> None:
    """Do nothing."""


def score() -> None:
    """Do nothing."""
