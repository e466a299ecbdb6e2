"""Call a learner's function and reduce what it does to plain data.

These run beside untrusted code, so they know nothing of exercises or expected answers:
arguments go in, arrays, numbers and strings come out. NumPy only: what needs Keras is in
`keras_probes`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from .errors import described, left_unwritten, text_of
from .plain_data import Reducer, TooLarge, fresh, untouched

# how NumPy takes errors if nobody sets it otherwise
NUMPYS_OWN: Mapping[str, Any] = {"all": "warn", "under": "ignore"}


class NotReadable(ValueError):
    """What a function returned is not what can be observed; the message says why.

    `known` is what was observed all the same.
    """

    known: Mapping[str, Any] = {}


def call(
    namespace: Mapping[str, Any],
    name: str,
    args: Mapping[str, Any],
    after: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Call `namespace[name]` with copies of `args`, by position, and return the observation.

    Nothing is done `after` the call. The observation's "status" is one of
    "returned" (with "value", and "changed": the arguments that are not as they were), "raised"
    (with what `errors.described` tells), "not_attempted" (with "where": the function that
    raised NotImplementedError), "missing" (with "similar": names defined there), "too_large" (with
    "message") or "unreadable" (with "message", what `errors.described` tells, and "known": what
    was observed all the same).
    """
    return observed(namespace, name, fresh(dict(args), {}), args)


@contextmanager
def _kept_alive() -> Iterator[None]:
    """Raise SystemExit where code would end this process, as a kernel's `exit()` does.

    What is forked from here ends as ever.
    """
    pid, end = os.getpid(), os._exit
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None

    def leave(status: int = 0) -> None:
        if os.getpid() != pid:
            end(status)
        raise SystemExit

    os._exit = leave  # type: ignore[assignment]
    if shell is not None:
        shell.ask_exit = leave
    try:
        yield
    finally:
        os._exit = end
        if shell is not None:
            del shell.ask_exit


@_kept_alive()
@np.errstate(**NUMPYS_OWN)  # what is set inside ends here
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
        where = left_unwritten(error, home)
        if where:
            return {"status": "not_attempted", "where": where}
        return {"status": "raised", **described(error, function, home)}
    try:
        reducer = Reducer()
        plain = reducer.plain(reduce(value))
        met: dict[tuple[int, int], tuple] = {}
        changed = {n: arguments[n] for n in before if not untouched(before[n], arguments[n], met)}
        return {"status": "returned", "value": plain, "changed": reducer.plain(changed)}
    except TooLarge as error:
        return {"status": "too_large", "message": str(error)}
    except NotReadable as error:
        cause = error.__context__ or error  # what a layer or model raised when it was run
        message, known = str(error), reducer.plain(error.known)
    except (Exception, SystemExit) as error:  # a returned object's own methods ran
        cause, known = error, {}
        message = f"what it returned cannot be read ({type(error).__name__}: {text_of(error)})"
    said = {**described(cause, function, home), "message": message}
    return {"status": "unreadable", **said, "known": known}


def _defined_functions(namespace: Mapping[str, Any]) -> list[str]:
    names = (
        name
        for name, value in namespace.items()
        if not name.startswith("_")
        and callable(value)
        and getattr(value, "__globals__", None) is namespace
    )
    return sorted(names)[:100]
