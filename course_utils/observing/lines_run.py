"""Tell which statements of a function run."""

from __future__ import annotations

import ast
import sys
from types import FrameType
from typing import Any

from .repeatable import is_repeatable
from .syntax_trees import cell_of


class LinesRun:
    """A function that keeps which statements of its cell have run, by the line they begin in."""

    def __init__(self, function: Any) -> None:
        """Raise ValueError for code that may leave a trace when it is run again."""
        tree = cell_of(function)
        if tree is None or not is_repeatable(tree, function.__globals__):
            raise ValueError("this cannot be run again")
        self._function = self.__wrapped__ = function  # whose signature it has
        self.__globals__ = function.__globals__
        self._begin: dict[int, int] = {}  # a line -> that in which its statement begins
        self._text: dict[int, str] = {}
        self.run: set[int] = set()
        for node in ast.walk(tree):  # the innermost last
            if isinstance(node, ast.stmt) and not hasattr(node, "body"):
                lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                self._begin |= dict.fromkeys(lines, node.lineno)
                self._text[node.lineno] = ast.unparse(node)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        file = self._function.__code__.co_filename

        def trace(frame: FrameType, event: str, _: Any) -> Any:
            if frame.f_code.co_filename != file:
                return None
            if event == "line" and frame.f_lineno in self._begin:
                self.run.add(self._begin[frame.f_lineno])
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            return self._function(*args, **kwargs)
        finally:
            sys.settrace(before)

    def text(self, line: int) -> str:
        """Return the statement that begins in a line."""
        return self._text[line]
