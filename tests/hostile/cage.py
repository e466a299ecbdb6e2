"""Run a grader that does not confine its submissions, where it can do no harm (Linux, root).

`run(job, main)` makes a fork of this process the first of new namespaces (mounts, processes,
network, IPC). There the whole disk is read-only; the job's folder is copied to a file system in
memory of bounded size; the command runs as a user of its own under limits on memory, processes
and time; and afterwards the first process, which the user can't signal, looks at what has been
touched.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import measure
from .walls import drop, enclose

MEMORY = 10 * 2**30  # of all processes together
IDLE, WALL = 45.0, 600.0  # seconds without work, and in all, until a run counts as hung
NAMESPACES = 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000  # mounts, processes, network, IPC
PARENT_DEATH_SIGNAL = 1
ISOLATE = ("unshare", "-mpfni", "--mount-proc", "--kill-child")


@dataclass
class Job:
    """The words of a command to run in a copy of `template` at `work`, an empty folder.

    `keep` are files below `work` that must stay as they are; of `collect`, the bytes are returned;
    `ports` are tcp, udp; `unix` is the path of a socket. A process to be left alone runs beside
    the command; its number is written over @VICTIM@ in `fill`'s files.
    """

    command: list[str]
    template: str
    work: str
    environment: dict[str, str]
    cpu_seconds: float
    keep: list[str] = field(default_factory=list)
    collect: list[str] = field(default_factory=list)
    fill: list[str] = field(default_factory=list)
    ports: tuple[int, int] = (0, 0)
    unix: str = ""


def possible() -> bool:
    """Return True if this machine lets us create the namespaces."""
    return sys.platform == "linux" and os.geteuid() == 0 and not subprocess.call([*ISOLATE, "true"])


def run(job: Job, main: Callable[[], object]) -> dict[str, Any]:
    """Run a job in a cage that is a fork of this process, by `main`, which is imported already."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        if ctypes.CDLL(None).unshare(NAMESPACES):
            os._exit(1)  # what follows would happen to the machine itself
        first = os.fork()
        if first == 0:
            os.close(reading)
            ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
            subprocess.run(["mount", "--make-rprivate", "/"], check=True)
            subprocess.run(["mount", "-t", "proc", "proc", "/proc"], check=True)
            with os.fdopen(writing, "w") as file:
                json.dump(inside(job, main), file)
            os._exit(0)
        os.waitpid(first, 0)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        said = file.read()
    os.waitpid(child, 0)
    return json.loads(said)


def inside(job: Job, main: Callable[[], object]) -> dict[str, Any]:
    """Run the command; called as the first process of the namespaces.

    Returns code (None: ended by us), seconds, peak_mb of all processes together, disk_mb, output,
    touched (names of marks left anywhere, messages received, files not as they were), collected.
    """
    if os.getpid() != 1:
        raise RuntimeError("this is not the first process of a namespace of its own")
    enclose(job.template, job.work)
    work = Path(job.work)
    received = _listen(job)
    victim = subprocess.Popen(["sleep", "100000"], preexec_fn=drop)
    for name in job.fill:
        path = work / name
        path.write_bytes(path.read_bytes().replace(b"@VICTIM@", str(victim.pid).encode()))
    before = {name: _digest(work / name) for name in job.keep}
    log = open("/mnt/log/log", "wb")  # noqa: SIM115  outlives this block
    start = time.monotonic()
    process = _start(job, log.fileno(), main)
    code, peak, ended, dead, busy, counted, moved = None, 0, "", {}, 0.0, 0.0, start
    while code is None and not ended:
        time.sleep(0.2)
        others = _others()
        code, used = _reap(process, victim.pid, dead).get(process), measure.memory(others)
        peak, now = max(peak, used), time.monotonic()
        busy = max(busy, measure.cpu_seconds(others))
        if busy > counted + 0.5:
            counted, moved = busy, now
        if used > MEMORY:
            ended = f"ended by us at {used / 2**30:.0f} GB"
        elif busy > job.cpu_seconds:
            ended = f"ended by us after {job.cpu_seconds:g} s of work"
        elif now - moved > IDLE:
            ended = f"ended by us after {IDLE:g} s without work"
        elif now - start > WALL:
            ended = f"ended by us after {WALL:g} s"
    seconds = time.monotonic() - start
    time.sleep(1.5)  # what outlives its grader gets a chance to do its harm
    left = [pid for pid in _others() if pid != victim.pid and measure.words(pid)]
    touched = received + [
        f"changed {name}" for name, digest in before.items() if _digest(work / name) != digest
    ]
    if victim.pid in _reap(process, victim.pid, dead):
        touched.append("killed a process")
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    touched += sorted({path.name for path in _marks(work, Path("/dev/shm"))})
    disk = os.statvfs(work)
    return {
        "code": code,
        "ended": ended,
        "seconds": round(seconds, 1),
        "peak_mb": peak // 2**20,
        "disk_mb": (disk.f_blocks - disk.f_bfree) * disk.f_frsize // 2**20,
        "left": len(left),
        "touched": touched,
        "output": Path("/mnt/log/log").read_bytes()[-3000:].decode(errors="replace"),
        "collected": {name: _read(work / name) for name in job.collect},
    }


def _start(job: Job, log: int, main: Callable[[], object]) -> int:
    """Start the command as the user, and return its process."""
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        os.setsid()
        for descriptor, aim in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
            os.dup2(descriptor, aim)
        os.closerange(3, 4096)
        os.chdir(job.work)
        drop()
        os.environ.clear()
        os.environ.update(job.environment)
        tempfile.tempdir = None  # where it is was looked up for somebody else
        sys.argv = list(job.command)
        main()
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _reap(*arguments: Any) -> dict[int, int]:
    """Collect whoever has ended, orphans too (they count as processes until then)."""
    *known, dead = arguments
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            if found[0] in known:
                dead[found[0]] = os.waitstatus_to_exitcode(found[1])
    return dead


def _listen(job: Job) -> list[str]:
    """Wait on loopback and Unix sockets; return the list that what arrives is put into."""
    received: list[str] = []
    tcp = socket.create_server(("127.0.0.1", job.ports[0]))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", job.ports[1]))
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    unix.bind(job.unix)
    os.chmod(job.unix, 0o777)

    def serve(receive: Any) -> None:
        while True:
            received.append(f"received {receive()[:80].decode(errors='replace')}")

    def accept() -> bytes:
        connection, _ = tcp.accept()
        with connection:
            return connection.recv(100)

    for receive in (accept, lambda: udp.recv(100), lambda: unix.recv(100)):
        threading.Thread(target=serve, args=(receive,), daemon=True).start()
    return received


def _others() -> list[int]:
    return [pid for pid in measure.processes() if pid != 1]


def _digest(path: Path) -> str:
    with contextlib.suppress(OSError):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return "gone"


def _marks(*places: Path) -> list[Path]:
    found = []
    for place in places:
        for folder, folders, files in os.walk(place):
            found += [Path(folder, name) for name in folders + files if name[:8] == "touched_"]
    return found


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return base64.b64encode(path.read_bytes()[: 2**24]).decode()
    return ""
