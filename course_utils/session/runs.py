"""Tell which run of a cell defined a function, and whether that cell says something else by now."""

from __future__ import annotations

import builtins
import dis
import json
import os
import re
import symtable
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from inspect import unwrap
from pathlib import Path
from types import CodeType
from typing import Any

NOTEBOOK = "JPY_SESSION_NAME"  # where Jupyter's server tells a kernel the path of its notebook
AFTER_RESTART = (
    "After a restart of the kernel, run all cells above (Run > Run All Above Selected Cell)."
)
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
        self._shell, self._began, self._running = shell, 0.0, None
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
        self._began, self._running = time.time(), getattr(info, "cell_id", None)

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
        unread = [each for each in later if not each.compiled and is_def(name, each.source)]
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

    def missing(self, name: str) -> str:
        """Say why `name`, which a cell above the running one sets, is not defined; or ""."""
        cell = _cell_that_sets(name, self._running)
        tried = [
            run for run in self.all
            if (cell and run.cell == cell["id"]) or (not run.compiled and is_def(name, run.source))
        ]  # fmt: skip
        if tried:
            return (
                f"`{name}` is not defined: in [{tried[-1].number}] "
                f"{_what_happened(tried[-1], name)}"
            )
        if cell is None:
            return ""
        begins = next(filter(str.strip, "".join(cell["source"]).splitlines()))
        its = "its cell" if _grade_id(cell) == name else f"the cell that begins `{begins}`"
        return f"`{name}` is not defined yet: run {its} first. {AFTER_RESTART}"

    def missing_in(self, function: Any) -> str:
        """Say why a name that `function` uses, which a cell above sets, is not defined; or ""."""
        function = unwrap(function)
        code = getattr(function, "__code__", None)
        read = dict.fromkeys(_globals_read(code) if code else ())
        known = {**vars(builtins), **getattr(function, "__globals__", {})}
        return next(filter(None, (self.missing(name) for name in read if name not in known)), "")

    def unfinished(self) -> str:
        """Say which name that the running cell uses was set by a cell that failed; or ""."""
        source = self._shell.history_manager.input_hist_raw[-1]
        for name in names_of(source, lambda each: each.is_referenced() and not each.is_assigned()):
            setting = [run for run in self.all if run.compiled and name in defined(run.source)]
            half = setting and setting[-1].error and not callable(self._shell.user_ns.get(name))
            if half:  # a function is whole where it exists
                return (
                    f"`{name}` may be unfinished: in [{setting[-1].number}] its cell stopped with "
                    f"an error ({setting[-1].error}). Run that cell again first."
                )
        return ""


@cache
def runs_of(shell: Any) -> Runs:
    """Return the runs of this kernel, followed from the first call on."""
    return Runs(shell)


def is_def(name: str, source: str) -> bool:
    return bool(re.search(rf"^\s*def\s+{re.escape(name)}\b", source, re.M))


def _what_happened(last: Run, name: str) -> str:
    if not last.compiled:
        return f"Python could not read its cell: {last.error}."
    near = get_close_matches(name, defined(last.source), 1, cutoff=0.7)
    if near and near[0] != name:
        return f"its cell defined `{near[0]}`, not `{name}`: is that a typing error?"
    if last.error:
        return f"its cell stopped with an error before `{name}` was defined: {last.error}."
    return f"its cell no longer defined `{name}`."


@cache  # an error asks it of every run, for every name that the cell uses
def defined(source: str) -> list[str]:
    """List the names that a cell sets, outside of any function: by def, = and import, say."""
    return names_of(source, lambda each: each.is_assigned() or each.is_imported())


def names_of(source: str, kind: Callable[[symtable.Symbol], bool]) -> list[str]:
    """List the names of a kind in a cell, outside of any function."""
    try:
        names = symtable.symtable(source, "cell", "exec").get_symbols()
    except SyntaxError:  # IPython's magics are no Python
        return re.findall(r"^def\s+(\w+)", source, re.M)
    return [each.get_name() for each in names if kind(each)]


def _globals_read(code: CodeType) -> Iterator[str]:
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            yield step.argval
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _globals_read(inner)


def _changed_since(run: Run, name: str) -> bool:
    """Return True if the notebook was saved after a run, with another source in its cell.

    The number of a run that is saved with a cell tells what was saved earlier and written late.
    """
    path = notebook()
    if path is None or run.cell is None or path.stat().st_mtime <= run.began:
        return False
    saved = {
        "".join(cell["source"]).strip(): cell.get("execution_count")
        for cell in saved_cells(path)
        if run.cell == cell["id"] or name == _grade_id(cell)
    }
    late = any(saved.values()) and run.number not in saved.values()
    return bool(saved) and not late and run.source.strip() not in saved


def _cell_that_sets(name: str, running: str | None) -> dict | None:
    """Return the cell of an exercise, or the last cell above the running one that sets a name."""
    cells = saved_cells(notebook())
    ids = [cell["id"] for cell in cells]
    above = cells[: ids.index(running)] if running in ids else cells
    found = [cell for cell in cells if _grade_id(cell) == name]
    found += [cell for cell in reversed(above) if name in defined("".join(cell["source"]))]
    return found[0] if found else None


def saved_cells(path: Path | None) -> list[dict]:
    """Return the code cells of a notebook as saved; none where it is not known."""
    try:
        cells = json.loads(path.read_bytes())["cells"] if path else []
        return [{"id": "", "metadata": {}, **cell} for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # just being written, or no notebook


def _grade_id(cell: dict) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def notebook() -> Path | None:
    """Return the file of this kernel's notebook, None where it is not known."""
    named = os.environ.get(NOTEBOOK, "")
    if not named.endswith(".ipynb"):
        return None
    path = _AT_START / named
    if path.is_file():
        return path
    renamed = (each for each in _AT_START.glob("*.ipynb") if _number_of(each) == _FILE)
    return next(renamed, None) if _FILE else None


def _number_of(path: Path) -> int | None:
    """Return the number of a file, which it keeps when it is renamed, or None if there is none."""
    try:
        return path.stat().st_ino or None
    except OSError:
        return None


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
    """Show errors of some kinds in the line that `advice` has for them; add remarks to others."""
    if shell is None:
        return
    kinds = (NameError, NotImplementedError, KeyboardInterrupt)

    def show(
        shell: Any, kind: type, error: BaseException, traceback: Any, tb_offset: int | None = None
    ) -> None:
        if said := advice(error) if isinstance(error, kinds) else "":
            if "matplotlib.pyplot" in sys.modules:  # what was half drawn is not shown
                sys.modules["matplotlib.pyplot"].close("all")
            # IPython calls this method where an error has it
            error._render_traceback_ = lambda: [f"{kind.__name__}: {said}"]  # type: ignore[attr-defined]
        elif remark := runs_of(shell).unfinished():
            error.add_note(remark)
        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)

    shell.set_custom_exc((Exception, KeyboardInterrupt), show)


_FILE = _number_of(_AT_START / os.environ.get(NOTEBOOK, ""))  # of this kernel's notebook
