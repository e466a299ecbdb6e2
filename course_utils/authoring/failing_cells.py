"""Find the cells of a student edition that must fail until the exercises are done."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from IPython.core.inputtransformer2 import TransformerManager

from .source import SourceCell

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (*DEFINITIONS, *COMPREHENSIONS, ast.Lambda)


def cells_that_fail(cells: list[SourceCell], exercises: list[str]) -> set[int]:
    """Return the positions of the cells that use an unwritten exercise, or what it would give.

    A cell fails if a statement outside a function body reads an exercise, or a name that a
    failed cell should have set; a function whose body reads one fails when it is used.
    """
    unset, failing = set(), set()
    for position, cell in enumerate(cells):
        if cell.kind != "code":
            continue
        if cell.exercise:
            unset.add(cell.exercise)
        elif _fails(cell.source, unset):
            failing.add(position)
    unknown = set(exercises) - unset
    assert not unknown, f"exercises without a cell: {unknown}"
    return failing


def _fails(source: str, unset: set[str]) -> bool:
    """Return True if a cell fails; add to `unset` the names it then fails to set."""
    return _run(ast.parse(TransformerManager().transform_cell(source)).body, unset, False)


def _run(statements: list[ast.stmt], unset: set[str], failed: bool) -> bool:
    """Return True if one of the statements fails, or has `failed` before them; keep `unset`."""
    for statement in statements:
        if isinstance(statement, DEFINITIONS):
            # one whose body reads such a name is defined all the same, and fails when it is used
            _names_fail([statement], unset, failed)
            continue
        parts = list(ast.iter_child_nodes(statement))
        inside = [part for part in parts if isinstance(part, ast.stmt)]
        # what a loop or a `with` sets is there before its body reads it
        before = [part for part in parts if part not in inside] if inside else [statement]
        failed = _run(inside, unset, _names_fail(before, unset, failed))
    return failed


def _names_fail(nodes: Sequence[ast.AST], unset: set[str], failed: bool) -> bool:
    """Return True if reading the names in the nodes fails, or has before; keep `unset`."""
    reads, sets = _names(nodes)
    failed = failed or bool(reads & unset)
    if failed:
        unset |= sets
    else:
        unset -= sets
    return failed


def _names(nodes: Sequence[ast.AST]) -> tuple[set[str], set[str]]:
    """Return the names that the nodes read, at once or when called, and those they set."""
    reads: set[str] = set()
    sets: set[str] = set()
    for node in nodes:
        _walk(node, reads, sets)
    return reads, sets


def _walk(node: ast.AST, reads: set[str], sets: set[str]) -> None:
    """Add the names that `node` reads and sets, leaving out what is local to a scope in it."""
    if isinstance(node, ast.Name):
        (sets if isinstance(node.ctx, ast.Store) else reads).add(node.id)
    elif isinstance(node, ast.alias):
        sets.add((node.asname or node.name).split(".")[0])
    elif isinstance(node, SCOPES):
        local = {child.arg for child in ast.walk(node) if isinstance(child, ast.arg)}
        inner: set[str] = set()
        for child in ast.iter_child_nodes(node):
            _walk(child, inner, local)
        reads |= inner - local
        if isinstance(node, DEFINITIONS):
            sets.add(node.name)
    else:
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            reads.add(node.target.id)
        for child in ast.iter_child_nodes(node):
            _walk(child, reads, sets)
