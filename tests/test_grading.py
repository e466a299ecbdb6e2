"""`course grade` and `course check`: scores, bad input, exit codes, and what a worker can see."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path, PurePath

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner

from course_utils.cli import main
from course_utils.exercises import find
from course_utils.grading.core.engine import Run
from course_utils.grading.core.session import Session
from course_utils.grading.intake.notebook_file import (
    Notebook,
    Unreadable,
    assignment_stem,
    read_notebook,
)
from course_utils.grading.intake.submissions import NothingToGrade, Submission, find_submissions
from course_utils.grading.sandbox.limits import Limits
from course_utils.grading.sandbox.stage import stage
from course_utils.grading.sandbox.templates import TemplateHandle
from course_utils.observing.frameworks import NUMPY
from tests.conftest import ROOT

STEM = "01_rnn_step_by_step"
SETUP = "import numpy as np\nfrom course_utils.check import check\n"
RIGHT = """
def rnn_cell_forward(xt, a_prev, parameters):
    p = parameters
    a_next = np.tanh(p["Wax"] @ xt + p["Waa"] @ a_prev + p["ba"])
    z = np.exp(p["Wya"] @ a_next + p["by"])
    return a_next, z / z.sum(axis=0), (a_next, a_prev, xt, parameters)
"""


def write(path: Path, *sources: str, tags=()) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell in cells:
        cell.metadata["tags"] = list(tags)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def grade(folder: Path, out: Path, *options: str):
    """Run `course grade`; return the exit code, what it printed, and both tables."""
    done = CliRunner().invoke(main, ["grade", str(folder), "--out", str(out), *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception

    def rows(name):
        if not (out / name).exists():
            return []
        with (out / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return done, rows("grades.csv"), rows("criteria.csv")


def points(criteria, exercise):
    return sum(int(row["points"]) for row in criteria if row["exercise"] == exercise)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade one folder that holds nearly every kind of submission there is."""
    place = tmp_path_factory.mktemp("class")
    subs = place / "submissions"
    solved, student = ROOT / "solutions", ROOT / "notebooks"
    for stem in (STEM, "05_word_vectors"):
        for name, folder in (("ada", solved), ("zoé", student)):
            (subs / name).mkdir(parents=True, exist_ok=True)
            (subs / name / f"{stem}.ipynb").write_bytes((folder / f"{stem}.ipynb").read_bytes())
    (subs / "bad").mkdir()
    (subs / "bad" / f"{STEM}.ipynb").write_text("{not json", "utf-8")
    write(
        subs / "cell" / f"{STEM}.ipynb", SETUP, RIGHT, "def rnn_forward(x:\n", "check(rnn_forward)"
    )
    write(subs / "crash" / f"{STEM}.ipynb", SETUP,
          "import os\ndef rnn_cell_forward(*a): os._exit(1)\n",
          "def rnn_cell_backward(*a): return {}")  # fmt: skip
    write(subs / "rename" / f"{STEM}.ipynb", SETUP,
          RIGHT.replace("rnn_cell_forward", "rnn_cell_foward"))  # fmt: skip
    write(subs / "other" / "holiday.ipynb", "print('sun')")
    write(subs / "copy" / f"{STEM} (1).ipynb", SETUP, RIGHT, "check(rnn_cell_forward)")
    write(subs / f"{STEM}.ipynb", SETUP, "raise RuntimeError('at the top')", RIGHT)
    write(subs / "ada" / ".ipynb_checkpoints" / f"{STEM}-checkpoint.ipynb", SETUP)
    return grade(subs, place / "out")


def scores(rows):
    return {(row["student"], row["assignment"]): (row["score"], row["status"]) for row in rows}


def test_solutions_score_100_and_untouched_notebooks_0(graded):
    found = scores(graded[1])
    for stem in (STEM, "05_word_vectors"):
        assert found["ada", stem] == ("100", "graded")
        assert found["zoé", stem] == ("0", "graded")


