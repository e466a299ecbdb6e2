"""List everything that was handed in, in folders and in zip archives, without unpacking it."""

from __future__ import annotations

import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from heapq import heappop, heappush
from io import BytesIO
from itertools import chain
from pathlib import Path

from .names import readable
from .notebook_file import MAX_MB, Unreadable

DEEPEST = 20  # folders and archives inside one another
MOST_ARCHIVES = 3  # archives inside one another: each is held in memory
# times its size that an archive inside an archive may unpack to, since it is packed already, and
# that all files in one that was handed in may
EXPANDS = 20
MOST_ENTRIES = 500_000
MOST_INSIDE = 20_000  # in an archive that was handed in, and in those inside it
LONGEST_PATH = 4096  # as in Linux; a path in an archive may have 65,535 characters
CHUNK = 1 << 20
LINK = "is a symbolic link, which is not followed: hand in the notebook itself"
TOO_DEEP = f"is more than {DEEPEST} folders deep"
# what operating systems, editors and Python leave behind
_LEFT_BEHIND = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini", "Icon\r"}
_NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)  # browsers add the second


class CannotList(ValueError):
    """The place cannot be listed; the message says why."""


@dataclass(frozen=True, eq=False)  # two files of an archive can have the same path
class Entry:
    """A file, or a folder or archive with nothing in it.

    `parts` is its path below the place; `read` returns its bytes and raises Unreadable; `modified`
    is its date as "2026-01-31 09:15:00", "" where unknown; `problem` says why it cannot be read.
    """

    parts: tuple[str, ...]
    read: Callable[[], bytes] = bytes
    modified: str = ""
    problem: str = ""
    empty: bool = False

    @property
    def name(self) -> str:
        """Return the last part of the path."""
        return self.parts[-1]

    @property
    def notebook(self) -> bool:
        """Return True if the name is a notebook's."""
        return not self.empty and bool(_NOTEBOOK.search(self.name))

    def __str__(self) -> str:
        return "/".join(self.parts)


@dataclass(frozen=True)
class _Archived:
    """An archive inside the place, with the entries of all that is in it."""

    parts: tuple[str, ...]
    entries: list[Entry]


class _TooMany(Unreadable):
    """An archive that was handed in holds too many files, or too large ones."""


def is_zip(name: str) -> bool:
    """Return True if the name is a zip archive's."""
    return name.lower().endswith(".zip")


def list_place(place: Path, left_out: Path | None = None) -> list[Entry]:
    """List all files below a folder or in a zip archive, apart from `left_out` and hidden ones.

    A zip archive inside is listed like a folder of that name. Raises CannotList.
    """
    found: list[Entry] = []
    archives: list[tuple[int, int, _Archived]] = []  # a heap: the largest first
    count = 0
    for each in _in_zip(place) if place.is_file() else _in_folder(place, (), left_out):
        if isinstance(each, Entry):
            found.append(each)
            count += 1
        else:
            heappush(archives, (-len(each.entries), count, each))
            count += len(each.entries)
        while count > MOST_ENTRIES:
            if not archives:
                raise CannotList(f"{place} holds more than {MOST_ENTRIES:,} files")
            less, _, largest = heappop(archives)  # it must not keep others from being graded
            problem = f"holds {-less:,} files, and all that was handed in over {MOST_ENTRIES:,}"
            found.append(Entry(largest.parts, problem=problem))
            count += less + 1
    found += [entry for *_, archive in archives for entry in archive.entries]
    return sorted(found, key=lambda entry: entry.parts)


def read_file(path: Path) -> bytes:
    """Return a file's bytes; raises Unreadable."""
    try:
        if path.stat().st_size > MAX_MB * 2**20:
            raise Unreadable(f"is larger than {MAX_MB} MB")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror or error}") from None


def _left_behind(name: str) -> bool:
    return name.startswith((".", "~$")) or name in _LEFT_BEHIND


def _in_folder(
    folder: Path, above: tuple[str, ...], left_out: Path | None
) -> Iterator[Entry | _Archived]:
    try:
        inside = sorted(path for path in folder.iterdir() if not _left_behind(path.name))
    except OSError as error:
        if not above:
            raise CannotList(f"{folder} cannot be opened: {error.strerror}") from None
        yield Entry(above, problem=f"is a folder that cannot be opened: {error.strerror}")
        return
    if not inside and above:
        yield Entry(above, problem="is an empty folder", empty=True)
    for path in inside:
        parts = (*above, readable(path.name))
        if path.is_symlink():
            yield Entry(parts, problem=LINK)
        elif path.is_dir():
            if left_out and path.resolve() == left_out:
                continue
            if len(parts) > DEEPEST:
                yield Entry(parts, problem=TOO_DEEP, empty=True)
            else:
                yield from _in_folder(path, parts, left_out)
        elif not path.is_file():
            yield Entry(parts, problem="is not a regular file")
        elif is_zip(path.name):
            yield _Archived(parts, _in_inner_zip(parts, partial(_opened, path), 1))
        else:
            yield Entry(parts, partial(read_file, path), _date_of_file(path))


def _date_of_file(path: Path) -> str:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime).isoformat(" ", "seconds")
    except (OSError, ValueError, OverflowError):
        return ""


def _in_zip(place: Path) -> Iterator[Entry | _Archived]:
    open_it = partial(_opened, place)
    try:
        archive = open_it()
    except Unreadable as error:
        raise CannotList(f"{place} {error}") from None
    yield from archive.entries((), open_it, 1)


