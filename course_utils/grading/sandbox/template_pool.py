"""Keep the processes that workers are forked from: one of a kind, started when first needed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from ...judging.model import Assignment
from .inside import scratch_folders
from .limits import Limits
from .stage import staged_folder
from .template_handle import NUMPY, TENSORFLOW, Template, environment
from .unconfined import Plain, PlainTemplate
from .worker_handle import Held, WorkerStopped


class Templates:
    """The templates of one run, and the folder they were staged in."""

    def __init__(self, limits: Limits, left_out: Sequence[Path]) -> None:
        """Start nothing yet; workers cannot read `left_out`."""
        self._limits, self._left_out = limits, left_out
        self._made: dict[str, Template | PlainTemplate] = {}
        self._staged: Path | None = None
        self._in_use: BinaryIO | None = None

    def kind(self, found: Assignment) -> str:
        """Return the kind of worker that an assignment needs."""
        if all(exercise.probe == "call" for exercise in found.exercises):
            return NUMPY
        return TENSORFLOW

    def spawn(self, kind: str) -> Held | Plain:
        """Return a new worker; a template that has ended is started again, once.

        Raises WorkerStopped.
        """
        try:
            return self.start(kind).spawn()
        except WorkerStopped:
            self._made.pop(kind).close()
            return self.start(kind).spawn()

    def start(self, kind: str) -> Template | PlainTemplate:
        """Return a template; it gets ready while the caller does something else."""
        if kind not in self._made:
            if self._staged is None:
                self._staged, self._in_use = staged_folder()
            if hasattr(os, "fork"):
                made = Template(self._staged, self._limits, kind=kind, left_out=self._left_out)
            else:
                made = PlainTemplate(self._staged, environment)
            self._made[kind] = made
        return self._made[kind]

    def close(self) -> None:
        """End the processes and delete their folder."""
        for template in self._made.values():
            template.close()
        self._made.clear()
        if self._staged is not None:
            scratch_folders.remove(self._staged)
            self._in_use.close()
            self._staged = None
