"""What a kernel of `make lab` does from its start, as an extension of IPython.

Figures come with a description, and where a name is missing, an error says which cell to run.
"""

from __future__ import annotations

from importlib import import_module
from threading import Thread
from typing import Any

from ..plots.html_figures import show_figures_as_html
from .runs import kindly, notebook, runs_of

SLOW = "matplotlib.pyplot"  # to import; every notebook of the course does


def load_ipython_extension(shell: Any) -> None:
    """Prepare a kernel; `course_utils.check` later takes over what errors say."""
    runs = runs_of(shell)
    kindly(
        shell, lambda error: runs.missing(str(error.name)) if isinstance(error, NameError) else ""
    )
    show_figures_as_html(shell)
    path = notebook()
    if path and SLOW in path.read_text("utf-8", "replace"):
        # its import is done, or begun, before the first cell runs
        Thread(target=import_module, args=(SLOW,), daemon=True).start()
