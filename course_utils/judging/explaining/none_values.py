"""Explain an error that a None has led to."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from .forms import STILL_NONE
from .raised import Raised
from .shapes import MISFIT


def none_value(e: Raised) -> str:
    """Explain a None that a line computes with: a gap of a scaffold, say."""
    told = "NoneType" in e.message or "None values" in e.message
    # what may be None is handed on as it is, and another error says nothing against that
    empty = [n for n in e.held("None") if told or e.given(n) is not None]
    for name in empty:
        if method := re.search(rf"\b{name} = {name}\.(append|extend|update|sort|add)\(", e.source):
            return (
                f"`{method[1]}` changes `{name}` in place and returns None, which you then keep as "
                f"`{name}`. Call it on a line of its own, without `=`."
            )
    if not told and (not empty or re.search(MISFIT, e.message)):
        return ""
    if empty and e.given(empty[0]) is None:
        return (
            f"`{empty[0]}` is None in this case: nothing was given. Read in the docstring what "
            "that means, and ask for it before you compute with it."
        )
    if empty:
        absent = [name for name, value in e.case.args.items() if value is None]
        handed_on = absent and e.where != e.exercise.name  # perhaps, under a helper's own name
        asked = (
            f"Is `{empty[0]}` what the case gives as `{absent[0]}`? That is None here, and the "
            "docstring says what it means. If not: "
            if handed_on
            else ""
        )
        return (
            f"{asked}`{empty[0]}` is still None on this line: a gap that is not filled in yet, the "
            "None that it was at first, a key that `.get` does not find, or the result of a "
            "function without `return` or of a method such as `.sort()`."
        )
    if not e.source:
        return STILL_NONE if "None values" in e.message else ""
    if in_place := _changes_in_place(e.nodes()):
        return (
            f"`.{in_place}(...)` changes the list in place and returns None. Call it on a line of "
            "its own, and use the list after that."
        )
    sized = re.search(r"\b(\w+)\.shape\b", e.source)
    if sized and sized[1] in e.held("tensor"):
        return (
            f"`{sized[1]}.shape` holds None where a size is not known yet, as that of the batch "
            f"while `fit` compiles your function. `keras.ops.shape({sized[1]})` gives numbers."
        )
    if re.search(r"\[None\] \*|\* \[None\]", e.source):
        return "A list is repeated by a whole number, and `[None]` meets an array here."
    if _has_a_gap(e.nodes()):
        return "This line still holds a `None` of the scaffold: put your expression in its place."
    if re.search(r"\.get\b(?!\([^()]*,)", e.source):
        return "Something on this line is None, which `.get` gives for a key that a dict lacks."
    return "Something on this line is None: a function without `return`, or a gap still open."


def _has_a_gap(nodes: Sequence[ast.AST]) -> bool:
    """Return True for a line with a None in it, but for those of `[:, None]` and `is None`."""
    inside = [n.slice for n in nodes if isinstance(n, ast.Subscript)]
    inside += [n for n in nodes if isinstance(n, ast.Compare)]
    passed_over = {part for each in inside for part in ast.walk(each)}
    empty = (n for n in nodes if isinstance(n, ast.Constant) and n.value is None)
    return any(n not in passed_over for n in empty)


def _changes_in_place(nodes: Sequence[ast.AST]) -> str:
    """Name a list's method whose value, which is None, is used on a line."""
    alone = [n.value for n in nodes if isinstance(n, ast.Expr)]
    for call in nodes:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            makes_new = ast.unparse(call.func.value) == "np"  # an array
            in_place = call.func.attr in ("append", "extend", "reverse", "sort")
            if in_place and call not in alone and not makes_new:
                return call.func.attr
    return ""
