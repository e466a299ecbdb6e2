"""Bound what a submission takes, and measure it: memory, processes, disk.

The kernel's limits hold for each process (memory, open files, the size of a file) or for all of a
user's (the number of processes). None holds for a submission as a whole, so the template looks at
all of it ten times a second (see `warden`), with the functions below.

A memory cgroup would do that without looking, but it is seldom to be had: an ordinary user owns no
cgroup unless a desktop's systemd started the terminal, containers mount them read-only, and
elsewhere the controller still belongs to version 1. What it would save was measured: 16 processes
that only write to memory took 0.27 GB between two looks, on two cores that others used, too. If a
machine runs out of memory all the same, the kernel ends workers first (see `end_first`), and what
becomes of a worker then is nobody's fault (see `ended_for_memory`).
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from .kernel import libc

MEGABYTE = 2**20
_PAGE_MB = resource.getpagesize() / MEGABYTE
_BLOCK = 512  # bytes, in which `stat` counts


# Bounds


def limit(*, memory_mb: int, file_mb: int, processes: int, seconds: float) -> None:
    """Set resource limits; `memory_mb` of address space comes on top of what is in use."""
    wanted = {
        "RLIMIT_AS": _address_space() + memory_mb * MEGABYTE,
        "RLIMIT_FSIZE": file_mb * MEGABYTE,
        "RLIMIT_NPROC": processes,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_CPU": int(seconds) + 1,
        # not 0: a program that core_pattern names would take cores in all the same, see core(5)
        "RLIMIT_CORE": 1,
        "RLIMIT_MEMLOCK": MEGABYTE,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_SIGPENDING": 1_000,  # timers, too: all programs of a user share them
    }
    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None or (name == "RLIMIT_AS" and sys.platform == "darwin"):
            continue
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            value = min(value, ceiling)
        resource.setrlimit(kind, (value, value))


def tasks_of_user() -> int:
    """Count the processes and threads this process's user has; 0 for root.

    A limit on processes counts them all, unless a namespace keeps them apart.
    """
    user, found = os.geteuid(), 0
    for place in Path("/proc").glob("[0-9]*/status") if user else ():
        with contextlib.suppress(OSError, ValueError, KeyError):
            lines = (line.split(":", 1) for line in place.read_text().splitlines())
            status = {name: rest.split() for name, rest in lines}
            if int(status["Uid"][0]) == user:
                found += int(status["Threads"][0])
    return found


def end_first() -> None:
    """Have the kernel end this process and its children first where it runs out of memory."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _address_space() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()


# Processes and memory


def descendants(pid: int) -> list[int]:
    """List the processes below `pid`, where /proc tells."""
    found: list[int] = []
    waiting = [pid]
    while waiting and len(found) <= 10_000:
        below = _children(waiting.pop())
        found += below
        waiting += below
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError, ValueError):
                text = Path(f"/proc/{pid}/task/{thread}/children").read_text()
                found += map(int, text.split())
    return found


def orphans() -> list[int]:
    """List the children of this process that are confined, as it is not itself.

    Nobody can take that mark off: what a killed template has left is known by it.
    """
    own = _confined(os.getpid())
    below = _children(os.getpid())
    return [pid for pid in below if _confined(pid) > own]


def _confined(pid: int) -> int:
    """Count what shows that a process is confined: a promise to gain nothing, and filters."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    shown = ("NoNewPrivs", "Seccomp_filters")
    return sum(int(line.split()[1]) for line in lines if line.startswith(shown))


def ended_for_memory() -> int:
    """Count the processes that the kernel has ended because there was no memory, 0 if not told."""
    with contextlib.suppress(OSError, LookupError, ValueError):
        text = Path("/proc/vmstat").read_text()
        return int(text.partition("oom_kill ")[2].split()[0])
    return 0


def runnable(pids: Iterable[int]) -> int:
    """Count the threads of processes that compute, or would if there were a core for them."""
    found = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                text = Path(f"/proc/{pid}/task/{thread}/stat").read_text()
                found += text.rpartition(") ")[2].startswith("R")
    return found


def keep_on_one_core(pids: Iterable[int]) -> None:
    """Leave the other cores to others: children and threads of these processes inherit it."""
    if sys.platform != "linux":
        return
    cores = sorted(os.sched_getaffinity(0))
    core = {cores[os.getpid() % len(cores)]}
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended, or a container's root may not
            for thread in os.listdir(f"/proc/{pid}/task"):
                os.sched_setaffinity(int(thread), core)


def resident_mb(pid: int | str = "self") -> float:
    """Return the memory a process has in use, in MB; 0 where that cannot be told."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MB
    except (OSError, ValueError, IndexError):
        return 0.0


