"""List everything that was handed in, in folders and in zip archives, without unpacking it."""

from __future__ import annotations

import hashlib
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path, PurePosixPath

from ...judging.result import printable
from .notebook_file import MAX_MB, Unreadable

DEEPEST = 20  # folders and archives inside one another
MOST_ARCHIVES = 3  # archives inside one another: each is held in memory
LONGEST_NAME = 200  # characters; file systems take 255 bytes, archives 65,535
EXPANDS = 20  # times its size that an archive inside an archive may unpack to: it is packed already
MOST_ENTRIES = 500_000
MOST_INSIDE = 20_000  # in an archive that was handed in
CHUNK = 1 << 20
LINK = "is a symbolic link, which is not followed: hand in the notebook itself"
# what operating systems, editors and Python leave behind
_LEFT_BEHIND = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini", "Icon\r"}
_NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)  # browsers add the second


class CannotList(ValueError):
    """The place cannot be listed; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A file, or a folder or archive with nothing in it.

    `parts` is its path below the place; `read` returns its bytes and raises Unreadable; `modified`
    is its date as "2026-01-31 09:15:00", "" where unknown; `problem` says why it cannot be read.
    """

    parts: tuple[str, ...]
    read: Callable[[], bytes] = field(compare=False, default=lambda: b"")
    modified: str = ""
    problem: str = ""
    empty: bool = False
    path: Path = field(compare=False, default=Path())

    @property
    def name(self) -> str:
        """Return the last part of the path."""
        return self.parts[-1]

    @property
    def notebook(self) -> bool:
        """Return True if the name is a notebook's."""
        return bool(_NOTEBOOK.search(self.name)) and not self.empty


def bare(name: str) -> str:
    """Return a name without the suffix of a notebook or archive."""
    return re.sub(r"(\.ipynb(\.(txt|json))?|\.zip)$", "", name, flags=re.IGNORECASE)


def readable(name: str) -> str:
    """Return a file's name as composed text; what in it is not printable is written out."""
    text = name.encode("utf-8", "backslashreplace").decode()
    text = "".join(map(printable, unicodedata.normalize("NFC", text)))
    if len(text) <= LONGEST_NAME:
        return text
    suffix = PurePosixPath(text).suffix[:20]
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]  # unlike names stay unlike
    return f"{text[: LONGEST_NAME - 30]}~{digest}{suffix}"


def is_zip(name: str) -> bool:
    """Return True if the name is a zip archive's."""
    return name.lower().endswith(".zip")


def list_place(place: Path, left_out: Path | None = None) -> list[Entry]:
    """List all files below a folder or in a zip archive, apart from `left_out` and hidden ones.

    A zip archive inside is listed like a folder of that name. Raises CannotList.
    """
    found: list[Entry] = []
    entries = _of_zip(place) if place.is_file() else _of_folder(place, (), left_out)
    for entry in entries:
        found.append(entry)
        if len(found) > MOST_ENTRIES:
            raise CannotList(f"{place} holds more than {MOST_ENTRIES:,} files")
    return sorted(found, key=lambda entry: entry.parts)


def _left_behind(name: str) -> bool:
    return name.startswith((".", "~$")) or name in _LEFT_BEHIND


def _of_folder(folder: Path, above: tuple[str, ...], left_out: Path | None) -> Iterator[Entry]:
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        if not above:
            raise CannotList(f"{folder} cannot be opened: {error.strerror}") from None
        yield Entry(above, problem=f"is a folder that cannot be opened: {error.strerror}")
        return
    inside = [path for path in inside if not _left_behind(path.name)]
    if not inside and above:
        yield Entry(above, problem="is an empty folder", empty=True)
    for path in inside:
        parts = (*above, readable(path.name))
        if path.is_symlink():
            yield Entry(parts, problem=LINK, path=path)
        elif path.is_dir():
            if left_out and path.resolve() == left_out:
                continue
            if len(parts) > DEEPEST:
                yield Entry(parts, problem=f"is more than {DEEPEST} folders deep", empty=True)
            else:
                yield from _of_folder(path, parts, left_out)
        elif not path.is_file():
            yield Entry(parts, problem="is not a regular file", path=path)
        elif is_zip(path.name):
            yield from _inside(parts, lambda path=path: _Archive.at(path), 1)
        else:
            yield Entry(parts, lambda path=path: read_file(path), _date(path), path=path)


def read_file(path: Path) -> bytes:
    """Return a file's bytes; raises Unreadable."""
    try:
        if path.stat().st_size > MAX_MB * 2**20:
            raise Unreadable(f"is larger than {MAX_MB} MB")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror or error}") from None


def _date(path: Path) -> str:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime).isoformat(" ", "seconds")
    except (OSError, ValueError, OverflowError):
        return ""


def _of_zip(place: Path) -> Iterator[Entry]:
    try:
        archive = _Archive.at(place)
    except Unreadable as error:
        raise CannotList(f"{place} {error}") from None
    yield from archive.entries((), lambda: archive, 1)


