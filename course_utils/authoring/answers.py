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
from typing import Any

import numpy as np

from ..exercises import assignment
from ..exercises.judge import judge
from ..exercises.model import Exercise
from ..exercises.trial import Trial
from .breakages import BROKEN, ENDLESS
from .course import Course
from .definitions import NotStandalone
from .rewrite import rewritten
from .source import BEGIN, END, SourceCell, parse, read_source
from .standalone import standalone
from .styles import styles

KINDS = ("reference", "style", "misconception", "blank", "broken")
SEEDS = (0, 1)  # a mistake's points are known exactly if they are the same on both


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
        self._reference = {c.exercise: _without_markers(c) for c in self.cells if c.exercise}
        self._broken = list({**BROKEN, **(ENDLESS if endless else {})}.items())
        self._trials: dict[tuple[str, int], Trial] = {}
        self._points: dict[Callable, int | None] = {}
        self._sources: dict[Callable, str] = {}
        self._known: dict[str, tuple[list, list]] = {}

    @cached_property
    def notebook(self):
        """Build the student edition, from which every submission is made."""
        return self.course.build(self.path)

    @cached_property
    def stubs(self) -> dict[str, str]:
        """Map each exercise to its answer cell as released."""
        marked = [c for c in self.notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
        return {cell.metadata.nbgrader.grade_id: cell.source for cell in marked}

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
        return rng.choice(self.misconceptions(exercise))()

    def _style(self, exercise: Exercise, rng: random.Random) -> Answer:
        name, kept = exercise.name, styles(self.assignment.stem).get(exercise.name, {})
        called = rng.choice(["written anew", *kept])
        if called in kept:
            source = self.in_cell(exercise, self._standalone(exercise, kept[called]))
        else:
            source = rewritten(self._reference[name], name, rng)
        return Answer("style", called, source, exercise.points)

    def misconceptions(self, exercise: Exercise) -> list[Callable[[], Answer]]:
        """List every form of every known mistake that can be written down, to be made."""
        return self._forms(exercise)[0]

    def unusable(self, exercise: Exercise) -> list[str]:
        """List the forms that can't be written down on their own, and why."""
        return self._forms(exercise)[1]

    def _forms(self, exercise: Exercise) -> tuple[list[Callable[[], Answer]], list[str]]:
        if exercise.name in self._known:
            return self._known[exercise.name]
        usable, unusable = self._known[exercise.name] = ([], [])
        for misconception in exercise.misconceptions:
            for number, form in enumerate(misconception.forms()):
                try:
                    source = self._standalone(exercise, form)
                except NotStandalone as error:
                    unusable.append(f"{misconception.name}, form {number}: {error}")
                    continue
                usable.append(_Mistake(self, exercise, misconception.name, form, source))
        return usable, unusable

    def _standalone(self, exercise: Exercise, form: Callable) -> str:
        if form not in self._sources:
            arity = len(self.trial(exercise, SEEDS[0]).cases[0].args)
            self._sources[form] = standalone(exercise.name, form, arity)
        return self._sources[form]

    def in_cell(self, exercise: Exercise, function: str) -> str:
        """Put a function in the place of the one in the answer cell, with its docstring."""
        stub = self.stubs[exercise.name]
        lines = stub.splitlines()
        (node,) = (n for n in ast.parse(stub).body if getattr(n, "name", "") == exercise.name)
        (made,) = ast.parse(function).body
        if not made.args.vararg:  # cells below may leave to the defaults what has one
            made.args.defaults = node.args.defaults
        body = function.partition("\n")[2].strip("\n")
        docstring = lines[node.body[0].lineno - 1 : node.body[0].end_lineno]
        heading = f"def {made.name}({ast.unparse(made.args)}):"
        lines[node.lineno - 1 : node.end_lineno] = [heading, *docstring, body]
        return "\n".join(lines) + "\n"

    def trial(self, exercise: Exercise, seed: int) -> Trial:
        """Return an exercise's cases for a seed, drawn once."""
        if (exercise.name, seed) not in self._trials:
            unnamed = replace(exercise, misconceptions=())  # points do not depend on their names
            self._trials[exercise.name, seed] = Trial(unnamed, np.random.default_rng(seed))
        return self._trials[exercise.name, seed]

    def deserved(self, exercise: Exercise, form: Callable) -> int | None:
        """Judge a mistake on its own; None if its points depend on the cases."""
        if form not in self._points:
            points = set()
            for seed in SEEDS:
                trial = self.trial(exercise, seed)
                with np.errstate(all="ignore"), redirect_stdout(StringIO()):
                    points.add(judge(trial, trial.observe(form)).points)
            self._points[form] = points.pop() if len(points) == 1 else None
        return self._points[form]


@dataclass(frozen=True)
class _Mistake:
    """One form of a known mistake; it is judged only where it is handed in."""

    book: AnswerBook
    exercise: Exercise
    name: str
    form: Callable[..., Any]
    source: str

    def __call__(self) -> Answer:
        points = self.book.deserved(self.exercise, self.form)
        source = self.book.in_cell(self.exercise, self.source)
        return Answer("misconception", self.name, source, points)


def _without_markers(cell: SourceCell) -> str:
    kept = [line for line in cell.source.splitlines() if line.strip() not in (BEGIN, END)]
    return "\n".join(kept) + "\n"


@cache
def _namespace(path: Path) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "answers"}
    for cell in parse(read_source(path), path):
        if cell.kind == "code" and cell.source.startswith(("import ", "from ")):
            exec(compile(cell.source, f"{path.stem}:{cell.line}", "exec"), namespace)
    return namespace
