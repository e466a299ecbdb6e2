"""The start page: a notebook with the map of the course and how far its learner is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ..session import results
from . import WorkError
from .carrying import carry
from .folder import START, Work
from .released import STAMP, holds_work, read, stable_id, to_bytes
from .standing import Standing, next_step, standings

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

# what a notebook builds on, by its name without the number; others stand on their own
NEEDS = {
    "rnn_variants": ("rnn_step_by_step",),
    "language_model": ("rnn_step_by_step",),
    "jazz_improvisation": ("rnn_step_by_step",),
    "emojify": ("word_vectors", "rnn_step_by_step"),
    "sentiment": ("word_vectors", "rnn_step_by_step"),
    "image_rnn": ("rnn_step_by_step",),
    "translation": ("rnn_step_by_step",),
    "attention": ("translation",),
}

OPENING = """# Sequence models, by building them

You write the functions that make a network remember, read, translate and improvise. After each of \
them a check tells you what is right, what is not, and why. This page is yours: add notes to it as \
you like."""

BEFORE = """## Before you begin

You should be able to read and write Python functions, loops and dictionaries, and know NumPy \
arrays: their shapes, slices, broadcasting and `@`. From mathematics you need matrix products \
and, for the backward passes of the first notebooks, the chain rule. Machine learning is explained \
where it comes up; it helps to have trained a small network before."""

CHECKS = """## How a notebook works

- Run the cells from the top: **Shift+Enter** runs one and goes to the next.
- Write your code where a cell says `YOUR CODE HERE`, delete the line below it that raises an \
error, and run the cell. Then run the check below it. **A check judges what you ran last**, and \
says so; if you have changed the cell since, it asks you to run it first.
- Checks cost nothing. Use them as often as you like. An answer that runs for more than \
{seconds} seconds ({keras} with Keras) is stopped.
- `hint(name)` gives the next hint for an exercise, and `score()` adds up your points.
- After a restart of the kernel, run the cells above again: **Run > Run All Above Selected Cell**. \
Your points are still there.

## Your work is kept

Your notebooks are in the folder `{folder}`, the results of your checks in `results.json` beside \
them. Delete that file to count from zero. Nothing leaves your machine. In a terminal, in the \
folder of the course:

| command | what it does |
|---|---|
| `.venv/bin/course status` | shows your points and what comes next |
| `.venv/bin/course update` | brings your notebooks up to a new edition, with your answers in them |
| `.venv/bin/course reset 03` | puts a notebook back as it was released; `course reset 03 NAME` \
one answer |
| `.venv/bin/course export 03` | writes a notebook as one HTML page, and as PDF |

Update and reset keep a copy of what was there before, in the folder `kept`.

## Room

Every open notebook has a kernel of its own. One takes about 0.1 GB with NumPy alone, and 0.7 GB \
once Keras is loaded; training takes more. Loading Keras takes some seconds, in the first cell. To \
free the memory, choose **Kernel > Shut Down All Kernels...**; your work and points stay."""


def write_start_page(work: Work) -> Path:
    """Write the start page, or bring it up to date; what the learner added to it stays."""
    path, found = work.folder / START, standings(work)
    page = start_page(work, found)
    content = to_bytes(page)
    try:
        mine = read(path.read_bytes(), path)
        if holds_work(mine):
            content = to_bytes(carry(mine, page).notebook)
    except FileNotFoundError:
        pass
    except WorkError:  # something of the learner's
        work.keep(path.stem, path.read_bytes())
    results.replace(path, content)
    return path


def start_page(work: Work, found: Sequence[Standing]) -> nbformat.NotebookNode:
    """Return the page as a notebook: the map, what to know, how checks work, and the score."""
    from ..check import SECONDS, SECONDS_WITH_KERAS

    text = CHECKS.format(folder=work.folder.name, seconds=SECONDS, keras=SECONDS_WITH_KERAS)
    cells = [
        new_markdown_cell(f"{OPENING}\n\n{_next(work, found)}"),
        new_markdown_cell(_map(work, found)),
        new_code_cell("from course_utils.check import score\n\nscore()  # your points as of now"),
        new_markdown_cell(BEFORE),
        new_markdown_cell(text),
    ]
    taken: set[str] = set()
    for cell in cells:
        cell["id"] = stable_id(cell, taken)
    metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
        STAMP: {"cells": sorted(taken)},
    }
    return new_notebook(cells=cells, metadata=metadata)


def _next(work: Work, found: Sequence[Standing]) -> str:
    step = next_step(found)
    if step is None:
        return "**You have finished the course.** Congratulations!"
    standing, exercise = step
    begun = any(each.points or each.passed for each in found)
    verb = "Go on with" if begun else "Begin with"
    text = f"**{verb}** `{exercise}` in {_link(work, standing)}."
    outdated = work.outdated()
    if outdated:
        text += (
            f"\n\n**There is a newer edition** of {', '.join(outdated)}. In a terminal, "
            "`.venv/bin/course update` brings your copies up to date and keeps your answers."
        )
    return text


def _map(work: Work, found: Sequence[Standing]) -> str:
    numbers = {_name(each.stem): each.stem[:2] for each in found}
    rows = ["| notebook | your points | time | needs |", f"|{'---|' * 4}"]
    details = []
    for each in found:
        source = (work.release / f"{each.stem}.ipynb").read_text("utf-8")
        cells = nbformat.reads(source, as_version=4).cells
        opening = cells[0].source
        set_up = next(cell.source for cell in cells if cell.cell_type == "code")
        tool = "Keras" if re.search(r"^(import keras|from keras)", set_up, re.M) else "NumPy"
        before = [numbers[name] for name in NEEDS.get(_name(each.stem), ()) if name in numbers]
        state = f"{each.points} / {each.of}" + (" ✓" if each.finished else "")
        rows.append(
            f"| {each.stem[:2]} {_link(work, each)} | {state} | {_time(opening, each)} "
            f"| {', '.join([*before, tool])} |"
        )
        goals = re.findall(r"^- .+(?:\n  .+)*", opening, re.M)
        details.append(
            f"<details><summary>{each.stem[:2]} {each.title}: you will be able to</summary>\n\n"
            + "\n".join(goals)
            + "\n\n</details>"
        )
    edited = [name for each in found for name in each.edited]
    remark = (
        f"\n\nChanged since the last check: {', '.join(f'`{name}`' for name in edited)}."
        if edited
        else ""
    )
    earned, most = sum(each.points for each in found), sum(each.of for each in found)
    total = f"**{earned} / {most} points** when this page was opened by `make lab`."
    return "\n".join(["## The course", "", *rows, "", f"{total}{remark}", "", "\n\n".join(details)])


def _time(opening: str, standing: Standing) -> str:
    """Return the time that a notebook's opening says to plan, or that of its exercises."""
    planned = re.search(r"\bplan (?:about )?([^.,;]+?)[.,;]", opening)
    return planned[1] if planned else f"{standing.minutes} minutes"


def _link(work: Work, standing: Standing) -> str:
    path = work.mine(standing.stem)
    return f"[{standing.title}]({path.name if path else f'{standing.stem}.ipynb'})"


def _name(stem: str) -> str:
    return stem.split("_", 1)[1]
