"""Give this process a file system that holds what it may read, a /tmp of its own, and no more.

Rules about files (Landlock's, say) speak of opening and creating. They do not speak of everything
that one can do to a path: connect to a socket, change a mode, an owner, a time, an attribute, mount
or look whether it is there. What is *not there* can have none of that done to it. So the worker's
root is an empty file system of its own, to which the interpreter, its packages and the helpers are
bound, each at its usual path; then the old root is taken away.

Everything but /tmp is read-only, whoever owns it; /tmp is memory of bounded size, which is gone
when the last process of the submission is. A folder that must not be seen, but stands in one that
must, has an empty one mounted over it.

Needs a mount namespace with the privileges to mount, which a user namespace gives (see
`namespaces`). Sources: mount_namespaces(7), pivot_root(2), mount_setattr(2).
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .kernel import check, libc, syscall

# where libraries expect to write: all of it is one bounded file system
WRITABLE = "/tmp"
HOME = "/tmp/home"
_LINKS = {"/dev/shm": "/tmp/shm", "/var/tmp": "/tmp", "/dev/fd": "/proc/self/fd"}
# how much may be written is counted in files, too
_FILES = 20_000

_READ_ONLY, _NO_SETUID, _NO_DEVICES, _NO_PROGRAMS = 1, 2, 4, 8  # the same in both interfaces
_REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 32, 4096, 16384, 1 << 18
_AT_EMPTY_PATH, _AT_RECURSIVE, _DETACH = 0x1000, 0x8000, 2


@dataclass
class Plan:
    """What to make below a new root, in order, by paths as the worker will see them."""

    links: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)  # what to do and a path


def plan(readable: Iterable[Path], hidden: Iterable[Path]) -> Plan:
    """Plan a root that shows `readable`, files and folders, but nothing at or below `hidden`.

    A path that is readable and stands below a hidden one is shown all the same. Paths that are
    missing are left out; symbolic links on the way to the others are made again.
    """
    made = Plan(dict(_LINKS))
    shown = {_mirror(Path(path), made.links) for path in readable if os.path.exists(path)}
    masked = {Path(path).resolve() for path in hidden if os.path.exists(path)}
    depth = sorted(shown | masked, key=lambda path: len(path.parts))
    for path in depth:
        # the deepest decision above this path says whether it can be seen already
        above = [each for each in depth if each != path and path.is_relative_to(each)]
        visible = bool(above) and above[-1] not in masked
        if path in masked:
            if visible:
                made.steps.append(("hide", str(path)))
        elif not visible:
            made.steps.append(("show", str(path)))
    return made


def _mirror(path: Path, links: dict[str, str]) -> Path:
    """Return where a path really leads; note the symbolic links on the way."""
    place = Path("/")
    for number, part in enumerate(path.parts[1:], 2):
        place = place / part
        if place.is_symlink():
            target = os.readlink(place)
            links.setdefault(str(place), target)
            return _mirror(
                Path(os.path.normpath(place.parent / target), *path.parts[number:]), links
            )
    return place


def enter(made: Plan, place: str, megabytes: int) -> None:
    """Make the planned root at the folder `place` and move into it; raises OSError.

    Its /proc shows the processes of this PID namespace. Some containers do not allow that, and
    then there is as much of /proc as libraries need.
    """
    _mount("none", "/", None, _RECURSIVE | _PRIVATE)
    _mount("tmpfs", place, "tmpfs", 0, "mode=755,size=1m,nr_inodes=2000")
    for folder in (WRITABLE, "/proc"):
        os.mkdir(place + folder)
    bounds = f"mode=1777,size={megabytes}m,nr_inodes={_FILES}"
    _mount("tmpfs", place + WRITABLE, "tmpfs", _NO_SETUID | _NO_DEVICES, bounds)
    quiet = _NO_SETUID | _NO_DEVICES | _NO_PROGRAMS
    try:
        _mount("proc", place + "/proc", "proc", quiet)
    except OSError:
        for path in ("/proc/self/cmdline", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"):
            _show(place, path)
    for what, path in made.steps:
        if what == "show":
            _show(place, path)
        elif os.path.isdir(path):
            _mount("tmpfs", place + path, "tmpfs", quiet, "mode=755,size=4k,nr_inodes=2000")
        else:
            _mount("/dev/null", place + path, None, _BIND)
    for path, target in made.links.items():
        if not os.path.lexists(place + path):  # else it stands below what is shown already
            os.makedirs(os.path.dirname(place + path), exist_ok=True)
            os.symlink(target, place + path)
    for folder in ("/tmp/home", "/tmp/shm"):
        os.mkdir(place + folder)
        os.chmod(place + folder, 0o1777)
    _set_read_only(place)
    _mount("none", place + WRITABLE, None, _REMOUNT | _BIND | _NO_SETUID | _NO_DEVICES)
    os.chdir(place)
    # the old root then lies over the new one, at the same place, and is taken away
    syscall("pivot_root", b".", b".")
    take_away(".")
    os.chdir("/")


def _show(place: str, path: str) -> None:
    """Bind a file or folder of the old root to the same path below the new one."""
    try:
        folder = stat.S_ISDIR(os.stat(path).st_mode)
    except OSError:
        return
    os.makedirs(place + (path if folder else os.path.dirname(path)), exist_ok=True)
    if not folder:
        os.close(os.open(place + path, os.O_CREAT | os.O_WRONLY, 0o600))
    _mount(path, place + path, None, _BIND | _RECURSIVE)


def _set_read_only(place: str) -> None:
    """Make the mount at `place` and all below it read-only, without programs that gain rights."""
    descriptor = os.open(place, os.O_PATH | os.O_DIRECTORY)
    try:
        change = struct.pack("=4Q", _READ_ONLY | _NO_SETUID, 0, 0, 0)
        syscall(
            "mount_setattr", descriptor, b"", _AT_EMPTY_PATH | _AT_RECURSIVE, change, len(change)
        )
    finally:
        os.close(descriptor)


def take_away(place: str) -> None:
    """Unmount what is mounted at a place, and all below it; raises OSError."""
    check(libc().umount2(os.fsencode(place), _DETACH), f"unmounting {place}")


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    words = (os.fsencode(source), os.fsencode(target), kind.encode() if kind else None)
    check(libc().mount(*words, ctypes.c_ulong(flags), options.encode()), f"mount at {target}")
