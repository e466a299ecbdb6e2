"""Work out in advance what switches decide, so that general code reads as if written for one case.

A function with fixed arguments, and the functions inside it, are rewritten: values that never
change are put where they are read, conditions on them are decided, lambdas are written out where
they are called, and what is no longer used goes.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping

from .definitions import bound_names, renamed
from .fold import folded, is_fixed, is_plain

ROUNDS = 4  # what one round decides, the next may build on


def specialised(
    outer: ast.FunctionDef, helpers: list[ast.stmt], values: Mapping[str, ast.expr]
) -> ast.FunctionDef:
    """Return a function with its helpers inside it, specialised to `values` of names it reads.

    A helper reads other helpers and nothing else from outside it. All of them may be changed.
    """
    functions = [node for node in helpers if isinstance(node, ast.FunctionDef)]
    names = {node.name for node in functions}
    _settle(outer, values, names)
    whole = _with_body(outer, [*helpers, *outer.body])
    for node in reversed(functions):  # each is called by those after it, which are settled already
        _settle(node, _never_given(whole, node), names)
    while _without_unused(whole):
        pass
    return whole


def _settle(function: ast.FunctionDef, values: Mapping[str, ast.expr], names: set[str]) -> None:
    """Put values in the place of names; keep an assignment for each that has to stay."""
    kept = _put(function, values).items()
    assigned = [ast.Assign([ast.Name(name, ast.Store())], value) for name, value in kept]
    function.body[:0] = assigned
    for _ in range(ROUNDS):
        folded(function, names)
        _put_constants(function)
        _cut(function.body)


def _put(function: ast.FunctionDef, values: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
    """Replace names by their values where that changes nothing; return the values of the others."""
    bound, kept = _counts(function), {}
    for name, value in values.items():
        captured = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} & set(bound)
        stays = bound[name] or captured - bound_names(value) or not is_fixed(value)
        if isinstance(value, ast.Lambda) and not stays:
            stays = not _only_called_plainly(function, name, value)
        if stays:
            kept[name] = value
        else:
            renamed(function, {name: value})
    return kept


def _put_constants(function: ast.FunctionDef) -> None:
    """Put the fixed values of variables that are set only once in their places."""
    bound = _counts(function)
    for node in list(function.body):
        name = _target(node)
        if name and bound[name] == 1 and is_fixed(node.value):
            rest = _with_body(function, [each for each in function.body if each is not node])
            if not _put(rest, {name: node.value}):
                function.body = rest.body or [ast.Pass()]


def _with_body(function: ast.FunctionDef, body: list[ast.stmt]) -> ast.FunctionDef:
    return ast.FunctionDef(
        name=function.name, args=function.args, body=body, decorator_list=[], type_params=[]
    )


def _target(node: ast.stmt) -> str:
    single = isinstance(node, ast.Assign) and len(node.targets) == 1
    return node.targets[0].id if single and isinstance(node.targets[0], ast.Name) else ""


def _counts(function: ast.FunctionDef) -> Counter:
    """Count how often each name is set, as a variable, an argument or a function."""
    counts: Counter = Counter()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            counts[node.id] += 1
        elif isinstance(node, ast.arg):
            counts[node.arg] += 1
        elif isinstance(node, ast.alias):
            counts[(node.asname or node.name).split(".")[0]] += 1
    return counts


def _reads(node: ast.AST, name: str) -> list[ast.Name]:
    every = (n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name)
    return [n for n in every if isinstance(n.ctx, ast.Load)]


def _calls(node: ast.AST, name: str) -> list[ast.Call]:
    every = (n for n in ast.walk(node) if isinstance(n, ast.Call))
    return [call for call in every if isinstance(call.func, ast.Name) and call.func.id == name]


def _only_called_plainly(function: ast.FunctionDef, name: str, value: ast.Lambda) -> bool:
    """Return True if a lambda can be written out, or decided upon, wherever its name is read."""
    calls = _calls(function, name)
    tests = [
        test
        for node in ast.walk(function)
        for test in ([node.test] if isinstance(node, (ast.IfExp, ast.If)) else
                     node.values[:1] if isinstance(node, ast.BoolOp) else [])
        if isinstance(test, ast.Name) and test.id == name
    ]  # fmt: skip
    return len(calls) + len(tests) == len(_reads(function, name)) and all(
        is_plain(value, call) for call in calls
    )


def _never_given(outer: ast.FunctionDef, node: ast.FunctionDef) -> dict[str, ast.expr]:
    """Take out the parameters that no call gives; return their defaults."""
    calls = _calls(outer, node.name)
    free = any(isinstance(arg, ast.Starred) for call in calls for arg in call.args)
    free = free or any(keyword.arg is None for call in calls for keyword in call.keywords)
    if free or len(calls) != len(_reads(outer, node.name)) or node.args.vararg:
        return {}
    given = {keyword.arg for call in calls for keyword in call.keywords}
    by_place = max((len(call.args) for call in calls), default=0)
    args, found = node.args, {}
    while args.defaults and len(args.args) > by_place and args.args[-1].arg not in given:
        found[args.args.pop().arg] = args.defaults.pop()
    for place in reversed(range(len(args.kwonlyargs))):
        if args.kwonlyargs[place].arg not in given and args.kw_defaults[place] is not None:
            found[args.kwonlyargs.pop(place).arg] = args.kw_defaults.pop(place)
    return found


def _cut(body: list[ast.stmt]) -> None:
    """Leave out what follows a return."""
    for place, node in enumerate(body):
        if isinstance(node, ast.Return):
            del body[place + 1 :]
            return


def _without_unused(outer: ast.FunctionDef) -> bool:
    """Leave out functions, imports and fixed values that nothing reads; tell whether any were."""
    kept = []
    for node in outer.body:
        name = _target(node) if getattr(node, "value", None) and is_fixed(node.value) else ""
        if isinstance(node, ast.FunctionDef):
            name = node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and len(node.names) == 1:
            name = node.names[0].asname or node.names[0].name
        if not name or _reads(outer, name):
            kept.append(node)
    changed = len(kept) < len(outer.body)
    outer.body = kept
    return changed
