"""What stands around a run and must not be touched: files, services, a process."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sysconfig
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course_utils.vectors.disk_cache import cache_root

from . import Targets
from .notebooks import ROOT

STEM = "01_rnn_step_by_step"
MARK = "touched_"
SHARED = [Path(place) for place in ("/tmp", "/var/tmp", "/dev/shm", str(ROOT))]


@contextlib.contextmanager
def services(base: Path) -> Iterator[tuple[Any, list[str]]]:
    """Listen where an attacker may talk to; yield how to make the targets, and what was heard."""
    heard: list[str] = []
    tcp = socket.create_server(("127.0.0.1", 0))
    udp, by_path, by_name = (
        socket.socket(family, socket.SOCK_DGRAM)
        for family in (socket.AF_INET, socket.AF_UNIX, socket.AF_UNIX)
    )
    udp.bind(("127.0.0.1", 0))
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = free.getsockname()[1]  # nobody's, from now on
    folder = Path(f"/tmp/course-{secrets.token_hex(4)}")  # the name of a socket must be short
    folder.mkdir()
    by_path.bind(str(folder / "socket"))
    with contextlib.suppress(OSError):  # abstract names are Linux's own
        by_name.bind(f"\0course-hostile-{tcp.getsockname()[1]}")

    def accept() -> bytes:
        connection, _ = tcp.accept()
        with connection:
            connection.settimeout(5)
            return connection.recv(100)

    def serve(receive: Any) -> None:
        with contextlib.suppress(OSError):
            while True:
                heard.append(f"received {receive().decode('utf-8', 'replace')}")

    def knock() -> None:
        while not over.wait(0.3):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", listen), timeout=0.2).close()
                heard.append(f"connected to {MARK}listens")

    over = threading.Event()
    receivers = [accept, *(lambda s=s: s.recv(100) for s in (udp, by_path, by_name))]
    for work in [*(lambda r=r: serve(r) for r in receivers), knock]:
        threading.Thread(target=work, daemon=True).start()

    def targets(victim: int) -> Targets:
        return Targets(
            other=base / "submissions" / "witness" / f"{STEM}.ipynb",
            submissions=base / "submissions",
            out=base / "out",
            journal=base / "out" / "journal.sqlite",
            home=base / "home",
            tmp=base / "tmp",
            root=ROOT,
            site=Path(sysconfig.get_paths()["purelib"]),
            tcp=tcp.getsockname()[1],
            udp=udp.getsockname()[1],
            listen=listen,
            unix=str(folder / "socket"),
            victim=victim,
            pidns=os.readlink("/proc/self/ns/pid"),
        )

    try:
        yield targets, heard
        time.sleep(0.2)  # what was sent last arrives
    finally:
        over.set()
        for each in (tcp, udp, by_path, by_name):
            each.close()
        shutil.rmtree(folder)


@contextlib.contextmanager
def sleeper() -> Iterator[subprocess.Popen]:
    victim = subprocess.Popen(["sleep", "100000"], start_new_session=True)
    try:
        yield victim
    finally:
        victim.kill()
        victim.wait()


def files(base: Path) -> list[Path]:
    """List the files that must stay as they are: everything handed in, and the canaries."""
    found = [base / "home/diary.txt", base / "tmp/canary.txt", base / "out/keep.txt"]
    for place, _, names in os.walk(base / "submissions"):
        found += [Path(place, name) for name in names]
    return found


def digest(path: Path) -> str:
    """Return what a file is, whose, since when and, unless it is large, a hash of its content."""
    try:
        status = path.lstat()
        said = f"{status.st_mode:o} {status.st_uid} {status.st_mtime_ns} {status.st_size}"
        if not path.is_file() or path.is_symlink() or status.st_size > 2**24:
            return said
        return f"{said} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    except OSError:
        return "gone"


def marks(base: Path) -> list[Path]:
    """Find the marks that were left, and take those away that stand in shared folders."""
    words = ["find", base, "-name", f"{MARK}*", "-print0"]
    # some folders may be shut
    listed = subprocess.run(words, capture_output=True, check=False).stdout
    found = [Path(os.fsdecode(name)) for name in listed.split(b"\0") if name]
    site = Path(sysconfig.get_paths()["purelib"])
    folders = {*SHARED, site, cache_root(), base.parent}  # a set: base may stand in a shared one
    for path in [path for folder in folders for path in folder.glob(f"{MARK}*")]:
        found.append(path)
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
    return found
