"""Look at a function's own variables as it ends, beside what a probe observes."""

from __future__ import annotations

import ast
import contextlib
import inspect
import linecache
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FrameType
from typing import Any

import numpy as np

from .errors import MOST_VARIABLES
from .unread import kept_nowhere, never_read, unread
from .writing import aliases, written

MOST_ELEMENTS = 10_000  # of one array
LONGEST = 200  # characters of a line
TELLING = 3  # letters of a helper's variable; shorter names mean anything
Probe = Callable[..., dict[str, Any]]


def look(
    probe: Probe, namespace: Mapping[str, Any], name: str, args: Mapping, after: Mapping
) -> dict[str, Any]:
    """Observe as `probe` does; what returned has "variables", "lines" and more beside it.

    "variables" maps the names of the function's numeric variables, in the order in which they are
    first assigned, to their values at the end; "lines" maps them to the line that assigns them,
    and "return" to the one that returned, if it computed something.
    Those of its helpers are among them: functions and methods of its cell that are called once.
    "drawn" is the first line that draws numbers at random, or "". "unread" lists what it is given
    and never reads, "never_read" its variables of that kind, "kept_nowhere" is a line that makes
    something for nothing (see `observing.unread` for all three), and "written" maps arguments to a
    line that writes into them. What is read from the source is left out if that is too deep.
    """
    function = namespace.get(name)
    if not inspect.isfunction(function):
        return probe(namespace, name, args, after)
    watched = _Watched(function)
    seen = probe({**namespace, name: watched}, name, args, after)
    if seen["status"] == "returned":
        seen["variables"] = watched.variables()
        with contextlib.suppress(RecursionError):  # an expression of hundreds of terms
            root = _source(function)
            seen["lines"] = _lines(root) | watched.lines() | _returned(root, watched.ended)
            seen["written"] = written(root, _named(root, args, watched.aliases))
            seen["never_read"] = never_read(root)  # before `unread`, which changes the tree
            seen["drawn"], seen["unread"] = _drawn(root), unread(root, args)
            seen["kept_nowhere"] = kept_nowhere(root, function.__globals__)
    return seen


def _named(root: ast.stmt, args: Mapping[str, Any], aliases: Mapping[str, str]) -> dict[str, str]:
    """Map what a function calls its arguments, and names that share memory with one, to them."""
    names = list(args)
    if isinstance(root, ast.FunctionDef):
        names = [each.arg for each in (*root.args.posonlyargs, *root.args.args)]
    called = dict(zip(names, args, strict=False))
    return called | {alias: called.get(name, name) for alias, name in aliases.items()}


class _Watched:
    """A function that keeps its numeric variables as they are when it returns, and its helpers'."""

    def __init__(self, function: Callable) -> None:
        self._function = self.__wrapped__ = function  # whose signature it has
        self.__globals__ = function.__globals__  # where errors are looked for
        self._kept: dict[CodeType, dict[str, np.ndarray]] = {}  # by what has returned, in order
        self._several: set[CodeType] = set()  # called more than once
        self._order: dict[str, None] = {}  # of first assignments
        self.ended = 0  # the line in which the function returned, counted from its first
        self.aliases: dict[str, str] = {}  # variables that share memory with an argument -> which

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        code = self._function.__code__

        def keep(frame: FrameType, event: str, _: Any) -> None:
            own = frame.f_code
            if event == "return" and _is_of_cell(own, code):
                if own in self._kept and own is not code:
                    self._several.add(own)
                    return
                with contextlib.suppress(Exception):  # its values may be of any kind
                    self._order |= dict.fromkeys(_assigned_by_now(frame, code))
                    self._kept[own] = _numeric(frame.f_locals, own)
                    if own is code:
                        self.ended = frame.f_lineno - code.co_firstlineno + 1
                        given = dict(zip(code.co_varnames, args, strict=False)) | kwargs
                        self.aliases = aliases(frame.f_locals, given)

        before = sys.getprofile()
        sys.setprofile(keep)
        try:
            return self._function(*args, **kwargs)
        finally:
            sys.setprofile(before)

    def _helpers(self) -> list[CodeType]:
        return [own for own in self._kept if own not in {*self._several, self._function.__code__}]

    def variables(self) -> dict[str, np.ndarray]:
        """Return the variables in the order of their first assignments."""
        kept = self._kept.get(self._function.__code__, {})
        for own in self._helpers():
            named = {name: a for name, a in self._kept[own].items() if len(name) >= TELLING}
            kept = named | kept
        place = {name: i for i, name in enumerate(self._order)}
        return dict(sorted(kept.items(), key=lambda item: place.get(item[0].partition("[")[0], 0)))

    def lines(self) -> dict[str, str]:
        """Return the lines of helpers that assign the variables."""
        firsts = {own.co_firstlineno for own in self._helpers()}
        if not firsts:
            return {}
        lines = linecache.getlines(self._function.__code__.co_filename)
        with contextlib.suppress(SyntaxError, ValueError):
            nodes = [
                n for n in ast.walk(ast.parse("".join(lines))) if isinstance(n, ast.FunctionDef)
            ]
            roots = [_lines(node) for node in nodes if node.lineno in firsts]
            found = {name: line for each in roots for name, line in each.items()}
            return {name: line for name, line in found.items() if self._is_made_inside(name)}
        return {}

    def _is_made_inside(self, name: str) -> bool:
        """Return False if the function itself gives a name another value than its helpers do."""
        code = self._function.__code__
        own = self._kept.get(code, {})
        inside = [self._kept[each][name] for each in self._helpers() if name in self._kept[each]]
        if name in own:
            return any(np.array_equal(own[name], each) for each in inside)
        return bool(inside) and name not in code.co_varnames


