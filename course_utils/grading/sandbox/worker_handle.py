"""Talk to one submission's worker within time limits, and end it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NoReturn

from .inside import wire
from .inside.resources import ended_for_memory

START_SECONDS = 120.0
ANSWER_SECONDS = 20.0  # for what takes milliseconds
MOST_SENT = 160 * 2**20  # bytes about one exercise, in all its cases
FORK, END = wire.encode({"do": "fork"}), wire.encode({"do": "end"})
_ENDED = "the process ended"
ENDED = f"{_ENDED} (it crashed, or called exit)"


class WorkerStopped(RuntimeError):
    """A worker took too long, died or sent something malformed; the message says which."""


class WorkerLost(RuntimeError):
    """A worker ended for no fault of its submission's; the message says why."""


class WorkerHandle:
    """One submission's worker, seen from the grader. It is no longer used once `alive` is False.

    What raises WorkerStopped here may raise WorkerLost, too.
    """

    def __init__(
        self, channel: socket.socket, control: socket.socket, lost: Callable[[], bool]
    ) -> None:
        """Wait until the worker is confined; `lost` returns whether its template has ended."""
        self._channel, self._control, self._lost = channel, control, lost
        self._ended_for_memory = ended_for_memory()
        self.alive = True
        self.forks: bool | None = None  # whether exercises are observed in forks; None: not known
        self.fresh = True  # whether the last exercise was the first in its fork
        self._fork: socket.socket | None = None
        self._patience = lambda: ANSWER_SECONDS
        self.confinement: str = self._answer(channel, START_SECONDS)["confinement"]

    @property
    def layers(self) -> set[str]:
        """Return what confines it, layer by layer (see `confinement`)."""
        return {*self.confinement.split(", ")}

    def run(self, cells: Sequence[str], seconds: Callable[[], float]) -> Iterator[dict[str, Any]]:
        """Run cells, and yield what became of each within `seconds()`; raises WorkerStopped."""
        self._ask(wire.encode({"do": "run", "cells": [*cells]}))
        for _ in cells:
            yield self._answer(self._channel, seconds())

    def observe(
        self,
        request: bytes,
        count: int,
        seconds: Callable[[], float],
        *,
        anew: bool,
        reply: Callable[[bytes], bytes | None] | None = None,
    ) -> tuple[list[bytes], str]:
        """Return the observations that came, of `count`, and why there are no more, or "".

        They are still encoded (see `wire.decode`): what is the same bytes needs judging once. They
        are made in a fork of the worker, which they share with others unless `anew`. With `reply`,
        which answers calls of helpers and returns None for an observation, the fork ends with this
        exercise.
        """
        self._patience = partial(_patience, seconds)
        spoils = reply is not None
        if anew or spoils:
            self._end_fork()
        self.fresh = self._fork is None
        if self._fork is None and self.forks is not False:
            self._begin_fork()
        link = self._fork or self._channel
        seen: list[bytes] = []
        reason = ""
        try:
            _send(link, request)
            while len(seen) < count:
                seen.append(_observation(link, seconds(), reply))
                if sum(map(len, seen)) > MOST_SENT:
                    raise WorkerStopped(f"returned more than {MOST_SENT // 2**20} MB in all")
        except WorkerStopped as stopped:
            reason = str(stopped)
        if self._fork is not None and (reason or spoils):
            reason = _told(reason, self._end_fork())
            if is_ended(reason):
                self._blame_no_memory()
        elif reason:
            reason = self._give_up(reason)
        return seen, reason

    def _begin_fork(self) -> None:
        """Ask for a fork, with a channel of its own; one that has threads makes none."""
        mine, theirs = socket.socketpair()
        with theirs:
            self._ask(FORK, theirs.fileno())
        self.forks = self._answer(self._channel, self._patience()).get("forked") is True
        if self.forks:
            self._fork = mine
        else:
            mine.close()

    def _end_fork(self) -> Any:
        """End the fork, if there is one, and return its wait status."""
        if self._fork is None:
            return None
        self._fork.close()
        self._fork = None
        self._ask(END)
        return self._answer(self._channel, self._patience()).get("ended")

    def _ask(self, payload: bytes, descriptor: int | None = None) -> None:
        try:
            _send(self._channel, payload, descriptor)
        except WorkerStopped as stopped:
            self._stop(str(stopped))

    def _answer(self, link: socket.socket, seconds: float) -> dict[str, Any]:
        try:
            return _message(link, seconds)
        except WorkerStopped as stopped:
            self._stop(str(stopped))

    def _stop(self, reason: str) -> NoReturn:
        raise WorkerStopped(self._give_up(reason))

    def _give_up(self, reason: str) -> str:
        """Close, and say why; raises WorkerLost."""
        reason = self._why(reason)
        self.close()
        if self._lost():
            raise WorkerLost("the process that workers are forked from has ended")
        if is_ended(reason):
            self._blame_no_memory()
        return reason

    def _blame_no_memory(self) -> None:
        """Raise WorkerLost if the kernel has ended processes, maybe this one, for want of memory.

        Who took the memory is not known. Whoever takes more than a submission may is ended by its
        template, long before a machine of usual size is out of memory.
        """
        if ended_for_memory() > self._ended_for_memory:
            self.close()
            raise WorkerLost("the machine ran out of memory, and the kernel ended processes")

    def _why(self, reason: str) -> str:
        """Return the template's reason where it was the one that ended the worker."""
        self._control.settimeout(0.2)
        with contextlib.suppress(OSError, ValueError, LookupError):
            return str(json.loads(self._control.recv(4096).splitlines()[0])["stopped"])
        return reason

    def close(self) -> None:
        """End the worker and wait until nothing of it is left."""
        if not self.alive:
            return
        self.alive = False
        if self._fork is not None:
            self._fork.close()
        self._channel.close()
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
            self._control.settimeout(ANSWER_SECONDS)
            while self._control.recv(4096):
                pass
        self._control.close()


