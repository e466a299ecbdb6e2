"""Explain an error about a name that has no value."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches

from .raised import Raised

CLOSE = 0.75  # how like a name is that was meant
PYTHON_2 = {"xrange": "range", "raw_input": "input", "unicode": "str", "izip": "zip"}


def undefined_name(e: Raised) -> str:
    """Explain a name that has no value yet, or none at all."""
    if e.type == "UnboundLocalError" or "free variable" in e.message:
        name = re.search(r"variable '(\w+)'", e.message)
        if not name:
            return ""
        if re.search(rf"\b{name[1]}\s*=.*(?<![\w.]){name[1]}\(", e.source):
            return (
                f"This line assigns to `{name[1]}`, which makes it a variable of your function and "
                "hides what had this name before. Keep the result under another name."
            )
        return (
            f"`{name[1]}` is used here before this function has given it a value."
            f"{_meant_instead(e, name[1], only_slips=True)} A name that is assigned anywhere in a "
            "function belongs to the function: give it its first value earlier (before the loop, "
            "or in every branch)."
        )
    name = re.search(r"name '(\w+)' is not defined", e.message)
    if e.type != "NameError" or not name:
        return ""
    if name[1] in ("tf", "K", "F", "pd", "torch", "nn", "nltk"):
        return f"`{name[1]}` is not imported in this notebook, and not needed."
    if name[1] in PYTHON_2:
        return f"`{name[1]}` is of Python 2. Here it is called `{PYTHON_2[name[1]]}`."
    if name[1] == "self":
        return "`self` exists in a method only, and is its first argument there."
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
        of_argument = e.argument(held) is not None and len(name[1]) > 1
        if of_argument and said.startswith("dict ") and name[1] in said[5:].split(", "):
            return (
                f"Nothing called `{name[1]}` exists when this line runs. `{held}` holds it under "
                f"this key: `{name[1]} = {held}['{name[1]}']`."
            )
    if re.search(rf"(?<![\w.]){name[1]}(\[[^=]*\] *[-+*/@]?=(?!=)|\.append\()", e.source):
        return (
            f"Nothing called `{name[1]}` exists when this line writes into it. Make it first, "
            "before the loop: zeros of the right shape, an empty list or an empty dict."
        )
    if e.similar and e.similar[0].endswith(f".{name[1]}"):
        return f"In this notebook it is called `{e.similar[0]}`: look at the first cell's imports."
    inside = re.search(rf"(?<![\w.]){name[1]}\.(\w+)", e.source)
    if inside and inside[1] in e.similar and inside[1] != e.exercise.name:
        return f"In this notebook `{inside[1]}` stands by itself: leave out `{name[1]}.`"
    if inside and name[1] in sys.stdlib_module_names:
        return f"`{name[1]}` is a module of Python that is not imported here: `import {name[1]}`."
    for known in (*e.case.args, *e.variables):  # `a+prev`
        joined = known.replace("_", r"\s*[^\w\s]\s*")
        typed = re.search(joined, e.source) if "_" in known.strip("_") else None
        if typed and re.search(rf"\b{name[1]}\b", typed[0]):
            return f"Nothing called `{name[1]}` exists. Do you mean `{known}` by `{typed[0]}`?"
    close = _meant_instead(e, name[1])
    return (
        f"Nothing called `{name[1]}` exists when this line runs.{close} If another cell makes it, "
        "run that cell first; if your function should, a line before this one is missing."
    )


def _meant_instead(e: Raised, name: str, *, only_slips: bool = False) -> str:
    """Ask if another name is meant: one much like it, or the one argument that is not read.

    In a slip, letters of a name are others, or in another order. What the exercise itself has a
    name for, such as `dWax`, is no slip for `dWaa`: it has not been made.
    """
    if not e.similar or only_slips and len(e.similar[0]) != len(name) or name in e.terms():
        return ""
    meant = e.similar[0]
    if re.sub(r"^(d|new_|next_)|s$", "", name) == re.sub(r"^(d|new_|next_)|s$", "", meant):
        return ""  # a gradient, or a list of such things
    short, long = sorted((meant, name), key=len)
    like = get_close_matches(short, [long], 1, CLOSE) or (len(short) > 2 and short in long)
    slip = len(short) == len(long) and (len(long) > 2 or short[0] == long[0])
    if like or slip:  # of one letter
        return f" Do you mean `{meant}`?"
    unread = f" Your function never reads its argument `{meant}`."
    return unread if meant in e.parameters() else ""
