"""`otter run` on one bad submission, with a test an exercise that calls the course's own check."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from course_utils.exercises import assignment
from tests.hostile import Case
from tests.hostile.notebooks import save, solved

from . import common

TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}


@test_case(points={points})
def test_{name}({name}):
    from course_utils.check import check

    check({name})
"""
CPU_SECONDS = 40.0  # otter has no limit of its own on a cell's time; an honest one takes 11


class Otter:
    """Grades one bad submission at a time with the `otter` at a path."""

    def __init__(self, executable: Path, base: Path) -> None:
        """Make a folder to work in."""
        self.executable, self.base = executable, common.fresh(base)
        self.work = base / "work"
        self.work.mkdir()
        self.warm = common.Warm(executable)

    def grade(self, case: Case) -> dict[str, Any]:
        """Return what happened: score (None: no score), and what the cage saw."""
        if case.student != case.id:
            return {"skipped": "takes one file and knows no students' names", "touched": []}
        stem, work = case.assignment, self.work
        template = common.fresh(self.base / "case")
        common.prepare_home(template)
        write_autograder(template / "autograder.zip", stem)
        early = template / "submitted" / "early"
        early.mkdir(parents=True)
        save(solved(stem), early / f"{stem}.ipynb")
        (template / "out" / "early.json").write_text('{"tests": [{"score": 100}]}')
        aims = common.targets(
            work,
            work / "submitted" / "early" / f"{stem}.ipynb",
            work / "out" / "early.json",
            common.site_packages(self.executable),
        )
        with tempfile.TemporaryDirectory(dir=self.base) as place:
            folder = case.write(Path(place), aims)
            shutil.move(folder, template / "submitted" / case.student)
        handed_in = sorted(
            path.relative_to(template)
            for path in (template / "submitted" / case.student).iterdir()
            if path.suffix.lower() == ".ipynb"
        )
        seen = self.warm.run(
            common.job(
                case,
                [str(self.executable), "run", "-a", "autograder.zip", "-o", "out",
                 f"./{handed_in[0]}"],
                template,
                work,
                cpu_seconds=CPU_SECONDS,
                keep=[f"submitted/early/{stem}.ipynb", "out/early.json", "home/diary.txt"]
                + ["out/keep.txt"],
                collect=["out/results.json"],
            )
        )  # fmt: skip
        written = base64.b64decode(seen.pop("collected").get("out/results.json", ""))
        return {"score": _score(written), **seen}


def write_autograder(path: Path, stem: str) -> None:
    """Write an otter assignment: one test file for each exercise, and the least of settings."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("otter_config.json", json.dumps({"print_summary": True}))
        for exercise in assignment(stem).exercises:
            test = TEST.format(name=exercise.name, points=exercise.points)
            file.writestr(f"tests/{exercise.name}.py", test)


def _score(written: bytes) -> float | None:
    try:
        tests = json.loads(written)["tests"]
        return sum(float(test.get("score", 0)) for test in tests)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
