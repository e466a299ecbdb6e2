"""Run a notebook's cells as Jupyter would, as far as a confined process can.

There is no network, no terminal and no file but the notebook, so lines may fail here that ran in a
learner's own Jupyter. A statement that fails costs only what depends on it: the statements below it
in its cell run all the same.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import errno
import getpass
import linecache
import os
import pdb
import re
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magics import ExecutionMagics, PackagingMagics, ScriptMagics
from IPython.utils.capture import capture_output
from IPython.utils.process import arg_split
from IPython.utils.text import SList
from traitlets.config import Config

from .probes import raising_frame

SHELL_SECONDS = 5.0  # for one shell line
MOST_OUTPUT = 1_000_000  # bytes kept of what a shell line prints
LONGEST = 500  # characters of a message
LONGEST_LINE = 200  # of one that is quoted
_WORDS = re.compile(r"(?:[\w\s]|#[^\n]*\n)*(?:#[^\n]*)?")
_DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_OPTIONS = re.compile(r"(?:\s*-[a-zA-Z]+\s*\d*(?!\S))*\s*")  # of %timeit
_TIMES = re.compile(r"-[nr]\s*\d+")
_BLANK = re.compile(r"(?:[ \t]*\n)*")
_ANNOTATIONS = __future__.annotations.compiler_flag
_NO_NETWORK = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.EADDRNOTAVAIL}


@dataclass
class Log:
    """What went wrong while a cell ran."""

    failures: list[str] = field(default_factory=list)  # statements, or the cell as a whole
    notes: list[str] = field(default_factory=list)  # lines that did not do what they do elsewhere
    cut: bool = False  # whether statements below a failure did not run
    plain: bool = True  # whether all failures would happen wherever the cell runs

    def outcome(self) -> dict[str, Any]:
        """Return what the grader is told."""
        told: dict[str, Any] = {"ok": not self.failures, "plain": self.plain}
        if self.failures:
            told |= {"message": self.failures[0], "cut": self.cut}
        return told | ({"notes": self.notes[:3]} if self.notes else {})


class QuietShell(InteractiveShell):
    """An IPython shell without a window, a terminal or a history."""

    log = Log()

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept `%gui` and the like, which ask for an event loop."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str, str]:
        """Accept `%matplotlib` with any backend: figures are drawn, and shown to nobody."""
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
        elif magic is None and _is_python(cell):
            self._note("not known to the grader, and the cell below it ran", f"%%{magic_name}")
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
            _fail(self, error, "", None)

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
            lacks = "the grader has no network, and no file of yours"
            self._note(f"a shell line failed with {said} ({lacks})", f"!{command}")
        return code, told

    def _installs(self, name: str) -> bool:
        return isinstance(getattr(self.find_line_magic(name), "__self__", None), PackagingMagics)

    def _note(self, what: str, line: str) -> None:
        """Say what became of a line, which may be long."""
        line = line.strip().partition("\n")[0]
        self.log.notes.append(f"{what}: `{line[:LONGEST_LINE]}`")

    def _define(self, cell: str) -> None:
        """Define the functions of a file that a cell writes, but for names that are defined.

        Jupyter would not; but whoever puts an answer into a file wrote it.
        """
        if not _is_python(cell):
            return
        kept = [node for node in ast.parse(cell).body if isinstance(node, _DEFINITIONS)]
        if any(isinstance(node, ast.FunctionDef) for node in kept):
            before = dict(self.user_ns)
            _run_statements(self, kept, _remember(cell), 0, cell)
            self.user_ns.update(before)
            if len(self.user_ns) > len(before):
                self.log.notes.append("a cell writes functions to a file: they were defined, too")


def make_shell() -> QuietShell:
    """Return the one shell of this process; the template makes it before it forks."""
    config = Config(
        {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}
    )
    shell = QuietShell.instance(config=config)
    shell.db = {}  # what %cd, %bookmark and %alias remember
    # what waits for somebody at a keyboard; a debugger that ends raises, in the line below its call
    shell.user_ns["input"] = getpass.getpass = _no_answer
    sys.breakpointhook = pdb.set_trace = _no_answer
    return shell


def _no_answer(prompt: object = "", *args: object, **kwargs: object) -> str:
    """Stand for input(): nobody is there to answer, and a cell that asks should go on."""
    return ""


def run(shell: InteractiveShell, source: str) -> dict[str, Any]:
    """Run one cell; return its outcome, with its first failure, if any, in a few words."""
    shell.log = log = Log()
    try:
        run_cell(shell, source)
    except Exception:  # an exception that cannot even be described
        log.failures.append("it failed, and its error cannot be shown")
        log.plain = False
    return log.outcome()


def run_cell(shell: InteractiveShell, source: str) -> None:
    """Run a cell, and log what fails.

    It runs in one piece. Where a statement fails, those below it run one by one.
    """
    name = _remember(source)
    try:
        text, code = _compiled(shell, source, name)
        body = [] if code else ast.parse(text).body
    except Exception as error:  # IPython itself fails on text that is no Unicode, say
        shell.log.plain &= isinstance(error, SyntaxError)
        shell.log.cut = True
        shell.log.failures.append(_described(error, getattr(error, "lineno", None), source))
        return
    future = 0
    if code and (error := _raised(shell, code)) is not None:
        place = _place(error, code)
        _fail(shell, error, source, place)
        body = _below(ast.parse(text).body, place) if place else []
        future = code.co_flags & _ANNOTATIONS
    _run_statements(shell, body, name, future, source)


def _compiled(shell: InteractiveShell, source: str, name: str) -> tuple[str, CodeType | None]:
    """Return the Python that a cell comes to, and its code; None if not all of it can be compiled.

    What is plain Python already is spared IPython's work. A cell of words alone may be a magic
    without its "%".
    """
    if not _WORDS.fullmatch(source):
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return source, _compile(source, name)
    blank = _BLANK.match(source)[0].count("\n")  # lines that IPython drops
    text = "\n" * blank + shell.transform_cell(source)
    with contextlib.suppress(SyntaxError):  # a "return" outside a function, say
        return text, _compile(text, name)
    return text, None


def _compile(source: str | ast.Module, name: str, flags: int = 0) -> CodeType:
    return compile(source, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | flags, dont_inherit=True)


def _remember(source: str) -> str:
    """Keep a cell's lines for messages that quote one; return the name they are kept under."""
    name = f"<cell {len(linecache.cache)}>"
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    return name


