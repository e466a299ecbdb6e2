"""A submission stays within its limits, and so does what a worker sends."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import struct
import time
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import pytest

from course_utils.exercises import assignment
from course_utils.grading.batch import run
from course_utils.grading.batch.journal import Journal
from course_utils.grading.core.engine import Run
from course_utils.grading.core.grade import Grade, to_json
from course_utils.grading.core.session import is_observation
from course_utils.grading.intake.fingerprints import fingerprints
from course_utils.grading.intake.notebook_file import Unreadable, assignment_stem, read_notebook
from course_utils.grading.intake.submissions import find_submissions
from course_utils.grading.sandbox.inside import wire
from course_utils.grading.sandbox.limits import Limits
from course_utils.judging.result import LONGEST, MOST, CriterionResult, Result
from course_utils.observing.probes import call
from tests.test_grading import RIGHT, SETUP, STEM, grade, write

HANG = "import time\ntime.sleep(600)"
SLOW = """
def rnn_forward(x, a0, parameters):
    import time
    time.sleep(1)
"""


@pytest.mark.parametrize("cells", [[HANG] * 6, [SLOW], [HANG, HANG, SLOW]], ids=len)
def test_one_clock_runs_for_all_of_a_submission(tmp_path, cells):
    path = write(tmp_path / "eve" / f"{STEM}.ipynb", SETUP, RIGHT, *cells, RIGHT)
    limits = Limits(cell_seconds=2, probe_seconds=2, submission_seconds=3)
    with Run(1, limits) as run:
        run.grade_content("eve", path.name, b"{}")  # the template is up
        list(run.grade(find_submissions(write(tmp_path / "a" / f"{STEM}.ipynb", SETUP))))
        began = time.monotonic()
        (found,) = run.grade(find_submissions(path))
    assert time.monotonic() - began < 3 + 3
    assert found.status == "graded"
    said = " ".join([*found.notes, *(result.summary for result in found.results)])
    assert "took longer than 3 s in all" in said


def message(tree="{}", arrays="[]", sizes="[]", blobs=b""):
    header = f'{{"tree":{tree},"arrays":{arrays},"sizes":{sizes}}}'.encode()
    return struct.pack(">I", len(header)) + header + blobs


DIGITS = "9" * 4_000


@pytest.mark.parametrize(
    "sent",
    [
        message("0", f"[[0,{','.join([DIGITS] * 400)}]]"),  # their product has millions of digits
        message("0", f"[[{DIGITS},1]]"),
        message("0", "[[0" + ",1" * 200_000 + "]]"),
        message(sizes=f"[{DIGITS}]"),
        message(sizes="[1e400]"),
        message(sizes='["1"]'),
        message("[" * 100_000 + "]" * 100_000),
        message("[" + "[]," * 2_000_000 + "[]]"),
        message(json.dumps("x" * 3_000)),
        message(json.dumps({"d": [["x" * 3_000], [None]]})),
        message(json.dumps({"d": [[["x"]], [None]]})),
        message(json.dumps({"o": ["x"]})),
        message(f'{{"n": {DIGITS}}}'),
    ],
    ids=range(13),
)
def test_a_message_that_would_cost_the_grader_time_or_memory_is_refused_at_once(sent):
    began = time.process_time()
    with pytest.raises(wire.WireError):
        wire.decode(sent)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {},
        {"status": ["raised"]},
        {"status": "fine"},
        {"status": "returned", "value": 1},
        {"status": "returned", "changed": {}},
        {"status": "missing", "similar": ["x" * 1_000]},
        {"status": "missing", "similar": ["x"] * 1_000},
        {"status": "missing", "similar": [1]},
        {"status": "raised", "type": "E", "message": "", "where": "", "source": "", "line": 1e9},
        {"status": "raised", "type": "E", "message": "", "where": "", "source": "", "line": 10**9},
        {"status": "returned", "value": 1, "changed": {"y": 1}},
        {"status": "returned", "value": 1, "changed": {}, "similar": 1},
        {"status": "too_large", "message": "", "line": "1"},
        {"status": "unreadable", "message": "", "changed": 1},
    ],
    ids=range(15),
)
def test_what_is_no_observation_is_not_judged(sent):
    assert not is_observation(sent, {"x"})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("x[0] = 1.0; return x", "returned"),
        ("length = len(x); return x + lenght", "raised"),
        ("raise type('\\x1b[1mE', (Exception,), {})('red')", "raised"),
        ("raise NotImplementedError", "not_attempted"),
        ("return object()", "returned"),
        ("return type('A', (), {'__array__': lambda *_: 1 / 0})()", "unreadable"),
    ],
    ids=range(6),
)
def test_what_a_probe_sends_is_an_observation(body, status):
    home: dict = {}
    exec(f"def answer(x): {body}", home)
    seen = call(home, "answer", {"x": np.zeros(2)})
    assert seen["status"] == status and is_observation(seen, {"x"}), seen
    assert is_observation(call(home, "anwser", {"x": 1}), {"x"})


def test_a_judge_that_is_stuck_costs_one_submission_and_no_other(tmp_path, monkeypatch):
    from course_utils.grading.core import engine

    def stuck(trial, observations, **how):
        if any("stuck" in str(seen.get("message")) for seen in observations):
            re.match(r"(a*)*b", "a" * 40)  # one call that no Python code can interrupt
        if any("slow" in str(seen.get("message")) for seen in observations):
            time.sleep(0.6)  # each look is within bounds, but not all of them together
        return judge(trial, observations, **how)

    judge = engine.judge
    monkeypatch.setattr(engine, "judge", stuck)
    monkeypatch.setattr(run, "STUCK_SECONDS", 1.5)
    wrong = "def rnn_cell_forward(xt, a_prev, parameters):\n    raise ValueError('stuck')"
    slow = """def rnn_cell_forward(xt, a_prev, parameters):
    raise ValueError('slow')

