"""Grade the whole collection in one run of `course grade`, among things that must not be touched.

Beside the bad submissions stand two honest ones, the grader's user has a home with a diary, a
service listens on loopback and on Unix sockets, and a process sleeps. What has been touched of
all this, and by whom, is told by marks: files called touched_<id>, and messages that say so.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_utils.grading.intake.listing import readable

from . import Case
from .files import write_archive
from .notebooks import ROOT, save, solved
from .surroundings import MARK, STEM, digest, files, marks, services, sleeper

WITNESSES = ("aa_witness", "witness")  # one is graded before nearly all others, one after most
LIMITS = {"COURSE_CELL_SECONDS": "4", "COURSE_PROBE_SECONDS": "3"}
SECONDS = 1800.0  # for the whole run


@dataclass
class Outcome:
    """What came of a run: rows of grades.csv by student, what the watcher saw, and what was hit."""

    cases: Sequence[Case]
    rows: dict[str, dict[str, str]]
    watched: dict[str, Any]
    output: str
    out: Path
    changed: list[str]
    touched: list[str] = field(default_factory=list)
    victim_lives: bool = True

    def score(self, case: Case) -> int | None:
        """Return a case's score, None where its student has no row."""
        # as tables hold a name
        row = self.rows.get(" ".join(readable(case.student).split()))
        return int(row["score"]) if row else None

    def touched_by(self, case: Case) -> list[str]:
        """List what a case has left where it should not reach."""
        return [mark for mark in self.touched if f"{MARK}{case.id}" in mark]

    def by_case(self) -> dict[str, dict[str, Any]]:
        """Return plain results by case, as the benchmark keeps them."""
        return {
            case.id: {"score": self.score(case), "touched": self.touched_by(case), "ended": ""}
            for case in self.cases
        }


def grade_file(archive: str, base: Path, *options: str, seconds: float = 300.0) -> Outcome:
    """Grade an archive of `files.ARCHIVES`, and tell what came of it."""
    out = base / "out"
    for name in ("inside", "home", "tmp", "out"):
        (base / name).mkdir()
    (base / "tmp/canary.txt").write_text("sings")
    path = write_archive(archive, base / "inside" / "class.zip")
    before = {each: digest(each) for each in (path, base / "tmp/canary.txt")}
    watched, output = _run(base, [str(path), "--out", str(out), "--seed", "7", *options], seconds)
    changed = [str(each) for each, was in before.items() if digest(each) != was]
    # what it names may stand in the folder for results: that is where students' names lead
    left = [str(each) for each in marks(base) if not each.is_relative_to(out)]
    return Outcome((), _rows(out), watched, output, out, changed, left)


def grade_all(
    cases: Sequence[Case],
    base: Path,
    *options: str,
    seconds: float = SECONDS,
    without: Sequence[str] = (),
) -> Outcome:
    """Hand in all cases below `base`, grade them, and return what came of it.

    `without` names parts of the confinement to switch off (see `Limits`).
    """
    place, out = base / "submissions", base / "out"
    for name in ("submissions", "out", "home", "tmp"):
        (base / name).mkdir()
    for name in WITNESSES:
        (place / name).mkdir()
        save(solved(STEM), place / name / f"{STEM}.ipynb")
    (base / "home/diary.txt").write_text("dear diary")
    (base / "tmp/canary.txt").write_text("sings")
    (out / "keep.txt").write_text("results of another run")
    with services(base) as (targets, received), sleeper() as victim:
        targets = targets(victim.pid)
        for case in cases:
            case.write(place, targets)
        before = {path: digest(path) for path in files(base)}
        words = [str(place), "--out", str(out), "--seed", "7", *options]
        watched, output = _run(base, words, seconds, without)
        changed = [
            str(path.relative_to(base)) for path, was in before.items() if digest(path) != was
        ]
        lives = victim.poll() is None
    left = [str(path) for path in marks(base)]
    return Outcome(cases, _rows(out), watched, output, out, changed, received + left, lives)


def course(*arguments: str, without: Sequence[str] = ()) -> list[str]:
    """Return the words of a `course` command of this checkout."""
    code = f"""
from dataclasses import fields
from course_utils.cli import main
from course_utils.grading.sandbox.limits import Limits
without = {[*without]}
values = [False if each.name in without else each.default for each in fields(Limits)]
Limits.__init__.__defaults__ = tuple(values)
main()
"""
    return [sys.executable, "-P", "-c", code, *arguments]


def _run(
    base: Path, arguments: list[str], seconds: float, without: Sequence[str] = ()
) -> tuple[dict[str, Any], str]:
    result, log = base / "watched.json", base / "log.txt"
    environment = os.environ | LIMITS | {
        "PYTHONPATH": str(ROOT),
        "HOME": str(base / "home"),
        "TMPDIR": str(base / "tmp"),
        "COURSE_HOSTILE_SECRET": secrets.token_hex(16),
    }  # fmt: skip
    watch = [sys.executable, "-P", "-m", "tests.hostile.watch"]
    command = course("grade", *arguments, without=without)
    words = [*watch, str(seconds), str(base / "tmp"), str(result), *command]
    with log.open("wb") as output:
        subprocess.run(
            words, cwd=base, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, timeout=seconds + 120, check=False,
        )  # fmt: skip
    watched = json.loads(result.read_text()) if result.exists() else {"code": "the watcher died"}
    return watched, log.read_text("utf-8", "replace")


def _rows(out: Path) -> dict[str, dict[str, str]]:
    with (
        contextlib.suppress(OSError),
        (out / "grades.csv").open(encoding="utf-8", newline="") as file,
    ):
        rows = sorted(csv.DictReader(file), key=lambda row: row["counts"] == "yes")
        # of several, the one that counts; a quote stands before what might be a formula
        return {row["student"].removeprefix("'"): row for row in rows}
    return {}


def escaped_markup(text: str) -> list[str]:
    """Return the scripts and handlers of the collection that stand in a page as they were sent."""
    return re.findall(r"<script>alert\('hostile'\)|<img src=x onerror=[^>]*>", text)
