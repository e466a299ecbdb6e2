"""Carry what a learner wrote in one edition of a notebook into the next, cell by cell."""

from __future__ import annotations

import itertools
from copy import deepcopy
from dataclasses import dataclass, field

from nbformat import NotebookNode

from ..session.runs import defined
from .released import answer_to, graded_name, is_answer, is_as_released, stamp_of


@dataclass
class Carried:
    """The new edition with a learner's work in it, and what there is to say about that."""

    notebook: NotebookNode
    answers: list[str] = field(default_factory=list)  # exercises whose answers were carried over
    changed: list[str] = field(default_factory=list)  # of these, those whose task has changed
    own: int = 0  # other cells that the learner wrote or changed


def carry(mine: NotebookNode, release: NotebookNode) -> Carried:
    """Return `release`, a stamped notebook, with all that a learner wrote into `mine`.

    An answer, or any cell that was edited, keeps the learner's text; cells of the learner's own
    stay behind the cell that they stood behind. What was released and not touched is replaced, and
    what the learner deleted stays deleted, unless it is graded. Run from the top, every function
    is what it was: no stub is put beside an answer that stands in another cell.
    """
    carried, was = Carried(deepcopy(release)), stamp_of(mine)
    new = {cell["id"]: cell for cell in carried.notebook.cells}
    keys = _counterparts(mine, new)
    placed = {key: cell for cell, key in zip(mine.cells, keys, strict=True) if key}
    behind: dict[str, list[NotebookNode]] = {key: [] for key in ("", *new)}
    order, taken = list(behind), set(new)
    anchor = ""  # the new cell behind which the learner's own cells come
    for cell, key in zip(mine.cells, keys, strict=True):
        after = order[order.index(anchor) + 1 :][:1]
        anchor = key or anchor
        if key and not _is_locked(new[key]):
            continue
        if not is_as_released(cell, was) and not (key and cell.source == new[key].source):
            behind[anchor].append(_as_own(cell, taken))
            carried.own += bool(cell.source.strip())
        elif not key and after and after[0] not in placed:  # most likely the same text, reworded
            anchor = after[0]
    own = [cell for cell in mine.cells if not is_as_released(cell, was)]
    elsewhere = {name for cell in own if cell.cell_type == "code" for name in defined(cell.source)}
    cells = behind[""]
    for key, cell in new.items():
        if key in placed:
            _take(carried, cell, placed[key], was)
            cells.append(cell)
        elif (key not in was or graded_name(cell)) and not (
            is_answer(cell) and graded_name(cell) in elsewhere
        ):
            cells.append(cell)
        cells += behind[key]
    carried.notebook.cells = cells
    carried.notebook.metadata = mine.metadata | carried.notebook.metadata
    return carried


def _counterparts(mine: NotebookNode, new: dict[str, NotebookNode]) -> list[str]:
    """Return for each of a learner's cells the id of the new cell that it stands for, or ""."""
    keys = [""] * len(mine.cells)

    def place(i: int, key: str) -> None:
        if not keys[i] and key not in keys:
            keys[i] = key

    answers = {key: graded_name(cell) for key, cell in new.items() if is_answer(cell)}
    for key, name in answers.items():
        found = answer_to(name, mine.cells, stamp_of(mine))
        if found is not None:
            place(found, key)
    for i, cell in enumerate(mine.cells):
        if cell["id"] in new and graded_name(cell) == graded_name(new[cell["id"]]):
            place(i, cell["id"])
    for i, cell in enumerate(mine.cells):  # an editor may have given the cells other ids
        for key in new:
            name = graded_name(new[key])
            if key not in answers and (
                (name and graded_name(cell) == name)
                or (not graded_name(cell) and cell.source == new[key].source)
            ):
                place(i, key)
    return keys


def _is_locked(cell: NotebookNode) -> bool:
    """Return True for a graded cell that is not to be written in: a check."""
    return bool(graded_name(cell)) and not is_answer(cell)


def _as_own(cell: NotebookNode, taken: set[str]) -> NotebookNode:
    """Copy a cell of the learner's own; a copy of an answer's cell is not graded twice."""
    own = deepcopy(cell)
    for mark in ("nbgrader", "deletable", "editable"):
        own.metadata.pop(mark, None)
    base = own.get("id") or "own"
    names = itertools.chain([base], (f"{base[:56]}-{count}" for count in itertools.count(2)))
    own["id"] = next(name for name in names if name not in taken)
    taken.add(own["id"])
    return own


def _take(carried: Carried, cell: NotebookNode, mine: NotebookNode, was: list[str]) -> None:
    """Put the learner's text, and the outputs that belong to it, into a cell of the release."""
    edited = mine.source != cell.source and not is_as_released(mine, was)
    if edited and not _is_locked(cell):
        if is_answer(cell):
            name = graded_name(cell)
            carried.answers.append(name)
            checksum = mine.metadata.get("nbgrader", {}).get("checksum")
            if checksum and checksum != cell.metadata.nbgrader.checksum:
                carried.changed.append(name)
        else:
            carried.own += 1
        cell.source = mine.source
    if mine.get("attachments"):
        cell["attachments"] = mine.attachments
    if cell.cell_type == mine.cell_type == "code" and cell.source == mine.source:
        cell.outputs, cell.execution_count = mine.outputs, mine.execution_count
