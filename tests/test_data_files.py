"""Paths that are not the expected file, and how bytes become text."""

from __future__ import annotations

import os
import re

import pytest

from course_utils.emo_utils import read_csv
from course_utils.files.opening import find
from course_utils.files.text import decoded, listed, quoted, report
from course_utils.image_utils import load_images
from course_utils.sentiment_utils import read_reviews
from course_utils.translation_utils import read_pairs
from course_utils.w2v_utils import read_glove_vecs

ONE_FILE = [read_glove_vecs, read_csv, read_pairs]
ALL = [*ONE_FILE, read_reviews, load_images]


@pytest.mark.parametrize("read", ALL)
@pytest.mark.parametrize(
    "path, error, said",
    [
        ("https://example.org/a.zip", ValueError, "is a URL: download the file"),
        ("s3://bucket/a.txt", ValueError, "is a URL"),
        ("", ValueError, "the path is empty"),
        ("nowhere/a.txt", FileNotFoundError, r"no file 'nowhere/a.txt' \(looking from /"),
        ("~/surely not there", FileNotFoundError, "no file '/.*/surely not there'"),
        (7, TypeError, "expected the path of a file, found 7"),
        (b"a.txt", TypeError, "expected the path of a file"),
        (os.devnull, ValueError, "a device or a pipe"),
    ],
)
def test_what_is_no_file_is_said_plainly(read, path, error, said):
    with pytest.raises(error, match=said):
        read(path)


@pytest.mark.parametrize("read", ONE_FILE)
def test_a_folder_lists_what_is_in_it(read, tmp_path):
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(ValueError, match=r"is a folder: give a file in it \(a\.txt\)"):
        read(tmp_path)


@pytest.mark.parametrize("read", ALL)
def test_links_to_nowhere_and_empty_files(read, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(FileNotFoundError, match="is a link to .*gone, which isn't there"):
        read(tmp_path / "link")
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(ValueError, match="empty (is empty|holds no|is neither)"):
        read(tmp_path / "empty")


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("a")

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(PermissionError, match=r"a\.txt can't be read: permission denied\. Allow"):
        find(tmp_path / "a.txt", "")


def test_a_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.csv").write_text("good,2\n")
    assert read_csv("~/a.csv")[1].tolist() == [2]


@pytest.mark.parametrize(
    "encoding, said",
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("utf-32", ""),
        ("utf-16-le", "has no byte order mark; it was read as UTF-16-LE"),
        ("utf-16-be", "it was read as UTF-16-BE"),
        ("cp1252", "it was read as Windows-1252, for example 'café'"),
    ],
)
def test_text_is_decoded_and_said_if_it_was_a_guess(encoding, said):
    text = "A café, a tea,\nand then?"
    found, note = decoded(text.encode(encoding), "a.txt")
    assert found == text and said in note and bool(said) == bool(note)


@pytest.mark.parametrize(
    "content, said",
    [
        ("é\r\n".encode() + b"\r\ncaf\xe9", r"line 3: not UTF-8 text \(byte 0xe9\)"),
        (b"a\n\x81", r"line 2: not UTF-8 text \(byte 0x81\)"),
        (b"\0\1\2\3", "is not text"),
        (b"\xff\xfea", "begins like utf-16 but is not"),
    ],
)
def test_bytes_that_are_no_text_are_refused(content, said):
    with pytest.raises(ValueError, match=re.escape("a.txt") + ".*" + said):
        decoded(content, "a.txt")


def test_long_things_are_shortened():
    assert report("a.txt", [(3, "odd")]) == "a.txt, line 3: odd"
    lines = report("a.txt", [(i, "odd") for i in range(1, 1001)], "row").splitlines()
    assert lines[0] == "a.txt has 1,000 bad rows:" and lines[-1] == "  and 990 more"
    assert len(lines) == 12 and lines[1] == "  row 1: odd"
    assert listed(map(str, range(99)), 2) == "0, 1, and 97 more" and listed([]) == "nothing"
    assert len(quoted("x" * 10**6)) < 80
