"""A line that fails in the grader costs only what depends on it, and its message is printable."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from course_utils.cli import main
from course_utils.grading.core.engine import Run
from course_utils.grading.core.grade import Grade
from course_utils.grading.intake.submissions import readable
from course_utils.judging.result import CriterionResult, printable
from tests.test_grading import RIGHT, SETUP, STEM, write

NUMPY = "import numpy as np\n"
ANSWER = NUMPY + RIGHT
INDENTED = "".join(f"    {line}\n" for line in ANSWER.splitlines())


@pytest.fixture(scope="module")
def graded():
    """Return a function that grades cells: points of the first exercise, and the notes."""
    with Run(seed=1) as run:

        def grade(*sources: str) -> tuple[int, tuple[str, ...]]:
            cells = [{"cell_type": "code", "source": source} for source in sources]
            content = json.dumps({"nbformat": 4, "cells": cells}).encode()
            found = run.grade_content("ada", f"{STEM}.ipynb", content)
            return found.results[0].points, found.notes

        yield grade


QUIET = [
    "!ls",
    "x = !echo 5\nassert int(x[0]) == 5",
    "!!ls",
    "!sleep 60 &",
    "n = 'a b'\n!echo {n} $n > out.txt\nassert open('out.txt').read() == 'a b a b\\n'",
    "%cd .",
    "%ls",
    "%mkdir data",
    "%bookmark here",
    "%matplotlib widget",
    "%matplotlib notebook\nimport matplotlib.pyplot as plt\nplt.plot([1])",
    "%config InlineBackend.figure_format = 'retina'",
    "%load_ext autoreload\n%autoreload 2",
    "%time x = 1\nassert x == 1",
    "%timeit -n 10000 -r 7 sum(range(1000))",
    "%env X=1",
    "%reset -f",
    "%who",
    "%history",
    "%debug",
    "?len",
    "len??",
    "quit()",
    "import getpass; getpass.getuser(); getpass.getpass()",
    "input('Your name?')",
    "breakpoint()",
    "import pdb; pdb.set_trace()",
    "import os; os.system('ls'); os.path.expanduser('~')",
    "from multiprocessing import Pool\nwith Pool(2) as p: assert p.map(abs, [-1]) == [1]",
    "from concurrent.futures import ThreadPoolExecutor as E; list(E(2).map(abs, [1]))",
    "import asyncio\nawait asyncio.sleep(0)",
    "from IPython.display import HTML, clear_output, display; display(HTML('x')); clear_output()",
    "if 'google.colab' in str(get_ipython()):\n    !pip install x\n    %cd x",
    "try:\n    %tensorflow_version 2.x\nexcept Exception:\n    pass",
    "%matplotlib inline\nfrom __future__ import division",
]

NOTED = {
    "!false": "a shell line failed: exit code 1",
    "!wget https://example.org/x": "no network and none of your files): `!wget",
    "!pip install x": "the grader installs nothing: `!pip install x`",
    "%pip install x": "the grader installs nothing: `%pip install x`",
    "%conda install x": "installs nothing",
    "%unknown": "`%unknown` not found",
    "%load_ext nb_black": "No module named 'nb_black'",
    "%run other.py": "not found",
    "from google.colab import drive; drive.mount('/content')": "(the grader does not have it)",
    "import no_such_module, os, sys": "a line failed: ModuleNotFoundError at line 1",
    "open('data.csv')": "none of your other files",
    "from urllib.request import urlopen; urlopen('http://example.org')": "has no network",
    "import matplotlib.pyplot as plt; plt.style.use('seaborn-whitegrid')": "OSError",
    "import numpy; numpy.float": "AttributeError",
    "x = int(input())": "ValueError",
    "assert False": "a line failed: AssertionError at line 1, `assert False`",
    "return 3": "SyntaxError at line 1, `return 3`",
    "await_nothing()": "NameError",
    "class E(Exception):\n  def __str__(self): raise self\nraise E": "`raise E`: (no message)",
    "check(rnn_cell_forward)": "NameError",
}  # fmt: skip


@pytest.mark.parametrize("line", QUIET)
def test_a_line_above_an_answer_costs_nothing(graded, line):
    assert graded(f"{line}\n{ANSWER}") == (10, ())


@pytest.mark.parametrize("line", NOTED)
def test_a_line_that_cannot_run_here_costs_a_note(graded, line):
    points, notes = graded(f"{line}\n{ANSWER}")
    assert points == 10
    assert len(notes) == 1 and NOTED[line] in notes[0]


CELLS = {
    "a timed cell runs": (["%%time\n" + ANSWER], 10),
    "a captured cell runs, and its output is there": (
        ["%%capture out\nprint(7)\n" + ANSWER, "assert out.stdout == '7\\n'"], 10),
    "a cell below a magic of an extension runs": (["%%memit\n" + ANSWER], 10),
    "a magic of the learner's own is called": (
        ["from IPython.core.magic import register_cell_magic\n"
         "@register_cell_magic\ndef skip(line, cell): pass", ANSWER, "%%skip\nnp = None"], 10),
    "a cell of another language is left": (["%%html\n<b>", "%%R\nx <- 3", ANSWER], 10),
    "a bash cell gives its output": (
        ["%%bash --out said\necho hi", "assert said == 'hi\\n'\n" + ANSWER], 10),
    "a script makes no thread, so exercises still run in forks": (
        ["%%bash\nls", NUMPY + "import threading\nassert threading.active_count() == 1\n" + RIGHT],
        10),
    "a file that is written can be imported": (
        ["%%writefile mine.py\n" + ANSWER, "from mine import rnn_cell_forward"], 10),
    "a file that is written counts by itself": (["%%writefile mine.py\n" + ANSWER], 10),
    "a written file does not replace an answer": (
        [ANSWER, "%%writefile mine.py\ndef rnn_cell_forward(*args): return 1"], 10),
    "several imports in one statement": (["import no_such_module, numpy as np", RIGHT], 10),
    "several statements on a line": (["import os; no_such_name; import numpy as np", RIGHT], 10),
    "a timed cell goes on, too": (["%%time\nimport no_such_module\n" + ANSWER], 10),
    "awaiting goes on": (["await nobody\nawait __import__('asyncio').sleep(0)\n" + ANSWER], 10),
    "annotations stay unread": (
        ["from __future__ import annotations\nnowhere\ndef g(x: Nowhere): pass\n" + ANSWER], 10),
    "what depends on a failure is lost": (["from nowhere import np", RIGHT], 0),
    "what is inside a statement that fails is lost": (["if no_such_name:\n" + INDENTED], 0),
    "a cell that is no Python is lost": (["def g(:\n" + ANSWER], 0),
    "sys.exit() ends its cell": (["import sys\nsys.exit()\n" + ANSWER], 0),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_gives_what_depends_on_nothing_that_failed(graded, name):
    sources, points = CELLS[name]
    found, notes = graded(*sources)
    assert found == points, notes


def test_many_failing_lines_take_no_long_time_and_one_note(graded):
    lines = "\n".join(f"x{n} = nowhere{n}" for n in range(500))
    points, notes = graded(f"{lines}\n{ANSWER}")
    assert points == 10 and len(notes) == 1


def test_lines_are_counted_as_the_learner_sees_them(graded):
    _, notes = graded("\n  \n!ls\nimport no_such_module\n" + ANSWER)
    assert "at line 4, `import no_such_module`" in notes[0]
    _, notes = graded("%%time\nimport no_such_module\n" + ANSWER)
    assert "at line 2, `import no_such_module`" in notes[0]


def test_check_says_first_what_failed(tmp_path):
    path = write(tmp_path / f"{STEM}.ipynb", "import no_such_module\n" + SETUP, RIGHT)
    done = CliRunner().invoke(main, ["check", str(path), "rnn_cell_forward"])
    assert done.exit_code == 0
    first = done.stdout.splitlines()[0]
    assert first.startswith(f"{STEM}.ipynb: a line failed: ") and "`import no_such_module`" in first


# What a submission says is shown without control characters

ESCAPES = {
    "\x1b[1;31mred\x1b[0m": "red",
    "\x9b31mred": "red",
    "\x1b]0;title\x07red": "red",
    "\x1b]8;;http://x\x1b\\red\x1b]8;;\x1b\\": "red",
    "\x1bcred": "red",
    "a\r\nb\rc\x08\0": "a\nb\\rc\\x08\\x00",
    "\u202ered": "\\u202ered",
    "\ud800red": "\\ud800red",
    "two\nlines\tand é 👩‍💻": "two\nlines\tand é 👩‍💻",
}


@pytest.mark.parametrize("text", ESCAPES, ids=ascii)
def test_texts_become_printable(text):
    assert printable(text) == ESCAPES[text]
    assert CriterionResult(text, 0, 1, text).message == ESCAPES[text]
    assert Grade("ada", "x", "x", "graded", notes=(text,)).notes == (ESCAPES[text],)


def test_names_keep_apart_what_would_look_the_same():
    names = [readable(name) for name in ("ada", "ada\x1b[0m", "ada\x07")]
    assert names == ["ada", "ada\\x1b[0m", "ada\\x07"]


def test_no_escape_sequence_reaches_a_terminal_or_a_page(tmp_path):
    raising = "def rnn_cell_forward(*a): raise type('\\x1b[31mE', (Exception,), {})('\\x1b[1mred')"
    path = write(tmp_path / "in" / "ada" / f"{STEM}.ipynb", "1 / 0 # \x1b[1m", raising)
    said = [
        CliRunner().invoke(main, ["check", str(path), "rnn_cell_forward"]).output,
        CliRunner().invoke(main, ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")])
        .output,
    ]  # fmt: skip
    pages = [*tmp_path.glob("out/**/*.html"), *tmp_path.glob("out/*.csv")]
    assert len(pages) >= 4 and "raised E" in said[0]
    for text in (*said, *(page.read_text("utf-8") for page in pages)):
        assert "\x1b" not in text


def test_a_newer_python_is_named_where_a_cell_does_not_parse():
    cells = [{"cell_type": "code", "source": source} for source in ("x = = 1", ANSWER)]
    with Run(1) as run:
        for version, said in (("3.99.1", True), ("3.8.0", False), (7, False)):
            about = {"language_info": {"name": "python", "version": version}}
            content = json.dumps({"nbformat": 4, "metadata": about, "cells": cells}).encode()
            notes = run.grade_content("ada", f"{STEM}.ipynb", content).notes
            assert any("was written with Python 3.99" in note for note in notes) is said
