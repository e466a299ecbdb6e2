"""Submissions that cheat, do harm or are of odd form, each with the score it deserves.

A case is a file `<group>/<id>.case`, or a function of `forms` where the file itself is what is
odd. A case file is a percent script with a header:

    # tries: what it tries, in one line
    # deserves: 10                      points: what the honest answers in it are worth
    # least: 0                          if it may cost itself points (default: as deserved)
    # assignment: 06_emojify            (default: 01_rnn_step_by_step)

Its cells are put into the released notebook: `# %% exercise="name"` takes the place of that answer
(`exercise="*"` of every other one, with EXERCISE for the name); the others stand after the set-up
or after the answer they follow. `# <right: name>` stands for the answer key's cell; a case that has
got what it should not deletes the answer below it, so that its score tells. Names between at-signs,
such as @OTHER@, become what `Targets` says: an attacker who knows where everything is.

The files do not end in .py, because nobody should import or run one by accident.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from .notebooks import Cell, assemble, parse, save

HERE = Path(__file__).parent
GROUPS = ("forging", "harm", "form")
DEFAULT = "01_rnn_step_by_step"
HEADER = re.compile(r"# (tries|deserves|least|assignment): (.+)")


@dataclass(frozen=True)
class Targets:
    """What an attacker aims at; `other` is another student's notebook, `victim` a process.

    `pidns` is the process namespace of whoever runs the collection: code that finds itself in it
    must not signal everybody, and signals `victim` instead.
    """

    other: Path
    submissions: Path
    out: Path
    journal: Path
    home: Path
    tmp: Path
    root: Path
    site: Path
    tcp: int = 0
    udp: int = 0
    listen: int = 0
    unix: str = ""
    victim: int = 0
    pidns: str = ""

    def fill(self, text: str) -> str:
        """Put the targets in the place of their names between at-signs."""
        for each in fields(self):
            text = text.replace(f"@{each.name.upper()}@", str(getattr(self, each.name)))
        return text


@dataclass(frozen=True)
class Case:
    """One bad submission; `make(folder, targets)` writes it into the student's folder."""

    id: str
    group: str
    tries: str
    deserves: int
    least: int
    assignment: str
    make: Callable[[Path, Targets], object]
    student: str

    def write(self, place: Path, targets: Targets) -> Path:
        """Hand it in below `place`, as its student; return the student's folder."""
        folder = place / self.student
        folder.mkdir(parents=True)
        self.make(folder, targets)
        return folder


def load(*groups: str) -> list[Case]:
    """Load the cases of some groups (all, if none is named), by group and id."""
    return [case for case in _all() if not groups or case.group in groups]


@cache
def _all() -> list[Case]:
    from .forms import FORMS

    read = [read_case(path) for group in GROUPS for path in (HERE / group).glob("*.case")]
    made = [
        Case(name, form.group, form.tries, form.deserves, form.least, DEFAULT, form.make, student)
        for name, form in FORMS.items()
        for student in [form.student or name]
    ]
    return sorted([*read, *made], key=lambda case: (GROUPS.index(case.group), case.id))


def read_case(path: Path) -> Case:
    """Read a case file; nothing in it is run."""
    head, cells = parse(path.read_text("utf-8"))
    said = dict(match.groups() for match in map(HEADER.fullmatch, head.splitlines()) if match)
    deserves = ast.literal_eval(said["deserves"])
    stem = said.get("assignment", DEFAULT)

    def make(folder: Path, targets: Targets) -> None:
        filled = [Cell(cell.options, targets.fill(cell.source)) for cell in cells]
        save(assemble(stem, filled), folder / f"{stem}.ipynb")

    return Case(
        path.stem,
        path.parent.name,
        said["tries"],
        deserves,
        int(said.get("least", deserves)),
        stem,
        make,
        path.stem,
    )
