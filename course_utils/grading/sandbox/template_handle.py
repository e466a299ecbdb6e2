"""Start a template process, and have it fork a confined worker for each submission."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ...vectors.disk_cache import cache_root
from .limits import Limits
from .worker_handle import START_SECONDS, Held, WorkerStopped

STOP_SECONDS = 5.0
_PROGRAM = "course_utils.grading.sandbox.inside.template_main"
MODULES = ("numpy", "matplotlib.pyplot", "matplotlib_inline.backend_inline")
NUMPY, TENSORFLOW = "numpy", "tensorflow"  # kinds of template
FURTHER = {NUMPY: (), TENSORFLOW: ("ipywidgets", "tensorflow", "keras")}  # modules of each kind


class Template:
    """A process that has imported what submissions need; `spawn` forks a worker from it."""

    def __init__(
        self, staged: Path, limits: Limits, *, kind: str, left_out: Sequence[Path] = ()
    ) -> None:
        """Start the process; it imports what its kind needs while the caller goes on."""
        scratch = tempfile.mkdtemp(prefix="scratch-", dir=staged)
        settings = {
            "modules": [*MODULES, *helpers(staged), *FURTHER[kind]],
            "readable": [
                str(staged),
                str(cache_root()),
                sys.prefix,
                *sysconfig.get_paths().values(),
            ],
            "left_out": [str(path) for path in left_out],
            "tensorflow": kind == TENSORFLOW,
            "staged": str(staged),
            "scratch": scratch,
            "cpu_seconds": limits.submission_seconds,
            **asdict(limits),
        }
        self._orders, theirs = socket.socketpair()
        with theirs:
            # -S: no site-packages hooks, so an editable install of this package stays out of
            # reach; -P: the working folder is not on the path. Anyone may read these words, so
            # they name nothing that a worker could not see
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-P", "-m", _PROGRAM,
                 str(theirs.fileno()), str(staged)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=staged,
                env=environment(staged, scratch),
                start_new_session=True,
            )  # fmt: skip
        with contextlib.suppress(OSError):  # it has ended: `spawn` will say so
            self._orders.sendall(json.dumps(settings).encode() + b"\n")
        self._ready = False

    def spawn(self) -> Held:
        """Return a new worker, confined and waiting, once the one before is closed.

        Raises WorkerStopped.
        """
        if not self._ready:
            self._await_ready()
        channel, theirs = socket.socketpair()
        control, control_theirs = socket.socketpair()
        with theirs, control_theirs:
            try:
                descriptors = [theirs.fileno(), control_theirs.fileno()]
                socket.send_fds(self._orders, [b"fork"], descriptors)
            except OSError:
                raise WorkerStopped("the process that workers are forked from has ended") from None
        return Held(channel, control, lambda: self._process.poll() is not None)

    def _await_ready(self) -> None:
        self._orders.settimeout(START_SECONDS)
        try:
            self._ready = self._orders.recv(16).startswith(b"ready")
        except OSError:
            self._ready = False
        if not self._ready:
            raise WorkerStopped("the process that workers are forked from did not start")

    def close(self) -> None:
        """End the template; it ends its worker first, whose control must be closed by now."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._orders.sendall(b"stop")
            self._process.wait(STOP_SECONDS if self._ready else 0)
        self._orders.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def helpers(staged: Path) -> list[str]:
    """List the helper modules that are staged: submissions import them in their first cell."""
    package = staged / "course_utils"
    names = [f"course_utils.{path.stem}" for path in sorted(package.glob("*_utils.py"))]
    plots = [f"course_utils.plots.{p.stem}" for p in sorted((package / "plots").glob("[a-z]*.py"))]
    return [*names, *plots, "course_utils.check", "course_utils.data", "course_utils.training"]


def environment(staged: Path, home: str) -> dict[str, str]:
    """Make a clean environment: nothing of the caller's but what the libraries need."""
    paths = sysconfig.get_paths()
    kept = {
        name: os.environ[name]
        for name in ("SYSTEMROOT", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
        if name in os.environ
    }
    return kept | {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join([str(staged), *{paths["purelib"], paths["platlib"]}]),
        "HOME": home,
        "IPYTHONDIR": str(staged / ".ipython"),
        "MPLCONFIGDIR": str(staged),
        "MPLBACKEND": "agg",
        "LANG": "C.UTF-8",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "COURSE_CACHE": str(cache_root()),
    }
