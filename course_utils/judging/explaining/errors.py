"""Say what an error means in the words of the task; "" where that is not sure.

Each rule looks at the error's kind, its message and what the variables on the learner's line held.
The first rule that fits speaks. The line itself is in the result's summary already.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from itertools import product
from typing import Any

import numpy as np

from ...observing.errors import brief
from ..drawn_cases import Observation
from ..model import Case, Exercise
from .forms import STILL_NONE
from .keras_errors import KERAS_RULES
from .messages import MESSAGES
from .raised import Raised
from .shapes import MISFIT, of_shapes, with_axes

MOST_TOLD = 4  # variables
CLOSE = 0.75  # how like a name is that was meant


def explain_error(exercise: Exercise, case: Case, seen: Observation) -> str:
    """Explain an observation that has no value in a sentence or two."""
    error = _raised(exercise, case, seen)
    said = next((said for rule in RULES if (said := rule(error))), "")
    if said and error.where in exercise.needs:
        said += f" Look at what `{exercise.name}` passes to it."
    return said


def in_another_order(exercise: Exercise, case: Case, seen: Observation) -> str:
    """Say so if the first line of a function that raised names its arguments in other places."""
    error = _raised(exercise, case, seen)
    own, wanted = ([name.lower() for name in names] for names in (error.parameters(), case.args))
    moved = any(name in wanted and wanted.index(name) != i for i, name in enumerate(own))
    if not error.where or not moved:
        return ""
    return f"Its first line has the arguments in another order. {_first_lines(error)}"


def _first_lines(e: Raised) -> str:
    wanted = f"def {e.exercise.name}({', '.join(e.case.args)}):"
    return f"Wanted: `{wanted}` Yours: `def {e.exercise.name}{e.signature or '(...)'}:`"


def _raised(exercise: Exercise, case: Case, seen: Observation) -> Raised:
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
        [str(name) for name in seen.get("similar", []) if isinstance(name, str)],
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
    if not re.search(rf"\b{name}\(", e.source):
        return ""
    if unset := re.search(r"missing \d+ required (?:positional|keyword-only) .*?: (.*)", e.message):
        without = unset[1].replace("'", "`")
        return f"You call `{name}` without {without}: look at its first line or docstring."
    return (
        f"You call `{name}` with other arguments than it takes. Courses with a function of the "
        "same name may give it other ones: look at its first line or docstring here."
    )


def _called_otherwise(e: Raised, name: str) -> str:
    """Say which argument it is that a learner's first line calls by another name."""
    own = re.findall(r"[(,]\s*\*{0,2}(\w+)", e.signature)
    if e.where != e.exercise.name or name not in own or own.index(name) >= len(e.case.args):
        return ""
    at = own.index(name)
    wanted = list(e.case.args)[at]
    return f" Argument {at + 1} is `{wanted}`, and your first line calls it `{name}`."


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
        if re.search(rf"\b{name[1]}\s*=.*\b{name[1]}\(", e.source):
            return (
                f"This line assigns to `{name[1]}`, which makes it a variable of your function and "
                "hides what had this name before. Keep the result under another name."
            )
        return (
            f"`{name[1]}` is used here before this function has given it a value. A name that is "
            "assigned anywhere in a function belongs to the function: give it its first value "
            "earlier (before the loop, or in every branch)."
        )
    name = re.search(r"name '(\w+)' is not defined", e.message)
    if e.type != "NameError" or not name:
        return ""
    if name[1] in ("tf", "K", "F", "pd", "torch", "nn", "nltk"):
        return f"`{name[1]}` is not imported in this notebook, and not needed."
    if name[1] in e.exercise.needs:
        return f"`{name[1]}` is an exercise of this notebook: run the cell with your answer first."
    own = e.parameters()
    place = list(e.case.args).index(name[1]) if name[1] in e.case.args else len(own)
    if e.where == e.exercise.name and place < len(own):
        return (
            f"The task calls this argument `{name[1]}`, and your first line calls it "
            f"`{own[place]}`: use one name."
        )
    for held, said in e.variables.items():
        if said.startswith("dict ") and name[1] in said[5:].split(", "):
            return (
                f"Nothing called `{name[1]}` exists when this line runs. `{held}` holds it under "
                f"this key: `{name[1]} = {held}['{name[1]}']`."
            )
    if e.similar and e.similar[0].endswith(f".{name[1]}"):
        return f"In this notebook it is called `{e.similar[0]}`: look at the first cell's imports."
    inside = re.search(rf"(?<![\w.]){name[1]}\.(\w+)", e.source)
    if inside and inside[1] in e.similar and inside[1] != e.exercise.name:
        return f"In this notebook `{inside[1]}` stands by itself: leave out `{name[1]}.`"
    if inside and name[1] in sys.stdlib_module_names:
        return f"`{name[1]}` is a module of Python that is not imported here: `import {name[1]}`."
    close = ""
    if e.similar:
        meant = e.similar[0]
        short, long = sorted((meant, name[1]), key=len)
        like = get_close_matches(short, [long], 1, CLOSE) or (len(short) > 2 and short in long)
        like = like or len(short) == len(long)  # a slip of one letter
        close = f" Do you mean `{meant}`?"
        if not like:  # the one argument that is not read
            close = f" Your function never reads its argument `{meant}`: is that meant?"
    return (
        f"Nothing called `{name[1]}` exists when this line runs.{close} If a cell defines it, run "
        "that cell first; if it stands further down in your function, move it up."
    )


