"""Run a grader that does not confine its submissions, where it can do no harm (Linux, root).

`run(job)` starts this file as the first process of new namespaces (mounts, processes, network,
IPC). There the whole disk is read-only; the job's folder is copied to a file system in memory of
bounded size; the command runs as a user of its own under limits on memory, processes and time;
and afterwards this process, which the user can't signal, looks at what has been touched.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import hashlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

USER = 54321  # nobody's number: limits on processes count by user
DISK, MEMORY, PROCESS_MEMORY, PROCESSES = "2g", 10 * 2**30, 8 * 2**30, 400
IDLE, WALL = 45.0, 600.0  # seconds without work, and in all, until a run counts as hung
NAMESPACES = 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000  # mounts, processes, network, IPC
PARENT_DEATH_SIGNAL = 1
ISOLATE = ("unshare", "-mpfni", "--mount-proc", "--kill-child")


@dataclass
class Job:
    """A command to run in a copy of `template` at `work`, an empty folder.

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
    """Tell whether this machine lets us make the namespaces."""
    return sys.platform == "linux" and os.geteuid() == 0 and not subprocess.call([*ISOLATE, "true"])


def run(job: Job) -> dict[str, Any]:
    """Run a job in the cage and return what happened; see `inside`."""
    done = subprocess.run(
        [*ISOLATE, sys.executable, "-P", __file__],
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
        timeout=WALL + 120,
    )
    if done.returncode:
        raise RuntimeError(f"the cage itself failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def fork_and_run(job: Job, main: Callable[[], object]) -> dict[str, Any]:
    """Run a job in a cage that is a fork of this process, by `main`, which is imported already."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).unshare(NAMESPACES)
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


def inside(job: Job, main: Callable[[], object] | None = None) -> dict[str, Any]:
    """Run the command (by `main`, where given); called as the first process of the namespaces.

    Returns code (None: ended by us), seconds, peak_mb of all processes together, disk_mb, output,
    touched (names of marks left anywhere, messages received, files not as they were), collected.
    """
    _mount(job)
    work = Path(job.work)
    received = _listen(job)
    victim = subprocess.Popen(["sleep", "100000"], preexec_fn=_drop)
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
        code, used = _reap(process, victim.pid, dead).get(process), _memory()
        peak, now = max(peak, used), time.monotonic()
        busy = max(busy, _cpu_seconds())
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
    left = [pid for pid in _pids() if pid != victim.pid and _alive(pid)]
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


def _start(job: Job, log: int, main: Callable[[], object] | None) -> int:
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
        _drop()
        if main is None:
            os.execve(job.command[0], job.command, job.environment)
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


def _mount(job: Job) -> None:
    def mount(*arguments: str) -> None:
        subprocess.run(["mount", *arguments], check=True)

    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", f"size={DISK},mode=777", "none", job.work)
    subprocess.run(["cp", "-a", f"{job.template}/.", job.work], check=True)
    subprocess.run(["chown", "-R", f"{USER}:{USER}", job.work], check=True)
    mount("-t", "tmpfs", "-o", "size=512m,mode=1777", "none", "/dev/shm")
    mount("-t", "tmpfs", "-o", "size=64m,mode=700", "none", "/mnt")
    os.mkdir("/mnt/log")
    _open_way(Path(sys.base_prefix).resolve(), mount)
    mount("-o", "remount,bind,ro", "/")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def _open_way(python: Path, mount: Any) -> None:
    """Let the user reach an interpreter that lies in somebody's private home, but not the home."""
    shut = [p for p in reversed(python.parents) if not p.stat().st_mode & 0o001]
    if shut:
        os.mkdir("/mnt/python")
        mount("--bind", str(python), "/mnt/python")
        mount("-t", "tmpfs", "-o", "size=1m,mode=755", "none", str(shut[0]))
        python.mkdir(parents=True)
        mount("--bind", "/mnt/python", str(python))


def _drop() -> None:
    resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
    resource.setrlimit(resource.RLIMIT_AS, (PROCESS_MEMORY, PROCESS_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)


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


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) > 1]


def _alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    return False


def _memory() -> int:
    """Return the bytes of memory of all processes here; what they share is divided among them."""
    total = 0
    for pid in _pids():
        with contextlib.suppress(OSError, StopIteration, ValueError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return total * 1024


def _cpu_seconds() -> float:
    """Return the time that the processes here and their ended children have worked.

    Time on the clock says little on a machine that others use too.
    """
    ticks = 0
    for pid in _pids():
        with contextlib.suppress(OSError, IndexError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            ticks += sum(int(value) for value in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


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


if __name__ == "__main__":
    if os.getpid() != 1:
        sys.exit("error: this is not the first process of a namespace of its own")
    json.dump(inside(Job(**json.load(sys.stdin))), sys.stdout)
