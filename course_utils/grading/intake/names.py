"""Read what the names of files say, and make names that are safe to write."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection
from functools import cache, lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from ...exercises import stems
from ...judging.result import printable

LONGEST_NAME = 200  # characters of a name that is shown; archives allow 65,535
LONGEST_PART = 150  # bytes of a name that is written; file systems take 255

_COPY = re.compile(r"(\s*\(\d+\)|[-_ ]+copy\s*\d*|\s+- copy.*)$", re.IGNORECASE)
_OWN_COPY = re.compile(r"-copy\d+$", re.IGNORECASE)  # as Jupyter names a duplicate
_COPY_OF = re.compile(r"^copy of ", re.IGNORECASE)
_WORDS = re.compile(r"([-_ ]+)")
# what Windows refuses, and characters that reverse text or break a line
_UNSAFE = re.compile(
    r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]'
)
# names of devices, which Windows does not accept for files
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)


class Named(NamedTuple):
    """What a file's name says: the student, the assignment's stem, and whether it is a copy."""

    student: str
    stem: str | None
    copy: bool = False


def bare(name: str) -> str:
    """Return a name without the suffix of a notebook or archive."""
    return re.sub(r"(\.ipynb(\.(txt|json))?|\.zip)$", "", name, flags=re.IGNORECASE)


def without_suffix(name: str) -> str:
    """Return a name without the suffix of any file: what a platform's pattern is matched with."""
    return re.sub(r"(\.ipynb)?\.\w{1,8}$", "", name)


def without_copy_mark(name: str) -> str:
    """Return a name without "Copy of", "(1)", "-Copy1" and the like."""
    name = _COPY_OF.sub("", name)
    while _COPY.search(name):
        name = _COPY.sub("", name)
    return name


@cache
def _a_stem() -> re.Pattern[str]:
    any_stem = "|".join(map(re.escape, stems()))
    return re.compile(rf"(?:^|[\W_])({any_stem})(?=[\W_]|$)", re.IGNORECASE)


def stem_in(name: str) -> str | None:
    """Return the assignment that a name mentions: "ada_01_rnn_step_by_step (1)" the first."""
    found = _a_stem().search(name)
    return found[1].lower() if found else None


@lru_cache(100_000)  # each is asked for several times while a class is read
def read_name(name: str) -> Named:
    """Read a bare name.

    "ada_01_rnn_step_by_step (1)" gives ("ada", "01_rnn_step_by_step", True).
    """
    plain = without_copy_mark(name)
    copy = plain != name and not _OWN_COPY.search(name)
    found = _a_stem().search(plain)
    if found:
        student = without_copy_mark(plain[: found.start()].strip(" _-+."))
        return Named(student, found[1].lower(), copy)
    return Named(plain.strip(" _-+.") or plain, None, copy)


def after_stem(name: str, stem: str) -> str:
    """Return what follows the assignment in a bare name: "01_rnn_step_by_step-ada" gives "ada"."""
    plain = without_copy_mark(name)
    return plain[plain.lower().rindex(stem) + len(stem) :].strip(" _-+.")


def is_assignment(name: str) -> bool:
    """Return True if a folder's name is that of an assignment and nothing else."""
    said = read_name(name)
    return bool(said.stem) and not said.student


def without_numbered_words(names: Collection[str]) -> dict[str, str]:
    """Map names to themselves without the words that all share at an end, if these hold a number.

    "hw1_ada" and "hw1_bob" give "ada" and "bob".
    """
    if len(names) < 2:
        return {}
    split = {name: _WORDS.split(name) for name in names}
    for end, rest in ((0, slice(2, None)), (-1, slice(None, -2))):
        while min(map(len, split.values())) > 2:
            shared = {words[end] for words in split.values()}
            if len(shared) > 1 or not re.search(r"\d", next(iter(shared))):
                break
            split = {name: words[rest] for name, words in split.items()}
    return {name: "".join(words) for name, words in split.items()}


def without_title(names: Collection[str], known: Collection[str] = ()) -> dict[str, str]:
    """Map names that begin with an assignment's title to what differs, the student.

    "hw1-ada" and "hw1-bob" give "ada" and "bob". One name alone is cut where a `known` student's
    name or an assignment of this course shows where.
    """
    for stem in (*stems(), *(stem.replace("_", "-") for stem in stems())):
        rest = {name: name[len(stem) :].strip("-_ ") for name in names}
        if all(name.lower().startswith(stem.lower()) and rest[name] for name in names):
            return rest
    if len(names) == 1:
        (name,) = names
        ends = [student for student in known if re.search(rf"[-_ ]{re.escape(student)}$", name)]
        return {name: max(ends, key=len, default=name.split("_", 1)[-1] if " " in name else name)}
    split = {name: _WORDS.split(name) for name in names}
    shortest = min(map(len, split.values()))
    shared = 0
    while shared + 1 < shortest and len({words[shared] for words in split.values()}) == 1:
        shared += 1
    return {name: "".join(words[shared:]).strip("-_ ") or name for name, words in split.items()}


def readable(name: str) -> str:
    """Return a file's name as composed text; what in it is not printable is written out."""
    text = name.encode("utf-8", "backslashreplace").decode()
    text = "".join(map(printable, unicodedata.normalize("NFC", text)))
    if len(text) <= LONGEST_NAME:
        return text
    suffix = PurePosixPath(text).suffix[:20]
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]  # different names stay different
    return f"{text[: LONGEST_NAME - 30]}~{digest}{suffix}"


def safe_name(name: str) -> str:
    """Turn any text into a name that every file system accepts; different texts stay different."""
    kept = _UNSAFE.sub("_", name).strip(" .")
    while len(kept.encode()) > LONGEST_PART:
        kept = kept[:-1].rstrip(" .")
    if kept and kept == name and not name.startswith("-") and not _RESERVED.match(name):
        return kept
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept.lstrip('-')}~{digest}".lstrip(" .")
