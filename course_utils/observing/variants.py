"""Make variants of a function, each one small change of its source away."""

from __future__ import annotations

import ast
import io
import tokenize
from bisect import bisect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Any, NamedTuple, TypeGuard

from .alike_changes import Change, alike
from .repeatable import is_repeatable, root_of
from .syntax_trees import cell_of, compiled, get, parsed, put, swapped, transposed

MOST_ROUNDS = 10_000  # of all loops of a variant
AFTER_BRANCHES = 2  # ranks by which changes of a condition come later
LONG = 20  # characters of what is a text and no key
CLOSE = 2, 5  # names that are most like another one, and those after them
BINARY = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Add, ast.Div, ast.MatMult),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
OPERATORS = {"+", "-", "*", "/", "//", "%", "**", "@"}
LONGEST_CHAIN = 12  # operands and operators that brackets are tried in
ASSOCIATIVE = ({ast.Add}, {ast.Mult}, {ast.MatMult})
COMPARED = {
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq, ast.LtE, ast.GtE),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ALIKE = (  # functions that are taken for one another
    ("tanh", "sigmoid", "softmax", "sin", "relu"),
    ("sin", "cos"),
    ("sum", "mean", "max", "prod", "cumsum", "std", "average"),
    ("maximum", "minimum"),
    ("max", "min"),
    ("argmax", "argmin"),
    ("exp", "log", "sqrt", "square", "abs", "log2", "log10", "log1p"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("dot", "multiply", "outer"),
    ("vstack", "hstack", "concatenate"),
    ("triu", "tril"),
    ("append", "extend"),
    ("floor", "ceil", "round"),
)
REDUCED = {"sum", "mean", "max", "min", "argmax", "argmin", "norm", "prod", "any", "all"}
STACKED = {"concatenate", "stack", "flip", "argsort", "sort", "expand_dims", "repeat", "cumsum"}
WRAPS = ("np.tanh", "np.exp", "np.log", "np.sqrt", "sigmoid", "softmax")
METHODS = ("lower", "strip", "copy")
Instead = tuple[int, str, ast.AST]  # rank, kind, and what stands in the place of a node


class Variant(NamedTuple):
    """A changed function: the part of a statement that was changed, and what kind of change.

    `part` is a list where the statement was moved. `places` tells in how many the same was done.
    """

    part: ast.AST | list
    statement: ast.stmt
    kind: str
    make: Callable[[], Callable | None]  # None if the change makes no Python
    places: int = 1

    @property
    def line(self) -> str:
        """Return the first line of the statement."""
        return ast.unparse(self.statement).partition("\n")[0]

    def written(self) -> tuple[str, int]:
        """Return the part as it is written, and which of those written so it is, from 1; or 0.

        The text is empty where the part is the statement.
        """
        if isinstance(self.part, list | ast.stmt):
            return "", 0
        text = ast.unparse(self.part)
        line = [n for n in _walk_line(self.statement) if isinstance(n, ast.expr)]
        alike = [n for n in line if ast.unparse(n) == text]
        alike.sort(key=lambda n: (n.lineno, n.col_offset))
        return text, alike.index(self.part) + 1 if self.part in alike and alike[1:] else 0


def _walk_line(statement: ast.stmt) -> Iterator[ast.AST]:
    """Go through what stands in the first line of a statement."""
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt):
            yield from ast.walk(child)


class TooManyRounds(BaseException):
    """The loops of a variant seem never to end."""


class Scope(NamedTuple):
    """The variables of the functions that are changed, and the keys that they may mean."""

    names: list[str]
    counters: list[str]  # those of loops
    words: list[str]
    home: Mapping[str, Any]


