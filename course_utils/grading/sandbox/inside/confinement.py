"""Confine a worker, layer by layer, and say which layers hold.

The order matters, since each layer needs what a later one takes away: mounting needs capabilities,
Landlock and seccomp need the promise to gain none, and the filter of system calls comes last,
because it forbids what the others are made of. Then the worker's first line runs.

    fork into namespaces   other processes, the network and IPC are not there      namespaces
    private root           other files are not there                               private_root
    limits                 memory, processes, open files, time are bounded         resources
    Landlock               what is there may be read, and the scratch written      landlock
    no privileges          nothing is gained, no capability is left                privileges
    seccomp                calls that none of these govern are refused             seccomp

No layer stops a run where a system lacks it: `isolation` says before what holds, and each grade
keeps it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....observing.frameworks import FRAMEWORKS
from . import landlock, namespaces, private_root, privileges, resources, seccomp

# files outside the interpreter's own folders that libraries read; none holds a secret
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/nix/store")
_SETTINGS = (
    *(
        "/etc/ld.so.cache",
        "/etc/ld.so.conf",
        "/etc/ld.so.conf.d",
        "/etc/localtime",
        "/etc/timezone",
    ),
    *("/etc/mime.types", "/etc/fonts", "/etc/nsswitch.conf", "/etc/protocols", "/etc/alternatives"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node"),
)
_PROC = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems")
_DEVICES = ("/dev/null", "/dev/full", "/dev/urandom", "/dev/random")  # /dev/zero can hold memory

# what Landlock allows in a root that shows only what may be read anyway
_IN_PRIVATE_ROOT = [
    (Path("/"), landlock.READ),
    (Path("/dev"), landlock.DEVICE | landlock.READ),
    (Path(private_root.WRITABLE), landlock.EVERYTHING),
]


@dataclass(frozen=True)
class Surroundings:
    """What a worker may see: `root` in a mount namespace, by `rules` where there is none."""

    root: private_root.Plan
    rules: list[landlock.Rule]


def surroundings(roots: Sequence[str], left_out: Sequence[str]) -> Surroundings:
    """Plan what a worker can read: `roots`, the interpreter and the system's libraries.

    Nothing at or below `left_out` is readable: the course's own package with its exercises, the
    checkout with its solutions, the submissions, the grades.
    """
    hidden = [Path(path).resolve() for path in left_out]
    roots = [*roots, sys.base_prefix, sys.base_exec_prefix, *_SYSTEM]
    folders = [Path(root) for root in dict.fromkeys(roots) if os.path.isdir(root)]
    rules: list[landlock.Rule] = []
    for root in dict.fromkeys(folder.resolve() for folder in folders):
        for place, whole in landlock.below_without(root, hidden):
            rules.append((place, landlock.READ if whole else landlock.READ_DIR))
    rules += [(Path(path), landlock.READ) for path in (*_SETTINGS, *_PROC)]
    rules += [(Path(path), landlock.DEVICE) for path in _DEVICES]
    shown = [*folders, *map(Path, (*_SETTINGS, *_DEVICES))]
    return Surroundings(private_root.plan(shown, hidden), rules)


@dataclass(frozen=True)
class Confined:
    """A confined process: which `layers` hold it, the folder it may write to, and `threads`.

    That is a descriptor of the file that counts its threads, None if it must not be forked.
    """

    layers: tuple[str, ...]
    scratch: str
    threads: int | None


def confine(task: dict[str, Any], in_namespaces: bool) -> Confined:
    """Confine this process, by the layers that this system has."""
    resources.end_first()
    threads = None
    with contextlib.suppress(OSError):  # to be opened before /proc is out of reach
        threads = os.open("/proc/self/stat", os.O_RDONLY)
    alone = in_namespaces and _enter_private_root(task)
    scratch = private_root.HOME if alone else _scratch_folder(task["scratch"])
    resources.limit(
        memory_mb=task["memory_mb"],
        file_mb=task["disk_mb"] * 3 // 4,  # too large a file is an error, and ends nothing else
        processes=task["processes"] + (0 if in_namespaces else resources.tasks_of_user()),
        seconds=task["cpu_seconds"],
    )
    layers = [*(["namespaces"] if alone else []), "limits"]
    with contextlib.suppress(OSError):
        privileges.gain_none()
    if task["landlock"]:
        rules = _IN_PRIVATE_ROOT
        if not alone:
            own = [(Path(path), landlock.READ) for path in FRAMEWORKS[task["framework"]].own_files]
            rules = [*task["surroundings"].rules, (Path(scratch), landlock.EVERYTHING), *own]
            if own:
                # they are this process's: what is forked from it could not read its own
                threads = None
        with contextlib.suppress(OSError):
            layers.append(f"Landlock {landlock.restrict(rules)}")
    with contextlib.suppress(OSError):
        privileges.drop(namespaces.INSIDE if in_namespaces else task["user"])
        layers.append("no privileges")
    with contextlib.suppress(OSError):
        privileges.end_with_parent()
    if task["seccomp"]:
        with contextlib.suppress(OSError):
            seccomp.restrict(owner=not alone and os.geteuid() == task["grader"])
            layers.append("seccomp")
    return Confined(tuple(layers), scratch, threads)


def _enter_private_root(task: dict[str, Any]) -> bool:
    with contextlib.suppress(OSError):  # where it cannot be said, seccomp forbids them all the same
        namespaces.no_further_namespaces()
    try:
        private_root.enter(task["surroundings"].root, task["scratch"], task["disk_mb"])
    except OSError:
        with contextlib.suppress(OSError):
            private_root.take_away(task["scratch"])
        return False
    return True


def _scratch_folder(below: str) -> str:
    folder = tempfile.mkdtemp(dir=below)
    if os.geteuid() == 0:
        os.chmod(folder, 0o777)
    return folder