def _is_of_cell(own: CodeType, code: CodeType) -> bool:
    """Return True for a function or method that the same cell defines."""
    return own.co_filename == code.co_filename and not own.co_name.startswith("<")


def _assigned_by_now(frame: FrameType | None, code: CodeType) -> list[str]:
    """Name the variables of a frame and of those that called it, the outermost first."""
    names: list[str] = []
    while frame is not None:
        if _is_of_cell(frame.f_code, code):
            names = [*frame.f_locals, *names]
        frame = None if frame.f_code is code else frame.f_back
    return names


def _numeric(values: Mapping[str, Any], code: CodeType) -> dict[str, np.ndarray]:
    """Copy the numeric variables and lists of numbers; a dict's items are called "name['key']".

    What a dict or a list holds for each step, `a[t]`, becomes one array with the steps along its
    last axis.
    """
    found: dict[str, np.ndarray] = {}
    given = [values.get(name) for name in code.co_varnames[: code.co_argcount]]
    for name in (*code.co_varnames[code.co_argcount :], *code.co_cellvars):
        value = _side_by_side(values.get(name), given)
        items = {f"{name}[{k!r}]": v for k, v in value.items()} if type(value) is dict else {}
        for each, item in (items or {name: value}).items():
            kinds = (np.ndarray, np.generic, int, float)
            is_row = type(item) is list and item and all(isinstance(n, kinds[1:]) for n in item)
            if (is_row or isinstance(item, kinds)) and len(found) < MOST_VARIABLES:
                array = np.array(item, subok=False)
                if array.dtype.kind in "biuf" and array.size <= MOST_ELEMENTS:
                    found[each] = array
    return found


def _side_by_side(value: Any, given: list) -> Any:
    """Stack arrays of one shape that a list holds, or a dict under the numbers 0, 1, ...

    An argument that stands before them, as the first state does, is left out.
    """
    steps = value
    if type(value) is dict and 0 in value and all(type(key) is int for key in value):
        steps = [value[key] for key in sorted(value) if key >= 0]  # a[-1] is the one before
    if type(steps) is list and any(steps[:1] and steps[0] is each for each in given):
        steps = steps[1:]
    if type(steps) is not list or len(steps) < 2 or type(steps[0]) is not np.ndarray:
        return value
    alike = all(type(each) is np.ndarray and each.shape == steps[0].shape for each in steps)
    fits = alike and steps[0].ndim and steps[0].size * len(steps) <= MOST_ELEMENTS
    return np.stack(steps, axis=-1) if fits else value


def _source(function: Callable) -> ast.stmt:
    """Parse a function's source; `pass` stands for what cannot be had."""
    try:
        (root,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, SyntaxError, TypeError, ValueError):
        return ast.Pass()
    return root


def _drawn(root: ast.stmt) -> str:
    """Return the first line of a function that draws numbers at random; "" if there is none."""
    for node in ast.walk(root):
        if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef | ast.ClassDef):
            line = ast.unparse(node).partition("\n")[0]
            if re.search(r"\b(?:random|rng)\.(?!seed\b|default_rng\b|RandomState\b)\w+\(", line):
                return line[:200]
    return ""


