"""Decide expressions and conditions whose parts are known before the code runs."""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

from .definitions import bound_names, renamed

_COMPARED: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, group: item in group,
    ast.NotIn: lambda item, group: item not in group,
}
_UNKNOWN = object()


def folded(function: ast.FunctionDef, names: set[str]) -> None:
    """Decide in place what can be decided; `names` are those of functions, which are true."""
    folding = _Folding(names)
    function.body = [new for node in function.body for new in _several(folding.visit(node))]


def is_fixed(value: ast.expr) -> bool:
    """Return True if an expression always has the same value, wherever it is written."""
    if isinstance(value, (ast.Tuple, ast.List)):
        return isinstance(value, ast.Tuple) and all(map(is_fixed, value.elts))
    if isinstance(value, ast.Attribute):
        return isinstance(value.value, ast.Name) and value.value.id == "np"
    return isinstance(value, (ast.Constant, ast.Name, ast.Lambda))


def is_plain(function: ast.Lambda, call: ast.Call) -> bool:
    """Return True if a call of a lambda can be replaced by the lambda's body."""
    args = function.args
    if call.keywords or args.defaults or args.kwonlyargs or args.vararg or args.kwarg:
        return False
    if len(args.args) != len(call.args) or any(isinstance(a, ast.Starred) for a in call.args):
        return False
    used = Counter(n.id for n in ast.walk(function.body) if isinstance(n, ast.Name))
    inside = bound_names(function.body)
    for arg, value in zip(args.args, call.args, strict=True):
        free = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
        if free & inside or (used[arg.arg] > 1 and not is_fixed(value)):
            return False
    return True


def _several(node: Any) -> list[ast.stmt]:
    return node if isinstance(node, list) else [] if node is None else [node]


class _Folding(ast.NodeTransformer):
    def __init__(self, names: set[str]) -> None:
        self._names = names

    def _value(self, node: ast.expr) -> Any:
        """Return what is known of a value: itself, or for a function some true thing."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Lambda) or getattr(node, "id", "") in self._names:
            return self
        if isinstance(node, ast.Tuple):
            values = [self._value(each) for each in node.elts]
            return _UNKNOWN if _UNKNOWN in values else tuple(values)
        return self if isinstance(node, ast.Attribute) and is_fixed(node) else _UNKNOWN

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:  # noqa: N802 (ast's own naming)
        self.generic_visit(node)
        test = self._value(node.test)
        return node if test is _UNKNOWN else node.body if test else node.orelse

    def visit_If(self, node: ast.If) -> Any:  # noqa: N802
        self.generic_visit(node)
        test = self._value(node.test)
        return node if test is _UNKNOWN else node.body if test else node.orelse or None

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:  # noqa: N802
        self.generic_visit(node)
        first = self._value(node.values[0])
        if first is _UNKNOWN or len(node.values) > 2:
            return node
        return node.values[bool(first) is isinstance(node.op, ast.And)]

    def visit_Compare(self, node: ast.Compare) -> ast.expr:  # noqa: N802
        self.generic_visit(node)
        compare = _COMPARED.get(type(node.ops[0]))
        left, right = self._value(node.left), self._value(node.comparators[0])
        if compare is None or len(node.ops) > 1 or _UNKNOWN in (left, right):
            return node
        return ast.Constant(compare(left, right))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:  # noqa: N802
        self.generic_visit(node)
        if not isinstance(node.slice, ast.Constant):
            return node
        if isinstance(node.value, ast.Dict):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == node.slice.value:
                    return value
        if isinstance(node.value, ast.Tuple) and is_fixed(node.value):
            return node.value.elts[node.slice.value]
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.func, ast.Lambda) and is_plain(node.func, node):
            names = [arg.arg for arg in node.func.args.args]
            body = ast.Expression(node.func.body)
            return renamed(body, dict(zip(names, node.args, strict=True))).body
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:  # noqa: N802
        self.generic_visit(node)
        right = node.right.value if isinstance(node.right, ast.Constant) else None
        nothing = {ast.Add: 0.0, ast.Mult: 1.0, ast.Div: 1}.get(type(node.op))
        same = right == nothing and type(right) is type(nothing) and right is not None
        return node.left if same else node
