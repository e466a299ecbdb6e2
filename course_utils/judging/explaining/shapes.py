"""Say which shapes on the line of an error do not fit each other, and what their axes are."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from ..model import Case
from .raised import Raised
from .strange_sizes import is_joined, joined_sizes, of_strange_size, strange_size

NO_AXES = ("width", "top_k")  # though the label of a case names them
MISFIT = (
    r"could not be broadcast|could not broadcast|not aligned|must match exactly|not compatible|"
    r"[Ii]ncompatible|cannot reshape|same number of dimensions|inhomogeneous|core dimension|"
    r"Dimensions must be equal|non-broadcastable"
)
REARRANGING = ("reshape", "transpose", "swapaxes")
REDUCTIONS = ("sum", "mean", "max", "min")  # NumPy's functions and methods
Shape = tuple[int, ...]
Odd = Callable[..., bool]


def never(*shapes: Shape | None) -> bool:
    """Take no operation for odd."""
    return False


def of_shapes(e: Raised) -> str:
    """Explain shapes that do not fit each other, with the names of their axes."""
    if said := _of_kernels(e):
        return said
    of_operands = e.message.partition(" and requested shape")[0]
    found = [_shape(text) for text in re.findall(r"[(\[](\d+(?:,\s*\d+)*,?)[)\]]", of_operands)]
    if e.type != "ValueError" or not e.source or not re.search(MISFIT, e.message):
        return ""
    two = re.findall(r"size (\d+) is different from (\d+)", e.message)
    lengths = [*(n for shape in found for n in shape), *(int(n) for pair in two for n in pair)]
    strange = strange_size(e, lengths)
    operation = _first_of(e, lambda made, *of: made is None)
    if strange and not (operation and is_joined(e, strange)):
        return of_strange_size(e, strange)
    if operation:
        return _of_operation(operation, e.case, _added_to(operation, e))
    if said := _of_joined(e) or _of_reshape(e) or _of_place(e):
        return said
    if "inhomogeneous" not in e.message and (passed := _passed(e)):
        return passed
    names = [n for n in e.held("array", "tensor") if "()" not in e.variables[n]]
    shapes = [_shape(e.variables[n].partition(" ")[2]) for n in names]
    told = [f"`{n}` is {with_axes(s, e.case)}" for n, s in zip(names[:4], shapes, strict=False)]
    others = [shape for shape in dict.fromkeys(found) if shape and shape not in shapes]
    told += [f"another value is {with_axes(shape, e.case)}" for shape in others]
    if "inhomogeneous" in e.message and e.held("tuple"):
        name = e.held("tuple")[0]
        if whole := next((n for n in e.calls() if _makes_array_of(n, name)), None):
            return (
                f"`{name}` is a tuple of things of several shapes, and `{ast.unparse(whole.func)}` "
                "cannot make an array of them. A list keeps a tuple as it is: `.append(...)` on a "
                "line of its own adds one more."
            )
        return f"`{name}` is a tuple of {e.variables[name][6:]}. Take out of it what you need here."
    if "inhomogeneous" in e.message:
        return (
            "Lists or arrays of different lengths cannot become one array. Should they be equally "
            "long? If not, keep them in a list, or join them along the axis in which they differ: "
            "`np.concatenate`."
        )
    if "concatenation axis" in e.message and not told[1:]:
        return ""  # what is joined is made on the line, perhaps of this array
    if not names:
        return ""
    said = f"On this line {', '.join(told)}"
    if not told[1:]:
        return f"{said}: that does not fit what it meets."
    said += f": {'these' if found else 'these, or what the line makes of them,'} do not fit."
    if labels := next((n for n in names if _is_label(e.given(n))), ""):
        said += f" `{labels}` has a whole number for each row: "
        said += "is its one-hot row meant, or an index?"
    return said


def _is_label(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iu"


def _makes_array_of(call: ast.Call, name: str) -> bool:
    """Return True if a call hands a variable, or a list of it, to a function of NumPy."""
    listed = [each.elts if isinstance(each, ast.List) else [each] for each in call.args]
    given = [ast.unparse(item) for items in listed for item in items]
    return ast.unparse(call.func).startswith("np.") and name in given


def _of_place(e: Raised) -> str:
    """Explain an array that a place on the left has no room for."""
    into = re.search(
        r"input array from shape \((?P<came>.*?)\) into shape \((?P<place>.*?)\)|"
        r"output operand with shape \((?P<left>.*?)\) doesn't match the broadcast shape "
        r"\((?P<whole>.*?)\)",
        e.message,
    )
    if not into:
        return ""
    if spread := _first_of(e, lambda made, *of: made not in of and () not in of):
        return _of_spread(spread, e.case)
    if into["left"]:
        if said := _lost_axis(e, _shape(into["left"])):
            return said
        left, whole = (with_axes(_shape(into[part]), e.case) for part in ("left", "whole"))
        return (
            f"The left side is {left}. With what is added, it would spread to {whole}, and it "
            "keeps its shape. Which of the two has the wrong one?"
        )
    if 0 in _shape(into["came"]) and re.search(r"[\[,]\s*-[^\]=,:]+:\s*\]\s*=", e.source):
        return (
            "There is nothing to write in this case, and a slice from minus nothing on, `-0:`, is "
            "`0:`, the whole. Count from the front, or pass over what is empty."
        )
    came, place = (with_axes(_shape(into[part]), e.case) for part in ("came", "place"))
    return (
        f"A place of shape {place} gets an array of shape {came}. Either the place is made or cut "
        "out with other sizes than it should have, or what comes is not what its name says."
    )


def _lost_axis(e: Raised, left: Shape) -> str:
    """Say so if what is added lacks the axes of length 1 that the left side has."""
    added = next((n.value for n in e.nodes() if isinstance(n, ast.AugAssign)), None)
    shape = _shape_of(added, e) if added else None
    if added is None or shape is None or shape != tuple(n for n in left if n != 1):
        return ""
    return (
        f"`{ast.unparse(added)}` is {with_axes(shape, e.case)}, and the left side is "
        f"{with_axes(left, e.case)}. What is added has lost an axis of length 1: where it is "
        "summed, `keepdims=True` keeps it."
    )


def _of_joined(e: Raised) -> str:
    """Explain arrays that cannot be joined along an axis, and say along which they could."""
    for node in e.calls():
        if ast.unparse(node.func) != "np.concatenate" or not node.args:
            continue
        given = node.args[0].elts if isinstance(node.args[0], ast.Tuple | ast.List) else []
        shapes = [shape for each in given if (shape := _shape_of(each, e)) is not None]
        axis = next((ast.unparse(k.value) for k in node.keywords if k.arg == "axis"), "0")
        axis = ast.unparse(node.args[1]) if node.args[1:] else axis
        if not shapes or len(shapes) < len(given) or not re.fullmatch(r"-?\d", axis):
            continue
        if _fit_along(shapes, int(axis)):
            continue
        told = [
            f"`{ast.unparse(each)}` is {with_axes(shape, e.case)}"
            for each, shape in zip(given, shapes, strict=True)
        ]
        others = [i for i in range(len(shapes[0])) if _fit_along(shapes, i)]
        rule = f"joined along axis {axis} must be equally long along all others."
        if len({len(shape) for shape in shapes}) > 1:
            rule = "joined must have the same number of axes."
        more = f" Along axis {others[0]} they could be joined." if others else ""
        return f"{' and '.join(told)}. Arrays that are {rule}{more}"
    return ""


def _of_reshape(e: Raised) -> str:
    """Explain numbers that another shape has no room for, or too much."""
    found = re.search(r"cannot reshape array of size (\d+) into shape \((.*?)\)", e.message)
    for node in e.calls() if found else ():
        if not isinstance(node.func, ast.Attribute) or node.func.attr != "reshape" or not node.args:
            continue
        whole, *sizes = operands(node)
        asked = ", ".join(ast.unparse(each) for each in sizes).strip("()[]")
        shape = _shape_of(whole, e)
        if found and shape is not None and np.prod(shape) == int(found[1]):
            wanted = [int(n) for n in re.findall(r"-?\d+", found[2])]
            there = ", ".join(map(str, wanted))
            room = "cannot hold as many" if -1 in wanted else f"has room for {np.prod(wanted)}"
            return (
                f"`{ast.unparse(whole)}` is {with_axes(shape, e.case)}, {found[1]} numbers. The "
                f"shape that is asked for, `({asked})`, is ({there}) here and {room}."
            )
    return ""


def _is_numpy(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "np"


def _fit_along(shapes: list[Shape], axis: int) -> bool:
    try:
        np.concatenate([np.empty(shape) for shape in shapes], axis)
    except ValueError:  # AxisError is one, too
        return False
    return True


def _of_kernels(e: Raised) -> str:
    """Explain a product of matrices that TensorFlow could not make, in a layer or on the line."""
    found = re.search(r"size-incompatible: In\[0\]: \[(.*?)\], In\[1\]: \[(.*?)\]", e.message)
    if not found:
        return ""
    came, weights = _shape(found[1])[-1], _shape(found[2])[0]
    if e.source:
        one, other = (with_axes(_shape(each), e.case) for each in found.groups())
        return (
            f"A product of matrices of shapes {one} and {other} cannot be made: it needs as many "
            "columns on the left as rows on the right."
        )
    if strange := strange_size(e, [came, weights]):
        return of_strange_size(e, strange)
    return (
        f"When the model runs, a layer with weights for {weights} numbers gets {came} of them. "
        "Look at the sizes of the tensors that the layers hand on."
    )


def _shape(text: str) -> Shape:
    return tuple(int(n) for n in re.findall(r"\d+", text))


def with_axes(shape: Shape | str, case: Case) -> str:
    """Write a shape with the sizes that the case has for its axes: "(5, 4), that is (n_a, m)"."""
    told = str(shape)
    named = sized_axes(told, case)
    if named == re.findall(r"\d+", told):
        return told
    return f"{told}, that is ({', '.join(named)}{',' * (len(named) == 1)})"


def sized_axes(told: str, case: Case) -> list[str]:
    """Name each axis of a shape by the only size of the case that is as large; else its length."""
    sizes = {name: size for name, size in case.sizes.items() if name not in NO_AXES}
    sums = {f"{a} + {b}": sizes[a] + sizes[b] for a, b in joined_sizes(sizes)}
    flat = {f"m * {T}": sizes[T] * sizes["m"] for T in sizes if T[0] == "T" and "m" in sizes}
    lengths = re.findall(r"\d+", told)
    if "None" in told:  # a tensor of a network: its sizes are those of layers, too
        return lengths
    named = []
    for n in lengths:
        fits = [name for name, size in sizes.items() if str(size) == n]
        fits = fits or [name for name, size in sums.items() if str(size) == n != "1"]
        fits = fits or [name for name, size in flat.items() if str(size) == n]
        named.append(fits[0] if len(fits) == 1 else n)
    return named


class _Dot(ast.MatMult):
    """`np.dot`, which takes leading axes otherwise than `@` and `np.matmul` do."""


class _Operation(NamedTuple):
    """Two operands that do not fit, as written, and their shapes."""

    operator: ast.operator
    left: str
    right: str
    shapes: tuple[Shape, Shape]


class _Found(Exception):
    """Carries the first operation of the kind that is looked for."""


def _first_of(e: Raised, odd: Odd) -> _Operation | None:
    """Find the first operation on the line, of operands of known shapes, that is `odd`.

    `odd` gets the shape of its result, None if there is none, and those of its operands.
    """
    try:
        for node in e.nodes():
            if isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.Expr) and node.value:
                _shape_of(node.value, e, odd)
    except _Found as found:
        return found.args[0]
    return None


def _passed(e: Raised) -> str:
    """Tell the shapes that a line passes to an exercise that this one builds on."""
    for node in e.calls():
        if ast.unparse(node.func) in e.exercise.needs:
            given = [*node.args, *(each.value for each in node.keywords)]
            shapes = [(ast.unparse(each), _shape_of(each, e)) for each in given]
            told = [f"`{text}` is {with_axes(s, e.case)}" for text, s in shapes if s]
            told = list(dict.fromkeys(told))
            grouped = e.held("tuple")
            parts = [f"`{t}`" for t, s in shapes if s is None and (t[-1:] == "]" or t in grouped)]
            that = " and ".join(("that", *dict.fromkeys(parts)))
            if told:
                return (
                    f"Of what `{ast.unparse(node.func)}` gets here, {', '.join(told)}. Compare "
                    f"{that} with the shapes in its docstring."
                )
    return ""


def _shape_of(node: ast.expr, e: Raised, odd: Odd = never) -> Shape | None:
    """Return the shape of an expression, None if it is not known; raises _Found."""
    if isinstance(node, ast.Constant):
        return () if isinstance(node.value, (int, float)) else None
    if isinstance(node, ast.Name):
        return _held_shape(e.variables.get(node.id, ""))
    if isinstance(node, ast.Attribute):
        inside = _shape_of(node.value, e, odd)
        return inside[::-1] if inside is not None and node.attr == "T" else None
    if isinstance(node, ast.Subscript):
        return _shape_of_part(node, e, odd)
    if isinstance(node, ast.BinOp):
        return _shape_of_two(node.left, node.right, node.op, e, odd)
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        if name in ("np.dot", "np.matmul") and len(node.args) == 2:
            operator = _Dot() if name == "np.dot" else ast.MatMult()
            return _shape_of_two(node.args[0], node.args[1], operator, e, odd)
        if name == "np.multiply" and len(node.args) == 2:
            return _shape_of_two(node.args[0], node.args[1], ast.Mult(), e, odd)
        if isinstance(node.func, ast.Attribute) and node.func.attr in REARRANGING:
            return _rearranged(node, node.func.attr, e)
        if isinstance(node.func, ast.Attribute) and node.func.attr in REDUCTIONS:
            return _reduced(operands(node), node.keywords, e, odd)
        shapes = [_shape_of(each, e, odd) for each in node.args]
        same_shape = name in ("np.tanh", "np.exp", "np.square", "np.sqrt", "sigmoid", "softmax")
        return shapes[0] if same_shape and shapes else None
    if isinstance(node, ast.Tuple | ast.List):
        for each in node.elts:
            _shape_of(each, e, odd)
    return None


def operands(call: ast.Call) -> list[ast.expr]:
    """List what a function of NumPy gets, or a method's own array and what the method gets."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return list(call.args) if owner is None or _is_numpy(owner) else [owner, *call.args]


