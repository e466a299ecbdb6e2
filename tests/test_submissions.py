"""Which student each file belongs to, in every platform's layout; no link leads outside."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import stat
import time
import unicodedata
import zipfile
from pathlib import Path

import pytest

from course_utils.grading.intake import listing
from course_utils.grading.intake.listing import Entry
from course_utils.grading.intake.names import LONGEST_PART, safe_name
from course_utils.grading.intake.notebook_file import MAX_MB, Unreadable, read_notebook
from course_utils.grading.intake.owners import WhoseIsIt, find_owners
from course_utils.grading.intake.submissions import (
    MOST,
    NO_NOTEBOOK,
    OTHER_FILE,
    NothingToGrade,
    find_class,
    find_submissions,
)
from tests.test_grading import RIGHT, SETUP, STEM, grade, write

CLOCK = "2026-01-01-10-00-00"
METADATA = """---
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: '7'
    :email: ada@example.org
  :created_at: !ruby/object:Time 2026-01-01 10:00:00.123 Z
  :status: processed
submission_2:
  :submitters:
  - :name: Bob
    :sid: '8'
    :email: bob@example.org
  - :name: Cy
    :sid: '9'
    :email: cy@example.org
"""
OTHER = "05_word_vectors"

# what lies in a folder "class": path -> its student, or "" if it is nobody's
LAYOUTS = {
    "folders": {f"ada/{STEM}.ipynb": "ada", f"bob/{STEM}.ipynb": "bob"},
    "files": {
        f"ada_{STEM}.ipynb": "ada",
        f"grace hopper - {STEM} (1).ipynb": "grace hopper",
        f"{STEM}.ipynb": "class",
        "homework.ipynb": "homework",
    },
    "files named for students only": {"ada.ipynb": "ada", "bob.ipynb": "bob", "cy.pdf": "cy"},
    "files with a number all share": {"hw1_ada.ipynb": "ada", "hw1_bob.ipynb": "bob"},
    "the student's name after the assignment's": {
        f"{STEM}_ada.ipynb": "ada", f"{STEM}-bob.ipynb": "bob",
    },
    "attempts": {
        f"ada/{STEM}.ipynb": "ada", f"ada/{STEM} (1).ipynb": "ada",
        f"bob/{STEM}.ipynb": "bob", f"bob/{STEM}-Copy1.ipynb": "bob",
        f"cy/old/{STEM}.ipynb": "cy", f"cy/new/{STEM}.ipynb": "cy",
    },
    "folders of attempts": {
        f"{name}/attempt{n}/{STEM}.ipynb": name for name in ("ada", "bob") for n in (1, 2)
    },
    "nbgrader's submitted": {
        f"submitted/ada/{STEM}/{STEM}.ipynb": "ada", f"submitted/bob/{STEM}/x.ipynb": "bob",
    },
    "nbgrader's submitted, of one student": {
        "submitted/ada/ps1/x.ipynb": "ada", "submitted/ada/ps2/y.ipynb": "ada",
    },
    "an nbgrader course": {
        f"source/ps1/{STEM}.ipynb": "", f"release/ps1/{STEM}.ipynb": "", "gradebook.db": "",
        f"autograded/ada/ps1/{STEM}.ipynb": "", "feedback/ada/ps1/x.html": "",
        f"submitted/ada/ps1/{STEM}.ipynb": "ada", f"submitted/bob/ps1/{STEM}.ipynb": "bob",
    },
    "an nbgrader course in a folder": {
        f"c101/source/ps1/{STEM}.ipynb": "", f"c101/submitted/ada/ps1/{STEM}.ipynb": "ada",
        f"c101/submitted/ada/ps2/{OTHER}.ipynb": "ada",
    },
    "nbgrader's exchange": {
        f"inbound/ada+ps1+2026-01-01 10:00:00.123456 UTC+0a1b/{STEM}.ipynb": "ada",
        f"inbound/bob+ps1+2026-01-01 10:00:00 UTC/{STEM}.ipynb": "bob",
        f"inbound/bob+ps1+2026-01-02 10:00:00 UTC/{STEM}.ipynb": "bob",
        f"outbound/ps1/{STEM}.ipynb": "",
    },
    "Canvas": {
        f"lovelaceada_12345_67890_{STEM}-1.ipynb": "lovelaceada",
        f"hopper_LATE_12346_67891_{STEM}.ipynb": "hopper",
        "turingalan_12347_67892_report.pdf": "turingalan",
        f"anon_aB3xZ_67893_{STEM}.ipynb": "anon_aB3xZ",
    },
    "Canvas, two students of one name": {
        f"smithann_12345_67890_{STEM}.ipynb": "smithann (12345)",
        f"smithann_12346_67891_{STEM}.ipynb": "smithann (12346)",
    },
    "Moodle": {
        f"Ada Lovelace_12345_assignsubmission_file_/{STEM}.ipynb": "Ada Lovelace",
        "Bob_12346_assignsubmission_file_/x.ipynb": "Bob",
        "Bob_12346_assignsubmission_onlinetext_/onlinetext.html": "Bob",
        "Dan_12347_assignsubmission_file_/": "Dan",
    },
    "Moodle without folders": {
        f"Ada Lovelace_12345_assignsubmission_file_{STEM}.ipynb": "Ada Lovelace",
        "Bob_12346_assignsubmission_file_x.ipynb": "Bob",
    },
    "Moodle, two assignments": {
        f"RNN/Ada_111_assignsubmission_file_/{STEM}.ipynb": "Ada",
        f"Words/Ada_222_assignsubmission_file_/{OTHER}.ipynb": "Ada",
    },
    "Blackboard": {
        f"Lab_1_ada_l_attempt_{CLOCK}_{STEM}.ipynb": "ada_l",
        f"Lab_1_ada_l_attempt_{CLOCK}.txt": "",
        f"Lab_1_bob_attempt_{CLOCK}_{STEM}.ipynb": "bob",
        f"Lab_1_cy_attempt_{CLOCK}.txt": "cy",
    },
    "Brightspace": {
        f"12345-678 - Ada L - Jan 1, 2026 1001 AM/{STEM}.ipynb": "Ada L",
        f"12346-678 - Bob - Jan 1, 2026 1001 PM/{STEM}.ipynb": "Bob",
        f"12346-678 - Bob - Jan 3, 2026 903 AM/{STEM}.ipynb": "Bob",
        "index.html": "",
    },
    "GitHub Classroom": {
        f"hw1-ada-{CLOCK}-0a1b2c3/{STEM}.ipynb": "ada",
        f"hw1-bob-lee-{CLOCK}-fedcba9/{STEM}.ipynb": "bob-lee",
        f"hw1-bob-lee-2026-01-02-10-00-00-fedcba8/{STEM}.ipynb": "bob-lee",
    },
    "GitHub Classroom's command": {
        f"hw1-submissions/hw1-ada/{STEM}.ipynb": "ada",
        f"hw1-submissions/hw1-bob/{STEM}.ipynb": "bob",
    },
    "Google Classroom": {
        f"RNN/Ada Lovelace - {STEM}.ipynb": "Ada Lovelace",
        f"RNN/Bob - {STEM}.ipynb": "Bob",
        f"RNN/Bob - {STEM} (1).ipynb": "Bob",
    },
    "Gradescope": {
        f"assignment_1_export/submission_1/{STEM}.ipynb": "Ada Lovelace",
        f"assignment_1_export/submission_2/{STEM}.ipynb": "Bob, Cy",
        "assignment_1_export/submission_metadata.yml": "",
    },
    "a folder too high": {
        f"course/hw1/ada/{STEM}.ipynb": "ada", f"course/hw1/bob/{STEM}.ipynb": "bob",
        f"course/hw2/ada/{OTHER}.ipynb": "ada",
    },
    "a folder for each assignment": {
        f"{STEM}/ada.ipynb": "ada", f"{STEM}/bob/x.ipynb": "bob", f"{OTHER}/ada.ipynb": "ada",
    },
    "groups": {
        f"{group}/{name}/{STEM}.ipynb": name
        for group, names in (("mon", "abc"), ("tue", "def")) for name in names
    },
    "a student's own folder": {
        f"{STEM}.ipynb": "class", f"{STEM}-Copy1.ipynb": "class", f"{OTHER}.ipynb": "class",
        "report.pdf": "class",
    },
    "a dated folder around": {
        f"submissions-2026-11-28/ada/{STEM}.ipynb": "ada",
        f"submissions-2026-11-28/bob/{STEM}.ipynb": "bob",
    },
    "names that differ in capitals": {f"Ada/{STEM}.ipynb": "Ada", f"ada/{STEM}.ipynb": "ada"},
    "decomposed Unicode": {f"Zoe\u0308/{STEM}.ipynb": "Zo\u00eb", f"ada/{STEM}.ipynb": "ada"},
    "what a browser adds": {f"ada/{STEM}.ipynb.txt": "ada", f"bob/{STEM}.ipynb.json": "bob"},
    "what is no notebook": {
        f"ada/{STEM}.ipynb": "ada", "ada/report.docx": "ada", "bob/answers.py": "bob", "cy/": "cy",
        "dan.pdf": "dan", "truth.csv": "",
    },
    "what systems leave behind": {
        f"ada/{STEM}.ipynb": "ada", f"ada/.ipynb_checkpoints/{STEM}-checkpoint.ipynb": "",
        "ada/.DS_Store": "", "__MACOSX/ada/._x.ipynb": "", "bob/Thumbs.db": "",
        f"bob/{STEM}.ipynb": "bob",
    },
}  # fmt: skip
EMPTY_NOTEBOOK = b'{"nbformat": 4, "cells": []}'


def content(name):
    return METADATA.encode() if name.endswith(".yml") else EMPTY_NOTEBOOK


def laid_out(place, names):
    """Write files, and folders for names that end with "/"."""
    for name in names:
        if name.endswith("/"):
            (place / name).mkdir(parents=True)
            continue
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content(name))
    return place


def zipped(path, names):
    """Write an archive; `names` may map names to contents."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in names:
            given = names[name] if isinstance(names, dict) else content(name)
            opened.writestr(name, b"" if name.endswith("/") else given)
    return path


