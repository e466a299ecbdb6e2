"""Open files in any compression and encoding, folders and archives, or explain why not."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, cast

from course_utils.files.text import decoded, listed, say

COMPRESSED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open
}  # fmt: skip
_SHOW_BAR = 8 << 20  # bytes; less is read before anyone could look at a bar
_DEEPEST = 5  # levels of folders looked into
_ZIP = b"PK\x03\x04", b"PK\x05\x06"  # the second: an empty one
_ABOUT = re.compile(r"_*(about|read_?me|licen[cs]e|copying|citation|notice|changelog)\b", re.I)
_DAMAGED = zipfile.BadZipFile, zlib.error, EOFError, lzma.LZMAError, tarfile.TarError
_UNPACK = "an archive that Python can't open: unpack it first"
_EXPORT = "open it in a spreadsheet and save it as CSV UTF-8"
# how a file begins, what it is, and what to do; text and word2vec's binary form have no such mark
_OTHER_KINDS = (
    (rb"\s*<(!doctype|html|head|body|!--)", "a web page, perhaps an error or a log-in page "
     "that was saved instead of the file: download it again"),
    (rb"\s*<\?xml", "an XML file, such as a TMX translation memory: export it as plain text"),
    (rb'\s*(\{\s*"[^"\n]*"\s*:|\[\s*[\[{]\s*["\d-])', "a JSON file: save it as CSV or plain text"),
    (rb"version https://git-lfs", "a Git LFS pointer, not the file itself: run `git lfs pull` "
     "in its folder, or download the file"),
    (rb"\x80[\x02-\x05]", "a Python pickle, which could run code when it is opened: save it as "
     "text (in gensim: save_word2vec_format)"),
    (rb"\x93NUMPY", "a NumPy array without words or labels: save it as text"),
    (rb"\xba\x16\x4f\x2f", "a fastText model: give the .vec file that belongs to it"),
    (rb"\x89HDF", "an HDF5 file: save it as text"),
    (rb"PAR1", "a Parquet file: save it as text"),
    (rb"\xd0\xcf\x11\xe0", f"an old Office document: {_EXPORT}"),
    (rb"%PDF|\{\\rtf", "a formatted document: save it as plain text"),
    (rb"7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd", _UNPACK),
)  # fmt: skip


def find(path: str | os.PathLike, instead: str, folder: bool = False) -> Path:
    """Return the path of a readable file, or of a folder if `folder` allows one.

    instead: a sentence for the message that suggests an alternative.
    Raises TypeError, ValueError, FileNotFoundError or PermissionError, in plain words.
    """
    if not isinstance(path, str | os.PathLike) or isinstance(os.fspath(path), bytes):
        raise TypeError(f"expected the path of a file, found {path!r}. {instead}")
    text = os.fspath(path)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text):
        raise ValueError(f"{text} is a URL: download the file and give its path. {instead}")
    if not text.strip():
        raise ValueError(f"the path is empty. {instead}")
    try:
        found = Path(text).expanduser()
        if found.is_dir():
            if folder:
                os.scandir(found).close()
                return found
            inside = sorted(entry.name for entry in found.iterdir() if entry.is_file())
            raise ValueError(f"{text} is a folder: give a file in it ({listed(inside)})")
        if found.is_symlink() and not found.exists():
            raise FileNotFoundError(f"{text} is a link to {os.readlink(found)}, which isn't there")
        if not found.exists():
            place = "" if found.is_absolute() else f" (looking from {Path.cwd()})"
            raise FileNotFoundError(f"There is no file {str(found)!r}{place}. {instead}")
        if not found.is_file():
            raise ValueError(f"{text} is a device or a pipe, not a file. {instead}")
        with open(found, "rb"):
            return found
    except PermissionError:
        raise PermissionError(
            f"{text} can't be read: permission denied. Allow reading it, or copy it to your folder"
        ) from None
    except RuntimeError:  # ~somebody
        raise FileNotFoundError(f"There is no home folder for {text!r}. {instead}") from None


def read_text(
    path: Path, member: str | None = None, suffixes: Sequence[str] = (".txt",)
) -> tuple[str, str]:
    """Return (text, name) of a file, unpacked and decoded; warn if it is not UTF-8.

    Raises ValueError for a file that is not text, or has an unknown encoding.
    """
    with opened(path, member, suffixes) as (stream, name):
        content = stream.read()
    text, note = decoded(content, name)
    if note:
        say(note)
    return text, name


@contextmanager
def opened(
    path: Path, member: str | None = None, suffixes: Sequence[str] = (".txt",)
) -> Iterator[tuple[io.BufferedReader, str]]:
    """Open a file for reading bytes, unpacked if need be: gzip, bzip2, xz, zip or tar.

    The content decides what kind of file it is, not the name. `member` names the file to take from
    an archive; without it, exactly one file may have one of the suffixes, apart from a README and
    the like. Yields (stream, name). Raises ValueError for an archive that is damaged or leaves the
    choice open, and for a file that begins as no text does.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(path).open("rb"))
            if not file.peek(4).startswith(_ZIP):  # a zip is not read from end to end
                file = stack.enter_context(progress_bar(file, os.path.getsize(path), path.name))
            stream, name = _unpacked(file, path.name, member, suffixes, stack)
            _refuse_other_kinds(stream.peek(64), name)
            yield stream, name
        except _DAMAGED as error:
            raise ValueError(
                f"{path.name} is damaged or cut short ({error}): download it again"
            ) from error
        except (RuntimeError, NotImplementedError) as error:  # a password, or a rare method
            raise ValueError(f"{path.name} can't be unpacked here ({error}): unpack it") from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise ValueError(f"{path.name} is damaged ({error}): download it again") from error


