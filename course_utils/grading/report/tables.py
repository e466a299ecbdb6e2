"""Write the tables of a class: a row for each file handed in, each criterion and each page."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..batch.journal import Row
from ..intake.submissions import FEEDBACK

GRADES = (
    *("student", "assignment", "score", "max_score", "status", "file", "attempt", "counts"),
    *("handed_in", "graded", "seed", "version", "identical_to", "note"),
)
CRITERIA = (
    *("student", "assignment", "exercise", "criterion", "points", "max_points", "diagnosis"),
    *("file", "attempt", "handed_in", "seed", "version"),
)
MANIFEST = ("student", "id", "assignment", "attempt", "counts", "score", "file", "page")
LONGEST_NOTE = 300
_FORMULA = ("=", "+", "-", "@")
# where a cell begins, also for spreadsheets that separate cells by semicolons or tabs
_BEGINS = re.compile(r"(\A|[;\t])(\s*)(?=(\S))")


def no_formula(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: a quote stands before what may be one.

    See OWASP, "CSV Injection".
    """
    if text.startswith(("\t", "\r", "\n")):
        return f"'{text}"
    return _BEGINS.sub(_marked, text)


def _marked(found: re.Match[str]) -> str:
    first = unicodedata.normalize("NFKC", found[3])  # also a full-width "="
    return found[1] + "'" * first.startswith(_FORMULA) + found[2]


@contextmanager
def table(path: Path, heading: Sequence[str]) -> Iterator[Callable[[Sequence[object]], None]]:
    """Write a CSV, UTF-8, by calling what this yields with each row.

    The file is complete or as it was before: it is written under another name first.
    """
    partial = path.with_suffix(".csv.partial")
    with partial.open("w", encoding="utf-8", newline="", errors="replace") as file:
        writer = csv.writer(file)

        def write(row: Sequence[object]) -> None:
            writer.writerow([no_formula(v) if isinstance(v, str) else v for v in row])

        write(heading)
        yield write
    partial.replace(path)


def grade_row(row: Row) -> Sequence[object]:
    """Return the row of grades.csv."""
    g, filed = row.grade, row.filed
    note = "" if g.status == "graded" else one_line("; ".join(g.notes))[:LONGEST_NOTE]
    return (
        *(g.student, g.assignment, g.score, g.max_score, g.status, g.file, row.attempt or ""),
        *("yes" if row.counts else "", filed.handed_in, row.graded, filed.seed, filed.version),
        *(row.twin, note),
    )


def criterion_rows(row: Row) -> Iterator[Sequence[object]]:
    """Yield the rows of criteria.csv."""
    g, filed = row.grade, row.filed
    about = (g.file, row.attempt or "", filed.handed_in, filed.seed, filed.version)
    for r in g.results:
        for c in r.criteria:
            said = r.diagnosis if r.misconceptions else c.message
            said = "" if c.passed else one_line(said)
            points = c.points, c.max_points
            yield g.student, g.assignment, r.exercise, c.name, *points, said, *about


def manifest_row(row: Row) -> Sequence[object]:
    """Return the row of feedback/manifest.csv, which says whose each page is."""
    g, page = row.grade, str(row.filed.page).removeprefix(f"{FEEDBACK}/")
    score = g.score if g.status == "graded" else ""
    counts = "yes" if row.counts else ""
    return (
        *(g.student, row.filed.identity, g.assignment, row.attempt or "", counts, score),
        *(g.file, page),
    )


def one_line(text: str) -> str:
    """Return a text without line ends."""
    return " ".join(text.split())
