"""Find what a class has handed in, without following links out of the given place."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import groupby
from pathlib import Path, PurePosixPath

from .listing import CannotList, Entry, is_zip, list_place, read_file
from .names import bare, readable, safe_name, stem_in
from .notebook_file import Unreadable, assignment_defined, read_notebook
from .owners import WhoseIsIt, find_owners
from .platforms import Owner

MOST = 200  # notebooks of one student
MOST_OTHERS = 5  # other files of one student, each with a row of its own
NO_NOTEBOOK = "no notebook"  # the status of what a student without a notebook handed in
OTHER_FILE = "other file"  # the status of what lies beside a student's notebooks
FEEDBACK = "feedback"  # the folder of students' pages
_OURS = re.compile(r"\.(html|csv|partial)$", re.IGNORECASE)  # files that are written among pages
_BLACKBOARD_NOTE = re.compile(r"_attempt_[\d-]+\.txt$")  # written by Blackboard for each attempt

Known = Mapping[tuple[str, str], Collection[str]]  # (student, assignment): a platform's numbers
Owned = tuple[Owner, Entry]


class NothingToGrade(ValueError):
    """There is no submission where the caller pointed."""


@dataclass(frozen=True)
class Submission:
    """One file of one student; `file` is its path below the place, "/" between the parts.

    `status` is "" for a notebook, else why it is not graded; `problem` says the same in words, or
    why a notebook cannot be read. `identity` is the platform's number of the student, `handed_in`
    the time as far as it is known, and `order` sorts attempts of the same time. `page` holds the
    names that the page of feedback is made of: what the platform needs to take it back.
    """

    student: str
    file: str
    content: Callable[[], bytes] = field(default=bytes, compare=False)
    problem: str = ""
    status: str = ""
    identity: str = ""
    handed_in: str = ""
    order: int = 0
    page: tuple[str, ...] = ()

    @property
    def stem(self) -> str | None:
        """Return the assignment that the file is named for, if it is."""
        return stem_in(PurePosixPath(self.file).name)

    def read(self) -> bytes:
        """Return the notebook's bytes; raises Unreadable."""
        if self.problem:
            raise Unreadable(self.problem)
        return self.content()

    def page_path(self, number: int = 1) -> str:
        """Return where the page of feedback goes, from the platform's names, made safe.

        That is feedback/<student's folder>/<notebook>.html, or feedback/<file>.html for files that
        a platform downloads into one folder. Later numbers give other paths.
        """
        *folder, name = self.page or (self.student, PurePosixPath(self.file).stem)
        more = f" ({number})" if number > 1 else ""
        safe = [_OURS.sub(r"\g<0>~", safe_name(part)) for part in folder]
        return "/".join([FEEDBACK, *safe, f"{safe_name(name)}{more}.html"])


def find_submissions(place: Path) -> list[Submission]:
    """Find what was handed in below a folder or in a zip archive, or take one notebook.

    Raises NothingToGrade.
    """
    return find_class(place)[0]


def find_class(
    place: Path,
    *,
    left_out: Path | None = None,
    level: int | None = None,
    known: Known | None = None,
) -> tuple[list[Submission], list[str]]:
    """Find what was handed in; return it, sorted, and what an instructor should know of it.

    `left_out` is not looked into. `level` is the number of the part of the path that names the
    student, where that cannot be told. `known` maps (student, assignment) of earlier runs to the
    platform's numbers of the student. Raises NothingToGrade.
    """
    if not place.exists():
        raise NothingToGrade(f"{place} does not exist: name a folder of notebooks, or a notebook")
    if place.is_file() and not is_zip(place.name):
        student = readable(place.resolve().parent.name)
        return [Submission(student, readable(place.name), partial(read_file, place))], []
    known = known or {}
    students = {student for student, _ in known}
    name = re.sub(r"\s*\(\d+\)$", "", bare(readable(place.resolve().name)))  # a browser's "(1)"
    try:
        entries = list_place(place, left_out)
        layout = find_owners(
            entries, name, level=level, known=students, stem_inside=cache(_stem_inside)
        )
    except CannotList as error:
        raise NothingToGrade(str(error)) from None
    except WhoseIsIt as error:
        raise NothingToGrade(f"{place}: {error}") from None
    tell_apart = _from_known_students(known)
    owned = [
        (tell_apart(owner, entry), entry)
        for entry in entries
        for owner in layout.owners.get(entry, ())
    ]
    found = _bounded(_submissions(owned))
    if not any(entry.notebook for _, entry in owned):
        suffixes = (PurePosixPath(e.name).suffix or "(no suffix)" for e in entries if not e.empty)
        seen = Counter(suffixes).most_common(5)
        if not found or not seen:
            said = ", ".join(f"{count} {suffix}" for suffix, count in seen)
            raise NothingToGrade(f"no notebooks in {place}: it holds {said or 'no files'}")
    return found, [*layout.notes, *_alike_names(found), _summary(found)]


def _stem_inside(entry: Entry) -> str | None:
    """Return the assignment a notebook is by the functions it defines."""
    try:
        return assignment_defined(read_notebook(entry.read()).sources())
    except Unreadable:
        return None


