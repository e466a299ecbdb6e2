"""Take notebooks out of a zip archive, and nothing that an archive could do harm with."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from .reading import MAX_MB
from .submissions import NothingToGrade, Submission, bounded, readable, student_of

MAX_ENTRIES = 200_000
MAX_TOTAL_MB = 20_000
CHUNK = 1 << 20


def unpack(archive: Path, folder: Path) -> list[Submission]:
    """Copy the notebooks of `archive` into `folder` under numbers; return them as submissions.

    What names a place outside the archive, is a link, is encrypted or grows beyond bounds is not
    unpacked; its submission says so. Raises NothingToGrade.
    """
    left = MAX_TOTAL_MB * 2**20
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [e for e in opened.infolist() if _is_notebook(e)]
            if len(entries) > MAX_ENTRIES:
                raise NothingToGrade(f"{archive} has more than {MAX_ENTRIES:,} notebooks in it")
            loose = sum(len(PurePosixPath(e.filename).parts) == 1 for e in entries)
            named = [_submission(archive, folder, n, e, loose) for n, e in enumerate(entries)]
            found = bounded(named)
            for place, submission in enumerate(found):
                if not submission.problem:
                    entry = entries[int(submission.path.stem)]
                    size, problem = _copy(opened, entry, submission.path, left)
                    left -= size
                    found[place] = replace(submission, problem=problem)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise NothingToGrade(f"{archive} cannot be opened as a zip archive ({error})") from None
    if not found:
        raise NothingToGrade(f"no notebooks in {archive}: looked for *.ipynb at any depth")
    return found


def _is_notebook(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    hidden = any(part.startswith(".") and part != ".." for part in parts)
    return entry.filename.lower().endswith(".ipynb") and not hidden and "__MACOSX" not in parts


def _refusal(entry: zipfile.ZipInfo) -> str:
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
        return "names a place outside its archive: it was not unpacked"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a symbolic link, which is not followed: hand in the notebook itself"
    if entry.flag_bits & 1:
        return "is encrypted"
    return ""


def _copy(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int
) -> tuple[int, str]:
    """Unpack one entry, within bounds that do not trust the size the archive tells."""
    size, bound = 0, min(left, MAX_MB * 2**20)
    try:
        with opened.open(entry) as source, target.open("wb") as copy:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                if size > bound:
                    target.unlink()
                    return size, f"is larger than {MAX_MB} MB when unpacked"
                copy.write(chunk)
    except OSError:
        raise  # the disk is full, say: no fault of this entry
    except Exception as error:  # each way of compressing has errors of its own
        return size, f"cannot be unpacked ({error})"
    return size, ""


def _submission(
    archive: Path, folder: Path, number: int, entry: zipfile.ZipInfo, loose: int
) -> Submission:
    parts = PurePosixPath(entry.filename).parts
    parts = tuple(readable(p) for p in parts if p not in ("/", ".."))
    if len(parts) > 2 and parts[0] == archive.stem:  # a folder that was zipped as a whole
        parts = parts[1:]
    student = student_of(parts, readable(archive.stem), loose)
    return Submission(student, "/".join(parts), folder / f"{number}.ipynb", _refusal(entry))
