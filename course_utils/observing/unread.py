"""Find what a function is given and never reads, or makes and keeps nowhere, in its source."""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

MOST_KEYS = 20  # of a dict of parameters; word maps have more
LONGEST = 200  # characters of a line
CHANGING = {*dir(list), *dir(dict), *dir(set)}  # methods that may change what they belong to
MAKE_ANEW = {*dir(str), *dir(np.ndarray)} - CHANGING
IN_PLACE = ("fill", "put", "place", "copyto", "resize", "partition", "byteswap", "set", "print",
            "save")  # fmt: skip


def unread(root: ast.stmt, args: Mapping[str, Any]) -> list[dict[str, str]]:
    """List the arguments, and the entries of dicts among them, whose values a function never uses.

    `args` are what it is called with, by position. Each found has "argument" (its name in `args`),
    "key" ("" for a whole argument), "written" (what the function calls it), "stored" (a name that
    holds it and is never read) and "replaced" (the line that gives the argument another value
    first); they are "" if there is none. A dict that is handed on counts as used. To copy a tree
    takes as long as all the rest: `root` may be another one afterwards.
    """
    if not isinstance(root, ast.FunctionDef) or _is_opaque(root):
        return []
    uses = _Uses(_Spread().visit(root))
    names = [each.arg for each in (*root.args.posonlyargs, *root.args.args)]
    found = []
    for (argument, value), name in zip(args.items(), names, strict=False):
        for key, written, places in uses.of(name, value):
            stored = [uses.stored_for_nothing(place) for place in places]
            replaced = "" if all(stored) or key else uses.replaced(name)
            if all(stored) or replaced:
                known = {"argument": argument, "key": key, "written": written[:LONGEST]}
                how = {"stored": "".join(stored[:1])[:LONGEST], "replaced": replaced[:LONGEST]}
                found.append(known | how)
    return found


def never_read(root: ast.stmt) -> list[str]:
    """List the variables of a function that get a value and are never read, in that order."""
    if not isinstance(root, ast.FunctionDef) or _is_opaque(root):
        return []
    names = [node for node in ast.walk(root) if isinstance(node, ast.Name)]
    read = {node.id for node in names if not isinstance(node.ctx, ast.Store)}
    return [name for name in dict.fromkeys(node.id for node in names) if name not in read]


def kept_nowhere(root: ast.stmt, home: Mapping[str, Any]) -> str:
    """Return the first statement that only makes a value, which nothing keeps; "" if none does.

    What a method of a text or an array returns is such a value, and what a function of NumPy does.
    The function's globals are `home`: what another module's function does is not known.
    """
    for node in ast.walk(root):
        made = node.value if isinstance(node, ast.Expr) else None
        computes = isinstance(made, ast.BinOp | ast.UnaryOp | ast.Compare)
        if made and (computes or isinstance(made, ast.Call) and _makes_anew(made, home)):
            return ast.unparse(made)[:LONGEST]
    return ""


def _makes_anew(call: ast.Call, home: Mapping[str, Any]) -> bool:
    """Return True if a call leaves everything as it is and returns something new."""
    called = call.func
    if not isinstance(called, ast.Attribute) or called.attr.startswith(IN_PLACE):
        return False
    owner, given = ast.unparse(called.value), [ast.unparse(each) for each in call.args]
    has_twice = len({*given}) < len(given)
    writes = has_twice or any(each.arg in ("out", "copy") for each in call.keywords)
    if owner == "np":
        function = getattr(np, called.attr, None)
        into = isinstance(function, np.ufunc) and len(given) > function.nin  # the last one
        return function is not None and not writes and not into
    is_other_module = inspect.ismodule(module := home.get(owner)) and module is not np
    return called.attr in MAKE_ANEW and not is_other_module and not writes


def _is_opaque(root: ast.FunctionDef) -> bool:
    """Return True if names may be read that do not stand there."""
    called = {ast.unparse(each.func) for each in ast.walk(root) if isinstance(each, ast.Call)}
    return bool(root.args.vararg or called & {"locals", "eval", "exec", "vars"})


class _Spread(ast.NodeTransformer):
    """Write `a, b = (p[name] for name in ("Wa", "Wb"))` as `a, b = (p["Wa"], p["Wb"])`."""

    def visit_Assign(self, line: ast.Assign) -> ast.Assign:
        made = line.value
        if isinstance(made, ast.GeneratorExp | ast.ListComp) and len(made.generators) == 1:
            (loop,) = made.generators
            listed = loop.iter.elts if isinstance(loop.iter, ast.Tuple | ast.List) else []
            if listed and isinstance(loop.target, ast.Name) and not loop.ifs:
                parts = [_put(made.elt, loop.target.id, each) for each in listed]
                line.value = ast.copy_location(ast.Tuple(parts, ast.Load()), made)
        return line


def _put(expression: ast.expr, name: str, value: ast.expr) -> ast.expr:
    """Return an expression with another one in the place of a name."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return copy.deepcopy(value) if node.id == name else node

    return Put().visit(copy.deepcopy(expression))


class _Uses:
    """Where a function reads its names."""

    def __init__(self, root: ast.FunctionDef) -> None:
        self._body = root.body
        self._parent = {
            part: node for node in ast.walk(root) for part in ast.iter_child_nodes(node)
        }
        self._read: dict[str, list[ast.expr]] = {}
        for node in self._parent:
            if isinstance(node, ast.Name):
                added_to = isinstance(self._parent[node], ast.AugAssign)
                if added_to or not isinstance(node.ctx, ast.Store):
                    self._read.setdefault(node.id, []).append(node)

    def of(self, name: str, value: Any) -> Iterator[tuple[str, str, list[ast.expr]]]:
        """Yield key, text and places of an argument, or of each entry of a dict of parameters."""
        read = self._read.get(name, [])
        inside = [each for each in map(self._parent.get, read) if isinstance(each, ast.Subscript)]
        keys = [each.slice.value for each in inside if isinstance(each.slice, ast.Constant)]
        by_key = read and len(keys) == len(read)
        if by_key and isinstance(value, Mapping) and len(value) <= MOST_KEYS:
            for key in value:
                places = [each for each, its in zip(inside, keys, strict=True) if its == key]
                yield key, f"{name}[{key!r}]", list[ast.expr](places)
        else:
            yield "", name, read

    def stored_for_nothing(self, place: ast.expr) -> str:
        """Return the name that a value is assigned to, if that is never read; "" if not."""
        line, side = self._parent[place], place
        if isinstance(line, ast.Tuple):
            side, line = line, self._parent[line]
        if not isinstance(line, ast.Assign) or line.value is not side or len(line.targets) > 1:
            return ""
        target = line.targets[0]
        if isinstance(side, ast.Tuple) and side is not place:
            if not isinstance(target, ast.Tuple) or len(target.elts) != len(side.elts):
                return ""
            target = target.elts[side.elts.index(place)]
        return target.id if isinstance(target, ast.Name) and target.id not in self._read else ""

    def replaced(self, name: str) -> str:
        """Return the line that gives an argument another value before it is read, or ""."""
        first = min((each.lineno for each in self._read.get(name, ())), default=0)
        for line in self._body:
            targets = line.targets if isinstance(line, ast.Assign) else []
            names = [each.id for each in targets if isinstance(each, ast.Name)]
            if name in names and (line.end_lineno or line.lineno) < first:
                return ast.unparse(line)
        return ""
