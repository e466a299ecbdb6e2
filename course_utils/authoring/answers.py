"""Answers to every exercise of a notebook, right and wrong, with what each deserves."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from functools import cache, cached_property
from io import StringIO
from pathlib import Path
from textwrap import indent
from typing import Any

import numpy as np
from nbformat import NotebookNode

from ..exercises import assignment, find, for_authors
from ..judging.drawn_cases import Trial
from ..judging.judge import judge
from ..judging.model import Exercise
from .as_source import body_of_answer
from .course import Course
from .source import parse, read_source

KINDS = ("reference", "style", "misconception", "blank", "broken")
# a mistake's points count as known if they are the same on the cases of all these seeds
SEEDS, SEEDS_WITH_KERAS = range(8), range(4)


@dataclass(frozen=True)
class Answer:
    """The source of an answer cell; `points` is what it deserves, None if that can vary."""

    kind: str
    name: str
    source: str
    points: int | None


class AnswerBook:
    """The answers to one notebook: those of its source script, and the ways to get them wrong."""

    def __init__(self, root: Path, stem: str, *, endless: bool = False) -> None:
        """Read solutions/<stem>.py below `root`; raises SourceError or KeyError."""
        self.assignment = assignment(stem)
        self.course = Course(root)
        (self.path,) = self.course.sources((stem,))
        self.cells = parse(read_source(self.path), self.path)
        self._reference = {c.exercise: c.solved + "\n" for c in self.cells if c.exercise}
        self._broken = list({**BROKEN, **(ENDLESS if endless else {})}.items())

    @cached_property
    def notebook(self) -> NotebookNode:
        """Build the student edition, from which every submission is made."""
        return self.course.build(self.path)

    @cached_property
    def stubs(self) -> dict[str, str]:
        """Map each exercise to its answer cell as released."""
        marked = [c for c in self.notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
        return {cell.metadata.nbgrader.grade_id: cell.source for cell in marked}

    def reference(self, name: str) -> str:
        """Return the answer key's cell for an exercise."""
        return self._reference[name]

    def marked(self, name: str) -> str:
        """Return the answer key's cell for an exercise, with the markers around the answer."""
        return next(cell.source for cell in self.cells if cell.exercise == name)

    def answers(self) -> dict[str, Any]:
        """Run the cells that import and the answers; return their namespace, a fresh one."""
        namespace = self.setup()
        for name, source in self._reference.items():
            exec(compile(source, f"{self.path.stem}:{name}", "exec", dont_inherit=True), namespace)
        return namespace

    def setup(self) -> dict[str, Any]:
        """Run the cells that import; return their namespace, a fresh one."""
        return dict(_namespace(self.path))

    def choose(
        self, exercise: Exercise, kind: str, rng: random.Random, *, stub: bool = False
    ) -> Answer:
        """Choose an answer of a kind; with `stub`, one left blank is the stub as released."""
        name = exercise.name
        if kind == "reference":
            return Answer(kind, "answer key", self._reference[name], exercise.points)
        if kind == "style":
            return self._style(exercise, rng)
        if kind == "blank":
            if stub or rng.random() < 0.7:
                return Answer(kind, "stub left", self.stubs[name], 0)
            return Answer(kind, "cell emptied", "", 0)
        if kind == "broken":
            called, spoil = rng.choice(self._broken)
            return Answer(kind, called, spoil(self._reference[name], name), 0)
        return self.handed_in(exercise, *rng.choice(every_form(name)))

    def _style(self, exercise: Exercise, rng: random.Random) -> Answer:
        kept = for_authors(self.assignment.stem, "STYLES").get(exercise.name, {})
        if not kept:  # the answer key's own
            return replace(self.choose(exercise, "reference", rng), kind="style")
        called = rng.choice(list(kept))
        return Answer("style", called, self.in_cell(exercise, kept[called]), exercise.points)

    def handed_in(self, exercise: Exercise, called: str, form: Callable[..., Any]) -> Answer:
        """Make an answer of one form of a known mistake."""
        source = self.in_cell(exercise, form)
        return Answer("misconception", called, source, deserved(exercise.name, form))

    def in_cell(self, exercise: Exercise, form: Callable[..., Any]) -> str:
        """Write a mistake or a style into the answer cell as released, in the stub's place."""
        stub = self.stubs[exercise.name]
        lines = stub.splitlines()
        functions = (n for n in ast.parse(stub).body if isinstance(n, ast.FunctionDef))
        (node,) = (n for n in functions if n.name == exercise.name)
        body = indent(_body(exercise.name, form), " " * 4)
        lines[node.body[0].end_lineno : node.end_lineno] = body.splitlines()  # after its docstring
        return "\n".join(lines) + "\n"


# What follows depends on the exercises alone, so books share it.


@cache
def _body(name: str, form: Callable[..., Any]) -> str:
    return body_of_answer(name, form, list(_trial(name, SEEDS[0]).cases[0].args))


def every_form(name: str) -> list[tuple[str, Callable[..., Any]]]:
    """List every form of every known mistake in an exercise, and what the mistake is called."""
    return [(mistake.name, form) for mistake, form in find(name)[1].wrong_forms()]


@cache
def deserved(name: str, form: Callable[..., Any]) -> int | None:
    """Judge a mistake on its own; None if its points depend on the cases."""
    points = set()
    for seed in SEEDS if find(name)[1].probe == "call" else SEEDS_WITH_KERAS:
        trial = _trial(name, seed)
        with np.errstate(all="ignore"), redirect_stdout(StringIO()):
            points.add(judge(trial, trial.observe(form), explaining=False).points)
        if len(points) > 1:
            return None
    return points.pop()


@cache
def _trial(name: str, seed: int) -> Trial:
    return Trial(find(name)[1], np.random.default_rng(seed))


@cache
def _namespace(path: Path) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "answers"}
    for cell in parse(read_source(path), path):
        if cell.kind == "code" and cell.source.startswith(("import ", "from ")):
            exec(
                compile(cell.source, f"{path.stem}:{cell.line}", "exec", dont_inherit=True),
                namespace,
            )
    return namespace


# A right answer, spoilt so that nothing of it counts


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