def found(place, **how):
    """Map files to the students they belong to."""
    students = {}
    for one in find_class(place, **how)[0]:
        students.setdefault(one.file, []).append(one.student)
    return {file: ", ".join(some) for file, some in students.items()}


def expected(layout):
    return {unicodedata.normalize("NFC", file): who for file, who in layout.items() if who}


@pytest.mark.parametrize("name", LAYOUTS)
def test_students_are_told_apart_in_a_folder(tmp_path, name):
    place = laid_out(tmp_path / "class", LAYOUTS[name])
    assert found(place) == expected(LAYOUTS[name])


@pytest.mark.parametrize("name", LAYOUTS)
def test_students_are_told_apart_in_an_archive_as_a_browser_saves_it(tmp_path, name):
    archive = zipped(tmp_path / "class (1).zip", LAYOUTS[name].keys())
    assert found(archive) == expected(LAYOUTS[name])


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("above", ["Spring 2026", "class"])
def test_students_are_told_apart_in_a_folder_in_an_archive(tmp_path, name, above):
    archive = zipped(tmp_path / "class.zip", [f"{above}/{file}" for file in LAYOUTS[name]])
    wanted = expected(LAYOUTS[name])
    students = {file.removeprefix(f"{above}/"): who for file, who in found(archive).items()}
    # what has no name of its own goes by the folder around it
    assert students == {f: above if who == "class" else who for f, who in wanted.items()}