def variants(function: Any, words: Collection[str], right: Collection[str]) -> Iterator[Variant]:
    """Yield variants of a function, the likeliest slips first.

    All functions of its cell are changed; lines that assign what is `right` come last. `words` are
    keys that may stand for one another. There are no variants of code that may leave a trace when
    it is run again.
    """
    tree = cell_of(function)
    if tree is None or not is_repeatable(tree, function.__globals__):
        return
    _Ticking().visit(tree)
    rounds = _Rounds()
    home = {**function.__globals__, "__tick__": rounds.tick}

    def made(group: Sequence[Change]) -> Callable | None:
        olds = [get(place) for _, _, place, _, _ in group]
        for (_, _, place, new, _), old in zip(group, olds, strict=True):
            if isinstance(new, ast.AST):
                # a part of what stood there keeps its place, by which parts are counted off
                placed = new if hasattr(new, "lineno") else ast.copy_location(new, old)
                ast.fix_missing_locations(placed)
            put(place, new)
        code = compiled(tree, "a variant")
        for (_, _, place, _, _), old in zip(group, olds, strict=True):
            put(place, old)
        namespace, rounds.made = dict(home), 0
        try:
            exec(code or "", namespace)
        except Exception:  # in the body of a class, or a default
            return None
        return namespace[function.__name__] if code else None

    def rank(change: Change) -> tuple[bool, int]:
        return not _assigned(change[-1]).isdisjoint(right), change[0]

    def variant(group: Sequence[Change]) -> Variant:
        _, kind, place, _, statement = group[0]
        return Variant(get(place), statement, kind, lambda: made(group), len(group))

    changes = sorted(_changes(tree, home, words), key=rank)
    likely = [change for change in changes if rank(change) <= (False, 1)]
    yield from (variant([change]) for change in likely)
    yield from map(variant, alike(likely, _names(tree)))
    yield from (variant([change]) for change in changes[len(likely) :])


class _Rounds:
    """Counts the rounds of loops."""

    made = 0

    def tick(self) -> None:
        self.made += 1
        if self.made > MOST_ROUNDS:
            raise TooManyRounds


class _Ticking(ast.NodeTransformer):
    """Lets every round of a loop tick."""

    def visit_For(self, node: ast.For) -> ast.For:  # noqa: N802
        self.generic_visit(node)
        node.body.insert(0, ast.fix_missing_locations(ast.copy_location(_tick(), node)))
        return node

    visit_While: Any = visit_For  # noqa: N815


def _tick() -> ast.stmt:
    return ast.Expr(ast.Call(ast.Name("__tick__", ast.Load()), [], []))


def _is_tick(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and ast.unparse(node) == "__tick__()"


def _assigned(node: ast.stmt) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _names(tree: ast.Module) -> list[str]:
    """List the variables and arguments of the functions of a cell."""
    nodes = list(ast.walk(tree))
    names = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return sorted(names | {n.arg for n in nodes if isinstance(n, ast.arg) and n.arg != "self"})


def _changes(tree: ast.Module, home: Mapping[str, Any], words: Collection[str]) -> Iterator[Change]:
    """Yield every change: its rank, its kind, the place, what stands there then, the statement."""
    nodes = list(ast.walk(tree))
    texts = (n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))
    keys = {*words, *(text for text in texts if len(text) < LONG)}
    loops = (n.target for n in nodes if isinstance(n, ast.For | ast.comprehension))
    counters = {n.id for each in loops for n in ast.walk(each) if isinstance(n, ast.Name)}
    scope = Scope(_names(tree), sorted(counters), sorted(keys), home)
    for definition in tree.body:
        yield from _inside(definition, definition, False, 0, scope)


def _inside(
    parent: ast.AST, statement: ast.stmt, indexing: bool, later: int, scope: Scope
) -> Iterator[Change]:
    """Yield changes of what a node is made of; `later` is added to their ranks."""
    for field, value in ast.iter_fields(parent):
        if field in ("args", "decorator_list", "returns") and not isinstance(parent, ast.Call):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or _is_tick(node) or _is_text(node):
                continue
            if isinstance(parent, ast.Assign) and field == "targets" and _reads(parent, node):
                continue  # stored elsewhere, `y[t] = y[t] / 2` would do nothing
            place = parent, field, index
            counts = isinstance(parent, ast.Call) and ast.unparse(parent.func) == "range"
            counted = indexing or counts or (isinstance(parent, ast.Subscript) and field == "slice")
            around = node if isinstance(node, ast.stmt) else statement
            # another condition may do no more than keep a wrong branch from running
            wait = later or AFTER_BRANCHES * (isinstance(parent, ast.If) and field == "test")
            for rank, kind, new in _instead(node, parent, field, counted, scope):
                yield rank + wait, kind, place, new, around
            if isinstance(node, ast.stmt) and index is not None:
                for rank, moved, body in _moved(value, index):
                    yield rank, "place", (parent, field, None), body, moved
            yield from _inside(node, around, counted, wait, scope)


