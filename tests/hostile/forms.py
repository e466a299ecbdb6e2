"""Submissions whose file, name or notebook structure is odd.

Most are innocent: whoever hands them in has answered the first exercise, and deserves its points.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .notebooks import code, find, lines, save, solved

STEM = "01_rnn_step_by_step"
NAME = f"{STEM}.ipynb"
FIRST, POINTS = "rnn_cell_forward", 10


@dataclass(frozen=True)
class Form:
    """How a case is made; `student` is the folder's name where that is what is odd."""

    group: str
    tries: str
    deserves: int
    least: int
    student: str
    make: Callable[[Path, Any], object]


FORMS: dict[str, Form] = {}


def form(tries, deserves=POINTS, least=None, student="", group="form"):
    """Register a function (folder, targets) that writes a submission; its name is the id."""

    def register(make):
        lower = deserves if least is None else least
        FORMS[make.__name__] = Form(group, tries, deserves, lower, student, make)
        return make

    return register


def changed(tries, **options):
    """Register a function that changes an honest notebook in place."""

    def register(change):
        def make(folder, targets):
            notebook = solved(STEM, FIRST)
            change(notebook)
            save(notebook, folder / NAME)

        make.__name__ = change.__name__
        form(tries, **options)(make)
        return change

    return register


def honest() -> bytes:
    """Return an honest notebook with one right answer, as bytes."""
    return json.dumps(solved(STEM, FIRST), ensure_ascii=False).encode()


def check_cells(notebook):
    """List the cells that nbgrader would take points from."""
    return [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]


# Bytes


