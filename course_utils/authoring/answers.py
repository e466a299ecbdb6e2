"""Answers to every exercise of a notebook, right and wrong, with what each deserves."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from ..exercises import assignment, find
from ..judging.drawn_cases import Trial
from ..judging.judge import judge
from ..judging.model import Exercise
from .breakages import BROKEN, ENDLESS
from .course import Course
from .definitions import NotStandalone
from .rewrite import rewritten
from .source import parse, read_source
from .standalone import standalone
from .styles import styles

KINDS = ("reference", "style", "misconception", "blank", "broken")
# a mistake's points count as known if they are the same on the cases of all these seeds
SEEDS, SEEDS_WITH_KERAS = range(8), range(2)


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
    def notebook(self):
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
        forms = every_form(name)
        for called, form in rng.sample(forms, len(forms)):
            with suppress(NotStandalone):
                return self.handed_in(exercise, called, form)
        raise LookupError(f"no known mistake of {name} can be written down")

    def _style(self, exercise: Exercise, rng: random.Random) -> Answer:
        name, kept = exercise.name, styles(self.assignment.stem).get(exercise.name, {})
        called = rng.choice(["written anew", *kept])
        if called in kept:
            source = self.in_cell(exercise, alone(name, kept[called]))
        else:
            source = rewritten(self._reference[name], name, rng)
        return Answer("style", called, source, exercise.points)

    def handed_in(self, exercise: Exercise, called: str, form: Callable[..., Any]) -> Answer:
        """Make an answer of one form of a known mistake."""
        source = self.in_cell(exercise, alone(exercise.name, form))
        return Answer("misconception", called, source, deserved(exercise.name, form))

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


# What follows depends on the exercises alone, so books share it.


@cache
def alone(name: str, form: Callable[..., Any]) -> str:
    """Write a mistake or a style down as an answer to an exercise; raises NotStandalone."""
    return standalone(name, form, len(_trial(name, SEEDS[0]).cases[0].args))


def every_form(name: str) -> list[tuple[str, Callable[..., Any]]]:
    """List every form of every known mistake in an exercise, and what the mistake is called."""
    return [(m.name, form) for m in find(name)[1].misconceptions for form in m.forms()]


@cache
def deserved(name: str, form: Callable[..., Any]) -> int | None:
    """Judge a mistake on its own; None if its points depend on the cases."""
    points = set()
    for seed in SEEDS if find(name)[1].probe == "call" else SEEDS_WITH_KERAS:
        trial = _trial(name, seed)
        with np.errstate(all="ignore"), redirect_stdout(StringIO()):
            points.add(judge(trial, trial.observe(form)).points)
        if len(points) > 1:
            return None
    return points.pop()


@cache
def _trial(name: str, seed: int) -> Trial:
    """Draw an exercise's cases; without misconceptions, as points do not depend on their names."""
    return Trial(replace(find(name)[1], misconceptions=()), np.random.default_rng(seed))


@cache
def _namespace(path: Path) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "answers"}
    for cell in parse(read_source(path), path):
        if cell.kind == "code" and cell.source.startswith(("import ", "from ")):
            exec(compile(cell.source, f"{path.stem}:{cell.line}", "exec"), namespace)
    return namespace
