"""Number characters: those of sentences, and the two that begin and end a translation."""

from __future__ import annotations

from collections.abc import Iterable

START, END = "\t", "\n"


def character_index(sentences: Iterable[str], ends: bool = False) -> dict[str, int]:
    """Number the characters of the sentences from 1 on, sorted; with `ends`, start and end too."""
    found = set().union(*sentences) | ({START, END} if ends else set())
    return {character: number for number, character in enumerate(sorted(found), start=1)}
