"""Put together what a page says of a wrong answer: points from some cases, feedback from others.

An answer can put anything it was given into what it returns or raises. So nothing that came of the
cases that give points is shown: only which criteria were met. All else is of cases that are the
same in every run and give no points (see `engine.SHOWN`).
"""

from __future__ import annotations

from dataclasses import replace

from ...judging.result import CriterionResult, Result

ELSEWHERE = "Not met on the cases that count, which are not shown."
NOT_HERE = "Right on the cases that are shown, but not on all of those that count."


def of_one_stopped(result: Result) -> Result:
    """Return the result of an answer that was stopped, with that as its only feedback."""
    said = f"`{result.exercise}` {result.stopped}."
    return replace(_blank(result), summary=said)


def of_another_look(result: Result, shown: Result) -> Result:
    """Return a result with the feedback of `shown`, the same answer on cases that are shown.

    With helpers that were lent, what the answer returned or raised may be theirs: then only known
    mistakes are named.
    """
    blank = _blank(result)
    if shown.status == "passed":
        return replace(blank, summary=NOT_HERE)
    if result.carried:
        unmet = ", ".join(c.name for c in result.criteria if not c.passed)
        said = f"Judged with right helpers, this is still not met: {unmet}."
        return replace(blank, summary=said, misconceptions=shown.misconceptions)
    told = {criterion.name: criterion.message for criterion in shown.criteria}
    return replace(
        blank,
        criteria=tuple(_with(c, told.get(c.name) or ELSEWHERE) for c in result.criteria),
        summary=shown.summary,
        difference=shown.difference,
        misconceptions=shown.misconceptions,
        note=shown.note,
    )


def _blank(result: Result) -> Result:
    """Return a result without anything that an answer may have said."""
    return replace(
        result,
        criteria=tuple(_with(c, ELSEWHERE) for c in result.criteria),
        summary="",
        difference=None,
        misconceptions=(),
        note="",
        stopped="",
    )


def _with(criterion: CriterionResult, message: str) -> CriterionResult:
    return criterion if criterion.passed else replace(criterion, message=message)
