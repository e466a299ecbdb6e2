"""Messages between the grader and a worker: JSON and `.npy` arrays, never pickles.

A message travels as an 8-byte big-endian length and that many bytes: a 4-byte length of the header,
the header, then `.npy` files one after another. All arrays of a data type share one file, laid end
to end. The header is JSON: the files' sizes, each array's [file, *shape], and the tree, where a
bare number k is array k, and {"r": k} the tuple, list or dict that was the k-th to be complete.
Everything is bounded, because the other end is not trusted.
"""

from __future__ import annotations

import json
import math
import re
import socket
import struct
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from ....observing.plain_data import MAX_TEXT, Opaque

MAX_MESSAGE = 80 * 2**20
MAX_HEADER = 4 * 2**20
MAX_DEPTH = 30
MAX_NODES = 500_000
MAX_AXES = 32
_JSON = json.JSONEncoder(check_circular=False, separators=(",", ":"))
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


class Channel:
    """Messages to and from the grader over a socket, seen from a worker."""

    def __init__(self, link: socket.socket) -> None:
        """Wrap a connected socket."""
        self.link = link

    def receive(self) -> tuple[Any, int | None]:
        """Return the next message and the descriptor that came with it, if one did."""
        length, descriptors, *_ = socket.recv_fds(self.link, 8, 1)
        ahead = [length]

        def read(count: int) -> bytes:
            return exactly(self.link.recv, count, ahead.pop() if ahead else b"")

        message = decode(read_frame(read), MAX_MESSAGE)
        return message, descriptors[0] if descriptors else None

    def send(self, message: Any) -> None:
        """Send a message."""
        self.link.sendall(frame(encode(message)))


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
    packing = _Packing()
    tree = packing.pack(message)
    blobs = packing.files()
    sizes = [len(blob) for blob in blobs]
    header = _JSON.encode({"sizes": sizes, "arrays": packing.arrays, "tree": tree}).encode()
    return b"".join([struct.pack(">I", len(header)), header, *blobs])


