"""nbgrader itself takes a released notebook as it stands, and scores submissions as we do."""

import os
import shutil
import sys
import warnings
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters.generate_assignment import GenerateAssignment
from traitlets.config import Config

from course_utils.exercises import assignment
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

STEM = "01_rnn_step_by_step"
WRONG = "lstm_backward"  # no other exercise builds on it
RELEASED = ROOT / "notebooks" / f"{STEM}.ipynb"
STUDENTS = ("untouched", "solved", "wrong")


def answers():
    """Return the source of each answer cell of the answer key."""
    key = nbformat.read(ROOT / "solutions" / f"{STEM}.ipynb", as_version=4)
    marked = [cell for cell in key.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in marked}


def submit(course: Path, student: str, pasted: dict[str, str]) -> None:
    """Hand in the released notebook with some answers, without the cells that take time."""
    notebook = nbformat.read(RELEASED, as_version=4)
    slow = {"demo", "train"}
    notebook.cells = [c for c in notebook.cells if not slow & set(c.metadata.get("tags", []))]
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.source = pasted.get(cell.metadata.nbgrader.grade_id, cell.source)
    folder = course / "submitted" / student / STEM
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / RELEASED.name)


def configured(course: Path) -> Config:
    """Configure nbgrader for a source folder that holds what others' release folders hold."""
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.course_id = "sequence-models"
    config.Execute.timeout = 120  # seconds a cell
    config.Execute.extra_arguments = ["--log-level=ERROR"]
    # the answers are gone already; without markers, nbgrader would clear the whole cell
    config.GenerateAssignment.preprocessors = [
        each for each in GenerateAssignment().preprocessors if each.__name__ != "ClearSolutions"
    ]
    return config


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Release the notebook with nbgrader, hand in three submissions and autograde them."""
    root = tmp_path_factory.mktemp("course")
    (root / "source" / STEM).mkdir(parents=True)
    shutil.copy(RELEASED, root / "source" / STEM)
    right = answers()
    wrong = right[WRONG].replace("dc_prev, caches[t]", "0 * dc_prev, caches[t]")
    assert wrong != right[WRONG]
    for student, pasted in zip(STUDENTS, ({}, right, right | {WRONG: wrong}), strict=True):
        submit(root, student, pasted)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own use of SQLAlchemy
        # it starts `alembic`, which stands beside this interpreter
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)  # also when not installed
        api = NbGraderAPI(config=configured(root))
        for result in (
            api.generate_assignment(STEM),
            *(api.autograde(STEM, student) for student in STUDENTS),
        ):
            assert result["success"], result["log"] + str(result.get("error"))
    return root


@pytest.fixture(scope="module")
def scores(course):
    """Return each student's score for each check cell."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        found = {student: book.find_submission(STEM, student) for student in STUDENTS}
        return {
            student: {grade.name: grade.score for n in submission.notebooks for grade in n.grades}
            | {"total": submission.score, "most": submission.max_score}
            for student, submission in found.items()
        }


def executed(course, student):
    """Return the notebook as nbgrader ran it."""
    return nbformat.read(course / "autograded" / student / STEM / RELEASED.name, as_version=4)


def test_nbgrader_would_release_the_same_bytes(course):
    assert (course / "release" / STEM / RELEASED.name).read_bytes() == RELEASED.read_bytes()


def test_the_gradebook_has_every_exercise_with_its_points(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        (notebook,) = book.find_assignment(STEM).notebooks
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        assert {cell.name for cell in notebook.solution_cells} == set(assignment(STEM).names())
    assert points == {f"check_{each.name}": each.points for each in assignment(STEM).exercises}


def test_the_untouched_student_edition_scores_nothing(scores):
    assert (scores["untouched"]["total"], scores["untouched"]["most"]) == (0, 100)


def test_the_answers_score_everything(scores):
    assert (scores["solved"]["total"], scores["solved"]["most"]) == (100, 100)


def test_a_wrong_answer_costs_its_own_points_only(scores):
    lost = assignment(STEM)[WRONG].points
    assert scores["wrong"]["total"] == 100 - lost
    assert scores["wrong"][f"check_{WRONG}"] == 0
    others = scores["solved"] | {f"check_{WRONG}": 0, "total": 100 - lost}
    assert scores["wrong"] == others


@pytest.mark.parametrize(
    ("student", "status"), [("untouched", "not attempted"), ("wrong", "failed")]
)
def test_a_check_fails_by_saying_so_and_not_by_a_fault(course, student, status):
    cells = {
        cell.metadata.get("nbgrader", {}).get("grade_id"): cell
        for cell in executed(course, student).cells
    }
    errors = [o for o in cells[f"check_{WRONG}"].outputs if o.output_type == "error"]
    assert [error.ename for error in errors] == ["CheckFailed"]
    assert f"{WRONG} {status}" in errors[0].evalue


def test_nothing_writes_on_stderr(course):
    """nbgrader marks a check cell failed for any text on stderr."""
    for student in STUDENTS:
        for cell in executed(course, student).cells:
            assert not [o for o in cell.get("outputs", []) if o.get("name") == "stderr"]
