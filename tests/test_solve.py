"""An executed answer key has the same bytes every time; a cell that fails gives a short error."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.authoring import course as course_module
from course_utils.authoring.build import METADATA
from course_utils.authoring.course import Course
from course_utils.authoring.solve import SolveError, settled, solve
from course_utils.cli import main
from course_utils.workspace.released import to_bytes
from tests.conftest import ROOT, SOURCES

CHATTY = """\
import subprocess, sys, time
for word in ("one", "two", "three"):
    print(word, flush=True)
    time.sleep(0.05)
print("a warning", file=sys.stderr)
subprocess.run("echo from below 1>&2", shell=True)
"four"
"""


def notebook(*cells):
    made = new_notebook(metadata=METADATA)
    for number, cell in enumerate(cells):
        new = new_markdown_cell if cell.startswith("#") else new_code_cell
        made.cells.append(new(cell, id=f"cell-{number}"))
    return made


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """Solve a small notebook twice, in the same folder."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "beside.txt").write_text("found", encoding="utf-8")
    small = notebook("# Title", CHATTY, "open('beside.txt').read()", "x = 1")
    return [solve(small, folder) for _ in range(2)] + [small]


def test_outputs_are_kept_without_stderr_and_streams_are_joined(solved):
    chatty, beside, silent = solved[0].cells[1:]
    stream, value = chatty.outputs
    assert (stream.name, stream.text) == ("stdout", "one\ntwo\nthree\n")
    assert value.data["text/plain"] == "'four'"
    assert silent.outputs == []


def test_cells_run_in_the_folder_they_are_given(solved):
    assert solved[0].cells[2].outputs[0].data["text/plain"] == "'found'"


def test_cells_have_run_in_order_and_keep_no_times(solved):
    code = solved[0].cells[1:]
    assert [cell.execution_count for cell in code] == [1, 2, 3]
    assert all(cell.metadata == {} for cell in code)
    assert solved[0].metadata == METADATA


def test_solved_twice_gives_the_same_bytes(solved):
    assert to_bytes(solved[0]) == to_bytes(solved[1])


def test_the_notebook_given_is_left_as_it_was(solved):
    assert all(cell.get("outputs", []) == [] for cell in solved[2].cells)


def test_only_pieces_of_one_stream_are_joined():
    def stream(text, name="stdout"):
        return new_output("stream", name=name, text=text)

    picture = new_output("display_data", data={"text/plain": "picture"})
    pieces = [stream("a"), stream("!", "stderr"), stream("b"), picture, stream("c"), stream("d")]
    kept = settled(pieces)
    assert [output.get("text", "picture") for output in kept] == ["ab", "picture", "cd"]


def failure(*cells, timeout=60):
    with pytest.raises(SolveError) as caught:
        solve(notebook(*cells), ROOT, timeout=timeout)
    return str(caught.value)


def test_a_widget_is_not_stored():
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "7"}, "text/plain": "x"}
    kept = [new_output("stream", text="1\n"), new_output("display_data", data={"text/plain": "y"})]
    assert settled([kept[0], new_output("display_data", data=widget), kept[1]]) == kept


def test_a_failing_cell_is_named_in_a_few_lines():
    deep = "def f(n):\n    return 1 / n if n == 0 else f(n - 1)\n\n\nf(30)"
    message = failure("# One\n\ntext", "x = 1", "## Two: `f`", deep)
    assert message.splitlines() == [
        'cell 4 under "Two: `f`" failed: def f(n):',
        "ZeroDivisionError: division by zero",
    ]


def test_a_long_coloured_message_is_cut_and_loses_its_colours():
    message = failure("raise ValueError('\\x1b[31mred\\x1b[0m\\n' + 'more\\n' * 50)")
    assert message.splitlines() == [
        "cell 1 failed: raise ValueError('\\x1b[31mred\\x1b[0m\\n' + 'more\\n' * 50)",
        "ValueError: red",
        "more",
        "more",
    ]


def test_a_cell_that_does_not_finish_is_named():
    message = failure("import time\ntime.sleep(60)", timeout=1)
    assert message == "cell 1 failed: import time\ndid not finish within 1 seconds"


def test_a_kernel_that_dies_is_reported():
    message = failure("x = 1", "import os, signal\nos.kill(os.getpid(), 9)")
    assert message == "cell 2 failed: import os, signal\nthe kernel died"


@pytest.fixture
def command(monkeypatch):
    """Run `course solve` on a notebook that stands in for the first source's."""

    def run(stand_in):
        monkeypatch.setattr(Course, "build", lambda self, source, solved=False: stand_in)
        monkeypatch.setattr(Course, "key", lambda self, source: ROOT / "nowhere" / "key.ipynb")
        return CliRunner().invoke(main, ["solve", "--root", str(ROOT), SOURCES[0].stem])

    return run


def test_the_command_fails_in_three_lines_and_no_colours(command):
    result = command(notebook("# One", "1 / 0"))
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.splitlines() == [
        f'error: {SOURCES[0].name}: cell 2 under "One" failed: 1 / 0',
        "ZeroDivisionError: division by zero",
    ]
    assert "\x1b" not in result.output


def test_a_failure_leaves_the_old_answer_key(tmp_path, monkeypatch):
    source = tmp_path / "01_small.py"
    source.with_suffix(".ipynb").write_text("old", encoding="utf-8")
    monkeypatch.setattr(course_module, "build", lambda *args, **more: notebook("1 / 0"))
    monkeypatch.setattr(course_module, "read_source", lambda path: "")
    monkeypatch.setattr(course_module, "assignment", lambda stem: None)
    with pytest.raises(SolveError):
        Course(tmp_path).write_key(source)
    assert source.with_suffix(".ipynb").read_text(encoding="utf-8") == "old"


def test_a_run_writes_nothing_to_the_terminal(tmp_path):
    """Kernels print warnings on stderr, for instance that their sockets are plain TCP."""
    program = (
        "from pathlib import Path\n"
        "from tests.test_solve import notebook, solve\n"
        "solve(notebook('x = 1'), Path('.'))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (run.stdout, run.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []
