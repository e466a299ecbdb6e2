"""Where the sources and what is built from them stand, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from ..exercises import assignment, stems
from ..workspace.folder import Work
from ..workspace.released import to_bytes
from .build import build
from .feedback_page import feedback_page
from .lent_answers import lent_answers
from .records import faults
from .solve import solve
from .source import SourceError, read_source


@dataclass(frozen=True)
class Course:
    """The folders of a checkout: `solutions/` and `notebooks/` below `root`."""

    root: Path

    def sources(self, names: tuple[str, ...] = ()) -> list[Path]:
        """List the source scripts in order, or those whose name starts with one of `names`.

        Raises SourceError if there are none or one has no exercise records.
        """
        folder = self.root / "solutions"
        found = sorted(folder.glob("[0-9][0-9]_*.py"))
        for name in names:
            if not any(path.stem.startswith(Path(name).stem) for path in found):
                raise SourceError(
                    folder / f"{Path(name).stem}.py", 1, "there is no such source script"
                )
        if not found:
            raise SourceError(
                folder, None, "no source script NN_name.py here: run this in the checkout"
            )
        chosen = [
            p for p in found if not names or any(p.stem.startswith(Path(n).stem) for n in names)
        ]
        for path in chosen:
            if path.stem not in stems():
                raise SourceError(path, 1, "no exercise records are listed for this notebook")
        return chosen

    def faults(self, names: tuple[str, ...] = ()) -> Iterator[SourceError]:
        """Yield what is wrong with the exercise records of the notebooks."""
        for source in self.sources(names):
            yield from faults(source.stem)

    def student(self, source: Path) -> Path:
        """Return where the student edition stands."""
        return self.root / "notebooks" / f"{source.stem}.ipynb"

    def key(self, source: Path) -> Path:
        """Return where the executed answer key stands."""
        return source.with_suffix(".ipynb")

    def build(self, source: Path, *, solved: bool = False) -> nbformat.NotebookNode:
        """Build a notebook from its source."""
        named = source.relative_to(self.root) if source.is_relative_to(self.root) else source
        return build(read_source(source), named, assignment(source.stem), solved=solved)

    def write_student(self, source: Path) -> tuple[Path, Path | None]:
        """Write the student edition; return its path, and that of a copy of any work in it."""
        target, content = self.student(source), to_bytes(self.build(source))
        target.parent.mkdir(exist_ok=True)
        kept = Work(self.root / "work", target.parent).keep_before_build(target, content)
        target.write_bytes(content)
        return target, kept

    def write_key(self, source: Path) -> Path:
        """Execute the answer key, write it and return its path."""
        target = self.key(source)
        target.write_bytes(to_bytes(solve(self.build(source, solved=True), source.parent)))
        return target

    def lent_answers(self) -> Path:
        """Return where the answers stand that the grader lends."""
        return self.root / "course_utils" / "grading" / "core" / "references.json"

    def write_lent_answers(self) -> None:
        """Write the answers that the grader lends, where this is a checkout of the course."""
        if self.lent_answers().parent.is_dir():
            self.lent_answers().write_bytes(lent_answers(self.sources()))

    def feedback(self) -> Path:
        """Return where the page of all sentences about known mistakes stands."""
        return self.root / "docs" / "feedback.md"

    def write_feedback(self) -> None:
        """Write the page of sentences, where this is a checkout of the course."""
        if self.feedback().parent.is_dir():
            self.feedback().write_bytes(feedback_page())

    def drift(self, names: tuple[str, ...] = ()) -> Iterator[tuple[Path, str]]:
        """Yield every built file that is not what its source gives, and what to do."""
        sources = self.sources(names)
        for source in sources:
            if _read(self.student(source)) != to_bytes(self.build(source)):
                yield (
                    self.student(source),
                    f"is not what its source gives: run `course build {source.stem}`",
                )
            problem = self._key_drift(source)
            if problem:
                yield self.key(source), problem
        if not names:
            place = self.lent_answers()
            if place.parent.is_dir() and _read(place) != lent_answers(sources):
                yield place, "is not what its sources give: run `course build`"
            if self.feedback().parent.is_dir() and _read(self.feedback()) != feedback_page():
                yield self.feedback(), "is not what the exercises say: run `course build`"
            expected = {path for s in sources for path in (self.student(s), self.key(s))}
            folders = (self.root / "notebooks", self.root / "solutions")
            found = {path for folder in folders for path in folder.glob("*.ipynb")}
            for stray in sorted(found - expected):
                yield stray, "has no source: delete it, or write its script in solutions/"

    def _key_drift(self, source: Path) -> str:
        """Compare the answer key byte for byte, but for the outputs, which nbval runs again."""
        command = f"`course solve {source.stem}`"
        stored = _read(self.key(source))
        try:
            outputs = nbformat.reads(stored.decode(), as_version=4)
        except Exception:
            return f"is missing or not a notebook: run {command}"
        fresh = self.build(source, solved=True)
        ran = [cell for cell in outputs.cells if cell.cell_type == "code"]
        cells = [cell for cell in fresh.cells if cell.cell_type == "code"]
        if len(ran) == len(cells):
            for number, (cell, old) in enumerate(zip(cells, ran, strict=True), 1):
                shown = old.outputs or not cell.metadata.get("nbgrader", {}).get("grade")
                if old.execution_count != number or not shown:  # a check always shows its panel
                    return f"was not run from top to bottom: run {command}"
                cell.outputs, cell.execution_count = old.outputs, number
        if to_bytes(fresh) != stored:
            return f"is not what its source gives: run {command}"
        return ""


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
