"""A class of students who don't exist: unique, the same every time, and graded as the truth says.

The code that turns known mistakes into submissions is tested too: the source that is handed in
must do by itself what the mistake does.
"""

from __future__ import annotations

import ast
import csv
import random
from functools import cache

import nbformat
import numpy as np
import pytest

from course_utils.authoring.answers import BROKEN, KINDS, AnswerBook, every_form
from course_utils.authoring.as_source import NotWritable, body_of_answer
from course_utils.authoring.sample_class import CannotMake, make_class, names
from course_utils.exercises import assignment, for_authors, stems
from course_utils.grading.core.engine import Run
from course_utils.grading.intake.submissions import find_submissions
from course_utils.judging.compare import same
from tests.conftest import ROOT, every_exercise

STEM = "01_rnn_step_by_step"
KERAS = ("call_with_keras", "keras_layer", "keras_model", "keras_models")
USES_KERAS = {  # in the set-up cells, too
    "04_jazz_improvisation",
    "06_emojify",
    "07_sentiment",
    "08_image_rnn",
    "09_translation",
}


@cache
def book(stem):
    return AnswerBook(ROOT, stem)


def exercises(keras, mark=pytest.mark.slow):
    """List the exercises that need Keras, or those that don't."""
    return [
        pytest.param(*each.values, id=each.id, marks=mark if keras else ())
        for each in every_exercise()
        if (each.values[0].exercise.probe in KERAS) is keras
    ]


def run(source, stem, name):
    """Run an answer cell after the set-up cells, and nothing else."""
    namespace = book(stem).setup()
    exec(compile(source, name, "exec"), namespace)
    return namespace[name]


# Known mistakes, and other styles, as source


@pytest.mark.parametrize("at", every_exercise())
def test_every_form_of_every_mistake_can_be_written_down(at):
    forms = every_form(at.exercise.name)
    sources = {book(at.stem).in_cell(at.exercise, form) for _, form in forms}
    assert len(sources) == len(forms)


@pytest.mark.parametrize("at", exercises(False) + exercises(True, pytest.mark.minutes))
def test_a_mistake_handed_in_does_what_the_mistake_does(at, trial):
    drawn = trial(at.exercise)
    for called, form in every_form(at.exercise.name):
        source = book(at.stem).in_cell(at.exercise, form)
        answer = run(source, at.stem, at.exercise.name)
        with np.errstate(all="ignore"):
            for i in range(len(drawn.cases)):
                its = drawn.parts(i, drawn.observe_case(answer, i))
                known = drawn.mistake(form, i)
                assert its.keys() == known.keys(), (called, known)
                for part, (right, value) in known.items():
                    assert its[part][0] == right, (called, part)
                    assert same(its[part][1], value), (called, part)


@pytest.mark.parametrize("at", exercises(False))
def test_kept_styles_pass_as_source(at, judged):
    for name, style in for_authors(at.stem, "STYLES").get(at.exercise.name, {}).items():
        source = book(at.stem).in_cell(at.exercise, style)
        answer = run(source, at.stem, at.exercise.name)
        assert judged(at.exercise, answer).status == "passed", name


@pytest.mark.parametrize("breakage", BROKEN)
@pytest.mark.parametrize("at", exercises(False) + exercises(True))
def test_a_broken_cell_earns_nothing(at, breakage, answers, judged):
    name = at.exercise.name
    reference = book(at.stem).choose(at.exercise, "reference", random.Random(0)).source
    source = BROKEN[breakage](reference, name)
    namespace = answers(at.stem)
    del namespace[name]
    try:
        exec(compile(source, name, "exec"), namespace)
    except (SyntaxError, NameError, SystemExit):
        assert name not in namespace
    if name in namespace:
        result = judged(at.exercise, namespace[name])
        assert (result.status, result.points) == ("failed", 0)


def test_a_function_that_reaches_others_is_written_with_all_of_them():
    body = body_of_answer(
        "rnn_forward",
        for_authors(STEM, "STYLES")["rnn_forward"]["einsum"],
        ["x", "a0", "parameters"],
    )
    inside = {n.name for n in ast.parse(body).body if isinstance(n, ast.FunctionDef)}
    assert "einsum_rnn_cell" in inside


def test_what_has_no_source_cannot_be_written_down():
    with pytest.raises(NotWritable, match="can't be written down"):
        body_of_answer("total", np.zeros(3).sum, ["x"])


# The class


