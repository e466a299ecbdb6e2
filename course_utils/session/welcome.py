"""What a kernel of `make lab` does from its start, as an extension of IPython.

Figures come with a description, and where a name is missing, an error says which cell to run.
"""

from __future__ import annotations

from typing import Any

from ..plots.html_figures import show_figures_as_html
from .runs import kindly, runs_of


def load_ipython_extension(shell: Any) -> None:
    """Prepare a kernel; `course_utils.check` later takes over what errors say."""
    runs = runs_of(shell)
    kindly(
        shell, lambda error: runs.missing(str(error.name)) if isinstance(error, NameError) else ""
    )
    show_figures_as_html(shell)
