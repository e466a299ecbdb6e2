"""What a kernel knows: which run was checked, which results were kept, and when to stop."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_client.manager import KernelManager

from course_utils.session import results
from course_utils.session.results import Remembered
from tests.conftest import ROOT

SETUP = "import numpy as np\nfrom course_utils.check import check, hint, score"
SOFTMAX = "from course_utils.rnn_utils import softmax"
RIGHT = """def rnn_cell_forward(xt, a_prev, parameters):
    Wax, Waa, ba = parameters["Wax"], parameters["Waa"], parameters["ba"]
    a_next = np.tanh(Wax @ xt + Waa @ a_prev + ba)
    yt_pred = softmax(parameters["Wya"] @ a_next + parameters["by"])
    return a_next, yt_pred, (a_next, a_prev, xt, parameters)"""
CHECK = "check(rnn_cell_forward)"


class Kernel:
    """A kernel as JupyterLab starts it for a notebook in the learner's folder."""

    def __init__(self, work) -> None:
        self.notebook = work / "01_rnn_step_by_step.ipynb"
        env = os.environ | {
            "COURSE_WORK": str(work),
            "JPY_SESSION_NAME": str(self.notebook),
            "PYTHONPATH": str(ROOT),
        }
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(work), env=env)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(60)
        self.run("%load_ext course_utils.session.welcome")
        self.save(f"{SETUP}\n{SOFTMAX}", "setup")
        self.at_first = self.run(CHECK).error
        self.run(f"{SETUP}\n{SOFTMAX}", "setup")

    def run(self, source: str, cell: str = "scratch", after=None) -> SimpleNamespace:
        """Run a cell; return what it printed and showed, and the lines of its error."""
        content = dict(code=source, silent=False, store_history=True, user_expressions={},
                       allow_stdin=False, stop_on_error=True)  # fmt: skip
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self.client.shell_channel.send(message)
        if after:
            after(self)
        out, error = [], ""
        while True:
            found = self.client.get_iopub_msg(timeout=60)
            if found["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            kind, said = found["msg_type"], found["content"]
            if kind == "stream":
                out.append(said["text"])
            elif kind == "display_data":
                out.append(said["data"]["text/plain"])
            elif kind == "error":
                error = "\n".join(said["traceback"])
            elif kind == "execute_input":
                number = said["execution_count"]
            elif kind == "status" and said["execution_state"] == "idle":
                return SimpleNamespace(out="".join(out), error=error, number=number)

    def save(self, source: str, cell: str = "answer", *more: tuple[str, str]) -> None:
        """Save the notebook with this source in a cell, the answer's, and more (source, id)."""
        cells = [nbformat.v4.new_code_cell(text, id=i) for text, i in ((source, cell), *more)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), self.notebook)

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    started = Kernel(tmp_path_factory.mktemp("work"))
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def unsaved(request):
    if "kernel" in request.fixturenames:
        request.getfixturevalue("kernel").notebook.unlink(missing_ok=True)


def test_before_the_set_up_cell_it_says_what_to_run(kernel):
    assert kernel.at_first.startswith(
        "NameError: `check` is not defined yet: run the cell that begins `import numpy as np` first"
    )


def test_a_passed_check_says_which_run_it_is_about(kernel):
    number = kernel.run(RIGHT, "answer").number
    said = kernel.run(CHECK)
    assert "rnn_cell_forward: passed" in said.out and not said.error
    assert f"Checked: your answer as run in [{number}]." in said.out


@pytest.mark.parametrize(
    ("then", "why"),
    [
        (RIGHT.replace("):", ")", 1), "Python could not read its cell: SyntaxError: expected ':'"),
        (RIGHT.replace("cell_forward(", "cel_forward("), "its cell defined `rnn_cel_forward`, not"),
        ("x = 1 / 0\n" + RIGHT, "stopped with an error before .* ZeroDivisionError"),
        ("a_next = 3", "its cell no longer defined `rnn_cell_forward`"),
    ],
)
def test_an_older_run_is_never_taken_for_what_the_cell_says_now(kernel, then, why):
    first = kernel.run(RIGHT, "answer").number
    second = kernel.run(then, "answer").number
    said = kernel.run(CHECK)
    assert "passed" not in said.out and not said.out
    assert said.error.startswith("NotChecked: rnn_cell_forward was not checked: ")
    assert f"in [{second}]" in said.error and f"run in [{first}] is out of date" in said.error
    assert re.search(why, said.error)
    kernel.run(RIGHT, "answer")
    assert "passed" in kernel.run(CHECK).out


