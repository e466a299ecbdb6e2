"""Say what an error means in the words of the task; "" where that is not sure.

Each rule looks at the error's kind, its message and what the variables on the learner's line held.
The first rule that fits speaks. The line itself is in the result's summary already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..drawn_cases import Observation
from ..model import Case, Exercise
from .keras_errors import KERAS_RULES
from .raised import Raised

MOST_TOLD = 4  # variables
MOST_WALKED, MOST_DEPTH = 50, 6  # of the arguments of a case
LEAST_FIXED = 6  # smaller numbers are too common to be called a size that was written down


def explain_error(exercise: Exercise, case: Case, seen: Observation) -> str:
    """Explain an observation that has no value in a sentence or two."""
    error = Raised(
        exercise,
        case,
        _text(seen, "type"),
        _text(seen, "message"),
        _text(seen, "source"),
        _text(seen, "where"),
        {str(k): str(v) for k, v in _items(seen.get("variables"))},
        _text(seen, "signature"),
        _text(seen, "helper"),
        [str(name) for name in seen.get("similar", []) if isinstance(name, str)],
    )
    return next((said for rule in RULES if (said := rule(error))), "")


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
        wanted = f"def {e.exercise.name}({', '.join(e.case.args)}):"
        return (
            f"It is called with other arguments than its first line takes. Wanted: `{wanted}` "
            f"Yours: `def {e.exercise.name}{e.signature or '(...)'}:`"
        )
    if name in e.exercise.needs:
        return (
            f"You call `{name}` with other arguments than its first line takes. Compare this line "
            "with the `def` line that the notebook gives for it."
        )
    if re.search(rf"\b{name}\(", e.source):
        return (
            f"You call `{name}` with other arguments than it takes. Courses with a function of the "
            "same name may give it other ones: look at its first line or docstring here."
        )
    return ""


def _helper(e: Raised) -> str:
    """A helper of the course, called as one of that name elsewhere."""
    if not e.helper or e.type not in ("TypeError", "ValueError", "IndexError", "AttributeError"):
        return ""
    name = e.helper.partition("(")[0]
    if not re.search(rf"\b{name}\(", e.source):
        return ""
    return (
        f"`{e.helper}` is a helper of this course. Courses with a function of the same name may "
        "give it other arguments: look at its docstring and at what you pass on this line."
    )


# --- names


def _not_defined(e: Raised) -> str:
    if e.type == "UnboundLocalError" or "free variable" in e.message:
        name = re.search(r"variable '(\w+)'", e.message)
        if not name:
            return ""
        return (
            f"`{name[1]}` is used here before this function has given it a value. A name that is "
            "assigned anywhere in a function belongs to the function: give it its first value "
            "earlier (before the loop, or in every branch)."
        )
    name = re.search(r"name '(\w+)' is not defined", e.message)
    if e.type != "NameError" or not name:
        return ""
    close = f" Do you mean `{e.similar[0]}`?" if e.similar else ""
    if name[1] in ("tf", "K", "pd", "torch"):
        return f"`{name[1]}` is not imported in this notebook, and not needed.{close}"
    return (
        f"Nothing called `{name[1]}` exists when this line runs.{close} If a cell defines it, run "
        "that cell first; if it stands further down in your function, move it up."
    )


def _none(e: Raised) -> str:
    """A gap of a scaffold that is still None."""
    empty = e.held("None")
    if "NoneType" not in e.message and not empty:
        return ""
    if empty:
        return (
            f"`{empty[0]}` is still None on this line: a gap that is not filled in yet, or the "
            "result of a function without `return`."
        )
    if re.search(r"\bNone\b", e.source):
        return "This line still holds a `None` of the scaffold: put your expression in its place."
    return "Something on this line is None: a function without `return`, or a gap still open."


# --- data of the case


def _key(e: Raised) -> str:
    """A key that a dict does not have."""
    if e.type != "KeyError":
        return ""
    key = e.message.strip("'\"")
    quoted = re.search(rf"[\"']{re.escape(key)}[\"']", e.source)
    dicts = {n: v for n, v in e.case.args.items() if isinstance(v, Mapping)}
    on_line = [n for n in dicts if re.search(rf"\b{n}\b", e.source) and key not in dicts[n]]
    maps = [n for n in on_line or dicts if key not in dicts[n]]
    if not maps:
        own = e.held("dict")
        if own:
            return f"`{own[0]}` has no key '{key}': it has {e.variables[own[0]][5:]}."
        return ""
    name = maps[0]
    if name == "parameters" or len(dicts[name]) < 20 and quoted and not name.startswith("word"):
        return f"`{name}` has no key '{key}': it has {', '.join(map(str, dicts[name]))}."
    if quoted:
        return (
            f"The check brings a small `{name}` of its own, and '{key}' is not in it. No word is "
            "in every map: take whichever is there."
        )
    if key.lower() in dicts[name]:
        return f"`{name}` has '{key.lower()}' and not '{key}': its words are in lower case."
    return (
        f"`{name}` does not have '{key}'. Not every word is in it: read in the docstring what "
        "becomes of those that are not."
    )


def _shapes(e: Raised) -> str:
    """Shapes that do not fit each other, with the names of their axes."""
    found = [_shape(text) for text in re.findall(r"\((\d+(?:,\s*\d+)*,?)\)", e.message)]
    core = re.search(r"size (\d+) is different from (\d+)", e.message)
    misfit = core or re.search(
        r"could not be broadcast|could not broadcast|not aligned|must match exactly|not compatible|"
        r"[Ii]ncompatible|cannot reshape|same number of dimensions|inhomogeneous", e.message,
    )  # fmt: skip
    if e.type != "ValueError" or not misfit:
        return ""
    fixed = _fixed_size(e, [n for shape in found for n in shape])
    if fixed:
        return fixed
    names = [n for n in e.held("array", "tensor") if "()" not in e.variables[n]]
    told = [f"`{n}` is {_with_axes(e.variables[n].partition(' ')[2], e.case)}" for n in names[:4]]
    told = told or [_with_axes(str(shape), e.case) for shape in found if shape]
    if not told:
        return ""
    advice = ""
    if core:
        advice = " A product `A @ B` needs as many columns in A as rows in B."
    elif "broadcast" in e.message and len(found) > 1:
        advice = " Two arrays fit element by element if each axis is equal or 1."
    return f"On this line {', '.join(told)}: these do not fit.{advice}"


def _shape(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", text))


def _with_axes(shape: str, case: Case) -> str:
    """Write a shape with the sizes of the case for its axes: "(5, 4) = (n_a, m)"."""
    sizes = re.findall(r"\b([A-Za-z]\w*)=(\d+)", case.label)
    by_size: dict[str, list[str]] = {}
    for name, size in sizes:
        by_size.setdefault(size, []).append(name)
    axes = re.findall(r"\d+", shape)
    named = [by_size[n][0] if len(by_size.get(n, ())) == 1 else n for n in axes]
    if not axes or named == axes:
        return shape
    return f"{shape}, that is ({', '.join(named)}{',' * (len(named) == 1)})"


def _fixed_size(e: Raised, lengths: list[int]) -> str:
    known = sizes_of(e.case)
    strange = [n for n in lengths if n >= LEAST_FIXED and n not in known]
    if not strange or len(set(lengths)) < 2:
        return ""
    return (
        f"The size {strange[0]} is nowhere in the arguments of this case. Do you write it as a "
        "fixed number? Take sizes from the arguments."
    )


def sizes_of(case: Case) -> set[int]:
    """Return every size and whole number in the arguments of a case.

    Of the sizes that its label names, sums and products of two are among them, too.
    """
    found: set[int] = set()

    def walk(value: Any, depth: int = 0) -> None:
        if isinstance(value, (int, np.integer)):
            found.add(int(value))
        elif isinstance(value, np.ndarray):
            found.update((*value.shape, value.size))
        elif isinstance(value, Mapping):
            found.update((len(value), len(value) + 1, len(value) + 2))
            for item in list(value.values())[:MOST_WALKED]:
                walk(item, depth + 1)
        elif isinstance(value, (list, tuple)) and depth < MOST_DEPTH:
            found.add(len(value))
            for item in value[:MOST_WALKED]:
                walk(item, depth + 1)
        elif isinstance(value, str):
            found.add(len(value.split()))

    for value in (*case.args.values(), *case.after.values()):
        walk(value)
    named = {int(n) for n in re.findall(r"=(\d+)", case.label)}
    both = {f for a in named for b in named for f in (a + b, a * b)}
    return found | named | both


def _index(e: Raised) -> str:
    """An index outside of what there is."""
    if e.type != "IndexError":
        return ""
    bounds = re.search(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", e.message)
    if bounds:
        index, axis, size = bounds.groups()
        counted = " Counting starts at 0, so the last one is one less." if index == size else ""
        return f"Index {index} is asked of an axis (axis {axis}) that has {size}.{counted}"
    many = re.search(r"array is (\d+)-dimensional, but (\d+) were indexed", e.message)
    if many:
        names = [f"`{n}` is {_with_axes(e.variables[n][6:], e.case)}" for n in e.held("array")]
        told = f" Here {', '.join(names[:3])}." if names else ""
        return f"{many[2]} indices are asked of an array with {many[1]} axes.{told}"
    if "out of range" in e.message:
        short = [n for n in e.held("list", "tuple", "str") if n not in ("np",)]
        lengths = [
            f"`{n}` has {e.variables[n].split(' ')[1]}" for n in short if e.held("list", "tuple")
        ]
        told = f" On this line {', '.join(lengths)}." if lengths else ""
        return f"This case is small ({e.case.label}): there is no element with that index.{told}"
    return ""


def _kinds(e: Raised) -> str:
    """Values of a kind that the line cannot use."""
    if e.type not in ("TypeError", "AttributeError"):
        return ""
    attribute = re.match(
        r"'(list|tuple|dict|str|int|float|function)' object has no attribute '(\w+)'", e.message
    )
    called = re.match(r"'([\w.]+)' object is not callable", e.message)
    if attribute:
        kind, name = attribute.groups()
        owners = [n for n in e.names() if re.search(rf"\b{n}\b[^=]*\.{name}\b", e.source)]
        who = f"`{owners[0]}`" if owners else "What stands before the dot"
        return (
            f"{who} is a {kind}, which has no `.{name}`: an array or another object belongs here."
        )
    if called:
        return (
            f"Something on this line is called like a function and is {_a(called[1])}: round "
            "brackets where square ones belong, or a name that hides a function."
        )
    if "cannot be interpreted as an integer" in e.message or "integer scalar" in e.message:
        return "A whole number is needed here, and something else arrives: a float or an array."
    if "indices must be integers" in e.message:
        kinds = [
            f"`{n}` is a {e.variables[n].split(' ')[0]}" for n in e.held("list", "tuple", "array")
        ]
        return (
            f"A text or float is used as an index. On this line {', '.join(kinds)}."
            if kinds
            else ""
        )
    return ""


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


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
    return f"`{e.where}` calls itself again and again, without an end."


def _line(e: Raised) -> str:
    """What the variables on the line held: always true, if no more is known."""
    told = [f"`{n}` is {_in_words(e.variables[n], e.case)}" for n in e.names()[:MOST_TOLD]]
    return f"When this line runs, {', '.join(told)}." if told else ""


def _in_words(brief: str, case: Case) -> str:
    """Put the description of a variable into words: "array (5, 4)" -> "an array (n_a, m)"."""
    kind, _, detail = brief.partition(" ")
    if kind in ("array", "tensor"):
        return f"{_a(kind)} of shape {_with_axes(detail, case)}"
    if kind in ("list", "tuple"):
        return f"a {kind} of {detail}"
    if kind == "dict":
        return f"a dict with the keys {detail}"
    if kind == "callable":
        return "a function or layer"
    return f"{_a(kind)} ({detail})" if detail else brief


RULES: tuple[Callable[[Raised], str], ...] = (
    _signature,
    *KERAS_RULES,
    _import,
    _not_defined,
    _none,
    _helper,
    _key,
    _shapes,
    _index,
    _division,
    _recursion,
    _kinds,
    _line,
)  # fmt: skip
