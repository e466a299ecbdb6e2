"""Which helpers a submission can import while it is graded, and that none holds an answer."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from contextlib import suppress

import pytest

from course_utils import PACKAGE
from course_utils.authoring.source import parse
from course_utils.check import CheckFailed, check
from course_utils.exercises import assignment, stems
from course_utils.grading.sandbox.stage import INSIDE, stage
from tests.conftest import ROOT

# what an answer may call, though it is much of one
MEANT = {"prepare_images": "one_hot"}  # as keras.utils.to_categorical; 05 asks for one, too


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    return stage(tmp_path_factory.mktemp("staged"))


def run_staged(staged, code):
    """Run code as a submission would: with the staged helpers, and no others."""
    paths = [str(staged), *(path for path in sys.path if path.endswith("site-packages"))]
    code = f"import sys; sys.path[:0] = {paths!r}\n{code}"
    command = [sys.executable, "-S", "-P", "-c", code]
    env = os.environ | {"MPLCONFIGDIR": str(staged)}  # as in a worker, which finds its fonts there
    return subprocess.run(command, cwd=staged, env=env, capture_output=True, text=True, check=False)


def test_no_code_of_the_demos_is_staged(staged):
    stand_in = (PACKAGE / INSIDE / "demo_stub.py").read_text("utf-8")
    modules = {path.name for path in (PACKAGE / "demos").glob("*.py")} - {"__init__.py"}
    there = {p.name: p.read_text("utf-8") for p in (staged / "course_utils" / "demos").glob("*.py")}
    assert there.pop("__init__.py") and there == dict.fromkeys(modules, stand_in)
    functions = {
        node.name
        for name in modules
        for node in ast.parse((PACKAGE / "demos" / name).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    elsewhere = {
        node.name
        for path in staged.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert {"translate", "_gru", "_lstm_step", "_cosine"} <= functions
    assert functions & elsewhere <= {"predict", "start"}  # of emo_utils, of the worker


def test_set_up_cells_run_with_what_is_staged(staged):
    paths = [ROOT / "solutions" / f"{stem}.py" for stem in stems()]
    cells = [cell for path in paths for cell in parse(path.read_text("utf-8"), path)]
    code = "\n".join(course_imports(cell.source) for cell in cells if cell.kind == "code")
    assert code.count("course_utils.check import") == len(paths)
    done = run_staged(staged, code)
    assert done.returncode == 0, done.stderr


def course_imports(source):
    """Return what a cell imports from the course; it may hold magics, which are no Python."""
    with suppress(SyntaxError):
        nodes = [node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)]
        return "\n".join(ast.unparse(n) for n in nodes if n.module.startswith("course_utils"))
    return ""


def test_a_demo_that_is_called_while_graded_says_why_it_is_not_there(staged):
    done = run_staged(
        staged, "from course_utils.translation_utils import translate\ntranslate(['a'])"
    )
    assert "NotForAnswers: `translate` is for looking at results in the notebook" in done.stderr


def test_check_refuses_what_the_grader_refuses(capsys):
    from course_utils.w2v_utils import nearest_words

    def cosine_similarity(u, v):
        return nearest_words(u, {"v": v})[0][1]

    assert cosine_similarity([3.0, 4.0], [3.0, 4.0]) == pytest.approx(1)
    with pytest.raises(CheckFailed):
        check(cosine_similarity)
    assert "raised NotForAnswers" in capsys.readouterr().out
    assert cosine_similarity([3.0, 4.0], [3.0, 4.0]) == pytest.approx(1)


@pytest.mark.parametrize("kind", ["numpy", pytest.param("keras", marks=pytest.mark.minutes)])
def test_no_helper_in_an_answer_s_place_earns_more_than_no_helper(staged, kind):
    """The bound is the shape's points, or what an argument, an element of it or a constant earns.

    What those earn is bounded elsewhere: here, a helper adds nothing.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.answered_by_helpers", str(staged), kind],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": "tensorflow"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((staged / f"{kind}.json").read_text())
    every = [each for stem in stems() for each in assignment(stem).exercises]
    assert set(found) == {
        each.name for each in every if (each.probe == "call") == (kind == "numpy")
    }
    assert min(each["called"] for each in found.values()) > 300
    won = {
        (name, answer): points
        for name, each in found.items()
        for answer, points in each["earned"].items()
        if points > each["bound"] and MEANT.get(name, " ") not in answer
    }
    assert won == {}
