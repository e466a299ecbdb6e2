"""An error of an answer, with what is known of the line that raised it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...observing.errors import brief
from ..model import Case, Exercise


@dataclass(frozen=True)
class Raised:
    """An error of an answer, with the case it was raised in."""

    exercise: Exercise
    case: Case
    type: str
    message: str
    source: str
    where: str
    variables: Mapping[str, str]
    signature: str
    helper: str
    similar: list[str]

    def names(self) -> list[str]:
        """List the variables on the line, in the order in which they stand there."""
        found = re.findall(r"(?<![\w.'\"])[A-Za-z_]\w*", self.source)
        return [name for name in dict.fromkeys(found) if name in self.variables]

    def held(self, *kinds: str) -> list[str]:
        """List the variables on the line that held values of these kinds."""
        return [name for name in self.names() if self.variables[name].split(" ")[0] in kinds]

    def argument(self, name: str) -> Any:
        """Return the argument that a variable holds, if its name or its keys tell; else None."""
        told = self.variables.get(name, "")
        alike = (v for v in self.case.args.values() if isinstance(v, Mapping) and brief(v) == told)
        return self.case.args.get(name, next(alike, None))

    def given(self, name: str) -> Any:
        """Return what the case hands over under the learner's name for it, or its own; else ""."""
        names = dict(zip(self.parameters(), self.case.args.values(), strict=False))
        return names.get(name, self.case.args.get(name, ""))

    def terms(self) -> set[str]:
        """Return the names that the exercise's own texts and functions use."""
        exercise = self.exercise
        texts = [*self.case.args, *self.case.sizes, *exercise.hints]
        texts += [text for each in exercise.criteria for text in (each.name, each.hint)]
        texts += [each.sentence for each in exercise.misconceptions]
        if exercise.intermediates:
            texts += exercise.intermediates(*self.case.args.values())
        return {*re.findall(r"[A-Za-z_]\w*", " ".join(texts))}

    def nodes(self) -> list[ast.AST]:
        """List what the line is made of, the outer first; [] if it is a part of a statement."""
        try:
            return list(ast.walk(ast.parse(self.source.removesuffix(":"))))
        except SyntaxError:
            return []

    def calls(self) -> list[ast.Call]:
        """List the calls on the line, the outer ones first."""
        return [node for node in self.nodes() if isinstance(node, ast.Call)]

    def meaning(self, table: Iterable[tuple[str, str]]) -> str:
        """Return what the first pattern that fits the message means; {0} is its first group."""
        for pattern, said in table:
            if found := re.search(pattern, self.message):
                return said.format(*found.groups())
        return ""

    def parameters(self) -> list[str]:
        """List the names in the function's first line; [] if it cannot be read."""
        try:
            (function,) = ast.parse(f"def f{self.signature}: pass").body
        except SyntaxError:  # a default value that is no source
            return []
        given = function.args if isinstance(function, ast.FunctionDef) else None
        return [each.arg for each in (*given.posonlyargs, *given.args)] if given else []
