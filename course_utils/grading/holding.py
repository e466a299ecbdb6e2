"""Put together what confines a worker, layer by layer, and tell which layers hold."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import confine, landlock

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
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node"),
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random")


def readable(roots: Sequence[str], left_out: Sequence[str]) -> list[landlock.Rule]:
    """List the rules that let a worker read `roots`, the interpreter and the system's libraries.

    Nothing at or below `left_out` is readable: the course's own package with its exercises, the
    checkout with its solutions, the submissions, the grades.
    """
    hidden = [Path(path).resolve() for path in left_out]
    roots = [*roots, sys.base_prefix, sys.base_exec_prefix, *_SYSTEM]
    unique = dict.fromkeys(Path(root).resolve() for root in roots if os.path.isdir(root))
    rules: list[landlock.Rule] = []
    for root in unique:
        for place, whole in landlock.below_without(root, hidden):
            rules.append((place, landlock.READ if whole else landlock.READ_DIR))
    rules += [(Path(path), landlock.READ) for path in _SETTINGS]
    rules += [(Path(path), landlock.DEVICE) for path in _DEVICES]
    return rules


def scratch_folder(task: dict[str, Any], namespaces: bool) -> str:
    """Return an empty folder for the worker to write to: on a file system of its own, if need be.

    It is made at or below task["scratch"]. From here on there are no namespaces below this one.
    """
    folder = Path(task["scratch"])
    private = namespaces and confine.private_folder(folder, task["disk_mb"])
    if namespaces:
        with contextlib.suppress(OSError):
            confine.no_further_namespaces()
    if not private:
        folder = Path(tempfile.mkdtemp(dir=folder))
        if os.geteuid() == 0:
            folder.chmod(0o777)
    return str(folder)


def hold(task: dict[str, Any], namespaces: bool) -> dict[str, Any]:
    """Confine this process; return what holds ("confinement") and "threads".

    "threads" is a descriptor of the folder that lists this process's threads: it has to be opened
    before /proc is out of reach.
    """
    threads, user = None, confine.nobody()
    own_proc = namespaces and confine.private_proc()
    with contextlib.suppress(OSError):
        threads = os.open("/proc/self/task", os.O_RDONLY | os.O_DIRECTORY)
    layers = []
    confine.limit(
        memory_mb=task["memory_mb"],
        file_mb=task["disk_mb"],
        processes=task["processes"],
        seconds=task["cpu_seconds"],
    )
    locked = 0
    if task["landlock"] and confine.no_new_privileges():
        rules = [*task["rules"], (Path(task["scratch"]), landlock.EVERYTHING)]
        if own_proc:
            rules.append((Path("/proc"), landlock.READ))
        elif task["tensorflow"]:
            # TensorFlow reads its command line, and this rule is for this process only: its forks
            # could not, so there must be none
            rules.append((Path("/proc/self/cmdline"), landlock.READ))
            threads = None
        with contextlib.suppress(OSError):
            locked = landlock.restrict(rules)
    if locked:
        layers.append(f"Landlock {locked}")
    if namespaces:
        layers.append("namespaces")
    with contextlib.suppress(OSError, AttributeError):
        confine.drop_privileges(user, read_as_root=bool(locked))
        layers.append("no privileges")
    confine.end_with_parent()
    layers.append("limits")
    return {"confinement": ", ".join(layers), "threads": threads}
