"""Write a function of this package down as the answer that a student would hand in.

A known mistake is often a general form with a switch set: a partial, a lambda, a closure. A
submission holds source and can't import the course's records. So the answer calls the general form
with its switch, and the definitions that this needs stand inside the answer.
"""

from __future__ import annotations

import ast
import copy
import dis
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodDescriptorType, ModuleType
from typing import Any

import numpy as np

from ..observing.syntax_trees import parsed

COPIED = ("course_utils.exercises", "course_utils.authoring")  # a submission can't import these
PLAIN = (type(None), bool, int, float, complex, str, bytes)


class NotWritable(ValueError):
    """A function can't be written down on its own; the message says why."""


def body_of_answer(name: str, function: Callable[..., Any], parameters: Sequence[str]) -> str:
    """Return the body of an answer `name`, which does what `function` does with its parameters.

    They need nothing but `np`. Raises NotWritable where some part has no source to copy.
    """
    needed = _Definitions(taken={name, *parameters})
    given: list[Any] = []
    switches: dict[str, Any] = {}
    while isinstance(function, partial):
        given, switches = [*function.args, *given], {**function.keywords, **switches}
        function = function.func
    arguments = [needed.expression(value) for value in given] + list(parameters)
    arguments += [f"{key}={needed.expression(value)}" for key, value in switches.items()]
    called = needed.expression(function)
    return "\n".join([*needed.statements, f"return {called}({', '.join(arguments)})"])


