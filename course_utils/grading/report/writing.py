"""Write a page for each notebook and the report on the class, where names can do no harm."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.grade import Grade
from ..intake.submissions import FEEDBACK
from . import class_report, student_page
from .originals import originals
from .tables import plain

if TYPE_CHECKING:
    from ..batch.journal import Row

MANIFEST = ("student", "id", "assignment", "attempt", "counts", "score", "file", "page")


class Pages:
    """Writes students' pages below a folder."""

    def __init__(self, out: Path) -> None:
        """Remember where."""
        self._out = out

    def write(self, grade: Grade, page: str, *, new: bool) -> None:
        """Write a grade's page; one that is there and not new is left as it is."""
        target = self._out / page
        if not new and target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        partial.write_text(student_page(grade), "utf-8")
        partial.replace(target)


def write_report(rows: Iterable[Row], out: Path, title: str, seed: str) -> Path:
    """Write report.html on all submissions of the journal and return its path."""
    target = out / "report.html"
    page = ""

    def grades() -> Iterator[Grade]:
        nonlocal page
        for row in rows:
            page = row.filed.page  # the report asks for it before it takes the next grade
            yield row.grade

    text = class_report(
        grades(), title=title, seed=seed, confinement="", page_of=lambda _: page or None,
        course=originals,
    )  # fmt: skip
    target.write_text(text, "utf-8")
    return target


def write_manifest(rows: Iterable[Row], out: Path) -> Path:
    """Write feedback/manifest.csv, which maps students to pages, and return its path."""
    target = out / FEEDBACK / "manifest.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(MANIFEST)
        for row in rows:
            g, page = row.grade, row.filed.page.removeprefix(f"{FEEDBACK}/")
            score = g.score if g.status == "graded" else ""
            writer.writerow(
                (plain(g.student), plain(row.filed.identity), plain(g.assignment),
                 row.attempt or "", "yes" if row.counts else "", score, plain(g.file), plain(page))
            )  # fmt: skip
    partial.replace(target)
    return target
