"""Copy values, tell whether they have changed, and reduce them to plain data within bounds.

Like `probes`, this runs beside untrusted code and knows nothing of exercises. Most values are
arrays, and caches hold the same ones again and again: both are what is done fast here.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

MAX_LEAVES = 50_000
MAX_BYTES = 64 * 2**20
MAX_TEXT = 2_000
MAX_DEPTH = 20
MAX_SEARCHED = 60  # items of one container, for arrays

_IMMUTABLE = {type(None), bool, int, float, complex, str}


@dataclass(frozen=True)
class Opaque:
    """Stands for an object that is not plain data; only its type's name is kept."""

    type_name: str


class TooLarge(ValueError):
    """A value has too many parts or too many bytes to observe."""


def fresh(value: Any, met: dict[int, tuple[Any, Any]]) -> Any:
    """Copy arguments as `copy.deepcopy` does: what is one object twice stays one. Faster."""
    kind = type(value)
    if kind in _IMMUTABLE:
        return value
    known = met.get(id(value))
    if known is None:
        if kind is np.ndarray and not value.dtype.hasobject:
            made = value.copy(order="K")
        elif kind is dict:
            made = {key: fresh(item, met) for key, item in value.items()}
        elif kind is tuple or kind is list:
            made = kind([fresh(item, met) for item in value])
        else:
            made = copy.deepcopy(value)
        known = met[id(value)] = value, made  # keeps the object, and so its id
    return known[1]


def untouched(before: Any, after: Any, met: dict[tuple[int, int], tuple]) -> bool:
    """Return True if `after`, once a copy of `before`, is certainly still one, to the last bit.

    What is not sure (an object of an unknown kind) counts as touched.
    """
    kind = type(before)
    if kind is not type(after):
        return False
    if kind in _IMMUTABLE:
        return before is after or before == after
    pair = id(before), id(after)
    if pair in met:
        return True
    if kind is np.ndarray:
        alike = before.dtype == after.dtype and before.shape == after.shape
        if not alike or before.dtype.hasobject or before.tobytes() != after.tobytes():
            return False
    elif kind is dict:
        if [*before] != [*after]:
            return False
        if not all([untouched(item, after[key], met) for key, item in before.items()]):
            return False
    elif kind is tuple or kind is list:
        if len(before) != len(after):
            return False
        if not all([untouched(*items, met) for items in zip(before, after, strict=True)]):
            return False
    else:
        return False
    met[pair] = before, after  # keeps the objects, and so their ids
    return True


class Reducer:
    """Copies values into plain data, within a bound on parts and bytes."""

    def __init__(self) -> None:
        self.leaves = 0
        self.bytes = 0
        self._copied: dict[int, tuple[Any, Any]] = {}  # keeps the object, and so its id
        # the same for dicts, with their number of parts and how deep they stood
        self._reduced: dict[int, tuple[Any, Any, int, int]] = {}

    def plain(self, value: Any, depth: int = 0) -> Any:
        """Reduce `value` to None, bool, int, float, str, ndarray, list, tuple, dict, Opaque."""
        self._count(1, depth)
        if type(value) is np.ndarray:  # most are: first, for speed
            return self._once(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return value[:MAX_TEXT]
        if isinstance(value, (int, float, complex)) and not isinstance(value, np.generic):
            return self._array(np.asarray(value))
        if isinstance(value, (tuple, list)):
            kind = list if isinstance(value, list) else tuple  # a namedtuple is a tuple here
            return kind([self.plain(item, depth + 1) for item in value])
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if hasattr(value, "__array__") and not isinstance(value, type):
            return self._once(value)
        return Opaque(type(value).__name__[:100])

    def _count(self, parts: int, depth: int = 0) -> None:
        self.leaves += parts
        if depth > MAX_DEPTH:
            raise TooLarge(
                f"the returned value is nested more than {MAX_DEPTH} deep: does a list hold itself?"
            )
        if self.leaves > MAX_LEAVES:
            raise TooLarge(f"the returned value has more than {MAX_LEAVES:,} parts")

    def _mapping(self, value: Mapping, depth: int) -> dict[str, Any]:
        """Reduce a dict, or return what it was reduced to before: caches repeat parameters."""
        known = self._reduced.get(id(value))
        if known is not None and depth <= known[3]:
            self._count(known[2])
            return known[1]
        before = self.leaves
        made = {str(key)[:200]: self.plain(item, depth + 1) for key, item in value.items()}
        self._reduced[id(value)] = value, made, self.leaves - before, depth
        return made

    def _once(self, value: Any) -> np.ndarray | Opaque | str:
        """Copy an array, or return the copy if it was met before: caches repeat parameters."""
        known = self._copied.get(id(value))
        if known is None:
            known = self._copied[id(value)] = value, self._array(np.asarray(value))
        return known[1]

    def _array(self, array: np.ndarray) -> np.ndarray | Opaque | str:
        self.bytes += array.nbytes
        if self.bytes > MAX_BYTES:
            raise TooLarge(f"the returned value takes more than {MAX_BYTES // 2**20} MB")
        kind = array.dtype.kind
        if kind == "U" and array.ndim == 0:
            return str(array)[:MAX_TEXT]
        if kind not in "biufcU":
            return Opaque(f"array of {array.dtype}")
        return array.copy() if type(array) is np.ndarray else np.array(array, subok=False)


def arrays_in(values: Iterable) -> Iterator[np.ndarray]:
    """Yield the arrays in arguments, those in dicts, lists and tuples included."""
    for value in islice(values, MAX_SEARCHED):
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, (tuple, list, Mapping)):
            yield from arrays_in(value.values() if isinstance(value, Mapping) else value)
