"""Tell what in a notebook is as it was released, and what its learner wrote."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbformat.validator import normalize

from ..session.runs import defined
from . import WorkError

STAMP = "course_edition"  # in a copy's metadata: which release it was made from, and its cells


def checksum(cell: NotebookNode) -> str:
    """Compute the checksum by which nbgrader knows that a cell is as released."""
    marks = cell.metadata.nbgrader
    parts = [cell.source, cell.cell_type]
    parts += [str(marks[mark]) for mark in ("grade", "solution", "locked")]
    parts.append(marks["grade_id"])
    if marks["grade"]:
        parts.append(str(float(marks["points"])))
    return hashlib.md5("".join(parts).encode("utf-8"), usedforsecurity=False).hexdigest()


def content_id(cell: NotebookNode) -> str:
    """Return a short digest of a cell's type and source."""
    return hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:10]


def stable_id(node: NotebookNode, taken: set[str]) -> str:
    """Name a cell by its grade id or its content, so that an edit renames no other cell."""
    grade_id = node.metadata.get("nbgrader", {}).get("grade_id")
    base = re.sub(r"[^A-Za-z0-9_-]", "-", grade_id)[:56] if grade_id else content_id(node)
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}-{count}"
    taken.add(name)
    return name


def graded_name(cell: NotebookNode) -> str:
    """Return the grade id of an answer's or a check's cell, "" for any other."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_answer(cell: NotebookNode) -> bool:
    """Return True for a cell in which an answer is to be written."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_as_released(cell: NotebookNode, cells: Iterable[str] = ()) -> bool:
    """Return True if a cell has the source that it was built with, in this release or another.

    A graded cell carries a checksum, and any other is named after its content. An editor may have
    lost both: `cells` is what the notebook's stamp says about the release it was made from.
    """
    if graded_name(cell):
        return checksum(cell) == cell.metadata.nbgrader.get("checksum")
    return content_id(cell) in {re.sub(r"-\d+$", "", name) for name in (cell.get("id", ""), *cells)}


def holds_work(notebook: NotebookNode) -> bool:
    """Return True if a learner has written anything into a notebook."""
    cells = stamp_of(notebook)
    return not all(is_as_released(cell, cells) for cell in notebook.cells)


def stamp_of(notebook: NotebookNode) -> list[str]:
    """Return the ids and digests of the released cells that a learner's copy was made from."""
    return notebook.metadata.get(STAMP, {}).get("cells", [])


def answer_to(name: str, cells: Sequence[NotebookNode], was: Iterable[str] = ()) -> int | None:
    """Return the index of the cell that holds a learner's answer to an exercise, None without one.

    Cells are copied, split and merged, and some editors lose the marks of graded cells. Of several,
    the last one that defines the function counts, as it does when all are run: one with a mark
    before one without, and a stub only where nothing was written. For `was`, see `is_as_released`.
    """
    ranks = []
    for i, cell in enumerate(cells):
        defines = cell.cell_type == "code" and name in defined(cell.source)
        marked = is_answer(cell) and graded_name(cell) == name
        if marked or (defines and not graded_name(cell)):
            code = cell.cell_type == "code"
            ranks.append((code, defines, marked, not is_as_released(cell, was), i))
    return max(ranks)[-1] if ranks else None


def read(content: bytes, path: Path) -> NotebookNode:
    """Read a notebook as JupyterLab or another editor has left it; each cell has an id of its own.

    Raises WorkError if it is none.
    """
    try:
        notebook = nbformat.convert(nbformat.reader.reads(content.decode("utf-8-sig")), 4)
        notebook.nbformat_minor = max(5, notebook.nbformat_minor)
        with warnings.catch_warnings(action="ignore"):  # where ids are missing or not unique
            _, notebook = normalize(notebook)
        nbformat.validate(notebook)
        return notebook
    except Exception as error:
        raise WorkError(
            f"{path} is not a notebook that can be read ({type(error).__name__}); it was left as "
            "it is. Move it away, and a fresh copy will be made."
        ) from None


def to_bytes(notebook: NotebookNode) -> bytes:
    """Serialise a notebook, valid by schema, with a newline at the end."""
    nbformat.validate(notebook)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode("utf-8")


def edition_of(content: bytes, onward: str) -> str:
    """Return a short digest that tells one release of a notebook from another."""
    return hashlib.sha256(content + onward.encode()).hexdigest()[:16]


def stamped(path: Path, onward: str) -> NotebookNode:
    """Read a released notebook, add the text that leads on, and note which release it is.

    Raises WorkError if it cannot be read.
    """
    content = path.read_bytes()
    notebook = read(content, path)
    ids = {cell["id"] for cell in notebook.cells}
    texts = {content_id(cell) for cell in notebook.cells}
    last = new_markdown_cell(onward)
    last["id"] = stable_id(last, ids)
    notebook.cells.append(last)
    notebook.metadata[STAMP] = {
        "edition": edition_of(content, onward),
        "cells": sorted(ids | texts),
    }
    return notebook
