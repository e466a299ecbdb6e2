"""`nbgrader autograde` over a class of three: one graded before, the bad one, one graded after.

The released notebooks are a valid nbgrader assignment; see tests/test_nbgrader.py.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

from tests.hostile import Case
from tests.hostile.notebooks import ROOT, code, find, released, save, solved

from . import common

CONFIG = """
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "sequence-models"
from nbgrader.converters.generate_assignment import GenerateAssignment
# the answers are gone already; without markers, nbgrader would clear the whole cell
c.GenerateAssignment.preprocessors = [
    each for each in GenerateAssignment().preprocessors if each.__name__ != "ClearSolutions"
]
"""
CPU_SECONDS = 100.0  # nbgrader stops a cell after 30 s by itself


class Nbgrader:
    """Grades one bad submission at a time with the `nbgrader` at a path."""

    def __init__(self, executable: Path, base: Path) -> None:
        """Release the assignments and grade the witness, in a template that each case copies."""
        self.executable, self.base = executable, common.fresh(base)
        self.work = base / "work"
        self.work.mkdir()
        self.warm = common.Warm(executable)
        self._templates: dict[str, Path] = {}

    def _template(self, stem: str) -> Path:
        if stem not in self._templates:
            course = self.base / f"template_{stem}"
            (course / "source" / stem).mkdir(parents=True)
            shutil.copy(ROOT / "notebooks" / f"{stem}.ipynb", course / "source" / stem)
            (course / "nbgrader_config.py").write_text(CONFIG.format(root=str(course)))
            self._submit(course, stem, "early", solved(stem))
            self._call(course, "generate_assignment", stem, "--create")
            if stem.startswith("01"):
                self._call(course, "autograde", stem)
            self._submit(course, stem, "late", light(stem))
            (course / "nbgrader_config.py").write_text(CONFIG.format(root=str(self.work)))
            common.prepare_home(course)
            self._templates[stem] = course
        return self._templates[stem]

    def _submit(self, course: Path, stem: str, student: str, notebook: dict[str, Any]) -> None:
        folder = course / "submitted" / student / stem
        folder.mkdir(parents=True)
        save(notebook, folder / f"{stem}.ipynb")

    def _call(self, course: Path, *arguments: str) -> None:
        path = f"{self.executable.parent}:/usr/bin:/bin"
        environment = {"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(course)}
        subprocess.run(
            [self.executable, *arguments], cwd=course, env=environment, check=True,
            capture_output=True,
        )  # fmt: skip

    def grade(self, case: Case) -> dict[str, Any]:
        """Return what happened: score (None: no score), and what the cage saw."""
        stem, work = case.assignment, self.work
        template = common.fresh(self.base / "case")
        shutil.copytree(self._template(stem), template, dirs_exist_ok=True, symlinks=True)
        if case.group == "forging":  # it is after points for itself: none need come after it
            shutil.rmtree(template / "submitted" / "late")
        aims = common.targets(
            work,
            work / "submitted" / "early" / stem / f"{stem}.ipynb",
            work / "gradebook.db",
            common.site_packages(self.executable),
        )
        students = sorted(path.name for path in (template / "submitted").iterdir())
        with tempfile.TemporaryDirectory(dir=self.base) as place:
            folder = case.write(Path(place), aims)
            student = template / "submitted" / case.student
            student.mkdir()
            shutil.move(folder, student / stem)
        seen = self.warm.run(
            common.job(
                case,
                [str(self.executable), "autograde", stem],
                template,
                work,
                cpu_seconds=CPU_SECONDS,
                keep=[f"submitted/{s}/{stem}/{stem}.ipynb" for s in students]
                + ["home/diary.txt", "out/keep.txt"],
                collect=["gradebook.db"],
            )
        )
        return self._read(case, seen, students)

    def _read(self, case: Case, seen: dict[str, Any], students: list[str]) -> dict[str, Any]:
        book = self.base / "gradebook.db"
        book.write_bytes(base64.b64decode(seen.pop("collected").get("gradebook.db", "")))
        scores = {name: _score(book, case.assignment, name) for name in ("early", "late")}
        if case.assignment.startswith("01") and scores["early"] != 100:
            seen["touched"].append(f"the score of a student graded before: {scores['early']}")
        if "late" in students and scores["late"] != (10 if case.assignment.startswith("01") else 0):
            seen["touched"].append(f"the score of a student graded after: {scores['late']}")
        return {"score": _score(book, case.assignment, case.student), **seen}


def light(stem: str) -> dict[str, Any]:
    """Return an honest submission that is graded in a second: the RNN notebook's first exercise."""
    notebook = solved(stem, "rnn_cell_forward") if stem.startswith("01") else released(stem)
    setup = "import numpy as np\nfrom course_utils.check import check\n"
    notebook["cells"] = [code(setup + "from course_utils.rnn_utils import softmax\n")] + [
        find(notebook, name)
        for name in ("rnn_cell_forward", "check_rnn_cell_forward")
        if stem.startswith("01")
    ]
    return notebook


def _score(book: Path, stem: str, student: str) -> float | None:
    """Return a score, None where nbgrader has given none or wants a human to grade it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own use of SQLAlchemy
        from nbgrader.api import Gradebook

        try:
            with Gradebook(f"sqlite:///{book}") as opened:
                submission = opened.find_submission(stem, student)
                grades = [grade for each in submission.notebooks for grade in each.grades]
                graded = any(grade.auto_score is not None for grade in grades)
                return submission.score if graded else None
        except Exception:
            return None
