"""Dependencies point one way, and light modules stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from course_utils import PACKAGE
from course_utils.grading.sandbox import stage
from tests.conftest import ROOT

# from the ground up: nothing imports what stands above it (see CONTRIBUTING)
LEVELS = (
    "data, environment, files, results, streams, training",
    "characters, emojis, images, music, reviews, translation, vectors",
    "plots, rnn_utils",
    "demos",
    "attention_utils, emo_utils, image_utils, language_model_utils, music_utils, "
    "rnn_variants_utils, sentiment_utils, translation_utils, w2v_utils",
    "observing",
    "judging",
    "exercises",
    "session",
    "check",
    "workspace",
    "grading.sandbox.inside",
    "grading.sandbox",
    "grading.intake",
    "grading.core",
    "grading.batch",
    "grading.report",
    "grading",
    "authoring",
    "cli",
)
LEVEL = {name: i for i, names in enumerate(LEVELS) for name in names.split(", ")}
HELPERS = LEVEL["w2v_utils"]  # up to here, a notebook's code may use it


def name_of(path: Path) -> str:
    """Return a module's name below course_utils; a package's own is its folder's."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


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
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
IMPORTS = {
    name: {
        found
        for full in imported(path)
        for found in [full.removeprefix("course_utils.")]
        if full.startswith("course_utils.")
        for found in [found if found in MODULES else found.rpartition(".")[0]]
        if found in MODULES
    }
    for name, path in MODULES.items()
    if name != "__init__"
}


def level(name: str) -> int:
    """Return the level of a module, that of the innermost package in the list."""
    while name not in LEVEL:
        name = name.rpartition(".")[0]
        assert name, "each module has a level: add its package to LEVELS"
    return LEVEL[name]


@pytest.mark.parametrize("name", IMPORTS)
def test_no_module_imports_one_that_stands_above_it(name):
    assert [each for each in IMPORTS[name] if level(each) > level(name)] == []


def test_no_module_imports_itself_by_way_of_others():
    TopologicalSorter(IMPORTS).prepare()  # raises CycleError


@pytest.mark.parametrize("name", [n for n in IMPORTS if n.startswith("grading.sandbox.inside")])
def test_what_runs_beyond_the_boundary_knows_the_probes_alone(name):
    own = ("grading.sandbox.inside", "observing", "demos")
    assert [each for each in IMPORTS[name] if not each.startswith(own)] == []


def test_all_that_is_staged_is_for_learners_or_for_what_runs_beside_them():
    staged = {p for each in (*stage.HELPERS, *stage.WORKER) for p in PACKAGE.glob(each)}
    above = {p for p in staged if p.name != "__init__.py" and level(name_of(p)) > HELPERS}
    allowed = ("observing.", "grading.sandbox.inside.")
    assert {name_of(p) for p in above if not name_of(p).startswith(allowed)} == set()


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=str)
def test_the_package_never_imports_solutions(path):
    assert not any(name.split(".")[0] == "solutions" for name in imported(path))


@pytest.mark.parametrize(
    "module",
    [
        *(
            "rnn_utils",
            "rnn_variants_utils",
            "language_model_utils",
            "w2v_utils",
            "emo_utils",
            "image_utils",
            "music_utils",
            "translation_utils",
            "training",
            "data",
        ),
        *("check", "exercises", "exercises.emojify", "exercises.jazz_improvisation"),
        *("exercises.sentiment", "sentiment_utils", "reviews.imdb", "results"),
        "exercises.image_rnn",
        "exercises.translation",
        *("exercises.attention", "attention_utils"),
        *("grading.core.engine", "observing.probes", "cli"),
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
    assert {p.name: n for p, n in sizes.items() if n > 600} == {}


def test_one_module_unpickles_and_only_plain_values():
    assert [
        p.name for p in PACKAGE.rglob("*.py")
        if imported(p) & {"pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
    ] == ["pickled_arrays.py"]  # fmt: skip


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
