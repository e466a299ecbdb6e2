"""Carry what a learner wrote in one edition of a notebook into the next, cell by cell."""

from __future__ import annotations

import itertools
from copy import deepcopy
from dataclasses import dataclass, field

from nbformat import NotebookNode

from .released import STAMP, graded_name, is_answer, is_as_released


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
    what the learner deleted stays deleted, unless it is graded.
    """
    carried = Carried(deepcopy(release))
    new = {cell["id"]: cell for cell in carried.notebook.cells}
    placed: dict[str, NotebookNode] = {}  # which of the learner's cells stands for which new one
    keys = []  # for each of the learner's cells, the id of that new one, or ""
    for cell in mine.cells:
        keys.append(_counterpart(cell, new, placed))
        placed |= {keys[-1]: cell} if keys[-1] else {}
    behind: dict[str, list[NotebookNode]] = {key: [] for key in ("", *new)}
    order, taken = list(behind), set(new)
    anchor = ""  # the new cell behind which the learner's own cells come
    for cell, key in zip(mine.cells, keys, strict=True):
        after = order[order.index(anchor) + 1 :][:1]
        if key:
            anchor = key
        elif not is_as_released(cell):
            behind[anchor].append(_as_own(cell, taken))
            carried.own += bool(cell.source.strip())
        elif after and after[0] not in placed:  # most likely the same text, reworded
            anchor = after[0]
    before = set(mine.metadata.get(STAMP, {}).get("cells", []))
    cells = behind[""]
    for key, cell in new.items():
        if key in placed:
            _take(carried, cell, placed[key])
            cells.append(cell)
        elif key not in before or graded_name(cell):
            cells.append(cell)
        cells += behind[key]
    carried.notebook.cells = cells
    carried.notebook.metadata = mine.metadata | carried.notebook.metadata
    return carried


def _counterpart(
    cell: NotebookNode, new: dict[str, NotebookNode], placed: dict[str, NotebookNode]
) -> str:
    """Return the id of the new cell that a learner's cell stands for, "" if there is none."""
    free = [key for key in new if key not in placed]
    if cell.get("id") in free:
        return cell["id"]
    name = graded_name(cell)
    for key in free:  # an editor may have given the cells other ids
        if graded_name(new[key]) == name and (name or new[key].source == cell.source):
            return key
    return ""


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


def _take(carried: Carried, cell: NotebookNode, mine: NotebookNode) -> None:
    """Put the learner's text, and the outputs that belong to it, into a cell of the release."""
    name = graded_name(cell)
    locked = name and not is_answer(cell)
    if not locked and mine.source != cell.source and not is_as_released(mine):
        if is_answer(cell):
            carried.answers.append(name)
            if mine.metadata.get("nbgrader", {}).get("checksum") != cell.metadata.nbgrader.checksum:
                carried.changed.append(name)
        else:
            carried.own += 1
        cell.source = mine.source
    if mine.get("attachments"):
        cell["attachments"] = mine.attachments
    if cell.cell_type == mine.cell_type == "code" and cell.source == mine.source:
        cell.outputs, cell.execution_count = mine.outputs, mine.execution_count
