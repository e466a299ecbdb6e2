"""Read CIFAR-10 and CIFAR-100 as their authors publish them: batches in a folder or a .tar.gz."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from course_utils.files.opening import entries
from course_utils.files.pickled_arrays import load_plain
from course_utils.files.text import listed, say

SIDE = 32
_PIXELS = 3 * SIDE * SIDE
_BATCH = re.compile(
    r"(?P<above>(?:.*/)?)(?P<name>(data_batch_\d+|test_batch)(\.bin)?|(train|test)(\.bin)?"
    r"|(batches\.meta|meta)|(batches\.meta|fine_label_names)\.txt)"
)

Part = tuple[np.ndarray, np.ndarray]


def read_cifar(path: Path) -> tuple[Part, Part, tuple[str, ...]]:
    """Return (x, y) to train on, (x, y) to test on, and the names of the classes.

    path: the folder of the batches or one above it, or their .tar.gz: the form for Python, whose
    pickles are opened for arrays and plain values only, or the binary one. x: (m, 32, 32, 3)
    uint8; y: (m, 1). CIFAR-100 gives its 100 fine classes, and a warning.
    Raises ValueError that says what is missing, or not as it should be.
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
    parts = [tuple(map(np.concatenate, zip(*map(batches.get, names), strict=True)))
             for names in (train, test)]  # fmt: skip
    return *parts, _class_names(files, hundred, parts)


def _parts(files: dict[str, bytes]) -> tuple[list[str], list[str]]:
    """Return the names of the files to train on, and of those to test on."""
    return (
        sorted(name for name in files if name.startswith(("data_batch", "train"))),
        [name for name in files if name.startswith("test")],
    )


def _batch(content: bytes, name: str, hundred: bool) -> Part:
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


def _class_names(files: dict[str, bytes], hundred: bool, parts) -> tuple[str, ...]:
    """Return the names in the file beside the batches, or numbers where there is none."""
    pickled = files.get("meta" if hundred else "batches.meta")
    text = files.get("fine_label_names.txt" if hundred else "batches.meta.txt")
    names: tuple[str, ...] = ()
    if pickled is not None:
        meta = load_plain(pickled, "batches.meta")
        if isinstance(meta, dict):
            names = tuple(map(str, meta.get("fine_label_names" if hundred else "label_names", ())))
    elif text is not None:
        names = tuple(text.decode(errors="replace").split())
    classes = 1 + int(max(y.max() for _, y in parts))
    return names if len(names) >= classes else tuple(map(str, range(classes)))
