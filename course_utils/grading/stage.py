"""Lay out the only part of this package that a worker may see."""

from __future__ import annotations

import shutil
from pathlib import Path

PACKAGE = Path(__file__).parent.parent

# An allow-list: what is not named here does not exist for a submission.
HELPERS = (
    "__init__.py",
    "*_utils.py",
    "data_*.py",
    "emo_*.py",
    "glove_*.py",
    "music_*.py",
    "image_*.py",
    "translation_*.py",
    "training.py",
    "results.py",
    "data.py",
    "plots/*.py",
)
WORKER = (
    "grading/__init__.py",
    "grading/probes.py",
    "grading/reduced.py",
    "grading/keras_probes.py",
    "grading/keras_graphs.py",
    "grading/keras_on_numpy.py",
    "grading/wire.py",
    "grading/worker.py",
    "grading/rehearsal.py",
    "grading/channel.py",
    "grading/template.py",
    "grading/warden.py",
    "grading/holding.py",
    "grading/confine.py",
    "grading/landlock.py",
    "grading/private_root.py",
    "grading/seccomp.py",
)


def stage(folder: Path) -> Path:
    """Copy the helpers and the worker into `folder`/course_utils and return `folder`."""
    target = folder / PACKAGE.name
    for pattern in (*HELPERS, *WORKER):
        for source in PACKAGE.glob(pattern):
            copy = target / source.relative_to(PACKAGE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    shutil.copyfile(PACKAGE / "grading" / "standin.py", target / "check.py")
    if (PACKAGE.parent / "data").is_dir():  # a set-up cell may open the course's own sentences
        shutil.copytree(PACKAGE.parent / "data", folder / "data", dirs_exist_ok=True)
    _stage_fonts(folder)
    return folder


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