def _lines(root: ast.stmt) -> dict[str, str]:
    """Map each name to the line that assigns it last; functions inside are not looked at.

    Lines such as `a += b` or `a = f(a)` stand after the line that they build on, but not in a loop,
    and lines that fill parts of an array stand side by side. A name to which a branch may or may
    not give a value of its own has no line: the branch need not have run.
    """
    found: dict[str, str] = {}
    in_parts: set[str] = set()
    same: dict[str, list[str]] = {}  # what a loop over variables calls each of them
    left = [(node, False, False) for node in ast.iter_child_nodes(root)]
    while left:
        node, branch, loop = left.pop(0)
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        branch = branch or isinstance(node, ast.If | ast.ExceptHandler | ast.Match)
        loop = loop or isinstance(node, ast.For | ast.While)
        left[:0] = [(each, branch, loop) for each in ast.iter_child_nodes(node)]  # in source order
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            items = node.iter.elts if isinstance(node.iter, ast.List | ast.Tuple) else []
            same[node.target.id] = [each.id for each in items if isinstance(each, ast.Name)]
        for name in dict.fromkeys(_assigned(node, same)):
            part, on = _fills_a_part(node, name), _builds_on(node, name)
            before = found.get(name) if part and name in in_parts or on and not loop else ""
            line = ast.unparse(node)[:LONGEST]
            if before and len(before) + len(line) < LONGEST:  # else the last one tells most
                line = f"{before}; {line}"
            found[name] = "" if branch and name in found and not before else line
            in_parts = in_parts | {name} if part else in_parts - {name}
    return {name: line for name, line in found.items() if line}


def _returned(root: ast.stmt, line: int) -> dict[str, str]:
    """Map "return" to the statement in a line of a function, if it computes what it returns."""
    for node in ast.walk(root):
        if isinstance(node, ast.Return) and node.lineno <= line <= (node.end_lineno or 0):
            computes = ast.BinOp | ast.UnaryOp | ast.Call | ast.Subscript | ast.Compare
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            if any(isinstance(value, computes) for value in values):
                return {"return": ast.unparse(node)[:200]}
    return {}


def _fills_a_part(node: ast.AST, name: str) -> bool:
    """Return True for `name[..., t] = b`, and for `name[..., t] += b`."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets = [node.target] if isinstance(node, ast.AugAssign) else targets
    stored = (each for target in targets for each in ast.walk(target))
    return any(isinstance(each, ast.Subscript) and name in _filled(each) for each in stored)


def _builds_on(node: ast.AST, name: str) -> bool:
    """Return True for `name += b`, and for `name = f(name)`."""
    value = node.value if isinstance(node, ast.Assign) else None
    read = ast.walk(value) if value else ()
    own = any(isinstance(each, ast.Name) and each.id == name for each in read)
    return own or isinstance(node, ast.AugAssign)


def _assigned(node: ast.AST, same: Mapping[str, list[str]]) -> list[str]:
    """Name what a statement assigns, or a call writes into (`out=`, `.at`, `.append`).

    `same` has the variables that a loop's own name stands for: what is done to them in place.
    """
    if isinstance(node, ast.Assign):
        parts = [part for target in node.targets for part in ast.walk(target)]
        stored = (part for part in parts if isinstance(getattr(part, "ctx", None), ast.Store))
        return [name for part in stored for name in _filled(part)]
    places: list[ast.expr] = [node.target] if isinstance(node, ast.AugAssign) else []
    if isinstance(node, ast.Call):
        places = [keyword.value for keyword in node.keywords if keyword.arg == "out"]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "at":  # as in np.add.at
            first = node.args[:1]
            places += [each.value if isinstance(each, ast.Attribute) else each for each in first]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            places.append(node.func.value)
    names = [name for place in places for name in _filled(place)]
    return [*names, *(other for name in names for other in same.get(name, ()))]


def _filled(target: ast.AST) -> Iterator[str]:
    """Name what an assignment fills: a variable, or for `a[..., t]` the array, or "d['key']"."""
    if isinstance(target, ast.Name):
        yield target.id
    while isinstance(target, ast.Subscript) and isinstance(target.value, ast.Subscript):
        target = target.value  # a[i][j]
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        key = target.slice
        of_dict = isinstance(key, ast.Constant) and isinstance(key.value, str)
        yield ast.unparse(target) if of_dict else target.value.id