def _patience(seconds: Callable[[], float]) -> float:
    """Return how long to wait for what takes milliseconds, where the submission's time runs out."""
    try:
        return min(ANSWER_SECONDS, seconds())
    except WorkerStopped:
        return 1.0


def _send(link: socket.socket, payload: bytes, descriptor: int | None = None) -> None:
    """Send a message, and a descriptor with its first byte."""
    data = wire.frame(payload)
    link.settimeout(ANSWER_SECONDS)
    try:
        if descriptor is not None:
            socket.send_fds(link, [data[:1]], [descriptor])
            data = data[1:]
        link.sendall(data)
    except OSError:
        raise WorkerStopped(ENDED) from None


def _message(link: socket.socket, seconds: float) -> dict[str, Any]:
    """Read one message, all of it within `seconds`."""
    return as_message(_frame(link, seconds))


def as_message(payload: bytes) -> dict[str, Any]:
    """Decode an answer; raises WorkerStopped if it is none."""
    try:
        message = wire.decode(payload)
    except wire.WireError:
        raise WorkerStopped(malformed()) from None
    if not isinstance(message, dict):
        raise WorkerStopped("sent something other than an answer")
    return message


def too_slow(seconds: float) -> str:
    """Say that time is up."""
    return f"took longer than {seconds:g} s"


def is_too_slow(reason: str) -> bool:
    """Return True if a reason is that time was up."""
    return "took longer than" in reason


def is_ended(reason: str) -> bool:
    """Return True if a reason is that the process ended by itself."""
    return reason.startswith(_ENDED)


def malformed() -> str:
    """Say that what a worker sent is not a message; not what it was, which may be a message."""
    return "sent a malformed answer"


def _observation(
    link: socket.socket, seconds: float, reply: Callable[[bytes], bytes | None] | None
) -> bytes:
    """Read one observation, and reply to calls of helpers before it, all within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        payload = _frame(link, seconds, deadline)
        replied = reply(payload) if reply else None
        if replied is None:
            return payload
        _send(link, replied)


def _frame(link: socket.socket, seconds: float, deadline: float | None = None) -> bytes:
    """Read one frame within `seconds`, or before a deadline that they led to."""
    try:
        return wire.read_frame(_reader(link, deadline or time.monotonic() + seconds))
    except TimeoutError:
        raise WorkerStopped(too_slow(seconds)) from None
    except wire.WireError:
        raise WorkerStopped(malformed()) from None
    except (OSError, EOFError):
        raise WorkerStopped(ENDED) from None


def _reader(link: socket.socket, deadline: float) -> Callable[[int], bytes]:
    def receive(most: int) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        link.settimeout(left)
        return link.recv(most)

    return partial(wire.exactly, receive)


def _told(reason: str, status: Any) -> str:
    """Say how a fork ended, where it ended by itself."""
    if is_ended(reason) and isinstance(status, int) and status >= 0:
        with contextlib.suppress(ValueError, OverflowError):
            if os.WIFSIGNALED(status):
                return f"{_ENDED} ({signal.Signals(os.WTERMSIG(status)).name})"
            return f"{_ENDED} (exit code {os.WEXITSTATUS(status)})"
    return reason
