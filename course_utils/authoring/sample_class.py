"""Make a class of students who don't exist, and the truth about what each handed in."""

from __future__ import annotations

import copy
import csv
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from ..judging.model import Exercise
from ..workspace.released import to_bytes
from .answers import Answer, AnswerBook, with_first_line

TRUTH = "truth.csv"
COLUMNS = ("student", "assignment", "exercise", "kind", "name", "deserved_points", "note")
RIGHT = {"reference": 0.5, "style": 0.5}
WRONG = {"misconception": 0.6, "blank": 0.2, "broken": 0.2}
GIVEN = (
    *("Ada", "Zoë", "José", "Mary Jane", "Søren", "Łukasz", "Jean-Luc", "Noor", "Ngọc", "İpek"),
    *("Ольга", "Димитър", "Ελένη", "小明", "さくら", "지우", "محمد", "שרה", "आरव", "ஆதி"),
    *("Chidi", "Māra", "Siân", "Þóra", "Xochitl", "Ioana", "Kwame", "Aroha", "สมชาย", "Ana"),
)
FAMILY = (
    *("Lovelace", "Müller", "García Márquez", "O'Neill", "Nguyễn", "Øvergård", "Šimić", "Ó Briain"),
    *("van den Berg", "Çelik", "Иванова", "Παπαδοπούλου", "王", "田中", "김", "حسن", "כהן", "शर्मा"),
    *(
        "de la Cruz",
        "Smith-Jones",
        "Ångström",
        "Đorđević",
        "Ferreira",
        "ใจดี",
        "Okonkwo",
        "St. John",
    ),
)

REMARKS = ("my answer", "see also my notes", "works on my machine", "third attempt", "finally")


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
    rows: list[tuple] = []
    written = 0
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


def wrong_below(book: AnswerBook, handed: Handed, exercise: Exercise) -> list[str]:
    """List the exercises that an exercise builds on and that are not right in this notebook."""
    found = []
    for name in exercise.needs:
        needed = book.assignment[name]
        if handed.answers[name].kind not in RIGHT:
            found.append(name)
        found += [other for other in wrong_below(book, handed, needed) if other not in found]
    return found


def names(count: int, seed: int) -> list[str]:
    """Return `count` different names; a larger count begins with the same ones."""
    every = [f"{given} {family}" for given in GIVEN for family in FAMILY]
    random.Random(f"names {seed}").shuffle(every)
    return [
        every[i % len(every)] + (f" {i // len(every) + 1}" if i >= len(every) else "")
        for i in range(count)
    ]


def hand_in(
    edition: NotebookNode,
    student: str,
    answers: Mapping[str, Answer],
    rng: random.Random,
    *,
    quirky: bool = True,
) -> tuple[NotebookNode, list[str]]:
    """Return a student's notebook and, if it is `quirky`, the names of what else was done to it."""
    notebook = copy.deepcopy(edition)
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in answers:
            cell.source = _signed(answers[name], name, student, rng)
    notebook.cells.insert(0, new_markdown_cell(f"*Handed in by {student}*", id="handed-in-by"))
    done = []
    for quirk in QUIRKS if quirky else ():
        if rng.random() < 0.15:
            quirk(notebook, rng)
            done.append(quirk.__name__.strip("_").replace("_", " "))
    return notebook, done


def grade_id(cell: NotebookNode) -> str:
    """Return the name of the exercise a cell answers, or of its check cell, or ""."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _signed(answer: Answer, name: str, student: str, rng: random.Random) -> str:
    """Add a comment of the student's own, and now and then a print, to what was written."""
    if answer.kind == "blank":
        return answer.source
    source = answer.source
    if answer.kind in ("reference", "style") and rng.random() < 0.1:
        source = with_first_line(source, name, f'print("{name}", "is called")')
    return f"# {student}: {rng.choice(REMARKS)}\n{source}".rstrip("\n")


def _answer_places(notebook: NotebookNode) -> list[int]:
    marked = enumerate(notebook.cells)
    return [i for i, cell in marked if cell.metadata.get("nbgrader", {}).get("solution")]


def _extra_cell(notebook: NotebookNode, rng: random.Random) -> None:
    place = rng.choice(_answer_places(notebook))
    notebook.cells.insert(
        place, new_code_cell("np.arange(6).reshape(2, 3)  # trying things out", id="extra")
    )


def _duplicated_cell(notebook: NotebookNode, rng: random.Random) -> None:
    place = rng.choice(_answer_places(notebook))
    again = copy.deepcopy(notebook.cells[place])
    again["id"] = "duplicated"
    notebook.cells.insert(place + 1, again)


def _answers_in_another_order(notebook: NotebookNode, rng: random.Random) -> None:
    first, *_, last = _answer_places(notebook)
    notebook.cells.insert(first, notebook.cells.pop(last))


def _check_cells_deleted(notebook: NotebookNode, rng: random.Random) -> None:
    notebook.cells = [cell for cell in notebook.cells if not grade_id(cell).startswith("check_")]


def _outputs_present(notebook: NotebookNode, rng: random.Random) -> None:
    count = rng.randrange(40)  # cells were run more than once
    for cell in notebook.cells:
        if cell.cell_type == "code":
            count += rng.randint(1, 3)
            cell.execution_count = count
            if grade_id(cell).startswith("check_"):
                cell.outputs = [new_output("stream", name="stdout", text="100 points\n")]


QUIRKS: tuple[Callable[[NotebookNode, random.Random], None], ...] = (
    _extra_cell,
    _duplicated_cell,
    _answers_in_another_order,
    _check_cells_deleted,
    _outputs_present,
)