PEOPLE = [
    *("Ada Lovelace", "bob", "s1234567", "Lee, Ann", "o'neill", "Zo\u00eb", "x.y@uni.edu"),
    *("Jean-Luc", "\u674e\u5c0f\u9f99", "anna_b", "anna_c", "Smith (she)", "dan2", "J. R."),
]
WAYS = {
    "folder": lambda who, stem, rng: (who, f"my {stem}.ipynb"),
    "deep": lambda who, stem, rng: (who, rng.choice(["work", "old"]), f"{stem}.ipynb"),
    "folder of assignments": lambda who, stem, rng: (who, f"hw {stem[:2]}", "notebook.ipynb"),
    "assignment of folders": lambda who, stem, rng: (f"hw {stem[:2]}", who, "notebook.ipynb"),
    "assignment of files": lambda who, stem, rng: (f"hw {stem[:2]}", f"{who}.ipynb"),
    "groups": lambda who, stem, rng: (f"group {len(who) % 2}", who, f"{stem}.ipynb"),
    "files": lambda who, stem, rng: (f"{who}{rng.choice(['_', ' - ', '-'])}{stem}.ipynb",),
    "file or folder": lambda who, stem, rng: (
        (f"{who}_{stem}.ipynb",) if len(who) % 2 else (who, f"{stem}.ipynb")
    ),
    "name or both": lambda who, stem, rng: (
        (f"{who}.ipynb",) if stem == STEM else (f"{who}_{stem}.ipynb",)
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_two_students_are_ever_taken_for_one(way):
    """Classes of all sizes in folders of all depths; a refusal is fine, too."""
    told = 0
    for seed in range(150):
        rng = random.Random(f"{way} {seed}")
        people = rng.sample(PEOPLE, rng.choice([1, 2, 3, 5, 9]))
        stems = rng.choice([[STEM], [STEM, OTHER]])
        above = rng.choice([(), ("class",), ("downloads", "Spring 2026")])
        handed = {
            above + WAYS[way](who, stem, rng): (who, stem)
            for who in people for stem in stems if len(people) == 1 or rng.random() < 0.9
        }  # fmt: skip
        entries = [Entry(parts) for parts in handed]
        try:
            owners = find_owners(
                entries, "class", stem_inside=lambda entry, handed=handed: handed[entry.parts][1]
            ).owners
        except WhoseIsIt:
            continue
        assert owners.keys() == set(entries)
        students = {}
        for entry, (owner,) in owners.items():
            students.setdefault(owner.student, set()).add(handed[entry.parts][0])
        assert all(len(some) == 1 for some in students.values()), (list(handed), students)
        told += 1
    assert told > (20 if way == "groups" else 149)


def test_one_student_s_folder_goes_by_its_name(tmp_path):
    for inside in (
        {f"{STEM}.ipynb", f"{OTHER}.ipynb"},
        {f"{STEM}/{STEM}.ipynb", f"{OTHER}/{OTHER}.ipynb"},
    ):
        place = laid_out(tmp_path / str(len(min(inside))) / "ada", inside)
        assert set(found(place).values()) == {"ada"}


def test_archives_of_students_are_opened(tmp_path):
    inner = {
        "ada": zipped(tmp_path / "1.zip", [f"{STEM}.ipynb"]).read_bytes(),
        "bob": zipped(tmp_path / "2.zip", [f"work/hw/{STEM}.ipynb"]).read_bytes(),
    }
    loose = {"ada.zip": inner["ada"], "bob.zip": inner["bob"], "cy.zip": b"no archive",
             "12_dan.rar": b"Rar!"}  # fmt: skip
    students = {"ada.zip/" + STEM + ".ipynb": "ada", f"bob.zip/work/hw/{STEM}.ipynb": "bob",
                "cy.zip": "cy", "12_dan.rar": "12_dan"}  # fmt: skip
    archive = zipped(tmp_path / "class.zip", loose)
    assert found(archive) == students
    (tmp_path / "class").mkdir()
    for name, data in loose.items():
        (tmp_path / "class" / name).write_bytes(data)
    assert found(tmp_path / "class") == students
    own = zipped(tmp_path / "own.zip", {"ada/hw.zip": inner["ada"], "bob/hw.zip": inner["bob"]})
    assert set(found(own).values()) == {"ada", "bob"}
    canvas = zipped(tmp_path / "c.zip", {"bobb_12345_67890_hw-1.zip": inner["bob"],
                                         "ada_12346_67891_hw.zip": inner["ada"]})  # fmt: skip
    assert set(found(canvas).values()) == {"bobb", "ada"}
    one = next(s for s in find_submissions(archive) if s.student == "bob")
    assert one.read() == EMPTY_NOTEBOOK


def test_the_parts_of_a_download_from_google_drive_are_one(tmp_path):
    parts = {
        "X-20260101T100000Z-001.zip": [f"X/ada/{STEM}.ipynb", f"X/bob/{STEM}.ipynb"],
        "X-20260101T100000Z-002.zip": [f"X/cy/{STEM}.ipynb"],
    }
    (tmp_path / "class").mkdir()
    for name, inside in parts.items():
        zipped(tmp_path / "class" / name, inside)
    assert sorted(found(tmp_path / "class").values()) == ["ada", "bob", "cy"]


REFUSED = {
    "nameless copies": ([f"{STEM}.ipynb", f"{STEM} (1).ipynb"], "no student's name"),
    "groups or attempts": (
        [f"{g}/{n}/{STEM}.ipynb" for g, names in (("mon", "ab"), ("tue", "cd")) for n in names],
        "cannot tell students from groups: mon/ holds a, b.*--student-level 1.*--student-level 2",
    ),
    "nbgrader without submitted": (
        ["source/ps1/x.ipynb", "release/ps1/x.ipynb", "autograded/ada/ps1/x.ipynb"],
        "nbgrader course without its folder submitted/",
    ),
    "nothing": ([], "no notebooks"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_unclear_is_refused_with_what_was_seen(tmp_path, name):
    files, said = REFUSED[name]
    (tmp_path / "class").mkdir()
    with pytest.raises(NothingToGrade, match=said) as caught:
        find_submissions(laid_out(tmp_path / "class", files))
    assert len(str(caught.value).splitlines()) == 1


def test_the_level_of_students_can_be_said(tmp_path):
    place = laid_out(tmp_path / "class", REFUSED["groups or attempts"][0])
    assert set(found(place, level=1).values()) == {"mon", "tue"}
    assert set(found(place, level=2).values()) == set("abcd")


def test_an_unclear_notebook_among_clear_ones_is_not_graded_and_not_lost(tmp_path):
    files = [f"{STEM}.ipynb", f"{STEM} (1).ipynb", f"ada_{STEM}.ipynb"]
    ones, notes = find_class(laid_out(tmp_path / "class", files))
    assert {one.student for one in ones} == {STEM, f"{STEM} (1)", "ada"}
    assert [one.student for one in ones if not one.problem] == ["ada"]
    assert any("one student's copies or several students' work" in note for note in notes)


def test_what_is_no_notebook_says_what_it_is(tmp_path):
    ones = find_submissions(laid_out(tmp_path / "class", LAYOUTS["what is no notebook"]))
    said = {one.file: (one.status, one.problem) for one in ones}
    assert said == {
        f"ada/{STEM}.ipynb": ("", ""),
        "ada/report.docx": (OTHER_FILE, "is a .docx file, not a notebook"),
        "bob/answers.py": (NO_NOTEBOOK, "is a .py file, not a notebook"),
        "cy/": (NO_NOTEBOOK, "is an empty folder"),
        "dan.pdf": (NO_NOTEBOOK, "is a .pdf file, not a notebook"),
    }


def test_an_empty_folder_of_nbgrader_s_is_nobody_s(tmp_path):
    archive = zipped(tmp_path / "class.zip", [f"ada_{STEM}.ipynb", "submitted/"])
    assert found(archive) == {f"ada_{STEM}.ipynb": "ada"}


def test_spaces_in_a_name_stop_nobody_s_listing(tmp_path):
    files = [f"  Ada  King  /{STEM}.ipynb", "a\nb/report.pdf", f"bob/{STEM}.ipynb"]
    students = found(zipped(tmp_path / "class.zip", files))
    assert students == dict(zip(files, ("Ada King", "a b", "bob"), strict=True))


def test_files_that_everyone_was_given_are_no_submissions(tmp_path):
    files = [f"{s}/{name}" for s in ("ada", "bob", "cy") for name in ("README.md", f"{STEM}.ipynb")]
    assert set(found(laid_out(tmp_path / "class", [*files, "dan/README.md"]))) == {
        *(file for file in files if file.endswith("ipynb")), "dan/README.md",
    }  # fmt: skip


def test_platforms_say_when_and_by_whom(tmp_path):
    place = tmp_path / "class"
    for name in ("Brightspace", "Blackboard", "Gradescope"):
        laid_out(place / name, LAYOUTS[name])
    ones = {(one.student, one.handed_in): one.identity for one in find_submissions(place)}
    assert ones["Ada L", "2026-01-01 10:01:00"] == "12345"
    assert ones["Bob", "2026-01-01 22:01:00"] == "12346"
    assert ones["Bob", "2026-01-03 09:03:00"] == "12346"
    assert ones["ada_l", "2026-01-01 10:00:00"] == ""
    assert ones["Ada Lovelace", "2026-01-01 10:00:00"] == "7"


def test_a_late_student_of_a_known_name_is_another_one(tmp_path):
    late = laid_out(tmp_path / "class", [f"smithann_222_67890_{STEM}.ipynb"])
    for known, student in (({"111"}, "smithann (222)"), ({"222"}, "smithann"), ({""}, "smithann")):
        assert set(found(late, known={("smithann", STEM): known}).values()) == {student}
    repository = laid_out(tmp_path / "two", [f"hw1-ada-{CLOCK}-0a1b2c3/{STEM}.ipynb"])
    assert set(found(repository, known={("ada", STEM): {""}}).values()) == {"ada"}


def test_nobody_hands_in_for_another_by_names_that_platforms_give(tmp_path):
    forged = (
        f"ada_123_assignsubmission_file_/{STEM}.ipynb",
        f"{STEM}_ada_attempt_2026-01-01-00-00-00_{STEM}.ipynb",
    )
    for name in forged:
        laid_out(tmp_path / "class", [f"{who}/{STEM}.ipynb" for who in ("ada", "bob", "cy")])
        laid_out(tmp_path / "class", [f"mallory/{name}"])
        found = {one.file: one.student for one in find_submissions(tmp_path / "class")}
        assert found[f"mallory/{name}"] == "mallory" and found[f"ada/{STEM}.ipynb"] == "ada"
        shutil.rmtree(tmp_path / "class")
    laid_out(tmp_path / "many", [f"{who}/{STEM}.ipynb" for who in ("ada", "bob", "cy")])
    laid_out(tmp_path / "many", [f"mallory/s{n}_{n}_assignsubmission_file_/{STEM}.ipynb"
                                 for n in range(100, 109)])  # fmt: skip
    with pytest.raises(NothingToGrade, match="whose mallory/ is.* 9 students.*--student-level 1"):
        find_submissions(tmp_path / "many")
    late = [f"zoe/{STEM}.ipynb", f"week/ada_12_assignsubmission_file_/{STEM}.ipynb",
            f"week/bob_13_assignsubmission_file_/{STEM}.ipynb"]  # fmt: skip
    laid_out(tmp_path / "late", late)
    assert {one.student for one in find_submissions(tmp_path / "late")} == {"ada", "bob", "zoe"}


@pytest.mark.parametrize(
    "inside",
    [[f"{n}/{STEM}.ipynb" for n in "pq"], [f"{n}/{STEM}.ipynb" for n in "pqr"],
     [f"source/{STEM}.ipynb", f"release/{STEM}.ipynb"]],
)  # fmt: skip
def test_what_one_student_hands_in_does_not_say_who_the_others_are(tmp_path, inside):
    work = {"ada": [f"hw/{STEM}.ipynb"], "bob": [f"{STEM}.ipynb"], "cy": [f"my/{STEM}.ipynb"]}
    for name, files in {**work, "mallory": inside}.items():
        (tmp_path / name).mkdir()
        zipped(tmp_path / name / "work.zip", files)
    assert {*found(tmp_path).values()} == {*work, "mallory"}


def test_an_archive_that_unpacks_to_very_much_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MAX_MB", 1)
    (tmp_path / "class" / "ada").mkdir(parents=True)
    archive = zipped(tmp_path / "class" / "ada" / "w.zip",
                     {f"{n}.ipynb": bytes(2**20) for n in range(2)})  # fmt: skip
    (one,) = find_submissions(archive.parents[1])
    assert one.problem == "unpacks to more than 20 times its size and 1 MB"
    assert len(find_submissions(archive)) == 2  # the class itself may be as large as it is


def test_the_largest_archives_go_first_where_too_much_was_handed_in(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MOST_ENTRIES", 10)
    for name, many in (("eve", 6), ("ada", 2), ("bob", 1), ("mallory", 7)):
        (tmp_path / name).mkdir()
        with zipfile.ZipFile(tmp_path / name / "work.zip", "w") as archive:
            for number in range(many):
                archive.writestr(f"{number}/{STEM}.ipynb", "")
    found = listing.list_place(tmp_path)
    assert len(found) == 6 + 2 + 1 + 1
    (refused,) = [entry for entry in found if entry.problem]
    assert refused.parts == ("mallory", "work.zip")
    assert refused.problem.startswith("holds 7 files, and all that was handed in")


def test_hidden_folders_are_left_and_links_to_folders_are_not_followed(tmp_path):
    write(tmp_path / "other" / f"{STEM}.ipynb", "1")
    for name in ("ada/.ipynb_checkpoints", ".git", "ada"):
        write(tmp_path / "class" / name / f"{STEM}.ipynb", "1")
    (tmp_path / "class" / "bob").symlink_to(tmp_path / "other")
    ones = {one.file: one.problem for one in find_submissions(tmp_path / "class")}
    assert ones.keys() == {f"ada/{STEM}.ipynb", "bob"}
    assert "symbolic link" in ones["bob"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_folder_that_cannot_be_read_is_in_the_list(tmp_path):
    laid_out(tmp_path / "class", [f"ada/{STEM}.ipynb", f"bob/{STEM}.ipynb"])
    (tmp_path / "class" / "bob").chmod(0)
    (one,) = (one for one in find_submissions(tmp_path / "class") if one.student == "bob")
    (tmp_path / "class" / "bob").chmod(0o700)
    assert one.status == NO_NOTEBOOK and "cannot be opened: Permission denied" in one.problem


def test_a_folder_that_cannot_be_listed_is_in_the_list(tmp_path, monkeypatch):
    laid_out(tmp_path / "class", [f"ada/{STEM}.ipynb", f"bob/{STEM}.ipynb"])
    listed = Path.iterdir

    def fails(path):
        if path.name == "bob":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", fails)
    (one,) = (one for one in find_submissions(tmp_path / "class") if one.student == "bob")
    assert one.status == NO_NOTEBOOK and "cannot be opened: Permission denied" in one.problem


def test_the_grades_of_an_earlier_run_are_not_graded(tmp_path):
    place = laid_out(tmp_path / "class", [f"ada/{STEM}.ipynb", "grades/feedback/ada/x.html"])
    assert set(found(place, left_out=(place / "grades").resolve())) == {f"ada/{STEM}.ipynb"}


def test_a_link_is_not_followed_and_says_so(tmp_path):
    (tmp_path / "class" / "bob").mkdir(parents=True)
    secret = write(tmp_path / f"{STEM}.ipynb", SETUP, RIGHT)
    (tmp_path / "class" / "bob" / secret.name).symlink_to(secret)
    (one,) = find_submissions(tmp_path / "class")
    with pytest.raises(Unreadable, match="symbolic link"):
        one.read()


def test_one_student_cannot_flood_the_run(tmp_path):
    for number in range(MOST + 7):
        write(tmp_path / "class" / "eve" / f"{number}.ipynb", "1")
    write(tmp_path / "class" / "ada" / "x.ipynb", "1")
    ones = find_submissions(tmp_path / "class")
    assert len(ones) == 1 + MOST + 1
    assert "6 more of this student were left out" in ones[-1].problem


SHAPES = {
    "loose files": "f{0}.txt",
    "loose files of a kind": "f{0}.pdf",
    "one student's files": "ada/f{0}.txt",
    "a folder each": "s{0}/a.txt",
    "folders in folders": "s{1}/d{0}/x.dat",
    "repositories": "hw1-s{0}-2026-01-01-10-00-00-0a1b2c3/x.pdf",
    "named for an assignment": f"s{{0}}_{STEM}.pdf",
    "Moodle": "N_{0}_assignsubmission_file_/x.pdf",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_time_to_list_a_class_grows_with_its_files_and_no_faster(shape):
    """A class ten times as large takes ten times as long; a comparison of all pairs, a hundred."""

    def seconds(count):
        names = [SHAPES[shape].format(10_000 + n, n % 50) for n in range(count)]
        names += [f"{name}/{STEM}.ipynb" for name in ("yy", "zz")]
        began = time.process_time()
        find_owners([Entry(tuple(name.split("/"))) for name in names], "class")
        return time.process_time() - began

    small = max(min(seconds(600) for _ in range(3)), 0.002)
    assert min(seconds(6_000) for _ in range(2)) < 40 * small


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        notebook = write(tmp_path / "n.ipynb", SETUP, RIGHT).read_bytes()
        for name in (f"ada/{STEM}.ipynb", f"bob/{STEM}/{STEM}.ipynb", f"cy_{STEM}.ipynb",
                     "../../evil.ipynb", "/etc/evil.ipynb", "a\\..\\evil.ipynb", "C:/evil.ipynb",
                     f"dan\\{STEM}.ipynb", "ada/notes.txt", "__MACOSX/ada/._x.ipynb"):  # fmt: skip
            opened.writestr(name, notebook)
        link = zipfile.ZipInfo("eve/link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(link, "/etc/passwd")
        opened.writestr("eve/bomb.ipynb", b" " * (MAX_MB + 1) * 2**20)
    return path


def test_an_archive_gives_its_notebooks_and_nothing_else(archive, tmp_path):
    ones = {s.file: s for s in find_submissions(archive)}
    said = {}
    for file, one in ones.items():
        try:
            one.read()
        except Unreadable as error:
            said[file] = str(error)
    right = ones.keys() - said.keys()
    assert {ones[file].student for file in right} == {"ada", "bob", "cy", "dan"}
    assert len(right) == 4
    assert "larger than" in said["eve/bomb.ipynb"]
    assert "symbolic link" in said["eve/link.ipynb"]
    assert len([why for why in said.values() if "names a place outside" in why]) == 4
    assert not list(tmp_path.glob("**/evil*"))


def test_names_in_an_archive_are_utf_8_even_where_it_does_not_say_so(tmp_path):
    path = zipped(tmp_path / "class.zip", [f"Zo\u00eb/{STEM}.ipynb", f"ada/{STEM}.ipynb"])
    data = path.read_bytes()
    for at in (i for i in range(len(data) - 10) if data[i : i + 4] in (b"PK\3\4", b"PK\1\2")):
        flags = at + (6 if data[at + 2] == 3 else 8)
        data = data[: flags + 1] + bytes([data[flags + 1] & ~0x08]) + data[flags + 2 :]
    path.write_bytes(data)
    assert set(found(path).values()) == {"Zo\u00eb", "ada"}


def test_an_archive_is_graded_like_a_folder(archive, tmp_path):
    done, rows, _ = grade(archive, tmp_path / "out", "--seed", "1", "--jobs", "1")
    scores = {row["student"]: row["score"] for row in rows if row["status"] == "graded"}
    assert scores == dict.fromkeys(("ada", "bob", "cy", "dan"), "10")
    assert done.exit_code == 1 and "names a place outside its archive" in done.stderr


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04" + b"\0" * 40])
def test_what_is_no_archive_is_one_line_and_exit_2(tmp_path, content):
    (tmp_path / "class.zip").write_bytes(content)
    done, rows, _ = grade(tmp_path / "class.zip", tmp_path / "out")
    assert done.exit_code == 2 and rows == []
    assert len(done.stderr.splitlines()) == 1 and not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    """Grade a class, late work, and a pdf, one after another into the same folder."""
    place = tmp_path_factory.mktemp("term")
    wrong = RIGHT.replace("np.tanh", "np.sin")
    folder = place / "class" / "Ada_11_assignsubmission_file_"
    right = write(folder / f"{STEM}.ipynb", SETUP, RIGHT)
    (place / "class" / "Bob_12_assignsubmission_file_").mkdir()
    shutil.copy(right, place / "class" / "Bob_12_assignsubmission_file_")
    write(place / "class" / "Cy_13_assignsubmission_file_" / f"{STEM}.ipynb", SETUP, wrong)
    (place / "class" / "=Dan_14_assignsubmission_file_").mkdir()
    write(place / "late" / "Cy_13_assignsubmission_file_" / f"{STEM}.ipynb", SETUP, wrong, "1")
    (place / "late" / "Eve_15_assignsubmission_file_").mkdir()
    (place / "late" / "Eve_15_assignsubmission_file_" / f"{STEM}.pdf").write_bytes(b"%PDF")
    first = grade(place / "class", place / "out", "--jobs", "1", "--export", "canvas")
    second = grade(place / "late", place / "out", "--jobs", "1", "--export", "canvas")
    return place, first, second


def test_late_work_is_added_to_the_class(term):
    _, (_, first, _), (_, rows, criteria) = term
    assert {(row["student"], row["attempt"], row["status"]) for row in rows} == {
        ("Ada", "1", "graded"), ("Bob", "1", "graded"), ("Cy", "1", "graded"),
        ("Cy", "2", "graded"), ("'=Dan", "", NO_NOTEBOOK), ("Eve", "", NO_NOTEBOOK),
    }  # fmt: skip
    assert [row for row in rows if row["student"] == "Ada"] == [
        row for row in first if row["student"] == "Ada"
    ]
    assert len({row["seed"] for row in rows}) == 1 and all(row["version"] for row in rows)
    assert {row["student"]: row["identical_to"] for row in rows if row["identical_to"]} == {
        "Ada": "Bob", "Bob": "Ada",
    }  # fmt: skip
    assert {row["student"] for row in criteria} >= {"Ada", "Bob", "Cy"}


def test_identical_files_are_not_said_to_be_graded_before(term):
    place, (first, *_), (second, *_) = term
    assert "graded before" not in first.stderr + second.stderr
    assert "1 of 4 is identical to another file and has its grade" in first.stderr
    again, _, _ = grade(place / "class", place / "out", "--jobs", "1")
    assert "of 4 were graded before" in again.stderr and "identical" not in again.stderr


def test_an_export_has_a_blank_for_what_could_not_be_graded(term):
    place, *_ = term
    with (place / "out" / "canvas.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Student"]: row[STEM] for row in csv.DictReader(file)}
    assert {name: rows[name] for name in ("Ada", "'=Dan", "Eve")} == {
        "Ada": "10", "'=Dan": "", "Eve": "",
    }  # fmt: skip


def test_a_manifest_leads_from_students_to_pages_the_platform_takes_back(term):
    place, *_ = term
    feedback = place / "out" / "feedback"
    with (feedback / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert {row["student"]: row["id"] for row in rows}["Ada"] == "11"
    for row in rows:
        page = row["page"].removeprefix("'")
        assert (feedback / page).is_file()
        assert page.split("/")[0] == row["file"].removeprefix("'").split("/")[0]
    assert len({row["page"].casefold() for row in rows}) == 6


def test_a_report_is_on_all_runs(term):
    place, *_ = term
    text = (place / "out" / "report.html").read_text("utf-8")
    assert all(name in text for name in ("Ada", "Cy", "Dan", "Eve"))


def test_a_time_limit_does_not_survive_a_rerun_with_another(tmp_path):
    slow = "import time; time.sleep(2)"
    write(tmp_path / "in" / "ada" / f"{STEM}.ipynb", SETUP, f"{slow}\n{RIGHT}")
    options = ("--jobs", "1", "--seed", "1")
    _, (row,), _ = grade(tmp_path / "in", tmp_path / "out", *options, "--cell-seconds", "1")
    assert row["score"] == "0"
    done, (row,), _ = grade(tmp_path / "in", tmp_path / "out", *options)
    assert row["score"] == "10" and "graded before" not in done.stderr


LINES = ["# é\n", "x = ', ]'"]
SOURCE = "".join(LINES)


def book(*sources, **more) -> str:
    """Write a notebook as Jupyter does, with these sources."""
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": cells} | more, indent=1)


def merged(text: str, line: str, ours: str, theirs: str, base: str = "") -> str:
    """Leave a conflict of Git's in place of the line that holds `line`."""
    base = f"||||||| base\n{base}\n" if base else ""
    conflict = f"<<<<<<< HEAD\n{ours}\n{base}=======\n{theirs}\n>>>>>>> mine"
    return "\n".join(conflict if line in one else one for one in text.split("\n"))


PLAIN = book(LINES)
OLD = {"cell_type": "code", "input": LINES, "language": "python", "outputs": []}
LAST = "\"x = ', ]'\""
REPAIRED = {
    "as it should be": (PLAIN, ""),
    "byte-order mark": (PLAIN.encode("utf-8-sig"), ""),
    "Latin-1": (json.dumps(json.loads(PLAIN), ensure_ascii=False).encode("latin-1"), "Latin-1"),
    "UTF-16": (PLAIN.encode("utf-16"), "UTF-16"),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-be"), "UTF-16"),
    "Windows line ends": (PLAIN.replace("\n", "\r\n").replace("\\n", "\\r\\n"), ""),
    "old Mac line ends": (PLAIN.replace("\\n", "\\r"), ""),
    "nbformat 3": (
        json.dumps({"nbformat": 3, "worksheets": [{"cells": [OLD]}]}), "old notebook format"),
    "worksheets without a number": (json.dumps({"worksheets": [{"cells": [OLD]}]}), "old"),
    "one text for all lines": (book(SOURCE), ""),
    "no metadata": (book(SOURCE, metadata=None), ""),
    "metadata that are none": (book(SOURCE, metadata={"kernelspec": "python3"}), ""),
    "NaN": (book(SOURCE, metadata={"x": float("nan")}), ""),
    "another kernel": (book(SOURCE, metadata={"kernelspec": {"language": "R"}}), "names R"),
    "a comma at the end of a list": (PLAIN.replace(LAST, LAST + ","), "an extra comma"),
    "a comma at the end of an object": (PLAIN[:-1].rstrip() + ",\n}", "an extra comma"),
    "lines without ends": (book(["# é", "x = ', ]'"]), "whose lines do not end"),
    "lines that are no text": (book([*LINES, None, 3]), "lines that are not text"),
    "a conflict, same code": (
        merged(PLAIN, '"nbformat": 4,', '"nbformat": 4,', '"nbformat": 4, "x": 1,'), "same code"),
    "a conflict with its base": (
        merged(PLAIN, LAST, LAST, '"x = 2"', '"x = 3"'), "first side (HEAD) was graded"),
    "a conflict in a cell": (
        book(merged(SOURCE, "x = ', ]'", "x = ', ]'", "x = 2")), "at line 2: the first side"),
}  # fmt: skip


@pytest.mark.parametrize("name", REPAIRED)
def test_what_is_plainly_meant_is_repaired_and_said(name):
    content, said = REPAIRED[name]
    notebook = read_notebook(content if isinstance(content, bytes) else content.encode())
    assert [source.rstrip() for source in notebook.sources()] == [SOURCE]
    assert len(notebook.notes) == bool(said)
    assert said in "".join(notebook.notes)


@pytest.mark.parametrize("cell", [{}, {"source": None}, {"source": 3}, {"source": {"a": 1}}])
def test_a_cell_without_code_costs_the_others_nothing(cell):
    cells = [{"cell_type": "code", **cell}, {"cell_type": "code", "source": SOURCE}]
    notebook = read_notebook(json.dumps({"cells": cells}).encode())
    assert notebook.sources() == ["", SOURCE]
    assert notebook.notes == ("has a cell without code: it was read as an empty one",)


def test_cells_that_are_none_are_left_out():
    content = json.dumps({"cells": [None, 3, {"cell_type": "code", "source": SOURCE}]})
    notebook = read_notebook(content.encode())
    assert notebook.sources() == [SOURCE] and "left out" in notebook.notes[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PLAIN[: len(PLAIN) // 2], "is not a whole notebook: its JSON ends too early, at line"),
        (PLAIN[: PLAIN.index("x = ")], "ends too early"),
        (merged(PLAIN, LAST, LAST, LAST).replace("=======\n", ""), "conflict markers (line"),
        (PLAIN.replace('"nbformat": 4,', '"nbformat": 4'), "Expecting ',' delimiter, line"),
        ("\n<!DOCTYPE html>\n<html>", "a web page"),
        ("import numpy as np\nx = 1", "a text that begins `import numpy as np`"),
        (b"PK\x03\x04...", "a zip archive"),
        (b"%PDF-1.7", "a PDF"),
        (b"\0" * 100, "not text"),
        ("version https://git-lfs.github.com/spec/v1", "Git LFS"),
        ('{"cells": {}}', "its 'cells' are not a list"),
        ('{"nbformat": 4}', "no 'cells'"),
        ('"text"', "not laid out as a notebook"),
    ],
)
def test_what_cannot_be_repaired_is_named(content, said):
    with pytest.raises(Unreadable) as caught:
        read_notebook(content if isinstance(content, bytes) else content.encode())
    assert said in str(caught.value) and len(str(caught.value).splitlines()) == 1


NAMES = ["ada", "../x", "a/b", "", ".", "..", "-rf", "x" * 500, "a\0b", "<b>", "Ада", "a b", "CON:"]


def test_no_name_leads_out_of_the_folder_and_unlike_names_stay_unlike():
    names = [safe_name(name) for name in NAMES]
    assert len(set(names)) == len(NAMES)
    for name in names:
        assert name and not name.startswith((".", "-")) and not set(name) & set('/\\\0<>:"|?*')
        assert len(name.encode()) <= LONGEST_PART + 9
    assert safe_name("ada") == "ada" and safe_name("Ада") == "Ада"


def test_two_notebooks_of_one_student_have_two_pages(tmp_path):
    laid_out(tmp_path / "class", ["ada/a/n.ipynb", "ada/b/n.ipynb", "ada/n.ipynb"])
    pages = {one.page_path() for one in find_submissions(tmp_path / "class")}
    assert pages == {f"feedback/ada/{name}.html" for name in ("n", "n in a", "n in b")}


def test_no_folder_of_pages_is_called_as_a_file_is(tmp_path):
    canvas = [f"eve_12345_67890_x.{end}" for end in ("ipynb", "html.zip")]
    laid_out(tmp_path / "class", [canvas[0], f"manifest.csv/{STEM}.ipynb"])
    zipped(tmp_path / "class" / canvas[1], [f"{STEM}.ipynb"])
    pages = {one.page_path() for one in find_submissions(tmp_path / "class")}
    assert pages == {
        "feedback/eve_12345_67890_x.html",
        f"feedback/eve_12345_67890_x.html~/{STEM}.html",
        f"feedback/manifest.csv~/{STEM}.html",
    }


def test_a_flat_download_gives_flat_pages(tmp_path):
    name = f"o'neill_LATE_12345_67890_{STEM}-1"
    laid_out(tmp_path / "class", [f"{name}.ipynb"])
    (one,) = find_submissions(tmp_path / "class")
    assert one.page_path() == f"feedback/{name}.html"


def test_a_name_longer_than_any_path_is_refused_and_costs_nobody_else(tmp_path):
    names = [f"ada/{STEM}.ipynb", f"ada/{'a/' * 2100}{STEM}.ipynb", f"{'b' * 5000}.ipynb"]
    (tmp_path / "class").mkdir()
    zipped(tmp_path / "class" / "ada.zip", names)
    entries = listing.list_place(tmp_path / "class")
    refused = [entry for entry in entries if "more than 4,096 characters" in entry.problem]
    assert len(entries) == 3 and len(refused) == 2
    assert max(len(str(entry)) for entry in entries) < 200