def _rearranged(node: ast.Call, how: str, e: Raised) -> Shape | None:
    """Return the shape after `reshape`, `transpose` or `swapaxes`, where its numbers are known."""
    if not (given := operands(node)):  # all by keywords
        return None
    whole, *rest = given
    shape = _shape_of(whole, e)
    if len(rest) == 1 and isinstance(rest[0], ast.Tuple | ast.List):
        rest = rest[0].elts
    with suppress(ValueError, TypeError, AttributeError):
        known = [_whole(n, e) if how == "reshape" else ast.literal_eval(n) for n in rest]
        return None if shape is None else getattr(np.empty(shape), how)(*known).shape
    return None


def _reduced(
    args: list[ast.expr], keywords: list[ast.keyword], e: Raised, odd: Odd
) -> Shape | None:
    """Return the shape of a sum or the like, where its axis is written as a number."""
    given = {each.arg: ast.unparse(each.value) for each in keywords}
    axis = given.get("axis", ast.unparse(args[1]) if args[1:] else "")
    whole = _shape_of(args[0], e, odd) if args else None
    if (
        whole is None
        or not re.fullmatch(r"-?\d", axis)
        or not -len(whole) <= int(axis) < len(whole)
    ):
        return None
    kept = given.get("keepdims", "False") not in ("False", "0")
    at = int(axis) % len(whole)
    return (*whole[:at], *([1] if kept else []), *whole[at + 1 :])


