"""Write a page for each notebook and the report on the class, where names can do no harm."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from .grade import Grade
from .journal import Journal
from .pages import class_report, student_page

LONGEST = 80  # characters of one part of a path


class Pages:
    """Writes students' pages below a folder."""

    def __init__(self, out: Path) -> None:
        """Remember where."""
        self._out = out

    def write(self, grade: Grade, *, new: bool) -> None:
        """Write a grade's page; one that is there and not new is left as it is."""
        target = self._out / page_path(grade)
        if not new and target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        partial.write_text(student_page(grade), "utf-8")
        partial.replace(target)


def write_report(
    journal: Journal, files: Sequence[tuple[str, str]], out: Path, title: str, seed: int
) -> Path:
    """Write report.html from the journal and return its path."""
    target = out / "report.html"
    text = class_report(
        journal.grades(files),
        title=title,
        seed=seed,
        confinement="",
        page_of=lambda grade: str(page_path(grade)),
    )
    target.write_text(text, "utf-8")
    return target


def page_path(grade: Grade) -> PurePosixPath:
    """Return where a grade's page stands: feedback/<student>/<notebook>.html, made safe."""
    notebook = PurePosixPath(grade.file)
    # in nbgrader's layout and in others one student may have the same notebook in two folders
    inner = "/".join(notebook.parts[1:-1])
    name = notebook.stem if not inner else f"{notebook.stem} in {inner}"
    return PurePosixPath("feedback", safe_name(grade.student), safe_name(name) + ".html")


def safe_name(name: str) -> str:
    """Turn any text into a name that every file system takes; unlike texts stay unlike."""
    kept = re.sub(r"[^\w .,()+@=-]", "_", name).strip(" .")[:LONGEST].rstrip(" .")
    if kept and kept == name and not name.startswith("-"):
        return kept
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept.lstrip('-')}~{digest}".lstrip(" .")
