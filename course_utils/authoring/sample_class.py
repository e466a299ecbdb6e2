"""Make a class of students who don't exist, and the truth about what each handed in."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from .answers import Answer, AnswerBook
from .build import to_bytes
from .handed_in import hand_in
from .students import names

TRUTH = "truth.csv"
COLUMNS = ("student", "assignment", "exercise", "kind", "name", "deserved_points", "note")
RIGHT = {"reference": 0.5, "style": 0.5}
WRONG = {"misconception": 0.6, "blank": 0.2, "broken": 0.2}


class CannotMake(ValueError):
    """A sample class can't be made here; the message says why."""


@dataclass(frozen=True)
class Handed:
    """One student's notebook, with the truth: an answer for each exercise."""

    student: str
    notebook: NotebookNode
    answers: dict[str, Answer]
    quirks: list[str]


def sample_class(
    book: AnswerBook, students: int, seed: int, *, honest: bool = False
) -> Iterator[Handed]:
    """Yield the notebooks of a class; the same book, count and seed always give the same.

    With `honest` there are right answers and stubs only, in untouched notebooks.
    """
    for student in names(students, seed):
        rng = random.Random(f"{seed} {book.assignment.stem} {student}")
        skill = rng.choice((0.3, 0.6, 0.85, 0.95, 1.0))
        answers = {}
        for exercise in book.assignment.exercises:
            kinds = RIGHT if rng.random() < skill else {"blank": 1} if honest else WRONG
            (kind,) = rng.choices(list(kinds), list(kinds.values()))
            answers[exercise.name] = book.choose(exercise, kind, rng, stub=honest)
        notebook, quirks = hand_in(book.notebook, student, answers, rng, quirky=not honest)
        yield Handed(student, notebook, answers, quirks)


def make_class(
    root: Path,
    folder: Path,
    students: int,
    seed: int,
    stems: Sequence[str],
    *,
    honest: bool = False,
    endless: bool = False,
) -> int:
    """Write <student>/<stem>.ipynb and truth.csv into `folder`; return how many notebooks.

    `root` is a checkout with solutions/. With `endless`, some answers never end. Raises CannotMake
    where `folder` holds something already, and SourceError where a source is not as it should be.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotMake(f"{folder} is not an empty folder: name a new one")
    rows, written = [], 0
    for stem in dict.fromkeys(stems):
        book = AnswerBook(root, stem, endless=endless)
        for handed in sample_class(book, students, seed, honest=honest):
            place = folder / handed.student / f"{stem}.ipynb"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(to_bytes(handed.notebook))
            rows += truth(book, handed)
            written += 1
    with (folder / TRUTH).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return written


def truth(book: AnswerBook, handed: Handed) -> Iterator[tuple]:
    """Yield a row for each exercise, with what it deserves where that is known exactly."""
    for exercise in book.assignment.exercises:
        answer = handed.answers[exercise.name]
        notes = [
            f"builds on {name}, not right here" for name in wrong_below(book, handed, exercise)
        ]
        notes += [f"notebook: {quirk}" for quirk in handed.quirks]
        points = "" if answer.points is None else answer.points
        yield (
            *(handed.student, book.assignment.stem, exercise.name),
            *(answer.kind, answer.name, points, "; ".join(notes)),
        )


def wrong_below(book: AnswerBook, handed: Handed, exercise) -> list[str]:
    """List the exercises that an exercise builds on and that are not right in this notebook."""
    found = []
    for name in exercise.needs:
        needed = book.assignment[name]
        if handed.answers[name].kind not in RIGHT:
            found.append(name)
        found += [other for other in wrong_below(book, handed, needed) if other not in found]
    return found
