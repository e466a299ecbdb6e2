"""Charge each mistake to one criterion."""

from __future__ import annotations

from collections.abc import Sequence

from .failures import Failure, Row, failing, looked_at, wrong_parts
from .model import Criterion, Exercise, looks_at


def charge(exercise: Exercise, rows: Sequence[Row]) -> dict[str, Failure | None]:
    """Map every criterion to its failure, or to None; each mistake is charged to one criterion.

    What is wrong only in the cases that another criterion is about is charged to that one, and
    what is wrong in every case is not charged again to a criterion about some of them. In both,
    at least half of what a criterion looks at must be right, or it is not met.
    """
    return _Charges(exercise, rows).made()


class _Charges:
    """Charges mistakes to the criteria of an exercise."""

    def __init__(self, exercise: Exercise, rows: Sequence[Row]) -> None:
        self.exercise, self.criteria, self.rows = exercise, exercise.criteria, rows
        self.looked = {c.name: looked_at(c, rows) for c in self.criteria}
        self.wrong = {c.name: failing(c, exercise, rows) for c in self.criteria}
        special = {c.tag for c in self.criteria if c.tag}
        self.plain = {i for i, (case, *_) in enumerate(rows) if not case.tags & special}

    def made(self) -> dict[str, Failure | None]:
        charged: dict[str, Failure | None] = dict.fromkeys(c.name for c in self.criteria)
        tags_charged: dict[int, set[str]] = {i: set() for i in range(len(self.rows))}
        # those that fail in all their cases come first, then the more specific
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
        """Return True if everything c finds wrong in case i is wrong in most other cases, too.

        At least half of the other criteria that look at the case must be met there.
        """
        if self.rows[i][1]["status"] != "returned" or c.aspect != "value":
            return False
        beside = [o for o in self.criteria if o is not c and o.counts_alone
                  and i in self.looked[o.name]]  # fmt: skip
        failed = [o for o in beside if i in self.wrong[o.name]]
        general = [o for o in failed if o.tag is None and self._fails_in_general(o)]
        parts = wrong_parts(c, self.rows[i][2], self.exercise)
        told = all(any(looks_at(o, part.name) for o in general) for part in parts)
        return told and 0 < 2 * len(failed) <= len(beside)

    def _fails_in_general(self, c: Criterion) -> bool:
        return bool(self.plain & self.wrong[c.name].keys()) or not self._mostly_right(c)


def withhold(exercise: Exercise, rows: Sequence[Row], failures: dict) -> None:
    """Give no points for criteria a blank answer would meet if nothing else is right."""
    if any(failures[c.name] is None for c in exercise.criteria if c.counts_alone):
        return
    for criterion in exercise.criteria:
        if not criterion.counts_alone and failures[criterion.name] is None:
            what = "The inputs are unmodified" if criterion.aspect == "unmodified" else "This holds"
            message = f"{what}, which counts once some value is right."
            failures[criterion.name] = Failure(message, rows[0][0])
