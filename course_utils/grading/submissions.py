"""Find submissions in the usual layouts; nothing outside the place pointed at is followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..exercises import stems
from .reading import MAX_MB, Unreadable

_DEPTH = 4  # submitted/<student>/<assignment>/<notebook>


class NothingToGrade(ValueError):
    """There is no submission where the caller pointed."""


@dataclass(frozen=True)
class Submission:
    """One notebook of one student; `file` is its path below the place, "/" between the parts."""

    student: str
    file: str
    path: Path = field(default_factory=Path)
    problem: str = ""  # why it cannot be read, where that is known from finding it

    def read(self) -> bytes:
        """Return the notebook's bytes; raises Unreadable."""
        if self.problem:
            raise Unreadable(self.problem)
        try:
            if self.path.stat().st_size > MAX_MB * 2**20:
                raise Unreadable(f"is larger than {MAX_MB} MB")
            return self.path.read_bytes()
        except OSError as error:
            raise Unreadable(f"cannot be opened: {error.strerror or error}") from None


def find_submissions(place: Path) -> list[Submission]:
    """Find notebooks below a folder, or take one notebook.

    Known are `<student>/<notebook>.ipynb`, nbgrader's `submitted/<student>/<assignment>/` with or
    without its first folder, and a flat folder of `<student>_<assignment>.ipynb`. A loose notebook
    named otherwise belongs to a student named like its folder. Raises NothingToGrade.
    """
    if place.is_file():
        return [Submission(place.resolve().parent.name, place.name, place)]
    if not place.exists():
        raise NothingToGrade(f"{place} does not exist: name a folder of notebooks, or a notebook")
    found = [_submission(place, path) for path in _notebooks(place, _DEPTH)]
    if not found:
        raise NothingToGrade(
            f"no notebooks in {place}: looked for *.ipynb, <student>/<notebook>.ipynb and "
            "submitted/<student>/<assignment>/<notebook>.ipynb"
        )
    return sorted(found, key=lambda s: (s.student, s.file))


def _notebooks(folder: Path, depth: int) -> Iterator[Path]:
    """List the notebooks below a folder, but for hidden ones; folders that are links are left."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.suffix == ".ipynb" and (entry.is_symlink() or not entry.is_dir()):
            yield entry
        elif entry.is_dir() and not entry.is_symlink() and depth > 1:
            yield from _notebooks(entry, depth - 1)


def _submission(place: Path, path: Path) -> Submission:
    parts = path.relative_to(place).parts
    problem = ""
    if path.is_symlink():
        problem = "is a symbolic link, which is not followed: hand in the notebook itself"
    elif not path.is_file():
        problem = "is no regular file"
    return Submission(student_of(parts, place.resolve().name), "/".join(parts), path, problem)


def student_of(parts: tuple[str, ...], otherwise: str) -> str:
    """Tell whose a notebook is from its path below the place."""
    if len(parts) > 2 and parts[0] == "submitted":
        parts = parts[1:]
    if len(parts) > 1:
        return parts[0]
    for stem in stems():
        if found := re.match(r"(.+?)[\s_-]+" + re.escape(stem) + r"(\W.*)?$", Path(parts[0]).stem):
            return found[1]
    return otherwise
