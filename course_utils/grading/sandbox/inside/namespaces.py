"""Fork a process whose processes, mounts, network and IPC are its own.

A namespace takes away by absence: a process that is the first of its PID namespace sees no other
process, so it can signal none; in a new network namespace there is not even loopback. The private
root (see `private_root`) needs a mount namespace. All of them need a privilege, and a user
namespace grants it to anyone: inside, a process has every capability, over what is inside.

That last point is also the danger, since it opens parts of the kernel that only root reached
before. So a worker may make no further user namespaces, and drops its capabilities (see
`privileges`) before its first line runs. Sources: namespaces(7), user_namespaces(7).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

from .kernel import check, libc, libc_without_switching, syscall

_NEWUSER, _NEWNS, _NEWPID, _NEWNET, _NEWIPC = 0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000
_SETTID, _CLEARTID = 0x1000000, 0x200000  # of the child
_GET_TID_ADDRESS = 40

_UNUSED_IDS = 2_000_000_000  # where the grader runs as root: no system gives out ids up here
INSIDE = 1  # what such an id is called in a user namespace


def fork() -> int:
    """Fork as `os.fork` does, without what Python does in a child that may have lost threads.

    Only for processes with one thread. It spares the child copies of 200 pages, and functions that
    a submission has registered (`os.register_at_fork`) do not run.
    """
    if sys.platform != "linux":
        return os.fork()
    return check(libc_without_switching().fork(), "fork")


def fork_into_namespaces() -> int:
    """Fork a child into user, mount, PID, network and IPC namespaces; OSError if not allowed.

    Its ids are not mapped yet (see `map_ids`). It is the first process of its PID namespace, and
    when it dies everything in there does. As with `fork`, only for processes with one thread: where
    another waits for Python's lock, the child would wait for that one for ever.
    """
    flags = _NEWUSER | _NEWNS | _NEWPID | _NEWNET | _NEWIPC | signal.SIGCHLD
    # where the C library notes which thread this is: it has other numbers in the child
    place = ctypes.c_void_p()
    if libc().prctl(_GET_TID_ADDRESS, ctypes.byref(place), 0, 0, 0) == 0 and place.value:
        flags |= _SETTID | _CLEARTID
    # stack, parent's place, then the child's and thread storage: machines differ in their order
    return syscall("clone", flags, None, None, place, place, library=libc_without_switching())


def unused_id() -> int:
    """Return a user's id that owns nothing and that no other template's workers have.

    There may be a bound on ids, in a container for one: then it is one of the highest.
    """
    candidate = _UNUSED_IDS + os.getpid()
    with contextlib.suppress(OSError, ValueError, IndexError):
        first, _, count = map(int, Path("/proc/self/uid_map").read_text().splitlines()[-1].split())
        if candidate >= first + count:
            return first + count - 1 - os.getpid() % max(1, count // 2)
    return candidate


def map_ids(pid: int, user: int) -> None:
    """Give a child in namespaces its ids, from outside; OSError if not allowed.

    Root stays root on files that only root may open (an interpreter below /root, say), but what
    is left to a submission after `drop_privileges` is `user`, who may only read them.
    """
    root = os.geteuid() == 0
    Path(f"/proc/{pid}/setgroups").write_text("deny" if not root else "allow")
    for kind, own in (("uid", os.geteuid()), ("gid", os.getegid())):
        mapped = f"0 0 1\n{INSIDE} {user} 1\n" if root else f"{own} {own} 1\n"
        Path(f"/proc/{pid}/{kind}_map").write_text(mapped)


def no_further_namespaces() -> None:
    """Forbid user namespaces below this one."""
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