def held_mb(pids: Iterable[int], room: float, user: int) -> float:
    """Return the memory that processes have in use together, in MB.

    What they share counts for each of them, which is quick to ask; where that exceeds `room`, it is
    divided among those who share it. `user` is who runs them if this process is root.
    """
    each = {pid: resident_mb(pid) for pid in pids}
    if sum(each.values()) > room:
        with _acting_as(user):
            return sum(_share_mb(pid, most) for pid, most in each.items())
    return sum(each.values())


def _share_mb(pid: int, most: float) -> float:
    """Return a process's share of memory, in MB, or `most` where that cannot be told."""
    with contextlib.suppress(OSError, LookupError, ValueError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(text.partition("\nPss:")[2].split()[0]) / 1024
    return most


def sockets(pid: int) -> int:
    """Count the sockets in a process's network namespace; 0 where that cannot be told.

    What is sent and not yet received is memory of the kernel, which no limit counts.
    """
    try:
        return int(Path(f"/proc/{pid}/net/sockstat").read_text().split()[2])  # "sockets: used 3"
    except (OSError, ValueError, IndexError):
        return 0


def most_mb_of_a_socket() -> float:
    """Return the MB that one socket may hold: the kernel doubles what it is asked for."""
    try:
        return 2 * int(Path("/proc/sys/net/core/wmem_max").read_text()) / MEGABYTE
    except (OSError, ValueError):
        return 0.5


# Disk


def folder_mb(folder: Path) -> float:
    """Return what a folder takes on the disk, in MB: even an empty entry takes a block."""
    total, waiting = 0, [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    with contextlib.suppress(FileNotFoundError):
                        total += max(4096, entry.stat(follow_symlinks=False).st_blocks * _BLOCK)
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
        except OSError as error:
            # nested too deeply to be counted, or shut against being looked at
            if error.errno in (errno.ENAMETOOLONG, errno.EACCES):
                return math.inf
    return total / MEGABYTE


def nameless_mb(pids: Iterable[int], scratch: Path, user: int) -> float:
    """Return what files below `scratch` take, in MB, that are in use but have no name any more.

    `user` is who runs these processes if this one is root. A file that is mapped, but not held
    open, has a size that cannot be told: no library does that, so it counts as too much. The same
    goes for a process that cannot be looked into, since it runs a program that cannot be read.
    """
    sizes: dict[int, int] = {}  # by inode
    mapped: set[int] = set()
    with _acting_as(user):
        for pid in pids:
            try:
                sizes |= _held_open(pid)
                mapped |= _mapped(pid, f"{scratch}/")
            except PermissionError:
                if resident_mb(pid):  # else it has ended
                    return math.inf
            except OSError:  # it is gone
                continue
    return sum(sizes.values()) / MEGABYTE if mapped <= sizes.keys() else math.inf


def _held_open(pid: int) -> dict[int, int]:
    """Return the bytes on the disk of each nameless file that a process holds open."""
    sizes = {}
    with os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                held = entry.stat()
                if stat.S_ISREG(held.st_mode) and held.st_nlink == 0:
                    sizes[held.st_ino] = held.st_blocks * _BLOCK
    return sizes


def _mapped(pid: int, below: str) -> set[int]:
    """Return the inodes of the nameless files below a folder that a process has mapped."""
    found = set()
    with open(f"/proc/{pid}/maps", errors="replace") as lines:
        for line in lines:
            *_, inode, path = f"{line} ".split(maxsplit=5) if below in line else (0, "")
            if path.rstrip().endswith(" (deleted)"):
                found.add(int(inode))
    return found


@contextlib.contextmanager
def _acting_as(user: int) -> Iterator[None]:
    """Look at processes as their own user does: root may lack the right to, in a container."""
    if os.geteuid() != 0:
        yield
        return
    libc().setfsgid(user)
    libc().setfsuid(user)
    try:
        yield
    finally:
        libc().setfsuid(0)
        libc().setfsgid(0)


def remove(folder: str | Path) -> None:
    """Delete a folder, however deep it is and whatever modes a submission gave what is in it."""
    # not by shutil: it calls itself for each level, and Python bounds that
    for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
        subprocess.run([*command, "--", folder], stderr=subprocess.DEVNULL, check=False)
