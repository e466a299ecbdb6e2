"""Keep parsed word vectors on disk in sealed folders: whole and unchanged, or not used."""

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from course_utils.data import sha256_of

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

    It is filled under another name and renamed when complete, so no reader sees half of it.
    Raises OSError if the cache can't be written, and whatever `fill` raises.
    """
    root = cache_root()
    folder = root / key
    if is_sealed(folder):
        return folder
    partial = root / f"{key}.partial-{os.getpid()}-{secrets.token_hex(4)}"
    partial.mkdir(parents=True)
    try:
        _sweep(root)
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


def write_words(file, words) -> None:
    """Append words to an open binary file, UTF-8, one a line."""
    file.write("".join(f"{word}\n" for word in words).encode())


def read_words(folder: Path) -> list[str]:
    """Read back words.txt."""
    words = (folder / "words.txt").read_bytes().decode().split("\n")  # not splitlines: U+2028
    words.pop()  # what follows the last newline
    return words


def sorted_words(words: list[str]) -> list[str]:
    """Return the words sorted; their order is kept under the SHA-256 of the list, and read back.

    Sorting 400,000 words takes longer than everything else that opening them does.
    """

    def fill(folder):
        order = sorted(range(len(words)), key=words.__getitem__)
        np.save(folder / "order.npy", np.array(order, np.int32), allow_pickle=False)

    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()
    try:
        folder = sealed_folder(f"order-{digest[:32]}", fill)
        order = np.load(folder / "order.npy", allow_pickle=False)
    except OSError:  # the cache can't be written: slower, as good
        return sorted(words)
    return [words[row] for row in order.tolist()]


def _sweep(root: Path) -> None:
    """Remove what processes killed over a day ago left half-written."""
    for left in root.glob("*.partial-*"):
        try:
            if time.time() - left.stat().st_mtime > _DAY:
                shutil.rmtree(left, ignore_errors=True)
        except OSError:  # another process is sweeping too
            pass
