"""Open files in any compression and encoding, or say plainly why one cannot be opened."""

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
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from course_utils.files.text import decoded, listed, say

_SHOW_BAR = 8 << 20  # bytes; less is read before anyone could look at a bar
COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
_ZIP = b"PK\x03\x04", b"PK\x05\x06"  # the second: an empty one
_ABOUT = re.compile(r"_*(about|read_?me|licen[cs]e|copying|citation|notice|changelog)\b", re.I)
DAMAGED = zipfile.BadZipFile, zlib.error, EOFError, lzma.LZMAError, tarfile.TarError
_UNPACK = "an archive that Python can't open: unpack it first"
_EXPORT = "open it in a spreadsheet and save it as CSV UTF-8"
# how a file begins, what it is, and what to do; text and word2vec's binary form have no such mark
_OTHER_KINDS = (
    (rb"\s*<(!doctype|html|head|body|!--)", "a web page, perhaps an error or a log-in page "
     "that was saved instead of the file: download it again"),
    (rb"\s*<\?xml", "an XML file, such as a TMX translation memory: export it as plain text"),
    (rb'\s*(\{\s*"[^"\n]*"\s*:|\[\s*[\[{]\s*["\d-])', "a JSON file: save it as CSV or plain text"),
    (rb"version https://git-lfs", "a Git LFS pointer, not the file itself: run `git lfs pull` "
     "where it lies, or download the file"),
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
    """Return the path of a file that can be read, or of a folder if one will do.

    instead: a sentence on what else can be given, for the message.
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


@contextmanager
def opened(
    path: Path, member: str | None = None, suffixes: Sequence[str] = (".txt",)
) -> Iterator[tuple[BinaryIO, str]]:
    """Open a file for reading bytes, unpacked if need be: gzip, bzip2, xz, zip or tar.

    The content decides what kind of file it is, not the name. In an archive, `member` names the
    file; without it, only one may have one of the suffixes, not counting a README and the like.
    Yields (stream, name). Raises ValueError for an archive that is damaged or leaves the choice
    open, and for what begins as no text does.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, "rb"))
            if not file.peek(4).startswith(_ZIP):  # a zip is not read from end to end
                file = stack.enter_context(progress_bar(file, os.path.getsize(path), path.name))
            stream, name = _unpacked(file, path.name, member, suffixes, stack)
            refuse_other_kinds(stream.peek(64), name)
            yield stream, name
        except DAMAGED as error:
            raise ValueError(
                f"{path.name} is damaged or cut short ({error}): download it again"
            ) from error
        except (RuntimeError, NotImplementedError) as error:  # a password, or a rare method
            raise ValueError(f"{path.name} can't be unpacked here ({error}): unpack it") from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise ValueError(f"{path.name} is damaged ({error}): download it again") from error


def _unpacked(stream, name: str, member: str | None, suffixes, stack: ExitStack):
    """Return (stream, name) of what is packed inside, however deep."""
    if not hasattr(stream, "peek"):
        stream = io.BufferedReader(stream)
    head = stream.peek(512)
    for mark, unpack in COMPRESSED.items():
        if head.startswith(mark):
            inner = stack.enter_context(unpack(stream))
            return _unpacked(io.BufferedReader(inner), name, member, suffixes, stack)
    if head.startswith(_ZIP):
        archive = stack.enter_context(zipfile.ZipFile(stream))
        sizes = {info.filename: info.file_size for info in archive.infolist() if not info.is_dir()}
        chosen = _choose(list(sizes), name, member, suffixes)
        inner = stack.enter_context(archive.open(chosen))
        inner = stack.enter_context(progress_bar(inner, sizes[chosen], chosen))
    elif head[257:262] == b"ustar":
        archive = stack.enter_context(tarfile.open(fileobj=stream, mode="r:"))  # noqa: SIM115
        names = [info.name for info in archive if info.isfile()]
        chosen = _choose(names, name, member, suffixes)
        inner = stack.enter_context(archive.extractfile(chosen))
    elif member is not None:
        raise ValueError(f"member={member!r} names a file in an archive, and {name} is not a zip")
    else:
        return stream, name
    return _unpacked(io.BufferedReader(inner), f"{name}:{chosen}", None, suffixes, stack)


def _choose(names: list[str], archive: str, member: str | None, suffixes) -> str:
    """Return the name of the file to read in an archive."""
    paths = {name: PurePosixPath(name) for name in names}
    visible = [
        name
        for name, path in paths.items()
        if not hidden(path) and not _ABOUT.match(path.stem) and path.stem
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


def hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def refuse_other_kinds(head: bytes, name: str) -> None:
    for pattern, what in _OTHER_KINDS:
        if re.match(pattern, head, re.I):
            raise ValueError(f"{name} is {what}")


@contextmanager
def progress_bar(file, size: int, name: str):
    if size < _SHOW_BAR:
        yield file
        return
    from rich.progress import wrap_file  # lazy: for long files only

    with wrap_file(file, size, description=f"Reading {name}", transient=True) as stream:
        yield stream


def read_text(path: Path, member: str | None = None, suffixes=(".txt",)) -> tuple[str, str]:
    """Return (text, name) of a file, unpacked and decoded; says so if it is not UTF-8.

    Raises ValueError for what is no text, or text of unknown encoding.
    """
    with opened(path, member, suffixes) as (stream, name):
        content = stream.read()
    text, note = decoded(content, name)
    if note:
        say(note)
    return text, name
