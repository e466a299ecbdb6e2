"""What the other graders' runs share: folders, targets, and what is told of a run."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.hostile import Case, Targets
from tests.hostile.cage import Job
from tests.hostile.notebooks import ROOT

PORTS = 45_871, 45_872


def fresh(folder: Path) -> Path:
    """Make a folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def prepare_home(template: Path) -> None:
    """Make the folders a grader's user has, with matplotlib's list of fonts (it takes seconds)."""
    import matplotlib.font_manager
    from matplotlib import get_cachedir

    assert matplotlib.font_manager.fontManager
    for name in ("tmp", "out", "home/.cache/matplotlib"):
        (template / name).mkdir(parents=True, exist_ok=True)
    for fonts in Path(get_cachedir()).glob("fontlist-*.json"):
        shutil.copy(fonts, template / "home/.cache/matplotlib")
    (template / "home/diary.txt").write_text("dear diary")
    (template / "out/keep.txt").write_text("results of another run")


def targets(work: Path, other: Path, journal: Path, site: Path) -> Targets:
    """Return what an attacker in the cage aims at."""
    return Targets(
        other=other,
        submissions=other.parent.parent,
        out=work / "out",
        journal=journal,
        home=work / "home",
        tmp=work / "tmp",
        root=ROOT,
        site=site,
        tcp=PORTS[0],
        udp=PORTS[1],
        listen=PORTS[0] + 2,
        unix=str(work / "service.sock"),
        victim="@VICTIM@",  # known inside the cage only
        pidns="none of those in the cage",
    )


def site_packages(executable: Path) -> Path:
    """Return the site-packages beside a virtual environment's executable."""
    return next(executable.parent.parent.glob("lib/python*/site-packages"))


def job(case: Case, command: list[str], template: Path, work: Path, **options: Any) -> Job:
    """Make a job for the cage with a plain environment."""
    bin_folder = Path(command[0]).parent
    return Job(
        command=command,
        template=str(template),
        work=str(work),
        environment={
            "PATH": f"{bin_folder}{os.pathsep}{os.defpath}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(work / "home"),
            "TMPDIR": str(work / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "COURSE_HOSTILE_SECRET": secrets.token_hex(16),
            "COURSE_TRAINING": "short",
        }
        | {name: os.environ[name] for name in ("OPENBLAS_CORETYPE",) if name in os.environ},
        fill=[
            str(path.relative_to(template))
            for path in template.rglob("*.ipynb")
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 2**21
            if b"@VICTIM@" in path.read_bytes()
        ],
        ports=PORTS,
        unix=str(work / "service.sock"),
        **options,
    )


class Warm:
    """A grader, imported once by its own interpreter, that runs jobs in cages; see `warm`."""

    def __init__(self, executable: Path) -> None:
        """Start it."""
        python, script = executable.with_name("python"), Path(__file__).with_name("warm.py")
        self._process = subprocess.Popen(
            [python, "-P", script, executable.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        )

    def run(self, asked: Job) -> dict[str, Any]:
        """Run a job; a failure of the cage is told, not raised, so that the others still run."""
        self._process.stdin.write(json.dumps(asdict(asked)) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())
