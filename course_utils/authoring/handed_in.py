"""Hand in a notebook: answers in their cells, and what people do to notebooks besides."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from .answers import Answer
from .breakages import with_first_line

REMARKS = ("my answer", "see also my notes", "works on my machine", "third attempt", "finally")


def hand_in(
    edition: NotebookNode,
    student: str,
    answers: Mapping[str, Answer],
    rng: random.Random,
    *,
    quirky: bool = True,
) -> tuple[NotebookNode, list[str]]:
    """Return a student's notebook and, if it is `quirky`, the names of what else was done to it."""
    notebook = copy.deepcopy(edition)
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in answers:
            cell.source = _signed(answers[name], name, student, rng)
    notebook.cells.insert(0, new_markdown_cell(f"*Handed in by {student}*", id="handed-in-by"))
    done = []
    for quirk in QUIRKS if quirky else ():
        if rng.random() < 0.15:
            quirk(notebook, rng)
            done.append(quirk.__name__.strip("_").replace("_", " "))
    return notebook, done


def grade_id(cell: NotebookNode) -> str:
    """Return the name of the exercise a cell answers, or of its check cell, or ""."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _signed(answer: Answer, name: str, student: str, rng: random.Random) -> str:
    """Add a comment of the student's own, and now and then a print, to what was written."""
    if answer.kind == "blank":
        return answer.source
    source = answer.source
    if answer.kind in ("reference", "style") and rng.random() < 0.1:
        source = with_first_line(source, name, f'print("{name}", "is called")')
    return f"# {student}: {rng.choice(REMARKS)}\n{source}".rstrip("\n")


def _answer_places(notebook: NotebookNode) -> list[int]:
    marked = enumerate(notebook.cells)
    return [i for i, cell in marked if cell.metadata.get("nbgrader", {}).get("solution")]


def _extra_cell(notebook: NotebookNode, rng: random.Random) -> None:
    place = rng.choice(_answer_places(notebook))
    notebook.cells.insert(
        place, new_code_cell("np.arange(6).reshape(2, 3)  # trying things out", id="extra")
    )


def _duplicated_cell(notebook: NotebookNode, rng: random.Random) -> None:
    place = rng.choice(_answer_places(notebook))
    again = copy.deepcopy(notebook.cells[place])
    again["id"] = "duplicated"
    notebook.cells.insert(place + 1, again)


def _answers_in_another_order(notebook: NotebookNode, rng: random.Random) -> None:
    first, *_, last = _answer_places(notebook)
    notebook.cells.insert(first, notebook.cells.pop(last))


def _check_cells_deleted(notebook: NotebookNode, rng: random.Random) -> None:
    notebook.cells = [cell for cell in notebook.cells if not grade_id(cell).startswith("check_")]


def _outputs_present(notebook: NotebookNode, rng: random.Random) -> None:
    count = rng.randrange(40)  # cells were run more than once
    for cell in notebook.cells:
        if cell.cell_type == "code":
            count += rng.randint(1, 3)
            cell.execution_count = count
            if grade_id(cell).startswith("check_"):
                cell.outputs = [new_output("stream", name="stdout", text="100 points\n")]


QUIRKS: tuple[Callable[[NotebookNode, random.Random], None], ...] = (
    _extra_cell,
    _duplicated_cell,
    _answers_in_another_order,
    _check_cells_deleted,
    _outputs_present,
)
