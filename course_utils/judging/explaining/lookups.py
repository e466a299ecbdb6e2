"""Explain keys that a dict does not have, and indices beyond what there is."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import product

from ...observing.errors import brief
from .line_held import in_words, line
from .raised import Raised
from .shapes import sized_axes, with_axes

LONGEST = 60  # characters of a key


def no_entry(e: Raised) -> str:
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


def missing_key(e: Raised) -> str:
    """A key that a dict does not have."""
    if e.type != "KeyError" or e.source.startswith("raise"):
        return ""
    key = re.sub(r"^np\.\w+\((.*)\)$", r"\1", e.message).strip("'\"")
    if key.startswith("("):
        return f"{key} is asked for as one key. Ask for each on its own."
    if e.message.startswith("<"):
        return ""  # an object without a name of its own
    quoted = re.search(rf"[\"']{re.escape(key)}[\"']", e.source)
    if quoted and e.variables.get(key, "").startswith(("str ", "int ")):
        return (
            f"In quotes, '{key}' is that text itself, not what the variable `{key}` holds. Leave "
            "the quotes off."
        )
    dicts = {n: v for n, v in e.case.args.items() if isinstance(v, Mapping)}
    dicts = {n: v for n, v in dicts.items() if e.variables.get(n, "dict").startswith("dict")}
    asked = _asked(e)
    own = {n: e.variables[n] for n in e.held("dict") if n in asked or not asked}
    own = {n: told for n, told in own.items() if key not in told[5:].split(", ")}
    if len(key) > LONGEST:
        key = f"{key[:LONGEST]}..."
    shown = f"'{key}'" if re.search("[\"']", e.message) else key
    called = {arg: n for arg, v in dicts.items() for n in own if own[n] == brief(v)}
    missing = [arg for arg in dicts if key not in dicts[arg]]
    maps = [arg for arg in missing if arg in called] or ([] if own else missing)
    if not maps:
        if own:
            name = next(iter(own))
            it = f"has {own[name][5:]}" if own[name][5:] else "is empty"
            return f"`{name}` has no key {shown}: it {it}."
        return ""
    arg = maps[0]
    name = called.get(arg, arg)
    if other := _holder(e.message, dicts, arg):
        return (
            f"`{name}` has no {e.message}; `{other}` has it. Is that the key that you mean, and "
            "is it asked of the right one?"
        )
    of_characters = all(len(str(k)) == 1 for k in dicts[arg])
    if arg == "parameters" or len(dicts[arg]) < 20 and quoted and not arg.startswith("word"):
        there = [k if str(k).isprintable() else repr(k) for k in dicts[arg]]
        said = f"`{name}` has no key {shown}: it has {', '.join(map(str, there))}."
        if len(key.replace("\\", "")) > 1 and of_characters:
            return f"{said} Its keys are single characters."
        return said if arg == "parameters" else f"{said} Does the docstring promise this one?"
    if quoted:
        said = (
            f"The check brings a small `{name}` of its own, and '{key}' is not in it. No word is "
            "in every map"
        )
        if re.search(r"\.(?:shape|size)\b|\blen\(", e.source):
            return f"{said}, and any word tells how long a vector is."
        return f"{said}, so none can be built in."
    if re.fullmatch(r"-?\d+", e.message) and all(isinstance(k, str) for k in dicts[arg]):
        words = "words" if arg.startswith("word") else "texts"
        keys = "characters" if of_characters else words
        return f"{key} is a number, and `{name}` is looked up by {keys}."
    if key.lower() in dicts[arg]:
        return f"`{name}` has '{key.lower()}' and not '{key}': its words are in lower case."
    if of_characters and not key:
        return f"`{name}` is asked for an empty text: nothing is left of what is looked up."
    if of_characters:
        if re.fullmatch(r"\\?.", key):
            return f"`{name}` has no '{key}'. Its keys are characters. Is it the right dict?"
        return (
            f"`{name}` is looked up by single characters, and '{key}' has several. Go through the "
            "text itself, without splitting it."
        )
    if not key or re.search(r"\s|\\[tn]", key):
        return (
            f"'{key}' is looked up as one word. White space of any kind and length separates "
            "words, tabs and double spaces, too."
        )
    texts = [str(v) for v in e.case.args.values() if not isinstance(v, Mapping)]
    if len(key) == 1 and key.isalpha() and not any(key in text.lower().split() for text in texts):
        return (
            f"'{key}' is a letter, and words are looked up here. A loop over a text goes through "
            "its letters, as an index does: is it a list of words that you mean?"
        )
    held = [v for v in e.case.args.values() if isinstance(v, Mapping)]
    known = {str(k).lower() for each in held for k in each}
    if key.lower() not in known and not any(key.lower() in text.lower() for text in texts):
        return (
            f"`{name}` does not have '{key}', nor does any other argument of this case. Where does "
            "it come from?"
        )
    return (
        f"`{name}` does not have '{key}'. Not every word is in it: read in the docstring what "
        "becomes of those that are not."
    )


def _asked(e: Raised) -> list[str]:
    """Name the dicts that the line asks for the missing key, or for one that is not known."""
    found: dict[str, bool] = {}
    for node in e.nodes():
        place = node.target if isinstance(node, ast.AugAssign) else node
        read = place is not node or isinstance(getattr(node, "ctx", None), ast.Load)
        if read and isinstance(place, ast.Subscript) and isinstance(place.value, ast.Name):
            name, key = place.value.id, _value(place.slice, e)
            if key is None or repr(key) == e.message:
                found[name] = key is None and found.get(name, True)
    return [n for n in e.held("dict") if n in found and (not found[n] or all(found.values()))]


def _value(node: ast.expr, e: Raised) -> str | int | None:
    """Return the text or whole number that an index stands for, None if that is not known."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        left, right = _value(node.left, e), _value(node.right, e)
        if isinstance(left, int) and isinstance(right, int):
            return left + right if isinstance(node.op, ast.Add) else left - right
        return None
    written = ast.unparse(node)
    if isinstance(node, ast.Name):
        written = e.variables.get(node.id, "").partition(" ")[2]
    with suppress(ValueError, SyntaxError):
        value = ast.literal_eval(written)
        return value if isinstance(value, str | int) else None
    return None


