"""Break the answer key of an exercise by one small change at a time: each should be refused.

Every change is made inside the region that a learner writes. A change that the judge passes is a
survivor: either a right answer after all, or a hole in the cases or criteria.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

from ..observing.syntax_trees import Place, compiled, get, parsed, put, swapped, transposed
from .source import BEGIN, END

FUNCTIONS = {  # what may be mistaken for what; a call is also replaced by its first argument
    "np.tanh": ("sigmoid", "np.sin"),
    "sigmoid": ("np.tanh", "softmax"),
    "softmax": ("sigmoid", "np.exp"),
    "np.sum": ("np.mean", "np.max", "np.cumsum"),
    "np.zeros": ("np.ones",),
    "np.sqrt": ("np.square", "np.exp"),
    "np.dot": ("np.multiply", "np.outer", "np.add"),
    "np.linalg.norm": ("np.sum", "np.max"),
    "np.maximum": ("np.minimum",),
    "np.argmax": ("np.argmin",),
    "np.concatenate": ("np.stack",),
    "max": ("min", "list"),
    "sum": ("max",),
}
SIZES = {"n_x", "n_a", "n_y", "m", "T_x", "t"}  # may be one off
BINARY = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Add, ast.Div, ast.MatMult),
    ast.Div: (ast.Mult, ast.FloorDiv, ast.Sub),
    ast.MatMult: (ast.Mult, ast.Add),
    ast.Pow: (ast.Mult, ast.Add),
}
TOKENS = re.compile(r"\w+|\S=|\*\*|//|.")


class Mutant(NamedTuple):
    """The changed code of an answer cell, and the change: "a = np.{zeros -> ones}(n_a)"."""

    change: str
    code: CodeType


def mutants(source: str, only: str = "") -> Iterator[Mutant]:
    """Yield every change of the answer in a cell, each once.

    Only lines between the markers are changed, and of these only those that contain `only`.
    """
    lines = [line.strip() for line in source.splitlines()]
    region = range(lines.index(BEGIN) + 1, lines.index(END))
    changed = frozenset(i + 1 for i in region if only in lines[i])
    yield from _mutants(ast.parse(source), changed)


def _in_region(tree: ast.Module, lines: frozenset[int]) -> list[Place]:
    """List every place a node stands at inside the region: (parent, field, index)."""
    places = []
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                line = getattr(node, "lineno", None)
                if isinstance(node, ast.comprehension | ast.keyword):
                    line = (node.value if isinstance(node, ast.keyword) else node.iter).lineno
                if line in lines:
                    places.append((parent, field, index))
    return places


def _changes(
    node: ast.AST, parent: ast.AST, names: list[str], strings: list[str]
) -> Iterator[ast.AST]:
    """Yield what may stand in the place of one node; None for nothing at all."""
    kind = type(node).__name__
    yield from globals().get(f"_{kind.lower()}", lambda *_: ())(node, parent, names, strings)
    if isinstance(node, ast.stmt):
        yield ast.Pass()


def _binop(node: ast.BinOp, *_: object) -> Iterator[ast.AST]:
    for op in BINARY.get(type(node.op), ()):
        yield ast.BinOp(node.left, op(), node.right)
    yield node.left
    yield node.right
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node.op, ast.MatMult):
        for left, right in transposed(node.left, node.right):
            yield ast.BinOp(left, node.op, right)


def _unaryop(node: ast.UnaryOp, *_: object) -> Iterator[ast.AST]:
    yield node.operand


def _attribute(node: ast.Attribute, *_: object) -> Iterator[ast.AST]:
    if node.attr == "T":
        yield node.value


def _constant(
    node: ast.Constant, parent: ast.AST, _: object, strings: list[str]
) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(v) for v in sorted({value + 1, value - 1, 0, -value} - {value}))
    elif isinstance(value, float):
        yield from (ast.Constant(v) for v in (0.0, -value, 1e5 * value))
    elif isinstance(value, str) and not isinstance(parent, ast.JoinedStr):
        yield from (ast.Constant(other) for other in strings if other != value)
    elif isinstance(value, str):
        yield ast.Constant({"W": "b", "b": "W"}.get(value[-1:], value))


def _name(node: ast.Name, parent: ast.AST, names: list[str], _: object) -> Iterator[ast.AST]:
    called = isinstance(parent, ast.Call) and parent.func is node
    if isinstance(node.ctx, ast.Load) and not called:
        yield from (ast.Name(other, ast.Load()) for other in names if other != node.id)
        if names and not isinstance(parent, ast.Attribute):
            yield ast.Constant(0)
            yield ast.Constant(1)
        if node.id in SIZES:
            yield ast.BinOp(node, ast.Sub(), ast.Constant(1))
            yield ast.BinOp(node, ast.Add(), ast.Constant(1))
        elif not isinstance(parent, ast.Attribute | ast.Subscript):
            yield ast.UnaryOp(ast.USub(), node)


def _call(node: ast.Call, *_: object) -> Iterator[ast.AST]:
    name = ast.unparse(node.func)
    for other in FUNCTIONS.get(name, ()):
        yield ast.Call(parsed(other), node.args, node.keywords)
    yield from node.args
    if isinstance(node.func, ast.Attribute):
        yield node.func.value  # x.lower() -> x
    for i in range(len(node.args) - 1):
        yield ast.Call(node.func, swapped(node.args, i), node.keywords)
    for i in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :])
    if name == "range" and len(node.args) == 1:
        end = ast.unparse(node.args[0])
        wrong = (f"range(1, {end})", f"range({end} - 1)", f"range({end} + 1)", "range(7)")
        yield from map(parsed, (*wrong, f"reversed(range({end}))", f"range(0, {end}, 2)"))
    if name == "np.concatenate":
        yield ast.Call(node.func, node.args, [ast.keyword("axis", ast.Constant(1))])
    if name == "np.sum":
        yield ast.Call(node.func, node.args[:1], [])


def _tuple(node: ast.Tuple | ast.List, *_: object) -> Iterator[ast.AST]:
    for i in range(len(node.elts) - 1):
        yield type(node)(swapped(node.elts, i), node.ctx)
    for i in range(len(node.elts)):
        yield type(node)(node.elts[:i] + node.elts[i + 1 :], node.ctx)


_list = _tuple


def _dict(node: ast.Dict, *_: object) -> Iterator[ast.AST]:
    for i in range(len(node.keys) - 1):
        yield ast.Dict(node.keys, swapped(node.values, i))
    for i in range(len(node.keys)):
        yield ast.Dict(node.keys[:i] + node.keys[i + 1 :], node.values[:i] + node.values[i + 1 :])


def _slice(node: ast.Slice, *_: object) -> Iterator[ast.AST]:
    yield ast.Slice(node.upper, node.lower, node.step)
    if node.lower or node.upper:
        yield ast.Slice(None, None, None)
    else:
        yield ast.Slice(None, None, ast.Constant(-1))
        yield ast.Constant(0)


def _subscript(node: ast.Subscript, *_: object) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        yield node.value


def _compare(node: ast.Compare, *_: object) -> Iterator[ast.AST]:
    op, *more = node.ops
    others = {ast.NotIn: ast.In, ast.In: ast.NotIn, ast.Gt: ast.GtE, ast.Lt: ast.LtE}
    if type(op) in others and not more:
        yield ast.Compare(node.left, [others[type(op)]()], node.comparators)


def _comprehension(node: ast.comprehension, *_: object) -> Iterator[ast.AST]:
    if node.ifs:
        yield ast.comprehension(node.target, node.iter, [], node.is_async)


def _lambda(node: ast.Lambda, *_: object) -> Iterator[ast.AST]:
    yield ast.Lambda(node.args, ast.UnaryOp(ast.USub(), node.body))


def _augassign(node: ast.AugAssign, *_: object) -> Iterator[ast.AST]:
    target = node.target
    yield ast.Assign([target], node.value)
    yield ast.AugAssign(target, ast.Sub(), node.value)
    yield ast.Assign([target], ast.BinOp(_loaded(target), ast.Add(), _loaded(target)))


def _loaded(target: ast.expr) -> ast.expr:
    return parsed(ast.unparse(target))


def _assign(node: ast.Assign, *_: object) -> Iterator[ast.AST]:
    target, *more = node.targets
    if not more and isinstance(target, ast.Name | ast.Subscript):
        yield ast.AugAssign(target, ast.Add(), node.value)


def _for(node: ast.For, *_: object) -> Iterator[ast.AST]:
    for i in range(len(node.body)):
        early = [ast.Return(None) if j == i else s for j, s in enumerate(node.body)]
        yield ast.For(node.target, node.iter, early, [])
    yield ast.For(node.target, node.iter, [*node.body, ast.Break()], [])


def _mutants(tree: ast.Module, lines: frozenset[int]) -> Iterator[Mutant]:
    places = _in_region(tree, lines)
    nodes = [get(place) for place in places]
    functions = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    loaded = {n.id for n in nodes if isinstance(n, ast.Name) and id(n) not in functions}
    names = sorted(loaded - {"np"})
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    holders = {id(n): parent for parent in ast.walk(tree) for n in ast.iter_child_nodes(parent)}
    seen = set()
    for place, node in zip(places, nodes, strict=True):
        statement = node
        while not isinstance(statement, ast.stmt):
            statement = holders[id(statement)]
        before = _said(statement)
        for change in _changes(node, place[0], names, sorted(texts)):
            put(place, ast.fix_missing_locations(ast.copy_location(change, node)))
            after = _said(change if statement is node else statement)
            code = (
                _compiled(tree) if after != before and (id(statement), after) not in seen else None
            )
            put(place, node)
            seen.add((id(statement), after))
            if code:
                yield Mutant(shown(before, after), code)


def _said(statement: ast.AST) -> str:
    """Write a statement down in one line."""
    return " ".join(ast.unparse(statement).split())


def shown(before: str, after: str) -> str:
    """Write a change of a statement in one line: "a = np.{zeros -> ones}(n_a)"."""
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    shared = min(len(old), len(new))
    start = next((i for i in range(shared) if old[i] != new[i]), shared)
    end = next((i for i in range(shared - start) if old[-1 - i] != new[-1 - i]), shared - start)
    parts = [old[:start], old[start : len(old) - end], new[start : len(new) - end]]
    left, was, became = map("".join, parts)
    return f"{left}{{{was} -> {became}}}{''.join(old[len(old) - end :])}"


def _compiled(tree: ast.Module) -> CodeType | None:
    return compiled(tree, "a mutant")
