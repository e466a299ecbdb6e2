"""Find the cells of a student edition that must fail until the exercises are done."""

from __future__ import annotations

import ast

from IPython.core.inputtransformer2 import TransformerManager

from .source import SourceCell


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
    """Tell whether a cell fails; add to `unset` what it then does not set."""
    failed = False
    for statement in ast.parse(TransformerManager().transform_cell(source)).body:
        reads, sets = _names(statement)
        defines = isinstance(statement, (ast.FunctionDef, ast.ClassDef))
        if not defines and reads & unset:
            failed = True
        if failed or (defines and reads & unset):
            unset |= sets
        else:
            unset -= sets
    return failed


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    reads, sets = set(), set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else sets).add(node.id)
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return reads, {statement.name}
    return reads, sets