def test_a_broken_copy_in_another_cell_counts_and_other_broken_cells_do_not(kernel):
    kernel.run(RIGHT, "answer")
    kernel.run("rnn_cell_forward(1, 2", "elsewhere")
    assert "passed" in kernel.run(CHECK).out
    kernel.run(RIGHT.replace("):", ")", 1), "elsewhere")
    assert kernel.run(CHECK).error.startswith("NotChecked")


def test_a_cell_that_was_saved_with_other_text_after_its_run_is_not_checked(kernel):
    kernel.save("# older text")
    time.sleep(0.05)
    number = kernel.run(RIGHT, "answer").number
    assert "passed" in kernel.run(CHECK).out  # the file is older than the run: it says nothing
    time.sleep(0.05)
    kernel.save(RIGHT + "\n")
    assert "passed" in kernel.run(CHECK).out
    older = RIGHT.replace("tanh", "cosh")
    kernel.save(older)
    saved = json.loads(kernel.notebook.read_text())
    saved["cells"][0]["execution_count"] = number - 1
    kernel.notebook.write_text(json.dumps(saved))  # saved before the run, but written after it
    assert "passed" in kernel.run(CHECK).out
    kernel.save(older)
    said = kernel.run(CHECK)
    assert f"its cell has been changed since it ran in [{number}]" in said.error
    assert "passed" not in said.out


def test_a_notebook_is_found_again_when_it_is_renamed(tmp_path):
    file = tmp_path / "01_rnn_step_by_step.ipynb"
    file.write_text("{}")
    code = (
        "import os; from course_utils.session.runs import notebook; print(notebook().name);"
        f"os.rename({str(file)!r}, 'mine.ipynb'); print(notebook().name);"
        "os.remove('mine.ipynb'); print(notebook())"
    )
    env = os.environ | {"JPY_SESSION_NAME": str(file), "PYTHONPATH": str(ROOT)}
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert said.stdout.split() == ["01_rnn_step_by_step.ipynb", "mine.ipynb", "None"]


def test_what_is_not_defined_yet_is_said_in_a_line_and_costs_no_hint(kernel):
    for source in ("check(lstm_forward)", "hint(lstm_forward)", "lstm_forward(1, 2, 3)"):
        said = kernel.run(source)
        assert said.out == ""
        assert said.error.startswith("NameError: `lstm_forward` is not defined yet: run its cell")
        assert len(said.error.splitlines()) == 1
    assert "Traceback" in kernel.run("something_else").error
    kernel.run("def lstm_forward(x):\n    return x\n  y", "lstm")
    assert "IndentationError" in kernel.run("check(lstm_forward)").error


def test_a_name_that_a_cell_above_sets_is_missed_in_a_line(kernel):
    makes, uses = "_, (mean, w) = 0, (1 / 0, 2)", "print(mean)"
    kernel.save(makes, "makes", (uses, "uses"), ("unheard = 1", "below"))
    said = kernel.run(uses, "uses").error
    assert said.startswith(
        f"NameError: `mean` is not defined yet: run the cell that begins `{makes}`"
    )
    number = kernel.run(makes, "makes").number
    assert kernel.run(uses, "uses").error == (
        f"NameError: `mean` is not defined: in [{number}] its cell stopped with an error before "
        "`mean` was defined: ZeroDivisionError: division by zero."
    )
    assert "Traceback" in kernel.run("unheard", "uses").error  # set further down: a slip here


def test_an_answer_whose_helper_has_not_run_is_not_checked(kernel):
    helper = "def squashed(z):\n    return np.tanh(z)"
    kernel.save(helper, "helper", (RIGHT, "answer"))
    kernel.run(RIGHT.replace("np.tanh", "squashed"), "answer")
    assert kernel.run(CHECK).error.startswith(
        "NotChecked: rnn_cell_forward was not checked: `squashed` is not defined yet: "
        "run the cell that begins `def squashed(z):` first."
    )
    kernel.run(helper, "helper")
    assert "passed" in kernel.run(CHECK).out


def test_an_error_names_the_cell_above_that_has_stopped_half_way(kernel):
    number = kernel.run("found = {}\nfound['all'] = 1 / 0", "makes").number
    said = kernel.run("print(found['all'])").error
    assert (
        f"`found` may be unfinished: in [{number}] its cell stopped with an error "
        "(ZeroDivisionError: division by zero). Run that cell again first."
    ) in said
    kernel.run("def found():\n    1 / 0\nfound()", "makes")
    assert "may be unfinished" not in kernel.run("found()").error
    kernel.run("found = {}", "makes")
    assert "may be unfinished" not in kernel.run("print(found['all'])").error