def test_the_tables_have_the_promised_columns_and_totals(graded):
    _, rows, criteria = graded
    assert list(rows[0]) == [
        "student", "assignment", "score", "max_score", "status", "file", "attempt", "counts",
        "handed_in", "graded", "seed", "version", "identical_to", "note",
    ]  # fmt: skip
    assert list(criteria[0]) == [
        "student", "assignment", "exercise", "criterion", "points", "max_points", "diagnosis",
        "file", "attempt", "handed_in", "seed", "version",
    ]  # fmt: skip
    for row in rows:
        mine = [c for c in criteria if all(c[k] == row[k] for k in ("student", "assignment"))]
        assert sum(int(c["points"]) for c in mine) == int(row["score"])
        assert sum(int(c["max_points"]) for c in mine) == int(row["max_score"])
    assert all(c["diagnosis"] for c in criteria if c["points"] != c["max_points"])
    assert not any(c["diagnosis"] for c in criteria if c["points"] == c["max_points"])


def test_bad_notebooks_get_a_line_each_and_the_others_their_grade(graded):
    done, rows, _ = graded
    found = scores(rows)
    assert found["bad", STEM] == ("0", "unreadable")
    assert found["other", "holiday"] == ("0", "unknown assignment")
    said = done.stderr.splitlines()
    assert f"bad/{STEM}.ipynb: is not a notebook: not JSON" in done.stderr
    assert len([line for line in said if line.startswith("bad/")]) == 1
    assert len([line for line in said if line.startswith("other/")]) == 1
    assert "Traceback" not in done.output
    assert done.exit_code == 1  # some could not be graded


def test_a_syntax_error_costs_its_own_cell_only(graded):
    done, rows, criteria = graded
    mine = [row for row in criteria if row["student"] == "cell"]
    assert points(mine, "rnn_cell_forward") == 10
    (diagnosis,) = {row["diagnosis"] for row in mine if row["exercise"] == "rnn_forward"}
    assert "The cell that defines `rnn_forward` did not run: SyntaxError at line 1" in diagnosis
    assert "cell/" in done.stderr and "SyntaxError" in done.stderr


def test_a_renamed_exercise_is_said_to_be_missing_and_what_is_there(graded):
    done, rows, criteria = graded
    assert scores(rows)["rename", STEM] == ("0", "graded")
    assert "Was it renamed? `rnn_cell_foward` is defined." in done.stderr


def test_a_crash_costs_its_own_exercise_only(graded):
    _, rows, criteria = graded
    mine = [row for row in criteria if row["student"] == "crash"]
    first = next(row for row in mine if row["exercise"] == "rnn_cell_forward")
    assert "ends Python at line 2" in first["diagnosis"]
    later = next(row for row in mine if row["exercise"] == "rnn_cell_backward")
    assert "lacks the keys dxt" in later["diagnosis"]


def test_downloaded_copies_and_loose_notebooks_are_recognised(graded):
    found = scores(graded[1])
    assert found["copy", STEM] == ("10", "graded")
    assert found["submissions", STEM] == ("10", "graded")  # in spite of a cell that failed
    assert len([1 for student, _ in found if student == "ada"]) == 2  # no checkpoints


def test_the_diagnosis_is_the_misconception(tmp_path):
    write(tmp_path / "in" / "eve" / f"{STEM}.ipynb", SETUP,
          RIGHT.replace("@ a_next", "@ a_prev"))  # fmt: skip
    _, _, criteria = grade(tmp_path / "in", tmp_path / "out")
    mine = [row for row in criteria if row["exercise"] == "rnn_cell_forward"]
    (row,) = [row for row in mine if row["criterion"].startswith("yt_pred")]
    assert row["points"] == "0" and "the state before this step" in row["diagnosis"]


def test_the_same_seed_gives_the_same_tables(tmp_path):
    write(tmp_path / "in" / "eve" / f"{STEM}.ipynb", SETUP, RIGHT.replace("np.tanh", "np.arctan"))
    for out in ("one", "two"):
        grade(tmp_path / "in", tmp_path / out, "--seed", "7")
    grade(tmp_path / "in", tmp_path / "three", "--seed", "8")
    one, two, three = (
        (tmp_path / out / "criteria.csv").read_bytes() for out in ("one", "two", "three")
    )
    assert one == two
    assert one != three


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: p / "nowhere", "does not exist"),
        (lambda p: p, "no notebooks in"),
    ],
)
def test_nothing_to_grade_is_one_line_and_exit_2(tmp_path, make, said):
    done, rows, _ = grade(make(tmp_path), tmp_path / "out")
    assert done.exit_code == 2
    assert said in done.stderr and len(done.stderr.splitlines()) == 1
    assert rows == []


