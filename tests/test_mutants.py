"""Mutation testing: the reference answers, broken by one small change each, must all fail.

Every change is made inside the region that a learner writes. A mutant that the judge passes is
either listed below as no mistake at all, with the reason, or a hole in the cases or criteria.
"""

from __future__ import annotations

import ast
import copy
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from course_utils.authoring.source import BEGIN, END, parse
from course_utils.exercises.judge import oracle_values
from tests.conftest import ROOT, every_exercise

SEED = 0
SECONDS = 2.0  # for all cases of one mutant

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

# The reference of complete_analogy draws up a list of 21 by its scores and decides among them by
# cosine, so with the few words of a case it forgives nearly any change to the scores; and the
# order of the list depends on the processor. It is broken only where it skips words; the search
# proper is broken in this form, which decides by its scores.
ONLY = {"complete_analogy": "given"}
MORE = {
    "complete_analogy": f"""
def complete_analogy(word_a, word_b, word_c, word_to_vec_map):
    {BEGIN}
    given = [word.lower() for word in (word_a, word_b, word_c)]
    e_a, e_b, e_c = (word_to_vec_map[word] for word in given)
    words, E = as_matrix(word_to_vec_map)
    step = e_b - e_a
    lengths = np.sqrt(np.abs(np.sum(E * E, axis=1) - 2 * (E @ e_c) + np.dot(e_c, e_c)))
    far = lengths > 1e-4
    scores = (E @ step - np.dot(e_c, step)) / np.where(far, lengths, 1.0)
    scores[[words.index(word) for word in given]] = -np.inf
    return words[np.argmax(np.where(far, scores, -np.inf))]
    {END}
"""
}

# exercise -> ((changes that are no mistake, why), ...); a change is written "before => after"
EQUIVALENT: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}


@cache
def _forms(stem: str, name: str) -> list[tuple[ast.Module, frozenset[int]]]:
    """Return the trees of an exercise's answers, with the lines of each that are broken."""
    path = ROOT / "solutions" / f"{stem}.py"
    cells = parse(path.read_text("utf-8"), path)
    (reference,) = (cell.source for cell in cells if cell.exercise == name)
    more = [MORE[name]] if name in MORE else []
    return [_form(reference, ONLY.get(name, "")), *(_form(source, "") for source in more)]


def _form(source: str, only: str) -> tuple[ast.Module, frozenset[int]]:
    lines = [line.strip() for line in source.splitlines()]
    region = range(lines.index(BEGIN) + 1, lines.index(END))
    return ast.parse(source), frozenset(i + 1 for i in region if only in lines[i])


def _in_region(tree: ast.Module, lines: frozenset[int]) -> list[tuple[ast.AST, str, int | None]]:
    """List every place a node stands at inside the region: (parent, field, index)."""
    places = []
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                line = getattr(node, "lineno", None)
                if isinstance(node, ast.comprehension | ast.keyword):
                    line = getattr(node, "value", getattr(node, "iter", None)).lineno
                if line in lines:
                    places.append((parent, field, index))
    return places


def _get(place: tuple[ast.AST, str, int | None]) -> ast.AST:
    parent, field, index = place
    value = getattr(parent, field)
    return value if index is None else value[index]


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _changes(node: ast.AST, parent: ast.AST, names: list, strings: list) -> Iterator[ast.AST]:
    """Yield what may stand in the place of one node; None for nothing at all."""
    kind = type(node).__name__
    yield from globals().get(f"_{kind.lower()}", lambda *_: ())(node, parent, names, strings)
    if isinstance(node, ast.stmt):
        yield ast.Pass()


def _binop(node, *_):
    for op in BINARY.get(type(node.op), ()):
        yield ast.BinOp(node.left, op(), node.right)
    yield node.left
    yield node.right
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node.op, ast.MatMult):
        for left, right in ((True, False), (False, True), (True, True)):
            yield ast.BinOp(*_transposed(node, left, right))


