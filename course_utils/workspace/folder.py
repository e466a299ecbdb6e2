"""The learner's folder: copies of the released notebooks, and of all that ever left them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode

from .. import PACKAGE
from ..session import results
from . import WorkError
from .carrying import Carried, carry
from .released import (
    STAMP,
    answer_to,
    edition_of,
    graded_name,
    holds_work,
    is_answer,
    read,
    stamp_of,
    stamped,
    to_bytes,
)

KEPT = "kept"
START = "00_start.ipynb"
RELOAD = "If it is open in JupyterLab, choose File > Reload Notebook from Disk."


@dataclass(frozen=True)
class Work:
    """A learner's folder, and the folder of the released notebooks."""

    folder: Path = field(default_factory=results.work_folder)
    release: Path = PACKAGE.parent / "notebooks"

    @property
    def results(self) -> Path:
        """Return the file in which checks are remembered."""
        return self.folder / results.FILE

    def stems(self) -> list[str]:
        """List the released notebooks in the order of the course; raises WorkError for none."""
        found = sorted(path.stem for path in self.release.glob("[0-9][0-9]_*.ipynb"))
        if not found:
            raise WorkError(f"there are no released notebooks in {self.release}")
        return found

    def stem_of(self, name: str) -> str:
        """Complete "03", "03_name", "name" or a path to a notebook's stem; raises WorkError."""
        wanted = Path(name).stem
        for stem in self.stems():
            if wanted in (stem, *stem.split("_", 1)):
                return stem
        raise WorkError(f"there is no notebook {name}: choose from {', '.join(self.stems())}")

    def mine(self, stem: str) -> Path | None:
        """Return the learner's copy of a notebook, which may carry an earlier number, or None."""
        exact = self.folder / f"{stem}.ipynb"
        if exact.is_file():
            return exact
        name = stem.split("_", 1)[1]
        earlier = [
            path
            for path in sorted(self.folder.glob(f"[0-9][0-9]_{name}.ipynb"))
            if path.stem not in self.stems()
        ]
        return earlier[-1] if earlier else None

    def prepare(self) -> list[str]:
        """Copy the notebooks that are not there yet, never over one that is; return their stems."""
        self.folder.mkdir(parents=True, exist_ok=True)
        copied = [stem for stem in self.stems() if self.mine(stem) is None and self._copy(stem)]
        return copied

    def _copy(self, stem: str) -> bool:
        """Copy a released notebook; what somebody wrote into the release's own copy comes along."""
        try:
            results.create(self.folder / f"{stem}.ipynb", to_bytes(self._fresh(stem)))
        except FileExistsError:  # another start of the course was faster
            return False
        return True

    def _released(self, stem: str) -> bytes:
        return (self.release / f"{stem}.ipynb").read_bytes()

    def _fresh(self, stem: str) -> NotebookNode:
        return stamped(self.release / f"{stem}.ipynb", self._onward(stem))

    def _onward(self, stem: str) -> str:
        """Write the last text of a learner's copy, which links to the next notebook."""
        back = f"[the map of the course]({START})"
        stems = self.stems()
        after = stems[stems.index(stem) + 1 :][:1]
        if not after:
            return f"This was the last notebook. Back to {back}."
        return f"**Next:** [{self._title(after[0])}]({after[0]}.ipynb), or back to {back}."

    def _title(self, stem: str) -> str:
        first = json.loads(self._released(stem))["cells"][0]
        heading = re.match(r"#\s+(.+)", "".join(first["source"]))
        return heading[1].strip() if heading else stem

    def outdated(self) -> list[str]:
        """List the notebooks of which there is a newer edition than the learner's copy."""
        found = []
        for stem in self.stems():
            path = self.mine(stem)
            if path is not None and not self._is_current(stem, path):
                found.append(stem)
        return found

    def _is_current(self, stem: str, path: Path) -> bool:
        try:
            edition = read(path.read_bytes(), path).metadata.get(STAMP, {}).get("edition")
        except WorkError:
            return False
        return path.stem == stem and edition == edition_of(self._released(stem), self._onward(stem))

    def update(self, names: tuple[str, ...] = ()) -> Iterator[str]:
        """Bring the learner's copies up to date, and say what was done to each.

        Whatever is replaced is kept first. A notebook that cannot be read is left as it is.
        """
        chosen = [self.stem_of(name) for name in names] or self.stems()
        for stem in self.prepare():
            yield f"{stem}: copied"
        for stem in self.outdated():
            path = self.mine(stem)
            if stem in chosen and path is not None:
                try:
                    yield f"{stem}: {self._bring_up_to_date(stem, path)}"
                except WorkError as error:
                    yield f"{stem}: {error}"

    def _bring_up_to_date(self, stem: str, path: Path) -> str:
        content = path.read_bytes()
        carried = carry(read(content, path), self._fresh(stem))
        kept = self._put(stem, path, content, carried.notebook)
        return f"{_told(carried)} {kept}"

    def _put(self, stem: str, path: Path, content: bytes, notebook: NotebookNode) -> str:
        """Put a notebook in the place of the learner's, whose content is kept; say where."""
        kept = self.keep(path.stem, content)
        if path.read_bytes() != content:
            raise WorkError(f"{path.name} was saved just now: try again")
        target = self.folder / f"{stem}.ipynb"
        results.replace(target, to_bytes(notebook))
        if path != target:
            path.unlink()
        return f"Your copy before that: {self._short(kept)}. {RELOAD}"

    def reset(self, name: str, exercise: str = "") -> str:
        """Put a notebook, or one answer's cell, back as released; keep what was there, and say so.

        Raises WorkError if there is no such notebook or exercise.
        """
        stem = self.stem_of(name)
        path, release = self.mine(stem), self._fresh(stem)
        answers = {graded_name(cell): cell for cell in release.cells if is_answer(cell)}
        if exercise and exercise not in answers:
            raise WorkError(f"{stem} has no exercise {exercise}; it has {', '.join(answers)}")
        if path is None:
            self.prepare()
            return f"{stem}: copied"
        content = path.read_bytes()
        if exercise:
            fresh = read(content, path)
            found = answer_to(exercise, fresh.cells, stamp_of(fresh))
            if found is None:
                raise WorkError(
                    f"{path.name} has no cell for {exercise} any more: set back the whole notebook"
                )
            answers[exercise]["id"] = fresh.cells[found]["id"]
            fresh.cells[found] = answers[exercise]
        else:
            fresh = release
        kept = self._put(stem, path, content, fresh)
        results.forget([exercise] if exercise else answers, self.results)
        return f"{exercise or stem}: as released. {kept}"

    def keep(self, stem: str, content: bytes) -> Path:
        """Write a notebook into the folder of kept ones, unless it is there; return its place."""
        folder = self.folder / KEPT
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{stem}.*.ipynb"):
            if old.read_bytes() == content:
                return old
        when, count = datetime.now().strftime("%Y-%m-%d_%H%M%S"), 1
        while True:
            also = f"_{count}" if count > 1 else ""
            target = folder / f"{stem}.{when}{also}.ipynb"
            try:
                results.create(target, content)
            except FileExistsError:
                count += 1
                continue
            return target

    def keep_before_build(self, target: Path, content: bytes) -> Path | None:
        """Keep a notebook that a build is about to replace, if somebody has worked in it."""
        there = target.read_bytes() if target.is_file() else content
        if there == content:
            return None
        try:
            worked_in = holds_work(read(there, target))
        except WorkError:
            worked_in = True
        return self.keep(target.stem, there) if worked_in else None

    def _short(self, path: Path) -> Path:
        root = self.folder.parent
        return path.relative_to(root) if path.is_relative_to(root) else path


def _told(carried: Carried) -> str:
    said = []
    if carried.answers:
        said.append(f"your answers are in it ({', '.join(carried.answers)})")
    if carried.own:
        more = "so is 1 more cell" if carried.own == 1 else f"so are {carried.own} more cells"
        said.append(f"{more} that you wrote or changed")
    told = f"now the new edition; {'; '.join(said) or 'there was nothing of yours to carry'}."
    for name in carried.changed:
        told += f" The task of {name} has changed: compare your answer with notebooks/."
    return told
