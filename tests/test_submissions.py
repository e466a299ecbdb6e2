"""Submissions are found in the usual layouts, and nothing outside them is followed or unpacked."""

from __future__ import annotations

import json
import stat
import zipfile

import pytest

from course_utils.grading.archive import unpack
from course_utils.grading.grade import Grade
from course_utils.grading.outputs import page_path, safe_name
from course_utils.grading.reading import MAX_MB, Unreadable, read_notebook
from course_utils.grading.submissions import MOST, NothingToGrade, find_submissions
from tests.test_grading import RIGHT, SETUP, STEM, grade, write

FLAT = {
    f"ada_{STEM}.ipynb": "ada",
    f"grace hopper - {STEM} (1).ipynb": "grace hopper",
    f"{STEM}.ipynb": "class",
    "homework.ipynb": "homework",
}
LAYOUTS = {
    f"ada/{STEM}.ipynb": "ada",
    f"submitted/ada/{STEM}/{STEM}.ipynb": "ada",
    f"submitted/ada/{STEM}.ipynb": "ada",
    f"ada/{STEM}/{STEM}.ipynb": "ada",
    "Ada_123_assignsubmission_file/x.ipynb": "Ada_123_assignsubmission_file",
}


def found(place):
    return {s.file: s.student for s in find_submissions(place)}


@pytest.mark.parametrize("file", LAYOUTS)
def test_a_layout_is_known(tmp_path, file):
    write(tmp_path / "class" / file, "1")
    assert found(tmp_path / "class") == {file: LAYOUTS[file]}


def test_a_flat_folder_is_known(tmp_path):
    for name in FLAT:
        write(tmp_path / "class" / name, "1")
    assert found(tmp_path / "class") == FLAT


def test_hidden_folders_and_links_to_folders_are_left(tmp_path):
    write(tmp_path / "other" / f"{STEM}.ipynb", "1")
    for name in ("ada/.ipynb_checkpoints", ".git", "ada"):
        write(tmp_path / "class" / name / f"{STEM}.ipynb", "1")
    (tmp_path / "class" / "bob").symlink_to(tmp_path / "other")
    assert found(tmp_path / "class") == {f"ada/{STEM}.ipynb": "ada"}


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


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        notebook = write(tmp_path / "n.ipynb", SETUP, RIGHT).read_bytes()
        for name in (f"ada/{STEM}.ipynb", f"submitted/bob/{STEM}/{STEM}.ipynb", f"cy_{STEM}.ipynb",
                     "../../evil.ipynb", "/etc/evil.ipynb", "a\\..\\evil.ipynb", "ada/notes.txt",
                     "__MACOSX/ada/._x.ipynb"):  # fmt: skip
            opened.writestr(name, notebook)
        link = zipfile.ZipInfo("eve/link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(link, "/etc/passwd")
        opened.writestr("eve/bomb.ipynb", b" " * (MAX_MB + 1) * 2**20)
    return path


def test_an_archive_gives_its_notebooks_and_nothing_else(archive, tmp_path):
    (tmp_path / "to").mkdir()
    ones = {s.file: s for s in unpack(archive, tmp_path / "to")}
    right = {file for file, one in ones.items() if not one.problem}
    assert right == {
        f"ada/{STEM}.ipynb",
        f"submitted/bob/{STEM}/{STEM}.ipynb",
        f"cy_{STEM}.ipynb",
    }
    assert {ones[file].student for file in right} == {"ada", "bob", "cy"}
    assert "larger than" in ones["eve/bomb.ipynb"].problem
    assert "symbolic link" in ones["eve/link.ipynb"].problem
    outside = [one for one in ones.values() if "names a place outside" in one.problem]
    assert len(outside) == 3
    assert not list(tmp_path.glob("**/evil*"))
    assert len(list((tmp_path / "to").iterdir())) == 3


def test_an_archive_is_graded_like_a_folder(archive, tmp_path):
    done, rows, _ = grade(archive, tmp_path / "out", "--seed", "1", "--jobs", "1")
    scores = {row["student"]: row["score"] for row in rows}
    assert {name: scores[name] for name in ("ada", "bob", "cy")} == dict.fromkeys(
        ("ada", "bob", "cy"), "10"
    )
    assert done.exit_code == 1 and "names a place outside its archive" in done.stderr


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04" + b"\0" * 40])
def test_what_is_no_archive_is_one_line_and_exit_2(tmp_path, content):
    (tmp_path / "class.zip").write_bytes(content)
    done, rows, _ = grade(tmp_path / "class.zip", tmp_path / "out")
    assert done.exit_code == 2 and rows == []
    assert len(done.stderr.splitlines()) == 1
    with pytest.raises(NothingToGrade):
        unpack(tmp_path / "class.zip", tmp_path)


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
    "a comma at the end of a list": (PLAIN.replace(LAST, LAST + ","), "a comma too many"),
    "a comma at the end of an object": (PLAIN[:-1].rstrip() + ",\n}", "a comma too many"),
    "lines without ends": (book(["# é", "x = ', ]'"]), "whose lines do not end"),
    "lines that are no text": (book([*LINES, None, 3]), "lines that are no text"),
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
        (b"\0" * 100, "no text"),
        ("version https://git-lfs.github.com/spec/v1", "Git LFS"),
        ('{"cells": {}}', "its 'cells' are no list"),
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
        assert len(name) <= 100
    assert safe_name("ada") == "ada" and safe_name("Ада") == "Ада"


def test_two_notebooks_of_one_student_have_two_pages():
    files = ["ada/a/n.ipynb", "ada/b/n.ipynb", "ada/n.ipynb"]
    assert len({page_path(Grade("ada", "x", file, "graded")) for file in files}) == len(files)
