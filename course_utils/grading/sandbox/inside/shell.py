"""The IPython shell of a submission: shell lines and magics, inside a worker's confinement."""

from __future__ import annotations

import ast
import contextlib
import getpass
import os
import pdb
import re
import signal
import subprocess
import sys
import tempfile
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magics import ExecutionMagics, PackagingMagics, ScriptMagics
from IPython.utils.capture import capture_output
from IPython.utils.process import arg_split
from IPython.utils.text import SList
from traitlets.config import Config

from .cells import LONGEST_LINE, Log, fail, is_python, remember, run_cell, run_statements

SHELL_SECONDS = 5.0  # for one shell line
MOST_OUTPUT = 1_000_000  # bytes kept of what a shell line prints
_DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_OPTIONS = re.compile(r"(?:\s*-[a-zA-Z]+\s*\d*(?!\S))*\s*")  # of %timeit
_TIMES = re.compile(r"-[nr]\s*\d+")


class QuietShell(InteractiveShell):
    """An IPython shell without a window, a terminal or a history."""

    log = Log()

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept `%gui` and the like, which ask for an event loop."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str, str]:
        """Accept `%matplotlib` with any backend: figures are drawn but not shown."""
        return "inline", "agg"

    def ask_exit(self) -> None:
        """Accept `quit()`, which in Jupyter lets its cell end."""

    def system(self, cmd: str) -> None:
        """Run `!cmd`."""
        self.user_ns["_exit_code"], _ = self._shell(self.var_expand(cmd, depth=1))

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """Run `x = !cmd` or `!!cmd`."""
        _, output = self._shell(self.var_expand(cmd, depth=depth + 1))
        return SList(output.splitlines()) if split else output

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run `%magic_name line`; nothing is installed, and what is timed runs once."""
        if self._installs(magic_name):
            self._note("the grader installs nothing", f"%{magic_name} {line}")
            return None
        if magic_name == "timeit":
            line = _once(line)
        return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run a cell below `%%magic_name line`.

        Python that a magic times, profiles or captures runs like any cell, and once. So does the
        Python below a magic that is not known here, which may come from an extension.
        """
        magic = self.find_cell_magic(magic_name)
        owner = getattr(magic, "__self__", None)  # the collection of magics that it belongs to
        body = "\n" + cell  # so that line numbers are those of the cell
        if isinstance(owner, ScriptMagics):
            self._script(magic_name, line, cell)
        elif isinstance(owner, ExecutionMagics) and magic_name != "timeit":
            with capture_output() if magic_name == "capture" else contextlib.nullcontext() as out:
                run_cell(self, body)
            words = [word for word in line.split() if not word.startswith("-")]
            if out is not None and words:
                self.user_ns[words[0]] = out
        elif magic is None and is_python(cell):
            self._note(
                "the grader does not know this magic; the cell below it ran", f"%%{magic_name}"
            )
            run_cell(self, body)
        else:
            line = _once(line) if magic_name == "timeit" else line
            try:
                return super().run_cell_magic(magic_name, line, cell)
            finally:
                if magic_name in ("writefile", "file"):
                    self._define(body)
        return None

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Note an exception that a magic shows instead of raising it."""
        error = sys.exc_info()[1]
        if error is not None:
            fail(self, error, "", None)

    def _script(self, magic_name: str, line: str, cell: str) -> None:
        """Run a cell by another program, as `%%bash` does."""
        command = line if magic_name == "script" else f"{magic_name} {line}"
        args, words = ScriptMagics.shebang.parser.parse_known_args(arg_split(command))
        _, output = self._shell(" ".join(words), cell)
        for name in filter(None, (args.out, args.err)):
            self.user_ns[name] = output if name == args.out else ""

    def _shell(self, command: str, stdin: str = "") -> tuple[int, str]:
        """Run a command in the confinement of this process; return its exit code and output.

        What it leaves running in the background stays until the submission ends.
        """
        if self._installs(command.partition(" ")[0]):
            self._note("the grader installs nothing", f"!{command}")
            return 1, ""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
            given.write(stdin.encode("utf-8", "replace"))
            given.seek(0)
            process = subprocess.Popen(
                command, shell=True, stdin=given, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
            try:
                code = process.wait(SHELL_SECONDS)
                said = f"exit code {code}"
            except subprocess.TimeoutExpired:
                code, said = -1, f"more than {SHELL_SECONDS:g} s"
                _kill(process)
            output.seek(0)
            told = output.read(MOST_OUTPUT).decode("utf-8", "replace")
        if code:
            lacks = "the grader has no network and none of your files"
            self._note(f"a shell line failed: {said} ({lacks})", f"!{command}")
        return code, told

    def _installs(self, name: str) -> bool:
        return isinstance(getattr(self.find_line_magic(name), "__self__", None), PackagingMagics)

    def _note(self, what: str, line: str) -> None:
        """Note what became of a line, which may be long."""
        line = line.strip().partition("\n")[0]
        self.log.notes.append(f"{what}: `{line[:LONGEST_LINE]}`")

    def _define(self, cell: str) -> None:
        """Define the functions in a file that a cell writes, except names that exist already.

        Jupyter would not, but an answer in a file is still an answer.
        """
        if not is_python(cell):
            return
        kept: list[ast.stmt] = [n for n in ast.parse(cell).body if isinstance(n, _DEFINITIONS)]
        if any(isinstance(node, ast.FunctionDef) for node in kept):
            before = dict(self.user_ns)
            run_statements(self, kept, remember(cell), 0, cell)
            self.user_ns.update(before)
            if len(self.user_ns) > len(before):
                self.log.notes.append(
                    "a cell writes functions to a file: they were also defined here"
                )


def make_shell() -> QuietShell:
    """Return the one shell of this process; the template makes it before it forks."""
    config = Config(
        {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}
    )
    shell = QuietShell.instance(config=config)
    shell.db = {}  # what %cd, %bookmark and %alias remember
    # nobody is at a keyboard to answer; and leaving a debugger would raise in the next line
    shell.user_ns["input"] = getpass.getpass = _no_answer
    # it stands for functions of other types
    sys.breakpointhook = pdb.set_trace = _no_answer  # type: ignore[assignment]
    return shell


def _no_answer(prompt: object = "", *args: object, **kwargs: object) -> str:
    """Stand for input(): nobody is there to answer, and a cell that asks should go on."""
    return ""


def _once(line: str) -> str:
    """Return the arguments of `%timeit`, changed so that it runs its code once."""
    found = _OPTIONS.match(line)
    assert found is not None  # the pattern matches the empty string
    options = found[0]
    return "-n1 -r1 " + _TIMES.sub("", options) + line[len(options) :]


def _kill(process: subprocess.Popen) -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(process.pid, signal.SIGKILL)  # what it started, too
    process.kill()
    process.wait()