def _held_shape(brief: str) -> Shape | None:
    kind, _, detail = brief.partition(" ")
    if kind in ("int", "float"):
        return ()
    return _shape(detail) if kind == "array" else None


def _shape_of_part(node: ast.Subscript, e: Raised, odd: Odd = never) -> Shape | None:
    """Return the shape of `parameters["Wax"]`, or of a slice of an array."""
    key = node.slice
    if isinstance(node.value, ast.Name) and isinstance(key, ast.Constant):
        held = e.argument(node.value.id)
        item = held.get(key.value) if isinstance(held, Mapping) else None
        if isinstance(item, np.ndarray):
            return item.shape
    whole = _shape_of(node.value, e, odd)
    if whole is None:
        return None
    left, found = list(whole), []
    for each in key.elts if isinstance(key, ast.Tuple) else [key]:
        if isinstance(each, ast.Constant) and each.value is None:
            found.append(1)
        elif not left:
            return None
        elif isinstance(each, ast.Slice):
            bounds = [_whole(bound, e) for bound in (each.lower, each.upper)]
            if each.step or ... in bounds:
                return None
            found.append(len(range(left.pop(0))[slice(*bounds)]))
        elif _shape_of(each, e, odd) != ():
            return None
        else:
            left.pop(0)
    return (*found, *left)


