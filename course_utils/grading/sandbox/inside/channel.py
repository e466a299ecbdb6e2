"""Messages between a worker and the grader, seen from the worker."""

from __future__ import annotations

import socket
from functools import partial
from typing import Any, BinaryIO

from . import wire


class Channel:
    """Messages to and from the grader over a socket."""

    def __init__(self, link: socket.socket) -> None:
        """Wrap a connected socket."""
        self.link = link

    def receive(self) -> tuple[Any, int | None]:
        """Return the next message and the descriptor that came with it, if one did."""
        length, descriptors, *_ = socket.recv_fds(self.link, 8, 1)
        ahead = [length]

        def read(count: int) -> bytes:
            return wire.exactly(self.link.recv, count, ahead.pop() if ahead else b"")

        return wire.decode(wire.read_frame(read), wire.MAX_MESSAGE), descriptors[
            0
        ] if descriptors else None

    def send(self, message: Any) -> None:
        """Send a message."""
        self.link.sendall(wire.frame(wire.encode(message)))


class Pipes:
    """Messages to and from the grader over two pipes."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        """Wrap open files."""
        self._incoming, self._outgoing = incoming, outgoing

    def receive(self) -> tuple[Any, None]:
        """Return the next message; no descriptor comes with it."""
        read = partial(wire.exactly, self._incoming.read)
        return wire.decode(wire.read_frame(read), wire.MAX_MESSAGE), None

    def send(self, message: Any) -> None:
        """Send a message."""
        self._outgoing.write(wire.frame(wire.encode(message)))
        self._outgoing.flush()
