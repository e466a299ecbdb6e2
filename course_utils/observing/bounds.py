"""Keep code that runs here from taking too long, or more memory than there is."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LEAST_MEMORY = 4 << 30  # bytes that an answer may always ask for: TensorFlow maps much


class TookTooLong(BaseException):
    """The time is over. No Exception, so that an answer's own `except` does not stop it."""


def can_be_bounded() -> bool:
    """Return True in Python's main thread, the only one that can be interrupted."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def seconds(limit: float) -> Iterator[None]:
    """Raise TookTooLong in the code that still runs after `limit` seconds.

    Only where that `can_be_bounded`; elsewhere nothing is.
    """
    if not can_be_bounded():
        yield
        return

    def over(*_: Any) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, limit, 1.0)  # again, if a bare `except:` swallows it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def memory() -> Iterator[None]:
    """Have what asks for more memory than is free fail with MemoryError, where Linux tells."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        lines = Path("/proc/meminfo").read_text().splitlines()
        (free,) = [int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable")]
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    except (ImportError, OSError, ValueError):
        yield
        return
    wanted = pages * resource.getpagesize() + max(free, LEAST_MEMORY)
    wanted = min([wanted, *(each for each in (soft, hard) if each != resource.RLIM_INFINITY)])
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
