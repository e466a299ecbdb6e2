"""Film reviews: words, the split, and the loaders of the whole set."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tarfile
import zipfile

import numpy as np
import pytest

from course_utils.reviews import imdb
from course_utils.sentiment_utils import installed_reviews, read_reviews, words_of
from course_utils.training import VARIABLE, examples


@pytest.mark.parametrize(
    ("review", "words"),
    [
        ("Good, GOOD film!", "good good film"),
        ("one<br /><br />two</b>three", "one two three"),
        ("I don't, I CAN'T, it's they\u2019re", "i do n't i ca n't it 's they 're"),
        ("the 'best' 10/10 movie_", "the best 10 10 movie"),
        ("caf\u00e9 < 3 > 2", "caf\u00e9 3 2"),
        ("", ""),
        (" ... <br/>", ""),
    ],
)
def test_words(review, words):
    assert words_of(review) == words.split()


@pytest.fixture(scope="module")
def reviews():
    """Read the installed reviews, once."""
    return read_reviews()


def test_the_split_is_balanced_and_holds_every_review(reviews):
    X_train, Y_train, X_test, Y_test = reviews
    assert (len(X_train), len(X_test)) == (20000, 5000)
    assert (Y_train.shape, Y_test.shape) == ((20000,), (5000,))
    assert (Y_train.sum(), Y_test.sum()) == (10000, 2500)
    assert sorted([*X_train, *X_test]) == sorted(installed_reviews()[0])


def test_no_review_is_on_both_sides_not_even_with_other_marks(reviews):
    X_train, _, X_test, _ = reviews
    train, test = ({" ".join(words_of(review)) for review in X} for X in (X_train, X_test))
    assert len(train) < len(X_train)  # there are doubles, all of them among these
    assert len(test) == len(X_test)
    assert not train & test


def test_a_first_part_is_a_fair_sample(reviews):
    for Y in (reviews[1], reviews[3]):
        assert 0.4 < Y[:200].mean() < 0.6


def test_labels_stay_with_their_reviews(reviews):
    labels = dict(zip(*installed_reviews(), strict=True))
    assert all(labels[x] == y for x, y in zip(*reviews[2:], strict=True))


def test_short_training_takes_few_examples(monkeypatch):
    monkeypatch.setenv(VARIABLE, "short")
    assert (examples(20000), examples(10)) == (64, 10)
    monkeypatch.setenv(VARIABLE, "full")
    assert examples(20000) == 20000


# The whole set


@pytest.fixture
def keras_files(tmp_path, monkeypatch):
    """Write a small data set as Keras keeps its own, and let Keras find it."""
    imdb = pytest.importorskip("keras.src.datasets.imdb")
    rows = np.empty(2, object)
    rows[:] = [[1, 2, 3], [4, 1]]
    arrays = {"x_train": rows, "y_train": np.array([1, 0])}
    arrays |= {"x_test": rows[::-1], "y_test": np.array([0, 1])}
    np.savez(tmp_path / "imdb.npz", **arrays)
    words = {"the": 1, "film": 2, "don't": 3, "bad": 4}
    (tmp_path / "imdb_word_index.json").write_text(json.dumps(words), "utf-8")
    monkeypatch.setattr(imdb, "get_file", lambda fname, **options: str(tmp_path / fname))
    return imdb


def test_what_keras_keeps_is_decoded_to_words(keras_files):
    X_train, Y_train, X_test, Y_test = read_reviews("keras")
    said = {"the film don't": 1, "bad the": 0}
    assert dict(zip(X_train, Y_train.tolist(), strict=True)) == said
    assert dict(zip(X_test, Y_test.tolist(), strict=True)) == said


def test_special_numbers_are_left_out_and_odd_ones_refused():
    assert imdb.decode([[0, 1, 2, 4, 5]], {"a": 1, "b": 2}) == ["a b"]
    with pytest.raises(ValueError, match="number 9 belongs to none of the 2 words"):
        imdb.decode([[1, 9]], {"a": 1, "b": 2})


def test_without_a_network_the_reader_says_what_needs_none(keras_files, monkeypatch):
    def refused(*args, **options):
        raise Exception("URL fetch failure on https://...: no route")

    monkeypatch.setattr(keras_files, "get_file", refused)
    with pytest.raises(ConnectionError, match=r"URL fetch failure.*needs no network"):
        read_reviews("keras")


@pytest.fixture
def folder(tmp_path):
    """Write a small folder as the set is published."""
    root = tmp_path / "aclImdb"
    for part in ("train", "test"):
        for verdict in ("pos", "neg"):
            (root / part / verdict).mkdir(parents=True)
            for i in range(3):
                text = f"{part} {verdict} {i}<br />caf\u00e9\n"
                (root / part / verdict / f"{i}_7.txt").write_text(text, "utf-8")
    (root / "README").write_text("not a review", "utf-8")
    return root


def test_a_folder_is_read(folder):
    X_train, Y_train, X_test, Y_test = read_reviews(folder)
    for part, X, Y in (("train", X_train, Y_train), ("test", X_test, Y_test)):
        expected = [f"{part} {v} {i}<br />caf\u00e9" for v in ("neg", "pos") for i in range(3)]
        assert sorted(X) == expected
        assert all((f"{part} pos" in x) == y for x, y in zip(X, Y, strict=True))
    assert read_reviews(str(folder))[0] == X_train


def packed(folder, name):
    """Pack a folder as a .tar.gz or a .zip beside it."""
    path = folder.parent / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(folder.rglob("*")):
                if file.exists():
                    archive.write(file, file.relative_to(folder.parent))
    else:
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder, folder.name)
    return path


def same(found, expected):
    return all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_it_is_read_from_above_and_from_archives_in_the_same_order(folder):
    expected = read_reviews(folder)
    assert same(read_reviews(folder.parent), expected)
    for name in ("acl.tar.gz", "acl.zip"):
        assert same(read_reviews(packed(folder, name)), expected)


def test_what_is_no_review_is_left_out_and_counted(folder):
    expected = read_reviews(folder)
    pos = folder / "train" / "pos"
    (pos / "9_1.txt").mkdir()
    (pos / "8_1.txt").symlink_to(folder / "nowhere")
    for name in (".DS_Store", "._0_7.txt", "Thumbs.db"):
        (pos / name).write_bytes(b"\0\1\2")
    (pos / "7_1.txt").write_text(" \n", "utf-8")
    (folder / "train" / "unsup").mkdir()
    (folder / "train" / "unsup" / "0_0.txt").write_text("no verdict", "utf-8")
    with pytest.warns(UserWarning, match="aclImdb: left out") as caught:
        assert same(read_reviews(folder), expected)
    (said,) = (str(warning.message) for warning in caught)
    for counted in ("1 empty", "1 files that can't be opened", "1 folders", "2 hidden", "1 other"):
        assert counted in said
    with pytest.warns(UserWarning, match=r"acl\.tar\.gz: left out .*2 hidden"):
        assert same(read_reviews(packed(folder, "acl.tar.gz")), expected)


def test_reviews_that_are_not_utf8_are_read_and_counted(folder):
    (folder / "test" / "neg" / "0_7.txt").write_bytes(b"at the caf\xe9")
    (folder / "test" / "neg" / "1_7.txt").write_bytes(b"it\x92s bad")
    with pytest.warns(UserWarning, match="2 reviews are not UTF-8; the first: test/neg/0_7.txt"):
        X = read_reviews(folder)[2]
    assert "at the café" in X and "it’s bad" in X


def test_without_a_test_half_some_are_held_back(folder):
    shutil.rmtree(folder / "test")
    for verdict in ("pos", "neg"):
        for i in range(7):
            (folder / "train" / verdict / f"1{i}_9.txt").write_text(f"{verdict} {i}", "utf-8")
    with pytest.warns(UserWarning, match="no test reviews: a fifth .* is held back"):
        X_train, Y_train, X_test, Y_test = read_reviews(folder)
    assert (len(X_train), Y_train.sum(), len(X_test), Y_test.sum()) == (16, 8, 4, 2)
    assert not set(X_train) & set(X_test)


def test_what_is_not_there_is_named(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no file .*nowhere"):
        read_reviews(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="is a URL: download the file"):
        read_reviews("https://example.org/aclImdb_v1.tar.gz")
    with pytest.raises(ValueError, match="lacks reviews in .*give the folder above it"):
        read_reviews(folder / "train")
    with pytest.raises(ValueError, match="README is neither a folder nor a whole .tar.gz"):
        read_reviews(folder / "README")
    shutil.copytree(folder, tmp_path / "copy" / "aclImdb")
    with pytest.raises(ValueError, match="several places, choose one: aclImdb, copy/aclImdb"):
        read_reviews(tmp_path)
    for file in (folder / "test" / "neg").iterdir():
        file.unlink()
    with pytest.raises(ValueError, match="aclImdb lacks reviews in test/neg$"):
        read_reviews(folder)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.8, 0.95])
def test_an_archive_that_is_cut_short_is_never_taken_for_a_smaller_one(folder, tmp_path, part):
    whole = packed(folder, "acl.tar.gz").read_bytes()
    bare = gzip.decompress(whole).rstrip(b"\0")
    for content in (whole, bare):
        (tmp_path / "cut").write_bytes(content[: int(part * len(content))])
        with pytest.raises(ValueError, match="^cut is neither .*download it again"):
            read_reviews(tmp_path / "cut")
    (tmp_path / "whole.tar").write_bytes(gzip.decompress(whole))
    assert same(read_reviews(tmp_path / "whole.tar"), read_reviews(folder))


class Runs:
    """Leave a trace where it is unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def test_keras_s_file_is_read_and_runs_nothing(keras_files, tmp_path):
    ours, theirs = read_reviews(tmp_path / "imdb.npz"), read_reviews("keras")
    for X, Y in ((0, 1), (2, 3)):  # they come in another order
        assert dict(zip(ours[X], ours[Y], strict=True)) == dict(
            zip(theirs[X], theirs[Y], strict=True)
        )
    rows = np.empty(1, object)
    rows[0] = Runs(tmp_path / "trace")
    arrays = dict.fromkeys(("x_train", "x_test"), rows) | {"y_train": [1], "y_test": [1]}
    np.savez(tmp_path / "imdb.npz", **arrays)
    with pytest.raises(ValueError, match="x_train can't be opened: .*mkdir, which could run code"):
        read_reviews(tmp_path / "imdb.npz")
    assert not (tmp_path / "trace").exists()
    (tmp_path / "imdb_word_index.json").unlink()
    with pytest.raises(ValueError, match=r"put Keras's imdb_word_index\.json beside it"):
        read_reviews(tmp_path / "imdb.npz")
