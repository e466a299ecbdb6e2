"""Say what an error means in the words of the task; "" where that is not sure.

Each rule looks at the error's kind, its message and what the variables on the learner's line held.
The first rule that fits speaks. The line itself is in the result's summary already.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

import numpy as np

from ..compare import capital
from ..drawn_cases import Observation
from ..model import Case, Exercise
from .keras_errors import KERAS_RULES
from .line_held import a_or_an, line
from .lookups import missing_index, missing_key, no_entry
from .messages import MESSAGES
from .none_values import none_value
from .raised import Raised
from .shapes import of_shapes, operands, with_axes
from .undefined_names import undefined_name

CLOSER = 0.8  # how like an attribute is that was meant
ATTRIBUTES = {"T": "numpy.ndarray", "shape": "tuple", "size": "int", "ndim": "int"}  # of arrays


def explain_error(exercise: Exercise, case: Case, seen: Observation) -> str:
    """Explain an observation that has no value in a sentence or two."""
    error = _raised(exercise, case, seen)
    said = next((said for rule in RULES if (said := rule(error))), "")
    if said and error.where in exercise.needs:
        said += f" Look at what `{exercise.name}` passes to it."
    return said


def in_another_order(exercise: Exercise, case: Case, seen: Observation) -> str:
    """Say so if the first line of a function that raised names its arguments in other places.

    What else is wrong on the line is told first, if none of those arguments stands there.
    """
    error = _raised(exercise, case, seen)
    own, wanted = error.parameters(), list(case.args)
    if {name.lower() for name in own} == {name.lower() for name in wanted}:  # x for X, say
        own, wanted = ([name.lower() for name in names] for names in (own, wanted))
    moved = {name for i, name in enumerate(own) if name in wanted and wanted.index(name) != i}
    if not error.where or not moved:
        return ""
    same = sorted(own) == sorted(wanted)
    how = "the arguments in another order" if same else "other arguments than it is called with"
    said = f"its first line has {how}. {_first_lines(error)}"
    on_line = {*error.names(), *(name.lower() for name in error.names())}
    if on_line and moved.isdisjoint(on_line) and (other := explain_error(exercise, case, seen)):
        return f"{other} Besides, {said}"
    return capital(said)


def _first_lines(e: Raised) -> str:
    wanted = f"def {e.exercise.name}({', '.join(e.case.args)}):"
    return f"Wanted: `{wanted}` Yours: `def {e.exercise.name}{e.signature or '(...)'}:`"


def _raised(exercise: Exercise, case: Case, seen: Observation) -> Raised:
    similar = [n for n in seen.get("similar", []) if isinstance(n, str) and n != exercise.name]
    if exercise.probe == "call":  # what Keras has takes tensors
        similar = [name for name in similar if not name.startswith("keras")]
    return Raised(
        exercise,
        case,
        _text(seen, "type"),
        _text(seen, "message"),
        _text(seen, "source"),
        _text(seen, "where"),
        {str(k): str(v) for k, v in _items(seen.get("variables"))},
        _text(seen, "signature"),
        _text(seen, "helper"),
        similar,
    )


def _text(seen: Observation, key: str) -> str:
    value = seen.get(key, "")
    return value if isinstance(value, str) else ""


def _items(value: Any) -> Iterator[tuple]:
    return iter(value.items() if isinstance(value, Mapping) else ())


# --- calls


def _signature(e: Raised) -> str:
    """A call that does not fit the function's first line."""
    called = re.match(
        r"(?:[\w.<>]+\.)?(\w+|<lambda>)\(\) (takes|missing|got an unexpected|got multiple)",
        e.message,
    )
    if e.type != "TypeError" or not called:
        return ""
    name = called[1]
    if not e.where:
        return f"It is called with other arguments than its first line takes. {_first_lines(e)}"
    if name in e.exercise.needs:
        return (
            f"You call `{name}` with other arguments than its first line takes. Compare this line "
            "with the `def` line that the notebook gives for it."
        )
    if re.search(rf"(?<![\w.]){name}\(", e.source):  # and not that of a library
        elsewhere = " Courses with a function of the same name may give it other ones."
        return (
            f"You call `{name}` with other arguments than it takes: look at its `def` line or "
            f"docstring.{elsewhere if e.helper else ''}"
        )
    return ""


