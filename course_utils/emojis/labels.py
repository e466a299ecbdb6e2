"""Read a label from the cell of a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]*)?(e[-+]?[0-9]+)?", re.I)

LabelOf = Callable[[str], int | None]


def label_in(cell: str, C: int, aliases: tuple[str, ...]) -> int | None:
    """Return the label in a cell, given as a number (3, 3.0 or 3,0) or an emoji; else None."""
    if NUMBER.fullmatch(cell):
        value = float(cell.replace(",", "."))
        return int(value) if value.is_integer() and 0 <= value < C else None
    if cell in aliases:
        label = aliases.index(cell)
    elif cell.isascii() or len(cell) > 2:
        return None
    else:
        label = _emoji(aliases).get(cell.replace("\ufe0f", ""))
    return label if label is not None and label < C else None


@cache
def _emoji(aliases: tuple[str, ...]) -> dict[str, int]:
    import emoji  # lazy: it reads its tables

    signs = [emoji.emojize(alias, language="alias") for alias in aliases]
    return {sign.replace("\ufe0f", ""): label for label, sign in enumerate(signs)}
