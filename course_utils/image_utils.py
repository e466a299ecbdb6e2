"""Open labelled images: the course's own tiles, CIFAR-10, or an .npz file of your own."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.files.opening import find
from course_utils.images.photo_tiles import SOURCES, make_tiles

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
CIFAR10 = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)


@dataclass(frozen=True)
class Images:
    """Labelled images: x (m, H, W, 3) uint8, y (m, 1) labels, and the names of the classes."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    names: tuple[str, ...]


def load_images(source: str | Path | None = None) -> Images:
    """Open the course's photo tiles, CIFAR-10, or any .npz file of colour images.

    source: None for the tiles; "cifar10" for Keras's download of it; the path of its batches, for
    Python or binary, a folder or a .tar.gz; or the path of an .npz that holds x_train, y_train,
    x_test, y_test, and perhaps label_names.
    Raises FileNotFoundError; ValueError that says what is wrong with the file.
    """
    if source is None:
        return Images(*make_tiles("train"), *make_tiles("test"), tuple(SOURCES))
    if source == "cifar10":
        from keras import datasets  # lazy: TensorFlow

        (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data()
        return Images(x_train, y_train, x_test, y_test, CIFAR10)
    instead = 'load_images() opens our own tiles, load_images("cifar10") downloads CIFAR-10.'
    return _from_file(find(source, instead, folder=True))


def _from_file(path: Path) -> Images:
    if not _is_npz(path):
        from course_utils.images.cifar import read_cifar

        train, test, names = read_cifar(path)
        return Images(*train, *test, names)
    found = _arrays(path)
    for part in ("train", "test"):
        _check_images(found[f"x_{part}"], f"{path.name}: x_{part}")
        found[f"y_{part}"] = _labels(found[f"y_{part}"], found[f"x_{part}"], path.name, part)
    if found["x_train"].shape[1:] != found["x_test"].shape[1:]:
        sizes = " and ".join(str(found[f"x_{part}"].shape[1:]) for part in ("train", "test"))
        raise ValueError(
            f"{path.name}: images for training and for testing differ in size, {sizes}"
        )
    classes = 1 + int(max(found["y_train"].max(), found["y_test"].max()))
    names = tuple(map(str, found.get("label_names", range(classes))))
    if classes > len(names):
        raise ValueError(f"{path.name}: label {classes - 1}, but only {len(names)} label_names")
    return Images(*(found[name] for name in ARRAYS), names)


def _is_npz(path: Path) -> bool:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if any(name.endswith(".npy") for name in archive.namelist()):
                return True
    if path.suffix.lower() == ".npz":
        wanted = ", ".join(ARRAYS)
        raise ValueError(f"{path.name} is not an .npz file (or not a whole one): expected {wanted}")
    return False


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz, nothing that would have to be unpickled."""
    wanted = ", ".join(ARRAYS)
    with np.load(path, allow_pickle=False) as file:
        if missing := [name for name in ARRAYS if name not in file.files]:
            there = ", ".join(file.files) or "nothing"
            raise ValueError(
                f"{path.name} lacks {', '.join(missing)}: expected {wanted}; found {there}"
            )
        named = [*ARRAYS, *({"label_names"} & set(file.files))]
        return {name: _array(file, name, path) for name in named}


def _array(file, name: str, path: Path) -> np.ndarray:
    try:
        return file[name]
    except (ValueError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        if "Object arrays" not in str(error):
            raise ValueError(f"{path.name}: {name} can't be read ({error})") from None
        # NumPy refuses objects, which could run code when they are read
        raise ValueError(
            f"{path.name}: {name} holds Python objects, which are not opened; save it again as "
            "plain text or numbers, for example np.array(label_names, dtype=str)"
        ) from None


def _check_images(x: np.ndarray, where: str) -> None:
    if x.ndim != 4 or x.shape[-1] != 3 or 0 in x.shape:
        raise ValueError(f"{where} has shape {x.shape}: expected (m, height, width, 3), m > 0")
    if x.dtype != np.uint8:
        raise ValueError(f"{where} is {x.dtype}: expected bytes from 0 to 255 (uint8)")


def _labels(y: np.ndarray, x: np.ndarray, name: str, part: str) -> np.ndarray:
    """Return labels as (m, 1); refuse what are no labels."""
    where = f"{name}: y_{part}"
    if y.size != len(x) or y.ndim > 2:
        raise ValueError(f"{where} has shape {y.shape} for {len(x)} images: expected a label each")
    if y.dtype.kind not in "iu" or y.min() < 0:
        raise ValueError(f"{where}: expected whole numbers from 0 on, one for each class")
    return y.reshape(-1, 1)


def mean_colours(x: np.ndarray) -> np.ndarray:
    """Return the mean colour of each image (m, H, W, 3): (m, 3)."""
    return np.asarray(x, np.float64).mean(axis=(1, 2))


def nearest_mean_colour(x_train: np.ndarray, y_train: Sequence[int], x: np.ndarray) -> np.ndarray:
    """Guess the class whose mean colour is nearest to an image's: (m,) labels, with no network.

    x_train, x: (m, H, W, 3). y_train: (m,) or (m, 1) labels.
    """
    labels = np.unique(y_train)
    colours, y = mean_colours(x_train), np.ravel(y_train)
    centres = np.array([colours[y == label].mean(axis=0) for label in labels])  # (classes, 3)
    apart = np.linalg.norm(mean_colours(x)[:, None] - centres, axis=2)  # (m, classes)
    return labels[apart.argmin(axis=1)]
