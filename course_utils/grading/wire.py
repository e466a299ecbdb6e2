"""Messages between the grader and a worker: JSON and `.npy` arrays, never pickles.

A message is three parts: an 8-byte big-endian length of the header, the header (JSON: the
tree, with {"a": k} for the k-th array, and the arrays' sizes in bytes), then the arrays as
`.npy` files one after another. Everything is bounded, because the other end is not trusted.
"""

from __future__ import annotations

import io
import json
import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from .probes import Opaque

MAX_HEADER = 32 * 2**20
MAX_ARRAYS = 256 * 2**20
MAX_DEPTH = 30


class WireError(ValueError):
    """A message is malformed, too large or cut short."""


def encode(message: Any) -> bytes:
    """Encode plain data (None, bool, str, numbers, arrays, list, tuple, dict, Opaque)."""
    blobs: list[bytes] = []
    tree = _pack(message, blobs)
    header = json.dumps({"tree": tree, "sizes": [len(blob) for blob in blobs]}).encode()
    return b"".join([struct.pack(">Q", len(header)), header, *blobs])


def decode(read: Callable[[int], bytes]) -> Any:
    """Read one message by `read(n)`, which returns exactly n bytes or raises.

    Raises WireError if what arrives is malformed or over the bounds.
    """
    (length,) = struct.unpack(">Q", read(8))
    if length > MAX_HEADER:
        raise WireError(f"a header of {length:,} bytes is over the bound")
    try:
        header = json.loads(read(length))
        sizes = [int(size) for size in header["sizes"]]
        tree = header["tree"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WireError(f"the header is not what a worker sends: {error}") from None
    if any(size < 0 for size in sizes) or sum(sizes) > MAX_ARRAYS:
        raise WireError(f"arrays of {sum(sizes):,} bytes are over the bound")
    arrays = [_load(read(size)) for size in sizes]
    try:
        return _unpack(tree, arrays)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise WireError(f"the message is not what a worker sends: {error}") from None


def _load(blob: bytes) -> np.ndarray:
    file = io.BytesIO(blob)
    try:
        version = np.lib.format.read_magic(file)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = read_header(file)
        if math.prod(shape) * dtype.itemsize != len(blob) - file.tell():
            raise ValueError("its header promises another size")  # before memory is set aside
        file.seek(0)
        return np.lib.format.read_array(file, allow_pickle=False)
    except Exception as error:  # numpy raises many kinds on a forged file
        raise WireError(f"an array is malformed: {error}") from None


def _pack(value: Any, blobs: list[bytes]) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, np.generic):
        return value
    if isinstance(value, Opaque):
        return {"o": value.type_name}
    if isinstance(value, (np.ndarray, np.generic)):
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.asarray(value), allow_pickle=False)
        blobs.append(buffer.getvalue())
        return {"a": len(blobs) - 1}
    if isinstance(value, tuple):
        return {"t": [_pack(item, blobs) for item in value]}
    if isinstance(value, list):
        return [_pack(item, blobs) for item in value]
    if isinstance(value, dict):
        return {"d": [[str(key), _pack(item, blobs)] for key, item in value.items()]}
    raise TypeError(f"{type(value).__name__} is not plain data")


def _unpack(tree: Any, arrays: list[np.ndarray], depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise WireError("the message is nested too deeply")
    if tree is None or isinstance(tree, (bool, str, int, float)):
        return tree
    if isinstance(tree, list):
        return [_unpack(item, arrays, depth + 1) for item in tree]
    ((kind, body),) = tree.items()
    if kind == "a":
        return arrays[body]
    if kind == "o":
        return Opaque(str(body))
    if kind == "t":
        return tuple(_unpack(item, arrays, depth + 1) for item in body)
    if kind == "d":
        return {str(key): _unpack(item, arrays, depth + 1) for key, item in body}
    raise WireError(f"unknown kind {kind!r}")
