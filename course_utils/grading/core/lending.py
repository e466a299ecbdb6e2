"""Lend right helpers to an answer whose own are wrong: a worker may call them, not read them.

A call comes as a message and is answered by one. The helpers run here, on the trusted side, so
their arguments, which come from a learner's code, are bounded first. That does not bound what they
make of them (two arrays of 50,000 numbers have an outer product of 20 GB), so they run under the
grader's watchdog.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ...exercises import assignment
from ..sandbox.inside import wire
from ..sandbox.worker_handle import WorkerStopped, malformed

Watchdog = Callable[[], AbstractContextManager]

MAX_CALLS = 20_000  # for one answer on all cases
MAX_AXIS, MAX_NUMBERS = 1_000, 200_000  # of an array among the arguments


class Lender:
    """Answers an observed function's calls of the helpers that are lent to it."""

    def __init__(self, helpers: Mapping[str, Callable], watchdog: Watchdog = nullcontext) -> None:
        """Lend `helpers`, by name; `watchdog` bounds the time and the memory of each call."""
        self._helpers, self._watchdog, self._calls = helpers, watchdog, 0

    def reply(self, payload: bytes) -> bytes | None:
        """Return the reply to a call, encoded; None if the message is not a call.

        Raises WorkerStopped for a call of something else, or one too many.
        """
        try:
            message = wire.decode(payload)
        except wire.WireError:
            return None  # whoever reads observations says what is wrong with it
        if not (isinstance(message, dict) and "call" in message):
            return None
        self._calls += 1
        if self._calls > MAX_CALLS:
            raise WorkerStopped(f"called helpers more than {MAX_CALLS:,} times")
        name = message["call"]
        helper = self._helpers.get(name) if isinstance(name, str) else None
        args, kwargs = message.get("args"), message.get("kwargs")
        if helper is None or not isinstance(args, tuple) or not isinstance(kwargs, dict):
            raise WorkerStopped(malformed())
        try:
            quiet = np.errstate(all="ignore"), warnings.catch_warnings(action="ignore")
            with self._watchdog(), quiet[0], quiet[1]:
                value = helper(
                    *(_bounded(arg) for arg in args),
                    **{name: _bounded(arg) for name, arg in kwargs.items()},
                )
                return wire.encode({"value": value})
        except Exception as error:  # as the learner's own call of a right helper would fail
            return wire.encode({"raised": f"{type(error).__name__}: {error}"[:500]})


def _bounded(value: Any) -> Any:
    """Return an argument with numbers as Python has them; ValueError if an array is too large."""
    if isinstance(value, np.ndarray):
        if max(value.shape, default=0) > MAX_AXIS or value.size > MAX_NUMBERS:
            raise ValueError(f"an array of shape {value.shape} is too large for this exercise")
        return value[()]
    if isinstance(value, (tuple, list)):
        return type(value)(_bounded(item) for item in value)
    if isinstance(value, dict):
        return {name: _bounded(item) for name, item in value.items()}
    return value


def helpers(stem: str, names: Iterable[str]) -> dict[str, Callable]:
    """Return right helpers of a notebook, by name."""
    return {name: _helper(stem, name) for name in names}


@cache
def _helper(stem: str, name: str) -> Callable:
    """Return one that returns plain data: what the record lends, or the reference answer."""
    lent = assignment(stem)[name].lend
    if lent is not None:
        return lent
    home: dict[str, Any] = {"__name__": "references"}
    exec(compile(references()[stem][name], f"<{name}>", "exec", dont_inherit=True), home)
    return home[name]


@cache
def references() -> dict[str, dict[str, str]]:
    """Return the sources of right helpers, by notebook and by name."""
    read = json.loads(Path(__file__).with_name("references.json").read_text("utf-8"))
    return {
        stem: {name: "\n".join(lines) for name, lines in found.items()}
        for stem, found in read.items()
    }
