"""Tell, before a run, how well this system can hold untrusted code."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from .limits import DEFAULT, Limits


@dataclass(frozen=True)
class Isolation:
    """What is missing to hold code so that it reaches no file, process or network of others."""

    missing: tuple[str, ...]

    @property
    def full(self) -> bool:
        """Tell whether nothing is missing."""
        return not self.missing


def isolation(limits: Limits = DEFAULT) -> Isolation:
    """Try in a child process what confines a worker."""
    if not hasattr(os, "fork"):
        return Isolation(
            (
                "forked processes",
                "any confinement: this system is no Unix",
            )
        )
    if sys.platform != "linux":
        return Isolation((f"Landlock and namespaces: this is {sys.platform}, not Linux",))
    from . import landlock

    missing = []
    abi = landlock.version() if limits.landlock else 0
    namespaces = limits.namespaces and _namespaces()
    if not abi:
        missing.append("Landlock, which keeps files away (Linux 5.13 or later, and enabled)")
    if not namespaces and abi < 6:
        missing.append(
            "user namespaces, which keep processes and the network away (a container or an "
            "administrator may have switched them off), or Landlock of Linux 6.12"
        )
    return Isolation(tuple(missing))


def _namespaces() -> bool:
    """Try in a child: it has one thread, whatever this process has."""
    from . import confine

    pid = os.fork()
    if pid == 0:
        worked = False
        try:
            inside = confine.fork_into_namespaces()
            worked = inside == 0 or os.waitpid(inside, 0)[1] == 0
        finally:
            os._exit(0 if worked else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
