"""Let a command finish even if its output fails: a closed pipe, a full disk, any encoding."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
import unicodedata
from typing import TextIO


class SteadyOutput(io.RawIOBase):
    """Writes to a descriptor until that fails once, and drops what comes after.

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

    def write(self, data) -> int:
        """Write some bytes and return how many; never raises OSError."""
        if self.failure is None:
            try:
                return os.write(self._descriptor, data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes


def steady_streams() -> None:
    """Put streams that never raise in place of stdout and stderr.

    A character that the encoding lacks is written as an escape. A stream that was closed goes
    nowhere; its descriptor is taken, lest the next file that is opened get the output.
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
        by_line = stream.line_buffering or stream.write_through
    except (OSError, ValueError, AttributeError):
        return stream  # no file behind it: a test or a notebook holds it
    ascii_only = codecs.lookup(stream.encoding).name == "ascii"  # a C locale means nothing by it
    return io.TextIOWrapper(
        io.BufferedWriter(SteadyOutput(descriptor)),
        encoding="utf-8" if ascii_only else stream.encoding,
        errors="spell",
        line_buffering=by_line,
    )


def _spell(error: UnicodeError) -> tuple[str, int]:
    """Write a dash that the encoding lacks as "-", and any other character as its escape."""
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
    """Flush stdout and return why some of it was lost, or "".

    A reader who closes a pipe wants no more, so nothing is lost then.
    """
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    failure = raw.failure if isinstance(raw, SteadyOutput) else None
    if failure is None or failure.errno == errno.EPIPE:
        return ""
    return failure.strerror or str(failure)
