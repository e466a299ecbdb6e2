"""Say what a grade depends on, in one hash: while that is the same, so is the grade."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from ... import PACKAGE
from ...exercises import module_files
from ..sandbox.limits import DEFAULT, Limits

# beside the records of the notebook: a change of anything in these means to grade again
DECIDES = ("observing", "judging", "grading/intake", "grading/core", "grading/sandbox/inside")


def digest_of(content: bytes) -> str:
    """Return a short hash of what was handed in."""
    return hashlib.sha256(content).hexdigest()[:20]


def key(content: bytes, name: str, stem: str | None, seed: int, limits: Limits = DEFAULT) -> str:
    """Return what a grade depends on, as one hash: content, exercises, seed, limits.

    `stem` is the assignment that the file's `name` says; where it says none, all exercises count.
    """
    parts = [version(stem), str(seed), stem or name, repr(astuple(limits))]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass"))
    digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


@cache
def version(stem: str | None) -> str:
    """Return a hash of the code that decides a grade: exercises, judge, observation."""
    shared = [path for name in DECIDES for path in sorted((PACKAGE / name).glob("*.[pj]*"))]
    digest = hashlib.sha256()
    for path in [*shared, *module_files(stem)]:
        digest.update(f"{path.relative_to(PACKAGE)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def version_name(stem: str | None) -> str:
    """Return the version of the course and of the code that decides a grade, as tables show it."""
    try:
        course = installed("sequence-models-course")
    except PackageNotFoundError:
        course = "0"
    return f"{course}+{version(stem)[:8]}"
