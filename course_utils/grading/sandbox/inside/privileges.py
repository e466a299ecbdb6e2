"""Give up what a submission must not have: privileges, other processes, the network, resources.

Linux, without any privilege of one's own to begin with: user namespaces grant what the others
need. Each step tells whether it was possible; nothing here stops a run where it was not.
Sources: namespaces(7), user_namespaces(7), capabilities(7), prctl(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import signal
import struct
import sys
from functools import cache
from pathlib import Path

_NEWUSER, _NEWNS, _NEWPID, _NEWNET, _NEWIPC = 0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000
_SETTID, _CLEARTID = 0x1000000, 0x200000  # of the child
_SET_DEATH_SIGNAL, _SET_DUMPABLE, _SET_KEEPCAPS = 1, 4, 8
_SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS, _GET_TID_ADDRESS = 36, 38, 40
_DAC_READ_SEARCH = 1 << 2
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CAPABILITY_VERSION_3 = 0x20080522

_UNUSED_IDS = 2_000_000_000  # where the grader runs as root: no system gives out ids up here
_INSIDE = 1  # what such an id is called in a user namespace

MEGABYTE = 2**20


def fork_into_namespaces() -> int:
    """Fork a child into user, mount, PID, network and IPC namespaces; OSError if not allowed.

    Its ids are not mapped yet (see `map_ids`). It is the first process of its PID namespace, and
    when it dies everything in there does. As with `fork`, only for processes with one thread: where
    another waits for Python's lock, the child would wait for that one for ever.
    """
    number = _CLONE.get(os.uname().machine) if sys.platform == "linux" else None
    if number is None:
        raise OSError(errno.ENOSYS, "there is no clone to make namespaces with")
    flags = _NEWUSER | _NEWNS | _NEWPID | _NEWNET | _NEWIPC | signal.SIGCHLD
    # where the C library notes which thread this is: it has other numbers in the child
    place = ctypes.c_void_p()
    if libc().prctl(_GET_TID_ADDRESS, ctypes.byref(place), 0, 0, 0) == 0 and place.value:
        flags |= _SETTID | _CLEARTID
    # stack, parent's place, then the child's and thread storage: machines differ in their order
    arguments = (ctypes.c_long(flags), None, None, place, place)
    pid = _python().syscall(ctypes.c_long(number), *arguments)
    if pid < 0:
        raise OSError(ctypes.get_errno(), "clone failed")
    return pid


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
        mapped = f"0 0 1\n{_INSIDE} {user} 1\n" if root else f"{own} {own} 1\n"
        Path(f"/proc/{pid}/{kind}_map").write_text(mapped)


def no_further_namespaces() -> None:
    """Forbid user namespaces below this one."""
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def fork() -> int:
    """Fork as `os.fork` does, without what Python does in a child that may have lost threads.

    Only for processes with one thread. It spares the child copies of 200 pages, and functions that
    a submission has registered (`os.register_at_fork`) do not run.
    """
    if sys.platform != "linux":
        return os.fork()
    pid = _python().fork()
    if pid < 0:
        raise OSError(ctypes.get_errno(), "fork failed")
    return pid


def end_with_parent() -> None:
    """Have this process killed when its parent dies; to be asked after privileges are dropped."""
    if sys.platform == "linux":
        libc().prctl(_SET_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    if sys.platform == "linux":
        libc().prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def no_new_privileges() -> bool:
    """Promise that no program run from here on gains anything by its owner or capabilities."""
    return sys.platform == "linux" and libc().prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0


def drop_privileges(user: int, namespaces: bool) -> None:
    """Keep no capability; root becomes `user`, who may still read root's files, not write them.

    That is for an interpreter which only root can open: what else is readable is decided by the
    private root, or by Landlock.
    """
    system = libc()
    kept = 0
    if os.geteuid() == 0:
        user = _INSIDE if namespaces else user
        system.prctl(_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        kept = _DAC_READ_SEARCH
    number = _CAPSET.get(os.uname().machine)
    if number is None:
        raise OSError(f"capset is not known on {os.uname().machine}")
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    if system.syscall(ctypes.c_long(number), header, struct.pack("=6I", kept, kept, 0, 0, 0, 0)):
        raise OSError(ctypes.get_errno(), "capset failed")
    system.prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def first_to_go() -> None:
    """Have the kernel end this process and its children first where it runs out of memory."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


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
    }
    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None or (name == "RLIMIT_AS" and sys.platform == "darwin"):
            continue
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            value = min(value, ceiling)
        resource.setrlimit(kind, (value, value))


def _address_space() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()


@cache
def _python() -> ctypes.PyDLL:
    return ctypes.PyDLL(None, use_errno=True)  # unlike CDLL, it keeps Python's lock


@cache
def libc() -> ctypes.CDLL:
    """Return the C library, whose functions set ctypes' errno."""
    return ctypes.CDLL(None, use_errno=True)
