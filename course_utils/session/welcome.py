"""An IPython extension: say what to run where `check` and its like are not imported yet."""

from __future__ import annotations

from typing import Any

from .runs import kindly

NAMES = ("check", "hint", "score")


def load_ipython_extension(shell: Any) -> None:
    """Answer kindly from the start of a kernel; `course_utils.check` then takes over."""
    kindly(shell, _advice)


def _advice(error: BaseException) -> str:
    if not isinstance(error, NameError) or error.name not in NAMES:
        return ""
    return (
        f"`{error.name}` is not there yet: run the first code cell of this notebook. After a "
        "restart of the kernel, choose Run > Run All Above Selected Cell"
    )
