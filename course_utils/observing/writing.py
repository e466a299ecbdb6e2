"""Find what a function writes into: its arguments, under whatever name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .plain_data import arrays_in
from .repeatable import CHANGING, root_of


def aliases(values: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, str]:
    """Map variables that hold an array of an argument, or a view of one, to the argument's name."""
    arrays = {name: list(arrays_in([value])) for name, value in given.items()}
    return {
        name: argument
        for name, value in values.items()
        if name not in given and isinstance(value, np.ndarray)
        for argument, held in arrays.items()
        if any(np.may_share_memory(value, each) for each in held)
    }


def written(root: ast.stmt, names: Mapping[str, str]) -> dict[str, str]:
    """Map arguments to a line that writes into them; `names` maps all their names to them."""
    found: dict[str, str] = {}
    for statement in ast.walk(root):
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr):
            continue
        for name in filter(None, map(root_of, _places(statement))):
            if name in names:
                found.setdefault(names[name], ast.unparse(statement)[:200])
    return found


def _places(statement: ast.Assign | ast.AugAssign | ast.Expr) -> Iterator[ast.expr]:
    """Yield what a statement changes in place."""
    if isinstance(statement, ast.AugAssign):
        yield statement.target
    if isinstance(statement, ast.Assign):
        parts = (part for target in statement.targets for part in ast.walk(target))
        yield from (each for each in parts if isinstance(each, ast.Subscript))
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            yield from (each.value for each in node.keywords if each.arg == "out")
            if isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
                yield node.func.value
