"""Run a notebook's cells as Jupyter would, as far as a confined process can.

There is no network, no terminal and no file except the notebook, so lines that ran in a learner's
own Jupyter may fail here. A statement that fails costs only what depends on it: the statements
below it in its cell run all the same.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import errno
import linecache
import re
import socket
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

LONGEST = 500  # characters of a message
LONGEST_LINE = 200  # of one that is quoted
MOST = 3  # notes on one cell
_WORDS = re.compile(r"(?:[\w\s]|#[^\n]*\n)*(?:#[^\n]*)?")
_BLANK = re.compile(r"(?:[ \t]*\n)*")
_ANNOTATIONS = __future__.annotations.compiler_flag
_NO_NETWORK = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.EADDRNOTAVAIL}


@dataclass
class Log:
    """What went wrong while a cell ran."""

    failures: list[str] = field(default_factory=list)  # statements, or the cell as a whole
    notes: list[str] = field(default_factory=list)  # lines that did not do what they do elsewhere
    cut: bool = False  # whether statements below a failure did not run

    def outcome(self) -> dict[str, Any]:
        """Return what the grader is told."""
        told: dict[str, Any] = {"ok": not self.failures}
        if self.failures:
            told |= {"message": self.failures[0], "cut": self.cut}
        return told | ({"notes": self.notes[:MOST]} if self.notes else {})


def run(shell: InteractiveShell, source: str) -> dict[str, Any]:
    """Run one cell; return its outcome, with its first failure, if any, in a few words."""
    shell.log = log = Log()
    try:
        run_cell(shell, source)
    except Exception:  # an exception that cannot even be described
        log.failures.append("it failed, and its error cannot be shown")
    return log.outcome()


def run_cell(shell: InteractiveShell, source: str) -> None:
    """Run a cell, and log what fails.

    It runs in one piece. Where a statement fails, those below it run one by one.
    """
    name = remember(source)
    try:
        text, code = _compiled(shell, source, name)
        body = [] if code else ast.parse(text).body
    except Exception as error:  # IPython itself fails on text that is no Unicode, say
        shell.log.cut = True
        shell.log.failures.append(_described(error, getattr(error, "lineno", None), source))
        return
    future = 0
    if code and (raised := _raised(shell, code)) is not None:
        place = _place(raised, code)
        fail(shell, raised, source, place)
        body = _below(ast.parse(text).body, place) if place else []
        future = code.co_flags & _ANNOTATIONS
    run_statements(shell, body, name, future, source)


def _compiled(shell: InteractiveShell, source: str, name: str) -> tuple[str, CodeType | None]:
    """Return a cell as plain Python, and its code, or None if not all of it compiles.

    Plain Python does not go through IPython. A cell of words alone may be a magic
    without its "%".
    """
    if not _WORDS.fullmatch(source):
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return source, _compile(source, name)
    dropped = _BLANK.match(source)  # IPython drops these lines
    assert dropped is not None  # the pattern matches the empty string
    blank = dropped[0].count("\n")
    text = "\n" * blank + shell.transform_cell(source)
    with contextlib.suppress(SyntaxError):  # a "return" outside a function, say
        return text, _compile(text, name)
    return text, None


def _compile(source: str | ast.Module, name: str, flags: int = 0) -> CodeType:
    return compile(source, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | flags, dont_inherit=True)


def remember(source: str) -> str:
    """Keep a cell's lines for messages that quote one; return the name they are kept under."""
    name = f"<cell {len(linecache.cache)}>"
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    return name


def run_statements(
    shell: InteractiveShell, body: list[ast.stmt], name: str, flags: int, source: str
) -> None:
    """Run the statements of a cell one by one, and log those that fail."""
    for node in body:
        if shell.log.cut:
            return
        try:
            code = _compile(ast.Module([node], []), name, flags)
        except SyntaxError as error:
            fail(shell, error, source, (error.lineno or 0, 0))
            continue
        raised = _raised(shell, code)
        if raised is not None:
            fail(shell, raised, source, _place(raised, code))


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


def fail(
    shell: InteractiveShell, error: BaseException, source: str, place: tuple[int, int] | None
) -> None:
    log = shell.log
    log.cut |= not isinstance(error, Exception)  # sys.exit(), say, which is meant to end the cell
    log.failures.append(_described(error, place[0] if place else None, source))


def _described(error: BaseException, line: int | None, source: str) -> str:
    """Return what was raised and where, and what the grader lacks if that is the cause."""
    # Python 3.13 says _IncompleteInputError where a learner should read SyntaxError
    kinds = (kind.__name__ for kind in type(error).__mro__)
    name = next(kind for kind in kinds if not kind.startswith("_"))
    lines = source.splitlines()
    quoted = lines[line - 1].strip()[:LONGEST_LINE] if line and 0 < line <= len(lines) else ""
    at = (f" at line {line}" if line else "") + (f", `{quoted}`" if quoted else "")
    said = f"{_text(error)}{_lacking(error)}"
    return f"{name}{at}: {said}" if said else f"{name}{at}"


def _text(error: BaseException) -> str:
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        return str(message)[:LONGEST]
    except Exception:  # a submission's exception class may itself be broken
        return "(no message)"


def _lacking(error: BaseException) -> str:
    """Return what the grader lacks if that caused the error, a network for instance; else ""."""
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
        return " (the grader has only the notebook, none of your other files)"
    return ""


def is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