def _transposed(node, left, right):
    def turn(side):
        if isinstance(side, ast.Attribute) and side.attr == "T":
            return side.value
        return ast.Attribute(side, "T", ast.Load())

    return (
        turn(node.left) if left else node.left,
        node.op,
        turn(node.right) if right else node.right,
    )


def _unaryop(node, *_):
    yield node.operand


def _attribute(node, *_):
    if node.attr == "T":
        yield node.value


def _constant(node, parent, _, strings):
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


def _name(node, parent, names, _):
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


def _call(node, *_):
    name = ast.unparse(node.func)
    for other in FUNCTIONS.get(name, ()):
        yield ast.Call(_parsed(other), node.args, node.keywords)
    yield from node.args
    if isinstance(node.func, ast.Attribute):
        yield node.func.value  # x.lower() -> x
    for i in range(len(node.args) - 1):
        yield ast.Call(node.func, _swapped(node.args, i), node.keywords)
    for i in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :])
    if name == "range":
        (end,) = (ast.unparse(arg) for arg in node.args)
        wrong = (f"range(1, {end})", f"range({end} - 1)", f"range({end} + 1)", "range(7)")
        yield from map(_parsed, (*wrong, f"reversed(range({end}))", f"range(0, {end}, 2)"))
    if name == "np.concatenate":
        yield ast.Call(node.func, node.args, [ast.keyword("axis", ast.Constant(1))])
    if name == "np.sum":
        yield ast.Call(node.func, node.args[:1], [])


