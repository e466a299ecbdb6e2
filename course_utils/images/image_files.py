"""Read labelled images: CIFAR's batches as their authors publish them, or an .npz of your own."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile

from course_utils.files.opening import entries
from course_utils.files.pickled_arrays import load_plain
from course_utils.files.text import listed, say

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
SIDE = 32
_PIXELS = 3 * SIDE * SIDE
_BATCH = re.compile(
    r"(?P<above>(?:.*/)?)(?P<name>(data_batch_\d+|test_batch)(\.bin)?|(train|test)(\.bin)?"
    r"|(batches\.meta|meta)|(batches\.meta|fine_label_names)\.txt)"
)


@dataclass(frozen=True)
class Images:
    """Labelled images: x (m, H, W, 3) uint8, y (m, 1) labels, and the names of the classes."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    names: tuple[str, ...]


def read_images(path: Path) -> Images:
    """Read an .npz with x_train, y_train, x_test, y_test and perhaps label_names, or CIFAR's files.

    Raises ValueError that says what is missing or wrong.
    """
    if not _is_npz(path):
        return read_cifar(path)
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
    x_train, y_train, x_test, y_test = (found[name] for name in ARRAYS)
    return Images(x_train, y_train, x_test, y_test, names)


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
    """Read the arrays of an .npz, without unpickling anything."""
    wanted = ", ".join(ARRAYS)
    with np.load(path, allow_pickle=False) as file:
        if missing := [name for name in ARRAYS if name not in file.files]:
            there = ", ".join(file.files) or "nothing"
            raise ValueError(
                f"{path.name} lacks {', '.join(missing)}: expected {wanted}; found {there}"
            )
        named = [*ARRAYS, *({"label_names"} & set(file.files))]
        return {name: _array(file, name, path) for name in named}


def _array(file: NpzFile, name: str, path: Path) -> np.ndarray:
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
    """Return labels as (m, 1). Raises ValueError for anything else."""
    where = f"{name}: y_{part}"
    if y.size != len(x) or y.ndim > 2:
        raise ValueError(f"{where} has shape {y.shape} for {len(x)} images: expected a label each")
    if y.dtype.kind not in "iu" or y.min() < 0:
        raise ValueError(f"{where}: expected whole numbers from 0 on, one for each class")
    return y.reshape(-1, 1)


def read_cifar(path: Path) -> Images:
    """Read CIFAR-10, or CIFAR-100 with its 100 fine classes and a warning.

    path: the folder of the batches or one above it, or their .tar.gz: in the version for Python,
    whose pickles are opened for arrays and plain values only, or in the binary one.
    Raises ValueError that says what is missing or wrong.
    """
    if path.is_file() and _BATCH.fullmatch(path.name):
        raise ValueError(f"{path.name} is one batch: give the folder it lies in")
    found: dict[str, dict[str, bytes]] = {}  # folder -> file -> content
    seen = set()
    for entry in entries(path):
        seen.add(entry.name.partition("/")[0])
        if entry.is_file and (place := _BATCH.fullmatch(entry.name)):
            found.setdefault(place["above"], {})[place["name"]] = entry.read()
    sets = {above: files for above, files in found.items() if _parts(files)[0]}
    if len(sets) > 1:
        above = listed(sorted(name.strip("/") or "." for name in sets))
        raise ValueError(f"{path.name} holds several sets, choose one: {above}")
    if not sets:
        raise ValueError(
            f"{path.name} holds no data_batch files of CIFAR-10, but: {listed(sorted(seen))}"
        )
    (files,) = sets.values()
    train, test = _parts(files)
    if not test:
        raise ValueError(f"{path.name} lacks test_batch: unpack the whole .tar.gz again")
    hundred = "train" in files or "train.bin" in files
    if hundred:
        say(f"{path.name} is CIFAR-100: 100 classes, 500 images of each to train on")
    elif len(train) != 5:
        say(f"{path.name}: {len(train)} batches to train on instead of 5: {', '.join(train)}")
    batches = {name: _batch(files[name], name, hundred) for name in [*train, *test]}
    (x_train, y_train), (x_test, y_test) = (
        [np.concatenate([batches[name][k] for name in names]) for k in (0, 1)]
        for names in (train, test)
    )
    classes = 1 + int(max(y_train.max(), y_test.max()))
    return Images(x_train, y_train, x_test, y_test, _class_names(files, hundred, classes))


def _parts(files: dict[str, bytes]) -> tuple[list[str], list[str]]:
    """Return the names of the files to train on, and of those to test on."""
    return (
        sorted(name for name in files if name.startswith(("data_batch", "train"))),
        [name for name in files if name.startswith("test")],
    )


def _batch(content: bytes, name: str, hundred: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return (m, 32, 32, 3) bytes and (m, 1) labels of one file."""
    if name.endswith(".bin"):
        row = 1 + hundred + _PIXELS  # CIFAR-100 writes the coarse class first
        if not content or len(content) % row:
            raise ValueError(f"{name} is cut short: expected images of {row} bytes each")
        table = np.frombuffer(content, np.uint8).reshape(-1, row)
        pixels, labels = table[:, -_PIXELS:], table[:, -_PIXELS - 1]
    else:
        batch = load_plain(content, name)
        key = "fine_labels" if hundred else "labels"
        if not isinstance(batch, dict) or not {"data", key} <= set(batch):
            raise ValueError(f"{name} is not a batch of CIFAR: expected a dict of data and {key}")
        pixels, labels = np.asarray(batch["data"]), np.asarray(batch[key])
    shaped = pixels.shape == (len(labels), _PIXELS) and pixels.dtype == np.uint8
    if not shaped or labels.dtype.kind not in "iu":
        raise ValueError(
            f"{name} holds {pixels.dtype} of shape {pixels.shape} and {labels.shape} labels: "
            f"expected bytes, (m, {_PIXELS}), and m whole numbers"
        )
    x = pixels.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(x), labels.reshape(-1, 1).astype(np.int64)


def _class_names(files: dict[str, bytes], hundred: bool, classes: int) -> tuple[str, ...]:
    """Return the names in the file beside the batches, or numbers if there is none."""
    pickled = files.get("meta" if hundred else "batches.meta")
    text = files.get("fine_label_names.txt" if hundred else "batches.meta.txt")
    names: tuple[str, ...] = ()
    if pickled is not None:
        meta = load_plain(pickled, "batches.meta")
        if isinstance(meta, dict):
            names = tuple(map(str, meta.get("fine_label_names" if hundred else "label_names", ())))
    elif text is not None:
        names = tuple(text.decode(errors="replace").split())
    return names if len(names) >= classes else tuple(map(str, range(classes)))
