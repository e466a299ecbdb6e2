"""Find submissions in the usual layouts; nothing outside the place pointed at is followed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from ..exercises import stems
from ..exercises.result import printable
from .reading import MAX_MB, Unreadable

MOST = 200  # notebooks of one student
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
    named otherwise belongs to a student named like its folder, if it is the only one, or like the
    notebook. Raises NothingToGrade.
    """
    if place.is_file():
        return [Submission(readable(place.resolve().parent.name), readable(place.name), place)]
    if not place.exists():
        raise NothingToGrade(f"{place} does not exist: name a folder of notebooks, or a notebook")
    paths = list(_notebooks(place, _DEPTH))
    loose = sum(path.parent == place for path in paths)
    found = [_submission(place, path, loose) for path in paths]
    if not found:
        raise NothingToGrade(
            f"no notebooks in {place}: looked for *.ipynb, <student>/<notebook>.ipynb and "
            "submitted/<student>/<assignment>/<notebook>.ipynb"
        )
    return bounded(found)


def bounded(found: Iterable[Submission]) -> list[Submission]:
    """Sort submissions; where one student hands in very many, keep the first and say so."""
    kept: list[Submission] = []
    for student, own in groupby(sorted(found, key=_order), key=lambda s: s.student):
        all_own = list(own)
        kept += all_own[:MOST]
        if len(all_own) > MOST:
            more = len(all_own) - MOST - 1
            problem = f"and {more:,} more of this student were left out: {MOST} are graded"
            kept.append(Submission(student, all_own[MOST].file, problem=problem))
    return kept


def _order(submission: Submission) -> tuple[str, str]:
    return submission.student, submission.file


def _notebooks(folder: Path, depth: int) -> Iterator[Path]:
    """List the notebooks below a folder, but for hidden ones; folders that are links are left."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.suffix.lower() == ".ipynb" and (entry.is_symlink() or not entry.is_dir()):
            yield entry
        elif entry.is_dir() and not entry.is_symlink() and depth > 1:
            yield from _notebooks(entry, depth - 1)


def _submission(place: Path, path: Path, loose: int) -> Submission:
    problem = ""
    if path.is_symlink():
        problem = "is a symbolic link, which is not followed: hand in the notebook itself"
    elif not path.is_file():
        problem = "is no regular file"
    parts = tuple(readable(part) for part in path.relative_to(place).parts)
    student = student_of(parts, readable(place.resolve().name), loose)
    return Submission(student, "/".join(parts), path, problem)


def readable(name: str) -> str:
    """Return a file's name as text: what in it is no text, or not printable, is written out."""
    return "".join(map(printable, name))


def student_of(parts: tuple[str, ...], place: str, loose: int) -> str:
    """Tell whose a notebook is from its path below `place`, where `loose` ones lie at the top."""
    if len(parts) > 2 and parts[0] == "submitted":
        parts = parts[1:]
    if len(parts) > 1:
        return parts[0]
    name = Path(parts[0]).stem
    for stem in stems():
        if found := re.match(r"(?:(.+?)[\s_-]+)?" + re.escape(stem) + r"(\W.*)?$", name):
            return found[1] or place
    return name if loose > 1 else place
