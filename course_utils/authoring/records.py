"""Find what is missing or wrong in the records of a notebook's exercises, with file and line."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .. import PACKAGE
from ..exercises import assignment, module_files, stems, table_files
from ..judging.model import Assignment, Exercise
from .source import SourceError

LEAST_MISTAKES = 4
LEAST_HINTS, MOST_HINTS = 2, 3
LEAST_MINUTES, MOST_MINUTES = 5, 25
FEW_WORDS = 40  # characters


def faults(stem: str) -> list[SourceError]:
    """List what is wrong with the records of a notebook, in the order of its exercises."""
    return list(_Records(stem).faults())


class _Records:
    """The records of a notebook and the places in the code where they stand."""

    def __init__(self, stem: str) -> None:
        self.stem = stem
        self.assignment: Assignment = assignment(stem)
        self._calls: dict[str, list[tuple[Path, ast.Call]]] = {}
        for path in module_files(stem):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    self._calls.setdefault(node.func.id, []).append((path, node))

    def faults(self) -> Iterator[SourceError]:
        """Yield each fault."""
        total = self.assignment.points
        if total != 100:
            parts = ", ".join(f"{e.name} {e.points}" for e in self.assignment.exercises)
            message = f"the exercises total {total} points, not 100: {parts}"
            yield SourceError(*self._place("Assignment"), message)
        everywhere = Counter(name for stem in stems() for name in assignment(stem).names())
        listed = styles_listed(self.stem)
        for exercise in self.assignment.exercises:
            for field, message in _incomplete(exercise):
                place = self._place("Exercise", exercise.name, field)
                yield SourceError(*place, f"{exercise.name}: {message}")
            if everywhere[exercise.name] > 1:
                message = f"{exercise.name}: another exercise of the course has this name"
                yield SourceError(*self._place("Exercise", exercise.name), message)
            if strange := set(exercise.needs) - set(self.assignment.names()):
                message = f"{exercise.name}: needs {', '.join(sorted(strange))}: not an exercise"
                yield SourceError(*self._place("Exercise", exercise.name, "needs"), message)
            if exercise.name not in listed:
                message = f"{exercise.name}: STYLES, beside the record, lists no other right answer"
                yield SourceError(*self._place("Exercise", exercise.name), message)
            criteria = {criterion.name for criterion in exercise.criteria}
            for mistake in exercise.misconceptions:
                if mistake.costs and mistake.costs not in criteria:
                    message = f"{exercise.name}, {mistake.name!r}: no criterion {mistake.costs!r}"
                    yield SourceError(*self._place("Misconception", mistake.name), message)
                if len(mistake.sentence) <= FEW_WORDS:
                    message = f"{exercise.name}, {mistake.name!r}: say more than a few words"
                    yield SourceError(*self._place("Misconception", mistake.name), message)

    def _place(self, kind: str, name: str = "", field: str = "") -> tuple[Path, int]:
        """Find the file and the line of a record, or of one of its fields."""
        for path, call in self._calls.get(kind, []):
            fields = {keyword.arg: keyword.value for keyword in call.keywords}
            given = fields.get("name", call.args[0] if call.args else None)
            if not name or (isinstance(given, ast.Constant) and given.value == name):
                return _shown(path), fields.get(field, call).lineno
        return _shown(module_files(self.stem)[0]), 1


def _incomplete(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """Yield (field, what is wrong with it)."""
    names = [mistake.name for mistake in exercise.misconceptions]
    if len(names) < LEAST_MISTAKES:
        yield "misconceptions", f"only {len(names)} misconceptions: name at least {LEAST_MISTAKES}"
    for name in sorted(name for name, count in Counter(names).items() if count > 1):
        yield "misconceptions", f"two misconceptions are called {name!r}"
    if not LEAST_HINTS <= len(exercise.hints) <= MOST_HINTS:
        yield "hints", f"{len(exercise.hints)} hints: write {LEAST_HINTS} or {MOST_HINTS}"
    if any(len(hint) <= FEW_WORDS for hint in exercise.hints):
        yield "hints", "a hint of a few words only"
    if exercise.difficulty not in (1, 2, 3):
        yield "difficulty", f"difficulty {exercise.difficulty}: write 1, 2 or 3"
    if not LEAST_MINUTES <= exercise.minutes <= MOST_MINUTES:
        yield "minutes", f"{exercise.minutes} minutes: plan {LEAST_MINUTES} to {MOST_MINUTES}"
    names = [criterion.name for criterion in exercise.criteria]
    for name in sorted(name for name, count in Counter(names).items() if count > 1):
        yield "criteria", f"two criteria are called {name!r}"
    for criterion in exercise.criteria:
        if criterion.points < 1:
            yield "criteria", f"{criterion.name!r} is worth {criterion.points} points"
        if 0 < len(criterion.hint) <= FEW_WORDS:
            yield "criteria", f"{criterion.name!r} has a hint of a few words only"
    if not exercise.oracle.__module__.startswith("course_utils.exercises."):
        yield "oracle", f"the oracle stands in {exercise.oracle.__module__}"


def styles_listed(stem: str) -> set[str]:
    """List the exercises of a notebook that have other right answers, without importing Keras."""
    found = set()
    for path in table_files(stem, "STYLES"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "STYLES":
                assert isinstance(node.value, ast.Dict), path
                keys = (key.value for key in node.value.keys if isinstance(key, ast.Constant))
                found |= {key for key in keys if isinstance(key, str)}
    return found


def _shown(path: Path) -> Path:
    return path.relative_to(PACKAGE.parent)
