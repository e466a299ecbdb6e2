"""Keep what every known mistake gives on the cases that feedback is about, and how it is wired.

Running the mistakes takes seconds where they build networks. So `course seal` runs them once, into
a folder of the user's cache that no submission can read, under a hash of all that decides the
result; a check then looks them up. What is not sealed is computed when it is needed.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from .. import PACKAGE
from ..judging.compare import Folded, folded
from ..judging.drawn_cases import Parts, Trial
from ..judging.model import Exercise
from ..vectors.disk_cache import cache_root, is_sealed, sealed_folder
from . import find, module_files

DECIDES = (
    *("judging/compare.py", "judging/drawn_cases.py", "observing/errors.py", "observing/probes.py"),
    *("observing/keras_*.py", "observing/plain_data.py", "exercises/sealed.py"),
)


def sealed_root() -> Path:
    """Return the folder that all sealed mistakes are kept in; it may not be there yet."""
    return cache_root() / "mistakes"


def shown(exercise: Exercise) -> Trial:
    """Return the cases that feedback is about, the same in every run, with what is sealed of them.

    They give no points: an answer may know them.
    """
    trial = Trial(exercise, np.random.default_rng([zlib.crc32(exercise.name.encode())]))
    folder = sealed_root() / _key(exercise)
    if is_sealed(folder):
        wirings = json.loads((folder / "wirings.json").read_text("utf-8"))
        forms = _wired_forms(exercise)
        known = {
            (f, i): one for f, its in zip(forms, wirings, strict=True) for i, one in enumerate(its)
        }
        trial.remember(_read(exercise, folder), known)
    return trial


def seal(exercise: Exercise) -> bool:
    """Run every known mistake of an exercise and keep what it gives; False if that was done before.

    Raises OSError if the cache cannot be written.
    """
    key = _key(exercise)
    if is_sealed(sealed_root() / key):
        return False
    sealed_folder(f"{sealed_root().name}/{key}", lambda folder: _write(exercise, folder))
    return True


@cache
def _versions() -> str:
    return " ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "keras"))


def _key(exercise: Exercise) -> str:
    """Name the folder after a hash of the sources and versions that decide what is in it."""
    stem = find(exercise.name)[0].stem
    forms = [f"{mistake.name} {len(mistake.forms())}" for mistake in exercise.misconceptions]
    digest = hashlib.sha256("\n".join([_versions(), *forms]).encode())
    for path in sorted({*module_files(stem), *(p for g in DECIDES for p in PACKAGE.glob(g))}):
        digest.update(path.read_bytes())
    return f"{exercise.name}-{digest.hexdigest()[:24]}"


def _write(exercise: Exercise, folder: Path) -> None:
    trial, table = shown(exercise), []
    numbers: list[np.ndarray] = []
    for _, form in exercise.wrong_forms():
        with np.errstate(all="ignore"):
            its = [trial.mistake(form, i) for i in range(len(trial.cases))]
        table.append([_row(parts, numbers) for parts in its])
    np.save(folder / "numbers.npy", np.concatenate([np.zeros(0, np.float32), *numbers]))
    (folder / "parts.json").write_text(json.dumps(table, separators=(",", ":")), "utf-8")
    cases = range(len(trial.cases))
    wirings = [[trial.wirings(i, form) for i in cases] for form in _wired_forms(exercise)]
    (folder / "wirings.json").write_text(json.dumps(wirings), "utf-8")


def _wired_forms(exercise: Exercise) -> list[Callable | None]:
    return [None, *(form for _, form in exercise.wrong_forms())]


def _row(parts: Parts, numbers: list[np.ndarray]) -> dict[str, Any]:
    """Write down the wrong parts: how an array is folded, or what else stands there."""
    row: dict[str, Any] = {}
    for name, (ok, value) in parts.items():
        if ok:
            continue
        kept = folded(value) if isinstance(value, np.ndarray) else None
        if kept is None:
            texts = isinstance(value, np.ndarray)
            row[name] = {"texts": value.tolist()} if texts else {"said": value}
        else:
            row[name] = {"kind": kept.kind, "shape": kept.shape, "n": len(kept.numbers)}
            numbers.append(kept.numbers)
    return row


def _read(exercise: Exercise, folder: Path) -> dict[tuple, Parts]:
    numbers = np.load(folder / "numbers.npy", allow_pickle=False)
    table = json.loads((folder / "parts.json").read_text("utf-8"))
    place, found = 0, {}
    for (_, form), rows in zip(exercise.wrong_forms(), table, strict=True):
        for i, row in enumerate(rows):
            parts: Parts = {}
            for name, kept in row.items():
                if "kind" in kept:
                    part = numbers[place : place + kept["n"]]
                    place += kept["n"]
                    parts[name] = False, Folded(kept["kind"], tuple(kept["shape"]), part)
                else:
                    parts[name] = (
                        False,
                        np.array(kept["texts"]) if "texts" in kept else kept["said"],
                    )
            found[form, i] = parts
    return found


def unsealed(exercises: Iterable[Exercise]) -> list[Exercise]:
    """List the exercises that `seal` would have to work on."""
    return [each for each in exercises if not is_sealed(sealed_root() / _key(each))]
