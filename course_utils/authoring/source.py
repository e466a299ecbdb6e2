"""Read a percent script and refuse it, with file and line, where it is malformed."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

import jupytext
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from ..judging.model import Assignment

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
OPTIONS = {"exercise": str, "tags": list, "why": str}  # what a cell header may say
LAYOUT = {"lines_to_next_cell", "cell_marker", "region_name"}  # jupytext's own notes
LEADING = re.compile(r"\A(?:[ \t]*\n)+")  # blank lines that would stand first in a cell
HEADER = re.compile(r"\s*#\s*%%(%*\s.*)?$")


class SourceError(ValueError):
    """A source script is malformed; the message starts with file and line, if it has one."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {message}")


@dataclass
class SourceCell:
    """One cell of a source script and the line its `# %%` stands on."""

    kind: str  # "code" or "markdown"
    source: str
    line: int
    metadata: dict = field(default_factory=dict)
    first: int = 0  # the line of the first line of `source`

    @property
    def exercise(self) -> str | None:
        """Return the name of the exercise this cell answers, if it does."""
        return self.metadata.get("exercise")

    @property
    def solved(self) -> str:
        """Return the source without the lines that mark the solution."""
        kept = [line for line in self.source.splitlines() if line.strip() not in (BEGIN, END)]
        return "\n".join(kept)


def read_source(path: Path) -> str:
    """Read a source script as text; SourceError if it is not there or not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise SourceError(path, 1, "there is no such source script") from None
    except (UnicodeDecodeError, OSError) as error:
        raise SourceError(path, 1, f"cannot be read: {error}") from None


def parse(text: str, path: Path) -> list[SourceCell]:
    """Split a percent script into cells; SourceError on malformed markers."""
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines, 1) if HEADER.match(line)]
    if not starts:
        raise SourceError(path, 1, 'no cell: start the first one with a line "# %%"')
    _check_markers(lines, starts, path)
    cells = _split(text, path)
    above = _split("\n".join(lines[: starts[0]]), path)
    if len(cells) != len(starts) or len(above) != 1:
        raise SourceError(path, *_misread(lines, starts, path))
    firsts = [next((n for n in range(s, len(lines)) if lines[n].strip()), s) + 1 for s in starts]
    return [_cell(*each, path) for each in zip(cells, starts, firsts, strict=True)]


def _split(text: str, path: Path) -> list:
    try:
        return jupytext.reads(text, fmt="py:percent").cells
    except Exception as error:
        raise SourceError(path, 1, f"not a percent script: {error}") from None


def _misread(lines: list[str], starts: list[int], path: Path) -> tuple[int, str]:
    """Find the line at which the cell headers we see and those of jupytext part."""
    for count, start in enumerate(starts, 1):
        found = len(_split("\n".join(lines[:start]), path))
        if found > count:
            after = starts[count - 2] if count > 1 else 0
            return after + 1, 'there is text here that belongs to no cell with a "# %%" header'
        if found < count:
            return start, "this line looks like a cell header but is not one"
    return starts[-1], "some lines after this look like cell headers but are not"


def _cell(cell: NotebookNode, line: int, first: int, path: Path) -> SourceCell:
    """Make a cell; SourceError for a kind, an option or a syntax that has no place here."""
    if cell.cell_type not in ("code", "markdown"):
        raise SourceError(path, line, f"a {cell.cell_type} cell: write code or [markdown]")
    if not cell.source.strip():
        raise SourceError(path, line, "this cell is empty")
    metadata = {key: value for key, value in cell.metadata.items() if key not in LAYOUT}
    for key, value in metadata.items():
        if not isinstance(value, OPTIONS.get(key, ())):
            known = ", ".join(OPTIONS)
            raise SourceError(path, line, f"cell option {key}={value!r}: write {known} in quotes")
    made = SourceCell(cell.cell_type, LEADING.sub("", cell.source), line, metadata, first)
    if made.kind == "code":
        _tree(made, TransformerManager().transform_cell(made.source), path)
    return made


def _tree(cell: SourceCell, code: str, path: Path) -> ast.Module:
    try:
        return ast.parse(code)
    except SyntaxError as error:
        line = cell.first + (error.lineno or 1) - 1
        raise SourceError(path, line, f"syntax: {error.msg}") from None


def _check_markers(lines: list[str], starts: list[int], path: Path) -> None:
    """Refuse solution markers that are unclosed, nested, unopened or empty."""
    opened, filled = 0, False
    for number, line in enumerate([*lines, "# %%"], 1):
        text = line.strip()
        if (number in starts or number > len(lines)) and opened:
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
        elif _like_a_marker(text):
            raise SourceError(path, number, f"misspelt marker {text!r}: write {BEGIN} or {END}")
        elif text and not text.startswith("#"):
            filled = True


def _like_a_marker(text: str) -> bool:
    """Return True if a line looks like a misspelt marker, which would leave an answer in."""
    if BEGIN in text or END in text:
        return True
    words = " ".join(text.strip("# .:").upper().replace("_", " ").split())
    return text.startswith("#") and any(
        SequenceMatcher(None, words, marker.strip("# ")).ratio() > 0.85 for marker in (BEGIN, END)
    )


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
        after = cells[position + 1] if position + 1 < len(cells) else None
        if after is None or after.kind != "code" or after.source.strip() != f"check({name})":
            raise SourceError(path, cell.line, f"exercise {name} must be followed by check({name})")
        before = cells[position - 1] if position else None
        if before is None or before.kind != "markdown" or not before.source.startswith("#"):
            raise SourceError(
                path, cell.line, f"exercise {name} needs a text cell with a heading before it"
            )
    for name in assignment.names():
        if name not in found:
            raise SourceError(path, 1, f"the record of {name} has no exercise cell here")


def _check_answer(cell: SourceCell, path: Path) -> None:
    name = cell.exercise
    if BEGIN not in cell.source:
        raise SourceError(path, cell.line, f"exercise {name} has no {BEGIN}")
    tree = _tree(cell, cell.source, path)  # as it stands: the grader runs no magics
    if not any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body):
        raise SourceError(path, cell.line, f"the cell of exercise {name} does not define it")
