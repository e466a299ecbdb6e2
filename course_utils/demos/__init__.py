"""Functions with which notebooks show results, and which contain an answer or part of one.

None of this code exists where answers are graded: there, `grading/sandbox/inside/demo_stub.py`
takes the place of each module. So no answer may rely on it, and `check` withholds it, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn

_is_withheld = False


class NotForAnswers(RuntimeError):
    """An answer calls a function that is only for looking at results."""


def refuse(name: str) -> NoReturn:
    """Raise NotForAnswers, which says why this function cannot be called."""
    raise NotForAnswers(
        f"`{name}` is for looking at results in the notebook; it is not there while an answer is "
        "checked or graded"
    )


def demo(function: Callable) -> Callable:
    """Mark a function as only for looking at results: while answers are checked, it refuses."""

    @wraps(function)
    def shown(*args: Any, **kwargs: Any) -> Any:
        if _is_withheld:
            refuse(function.__name__)
        return function(*args, **kwargs)

    return shown


@contextmanager
def withheld() -> Iterator[None]:
    """Make every demo refuse, as it does where answers are graded."""
    global _is_withheld
    before, _is_withheld = _is_withheld, True
    try:
        yield
    finally:
        _is_withheld = before