def _reads(statement: ast.Assign, target: ast.AST) -> bool:
    return ast.unparse(target) in ast.unparse(statement.value)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _instead(
    node: ast.AST, parent: ast.AST, field: str, counted: bool, scope: Scope
) -> Iterator[Instead]:
    """Yield what may stand in the place of a node."""
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return
    called = isinstance(parent, ast.Call) and field == "func"
    if isinstance(node, ast.Name) and not called:
        yield from _name(node, parent, counted, scope)
    elif isinstance(node, ast.Constant):
        yield from _constant(node, counted, scope)
    elif isinstance(node, ast.BinOp):
        yield from _operation(node)
    elif isinstance(node, ast.Call):
        yield from _call(node, scope)
    elif isinstance(node, ast.Tuple | ast.List):
        unpacked = isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Tuple)
        for i in range(0 if unpacked else len(node.elts) - 1):  # else the names are exchanged
            yield 0, "order", type(node)(swapped(node.elts, i), node.ctx)
        for i in range(len(node.elts)):
            yield 1, "too much", type(node)(node.elts[:i] + node.elts[i + 1 :], node.ctx)
    elif isinstance(node, ast.stmt):
        yield from _statement(node, scope)
    else:
        yield from _other(node, scope)
    if isinstance(node, ast.expr) and not called and not counted:
        yield from _turned(node, parent, scope)


def _name(node: ast.Name, parent: ast.AST, counted: bool, scope: Scope) -> Iterator[Instead]:
    if node.id not in scope.names:
        return
    for i, other in enumerate(_by_likeness(node.id, scope.names)):
        yield bisect(CLOSE, i), "name", ast.Name(other, ast.Load())
    if counted:
        for op in (ast.Sub(), ast.Add()):
            yield 0, "index", ast.BinOp(node, op, ast.Constant(1))
        yield 1, "index", ast.UnaryOp(ast.USub(), node)
    if not counted and not isinstance(parent, ast.Attribute | ast.Subscript):
        yield 2, "copy", ast.Call(ast.Attribute(node, "copy", ast.Load()), [], [])


