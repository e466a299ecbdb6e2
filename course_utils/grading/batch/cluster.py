"""Grade on the workers of a Dask cluster the instructor names."""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

from ..core.engine import Run
from ..core.grade import Grade
from ..sandbox.limits import Limits
from .run import Settings, Task, grade_task, not_run

AHEAD = 4  # tasks waiting, for each thread of the cluster
MOST_WAITING_MB = 512  # of notebooks in all of them
RETRIES = 3

_here = threading.local()


class ClusterError(RuntimeError):
    """The cluster cannot be used; the message says why."""


class Cluster:
    """Grades on a cluster; a worker that dies costs a second try elsewhere, not a grade."""

    def __init__(self, settings: Settings, address: str) -> None:
        """Connect to the scheduler at `address` (tcp://host:port); raises ClusterError."""
        try:
            from distributed import Client
        except ImportError:
            raise ClusterError(
                'Dask is not installed: pip install "sequence-models-course[cluster]"'
            ) from None
        self._settings = settings
        try:
            self._client = Client(address, timeout="10s")
        except (OSError, ValueError, TimeoutError) as error:
            raise ClusterError(f"no scheduler answers at {address} ({error})") from None
        if settings.require_isolation:
            self._check_isolation()

    def _check_isolation(self) -> None:
        """Ask each worker's machine; those that join later answer for themselves."""
        asked = self._client.run(lacking, self._settings.limits)
        refused = {address: lacks for address, lacks in asked.items() if lacks}
        if refused:
            self._client.close()
            address, lacks = next(iter(refused.items()))
            raise ClusterError(
                f"{len(refused)} of {len(asked)} workers cannot confine what they would run. "
                f"{address} lacks {lacks}"
            )

    def map(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Grade]]:
        """Yield every task with its grade, as they come."""
        from distributed import as_completed

        waiting = as_completed()
        given: dict[str, Task] = {}
        aside: list[Task] = []  # what was on workers that died
        try:
            for task in tasks:
                self._submit(task, waiting, given)
                while len(given) >= self._ahead() or _size_mb(given) > MOST_WAITING_MB:
                    yield from self._next(waiting, given, aside)
            while given:
                yield from self._next(waiting, given, aside)
            while aside:  # one by one, so that none dies of another
                self._submit(aside.pop(), waiting, given)
                yield from self._next(waiting, given, None)
        finally:
            self._client.close()

    def _ahead(self) -> int:
        return max(AHEAD, AHEAD * sum(self._client.nthreads().values()))

    def _submit(self, task: Task, waiting: Any, given: dict[str, Task]) -> None:
        key = f"grade-{task.key}-{secrets.token_hex(8)}"
        future = self._client.submit(
            grade_here, self._settings, task, key=key, retries=RETRIES, pure=False
        )
        given[key] = task
        waiting.add(future)

    def _next(
        self, waiting: Any, given: dict[str, Task], aside: list[Task] | None
    ) -> Iterator[tuple[Task, Grade]]:
        """Wait for a task and yield it with its grade, or put it aside for another try."""
        future = next(waiting)
        task = given.pop(future.key)
        error = future.exception()
        if error is None:
            yield task, future.result()
        elif aside is not None:
            aside.append(task)
        else:
            yield task, not_run(task, f"the cluster gave it up ({type(error).__name__})")


def _size_mb(given: dict[str, Task]) -> float:
    return sum(len(task.content) for task in given.values()) / 2**20


@cache
def lacking(limits: Limits) -> str:
    """Return what this machine lacks for full isolation, "" if nothing.

    It is tried in a new process: one of a cluster has threads, and must not be forked.
    """
    code = (
        "from course_utils.grading.sandbox.isolation import isolation\n"
        "from course_utils.grading.sandbox.limits import Limits\n"
        f"held = isolation({limits!r})\n"
        "print('' if held.full else '; '.join(held.missing))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "a Python that can be started"


def grade_here(settings: Settings, task: Task) -> Grade:
    """Grade one task on a cluster's worker, which keeps its run for the next task."""
    if settings.require_isolation and (lacks := lacking(settings.limits)):
        return not_run(task, f"{socket.gethostname()} cannot confine it. It lacks {lacks}")
    run: Run | None = getattr(_here, "run", None)
    if run is None or _here.settings != settings:
        if run is not None:
            run.close()
        _here.run, _here.settings = settings.run(), settings
    return grade_task(_here.run, task)
