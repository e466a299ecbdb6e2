"""Write grades as CSV and print them as a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .engine import Grade

GRADES = ("student", "assignment", "score", "max_score", "status")
CRITERIA = ("student", "assignment", "exercise", "criterion", "points", "max_points", "diagnosis")


def write_csv(grades: Sequence[Grade], folder: Path) -> tuple[Path, Path]:
    """Write grades.csv and criteria.csv, UTF-8, into `folder` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    grade_rows = [(g.student, g.assignment, g.score, g.max_score, g.status) for g in grades]
    criteria_rows = [
        (
            g.student,
            g.assignment,
            r.exercise,
            c.name,
            c.points,
            c.max_points,
            "" if c.passed else _one_line(r.diagnosis if r.misconceptions else c.message),
        )
        for g in grades
        for r in g.results
        for c in r.criteria
    ]
    paths = folder / "grades.csv", folder / "criteria.csv"
    for path, header, rows in zip(
        paths, (GRADES, CRITERIA), (grade_rows, criteria_rows), strict=True
    ):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
    return paths


def print_table(grades: Sequence[Grade], console: Console) -> None:
    """Print one row a notebook."""
    table = Table(box=None, pad_edge=False)
    for name in ("student", "assignment"):
        table.add_column(name, no_wrap=True)
    table.add_column("score", justify="right")
    table.add_column("max", justify="right")
    table.add_column("status", no_wrap=True)
    for g in grades:
        table.add_row(g.student, g.assignment, str(g.score), str(g.max_score), g.status)
    console.print(table)


def problems(grade: Grade) -> list[str]:
    """List, one line each, what an instructor should know about a submission."""
    where = f"{grade.student}/{grade.path.name}"
    lines = [f"{where}: {_one_line(grade.note)}"] if grade.note else []
    if grade.status == "graded":
        lines += [
            f"{where}: {_one_line(r.summary)}"
            for r in grade.results
            if r.status in ("not defined", "could not run") and "cell that defines" not in r.summary
        ]
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.split())