def _in_inner_zip(
    parts: tuple[str, ...],
    open_it: Callable[[], _Archive],
    depth: int,
    met: Counter | None = None,
) -> list[Entry]:
    """List an archive that was handed in; one that cannot be opened says why.

    `met` counts the files and bytes in it and in the archives around it; without, it is in none
    that was handed in. With it, raises _TooMany.
    """
    within = Counter() if met is None else met
    try:
        if depth > MOST_ARCHIVES:
            raise Unreadable(f"is more than {MOST_ARCHIVES} archives deep")
        archive = open_it()
        if met is None:
            within["room"] = MAX_MB * 2**20 + EXPANDS * archive.size
        within["files"] += len(archive.infos)
        within["bytes"] += sum(info.file_size for info in archive.infos)
        if within["files"] > MOST_INSIDE:
            raise _TooMany(f"holds more than {MOST_INSIDE:,} files")
        if within["bytes"] > within["room"]:
            raise _TooMany(f"unpacks to more than {EXPANDS} times its size and {MAX_MB} MB")
        inside = archive.entries(parts, open_it, depth, within)
        lists = [[each] if isinstance(each, Entry) else each.entries for each in inside]
        empty = Entry(parts, problem="is an empty zip archive", empty=True)
        return [*chain.from_iterable(lists)] or [empty]
    except Unreadable as error:
        if isinstance(error, _TooMany) and met is not None:
            raise
        return [Entry(parts, problem=str(error))]


class _Archive:
    """An open zip archive. Its entries are read one by one, within bounds."""

    def __init__(self, source: Path | BytesIO) -> None:
        """Open it; raises Unreadable."""
        try:
            self._zip = zipfile.ZipFile(source)
            if isinstance(source, BytesIO):
                self.size = len(source.getbuffer())
            else:
                self.size = source.stat().st_size
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError) as why:
            raise Unreadable(f"cannot be opened as a zip archive ({why})") from None
        self.infos = self._zip.infolist()
        if len(self.infos) > MOST_ENTRIES:
            raise Unreadable(f"holds more than {MOST_ENTRIES:,} files")

    def entries(
        self,
        above: tuple[str, ...],
        open_it: Callable[[], _Archive],
        depth: int,
        met: Counter | None = None,
    ) -> Iterator[Entry | _Archived]:
        """List what is inside, inner archives included; folders only where they are empty.

        `open_it` opens this archive again once it is read: few are kept open. `met` counts files,
        where this archive was handed in (see `_in_inner_zip`).
        """
        paths = [(info, name, _parts(name)) for info in self.infos for name in [_name(info)]]
        paths = [path for path in paths if not any(map(_hidden, path[2]))]
        # beyond DEEPEST nothing is looked for
        full = {parts[:n] for _, _, parts in paths for n in range(min(len(parts), DEEPEST + 1))}
        for info, name, inside in paths:
            inner = [part for part in inside if part != ".."] or ["(no name)"]
            too_deep = len(above) + len(inner) > DEEPEST
            if too_deep:
                inner = [*inner[: max(0, DEEPEST - len(above))], inner[-1]]
            parts = (*above, *map(readable, inner))
            if too_deep:
                yield Entry(parts, problem=TOO_DEEP)
            elif name.endswith("/"):
                if inside and inside not in full:
                    yield Entry(parts, problem="is an empty folder", empty=True)
            elif problem := _refusal(info, name, inside):
                yield Entry(parts, problem=problem)
            elif is_zip(name):
                found = _in_inner_zip(parts, partial(_inner, open_it, info), depth + 1, met)
                yield _Archived(parts, found)
            else:
                read = partial(_read, open_it, info)
                yield Entry(parts, read, _date_in_archive(info.date_time))

    def read(self, info: zipfile.ZipInfo) -> bytes:
        """Unpack one entry, within a bound that does not trust the size the archive states."""
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


def _read(open_it: Callable[[], _Archive], info: zipfile.ZipInfo) -> bytes:
    return open_it().read(info)


def _opened(path: Path) -> _Archive:
    try:
        state = path.stat()
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror}") from None
    return _on_disk(path, state.st_mtime_ns, state.st_size)


@lru_cache(8)  # a class is read in order, so the next file is in the same archive
def _on_disk(path: Path, *_state: int) -> _Archive:
    return _Archive(path)


@lru_cache(2)
def _inner(open_outer: Callable[[], _Archive], info: zipfile.ZipInfo) -> _Archive:
    """Return an archive inside another, held in memory."""
    return _Archive(BytesIO(open_outer().read(info)))


def _name(info: zipfile.ZipInfo) -> str:
    """Return an entry's name with "/" between its parts.

    Some programs write UTF-8 without saying so, and some write backslashes. Of a name that is
    refused for its length, the beginning.
    """
    name = info.filename
    if len(name) > LONGEST_PATH:
        return name[:100].replace("/", "_")
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.split("/") if part not in ("", "."))


def _hidden(part: str) -> bool:
    return _left_behind(part) and part != ".."


def _refusal(info: zipfile.ZipInfo, name: str, parts: tuple[str, ...]) -> str:
    if len(info.filename) > LONGEST_PATH:
        return f"has a name of more than {LONGEST_PATH:,} characters"
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name):
        return "names a place outside its archive: it was not unpacked"
    if stat.S_ISLNK(info.external_attr >> 16):
        return LINK
    if info.flag_bits & 1:
        return "is encrypted"
    if is_zip(name) and info.file_size > EXPANDS * info.compress_size + 2**20:
        return f"is a zip archive that unpacks to {EXPANDS} times its size and more"
    return ""


def _date_in_archive(when: tuple[int, int, int, int, int, int]) -> str:
    try:
        date = datetime(*when)
    except ValueError:
        return ""
    return "" if date.year <= 1980 else date.isoformat(" ")  # 1980: it states none
