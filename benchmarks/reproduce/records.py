"""Keep one record a system, tell which are out of date, and write the table of them."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import tokenize
from collections.abc import Iterable
from io import StringIO
from typing import Any

from course_utils.authoring.answers import AnswerBook
from course_utils.results import FOLDER

from .system import System

ROOT = FOLDER.parents[1]
TABLE = ROOT / "benchmarks" / "reproduced.md"
_HEAD = """# The course's systems, trained at full length

`make reproduce` trains every system and writes this file (stopped, it goes on where it was; `ONLY=name` runs one). The times are those of two cores; a row that was not run is blank. Published figures are those of the well-known courses and papers these exercises follow, on their data; where ours are other data, the rows can be read side by side but not compared.

| system | published | here | data | seed | time |
|---|---|---|---|---|---|
"""  # noqa: E501
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def version(system: System, seed: int) -> str:
    """Return a digest of all that decides a run: its code, the answers it trains, the seed."""
    sources = [inspect.getsource(inspect.getmodule(system.run))]
    if system.answers:
        book = AnswerBook(ROOT, system.stem)
        sources += [book.reference(name) for name in system.answers]
    parts = [*map(_what_runs, sources), str(seed)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _what_runs(source: str) -> str:
    """Return a program without comments and docstrings: words may change without a new run."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node):
            said = node.body[0]
            lines[said.lineno - 1 : said.end_lineno] = [""] * (said.end_lineno - said.lineno + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def current(system: System, seed: int) -> bool:
    """Tell whether the record of a system is that of the code as it stands."""
    return has(system, version(system, seed))


def has(system: System, version: str) -> bool:
    """Tell whether there is a record of a version of a system."""
    record = load(system)
    return record is not None and record["version"] == version


def load(system: System) -> dict[str, Any] | None:
    """Read the record of a system; None if there is none."""
    path = FOLDER / f"{system.name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def keep(system: System, seed: int, version: str, seconds: float, result: dict[str, Any]) -> None:
    """Write the record of a run of a version: whole, or not at all."""
    record = {
        "system": system.title,
        "figure": result["figure"],
        "numbers": result.get("numbers", {}),
        "history": result.get("history", {}),
        "data": result.get("data", system.data),
        "seed": seed,
        "seconds": round(seconds, 1),
        "version": version,
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = FOLDER / f"{system.name}.json.tmp"
    part.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(FOLDER / f"{system.name}.json")


def write_table(systems: Iterable[System]) -> None:
    """Write the table of all systems, each row from its record."""
    rows = []
    for system in systems:
        record = load(system) or dict.fromkeys(("figure", "seed", "seconds"), "")
        data = record.get("data", system.data)
        cells = [system.title, system.published, record["figure"], data, record["seed"]]
        cells.append(f"{record['seconds']:,.0f} s" if record["figure"] else "")
        rows.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |\n")
    TABLE.write_text(_HEAD + "".join(rows), encoding="utf-8")