def _from_known_students(known: Known) -> Callable[[Owner, Entry], Owner]:
    """Return a function that adds a platform's number to the name of a student.

    It does so where an earlier run knows another student of the same name.
    """
    numbers: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for (student, assignment), some in known.items():
        numbers[student][assignment] = set(some) - {""}

    def tell_apart(owner: Owner, entry: Entry) -> Owner:
        full = f"{owner.student} ({owner.identity})"
        if not owner.identity:
            return owner
        stem = stem_in(entry.name)
        others: set[str] = set()
        for assignment, some in numbers.get(owner.student, {}).items():
            if owner.platform != "Moodle" or stem in (None, assignment):
                others |= some
        if full in numbers or (others and owner.identity not in others):
            return replace(owner, student=full)
        return owner

    return tell_apart


def _submissions(owned: Sequence[Owned]) -> list[Submission]:
    """Turn files into submissions; those that are no notebooks say so."""
    by_student: dict[str, list[Owned]] = defaultdict(list)
    for owner, entry in owned:
        by_student[owner.student].append((owner, entry))
    common = _released(owned, len(by_student))
    found = []
    for files in by_student.values():
        notebooks = [(owner, entry) for owner, entry in files if entry.notebook]
        found += [_submission(*one, problem=one[1].problem or one[0].note) for one in notebooks]
        status = OTHER_FILE if notebooks else NO_NOTEBOOK
        notes, others = [], []
        for owner, entry in files:
            if _BLACKBOARD_NOTE.search(entry.name):
                notes.append((owner, entry, "was handed in without a file"))
            elif not entry.notebook and _within(owner, entry) not in common:
                others.append((owner, entry, _no_notebook(entry)))
        if not others and not notebooks:
            problem = "handed in only files that most of the class have, too"
            others = notes or [(*files[0], problem)]
        shown = others[: 1 if notebooks else MOST_OTHERS]
        for number, (owner, entry, problem) in enumerate(shown, 1):
            problem = entry.problem or problem
            if number == len(shown) < len(others):
                problem += f" (more such files of this student: {len(others) - number})"
            found.append(_submission(owner, entry, problem=problem, status=status))
    return found


def _released(owned: Iterable[Owned], students: int) -> set[tuple[str, ...]]:
    """Return the paths of files that most students have, so were handed out."""
    having: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for owner, entry in owned:
        if not entry.notebook and not entry.problem and _within(owner, entry):
            having[_within(owner, entry)].add(owner.student)
    return {path for path, some in having.items() if len(some) > max(2, students / 2)}


def _within(owner: Owner, entry: Entry) -> tuple[str, ...]:
    """Return the path of a file inside a student's folder."""
    return entry.parts[owner.depth :]


def _no_notebook(entry: Entry) -> str:
    suffix = PurePosixPath(entry.name).suffix
    return f"is a {suffix} file, not a notebook" if suffix else "is not a notebook"


def _submission(owner: Owner, entry: Entry, *, problem: str, status: str = "") -> Submission:
    student = " ".join(owner.student.split()) or "(no name)"
    return Submission(
        student,
        f"{entry}/" if entry.empty else str(entry),
        entry.read,
        problem,
        status,
        owner.identity,
        owner.time or entry.modified,
        owner.order,
        _page(owner, entry, student),
    )


def _page(owner: Owner, entry: Entry, student: str) -> tuple[str, ...]:
    """Return the names that a page of feedback is made of."""
    parts, depth = entry.parts, owner.depth
    if entry.empty:
        return bare(parts[depth - 1]) if depth else student, "nothing to grade"
    if depth == len(parts) and owner.platform not in ("", "Gradescope"):
        return (bare(parts[-1]),)  # a flat download: the name of the file is what is known
    in_folder = 0 < depth < len(parts) and owner.platform != "Gradescope"
    inner = "/".join(bare(part) for part in parts[depth:-1])
    return (
        bare(parts[depth - 1]) if in_folder else student,
        bare(parts[-1]) + (f" in {inner}" if inner else ""),
    )


def _bounded(found: Iterable[Submission]) -> list[Submission]:
    """Sort submissions; where one student hands in very many, keep the first and say so."""
    kept: list[Submission] = []
    in_order = sorted(found, key=lambda one: (one.student, one.file))
    for _, own in groupby(in_order, key=lambda one: one.student):
        all_own = list(own)
        kept += all_own[:MOST]
        if len(all_own) > MOST:
            more = len(all_own) - MOST - 1
            problem = f"and {more:,} more of this student were left out: {MOST} are graded"
            kept.append(replace(all_own[MOST], problem=problem))
    return kept


def _alike_names(found: Sequence[Submission]) -> list[str]:
    """List students whose names differ only in capital letters."""
    names: dict[str, set[str]] = defaultdict(set)
    for submission in found:
        names[submission.student.casefold()].add(submission.student)
    return [
        f"{' and '.join(sorted(some))} differ only in capitals: counted as different students"
        for some in names.values()
        if len(some) > 1
    ]


def _summary(found: Sequence[Submission]) -> str:
    students = sorted({submission.student for submission in found})
    count = sum(not submission.status for submission in found)
    shown = ", ".join(students[:5]) + (", ..." if len(students) > 5 else "")
    return (
        f"found {count:,} notebook{'s' * (count != 1)} of {len(students):,} "
        f"student{'s' * (len(students) != 1)}: {shown}"
    )
