"""Lay out the only part of this package that a worker may see."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from ... import PACKAGE
from .inside.resources import remove

_PREFIX, _LOCK = "course-staged-", ".in-use"

# An allow-list: what is not named here does not exist for a submission.
INSIDE = "grading/sandbox/inside"
HELPERS = (
    *("__init__.py", "*_utils.py", "training.py", "results.py", "data.py", "demos/__init__.py"),
    *("files/*.py", "vectors/*.py", "music/*.py", "reviews/*.py", "emojis/*.py", "images/*.py"),
    *("translation/*.py", "characters/*.py", "plots/*.py"),
)
WORKER = (
    *("observing/*.py", "grading/__init__.py", "grading/sandbox/__init__.py"),
    f"{INSIDE}/*.py",
)


def staged_folder() -> tuple[Path, BinaryIO]:
    """Stage in a new folder; return it and a file that must stay open as long as it is needed.

    Folders of runs that were killed are deleted: nobody holds the lock on their file any more.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError), (left / _LOCK).open("rb") as held:
            if left.stat().st_uid == os.geteuid() and _lock(held):
                remove(left)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = (folder / "new").open("wb")
    _lock(lock)
    (folder / "new").rename(folder / _LOCK)  # only now can others find it
    try:
        return stage(folder), lock
    except OSError as error:  # a full disk, say
        lock.close()
        remove(folder)
        why = error.args[0][0][2] if isinstance(error, shutil.Error) else error.strerror
        text = f"cannot copy what submissions need to {folder.parent} ({why}): make room there"
        raise OSError(text) from None


def _lock(file: BinaryIO) -> bool:
    """Lock a file until this process and its forks have closed it; return False if it is taken."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def stage(folder: Path) -> Path:
    """Copy the helpers and the worker into `folder`/course_utils and return `folder`."""
    target = folder / PACKAGE.name
    for pattern in (*HELPERS, *WORKER):
        for source in PACKAGE.glob(pattern):
            _copy(source, target / source.relative_to(PACKAGE))
    _copy(PACKAGE / INSIDE / "check_stub.py", target / "check.py")
    for demo in PACKAGE.glob("demos/[!_]*.py"):  # they hold answers: only their names are there
        _copy(PACKAGE / INSIDE / "demo_stub.py", target / "demos" / demo.name)
    if (PACKAGE.parent / "data").is_dir():  # a set-up cell may open the course's own sentences
        shutil.copytree(PACKAGE.parent / "data", folder / "data", dirs_exist_ok=True)
    _stage_fonts(folder)
    return folder


def _copy(source: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, copy)


def _stage_fonts(folder: Path) -> None:
    """Copy matplotlib's list of fonts: a worker without one spends seconds on making it."""
    from matplotlib import get_cachedir

    lists = list(Path(get_cachedir()).glob("fontlist-*.json"))
    if not lists:
        from matplotlib import font_manager  # importing it makes the list, and takes its time

        assert font_manager.fontManager
        lists = list(Path(get_cachedir()).glob("fontlist-*.json"))
    for fonts in lists:
        shutil.copyfile(fonts, folder / fonts.name)
