"""Read pickled arrays without running any code that the pickle holds."""

from __future__ import annotations

import codecs
import io
import pickle
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

# the names that NumPy's own pickles use, in whichever of its modules
_ALLOWED = {
    "_reconstruct": np.empty(0).__reduce__()[0],
    "_frombuffer": np.empty(0).__reduce_ex__(5)[0],
    "scalar": np.float32(0).__reduce__()[0],
    "ndarray": np.ndarray,
    "dtype": np.dtype,
}
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)


class _PlainUnpickler(pickle.Unpickler):
    """Rebuild numbers, texts, lists, dicts and arrays; refuse every other class or function."""

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] == "numpy" and name in _ALLOWED:
            return _ALLOWED[name]
        if (module, name) == ("_codecs", "encode"):  # how Python 2 and 3 exchange bytes
            return _latin1
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which could run code")


def _latin1(text: str, encoding: str) -> bytes:
    if codecs.lookup(encoding).name != "iso8859-1":
        raise pickle.UnpicklingError(f"it asks for the encoding {encoding}")
    return text.encode("latin-1")


def load_plain(content: bytes, name: str) -> Any:
    """Return the plain values and arrays in a pickle, even one from Python 2.

    Raises ValueError if it is damaged, or holds anything else.
    """
    try:
        return _PlainUnpickler(io.BytesIO(content), encoding="latin1").load()
    except Exception as error:  # a damaged pickle can raise almost anything
        raise ValueError(f"{name} can't be opened: {error}") from None


def load_arrays(path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the named arrays of an .npz; arrays of Python objects go through load_plain().

    Raises ValueError for an array that is missing or can't be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _array(archive.read(f"{name}.npy"), name) for name in names}
    except KeyError as error:
        raise ValueError(f"{path.name} lacks {error}") from None
    except _DAMAGED as error:
        raise ValueError(f"{path.name} can't be read: {error}") from None


def _array(content: bytes, name: str) -> np.ndarray:
    file = io.BytesIO(content)
    if npy.read_magic(file) != (1, 0):
        raise ValueError(f"{name} is in a newer .npy format than Keras writes")
    _, _, dtype = npy.read_array_header_1_0(file)
    if dtype.hasobject:
        return load_plain(file.read(), name)
    file.seek(0)
    return npy.read_array(file, allow_pickle=False)
