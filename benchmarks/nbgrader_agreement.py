"""Grade one sample class with nbgrader and with `course grade`, and compare exercise by exercise.

The class is honest: right answers in several styles, and stubs left as they are. nbgrader scores
a check cell all or nothing, so what is compared is whether an exercise got its full marks. Where
an exercise builds on one that is missing, nbgrader can't run it and gives nothing, while `course
grade` may judge it with a right one in its place: those are counted apart, as carried forward.

Run: python benchmarks/nbgrader_agreement.py [STUDENTS] [ASSIGNMENT]
"""

from __future__ import annotations

import csv
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import nbformat

from course_utils.authoring.sample_class import TRUTH, make_class
from course_utils.exercises import assignment
from course_utils.grading.core.engine import Run
from course_utils.grading.intake.submissions import find_submissions

ROOT = Path(__file__).parent.parent
SLOW = {"demo", "train"}  # `course grade` does not run them, so nbgrader is spared them too
Full = dict[tuple[str, str], bool]  # (student, exercise) -> did it get full marks


def without_slow_cells(path: Path) -> None:
    """Take the cells that only look, or train, out of a notebook."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [c for c in notebook.cells if not SLOW & set(c.metadata.get("tags", []))]
    nbformat.write(notebook, path)


def by_us(folder: Path, stem: str) -> Full:
    """Grade the class with `course grade`."""
    exercises = {exercise.name: exercise.points for exercise in assignment(stem).exercises}
    with Run(0) as run:
        return {
            (grade.student, result.exercise): result.points == exercises[result.exercise]
            for grade in run.grade(find_submissions(folder))
            for result in grade.results
        }


def by_nbgrader(folder: Path, stem: str, course: Path) -> Full:
    """Grade the class with `nbgrader autograde`, on the notebook as it is released."""
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from nbgrader.converters.generate_assignment import GenerateAssignment
    from traitlets.config import Config

    (course / "source" / stem).mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / f"{stem}.ipynb", course / "source" / stem)
    students = sorted(path.parent.name for path in folder.glob("*/*.ipynb"))
    for student in students:
        shutil.copytree(folder / student, course / "submitted" / student / stem)
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.course_id = "sequence-models"
    config.Execute.timeout = 120  # seconds a cell
    config.Execute.extra_arguments = ["--log-level=ERROR"]
    # the answers are gone already; without markers, nbgrader would clear the whole cell
    config.GenerateAssignment.preprocessors = [
        each for each in GenerateAssignment().preprocessors if each.__name__ != "ClearSolutions"
    ]
    api = NbGraderAPI(config=config)
    for number, student in enumerate([None, *students]):
        done = api.autograde(stem, student) if number else api.generate_assignment(stem)
        if not done["success"]:
            sys.exit(f"nbgrader failed on {student or stem}: {done['log']}{done.get('error')}")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        return {
            (student, entry.name.removeprefix("check_")): entry.score == entry.max_score
            for student in students
            for notebook in book.find_submission(stem, student).notebooks
            for entry in notebook.grades
        }


def compare(ours: Full, theirs: Full, rows: list[dict[str, str]]) -> int:
    """Print how far the two agree; return how many differences have no explanation."""
    counts: dict[str, Counter] = {row["exercise"]: Counter() for row in rows}
    unexplained = []
    for row in rows:
        key = row["student"], row["exercise"]
        count = counts[row["exercise"]]
        if ours[key] == theirs[key]:
            count["both full" if ours[key] else "neither"] += 1
        elif ours[key] and "builds on" in row["note"]:
            count["carried forward"] += 1
        else:
            count["differ"] += 1
            unexplained.append((row, ours[key]))
    columns = ("both full", "neither", "carried forward", "differ")
    width = max(map(len, counts))
    print(" " * width, *(f"{column:>16}" for column in columns))
    for name, count in counts.items():
        print(f"{name:<{width}}", *(f"{count[column]:>16}" for column in columns))
    for row, full in unexplained:
        says = "full marks from us only" if full else "full marks from nbgrader only"
        print(f"{row['student']}, {row['exercise']}: {row['kind']} ({row['name']}): {says}")
    agree = sum(count["both full"] + count["neither"] for count in counts.values())
    carried = sum(count["carried forward"] for count in counts.values())
    print(
        f"{agree} of {len(rows)} agree; {carried} were carried forward; {len(unexplained)} differ"
    )
    return len(unexplained)


def main() -> None:
    """Make the class, grade it twice, print the comparison; exit 1 if they disagree."""
    students = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    stem = sys.argv[2] if len(sys.argv) > 2 else "01_rnn_step_by_step"
    warnings.simplefilter("ignore")  # nbgrader's own use of SQLAlchemy
    # nbgrader starts `alembic`, which stands beside this interpreter
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with tempfile.TemporaryDirectory(prefix="agreement-") as place:
        folder = Path(place) / "class"
        make_class(ROOT, folder, students, 0, [stem], honest=True)
        with (folder / TRUTH).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for path in folder.glob("*/*.ipynb"):
            without_slow_cells(path)
        start = time.perf_counter()
        ours = by_us(folder, stem)
        middle = time.perf_counter()
        theirs = by_nbgrader(folder, stem, Path(place) / "course")
        end = time.perf_counter()
    print(
        f"{stem}, {students} students: ours {middle - start:.0f} s, nbgrader {end - middle:.0f} s"
    )
    sys.exit(1 if compare(ours, theirs, rows) else 0)


if __name__ == "__main__":
    main()