@form("is not JSON", deserves=0)
def not_json(folder, targets):
    (folder / NAME).write_bytes(honest()[: len(honest()) // 2])


@form("is empty", deserves=0)
def empty_file(folder, targets):
    (folder / NAME).write_bytes(b"")


@form("is JSON, but no notebook", deserves=0)
def not_a_notebook(folder, targets):
    (folder / NAME).write_bytes(b'{"cells": {"0": null}, "nbformat": "four", "metadata": []}')


@form("is a hundred thousand brackets deep", deserves=0)
def deep_json(folder, targets):
    (folder / NAME).write_bytes(b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@form("is random bytes", deserves=0)
def random_bytes(folder, targets):
    (folder / NAME).write_bytes(bytes((i * i * 7 + i) % 256 for i in range(5000)))


@form("begins with a byte-order mark")
def byte_order_mark(folder, targets):
    (folder / NAME).write_bytes(b"\xef\xbb\xbf" + honest())


@form("is Latin-1, with an accent in a comment")
def latin_1(folder, targets):
    text = honest().decode().replace("# (n_a, m)", "# l'état")
    (folder / NAME).write_bytes(text.encode("latin-1", "replace"))


@form("is UTF-16")
def utf_16(folder, targets):
    (folder / NAME).write_bytes(honest().decode().encode("utf-16"))


@form("has DOS line ends")
def dos_line_ends(folder, targets):
    notebook = solved(STEM, FIRST)
    for cell in notebook["cells"]:
        cell["source"] = [line.replace("\n", "\r\n") for line in cell["source"]]
    text = json.dumps(notebook, indent=1).replace("\n", "\r\n")
    (folder / NAME).write_bytes(text.encode())


@form("has lone surrogates and null characters in its text")
def odd_characters(folder, targets):
    text = honest().decode().replace("# (n_a, m)", "# \\ud800 \\u2028 \\u202e")
    (folder / NAME).write_bytes(text.encode())


@form("is 100 MB of outputs")
def hundred_megabytes(folder, targets):
    notebook = solved(STEM, FIRST)
    output = {"output_type": "stream", "name": "stdout", "text": ["x" * 2**20]}
    notebook["cells"][-1]["outputs"] = [output] * 100
    (folder / NAME).write_text(json.dumps(notebook), "utf-8")


@form("has 20,000 cells")
def many_cells(folder, targets):
    notebook = solved(STEM, FIRST)
    notebook["cells"] += [code(f"x{i} = {i}", f"many{i}") for i in range(20_000)]
    save(notebook, folder / NAME)


# Names


@form("is called homework.ipynb")
def renamed_file(folder, targets):
    (folder / "homework.ipynb").write_bytes(honest())


@form("is called as a browser calls a second download")
def downloaded_twice(folder, targets):
    (folder / f"{STEM} (1).ipynb").write_bytes(honest())


@form("has .IPYNB in capitals")
def capital_suffix(folder, targets):
    (folder / f"{STEM}.IPYNB").write_bytes(honest())


def _named(name, student):
    def make(folder, targets):
        (folder / NAME).write_bytes(honest())

    make.__name__ = name
    form(f"comes from a student called {ascii(student)[1:-1]:.60}", student=student)(make)


_named("name_with_spaces", "  Ada  King ")
_named("name_with_quotes", """O'Brien "Bob" `id` $HOME""")
_named("name_with_markup", "<img src=x onerror=alert('hostile')>&amp;")
_named("name_with_slashes", "a\\b∕c⁄..%2F..")
_named("name_in_other_letters", "Zoë Ålström 王小明 مريم 👩‍🎓")
_named("name_of_combining_letters", "Zoe\u0308 \u202egnirts")
_named("name_with_a_dash", "--out=/tmp/elsewhere -rf")
_named("name_with_a_formula", '=HYPERLINK("http://192.0.2.1","grade"),@SUM(1)')
_named("name_with_a_new_line", "two\nlines\r\tand a tab")
_named("name_that_is_long", "n" * 240)
_named("name_that_is_a_number", "007")
_named("name_that_is_no_text", os.fsdecode(b"J\xf6rg"))


# Structure


@changed("is nbformat 3")
def nbformat_3(notebook):
    cells = [
        {"cell_type": "code", "language": "python", "input": c["source"], "outputs": [],
         "metadata": c["metadata"], "collapsed": False}
        if c["cell_type"] == "code"
        else {"cell_type": "markdown", "source": c["source"], "metadata": {}}
        for c in notebook["cells"]
    ]  # fmt: skip
    notebook.clear()
    notebook.update(
        nbformat=3, nbformat_minor=0, metadata={"name": ""}, worksheets=[{"cells": cells}]
    )


@changed("is nbformat 4.0, with attributes nobody knows")
def nbformat_4_0(notebook):
    notebook["nbformat_minor"] = 0
    notebook["mystery"] = {"a": 1}
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["colour"] = "blue"


@changed("claims to be nbformat 99")
def nbformat_99(notebook):
    notebook["nbformat"] = 99


@changed("names no kernel and has no metadata")
def missing_kernel(notebook):
    notebook["metadata"] = {}


@changed("names a kernel that is not installed, of another language")
def wrong_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    notebook["metadata"]["language_info"] = {"name": "R"}


@changed("tags its checks skip-execution, so that no check is ever run", deserves=0)
def skipped_checks(notebook):
    find(notebook, FIRST)["source"] = lines(f"def {FIRST}(*args):\n    return None\n")
    for cell in check_cells(notebook):
        cell["metadata"]["tags"] = ["skip-execution"]


@changed("tags an honest answer's check skip-execution, remove-input and raises-exception")
def tagged_checks(notebook):
    for cell in check_cells(notebook):
        cell["metadata"]["tags"] = ["skip-execution", "remove-input", "raises-exception", 7]


@changed("empties the checks", deserves=0)
def emptied_checks(notebook):
    for cell in check_cells(notebook):
        cell["source"] = ["pass"]


@changed("deletes the checks")
def deleted_checks(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if c not in check_cells(notebook)]


@changed("repeats every check, with its id")
def duplicated_checks(notebook):
    notebook["cells"] += copy.deepcopy(check_cells(notebook))


@changed("repeats the answer's cell, with its id")
def duplicated_answer(notebook):
    notebook["cells"].append(copy.deepcopy(find(notebook, FIRST)))


@changed("makes the checks worth 1,000 points", deserves=10)
def changed_points(notebook):
    for cell in check_cells(notebook):
        cell["metadata"]["nbgrader"]["points"] = 1000


@changed("makes every cell a check worth 100 points", deserves=10)
def more_checks(notebook):
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"]["nbgrader"] = {
            "cell_type": "code", "checksum": "", "grade": True, "grade_id": f"mine{number}",
            "locked": True, "points": 100, "schema_version": 3, "solution": False, "task": False,
        }  # fmt: skip


@changed("gives other ids to all cells, here and to nbgrader")
def changed_ids(notebook):
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"cell{number}"
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = f"cell-{number}"


@changed("has the same id on all cells, and odd ones")
def equal_ids(notebook):
    for cell in notebook["cells"]:
        cell["id"] = "../../<same>"


@changed("has lost nbgrader's metadata, as some editors do")
def lost_metadata(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}


@changed("has no metadata at all on its cells")
def no_cell_metadata(notebook):
    for cell in notebook["cells"]:
        del cell["metadata"]


@changed("stands in reverse order, but for the set-up")
def reordered_cells(notebook):
    first = next(i for i, c in enumerate(notebook["cells"]) if c["cell_type"] == "code") + 1
    notebook["cells"][first:] = notebook["cells"][first:][::-1]


@changed("has its answer in two cells: signature copied and helper split off")
def split_answer(notebook):
    answer = find(notebook, FIRST)
    at = notebook["cells"].index(answer)
    text = "".join(answer["source"])
    answer["source"] = lines(text.replace(f"def {FIRST}", "def first_try"))
    notebook["cells"].insert(at + 1, code(f"{FIRST} = first_try", "second"))


@changed("has all its code in one cell")
def one_cell(notebook):
    sources = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    stubs = [s for s in sources if "NotImplementedError" not in s and not s.startswith("check(")]
    notebook["cells"] = [code("\n\n".join(stubs), "all")]


@changed("has the answer in a raw and in a markdown cell only", deserves=0)
def answer_not_code(notebook):
    answer = find(notebook, FIRST)
    answer["cell_type"] = "raw"
    answer.pop("outputs"), answer.pop("execution_count")
    notebook["cells"].append(
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": answer["source"]}
    )


@changed("keeps another run's outputs, which claim full points and hold scripts")
def forged_outputs(notebook):
    script = "<script>alert('hostile')</script>"
    for cell in check_cells(notebook):
        cell["execution_count"] = 1
        cell["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": ["passed - 10/10 points\n"]},
            {"output_type": "display_data", "metadata": {}, "data": {"text/html": [script]}},
        ]
    notebook["cells"].append(
        {"cell_type": "markdown", "id": "s", "metadata": {}, "source": [script]}
    )


@changed("leaves cells too deeply nested for the parser")
def deep_source(notebook):
    deep = 100_000
    for number, source in enumerate(
        (
            "deep = " + "(" * deep + ")" * deep,
            "deep = " + "-" * deep + "1",
            "deep = a" + ".a" * deep,
            "if a: pass\n" + "elif a: pass\n" * (deep // 10),
            "deep = " + "9" * deep,
            "\n".join(" " * i + "if 1:" for i in range(300)) + "\n" + " " * 300 + "pass",
            "deep = " + "f'{" * 200 + "1" + "}'" * 200,
            "deep = '\0'",
        )
    ):
        notebook["cells"].insert(2, code(source, f"deep{number}"))


from . import files as _files  # noqa: E402, F401  registers cases of its own
