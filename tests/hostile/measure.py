"""What processes and folders use, as Linux tells it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

sys.setrecursionlimit(20_000)  # os.walk recurses, and a case nests thousands of folders


def processes() -> dict[int, int]:
    """Return the parent of each process that is to be seen."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, IndexError, ValueError):
            found[int(name)] = int(_fields(int(name))[1])
    return found


def descendants(pid: int) -> list[int]:
    """List the processes below one."""
    below: dict[int, list[int]] = {}
    for child, parent in processes().items():
        below.setdefault(parent, []).append(child)
    found, todo = [], [pid]
    while todo:
        children = below.get(todo.pop(), [])
        found += children
        todo += children
    return found


def words(pid: int) -> str:
    """Return a living process's command line, "" for one that only waits to be collected."""
    with contextlib.suppress(OSError):
        said = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
        return said.decode("utf-8", "replace")
    return ""


def memory(pids: Iterable[int]) -> int:
    """Return the bytes of memory of processes; what they share is divided among those who do."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, StopIteration, ValueError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return total * 1024


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the time that processes and their ended children have worked.

    Time on the clock says little on a machine that others use too.
    """
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError, IndexError, ValueError):
            ticks += sum(int(value) for value in _fields(pid)[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def size(folder: Path) -> int:
    """Return the bytes that the files below a folder take on the disk."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_blocks * 512
    return total


def _fields(pid: int) -> list[str]:
    """Return what stands behind a process's name in its `stat`: state, parent, ..."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
