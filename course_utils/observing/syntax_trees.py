"""Parse the functions of a cell, put something else at a place of such a tree, make it code."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any
from warnings import catch_warnings

MOST_LINES = 200  # of the functions of a cell
Place = tuple[ast.AST, str, int | None]  # a node's parent, its field, and its index there


def get(place: Place) -> Any:
    """Return what stands at a place: a node, or a list of them."""
    parent, field, index = place
    value = getattr(parent, field)
    return value if index is None else value[index]


def put(place: Place, new: Any) -> None:
    """Put something else there."""
    parent, field, index = place
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


def compiled(tree: ast.Module, name: str) -> CodeType | None:
    """Compile a tree as the file `name`; None if it is not Python any more."""
    try:
        with catch_warnings(action="ignore"):
            return compile(tree, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, TypeError):
        return None


def cell_of(function: Any) -> ast.Module | None:
    """Parse the functions and classes of the cell that defines a function, if it can be had."""
    if not isinstance(function, FunctionType):
        return None
    code = function.__code__
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    except (SyntaxError, ValueError):
        return None
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    own = [node for node in tree.body if getattr(node, "name", "") == function.__name__]
    size = sum((node.end_lineno or 0) - node.lineno for node in tree.body)
    known = own and own[-1].lineno == code.co_firstlineno
    return tree if known and size <= MOST_LINES else None


def parsed(text: str) -> ast.expr:
    """Parse an expression."""
    return ast.parse(text, mode="eval").body


def swapped(items: list, i: int) -> list:
    """Return a list in which an item and the next have changed places."""
    return [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def transposed(left: ast.expr, right: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield two operands with the left one, the right one, or both transposed."""
    yield _turned(left), right
    yield left, _turned(right)
    yield _turned(left), _turned(right)


def _turned(side: ast.expr) -> ast.expr:
    if isinstance(side, ast.Attribute) and side.attr == "T":
        return side.value
    return ast.Attribute(side, "T", ast.Load())
