"""Run a submission's worker in a process of its own, where no confined one can be forked.

For systems without `fork` (Windows): slower, since each process imports everything anew, and not
confined. Everything else is as with `held.Held`.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from .inside import wire
from .worker_handle import ENDED, START_SECONDS, WorkerStopped, as_message, malformed, too_slow


class PlainTemplate:
    """Stands in for `warm.Template`: nothing is imported ahead."""

    def __init__(self, staged: Path, environment: Callable[[Path, str], dict[str, str]]) -> None:
        """Remember what a worker is started with."""
        self._staged, self._environment = staged, environment

    def spawn(self) -> Plain:
        """Return a new worker; raises WorkerStopped."""
        return Plain(self._staged, self._environment)

    def close(self) -> None:
        """Do nothing: workers are closed one by one."""


class Plain:
    """One process for one submission, in a scratch folder of its own, on a staged tree."""

    confinement, forks, fresh = "none", False, True

    def __init__(self, staged: Path, environment: Callable[[Path, str], dict[str, str]]) -> None:
        """Start the process; raises WorkerStopped if it does not come up."""
        self._scratch = tempfile.TemporaryDirectory(
            prefix="submission-", ignore_cleanup_errors=True
        )
        self.alive = True
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-P", "-m", "course_utils.grading.sandbox.inside.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._scratch.name,
            env=environment(staged, self._scratch.name),
            start_new_session=True,
        )
        self._answer(None, START_SECONDS)

    def run(self, cells: Sequence[str], seconds: Callable[[], float]) -> Iterator[dict[str, Any]]:
        """Run cells, and yield what became of each within `seconds()`; raises WorkerStopped."""
        for cell in cells:
            yield self._answer(wire.encode({"do": "run", "cells": [cell]}), seconds())

    def observe(
        self,
        request: bytes,
        count: int,
        seconds: Callable[[], float],
        *,
        anew: bool,
        reply: Callable[[bytes], bytes | None] | None = None,
    ) -> tuple[list[bytes], str]:
        """Return the observations that came, of `count`, and why there are no more, or ""."""
        seen: list[bytes] = []
        said: bytes | None = request
        try:
            while len(seen) < count:
                payload = self._frame(said, seconds())
                said = reply(payload) if reply else None
                if said is None:
                    seen.append(payload)
        except WorkerStopped as stopped:
            self.close()
            return seen, str(stopped)
        return seen, ""

    def _answer(self, request: bytes | None, seconds: float) -> dict[str, Any]:
        try:
            return as_message(self._frame(request, seconds))
        except WorkerStopped:
            self.close()
            raise

    def _frame(self, request: bytes | None, seconds: float) -> bytes:
        """Send a request, if there is one, and read one message."""
        box: list[bytes | Exception] = []

        def work() -> None:
            try:
                if request is not None:
                    self._process.stdin.write(wire.frame(request))
                    self._process.stdin.flush()
                box.append(wire.read_frame(partial(wire.exactly, self._process.stdout.read)))
            except (OSError, EOFError, ValueError) as error:
                box.append(error)

        # A thread rather than select: it bounds the write too, and works on every platform.
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(seconds)
        if not box:
            raise WorkerStopped(too_slow(seconds))
        if isinstance(box[0], wire.WireError):
            raise WorkerStopped(malformed())
        if isinstance(box[0], Exception):
            raise WorkerStopped(ENDED)
        return box[0]

    def close(self) -> None:
        """End the process and delete the scratch folder."""
        if not self.alive:
            return
        self.alive = False
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        self._scratch.cleanup()
