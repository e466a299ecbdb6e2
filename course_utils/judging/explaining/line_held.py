"""Tell what the variables on the line of an error held."""

from __future__ import annotations

import re

from ..model import Case
from .raised import Raised
from .shapes import with_axes

MOST_TOLD = 4  # variables
HELD = "When this line runs"


def line(e: Raised) -> str:
    """What the variables on the line held: always true, if no more is known."""
    told = [f"`{n}` is {in_words(e.variables[n], e.case)}" for n in e.names()[:MOST_TOLD]]
    return f"{HELD}, {', '.join(told)}." if told else ""


def in_words(brief: str, case: Case) -> str:
    """Put the description of a variable into words: "array (5, 4)" -> "an array (n_a, m)"."""
    kind, _, detail = brief.partition(" ")
    if kind in ("array", "tensor"):
        return f"{a_or_an(kind)} of shape {with_axes(detail, case)}"
    if kind in ("list", "tuple"):
        return f"a {kind} of {detail}"
    if kind == "dict":
        return f"a dict with the keys {detail}" if detail else "an empty dict"
    if kind == "class":
        return f"the class {detail} itself, which is called to make one: `{detail}()`"
    if kind == "callable":
        return "a function or layer"
    return f"{a_or_an(kind)} ({detail})" if detail else brief


def a_or_an(word: str) -> str:
    """Put the article before a word, by its sound: "an LSTM", "a uint8", "a one-hot row"."""
    sounds = "[AEFHILMNORSX]" if word[:2].isupper() else "(?!one)[aeioAEIO]"
    return f"{'an' if re.match(sounds, word) else 'a'} {word}"
