"""Observe the exercises of one submission in a worker, surviving whatever it does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..exercises.model import Case, Exercise
from .process import Worker, WorkerStopped
from .submissions import defined_names

CELL_SECONDS = 60.0
PROBE_SECONDS = 20.0


class Session:
    """A submission's cells, run in a worker; a new worker takes over where one was stopped."""

    def __init__(
        self,
        cells: Sequence[str],
        staged: Path,
        *,
        cell_seconds: float = CELL_SECONDS,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        """Prepare; nothing runs before the first observation."""
        self._cells, self._staged = cells, staged
        self._cell_seconds, self._probe_seconds = cell_seconds, probe_seconds
        self._stopped_by: set[int] = set()  # cells that hang or kill the process: not run again
        self.broken: dict[int, str] = {}  # cells that failed, and why
        self._worker: Worker | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._worker is not None:
            self._worker.close()

    def observe(self, exercise: Exercise, cases: Sequence[Case]) -> list[dict[str, Any]]:
        """Observe one exercise on every case, within a time limit for each."""
        observations = []
        for case in cases:
            request = {
                "do": "observe",
                "probe": exercise.probe,
                "name": exercise.name,
                "args": dict(case.args),
                "after": dict(case.after),
            }
            try:
                seen = self._ready().ask(request, self._probe_seconds)
            except WorkerStopped as reason:
                self._worker = None
                stopped = {"status": "stopped", "message": str(reason)}
                # what stopped it once may do so again: the other cases are not tried
                return [*observations, *[stopped] * (len(cases) - len(observations))]
            observations.append(self._explained(exercise.name, seen))
        return observations

    def _ready(self) -> Worker:
        """Return a worker that has run the cells, starting one where there is none."""
        while self._worker is None:
            worker = Worker(self._staged)
            for number, source in enumerate(self._cells):
                if number in self._stopped_by:
                    continue
                try:
                    outcome = worker.ask({"do": "run", "source": source}, self._cell_seconds)
                except WorkerStopped as reason:
                    self._stopped_by.add(number)
                    self.broken[number] = str(reason)
                    break  # a fresh worker runs the rest without this cell
                if not outcome.get("ok"):
                    self.broken[number] = str(outcome.get("message", "it failed"))
            else:
                self._worker = worker
        return self._worker

    def _explained(self, name: str, seen: dict[str, Any]) -> dict[str, Any]:
        """Say so where a function is missing because the cell that defines it failed."""
        if seen.get("status") == "missing":
            for number, message in self.broken.items():
                if name in defined_names(self._cells[number]):
                    return {"status": "broken cell", "message": message}
        return seen