def _turned(node: ast.expr, parent: ast.AST, scope: Scope) -> Iterator[Instead]:
    """Yield the other sign, the other axes, 1 - x, x ** 2 and the tanh of an operand."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield 0, "axes", node.value
    elif isinstance(node, ast.Name | ast.Subscript | ast.Call | ast.BinOp) and not isinstance(
        parent, ast.Attribute | ast.Subscript | ast.keyword | ast.For
    ):
        yield 1, "axes", ast.Attribute(node, "T", ast.Load())
        yield 1, "sign", ast.UnaryOp(ast.USub(), node)
        backwards = ast.Slice(None, None, ast.Constant(-1))
        along_last = ast.Tuple([ast.Constant(...), backwards], ast.Load())
        yield 2, "direction", ast.Subscript(node, along_last, ast.Load())
        yield 4, "formula", ast.BinOp(ast.Constant(1), ast.Sub(), node)
        yield 4, "formula", ast.BinOp(node, ast.Pow(), ast.Constant(2))
        if "np" in scope.home and isinstance(node, ast.Name):
            yield 4, "missing", ast.Call(parsed("np.tanh"), [node], [])


def _by_likeness(name: str, names: Collection[str]) -> list[str]:
    others = [other for other in names if other != name]
    return sorted(others, key=lambda other: _unlikeness(name, other))


@cache
def _unlikeness(one: str, other: str) -> float:
    return -SequenceMatcher(None, one, other).ratio()


def _constant(node: ast.Constant, counted: bool, scope: Scope) -> Iterator[Instead]:
    value: Any = node.value
    if isinstance(value, bool):
        yield 0, "setting", ast.Constant(not value)
    elif isinstance(value, int):
        kind = "index" if counted else "number"
        for other in sorted({value + 1, value - 1, 0, 1, -1, -value} - {value}, key=abs):
            yield 0, kind, ast.Constant(other)
        yield 1, "setting", ast.Constant(None)
        for name in scope.counters if counted else ():
            yield 1, kind, ast.Name(name, ast.Load())
    elif isinstance(value, float):
        others = (1.0, 0.0, -value, 1 / value if value else 1.0)
        yield from ((1, "number", ast.Constant(number)) for number in others)
    elif isinstance(value, str):
        for i, word in enumerate(_by_likeness(value, scope.words)):
            yield bisect(CLOSE, i), "key", ast.Constant(word)
    elif value is None:
        yield from ((1, "none", ast.Constant(axis)) for axis in (0, 1, -1))


def _operation(node: ast.BinOp) -> Iterator[Instead]:
    for op in BINARY.get(type(node.op), ()):
        yield 0, "operation", ast.BinOp(node.left, op(), node.right)
    yield from _regrouped(node)
    yield 0, "too much", node.left
    yield 0, "too much", node.right
    if not isinstance(node.op, ast.Add | ast.Mult):
        yield 0, "order", ast.BinOp(node.right, node.op, node.left)
    if isinstance(node.op, ast.Pow) and _reduces(called := node.left):
        inside = ast.BinOp(called.args[0], node.op, node.right)
        yield 0, "brackets", ast.Call(called.func, [inside], called.keywords)
    if isinstance(node.op, ast.MatMult):
        for left, right in transposed(node.left, node.right):
            yield 0, "axes", ast.BinOp(left, node.op, right)
            yield 0, "axes", ast.BinOp(right, node.op, left)


def _reduces(node: ast.expr) -> TypeGuard[ast.Call]:
    """Return True for `np.sum(a)` and the like."""
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return False
    return ast.unparse(node.func).rpartition(".")[2] in REDUCED


def _regrouped(node: ast.BinOp) -> Iterator[Instead]:
    """Yield (a + b) / c for a + b / c, and the reverse."""
    left, right = node.left, node.right
    if isinstance(left, ast.BinOp) and {type(left.op), type(node.op)} not in ASSOCIATIVE:
        last = ast.BinOp(left.right, node.op, right)
        yield 0, "brackets", ast.BinOp(left.left, left.op, last)
    if isinstance(right, ast.BinOp) and {type(node.op), type(right.op)} not in ASSOCIATIVE:
        first = ast.BinOp(left, node.op, right.left)
        yield 0, "brackets", ast.BinOp(first, right.op, right.right)
    chain = _chained(ast.unparse(node))
    for length in range(3, min(len(chain), LONGEST_CHAIN), 2):
        begins = range(0, len(chain) - length + 1, 2)
        runs = [chain[i : i + length] for i in begins]
        for i in begins:
            yield 1, "brackets", parsed(_bracketed(chain, length, [i]))
            if runs[i // 2] in runs[: i // 2]:  # the same again
                same = [j for j in begins if runs[j // 2] == runs[i // 2]]
                yield 1, "brackets", parsed(_bracketed(chain, length, same))


def _bracketed(chain: list[str], length: int, begins: Collection[int]) -> str:
    """Put brackets around the operands and operators that begin at these places."""
    ends = [i + length - 1 for i in begins]
    return " ".join("(" * (i in begins) + each + ")" * (i in ends) for i, each in enumerate(chain))


def _chained(text: str) -> list[str]:
    """Split an expression at the operators outside brackets: operands and operators in turn."""
    chain, depth, begin, after_operand = [], 0, 0, False
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        depth += (token.string in tuple("([{")) - (token.string in tuple(")]}"))
        if depth == 0 and after_operand and token.string in OPERATORS:
            chain += [text[begin : token.start[1]].strip(), token.string]
            begin, after_operand = token.end[1], False
        elif token.string not in OPERATORS:
            after_operand = True
    return [*chain, text[begin:].strip()]


def _call(node: ast.Call, scope: Scope) -> Iterator[Instead]:
    name = ast.unparse(node.func).rpartition(".")[2]
    for other in {each for group in ALIKE if name in group for each in group} - {name}:
        if func := _renamed(node.func, other, scope):
            yield 0, "function", ast.Call(func, node.args, node.keywords)
    for i in range(len(node.args) - 1):
        yield 0, "order", ast.Call(node.func, swapped(node.args, i), node.keywords)
    if name in ("dot", "matmul") and len(node.args) == 2:
        for pair in transposed(*node.args):
            yield 0, "axes", ast.Call(node.func, [*pair], [])
            yield 0, "axes", ast.Call(node.func, [*pair[::-1]], [])
    for i in range(len(node.keywords)):
        fewer = node.keywords[:i] + node.keywords[i + 1 :]
        yield 1, "setting", ast.Call(node.func, node.args, fewer)
    for one in node.args:
        yield 1, "too much", one
    if isinstance(node.func, ast.Attribute):
        yield 1, "too much", node.func.value
    given = {keyword.arg for keyword in node.keywords}
    if name in REDUCED | STACKED and "axis" not in given and len(node.args) < 2:
        keep = [ast.keyword("keepdims", ast.Constant(True))] if name in REDUCED else []
        for axis in (0, 1, -1):
            along = [*node.keywords, ast.keyword("axis", ast.Constant(axis))]
            for keywords in (along, [*along, *keep]):
                yield 0, "axis", ast.Call(node.func, node.args, keywords)
    elif name in REDUCED and "keepdims" not in given:
        keep = [ast.keyword("keepdims", ast.Constant(True))]
        yield 0, "axis", ast.Call(node.func, node.args, [*node.keywords, *keep])
    if name == "range":
        yield from _range(node)
    if name == "enumerate":
        begin = [] if node.args[1:] else [ast.Constant(1)]
        yield 0, "count", ast.Call(node.func, [*node.args[:1], *begin], [])
    if name == "len":
        for op in (ast.Sub(), ast.Add()):
            yield 0, "count", ast.BinOp(node, op, ast.Constant(1))


def _renamed(func: ast.expr, other: str, scope: Scope) -> ast.expr | None:
    """Name another function of the same module, or of the notebook, where there is one."""
    if isinstance(func, ast.Attribute):
        module = scope.home.get(ast.unparse(func.value))
        if module is None or hasattr(module, other):
            return ast.Attribute(func.value, other, ast.Load())
    if other in scope.home:
        return ast.Name(other, ast.Load())
    np = scope.home.get("np")
    return (
        ast.Attribute(ast.Name("np", ast.Load()), other, ast.Load()) if hasattr(np, other) else None
    )


def _range(node: ast.Call) -> Iterator[Instead]:
    end = ast.unparse(node.args[-1])
    begin = ast.unparse(node.args[0]) if node.args[1:] else "0"
    yield 0, "loop", parsed(f"reversed({ast.unparse(node)})")
    for one, other in ((f"{begin} + 1", end), (begin, f"{end} + 1"), (begin, f"{end} - 1")):
        yield 0, "loop", parsed(f"range({one}, {other})")


def _other(node: ast.AST, scope: Scope) -> Iterator[Instead]:
    if isinstance(node, ast.UnaryOp):
        yield 0, "sign", node.operand
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        is_order = isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)
        kind = "comparison" if is_order else "condition"
        for op in COMPARED[type(node.ops[0])]:
            yield 0, kind, ast.Compare(node.left, [op()], node.comparators)
        for sign in (ast.Add(), ast.Sub()):
            moved = ast.BinOp(node.comparators[0], sign, ast.Constant(1))
            yield 1, "comparison", ast.Compare(node.left, node.ops, [moved])
    elif isinstance(node, ast.BoolOp):
        other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield 0, "condition", ast.BoolOp(other, node.values)
        for i in range(len(node.values)):
            yield 1, "condition", ast.BoolOp(node.op, node.values[:i] + node.values[i + 1 :])
    elif isinstance(node, ast.IfExp):
        yield 0, "order", ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Slice):
        if node.lower or node.upper:
            yield 0, "slice", ast.Slice(None, node.upper, node.step)
            yield 0, "slice", ast.Slice(node.lower, None, node.step)
            yield 1, "slice", ast.Slice(None, None, node.step)
        else:
            yield 0, "slice", ast.Slice(None, None, ast.Constant(-1))
        if node.lower is None:
            yield 0, "slice", ast.Slice(ast.Constant(1), node.upper, node.step)
        if node.upper is None:
            yield 0, "slice", ast.Slice(node.lower, ast.Constant(-1), node.step)
    elif isinstance(node, ast.Subscript):
        if root_of(node) in scope.names:  # and not np.r_, which never ends
            yield 1, "too much", node.value
        backwards = ast.Slice(None, None, ast.Constant(-1))
        yield 2, "direction", ast.Subscript(node, backwards, ast.Load())
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield 0, "condition", ast.comprehension(node.target, node.iter, [], node.is_async)


def _statement(node: ast.stmt, scope: Scope) -> Iterator[Instead]:
    if isinstance(node, ast.AugAssign):
        target = parsed(ast.unparse(node.target))
        yield 0, "in place", ast.Assign([node.target], ast.BinOp(target, node.op, node.value))
        yield 0, "accumulated", ast.Assign([node.target], node.value)
        for op in BINARY.get(type(node.op), ()):
            yield 0, "operation", ast.AugAssign(node.target, op(), node.value)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Subscript):
        for sign in (ast.Add(), ast.Sub()):
            yield 0, "accumulated", ast.AugAssign(node.targets[0], sign, node.value)
    if isinstance(node, ast.Assign) and isinstance(name := node.targets[0], ast.Name):
        for i, other in enumerate(_by_likeness(name.id, scope.names)):
            yield (
                bisect(CLOSE, i) + 1,
                "stored",
                ast.Assign([ast.Name(other, ast.Store())], node.value),
            )
    if isinstance(node, ast.Assign) and isinstance(parts := node.targets[0], ast.Tuple):
        for i in range(len(parts.elts) - 1):
            others = ast.Tuple(swapped(parts.elts, i), ast.Store())
            # of values that stand beside their names, each is rarely meant for another
            rank = 3 if isinstance(node.value, ast.Tuple) else 0
            yield rank, "order", ast.Assign([others], node.value)
    if isinstance(node, ast.Break | ast.Continue):
        yield 0, "leaving", ast.Continue() if isinstance(node, ast.Break) else ast.Break()
    if isinstance(node, ast.If | ast.While):
        yield 0, "condition", type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Return) and node.value:
        yield from _wrapped(node, scope)
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield 1, "too much", ast.Pass()


def _wrapped(node: ast.Assign | ast.AugAssign | ast.Return, scope: Scope) -> Iterator[Instead]:
    """Add a term, a factor or a call to the value of a statement."""

    def with_value(value: ast.expr) -> ast.stmt:
        if isinstance(node, ast.Return):
            return ast.Return(value)
        if isinstance(node, ast.AugAssign):
            return ast.AugAssign(node.target, node.op, value)
        return ast.Assign(node.targets, value)

    value: Any = node.value
    for text in WRAPS:
        if text.partition(".")[0] in scope.home:
            yield 2, "missing", with_value(ast.Call(parsed(text), [value], []))
    for twice in (ast.Mult(), ast.Div()):
        yield 2, "missing", with_value(ast.BinOp(value, twice, ast.Constant(2)))
    for method in METHODS:
        call = ast.Call(ast.Attribute(value, method, ast.Load()), [], [])
        yield 2, "missing", with_value(call)
    for name in scope.names:
        for op in (ast.Add(), ast.Mult(), ast.Sub(), ast.Div()):
            yield 3, "missing", with_value(ast.BinOp(value, op, ast.Name(name, ast.Load())))


def _moved(body: list[ast.stmt], i: int) -> Iterator[tuple[int, ast.stmt, list[ast.stmt]]]:
    """Yield rank, statement and new body: it changes places with the next, or leaves a loop."""
    node, after = body[i], body[i + 1 : i + 2]
    if after and not _is_tick(node):
        yield 1, after[0] if isinstance(node, ast.For | ast.While) else node, swapped(body, i)
    if isinstance(node, ast.For | ast.While | ast.If) and len(node.body) > 2:
        *kept, last = node.body
        yield 0, last, [*body[:i], _with_body(node, kept), last, *body[i + 1 :]]
    if isinstance(node, ast.For | ast.While | ast.If) and after:
        longer = _with_body(node, [*node.body, *after])
        yield 0, after[0], [*body[:i], longer, *body[i + 2 :]]


def _with_body(node: Any, body: list[ast.stmt]) -> ast.stmt:
    fields = {name: getattr(node, name) for name in node._fields} | {"body": body}
    return ast.copy_location(type(node)(**fields), node)
