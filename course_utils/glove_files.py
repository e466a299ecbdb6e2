"""Open a GloVe .txt or .zip: parsed once, then memory-mapped from the cache."""

import hashlib
import os
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from course_utils.data import sha256_of
from course_utils.glove_cache import cache_root, read_words, sealed_folder, write_words
from course_utils.glove_parse import parse

_VERSION = 1  # of the cached form: raise it when parsing changes what it gives
_SHOW_BAR = 8 << 20  # bytes; less is read before a bar could be looked at


def open_glove(path, member=None) -> tuple[list[str], np.ndarray]:
    """Return (words, (n_words, n) float32 read-only) of a GloVe text, or of one text in a zip.

    A word met again is left out, with one warning that counts them.
    Raises FileNotFoundError; ValueError for a zip without a clear choice, or text that isn't GloVe.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give the .txt or .zip inside it")
    if path.suffix.lower() == ".zip" or zipfile.is_zipfile(path):
        member = _choose_member(path, member)
    elif member is not None:
        raise ValueError(f"member={member!r} names a file in a zip, and {path.name} is not a zip")
    key = hashlib.sha256(f"{_VERSION} {sha256_of(path)} {member}".encode()).hexdigest()[:32]
    try:
        folder = sealed_folder(f"glove-{key}", lambda folder: _convert(path, member, folder))
    except OSError as error:
        warnings.warn(
            f"{path.name} is read without keeping a parsed copy in {cache_root()} ({error}); "
            "set COURSE_CACHE to a folder you can write to, and the next opening is fast",
            stacklevel=3,
        )
        return _in_memory(path, member)
    matrix = np.load(folder / "matrix.npy", mmap_mode="r", allow_pickle=False)
    return read_words(folder), np.asarray(matrix)


def _choose_member(path, member):
    """Return the name of the text to read in a zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile as error:
        raise ValueError(
            f"{path.name} is not a zip archive ({error}): download it again, "
            "or name it .txt if it is text"
        ) from None
    texts = [n for n in names if n.lower().endswith(".txt") and not n.startswith("__MACOSX/")]
    listed = ", ".join(texts[:20]) or "none"
    if member is not None:
        if member not in names:
            raise ValueError(f"{path.name} holds no {member!r}; its .txt files: {listed}")
        return member
    if not texts:
        there = ", ".join(names[:20]) or "nothing"
        raise ValueError(f"{path.name} holds no .txt file, but: {there}")
    if len(texts) > 1:
        raise ValueError(f"{path.name} holds several .txt files, choose one by member=: {listed}")
    return texts[0]


@contextmanager
def _stream(path, member):
    """Open the text as bytes, behind a progress bar if it is long."""
    if member is None:
        with open(path, "rb") as file, _bar(file, os.path.getsize(path), path.name) as stream:
            yield stream
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = archive.getinfo(member).file_size
            with archive.open(member) as file, _bar(file, size, member) as stream:
                yield stream
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{path.name} is damaged ({error}): download it again") from error
    except (RuntimeError, NotImplementedError) as error:  # a password, or a rare compression
        raise ValueError(f"{path.name}: can't read {member} ({error}); unpack it first") from error


@contextmanager
def _bar(file, size, name):
    if size < _SHOW_BAR:
        yield file
        return
    from rich.progress import wrap_file

    with wrap_file(file, size, description=f"Reading {name}", transient=True) as stream:
        yield stream


def _distinct(path, member):
    """Yield parsed blocks without the words met before; warn once, at the end."""
    name = path.name if member is None else f"{path.name}:{member}"
    seen, repeats = set(), 0
    with _stream(path, member) as stream:
        for words, vectors in parse(stream, name):
            rows = [i for i, word in enumerate(words) if not (word in seen or seen.add(word))]
            if len(rows) < len(words):
                repeats += len(words) - len(rows)
                words, vectors = [words[i] for i in rows], vectors[rows]
            yield words, vectors
    if repeats:
        warnings.warn(
            f"{name}: {repeats:,} repeated word{'s' * (repeats > 1)} left out, the first is kept",
            stacklevel=2,
        )


def _convert(path, member, folder):
    """Write matrix.npy and words.txt, holding one block at a time in memory."""
    rows, n = 0, 0
    with open(folder / "words.txt", "wb") as words_file, open(folder / "matrix.npy", "wb") as file:
        start = _write_header(file, 0, 0)
        for words, vectors in _distinct(path, member):
            write_words(words_file, words)
            file.write(np.ascontiguousarray(vectors).data)
            rows, n = rows + len(words), vectors.shape[1]
        file.seek(0)
        if _write_header(file, rows, n) != start:  # NumPy pads headers so that they can be amended
            raise RuntimeError("NumPy's .npy header changed its length: please report this")


def _write_header(file, rows, n):
    about = {"descr": "<f4", "fortran_order": False, "shape": (rows, n)}
    npy.write_array_header_1_0(file, about)
    return file.tell()


def _in_memory(path, member):
    blocks = list(_distinct(path, member))
    matrix = np.concatenate([vectors for _, vectors in blocks])
    matrix.flags.writeable = False
    return [word for words, _ in blocks for word in words], matrix