def _swapped(items: list, i: int) -> list:
    return [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def _tuple(node, *_):
    for i in range(len(node.elts) - 1):
        yield type(node)(_swapped(node.elts, i), node.ctx)
    for i in range(len(node.elts)):
        yield type(node)(node.elts[:i] + node.elts[i + 1 :], node.ctx)


_list = _tuple


def _dict(node, *_):
    for i in range(len(node.keys) - 1):
        yield ast.Dict(node.keys, _swapped(node.values, i))
    for i in range(len(node.keys)):
        yield ast.Dict(node.keys[:i] + node.keys[i + 1 :], node.values[:i] + node.values[i + 1 :])


def _slice(node, *_):
    yield ast.Slice(node.upper, node.lower, node.step)
    if node.lower or node.upper:
        yield ast.Slice(None, None, None)
    else:
        yield ast.Slice(None, None, ast.Constant(-1))
        yield ast.Constant(0)


def _subscript(node, *_):
    if isinstance(node.ctx, ast.Load):
        yield node.value


def _compare(node, *_):
    (op,) = node.ops
    others = {ast.NotIn: ast.In, ast.In: ast.NotIn, ast.Gt: ast.GtE, ast.Lt: ast.LtE}
    if type(op) in others:
        yield ast.Compare(node.left, [others[type(op)]()], node.comparators)


def _comprehension(node, *_):
    if node.ifs:
        yield ast.comprehension(node.target, node.iter, [], node.is_async)


def _lambda(node, *_):
    yield ast.Lambda(node.args, ast.UnaryOp(ast.USub(), node.body))


def _augassign(node, *_):
    target = copy.deepcopy(node.target)
    yield ast.Assign([target], node.value)
    yield ast.AugAssign(target, ast.Sub(), node.value)
    yield ast.Assign([target], ast.BinOp(_loaded(target), ast.Add(), _loaded(target)))


def _loaded(target):
    return ast.Name(target.id, ast.Load())


def _assign(node, *_):
    (target,) = node.targets
    if isinstance(target, ast.Name | ast.Subscript):
        yield ast.AugAssign(target, ast.Add(), node.value)


def _for(node, *_):
    for i in range(len(node.body)):
        early = [ast.Return(None) if j == i else s for j, s in enumerate(node.body)]
        yield ast.For(node.target, node.iter, early, [])
    yield ast.For(node.target, node.iter, [*node.body, ast.Break()], [])


def _statement(tree: ast.Module, node: ast.AST) -> ast.stmt:
    """Return the smallest statement that a node is in."""
    holders = {id(n): parent for parent in ast.walk(tree) for n in ast.iter_child_nodes(parent)}
    while not isinstance(node, ast.stmt):
        node = holders[id(node)]
    return node


def _said(statement: ast.stmt) -> str:
    """Write a statement down in one line."""
    return " ".join(ast.unparse(statement).split())


def mutants(stem: str, name: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield (what was changed, the changed cell) for every form of the answer, each once."""
    for tree, lines in _forms(stem, name):
        yield from _of_form(tree, lines)


def _of_form(tree: ast.Module, lines: frozenset[int]) -> Iterator[tuple[str, ast.Module]]:
    places = _in_region(tree, lines)
    nodes = [_get(place) for place in places]
    functions = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    loaded = {n.id for n in nodes if isinstance(n, ast.Name) and id(n) not in functions}
    names = sorted(loaded - {"np"})
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    seen = {ast.unparse(tree)}
    for number, place in enumerate(places):
        before = _said(_statement(tree, _get(place)))
        for change in _changes(_get(place), place[0], names, sorted(texts)):
            changed, statement = _with(tree, lines, number, change)
            text = ast.unparse(changed)
            if text not in seen and _compiles(changed):
                seen.add(text)
                yield f"{before} => {statement}", changed


def _compiles(tree: ast.Module) -> bool:
    try:
        compile(tree, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _with(tree: ast.Module, lines: frozenset[int], number: int, change: ast.AST) -> tuple[ast.Module, str]:
    """Copy the tree with one place changed, and say what its statement reads now."""
    tree = copy.deepcopy(tree)
    places = _in_region(tree, lines)
    place = places[number]
    holder = _statement(tree, _get(place))
    (parent, field, index), change = place, copy.deepcopy(change)
    if index is None:
        setattr(parent, field, change)
    else:
        getattr(parent, field)[index] = change
    ast.fix_missing_locations(tree)
    return tree, _said(change if isinstance(change, ast.stmt) else holder)


@contextmanager
def time_limit(seconds: float):
    """Raise TimeoutError in what takes longer, again and again until it is left."""

    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def fixed(exercise, seed: int = SEED):
    """Return the exercise with its cases and expected values computed once, to judge quickly."""
    cases = exercise.cases(np.random.default_rng(seed))
    expected = {
        id(next(iter(case.args.values()))): value
        for case, value in zip(cases, oracle_values(exercise, cases), strict=True)
    }
    return replace(
        exercise,
        cases=lambda rng: cases,
        oracle=lambda first, *rest: expected[id(first)],
        misconceptions=(),  # what a mutant is called is tested elsewhere, and takes long
    )


def survivors(at, namespace: dict, judged, seed: int = SEED) -> tuple[int, list[str]]:
    """Judge every mutant of an exercise; return how many there are and which ones passed."""
    exercise, count, passed = fixed(at.exercise, seed), 0, []
    for what, tree in mutants(at.stem, exercise.name):
        count += 1
        mine = dict(namespace)
        with np.errstate(all="ignore"):
            try:
                with time_limit(SECONDS):
                    exec(compile(tree, what, "exec"), mine)
                    result = judged(exercise, mine[exercise.name], seed)
            except TimeoutError:
                continue
        if result.status == "passed":
            passed.append(what)
    return count, passed


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("at", every_exercise())
def test_every_mutant_of_the_reference_fails_unless_it_is_no_mistake(at, answers, judged):
    count, passed = survivors(at, answers(at.stem), judged)
    listed = {what for whats, _ in EQUIVALENT.get(at.exercise.name, ()) for what in whats}
    assert count > 30
    assert set(passed) - listed == set(), "passed, though changed"
    assert listed - set(passed) == set(), "listed as no mistake, but fails or does not arise"
