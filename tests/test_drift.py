"""`course build --check` names every built file that its source no longer gives."""

import json
import shutil
from copy import deepcopy

import nbformat
import pytest
from click.testing import CliRunner

from course_utils.authoring import course as course_module
from course_utils.authoring.source import SourceError
from course_utils.cli import main
from tests.conftest import ROOT, SOURCES

STEMS = [source.stem for source in SOURCES]
every_stem = pytest.mark.parametrize("stem", STEMS)


@pytest.fixture(scope="module", autouse=True)
def built_once():
    """Build the same text only once; a build depends on nothing else, as test_build.py shows."""
    build, made = course_module.build, {}

    def remember(text, path, assignment, *, solved):
        key = text, path, solved
        if key not in made:
            made[key] = build(text, path, assignment, solved=solved)
        return deepcopy(made[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(course_module, "build", remember)
        yield


@pytest.fixture
def copy(tmp_path):
    """Copy the files that the drift check compares, so that tests may change them."""
    for folder in ("solutions", "notebooks"):
        (tmp_path / folder).mkdir()
        for path in (ROOT / folder).glob("[0-9][0-9]_*"):
            shutil.copy(path, tmp_path / folder)
    (tmp_path / LENT).parent.mkdir(parents=True)
    shutil.copy(ROOT / LENT, tmp_path / LENT)
    return tmp_path


def run(root, *names):
    """Run the command; return its exit code and the lines on stderr."""
    result = CliRunner().invoke(main, ["build", "--check", "--root", str(root), *names])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    return result.exit_code, result.stderr.splitlines()


def assert_named(root, stem, *files):
    code, lines = run(root, stem)
    assert code == 1
    assert [line.split()[0] for line in lines] == [file.format(stem) for file in files]
    assert all(f" {stem}`" in line.partition("run `course ")[2] for line in lines)


def change(path, edit):
    """Change the text of a file; fail if that changes nothing."""
    before = path.read_bytes()
    path.write_bytes(edit(before.decode()).encode())
    assert path.read_bytes() != before


def change_key(path, edit):
    """Change an answer key as a program would, writing it as the builder does."""
    notebook = nbformat.read(path, as_version=4)
    edit(notebook, [cell for cell in notebook.cells if cell.cell_type == "code"])
    change(path, lambda _: nbformat.writes(notebook).rstrip("\n") + "\n")


STUDENT, KEY = "notebooks/{}.ipynb", "solutions/{}.ipynb"
LENT = "course_utils/grading/core/references.json"


def test_a_change_in_the_answers_that_the_grader_lends_is_named(copy):
    change(copy / LENT, lambda text: text.replace("np.tanh", "np.arctan", 1))
    code, lines = run(copy)
    assert code == 1
    assert [line.split()[0] for line in lines] == [LENT]


def test_what_is_committed_has_not_drifted():
    assert run(ROOT) == (0, [])


@every_stem
def test_a_copy_has_not_drifted_either(copy, stem):
    assert run(copy, stem) == (0, [])


@every_stem
def test_one_byte_of_prose_in_a_source_changes_both_notebooks(copy, stem):
    change(copy / "solutions" / f"{stem}.py", lambda text: text.replace("\n# - ", "\n# -  ", 1))
    assert_named(copy, stem, STUDENT, KEY)


@every_stem
def test_one_byte_of_an_answer_changes_the_key_only(copy, stem):
    source = copy / "solutions" / f"{stem}.py"
    begin = "### BEGIN SOLUTION\n"
    change(source, lambda text: text.replace(begin, f"{begin}    # \n", 1))
    assert_named(copy, stem, KEY)


@every_stem
def test_one_byte_of_a_released_notebook_is_found(copy, stem):
    notebook = copy / "notebooks" / f"{stem}.ipynb"
    change(notebook, lambda text: text.replace('"# ', '"#  ', 1))
    assert_named(copy, stem, STUDENT)


@every_stem
def test_a_missing_newline_at_the_end_is_found(copy, stem):
    change(copy / "notebooks" / f"{stem}.ipynb", lambda text: text[:-1])
    change(copy / "solutions" / f"{stem}.ipynb", lambda text: text[:-1])
    assert_named(copy, stem, STUDENT, KEY)


def set_source(notebook, code):
    code[1].source += " "


def set_prose(notebook, code):
    notebook.cells[0].source += " "


def set_tags(notebook, code):
    code[1].metadata["tags"] = ["nbval-skip"]


def set_version(notebook, code):
    notebook.metadata["language_info"]["version"] = "3.12.1"


def set_id(notebook, code):
    code[1]["id"] += "x"


@pytest.mark.parametrize(
    "edit", [set_source, set_prose, set_tags, set_version, set_id], ids=lambda edit: edit.__name__
)
@every_stem
def test_one_change_of_source_or_metadata_in_an_answer_key_is_found(copy, stem, edit):
    change_key(copy / "solutions" / f"{stem}.ipynb", edit)
    assert_named(copy, stem, KEY)


def no_outputs(notebook, code):
    for cell in code:
        cell.outputs = []


def no_counts(notebook, code):
    for cell in code:
        cell.execution_count = None


def one_count_less(notebook, code):
    code[-1].execution_count = None


def run_twice(notebook, code):
    code[1].execution_count = 99


def cell_gone(notebook, code):
    notebook.cells.remove(code[-1])


@pytest.mark.parametrize(
    "edit", [no_outputs, no_counts, one_count_less, run_twice, cell_gone], ids=lambda e: e.__name__
)
@every_stem
def test_an_answer_key_that_was_not_run_is_found(copy, stem, edit):
    change_key(copy / "solutions" / f"{stem}.ipynb", edit)
    assert_named(copy, stem, KEY)


@every_stem
def test_a_missing_notebook_is_named(copy, stem):
    (copy / "notebooks" / f"{stem}.ipynb").unlink()
    assert_named(copy, stem, STUDENT)
    (copy / "solutions" / f"{stem}.ipynb").unlink()
    assert_named(copy, stem, STUDENT, KEY)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", json.dumps({"nbformat": 4})])
def test_an_answer_key_that_is_no_notebook_is_named(copy, content):
    (copy / "solutions" / f"{STEMS[0]}.ipynb").write_text(content, encoding="utf-8")
    assert_named(copy, STEMS[0], KEY)


@pytest.mark.parametrize("folder", ["notebooks", "solutions"])
def test_a_stray_notebook_is_named(copy, folder):
    shutil.copy(copy / "notebooks" / f"{STEMS[0]}.ipynb", copy / folder / "99_stray.ipynb")
    code, lines = run(copy)
    assert code == 1
    assert [line.split()[0] for line in lines] == [f"{folder}/99_stray.ipynb"]


def test_a_check_writes_nothing(copy):
    def state():
        return {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in copy.rglob("*") if p.is_file()}

    (copy / "notebooks" / f"{STEMS[0]}.ipynb").unlink()
    before = state()
    run(copy)
    assert state() == before


def test_a_build_mends_a_student_edition(copy):
    notebook = copy / "notebooks" / f"{STEMS[0]}.ipynb"
    notebook.unlink()
    result = CliRunner().invoke(main, ["build", "--root", str(copy), STEMS[0]])
    assert (result.exit_code, result.output) == (0, f"built notebooks/{STEMS[0]}.ipynb\n")
    assert run(copy, STEMS[0]) == (0, [])


@pytest.mark.parametrize("options", [[], ["--check"]], ids=["build", "check"])
def test_a_fault_of_a_record_stops_the_build(copy, monkeypatch, options):
    faults = [SourceError("a.py", line, "wrong") for line in (1, 2)]
    monkeypatch.setattr(course_module, "faults", lambda stem: faults)
    (copy / "notebooks" / f"{STEMS[0]}.ipynb").unlink()
    result = CliRunner().invoke(main, ["build", *options, "--root", str(copy), STEMS[0]])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == ["error: a.py:1: wrong", "error: a.py:2: wrong"]
    assert not (copy / "notebooks" / f"{STEMS[0]}.ipynb").exists()


@pytest.mark.parametrize("arguments", [["build"], ["build", "--check"], ["solve"]])
class TestWhatCannotBeDone:
    """Exit 2, one line that says why, and no traceback."""

    def refused(self, arguments, root, *names):
        result = CliRunner().invoke(main, [*arguments, "--root", str(root), *names])
        assert result.exit_code == 2
        assert isinstance(result.exception, SystemExit)
        (line,) = result.stderr.splitlines()
        assert line.startswith("error: ")
        return line

    def test_not_a_checkout(self, arguments, tmp_path):
        assert "run this in the checkout" in self.refused(arguments, tmp_path)
        assert "run this in the checkout" in self.refused(arguments, tmp_path / "nowhere")

    def test_an_unknown_name(self, arguments, copy):
        line = self.refused(arguments, copy, "98_unknown")
        assert "98_unknown" in line
        assert "no such source" in line

    def test_a_source_without_records(self, arguments, copy):
        (copy / "solutions" / "97_new.py").write_text("# %%\nx = 1\n", encoding="utf-8")
        assert "97_new.py:1: no exercise records" in self.refused(arguments, copy, "97")

    def test_a_malformed_source(self, arguments, copy):
        source = copy / "solutions" / f"{STEMS[0]}.py"
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        place = next(n for n, line in enumerate(lines) if "### END SOLUTION" in line)
        begin = max(n for n, line in enumerate(lines[:place]) if "### BEGIN SOLUTION" in line)
        source.write_text("".join(lines[:place] + lines[place + 1 :]), encoding="utf-8")
        line = self.refused(arguments, copy, STEMS[0])
        assert f"{STEMS[0]}.py:{begin + 1}: ### BEGIN SOLUTION is not closed" in line
