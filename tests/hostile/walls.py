"""What keeps a grader in its cage: mounts, a user, limits."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

# a number of nobody's, and not that of another cage: limits on processes count by user
USER = 50_000 + os.getpid() % 10_000
DISK, PROCESS_MEMORY, PROCESSES = "2g", 8 * 2**30, 400


def enclose(template: str, work: str) -> None:
    """Make the disk read-only but for `work`, which gets a copy of `template`."""

    def mount(*arguments: str) -> None:
        subprocess.run(["mount", *arguments], check=True)

    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", f"size={DISK},mode=777", "none", work)
    subprocess.run(["cp", "-a", f"{template}/.", work], check=True)
    subprocess.run(["chown", "-R", f"{USER}:{USER}", work], check=True)
    mount("-t", "tmpfs", "-o", "size=512m,mode=1777", "none", "/dev/shm")
    mount("-t", "tmpfs", "-o", "size=1g,mode=700", "none", "/mnt")
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


def drop() -> None:
    """Become the user, within the limits."""
    resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
    resource.setrlimit(resource.RLIMIT_AS, (PROCESS_MEMORY, PROCESS_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)
