"""Hand grades on: to an nbgrader gradebook, and as the CSV that Canvas and Moodle import.

One row a student, one column an assignment; of several notebooks the one that counts. A cell is
empty where there is nothing that could be graded, and an import leaves that grade as it is.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...exercises import assignment, stems
from ..batch.journal import Row
from .tables import table

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Username", "ID number", "Email address")  # what Moodle can tell a user by
FOLDER = "student"  # the roster's column that holds the students as in grades.csv

Roster = Mapping[str, Mapping[str, str]]
Points = Mapping[str, int]  # by exercise


class CannotExport(ValueError):
    """Grades can't be handed on; the message says why, in one line."""


class Counting(dict[tuple[str, str], "Points | None"]):
    """The grades that count, by student and assignment; None where nothing could be graded.

    A student of whom no assignment is known is there with "" for one.
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        """Take rows of the journal."""
        super().__init__()
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """Take one row."""
        grade = row.grade
        key = grade.student, grade.assignment if grade.assignment in stems() else ""
        self.setdefault(key, None)
        if row.counts:
            self[key] = {result.exercise: result.points for result in grade.results}

    def assignments(self) -> list[str]:
        """List the assignments that were handed in, in course order; raises CannotExport."""
        handed_in = {stem for _, stem in self} - {""}
        if not handed_in:
            raise CannotExport("there is no grade of any assignment of this course to export")
        return [stem for stem in stems() if stem in handed_in]

    def students(self) -> list[str]:
        """List the students in alphabetical order."""
        return sorted({student for student, _ in self})

    def scores(self, student: str, assignments: Iterable[str]) -> list[int | str]:
        """List a student's scores, "" where there is none."""
        found = [self.get((student, stem)) for stem in assignments]
        return ["" if points is None else sum(points.values()) for points in found]


def read_roster(path: str | Path) -> Roster:
    """Read a CSV with a column `student`, as in grades.csv, and columns named as in CANVAS, MOODLE.

    A column `name` holds the name that Canvas shows. Capital letters make no difference in the
    headings. Raises CannotExport.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except OSError as error:
        raise CannotExport(f"cannot read the roster {path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CannotExport(f"the roster {path} is not CSV in UTF-8: {error}") from None
    known = {name.casefold(): name for name in (*MOODLE, *CANVAS)}
    known |= {FOLDER: FOLDER, "name": "Student"}  # as Canvas calls a student's name
    heading = [known.get(name.strip().casefold(), "") for name in rows[0]] if rows else []
    if FOLDER not in heading:
        raise CannotExport(
            f'the roster {path} has no column "{FOLDER}" with the students as in grades.csv'
        )
    roster: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows[1:], 2):
        values = {name: value.strip() for name, value in zip(heading, row, strict=False) if name}
        student = values.pop(FOLDER, "")
        if student in roster:
            raise CannotExport(f"the roster {path} has {student} twice, again in row {number}")
        if student:
            roster[student] = values
    return roster


def to_canvas(found: Counting, path: str | Path, roster: Roster | None = None) -> list[str]:
    """Write the CSV that Canvas's gradebook imports; return the students not in the roster.

    Canvas looks for an assignment of our name or offers to make one.
    """

    def about(student: str, known: Mapping[str, str]) -> Sequence[str]:
        return known.get("Student") or student, *(known.get(key, "") for key in CANVAS[1:])

    points = [assignment(stem).points for stem in found.assignments()]
    return _write(found, path, roster, CANVAS, about, ["    Points Possible", *[""] * 4, *points])


def to_moodle(found: Counting, path: str | Path, roster: Roster | None = None) -> list[str]:
    """Write a CSV that Moodle's grade import reads; return the students not in the roster.

    Without a roster the student's name is the username. Which column goes where is chosen in
    Moodle's preview.
    """
    given = {key for known in (roster or {}).values() for key, value in known.items() if value}
    keys = [key for key in MOODLE if key in given] if roster is not None else ["Username"]
    if not keys:
        raise CannotExport(f"the roster has none of the columns {', '.join(MOODLE)}")

    def about(student: str, known: Mapping[str, str]) -> Sequence[str]:
        return [student] if roster is None else [known.get(key, "") for key in keys]

    return _write(found, path, roster, keys, about)


def _write(
    found: Counting,
    path: str | Path,
    roster: Roster | None,
    heading: Sequence[str],
    about: Callable[[str, Mapping[str, str]], Sequence[str]],
    *first: Sequence[object],
) -> list[str]:
    """Write a row a student that the other system knows; return those not in the roster."""
    columns = found.assignments()
    try:
        with table(Path(path), [*heading, *columns]) as write:
            for row in first:
                write(row)
            for student in found.students():
                told = about(student, (roster or {}).get(student, {}))
                if any(told):
                    write([*told, *found.scores(student, columns)])
    except OSError as error:
        raise CannotExport(f"cannot write {path}: {error.strerror}") from None
    return [] if roster is None else [one for one in found.students() if one not in roster]


def to_nbgrader(found: Counting, database: str | Path) -> int:
    """Write scores into an nbgrader gradebook, made if need be; return the number of submissions.

    The score of an exercise becomes the automatic score of its check cell. What somebody entered
    by hand stays and goes first, as in nbgrader itself. Raises CannotExport.
    """
    if not Path(database).resolve().parent.is_dir():
        raise CannotExport(f"cannot write {database}: there is no such folder")
    with _gradebook(Path(database)) as book:
        for stem in found.assignments():
            book.update_or_create_assignment(stem)
            book.update_or_create_notebook(stem, stem)
            for exercise in assignment(stem).exercises:
                cell = {"max_score": exercise.points, "cell_type": "code"}
                book.update_or_create_grade_cell(f"check_{exercise.name}", stem, stem, **cell)
        for (student, stem), points in sorted(found.items()):
            book.update_or_create_student(student)
            if points is None:  # left for a person to grade
                continue
            submission = book.update_or_create_submission(stem, student)
            _record(book, submission, stem, points)
        book.db.commit()
    return sum(points is not None for points in found.values())


def _record(book: Any, submission: Any, stem: str, points: Points) -> None:
    from nbgrader.api import Grade as Entry
    from nbgrader.api import SubmittedNotebook

    notebooks = {notebook.name: notebook for notebook in submission.notebooks}
    notebook = notebooks.get(stem) or SubmittedNotebook(
        notebook=book.find_notebook(stem, stem), assignment=submission
    )
    entries = {entry.cell.name: entry for entry in notebook.grades}
    for exercise in assignment(stem).exercises:
        name = f"check_{exercise.name}"
        entry = entries.get(name)
        if entry is None:  # handed in before the gradebook knew this cell
            entry = Entry(cell=book.find_grade_cell(name, stem, stem), notebook=notebook)
        entry.auto_score = points.get(exercise.name, 0)
        entry.needs_manual_grade = False


@contextmanager
def _gradebook(database: Path) -> Iterator[Any]:
    """Open a gradebook; say in one line why it can't be used."""
    try:
        from nbgrader.api import Gradebook
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        raise CannotExport("nbgrader is not installed: pip install nbgrader") from None
    path = os.environ.get("PATH", "")
    # to make a gradebook it starts `alembic`, which stands beside this interpreter
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
    try:
        with Gradebook(f"sqlite:///{database.resolve()}") as book:
            yield book
    except SQLAlchemyError as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        raise CannotExport(f"cannot use the gradebook {database}: {reason}") from None
    finally:
        os.environ["PATH"] = path
