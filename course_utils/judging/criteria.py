"""Find which criteria an answer does not meet, and charge each mistake to one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from textwrap import shorten
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from .compare import Leaf, capital, label, leaves
from .difference import axis_names, first_index, place, show_both
from .drawn_cases import Observation
from .model import Case, Criterion, Exercise, looks_at
from .result import COUNTS_LATER, NOT_REACHED

LONGEST_SOURCE = 140  # characters of a statement
ELSEWHERE = ("list", "beside")  # kinds of parts that are right, and not where they belong
LONGEST = 240  # characters of an error's message
_SAYS_WHERE = "Exception encountered when calling"  # Keras's first line, about a layer


class Failure(NamedTuple):
    """Why a criterion is not met: the message, the case, the part, or that an argument changed."""

    message: str
    case: Case
    leaf: Leaf | None = None
    changed: bool = False


Row = tuple[Case, Observation, list[Leaf]]  # a case, what was observed, and its parts compared


@dataclass(frozen=True)
class Finding:
    """One criterion, the numbers of the cases it looks at, and what is wrong in which of them."""

    criterion: Criterion
    looked: list[int]
    wrong: dict[int, Failure]

    @property
    def mostly_right(self) -> bool:
        """Return True if at least half of the cases are right."""
        return 2 * len(self.wrong) <= len(self.looked)

    def without(self, cases: Set[int]) -> Finding:
        """Return the finding as if nothing were wrong in some cases."""
        return replace(self, wrong={i: it for i, it in self.wrong.items() if i not in cases})


def examine(criterion: Criterion, exercise: Exercise, rows: Sequence[Row]) -> Finding:
    """Look for what fails one criterion; LookupError if it looks at no case or part."""
    looked = cases_of(criterion, rows)
    if not looked:
        raise LookupError(f"{exercise.name}: criterion {criterion.name!r} looks at no case")
    found = {i: _failure(criterion, exercise, *rows[i]) for i in looked}
    return Finding(criterion, looked, {i: failure for i, failure in found.items() if failure})


def cases_of(criterion: Criterion, rows: Sequence[Row]) -> list[int]:
    """List the numbers of the cases that a criterion looks at."""
    return [i for i, (case, *_) in enumerate(rows) if criterion.tag in (None, *case.tags)]


def charge(
    exercise: Exercise, rows: Sequence[Row], only: Mapping[int, set[str]] = MappingProxyType({})
) -> dict[str, Failure | None]:
    """Map every criterion to its failure, or to None; each mistake is charged to one criterion.

    What is wrong in a case that `only` maps to criteria is charged to these.
    A mistake that shows only in the cases of one tag is charged to the criterion with that tag.
    A mistake that shows everywhere is charged to the criterion without a tag, and not again to a
    criterion about some of the cases. Neither rule saves a criterion that is wrong in more than
    half of its cases.
    """
    findings = [
        finding.without({i for i, names in only.items() if finding.criterion.name not in names})
        for finding in (examine(criterion, exercise, rows) for criterion in exercise.criteria)
    ]
    ordinary = _ordinary_cases(exercise, rows)
    charged: dict[str, Failure | None] = {c.name: None for c in exercise.criteria}
    paid: dict[int, set[str]] = defaultdict(set)  # case -> tags whose criteria were charged for it
    for finding in sorted(findings, key=_order):
        tag = finding.criterion.tag
        own = [i for i in finding.wrong if not paid[i] - {tag}]
        general = [i for i in own if _is_wrong_everywhere(finding, i, findings, rows, ordinary)]
        if tag and own and own == general:
            continue
        if not own and not finding.mostly_right:
            own = list(finding.wrong)
        if own:
            charged[finding.criterion.name] = finding.wrong[own[0]]
            if tag:
                for i in finding.wrong:
                    paid[i].add(tag)
    return charged


def spare_shapes(
    exercise: Exercise, rows: Sequence[Row], failures: Mapping[str, Failure | None]
) -> dict[str, Failure | None]:
    """Return failures without those of shapes whose parts are charged as wrong values, too.

    Where no value is right, none is spared.
    """
    spared = dict(failures)
    if all(failures[criterion.name] for criterion in exercise.criteria if criterion.counts_alone):
        return spared
    charged = [
        examine(criterion, exercise, rows)
        for criterion in exercise.criteria
        if criterion.aspect == "value" and failures[criterion.name]
    ]
    for criterion in exercise.criteria:
        if criterion.aspect == "shape" and failures[criterion.name]:
            finding = examine(criterion, exercise, rows)
            left = [i for i in finding.wrong if not _is_charged_as_value(i, finding, charged, rows)]
            spared[criterion.name] = finding.wrong[left[0]] if left else None
    return spared


def _is_charged_as_value(
    i: int, finding: Finding, charged: Sequence[Finding], rows: Sequence[Row]
) -> bool:
    """Return True if each part of the wrong shape in case i is charged as a wrong value there."""
    _, seen, parts = rows[i]
    if seen["status"] != "returned":
        return False
    bad = wrong_parts(finding.criterion, parts, [finding.criterion])
    return all(
        part.kind not in ELSEWHERE
        and any(i in other.wrong and looks_at(other.criterion, part.name) for other in charged)
        for part in bad
    )


def _ordinary_cases(exercise: Exercise, rows: Sequence[Row]) -> set[int]:
    """Return the cases that no criterion with a tag is about."""
    tags = {criterion.tag for criterion in exercise.criteria if criterion.tag}
    return {i for i, (case, *_) in enumerate(rows) if not case.tags & tags}


def _order(finding: Finding) -> tuple[bool, bool, int]:
    """Sort criteria about special cases first: those that fail in all cases, then narrow ones."""
    fails_in_some = len(finding.wrong) < len(finding.looked)
    return finding.criterion.tag is None, fails_in_some, len(finding.looked)


def _is_wrong_everywhere(
    finding: Finding, i: int, findings: list[Finding], rows: Sequence[Row], ordinary: set[int]
) -> bool:
    """Return True if all that a criterion finds wrong in case i is wrong in ordinary cases, too.

    At least half of the other criteria that look at case i must be met there (of those without a
    tag, if there are several): otherwise more is wrong in this case than the mistake that shows
    everywhere.
    """
    case_parts, status = rows[i][2], rows[i][1]["status"]
    if status != "returned" or finding.criterion.aspect != "value":
        return False
    beside = [
        other
        for other in findings
        if other is not finding and other.criterion.counts_alone and i in other.looked
    ]
    untagged = [other for other in beside if other.criterion.tag is None]
    beside = untagged if len(untagged) > 1 else beside
    failed = [other for other in beside if i in other.wrong]
    if not 0 < 2 * len(failed) <= len(beside):
        return False
    general = [
        other.criterion
        for other in failed
        if other.criterion.tag is None and (ordinary & other.wrong.keys() or not other.mostly_right)
    ]
    wrong = wrong_parts(finding.criterion, case_parts, [each.criterion for each in findings])
    return all(any(looks_at(criterion, part.name) for criterion in general) for part in wrong)


def withhold(exercise: Exercise, rows: Sequence[Row], failures: dict) -> None:
    """Give no points for criteria a blank answer would meet if nothing else is right."""
    if any(failures[c.name] is None for c in exercise.criteria if c.counts_alone):
        return
    for criterion in exercise.criteria:
        if not criterion.counts_alone and failures[criterion.name] is None:
            what = "The inputs are unmodified" if criterion.aspect == "unmodified" else "This holds"
            message = f"{what}, which {COUNTS_LATER}."
            failures[criterion.name] = Failure(message, rows[0][0])


def message_of(failure: Failure, looked: list[int], rows: Sequence[Row]) -> str:
    """Return what is wrong, or that every case of the criterion failed before it could tell."""
    reached = any(rows[i][1]["status"] == "returned" for i in looked)
    return failure.message if reached else f"{NOT_REACHED}{failure.message}"


def _failure(
    criterion: Criterion, exercise: Exercise, case: Case, seen: Observation, parts: list[Leaf]
) -> Failure | None:
    if seen["status"] != "returned":
        return Failure(_no_value(exercise.name, seen, case), case)
    if criterion.aspect == "unmodified":
        changed = _changed_arguments(case, seen)
        if changed:
            message = f"`{exercise.name}` changes its argument `{changed}` in place."
            return Failure(message, case, changed=True)
        return None
    if not any(looks_at(criterion, part.name) for part in parts):
        raise LookupError(f"{exercise.name}: criterion {criterion.name!r} looks at no part")
    wrong = wrong_parts(criterion, parts, exercise.criteria)
    return Failure(_leaf_message(wrong[0], exercise, case), case, wrong[0]) if wrong else None


def wrong_parts(
    criterion: Criterion, parts: list[Leaf], criteria: Sequence[Criterion]
) -> list[Leaf]:
    """List the parts of a case that are wrong under one of an exercise's criteria.

    A list where an array should be, or a tuple that holds too much, is one mistake: only the
    criterion on shapes charges it, if there is one.
    """
    bad = {"type", "shape", *(ELSEWHERE if criterion.aspect == "shape" else ("value",))}
    if not any(other.aspect == "shape" for other in criteria):
        bad.update(ELSEWHERE)
    return [part for part in parts if part.kind in bad and looks_at(criterion, part.name)]


def _leaf_message(leaf: Leaf, exercise: Exercise, case: Case) -> str:
    if leaf.problem:
        return f"{capital(leaf.problem)} ({case.label})."
    name = capital(label(leaf.name))
    if isinstance(leaf.expected, np.ndarray) and leaf.expected.ndim:
        index = first_index(leaf, exercise.axes)
        where = f" at {place(index, axis_names(leaf, exercise.axes))}"
        got, want = leaf.got[index], leaf.expected[index]
    else:
        where, got, want = "", leaf.got, leaf.expected
    got, want = show_both(got, want)
    return f"{name} is wrong{where}: got {got}, expected {want} ({case.label})."


def _no_value(name: str, seen: Observation, case: Case) -> str:
    """Say why a function returned nothing that can be compared."""
    if seen["status"] == "raised":
        inside = f" in `{seen['where']}`" if seen["where"] not in ("", name) else ""
        source = seen["source"]
        if len(source) > LONGEST_SOURCE:  # a statement of several lines
            source = f"{source[:LONGEST_SOURCE]} ..."
        line = f" at line {seen['line']}, `{source}`" if source else ""
        if seen["type"] == "SystemExit":
            return f"`{name}` ends Python{inside}{line} ({case.label})."
        said = f": {_gist(seen['message'])}" if seen["message"] else ""
        return f"`{name}` raised {seen['type']}{inside}{line}{said} ({case.label})."
    if seen["status"] == "not_attempted":
        return f"`{name}` raised NotImplementedError in `{seen['where']}` ({case.label})."
    return f"`{name}`: {seen.get('message', seen['status'])} ({case.label})."


def _gist(message: str) -> str:
    """Return the first line of a message that says something; Keras's may fill a page."""
    lines = [line for line in message.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(_SAYS_WHERE)] or lines
    return shorten(telling[0], LONGEST, placeholder=" ...") if telling else ""


def _changed_arguments(case: Case, seen: Observation) -> str:
    """Name the first argument that is not as it was before the call."""
    for name, after in seen["changed"].items():
        before = case.args[name]
        if not _same_keys(before, after):
            return name
        for leaf in leaves(before, after, (), name):
            if leaf.kind != "ok":
                return name
    return ""


def _same_keys(before: Any, after: Any) -> bool:
    """Return True if no key was added to or taken from a dict anywhere in an argument."""
    if isinstance(before, Mapping):
        return (
            isinstance(after, Mapping)
            and set(map(str, before)) == set(after)
            and all(_same_keys(value, after[str(key)]) for key, value in before.items())
        )
    if isinstance(before, (tuple, list)):
        return (
            isinstance(after, (tuple, list))
            and len(before) == len(after)
            and all(map(_same_keys, before, after))
        )
    return True