def _called_otherwise(e: Raised, name: str) -> str:
    """Say which argument it is that a learner's first line calls by another name."""
    own = re.findall(r"[(,]\s*\*{0,2}(\w+)", e.signature)
    if e.where != e.exercise.name or name not in own or own.index(name) >= len(e.case.args):
        return ""
    at = own.index(name)
    wanted = list(e.case.args)[at]
    if wanted == name:
        return ""
    return f" Argument {at + 1} is `{wanted}`, and your first line calls it `{name}`."


def _helper(e: Raised) -> str:
    """A helper of the course, called as one of that name elsewhere."""
    if not e.helper or e.type not in ("TypeError", "ValueError", "IndexError", "AttributeError"):
        return ""
    name = e.helper.partition("(")[0]
    if not re.search(rf"(?<![\w.]){name}\(", e.source):
        return ""
    return (
        f"`{e.helper}` is a helper of this course. Courses with a function of the same name may "
        "give it other arguments: look at its docstring and at what you pass on this line. "
        f"{line(e)}"
    ).rstrip()


# --- data of the case


def _attribute(e: Raised) -> str:
    """An attribute or method that a value does not have."""
    found = re.match(r"'?([\w.]+)'? object has no attribute '(\w+)'", e.message)
    if e.type != "AttributeError" or not found:
        return ""
    kind, name = found[1].rpartition(".")[2], found[2]
    if re.search(rf"\bself\.{name}\b", e.source):
        meant = f" Do you mean `self.{e.similar[0]}`?" if e.similar else ""
        return f"`self` has no `{name}`: what a class keeps is set in its `__init__`.{meant}"
    if kind in ("method", "builtin_function_or_method"):
        return f"A method stands before `.{name}` and is not called: it needs brackets, `()`."
    if kind == "dict" and (older := re.fullmatch(r"iter(items|keys|values)", name)):
        return f"`.{name}()` is of Python 2. Here it is called `.{older[1]}()`."
    shown = {"ndarray": "array", "function": "callable"}.get(kind, kind)
    shown = "tensor" if kind.endswith("Tensor") else shown
    owners = re.findall(rf"([A-Za-z_]\w*)\.{name}\b", e.source)
    held = {each: e.variables.get(each, "") for each in owners}
    owner = next((n for n in owners if re.match(rf"(callable )?{shown}\b", held[n])), "")
    who = f"`{owner}`" if owner else "The value before the dot"
    of_numpy = getattr(np, kind, None) if found[1].startswith("numpy.") else None
    owner_kind = of_numpy or {"str_": str}.get(kind) or getattr(builtins, kind, object)
    of_others = any(hasattr(each, name) for each in (np.ndarray, str, list, dict))
    if owner_kind is not object and hasattr(np, name) and not of_others:
        return f"{who} is {a_or_an(shown)}, which has no `.{name}`. NumPy has it: `np.{name}`."
    known = [each for each in dir(owner_kind) if not each.startswith("_")]
    if close := get_close_matches(name, known, 1, CLOSER):
        shown = shown.removesuffix("_")
        return f"{who} is {a_or_an(shown)}, which has no `.{name}`. Do you mean `.{close[0]}`?"
    if kind == "ndarray":
        return f"{who} is an array, which has no `.{name}`.{_whose(kind, name)}"
    if shown == "tensor":
        said = f"{who} is a tensor, which has no `.{name}`."
        if hasattr(np.ndarray, name):
            return (
                f"{said} NumPy's arrays have methods where tensors have functions: "
                "`keras.ops.sum(x)`, say, or `keras.ops.cast(x, 'float32')` for `.astype`."
            )
        if not hasattr(list, name):
            return said
        return f"{said} A list has it: keep the list and the tensor under names of their own."
    if not owners and name in ("dtype", "shape", "ndim"):  # it is read inside a library
        return f"{a_or_an(kind).capitalize()} arrives where an array or tensor is needed. {line(e)}"
    if not owner:
        said = f"{who} is {a_or_an(kind)}, which has no `.{name}`.{_whose(kind, name)}"
        return f"{said} {line(e)}".rstrip()
    is_given = owner in (*e.parameters(), *e.case.args)
    if kind == "dict":
        question = f"What it holds for a key stands in square brackets: `{owner}[...]`."
    elif is_given and type(e.given(owner)).__name__ == kind:
        question = "That is what the docstring says it is. What should stand before the dot?"
    elif owner in e.case.args:
        question = "Another kind of object belongs there."
    else:
        question = "Which line made it one?"
    return f"{who} is {a_or_an(kind)}, which has no `.{name}`. {question}"


