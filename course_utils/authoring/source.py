"""Read a percent script and refuse it, with file and line, where it is malformed."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

import jupytext

from ..exercises.model import Assignment

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


class SourceError(ValueError):
    """A source script is malformed; the message starts with file and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


@dataclass
class SourceCell:
    """One cell of a source script and the line its `# %%` stands on."""

    kind: str  # "code" or "markdown"
    source: str
    line: int
    metadata: dict = field(default_factory=dict)

    @property
    def exercise(self) -> str | None:
        """Return the name of the exercise this cell answers, if it does."""
        return self.metadata.get("exercise")


def read_source(path: Path) -> str:
    """Read a source script as text; SourceError if it is not there or not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        raise SourceError(path, 1, "there is no such source script") from None
    except (UnicodeDecodeError, OSError) as error:
        raise SourceError(path, 1, f"cannot be read: {error}") from None


def parse(text: str, path: Path) -> list[SourceCell]:
    """Split a percent script into cells; SourceError on malformed markers."""
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines, 1) if line.startswith("# %%")]
    if not starts:
        raise SourceError(path, 1, 'no cell: start the first one with a line "# %%"')
    _check_markers(lines, starts, path)
    try:
        cells = jupytext.reads(text, fmt="py:percent").cells
    except Exception as error:
        raise SourceError(path, 1, f"not a percent script: {error}") from None
    if len(cells) == len(starts) + 1:  # a comment above the first cell becomes a cell
        starts.insert(0, 1)
    if len(cells) != len(starts):
        raise SourceError(path, starts[0], "some lines look like cell headers but are not")
    return [
        SourceCell(
            "code" if cell.cell_type == "code" else "markdown",
            cell.source,
            line,
            dict(cell.metadata),
        )
        for cell, line in zip(cells, starts, strict=True)
    ]


def _check_markers(lines: list[str], starts: list[int], path: Path) -> None:
    """Refuse solution markers that are unclosed, nested, unopened or empty."""
    opened, filled = 0, False
    for number, line in enumerate([*lines, "# %%"], 1):
        text = line.strip()
        if line.startswith("# %%") and opened:
            raise SourceError(path, opened, f"{BEGIN} is not closed before its cell ends")
        if text == BEGIN:
            if opened:
                raise SourceError(path, number, f"{BEGIN} inside the one of line {opened}")
            opened, filled = number, False
        elif text == END:
            if not opened:
                raise SourceError(path, number, f"{END} without {BEGIN}")
            if not filled:
                raise SourceError(path, opened, "the solution between the markers is empty")
            opened = 0
        elif text.startswith("### ") and "SOLUTION" in text.upper():
            raise SourceError(path, number, f"misspelt marker {text!r}: write {BEGIN} or {END}")
        elif text and not text.startswith("#"):
            filled = True


def check_exercises(cells: list[SourceCell], assignment: Assignment, path: Path) -> None:
    """Refuse a script whose exercise cells and exercise records do not match one to one."""
    found: dict[str, int] = {}
    for position, cell in enumerate(cells):
        if cell.exercise is None:
            if BEGIN in cell.source:
                raise SourceError(path, cell.line, 'a solution outside a cell with exercise="..."')
            continue
        name = cell.exercise
        if name in found:
            raise SourceError(path, cell.line, f"exercise {name} stands at line {found[name]} too")
        found[name] = cell.line
        if name not in assignment.names():
            raise SourceError(
                path, cell.line, f"exercise {name} has no record in {assignment.stem}"
            )
        _check_answer(cell, path)
        following = cells[position + 1].source.strip() if position + 1 < len(cells) else ""
        if following != f"check({name})":
            raise SourceError(path, cell.line, f"exercise {name} must be followed by check({name})")
        before = cells[position - 1] if position else None
        if before is None or before.kind != "markdown" or not before.source.startswith("#"):
            raise SourceError(
                path, cell.line, f"exercise {name} needs a text cell with a heading before it"
            )
    names = assignment.names()
    if len(set(names)) != len(names):
        raise SourceError(path, 1, f"two exercise records of {assignment.stem} share a name")
    for name in names:
        if name not in found:
            raise SourceError(path, 1, f"the record of {name} has no exercise cell here")
    if assignment.points != 100:
        first = min(found.values())
        raise SourceError(path, first, f"the exercises total {assignment.points} points, not 100")


def _check_answer(cell: SourceCell, path: Path) -> None:
    name = cell.exercise
    if BEGIN not in cell.source:
        raise SourceError(path, cell.line, f"exercise {name} has no {BEGIN}")
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        raise SourceError(path, cell.line + (error.lineno or 1), f"syntax: {error.msg}") from None
    if not any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body):
        raise SourceError(path, cell.line, f"the cell of exercise {name} does not define it")
