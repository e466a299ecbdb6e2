"""Images: the tiles and their split, what a file may hold, and what is said of bad ones."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from course_utils.image_tiles import CELL, GAP, PER_CLASS, SIDE, SOURCES, cells, make_tiles
from course_utils.image_utils import load_images, nearest_mean_colour
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
