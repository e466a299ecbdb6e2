"""Grade on several processes of this machine; one that dies costs a second try, not a grade."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from ...exercises import assignment
from ..core.engine import Run
from ..core.grade import Grade
from .run import Settings, Task, grade_task, not_run

TRIES = 2


@dataclass
class _Grader:
    """A process, the line to it, and what it is working on."""

    process: Any
    line: Connection
    task: Task | None = None
    tries: int = 0


class Processes:
    """Grades on `jobs` processes; each keeps a template of its own to fork workers from."""

    def __init__(self, settings: Settings, jobs: int) -> None:
        """Compute here what is expected of answers: the processes are forked with it."""
        self._settings, self._jobs = settings, jobs
        forks = sys.platform == "linux"
        self._context = multiprocessing.get_context("fork" if forks else "spawn")
        self._shared = settings.run() if forks else None
        if self._shared:
            for stem in settings.expected:
                for exercise in assignment(stem).exercises:
                    self._shared.trial(exercise).expected  # noqa: B018

    def map(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Grade]]:
        """Yield every task with its grade, as they come."""
        graders: list[_Grader] = []
        try:
            for task in tasks:
                # collecting may leave none, where the last ones died
                while len(graders) == self._jobs and all(grader.task for grader in graders):
                    yield from self._collect(graders)
                idle = next((grader for grader in graders if grader.task is None), None)
                if idle:
                    self._give(idle, task)
                else:
                    graders.append(self._start(task))
            while any(grader.task for grader in graders):
                yield from self._collect(graders)
        finally:
            for grader in graders:
                grader.line.close()  # which ends its loop
            for grader in graders:
                grader.process.join(5)
                grader.process.kill()

    def _start(self, task: Task, tries: int = 0) -> _Grader:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(  # type: ignore[attr-defined]  # not in the stubs
            target=_serve, args=(self._shared, self._settings, theirs, ours), daemon=False
        )
        process.start()
        theirs.close()
        grader = _Grader(process, ours)
        self._give(grader, task, tries)
        return grader

    def _give(self, grader: _Grader, task: Task, tries: int = 0) -> None:
        grader.task, grader.tries = task, tries + 1
        with contextlib.suppress(OSError):  # it has died: `_collect` will see
            grader.line.send(task)

    def _collect(self, graders: list[_Grader]) -> Iterator[tuple[Task, Grade]]:
        """Wait for a grader and yield what it has done; start another where one has died."""
        busy: dict[Any, _Grader] = {grader.line: grader for grader in graders if grader.task}
        for line in wait(list(busy)):
            grader = busy[line]
            task = grader.task
            assert task is not None
            try:
                grade = grader.line.recv()
            except (EOFError, OSError):
                graders.remove(grader)
                grader.process.join()
                if grader.tries < TRIES:
                    graders.append(self._start(task, grader.tries))
                else:
                    yield task, not_run(task, f"{TRIES} processes died of it")
            else:
                grader.task = None
                yield task, grade


def _serve(shared: Run | None, settings: Settings, line: Connection, theirs: Connection) -> None:
    """Grade tasks until the other end closes."""
    theirs.close()
    if sys.platform == "linux":
        from ..sandbox.inside.privileges import end_with_parent

        end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process ends the run
    with shared or settings.run() as run:
        with contextlib.suppress(OSError):  # a full disk, say: the grades will tell
            settings.warm(run)
        while True:
            try:
                line.send(grade_task(run, line.recv()))
            except (EOFError, OSError):  # the main process is done, or gone
                return