def _whose(kind: str, name: str) -> str:
    """Say so if a text or a list has a method that a value of another kind lacks."""
    if hasattr(list, name) and kind.startswith("dict_"):
        if name == "sort":
            return " `sorted(...)` makes a sorted list of it."
        return " That is a list's: `list(...)` makes one."
    if hasattr(list, name) and kind == "ndarray":
        return " That is a list's."
    return " That is a text's: take the elements one at a time." if hasattr(str, name) else ""


def _kinds(e: Raised) -> str:
    """Values of a kind that the line cannot use."""
    if e.type != "TypeError":
        return ""
    called = re.match(r"'([\w.]+)' object is not callable", e.message)
    if called:
        if said := _called_attribute(e, called[1]):
            return said
        kind = called[1].rpartition(".")[2]
        shown = {"ndarray": "array"}.get(kind, kind)
        names = {ast.unparse(call.func) for call in e.calls()}
        name = next((n for n in e.held(shown) if n in names), "")
        what = f"`{name}`" if name else "Something on this line"
        return (
            f"{what} is {a_or_an(shown)} and is called like a function: square brackets belong "
            "there, an operator is missing before the bracket, or a name hides a function."
        )
    if "cannot be interpreted as an integer" in e.message or "integer scalar" in e.message:
        found = re.match(r"'(?:\w+\.)*(\w+)' object", e.message)
        kind = found[1] if found else "array"
        of_kind = [
            n for n in e.names() if re.match(rf"((object|callable) )?{kind}\b", e.variables[n])
        ]
        more = "".join(_called_otherwise(e, name) for name in of_kind) or f" {line(e)}"
        return f"A whole number is needed here, and {a_or_an(kind)} arrives.{more}".rstrip()
    if "indices must be integers" in e.message:
        owners = {"list": ("list",), "tuple": ("tuple",), "string": ("str", "str_")}
        kinds = owners.get(e.message.partition(" ")[0], ("list", "tuple", "str", "str_"))
        told = [
            f"`{n}` is {a_or_an(e.variables[n].split(' ')[0])}"
            for n in e.held(*kinds, "float", "float64")
        ]
        several = e.message.endswith("not tuple")
        kind = re.search(r"not (\w+)$", e.message)
        one = f"{a_or_an(kind[1]).capitalize()} is" if kind else "A text or float is"
        one = "Several indices, as an array takes them, are" if several else one
        said = f"{one} used as an index."
        if e.message.startswith("slice"):
            said = "The ends of a slice must be whole numbers."
        where = f" On this line {', '.join(told)}." if told else ""
        return f"{said}{where}" if told or several else ""
    return ""


def _called_attribute(e: Raised, kind: str) -> str:
    """An attribute of an array with brackets after it, as if it were a function."""
    for call in e.calls():
        attribute = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if ATTRIBUTES.get(attribute) != kind:
            continue
        said = f"An array's `.{attribute}` is no function: it takes no brackets."
        if attribute == "T":
            return said
        array = ast.unparse(call.func).removesuffix(f".{attribute}")
        axis = ast.unparse(call.args[0]) if call.args else "-1"
        which = "the last axis" if axis == "-1" else f"axis {axis}"
        return f"{said} `{array}.shape[{axis}]` is the length of {which}."
    return ""


def _unpacked_inside(e: Raised) -> str:
    """Several names at once, in a function that the line calls."""
    told = re.search(r"(too many|not enough) values to unpack \(expected (\d+)", e.message)
    nodes = e.nodes()  # none of a `for` without its body
    here = (isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store) for node in nodes)
    if not told or not nodes or any(here):
        return ""
    called = [ast.unparse(call.func) for call in e.calls()]
    name = next((name for name in called if name in e.exercise.needs), "")
    who = f"`{name}`" if name else "A function that this line calls"
    more = "more" if told[1] == "too many" else "fewer"
    return (
        f"{who} unpacks {told[2]} values from one of the things that it is given here, and that "
        f"has {more}. Compare what you pass with what it takes. {line(e)}"
    ).rstrip()


def _known_message(e: Raised) -> str:
    said = e.meaning(MESSAGES)
    inside = re.match(r"unsupported operand type\(s\) for (\S+?):? ", e.message)
    if inside and e.source and inside[1].rstrip(":=") not in e.source:
        said = "A function that this line calls computes with what it gets, and cannot."
    return f"{said} {line(e)}".strip() if said else ""


