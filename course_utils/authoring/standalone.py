"""Write a function of this package down as one that stands alone, with all it needs inside it.

A known mistake is often a general form with a switch set: a partial, a lambda, a closure. A
submission holds source. So the definitions that the form reaches are copied into the body of one
function, what a closure holds is written out, and what the switches decide is decided.
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, ModuleType
from typing import Any

import numpy as np

from .definitions import NotStandalone, bound_names, definition, free_names, renamed
from .specialise import specialised

COPIED = ("course_utils.exercises", "course_utils.authoring")  # a submission can't import these
PLAIN = (type(None), bool, int, float, complex, str, bytes)


def standalone(name: str, function: Callable[..., Any], arity: int) -> str:
    """Return the source of a function `name` of `arity` arguments that does what `function` does.

    It needs nothing but `np`. Raises NotStandalone where some part has no source to copy.
    """
    given, bound = [], {}
    while isinstance(function, partial):
        given, bound = [*function.args, *given], {**function.keywords, **bound}
        function = function.func
    if not isinstance(function, FunctionType):
        raise NotStandalone(f"{function!r} is not a function with source")
    outer = definition(function)
    bundle = _Bundle(taken=bound_names(outer) | {name})
    body = bundle.completed(outer, function).body
    parameters, fixed = _parted(outer.args, function, given, bound, arity)
    values = {each: bundle.value(value, each) for each, value in fixed.items()}
    args = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(each) for each in parameters],
        vararg=outer.args.vararg,
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    made = ast.FunctionDef(name=name, args=args, body=body, decorator_list=[], type_params=[])
    made = specialised(made, bundle.statements, values)
    return ast.unparse(ast.fix_missing_locations(made)) + "\n"


def _parted(
    args: ast.arguments, function: FunctionType, given: list, bound: Mapping[str, Any], arity: int
) -> tuple[list[str], dict[str, Any]]:
    """Part the parameters into those that a caller gives and those whose value is fixed."""
    names = [arg.arg for arg in args.posonlyargs + args.args]
    defaults = function.__defaults__ or ()
    values = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    values |= function.__kwdefaults__ or {}
    fixed = dict(zip(names, given, strict=False)) | dict(bound)
    open_names = [name for name in names if name not in fixed]
    parameters = open_names if args.vararg else open_names[:arity]
    if not args.vararg and len(parameters) < arity:
        raise NotStandalone(f"{function.__qualname__} takes fewer than {arity} arguments")
    rest = [n for n in (*names, *(a.arg for a in args.kwonlyargs)) if n not in parameters]
    if args.kwarg:
        others = {name: value for name, value in bound.items() if name not in rest}
        fixed, rest = fixed | {args.kwarg.arg: others}, [*rest, args.kwarg.arg]
    missing = [name for name in rest if name not in fixed and name not in values]
    if missing:
        raise NotStandalone(f"{function.__qualname__} needs {', '.join(missing)}")
    return parameters, {name: fixed.get(name, values.get(name)) for name in rest}


class _Bundle:
    """The statements that define what one function needs, in the order they are needed."""

    def __init__(self, taken: set[str]) -> None:
        self.statements: list[ast.stmt] = []
        self._taken = taken
        self._names: dict[int, str] = {}
        self._kept: list[Any] = []  # so that no id is used twice

    def completed(self, node: Any, function: FunctionType) -> Any:
        """Return a definition with every name from outside it replaced by what stands for it."""
        free = free_names(function)
        targets = {name: self.value(value, name) for name, value in free.items()}
        inside = bound_names(node)
        used = {name for target in targets.values() for name in _free(target)}
        clash = inside & (set(targets) | used)
        if clash:
            raise NotStandalone(f"{function.__qualname__} has two meanings for {sorted(clash)}")
        return renamed(node, targets)

    def value(self, value: Any, hint: str) -> ast.expr:
        """Return an expression for a value, defining what has to be defined for it."""
        if isinstance(value, float) and not math.isfinite(value):
            return ast.parse(f"float({str(value)!r})", mode="eval").body
        if isinstance(value, PLAIN) and not isinstance(value, np.generic):
            return ast.Constant(value)
        if isinstance(value, (tuple, list, set)):
            kind = {tuple: ast.Tuple, list: ast.List, set: ast.Set}[type(value)]
            ordered = sorted(value, key=repr) if isinstance(value, set) else value
            items = [self.value(item, hint) for item in ordered]
            return kind(items) if kind is ast.Set else kind(items, ast.Load())
        if isinstance(value, dict):
            keys = [self.value(key, hint) for key in value]
            return ast.Dict(keys, [self.value(item, hint) for item in value.values()])
        if isinstance(value, partial):
            keywords = [ast.keyword(k, self.value(v, k)) for k, v in value.keywords.items()]
            args = [self.value(each, hint) for each in (value.func, *value.args)]
            return ast.Call(self.value(partial, "partial"), args, keywords)
        if isinstance(value, FunctionType) and value.__module__.startswith(COPIED):
            return self._function(value, hint)
        return self._reference(value, hint)

    def _function(self, function: FunctionType, hint: str) -> ast.expr:
        node = definition(function)
        if function.__name__ == "<lambda>":
            args = self._with_defaults(node.args, function)
            completed = self.completed(node, function)
            return ast.Lambda(args, completed.body[0].value)
        if id(function) not in self._names:
            node.name = self._name(function, function.__name__)
            args = self._with_defaults(node.args, function)
            completed = self.completed(node, function)
            completed.args = args
            self.statements.append(completed)
        return ast.Name(self._names[id(function)], ast.Load())

    def _with_defaults(self, args: ast.arguments, function: FunctionType) -> ast.arguments:
        """Write the defaults as values: their expressions were evaluated elsewhere."""
        args = copy.deepcopy(args)
        args.defaults = [self.value(each, "default") for each in function.__defaults__ or ()]
        named = function.__kwdefaults__ or {}
        args.kw_defaults = [
            self.value(named[arg.arg], arg.arg) if arg.arg in named else None
            for arg in args.kwonlyargs
        ]
        return args

    def _reference(self, value: Any, hint: str) -> ast.expr:
        """Return an expression for something that a submission can import."""
        if value is np:
            return ast.Name("np", ast.Load())
        if isinstance(value, ModuleType):
            return self._imported(value, f"import {value.__name__} as ", hint)
        if isinstance(value, MethodDescriptorType):
            return ast.parse(f"{value.__objclass__.__name__}.{value.__name__}", mode="eval").body
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", "")
        home = getattr(value, "__module__", None) or "numpy"  # NumPy's ufuncs don't say
        if not name.isidentifier() or getattr(import_module(home), name, None) is not value:
            raise NotStandalone(f"{hint}: {value!r} can't be written down")
        if home == "builtins" and isinstance(value, (type, BuiltinFunctionType)):
            return ast.Name(name, ast.Load())
        if home == "numpy" or home.startswith("numpy."):
            return ast.parse(f"{home.replace('numpy', 'np', 1)}.{name}", mode="eval").body
        if home.startswith(COPIED):
            raise NotStandalone(f"{hint}: {value!r} is not a function")
        return self._imported(value, f"from {home} import {name} as ", name)

    def _imported(self, value: Any, statement: str, name: str) -> ast.expr:
        if id(value) not in self._names:
            called = self._name(value, name)
            said = statement + called
            self.statements += ast.parse(said.replace(f" {called} as {called}", f" {called}")).body
        return ast.Name(self._names[id(value)], ast.Load())

    def _name(self, value: Any, wanted: str) -> str:
        """Choose a name that nothing else has, and note it."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        self._names[id(value)] = name
        self._kept.append(value)
        return name


def _free(expression: ast.expr) -> set[str]:
    names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    return names - bound_names(expression)
