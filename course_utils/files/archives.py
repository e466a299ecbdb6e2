"""Walk through a folder, a tar archive or a zip archive in the same way."""

from __future__ import annotations

import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from course_utils.files.opening import COMPRESSED, DAMAGED, hidden, progress_bar, refuse_other_kinds

_DEEPEST = 5  # levels of folders looked into


@dataclass(frozen=True)
class Entry:
    """One entry of a folder or an archive: its path inside, whether it is a file, its bytes."""

    name: str
    is_file: bool
    read: Callable[[], bytes]


def entries(path: Path) -> Iterator[Entry]:
    """Yield what a folder, a tar (compressed or not) or a zip holds, except hidden folders.

    Raises ValueError if the file is no archive, or is damaged.
    """
    for entry in _in_folder(path) if path.is_dir() else _in_archive(path):
        inside = PurePosixPath(entry.name)
        if not hidden(inside.parent) and "__MACOSX" not in inside.parts:
            yield entry


def _in_folder(root: Path) -> Iterator[Entry]:
    for folder, folders, files in os.walk(root):
        inside = PurePosixPath(Path(folder).relative_to(root).as_posix())
        deeper = len(inside.parts) < _DEEPEST
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if deeper else []
        for name in folders:
            yield Entry(str(inside / name), False, bytes)
        for name in sorted(files):
            yield Entry(str(inside / name), True, (Path(folder) / name).read_bytes)


def _in_archive(path: Path) -> Iterator[Entry]:
    with _whole(path), ExitStack() as stack:
        if zipfile.is_zipfile(path):
            archive = stack.enter_context(zipfile.ZipFile(path))
            for info in archive.infolist():
                yield Entry(info.filename, not info.is_dir(), partial(_read, path, archive, info))
            return
        file = stack.enter_context(open(path, "rb"))
        refuse_other_kinds(file.peek(64), path.name)
        stream = stack.enter_context(progress_bar(file, os.path.getsize(path), path.name))
        head, bare = file.peek(8), stream
        for mark, unpack in COMPRESSED.items():
            if head.startswith(mark):
                stream = stack.enter_context(unpack(stream))
        archive = stack.enter_context(tarfile.open(fileobj=stream, mode="r|"))  # in one pass
        for info in archive:
            yield Entry(info.name, info.isfile(), partial(_read, path, archive, info))
        # tarfile accepts a file that is cut short; reading on makes a truncated stream raise
        while stream.read(1 << 20):
            pass
        if stream is bare and not _ends_with_zeros(path):
            raise EOFError("it does not end as a tar does")


def _ends_with_zeros(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(-min(1024, path.stat().st_size), os.SEEK_END)
        return not file.read().strip(b"\0")


def _read(path: Path, archive: zipfile.ZipFile | tarfile.TarFile, info) -> bytes:
    with _whole(path):
        if isinstance(archive, zipfile.ZipFile):
            return archive.read(info)
        return archive.extractfile(info).read()


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Turn what a damaged archive raises into a ValueError."""
    try:
        yield
    except (*DAMAGED, RuntimeError) as error:  # the last: a password
        raise ValueError(
            f"{path.name} is neither a folder nor a whole .tar.gz or .zip ({error}): "
            "download it again"
        ) from None
