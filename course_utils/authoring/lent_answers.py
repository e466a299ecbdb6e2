"""Collect the right answers that the grader lends to exercises that build on them."""

from __future__ import annotations

import ast
import builtins
import json
from collections.abc import Iterable
from pathlib import Path

from ..exercises import assignment
from .source import SourceCell, SourceError, parse, read_source


def lent_answers(sources: Iterable[Path]) -> bytes:
    """Return the grader's file of answers: notebook -> exercise that others need -> source lines.

    Each source stands alone: its imports, then the answer. Raises SourceError if an answer uses a
    name that no import of the notebook gives.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for source in sources:
        exercises = assignment(source.stem).exercises
        needed = sorted({name for exercise in exercises for name in exercise.needs})
        cells = [c for c in parse(read_source(source), source) if c.kind == "code"]
        if needed:
            found[source.stem] = {name: _alone(name, cells, source) for name in needed}
    return (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode()


def _alone(name: str, cells: list[SourceCell], path: Path) -> list[str]:
    cell = next((c for c in cells if c.exercise == name), None)
    if cell is None:
        raise SourceError(path, None, f"no cell answers {name}, which another exercise needs")
    tree = ast.parse(cell.solved)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _stored(n)}
    bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    free = used - bound - set(dir(builtins))
    imports = _imports(cells)
    if unknown := sorted(free - set(imports)):
        raise SourceError(
            path, cell.line, f"{name} uses {', '.join(unknown)}, which nothing imports: others "
            "need this exercise, so its answer has to stand alone"
        )  # fmt: skip
    return [*sorted({imports[used] for used in free}), "", "", *cell.solved.splitlines()]


def _stored(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _imports(cells: list[SourceCell]) -> dict[str, str]:
    """Map every name that a cell imports to the statement that imports it alone."""
    found: dict[str, str] = {}
    for cell in cells:
        try:
            body = ast.parse(cell.source).body
        except SyntaxError:  # a magic
            continue
        for node in body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.split(".")[0]
                    found[name] = ast.unparse(ast.Import([alias]))
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    alone = ast.ImportFrom(node.module, [alias], node.level)
                    found[alias.asname or alias.name] = ast.unparse(alone)
    return found
