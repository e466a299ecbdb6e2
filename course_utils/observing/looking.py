"""Look at a function's own variables as it ends, beside what a probe observes."""

from __future__ import annotations

import ast
import contextlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FrameType
from typing import Any

import numpy as np

from .errors import MOST_VARIABLES

MOST_ELEMENTS = 10_000  # of one array
Probe = Callable[..., dict[str, Any]]


def look(
    probe: Probe, namespace: Mapping[str, Any], name: str, args: Mapping, after: Mapping
) -> dict[str, Any]:
    """Observe as `probe` does; what returned has "variables" and "lines" beside it.

    "variables" maps the names of the function's numeric variables, in the order in which they are
    first assigned, to their values at the end; "lines" maps them to the line that assigns them.
    """
    function = namespace.get(name)
    if not inspect.isfunction(function):
        return probe(namespace, name, args, after)
    watched = _Watched(function)
    seen = probe({**namespace, name: watched}, name, args, after)
    if seen["status"] == "returned":
        seen["variables"], seen["lines"] = watched.variables, _lines(function)
    return seen


class _Watched:
    """A function that keeps its numeric variables as they are when it returns."""

    def __init__(self, function: Callable) -> None:
        self._function = self.__wrapped__ = function  # whose signature it has
        self.__globals__ = function.__globals__  # where errors are looked for
        self.variables: dict[str, np.ndarray] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        code = self._function.__code__

        def keep(frame: FrameType, event: str, _: Any) -> None:
            if event == "return" and frame.f_code is code:
                with contextlib.suppress(Exception):  # its values may be of any kind
                    self.variables = _numeric(frame.f_locals, code)

        before = sys.getprofile()
        sys.setprofile(keep)
        try:
            return self._function(*args, **kwargs)
        finally:
            sys.setprofile(before)


def _numeric(values: Mapping[str, Any], code: CodeType) -> dict[str, np.ndarray]:
    """Copy the numeric variables; the items of a dict are called "name['key']"."""
    found: dict[str, np.ndarray] = {}
    for name in (*code.co_varnames[code.co_argcount :], *code.co_cellvars):
        value = values.get(name)
        items = {f"{name}[{k!r}]": v for k, v in value.items()} if type(value) is dict else {}
        for each, item in (items or {name: value}).items():
            kinds = (np.ndarray, np.generic, int, float)
            if isinstance(item, kinds) and len(found) < MOST_VARIABLES:
                array = np.array(item, subok=False)
                if array.dtype.kind in "biuf" and array.size <= MOST_ELEMENTS:
                    found[each] = array
    return found


def _lines(function: Callable) -> dict[str, str]:
    """Map each name to the line that assigns it last; functions inside are not looked at.

    A name that a branch may or may not assign anew has no line: the branch need not have run.
    """
    try:
        (root,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, SyntaxError, TypeError, ValueError):  # there is no source to be had
        return {}
    found: dict[str, str] = {}
    left = [(node, False) for node in ast.iter_child_nodes(root)]
    while left:
        node, branch = left.pop(0)
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        branch = branch or isinstance(node, ast.If)
        left[:0] = [(each, branch) for each in ast.iter_child_nodes(node)]  # in source order
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in (name for each in targets for name in ast.walk(each)):
                if isinstance(getattr(target, "ctx", None), ast.Store):
                    for name in _filled(target):
                        unsure = branch and name in found
                        found[name] = "" if unsure else ast.unparse(node)[:200]
    return {name: line for name, line in found.items() if line}


def _filled(target: ast.AST) -> Iterator[str]:
    """Name what an assignment fills: a variable, or for `a[..., t]` the array, or "d['key']"."""
    if isinstance(target, ast.Name):
        yield target.id
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        key = target.slice
        of_dict = isinstance(key, ast.Constant) and isinstance(key.value, str)
        yield ast.unparse(target) if of_dict else target.value.id
