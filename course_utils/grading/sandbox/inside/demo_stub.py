"""Stands in for each module of `course_utils.demos` where a submission is graded.

Set-up cells import the functions by name; calls are for cells that are not run here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from course_utils.demos import refuse


def __getattr__(name: str) -> Callable[..., NoReturn]:
    if name.startswith("_"):
        raise AttributeError(name)

    def absent(*args: Any, **kwargs: Any) -> NoReturn:
        refuse(name)

    absent.__name__ = absent.__qualname__ = name
    return absent
