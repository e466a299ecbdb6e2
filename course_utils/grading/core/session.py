"""Observe the exercises of one submission in a worker, surviving whatever it does."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...judging.model import Case, Exercise
from ..intake.fingerprints import definitions
from ..sandbox.inside import wire
from ..sandbox.limits import DEFAULT, Limits
from ..sandbox.worker_handle import WorkerHandle, WorkerStopped, is_too_slow, malformed, too_slow
from .lending import Lender, Watchdog

LONGEST = 600  # characters of what is said about a cell
MOST = 3  # notes on one cell


@dataclass(frozen=True)
class Seen:
    """What a worker sent about one exercise, still encoded, and why it sent no more, or ""."""

    payloads: tuple[bytes, ...]
    reason: str
    cases: Sequence[Case]
    fresh: bool = True  # whether nothing else had been observed there before

    def digest(self) -> bytes:
        """Return a hash that is the same for the same observations only."""
        parts = [*self.payloads, self.reason.encode("utf-8", "replace")]
        lengths = ",".join(str(len(part)) for part in parts)
        return hashlib.sha256(b"".join([lengths.encode(), *parts])).digest()

    def observations(self) -> list[dict[str, Any]]:
        """Decode; from where something is malformed or missing, say why instead."""
        found: list[dict[str, Any]] = []
        reason = self.reason
        for payload, case in zip(self.payloads, self.cases, strict=False):
            try:
                message = wire.decode(payload)
                if not is_observation(message, case.args):
                    raise wire.WireError("it is no observation")
            except wire.WireError:
                reason = malformed()
                break
            found.append(message)
        # what stopped it once may do so again: the other cases were not tried
        stopped = {"status": "stopped", "message": reason}
        return [*found, *[stopped] * (len(self.cases) - len(found))]


# what an observation of each status holds, and nothing else (see `probes.call`)
_RAISED: dict[str, type] = {
    **dict.fromkeys(("type", "message", "where", "source", "signature", "helper"), str),
    **{"line": int, "variables": dict, "similar": list},
}
_HOLDS: dict[str, dict[str, type]] = {
    "returned": {"value": object, "changed": dict},
    "raised": _RAISED,
    "not_attempted": {"where": str},
    "missing": {"similar": list},
    "too_large": {"message": str},
    "unreadable": {**_RAISED, "known": dict},
}
MAX_NAMES, MAX_NAME, MAX_LINE = 100, 200, 10**6


def is_observation(message: Any, arguments: Collection[str]) -> bool:
    """Return True if a worker's message has the form of an observation, given the arguments' names.

    A worker may send anything, and whoever judges relies on this form.
    """
    if not isinstance(message, dict) or not isinstance(message.get("status"), str):
        return False
    holds = {"status": str} | _HOLDS.get(message["status"], {"no such status": str})
    if message.keys() != holds.keys() or not all(
        isinstance(message[name], kind) for name, kind in holds.items()
    ):
        return False
    names = message.get("similar", [])
    variables = message.get("variables", {})
    texts = [*names, *variables, *variables.values()]
    return (
        0 <= message.get("line", 0) <= MAX_LINE
        and message.get("changed", {}).keys() <= {*arguments}
        and max(len(names), len(variables)) <= MAX_NAMES
        and all(isinstance(text, str) and len(text) <= MAX_NAME for text in texts)
    )


class TimeIsUp(WorkerStopped):
    """A submission has used all of its time, however many workers it was spent in."""


class Session:
    """A submission's cells, run in a worker; a new worker takes over where one was stopped."""

    def __init__(
        self,
        cells: Sequence[str],
        spawn: Callable[[], WorkerHandle],
        limits: Limits = DEFAULT,
        requests: dict[tuple, bytes] | None = None,
        watchdog: Watchdog = nullcontext,
    ) -> None:
        """Prepare; nothing runs before the first observation.

        `requests` keeps what a worker is asked, encoded: sessions that share it must mean the same
        cases by the same name. Helpers that are lent run under `watchdog`.
        """
        self._cells, self._spawn, self._limits = cells, spawn, limits
        self._watchdog = watchdog
        self._requests = {} if requests is None else requests
        self._until = time.monotonic() + limits.submission_seconds
        self._stopped_by: set[int] = set()  # cells that hang or kill the process: not run again
        self.broken: dict[int, str] = {}  # cells that failed, in all or in part, and why
        self.notes: dict[str, None] = {}  # what to say about the cells, each once
        self.confinement = ""
        self._worker: WorkerHandle | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self._drop()

    def another(self) -> Session:
        """Return a session with a worker of its own, which knows nothing of what was asked here.

        It has the rest of this one's time, and leaves out the cells that have hung or crashed.
        """
        made = Session(self._cells, self._spawn, self._limits, self._requests, self._watchdog)
        made._until, made._stopped_by = self._until, self._stopped_by
        made.broken = dict(self.broken)
        return made

    def observe(
        self,
        exercise: Exercise,
        cases: Sequence[Case],
        which: str = "",
        *,
        lent: Mapping[str, Callable] | None = None,
        anew: bool = False,
    ) -> Seen:
        """Observe one exercise on every case, within a time limit for each.

        `which` names these cases. That is done in a fork of the state the cells have made, which
        other exercises were observed in, too, unless `anew`. Helpers that are `lent` stand in for
        the learner's own, in a fork for this observation alone. Raises WorkerStopped only if not
        even an empty worker comes up.
        """
        request = self._request(exercise, cases, which, lent or {})
        if lent and self._worker and self._worker.forks is False:
            self._drop()  # there, what earlier observations left behind would be seen
        fresh = True
        try:
            self._left()
            worker = self._ready()
            limit = partial(self._left, exercise.name)
            reply = Lender(lent, self._watchdog).reply if lent else None
            seen, reason = worker.observe(request, len(cases), limit, anew=anew, reply=reply)
            if is_too_slow(reason) and time.monotonic() >= self._until:
                reason = self._too_long()
            fresh = worker.fresh or not worker.forks
        except WorkerStopped as stopped:
            if self._worker is None and not isinstance(stopped, TimeIsUp):
                raise
            seen, reason = [], str(stopped)
            if isinstance(stopped, TimeIsUp):
                self._drop()
        if lent and not (self._worker and self._worker.forks):
            self._drop()
        return Seen(tuple(seen), reason, cases, fresh)

    def _request(
        self, exercise: Exercise, cases: Sequence[Case], which: str, lent: Iterable[str]
    ) -> bytes:
        key = (exercise.name, which, *lent)
        if key not in self._requests:
            self._requests[key] = wire.encode(
                {
                    "do": "observe",
                    "probe": exercise.probe,
                    "name": exercise.name,
                    "cases": [[dict(case.args), dict(case.after)] for case in cases],
                    "lent": [*lent],
                }
            )
        return self._requests[key]

    def _left(self, name: str = "") -> float:
        """Return the seconds there are for a cell or a call; raises TimeIsUp."""
        limit = self._limits.probe_seconds if name else self._limits.cell_seconds
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeIsUp(self._too_long())
        return min(limit, left)

    def _too_long(self) -> str:
        return f"the notebook {too_slow(self._limits.submission_seconds)} in all"

    def _ready(self) -> WorkerHandle:
        """Return a worker that has run the cells, starting one where there is none."""
        while self._worker is None or not self._worker.alive:
            self._left()
            worker = self._spawn()
            self.confinement = worker.confinement
            numbers = [n for n in range(len(self._cells)) if n not in self._stopped_by]
            outcomes = worker.run([self._cells[n] for n in numbers], self._left)
            for number in numbers:
                try:
                    outcome = next(outcomes)
                except TimeIsUp:
                    worker.close()
                    raise
                except WorkerStopped as reason:
                    self._left()
                    self._stopped_by.add(number)
                    self.broken[number] = str(reason)
                    self.notes[f"a cell failed: {reason}"] = None
                    break  # a fresh worker runs the rest without this cell
                self._note(number, outcome)
            else:
                self._worker = worker
        return self._worker

    def _note(self, number: int, outcome: Mapping[str, Any]) -> None:
        """Keep what a worker says became of a cell; it may say anything, and only texts are kept.

        Parts that a message repeats would take gigabytes if they were written out.
        """
        said = outcome.get("notes")
        said = said[:MOST] if isinstance(said, list) else []
        notes = [note[:LONGEST] for note in said if isinstance(note, str)]
        if not outcome.get("ok"):
            told = outcome.get("message")
            self.broken[number] = message = told[:LONGEST] if isinstance(told, str) else "it failed"
            if not message.startswith("NotImplementedError"):  # an answer that is not written yet
                what = "a cell failed" if outcome.get("cut") else "a line failed"
                notes.append(f"{what}: {message}")
        self.notes |= dict.fromkeys(notes)

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def explained(self, name: str, seen: dict[str, Any]) -> dict[str, Any]:
        """Say so where a function is missing because the cell that defines it failed."""
        if seen.get("status") == "missing":
            for number, message in self.broken.items():
                if name in definitions(self._cells[number]).names:
                    return {"status": "broken cell", "message": message}
        return seen
