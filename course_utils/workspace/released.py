"""Tell what in a notebook is as it was released, and what its learner wrote."""

from __future__ import annotations

import hashlib
import re

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

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


def stable_id(node: NotebookNode, taken: set[str]) -> str:
    """Name a cell by its grade id or its content, so that an edit renames no other cell."""
    grade_id = node.metadata.get("nbgrader", {}).get("grade_id")
    digest = hashlib.sha256(f"{node.cell_type}\n{node.source}".encode()).hexdigest()[:10]
    base = re.sub(r"[^A-Za-z0-9_-]", "-", grade_id)[:56] if grade_id else digest
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


def is_as_released(cell: NotebookNode) -> bool:
    """Return True if a cell has the source that it was built with, in this release or another.

    A graded cell carries a checksum, and any other is named after its content.
    """
    if graded_name(cell):
        return checksum(cell) == cell.metadata.nbgrader.get("checksum")
    return re.sub(r"-\d+$", "", cell.get("id", "")) == stable_id(cell, set())


def holds_work(notebook: NotebookNode) -> bool:
    """Return True if a learner has written anything into a notebook."""
    return not all(is_as_released(cell) for cell in notebook.cells)


def to_bytes(notebook: NotebookNode) -> bytes:
    """Serialise a notebook, valid by schema, with a newline at the end."""
    nbformat.validate(notebook)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode("utf-8")


def edition_of(content: bytes, onward: str) -> str:
    """Return a short digest that tells one release of a notebook from another."""
    return hashlib.sha256(content + onward.encode()).hexdigest()[:16]


def stamped(content: bytes, onward: str) -> NotebookNode:
    """Read a released notebook, add the text that leads on, and note which release it is."""
    notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    ids = {cell["id"] for cell in notebook.cells}
    last = new_markdown_cell(onward)
    last["id"] = stable_id(last, ids)
    notebook.cells.append(last)
    notebook.metadata[STAMP] = {"edition": edition_of(content, onward), "cells": sorted(ids)}
    return notebook
