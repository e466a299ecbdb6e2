"""The first cell of a notebook shows no red box, however the notebook was started."""

import os
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

SOURCES = sorted((ROOT / "solutions").glob("*.py"))
IMPORT = re.compile(r"(?m)^(?:import|from) (keras|tensorflow|course_utils)\b")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_course_is_imported_before_tensorflow(source):
    """The course sets TensorFlow's log level, which TensorFlow reads when it is imported."""
    assert IMPORT.findall(source.read_text(encoding="utf-8"))[0] == "course_utils"


@pytest.mark.slow
def test_tensorflow_starts_without_a_word():
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    program = "import course_utils, keras; keras.ops.ones(2) + 1"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_level_that_was_chosen_is_kept():
    program = "import course_utils, os; print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0"},
    )  # fmt: skip
    assert ran.stdout == "0\n"
