"""Read a submitted notebook, repairing what is obvious; say in one line what cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ...exercises import assignment, stems
from .fingerprints import MOST_CHARACTERS, definitions
from .names import stem_in

NOT_RUN = {"demo", "train"}  # cells with these tags only look, or take long
# Reading takes under 2 s of the processor and 500 MB, whatever a file holds. Each bound is far
# beyond any notebook that a person writes
MAX_MB = 200  # of a file as it was handed in
MAX_TEXT_MB = 32  # of what is read of it: pictures and sounds of larger ones are passed over
MOST_VALUES = 2_000_000  # lists, dictionaries, texts and numbers in the JSON
MOST_CELLS = 2_000
MOST_CODE = 2_000_000  # characters, such as data in a cell
MOST_PARSED = 300_000  # characters in cells that are parsed
_CHECK = re.compile(r"\s*(check|hint|score)\(\w*\)\s*")  # which do nothing where grades are given
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\]++|\\.)*+"?|,(?=\s*[\]}])', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_PICTURE = re.compile(rb'"image/\w+": *"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BASE64 = re.compile(rb"base64,[A-Za-z0-9+/=]++")  # as sounds are
_RETURN = re.compile(r"\r\n?")
_OTHER_FILES = (  # how files begin that are handed in under a notebook's name
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "XML"),
    (b"pk\x03\x04", "a zip archive"),
    (b"%pdf", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89png", "a picture"),
    (b"version https://git-lfs", "a pointer of Git LFS, which stands for the real file"),
)
_CONFLICT = re.compile(r"^([<|=>])\1{6}(?!\1)(?:[ \t](.*))?\r?$", re.MULTILINE)
_NEXT = {"": "<", "<": "|=", "|": "=", "=": ">"}  # which marker may follow which

Cells = tuple[tuple[str, frozenset[str]], ...]  # the code of each, and its tags


class Unreadable(ValueError):
    """A submission cannot be read; the message says why, in one line."""


@dataclass(frozen=True)
class Notebook:
    """The code of a notebook, cell by cell with its tags, and what was repaired on reading it."""

    cells: Cells
    notes: tuple[str, ...] = ()
    python: tuple[int, ...] = ()  # the version it was written with, as far as it says

    def sources(self) -> list[str]:
        """List the code of all cells."""
        return [source for source, _ in self.cells]

    def to_run(self, exercises: list[str]) -> list[str]:
        """Return the code of the cells to run to observe `exercises`, in order.

        These are the cells up to the last that defines an exercise, and later ones that only
        define or import. A cell that defines an exercise is run whatever its tags are.
        """
        wanted = set(exercises)
        defining = [bool(definitions(source).names & wanted) for source, _ in self.cells]
        last = max((i for i, defines in enumerate(defining) if defines), default=-1)
        return [
            source
            for i, (source, tags) in enumerate(self.cells)
            if defining[i]
            or not (tags & NOT_RUN or _CHECK.fullmatch(source))
            and (i < last or definitions(source).alone)
        ]


def read_notebook(content: bytes) -> Notebook:
    """Read a notebook file's bytes; raises Unreadable."""
    if len(content) > MAX_MB * 2**20:
        raise Unreadable(f"is larger than {MAX_MB} MB")
    if not content.strip():
        raise Unreadable("is empty")
    content, notes = _without_media(content)
    text = _decoded(content, notes)
    conflict = _conflict(text)
    read = _parsed_json(conflict.first if conflict else text, notes)
    cells = _cells(read, notes)
    if conflict:
        notes.append(conflict.taken(same=cells == _cells_of(conflict.second)))
    language = _about(read, ("kernelspec", "language"), ("language_info", "name"))
    if language.lower() not in ("", "python", "python3", "ipython"):
        notes.append(f"names {language[:40]} as its language: its code was run as Python")
    version = re.match(r"(\d{1,3})\.(\d{1,3})", _about(read, ("language_info", "version")))
    python = tuple(map(int, version.groups())) if version else ()
    return Notebook(cells, tuple(dict.fromkeys(notes)), python)


def _cells_of(text: str) -> Cells:
    try:
        return _cells(_parsed_json(text, []), [])
    except Unreadable:
        return ()


