"""Open a file of word vectors: parsed once, then memory-mapped from the cache."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from course_utils.data import sha256_of
from course_utils.files.opening import opened
from course_utils.files.text import say
from course_utils.vectors.disk_cache import cache_root, read_words, sealed_folder, write_words
from course_utils.vectors.parse import parse

SUFFIXES = ".txt", ".vec", ".bin"  # of the files of vectors in an archive
_VERSION = 3  # of the cached form: raise it when parsing changes what it gives


def open_glove(path: Path, member: str | None = None) -> tuple[list[str], np.ndarray]:
    """Return (words, (n_words, n) float32 read-only) of word vectors, text or word2vec's binary.

    A word met again is left out, with one warning that counts them.
    Raises ValueError for an archive that leaves the choice open, or a file without vectors.
    """
    key = hashlib.sha256(f"{_VERSION} {sha256_of(path)} {member}".encode()).hexdigest()[:32]
    try:
        folder = sealed_folder(f"glove-{key}", lambda folder: _convert(path, member, folder))
    except OSError as error:
        say(
            f"{path.name} is read without keeping a parsed copy in {cache_root()} ({error}); "
            "set COURSE_CACHE to a folder you can write to, and the next opening is fast"
        )
        notes = []
        words, matrix = _in_memory(path, member, notes)
    else:
        matrix = np.asarray(np.load(folder / "matrix.npy", mmap_mode="r", allow_pickle=False))
        words = read_words(folder)
        kept = folder / "notes.txt"
        notes = kept.read_text("utf-8").split("\n") if kept.exists() else []
    for note in notes:
        say(note)
    return words, matrix


def _distinct(path, member, notes):
    """Yield parsed blocks without repeated words; add any remarks to `notes`."""
    seen, repeats = set(), 0
    with opened(path, member, SUFFIXES) as (stream, name):
        for words, vectors in parse(stream, name, notes.append):
            rows = [i for i, word in enumerate(words) if not (word in seen or seen.add(word))]
            if len(rows) < len(words):
                repeats += len(words) - len(rows)
                words, vectors = [words[i] for i in rows], vectors[rows]
            yield words, vectors
    if repeats:
        notes.append(
            f"{name}: {repeats:,} repeated word{'s' * (repeats > 1)} left out, the first is kept"
        )


def _convert(path, member, folder):
    """Write matrix.npy, words.txt and perhaps notes.txt, with one block at a time in memory."""
    rows, n, notes = 0, 0, []
    with open(folder / "words.txt", "wb") as words_file, open(folder / "matrix.npy", "wb") as file:
        start = _write_header(file, 0, 0)
        for words, vectors in _distinct(path, member, notes):
            write_words(words_file, words)
            file.write(np.ascontiguousarray(vectors).data)
            rows, n = rows + len(words), vectors.shape[1]
        file.seek(0)
        if _write_header(file, rows, n) != start:  # NumPy pads headers so that they can be amended
            raise RuntimeError("NumPy's .npy header changed its length: please report this")
    if notes:  # to be said at every opening
        (folder / "notes.txt").write_text("\n".join(notes), "utf-8")


def _write_header(file, rows, n):
    about = {"descr": "<f4", "fortran_order": False, "shape": (rows, n)}
    npy.write_array_header_1_0(file, about)
    return file.tell()


def _in_memory(path, member, notes):
    blocks = list(_distinct(path, member, notes))
    matrix = np.concatenate([vectors for _, vectors in blocks])
    matrix.flags.writeable = False
    return [word for words, _ in blocks for word in words], matrix
