"""Run a submission's cells and answer requests to observe its functions.

This process runs untrusted code. It is started on a staged tree that holds helpers and
probes only (see `stage`), talks over its first two descriptors (see `wire`), and gives the
submission /dev/null in their place.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from . import wire
from .probes import PROBES


class QuietShell(InteractiveShell):
    """An IPython shell without a window or a terminal."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept `%matplotlib inline` and the like, which ask for an event loop."""


def main() -> None:
    """Serve requests until told to stop or until the other end goes away."""
    receive, send = _take_channel()
    config = Config(
        {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}
    )
    shell = QuietShell.instance(config=config)
    send({"ready": True})
    while True:
        try:
            request = receive()
        except EOFError:
            return
        send(_answer(shell, request))


def _answer(shell: InteractiveShell, request: dict[str, Any]) -> dict[str, Any]:
    if request["do"] == "run":
        return _run(shell, request["source"])
    probe = PROBES[request["probe"]]
    return probe(shell.user_ns, request["name"], request["args"], request["after"])


def _run(shell: InteractiveShell, source: str) -> dict[str, Any]:
    """Run one cell; report its error, if any, in a few words."""
    outcome = shell.run_cell(source, store_history=False)
    error = outcome.error_before_exec or outcome.error_in_exec
    if error is None:
        return {"ok": True}
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    at = f" at line {line} of the cell" if line else ""
    # Python 3.13 says _IncompleteInputError where a learner should read SyntaxError
    kinds = (kind.__name__ for kind in type(error).__mro__)
    name = next(kind for kind in kinds if not kind.startswith("_"))
    return {"ok": False, "message": f"{name}{at}: {_text(error)}"}


def _text(error: BaseException) -> str:
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        return str(message)[:500]
    except Exception:  # a submission's exception class may itself be broken
        return "(no message)"


def _take_channel() -> tuple[Callable[[], Any], Callable[[Any], None]]:
    """Move the channel away from the standard descriptors and leave /dev/null there."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)

    def read(count: int) -> bytes:
        data = incoming.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def send(message: Any) -> None:
        outgoing.write(wire.encode(message))
        outgoing.flush()

    return lambda: wire.decode(read), send


if __name__ == "__main__":
    main()
    sys.exit(0)