def test_a_name_with_a_slip_is_named_where_it_was_never_right(kernel):
    kernel.save("def rnn_backward(da): ...", "back")
    path = kernel.notebook
    path.write_text(
        path.read_text().replace(
            '"metadata": {}', '"metadata": {"nbgrader": {"grade_id": "rnn_backward"}}', 1
        )
    )
    kernel.run("def rnn_bakward(da):\n    return da", "back")
    said = kernel.run("check(rnn_backward)").error
    assert "its cell defined `rnn_bakward`, not `rnn_backward`: is that a typing error?" in said


def test_a_half_drawn_figure_is_not_shown(kernel):
    kernel.run("import matplotlib.pyplot as plt")
    said = kernel.run("fig, ax = plt.subplots()\nlstm_backward(1)")
    assert said.error.startswith("NameError: `lstm_backward`") and said.out == ""


def test_a_cell_that_needs_an_unwritten_answer_says_so_in_a_line(kernel):
    stub = """def rnn_forward(x, a0, parameters):
    # YOUR CODE HERE
    raise NotImplementedError("write rnn_forward")"""
    kernel.run(stub, "sequence")
    said = kernel.run("a = rnn_forward(1, 2, 3)")
    assert said.error == (
        "NotImplementedError: this cell needs `rnn_forward`, which is not written yet"
    )
    assert "delete that line" not in kernel.run("check(rnn_forward)").out
    kernel.run(stub.replace("HERE\n", "HERE\n    a = x\n"), "sequence")
    assert "delete that line" in kernel.run("check(rnn_forward)").out


def test_what_an_answer_prints_is_shown_once(kernel):
    kernel.run(RIGHT.replace("    a_next", '    print("shape", xt.shape)\n    a_next'), "answer")
    said = kernel.run(CHECK).out
    assert said.count("shape (") == 1
    assert said.startswith("Your answer printed this in the case n_x=")


def test_figures_and_warnings_of_an_answer_are_shown_once_and_nothing_is_asked(kernel):
    noisy = """    import warnings
    from IPython.display import Markdown, display
    display(Markdown(f"shape {xt.shape}"))
    warnings.warn("mind this")
    warnings.warn_explicit("never mind", UserWarning, "nn.py", 1, module="keras.src.ops.nn")
    a_next"""
    kernel.run(RIGHT.replace("    a_next", noisy, 1), "answer")
    said = kernel.run(CHECK).out
    assert said.count("Markdown object") == 1 == said.count("UserWarning: mind this")
    assert "never mind" not in said
    assert "rnn_cell_forward: passed" in said
    kernel.run(RIGHT.replace("    a_next", "    input('how many?')\n    a_next", 1), "answer")
    said = kernel.run(CHECK).out
    assert "EOFError" in said and "a check asks nobody" in said


def test_an_endless_loop_ends_at_the_learners_own_line(kernel):
    kernel.run("import course_utils.check; course_utils.check.SECONDS = 1")
    loop = """def rnn_cell_forward(xt, a_prev, parameters):
    while True:
        try:
            pass
        except:
            pass"""
    kernel.run(loop, "answer")
    said = kernel.run(CHECK)
    assert "was stopped after 1 seconds, in line " in said.out and ": passed" not in said.out
    assert "Does a loop never end?" in said.out
    assert said.error.startswith("CheckFailed: rnn_cell_forward could not run, 0/10 points")


def test_stopping_a_check_shows_the_learners_own_line(kernel):
    kernel.run("import course_utils.check; course_utils.check.SECONDS = 30")
    loop = "def rnn_cell_forward(xt, a_prev, parameters):\n    while True:\n        pass"
    kernel.run(loop, "answer")

    def interrupt(kernel):
        time.sleep(2)
        kernel.manager.interrupt_kernel()

    said = kernel.run(CHECK, after=interrupt)
    assert said.error.startswith("KeyboardInterrupt: you stopped the check of rnn_cell_forward")
    assert "in line " in said.error and len(said.error.splitlines()) == 1


def test_stopping_a_cell_shows_the_learners_own_line(kernel):
    def interrupt(kernel):
        time.sleep(2)
        kernel.manager.interrupt_kernel()

    said = kernel.run("import json\nwhile True:\n    json.dumps([1] * 1000)", after=interrupt)
    assert said.error.startswith("KeyboardInterrupt: you stopped this cell, in line ")
    assert len(said.error.splitlines()) == 1


