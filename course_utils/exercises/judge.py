"""Judge observations of a function against an exercise's oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple
from warnings import catch_warnings

import numpy as np

from .compare import Leaf, agrees, label, leaves
from .difference import axis_names, difference, first_index, pattern, place, show_both
from .misconceptions import explain
from .model import Case, Criterion, Exercise, looks_at
from .result import CriterionResult, Result
from .trial import Observation, Trial


class Failure(NamedTuple):
    """Why a criterion is not met: the message, the case, the part, or that an argument changed."""

    message: str
    case: Case
    leaf: Leaf | None = None
    changed: bool = False


Row = tuple[Case, Observation, list[Leaf]]  # a case, what was observed, and its parts compared


def judge(trial: Trial, observations: Sequence[Observation]) -> Result:
    """Judge one observation per case; the feedback is about the first thing that is wrong."""
    with np.errstate(all="ignore"), catch_warnings(action="ignore"):  # whatever the learner set
        return _judge(trial, observations)


def _judge(trial: Trial, observations: Sequence[Observation]) -> Result:
    exercise = trial.exercise
    stopped = _not_run(exercise, observations)
    if stopped:
        status, summary = stopped
        nothing = tuple(CriterionResult(c.name, 0, c.points, summary) for c in exercise.criteria)
        return Result(exercise.name, status, nothing, summary, hints=exercise.hints)
    compared = [trial.compare(i, seen) for i, seen in enumerate(observations)]
    rows = [
        (case, seen, forgiving(exercise, case, seen, parts))
        for case, seen, parts in zip(trial.cases, observations, compared, strict=True)
    ]
    failures = charge(exercise, rows)
    found = [failure for failure in failures.values() if failure]
    _withhold(exercise, rows, failures)
    criteria = tuple(
        CriterionResult(
            c.name,
            0 if failures[c.name] else c.points,
            c.points,
            _message(failures[c.name], looked_at(c, rows), rows) if failures[c.name] else "",
        )
        for c in exercise.criteria
    )
    # a changed argument often spoils a cache or a later step: say that first
    first = min(found, key=lambda failure: not failure.changed, default=None)
    if first is None:
        return Result(exercise.name, "passed", criteria)
    leaf = first.leaf
    named, whole = explain(trial, observations, compared)
    return Result(
        exercise.name,
        "failed",
        criteria,
        summary=first.message,
        difference=difference(leaf, exercise.axes, first.case.label)
        if leaf and leaf.kind == "value"
        else None,
        misconceptions=tuple((m.name, m.sentence) for m in named),
        note=pattern(leaf, exercise.axes) if leaf and not named else "",
        hints=exercise.hints,
        explained=whole,
    )


def forgiving(exercise: Exercise, case: Case, seen: Observation, parts: list[Leaf]) -> list[Leaf]:
    """Return the parts of one case, those right that follow from the learner's own."""
    if exercise.follows is None or all(part.kind == "ok" for part in parts):
        return parts
    try:
        consequence = exercise.follows(case.args, exercise.read(case, seen))
    except Exception:  # the earlier parts are not even of the right kind
        return parts
    return [
        part._replace(kind="ok")
        if part.kind == "value"
        and part.name in consequence
        and agrees(part.got, np.asarray(consequence[part.name]))
        else part
        for part in parts
    ]


def _not_run(exercise: Exercise, observations: Sequence[Observation]) -> tuple[Any, str] | None:
    """Say why there is nothing to judge, where that is so."""
    name = exercise.name
    for seen in observations:
        if seen["status"] == "missing":
            close = get_close_matches(name, seen.get("similar", []), 1, cutoff=0.6)
            rename = f" Was it renamed? `{close[0]}` is defined." if close else ""
            return "not defined", f"`{name}` is not defined in this notebook.{rename}"
        if seen["status"] == "broken cell":
            return "not defined", f"The cell that defines `{name}` did not run: {seen['message']}"
    if all(seen["status"] == "not_attempted" for seen in observations):
        where = observations[0]["where"]
        if where != name:
            return "could not run", f"`{name}` calls `{where}`, which is not written yet."
        return "not attempted", (
            f"`{name}` still raises NotImplementedError: put your code in that line's place."
        )
    return None


def first_failure(criterion: Criterion, exercise: Exercise, rows: Sequence[Row]) -> Failure | None:
    """Find the first case and part that fail a criterion, and say what is wrong there."""
    return next(iter(failing(criterion, exercise, rows).values()), None)


def failing(criterion: Criterion, exercise: Exercise, rows: Sequence[Row]) -> dict[int, Failure]:
    """Map the numbers of the cases that fail a criterion to what is wrong there first."""
    looked = looked_at(criterion, rows)
    if not looked:
        raise LookupError(f"{exercise.name}: criterion {criterion.name!r} looks at no case")
    found = {i: _failure(criterion, exercise, *rows[i]) for i in looked}
    return {i: failure for i, failure in found.items() if failure}


def looked_at(criterion: Criterion, rows: Sequence[Row]) -> list[int]:
    """List the numbers of the cases that a criterion looks at."""
    return [i for i, (case, *_) in enumerate(rows) if criterion.tag in (None, *case.tags)]


def _failure(
    criterion: Criterion, exercise: Exercise, case: Case, seen: Observation, parts: list[Leaf]
) -> Failure | None:
    if seen["status"] != "returned":
        return Failure(_says_why(exercise.name, seen, case), case)
    if criterion.aspect == "unmodified":
        changed = _changed_arguments(case, seen)
        if changed:
            message = f"`{exercise.name}` changes its argument `{changed}` in place."
            return Failure(message, case, changed=True)
        return None
    if not any(looks_at(criterion, part.name) for part in parts):
        raise LookupError(f"{exercise.name}: criterion {criterion.name!r} looks at no part")
    wrong = _wrong_parts(criterion, parts)
    return Failure(_leaf_message(wrong[0], exercise, case), case, wrong[0]) if wrong else None


