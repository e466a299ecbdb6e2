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
from ..core.grade import Grade
from .tables import plain

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Username", "ID number", "Email address")  # what Moodle can tell a user by
FOLDER = "student"  # the roster's column that holds the students as in grades.csv

Roster = Mapping[str, Mapping[str, str]]
# by student and assignment; None where that could not be graded
Counting = dict[tuple[str, str], Grade | None]


class CannotExport(ValueError):
    """Grades can't be handed on; the message says why, in one line."""


def counting(rows: Iterable[Row]) -> Counting:
    """Map (student, assignment) to the grade that counts, None where nothing could be graded.

    A student of whom no assignment is known is there with "" for one.
    """
    found: Counting = {}
    for row in rows:
        grade = row.grade
        key = grade.student, grade.assignment if grade.assignment in stems() else ""
        found.setdefault(key, None)
        if row.counts:
            found[key] = grade
    return dict(sorted(found.items()))


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


def to_canvas(
    rows: Iterable[Row],
    path: str | Path,
    roster: Roster | None = None,
    titles: Mapping[str, str] | None = None,
) -> list[str]:
    """Write the CSV that Canvas's gradebook imports; return the students not in the roster.

    `titles` maps an assignment to its heading there, "Title (4711)" with Canvas's number for it;
    without, Canvas looks for an assignment of our name or offers to make one.
    """
    found = counting(rows)
    columns = _assignments(found)
    points = ["    Points Possible", "", "", "", "", *(assignment(s).points for s in columns)]
    lines = [points]
    for student, scores in _by_student(found, columns):
        known = (roster or {}).get(student, {})
        name = known.get("Student") or student
        lines.append([*map(plain, (name, *(known.get(key, "") for key in CANVAS[1:]))), *scores])
    _write(path, [*CANVAS, *(plain((titles or {}).get(s, s)) for s in columns)], lines)
    return _strangers(found, roster)


def to_moodle(
    rows: Iterable[Row],
    path: str | Path,
    roster: Roster | None = None,
    titles: Mapping[str, str] | None = None,
) -> list[str]:
    """Write a CSV that Moodle's grade import reads; return the students not in the roster.

    Without a roster the student's name is the username. `titles` maps an assignment to the name of
    its grade item; which column goes where is chosen in Moodle's preview.
    """
    found = counting(rows)
    columns = _assignments(found)
    given = {key for known in (roster or {}).values() for key, value in known.items() if value}
    keys = [key for key in MOODLE if key in given]
    if roster is not None and not keys:
        raise CannotExport(f"the roster has none of the columns {', '.join(MOODLE)}")
    lines = []
    for student, scores in _by_student(found, columns):
        known = (roster or {}).get(student, {})
        ids = [known.get(key, "") for key in keys] if keys else [student]
        if any(ids):
            lines.append([*map(plain, ids), *scores])
    heading = [*(keys or ["Username"]), *(plain((titles or {}).get(s, s)) for s in columns)]
    _write(path, heading, lines)
    return _strangers(found, roster)


def to_nbgrader(rows: Iterable[Row], database: str | Path) -> int:
    """Write scores into an nbgrader gradebook, made if need be; return the number of submissions.

    The score of an exercise becomes the automatic score of its check cell. What somebody entered
    by hand stays and goes first, as in nbgrader itself. Raises CannotExport.
    """
    found = counting(rows)
    if not Path(database).resolve().parent.is_dir():
        raise CannotExport(f"cannot write {database}: there is no such folder")
    with _gradebook(Path(database)) as book:
        for stem in _assignments(found):
            book.update_or_create_assignment(stem)
            book.update_or_create_notebook(stem, stem)
            for exercise in assignment(stem).exercises:
                cell = {"max_score": exercise.points, "cell_type": "code"}
                book.update_or_create_grade_cell(f"check_{exercise.name}", stem, stem, **cell)
        for (student, stem), grade in found.items():
            book.update_or_create_student(student)
            if grade is None:  # left for a person to grade
                continue
            submission = book.update_or_create_submission(stem, student)
            _record(book, submission, stem, grade)
        book.db.commit()
    return sum(grade is not None for grade in found.values())


def _record(book: Any, submission: Any, stem: str, grade: Grade) -> None:
    from nbgrader.api import Grade as Entry
    from nbgrader.api import SubmittedNotebook

    points = {f"check_{result.exercise}": result.points for result in grade.results}
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
        entry.auto_score = points.get(name, 0)
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


def _assignments(found: Counting) -> list[str]:
    handed_in = {stem for _, stem in found} - {""}
    if not handed_in:
        raise CannotExport("there is no grade of any assignment of this course to export")
    return [stem for stem in stems() if stem in handed_in]


def _by_student(found: Counting, columns: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    for student in dict.fromkeys(student for student, _ in found):
        grades = [found.get((student, stem)) for stem in columns]
        yield student, ["" if grade is None else grade.score for grade in grades]


def _strangers(found: Counting, roster: Roster | None) -> list[str]:
    students = dict.fromkeys(student for student, _ in found)
    return [] if roster is None else [student for student in students if student not in roster]


def _write(path: str | Path, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heading)
            writer.writerows(rows)
    except OSError as error:
        raise CannotExport(f"cannot write {path}: {error.strerror}") from None
