"""Keep one record a system, tell which are out of date, and write the table of them."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterable
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


def version(system: System, seed: int) -> str:
    """Return a digest of all that decides a run: its code, the answers it trains, the seed."""
    parts = [inspect.getsource(inspect.getmodule(system.run)), str(seed)]
    if system.answers:
        book = AnswerBook(ROOT, system.stem)
        parts += [book.reference(name) for name in system.answers]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def current(system: System, seed: int) -> bool:
    """Tell whether the record of a system is that of the code as it stands."""
    record = load(system)
    return record is not None and record["version"] == version(system, seed)


def load(system: System) -> dict[str, Any] | None:
    """Read the record of a system; None if there is none."""
    path = FOLDER / f"{system.name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def keep(system: System, seed: int, seconds: float, result: dict[str, Any]) -> None:
    """Write the record of a run: whole, or not at all."""
    record = {
        "system": system.title,
        "figure": result["figure"],
        "numbers": result.get("numbers", {}),
        "history": result.get("history", {}),
        "data": result.get("data", system.data),
        "seed": seed,
        "seconds": round(seconds, 1),
        "version": version(system, seed),
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
        rows.append("| " + " | ".join(str(cell) for cell in cells) + " |\n")
    TABLE.write_text(_HEAD + "".join(rows), encoding="utf-8")
