"""Fingerprint the course's own code, to find answers that copy it."""

from __future__ import annotations

import inspect
import textwrap
from contextlib import suppress
from functools import cache

from ... import PACKAGE
from ...exercises import assignment, stems
from ..core.lent_answers import references
from ..intake.fingerprints import fingerprint, fingerprints
from ..intake.notebook_file import Unreadable, read_notebook


@cache
def originals(stem: str) -> dict[str, frozenset[str]]:
    """Map the exercises of an assignment to the fingerprints of the course's own code for them.

    That is the answer key where this is a checkout, the right helpers that are lent to answers, and
    the oracle, which anyone can read.
    """
    if stem not in stems():
        return {}
    exercises = assignment(stem).exercises
    names = [exercise.name for exercise in exercises]
    key = _key(stem, names)
    lent = references().get(stem, {})
    found = {}
    for exercise in exercises:
        oracle = ""
        with suppress(OSError, TypeError):  # no source, or no function
            oracle = textwrap.dedent(inspect.getsource(inspect.unwrap(exercise.oracle)))
        prints = {
            key.get(exercise.name, ""),
            fingerprint(lent.get(exercise.name, "")),
            fingerprint(oracle),
        }
        found[exercise.name] = frozenset(prints - {""})
    return found


def _key(stem: str, names: list[str]) -> dict[str, str]:
    path = PACKAGE.parent / "solutions" / f"{stem}.ipynb"
    try:
        return fingerprints(read_notebook(path.read_bytes()).sources(), names)
    except (OSError, Unreadable):
        return {}