def _whole(node: ast.expr | None, e: Raised) -> Any:
    """Return the whole number that a bound of a slice is, None if there is none, ... if unknown."""
    if node is None:
        return None
    if isinstance(node, ast.Name):
        held = re.fullmatch(r"int \(?(-?\d+)\)?", e.variables.get(node.id, ""))
        return int(held[1]) if held else ...
    with suppress(ValueError):
        value = ast.literal_eval(node)
        return value if isinstance(value, int) else ...
    return ...


def _shape_of_two(
    left: ast.expr, right: ast.expr, operator: ast.operator, e: Raised, odd: Odd
) -> Shape | None:
    one, other = _shape_of(left, e, odd), _shape_of(right, e, odd)
    if one is None or other is None:
        return None
    product = isinstance(operator, ast.MatMult)
    multiply = np.dot if isinstance(operator, _Dot) else np.matmul
    fits = _product(one, other, multiply) if product else _broadcast(one, other)
    if (fits is None or not product) and odd(fits, one, other):
        raise _Found(_Operation(operator, ast.unparse(left), ast.unparse(right), (one, other)))
    return fits


def _turned(shape: Shape) -> Shape:
    """Exchange the last two axes."""
    return (*shape[:-2], *shape[:-3:-1])


def _product(one: Shape, other: Shape, multiply: Callable = np.dot) -> Shape | None:
    try:
        return multiply(np.zeros(one), np.zeros(other)).shape
    except ValueError:
        return None


