"""Grades handed on: Canvas, Moodle, and a gradebook that nbgrader itself reads."""

from __future__ import annotations

import csv
import shutil

import pytest

from course_utils.exercises import assignment
from course_utils.grading.batch.journal import Filed, Row
from course_utils.grading.core.grade import Grade
from course_utils.grading.report.exports import (
    CannotExport,
    Counting,
    Roster,
    to_canvas,
    to_moodle,
    to_nbgrader,
)
from course_utils.grading.report.tables import no_formula
from course_utils.judging.result import CriterionResult, Result

RNN, WORDS = "01_rnn_step_by_step", "05_word_vectors"
EVIL = "=HYPERLINK(1)"


def graded(student, stem=RNN, share=1.0, status="graded", file=""):
    """Make a grade with a share of each exercise's points, rounded down."""
    results = tuple(
        Result(
            e.name,
            "failed",
            (CriterionResult("all", int(share * e.points), e.points, "no"),),
        )
        for e in assignment(stem).exercises
    )
    return Grade(student, stem, file or f"{student}/{stem}.ipynb", status, results, 100)


GRADES = [
    graded("ada", share=1.0),
    graded("ada", WORDS, share=0.5),
    graded("Zoë Müller", share=0.5),
    graded("Zoë Müller", share=0.25, file="Zoë Müller/second.ipynb"),
    graded(EVIL, share=0.0, status="unreadable"),
    Grade("ada", "holiday", "ada/holiday.ipynb", "unknown assignment"),
]
CLASS = Counting(
    Row(g, counts=g.status == "graded" and not g.file.endswith("second.ipynb")) for g in GRADES
)
SCORES = {
    (student, stem): max(g.score for g in GRADES if (g.student, g.assignment) == (student, stem))
    for student, stem in (("ada", RNN), ("ada", WORDS), ("Zoë Müller", RNN))
}


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def roster(tmp_path, text):
    path = tmp_path / "roster.csv"
    path.write_text(text, "utf-8")
    return path


def test_what_counts_counts_and_nobody_is_left_out():
    assert {key: sum(points.values()) for key, points in CLASS.items() if points} == SCORES
    assert {key for key, points in CLASS.items() if not points} == {(EVIL, RNN), ("ada", "")}
    assert SCORES["ada", RNN] == 100


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1", "\n=1", "\uff1d1", "\u00a0=1"]
)
def test_text_that_a_spreadsheet_would_run_gets_a_quote(text):
    assert no_formula(text) == f"'{text}"


def test_a_formula_gets_one_where_semicolons_or_tabs_begin_a_cell():
    assert no_formula("eve; =1;b\t\uff1d2;c-d") == "eve;' =1;b\t'\uff1d2;c-d"


@pytest.mark.parametrize("text", ["", "ada", "O'Neill", "Jean-Luc", "a@b.org", "李 小龙"])
def test_other_text_stays(text):
    assert no_formula(text) == text


def test_canvas_gets_its_columns_points_and_a_row_a_student(tmp_path):
    path = tmp_path / "canvas.csv"
    assert to_canvas(CLASS, path) == []
    heading, points, *students = rows(path)
    assert heading == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", RNN, WORDS]
    assert points == ["    Points Possible", "", "", "", "", "100", "100"]
    found = {row[0]: row[5:] for row in students}
    assert len(found) == len(students) == 3
    assert found["ada"] == ["100", str(SCORES["ada", WORDS])]
    assert found["Zoë Müller"] == [str(SCORES["Zoë Müller", RNN]), ""]
    assert found[f"'{EVIL}"] == ["", ""]  # what could not be graded is no 0


def test_a_roster_names_the_students_for_canvas(tmp_path):
    known = Roster(
        roster(tmp_path, "\ufeffStudent,id,SIS Login ID,other,Name\nada,17,-al,x,King\n\nno,1,n\n")
    )
    path = tmp_path / "canvas.csv"
    assert to_canvas(CLASS, path, known) == [EVIL, "Zoë Müller"]
    _, _, *students = rows(path)
    assert next(row for row in students if row[1] == "17")[:5] == ["King", "17", "", "'-al", ""]


def test_moodle_gets_usernames_without_a_roster(tmp_path):
    path = tmp_path / "moodle.csv"
    assert to_moodle(CLASS, path) == []
    heading, *students = rows(path)
    assert heading == ["Username", RNN, WORDS]
    assert ["ada", "100", str(SCORES["ada", WORDS])] in students
    assert [f"'{EVIL}", "", ""] in students


def test_a_roster_gives_moodle_what_it_tells_a_user_by(tmp_path):
    known = Roster(roster(tmp_path, "student,Email address,ID number\nada,ada@x.org,\n"))
    path = tmp_path / "moodle.csv"
    assert to_moodle(CLASS, path, known) == [EVIL, "Zoë Müller"]
    heading, *students = rows(path)
    assert heading == ["Email address", RNN, WORDS]
    assert [row[0] for row in students] == ["ada@x.org"]  # Moodle refuses a row without a user


