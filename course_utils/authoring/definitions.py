"""Find the syntax tree of a function, the names it takes from outside, and those it sets."""

from __future__ import annotations

import ast
import copy
import dis
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

_GLOBAL = {"LOAD_GLOBAL", "LOAD_NAME"}


class NotStandalone(ValueError):
    """A function can't be written down on its own; the message says why."""


def definition(function: FunctionType) -> ast.FunctionDef:
    """Return a copy of the tree of a function, bare: no decorator, annotation or docstring.

    A lambda is written as a function that returns its body. Raises NotStandalone.
    """
    code = function.__code__
    is_lambda = code.co_name == "<lambda>"
    there = _functions(code.co_filename).get((code.co_name, code.co_firstlineno), [])
    found = [
        node for node in there if not is_lambda or len(there) == 1 or _is_lambda_of(node, code)
    ]
    if len(found) != 1:
        raise NotStandalone(f"no source, or several, for {function.__qualname__}")
    node = copy.deepcopy(found[0])
    body = [ast.Return(node.body)] if is_lambda else node.body
    if not is_lambda and ast.get_docstring(node) is not None:
        body = body[1:]
    for arg in ast.walk(node.args):
        if isinstance(arg, ast.arg):
            arg.annotation = None
    name = "function" if is_lambda else node.name
    return ast.FunctionDef(
        name=name, args=node.args, body=body, decorator_list=[], returns=None, type_params=[]
    )


@cache
def _functions(filename: str) -> dict[tuple[str, int], list[Any]]:
    """Map a function's name and the line its code object starts on to what is defined there."""
    try:
        tree = ast.parse(Path(filename).read_text("utf-8"))
    except (OSError, SyntaxError):
        raise NotStandalone(f"{filename} has no source that can be read") from None
    found: dict[tuple[str, int], list[Any]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            found.setdefault(("<lambda>", node.lineno), []).append(node)
        elif isinstance(node, ast.FunctionDef):
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            found.setdefault((node.name, first), []).append(node)
    return found


def _is_lambda_of(node: ast.Lambda, code: CodeType) -> bool:
    """Return True if some instruction of `code` stands for the whole body of this lambda."""
    body = node.body
    span = (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset)
    return span in set(code.co_positions())


def free_names(function: FunctionType) -> dict[str, Any]:
    """Map the names that a function takes from its module or from around it to their values."""
    values = dict(function.__globals__)
    around = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    used = {
        instruction.argval
        for code in _codes(function.__code__)
        for instruction in dis.get_instructions(code)
        if instruction.opname in _GLOBAL
    }
    found = {name: values[name] for name in sorted(used) if name in values}  # the rest is built in
    return found | {name: cell.cell_contents for name, cell in around.items()}


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def bound_names(node: ast.AST) -> set[str]:
    """List every name that is set anywhere in a definition, also in functions inside it."""
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
            names.add(each.id)
        elif isinstance(each, ast.arg):
            names.add(each.arg)
        elif isinstance(each, ast.FunctionDef) and each is not node:
            names.add(each.name)
        elif isinstance(each, ast.alias):
            names.add((each.asname or each.name).split(".")[0])
        elif isinstance(each, ast.ExceptHandler) and each.name:
            names.add(each.name)
    return names


def renamed(node: ast.FunctionDef, targets: Mapping[str, ast.expr]) -> ast.FunctionDef:
    """Replace every name that is read and has a target by it."""
    return _Renaming(targets).visit(node)


class _Renaming(ast.NodeTransformer):
    def __init__(self, targets: Mapping[str, ast.expr]) -> None:
        self._targets = targets

    def visit_Name(self, node: ast.Name) -> ast.expr:  # noqa: N802 (ast's own naming)
        if isinstance(node.ctx, ast.Load) and node.id in self._targets:
            return copy.deepcopy(self._targets[node.id])
        return node
