"""Spoil a right answer so that nothing of it counts."""

from __future__ import annotations

import ast
from collections.abc import Callable


def _missing_colon(source: str, name: str) -> str:
    start = source.index(f"def {name}(")
    end = source.index("):\n", start)
    return source[: end + 1] + source[end + 2 :]


def _open_bracket(source: str, name: str) -> str:
    return source.rstrip("\n") + " + (\n"


def _exit_above(source: str, name: str) -> str:
    return "raise SystemExit\n\n" + source  # any other error leaves the lines below it to run


def _renamed(source: str, name: str) -> str:
    middle = len(name) // 2
    return source.replace(f"def {name}(", f"def {name[:middle] + name[middle + 1 :]}(")


def _undefined_inside(source: str, name: str) -> str:
    return with_first_line(source, name, "start = sart")


def _endless_loop(source: str, name: str) -> str:
    return with_first_line(source, name, "while True: pass")


BROKEN: dict[str, Callable[[str, str], str]] = {
    "missing colon": _missing_colon,
    "open bracket": _open_bracket,
    "exit above the function": _exit_above,
    "renamed": _renamed,
    "undefined name inside": _undefined_inside,
}
ENDLESS = {"endless loop": _endless_loop}  # costs a grader its time limit


def with_first_line(source: str, name: str, line: str) -> str:
    """Put a line at the start of a function's body, after its docstring."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            first = node.body[1 if ast.get_docstring(node) and len(node.body) > 1 else 0]
            lines = source.splitlines()
            lines.insert(first.lineno - 1, " " * first.col_offset + line)
            return "\n".join(lines) + "\n"
    raise LookupError(name)