def missing_index(e: Raised) -> str:
    """An index outside of what there is."""
    sliced = re.search(r"slice index (-?\d+) of dimension (\d+) out of bounds", e.message)
    if sliced and e.source:
        said = f"Index {sliced[1]} is asked of axis {sliced[2]} of a tensor that is not that long"
        return f"{said} there; axes are counted after what was sliced before. {line(e)}".rstrip()
    if e.type != "IndexError":
        return ""
    bounds = re.search(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", e.message)
    if bounds:
        index, axis, size = bounds.groups()
        told = f" {line(e)}".rstrip()
        if name := _indices_exchanged(e):
            shape = with_axes(e.variables[name][6:], e.case)
            told = f" `{name}` is {shape}: do its indices stand in this order?"
        elif counts := _counts_along(e, index, int(axis), size):
            told = counts
        elif index == size != "0" and not _read_from_array(e, index):
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
            f"`{n}` is {in_words(e.variables[n], e.case)}"
            for n in _in_an_index(e) or e.held("str", "str_", "float", "float64")
        ]
        if odd:
            return f"An array is indexed by whole numbers. Here {' and '.join(odd)}."
        for call in e.calls():
            if (name := ast.unparse(call.func)) in e.exercise.needs:
                given = ", ".join(f"`{ast.unparse(each)}`" for each in call.args)
                return (
                    f"`{name}` gets {given} here, and an array where it needs something else. "
                    "Compare their order with its first line."
                )
        return ""
    if "tuple index out of range" in e.message:
        for name, axis in re.findall(r"\b(\w+)\.shape\[(\d+)\]", e.source):
            kind, _, shape = e.variables.get(name, "").partition(" ")
            shape = shape.partition(")")[0]  # and not what a single object is
            if kind in ("array", "tensor") and len(re.findall(r"\w+", shape)) <= int(axis):
                told = with_axes(f"{shape})", e.case)
                return f"`{name}.shape` is {told}: it has no `[{axis}]`."
    if "out of range" in e.message and e.source:
        for node in e.nodes():
            if isinstance(node, ast.Subscript) and (empty := _without_words(node.value, e)):
                return empty
        held = [
            f"`{n}` is {in_words(e.variables[n], e.case)}" for n in e.held("list", "tuple", "str")
        ]
        told = f" On this line {', '.join(held)}." if held else ""
        return f"There is no element with that index in this case ({e.case.label}).{told}"
    return ""


