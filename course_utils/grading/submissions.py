"""Find submissions and read their cells; a file that cannot be read says why in one line."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

from ..exercises import assignment, stems

NOT_RUN = {"demo", "train"}  # cells with these tags only look, or take long


class Unreadable(ValueError):
    """A submission cannot be read; the message says why, in one line."""


class NothingToGrade(ValueError):
    """There is no submission where the caller pointed."""


@dataclass(frozen=True)
class Submission:
    """One notebook of one student."""

    student: str
    path: Path


def find_submissions(place: Path) -> list[Submission]:
    """Find `<student>/<notebook>.ipynb` and loose notebooks below a folder, or one notebook.

    A loose notebook's student is the name of its folder. Raises NothingToGrade.
    """
    if place.is_file():
        return [Submission(place.resolve().parent.name, place)]
    if not place.exists():
        raise NothingToGrade(f"{place} does not exist: name a folder of notebooks, or a notebook")
    found = [Submission(place.resolve().name, path) for path in place.glob("*.ipynb")]
    found += [Submission(path.parent.name, path) for path in place.glob("*/*.ipynb")]
    kept = [
        s
        for s in found
        if not any(part.startswith(".") for part in s.path.relative_to(place).parts)
    ]
    if not kept:
        raise NothingToGrade(
            f"no notebooks in {place}: looked for *.ipynb and <student>/<notebook>.ipynb"
        )
    return sorted(kept, key=lambda s: (s.student, s.path.name))


def read_cells(path: Path) -> list[str]:
    """Return the code of the cells to run, in order; raises Unreadable."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise Unreadable("is not a notebook: its bytes are not UTF-8 text") from None
    try:
        notebook = json.loads(text)
        if notebook.get("nbformat", 0) < 4:
            notebook = _upgraded(text)
        return [
            "".join(cell["source"])
            for cell in notebook["cells"]
            if cell["cell_type"] == "code" and not NOT_RUN & set(cell["metadata"].get("tags", []))
        ]
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"is not a notebook: not JSON ({error.msg}, line {error.lineno})"
        ) from None
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"is not a notebook: it is JSON, but {_missing(error)}") from None


def _upgraded(text: str) -> dict:
    import nbformat  # here, because importing it takes seconds and few notebooks are so old

    try:
        return nbformat.reads(text, as_version=4)
    except Exception as error:
        raise ValueError(f"no notebook format that is known ({error})") from None


def _missing(error: Exception) -> str:
    return f"has no {error}" if isinstance(error, KeyError) else "not laid out as a notebook"


def assignment_stem(path: Path, cells: list[str]) -> str | None:
    """Tell which assignment a notebook is: by its name, else by the exercises it defines."""
    for stem in stems():
        if re.match(re.escape(stem) + r"(\W|$)", path.stem):  # also "01_name (1)", "01_name-copy"
            return stem
    defined = {name for source in cells for name in defined_names(source)}
    shared = {stem: len(defined & set(assignment(stem).names())) for stem in stems()}
    best = max(shared, key=shared.__getitem__)
    return best if shared[best] else None


def defined_names(source: str) -> set[str]:
    """List the functions a cell defines, also where it does not parse."""
    try:
        return {n.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)}
    except (SyntaxError, ValueError, RecursionError):
        return set(re.findall(r"^\s*def\s+(\w+)", source, re.MULTILINE))
