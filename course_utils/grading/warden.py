"""Stand between the grader and one submission: start it, watch it, and leave nothing of it behind.

Trusted code, in a process of its own outside the submission's confinement. It ends when its control
socket closes, be it because the grader is done or because the grader was killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import tempfile
from pathlib import Path
from typing import Any

from . import confine, worker

LOOK_EVERY = 0.1  # seconds
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / confine.MEGABYTE if hasattr(os, "sysconf") else 0


def watch(channel: int, control: int, task: dict[str, Any], *, namespaces: bool) -> None:
    """Run one submission's worker on `channel` until `control` closes, then end all of it."""
    confine.adopt_orphans()
    mount = Path(task["scratch"])
    private = namespaces and confine.private_folder(mount, task["disk_mb"])
    if namespaces:
        with contextlib.suppress(OSError):
            confine.no_further_namespaces()
    scratch = mount if private else Path(tempfile.mkdtemp(dir=mount))
    if not private and os.geteuid() == 0:
        scratch.chmod(0o777)
    child = confine.fork()
    if child == 0:
        os.close(control)
        worker.start(channel, task | {"scratch": str(scratch)}, namespaces)
        os._exit(0)
    os.close(channel)
    # its end is what tells the grader that nothing is left: it must stay open until then
    with socket.socket(fileno=control) as grader:
        try:
            _stand_by(grader, task, None if private else scratch)
        finally:
            _end_all(child)
            if not private:
                shutil.rmtree(scratch, ignore_errors=True)


def _stand_by(control: socket.socket, task: dict[str, Any], scratch: Path | None) -> None:
    """Wait until the control closes, or the submission takes too much of the machine."""
    while True:
        readable, _, _ = select.select([control], [], [], LOOK_EVERY)
        if readable:
            return
        family = descendants(os.getpid())
        extra = sum(max(0, resident(pid) - task["baseline"]) for pid in family)
        if extra > task["memory_mb"]:
            reason = f"used more than {task['memory_mb']} MB of memory"
        elif len(family) > 2 * task["processes"]:
            reason = f"started more than {2 * task['processes']} processes"
        elif scratch and _size_mb(scratch) > task["disk_mb"]:
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


def _size_mb(folder: Path) -> float:
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_blocks * 512
    return total / confine.MEGABYTE