def _no_entry(e: Raised) -> str:
    """A None that `.get` has given for what a dict does not have."""
    for name, key in re.findall(r"\b(\w+)\.get\((\w+)\)", e.source):
        held, asked = e.case.args.get(name), e.variables.get(key, "").partition(" ")[2]
        if isinstance(held, Mapping) and asked and asked.strip("'\"") not in map(str, held):
            return (
                f"`{name}.get({key})` is None here: it does not have {asked}. Read in the "
                "docstring what becomes of what is not in it."
            )
    maps = {n: v for n, v in e.case.args.items() if n.startswith("word_to") and v}
    texts = [text for text in e.case.args.values() if isinstance(text, str)]
    for name, text in product(maps if e.held("None") else (), texts):
        if text not in maps[name] and text.lower() in maps[name]:
            return (
                f"`{e.held('None')[0]}` is None on this line. `{name}` has '{text.lower()}' and "
                f"not '{text}', and `.get` gives None for what a dict does not have."
            )
    return ""


def _none(e: Raised) -> str:
    """A gap of a scaffold that is still None."""
    empty = e.held("None")
    for name in empty:
        if method := re.search(rf"\b{name} = {name}\.(append|extend|update|sort|add)\(", e.source):
            return (
                f"`{method[1]}` changes `{name}` in place and returns None, which you then keep as "
                f"`{name}`. Call it on a line of its own, without `=`."
            )
    told = "NoneType" in e.message or "None values" in e.message
    if not told and (not empty or re.search(MISFIT, e.message)):
        return ""
    if empty and e.case.args.get(empty[0], "") is None:
        return (
            f"`{empty[0]}` is None in this case: nothing was given. Read in the docstring what "
            "that means, and ask for it before you compute with it."
        )
    if empty:
        return (
            f"`{empty[0]}` is still None on this line: a gap that is not filled in yet, a key "
            "that `.get` does not find, or the result of a function without `return`."
        )
    if not e.source:
        return STILL_NONE if "None values" in e.message else ""
    if in_place := _changes_in_place(e.source):
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
    if re.search(r"\bNone\b", e.source):
        return "This line still holds a `None` of the scaffold: put your expression in its place."
    return "Something on this line is None: a function without `return`, or a gap still open."


def _changes_in_place(source: str) -> str:
    """Name a list's method whose value, which is None, is used on a line."""
    with suppress(SyntaxError):
        (statement,) = ast.parse(source).body
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                alone = isinstance(statement, ast.Expr) and statement.value is node
                if node.func.attr in ("append", "extend", "reverse", "sort") and not alone:
                    return node.func.attr
    return ""


# --- data of the case


