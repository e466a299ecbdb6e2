"""Keep a check from hanging a notebook: bound its time and memory, and catch what it prints."""

from __future__ import annotations

import io
import linecache
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import TracebackType
from typing import Any

MOST = 2000  # characters of what an answer prints
LEAST_MEMORY = 4 << 30  # bytes that an answer may always ask for: TensorFlow maps much


class TookTooLong(BaseException):
    """The time is over. No Exception, so that an answer's own `except` does not stop it."""


@contextmanager
def seconds(limit: float) -> Iterator[None]:
    """Raise TookTooLong in the code that still runs after `limit` seconds.

    Only Python's main thread can be interrupted; elsewhere nothing is bounded.
    """
    if threading.current_thread() is not threading.main_thread():
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


class Printed(io.StringIO):
    """What was printed, up to a length."""

    def write(self, text: str) -> int:
        """Keep the text if there is room."""
        if self.tell() < MOST:
            super().write(text)
        return len(text)


@contextmanager
def printing() -> Iterator[Printed]:
    """Keep what is printed from the screen, and hand it over."""
    with redirect_stdout(Printed()) as printed:
        yield printed


def own_line(traceback: TracebackType | None, function: Any) -> str:
    """Say which line of a learner's code was running: "line 7, `while True:`"; "" if none was."""
    home, found = getattr(function, "__globals__", None), ""
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals is home and frame.f_code.co_filename != __file__:
            source = linecache.getline(frame.f_code.co_filename, traceback.tb_lineno).strip()
            found = f"line {traceback.tb_lineno}, `{source}`"
        traceback = traceback.tb_next
    return found
