"""Images: the tiles and their split, what a file may hold, and what is said of bad ones."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import tarfile
from functools import cache

import numpy as np
import pytest

from course_utils.image_utils import load_images, nearest_mean_colour
from course_utils.images.photo_tiles import CELL, GAP, PER_CLASS, SIDE, SOURCES, cells, make_tiles
from tests.conftest import ROOT

SAMPLE = ROOT.parent / "shared" / "datasets" / "cifar10_sample.npz"


@cache
def tiles():
    return load_images()


@pytest.fixture
def write(tmp_path):
    """Return a function that writes an .npz, right but for what is given."""

    def write(**changed):
        rng = np.random.default_rng(0)
        arrays = {
            "x_train": rng.integers(0, 256, (6, 8, 9, 3), dtype=np.uint8),
            "y_train": np.arange(6) % 3,
            "x_test": rng.integers(0, 256, (2, 8, 9, 3), dtype=np.uint8),
            "y_test": np.array([[1], [2]], np.uint8),
        } | changed
        path = tmp_path / "mine.npz"
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
        return path

    return write


# the tiles


def test_the_tiles_have_the_form_of_cifar10():
    found = tiles()
    for x, y, each in (
        (found.x_train, found.y_train, PER_CLASS["train"]),
        (found.x_test, found.y_test, PER_CLASS["test"]),
    ):
        assert x.shape == (10 * each, SIDE, SIDE, 3) and x.dtype == np.uint8
        assert y.shape == (10 * each, 1)
        assert np.bincount(y[:, 0]).tolist() == [each] * 10
    assert found.names == tuple(SOURCES) == tuple(sorted(SOURCES))


def test_the_tiles_are_the_same_every_time():
    x, y = make_tiles("test")
    np.testing.assert_array_equal(x, tiles().x_test)
    np.testing.assert_array_equal(y, tiles().y_test)


@pytest.mark.parametrize("size", [(172, 448), (191, 384), (300, 451), (872, 1000)])
def test_cells_to_train_on_and_to_test_on_never_meet(size):
    taken = np.zeros(size, int)
    for number, part in enumerate(("train", "test"), start=1):
        for top, left in cells(*size, part):
            assert top + CELL <= size[0] and left + CELL <= size[1]
            # the cell with half the gap around it
            area = taken[max(0, top - GAP // 2) : top + CELL + GAP // 2,
                         max(0, left - GAP // 2) : left + CELL + GAP // 2]  # fmt: skip
            assert not area.any()
            area[:] = number
    assert 0.1 < (taken == 2).sum() / (taken > 0).sum() < 0.4


def test_neither_brightness_nor_colour_gives_the_class_away():
    found = tiles()
    guess = nearest_mean_colour(found.x_train, found.y_train, found.x_test)
    assert np.mean(guess == found.y_test[:, 0]) < 0.25


def test_the_nearest_mean_colour():
    x = np.zeros((4, 2, 2, 3), np.uint8)
    x[2:] = (200, 0, 0)
    new = np.full((1, 2, 2, 3), (180, 10, 0), np.uint8)
    assert nearest_mean_colour(x, [[4], [4], [7], [7]], new).tolist() == [7]


# files


def test_a_file_is_opened_with_names_or_without(write):
    found = load_images(write())
    assert found.y_train.tolist() == [[0], [1], [2], [0], [1], [2]]
    assert found.names == ("0", "1", "2")
    named = load_images(str(write(label_names=np.array(["a", "b", "c", "d"]))))
    assert named.names == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"y_test": None}, "lacks y_test: expected x_train.*found x_train, y_train, x_test"),
        ({"x_train": np.zeros((6, 8, 9), np.uint8)}, r"x_train has shape \(6, 8, 9\)"),
        ({"x_train": np.zeros((0, 8, 9, 3), np.uint8)}, r"shape \(0, 8, 9, 3\).*m > 0"),
        ({"x_train": np.zeros((6, 8, 9, 3))}, r"is float64: expected bytes from 0 to 255"),
        ({"x_test": np.zeros((2, 9, 9, 3), np.uint8)}, r"differ in size, \(8, 9, 3\) and \(9"),
        ({"y_train": np.zeros(5, int)}, r"y_train has shape \(5,\) for 6 images"),
        ({"y_train": np.zeros((6, 3), int)}, r"y_train has shape \(6, 3\) for 6 images"),
        ({"y_train": np.full(6, -1)}, "whole numbers from 0 on"),
        ({"y_train": np.full(6, 0.5)}, "whole numbers from 0 on"),
        ({"label_names": np.array(["a", "b"])}, "label 2, but only 2 label_names"),
        ({"label_names": np.array(["a", None])}, "label_names holds Python objects.*dtype=str"),
    ],
)
def test_what_is_refused(write, changed, said):
    with pytest.raises(ValueError, match=r"^mine\.npz(?s:.*)" + said):
        load_images(write(**changed))


def test_what_is_no_npz_is_refused(tmp_path, write):
    path = tmp_path / "other.npz"
    np.save(tmp_path / "one.npy", np.zeros(3))
    for content in (b"", b"hello", (tmp_path / "one.npy").read_bytes(), write().read_bytes()[:99]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"other\.npz is not an \.npz file"):
            load_images(path)


def test_a_damaged_file_is_refused(write):
    path = write()
    whole = bytearray(path.read_bytes())
    whole[300] ^= 255
    path.write_bytes(bytes(whole))
    with pytest.raises(ValueError, match="x_train can't be read"):
        load_images(path)


def test_a_missing_file_says_what_there_is(tmp_path):
    with pytest.raises(FileNotFoundError, match=re.escape('load_images("cifar10")')):
        load_images(tmp_path / "none.npz")


# CIFAR as it is published


def batch(m, seed, key="labels"):
    rng = np.random.default_rng(seed)
    data = rng.integers(0, 256, (m, 3072), dtype=np.uint8)
    return {"data": data, key: rng.permutation(m).tolist(), "filenames": ["a.png"] * m}


def write_cifar(folder, protocol=2, binary=False):
    """Write small batches in the form for Python or the binary one; return what they hold."""
    folder.mkdir(parents=True)
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    batches = [batch(10, seed) for seed in range(6)]
    for name, content in zip(names, batches, strict=True):
        if binary:
            labels = np.array(content["labels"], np.uint8)[:, None]
            table = np.concatenate([labels, content["data"]], axis=1)
            (folder / f"{name}.bin").write_bytes(table.tobytes())
        else:
            (folder / name).write_bytes(pickle.dumps(content, protocol))
    if binary:
        (folder / "batches.meta.txt").write_text("\n".join("abcdefghij") + "\n\n")
    else:
        meta = {"label_names": list("abcdefghij"), "num_vis": 3072}
        (folder / "batches.meta").write_bytes(pickle.dumps(meta, protocol))
    (folder / "readme.html").write_text("<html>")
    return batches


@pytest.mark.parametrize(
    "options", [{"protocol": 2}, {"protocol": 4}, {"protocol": 5}, {"binary": True}]
)
def test_the_batches_of_cifar10_are_read(tmp_path, options):
    folder = tmp_path / "data" / "cifar-10-batches"
    *train, test = write_cifar(folder, **options)
    with tarfile.open(tmp_path / "cifar.tar.gz", "w:gz") as archive:
        archive.add(folder, folder.name)
    for path in (folder, folder.parent, tmp_path / "cifar.tar.gz"):
        found = load_images(path)
        assert found.names == tuple("abcdefghij")
        assert found.y_train[:, 0].tolist() == [y for each in train for y in each["labels"]]
        assert found.y_test[:, 0].tolist() == test["labels"] and found.x_test.dtype == np.uint8
        assert found.x_train.shape == (50, 32, 32, 3)
        for row, column, colour in ((0, 0, 0), (5, 7, 2), (31, 30, 1)):
            pixel = test["data"][3, 1024 * colour + 32 * row + column]
            assert found.x_test[3, row, column, colour] == pixel


def test_cifar100_given_instead_is_read_and_said(tmp_path):
    names = {"fine_label_names": [f"class {i}" for i in range(100)]}
    for name, content in (
        ("train", batch(100, 0, "fine_labels") | {"coarse_labels": [0] * 100}),
        ("test", batch(100, 1, "fine_labels")),
        ("meta", names),
    ):
        (tmp_path / name).write_bytes(pickle.dumps(content, 2))
    with pytest.warns(UserWarning, match="is CIFAR-100: 100 classes"):
        found = load_images(tmp_path)
    assert found.names[42] == "class 42" and sorted(found.y_test[:, 0]) == list(range(100))


def test_what_is_wrong_with_batches_is_said(tmp_path):
    folder = tmp_path / "cifar"
    write_cifar(folder)
    with pytest.raises(ValueError, match="data_batch_1 is one batch: give the folder"):
        load_images(folder / "data_batch_1")
    first = (folder / "data_batch_1").read_bytes()
    for content, said in (
        ({"data": np.zeros((2, 3072))}, "expected a dict of data and labels"),
        ({"data": np.zeros((2, 3072)), "labels": [0, 1]}, "float64 of shape"),
        ({"data": np.zeros((2, 3072), np.uint8), "labels": [0]}, r"and \(1,\) labels"),
        ([os.getcwd], "posix.getcwd, which could run code|nt.getcwd"),
    ):
        (folder / "data_batch_1").write_bytes(pickle.dumps(content))
        with pytest.raises(ValueError, match=f"^data_batch_1 .*(?:{said})"):
            load_images(folder)
    (folder / "data_batch_1").write_bytes(b"\x80\x02cut")
    with pytest.raises(ValueError, match="data_batch_1 can't be opened"):
        load_images(folder)
    (folder / "data_batch_1").write_bytes(first)
    (folder / "data_batch_2").unlink()
    with pytest.warns(UserWarning, match="4 batches to train on instead of 5: data_batch_1, data"):
        assert len(load_images(folder).x_train) == 40
    (folder / "test_batch").unlink()
    with pytest.raises(ValueError, match="lacks test_batch"):
        load_images(folder)
    with pytest.raises(ValueError, match="holds no data_batch files of CIFAR-10, but: a.png, b"):
        (tmp_path / "pictures" / "b").mkdir(parents=True)
        (tmp_path / "pictures" / "a.png").write_bytes(b"")
        load_images(tmp_path / "pictures")
    with pytest.raises(ValueError, match="is neither a folder nor a whole .tar.gz"):
        load_images(tmp_path / "pictures" / "a.png")


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the CIFAR-10 sample is not beside the checkout")
def test_real_cifar10_images_are_opened():
    found = load_images(SAMPLE)
    assert found.x_train.shape == (10000, 32, 32, 3) and found.x_test.shape == (2000, 32, 32, 3)
    assert np.bincount(found.y_test[:, 0]).tolist() == [200] * 10
    assert found.names[0] == "airplane" and len(found.names) == 10


def test_importing_loads_numpy_and_nothing_heavy():
    code = "import sys, course_utils.image_utils; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    heavy = {"tensorflow", "keras", "matplotlib", "PIL", "skimage", "sklearn", "pandas"}
    assert "numpy" in loaded and not heavy & set(loaded)