def test_an_exported_gradebook_is_a_roster_as_it_is(tmp_path):
    """The first lines of what Canvas and Moodle export; file names of Canvas hold its ID."""
    class_ = Counting(
        [
            Row(graded("lovelaceada"), Filed(identity="12345"), counts=True),
            Row(graded("Alan Turing", share=0.5), Filed(identity="77"), counts=True),
        ]
    )
    exported = (
        f"Student,ID,SIS User ID,SIS Login ID,Section,{RNN} (311),Final Score\n"
        "    Points Possible,,,,,100.0,(read only)\n"
        '"Lovelace, Ada",12345,s9,alove,Week A,,\n"Student, Test",99,,ab12,Week A,,\n'
    )
    path = tmp_path / "out.csv"
    assert to_canvas(class_, path, Roster(roster(tmp_path, exported))) == ["Alan Turing"]
    heading, _, _, ada = rows(path)
    assert heading[5:] == [f"{RNN} (311)"]
    assert ada == ["Lovelace, Ada", "12345", "s9", "alove", "Week A", "100"]
    exported = (
        "First name,Last name,ID number,Institution,Department,Email address,Last downloaded\n"
        "Alan,Turing,7,,,alan@x.org,1\n"
    )
    assert to_moodle(class_, path, Roster(roster(tmp_path, exported))) == ["lovelaceada"]
    assert rows(path)[1:] == [["7", "alan@x.org", str(class_.scores("Alan Turing", [RNN])[0])]]


def test_a_column_of_one_s_own_says_whose_a_row_of_an_export_is(tmp_path):
    text = 'Student,ID,student\n"King, Ada",17,ada\n'
    path = tmp_path / "canvas.csv"
    to_canvas(CLASS, path, Roster(roster(tmp_path, text)))
    assert ["King, Ada", "17"] in [row[:2] for row in rows(path)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", 'no column "student"'),
        ("name,id\nada,1\n", "names no student of grades.csv"),
        ("student,ID\nada,1\nada,2\n", "ada twice, again in row 3"),
        ("student,ID\nAda,1\n", "names no student of grades.csv"),
    ],
)
def test_a_bad_roster_is_said_in_a_line(tmp_path, text, said):
    with pytest.raises(CannotExport, match=said) as caught:
        Roster(roster(tmp_path, text)).of(CLASS)
    assert len(str(caught.value).splitlines()) == 1


def test_files_that_cannot_be_are_said_in_a_line(tmp_path):
    (tmp_path / "latin.csv").write_bytes(b"student\nZo\xeb\n")
    missing = tmp_path / "no" / "where"
    for call in (
        lambda: Roster(tmp_path / "latin.csv"),
        lambda: Roster(missing),
        lambda: to_canvas(CLASS, missing),
        lambda: to_moodle(CLASS, missing),
        lambda: to_nbgrader(CLASS, missing),
        lambda: to_canvas(Counting(), tmp_path / "canvas.csv"),
        lambda: to_moodle(
            CLASS, tmp_path / "m.csv", Roster(roster(tmp_path, "student,Section\nada,1\n"))
        ),
    ):
        with pytest.raises(CannotExport) as caught:
            call()
        assert len(str(caught.value).splitlines()) == 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # nbgrader's own use of SQLAlchemy
class TestNbgrader:
    @pytest.fixture(scope="class")
    def made(self, tmp_path_factory):
        path = tmp_path_factory.mktemp("nbgrader") / "gradebook.db"
        assert to_nbgrader(CLASS, path) == len(SCORES)
        return path

    @pytest.fixture
    def book(self, made, tmp_path):
        """Return a copy of a gradebook and a function that reads the totals in it."""
        from nbgrader.api import Gradebook

        path = tmp_path / "gradebook.db"
        shutil.copy(made, path)

        def totals():
            with Gradebook(f"sqlite:///{path}") as opened:
                found = [s for a in opened.assignments for s in a.submissions]
                return {(s.student.id, s.name): (s.score, s.max_score) for s in found}

        return path, totals

    def test_the_totals_are_ours(self, book):
        assert book[1]() == {key: (score, 100) for key, score in SCORES.items()}

    def test_again_changes_nothing_and_new_grades_replace_old(self, book):
        path, totals = book
        before = totals()
        to_nbgrader(CLASS, path)
        assert totals() == before
        more = [Row(graded("Zoë Müller", share=1.0)), Row(graded("new", share=0.5))]
        to_nbgrader(Counting(more), path)
        assert totals()["Zoë Müller", RNN] == (100, 100)
        assert len(totals()) == len(before) + 1

    def test_each_check_cell_has_its_exercise_s_points(self, book):
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{book[0]}") as opened:
            (notebook,) = opened.find_submission(RNN, "Zoë Müller").notebooks
            found = {grade.name: (grade.score, grade.max_score) for grade in notebook.grades}
            assert not any(grade.needs_manual_grade for grade in notebook.grades)
        assert found == {
            f"check_{e.name}": (e.points // 2, e.points) for e in assignment(RNN).exercises
        }

    def test_what_was_entered_by_hand_stays(self, book):
        from nbgrader.api import Gradebook

        path, totals = book
        first = assignment(RNN).exercises[0]
        with Gradebook(f"sqlite:///{path}") as opened:
            opened.find_grade(f"check_{first.name}", RNN, RNN, "ada").manual_score = 7
            opened.db.commit()
        to_nbgrader(CLASS, path)
        assert totals()["ada", RNN] == (100 - first.points + 7, 100)

    def test_a_file_that_is_no_gradebook_is_said_in_a_line(self, tmp_path):
        path = tmp_path / "gradebook.db"
        path.write_text("not a database" * 100, "utf-8")
        with pytest.raises(CannotExport, match="cannot use the gradebook") as caught:
            to_nbgrader(CLASS, path)
        assert len(str(caught.value).splitlines()) == 1
