"""Tell which run of a cell defined a function, and whether that cell says something else by now."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import unwrap
from pathlib import Path
from typing import Any

NOTEBOOK = "JPY_SESSION_NAME"  # where Jupyter's server tells a kernel the path of its notebook
_AT_START = Path.cwd()


@dataclass(frozen=True)
class Run:
    """One run of a cell. `file` is what its code objects call their file, `cell` the cell's id."""

    number: int
    source: str
    file: str
    cell: str | None = None
    began: float = 0.0  # seconds since the epoch
    compiled: bool = True
    error: str = ""  # "" if it ran to its end


class Runs:
    """The runs of this kernel, oldest first; none outside of IPython."""

    def __init__(self, shell: Any) -> None:
        """Take in what has run so far, and follow what runs from now on."""
        self._shell, self._began = shell, 0.0
        self.all: list[Run] = []
        if shell is None:
            return
        for number, source in enumerate(shell.history_manager.input_hist_raw):
            if number and source:
                run = Run(number, source, self._file(source, number), began=time.time())
                self.all.append(run)
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)

    def _file(self, source: str, number: int) -> str:
        try:
            return self._shell.compile.get_code_name(
                source, self._shell.transform_cell(source), number
            )
        except Exception:  # the source is not Python, not even with IPython's additions
            return ""

    def _before(self, info: Any) -> None:
        self._began = time.time()

    def _after(self, result: Any) -> None:
        if result is None or not result.info.store_history or not result.execution_count:
            return
        source, number = result.info.raw_cell, result.execution_count
        error = result.error_before_exec or result.error_in_exec
        run = Run(
            number,
            source,
            self._file(source, number),
            getattr(result.info, "cell_id", None),
            self._began or time.time(),
            result.error_before_exec is None,
            _in_a_line(error) if error else "",
        )
        self.all = [each for each in self.all if each.number != number] + [run]

    def defining(self, function: Any) -> Run | None:
        """Return the last run that made `function`, None if it comes from elsewhere."""
        code = getattr(unwrap(function), "__code__", None)
        if code is None:
            return None
        found = [run for run in self.all if run.compiled and run.file == code.co_filename]
        return found[-1] if found else None

    def outdated(self, name: str, run: Run) -> str:
        """Say why the function `name`, defined in `run`, is not what the learner wrote last; or "".

        What counts is the last run of the same cell, then the notebook as it was last saved.
        """
        later = [each for each in self.all if each.number > run.number]
        same = [each for each in later if each.cell and each.cell == run.cell]
        unread = [
            each for each in later
            if not each.compiled and re.search(rf"^\s*def\s+{re.escape(name)}\b", each.source, re.M)
        ]  # fmt: skip
        if same or unread:
            last = max([*same[-1:], *unread[-1:]], key=lambda each: each.number)
            return (
                f"in [{last.number}] {_what_happened(last, name)} Its run in [{run.number}] is out "
                "of date: correct the cell and run it, then check again."
            )
        if _changed_since(run, name):
            return (
                f"its cell has been changed since it ran in [{run.number}]. Run the cell, "
                "then check again."
            )
        return ""


def _what_happened(last: Run, name: str) -> str:
    if not last.compiled:
        return f"Python could not read its cell: {last.error}."
    near = get_close_matches(name, _defined(last.source), 1, cutoff=0.7)
    if near and near[0] != name:
        return f"its cell defined `{near[0]}`, not `{name}`: is that a typing error?"
    if last.error:
        return f"its cell stopped with an error before `{name}` was defined: {last.error}."
    return f"its cell no longer defined `{name}`."


def _defined(source: str) -> list[str]:
    """List the functions that a cell defines, and the names that it sets, outside any function."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # IPython's magics are no Python
        return re.findall(r"^def\s+(\w+)", source, re.M)
    names = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return names + [
        target.id
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]


def _changed_since(run: Run, name: str) -> bool:
    """Return True if the notebook was saved after a run, with another source in its cell."""
    path = notebook()
    if path is None or run.cell is None:
        return False
    try:
        if path.stat().st_mtime <= run.began:
            return False
        cells = json.loads(path.read_bytes())["cells"]
        saved = {
            "".join(cell["source"]).strip()
            for cell in cells
            if run.cell == cell.get("id")
            or name == cell["metadata"].get("nbgrader", {}).get("grade_id")
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False  # just being written, or no notebook: nothing is known
    return bool(saved) and run.source.strip() not in saved


def notebook() -> Path | None:
    """Return the file of this kernel's notebook, None where it is not known."""
    named = os.environ.get(NOTEBOOK, "")
    path = _AT_START / named
    return path if named.endswith(".ipynb") and path.is_file() else None


def folder() -> Path:
    """Return the folder that this kernel was started in, which is its notebook's."""
    return _AT_START


def _in_a_line(error: BaseException) -> str:
    said = str(error).splitlines() or [""]
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno})"
    return f"{type(error).__name__}: {said[0][:200]}"


def shell_in_use() -> Any:
    """Return IPython's shell, None outside of IPython."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def kindly(shell: Any, advice: Callable[[BaseException], str]) -> None:
    """Show errors for which there is `advice` in that one line; others as ever."""
    if shell is None:
        return

    def show(
        shell: Any, kind: type, error: BaseException, traceback: Any, tb_offset: int | None = None
    ) -> None:
        if said := advice(error):
            # IPython calls this method where an error has it
            error._render_traceback_ = lambda: [f"{kind.__name__}: {said}"]  # type: ignore[attr-defined]
        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)

    shell.set_custom_exc((NameError, NotImplementedError), show)
