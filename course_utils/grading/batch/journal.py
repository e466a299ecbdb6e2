"""Keep every grade on disk as soon as it is known, so that a run can be stopped at any moment."""

from __future__ import annotations

import hashlib
import sqlite3
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

from ... import PACKAGE
from ...exercises import module_files, stems
from ..core.grade import Grade, from_json, to_json
from ..intake.submissions import NO_NOTEBOOK, OTHER_FILE
from ..sandbox.limits import DEFAULT, Limits

LAYOUT = 2  # of the tables; a journal of an earlier one is set aside
# beside the records of the notebook: a change of anything in these means to grade again
DECIDES = ("observing", "judging", "grading/intake", "grading/core", "grading/sandbox/inside")
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
_INSERT = """
INSERT INTO grades VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE
SET grade = excluded.grade, status = excluded.status, crc = excluded.crc
WHERE grades.status IS 'not run'
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

    Grades are kept by what they depend on (see `key`), so the same notebook is graded once, and
    again only when it, its exercises, the seed or the limits are other ones. Submissions are kept
    for good: those of later runs are added to those of earlier ones.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the journal; raises JournalError, also where another run writes to it.

        `note` says if one of an earlier layout was set aside, `damaged` lists what could not be
        read of this one.
        """
        self.path, self.note = path, ""
        self.damaged: list[str] = []
        self._taken: set[str] | None = None  # pages, once they are needed
        try:
            self._open()
            layout = self._about("layout", str(LAYOUT))
            if layout.isdigit() and int(layout) < LAYOUT:
                self._set_aside()
            elif layout != str(LAYOUT):
                raise JournalError(
                    f"{path} was written by a later version of the course: name another --out"
                )
            self._base.executescript(_TABLES)
        except sqlite3.Error as error:
            raise JournalError(_explain(path, error)) from None

    def _open(self) -> None:
        self._base = sqlite3.connect(self.path, isolation_level=None, timeout=1.0)
        # a damaged text is noticed by its checksum
        self._base.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        self._base.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=FULL")
        self._base.execute(_ABOUT)

    def _set_aside(self) -> None:
        """Rename a journal of an earlier layout, and begin a new one with its seed."""
        rows = self._base.execute("SELECT value FROM about WHERE name = 'seed'").fetchone()
        self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._base.execute("PRAGMA journal_mode=DELETE")
        self._base.close()
        names = (f"{self.path.stem}-earlier{n or ''}{self.path.suffix}" for n in range(1000))
        aside = next(p for name in names if not (p := self.path.with_name(name)).exists())
        self.path.rename(aside)
        self._open()
        self._about("layout", str(LAYOUT))
        if rows:
            self._about("seed", rows[0])
        self.note = (
            f"{self.path} was written by an earlier version of the course: it is kept as "
            f"{aside.name}, and its grades are not in the new tables. Grade its submissions again "
            "to have them there; the cases stay those of its seed"
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

    def seeds(self) -> list[str]:
        """List the seeds of all submissions."""
        rows = self._base.execute("SELECT DISTINCT seed FROM submissions ORDER BY seed")
        return [seed for (seed,) in rows]

    def find(self, key: str) -> Grade | None:
        """Return the grade kept under a key; what could not be run before is worth a try.

        A damaged one is deleted, so that it is graded again.
        """
        query = "SELECT grade, crc FROM grades WHERE key = ? AND status IS NOT 'not run'"
        try:
            row = self._base.execute(query, (key,)).fetchone()
            grade = _whole(*row) if row else None
            if row and grade is None:
                self._base.execute("DELETE FROM grades WHERE key = ?", (key,))
                self.damaged.append(key)
        except sqlite3.Error as error:
            raise JournalError(_explain(self.path, error)) from None
        return grade

    def holds(self, student: str, file: str, key: str) -> bool:
        """Return True if this file of a student was given the grade of that key."""
        query = "SELECT 1 FROM submissions WHERE student = ? AND file = ? AND key = ?"
        return bool(self._base.execute(query, (student, file, key)).fetchone())

    def people(self) -> dict[tuple[str, str], set[str]]:
        """Map (student, assignment) to the numbers that platforms have for the student."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for student, assignment, identity in self._base.execute(
            "SELECT student, assignment, identity FROM submissions"
        ):
            found[student, assignment].add(identity)
        return found

    def record(self, key: str, grade: Grade, filed: Filed = Filed()) -> str:  # noqa: B008
        """Write a grade down for good and return the path of its page.

        Raises CannotRecord if the grade itself is at fault and JournalError if the journal is (a
        full disk, say). Both leave nothing half done.
        """
        try:
            self._base.execute("BEGIN IMMEDIATE")
            text = to_json(grade)
            self._base.execute(_INSERT, (key, grade.status, text, _crc(text)))
            page = self._page(grade, filed)
            graded = datetime.now().isoformat(" ", "seconds")
            old = self._base.execute(
                "SELECT key, graded FROM submissions WHERE student=? AND file=? AND digest=?",
                (grade.student, grade.file, filed.digest),
            ).fetchone()
            if old and old[0] == key and grade.status != "not run":
                graded = old[1]
            self._base.execute(
                f"INSERT OR REPLACE INTO submissions VALUES ({', '.join('?' * 14)})",
                (grade.student, grade.file, filed.digest, key, grade.assignment, grade.status,
                 grade.score, graded, filed.handed_in, filed.order, filed.identity, page,
                 str(filed.seed), filed.version),
            )  # fmt: skip
            self._base.execute("COMMIT")
        except BaseException as error:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            if isinstance(error, _FAULTS_OF_A_GRADE):
                why = f"{type(error).__name__}: {error}"
                raise CannotRecord(f"its grade cannot be recorded ({why})") from None
            if isinstance(error, sqlite3.Error):
                raise JournalError(_explain(self.path, error)) from None
            raise
        return page

    def _page(self, grade: Grade, filed: Filed) -> str:
        """Return the path of a submission's page: the one it has, or one that no other has.

        Some file systems take names for the same that differ in capital letters only.
        """
        if not callable(filed.page):
            return filed.page
        own = self._base.execute(
            "SELECT page FROM submissions WHERE student=? AND file=? AND digest=?",
            (grade.student, grade.file, filed.digest),
        ).fetchone()
        if own:
            return own[0]
        if self._taken is None:
            pages = self._base.execute("SELECT page FROM submissions")
            self._taken = {_folded(page) for (page,) in pages}
        number = 1
        while _folded(page := filed.page(number)) in self._taken:
            number += 1
        self._taken.add(_folded(page))
        return page

    def rows(self, newest: bool = False) -> Iterator[Row]:
        """Yield every submission of every run, sorted by student and file.

        Of several graded notebooks of a student for one assignment the best counts, or with
        `newest` the one handed in last. One grade at a time is in memory.
        """
        attempts, counting = self._attempts(newest)
        twins = self._twins()
        query = (
            "SELECT s.rowid, s.student, s.file, digest, s.assignment, graded, handed_in, place, "
            "identity, page, seed, version, grade, crc "
            "FROM submissions s LEFT JOIN grades USING (key) ORDER BY s.student, s.file, digest"
        )
        for (
            row,
            student,
            file,
            digest,
            assignment,
            graded,
            *about,
            grade,
            crc,
        ) in self._base.execute(query):
            found = _whole(grade, crc)
            if found is None:
                self.damaged.append(file)
                note = "its grade in the journal is damaged: grade its folder again"
                found = Grade(student, assignment, file, "not run", notes=(note,))
            handed_in, order, identity, page, seed, version = about
            yield Row(
                replace(found, student=student, file=file),
                Filed(digest, handed_in, order, identity, page, int(seed), version),
                graded,
                attempts.get(row, 0),
                row in counting,
                next((s for s in twins.get(digest, ()) if s != student), ""),
            )

    def _attempts(self, newest: bool) -> tuple[dict[int, int], set[int]]:
        """Number each student's notebooks of an assignment, and choose the one that counts."""
        own: dict[tuple[str, str], list[tuple]] = defaultdict(list)
        for row, student, assignment, status, score, *when in self._base.execute(
            "SELECT rowid, student, assignment, status, score, handed_in, place FROM submissions "
            f"WHERE status NOT IN ('{NO_NOTEBOOK}', '{OTHER_FILE}')"
        ):
            own[student, assignment].append((*when, row, status, score))
        attempts: dict[int, int] = {}
        counting: set[int] = set()
        known = set(stems())
        for (_, assignment), tried in own.items():
            tried.sort(key=lambda one: one[:3])
            attempts |= {row: number for number, (_, _, row, *_) in enumerate(tried, 1)}
            graded = [
                (0 if newest else score, number, row)
                for number, (_, _, row, status, score) in enumerate(tried)
                if status == "graded"
            ]
            if graded and assignment in known:
                counting.add(max(graded)[2])
        return attempts, counting

    def _twins(self) -> dict[str, list[str]]:
        """Map what several students have handed in, byte for byte, to their names."""
        found: dict[str, list[str]] = defaultdict(list)
        for digest, student in self._base.execute(
            "SELECT DISTINCT digest, student FROM submissions WHERE digest IN (SELECT digest FROM "
            f"submissions WHERE status NOT IN ('{NO_NOTEBOOK}', '{OTHER_FILE}') AND digest != '' "
            "GROUP BY digest HAVING COUNT(DISTINCT student) > 1) ORDER BY student"
        ):
            found[digest].append(student)
        return found

    def close(self) -> None:
        """Close it; everything recorded is on disk already."""
        self._base.close()


def _whole(text: str | None, crc: int | None) -> Grade | None:
    """Return a grade as it was written, or None if it is damaged."""
    try:
        return from_json(text) if text is not None and _crc(text) == crc else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _crc(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogateescape"))


def _folded(page: str) -> str:
    return unicodedata.normalize("NFC", page).casefold()


def key(content: bytes, name: str, stem: str | None, seed: int, limits: Limits = DEFAULT) -> str:
    """Return what a grade depends on, as one hash: content, exercises, seed, limits.

    `stem` is the assignment its `name` tells; where that tells none, all exercises count.
    """
    parts = [version(stem), str(seed), stem or name, repr(astuple(limits))]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass"))
    digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


@cache
def version(stem: str | None) -> str:
    """Return a hash of the code that decides a grade: exercises, judge, observation."""
    shared = [path for name in DECIDES for path in sorted((PACKAGE / name).glob("*.[pj]*"))]
    digest = hashlib.sha256()
    for path in [*shared, *module_files(stem)]:
        digest.update(f"{path.relative_to(PACKAGE)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def version_name(stem: str | None) -> str:
    """Return the version of the course and of the code that decides a grade, as tables show it."""
    try:
        course = installed("sequence-models-course")
    except PackageNotFoundError:
        course = "0"
    return f"{course}+{version(stem)[:8]}"


def _explain(path: Path, error: Exception) -> str:
    text = str(error)
    if "locked" in text:
        return (
            f"{path} is in use: another run is writing to this folder; wait, or name another --out"
        )
    if "malformed" in text or "not a database" in text:
        return f"{path} is damaged ({text}): move it away and grade again, or name another --out"
    return f"cannot write {path} ({text}): what is graded so far is kept; make room and run again"
