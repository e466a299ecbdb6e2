"""Say, before a run, how well this system can hold untrusted code."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .inside import landlock, namespaces, private_root, privileges, seccomp
from .limits import DEFAULT, Limits

FULL = {"namespaces", "no privileges", "seccomp"}  # layers of a worker at level "full"


@dataclass(frozen=True)
class Isolation:
    """What is missing to hold code so that it reaches no file, process or network of others.

    The level is "full", "partial" (files are kept away, but submissions that run at once and
    processes of the same user may get in each other's way) or "none".
    """

    missing: tuple[str, ...]
    level: str = "full"

    @property
    def full(self) -> bool:
        """Return True if nothing is missing."""
        return self.level == "full"


def isolation(limits: Limits = DEFAULT) -> Isolation:
    """Try in child processes what confines a worker."""
    if sys.platform != "linux":
        return Isolation((f"namespaces and seccomp: this is {sys.platform}, not Linux",), "none")
    missing = []
    if not (limits.namespaces and _works(_namespaces)):
        missing.append(
            "user namespaces, which keep files, processes and the network away (a container or an "
            "administrator may have switched them off; Linux 5.12 or later)"
        )
    if not (limits.seccomp and _works(_seccomp)):
        missing.append("seccomp, which keeps dangerous system calls away")
    if not missing:
        return Isolation(())
    if limits.landlock and landlock.version():
        return Isolation(tuple(missing), "partial")
    missing.append("Landlock, which could keep files away (Linux 5.13 or later, and enabled)")
    return Isolation(tuple(missing), "none")


def _works(attempt: Callable[[], None]) -> bool:
    """Try in a child: it has one thread, whatever this process has."""
    pid = os.fork()
    if pid == 0:
        worked = False
        try:
            attempt()
            worked = True
        finally:
            os._exit(0 if worked else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _namespaces() -> None:
    """Move a process of its own into namespaces and a private root; raises OSError."""
    with tempfile.TemporaryDirectory(prefix="course-trial-") as place:
        gate, opener = os.pipe()
        inside = namespaces.fork_into_namespaces()
        if inside == 0:
            worked = False
            try:
                os.close(opener)
                os.read(gate, 1)  # this process has its ids
                private_root.enter(private_root.plan([Path("/usr")], []), place, 1)
                worked = True
            finally:
                os._exit(0 if worked else 1)
        namespaces.map_ids(inside, namespaces.unused_id())
        os.close(opener)
        if os.waitpid(inside, 0)[1] != 0:
            raise OSError("no private root")


def _seccomp() -> None:
    privileges.gain_none()
    seccomp.restrict(owner=True)
