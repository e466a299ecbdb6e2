"""Say what a system is that can be trained at full length, and what its run is given."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class System:
    """One row of the table.

    name: of its record and its checkpoints; stem: the notebook; answers: its exercises that `run`
    uses, so that a changed answer is trained anew; needs: the file it reads from outside.
    """

    name: str
    title: str
    stem: str
    published: str
    data: str
    run: Callable[[Job], dict[str, Any]]
    answers: tuple[str, ...] = ()
    needs: str | None = None


@dataclass
class Job:
    """What a run is given.

    seed: for everything that is drawn. folder: its own, kept until the run is over; what it leaves
    there after each epoch it finds again if it was stopped. files: paths by the name in `needs`.
    answer: exercise -> its function from the answer key.
    """

    seed: int
    folder: Path
    files: Mapping[str, Path]
    answer: Callable[[str], Any]
    report: Callable[[int, int, str], None]
    _started: float = field(default_factory=time.perf_counter)

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Say how far the run is, and keep the time it has taken so far."""
        self._spent_file.write_text(json.dumps(self.seconds))
        # what is counted from here on comes on top of what is in the file
        self._started = time.perf_counter()
        self.report(done, total, note)

    @property
    def seconds(self) -> float:
        """Return the seconds the run has taken, over all its starts."""
        before = json.loads(self._spent_file.read_text()) if self._spent_file.exists() else 0.0
        return before + time.perf_counter() - self._started

    @property
    def _spent_file(self) -> Path:
        return self.folder / "seconds.json"

    def callbacks(self, epochs: int) -> list:
        """Return Keras callbacks: progress by epoch, and going on where a run was stopped."""
        import keras

        def ended(epoch: int, logs: Mapping[str, float]) -> None:
            note = ", ".join(f"{name} {value:.3f}" for name, value in logs.items())
            self.progress(epoch + 1, epochs, note)

        return [
            _keep_history(self.folder / "history.json"),
            keras.callbacks.BackupAndRestore(self.folder / "backup"),
            keras.callbacks.LambdaCallback(on_epoch_end=ended),
        ]

    def history(self) -> dict[str, list[float]]:
        """Return the history of all epochs, those before a stop too."""
        rows = json.loads((self.folder / "history.json").read_text())
        return {key: [row[key] for row in rows.values()] for key in rows["0"]}


def _keep_history(path: Path):
    """Return a callback that keeps each epoch's logs in a file; Keras keeps one start's only."""
    import keras

    rows = json.loads(path.read_text()) if path.exists() else {}

    def keep(epoch: int, logs: Mapping[str, float]) -> None:
        rows[str(epoch)] = {name: round(float(value), 5) for name, value in logs.items()}
        path.write_text(json.dumps(rows))

    return keras.callbacks.LambdaCallback(on_epoch_end=keep)