class _Definitions:
    """The statements that define what an answer needs, in the order they are needed."""

    def __init__(self, taken: set[str]) -> None:
        self.statements: list[str] = []
        self._taken = taken
        self._named: dict[int, tuple[str, Any]] = {}  # the value is kept, so its id stays its own

    def expression(self, value: Any) -> str:
        """Return an expression for a value; define what has to be defined for it."""
        if isinstance(value, float) and not math.isfinite(value):
            return f"float('{value}')"
        if isinstance(value, PLAIN) and not isinstance(value, np.generic):
            return repr(value)
        if isinstance(value, tuple):
            return f"({''.join(f'{self.expression(item)}, ' for item in value)})"
        if isinstance(value, list):
            return f"[{', '.join(map(self.expression, value))}]"
        if isinstance(value, set):
            return f"{{{', '.join(map(self.expression, sorted(value, key=repr)))}}}"
        if isinstance(value, dict):
            items = (f"{self.expression(k)}: {self.expression(v)}" for k, v in value.items())
            return f"{{{', '.join(items)}}}"
        if isinstance(value, partial):
            arguments = [self.expression(each) for each in (value.func, *value.args)]
            arguments += [f"{k}={self.expression(v)}" for k, v in value.keywords.items()]
            return f"{self.expression(partial)}({', '.join(arguments)})"
        if isinstance(value, FunctionType) and value.__module__.startswith(COPIED):
            return self._function(value)
        return self._imported(value)

    def _function(self, function: FunctionType) -> str:
        if id(function) in self._named:
            return self._named[id(function)][0]
        node = _definition(function)
        if isinstance(node, ast.FunctionDef):
            node.name = self._name(function, function.__name__)
        self._write_defaults(node.args, function)
        inside = _bound_names(node)
        targets = {k: parsed(self.expression(v)) for k, v in _free_names(function).items()}
        used = set().union(*map(_names_read, targets.values()))
        if clash := inside & (set(targets) | used):
            raise NotWritable(f"{function.__qualname__} has two meanings for {sorted(clash)}")
        text = ast.unparse(ast.fix_missing_locations(_Renaming(targets).visit(node)))
        if isinstance(node, ast.Lambda):
            return f"({text})"
        self.statements.append(text)
        return node.name

    def _write_defaults(self, args: ast.arguments, function: FunctionType) -> None:
        """Write the defaults as values: their expressions were evaluated elsewhere."""
        args.defaults = [parsed(self.expression(v)) for v in function.__defaults__ or ()]
        named = function.__kwdefaults__ or {}
        args.kw_defaults = [
            parsed(self.expression(named[arg.arg])) if arg.arg in named else None
            for arg in args.kwonlyargs
        ]

    def _imported(self, value: Any) -> str:
        """Return an expression for something that a submission can import."""
        if value is np:
            return "np"
        if id(value) in self._named:
            return self._named[id(value)][0]
        if isinstance(value, ModuleType):
            name = self._name(value, value.__name__.rpartition(".")[2])
            self.statements.append(f"import {value.__name__} as {name}")
            return name
        if isinstance(value, MethodDescriptorType):
            return f"{value.__objclass__.__name__}.{value.__name__}"
        name = getattr(value, "__qualname__", "") or getattr(value, "__name__", "")
        home = getattr(value, "__module__", None) or "numpy"  # NumPy's ufuncs don't say
        if not name.isidentifier() or getattr(import_module(home), name, None) is not value:
            raise NotWritable(f"{value!r} can't be written down")
        if home == "builtins" and isinstance(value, (type, BuiltinFunctionType)):
            return name
        if home == "numpy" or home.startswith("numpy."):
            return f"{home.replace('numpy', 'np', 1)}.{name}"
        if home.startswith(COPIED):
            raise NotWritable(f"{value!r} is not a function")
        called = self._name(value, name)
        self.statements.append(f"from {home} import {name}" + f" as {called}" * (called != name))
        return called

    def _name(self, value: Any, wanted: str) -> str:
        """Choose a name that nothing else has, and note it."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        self._named[id(value)] = name, value
        return name


def _names_read(expression: ast.expr) -> set[str]:
    names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    return names - _bound_names(expression)


class _Renaming(ast.NodeTransformer):
    """Replaces every name that is read and has a target by the target."""

    def __init__(self, targets: Mapping[str, ast.expr]) -> None:
        self._targets = targets

    def visit_Name(self, node: ast.Name) -> ast.expr:  # noqa: N802 (ast's own naming)
        if isinstance(node.ctx, ast.Load) and node.id in self._targets:
            return copy.deepcopy(self._targets[node.id])
        return node


def _definition(function: FunctionType) -> ast.FunctionDef | ast.Lambda:
    """Return a copy of the tree of a function, bare: no decorator, annotation or docstring."""
    code = function.__code__
    found = _functions(code.co_filename).get((code.co_name, code.co_firstlineno), [])
    if len(found) > 1:  # lambdas of one line
        found = [node for node in found if _is_body_of(code, node.body)]
    if len(found) != 1:
        raise NotWritable(f"no source, or several, for {function.__qualname__}")
    node = copy.deepcopy(found[0])
    if isinstance(node, ast.FunctionDef):
        node.decorator_list, node.returns = [], None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    for arg in ast.walk(node.args):
        if isinstance(arg, ast.arg):
            arg.annotation = None
    return node


@cache
def _functions(filename: str) -> dict[tuple[str, int], list[Any]]:
    """Map a function's name and the line its code object starts on to what is defined there."""
    try:
        tree = ast.parse(Path(filename).read_text("utf-8"))
    except (OSError, SyntaxError):
        raise NotWritable(f"{filename} has no source that can be read") from None
    found: dict[tuple[str, int], list[Any]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            found.setdefault(("<lambda>", node.lineno), []).append(node)
        elif isinstance(node, ast.FunctionDef):
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            found.setdefault((node.name, first), []).append(node)
    return found


def _is_body_of(code: CodeType, body: ast.expr) -> bool:
    """Return True if some instruction of `code` stands for this whole expression."""
    span = (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset)
    return span in set(code.co_positions())


def _free_names(function: FunctionType) -> dict[str, Any]:
    """Map the names that a function takes from its module or from around it to their values."""
    code = function.__code__
    used = {
        instruction.argval
        for each in _codes(code)
        for instruction in dis.get_instructions(each)
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    values = function.__globals__
    found = {name: values[name] for name in sorted(used) if name in values}  # the rest is built in
    around = zip(code.co_freevars, function.__closure__ or (), strict=True)
    return found | {name: cell.cell_contents for name, cell in around}


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _bound_names(node: ast.AST) -> set[str]:
    """List every name that is set anywhere in a definition, also in functions inside it."""
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
            names.add(each.id)
        elif isinstance(each, ast.arg):
            names.add(each.arg)
        elif isinstance(each, ast.FunctionDef) and each is not node:
            names.add(each.name)
        elif isinstance(each, ast.alias):
            names.add((each.asname or each.name).split(".")[0])
        elif isinstance(each, ast.ExceptHandler) and each.name:
            names.add(each.name)
    return names