def _inside(parts: tuple[str, ...], opened: Callable[[], _Archive], depth: int) -> Iterator[Entry]:
    """List an archive that was handed in; one that cannot be opened says why."""
    try:
        if depth > MOST_ARCHIVES:
            raise Unreadable(f"is more than {MOST_ARCHIVES} archives deep")
        archive = opened()
        if len(archive) > MOST_INSIDE:
            raise Unreadable(f"holds more than {MOST_INSIDE:,} files")
        yield from archive.entries(parts, opened, depth)
    except Unreadable as error:
        yield Entry(parts, problem=str(error))


class _Archive:
    """An open zip archive. Its entries are read one by one, within bounds."""

    def __init__(self, source: Path | BytesIO) -> None:
        """Open it; raises Unreadable."""
        try:
            self._zip = zipfile.ZipFile(source)
            self._names = {id(e): _name(e) for e in self._zip.infolist()}
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError) as why:
            raise Unreadable(f"cannot be opened as a zip archive ({why})") from None
        if len(self._names) > MOST_ENTRIES:
            raise Unreadable(f"holds more than {MOST_ENTRIES:,} files")

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._names)

    @classmethod
    def at(cls, path: Path) -> _Archive:
        """Open an archive on disk; raises Unreadable."""
        try:
            state = path.stat()
        except OSError as error:
            raise Unreadable(f"cannot be opened: {error.strerror}") from None
        return _on_disk(path, state.st_mtime_ns, state.st_size)

    def entries(
        self, above: tuple[str, ...], opened: Callable[[], _Archive], depth: int
    ) -> Iterator[Entry]:
        """List what is inside, archives in it included; folders only where they are empty."""
        names = {n: name for n, e in enumerate(self._zip.infolist())
                 if not _hidden(name := self._names[id(e)])}  # fmt: skip
        full = {
            parent
            for name in names.values()
            if name.count("/") <= DEEPEST
            for parent in PurePosixPath(name).parents
        }
        if not names and above:
            yield Entry(above, problem="is an empty zip archive", empty=True)
        for number, name in names.items():
            info, path = self._zip.infolist()[number], PurePosixPath(name)
            inner = [part for part in path.parts if part not in ("/", "..")]
            if deep := len(above) + len(inner) > DEEPEST:
                inner = [*inner[: max(0, DEEPEST - len(above))], inner[-1]]
            parts = (*above, *map(readable, inner))
            if deep:
                yield Entry(parts, problem=f"is more than {DEEPEST} folders deep")
                continue
            if info.is_dir() or name.endswith("/"):
                if path not in full and path.parts:
                    yield Entry(parts, problem="is an empty folder", empty=True)
            elif problem := _refusal(info, path):
                yield Entry(parts, problem=problem)
            elif is_zip(name) and info.file_size > EXPANDS * info.compress_size + 2**20:
                yield Entry(parts, problem=f"is a zip archive that unpacks to {EXPANDS} times its "
                                           "size and more")  # fmt: skip
            elif is_zip(name):
                yield from _inside(parts, _Nested(opened, number), depth + 1)
            else:
                read = _Reader(opened, number)
                yield Entry(parts, read, _stamp(info.date_time))

    def read(self, number: int) -> bytes:
        """Unpack one entry, within a bound that does not trust the size the archive states."""
        info = self._zip.infolist()[number]
        content = BytesIO()
        try:
            with self._zip.open(info) as source:
                while chunk := source.read(CHUNK):
                    content.write(chunk)
                    if content.tell() > MAX_MB * 2**20:
                        raise Unreadable(f"is larger than {MAX_MB} MB when unpacked")
        except Unreadable:
            raise
        except Exception as error:  # each way of compressing has errors of its own
            raise Unreadable(f"cannot be unpacked ({error})") from None
        return content.getvalue()


@dataclass(frozen=True)
class _Reader:
    """Reads one entry of an archive when it is called."""

    opened: Callable[[], _Archive]
    number: int

    def __call__(self) -> bytes:
        return self.opened().read(self.number)


@dataclass(frozen=True)
class _Nested:
    """Opens an archive inside an archive when it is called; the last few stay in memory."""

    opened: Callable[[], _Archive]
    number: int

    def __call__(self) -> _Archive:
        return _in_memory(self)


@lru_cache(8)  # a class is read in order, so the next file is in the same archive
def _on_disk(path: Path, *_state: int) -> _Archive:
    return _Archive(path)


@lru_cache(2)
def _in_memory(nested: _Nested) -> _Archive:
    return _Archive(BytesIO(nested.opened().read(nested.number)))


def _name(info: zipfile.ZipInfo) -> str:
    """Return an entry's name with "/" between its parts.

    Some programs write UTF-8 without saying so, and some write backslashes.
    """
    name = info.filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _hidden(name: str) -> bool:
    return any(_left_behind(part) and part != ".." for part in PurePosixPath(name).parts)


def _refusal(info: zipfile.ZipInfo, path: PurePosixPath) -> str:
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", str(path)):
        return "names a place outside its archive: it was not unpacked"
    if stat.S_ISLNK(info.external_attr >> 16):
        return LINK
    if info.flag_bits & 1:
        return "is encrypted"
    return ""


def _stamp(when: tuple[int, ...]) -> str:
    try:
        date = datetime(*when)
    except ValueError:
        return ""
    return "" if date.year <= 1980 else date.isoformat(" ")  # 1980: it states none
