"""Run a command, measure what all its processes use together, and find who outlives it (Linux).

`python -m tests.hostile.watch SECONDS FOLDER RESULT COMMAND...`: this process adopts every orphan
among the command's descendants (PR_SET_CHILD_SUBREAPER), so that one who has left its session is
still known.
RESULT gets, as JSON: code (None: ended by us), seconds, peak_mb (not counting twice what processes
share), disk_mb (the most that FOLDER has grown by), left (command lines of who outlived it).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import measure

SUBREAPER = 36
GRACE = 1.0  # seconds for a finished run to tidy up


def main(seconds: float, folder: Path, result: Path, command: list[str]) -> None:
    """Run `command` and write down what was seen."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)

    def below() -> list[int]:
        return measure.descendants(os.getpid())

    empty = measure.size(folder)
    start, peak, disk = time.monotonic(), 0, 0
    process = subprocess.Popen(command, start_new_session=True)
    while process.poll() is None and time.monotonic() - start < seconds:
        time.sleep(0.5)
        peak, disk = max(peak, measure.memory(below())), max(disk, measure.size(folder) - empty)
    took = time.monotonic() - start
    code = process.poll()
    time.sleep(GRACE)
    left = [measure.words(pid) for pid in below() if pid != process.pid]
    result.write_text(
        json.dumps(
            {
                "code": code,
                "seconds": round(took, 1),
                "peak_mb": peak // 2**20,
                "disk_mb": disk // 2**20,
                "left": [words for words in left if words],
            }
        )
    )
    while living := below():  # a killed one's children become ours
        for pid in living:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.05)


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
