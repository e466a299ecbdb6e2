"""Parse the code of cells, once: what it defines, and hashes that put identical answers together.

What is hashed is the syntax tree without layout, comments, docstrings and annotations, and with
local names numbered in the order they appear. Nothing is run or compiled (that can crash Python:
nested comprehensions do it in early 3.12 and 3.13), and no source can raise, take long or nest too
deep: sizes are bounded, and the tree is walked without recursion. The parser itself needs a stack
of at least 1 MB, which threads on macOS lack by default.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256

MOST_CHARACTERS = 20_000  # of one cell: the parser takes quadratic time on some sources

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_DEFINES = re.compile(
    r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE
)  # in one pass: a pattern that could go on over line ends would begin anew at each
_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)  # IPython's, which the parser refuses
_COMMENT = re.compile(r"^[ \t]*#.*\n", re.MULTILINE)  # without them more cells are alike
_LEFT_OUT = {"ctx", "kind", "type_comment", "annotation", "returns"}
_NAMES = {  # the fields of each node that may hold the name of a local variable
    "Name": {"id"},
    "arg": {"arg"},
    "ExceptHandler": {"name"},
    "FunctionDef": {"name"},
    "AsyncFunctionDef": {"name"},
    "ClassDef": {"name"},
    "MatchAs": {"name"},
    "MatchStar": {"name"},
    "MatchMapping": {"rest"},
}


@dataclass(frozen=True)
class Definitions:
    """What the code of one cell defines.

    `names` are functions, classes and variables, also of code that does not parse; `alone` says
    that the cell does nothing but define and import; `prints` maps its functions to their
    fingerprints, "" for stubs (see `fingerprint`).
    """

    names: frozenset[str]
    alone: bool = False
    prints: Mapping[str, str] = field(default_factory=dict)


def definitions(source: str) -> Definitions:
    """Return what a cell defines."""
    source = _COMMENT.sub("", source)
    # long ones are neither parsed nor kept
    return (_definitions if len(source) <= MOST_CHARACTERS else _definitions.__wrapped__)(source)


@lru_cache(4096)  # most cells of a class are the same, but for comments
def _definitions(source: str) -> Definitions:
    try:
        tree, magic = _parse(source)
    except Exception:  # a source can be made that has the parser raise nearly anything
        return Definitions(frozenset(_DEFINES.findall(source)))
    nodes = list(_walk(tree))
    names = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    prints: dict[str, str] = {}
    with suppress(Exception):  # as above
        for node in tree.body:
            if isinstance(node, _Function):
                prints.pop(node.name, None)  # the last definition stands last
                prints[node.name] = _hash(node)
    alone = not magic and all(isinstance(node, _DEFINITIONS) for node in tree.body)
    return Definitions(frozenset(names | stored), alone, prints)


def fingerprint(source: str) -> str:
    """Hash the normalised code of one function; the number of its tokens follows (see `size`).

    `source` is the function's; of several, the last one counts. Returns "" where there is nothing
    to compare: no function, one that only raises NotImplementedError, no Python, or too long.
    """
    prints = definitions(source).prints
    return list(prints.values())[-1] if prints else ""


def fingerprints(cells: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Map each of `names` that the cells define to the fingerprint of its last definition."""
    wanted = set(names)
    last: dict[str, str] = {}
    for cell in cells:
        prints = definitions(cell).prints
        last |= {name: prints[name] for name in prints if name in wanted}
    return {name: value for name, value in last.items() if value}


def function_source(cells: Sequence[str], name: str) -> str:
    """Return the text of a function's last definition, "" if no cell that parses has one."""
    for cell in reversed(cells):
        if name in definitions(cell).prints and len(cell) <= MOST_CHARACTERS:
            tree, _ = _parse(cell)
            node = [n for n in tree.body if isinstance(n, _Function) and n.name == name][-1]
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            return "\n".join(cell.split("\n")[first - 1 : node.end_lineno])
    return ""


