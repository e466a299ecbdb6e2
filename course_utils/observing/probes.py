"""Call a learner's function and reduce what it does to plain data.

These run beside untrusted code, so they know nothing of exercises or expected answers:
arguments go in, arrays, numbers and strings come out. NumPy only: what needs Keras is in
`keras_probes`.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from typing import Any

from .plain_data import MAX_TEXT, Reducer, TooLarge, fresh, untouched


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
    "returned" (with "value", and "changed": the arguments that are not as they were), "raised"
    (with "type", "message", "line", "source"), "not_attempted" (with "where": the function that
    raised NotImplementedError), "missing" (with "similar": names defined there), "too_large" or
    "unreadable" (with "message").
    """
    return observed(namespace, name, fresh(dict(args), {}), args)


def observed(
    namespace: Mapping[str, Any],
    name: str,
    arguments: dict[str, Any],
    before: Mapping[str, Any],
    reduce: Callable[[Any], Any] = lambda value: value,
) -> dict[str, Any]:
    """Call `namespace[name]` and `reduce` what it returns to plain data; see `call`.

    Only arguments that are in `before`, where the function cannot reach them, can be "changed".
    """
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
        reducer = Reducer()
        plain = reducer.plain(reduce(value))
        met: dict[tuple[int, int], tuple] = {}
        changed = {n: arguments[n] for n in before if not untouched(before[n], arguments[n], met)}
        return {"status": "returned", "value": plain, "changed": reducer.plain(changed)}
    except TooLarge as error:
        return {"status": "too_large", "message": str(error)}
    except NotReadable as error:
        return {"status": "unreadable", "message": _text(error)}
    except (Exception, SystemExit) as error:  # a returned object's own methods ran
        message = f"what it returned cannot be read ({type(error).__name__}: {_text(error)})"
        return {"status": "unreadable", "message": message}


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
    frame = traceback.tb_frame  # of the code that raised it
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
