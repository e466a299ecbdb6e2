"""Dependencies point one way, and light modules stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.grading import stage
from tests.conftest import ROOT

PACKAGE = ROOT / "course_utils"
HELPERS = sorted({p for each in (*stage.HELPERS, "demos/*.py") for p in PACKAGE.glob(each)})
STAND_INS = [PACKAGE / "grading" / name for name in ("standin.py", "stand_in_for_demos.py")]
BESIDE_LEARNERS = [PACKAGE / name for name in stage.WORKER] + STAND_INS


def imported(path: Path) -> set[str]:
    """List the modules a file imports, with relative names resolved."""
    package = list(path.relative_to(ROOT).with_suffix("").parts[:-1])
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return names


def reaches(path: Path, *parts: str) -> set[str]:
    wanted = tuple(f"course_utils.{part}" for part in parts)
    return {name for name in imported(path) if name.startswith(wanted)}


@pytest.mark.parametrize("path", HELPERS, ids=lambda p: p.name)
def test_helpers_import_neither_checks_nor_exercises_nor_the_grader(path):
    assert not reaches(path, "check", "exercises", "grading", "authoring", "feedback", "cli")


@pytest.mark.parametrize("path", BESIDE_LEARNERS, ids=lambda p: p.name)
def test_what_runs_beside_learners_knows_no_exercise(path):
    assert not reaches(path, "exercises", "check", "feedback", "authoring", "grading.engine")


@pytest.mark.parametrize("path", sorted((PACKAGE / "exercises").rglob("*.py")), ids=str)
def test_exercises_know_the_probes_and_no_more_of_the_grader(path):
    assert reaches(path, "grading", "authoring", "check", "feedback") <= {
        "course_utils.grading.probes",
        "course_utils.grading.probes.PROBES",
    }


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=str)
def test_the_package_never_imports_solutions(path):
    assert not any(name.split(".")[0] == "solutions" for name in imported(path))


@pytest.mark.parametrize(
    "module",
    [
        *(
            "rnn_utils",
            "rnn_variants_utils",
            "w2v_utils",
            "emo_utils",
            "image_utils",
            "music_utils",
            "translation_utils",
            "training",
            "data",
        ),
        *("check", "exercises", "exercises.emojify", "exercises.jazz_improvisation"),
        *("exercises.sentiment", "sentiment_utils", "imdb_utils", "results"),
        "exercises.image_rnn",
        "exercises.translation",
        *("grading.engine", "grading.probes", "cli"),
    ],
)
def test_light_modules_do_not_import_heavy_ones(module):
    code = (
        f"import sys, course_utils.{module}\n"
        "heavy = {'tensorflow', 'keras', 'pandas', 'music21', 'pyarrow', 'nbformat'}\n"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_module_is_one_idea_that_can_be_read_at_a_sitting():
    sizes = {p: len(p.read_text("utf-8").splitlines()) for p in PACKAGE.rglob("*.py")}
    assert {p.name: n for p, n in sizes.items() if n > 400} == {}


def test_one_module_unpickles_and_only_plain_values():
    assert [
        p.name for p in PACKAGE.rglob("*.py")
        if imported(p) & {"pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
    ] == ["data_pickles.py"]  # fmt: skip


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_has_nothing_to_say(command):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
