"""Hand grades on: to an nbgrader gradebook, and as the CSV that Canvas and Moodle import.

One row a student, one column an assignment; of several notebooks the one that counts. A cell is
empty where there is nothing that could be graded, and an import leaves that grade as it is.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...exercises import assignment, stems
from ..batch.journal import Row
from ..intake.names import stem_in
from .tables import table

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Username", "ID number", "Email address")  # what Moodle can tell a user by
# columns of a roster that may say whose a row is; the first is the instructor's own
NAMES = ("student", "Student", "ID", "Username", "Email address")
FULL_NAME = ("First name", "Last name", "Surname")  # Moodle's, by version; it names folders so

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
        self.identities: dict[str, str] = {}  # the platform's numbers for the students
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """Take one row."""
        grade = row.grade
        key = grade.student, grade.assignment if grade.assignment in stems() else ""
        self.setdefault(key, None)
        self.identities[grade.student] = row.filed.identity
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


class Roster:
    """Who is who on a platform: rows of a CSV, and the names that it has for assignments."""

    def __init__(self, path: str | Path) -> None:
        """Read a gradebook that Canvas or Moodle exported, or a CSV with a column `student`.

        A row is a student's if one of the columns NAMES, or the full name, has the student as in
        grades.csv or the platform's number for the student. What stands in columns named as in
        CANVAS and MOODLE is handed on, and so are headings such as "01_rnn_step_by_step (311)";
        a column `name` holds the name that Canvas shows. Capital letters make no difference in
        headings, but a `student` goes before a `Student`. Raises CannotExport.
        """
        self.path = path
        try:
            with Path(path).open(encoding="utf-8-sig", newline="") as file:
                heading, *rows = list(csv.reader(file)) or [[]]
        except OSError as error:
            raise CannotExport(f"cannot read the roster {path}: {error.strerror}") from None
        except (UnicodeDecodeError, csv.Error) as error:
            raise CannotExport(f"the roster {path} is not CSV in UTF-8: {error}") from None
        known = {name.casefold(): name for name in (*MOODLE, *CANVAS, *FULL_NAME, "Name")}
        columns = [
            name if name == NAMES[0] else known.get(name.strip().casefold(), "") for name in heading
        ]
        if not {*NAMES, *FULL_NAME} & {*columns}:
            raise CannotExport(
                f'the roster {path} has no column "student" with the students as in grades.csv'
            )
        self._rows = [
            {name: value.strip() for name, value in zip(columns, row, strict=False) if name}
            for row in rows
        ]
        self.headings = {stem: name for name in heading if (stem := stem_in(name))}

    def of(self, found: Counting) -> dict[str, dict[str, str]]:
        """Map students to their rows; raises CannotExport for none, or for two of one student."""
        whose = {number: student for student, number in found.identities.items() if number}
        whose |= {student: student for student in found.students()}
        matched: dict[str, dict[str, str]] = {}
        for line, row in enumerate(self._rows, 2):
            full = " ".join(row[part] for part in FULL_NAME if part in row)
            names = [*(row.get(name, "") for name in NAMES), full]
            student = next((whose[name] for name in names if name in whose), None)
            if student in matched:
                raise CannotExport(
                    f"the roster {self.path} has {student} twice, again in row {line}"
                )
            if student is not None:
                matched[student] = row
        if not matched:
            raise CannotExport(
                f"the roster {self.path} names no student of grades.csv; add a column "
                '"student" that does'
            )
        return matched


def to_canvas(found: Counting, path: str | Path, roster: Roster | None = None) -> list[str]:
    """Write the CSV that Canvas's gradebook imports; return the students not in the roster.

    Canvas looks for an assignment of our name or offers to make one.
    """
    known = roster.of(found) if roster else {}
    lines = {}
    for student in found.students():
        row = known.get(student, {})
        shown = row.get("Name") or row.get("Student") or student
        lines[student] = [shown, *(row.get(key, "") for key in CANVAS[1:])]
    points = [assignment(stem).points for stem in found.assignments()]
    first = ["    Points Possible", *[""] * 4, *points]
    _write(found, path, roster, CANVAS, lines, first)
    return [student for student in lines if roster and student not in known]


def to_moodle(found: Counting, path: str | Path, roster: Roster | None = None) -> list[str]:
    """Write a CSV that Moodle's grade import reads; return the students not in the roster.

    Without a roster the student's name is the username. Which column goes where is chosen in
    Moodle's preview.
    """
    unlisted = {each: {"Username": each} for each in found.students()}
    known = roster.of(found) if roster else unlisted
    keys = [key for key in MOODLE if any(row.get(key) for row in known.values())]
    if not keys:
        raise CannotExport(f"the roster has none of the columns {', '.join(MOODLE)}")
    lines = {student: [row.get(key, "") for key in keys] for student, row in known.items()}
    _write(found, path, roster, keys, lines)
    return [student for student in found.students() if student not in known]


def _write(
    found: Counting,
    path: str | Path,
    roster: Roster | None,
    heading: Sequence[str],
    lines: Mapping[str, Sequence[str]],
    *first: Sequence[object],
) -> None:
    """Write a row a student: how the other system knows the student, and the scores."""
    columns = found.assignments()
    named = [roster.headings.get(stem, stem) if roster else stem for stem in columns]
    try:
        with table(Path(path), [*heading, *named]) as write:
            for row in first:
                write(row)
            for student, told in sorted(lines.items()):
                if any(told):
                    write([*told, *found.scores(student, columns)])
    except OSError as error:
        raise CannotExport(f"cannot write {path}: {error.strerror}") from None


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