def make(folder, students=60, seed=3, which=(STEM,), **options):
    count = make_class(ROOT, folder, students, seed, which, **options)
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        return count, list(csv.DictReader(file))


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*.*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a class of sixty."""
    folder = tmp_path_factory.mktemp("class") / "sixty"
    return folder, *make(folder)


def test_the_same_seed_makes_the_same_class_and_another_seed_another(made, tmp_path):
    make(tmp_path / "again")
    assert contents(tmp_path / "again") == contents(made[0])
    make(tmp_path / "other", students=3, seed=4)
    shared = contents(tmp_path / "other").keys() & contents(made[0]).keys()
    assert shared <= {"truth.csv"} or contents(tmp_path / "other") != contents(made[0])


def test_a_larger_class_begins_with_the_same_students(made, tmp_path):
    make(tmp_path / "few", students=5)
    few = contents(tmp_path / "few")
    few.pop("truth.csv")
    assert few.items() <= contents(made[0]).items()


def test_every_notebook_is_valid_and_no_two_are_alike(made):
    folder, count, _ = made
    paths = sorted(folder.glob("*/*.ipynb"))
    assert count == len(paths) == len({path.read_bytes() for path in paths}) == 60
    for path in paths:
        nbformat.validate(nbformat.read(path, as_version=4))


def test_names_are_different_on_every_file_system_and_not_all_latin():
    found = names(2000, 0)
    assert len({name.casefold() for name in found}) == 2000
    assert all(name.isprintable() and name == name.strip() for name in found)
    assert not any(set(name) & set('/\\:*?"<>|') or name[-1] == "." for name in found)
    assert sum(not name.isascii() for name in found) > 500


def test_the_truth_has_a_row_for_each_exercise_and_every_kind(made):
    _, count, rows = made
    known = assignment(STEM)
    assert len(rows) == count * len(known.exercises)
    assert {row["kind"] for row in rows} == set(KINDS)
    assert {row["name"] for row in rows if row["kind"] == "broken"} == set(BROKEN)
    assert len({row["name"] for row in rows if row["kind"] == "misconception"}) > 20
    notes = {note for row in rows for note in row["note"].split("; ")}
    assert sum(note.startswith("notebook:") for note in notes) == 5
    for row in rows:
        most = known[row["exercise"]].points
        if row["kind"] in ("reference", "style"):
            assert int(row["deserved_points"]) == most
        elif row["kind"] in ("blank", "broken"):
            assert row["deserved_points"] == "0"
        else:
            assert row["deserved_points"] == "" or 0 <= int(row["deserved_points"]) < most


def test_an_honest_class_holds_right_answers_and_stubs_only(tmp_path):
    _, rows = make(tmp_path / "honest", students=8, honest=True)
    assert {(row["kind"], row["name"]) for row in rows if row["kind"] == "blank"} == {
        ("blank", "stub left")
    }
    assert {row["kind"] for row in rows} == {"reference", "style", "blank"}
    assert not any("notebook:" in row["note"] for row in rows)


def test_several_assignments_go_into_the_same_folders(tmp_path):
    count, rows = make(tmp_path / "both", students=3, which=(STEM, "05_word_vectors", STEM))
    assert count == 6
    assert {row["assignment"] for row in rows} == {STEM, "05_word_vectors"}
    assert sorted(len(list(path.glob("*"))) for path in (tmp_path / "both").glob("*/")) == [2] * 3


def test_endless_loops_only_on_request(tmp_path):
    _, rows = make(tmp_path / "endless", endless=True)
    assert "endless loop" in {row["name"] for row in rows}


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.ipynb").write_text("precious", "utf-8")
    with pytest.raises(CannotMake, match="not an empty folder"):
        make_class(ROOT, tmp_path, 1, 0, [STEM])
    assert contents(tmp_path) == {"mine.ipynb": b"precious"}


def check_against_truth(folder, rows):
    """Grade a class and compare every exercise whose points are known exactly."""
    truth = {(row["student"], row["exercise"]): row for row in rows}
    compared, wrong = 0, []
    with Run(0) as run:
        grades = list(run.grade(find_submissions(folder)))
    assert {grade.status for grade in grades} == {"graded"}
    for student, result in ((grade.student, r) for grade in grades for r in grade.results):
        row = truth[student, result.exercise]
        if row["deserved_points"] != "":
            compared += 1
            if result.points != int(row["deserved_points"]):
                wrong.append((row, result.points, result.summary))
    assert wrong == []
    return compared


@pytest.mark.slow
def test_the_grader_finds_the_truth(tmp_path):
    _, rows = make(tmp_path / "class", students=12)
    compared = check_against_truth(tmp_path / "class", rows)
    assert compared > 90


@pytest.mark.minutes
@pytest.mark.parametrize("stem", [stem for stem in stems() if stem != STEM])
def test_the_grader_finds_the_truth_in_other_notebooks(stem, tmp_path):
    _, rows = make(tmp_path / "class", students=3, which=(stem,))
    assert check_against_truth(tmp_path / "class", rows)