def _joined(e: Raised) -> str:
    """Arrays to be joined that are not in a tuple of their own."""
    call = re.search(r"\b(np\.(?:concatenate|\w*stack))\(\s*[^(\[]", e.source)
    told = re.search(r"integer|(?:stack|concatenate)\(\) takes .*positional argument", e.message)
    if e.type != "TypeError" or not call or not told:
        return ""
    return f"`{call[1]}` takes the arrays as one argument: a tuple, in brackets of its own."


def _exchanged(axes: list[ast.expr]) -> list[int]:
    """Return the two axes that a transpose names, or puts in each other's place; or nothing."""
    axes = [*axes[0].elts] if len(axes) == 1 and isinstance(axes[0], ast.Tuple) else axes
    named = []
    for axis in axes:
        with suppress(ValueError):
            named.append(ast.literal_eval(axis))
    moved = [axis for n, axis in enumerate(named) if axis != n]
    pair = named if len(axes) == 2 else moved
    return sorted(pair) if len(named) == len(axes) and len(pair) == 2 else []


def _transposed(e: Raised) -> str:
    """A transpose that names more or fewer axes than the array has."""
    if "axes don't match array" not in e.message:
        return ""
    for call in e.calls():
        is_it = isinstance(call.func, ast.Attribute) and call.func.attr == "transpose"
        if is_it and (given := operands(call)):
            whole, *axes = given
            name = ast.unparse(whole)
            held = e.variables.get(name, "")
            its = f", and `{name}` is {with_axes(held[6:], e.case)}" if held[:5] == "array" else ""
            rank = len(re.findall(r"\d+", held)) if its else len(axes) + 1
            pair = _exchanged(axes)
            pair = pair if max(pair, default=rank) < rank else []
            two = ", ".join(map(str, pair or (-1, -2)))
            which = "those two" if pair else "the last two"
            swapped = f"np.swapaxes({name if its else '...'}, {two})"
            return (
                f"NumPy's `transpose` must name every axis, each once{its}. `{swapped}` exchanges "
                f"{which} of however many there are."
            )
    return ""


def _truth_of_arrays(e: Raised) -> str:
    """Python's own functions that compare, where they meet arrays."""
    if "truth value of an array" not in e.message:
        return ""
    for call in e.calls():
        if (name := ast.unparse(call.func)) in ("max", "min", "sorted") and call.args:
            if len(call.args) > 1:
                return (
                    f"`{name}` is Python's own: it compares what it is given, and one of these is "
                    "an array of several numbers. Should that be one number? "
                    f"(`np.{name}imum` compares place by place.)"
                )
            if call.keywords:
                return (
                    f"`{name}` is Python's own: it compares what its `key` gives for each item, "
                    "and that is a whole array."
                )
            instead = "np.sort" if name == "sorted" else f"np.{name}"
            return (
                f"`{name}` is Python's own: it compares the items of "
                f"`{ast.unparse(call.args[0])}` with each other, and these are whole arrays. "
                f"`{instead}` looks at the numbers in them."
            )
    return ""


def _division(e: Raised) -> str:
    if e.type != "ZeroDivisionError":
        return ""
    return f"Something that may be zero is divided by: in this case ({e.case.label}) it is."


def _import(e: Raised) -> str:
    missing = re.search(r"No module named '([\w.]+)'", e.message)
    if not missing:
        return ""
    return (
        f"There is no module `{missing[1]}` here. The first cell imports all that this notebook "
        "needs."
    )


def _recursion(e: Raised) -> str:
    if e.type != "RecursionError":
        return ""
    if "flattening" in e.message:
        return "A list holds itself. Append what was computed in this step, not the list."
    return f"`{e.where}` calls itself again and again, without an end."


def _own_refusal(e: Raised) -> str:
    """What the answer itself demands."""
    if not re.match(r"(raise|assert)\b", e.source):
        return ""
    return (
        f"This line of yours stops the function in this case ({e.case.label}). Either what it "
        "looks at was made wrongly before it, or the docstring allows what it refuses."
    )


def _exit(e: Raised) -> str:
    if e.type != "SystemExit":
        return ""
    return (
        "A function hands its result back with `return`, and the notebook goes on. This line "
        "would end Python, and with it all that your cells have defined."
    )


RULES: tuple[Callable[[Raised], str], ...] = (
    _signature,
    *KERAS_RULES,
    _import,
    undefined_name,
    no_entry,
    none_value,
    _helper,
    missing_key,
    of_shapes,
    missing_index,
    _division,
    _recursion,
    _exit,
    _own_refusal,
    _joined,
    _transposed,
    _truth_of_arrays,
    _attribute,
    _unpacked_inside,
    _known_message,
    _kinds,
    line,
)  # fmt: skip
