"""Import once what submissions need, and fork a confined process for each of them.

This process runs trusted code only, on a staged tree (see `stage`), and stays free of threads, so
that forking it is safe. It is told what to do over one socket: each order
comes with two descriptors, the submission's channel and the warden's control.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import shutil
import signal
import socket
import sys
from typing import Any

from . import confine, holding, keras_on_numpy, rehearsal, warden, worker


def main() -> None:
    """Import, say so, then serve requests until the other end goes away."""
    settings = json.loads(sys.argv[2])
    orders = socket.socket(fileno=int(sys.argv[1]))
    warm_up(settings.pop("modules"))
    if os.environ.get("KERAS_BACKEND") == "numpy":
        keras_on_numpy.prepare()  # which ends this process if it cannot be done
    worker.make_shell()
    rehearsal.rehearse()
    settings["rules"] = holding.readable(settings["readable"], settings["left_out"])
    gc.collect()
    gc.freeze()  # the collector of a fork would touch, and so copy, every page of these objects
    settings["baseline"] = warden.resident()
    orders.sendall(b"ready\n")
    while True:
        order, descriptors, *_ = socket.recv_fds(orders, 4, 2)
        if not order:  # the grader is gone, and cannot tidy up
            shutil.rmtree(settings["staged"], ignore_errors=True)
            return
        _fork_warden(orders, descriptors, settings)
        for descriptor in descriptors:
            os.close(descriptor)
        _reap()


def warm_up(modules: list[str]) -> None:
    """Import modules; one that is missing here is a matter for the submission that wants it."""
    for name in modules:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        if name == "tensorflow":
            # one thread: as many submissions run at once as there are cores
            module.config.threading.set_intra_op_parallelism_threads(1)
            module.config.threading.set_inter_op_parallelism_threads(1)


def _fork_warden(orders: socket.socket, descriptors: list[int], task: dict[str, Any]) -> None:
    """Fork; the child becomes the warden of one submission, with ids given to it from here."""
    asked_out, asked_in = os.pipe()
    told_out, told_in = os.pipe()
    pid = confine.fork()
    if pid == 0:
        try:
            orders.close()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            os.setsid()
            inside = task["namespaces"] and confine.enter_namespaces()
            os.write(asked_in, b"y" if inside else b"n")
            os.read(told_out, 1)  # the ids are given, or cannot be
            for descriptor in (asked_out, asked_in, told_out, told_in):
                os.close(descriptor)
            warden.watch(*descriptors, task, namespaces=bool(inside))
        finally:
            os._exit(0)
    if os.read(asked_out, 1) == b"y":
        with contextlib.suppress(OSError):  # then the warden stays without what needs ids
            confine.map_ids(pid)
    os.write(told_in, b".")
    for descriptor in (asked_out, asked_in, told_out, told_in):
        os.close(descriptor)


def _reap() -> None:
    """Collect wardens that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main()
    os._exit(0)
