"""How much a submission may take, and how strictly it must be held."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on one submission: wall-clock seconds, megabytes, numbers of processes.

    `memory_mb` comes on top of what the template has; `processes` counts threads as well.
    `landlock`, `namespaces` and `seccomp` can be switched off, to see what a run is without them.
    """

    cell_seconds: float = 60.0
    probe_seconds: float = 20.0  # one call of a function
    submission_seconds: float = 600.0
    memory_mb: int = 3072
    disk_mb: int = 256
    processes: int = 64
    landlock: bool = True
    namespaces: bool = True
    seccomp: bool = True


DEFAULT = Limits()
