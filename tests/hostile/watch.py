"""Run a command, measure what all its processes use together, and find who outlives it (Linux).

`python watch.py SECONDS FOLDER RESULT COMMAND...`: this process adopts every orphan among the
command's descendants (PR_SET_CHILD_SUBREAPER), so that one who has left its session is still known.
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

SUBREAPER = 36
GRACE = 1.0  # seconds for a finished run to tidy up


def main(seconds: float, folder: Path, result: Path, command: list[str]) -> None:
    """Run `command` and write down what was seen."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    empty = _size(folder)
    start, peak, disk = time.monotonic(), 0, 0
    process = subprocess.Popen(command, start_new_session=True)
    while process.poll() is None and time.monotonic() - start < seconds:
        time.sleep(0.5)
        peak, disk = max(peak, _memory(_descendants())), max(disk, _size(folder) - empty)
    took = time.monotonic() - start
    code = process.poll()
    time.sleep(GRACE)
    left = [_words(pid) for pid in _descendants() if pid != process.pid]
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
    while living := _descendants():  # a killed one's children become ours
        for pid in living:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.05)


def _descendants() -> list[int]:
    """List the processes below this one."""
    below: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                parent = int(Path(f"/proc/{name}/stat").read_text().rpartition(") ")[2].split()[1])
                below.setdefault(parent, []).append(int(name))
    found, todo = [], [os.getpid()]
    while todo:
        children = below.get(todo.pop(), [])
        found += children
        todo += children
    return found


def _words(pid: int) -> str:
    """Return a living process's command line, "" for one that only waits to be collected."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
        return words.decode("utf-8", "replace")
    return ""


def _memory(pids: list[int]) -> int:
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, StopIteration, ValueError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return total * 1024


def _size(folder: Path) -> int:
    total = 0
    for place, _, files in os.walk(folder, onerror=None):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_blocks * 512
    return total


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
