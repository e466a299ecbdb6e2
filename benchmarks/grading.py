"""Time and memory a submission takes: `course grade`, `nbgrader autograde`, `otter run`.

    python benchmarks/grading.py [--otter PATH] [--students 20] [--assignment 01] [--parts]
    python benchmarks/grading.py --further 200 [--assignment 05]
    python benchmarks/grading.py --scale 20 200 2000
    python benchmarks/grading.py --slowest 500

The same notebooks for all: a sample class, without the cells that train or only look, since those
would cost the others minutes and `course grade` nothing. Ratios are those of one run of this
script; nbgrader is on the path of this interpreter, otter where --otter says.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from course_utils.authoring.sample_class import make_class
from course_utils.exercises import assignment, stem_of
from course_utils.grading.batch.journal import Journal
from course_utils.grading.core import engine
from course_utils.grading.core.engine import Run
from course_utils.grading.intake.submissions import find_submissions
from course_utils.grading.report.student_page import student_page
from course_utils.grading.sandbox import worker_handle
from course_utils.grading.sandbox.inside.resources import descendants
from course_utils.grading.sandbox.templates import TemplatePool

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the assignment for otter stands beside the tests

from graders import otter as otter_assignment  # noqa: E402
from graders.nbgrader import CONFIG  # noqa: E402
from nbgrader_agreement import without_slow_cells  # noqa: E402

MADE = 500
BIN = Path(sys.executable).parent


class Private:
    """Samples the memory that processes below one have to themselves; the peak of a group, in MB.

    A group is all processes of one PID namespace other than ours (a confined submission), or else
    one process (a kernel).
    """

    def __init__(self, pid: int) -> None:
        self._pid, self.peak, self._stop = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._stop.set()
        self._thread.join()
        return self.peak

    def _look(self) -> None:
        ours = os.readlink("/proc/self/ns/pid")
        while not self._stop.wait(0.03):
            groups: Counter[str] = Counter()
            for pid in descendants(self._pid):
                try:
                    place = os.readlink(f"/proc/{pid}/ns/pid")
                    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                    kernel = b"ipykernel" in Path(f"/proc/{pid}/cmdline").read_bytes()
                except OSError:
                    continue
                if place != ours or kernel:
                    size = sum(
                        int(line.split()[1])
                        for line in rollup.splitlines()
                        if line.startswith(("Private_Clean", "Private_Dirty"))
                    )
                    groups[place if place != ours else str(pid)] += size
            self.peak = max([self.peak, *(size / 1024 for size in groups.values())])


def timed(command: list[str], *, look: bool = True, **options) -> tuple[float, float]:
    """Run a command; return seconds, and the peak of private memory below it.

    To `look` at the memory takes some of the time that is measured.
    """
    began = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    ) as running:
        memory = Private(running.pid) if look else None
        running.wait()
    return time.monotonic() - began, memory.stop() if memory else 0.0


def by_us(folder: Path, place: Path, jobs: int, *, look: bool = True) -> tuple[float, float]:
    out = place / f"out{jobs}"
    command = [str(BIN / "course"), "grade", str(folder), "--out", str(out), "--seed", "1"]
    seconds, memory = timed([*command, "--jobs", str(jobs)], look=look)
    with (out / "grades.csv").open(encoding="utf-8") as file:
        assert all(row["status"] == "graded" for row in csv.DictReader(file))
    return seconds, memory


def by_nbgrader(folder: Path, place: Path, stem: str, *, look: bool = True) -> tuple[float, float]:
    course = place / "course"
    (course / "source" / stem).mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / f"{stem}.ipynb", course / "source" / stem)
    without_slow_cells(course / "source" / stem / f"{stem}.ipynb")
    for student in folder.iterdir():
        target = course / "submitted" / student.name / stem
        target.mkdir(parents=True)
        shutil.copy(student / f"{stem}.ipynb", target)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # where nbgrader finds alembic
    options = {"cwd": course, "env": os.environ | {"PYTHONPATH": str(ROOT), "PATH": path}}
    (course / "nbgrader_config.py").write_text(CONFIG.format(root=str(course)))
    nbgrader = [str(BIN / "nbgrader")]
    subprocess.run([*nbgrader, "generate_assignment", stem, "--create"], check=True,
                   capture_output=True, **options)  # fmt: skip
    return timed([*nbgrader, "autograde", stem], look=look, **options)


def by_otter(folder: Path, place: Path, stem: str, executable: Path, most: int):
    autograder = place / "autograder.zip"
    otter_assignment.write_autograder(autograder, stem)
    seconds, peak, count = 0.0, 0.0, 0
    for student in sorted(folder.iterdir())[:most]:
        command = [str(executable), "run", "-a", str(autograder), "-o", str(place)]
        took, memory = timed(
            [*command, str(student / f"{stem}.ipynb")],
            cwd=place, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        seconds, peak, count = seconds + took, max(peak, memory), count + 1
    return seconds / count * len(list(folder.iterdir())), peak


def sample(place: Path, stem: str, students: int, *, honest: bool = True) -> Path:
    """Make a class; beyond MADE students the notebooks differ in a comment of each code cell."""
    folder = place / "class"
    made = min(students, MADE)
    # honest by default, for a cell that stands twice has nbgrader give up the whole class
    make_class(ROOT, folder, made, 1, [stem], honest=honest)
    (folder / "truth.csv").unlink()
    paths = sorted(folder.rglob("*.ipynb"))
    for path in paths:
        without_slow_cells(path)
    for number in range(made, students):
        notebook = json.loads(paths[number % made].read_text("utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["source"] = f"# written by student {number}\n" + "".join(cell["source"])
        target = folder / f"student {number:06}" / f"{stem}.ipynb"
        target.parent.mkdir()
        target.write_text(json.dumps(notebook), "utf-8")
    return folder


def side_by_side(stem: str, students: int, otter: Path | None, most: int) -> None:
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        folder = sample(place, stem, students)
        ours, memory = by_us(folder, place, 2)
        alone, _ = by_us(folder, place, 1)
        rows = [("course grade, 2 jobs", ours, memory), ("course grade, 1 job", alone, memory)]
        rows.append(("nbgrader autograde", *by_nbgrader(folder, place, stem)))
        if otter:
            rows.append(
                (f"otter run ({most} of them)", *by_otter(folder, place, stem, otter, most))
            )
        print(f"\n{stem}: {students} submissions, start included")
        print("| | s in all | s each | ours is faster by | private MB |")
        print("|---|---|---|---|---|")
        for name, seconds, peak in rows:
            each = seconds / students
            print(f"| {name} | {seconds:.1f} | {each:.3f} | {seconds / ours:.1f} | {peak:.0f} |")


def further(stem: str, more: int) -> None:
    """Say what each further submission costs: a large class less a small one, start left out."""
    ours = partial(by_us, jobs=2, look=False), 10, 10 + more
    theirs = partial(by_nbgrader, stem=stem, look=False), 4, 12
    rows = []
    for name, honest, (grade, small, large) in (
        ("course grade, right answers and blanks", True, ours),
        ("course grade, a mixed class", False, ours),
        ("nbgrader autograde, right answers and blanks", True, theirs),
    ):
        seconds = []
        for size in (small, large):
            with tempfile.TemporaryDirectory() as made:
                place = Path(made)
                folder = sample(place, stem, size, honest=honest)
                seconds.append(grade(folder, place)[0])
        rows.append((name, large - small, (seconds[1] - seconds[0]) / (large - small)))
    print(f"\n{stem}: each further submission, 2 jobs")
    print("| | further ones | s each | course grade is faster by |\n|---|---|---|---|")
    for name, count, each in rows:
        print(f"| {name} | {count} | {each:.3f} | {rows[-1][-1] / each:.0f} |")


def parts(stem: str, students: int) -> None:
    """Say where the time of a submission goes, with the start of the processes left out."""
    spent: Counter[str] = Counter()

    def clock(owner: object, name: str, label: str) -> None:
        work: Callable = getattr(owner, name)

        def measured(*args, **options):
            began = time.perf_counter()
            try:
                return work(*args, **options)
            finally:
                spent[label] += time.perf_counter() - began

        setattr(owner, name, measured)

    clock(TemplatePool, "spawn", "fork and confine")
    clock(worker_handle.WorkerHandle, "run", "cells")
    clock(worker_handle.WorkerHandle, "observe", "forks and probes of the exercises")
    clock(worker_handle.WorkerHandle, "close", "end")
    clock(engine, "judge", "judging")
    clock(engine, "fingerprints", "fingerprints")
    clock(engine, "read_notebook", "reading")
    with tempfile.TemporaryDirectory() as made, Run(1) as run:
        submissions = find_submissions(sample(Path(made), stem, students))
        list(run.grade(submissions[:3]))
        spent.clear()
        began = time.perf_counter()
        for grade in run.grade(submissions[3:]):
            since = time.perf_counter()
            student_page(grade)
            spent["page"] += time.perf_counter() - since
        total = time.perf_counter() - began
    count = len(submissions) - 3
    print(f"\n{stem}: {1000 * total / count:.0f} ms a submission, one at a time")
    for name, seconds in [*spent.most_common(), ("other", total - sum(spent.values()))]:
        print(f"  {1000 * seconds / count:6.1f} ms  {name}")


def keep(stem: str, students: int, folder: Path) -> None:
    """Make a class for a run by hand: to be killed in the middle, say."""
    folder.mkdir(parents=True)
    print(sample(folder, stem, students))


def slowest(stem: str, students: int) -> None:
    """Say how long a class takes in which every tenth submission is as slow as it may be.

    Its cells and its answers sleep just less than they are allowed to, until all its time is up.
    """
    cell, probe, submission = 4.0, 3.0, 10.0
    limits = ("--cell-seconds", cell, "--probe-seconds", probe, "--submission-seconds", submission)
    with tempfile.TemporaryDirectory() as made:
        folder, out = sample(Path(made), stem, students), Path(made) / "out"
        slow = sorted(folder.rglob("*.ipynb"))[::10]
        for path in slow:
            notebook = json.loads(path.read_text("utf-8"))
            cells = [f"import time\ntime.sleep({0.9 * cell})"] * 2
            cells += [
                f"def {name}(*args, **options):\n    time.sleep({0.9 * probe})"
                for name in assignment(stem).names()
            ]
            notebook["cells"] += [
                {"cell_type": "code", "id": f"slow{n}", "metadata": {}, "outputs": [],
                 "execution_count": None, "source": source}
                for n, source in enumerate(cells)
            ]  # fmt: skip
            path.write_text(json.dumps(notebook), "utf-8")
        command = [str(BIN / "course"), "grade", str(folder), "--out", str(out), "--seed", "1"]
        seconds, _ = timed([*command, "--jobs", "2", *map(str, limits)], look=False)
        with Journal(out / "journal.sqlite") as journal:
            took = {row.grade.student: row.grade.seconds for row in journal.rows()}
    own = [took.pop(path.parent.name) for path in slow]
    print(f"\n{stem}: {students} submissions, {len(slow)} as slow as allowed, 2 jobs")
    print(f"{seconds:.0f} s in all; at {submission:.0f} s for each slow one, these are bound by "
          f"{len(slow) * submission / 2:.0f} s")  # fmt: skip
    print(f"a slow one: {min(own):.1f} to {max(own):.1f} s; the others: {sum(took.values()):.0f} s "
          f"of the processes, at most {max(took.values()):.1f} s each")  # fmt: skip


def scale(stem: str, sizes: list[int]) -> None:
    """Say what a submission costs in classes of several sizes: seconds, and memory of the run."""
    print(f"\n{stem}, 2 jobs\n| submissions | s in all | s each | MB, main process |")
    print("|---|---|---|---|")
    for size in sizes:
        with tempfile.TemporaryDirectory() as made:
            folder = sample(Path(made), stem, size)
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            seconds, _ = by_us(folder, Path(made), 2)
            peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
            print(f"| {size} | {seconds:.1f} | {seconds / size:.3f} | {peak:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--otter", type=Path, help="the otter command, installed elsewhere")
    parser.add_argument("--otter-students", type=int, default=5)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--assignment", default="01")
    parser.add_argument("--further", type=int, help="how many more than ten")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--scale", type=int, nargs="+")
    parser.add_argument("--slowest", type=int, help="how many, every tenth as slow as allowed")
    parser.add_argument("--make", type=Path, help="only make the class, in this folder")
    asked = parser.parse_args()
    stem = stem_of(asked.assignment)
    if asked.make:
        keep(stem, asked.students, asked.make)
    elif asked.further:
        further(stem, asked.further)
    elif asked.slowest:
        slowest(stem, asked.slowest)
    elif asked.scale:
        scale(stem, asked.scale)
    elif asked.parts:
        parts(stem, asked.students)
    else:
        side_by_side(stem, asked.students, asked.otter, asked.otter_students)


if __name__ == "__main__":
    main()
