"""What a kernel of `make lab` does from its start, as an extension of IPython.

Figures come with a description, and where `check` and its like are not imported yet, an error says
what to run.
"""

from __future__ import annotations

from typing import Any

from ..plots.html_figures import show_figures_as_html
from .runs import kindly

NAMES = ("check", "hint", "score")


def load_ipython_extension(shell: Any) -> None:
    """Prepare a kernel; `course_utils.check` later takes over what errors say."""
    kindly(shell, _advice)
    show_figures_as_html(shell)


def _advice(error: BaseException) -> str:
    if not isinstance(error, NameError) or error.name not in NAMES:
        return ""
    return (
        f"`{error.name}` is not there yet: run the first code cell of this notebook. After a "
        "restart of the kernel, choose Run > Run All Above Selected Cell"
    )
