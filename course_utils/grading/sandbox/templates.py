"""Start the processes that workers are forked from, and have them fork confined workers."""

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
from typing import BinaryIO

from ...observing.frameworks import Framework
from ...vectors.disk_cache import cache_root
from .inside.privileges import adopt_orphans
from .inside.resources import descendants, orphans, remove
from .isolation import FULL
from .limits import Limits
from .stage import staged_folder
from .worker_handle import START_SECONDS, WorkerHandle, WorkerStopped

STOP_SECONDS = 5.0
_PROGRAM = "course_utils.grading.sandbox.inside.template_main"
MODULES = ("numpy", "matplotlib.pyplot", "matplotlib_inline.backend_inline")  # of every framework


class TemplatePool:
    """The templates of one run, one a framework, and the folder they were staged in."""

    def __init__(
        self, limits: Limits, left_out: Sequence[Path], *, require_isolation: bool = False
    ) -> None:
        """Start nothing yet; workers cannot read `left_out`, and may have to be fully confined."""
        self._limits, self._left_out, self._required = limits, left_out, require_isolation
        self._made: dict[str, TemplateHandle] = {}
        self._staged: Path | None = None
        self._in_use: BinaryIO | None = None

    def spawn(self, framework: Framework) -> WorkerHandle:
        """Return a new worker; a template that has ended is started again, once.

        Raises WorkerStopped.
        """
        try:
            worker = self.start(framework).spawn()
        except WorkerStopped:
            self._made.pop(framework.name).close()
            worker = self.start(framework).spawn()
        if self._required and not worker.layers >= FULL:
            worker.close()
            raise WorkerStopped(f"it could not be confined by more than {worker.confinement}")
        return worker

    def start(self, framework: Framework) -> TemplateHandle:
        """Return a template; it gets ready while the caller does something else."""
        if framework.name not in self._made:
            if self._staged is None:
                self._staged, self._in_use = staged_folder()
            self._made[framework.name] = TemplateHandle(
                self._staged, self._limits, framework, left_out=self._left_out
            )
        return self._made[framework.name]

    def close(self) -> None:
        """End the processes and delete their folder."""
        for template in self._made.values():
            template.close()
        self._made.clear()
        if self._staged is not None and self._in_use is not None:
            remove(self._staged)
            self._in_use.close()
            self._staged = None


class TemplateHandle:
    """A process that has imported what submissions need; `spawn` forks a worker from it."""

    def __init__(
        self,
        staged: Path,
        limits: Limits,
        framework: Framework,
        *,
        left_out: Sequence[Path] = (),
    ) -> None:
        """Start the process; it imports what its framework needs while the caller goes on."""
        scratch = tempfile.mkdtemp(prefix="scratch-", dir=staged)
        with contextlib.suppress(OSError):  # not on macOS
            adopt_orphans()  # if the template is killed, they come here
        settings = {
            "modules": [*MODULES, *helpers(staged), *framework.modules],
            "readable": [
                str(staged),
                str(cache_root()),
                sys.prefix,
                *sysconfig.get_paths().values(),
            ],
            "left_out": [str(path) for path in left_out],
            "framework": framework.name,
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
                env={**environment(staged, scratch), **framework.environment},
                start_new_session=True,
            )  # fmt: skip
        with contextlib.suppress(OSError):  # it has ended: `spawn` will say so
            self._orders.sendall(json.dumps(settings).encode() + b"\n")
        self._ready = False

    def spawn(self) -> WorkerHandle:
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
        return WorkerHandle(channel, control, lambda: self._process.poll() is not None)

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
        with contextlib.suppress(OSError):
            _end_orphans()


def _end_orphans() -> None:
    """End what is left of a submission whose template was killed, where no PID namespace did."""
    while left := orphans():
        for pid in left:
            for each in (pid, *descendants(pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            os.waitpid(pid, 0)


def helpers(staged: Path) -> list[str]:
    """List the helper modules that are staged: submissions import them in their first cell."""
    package = staged / "course_utils"
    names = [f"course_utils.{path.stem}" for path in sorted(package.glob("*_utils.py"))]
    plots = [f"course_utils.plots.{p.stem}" for p in sorted((package / "plots").glob("[a-z]*.py"))]
    return [*names, *plots, "course_utils.check", "course_utils.data", "course_utils.training"]


def environment(staged: Path, home: str) -> dict[str, str]:
    """Make a clean environment: nothing of the caller's but what the libraries need."""
    paths = sysconfig.get_paths()
    wanted = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    return {name: os.environ[name] for name in wanted if name in os.environ} | {
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
        "COURSE_CACHE": str(cache_root()),
    }
