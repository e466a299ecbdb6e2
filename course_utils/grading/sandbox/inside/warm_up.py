"""Do once what every worker will do, before any is forked.

Python rewrites a function's bytecode while it runs for the first times, and libraries fill their
caches. Done here, on pages that all workers share, no worker has to do it on copies of its own.
"""

from __future__ import annotations

import linecache
from types import SimpleNamespace
from typing import Any

import numpy as np

from . import wire
from .worker import serve

ROUNDS = 20  # more than Python waits for before it specialises
_CELL = '''
import numpy as np

def rehearsed(x, parameters, steps):
    """Do a little of what exercises ask for."""
    W, b = parameters["W"], parameters["b"]
    a, caches = np.zeros((W.shape[0], x.shape[1])), []
    states = np.zeros((*a.shape, steps))
    for t in range(steps):
        a_prev = a
        z = np.dot(W, np.concatenate([a_prev, x[:, :, t]], axis=0)) + b
        a = np.tanh(z) * (1 / (1 + np.exp(-z)))
        states[:, :, t] = a
        caches.append((a, a_prev, x[:, :, t], parameters))
    e = np.exp(a - np.max(a, axis=0, keepdims=True))
    db = np.sum((1 - a**2) * e @ np.eye(a.shape[1]), axis=1, keepdims=True)
    return states, {"db": db, "y": e / e.sum(axis=0), "n": len(caches)}, (caches, x)
'''


class _Script:
    """Stands in for a channel: asks what the grader asks, and encodes the answers for nobody."""

    def __init__(self, requests: list[dict[str, Any]]) -> None:
        self._requests = [wire.encode(request) for request in requests]

    def receive(self) -> tuple[Any, None]:
        if not self._requests:
            raise EOFError
        return wire.decode(self._requests.pop(0)), None

    def send(self, message: Any) -> None:
        wire.frame(wire.encode(message))


def rehearse() -> None:
    """Run a cell and observe a function, several times, in a namespace that is thrown away."""
    known = set(linecache.cache)
    parameters = {"W": np.full((3, 5), 0.1), "b": np.zeros((3, 1))}
    args = {"x": np.full((2, 4, 3), 0.5), "parameters": parameters, "steps": 3}
    observe = {"do": "observe", "probe": "call", "name": "rehearsed", "lent": [], "cases": []}
    observe["cases"] = [[args, {}]] * 2
    requests = [{"do": "run", "cells": [_CELL]}, observe]
    serve(SimpleNamespace(user_ns={}), _Script(requests * ROUNDS), None)
    for name in set(linecache.cache) - known:
        del linecache.cache[name]
