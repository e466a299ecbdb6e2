"""Messages between the grader and a worker: JSON and `.npy` arrays, never pickles.

A message travels as an 8-byte big-endian length and that many bytes: a 4-byte length of the header,
the header, then `.npy` files one after another. The header is JSON: the tree, and the files' sizes.
All arrays of a data type share one file, laid end to end, and {"a": [file, start, shape]} stands
for an array in the tree. Everything is bounded, because the other end is not trusted.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from .probes import Opaque

MAX_MESSAGE = 80 * 2**20
MAX_DEPTH = 30
MAX_NODES = 500_000
_MAGIC = b"\x93NUMPY\x01\x00"
_HEAD = re.compile(rb"\{'descr': '([<>|][biufcU]\d+)', 'fortran_order': False, 'shape': \((\d+),\)")


class WireError(ValueError):
    """A message is malformed, too large or cut short."""


def frame(payload: bytes) -> bytes:
    """Put an encoded message's length before it."""
    return struct.pack(">Q", len(payload)) + payload


def read_frame(read: Callable[[int], bytes]) -> bytes:
    """Read one encoded message by `read(n)`, which returns exactly n bytes or raises."""
    (length,) = struct.unpack(">Q", read(8))
    if length > MAX_MESSAGE:
        raise WireError(f"a message of {length:,} bytes is over the bound")
    return read(length)


def exactly(receive: Callable[[int], bytes], count: int, ahead: bytes = b"") -> bytes:
    """Return `count` bytes: those `ahead`, then what receive(most) gives; EOFError if it ends."""
    parts, missing = [ahead], count - len(ahead)
    while missing:
        parts.append(receive(min(missing, 1 << 20)))
        if not parts[-1]:
            raise EOFError
        missing -= len(parts[-1])
    return b"".join(parts)


def encode(message: Any) -> bytes:
    """Encode plain data (None, bool, str, numbers, arrays, list, tuple, dict, Opaque)."""
    arrays = _Arrays()
    tree = _pack(message, arrays)
    blobs = arrays.files()
    header = json.dumps({"tree": tree, "sizes": [len(blob) for blob in blobs]}).encode()
    return b"".join([struct.pack(">I", len(header)), header, *blobs])


class _Arrays:
    """Collects arrays by data type, each object once."""

    def __init__(self) -> None:
        self._groups: dict[np.dtype, tuple[int, list[np.ndarray]]] = {}
        self._lengths: list[int] = []
        self._places: dict[int, tuple[Any, list]] = {}  # keeps the object, and so its id
        self.packed: dict[int, tuple[dict, Any]] = {}  # the same for dicts: see `_pack`

    def place(self, value: Any) -> list:
        """Add an array and return where it is: [file, start, shape]."""
        known = self._places.get(id(value))
        if known is None:
            array = np.asarray(value)
            if array.dtype.hasobject:
                raise TypeError("an array of objects is not plain data")
            file, members = self._groups.setdefault(array.dtype, (len(self._groups), []))
            if file == len(self._lengths):
                self._lengths.append(0)
            known = value, [file, self._lengths[file], list(array.shape)]
            self._places[id(value)] = known
            members.append(array.ravel())
            self._lengths[file] += array.size
        return known[1]

    def files(self) -> list[bytes]:
        """Return the `.npy` files."""
        return [
            _head(dtype.str, sum(member.size for member in members))
            + np.concatenate(members).tobytes()
            for dtype, (_, members) in self._groups.items()
        ]


@lru_cache(1024)
def _head(descr: str, size: int) -> bytes:
    """Return the head of a `.npy` file of a row of numbers (format 1.0, NumPy's NEP 1)."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({size},), }}"
    text += " " * (-(len(_MAGIC) + 3 + len(text)) % 64) + "\n"
    return _MAGIC + struct.pack("<H", len(text)) + text.encode()


def decode(payload: bytes) -> Any:
    """Return the message that `encode` made; raises WireError on anything else."""
    try:
        (length,) = struct.unpack_from(">I", payload)
        header = json.loads(payload[4 : 4 + length])
        sizes = [int(size) for size in header["sizes"]]
        tree = header["tree"]
    except (ValueError, KeyError, TypeError, RecursionError, struct.error) as error:
        raise WireError(f"the header is not what a worker sends: {error}") from None
    if any(size < 0 for size in sizes) or 4 + length + sum(sizes) != len(payload):
        raise WireError("the arrays have other sizes than the header says")
    files, start = [], 4 + length
    for size in sizes:
        files.append(_load(payload[start : start + size]))
        start += size
    try:
        return _Tree(files).unpack(tree)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise WireError(f"the message is not what a worker sends: {error}") from None


def _load(blob: bytes) -> np.ndarray:
    """Read a `.npy` file that `_Arrays` wrote: to the byte, so nothing else is interpreted."""
    try:
        descr, size = _HEAD.match(blob, len(_MAGIC) + 2).groups()
        dtype, size = np.dtype(descr.decode()), int(size)
        head = _head(dtype.str, size)
        if not blob.startswith(head) or len(head) + size * dtype.itemsize != len(blob):
            raise ValueError("its head promises something else")
        row = np.frombuffer(blob, dtype, offset=len(head)) if size else np.empty(0, dtype)
        return row.copy()
    except Exception as error:  # NumPy raises many kinds on a forged file
        raise WireError(f"an array is malformed: {error}") from None


def _pack(value: Any, arrays: _Arrays) -> Any:
    if type(value) is np.ndarray:  # most are: first, for speed
        return {"a": arrays.place(value)}
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, np.generic):
        return value
    if isinstance(value, Opaque):
        return {"o": value.type_name}
    if isinstance(value, (np.ndarray, np.generic)):
        return {"a": arrays.place(value)}
    if isinstance(value, tuple):
        return {"t": [_pack(item, arrays) for item in value]}
    if isinstance(value, list):
        return [_pack(item, arrays) for item in value]
    if isinstance(value, dict):
        known = arrays.packed.get(id(value))
        if known is None:
            items = [[str(key), _pack(item, arrays)] for key, item in value.items()]
            known = arrays.packed[id(value)] = value, {"d": items}
        return known[1]
    raise TypeError(f"{type(value).__name__} is not plain data")


class _Tree:
    """Puts a message together again from its tree and the arrays' files."""

    def __init__(self, files: list[np.ndarray]) -> None:
        self._files = files
        self._nodes = 0

    def unpack(self, tree: Any, depth: int = 0) -> Any:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise WireError("the message is nested too deeply, or has too many parts")
        if tree is None or isinstance(tree, (bool, str, int, float)):
            return tree
        if isinstance(tree, list):
            return [self.unpack(item, depth + 1) for item in tree]
        ((kind, body),) = tree.items()
        if kind == "a":
            return self._array(*body)
        if kind == "o":
            return Opaque(str(body))
        if kind == "t":
            return tuple(self.unpack(item, depth + 1) for item in body)
        if kind == "d":
            return {str(key): self.unpack(item, depth + 1) for key, item in body}
        raise WireError(f"unknown kind {kind!r}")

    def _array(self, file: int, start: int, shape: list[int]) -> np.ndarray:
        size = math.prod(shape)
        if min([file, start, *shape]) < 0 or start + size > len(self._files[file]):
            raise WireError("an array lies outside its file")
        return self._files[file][start : start + size].reshape(shape)
