"""Let a command finish even if its output fails: a closed pipe, a full disk, any encoding."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
import unicodedata
from typing import Any, TextIO


class SteadyOutput(io.RawIOBase):
    """Output to a descriptor until a write fails; everything after that is dropped.

    `failure` is the OSError, or None.
    """

    def __init__(self, descriptor: int) -> None:
        """Take over an open descriptor, without owning it."""
        super().__init__()
        self._descriptor = descriptor
        self.failure: OSError | None = None

    def writable(self) -> bool:
        """Return True: this is for output."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return True on a terminal."""
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:
        """Write some bytes and return how many; never raises OSError."""
        if self.failure is None:
            try:
                return os.write(self._descriptor, data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes


def steady_streams() -> None:
    """Replace stdout and stderr by streams that never raise.

    A character that the encoding lacks is written as an escape. If a stream was closed, its output
    goes nowhere; its descriptor is taken, so that the next file to be opened does not get it.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    sys.stdout = _steady(sys.stdout)
    sys.stderr = _steady(sys.stderr)


def _steady(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8", errors="spell")
    try:
        descriptor = stream.fileno()
        stream.flush()
        by_line = bool(stream.line_buffering or getattr(stream, "write_through", False))
    except (OSError, ValueError, AttributeError):
        return stream  # not a file: a test or a notebook has replaced it
    ascii_only = codecs.lookup(stream.encoding).name == "ascii"  # of a C locale: not a choice
    return io.TextIOWrapper(
        io.BufferedWriter(SteadyOutput(descriptor)),
        encoding="utf-8" if ascii_only else stream.encoding,
        errors="spell",
        line_buffering=by_line,
    )


def _spell(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that the encoding lacks: dashes by "-", any other by its escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    written = (
        "-" if unicodedata.category(c) == "Pd" else c.encode("ascii", "backslashreplace").decode()
        for c in lacking
    )
    return "".join(written), error.end


codecs.register_error("spell", _spell)


def lost_output() -> str:
    """Flush stdout; return the reason if some output was lost, else "".

    A reader who closes a pipe wants no more, so nothing counts as lost then.
    """
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    failure = raw.failure if isinstance(raw, SteadyOutput) else None
    if failure is None or failure.errno == errno.EPIPE:
        return ""
    return failure.strerror or str(failure)
