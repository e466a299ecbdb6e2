"""Open JupyterLab on the learner's folder, at the start page, with the course's own defaults."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from .. import PACKAGE
from ..session import results
from .folder import START, Work

# defaults that a learner's own settings override: saving often, no news, and nothing of other
# tools, whose extensions slow the server's start
SETTINGS = PACKAGE / "workspace" / "jupyter"
# jsonschema would spend most of the server's start on grammars of web addresses (see cli.py)
SERVER = (
    "import sys; sys.modules['rfc3987_syntax'] = None; "
    "from jupyterlab.labapp import main; sys.exit(main())"
)


def lab_command(work: Work, arguments: Sequence[str] = ()) -> list[str]:
    """Return the command that serves the learner's folder and opens its start page."""
    return [
        *(sys.executable, "-c", SERVER),
        f"--ServerApp.root_dir={work.folder.resolve()}",
        f"--LabApp.default_url=/lab/tree/{START}",
        *arguments,
    ]


def lab_environment(work: Work, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment to run that command in."""

    def first(variable: str) -> str:
        return os.pathsep.join([str(SETTINGS), *filter(None, [given.get(variable)])])

    return {
        **given,
        "JUPYTER_CONFIG_PATH": first("JUPYTER_CONFIG_PATH"),  # labconfig
        "JUPYTER_PATH": first("JUPYTER_PATH"),  # kernels
        results.VARIABLE: str(work.folder.resolve()),
    }
