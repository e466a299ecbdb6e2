"""Run a submission's cells and answer requests to observe its functions.

What happens here is untrusted as soon as the first cell runs. The process is a fork of the template
(see `template_main`). It talks to the grader over one channel, and each of its forks, in which
exercises are observed, over another.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import tempfile
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ....observing.frameworks import PROBES
from . import confinement, namespaces
from .cells import run
from .lent_helper import LentHelper
from .shell import make_shell
from .wire import Channel


def start(descriptor: int, task: dict[str, Any], in_namespaces: bool) -> None:
    """Confine this process, then serve one submission over `descriptor`."""
    _keep_only(descriptor)
    channel = Channel(socket.socket(fileno=descriptor))
    confined = confinement.confine(task, in_namespaces)
    _settle(confined.scratch)
    channel.send({"confinement": ", ".join(confined.layers)})
    serve(make_shell(), channel, confined.threads)


def serve(shell: InteractiveShell, channel: Channel, threads: int | None) -> None:
    """Answer requests until the other end goes away.

    "run" runs cells. "observe" observes one exercise. "fork" makes a fork that serves the channel
    whose descriptor came with the request, where the process has one thread only: a fork would lack
    the other threads, and TensorFlow waits for its own for ever. "end" ends that fork.
    """
    running = 0
    while True:
        try:
            request, descriptor = channel.receive()
        except EOFError:
            return
        if request["do"] == "run":
            for source in request["cells"]:
                channel.send(run(shell, source))
        elif request["do"] == "observe":
            _observe(shell, request, channel)
        elif request["do"] == "end":
            channel.send({"ended": _end(max(running, 0))})
            running = 0
        else:
            with socket.socket(fileno=descriptor) as link:
                running = _fork() if _has_one_thread(threads) else -1
                if running == 0:
                    try:
                        channel.link.close()
                        serve(shell, Channel(link), None)
                    finally:
                        os._exit(0)
                channel.send({"forked": running > 0})


def _fork() -> int:
    """Fork, if need be after ending what the cells have left running; -1 where that fails too."""
    for _ in range(2):
        try:
            return namespaces.fork()
        except OSError:
            if os.getpid() == 1:
                _end(-1)
    return -1


def _observe(shell: InteractiveShell, request: dict[str, Any], channel: Channel) -> None:
    """Observe one exercise on every case, with helpers `lent` in place of the learner's."""
    shell.user_ns.update({name: LentHelper(name, channel) for name in request["lent"]})
    probe = PROBES[request["probe"]]
    for args, after in request["cases"]:
        channel.send(probe(shell.user_ns, request["name"], args, after))


def _end(child: int) -> int:
    """Kill a fork and all else in this PID namespace; return its wait status, -1 for none."""
    if child == 0:
        return -1
    with contextlib.suppress(ProcessLookupError):
        # the first process of a PID namespace may kill all others in there
        os.kill(-1 if os.getpid() == 1 else child, signal.SIGKILL)
    try:
        while True:
            pid, status = os.waitpid(-1, 0)
            if pid == child:
                return status
    except ChildProcessError:
        return -1


def _has_one_thread(stat: int | None) -> bool:
    """Return True if this process has one thread; `stat` is a descriptor of its /proc/self/stat."""
    try:
        # after the name, which may hold spaces, the number of threads is the 18th field
        return stat is not None and os.pread(stat, 1000, 0).rpartition(b")")[2].split()[17] == b"1"
    except (OSError, IndexError):  # a submission closed it
        return False


def _keep_only(descriptor: int) -> None:
    """Keep the channel and no other descriptor; standard input, output and errors are empty."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, 1024)


def _settle(scratch: str) -> None:
    """Live in the scratch folder."""
    os.chdir(scratch)
    tempfile.tempdir = scratch  # what the template imported may have looked for a place already
    sys.path.insert(0, scratch)  # as in Jupyter
    os.environ.update(HOME=scratch, TMPDIR=scratch, MPLCONFIGDIR=scratch, USER="learner")
    signal.signal(signal.SIGINT, signal.SIG_DFL)