def _parse(source: str) -> tuple[ast.Module, bool]:
    """Parse a cell; return the tree, and whether IPython's lines had to be left out for that."""
    if len(source) > MOST_CHARACTERS:
        raise ValueError("too long")
    with warnings.catch_warnings(action="ignore"):  # about the learner's "\d" and `is 1`
        try:
            return ast.parse(source), False
        except SyntaxError:
            return ast.parse(_MAGIC.sub(r"\1pass", source)), True


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node at and below `tree` that stands for something, in any order; fast."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        for value in vars(node).values():
            if type(value) is list:
                stack += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                stack.append(value)


def _hash(function: _Function) -> str:
    if _is_stub(function):
        return ""
    # regardless of its name: the course's own code calls the same thing something else
    tokens = _tokens(function, _locals(function) | {function.name})
    return f"{sha256(chr(10).join(tokens).encode('ascii')).hexdigest()[:20]}-{len(tokens)}"


def size(fingerprint: str) -> int:
    """Return the number of tokens of the code that a fingerprint is of; some four a node."""
    return int(fingerprint.rpartition("-")[2])


def _is_stub(function: _Function) -> bool:
    """Return True if nothing was written and the function still raises NotImplementedError."""
    body = [node for node in function.body if not _says_nothing(node)]
    for node in body:
        if isinstance(node, ast.Return):
            return False
        if isinstance(node, ast.Raise):
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return not body


def _says_nothing(node: ast.AST) -> bool:
    """Return True for a docstring, a bare constant, a bare annotation or `pass`."""
    return (
        isinstance(node, ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.AnnAssign) and node.value is None)
    )


def _locals(function: ast.AST) -> set[str]:
    """List the names a function binds, at any depth; imported names keep theirs."""
    bound, elsewhere = set(), set()
    for node in _walk(function):
        kind = type(node).__name__
        if isinstance(node, ast.Global):
            elsewhere |= set(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            continue
        elif kind in _NAMES and node is not function:
            bound |= {getattr(node, name) for name in _NAMES[kind]}
    return bound - elsewhere - {None}


class _Spelt(str):
    """A token that is spelt already."""


_END = _Spelt(ascii(("end",)))


@cache
def _fields(kind: type[ast.AST]) -> list[tuple[str, _Spelt, bool]]:
    """List a node's fields, last first: name, token, and whether it may name a local variable."""
    local = _NAMES.get(kind.__name__, ())
    names = [name for name in reversed(kind._fields) if name not in _LEFT_OUT]
    return [(name, _Spelt(ascii((name,))), name in local) for name in names]


def _tokens(function: ast.AST, local: set[str]) -> list[str]:
    """Spell a tree out in tokens that no other tree gives."""
    numbers: dict[str, int] = {}
    tokens: list[str] = []
    stack: list = [function]
    while stack:
        item = stack.pop()
        if type(item) is _Spelt:
            tokens.append(item)
        elif type(item) is list:
            kept = [node for node in item if not _says_nothing(node)]
            tokens.append(f"{len(kept)} of")
            stack += reversed(kept)
        elif isinstance(item, ast.AST):
            if isinstance(item, ast.AnnAssign) and item.value is not None:
                item = ast.Assign(targets=[item.target], value=item.value)
            kind = type(item)
            tokens.append(kind.__name__)
            stack.append(_END)
            # mypy does not see that a class is hashable
            for name, token, may_be_local in _fields(kind):  # type: ignore[arg-type]
                value = getattr(item, name, None)
                # fields that some Pythons lack (type_params) are empty where they are not used
                if value == [] or (value is None and kind is not ast.Constant):
                    continue
                if may_be_local and value in local:
                    value = ("local", numbers.setdefault(value, len(numbers)))
                stack += (value, token)
        else:
            tokens.append(ascii(item))
    return tokens
