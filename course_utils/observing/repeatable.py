"""Tell whether code can be run again and again without leaving a trace."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

MODULES = {
    *("numpy", "math", "keras", "tensorflow", "scipy", "itertools", "functools", "collections"),
    *("operator", "re", "string", "heapq", "bisect", "copy", "typing", "course_utils"),
}
LASTING = {  # what calls of these names do is still there when they are over, or never the same
    *("open", "exec", "eval", "input", "exit", "quit", "breakpoint", "__import__", "setattr"),
    *("save", "savez", "savetxt", "tofile", "dump", "write", "write_text", "write_bytes", "memmap"),
    *("random", "seed", "show", "display", "compile", "fit", "train_on_batch", "assign"),
    "set_weights",
}
CHANGING = {
    *("append", "extend", "insert", "pop", "remove", "clear", "update", "setdefault", "popitem"),
    *("add", "discard", "sort", "reverse", "fill", "resize", "put", "itemset"),
}


def is_repeatable(tree: ast.Module, home: Mapping[str, Any]) -> bool:
    """Return True if all that functions in `tree` call, in the globals `home`, only computes."""
    own = _bound(tree)
    return all(_leaves_no_trace(node, home, own) for node in ast.walk(tree))


def _bound(tree: ast.Module) -> set[str]:
    """Name the arguments and variables of functions."""
    found = {each.arg for each in ast.walk(tree) if isinstance(each, ast.arg)}
    names = (each for each in ast.walk(tree) if isinstance(each, ast.Name))
    return found | {each.id for each in names if isinstance(each.ctx, ast.Store)}


def _leaves_no_trace(node: ast.AST, home: Mapping[str, Any], own: set[str]) -> bool:
    if isinstance(node, ast.Global | ast.Nonlocal | ast.Await):
        return False
    if isinstance(node, ast.Import | ast.ImportFrom):
        named = [node.module] if isinstance(node, ast.ImportFrom) else [n.name for n in node.names]
        return all((name or "").partition(".")[0] in MODULES for name in named)
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
        return root_of(node) in own
    if not isinstance(node, ast.Call):
        return True
    parts, root = _chain(node.func), root_of(node.func)
    drawn = {"random"} if root in own else set()  # by a generator that is an argument
    if (LASTING - drawn) & {*parts}:
        return False
    if root is None or root in own or root not in home:
        return True
    held = home[root]
    if isinstance(held, ModuleType):
        return held.__name__.partition(".")[0] in MODULES
    if isinstance(held, list | dict | set) or type(held).__name__ == "ndarray":
        return parts[-1] not in CHANGING
    if isinstance(held, FunctionType):
        module = held.__module__ or ""
        in_cells = module in ("__main__", "builtins") or module not in sys.modules
        return in_cells or module.partition(".")[0] in MODULES
    return isinstance(held, type) or type(held).__module__ != "__main__"  # it may keep something


def _chain(node: ast.AST) -> list[str]:
    """List the names in `a.b.c`, or in what is like it."""
    if isinstance(node, ast.Attribute):
        return [*_chain(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else [""]


def root_of(node: ast.AST) -> str | None:
    """Name the variable that an expression such as `a.b[c]()` begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None
