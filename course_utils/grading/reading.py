"""Read a submitted notebook, repairing what is plainly meant; say in one line what cannot be."""

from __future__ import annotations

import ast
import codecs
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from ..exercises import assignment, stems
from .fingerprints import COMMENT, parse, walk

NOT_RUN = {"demo", "train"}  # cells with these tags only look, or take long
MAX_MB = 200
_CHECK = re.compile(r"\s*(check|hint|score)\(\w*\)\s*")  # which do nothing where grades are given
_DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class Unreadable(ValueError):
    """A submission cannot be read; the message says why, in one line."""


@dataclass(frozen=True)
class Notebook:
    """The code of a notebook, cell by cell with its tags, and what was repaired on reading it."""

    cells: tuple[tuple[str, frozenset[str]], ...]
    notes: tuple[str, ...] = ()

    def sources(self) -> list[str]:
        """List the code of all cells."""
        return [source for source, _ in self.cells]

    def to_run(self, exercises: list[str]) -> list[str]:
        """Return the code of the cells to run to observe `exercises`, in order.

        These are the cells up to the last that defines an exercise, and later ones that only
        define or import. A cell that defines an exercise is run whatever its tags are.
        """
        wanted = set(exercises)
        defining = [bool(defined_names(source) & wanted) for source, _ in self.cells]
        last = max((i for i, defines in enumerate(defining) if defines), default=-1)
        return [
            source
            for i, (source, tags) in enumerate(self.cells)
            if defining[i]
            or not (tags & NOT_RUN or _CHECK.fullmatch(source))
            and (i < last or _only_defines(source))
        ]


def read_notebook(content: bytes) -> Notebook:
    """Read a notebook file's bytes; raises Unreadable."""
    if len(content) > MAX_MB * 2**20:
        raise Unreadable(f"is larger than {MAX_MB} MB")
    if not content.strip():
        raise Unreadable("is empty")
    text, notes = _decoded(content)
    try:
        read = json.loads(text)
        if read.get("nbformat", 4) < 4:
            read = _upgraded(text)
            notes.append("is in an old notebook format: it was converted")
        cells = tuple(_cell(cell) for cell in read["cells"] if cell["cell_type"] == "code")
        language = _language(read)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"is not a notebook: not JSON ({error.msg}, line {error.lineno})"
        ) from None
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"is not a notebook: it is JSON, but {_missing(error)}") from None
    if language not in ("", "python", "python3", "ipython"):
        notes.append(f"names {language[:40]} as its language: its code was run as Python")
    return Notebook(cells, tuple(notes))


def _decoded(content: bytes) -> tuple[str, list[str]]:
    """Decode to text; tell where the encoding was not UTF-8, as it must be."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16"), ["was in UTF-16, not UTF-8: it was converted"]
        except UnicodeDecodeError:
            raise Unreadable("is not a notebook: its bytes are no text") from None
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        if b"\0" in content:
            raise Unreadable("is not a notebook: its bytes are no text") from None
        return content.decode("latin-1"), ["was not in UTF-8: it was read as Latin-1"]


def _cell(cell: dict[str, Any]) -> tuple[str, frozenset[str]]:
    source = cell["source"]
    tags = (cell.get("metadata") or {}).get("tags") or []
    source = source if isinstance(source, str) else "".join(source)
    return source, frozenset(tag for tag in tags if isinstance(tag, str))


def _language(read: dict[str, Any]) -> str:
    about = read.get("metadata") or {}
    spec, info = about.get("kernelspec") or {}, about.get("language_info") or {}
    return str(spec.get("language") or info.get("name") or "").lower()


def _upgraded(text: str) -> dict:
    import nbformat  # here, because importing it takes seconds and few notebooks are so old

    try:
        return nbformat.reads(text, as_version=4)
    except Exception as error:
        raise ValueError(f"no notebook format that is known ({error})") from None


def _missing(error: Exception) -> str:
    return f"has no {error}" if isinstance(error, KeyError) else "not laid out as a notebook"


def assignment_stem(path: PurePath, cells: list[str]) -> str | None:
    """Tell which assignment a notebook is: by its name, else by the exercises it defines."""
    for stem in stems():  # also "01_name (1)", "01_name-copy", "ada_01_name"
        if re.search(r"(^|[\W_])" + re.escape(stem) + r"(\W|$)", path.stem):
            return stem
    defined = {name for source in cells for name in defined_names(source)}
    shared = {stem: len(defined & set(assignment(stem).names())) for stem in stems()}
    best = max(shared, key=shared.__getitem__)
    return best if shared[best] else None


def defined_names(source: str) -> frozenset[str]:
    """List the functions and variables a cell defines, also where it does not parse."""
    return _told(COMMENT.sub("", source))[0]


def _only_defines(source: str) -> bool:
    return _told(COMMENT.sub("", source))[1]


@lru_cache(4096)  # most cells of a class are the same, but for comments
def _told(source: str) -> tuple[frozenset[str], bool]:
    """Tell the names a cell defines, and whether defining and importing is all it does."""
    tree = _parsed(source)
    if tree is None:
        found = re.findall(r"^\s*(?:async\s+)?def\s+(\w+)", source, re.MULTILINE)
        return frozenset(found), False
    nodes = list(walk(tree))
    names = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return frozenset(names | stored), all(isinstance(node, _DEFINITIONS) for node in tree.body)


def _parsed(source: str) -> ast.Module | None:
    try:
        return parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
