"""Put together what confines a worker, layer by layer, and say which layers hold."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import landlock, private_root, privileges, seccomp

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


def hold(task: dict[str, Any], namespaces: bool) -> dict[str, Any]:
    """Confine this process.

    Return what holds ("confinement"), a folder to write to ("scratch"), and a descriptor of the
    file that counts this process's threads, or None if it must not be forked ("threads").
    """
    privileges.first_to_go()
    threads = None
    with contextlib.suppress(OSError):  # to be opened before /proc is out of reach
        threads = os.open("/proc/self/stat", os.O_RDONLY)
    surroundings: Surroundings = task["surroundings"]
    alone = namespaces and _enter_private_root(task)
    scratch = private_root.HOME if alone else _scratch_folder(task["scratch"])
    privileges.limit(
        memory_mb=task["memory_mb"],
        file_mb=task["disk_mb"],
        processes=task["processes"] + (0 if namespaces else privileges.tasks_of_user()),
        seconds=task["cpu_seconds"],
    )
    layers = [*(["namespaces"] if alone else []), "limits"]
    promised = privileges.no_new_privileges()
    locked = 0
    if task["landlock"] and promised:
        rules = _IN_PRIVATE_ROOT
        if not alone:
            rules = [*surroundings.rules, (Path(scratch), landlock.EVERYTHING)]
            if task["tensorflow"]:
                # TensorFlow reads its command line, and this rule is for this process only: its
                # forks could not, so there must be none
                rules.append((Path("/proc/self/cmdline"), landlock.READ))
                threads = None
        with contextlib.suppress(OSError):
            locked = landlock.restrict(rules)
    if locked:
        layers.append(f"Landlock {locked}")
    with contextlib.suppress(OSError, AttributeError):
        privileges.drop_privileges(task["user"], namespaces)
        layers.append("no privileges")
    privileges.end_with_parent()
    if task["seccomp"] and promised:
        with contextlib.suppress(OSError):
            seccomp.restrict(shares_its_user=not alone and os.geteuid() == task["grader"])
            layers.append("seccomp")
    return {"confinement": ", ".join(layers), "threads": threads, "scratch": scratch}


def _enter_private_root(task: dict[str, Any]) -> bool:
    with contextlib.suppress(OSError):  # where it cannot be said, seccomp forbids them all the same
        privileges.no_further_namespaces()
    try:
        private_root.enter(task["surroundings"].root, task["scratch"], task["disk_mb"])
    except OSError:
        privileges.libc().umount2(os.fsencode(task["scratch"]), private_root.DETACH)
        return False
    return True


def _scratch_folder(below: str) -> str:
    folder = tempfile.mkdtemp(dir=below)
    if os.geteuid() == 0:
        os.chmod(folder, 0o777)
    return folder