class _Packing:
    """Makes the tree of a message, with each object once, and collects its arrays."""

    def __init__(self) -> None:
        self.arrays: list[list[int]] = []  # [file, *shape]
        self._files: dict[np.dtype, tuple[int, list[bytes]]] = {}
        self._places: dict[int, tuple[Any, int]] = {}  # of arrays: keeps the object, and so its id
        self._packed: dict[int, tuple[Any, dict[str, int]]] = {}  # the same for tuples and so on

    def pack(self, value: Any) -> Any:
        """Return what stands for `value` in the tree; TypeError if it is not plain data."""
        kind = type(value)
        if kind is np.ndarray:  # most are: first, for speed
            known = self._places.get(id(value))
            return known[1] if known else self._place(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int or kind is float:
            return {"n": value}
        packed_before = self._packed.get(id(value))
        if packed_before is not None:
            return packed_before[1]
        if kind is tuple:
            packed: Any = {"t": [self.pack(item) for item in value]}
        elif kind is list:
            packed = [self.pack(item) for item in value]
        elif kind is dict:
            packed = {"d": [[*map(str, value)], [self.pack(item) for item in value.values()]]}
        else:
            return self._rare(value)
        self._packed[id(value)] = value, {"r": len(self._packed)}
        return packed

    def _rare(self, value: Any) -> Any:
        """Pack what is of no plain type itself."""
        if isinstance(value, Opaque):
            return {"o": value.type_name}
        if isinstance(value, (np.ndarray, np.generic)):
            return self._place(value)
        plain: type[Any]
        for plain in (str, int, float, tuple, list, dict):
            if isinstance(value, plain):
                return self.pack(plain(value))
        raise TypeError(f"{type(value).__name__} is not plain data")

    def _place(self, value: Any) -> int:
        """Add an array and return its number."""
        array = np.asarray(value)
        dtype = array.dtype
        if dtype.hasobject:
            raise TypeError("an array of objects is not plain data")
        file, members = self._files.setdefault(dtype, (len(self._files), []))
        members.append(array.tobytes())
        number = len(self.arrays)
        self.arrays.append([file, *array.shape])
        self._places[id(value)] = value, number
        return number

    def files(self) -> list[bytes]:
        """Return the `.npy` files."""
        made = []
        for dtype, (_, members) in self._files.items():
            row = b"".join(members)
            made.append(_head(dtype.str, len(row) // (dtype.itemsize or 1)) + row)
        return made


@lru_cache(1024)
def _head(descr: str, size: int) -> bytes:
    """Return the head of a `.npy` file of a row of numbers (format 1.0, NumPy's NEP 1)."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({size},), }}"
    text += " " * (-(len(_MAGIC) + 3 + len(text)) % 64) + "\n"
    return _MAGIC + struct.pack("<H", len(text)) + text.encode()


def decode(payload: bytes, max_text: int = MAX_TEXT) -> Any:
    """Return the message that `encode` made; raises WireError on anything else.

    What was one object when it was encoded is one again. No text in it is longer than `max_text`.
    """
    try:
        (length,) = struct.unpack_from(">I", payload)
        if length > MAX_HEADER and max_text == MAX_TEXT:
            raise WireError(f"a header of {length:,} bytes is over the bound")
        header = json.loads(payload[4 : 4 + length])
        sizes, shapes, tree = header["sizes"], header["arrays"], header["tree"]
        if not all(map(_is_count, sizes)):
            raise ValueError("a size is no number of bytes")
    except (ValueError, KeyError, TypeError, RecursionError, struct.error) as error:
        raise WireError(f"the header is not what a worker sends: {error}") from None
    if 4 + length + sum(sizes) != len(payload):
        raise WireError("the arrays have other sizes than the header says")
    files, start = [], 4 + length
    for size in sizes:
        files.append(_load(payload[start : start + size]))
        start += size
    try:
        return _Tree(_cut(files, shapes), max_text).unpack(tree)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(f"the message is not what a worker sends: {error}") from None


def _cut(files: list[np.ndarray], shapes: list[list[int]]) -> list[np.ndarray]:
    """Cut the files into arrays."""
    if len(shapes) > MAX_NODES:
        raise WireError("the message has too many arrays")
    arrays, starts = [], [0] * len(files)
    for file, *shape in shapes:
        # bounded before they are multiplied: numbers may have thousands of digits
        if len(shape) > MAX_AXES or not all(map(_is_count, (file, *shape))):
            raise WireError("an array lies outside its file")
        start = starts[file]
        starts[file] = end = start + math.prod(shape)
        arrays.append(files[file][start:end].reshape(shape))  # ValueError if it is cut short
    return arrays


def _is_count(number: Any) -> bool:
    return type(number) is int and 0 <= number <= MAX_MESSAGE


def _load(blob: bytes) -> np.ndarray:
    """Read a `.npy` file that `_Packing` wrote: to the byte, so nothing else is interpreted."""
    try:
        promised = _HEAD.match(blob, len(_MAGIC) + 2)
        if promised is None:
            raise ValueError("it has no head")
        dtype, size = np.dtype(promised[1].decode()), int(promised[2])
        head = _head(dtype.str, size)
        if not blob.startswith(head) or len(head) + size * dtype.itemsize != len(blob):
            raise ValueError("its head promises something else")
        row = np.frombuffer(blob, dtype, offset=len(head)) if size else np.empty(0, dtype)
        return row.copy()
    except Exception as error:  # NumPy raises many kinds on a forged file
        raise WireError(f"an array is malformed: {error}") from None


class _Tree:
    """Puts a message together again from its tree and its arrays."""

    def __init__(self, arrays: list[np.ndarray], max_text: int) -> None:
        self._arrays, self._max_text = arrays, max_text
        self._nodes = self._lowest = 0
        self._complete: list[tuple[Any, int, int]] = []  # containers, their nodes and height

    def unpack(self, tree: Any, depth: int = 0) -> Any:
        """Return what stands at `depth` as `tree`; raises what a wrong tree leads to."""
        self._count(1, depth)
        kind = type(tree)
        if kind is int:
            if tree < 0:
                raise IndexError("there is no such array")
            return self._arrays[tree]
        if tree is None or kind is bool:
            return tree
        if kind is str:
            return self._text(tree)
        if kind is list:
            return self._container(tree, depth, list)
        ((kind, body),) = tree.items()
        if kind == "n" and (type(body) is float or type(body) is int and abs(body) < 2**64):
            return body
        if kind == "o":
            return Opaque(self._text(body))
        if kind == "t":
            return self._container(body, depth, tuple)
        if kind == "d":
            names, items = body
            return self._container(items, depth, partial(_named, [*map(self._text, names)]))
        if kind == "r" and body >= 0:
            made, nodes, height = self._complete[body]
            self._count(nodes, depth + height)
            return made
        raise WireError(f"unknown kind {kind!r}")

    def _text(self, text: Any) -> str:
        if type(text) is not str or len(text) > self._max_text:
            raise WireError("a text is too long, or none")
        return text

    def _container(self, items: list, depth: int, make: Callable[[list], Any]) -> Any:
        nodes, lowest = self._nodes, self._lowest
        self._lowest = depth
        made = make([self.unpack(item, depth + 1) for item in items])
        self._complete.append((made, self._nodes - nodes, self._lowest - depth))
        self._lowest = max(lowest, self._lowest)
        return made

    def _count(self, nodes: int, depth: int) -> None:
        """Count nodes that reach down to `depth`: also those met again, which cost others time."""
        self._nodes += nodes
        if depth > self._lowest:
            self._lowest = depth
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise WireError("the message is nested too deeply, or has too many parts")


def _named(names: list, items: list) -> dict[str, Any]:
    return dict(zip(names, items, strict=True))