def _key(e: Raised) -> str:
    """A key that a dict does not have."""
    if e.type != "KeyError" or e.source.startswith("raise"):
        return ""
    key = e.message.strip("'\"")
    if key.startswith("("):
        return f"{key} is asked for as one key. Ask for each on its own."
    quoted = re.search(rf"[\"']{re.escape(key)}[\"']", e.source)
    if quoted and e.variables.get(key, "").startswith(("str ", "int ")):
        return (
            f"In quotes, '{key}' is that text itself, not what the variable `{key}` holds. Leave "
            "the quotes off."
        )
    dicts = {n: v for n, v in e.case.args.items() if isinstance(v, Mapping)}
    dicts = {n: v for n, v in dicts.items() if e.variables.get(n, "dict").startswith("dict")}
    own = {n: e.variables[n] for n in e.held("dict")}
    called = {arg: n for arg, v in dicts.items() for n in own if own[n] == brief(v)}
    missing = [arg for arg in dicts if key not in dicts[arg]]
    maps = [arg for arg in missing if arg in called] or ([] if own else missing)
    if not maps:
        if own:
            name = next(iter(own))
            return f"`{name}` has no key '{key}': it has {own[name][5:]}."
        return ""
    arg = maps[0]
    name = called.get(arg, arg)
    if arg == "parameters" or len(dicts[arg]) < 20 and quoted and not arg.startswith("word"):
        there = [k if str(k).isprintable() else repr(k) for k in dicts[arg]]
        return f"`{name}` has no key '{key}': it has {', '.join(map(str, there))}."
    if quoted:
        said = (
            f"The check brings a small `{name}` of its own, and '{key}' is not in it. No word is "
            "in every map"
        )
        if re.search(r"\.(?:shape|size)\b|\blen\(", e.source):
            return f"{said}, and any word tells how long a vector is."
        return f"{said}: read in the docstring what becomes of unknown words."
    of_characters = all(len(str(k)) == 1 for k in dicts[arg])
    if re.fullmatch(r"-?\d+", e.message) and all(isinstance(k, str) for k in dicts[arg]):
        by = "characters" if of_characters else "words"
        return f"{key} is a number, and `{name}` is looked up by {by}."
    if of_characters and len(key.replace("\\", "")) == 1:  # an escape such as \t is one, too
        return f"`{name}` does not have the character '{key}'. Is it the right dict for this text?"
    if key.lower() in dicts[arg]:
        return f"`{name}` has '{key.lower()}' and not '{key}': its words are in lower case."
    if not key or re.search(r"\s|\\[tn]", key):
        return (
            f"'{key}' is looked up as one word. White space of any kind and length separates "
            "words, tabs and double spaces, too."
        )
    texts = [str(v) for v in e.case.args.values() if not isinstance(v, Mapping)]
    if len(key) == 1 and not any(key in text.lower().split() for text in texts):
        return (
            f"'{key}' is a letter: a loop over a text goes through its letters. Split the text "
            "into words first."
        )
    if len(key) > 1 and of_characters:
        return (
            f"`{name}` is looked up by single characters, and '{key}' has several. Go through the "
            "text itself, without splitting it."
        )
    held = [v for v in e.case.args.values() if isinstance(v, Mapping)]
    known = {str(k).lower() for each in held for k in each}
    if key.lower() not in known and not any(key.lower() in text.lower() for text in texts):
        return (
            f"`{name}` does not have '{key}', nor does any other argument of this case. Where does "
            "it come from: is something from outside the function used?"
        )
    return (
        f"`{name}` does not have '{key}'. Not every word is in it: read in the docstring what "
        "becomes of those that are not."
    )