def _wrong_parts(criterion: Criterion, parts: list[Leaf]) -> list[Leaf]:
    bad = {"type", "shape"} if criterion.aspect == "shape" else {"type", "shape", "value"}
    return [part for part in parts if part.kind in bad and looks_at(criterion, part.name)]


def charge(exercise: Exercise, rows: Sequence[Row]) -> dict[str, Failure | None]:
    """Map every criterion to its failure, or to None; each mistake is charged to one criterion.

    What is wrong only in the cases that another criterion is about is charged to that one, and
    what is wrong in every case is not charged again to a criterion about some of them. In both,
    at least half of what a criterion looks at must be right, or it is not met.
    """
    return _Charges(exercise, rows).made()


class _Charges:
    """Shares what is wrong out among the criteria of an exercise."""

    def __init__(self, exercise: Exercise, rows: Sequence[Row]) -> None:
        self.criteria, self.rows = exercise.criteria, rows
        self.looked = {c.name: looked_at(c, rows) for c in self.criteria}
        self.wrong = {c.name: failing(c, exercise, rows) for c in self.criteria}
        special = {c.tag for c in self.criteria if c.tag}
        self.plain = {i for i, (case, *_) in enumerate(rows) if not case.tags & special}

    def made(self) -> dict[str, Failure | None]:
        charged: dict[str, Failure | None] = dict.fromkeys(c.name for c in self.criteria)
        tags_charged: dict[int, set[str]] = {i: set() for i in range(len(self.rows))}
        # first those that fail in all their cases, then the more special of two
        for c in sorted(self.criteria, key=self._order):
            wrong = self.wrong[c.name]
            own = [i for i in wrong if not tags_charged[i] - {c.tag}]
            if own and c.tag and all(self._is_general(c, i) for i in own):
                own = []
            elif not self._mostly_right(c):
                own = own or list(wrong)
            if own:
                charged[c.name] = wrong[own[0]]
                if c.tag:
                    for i in wrong:
                        tags_charged[i].add(c.tag)
        return charged

    def _order(self, c: Criterion) -> tuple[bool, bool, int]:
        wrong, looked = len(self.wrong[c.name]), len(self.looked[c.name])
        return c.tag is None, wrong < looked, looked

    def _mostly_right(self, c: Criterion) -> bool:
        return 2 * len(self.wrong[c.name]) <= len(self.looked[c.name])

    def _is_general(self, c: Criterion, i: int) -> bool:
        """Return True if all that c finds wrong in case i is wrong in most other cases, too.

        And if half of the other criteria that look at the case are met there.
        """
        if self.rows[i][1]["status"] != "returned" or c.aspect != "value":
            return False
        beside = [o for o in self.criteria if o is not c and o.counts_alone
                  and i in self.looked[o.name]]  # fmt: skip
        failed = [o for o in beside if i in self.wrong[o.name]]
        general = [o for o in failed if o.tag is None and self._fails_in_general(o)]
        parts = _wrong_parts(c, self.rows[i][2])
        told = all(any(looks_at(o, part.name) for o in general) for part in parts)
        return told and 0 < 2 * len(failed) <= len(beside)

    def _fails_in_general(self, c: Criterion) -> bool:
        return bool(self.plain & self.wrong[c.name].keys()) or not self._mostly_right(c)


def _message(failure: Failure, looked: list[int], rows: Sequence[Row]) -> str:
    """Say what is wrong, or that no case was reached that would have told."""
    reached = any(rows[i][1]["status"] == "returned" for i in looked)
    return failure.message if reached else f"Not reached: {failure.message}"


def _leaf_message(leaf: Leaf, exercise: Exercise, case: Case) -> str:
    if leaf.problem:
        return f"{leaf.problem[0].upper()}{leaf.problem[1:]} ({case.label})."
    name = label(leaf.name)
    name = name[0].upper() + name[1:]
    if isinstance(leaf.expected, np.ndarray) and leaf.expected.ndim:
        index = first_index(leaf, exercise.axes)
        where = f" at {place(index, axis_names(leaf, exercise.axes))}"
        got, want = leaf.got[index], leaf.expected[index]
    else:
        where, got, want = "", leaf.got, leaf.expected
    got, want = show_both(got, want)
    return f"{name} is wrong{where}: got {got}, expected {want} ({case.label})."


def _says_why(name: str, seen: Observation, case: Case) -> str:
    if seen["status"] == "raised":
        inside = f" in `{seen['where']}`" if seen["where"] not in ("", name) else ""
        line = f" at line {seen['line']}, `{seen['source']}`" if seen["source"] else ""
        return f"`{name}` raised {seen['type']}{inside}{line}: {seen['message']} ({case.label})."
    if seen["status"] == "not_attempted":
        return f"`{name}` raised NotImplementedError in `{seen['where']}` ({case.label})."
    return f"`{name}`: {seen.get('message', seen['status'])} ({case.label})."


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
    """Tell whether no key was added to or taken from a dict anywhere in an argument."""
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


def _withhold(exercise: Exercise, rows: Sequence[Row], failures: dict) -> None:
    """Give no points for what a blank answer meets to a function that gets nothing else right."""
    if any(failures[c.name] is None for c in exercise.criteria if c.counts_alone):
        return
    for criterion in exercise.criteria:
        if not criterion.counts_alone and failures[criterion.name] is None:
            what = "The inputs are unmodified" if criterion.aspect == "unmodified" else "This holds"
            message = f"{what}, which counts once some value is right."
            failures[criterion.name] = Failure(message, rows[0][0])