def test_a_huge_allocation_is_an_error_of_the_answer(kernel):
    kernel.run(RIGHT.replace("    a_next =", "    big = np.ones(1 << 37)\n    a_next ="), "answer")
    said = kernel.run(CHECK)
    assert "MemoryError" in said.out and "np.ones(1 << 37)" in said.out


@pytest.mark.parametrize("end", ["exit()", "quit(True)", "sys.exit(2)", "os._exit(0)"])
def test_an_answer_that_ends_python_is_told_so_and_the_kernel_lives(kernel, end):
    kernel.run("import os, sys")
    kernel.run(RIGHT.replace("    a_next =", f"    {end}\n    a_next ="), "answer")
    said = kernel.run(CHECK)
    assert f"`rnn_cell_forward` ends Python at line 3, `{end}`" in said.out
    assert "hands its result back with `return`" in said.out
    assert kernel.run("print(1 + 1)").out == "2\n"
    assert kernel.manager.is_alive()


def test_a_fork_of_an_answer_ends_as_ever(kernel):
    forks = "    pid = os.fork()\n    pid or os._exit(3)\n    print(os.waitpid(pid, 0)[1] >> 8)\n"
    kernel.run("import os")
    kernel.run(RIGHT.replace("    a_next =", f"{forks}    a_next ="), "answer")
    said = kernel.run(CHECK)
    assert "passed" in said.out and ":\n3\n" in said.out


def test_a_new_kernel_and_a_learner_who_starts_anew(kernel):
    file = kernel.notebook.parent / results.FILE
    kernel.run(RIGHT, "answer")
    kernel.run(CHECK)
    again = Kernel(kernel.notebook.parent)
    try:
        kernel.save(RIGHT)
        assert "10 / 10  rnn_cell_forward (passed)" in again.run("score()").out
        found = json.loads(file.read_text())["exercises"]["rnn_cell_forward"]
        assert (found["status"], found["points"], found["of"]) == ("passed", 10, 10)
        assert found["answer"] == results.digest(RIGHT)
        file.unlink()
        assert "Nothing checked yet" in again.run("score()").out
    finally:
        again.stop()


PASSED = Remembered("passed", 10, 10, "2026-01-01T00:00:00Z", "0123456789abcdef")


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Return the file of results that this process uses, in a folder of its own."""
    monkeypatch.setenv(results.VARIABLE, str(tmp_path))
    monkeypatch.setattr(results.runs, "_AT_START", tmp_path.resolve())
    assert results.file_in_use() == tmp_path / results.FILE
    return tmp_path / results.FILE


def test_several_notebooks_remember_at_once(file):
    code = """
import sys
from course_utils.session.results import Remembered, remember
for i in range(25):
    remember(f"{sys.argv[1]}_{i}", Remembered("passed", i, 25))
"""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    writers = [
        subprocess.Popen([sys.executable, "-c", code, name], cwd=file.parent, env=env)
        for name in "abc"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert set(results.recall()) == {f"{name}_{i}" for name in "abc" for i in range(25)}
    assert [path.name for path in file.parent.iterdir()] == [results.FILE]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"exercises": []}', '{"format": 99}'])
def test_a_file_that_cannot_be_read_is_kept_aside(file, content):
    file.write_text(content)
    assert results.recall() == {}
    results.remember("rnn_forward", PASSED)
    assert results.recall() == {"rnn_forward": PASSED}
    assert (file.parent / "results.unreadable.json").read_text() == content


def test_an_entry_that_is_none_is_left_out(file):
    results.remember("rnn_forward", PASSED)
    found = json.loads(file.read_text())
    found["exercises"] |= {"a": 3, "b": {"status": "passed", "points": "10"}}
    file.write_text(json.dumps(found))
    assert results.recall() == {"rnn_forward": PASSED}


def test_what_is_forgotten_is_gone_and_nothing_else(file):
    results.remember("rnn_forward", PASSED)
    results.remember("rnn_backward", PASSED)
    results.forget(["rnn_forward", "lstm_forward"], file)
    assert results.recall() == {"rnn_backward": PASSED}


def test_outside_of_the_work_folder_no_file_is_written(file, monkeypatch):
    monkeypatch.setattr(results.runs, "_AT_START", ROOT)
    monkeypatch.setattr(results, "_here", {})
    results.remember("rnn_forward", PASSED)
    assert results.recall() == {"rnn_forward": PASSED}
    assert not file.exists()
