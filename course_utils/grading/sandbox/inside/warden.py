"""Watch over one submission from outside its confinement, and leave nothing of it behind.

The template does this (see `template`), until the control socket closes: be it because the grader
is done or because it was killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
from pathlib import Path
from typing import Any

from . import privileges, scratch_folders

LOOK_EVERY = 0.1  # seconds
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / privileges.MEGABYTE if hasattr(os, "sysconf") else 0


def watch(child: int, control: int, task: dict[str, Any], *, alone: bool) -> None:
    """Wait until `control` closes or the submission takes too much; then end `child` and all else.

    `alone` says whether the child has namespaces of its own.

    Whatever descends from this process must be the submission's (see `confine.adopt_orphans`).
    """
    scratch = Path(task["scratch"])
    # its end is what tells the grader that nothing is left: it must stay open until then
    with socket.socket(fileno=control) as grader:
        try:
            _stand_by(grader, task, scratch, child if alone else None)
        finally:
            _end_all(child)
            for left in scratch.iterdir():  # where the worker had no file system of its own
                scratch_folders.remove(left)


def _stand_by(
    control: socket.socket, task: dict[str, Any], scratch: Path, alone: int | None
) -> None:
    socket_mb = _most_of_a_socket()
    while True:
        readable, _, _ = select.select([control], [], [], LOOK_EVERY)
        if readable:
            return
        family = descendants(os.getpid())
        extra = sum(max(0, resident(pid) - task["baseline"]) for pid in family)
        if alone is not None:
            extra += sockets(alone) * socket_mb
        if extra > task["memory_mb"]:
            reason = f"used more than {task['memory_mb']} MB of memory"
        elif len(family) > 2 * task["processes"]:
            reason = f"started more than {2 * task['processes']} processes"
        elif scratch_folders.size_mb(scratch) > task["disk_mb"]:
            reason = f"wrote more than {task['disk_mb']} MB"
        else:
            continue
        with contextlib.suppress(OSError):
            control.sendall(json.dumps({"stopped": reason}).encode() + b"\n")
        return


def _end_all(child: int) -> None:
    """Kill every descendant and wait until none is left.

    The child is the first process of its PID namespace where it has one: the kernel then ends the
    others with it. Where it has none, those that detached themselves are our children by now.
    """
    gone: set[int] = set()
    while True:
        for pid in {child, *descendants(os.getpid())} - gone:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            gone.add(os.waitpid(-1, 0)[0])  # its number may be another process's from here on
        except ChildProcessError:
            return


def descendants(pid: int) -> list[int]:
    """List the processes below `pid`, where /proc tells."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for place in _task_folders(waiting.pop()):
            with contextlib.suppress(OSError, ValueError):
                below = [int(word) for word in (place / "children").read_text().split()]
                found += below
                waiting += below
        if len(found) > 10_000:
            break
    return found


def _task_folders(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def resident(pid: int | str = "self") -> float:
    """Return the memory a process has in use, in MB; 0 where that cannot be told."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MB
    except (OSError, ValueError, IndexError):
        return 0.0


def sockets(pid: int) -> int:
    """Count the sockets in a process's network namespace; 0 where that cannot be told.

    What is sent and not yet received is memory of the kernel, which no limit counts.
    """
    try:
        return int(Path(f"/proc/{pid}/net/sockstat").read_text().split()[2])  # "sockets: used 3"
    except (OSError, ValueError, IndexError):
        return 0


def _most_of_a_socket() -> float:
    """Return the MB that one socket may hold: the kernel doubles what it is asked for."""
    try:
        return 2 * int(Path("/proc/sys/net/core/wmem_max").read_text()) / privileges.MEGABYTE
    except (OSError, ValueError):
        return 0.5
