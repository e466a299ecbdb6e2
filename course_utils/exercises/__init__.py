"""The records of every exercise, one module or package per notebook, loaded when asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from ..judging.model import Assignment, Exercise

_MODULES = {
    "01_rnn_step_by_step": "rnn_step_by_step",
    "02_rnn_variants": "rnn_variants",
    "03_jazz_improvisation": "jazz_improvisation",
    "04_word_vectors": "word_vectors",
    "05_emojify": "emojify",
    "06_sentiment": "sentiment",
    "07_image_rnn": "image_rnn",
    "08_translation": "translation",
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
    if stem is None:
        return sorted(here.rglob("*.py"))
    module = here / _MODULES[stem]
    own = module.rglob("*.py") if module.is_dir() else [module.with_suffix(".py")]
    return sorted([*here.glob("*.py"), *own])
