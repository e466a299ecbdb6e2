"""Import once what submissions need, and fork a confined process for each of them.

Importing takes seconds and a fork takes milliseconds, so each submission is a fork of a template.
This process runs trusted code only, on a staged tree (see `stage`), and stays free of threads, so
that forking it is safe. It is told what to do over one socket: each order to fork comes with two
descriptors, the submission's channel and the control of the watch over it (see `warden`). One
submission is under way at a time: an order for the next waits until the one before has ended.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import socket
import sys
from typing import Any

from ....observing.frameworks import FRAMEWORKS
from . import confinement, namespaces, privileges, resources, shell, warden, worker


def main() -> None:
    """Import, say so, then serve requests until the other end goes away."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    settings = _settings(orders)
    import_ahead(settings.pop("modules"))
    FRAMEWORKS[settings["framework"]].set_up()
    shell.make_shell()
    settings["surroundings"] = confinement.surroundings(settings["readable"], settings["left_out"])
    settings["user"], settings["grader"] = namespaces.unused_id(), os.geteuid()
    gc.collect()
    gc.freeze()  # the collector of a fork would touch, and so copy, every page of these objects
    settings["baseline"] = resources.resident_mb()
    with contextlib.suppress(OSError):  # where that cannot be asked, there is no confinement
        privileges.adopt_orphans()
    orders.sendall(b"ready\n")
    while True:
        order, descriptors, *_ = socket.recv_fds(orders, 4, 2)
        if not order:  # the grader is gone, and cannot tidy up
            resources.remove(settings["staged"])
        if order != b"fork":
            return
        channel, control = descriptors
        _serve(channel, control, settings)


def _settings(orders: socket.socket) -> dict[str, Any]:
    """Read the settings: over the socket, since anyone may read a process's command line."""
    text = b""
    while not text.endswith(b"\n"):
        more = orders.recv(1 << 16)
        if not more:
            sys.exit(0)
        text += more
    return json.loads(text)


def import_ahead(modules: list[str]) -> None:
    """Import modules; one that is missing here is a matter for the submission that wants it."""
    for name in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _serve(channel: int, control: int, task: dict[str, Any]) -> None:
    """Fork a worker that serves one submission over `channel`, and watch over it to its end."""
    gate, opener = os.pipe()
    child, alone = _fork(task["namespaces"])
    if child == 0:
        try:
            os.setsid()
            os.close(opener)
            os.read(gate, 1)  # this process has its ids, or cannot have them
            worker.start(channel, task, alone)
        finally:
            os._exit(0)
    if alone:
        with contextlib.suppress(OSError):  # then the worker stays without what needs ids
            namespaces.map_ids(child, task["user"])
    for descriptor in (opener, gate, channel):
        os.close(descriptor)
    warden.watch(child, control, task, alone=alone)


def _fork(wanted: bool) -> tuple[int, bool]:
    """Fork, into namespaces if `wanted` and possible; also return whether they are."""
    if wanted:
        with contextlib.suppress(OSError):
            return namespaces.fork_into_namespaces(), True
    return namespaces.fork(), False


if __name__ == "__main__":
    main()
    os._exit(0)