def test_an_output_folder_that_is_a_file_is_one_line_and_exit_2(tmp_path):
    write(tmp_path / "a" / f"{STEM}.ipynb", SETUP)
    (tmp_path / "out").write_text("mine")
    done = CliRunner().invoke(main, ["grade", str(tmp_path / "a"), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("name", ["01", STEM])
def test_one_assignment_can_be_asked_for(tmp_path, name):
    for stem in (STEM, "05_word_vectors"):
        write(tmp_path / "in" / "ada" / f"{stem}.ipynb", SETUP, RIGHT)
    done, rows, _ = grade(tmp_path / "in", tmp_path / "out", "--assignment", name)
    assert done.exit_code == 0
    assert scores(rows) == {("ada", STEM): ("10", "graded")}


def test_an_assignment_that_is_not_there_is_one_line_and_exit_2(tmp_path):
    write(tmp_path / "in" / "ada" / f"{STEM}.ipynb", SETUP)
    for name, said in (
        ("99", "there is no assignment 99: choose from 01_"),
        ("04", "is named for"),
    ):
        done, rows, _ = grade(tmp_path / "in", tmp_path / "out", "--assignment", name)
        assert (done.exit_code, rows) == (2, [])
        assert said in done.stderr and len(done.stderr.splitlines()) == 1


# `course check`


def test_check_prints_feedback_and_exits_1_until_all_is_right(tmp_path):
    path = write(tmp_path / f"{STEM}.ipynb", SETUP, RIGHT)
    done = CliRunner().invoke(main, ["check", str(path)])
    assert done.exit_code == 1
    assert "rnn_cell_forward: passed — 10/10 points" in done.stdout
    assert "`rnn_forward` is not defined" in done.stdout
    done = CliRunner().invoke(main, ["check", str(path), "rnn_cell_forward"])
    assert done.exit_code == 0
    assert "Score: 10 / 10 points" in done.stdout


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (None, [], "does not exist"),
        ("{", [], "is not a whole notebook"),
        ("[]", [], "is not a notebook"),
        (
            json.dumps({"nbformat": 4, "cells": []}),
            ["rnn_sideways"],
            "has no exercise rnn_sideways",
        ),
    ],
)
def test_bad_input_to_check_is_one_line_and_exit_2(tmp_path, content, arguments, said):
    path = tmp_path / f"{STEM}.ipynb"
    if content is not None:
        path.write_text(content, "utf-8")
    done = CliRunner().invoke(main, ["check", str(path), *arguments])
    assert done.exit_code == 2
    assert said in done.stderr and len(done.stderr.splitlines()) == 1


def test_check_refuses_an_archive_of_several(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in ("ada", "bob"):
            archive.writestr(f"{name}/{STEM}.ipynb", "{}")
    done = CliRunner().invoke(main, ["check", str(tmp_path / "class.zip")])
    assert done.exit_code == 2 and "holds 2 files" in done.stderr


def test_check_refuses_a_folder(tmp_path):
    done = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert done.exit_code == 2 and "is a folder" in done.stderr


# Finding and reading


def test_finding_orders_by_student_and_skips_hidden_files(tmp_path):
    for name in ("b/x.ipynb", "a/y.ipynb", "z.ipynb", "a/.hidden.ipynb", ".git/w.ipynb"):
        write(tmp_path / "s" / name, "1")
    found = find_submissions(tmp_path / "s")
    assert [(s.student, PurePath(s.file).name) for s in found] == [
        ("a", "y.ipynb"),
        ("b", "x.ipynb"),
        ("z", "z.ipynb"),
    ]
    with pytest.raises(NothingToGrade):
        find_submissions(tmp_path / "s" / "a" / "none")


def test_cells_that_only_look_or_train_are_not_run(tmp_path):
    def ran(*cells):
        notebook = Notebook(tuple((source, frozenset(tags)) for source, *tags in cells))
        return notebook.to_run(["f"])

    define = "def f(): pass"
    assert ran(["while True: pass", "train"], ["x = 1", "other"], [define]) == ["x = 1", define]
    assert ran([define, "demo"]) == [define]  # a tag must not cost an answer
    assert ran([define], ["x = f()"], ["import math\ndef helper(): pass"])[1:] == [
        "import math\ndef helper(): pass"
    ]


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"", b"null", b"3", b'{"cells": 3, "nbformat": 4}',
                b'{"nbformat": 4}', b'{"nbformat": 2}', b"[" * 100_000]
)  # fmt: skip
def test_no_content_breaks_the_reader(content):
    with pytest.raises(Unreadable) as caught:
        read_notebook(content)
    assert len(str(caught.value).splitlines()) == 1