def _unpacked(
    stream: Any, name: str, member: str | None, suffixes: Sequence[str], stack: ExitStack
) -> tuple[io.BufferedReader, str]:
    """Return (stream, name) of what is packed inside, however deep."""
    if not hasattr(stream, "peek"):
        stream = io.BufferedReader(stream)
    head = stream.peek(512)
    inner: Any
    for mark, unpack in COMPRESSED.items():
        if head.startswith(mark):
            inner = stack.enter_context(unpack(stream))
            return _unpacked(io.BufferedReader(inner), name, member, suffixes, stack)
    if head.startswith(_ZIP):
        packed = stack.enter_context(zipfile.ZipFile(stream))
        sizes = {info.filename: info.file_size for info in packed.infolist() if not info.is_dir()}
        chosen = _choose(list(sizes), name, member, suffixes)
        inner = stack.enter_context(packed.open(chosen))
        inner = stack.enter_context(progress_bar(inner, sizes[chosen], chosen))
    elif head[257:262] == b"ustar":
        tar = stack.enter_context(tarfile.open(fileobj=stream, mode="r:"))  # noqa: SIM115
        chosen = _choose([info.name for info in tar if info.isfile()], name, member, suffixes)
        inner = stack.enter_context(cast(Any, tar.extractfile(chosen)))
    elif member is not None:
        raise ValueError(f"member={member!r} names a file in an archive, and {name} is not a zip")
    else:
        return stream, name
    return _unpacked(io.BufferedReader(inner), f"{name}:{chosen}", None, suffixes, stack)


def _choose(names: list[str], archive: str, member: str | None, suffixes: Sequence[str]) -> str:
    """Return the name of the file to read in an archive."""
    paths = {name: PurePosixPath(name) for name in names}
    visible = [
        name
        for name, path in paths.items()
        if not _hidden(path) and not _ABOUT.match(path.stem) and path.stem
    ]
    fitting = [n for n in visible if set(map(str.lower, paths[n].suffixes)) & set(suffixes)]
    if member is not None:
        if member not in names:
            raise ValueError(f"{archive} holds no {member!r}, but: {listed(fitting or visible)}")
        return member
    if {"xl/workbook.xml", "content.xml"} & set(names):
        raise ValueError(f"{archive} is a spreadsheet: {_EXPORT}")
    if len(fitting) == 1 or (not fitting and len(visible) == 1):
        return (fitting or visible)[0]
    if fitting:
        raise ValueError(
            f"{archive} holds several files, choose one by member=: {listed(fitting, 20)}"
        )
    kinds = " or ".join(suffixes)
    raise ValueError(f"{archive} holds no {kinds} file, but: {listed(visible or names, 20)}")


def _hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def _refuse_other_kinds(head: bytes, name: str) -> None:
    for pattern, what in _OTHER_KINDS:
        if re.match(pattern, head, re.I):
            raise ValueError(f"{name} is {what}")


@contextmanager
def progress_bar(file: Any, size: int, name: str) -> Iterator[Any]:
    """Yield the file, behind a progress bar if it is long; `size` in bytes."""
    if size < _SHOW_BAR:
        yield file
        return
    from rich.progress import wrap_file  # lazy: for long files only

    with wrap_file(file, size, description=f"Reading {name}", transient=True) as stream:
        yield stream


@dataclass(frozen=True)
class Entry:
    """One entry of a folder or an archive: its path inside, whether it is a file, its bytes."""

    name: str
    is_file: bool
    read: Callable[[], bytes]


def entries(path: Path) -> Iterator[Entry]:
    """Yield the entries of a folder, a tar (compressed or not) or a zip, except hidden folders.

    Raises ValueError for a file that is not an archive, or is damaged.
    """
    for entry in _in_folder(path) if path.is_dir() else _in_archive(path):
        inside = PurePosixPath(entry.name)
        if not _hidden(inside.parent) and "__MACOSX" not in inside.parts:
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
            packed = stack.enter_context(zipfile.ZipFile(path))
            for member in packed.infolist():
                read = partial(_read, path, packed.open, member)
                yield Entry(member.filename, not member.is_dir(), read)
            return
        file = stack.enter_context(Path(path).open("rb"))
        _refuse_other_kinds(file.peek(64), path.name)
        stream = stack.enter_context(progress_bar(file, os.path.getsize(path), path.name))
        head, bare = file.peek(8), stream
        for mark, unpack in COMPRESSED.items():
            if head.startswith(mark):
                stream = stack.enter_context(unpack(stream))
        tar = stack.enter_context(tarfile.open(fileobj=stream, mode="r|"))  # in one pass
        for info in tar:
            read = partial(_read, path, tar.extractfile, info)
            yield Entry(info.name, info.isfile(), read)
        # tarfile accepts a file that is cut short; reading on makes a truncated stream raise
        while stream.read(1 << 20):
            pass
        if stream is bare and not _ends_with_zeros(path):
            raise EOFError("it does not end as a tar does")


def _ends_with_zeros(path: Path) -> bool:
    with Path(path).open("rb") as file:
        file.seek(-min(1024, path.stat().st_size), os.SEEK_END)
        return not file.read().strip(b"\0")


def _read(path: Path, extract: Callable[[Any], Any], member: Any) -> bytes:
    with _whole(path), extract(member) as file:
        return file.read()


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Turn the exceptions of a damaged archive into a ValueError."""
    try:
        yield
    except (*_DAMAGED, RuntimeError) as error:  # the last: a password
        raise ValueError(
            f"{path.name} is neither a folder nor a whole .tar.gz or .zip ({error}): "
            "download it again"
        ) from None
