"""Compare what a function returned with what was expected, part by part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from .model import Nested, Parts

RTOL = 1e-4  # float32 through a long sequence stays well inside this
ATOL = 1e-6  # ... and so does a value near zero
MOST_FOLDED = 64  # numbers that a larger array is folded up to
LARGER = 100  # times as large as expected: parts beyond that are not computed with
ATOL_OF_LARGEST = 1e-5  # cancellation: small entries of an array with large ones


Kind = Literal["ok", "type", "shape", "value", "list", "beside"]
FORMS = ("type", "beside")  # kinds of parts that say something of what holds them
MOST_BESIDE = 1  # things too many in a tuple: of more, some may be right by guessing


class Leaf(NamedTuple):
    """How one part of the returned value compares.

    `kind` is "ok", or what is wrong: "type" (or missing), "shape", "value", "list" (the right
    numbers in nested lists), or "beside" (right, in a tuple that holds too much).
    """

    name: str
    kind: Kind
    expected: Any
    got: Any
    problem: str = ""


def leaves(expected: Any, got: Any, parts: Parts = (), name: str = "") -> list[Leaf]:
    """Walk `expected` and `got` together and return one Leaf for each array, number or string.

    `parts` names the children of a tuple (see `Exercise.returns`). Where a container is not
    what it should be, every leaf expected below it is listed as a "type" problem, but for what
    a dict that lacks keys has, and for what stands in order in a tuple of another length.
    """
    found: list[Leaf] = []
    _walk(expected, got, parts, name, found)
    return found


def _walk(expected: Any, got: Any, parts: Parts, name: str, found: list[Leaf]) -> None:
    if isinstance(expected, (tuple, list)):
        children = _sequence_children(expected, parts, name)
        problem = _sequence_problem(expected, got, children, name)
    elif not isinstance(expected, np.ndarray) and isinstance(expected, Mapping):
        children = [(key, f"{name}.{key}" if name else str(key), ()) for key in expected]
        problem = _mapping_problem(expected, got, name)
    else:
        found.append(_compare(expected, got, name or (parts if isinstance(parts, str) else "")))
        return
    there = _there(expected, got, children) if problem else {}
    holds_more = isinstance(got, (tuple, list)) and len(got) > len(children)
    for key, child_name, child_parts in children:
        if not problem or key in there:
            child = there[key] if problem else got[key]
            below: list[Leaf] = []
            _walk(expected[key], child, child_parts, child_name, below)
            if holds_more:
                below = [leaf._replace(kind="beside", problem=problem) for leaf in below]
        else:
            below = leaves(expected[key], expected[key], child_parts, child_name)
            below = [Leaf(leaf.name, "type", leaf.expected, None, problem) for leaf in below]
        found += below


def _there(expected: Any, got: Any, children: list) -> dict[Any, Any]:
    """Map the children of a container that is not what it should be to what came of them.

    Of a dict these are the keys that it has. Of a tuple that is too short or holds one thing too
    much, what is right, in the right order; if it is short and nothing is right, arrays of a
    shape that just one child has.
    """
    if isinstance(expected, Mapping):
        has = got if not isinstance(got, np.ndarray) and isinstance(got, Mapping) else {}
        return {key: has[key] for key in expected if key in has}
    items = list(got) if isinstance(got, (tuple, list)) else [got]
    if not isinstance(expected, tuple) or len(items) > len(children) + MOST_BESIDE:
        return {}
    there, left = {}, list(enumerate(items))
    for key, name, parts in children:
        for j, item in left:
            if all(leaf.kind == "ok" for leaf in leaves(expected[key], item, parts, name)):
                there[key] = item
                left = [pair for pair in left if pair[0] > j]
                break
    if not there and len(items) < len(children):
        shapes = [expected[key].shape if _is_array(expected[key]) else () for key, *_ in children]
        last = -1
        for item in filter(_is_array, items):
            alike = [i for i, shape in enumerate(shapes) if shape == item.shape]
            if len(alike) == 1 and alike[0] > last:
                (last,) = alike
                there[children[last][0]] = item
    return there


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0


def _sequence_children(expected: Any, parts: Parts, name: str) -> list[tuple[int, str, Parts]]:
    """Name the children of a sequence: by `parts` where it has names, else by position."""
    prefix = f"{name}." if name else ""
    if isinstance(parts, Nested) and parts.each:
        return [(i, f"{prefix}{i}", Nested("", parts.parts)) for i in range(len(expected))]
    known = parts.parts if isinstance(parts, Nested) else parts
    if isinstance(known, str) or len(known) != len(expected):
        return [(i, f"{prefix}{i}", ()) for i in range(len(expected))]
    return [
        (
            i,
            prefix + (part if isinstance(part, str) else part.name),
            part if isinstance(part, Nested) else (),
        )
        for i, part in enumerate(known)
    ]


def _sequence_problem(expected: Any, got: Any, children: list, name: str) -> str:
    what = f"{label(name)} should be" if name else "the function should return"
    noun = "a list" if isinstance(expected, list) else "a tuple"
    names = [child_name.rpartition(".")[2] for _, child_name, _ in children]
    listed = "" if all(n.isdigit() for n in names) else f": ({', '.join(names)})"
    rows = (
        isinstance(got, np.ndarray)
        and got.ndim > 1
        and not any(isinstance(part, (tuple, list, Mapping)) for part in expected)
        and len({np.shape(part) for part in expected}) == 1
    )  # np.array([e1, e2]) unpacks just as a tuple does
    if not isinstance(got, (tuple, list)) and not rows:
        return f"{what} {noun} of {len(expected)}{listed}, got {describe(got)}"
    if len(got) != len(expected):
        came = len(got) if type(got) is type(expected) else describe(got)
        return f"{what} {noun} of {len(expected)}{listed}, got {came}"
    return ""


def _mapping_problem(expected: Mapping, got: Any, name: str) -> str:
    what = label(name) if name else "the function"
    keys = ", ".join(map(str, expected))
    if not isinstance(got, Mapping):
        verb = "should be" if name else "should return"
        return f"{what} {verb} a dict with the keys {keys}, got {describe(got)}"
    missing = [str(key) for key in expected if key not in got]
    if missing:
        where = label(name) if name else "the returned dict"
        return f"{where} lacks the key{'s' * (len(missing) > 1)} {', '.join(missing)}"
    return ""


def _compare(expected: Any, got: Any, name: str) -> Leaf:
    if equal(expected, got):  # most parts are (arguments, caches): first, for speed
        return Leaf(name, "ok", expected, got)
    if isinstance(expected, str) or expected is None:
        if type(got) is not type(expected):
            return Leaf(
                name,
                "type",
                expected,
                got,
                f"{label(name)} should be {describe(expected)}, got {describe(got)}",
            )
        return Leaf(name, "ok" if got == expected else "value", expected, got)
    wanted = np.asarray(expected)
    kinds = "U" if wanted.dtype.kind == "U" else "biufc"
    if isinstance(got, (list, tuple)) and _holds(got, wanted, kinds):
        told = (
            f"{label(name)} should be {describe(wanted)}, got {describe(got)} with the right "
            "numbers: make it an array with np.array"
        )
        return Leaf(name, "list", wanted, np.asarray(got), told)
    if not isinstance(got, (np.ndarray, np.generic, bool, int, float)) or (
        np.asarray(got).dtype.kind not in kinds
    ):
        return Leaf(
            name,
            "type",
            wanted,
            got,
            f"{label(name)} should be {describe(wanted)}, got {describe(got)}",
        )
    actual = np.asarray(got)
    if actual.shape != wanted.shape:
        return Leaf(
            name,
            "shape",
            wanted,
            actual,
            f"{label(name)} should have shape {wanted.shape}, got {actual.shape}",
        )
    return Leaf(name, "value" if differs(wanted, actual).any() else "ok", wanted, actual)


def _holds(nested: list | tuple, wanted: np.ndarray, kinds: str) -> bool:
    """Return True if nested lists make an array that agrees with the one wanted."""
    try:
        made = np.asarray(nested)
    except (ValueError, TypeError):  # rows of several lengths, or objects
        return False
    return made.dtype.kind in kinds and agrees(made, wanted)


def equal(one: Any, other: Any) -> bool:
    """Return True if two arrays have the same type and shape and are equal to the last bit."""
    return (
        type(one) is np.ndarray
        and type(other) is np.ndarray
        and one.dtype == other.dtype
        and one.shape == other.shape
        and not np.count_nonzero(one != other)
    )


def label(name: str) -> str:
    """Name a part in words: "`a_next`", "`ft` in the cache of step 3"."""
    step = re.fullmatch(r"caches\.steps(?:\.(\d+))?(?:\.(.+))?", name)
    if step:
        number, part = step.groups()
        where = f"the cache of step {number}" if number else "the list of caches in `caches`"
        return f"`{part}` in {where}" if part else where
    return f"`{name}`" if name else "the result"


def capital(text: str) -> str:
    """Return a text with its first letter as a capital."""
    return text[0].upper() + text[1:]


def differs(expected: np.ndarray, got: np.ndarray) -> np.ndarray:
    """Mark the elements of `got` that are not within tolerance of `expected`; nan never is.

    Truth values, texts and infinities must be equal.
    """
    if expected.dtype.kind in "bU" and got.dtype.kind in "bU":
        return got != expected
    size = np.abs(expected)
    finite = np.isfinite(size)
    largest = size.max(initial=0.0, where=finite)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(got - expected) <= RTOL * size + ATOL_OF_LARGEST * largest + ATOL
    return ~np.where(finite, near, got == expected)


def agrees(got: np.ndarray, expected: np.ndarray) -> bool:
    """Return True if `got` has the shape of `expected` and is within tolerance; nan never is."""
    return got.shape == expected.shape and not differs(expected, got).any()


def all_are_rows(vectors: list[np.ndarray], table: np.ndarray) -> bool:
    """Return True if each vector (n,) is, within tolerance, a row of a table (rows, n)."""
    if table.ndim != 2 or table.shape[1:] != vectors[0].shape:
        return False
    return all((~differs(vector, table)).all(axis=1).any() for vector in vectors)


class Folded(NamedTuple):
    """An array of numbers folded up to a few, which tell it from others: see `folded`."""

    kind: str  # "b" for truth values, "n" for numbers
    shape: tuple[int, ...]
    numbers: np.ndarray


def folded(array: np.ndarray) -> Folded | None:
    """Fold an array up: signed sums of every MOST_FOLDED-th element; None unless of numbers."""
    if array.dtype.kind not in "biuf":
        return None
    flat = np.ravel(array).astype(np.float64)
    rows = -(-flat.size // MOST_FOLDED)
    if rows > 1:
        signs = np.random.default_rng(flat.size).choice([-1.0, 1.0], flat.size)
        padded = np.zeros(rows * MOST_FOLDED)
        padded[: flat.size] = signs * flat
        flat = padded.reshape(rows, MOST_FOLDED).sum(axis=0)
    kind = "b" if array.dtype.kind == "b" else "n"
    return Folded(kind, array.shape, flat.astype(np.float32))


def may_be_used(part: Leaf) -> bool:
    """Return True if computing with a part takes little: an answer may be of any size."""
    if part.kind == "shape":
        return part.got.size <= LARGER * part.expected.size
    return part.kind != "type" or part.got is None


def same(one: Any, other: Any) -> bool:
    """Return True if two parts of observations agree in kind, shape and value (nan equals nan).

    Either may be a `Folded` array.
    """
    if isinstance(one, Folded) or isinstance(other, Folded):
        return _same_folded(*(folded(x) if isinstance(x, np.ndarray) else x for x in (one, other)))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if equal(one, other):
            return True
        kinds = {one.dtype.kind, other.dtype.kind}
        if one.shape != other.shape or (kinds != {"U"} and kinds - set("biufc")):
            return False
        if kinds <= {"b"} or kinds == {"U"}:
            return np.array_equal(one, other)
        odd = ~np.isfinite(other)
        if not np.array_equal(one[odd], other[odd], equal_nan=True):
            return False
        return not differs(np.where(odd, 0, other), np.where(odd, 0, one)).any()
    return type(one) is type(other) and not isinstance(one, np.ndarray) and one == other


def _same_folded(one: Any, other: Any) -> bool:
    if not (isinstance(one, Folded) and isinstance(other, Folded)):
        return False
    return one[:2] == other[:2] and same(one.numbers, other.numbers)


def describe(value: Any) -> str:
    """Describe a value in a few words: its type, and its shape or length."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "a number"
    if isinstance(value, (bool, int, float, np.generic)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, Mapping):
        return "a dict with the keys " + ", ".join(list(map(str, value))[:12])
    return f"an object of type {getattr(value, 'type_name', type(value).__name__)}"
