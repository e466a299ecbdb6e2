"""Confine this process with Landlock: which files it may touch, no TCP, no signals to others.

A process that needs no privilege for it gives up all access to files but what its rules allow; its
children inherit that, and nobody can undo it. Where there is a private root, this is a second lock
on the same door, in another part of the kernel. Where namespaces are switched off, it is what keeps
files away, and a file of the same user's is then safe from being opened, but not from `chmod`,
which Landlock does not know: that is why such a worker gives up more system calls (see `seccomp`).

Straight to the kernel, because the binding on PyPI (landlock) is a pre-release that knows files
only. Source: Linux, Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .kernel import syscall

_VERSION, _PATH_BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
READ = EXECUTE | READ_FILE | READ_DIR
DEVICE = WRITE_FILE | READ_FILE | IOCTL_DEV
EVERYTHING = (1 << 16) - 1
_FILES_ONLY = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # all a plain file can have

_NOT_LOGGED = 0b101  # or each refusal could fill the machine's log: here, and in what it confines
# rights that version 1 of the interface knows, and what each later one adds
_FIRST = (1 << 13) - 1
_ADDED = {2: 1 << 13, 3: TRUNCATE, 5: IOCTL_DEV}

Rule = tuple[Path, int]


def version() -> int:
    """Return the version of Landlock this kernel offers, 0 where there is none."""
    with contextlib.suppress(OSError):
        return syscall("landlock_create_ruleset", None, 0, _VERSION)
    return 0


def restrict(rules: Iterable[Rule]) -> int:
    """Give up everything on files but `rules`, TCP, and signals to processes outside.

    A rule is a path and what may be done at and below it; a path that is missing is left out.
    Returns the version used; raises OSError where the kernel refuses, as it does before
    `privileges.gain_none`.
    """
    abi = version()
    handled = _FIRST
    for since, right in _ADDED.items():
        if abi >= since:
            handled |= right
    fields = [handled]
    if abi >= 4:
        fields.append(0b11)  # TCP bind and connect: handled, and no port is allowed
    if abi >= 6:
        fields.append(0b11)  # abstract Unix sockets and signals stay within
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = syscall("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        for path, rights in rules:
            _allow(ruleset, path, rights & handled)
        syscall("landlock_restrict_self", ruleset, _NOT_LOGGED if abi >= 7 else 0)
    finally:
        os.close(ruleset)
    return abi


def _allow(ruleset: int, path: Path, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(place).st_mode):
                rights &= _FILES_ONLY
            rule = struct.pack("=Qi", rights, place)
            syscall("landlock_add_rule", ruleset, _PATH_BENEATH, rule, 0)
        finally:
            os.close(place)


def below_without(root: Path, left_out: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """List what covers `root` but none of `left_out`, as few paths as do.

    Each comes with whether it covers what is below it: Landlock cannot take a folder away from
    one that is allowed, so around a folder left out its neighbours are listed one by one.
    """
    inside = [path for path in left_out if path.is_relative_to(root)]
    if root in inside:
        return
    yield root, not inside
    with contextlib.suppress(OSError):
        for child in root.iterdir() if inside else ():
            if not child.is_symlink():
                yield from below_without(child, inside)