def _without_media(content: bytes) -> tuple[bytes, list[str]]:
    """Pass over the pictures and sounds of a very large file; raises Unreadable."""
    if len(content) <= MAX_TEXT_MB * 2**20:
        return content, []
    content = _BASE64.sub(b"base64,", _PICTURE.sub(b'"image": ""', content))
    if len(content) > MAX_TEXT_MB * 2**20:
        raise Unreadable(
            f"is larger than {MAX_TEXT_MB} MB, apart from pictures and sounds: clear its outputs "
            "and hand it in again"
        )
    return content, [f"is larger than {MAX_TEXT_MB} MB: its pictures and sounds were passed over"]


def _decoded(content: bytes, notes: list[str]) -> str:
    """Decode to text; note where the encoding was not UTF-8, as it must be."""
    head = content.lstrip()[:1000].lower()
    for start, kind in _OTHER_FILES:
        if head.startswith(start):
            raise Unreadable(f"is not a notebook: it is {kind}, whatever its name says")
    encoding = json.detect_encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if b"\0" in content:
            raise Unreadable("is not a notebook: it is not text") from None
        notes.append("was not in UTF-8: it was read as Latin-1")
        return content.decode("latin-1")
    if encoding not in ("utf-8", "utf-8-sig"):
        notes.append(f"was in {encoding[:6].upper()}, not UTF-8: it was converted")
    return text.removeprefix("\ufeff")


def _parsed_json(text: str, notes: list[str]) -> Any:
    """Parse JSON; note what had to be left out."""
    _check_size(text)
    try:
        return _loads(text)
    except json.JSONDecodeError as error:
        repaired = _STRING_OR_COMMA.sub(lambda found: found[0] if found[0][0] == '"' else "", text)
        if repaired == text:
            raise _no_json(error, text) from None
    try:
        read = _loads(repaired)
    except json.JSONDecodeError as error:
        raise _no_json(error, repaired) from None
    notes.append("has an extra comma in its JSON: it was removed")
    return read


def _check_size(text: str) -> None:
    """Raise Unreadable if JSON holds more than can be read in the memory there is."""
    if text.count(",") + text.count("[") + text.count("{") <= MOST_VALUES:
        return
    values = sum(map(_STRING.sub("", text).count, ",[{"))
    if values > MOST_VALUES:
        raise Unreadable(
            f"has outputs or cells of more than {MOST_VALUES:,} values: clear its outputs and "
            "hand it in again"
        )


def _loads(text: str) -> Any:
    try:
        return json.loads(text, strict=False)  # a tab or line break in a string harms nobody
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:  # a number of too many digits, say
        why = str(error).partition(";")[0]
        raise Unreadable(f"is not a notebook: it is JSON that cannot be read ({why})") from None


def _no_json(error: json.JSONDecodeError, text: str) -> Unreadable:
    """Return an error that says what a text is, if that is clear, or where it stops being JSON."""
    if "\0" in text[:1000]:
        return Unreadable("is not a notebook: it is not text")
    begins = text.lstrip().partition("\n")[0][:40].rstrip()
    if not begins.startswith(("{", "[")):
        return Unreadable(f"is not a notebook: not JSON, but a text that begins `{begins}`")
    if _CONFLICT.match(text, text.rfind("\n", 0, error.pos) + 1):
        return Unreadable(
            f"has Git's conflict markers (line {error.lineno}), and not in pairs: resolve the "
            "conflict and hand it in again"
        )
    if error.msg.startswith("Unterminated string") or not text[error.pos :].strip():
        last = text.rstrip().count("\n") + 1
        return Unreadable(
            f"is not a whole notebook: its JSON ends too early, at line {last}. Save it again"
        )
    return Unreadable(f"is not a notebook: not JSON ({error.msg}, line {error.lineno})")


def _cells(read: Any, notes: list[str]) -> Cells:
    """List the code cells of a notebook, also of one in a format before 4."""
    if not isinstance(read, dict):
        raise Unreadable("is not a notebook: it is JSON, but not laid out as a notebook")
    sheets = read.get("worksheets")
    if isinstance(sheets, list):
        notes.append("is in an old notebook format: it was converted")
        sheets = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        found = [cell for cells in sheets if isinstance(cells, list) for cell in cells]
    elif "cells" in read:
        found = read["cells"]
    else:
        raise Unreadable("is not a notebook: it is JSON, but has no 'cells'")
    if not isinstance(found, list):
        raise Unreadable("is not a notebook: it is JSON, but its 'cells' are not a list")
    cells = [cell for cell in found if isinstance(cell, dict)]
    if len(cells) < len(found):
        notes.append("has entries that are not cells: they were left out")
    cells = [cell for cell in cells if cell.get("cell_type") == "code"]
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"has {len(cells):,} cells of code: more than {MOST_CELLS:,} are not read")
    read_cells = tuple(_cell(cell, notes) for cell in cells)
    lengths = [len(source) for source, _ in read_cells]
    parsed = sum(length for length in lengths if length <= MOST_CHARACTERS)
    for length, most in ((sum(lengths), MOST_CODE), (parsed, MOST_PARSED)):
        if length > most:
            raise Unreadable(
                f"has {length:,} characters of code: more than {most:,} are not read. Put data "
                "into a file, not into cells"
            )
    return read_cells


