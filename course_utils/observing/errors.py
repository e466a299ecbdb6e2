"""Describe an error by the learner's own code: the line, and what its variables held.

Like `probes`, this runs beside untrusted code and knows nothing of exercises.
"""

from __future__ import annotations

import contextlib
import inspect
import linecache
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from types import FrameType, TracebackType
from typing import Any

import numpy as np

from .plain_data import MAX_TEXT

MOST_VARIABLES = 60
LONGEST = 200  # characters of one line or one description
HELPERS = "course_utils."  # modules a notebook imports its helpers from


def described(error: BaseException, function: Callable, home: Mapping[str, Any]) -> dict[str, Any]:
    """Say what was raised and where in the code whose globals are `home`.

    "type", "message", "where" (the function), "line", "source" (of that line). Beside them, for
    explanations: "variables" (name -> kind and detail, see `brief`), "signature" of `function`,
    "helper": the course's own function that was running, with its arguments, or "", and "similar":
    names like one that is not defined.
    """
    frames = [(tb.tb_frame, tb.tb_lineno) for tb in _tracebacks(error)]
    own = [(frame, line) for frame, line in frames if frame.f_globals is home]
    frame, line = own[-1] if own else (None, 0)
    source = linecache.getline(frame.f_code.co_filename, line).strip() if frame else ""
    return {
        "type": type(error).__name__[:100],
        "message": text_of(error),
        "where": frame.f_code.co_name if frame else "",
        "line": line,
        "source": source[:LONGEST],
        "variables": _variables(frame),
        "signature": _signature(function),
        "helper": _helper([each for each, _ in frames]),
        "similar": _similar(error, frame),
    }


def text_of(error: BaseException) -> str:
    """Return the message of an error, "" if it cannot be had."""
    try:
        return str(error)[:MAX_TEXT]
    except Exception:  # a learner's exception class may itself be broken
        return ""


def left_unwritten(error: BaseException, home: Mapping[str, Any]) -> str:
    """Name the learner's function that raises NotImplementedError itself; libraries do so, too."""
    if not isinstance(error, NotImplementedError):
        return ""
    *_, last = _tracebacks(error)
    frame = last.tb_frame  # of the code that raised it
    return frame.f_code.co_name if frame.f_globals is home else ""


def brief(value: Any) -> str:
    """Describe a value by its kind and a detail: "array (5, 4)", "None", "dict Wax, Waa"."""
    kind = type(value).__name__
    if value is None:
        return "None"
    if isinstance(value, (bool, int, float, str, np.generic)):
        return f"{kind} {value!r}"[:LONGEST]
    if isinstance(value, np.ndarray):
        if value.dtype == object and not value.ndim:
            return f"array () that holds a {type(value.item()).__name__}"
        return f"array {value.shape}"
    if isinstance(value, Mapping):
        return f"dict {', '.join(str(key) for key in list(value)[:20])}"[:LONGEST]
    if isinstance(value, (list, tuple)):
        return f"{kind} {len(value)}"
    if getattr(value, "shape", None) is not None and not isinstance(value, type):
        return f"tensor {tuple(value.shape)}"[:LONGEST]
    if callable(value):
        return f"callable {getattr(value, '__name__', kind)}"[:LONGEST]
    return f"object {kind}"


def _tracebacks(error: BaseException) -> Iterator[TracebackType]:
    found = error.__traceback__
    while found is not None:
        yield found
        found = found.tb_next


def _variables(frame: FrameType | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in list(frame.f_locals.items())[:MOST_VARIABLES] if frame else ():
        with contextlib.suppress(Exception):  # its methods may be broken
            found[name[:LONGEST]] = brief(value)
    return found


def _similar(error: BaseException, frame: FrameType | None) -> list[str]:
    """List defined names like the one that is not defined, or the module that has it."""
    missing = getattr(error, "name", None) if isinstance(error, NameError) else None
    if frame is None or not isinstance(missing, str):
        return []
    names = {**frame.f_globals, **frame.f_locals}
    known = [name for name in names if isinstance(name, str)]
    inside = [
        f"{name}.{missing}"
        for name in known
        if inspect.ismodule(names[name]) and missing in vars(names[name])
    ]
    if inside:
        return [inside[0][:LONGEST]]
    return [name[:LONGEST] for name in get_close_matches(missing, known, 2) if name != missing]


def _signature(function: Callable) -> str:
    with contextlib.suppress(Exception):
        return str(inspect.signature(function))[:LONGEST]
    return ""


def _helper(frames: list[FrameType]) -> str:
    """Name the outermost function of the course that was running, beside the observing itself."""
    for frame in frames:
        module, code = str(frame.f_globals.get("__name__", "")), frame.f_code
        if module.startswith(HELPERS) and not module.startswith(f"{HELPERS}observing."):
            names = code.co_varnames[: code.co_argcount]
            return f"{code.co_name}({', '.join(names)})"[:LONGEST]
    return ""
