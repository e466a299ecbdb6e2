"""Messages between a worker and the grader, seen from the worker."""

from __future__ import annotations

import socket
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
        payload = wire.read_frame(lambda count: self._read(count, ahead))
        return wire.decode(payload), descriptors[0] if descriptors else None

    def _read(self, count: int, ahead: list[bytes]) -> bytes:
        data = ahead.pop() if ahead else b""
        parts, missing = [data], count - len(data)
        while missing:
            parts.append(self.link.recv(min(missing, 1 << 20)))
            if not parts[-1]:
                raise EOFError
            missing -= len(parts[-1])
        return b"".join(parts)

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
        return wire.decode(wire.read_frame(self._read)), None

    def _read(self, count: int) -> bytes:
        data = self._incoming.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def send(self, message: Any) -> None:
        """Send a message."""
        self._outgoing.write(wire.frame(wire.encode(message)))
        self._outgoing.flush()