def _cell(cell: dict[str, Any], notes: list[str]) -> tuple[str, frozenset[str]]:
    """Return a cell's code and tags; note what had to be repaired."""
    lines = cell.get("source", cell.get("input"))  # "input" is the old formats' name
    if not isinstance(lines, str | list):
        notes.append("has a cell without code: it was read as an empty one")
        lines = ""
    if isinstance(lines, list):
        texts = [line for line in lines if isinstance(line, str)]
        if len(texts) < len(lines):
            notes.append("has a cell with lines that are not text: they were left out")
        if len(texts) > 1 and not any(line.endswith(("\n", "\r")) for line in texts[:-1]):
            notes.append("has a cell whose lines do not end: each was read as a line")
            texts = [f"{line}\n" for line in texts]
        lines = "".join(texts)
    source = _RETURN.sub("\n", lines)
    if conflict := _conflict(source):
        source = conflict.first
        notes.append(f"{conflict.taken(same=source == conflict.second)}, in a cell")
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    tags = tags if isinstance(tags, list) else []
    return source, frozenset(tag for tag in tags if isinstance(tag, str))


def _about(read: dict[str, Any], *wanted: tuple[str, str]) -> str:
    """Return the first of these entries of a notebook's metadata that is a text, or ""."""
    about = read.get("metadata")
    for place, key in wanted:
        named = about.get(place) if isinstance(about, dict) else None
        if isinstance(named, dict) and isinstance(named.get(key), str) and named[key]:
            return named[key]
    return ""


def assignment_stem(path: PurePath, cells: Iterable[str]) -> str | None:
    """Return which assignment a notebook is for: by its name, else by the exercises it defines."""
    return stem_in(path.name) or assignment_defined(cells)


def assignment_defined(cells: Iterable[str]) -> str | None:
    """Return the assignment of which cells define the most exercises, None if they define none."""
    defined = frozenset().union(*(definitions(source).names for source in cells))
    shared = {stem: len(defined & set(assignment(stem).names())) for stem in stems()}
    best = max(shared, key=shared.__getitem__)
    return best if shared[best] else None


@dataclass(frozen=True)
class _Conflict:
    """Git's conflict: the text as it is on each side, the line of the first marker, and names."""

    first: str
    second: str
    line: int
    names: tuple[str, str]

    def taken(self, *, same: bool) -> str:
        """Return a note that the first side was used; `same` if both sides hold the same code."""
        said = f"has Git's conflict markers at line {self.line}"
        if same:
            return f"{said}: both sides hold the same code"
        first, second = (f" ({name[:40]})" if name else "" for name in self.names)
        return f"{said}: the first side{first} was graded, not the second{second}"


def _conflict(text: str) -> _Conflict | None:
    """Return the sides of a text's conflicts; None if it has none, or markers out of order."""
    if "<<<<<<<" not in text:
        return None
    sides: dict[str, list[str]] = {"<": [], "=": []}  # the texts between the markers
    names = {"<": "", ">": ""}
    side, line, begins = "", 0, 0

    def keep(end: int) -> None:
        for one in sides:
            if side in ("", one):
                sides[one].append(text[begins:end])

    for mark in _CONFLICT.finditer(text):
        if mark[1] not in _NEXT[side]:
            continue
        keep(mark.start())
        line = line or text.count("\n", 0, mark.start()) + 1
        if mark[1] in names:
            names[mark[1]] = (mark[2] or "").strip()
        side = "" if mark[1] == ">" else mark[1]
        begins = mark.end() + 1
    keep(len(text))
    if side or not line:
        return None
    return _Conflict("".join(sides["<"]), "".join(sides["="]), line, (names["<"], names[">"]))