def _run_statements(
    shell: InteractiveShell, body: list[ast.stmt], name: str, flags: int, source: str
) -> None:
    """Run the statements of a cell one by one, and log those that fail."""
    for node in body:
        if shell.log.cut:
            return
        try:
            code = _compile(ast.Module([node], []), name, flags)
        except SyntaxError as error:
            _fail(shell, error, source, (error.lineno or 0, 0))
            continue
        error = _raised(shell, code)
        if error is not None:
            _fail(shell, error, source, _place(error, code))


def _raised(shell: InteractiveShell, code: CodeType) -> BaseException | None:
    """Run code; return what it raises."""
    try:
        awaitable = eval(code, shell.user_ns)  # runs it, or with a top-level `await` begins it
        if awaitable is not None:
            shell.loop_runner(awaitable)
    except BaseException as error:
        return error
    return None


def _below(body: list[ast.stmt], place: tuple[int, int]) -> list[ast.stmt]:
    """List the statements below the one that failed at `place`.

    `import a, b` counts as `import a` and `import b`.
    """
    ends = [(node.end_lineno, node.end_col_offset) for node in body]
    failed = next((number for number, end in enumerate(ends) if end > place), len(body))
    below = [part for node in body[failed + 1 :] for part in _split(node)]
    again = [part for node in body[failed : failed + 1] for part in _split(node)]
    return below if len(again) == 1 else again + below


def _split(node: ast.stmt) -> list[ast.stmt]:
    if isinstance(node, ast.Import) and len(node.names) > 1:
        return [ast.copy_location(ast.Import([name]), node) for name in node.names]
    return [node]


def _place(error: BaseException, code: CodeType) -> tuple[int, int] | None:
    """Return the line and column of a cell's `code` at which an exception left it."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code is not code:
        traceback = traceback.tb_next
    if traceback is None:
        return None
    line, _, column, _ = list(code.co_positions())[traceback.tb_lasti // 2]
    return line or traceback.tb_lineno, column or 0


def _fail(
    shell: InteractiveShell, error: BaseException, source: str, place: tuple[int, int] | None
) -> None:
    log = shell.log
    log.cut |= not isinstance(error, Exception)  # sys.exit(), say, which is meant to end the cell
    log.plain &= isinstance(error, SyntaxError) or (
        type(error) is NameError and raising_frame(error).f_globals is shell.user_ns
    )
    log.failures.append(_described(error, place[0] if place else None, source))


def _described(error: BaseException, line: int | None, source: str) -> str:
    """Say what was raised, where in the cell, and what the grader lacks, if it is that."""
    # Python 3.13 says _IncompleteInputError where a learner should read SyntaxError
    kinds = (kind.__name__ for kind in type(error).__mro__)
    name = next(kind for kind in kinds if not kind.startswith("_"))
    lines = source.splitlines()
    quoted = lines[line - 1].strip()[:LONGEST_LINE] if line and 0 < line <= len(lines) else ""
    at = (f" at line {line}" if line else "") + (f", `{quoted}`" if quoted else "")
    return f"{name}{at}: {_text(error)}{_lacking(error)}"


def _text(error: BaseException) -> str:
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        return str(message)[:LONGEST]
    except Exception:  # a submission's exception class may itself be broken
        return "(no message)"


def _lacking(error: BaseException) -> str:
    """Say what the grader lacks and a learner's Jupyter may have, if an error comes from that."""
    chain: BaseException | None = error
    for _ in range(10):
        if isinstance(chain, socket.gaierror) or getattr(chain, "errno", None) in _NO_NETWORK:
            return " (the grader has no network)"
        chain = chain.__cause__ or chain.__context__ if chain is not None else None
    if isinstance(error, ModuleNotFoundError):
        return " (the grader does not have it)"
    if isinstance(error, PermissionError):
        return " (the grader does not allow it)"
    if isinstance(error, FileNotFoundError):
        return " (the grader has the notebook, and no other file of yours)"
    return ""


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _once(line: str) -> str:
    """Return what `%timeit` is given with its options changed, so that it runs code once."""
    options = _OPTIONS.match(line)[0]
    return "-n1 -r1 " + _TIMES.sub("", options) + line[len(options) :]


def _kill(process: subprocess.Popen) -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(process.pid, signal.SIGKILL)  # what it started, too
    process.kill()
    process.wait()
