"""The records of every exercise, one module or package per notebook, loaded when asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from ..judging.model import Assignment, Exercise

_MODULES = {
    "01_rnn_step_by_step": "rnn_step_by_step",
    "02_rnn_variants": "rnn_variants",
    "03_language_model": "language_model",
    "04_jazz_improvisation": "jazz_improvisation",
    "05_word_vectors": "word_vectors",
    "06_emojify": "emojify",
    "07_sentiment": "sentiment",
    "08_image_rnn": "image_rnn",
    "09_translation": "translation",
    "10_attention": "attention",
}


def stems() -> list[str]:
    """List the assignments by the stem of their notebook, in course order."""
    return list(_MODULES)


class UnknownAssignment(ValueError):
    """There is no assignment of that name; the message lists those there are."""


def stem_of(name: str) -> str:
    """Complete an assignment's number, "01", to its stem; raises UnknownAssignment."""
    for stem in stems():
        if name in (stem, stem.split("_")[0]):
            return stem
    raise UnknownAssignment(f"there is no assignment {name}: choose from {', '.join(stems())}")


@cache
def assignment(stem: str) -> Assignment:
    """Load the assignment of a notebook; KeyError if there is none of that stem."""
    return import_module(f"{__name__}.{_MODULES[stem]}").ASSIGNMENT


def find(name: str) -> tuple[Assignment, Exercise]:
    """Find an exercise by the name of its function; KeyError if no notebook has it."""
    for stem in stems():
        found = assignment(stem)
        if name in found.names():
            return found, found[name]
    raise KeyError(name)


def module_files(stem: str | None) -> list[Path]:
    """List the files that the records of a notebook consist of; of all notebooks for None."""
    here = Path(__file__).parent
    folder = here if stem is None else here / _MODULES[stem]
    return sorted({*here.glob("*.py"), *folder.rglob("*.py")})


def for_authors(stem: str, table: str) -> dict[str, Any]:
    """Join the tables of a name that the modules of a notebook's records have; exercises are keys.

    STYLES: right answers unlike the key's, by name. SURVIVORS: changes of the key that are no
    mistake, by reason. Only modules that have one are imported, as a style may need Keras.
    """
    found: dict[str, Any] = {}
    for path in table_files(stem, table):
        parts = path.relative_to(Path(__file__).parent).with_suffix("").parts
        found |= getattr(import_module(".".join((__name__, *parts))), table)
    return found


def table_files(stem: str, table: str) -> list[Path]:
    """List the modules of a notebook's records that have a table of this name."""
    files = sorted((Path(__file__).parent / _MODULES[stem]).rglob("*.py"))
    return [path for path in files if f"\n{table} = {{" in path.read_text("utf-8")]
