"""A submission takes no more than its limits say, and what a worker sends is bounded."""

from __future__ import annotations

import json
import re
import struct
import time

import pytest

from course_utils.grading import wire
from course_utils.grading.engine import Run
from course_utils.grading.limits import Limits
from course_utils.grading.observe import is_observation
from course_utils.grading.submissions import find_submissions
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
    ],
    ids=range(11),
)
def test_what_is_no_observation_is_not_judged(sent):
    assert not is_observation(sent)


def test_a_judge_that_is_stuck_costs_one_submission_and_no_other(tmp_path, monkeypatch):
    from course_utils.grading import batch, engine

    def stuck(trial, observations, **how):
        if any("stuck" in str(seen.get("message")) for seen in observations):
            re.match(r"(a*)*b", "a" * 40)  # one call that no Python code can interrupt
        return judge(trial, observations, **how)

    judge = engine.judge
    monkeypatch.setattr(engine, "judge", stuck)
    monkeypatch.setattr(batch, "STUCK_SECONDS", 1.0)
    wrong = "def rnn_cell_forward(xt, a_prev, parameters):\n    raise ValueError('stuck')"
    for name, answer in (("ada", RIGHT), ("eve", wrong), ("zoe", RIGHT)):
        write(tmp_path / "in" / name / f"{STEM}.ipynb", SETUP, answer)
    began = time.monotonic()
    done, rows, _ = grade(tmp_path / "in", tmp_path / "out", "--jobs", "1")
    assert [(row["student"], row["status"]) for row in rows] == [
        ("ada", "graded"),
        ("eve", "not run"),
        ("zoe", "graded"),
    ]
    assert done.exit_code == 1 and time.monotonic() - began < 60
