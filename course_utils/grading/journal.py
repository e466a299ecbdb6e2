"""Keep every grade on disk as soon as it is known, so that a run can be stopped at any moment."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from ..exercises import module_files
from .grade import Grade, from_json, to_json
from .stage import PACKAGE

LAYOUT = 1
DECIDES = (
    *("probes.py", "reduced.py", "keras_probes.py", "keras_graphs.py", "keras_losses.py"),
    *("reading.py", "worker.py", "observe.py", "engine.py"),
    "references.json",
)
_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS grades (key TEXT PRIMARY KEY, status TEXT, grade TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS submissions (
    student TEXT, file TEXT, key TEXT NOT NULL REFERENCES grades, PRIMARY KEY (student, file)
);
"""
# a grade once written stays as it is; only what could not be run is written again
_INSERT = """
INSERT INTO grades VALUES (?, ?, ?) ON CONFLICT (key)
DO UPDATE SET grade = excluded.grade, status = excluded.status WHERE grades.status = 'not run'
"""


class JournalError(RuntimeError):
    """The journal cannot be read or written; the message says why and what to do."""


class Journal:
    """SQLite, in WAL mode: a grade is written in one transaction before the next is begun.

    Grades are kept by what they depend on (see `key`), so the same notebook is graded once, and
    again only when it, its exercises or the seed are other ones.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the journal; raises JournalError, also where another run writes to it."""
        self.path = path
        try:
            self._base = sqlite3.connect(path, isolation_level=None, timeout=1.0)
            self._base.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=FULL")
            self._base.executescript(_TABLES)
            layout = self._about("layout", str(LAYOUT))
        except sqlite3.Error as error:
            raise JournalError(_explain(path, error)) from None
        if layout != str(LAYOUT):
            raise JournalError(
                f"{path} was written by another version of the course: name another --out"
            )

    def _about(self, name: str, value: str) -> str:
        """Return what the journal says of itself, having set it if it says nothing yet."""
        self._base.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (name, value))
        rows = self._base.execute("SELECT value FROM about WHERE name = ?", (name,))
        return rows.fetchone()[0]

    def seed(self, otherwise: int, *, replace: bool = False) -> int:
        """Return the seed this journal's grades were drawn with; `otherwise` starts a new one."""
        try:
            if replace:
                self._base.execute("DELETE FROM about WHERE name = 'seed'")
            return int(self._about("seed", str(otherwise)))
        except (sqlite3.Error, ValueError) as error:
            raise JournalError(_explain(self.path, error)) from None

    def find(self, key: str) -> Grade | None:
        """Return the grade kept under a key; what could not be run before is worth a try."""
        query = "SELECT grade FROM grades WHERE key = ? AND status != 'not run'"
        try:
            rows = self._base.execute(query, (key,))
            row = rows.fetchone()
        except sqlite3.Error as error:
            raise JournalError(_explain(self.path, error)) from None
        return from_json(row[0]) if row else None

    def record(self, key: str, grade: Grade) -> None:
        """Write a grade down for good; JournalError (a full disk, say) leaves nothing half done."""
        try:
            self._base.execute("BEGIN IMMEDIATE")
            self._base.execute(_INSERT, (key, grade.status, to_json(grade)))
            self._base.execute(
                "INSERT OR REPLACE INTO submissions VALUES (?, ?, ?)",
                (grade.student, grade.file, key),
            )
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise JournalError(_explain(self.path, error)) from None

    def grades(self, files: list[tuple[str, str]]) -> Iterator[Grade]:
        """Yield the grades of (student, file) pairs, in their order; one at a time in memory."""
        query = "SELECT grade FROM submissions JOIN grades USING (key) WHERE student=? AND file=?"
        for student, file in files:
            row = self._base.execute(query, (student, file)).fetchone()
            if row:
                yield replace(from_json(row[0]), student=student, file=file)

    def close(self) -> None:
        """Close it; everything recorded is on disk already."""
        self._base.close()


def key(content: bytes, name: str, stem: str | None, seed: int) -> str:
    """Return what a grade depends on, as one hash: content, exercises, seed.

    `stem` is the assignment its `name` tells; where that tells none, all exercises count.
    """
    parts = [version(stem), str(seed), stem or name]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass"))
    digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


@cache
def version(stem: str | None) -> str:
    """Return a hash of the code that decides a grade: exercises, judge, observation."""
    shared = [PACKAGE / "grading" / name for name in DECIDES]
    digest = hashlib.sha256()
    for path in [*shared, *module_files(stem)]:
        digest.update(f"{path.relative_to(PACKAGE)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _explain(path: Path, error: Exception) -> str:
    text = str(error)
    if "locked" in text:
        return (
            f"{path} is in use: another run is writing to this folder; wait, or name another --out"
        )
    if "malformed" in text or "not a database" in text:
        return f"{path} is damaged ({text}): move it away and grade again, or name another --out"
    return f"cannot write {path} ({text}): what is graded so far is kept; make room and run again"
