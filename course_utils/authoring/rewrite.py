"""Write a right answer in another way that means the same: other names, other functions."""

from __future__ import annotations

import ast
import random

from .definitions import bound_names

RENAMINGS = ("{}_value", "my_{}", "{}_", "the_{}", "{}_now")
PRODUCTS = ("np.dot", "np.matmul", "")
RESULTS = ("result", "out", "final", "returned", "")


def rewritten(source: str, name: str, rng: random.Random) -> str:
    """Rewrite the function `name` of a cell; comments go, and the rest of the cell stays."""
    tree = ast.parse(source)
    for place, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            product, square = rng.choice(PRODUCTS), rng.random() < 0.5
            names = _new_names(node, rng)
            tree.body[place] = _Rewriting(names, product, square).visit(node)
            _name_result(node, rng.choice(RESULTS))
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _name_result(function: ast.FunctionDef, name: str) -> None:
    """Give what the last line returns a name first, if that name is free."""
    *_, last = function.body
    if name and name not in bound_names(function) and isinstance(last, ast.Return):
        function.body[-1:] = [
            ast.Assign([ast.Name(name, ast.Store())], last.value),
            ast.Return(ast.Name(name, ast.Load())),
        ]


def _new_names(function: ast.FunctionDef, rng: random.Random) -> dict[str, str]:
    """Choose new names for the variables of a function, but not for those of one inside it."""
    own = {
        node.id
        for statement in function.body
        for node in _own_nodes(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    inner: set[str] = {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}
    for node in ast.walk(function):
        if node is not function and isinstance(node, _SCOPES):
            inner |= bound_names(node)
    taken = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} | inner
    form = rng.choice(RENAMINGS)
    new = {old: form.format(old) for old in sorted(own - inner)}
    return {old: name for old, name in new.items() if name not in taken}


_SCOPES = (
    *(ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def _own_nodes(node: ast.AST):
    """Walk a statement without going into scopes of their own."""
    yield node
    if not isinstance(node, _SCOPES):
        for child in ast.iter_child_nodes(node):
            yield from _own_nodes(child)


class _Rewriting(ast.NodeTransformer):
    def __init__(self, names: dict[str, str], product: str, square: bool) -> None:
        self._names, self._product, self._square = names, product, square

    def visit_Name(self, node: ast.Name) -> ast.Name:  # noqa: N802 (ast's own naming)
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.op, ast.MatMult) and self._product:
            return ast.Call(_dotted(self._product), [node.left, node.right], [])
        squared = isinstance(node.op, ast.Pow) and getattr(node.right, "value", None) == 2
        if squared and self._square:
            return ast.Call(_dotted("np.square"), [node.left], [])
        return node


def _dotted(name: str) -> ast.expr:
    return ast.parse(name, mode="eval").body
