"""Make submissions from the released notebooks and the answer keys."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SLOW = {"demo", "train"}  # the cells of these tags are not run by any grader worth its name
CELL = re.compile(r"^# %%(.*)\n", re.MULTILINE)
EXERCISE = re.compile(r'exercise="([^"]+)"')
TAGS = re.compile(r"tags=(\[.*?\])")
RIGHT = re.compile(r"^# <right: (\w+)>$", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A code cell of a percent script: what its header says, and its source."""

    options: str
    source: str

    @property
    def exercise(self) -> str:
        """Return the exercise it answers, "*" for every other one, or ""."""
        found = EXERCISE.search(self.options)
        return found[1] if found else ""

    @property
    def tags(self) -> list[str]:
        """Return its tags."""
        found = TAGS.search(self.options)
        return json.loads(found[1]) if found else []


def parse(text: str) -> tuple[str, list[Cell]]:
    """Split a percent script into what stands above its first cell, and its cells."""
    head, *rest = CELL.split(text)
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return head, [Cell(options, source.strip("\n")) for options, source in pairs]


@cache
def answers(stem: str) -> dict[str, str]:
    """Return the answer key's cells by exercise."""
    _, cells = parse((ROOT / "solutions" / f"{stem}.py").read_text("utf-8"))
    return {cell.exercise: cell.source for cell in cells if cell.exercise}


def released(stem: str) -> dict[str, Any]:
    """Return the student edition as a dict, without the cells that only look or train."""
    notebook = json.loads((ROOT / "notebooks" / f"{stem}.ipynb").read_text("utf-8"))
    notebook["cells"] = [
        cell for cell in notebook["cells"] if not SLOW & set(cell["metadata"].get("tags", []))
    ]
    return notebook


def solved(stem: str, *names: str) -> dict[str, Any]:
    """Return a submission with the right answers to `names` (to all, if none is named)."""
    right = answers(stem)
    return assemble(stem, [Cell(f'exercise="{n}"', right[n]) for n in names or right])


def assemble(stem: str, cells: Sequence[Cell]) -> dict[str, Any]:
    """Put cells into the released notebook, in its own cells where they answer an exercise."""
    notebook = released(stem)
    answered = {cell.exercise for cell in cells}
    at = 1 + next(i for i, c in enumerate(notebook["cells"]) if c["cell_type"] == "code")
    for cell in cells:
        source = RIGHT.sub(lambda found: answers(stem)[found[1]], cell.source)
        if cell.exercise == "*":
            for name in answers(stem).keys() - answered:
                find(notebook, name)["source"] = lines(source.replace("EXERCISE", name))
        elif cell.exercise:
            own = find(notebook, cell.exercise)
            own["source"] = lines(source)
            if cell.tags:
                own["metadata"]["tags"] = cell.tags
            at = notebook["cells"].index(own) + 1
        else:
            notebook["cells"].insert(at, code(source, f"added{len(notebook['cells'])}", cell.tags))
            at += 1
    return notebook


def find(notebook: dict[str, Any], grade_id: str) -> dict[str, Any]:
    """Return the cell that nbgrader knows by this id."""
    return next(
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def code(source: str, name: str = "added", tags: Sequence[str] = ()) -> dict[str, Any]:
    """Return a code cell that the student has added."""
    metadata = {"tags": list(tags)} if tags else {}
    return copy.deepcopy(
        {
            "cell_type": "code",
            "execution_count": None,
            "id": name,
            "metadata": metadata,
            "outputs": [],
            "source": lines(source),
        }
    )


def lines(source: str) -> list[str]:
    """Split a source as notebooks keep it."""
    return source.splitlines(keepends=True)


def save(notebook: dict[str, Any], path: Path) -> Path:
    """Write a notebook."""
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), "utf-8")
    return path
