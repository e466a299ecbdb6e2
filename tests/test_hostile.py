"""Bad submissions get the score they deserve, end in time, and touch nothing outside.

The whole collection of tests/hostile is graded in one run; see tests/hostile/arena.py.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from course_utils.grading.sandbox.isolation import isolation
from course_utils.grading.sandbox.limits import Limits
from tests.hostile import GROUPS, HEADER, HERE, load
from tests.hostile.arena import WITNESSES, course, escaped_markup, grade_all, grade_file
from tests.hostile.files import ARCHIVES
from tests.hostile.notebooks import answers

CASES = load()
STEMS = {case.assignment for case in CASES}
MEMORY_MB, DISK_MB = 6_000, 3_000  # all processes together; the folder for temporary files


# The collection


def test_the_collection_is_large_and_names_are_unique():
    assert len(CASES) >= 40
    assert {case.group for case in CASES} == set(GROUPS)
    assert not [name for name, n in Counter(case.id for case in CASES).items() if n > 1]
    students = Counter(case.student.casefold() for case in CASES)
    assert students.most_common(1)[0][1] == 1 and not students.keys() & set(WITNESSES)


def test_every_case_says_what_it_tries_and_deserves_something_possible():
    for case in CASES:
        assert case.tries and "\n" not in case.tries
        assert 0 <= case.least <= case.deserves <= 100


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.case")), ids=lambda path: path.stem)
def test_a_case_file_has_its_header_and_no_misspelt_marker(path):
    head, _, body = path.read_text("utf-8").partition("# %%")
    assert all(HEADER.fullmatch(line) for line in head.splitlines())
    for line in body.splitlines():
        if "<right" in line:
            name = line.removeprefix("# <right: ").removesuffix(">")
            assert any(name in answers(stem) for stem in STEMS)


# The run


def confining() -> bool:
    """Return True if `course grade` can refuse to run unconfined code here."""
    said = subprocess.run(course("grade", "--help"), capture_output=True, text=True, check=False)
    return sys.platform == "linux" and "--require-isolation" in said.stdout


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Grade everything once. Without confinement this would harm the machine: then, nothing."""
    if not confining():
        pytest.skip("grading cannot be confined here")
    done = grade_all(CASES, tmp_path_factory.mktemp("arena"), "--require-isolation")
    if done.watched["code"] == 2:
        pytest.skip(f"grading is not confined here: {done.output.strip()[-300:]}")
    return done


minutes = pytest.mark.minutes


@minutes
def test_the_run_ends_by_itself_and_says_that_some_could_not_be_graded(outcome):
    assert outcome.watched["code"] == 1, outcome.output[-2000:]
    assert "Traceback" not in outcome.output


@minutes
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_scores_what_it_deserves_and_touches_nothing(outcome, case):
    score = outcome.score(case)
    if score is None and case.deserves == 0 and case.group != "forging":
        score = 0  # nothing that could be graded was handed in
    assert score is not None, "it has no row in grades.csv"
    assert case.least <= score <= case.deserves
    assert outcome.touched_by(case) == []


@minutes
@pytest.mark.parametrize("name", WITNESSES)
def test_an_honest_student_beside_them_has_full_points(outcome, name):
    assert (outcome.rows[name]["score"], outcome.rows[name]["status"]) == ("100", "graded")


@minutes
def test_no_student_appears_who_is_not_there(outcome):
    assert len(outcome.rows) <= len(CASES) + len(WITNESSES)
    assert not [name for name in outcome.rows if name.startswith("touched_")]


@minutes
def test_no_file_of_others_was_changed(outcome):
    assert outcome.changed == []


@minutes
def test_nothing_was_left_outside_and_nobody_was_talked_to(outcome):
    assert outcome.touched == []


@minutes
def test_no_other_process_was_ended_and_none_outlives_the_run(outcome):
    assert outcome.victim_lives
    assert outcome.watched["left"] == []


@minutes
def test_memory_and_disk_stay_within_bounds(outcome):
    assert outcome.watched["peak_mb"] < MEMORY_MB
    assert outcome.watched["disk_mb"] < DISK_MB


@minutes
def test_nothing_of_it_stays_in_the_folder_for_temporary_files(outcome):
    left = [path.name for path in (outcome.out.parent / "tmp").iterdir()]
    assert left == ["canary.txt"]


@minutes
def test_no_page_holds_markup_that_a_submission_sent(outcome):
    pages = list(outcome.out.rglob("*.html"))
    assert pages
    found = {str(path): escaped_markup(path.read_text("utf-8")) for path in pages}
    assert {path: markup for path, markup in found.items() if markup} == {}


@minutes
def test_pages_stay_below_the_folder_for_results(outcome):
    feedback = outcome.out / "feedback"
    assert all(path.resolve().is_relative_to(outcome.out) for path in feedback.rglob("*"))


# Where namespaces are missing


@pytest.fixture(scope="module")
def without_namespaces(tmp_path_factory):
    """Grade what does harm where Landlock and seccomp are all there is."""
    if isolation(Limits(namespaces=False)).level != "partial":
        pytest.skip("neither Landlock nor seccomp here")
    harm = [case for case in CASES if case.group == "harm"]
    return grade_all(harm, tmp_path_factory.mktemp("landlock"), without=["namespaces"])


@minutes
@pytest.mark.parametrize("name", WITNESSES)
def test_an_honest_student_has_full_points_there_too(without_namespaces, name):
    assert without_namespaces.rows[name]["score"] == "100"


@minutes
def test_nothing_outside_is_changed_there_either(without_namespaces):
    assert without_namespaces.changed == []
    assert without_namespaces.victim_lives
    assert without_namespaces.watched["left"] == []


# Archives


@minutes
@pytest.mark.parametrize("name", ARCHIVES)
def test_a_bad_archive_harms_nobody_and_costs_the_honest_nothing(tmp_path, name):
    if not confining():
        pytest.skip("grading cannot be confined here")
    done = grade_file(name, tmp_path, "--require-isolation")
    if done.watched["code"] == 2 and "isolation" in done.output:
        pytest.skip("grading is not confined here")
    assert done.rows["witness"]["score"] == "100", done.output[-2000:]
    assert done.touched == [] and done.changed == []
    assert "Traceback" not in done.output
    assert done.watched["left"] == []
    assert done.watched["disk_mb"] < 600
    assert done.watched["seconds"] < 120
    assert not Path(tmp_path.parent, "out").exists()
