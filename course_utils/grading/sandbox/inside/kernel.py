"""Call the kernel where Python's library has no function for it: prctl, and calls by number.

Python 3.11 knows neither namespaces nor mounts, capabilities, Landlock or seccomp. All calls that
the confinement needs go through here, and whatever fails raises OSError, so that the layer which
wanted it counts as missing. Source of the numbers: arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h in Linux.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from typing import Any

_COLUMNS = {"x86_64": 0, "aarch64": 1}  # of each table of numbers
_NUMBERS = {
    "capset": (126, 91),
    "clone": (56, 220),
    "pivot_root": (155, 41),
    # calls as new as these have one number on all machines
    "mount_setattr": (442, 442),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}


@cache
def libc() -> ctypes.CDLL:
    """Return the C library, whose functions set ctypes' errno."""
    return ctypes.CDLL(None, use_errno=True)


@cache
def libc_without_switching() -> ctypes.PyDLL:
    """Return the C library, called without letting another of Python's threads run meanwhile."""
    return ctypes.PyDLL(None, use_errno=True)


def column() -> int:
    """Return this machine's column in tables of numbers; raises OSError where it has none."""
    if sys.platform != "linux" or os.uname().machine not in _COLUMNS:
        raise OSError(errno.ENOSYS, "the numbers of system calls are not known on this machine")
    return _COLUMNS[os.uname().machine]


def syscall(name: str, *arguments: Any, library: ctypes.CDLL | None = None) -> int:
    """Make a system call; raises OSError if the kernel refuses it."""
    number = ctypes.c_long(_NUMBERS[name][column()])
    # as C passes them to a function of any number of arguments
    words = (ctypes.c_long(word) if isinstance(word, int) else word for word in arguments)
    return check((library or libc()).syscall(number, *words), name)


def prctl(option: int, *arguments: Any) -> int:
    """Call prctl; raises OSError if the kernel refuses it, or is not Linux."""
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "there is no prctl")
    return check(libc().prctl(option, *arguments, *[0] * (4 - len(arguments))), "prctl")


def check(result: int, what: str) -> int:
    """Return what a C function returned; raises OSError if that means failure."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result
