"""Submissions whose cells, metadata or format are odd: an honest notebook, then changed."""

from __future__ import annotations

import copy

from .forms import FIRST, NAME, STEM, form
from .notebooks import code, find, lines, save, solved


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


def check_cells(notebook):
    """List the cells that nbgrader would take points from."""
    return [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]


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


@changed("empties the checks")
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