def _index(e: Raised) -> str:
    """An index outside of what there is."""
    if e.type != "IndexError":
        return ""
    bounds = re.search(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", e.message)
    if bounds:
        index, axis, size = bounds.groups()
        told = f" {_line(e)}".rstrip()
        if index == size != "0" and not _read_from_array(e, index):
            told = (
                f" Counting starts at 0, so the last one is {int(size) - 1}: does a loop begin at "
                f"1, or go on after the last place? Or is the axis one too short?{told}"
            )
        return f"Index {index} is asked of an axis (axis {axis}) that has {size}.{told}"
    many = re.search(r"array is (\d+)-dimensional, but (\d+) were indexed", e.message)
    if many:
        names = [f"`{n}` is {with_axes(e.variables[n][6:], e.case)}" for n in e.held("array")]
        told = f" Here {', '.join(names[:3])}." if names else ""
        return f"{many[2]} indices are asked of an array with {many[1]} axes.{told}"
    if "only integers, slices" in e.message:
        for name, key in re.findall(r"\b(\w+)\[(['\"]\w+['\"])\]", e.source):
            if name in e.held("array"):
                return f"`{name}` is an array, and {key} is a key: which dict is meant?"
        odd = [
            f"`{n}` is {_in_words(e.variables[n], e.case)}"
            for n in e.held("str", "str_", "float", "float64")
        ]
        return f"An array is indexed by whole numbers. Here {' and '.join(odd)}." if odd else ""
    if "out of range" in e.message and e.source:
        short = [n for n in e.held("list", "tuple", "str") if n not in ("np",)]
        lengths = [
            f"`{n}` has {e.variables[n].split(' ')[1]}" for n in short if e.held("list", "tuple")
        ]
        told = f" On this line {', '.join(lengths)}." if lengths else ""
        return f"There is no element with that index in this case ({e.case.label}).{told}"
    return ""


def _read_from_array(e: Raised, index: str) -> bool:
    """Return True if an array on the line gave an index, and no counter holds it."""
    if any(e.variables[name].split(" ")[-1].strip("()") == index for name in e.held("int")):
        return False
    with suppress(SyntaxError):
        places = [n.slice for n in ast.walk(ast.parse(e.source)) if isinstance(n, ast.Subscript)]
        names = {n.id for place in places for n in ast.walk(place) if isinstance(n, ast.Name)}
        return bool(names & {*e.held("array")})
    return False


def _attribute(e: Raised) -> str:
    """An attribute or method that a value does not have."""
    found = re.match(r"'([\w.]+)' object has no attribute '(\w+)'", e.message)
    if e.type != "AttributeError" or not found:
        return ""
    kind, name = found[1].rpartition(".")[2], found[2]
    if re.search(rf"\bself\.{name}\b", e.source):
        meant = f" Do you mean `self.{e.similar[0]}`?" if e.similar else ""
        return f"`self` has no `{name}`: what a class keeps is set in its `__init__`.{meant}"
    if kind in ("method", "builtin_function_or_method"):
        return f"A method stands before `.{name}` and is not called: it needs brackets, `()`."
    shown = "tensor" if found[1].startswith("tensorflow") else kind
    shown = {"ndarray": "array", "KerasTensor": "tensor", "function": "callable"}.get(kind, shown)
    owners = re.findall(rf"([A-Za-z_]\w*)\.{name}\b", e.source)
    held = {each: e.variables.get(each, "") for each in owners}
    owner = next((n for n in owners if re.match(rf"(callable )?{shown}\b", held[n])), "")
    who = f"`{owner}`" if owner else "The value before the dot"
    known = dir({"str_": str, "ndarray": np.ndarray}.get(kind) or getattr(builtins, kind, object))
    if close := get_close_matches(name, known, 1, CLOSE):
        kind = kind.removesuffix("_")
        return f"{who} is {_a(kind)}, which has no `.{name}`. Do you mean `.{close[0]}`?"
    if kind == "ndarray":
        whose = " That is a text's: take the elements one at a time." if hasattr(str, name) else ""
        return f"{who} is an array, which has no `.{name}`.{whose}"
    if kind == "KerasTensor":
        return f"{who} is a symbolic tensor, without numbers yet. It has no `.{name}`."
    if not owners and name in ("dtype", "shape", "ndim"):  # it is read inside a library
        return f"{_a(kind).capitalize()} arrives where an array or tensor is needed. {_line(e)}"
    if not owner:
        return f"{who} is {_a(kind)}, which has no `.{name}`. {_line(e)}".rstrip()
    if type(e.case.args.get(owner)).__name__ == kind:
        question = "It is what the docstring says, so another library's way does not do here."
    elif owner in e.case.args:
        question = "Another kind of object belongs there."
    else:
        question = "Which line made it one?"
    return f"{who} is {_a(kind)}, which has no `.{name}`. {question}"


def _kinds(e: Raised) -> str:
    """Values of a kind that the line cannot use."""
    if e.type != "TypeError":
        return ""
    called = re.match(r"'([\w.]+)' object is not callable", e.message)
    number = re.search(r"\b(\w+)\.(size|shape|ndim|T)\((-?\d*)\)?", e.source)
    if called and number and e.variables.get(number[1], "").startswith("array"):
        axis = number[3] or "-1"
        which = "the last axis" if axis == "-1" else f"axis {axis}"
        return (
            f"An array's `.{number[2]}` is no function, unlike that of other libraries' tensors: "
            f"it takes no brackets. `{number[1]}.shape[{axis}]` is the length of {which}."
        )
    if called:
        return (
            f"Something on this line is called like a function and is {_a(called[1])}: round "
            "brackets where square ones belong, or a name that hides a function."
        )
    if "cannot be interpreted as an integer" in e.message or "integer scalar" in e.message:
        kind = re.match(r"'(\w+)' object", e.message)
        comes = _a(kind[1]) if kind else "something else"
        said = f"A whole number is needed here, and {comes} arrives."
        for name in e.names():
            if kind and re.search(rf"\b{kind[1]}\b", e.variables[name]):
                said += _called_otherwise(e, name)
        return said
    if "indices must be integers" in e.message:
        sequences = e.held("list", "tuple", "array", "str", "str_")
        kinds = [
            f"`{n}` is {_a(e.variables[n].split(' ')[0])}"
            for n in (*sequences, *e.held("float", "float64"))
        ]
        return (
            f"A text or float is used as an index. On this line {', '.join(kinds)}."
            if kinds
            else ""
        )
    return ""


def _known_message(e: Raised) -> str:
    for pattern, said in MESSAGES:
        if found := re.search(pattern, e.message):
            return f"{said.format(*found.groups())} {_line(e)}".strip()
    return ""


def _joined(e: Raised) -> str:
    """Arrays to be joined that are not in a tuple of their own."""
    call = re.search(r"\b(np\.(?:concatenate|[vh]?stack))\(\s*[^(\[]", e.source)
    if e.type != "TypeError" or not call or "integer" not in e.message:
        return ""
    return f"`{call[1]}` takes the arrays as one argument: a tuple, in brackets of its own."


def _transposed(e: Raised) -> str:
    """A transpose that names more or fewer axes than the array has."""
    if "axes don't match array" not in e.message:
        return ""
    call = re.search(r"(?:np\.transpose\((\w+),|\b(\w+)\.transpose\()", e.source)
    name = (call[1] or call[2]) if call else ""
    if not e.variables.get(name, "").startswith("array"):
        return ""
    return (
        f"`transpose` must name every axis, each once, and `{name}` is "
        f"{with_axes(e.variables[name][6:], e.case)}. `np.swapaxes({name}, -1, -2)` exchanges the "
        "last two of however many there are."
    )


def _a(kind: str) -> str:
    spelled_out = kind[:2].isupper()  # "an LSTM"
    return f"{'an' if kind[:1] in ('AEFHILMNORSX' if spelled_out else 'aeiouAEIO') else 'a'} {kind}"


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


def _exit(e: Raised) -> str:
    if e.type != "SystemExit":
        return ""
    return (
        "A function hands its result back with `return`, and the notebook goes on. This line "
        "would end Python, and with it all that your cells have defined."
    )


def _line(e: Raised) -> str:
    """What the variables on the line held: always true, if no more is known."""
    told = [f"`{n}` is {_in_words(e.variables[n], e.case)}" for n in e.names()[:MOST_TOLD]]
    return f"When this line runs, {', '.join(told)}." if told else ""


def _in_words(brief: str, case: Case) -> str:
    """Put the description of a variable into words: "array (5, 4)" -> "an array (n_a, m)"."""
    kind, _, detail = brief.partition(" ")
    if kind in ("array", "tensor"):
        return f"{_a(kind)} of shape {with_axes(detail, case)}"
    if kind in ("list", "tuple"):
        return f"a {kind} of {detail}"
    if kind == "dict":
        return f"a dict with the keys {detail}" if detail else "an empty dict"
    if kind == "callable":
        return "a function or layer"
    return f"{_a(kind)} ({detail})" if detail else brief


RULES: tuple[Callable[[Raised], str], ...] = (
    _signature,
    *KERAS_RULES,
    _import,
    _not_defined,
    _no_entry,
    _none,
    _helper,
    _key,
    of_shapes,
    _index,
    _division,
    _recursion,
    _exit,
    _joined,
    _transposed,
    _attribute,
    _known_message,
    _kinds,
    _line,
)  # fmt: skip
