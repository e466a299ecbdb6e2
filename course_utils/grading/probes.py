"""Call a learner's function and reduce what it does to plain data.

These run beside untrusted code, so they know nothing of exercises or expected answers:
arguments go in, arrays, numbers and strings come out. NumPy only: what needs Keras is in
`keras_probes`.
"""

from __future__ import annotations

import copy
import linecache
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

MAX_LEAVES = 50_000
MAX_BYTES = 64 * 2**20
MAX_TEXT = 2_000
MAX_DEPTH = 20

_IMMUTABLE = {type(None), bool, int, float, complex, str}


@dataclass(frozen=True)
class Opaque:
    """Stands for a returned object that is not plain data; only its type's name is kept."""

    type_name: str


class TooLarge(ValueError):
    """The returned value has too many parts or too many bytes to observe."""


class NotReadable(ValueError):
    """What a function returned is not what can be observed; the message says why."""


def call(
    namespace: Mapping[str, Any],
    name: str,
    args: Mapping[str, Any],
    after: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Call `namespace[name]` with copies of `args`, by position, and return the observation.

    Nothing is done `after` the call. The observation's "status" is one of
    "returned" (with "value" and "args_after"), "raised" (with "type", "message", "line",
    "source"), "not_attempted" (with "where": the function that raised NotImplementedError),
    "missing" (with "similar": names defined there), "too_large" or "unreadable" (with "message").
    """
    return observed(namespace, name, _fresh(dict(args), {}))


def _fresh(value: Any, met: dict[int, tuple[Any, Any]]) -> Any:
    """Copy arguments as `copy.deepcopy` does: what is one object twice stays one. Faster."""
    kind = type(value)
    if kind in _IMMUTABLE:
        return value
    known = met.get(id(value))
    if known is None:
        if kind is np.ndarray and not value.dtype.hasobject:
            made = value.copy(order="K")
        elif kind is dict:
            made = {key: _fresh(item, met) for key, item in value.items()}
        elif kind is tuple or kind is list:
            made = kind([_fresh(item, met) for item in value])
        else:
            made = copy.deepcopy(value)
        known = met[id(value)] = value, made  # keeps the object, and so its id
    return known[1]


def observed(
    namespace: Mapping[str, Any],
    name: str,
    arguments: dict[str, Any],
    reduce: Callable[[Any], Any] = lambda value: value,
    args_after: Callable[[], Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Call `namespace[name]` and `reduce` what it returns to plain data; see `call`."""
    function = namespace.get(name)
    if not callable(function):
        return {"status": "missing", "similar": _defined_functions(namespace)}
    home = getattr(function, "__globals__", namespace)
    try:
        value = function(*arguments.values())
    except (Exception, SystemExit) as error:
        where = _left_unwritten(error, home)
        return {"status": "not_attempted", "where": where} if where else _raised(error, home)
    try:
        budget = _Budget()
        return {
            "status": "returned",
            "value": budget.plain(reduce(value)),
            "args_after": budget.plain(args_after() if args_after else arguments),
        }
    except TooLarge as error:
        return {"status": "too_large", "message": str(error)}
    except NotReadable as error:
        return {"status": "unreadable", "message": _text(error)}
    except (Exception, SystemExit) as error:  # a returned object's own methods ran
        message = f"what it returned cannot be read ({type(error).__name__}: {_text(error)})"
        return {"status": "unreadable", "message": message}


def _keras(probe: str, module: str = "keras_probes") -> Callable[..., dict[str, Any]]:
    """Return a probe of a module that is imported only when the probe is used."""

    def later(*request: Any) -> dict[str, Any]:
        found = import_module(f".{module}", __package__)
        return getattr(found, probe)(*request)

    return later


PROBES = {
    "call": call,
    **{name: _keras(name) for name in ("call_with_keras", "keras_layer", "keras_model")},
    "keras_models": _keras("keras_models", "keras_graphs"),
}


class _Budget:
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
            return kind(self.plain(item, depth + 1) for item in value)
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if hasattr(value, "__array__") and not isinstance(value, type):
            return self._once(value)
        return Opaque(type(value).__name__[:100])

    def _count(self, parts: int, depth: int = 0) -> None:
        self.leaves += parts
        if self.leaves > MAX_LEAVES or depth > MAX_DEPTH:
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
        if array.dtype.kind == "U" and array.ndim == 0:
            return str(array)[:MAX_TEXT]
        if array.dtype.kind not in "biufcU":
            return Opaque(f"array of {array.dtype}")
        return np.array(array, copy=True, subok=False)


def _raised(error: BaseException, home: Mapping[str, Any]) -> dict[str, Any]:
    frame, line = _innermost(error, home)
    source = linecache.getline(frame.f_code.co_filename, line).strip() if frame else ""
    return {
        "status": "raised",
        "type": type(error).__name__[:100],
        "message": _text(error),
        "where": frame.f_code.co_name if frame else "",
        "line": line,
        "source": source[:200],
    }


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except Exception:  # a learner's exception class may itself be broken
        return ""


def _innermost(error: BaseException, home: Mapping[str, Any]) -> tuple[Any, int]:
    """Find the deepest frame that is the learner's own code, and its line."""
    frame, line = None, 0
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_globals is home:
            frame, line = traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next
    return frame, line


def _left_unwritten(error: BaseException, home: Mapping[str, Any]) -> str:
    """Name the learner's function that raises NotImplementedError itself; libraries do so, too."""
    if not isinstance(error, NotImplementedError):
        return ""
    traceback = error.__traceback__
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    frame = traceback.tb_frame
    return frame.f_code.co_name if frame.f_globals is home else ""


def _defined_functions(namespace: Mapping[str, Any]) -> list[str]:
    names = (
        name
        for name, value in namespace.items()
        if not name.startswith("_")
        and callable(value)
        and getattr(value, "__globals__", None) is namespace
    )
    return sorted(names)[:100]
