"""Build a notebook from its source script: the student edition or the answer key."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ..judging.model import Assignment, Exercise
from ..workspace.released import checksum, stable_id
from .failing_cells import cells_that_fail
from .source import BEGIN, END, SourceCell, SourceError, check_exercises, parse

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
POINTS = "<!-- points -->"  # stands in a source where the points table should be
HEADING = re.compile(r"\A(#+ Exercise): ")  # gets the exercise's number
REFERENCE = re.compile(r"\b([Ee]xercise) \{(\w+)\}")  # "exercise {name}" becomes "exercise 3"
BY_HAND = re.compile(r"\b[Ee]xercises? \d")
STUB = '# YOUR CODE HERE\nraise NotImplementedError("write {name}")'


def build(text: str, path: Path, assignment: Assignment, *, solved: bool) -> nbformat.NotebookNode:
    """Build the notebook of a source script; the same text always gives the same bytes.

    With `solved` the answers stay; without, they give way to a stub. Raises SourceError.
    """
    cells = parse(text, path)
    check_exercises(cells, assignment, path)
    failing = set() if solved else cells_that_fail(cells, assignment.names())
    notebook = new_notebook(metadata=METADATA)
    taken: set[str] = set()
    for position in range(len(cells)):
        node = _cell(cells, position, assignment, path, solved)
        if position in failing:
            node.metadata["tags"] = [*node.metadata.get("tags", []), "raises-exception"]
        node["id"] = stable_id(node, taken)
        notebook.cells.append(node)
    return notebook


def _cell(
    cells: list[SourceCell], position: int, assignment: Assignment, path: Path, solved: bool
) -> nbformat.NotebookNode:
    cell = cells[position]
    metadata = {key: value for key, value in cell.metadata.items() if key != "exercise"}
    following = cells[position + 1].exercise if position + 1 < len(cells) else None
    before = cells[position - 1].exercise if position else None
    if cell.kind == "markdown":
        source = _numbered(cell, following, assignment, path)
        source = source.replace(POINTS, _points_table(assignment))
        if following:
            source = _with_badge_and_hints(source, assignment[following])
        return new_markdown_cell(source, metadata=metadata)
    source = cell.source
    if cell.exercise:
        source = source if solved else _without_answers(source, cell.exercise)
        metadata |= {"nbgrader": _nbgrader(cell.exercise, solution=True), "deletable": False}
    elif before:
        metadata["nbgrader"] = _nbgrader(f"check_{before}", points=assignment[before].points)
        metadata |= {"deletable": False, "editable": False}
    node = new_code_cell(source, metadata=metadata)
    if "nbgrader" in metadata:
        node.metadata["nbgrader"]["checksum"] = checksum(node)
    return node


def _numbered(cell: SourceCell, following: str | None, assignment: Assignment, path: Path) -> str:
    """Write the numbers of exercises: into the heading of `following`, and where one is named."""
    numbers = {name: number for number, name in enumerate(assignment.names(), 1)}

    def number(named: re.Match) -> str:
        if named[2] not in numbers:
            raise SourceError(path, cell.line, f"{named[0]}: there is no such exercise here")
        return f"{named[1]} {numbers[named[2]]}"

    if by_hand := BY_HAND.search(cell.source):
        line = cell.first + cell.source[: by_hand.start()].count("\n")
        instead = "numbers are put in: write `## Exercise: ...`, or `exercise {its_name}`"
        raise SourceError(path, line, f"{by_hand[0]!r}: {instead}")
    source = REFERENCE.sub(number, cell.source)
    if following is None:
        return source
    if not source.startswith("#") or "\n## " in source:
        wanted = "the text before its cell begins with a heading, which is its only one"
        raise SourceError(path, cell.line, f"{following}: {wanted}")
    return HEADING.sub(rf"\1 {numbers[following]}: ", source)


def _dots(exercise: Exercise) -> str:
    return "●" * exercise.difficulty + "○" * (3 - exercise.difficulty)


def _points_table(assignment: Assignment) -> str:
    """List the exercises with points, difficulty and minutes, and the totals."""
    rows = ["| exercise | points | difficulty | minutes |", "|---|---|---|---|"]
    rows += [
        f"| `{e.name}` | {e.points} | {_dots(e)} | {e.minutes} |" for e in assignment.exercises
    ]
    minutes = sum(exercise.minutes for exercise in assignment.exercises)
    return "\n".join([*rows, f"| all | {assignment.points} | | {minutes} |"])


def _with_badge_and_hints(source: str, exercise: Exercise) -> str:
    """Put points, difficulty and minutes under the heading, and the hints at the end."""
    heading, _, rest = source.partition("\n")
    minutes = f"about {exercise.minutes} minutes"
    badge = f"**{exercise.points} points** · difficulty {_dots(exercise)} · {minutes}"
    ladder = "\n\n".join(
        f"<details><summary>Hint {n} of {len(exercise.hints)}</summary>\n\n{hint}\n\n</details>"
        for n, hint in enumerate(exercise.hints, 1)
    )
    return f"{heading}\n\n{badge}\n\n{rest.strip()}\n\n{ladder}"


def _without_answers(source: str, name: str) -> str:
    kept, inside = [], False
    for line in source.splitlines():
        text = line.strip()
        if text == BEGIN:
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + stub for stub in STUB.format(name=name).splitlines()]
            inside = True
        elif text == END:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def _nbgrader(grade_id: str, *, solution: bool = False, points: int | None = None) -> dict:
    """Return nbgrader's metadata, schema 3, of an answer cell or of a locked check cell."""
    metadata = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": solution,
        "locked": points is not None,
        "task": False,
        "cell_type": "code",
    }
    return metadata if points is None else metadata | {"points": points}
