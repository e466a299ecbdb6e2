"""Watch over one submission from outside its confinement, and leave nothing of it behind.

The template does this (see `template_main`) until the control socket closes, because the grader is
done or because it was killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from pathlib import Path
from typing import Any

from . import resources

LOOK_EVERY = 0.1  # seconds
# An answer computes in one thread. A submission with more than these, in two looks a second apart,
# is kept on one core, so that it does not use up the time of those that run beside it.
MOST_RUNNABLE = 3


def watch(child: int, control: int, task: dict[str, Any], *, alone: bool) -> None:
    """Wait until `control` closes or the submission takes too much; then end `child` and all else.

    `alone` says whether the child has namespaces of its own.

    Whatever descends from this process must be the submission's (see `adopt_orphans`).
    """
    # its end is what tells the grader that nothing is left: it must stay open until then
    with socket.socket(fileno=control) as grader:
        try:
            reason = _wait(grader, task, child if alone else None)
            if reason:
                with contextlib.suppress(OSError):
                    grader.sendall(json.dumps({"stopped": reason}).encode() + b"\n")
        finally:
            end_all(child)
            for left in Path(
                task["scratch"]
            ).iterdir():  # where the worker had no file system of its own
                resources.remove(left)


def _wait(control: socket.socket, task: dict[str, Any], alone: int | None) -> str:
    """Return why the submission must end, or "" once the grader is done with it."""
    scratch, socket_mb = Path(task["scratch"]), resources.most_mb_of_a_socket()
    crowded, next_count = False, time.monotonic() + 1
    room = task["memory_mb"] + task["baseline"]
    while True:
        readable, _, _ = select.select([control], [], [], LOOK_EVERY)
        if readable:
            return ""
        family = resources.descendants(os.getpid())
        if time.monotonic() > next_count:
            was_crowded, crowded = crowded, resources.runnable(family) > MOST_RUNNABLE
            if crowded and was_crowded:
                resources.keep_on_one_core(family)
            next_count = time.monotonic() + 1
        held = resources.held_mb(family, room, task["user"]) - task["baseline"]
        if alone is not None:
            held += resources.sockets(alone) * socket_mb
        if held > task["memory_mb"]:
            return f"used more than {task['memory_mb']} MB of memory"
        if len(family) > 2 * task["processes"]:
            return f"started more than {2 * task['processes']} processes"
        written = resources.folder_mb(scratch)
        if alone is None:
            written += resources.nameless_mb(family, scratch, task["user"])
        if written > task["disk_mb"]:
            return f"wrote more than {task['disk_mb']} MB"


def end_all(child: int) -> None:
    """Kill every descendant and wait until none is left.

    The child is the first process of its PID namespace where it has one: the kernel then ends the
    others with it. Where it has none, those that detached themselves are our children by now.
    """
    gone: set[int] = set()
    while True:
        for pid in {child, *resources.descendants(os.getpid())} - gone:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            gone.add(os.waitpid(-1, 0)[0])  # its number may be another process's from here on
        except ChildProcessError:
            return