def _counts_along(e: Raised, index: str, axis: int, size: str) -> str:
    """Ask whether a variable counts what an axis holds that is not that of the steps."""
    for node in e.nodes():
        if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
            continue
        at = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        counter = ast.unparse(at[axis]) if axis < len(at) else ""
        shape = e.variables.get(node.value.id, "")[6:]
        lengths, names = re.findall(r"\d+", shape), sized_axes(shape, e.case)
        if axis >= len(names) or lengths[axis] != size:
            continue
        is_it = re.fullmatch(rf"int\w* {index}", e.variables.get(counter, ""))
        if is_it and re.match("n_|m$", names[axis]):
            return (
                f" `{node.value.id}` is {with_axes(shape, e.case)}, so that axis is {names[axis]}: "
                f"is that what `{counter}` counts, or is another axis or another index meant?"
            )
    return ""


def _without_words(node: ast.expr, e: Raised) -> str:
    """Say so if an expression splits a text in which there is no word."""
    split = re.fullmatch(r"(\w+)(?:\.(?:lower|strip)\(\))*\.split\(\)", ast.unparse(node))
    if not split or not re.fullmatch(r"str_? '(\s|\\[tnr])*'", e.variables.get(split[1], "")):
        return ""
    text = e.variables[split[1]].partition(" ")[2]
    return f"`{split[1]}` is {text} here, a text without a word, so `{split[0]}` is empty."


def _in_an_index(e: Raised) -> list[str]:
    """Name what is no number and stands in an index of an array on the line."""
    arrays = e.held("array")
    inside = [
        name.id
        for node in e.nodes()
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) in arrays
        for name in ast.walk(node.slice)
        if isinstance(name, ast.Name)
    ]
    return [n for n in e.held("dict", "str", "str_", "float", "float64") if n in inside]


def _read_from_array(e: Raised, index: str) -> bool:
    """Return True if an array on the line gave an index, and no counter holds it."""
    if any(e.variables[name].split(" ")[-1].strip("()") == index for name in e.held("int")):
        return False
    places = [n.slice for n in e.nodes() if isinstance(n, ast.Subscript)]
    names = {n.id for place in places for n in ast.walk(place) if isinstance(n, ast.Name)}
    return bool(names & {*e.held("array")})


def _indices_exchanged(e: Raised) -> str:
    """Name an array on the line for which two indices would fit in the other order."""
    for name, *names in re.findall(r"\b(\w+)\[(\w+), ?(\w+)\]", e.source):
        shape = re.fullmatch(r"array \((\d+), (\d+)\)", e.variables.get(name, ""))
        held = [re.fullmatch(r"int (\d+)", e.variables.get(each, "")) for each in names]
        if shape and all(held):
            i, j = (int(each[1]) for each in held if each)
            if (
                (i >= int(shape[1]) or j >= int(shape[2]))
                and i < int(shape[2])
                and j < int(shape[1])
            ):
                return name
    return ""


def _holder(key: str, dicts: Mapping[str, Mapping], asked: str) -> str:
    """Name another dict, with values of the same kind, that has a key (as it is written)."""
    kinds = {type(value) for value in dicts[asked].values()}
    for name, held in dicts.items():
        if any(repr(k) == key for k in held) and kinds == {type(v) for v in held.values()}:
            return name
    return ""