def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    raise ValueError('slow')"""
    for name, answer in (("ada", RIGHT), ("eve", wrong), ("sam", slow), ("zoe", RIGHT)):
        write(tmp_path / "in" / name / f"{STEM}.ipynb", SETUP, answer)
    began = time.monotonic()
    done, rows, _ = grade(tmp_path / "in", tmp_path / "out", "--jobs", "1")
    assert [(row["student"], row["status"]) for row in rows] == [
        ("ada", "graded"),
        ("eve", "not run"),
        ("sam", "not run"),
        ("zoe", "graded"),
    ]
    assert done.exit_code == 1 and time.monotonic() - began < 60


def notebook(*sources, extra=""):
    cells = ",".join(json.dumps({"cell_type": "code", "source": source}) for source in sources)
    return f'{{{extra}"cells":[{cells}]}}'.encode()


HEAVY = {  # what takes long or much memory to read, or must be refused before it is
    "newlines": lambda: notebook("\n" * 1_900_000),
    "newlines, as a list": lambda: notebook(["\n"] * 1_500_000),
    "newlines in cells that do not parse": lambda: notebook(*["\n" * 19_000 + "def f(:"] * 15),
    "a cell of 20 MB": lambda: notebook("x = 1\n" * 3_500_000),
    "many cells": lambda: notebook(*["x"] * 300_000),
    "many definitions": lambda: notebook("".join(f"def f{n}(): 1\n" for n in range(100_000))),
    "expressions": lambda: notebook(*[f"x{n}=0\n" + "f(a)(b)[c];" * 1_800 for n in range(15)]),
    "deep JSON": lambda: notebook(extra=f'"x":{"[" * 10**6}{"]" * 10**6},'),
    "lists": lambda: notebook(extra=f'"x":[{"[]," * 5_000_000}1],'),
    "texts": lambda: notebook(extra=f'"x":[{",".join(map(str, range(1_900_000)))}],'),
    "digits": lambda: notebook(extra=f'"x":{"9" * 10**7},'),
    "a text without an end": lambda: b'{"cells":[1,],"' + b'\\"' * 10**7,
    "commas and spaces": lambda: b'{"cells":[1' + (b"," + b" " * 3_000) * 5_000 + b"x}",
    "conflict markers": lambda: b"<<<<<<< a\n" * 3_000_000,
    "sides of a conflict": lambda: b"<<<<<<< a\n" + b"\n" * 3 * 10**7 + b"=======\n>>>>>>> b\n",
    "a language of lists": lambda: notebook(extra='"metadata":{"kernelspec":{"language":'
                                            f'{"[" * 400}{"1," * 900_000}1{"]" * 400}}}}},'),
}  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "fork"), reason="measures a process")
@pytest.mark.parametrize("kind", HEAVY)
def test_reading_a_notebook_takes_little_time_and_memory_whatever_it_holds(kind):
    content = HEAVY[kind]()
    seconds, megabytes = measured(lambda: read_all(content))
    assert seconds < 6  # 2 s on a machine that does nothing else
    assert megabytes < 500


def read_all(content):
    """Do everything the trusted side does with a notebook, except judging."""
    names = assignment(STEM).names()
    with contextlib.suppress(Unreadable):
        read = read_notebook(content)
        assignment_stem(PurePath("x"), read.sources())
        read.to_run(names)
        fingerprints(read.sources(), names)


def measured(work):
    """Return the processor seconds and the megabytes that `work` takes in a forked process."""
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            import resource

            before = resource.getrusage(resource.RUSAGE_SELF)
            work()
            after = resource.getrusage(resource.RUSAGE_SELF)
            took = after.ru_utime - before.ru_utime, (after.ru_maxrss - before.ru_maxrss) / 1024
            os.write(writer, json.dumps(took).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(pid, 0)
    with open(reader) as told:
        return json.loads(told.read() or "[1e9, 1e9]")


def test_pictures_and_sounds_may_be_large():
    data = "iVBO" * 12 * 2**20
    html = f'<audio src="data:audio/wav;base64,{data}">'
    outputs = [{"data": {"image/png": data}}, {"data": {"text/html": [html]}}]
    cell = {"cell_type": "code", "source": RIGHT, "outputs": outputs}
    read = read_notebook(json.dumps({"cells": [cell]}).encode())
    assert read.sources() == [RIGHT]
    assert "its pictures and sounds were passed over" in read.notes[0]


def test_texts_are_cut_where_a_result_or_a_grade_is_made():
    found = Grade("ada", STEM, "n.ipynb", "graded", notes=("x" * 10**7, *["y"] * 10**5))
    assert found.notes[0].endswith(f"x [... {10**7 - LONGEST:,} more characters]")
    assert found.notes[-1] == f"[... {10**5 + 1 - MOST:,} more]"
    message = CriterionResult("values", 0, 5, "x" * 10**7).message
    assert len(message) < LONGEST + 50
    assert len(to_json(found)) < 3 * LONGEST


@pytest.mark.parametrize("fault", ["huge", "number", "object"])
def test_a_grade_that_cannot_be_recorded_costs_itself_only(tmp_path, monkeypatch, fault):
    def record(journal, key, grade, *about):
        if grade.student == "eve" and grade.status == "graded":
            if fault == "huge":
                journal._base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000)
            made = {"huge": {"notes": ("x" * LONGEST,)}, "number": {"results": (huge,)},
                    "object": {"notes": (object,)}}  # fmt: skip
            grade = replace(grade, **made[fault])
        try:
            return honest(journal, key, grade, *about)
        finally:
            journal._base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10**9)

    huge = Result("rnn_cell_forward", "failed", (CriterionResult("values", 10**30, 5),))
    honest = Journal.record
    monkeypatch.setattr(Journal, "record", record)
    for number, name in enumerate(("ada", "eve", "zoe")):
        write(tmp_path / "in" / name / f"{STEM}.ipynb", SETUP, RIGHT, f"x = {number}")
    done, rows, _ = grade(tmp_path / "in", tmp_path / "out", "--jobs", "1", "--seed", "1")
    assert [row["status"] for row in rows] == ["graded", "not run", "graded"]
    assert done.exit_code == 1 and "its grade cannot be recorded" in done.stderr
    monkeypatch.undo()
    again, rows, _ = grade(tmp_path / "in", tmp_path / "out", "--jobs", "1", "--seed", "1")
    assert again.exit_code == 0 and {row["status"] for row in rows} == {"graded"}


class Slow:
    """Workers that do nothing and claim it took long."""

    def map(self, tasks):
        for task in tasks:
            yield task, Grade(task.student, STEM, task.file, "graded", seconds=10.0)


def test_one_student_has_a_share_of_a_run_and_the_others_come_to_their_turn(tmp_path):
    for number in range(30):
        write(tmp_path / "in" / "eve" / f"{number:02}" / f"{STEM}.ipynb", f"x = {number}")
    write(tmp_path / "in" / "zoe" / f"{STEM}.ipynb", "x = 1000")
    settings = run.Settings(1, Limits(submission_seconds=10.0))
    for count in (11, 22, 30):  # one more than the budget each time
        with contextlib.closing(Journal(tmp_path / "journal.sqlite")) as journal:
            found = find_submissions(tmp_path / "in")
            run.grade_all(found, journal, settings, Slow(), lambda *_: None)
            rows = [row.grade for row in journal.rows()]
        eve = [one for one in rows if one.student == "eve"]
        assert sum(one.status == "graded" for one in eve) == count and len(eve) == 30
        assert [one.status for one in rows if one.student == "zoe"] == ["graded"]
        refused = [one for one in eve if one.status == "not run"]
        assert all("this student's notebooks have taken" in one.notes[0] for one in refused)