def test_a_renamed_notebook_is_known_by_its_functions():
    assert assignment_stem(Path("homework.ipynb"), [RIGHT]) == STEM
    assert assignment_stem(Path("homework.ipynb"), ["x = 1"]) is None
    assert assignment_stem(Path(f"{STEM}-final.ipynb"), []) == STEM
    assert assignment_stem(Path(f"{STEM}2.ipynb"), []) is None


# The worker


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    staged = stage(tmp_path_factory.mktemp("staged"))
    made = TemplateHandle(staged, Limits(), NUMPY, left_out=[ROOT])
    yield made
    made.close()


def test_no_copy_of_the_course_that_is_installed_elsewhere_is_seen(tmp_path, monkeypatch):
    copy = tmp_path / "lib/python3.12/site-packages/course_utils"
    copy.mkdir(parents=True)
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with Run(1) as run:
        assert copy in run._templates._left_out


@pytest.fixture
def session(template):
    def start(*sources, **limits):
        return Session(sources, template.spawn, Limits(**limits))

    return start


def first_case(running, name="rnn_cell_forward"):
    """Observe an exercise on its first case."""
    exercise = find(name)[1]
    cases = exercise.cases(np.random.default_rng(0))[:1]
    return running.observe(exercise, cases).observations()[0]


def observed(session, body, **limits):
    """Return what a function with this body returns inside a worker."""
    source = "def rnn_cell_forward(*args):\n" + "".join(
        f"    {line}\n" for line in body.split("\n")
    )
    with session(source, **limits) as running:
        return first_case(running)


@pytest.mark.parametrize(
    "module",
    ["exercises", "grading.engine", "authoring", "cli", "feedback", "exercises.word_vectors"],
)
def test_a_worker_cannot_import_exercises_or_the_grader(session, module):
    seen = observed(session, f"import course_utils.{module}")
    assert seen["status"] == "raised" and seen["type"] == "ModuleNotFoundError"


@pytest.mark.parametrize("module", ["rnn_utils", "w2v_utils", "plots.recurrent", "check"])
def test_a_worker_can_import_the_helpers(session, module):
    assert observed(session, f"import course_utils.{module}\nreturn 'fine'")["value"] == "fine"


def test_a_worker_starts_in_an_empty_folder_with_a_clean_environment(session, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hidden")
    seen = observed(session, "import os\nreturn [os.listdir('.'), os.environ.get('SECRET_TOKEN')]")
    files, secret = seen["value"]
    assert files == []
    assert secret is None


def test_output_and_input_of_a_submission_do_not_disturb_the_channel(session):
    body = (
        "import os, sys\nprint('x' * 10**6)\nos.write(1, b'junk')\nos.write(2, b'junk')\nreturn 7"
    )
    assert observed(session, body)["value"] == 7
    assert observed(session, "return input('Your name? ')")["value"] == ""


def test_magics_await_and_plots_in_cells_are_run(session):
    source = (
        "%matplotlib inline\nimport asyncio\nawait asyncio.sleep(0)\n"
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\n"
        "def rnn_cell_forward(*args): return 'ran'"
    )
    with session(source) as running:
        assert first_case(running)["value"] == "ran"


def test_an_endless_loop_is_stopped_and_said(session):
    seen = observed(session, "while True: pass", probe_seconds=1.0)
    assert seen == {"status": "stopped", "message": "took longer than 1 s"}


def test_an_endless_cell_is_skipped_and_the_rest_still_runs(session):
    cells = ["x = 1", "while True: pass", "def rnn_cell_forward(*args): return x"]
    with session(*cells, cell_seconds=2.0) as running:
        assert first_case(running)["value"] == 1
        assert running.broken == {1: "took longer than 2 s"}


def test_scratch_folders_are_gone_after_grading(tmp_path, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    path = write(tmp_path / "a" / f"{STEM}.ipynb", SETUP, "open('left', 'w').write('x')", RIGHT)
    with Run() as run:
        (graded,) = run.grade([Submission("a", path.name, path.read_bytes)])
    assert graded.score == 10
    assert list((tmp_path / "tmp").iterdir()) == []
