"""Keep parsed word vectors on disk in sealed folders, which are used only if unchanged."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from course_utils.data import DATASETS, locate, sha256_of

SEAL = "SHA256SUMS"  # written last, in the format `sha256sum -c` reads
_DAY = 24 * 3600  # seconds


def cache_root() -> Path:
    """Return the cache folder: $COURSE_CACHE if set, else the platform's own place for caches."""
    if chosen := os.environ.get("COURSE_CACHE"):
        return Path(chosen).expanduser()
    from platformdirs import user_cache_dir  # lazy: 30 ms, and not needed when the folder is chosen

    return Path(user_cache_dir("sequence-models-course", appauthor=False))


def is_sealed(folder: Path) -> bool:
    """Return True if a folder holds exactly the bytes it was sealed with."""
    try:
        lines = (folder / SEAL).read_text("utf-8").splitlines()
        sums = [line.split("  ", 1) for line in lines]
        return bool(sums) and all(sha256_of(folder / name) == digest for digest, name in sums)
    except (OSError, ValueError):  # missing, unreadable, or not a seal
        return False


def sealed_folder(key: str, fill: Callable[[Path], None]) -> Path:
    """Return the folder kept under `key`; make it with fill(folder) if it is missing or damaged.

    It is filled under another name and renamed when complete, so no reader sees a partial one.
    Raises OSError if the cache can't be written, and any error of `fill`.
    """
    folder = cache_root() / key
    if is_sealed(folder):
        return folder
    partial = folder.with_name(f"{folder.name}.partial-{os.getpid()}-{secrets.token_hex(4)}")
    partial.mkdir(parents=True)
    try:
        _sweep(folder.parent)
        fill(partial)
        sums = [f"{sha256_of(file)}  {file.name}\n" for file in sorted(partial.iterdir())]
        (partial / SEAL).write_text("".join(sums), "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        try:
            os.replace(partial, folder)
        except OSError:
            if not is_sealed(folder):  # else another process made the same folder first
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def write_words(file: BinaryIO, words: Iterable[str]) -> None:
    """Append words to an open binary file, UTF-8, one a line."""
    file.write("".join(f"{word}\n" for word in words).encode())


def read_words(folder: Path) -> list[str]:
    """Read back words.txt."""
    words = (folder / "words.txt").read_bytes().decode().split("\n")  # not splitlines: U+2028
    words.pop()  # what follows the last newline
    return words


def installed_vectors() -> tuple[list[str], np.ndarray]:
    """Return (words, (n_words, n) float32) of the vectors that are installed with the course.

    The words are kept as plain text, which opens a second faster than the package's own index.
    """
    matrix_file, words_file = map(locate, DATASETS["word_vectors"].sha256)

    def words_of_package() -> list[str]:
        from pyarrow import parquet  # lazy: 0.2 s, on a cold cache only

        return parquet.read_table(words_file).column("index").to_pylist()

    def fill(folder: Path) -> None:
        with open(folder / "words.txt", "wb") as file:
            write_words(file, words_of_package())

    try:
        words = read_words(sealed_folder(f"words-{sha256_of(words_file)[:32]}", fill))
    except OSError:  # the cache can't be written: slower, but as good
        words = words_of_package()
    matrix = np.load(matrix_file, mmap_mode="r", allow_pickle=False)
    return words, np.asarray(matrix)


def _sweep(root: Path) -> None:
    """Remove folders left half-written by processes that were killed over a day ago."""
    for left in root.glob("*.partial-*"):
        try:
            if time.time() - left.stat().st_mtime > _DAY:
                shutil.rmtree(left, ignore_errors=True)
        except OSError:  # another process is sweeping too
            pass