def _broadcast(one: Shape, other: Shape) -> Shape | None:
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        return None


def _added_to(found: _Operation, e: Raised) -> list[Shape]:
    """List the shapes of what an operation's result is added to."""
    sums = (n for n in e.nodes() if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Add))
    terms = (side for node in sums for side in (node.left, node.right))
    others = (term for term in terms if found.left not in ast.unparse(term))
    return [shape for term in others if (shape := _shape_of(term, e)) is not None]


def _of_operation(found: _Operation, case: Case, added_to: list[Shape]) -> str:
    """Say what does not fit, and what would, with a result that can be added to other terms."""

    def fits(*results: Shape | None) -> bool:
        made = [shape for shape in results if shape is not None]
        return any(all(_broadcast(shape, each) is not None for each in added_to) for shape in made)

    one, other = found.shapes
    operands = [
        f"`{text}` is {with_axes(shape, case)}"
        for text, shape in zip((found.left, found.right), found.shapes, strict=True)
    ]
    if isinstance(found.operator, ast.MatMult):
        said = "A matrix product needs as many columns on the left as rows on the right."
        sides = list(zip((found.left, found.right), found.shapes, strict=True))
        in_place = [text for text, shape in sides if _leaves_axes(text, shape)]
        many = [text[:-2] for text, shape in sides if text.endswith(".T") and len(shape) > 2]
        if many:
            more = (
                " `.T` turns all axes round, the leading ones, too: "
                f"`np.swapaxes({many[0]}, -1, -2)` exchanges the last two."
            )
        elif in_place:
            more = (
                f" `{in_place[0]}` names the axes in the order that they have, and leaves them "
                "where they are: `.T` or `np.swapaxes` exchanges two."
            )
        elif len(one) == len(other) == 1:
            more = " With one of them as a column they would give a matrix."
        else:
            exchanged = {
                text: made
                for text, made in (
                    (found.left, _product(_turned(one), other)),
                    (found.right, _product(one, _turned(other))),
                )
                if made is not None
            }
            undone = any(text.endswith(".T") for text in exchanged)
            ways = [
                way
                for way, results in (
                    ("in the other order", [_product(other, one)]),
                    (
                        "without `.T`" if undone else "with one of them transposed",
                        exchanged.values(),
                    ),
                    ("element by element, with `*`", [_broadcast(one, other)]),
                )
                if fits(*results)
            ]
            odd = " Are these the two that belong together?"
            more = f" By shape alone, they would fit {' or '.join(ways)}." if ways else odd
            if max(len(one), len(other)) > 2:
                said = "A matrix product is one of the last two axes."
                more = f" On the left these are {one[-2:]}, on the right {other[-2:]}."
    else:
        said = "Element by element, each axis must be equal or 1."
        multiplied = isinstance(found.operator, ast.Mult) and len(one) == len(other) == 2
        is_product = multiplied and fits(_product(one, other))
        more = " As a matrix product, with `@`, they would fit." if is_product else ""
    return f"{' and '.join(operands)}. {said}{more}"


def _leaves_axes(text: str, shape: Shape) -> bool:
    """Return True for an array whose `transpose` names its axes in order, as that of PyTorch."""
    named = re.search(r"\.transpose\(\(?(-?\d(?:, -?\d)*)\)?\)$", text)
    axes = [int(n) % max(len(shape), 1) for n in named[1].split(", ")] if named else []
    return bool(axes) and axes == [*range(len(shape))]


def _of_spread(found: _Operation, case: Case) -> str:
    one, other = found.shapes
    whole = _broadcast(one, other)
    return (
        f"`{found.left}` is {with_axes(one, case)} and `{found.right}` is "
        f"{with_axes(other, case)}. Together they spread to {whole}: the axes of length 1, or "
        "that one of them lacks, are stretched."
    )
