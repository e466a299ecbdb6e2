"""Keep every grade on disk as soon as it is known, so that a run can be stopped at any moment."""

from __future__ import annotations

import sqlite3
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...exercises import stems
from ..core.grade import Grade, from_json, to_json
from ..intake.submissions import NO_NOTEBOOK, OTHER_FILE

LAYOUT = 2  # of the tables; a journal of an earlier one is set aside
_ABOUT = "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)"
_TABLES = """
CREATE TABLE IF NOT EXISTS grades (
    key TEXT PRIMARY KEY, status TEXT, grade TEXT NOT NULL, crc INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS submissions (
    student TEXT, file TEXT, digest TEXT, key TEXT NOT NULL, assignment TEXT, status TEXT,
    score INTEGER, graded TEXT, handed_in TEXT, place INTEGER, identity TEXT, page TEXT, seed TEXT,
    version TEXT, PRIMARY KEY (student, file, digest)
);
CREATE INDEX IF NOT EXISTS pages ON submissions (page);
"""
# a grade once written stays as it is; only what could not be run is written again
_KEEP_GRADE = """
INSERT INTO grades VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE
SET grade = excluded.grade, status = excluded.status, crc = excluded.crc
WHERE grades.status IS 'not run'
"""
_FIND_GRADE = "SELECT grade, crc FROM grades WHERE key = ? AND status IS NOT 'not run'"
_FIND_SUBMISSION = "SELECT * FROM submissions WHERE student = ? AND file = ? AND digest = ?"
_ROWS = """
SELECT s.rowid AS number, s.*, grade, crc FROM submissions s LEFT JOIN grades USING (key)
ORDER BY s.student, s.file, s.digest
"""
_NOTEBOOKS = f"status NOT IN ('{NO_NOTEBOOK}', '{OTHER_FILE}')"
_ATTEMPTS = f"""
SELECT rowid AS number, student, assignment, status, score FROM submissions WHERE {_NOTEBOOKS}
ORDER BY student, assignment, handed_in, place, rowid
"""
_SAME_BYTES = f"""
SELECT DISTINCT digest, student FROM submissions WHERE digest IN (
    SELECT digest FROM submissions WHERE {_NOTEBOOKS} AND digest != ''
    GROUP BY digest HAVING COUNT(DISTINCT student) > 1
) ORDER BY student
"""

# what SQLite, JSON and Python raise about a value: too large, too deep, no text
_FAULTS_OF_A_GRADE = (
    *(sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.IntegrityError),
    *(ValueError, TypeError, OverflowError, RecursionError, MemoryError),
)


@dataclass(frozen=True)
class Filed:
    """What the journal keeps of a submission beside its grade.

    `digest` is a hash of its bytes, `version` that of the code that graded it; see `Submission`
    for the others. Where `page` is a function, it is given a number (1, 2, ...) until it returns a
    path that no other submission has.
    """

    digest: str = ""
    handed_in: str = ""
    order: int = 0
    identity: str = ""
    page: str | Callable[[int], str] = ""
    seed: int = 0
    version: str = ""


@dataclass(frozen=True)
class Row:
    """One submission in the journal.

    `attempt` counts the notebooks that one student handed in for an assignment, 0 for other files;
    `counts` says whether this one is the student's grade; `twin` is another student who handed in
    the same bytes, or "".
    """

    grade: Grade
    filed: Filed = Filed()
    graded: str = ""
    attempt: int = 1
    counts: bool = True
    twin: str = ""


class JournalError(RuntimeError):
    """The journal cannot be read or written; the message says why and what to do."""


class CannotRecord(ValueError):
    """This one grade cannot be written down, while others can; the message says why."""


