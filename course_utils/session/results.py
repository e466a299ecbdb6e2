"""Remember what checks found, in a small file beside the learner's notebooks.

`work/results.json` holds one JSON object. Its "exercises" map the name of an exercise to its last
check: "status", "points", "of", "checked" (UTC) and "answer", a digest of the cell that was judged.
Nothing else is in it, nothing is sent anywhere, and without it the course counts anew. Kernels of
several notebooks write it in turn, each by replacing the whole file. Outside of the folder `work`
a kernel remembers for itself alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from .. import PACKAGE
from . import runs

VARIABLE = "COURSE_WORK"  # names the learner's folder, where it is not `work` in the checkout
FILE = "results.json"
FORMAT = 1
ABOUT = "Results of checks. Delete this file to count anew. Nothing leaves this machine."

_here: dict[str, Remembered] = {}  # what a kernel outside of the learner's folder remembers


@dataclass(frozen=True)
class Remembered:
    """The last check of an exercise."""

    status: str
    points: int
    of: int
    checked: str = ""
    answer: str = ""  # digest of the cell that was judged, "" if it is not known

    @property
    def passed(self) -> bool:
        """Return True if every criterion was met."""
        return self.status == "passed"


def work_folder() -> Path:
    """Return the folder of the learner's own notebooks, which may not exist yet."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else PACKAGE.parent / "work"


def file_in_use() -> Path | None:
    """Return the file that this kernel remembers in, None if it remembers by itself."""
    work = work_folder()
    return work / FILE if work.is_dir() and runs.folder().is_relative_to(work.resolve()) else None


def digest(source: str) -> str:
    """Return a short digest of an answer's cell, the same with blank lines around it."""
    return hashlib.sha256(source.strip().encode("utf-8", "replace")).hexdigest()[:16]


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def recall(file: Path | None = None) -> dict[str, Remembered]:
    """Return the last check of each exercise; what cannot be read is not there."""
    file = file or file_in_use()
    if file is None:
        return dict(_here)
    try:
        entries = json.loads(file.read_bytes())["exercises"].items()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: entry for name, found in entries for entry in _entries(found)}


def _entries(found: object) -> Iterator[Remembered]:
    kinds = {"status": str, "points": int, "of": int, "checked": str, "answer": str}
    if isinstance(found, Mapping) and all(
        isinstance(found.get(key), kind) for key, kind in kinds.items()
    ):
        yield Remembered(**{key: found[key] for key in kinds})


def remember(name: str, check: Remembered) -> None:
    """Keep the last check of an exercise; raises OSError if the file cannot be written."""
    _change(lambda found: found | {name: check})


def forget(names: Iterable[str], file: Path) -> None:
    """Drop what is remembered of these exercises; raises OSError if that cannot be written."""
    gone = set(names)
    if gone & set(recall(file)):
        _change(lambda found: {n: check for n, check in found.items() if n not in gone}, file)


def _change(
    change: Callable[[dict[str, Remembered]], dict[str, Remembered]], file: Path | None = None
) -> None:
    global _here
    file = file or file_in_use()
    if file is None:
        _here = change(_here)
        return
    with _locked(file.parent):
        _set_aside_if_unreadable(file)
        found = {name: asdict(check) for name, check in sorted(change(recall(file)).items())}
        text = json.dumps({"about": ABOUT, "format": FORMAT, "exercises": found}, indent=1)
        replace(file, (text + "\n").encode())


def _set_aside_if_unreadable(file: Path) -> None:
    try:
        read = json.loads(file.read_bytes())
        usable = isinstance(read["exercises"], dict) and read.get("format") == FORMAT
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError):
        usable = False
    if not usable:
        os.replace(file, file.with_suffix(".unreadable.json"))


def replace(file: Path, content: bytes) -> None:
    """Write a file in one step: a reader, or a crash, finds the old or the new one."""
    file = file.resolve()  # a link stays one
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        os.chmod(name, file.stat().st_mode & 0o777 if file.exists() else 0o644)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def create(file: Path, content: bytes) -> None:
    """Write a file that is not there yet, whole or not at all; raises FileExistsError."""
    with file.open("xb") as new:
        try:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        except BaseException:
            file.unlink()
            raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Wait until no other process of this learner changes the folder's results."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
