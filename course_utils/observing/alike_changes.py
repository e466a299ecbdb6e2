"""Find the same change at several places of a function: a slip that was made more than once."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from .syntax_trees import Place, get

MOST_PLACES = 8
EXACT = ast.Name | ast.Constant  # which are alike only if they are the same
WHOLE = ("place", "missing", "stored", "copy")  # kinds of change that no slip makes again
Change = tuple[int, str, Place, Any, ast.stmt]  # rank, kind, place, what stands there then, line


def alike(changes: Iterable[Change], names: Collection[str]) -> Iterator[list[Change]]:
    """Yield lists of changes that do the same, two or more, to expressions side by side.

    They are the same if they differ in nothing but the `names` of variables and in texts.
    """
    groups: dict[tuple[str, ...], list[Change]] = {}
    variable = re.compile(rf"'[^']*'|\b(?:{'|'.join(map(re.escape, names))})\b")
    for change in changes:
        _, kind, place, new, _ = change
        (parent, field, _), old = place, get(place)
        if kind in WHOLE or not isinstance(old, ast.AST) or hasattr(old, "body"):
            continue
        where = (parent.arg or "") if isinstance(parent, ast.keyword) else ""
        texts = [ast.unparse(ast.fix_missing_locations(each)) for each in (old, new)]
        if not isinstance(old, EXACT):
            texts = _with_numbers(texts, variable)
        groups.setdefault((kind, type(parent).__name__, field, where, *texts), []).append(change)
    for group in groups.values():
        if 1 < len(group) <= MOST_PLACES and not _one_in_another(group):
            yield group


def _with_numbers(texts: Sequence[str], variable: re.Pattern[str]) -> list[str]:
    """Write variables and texts as numbers, in the order in which they come."""
    numbers: dict[str, str] = {}
    return [
        variable.sub(lambda found: numbers.setdefault(found[0], f"_{len(numbers)}"), text)
        for text in texts
    ]


def _one_in_another(group: Sequence[Change]) -> bool:
    places = [get(place) for _, _, place, _, _ in group]
    inside = [part for each in places for part in ast.walk(each) if part is not each]
    return any(part is each for part in inside for each in places)