class Journal:
    """SQLite, in WAL mode: a grade is written in one transaction before the next is begun.

    Grades are kept by what they depend on (see `grade_key`), so the same notebook is graded once,
    and again only when it, its exercises, the seed or the limits have changed. Submissions are
    kept for good: those of later runs are added to those of earlier ones.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the journal; raises JournalError, also where another run writes to it.

        `note` says if one of an earlier layout was set aside, `damaged` lists what could not be
        read of this one.
        """
        self.path, self.note = path, ""
        self.damaged: list[str] = []
        self._pages: set[str] | None = None  # those that are taken, once they are needed
        with self._explained():
            self._open()
            layout = self._about("layout", str(LAYOUT))
            if layout.isdigit() and int(layout) < LAYOUT:
                self._set_aside()
            elif layout != str(LAYOUT):
                raise JournalError(
                    f"{path} was written by a later version of the course: name another --out"
                )
            self._base.executescript(_TABLES)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it; everything recorded is on disk already."""
        self._base.close()

    def seed(self, otherwise: int, *, replace: bool = False) -> int:
        """Return the seed this journal's grades were drawn with; `otherwise` starts a new one."""
        with self._explained(ValueError):
            if replace:
                self._base.execute("DELETE FROM about WHERE name = 'seed'")
            return int(self._about("seed", str(otherwise)))

    def seeds(self) -> list[str]:
        """List the seeds of all submissions."""
        rows = self._ask("SELECT DISTINCT seed FROM submissions ORDER BY seed")
        return [row["seed"] for row in rows]

    def find(self, key: str) -> Grade | None:
        """Return the grade kept under a key; what could not be run before is worth a try.

        A damaged one is deleted, so that it is graded again.
        """
        for row in self._ask(_FIND_GRADE, key):
            grade = _undamaged(row)
            if grade is None:
                self._ask("DELETE FROM grades WHERE key = ?", key)
                self.damaged.append(key)
            return grade
        return None

    def holds(self, student: str, file: str, key: str) -> bool:
        """Return True if this file of a student was given the grade of that key."""
        query = "SELECT 1 FROM submissions WHERE student = ? AND file = ? AND key = ?"
        return bool(self._ask(query, student, file, key))

    def people(self) -> dict[tuple[str, str], set[str]]:
        """Map (student, assignment) to the numbers that platforms have for the student."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in self._ask("SELECT student, assignment, identity FROM submissions"):
            found[row["student"], row["assignment"]].add(row["identity"])
        return found

    def record(self, key: str, grade: Grade, filed: Filed = Filed()) -> str:  # noqa: B008
        """Write a grade down for good and return the path of its page.

        Raises CannotRecord if the grade itself is at fault and JournalError if the journal is (a
        full disk, say). Both leave nothing half done.
        """
        with self._transaction():
            text = to_json(grade)
            self._base.execute(_KEEP_GRADE, (key, grade.status, text, _crc(text)))
            place = grade.student, grade.file, filed.digest
            before = self._base.execute(_FIND_SUBMISSION, place).fetchone()
            same = before and before["key"] == key and grade.status != "not run"
            now = datetime.now().isoformat(" ", "seconds")
            page = self._page(filed, before)
            values = {
                "student": grade.student,
                "file": grade.file,
                "digest": filed.digest,
                "key": key,
                "assignment": grade.assignment,
                "status": grade.status,
                "score": grade.score,
                "graded": before["graded"] if same else now,
                "handed_in": filed.handed_in,
                "place": filed.order,
                "identity": filed.identity,
                "page": page,
                "seed": str(filed.seed),
                "version": filed.version,
            }
            columns, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
            self._base.execute(
                f"INSERT OR REPLACE INTO submissions ({columns}) VALUES ({marks})", values
            )
        return page

    def rows(self, newest: bool = False) -> Iterator[Row]:
        """Yield every submission of every run, sorted by student and file.

        Of several graded notebooks of a student for one assignment the best counts, or with
        `newest` the one handed in last. One grade at a time is in memory.
        """
        attempts, counting = self._attempts(newest)
        same_bytes = self._same_bytes()
        with self._explained():
            for row in self._base.execute(_ROWS):
                grade = _undamaged(row)
                student, file, digest = row["student"], row["file"], row["digest"]
                if grade is None:
                    self.damaged.append(file)
                    note = "its grade in the journal is damaged: grade its folder again"
                    grade = Grade(student, row["assignment"], file, "not run", notes=(note,))
                yield Row(
                    replace(grade, student=student, file=file),
                    Filed(digest, row["handed_in"], row["place"], row["identity"], row["page"],
                          int(row["seed"]), row["version"]),
                    row["graded"],
                    attempts.get(row["number"], 0),
                    row["number"] in counting,
                    next((other for other in same_bytes[digest] if other != student), ""),
                )  # fmt: skip

    def _attempts(self, newest: bool) -> tuple[dict[int, int], set[int]]:
        """Number each student's notebooks of an assignment, and choose the one that counts."""
        own: dict[tuple[str, str], list[sqlite3.Row]] = defaultdict(list)
        for row in self._ask(_ATTEMPTS):
            own[row["student"], row["assignment"]].append(row)
        attempts: dict[int, int] = {}
        counting: set[int] = set()
        for (_, assignment), rows in own.items():
            attempts |= {row["number"]: attempt for attempt, row in enumerate(rows, 1)}
            graded = [row for row in reversed(rows) if row["status"] == "graded"]
            if graded and assignment in stems():
                best = graded[0] if newest else max(graded, key=lambda row: row["score"])
                counting.add(best["number"])
        return attempts, counting

    def _same_bytes(self) -> dict[str, list[str]]:
        """Map the digest of what several students have handed in to their names."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._ask(_SAME_BYTES):
            found[row["digest"]].append(row["student"])
        return found

    def _page(self, filed: Filed, before: sqlite3.Row | None) -> str:
        """Return the path of a submission's page: the one it has, or one that no other has.

        Some file systems take names for the same that differ in capital letters only.
        """
        if not callable(filed.page):
            return filed.page
        if before:
            return before["page"]
        if self._pages is None:
            pages = self._base.execute("SELECT page FROM submissions")
            self._pages = {_folded(page) for (page,) in pages}
        number = 1
        while _folded(page := filed.page(number)) in self._pages:
            number += 1
        self._pages.add(_folded(page))
        return page

    def _open(self) -> None:
        self._base = sqlite3.connect(self.path, isolation_level=None, timeout=1.0)
        self._base.row_factory = sqlite3.Row
        # a damaged text is noticed by its checksum
        self._base.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        self._base.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=FULL")
        self._base.execute(_ABOUT)

    def _about(self, name: str, value: str) -> str:
        """Return what the journal says of itself, having set it if it says nothing yet."""
        self._base.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (name, value))
        rows = self._base.execute("SELECT value FROM about WHERE name = ?", (name,))
        return rows.fetchone()["value"]

    def _set_aside(self) -> None:
        """Rename a journal of an earlier layout, and begin a new one with its seed."""
        seed = self._base.execute("SELECT value FROM about WHERE name = 'seed'").fetchone()
        self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._base.execute("PRAGMA journal_mode=DELETE")
        self._base.close()
        names = (f"{self.path.stem}-earlier{n or ''}{self.path.suffix}" for n in range(1000))
        aside = next(p for name in names if not (p := self.path.with_name(name)).exists())
        self.path.rename(aside)
        self._open()
        self._about("layout", str(LAYOUT))
        if seed:
            self._about("seed", seed["value"])
        self.note = (
            f"{self.path} was written by an earlier version of the course: it is kept as "
            f"{aside.name}, and its grades are not in the new tables. Grade its submissions again "
            "to have them there; the cases stay those of its seed"
        )

    def _ask(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with self._explained():
            return self._base.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write all or nothing; raises JournalError, or CannotRecord about a value."""
        with self._explained():
            try:
                self._base.execute("BEGIN IMMEDIATE")
                yield
                self._base.execute("COMMIT")
            except BaseException as error:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                if isinstance(error, _FAULTS_OF_A_GRADE):
                    why = f"{type(error).__name__}: {error}"
                    raise CannotRecord(f"its grade cannot be recorded ({why})") from None
                raise

    @contextmanager
    def _explained(self, *more: type[Exception]) -> Iterator[None]:
        """Raise what SQLite raises as a JournalError that says what to do."""
        kinds: tuple[type[Exception], ...] = (sqlite3.Error, *more)
        try:
            yield
        except kinds as error:
            text = str(error)
            if "locked" in text:
                said = (
                    f"{self.path} is in use: another run is writing to this folder; wait, or name "
                    "another --out"
                )
            elif "malformed" in text or "not a database" in text:
                said = (
                    f"{self.path} is damaged ({text}): move it away and grade again, or name "
                    "another --out"
                )
            else:
                said = (
                    f"cannot write {self.path} ({text}): what is graded so far is kept; make room "
                    "and run again"
                )
            raise JournalError(said) from None


def _undamaged(row: sqlite3.Row) -> Grade | None:
    """Return a grade as it was written, or None if it is damaged."""
    text = row["grade"]
    try:
        return from_json(text) if text is not None and _crc(text) == row["crc"] else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _crc(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogateescape"))


def _folded(page: str) -> str:
    return unicodedata.normalize("NFC", page).casefold()
