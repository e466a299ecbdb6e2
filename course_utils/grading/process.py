"""Start a worker process, exchange messages with it under a time limit, and end it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
from pathlib import Path
from typing import Any

from ..glove_cache import cache_root
from . import wire

START_SECONDS = 60.0


class WorkerStopped(RuntimeError):
    """The worker took too long, died or sent something malformed; the message says which."""


class Worker:
    """One process for one submission, in a scratch folder of its own, on a staged tree."""

    def __init__(self, staged: Path) -> None:
        """Start the process; raises WorkerStopped if it does not come up."""
        self._scratch = tempfile.TemporaryDirectory(
            prefix="submission-", ignore_cleanup_errors=True
        )
        for fonts in staged.glob("fontlist-*.json"):
            shutil.copyfile(fonts, Path(self._scratch.name) / fonts.name)
        # -S: no site-packages hooks, so an editable install of this package stays out of reach;
        # -P: the scratch folder is not on the path.
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-P", "-m", "course_utils.grading.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._scratch.name,
            env=_environment(staged, self._scratch.name),
            start_new_session=True,
        )
        self._expect_ready()

    def _expect_ready(self) -> None:
        try:
            self._exchange(None, START_SECONDS)
        except WorkerStopped:
            self.close()
            raise

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and return the answer; WorkerStopped ends the process."""
        try:
            answer = self._exchange(request, seconds)
        except WorkerStopped:
            self.close()
            raise
        if not isinstance(answer, dict):
            self.close()
            raise WorkerStopped("sent something other than an answer")
        return answer

    def _exchange(self, request: dict[str, Any] | None, seconds: float) -> Any:
        box: list[Any] = []

        def work() -> None:
            try:
                if request is not None:
                    self._process.stdin.write(wire.encode(request))
                    self._process.stdin.flush()
                box.append(wire.decode(self._read))
            except (OSError, EOFError, ValueError) as error:
                box.append(WorkerStopped(_reason(error)))

        # A thread rather than select: it bounds the write too, and works on every platform.
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(seconds)
        if not box:
            raise WorkerStopped(f"took longer than {seconds:g} s")
        if isinstance(box[0], WorkerStopped):
            raise box[0]
        return box[0]

    def _read(self, count: int) -> bytes:
        data = self._process.stdout.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def close(self) -> None:
        """End the process and its children, and delete the scratch folder."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        self._scratch.cleanup()


def _reason(error: Exception) -> str:
    if isinstance(error, wire.WireError):
        return f"sent a malformed answer ({error})"
    return "the process ended (it crashed, or called exit)"


def _environment(staged: Path, home: str) -> dict[str, str]:
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
        "IPYTHONDIR": str(Path(home) / ".ipython"),
        "MPLCONFIGDIR": home,
        "MPLBACKEND": "agg",
        "LANG": "C.UTF-8",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "COURSE_CACHE": str(cache_root()),
    }
