"""Keep what an answer prints from the screen, and tell which of its lines was running."""

from __future__ import annotations

import builtins
import io
import linecache
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from types import TracebackType
from typing import Any

MOST = 2000  # characters of what an answer prints


class Printed(io.StringIO):
    """What was printed, up to a length, and the figures that were shown."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: list[Any] = []

    def write(self, text: str) -> int:
        """Keep the text if there is room."""
        if self.tell() < MOST:
            super().write(text)
        return len(text)

    def __bool__(self) -> bool:
        """Return True if there is something to see."""
        return bool(self.getvalue().strip() or self.figures)


@contextmanager
def printing(shell: Any = None) -> Iterator[Printed]:
    """Keep what is printed and shown from the screen, and hand it over; nobody is asked anything.

    Keras's warnings are left out: a case of one step, say, is odd to Keras and no fault of an
    answer. `shell` is IPython's, None outside of it.
    """
    asks, printed = builtins.input, Printed()
    builtins.input = _asks_nobody
    try:
        with (
            redirect_stdout(printed),
            redirect_stderr(printed),
            warnings.catch_warnings(),
        ):
            warnings.filterwarnings("ignore", module=r"(keras|tensorflow)\b")
            if shell is None:
                yield printed
                return
            from IPython.core.displaypub import CapturingDisplayPublisher

            screen, shell.display_pub = shell.display_pub, CapturingDisplayPublisher(parent=shell)
            printed.figures = shell.display_pub.outputs
            try:
                yield printed
            finally:
                shell.display_pub = screen
    finally:
        builtins.input = asks


def _asks_nobody(prompt: object = "") -> str:
    raise EOFError("a check asks nobody: what an answer needs are its arguments")


def own_line(traceback: TracebackType | None, namespace: Mapping[str, Any]) -> str:
    """Say which line of a learner's code was running: "line 7, `while True:`"; "" if none was.

    `namespace` is where the learner's functions were defined.
    """
    found = ""
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals is namespace and frame.f_code.co_filename != __file__:
            source = linecache.getline(frame.f_code.co_filename, traceback.tb_lineno).strip()
            found = f"line {traceback.tb_lineno}, `{source}`"
        traceback = traceback.tb_next
    return found
