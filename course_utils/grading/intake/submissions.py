"""Find what a class has handed in, without following links out of the given place."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path, PurePosixPath

from .layouts import WhoseIsIt, find_owners
from .listing import CannotList, Entry, bare, is_zip, list_place, read_file, readable
from .notebook_file import Unreadable, assignment_stem, read_notebook
from .platforms import Owner

MOST = 200  # notebooks of one student
MOST_OTHERS = 5  # other files of one student, each with a row of its own
NO_NOTEBOOK = "no notebook"  # the status of what a student without a notebook handed in
OTHER_FILE = "other file"  # the status of what lies beside a student's notebooks
_BLACKBOARD_NOTE = re.compile(r"_attempt_[\d-]+\.txt$")  # written by Blackboard for each attempt


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
    path: Path = field(default_factory=Path)
    problem: str = ""  # why it cannot be read, where that is known from finding it
    status: str = ""
    identity: str = ""
    handed_in: str = ""
    order: int = 0
    page: tuple[str, ...] = ()
    opened: Callable[[], bytes] | None = field(default=None, compare=False)

    def read(self) -> bytes:
        """Return the notebook's bytes; raises Unreadable."""
        if self.problem:
            raise Unreadable(self.problem)
        return self.opened() if self.opened else read_file(self.path)


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
    known: Mapping[tuple[str, str], Collection[str]] | None = None,
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
        return [Submission(student, readable(place.name), place, handed_in="")], []
    try:
        entries = list_place(place, left_out)
    except CannotList as error:
        raise NothingToGrade(str(error)) from None
    name = re.sub(r"\s*\(\d+\)$", "", bare(readable(place.resolve().name)))  # a browser's "(1)"
    known = known or {}
    try:
        layout = find_owners(
            entries,
            name,
            level=level,
            known={student for student, _ in known},
            stem_of=_stem_inside,
        )
    except WhoseIsIt as error:
        raise NothingToGrade(f"{place}: {error}") from None
    owned = [
        (owner, entries[number])
        for number, owners in sorted(layout.owners.items())
        for owner in _told_from_known(owners, entries[number], known)
    ]
    found = _bounded(_submissions(owned))
    if not any(entry.notebook for _, entry in owned):
        seen = Counter(
            PurePosixPath(e.name).suffix or "(no suffix)" for e in entries if not e.empty
        )
        said = ", ".join(f"{count} {suffix}" for suffix, count in seen.most_common(5))
        if not found or not said:
            raise NothingToGrade(f"no notebooks in {place}: it holds {said or 'no files'}")
    return found, [*layout.notes, *_alike_names(found), _summary(found)]


def _stem_inside(entry: Entry) -> str | None:
    """Return the assignment a notebook is by the functions it defines."""
    try:
        return assignment_stem(PurePosixPath("x"), read_notebook(entry.read()).sources())
    except Unreadable:
        return None


def _told_from_known(
    owners: Iterable[Owner], entry: Entry, known: Mapping[tuple[str, str], Collection[str]]
) -> list[Owner]:
    """Add the platform's number where an earlier run knows another student of the same name."""
    result = []
    for owner in owners:
        full = f"{owner.student} ({owner.identity})"
        if owner.identity:
            stem = assignment_stem(PurePosixPath(bare(entry.name)), [])
            numbers = {
                number
                for (student, assignment), some in known.items()
                for number in some
                if student == owner.student
                and (owner.platform != "Moodle" or stem in (None, assignment))
            } - {""}
            if any(student == full for student, _ in known) or (
                numbers and owner.identity not in numbers
            ):
                owner = replace(owner, student=full)
        result.append(owner)
    return result


def _submissions(owned: Sequence[tuple[Owner, Entry]]) -> list[Submission]:
    """Turn entries into submissions; other files get a note that says so."""
    notebooks = Counter(owner.student for owner, entry in owned if entry.notebook)
    common = _released(owned)
    found, others = [], defaultdict(list)
    for owner, entry in owned:
        if entry.notebook:
            problem = entry.problem or owner.note
            found.append(_submission(owner, entry, problem=problem))
        elif _BLACKBOARD_NOTE.search(entry.name):
            others[owner.student, True].append((owner, entry))
        elif _within(owner, entry) not in common:
            others[owner.student, False].append((owner, entry))
    for (student, is_note), files in others.items():
        alone = not notebooks[student]
        if is_note and (not alone or (student, False) in others):
            continue
        shown = files[:MOST_OTHERS] if alone else files[:1]
        for number, (owner, entry) in enumerate(shown, 1):
            problem = entry.problem or _no_notebook(entry, is_note)
            if number == len(shown) and len(files) > len(shown):
                problem += f" (nor are {len(files) - len(shown)} more files of this student)"
            status = NO_NOTEBOOK if alone else OTHER_FILE
            found.append(_submission(owner, entry, problem=problem, status=status))
    missing = {owner.student: (owner, entry) for owner, entry in reversed(owned)}
    for student in {submission.student for submission in found}:
        missing.pop(student)
    for owner, entry in missing.values():  # nothing but what everyone was given
        problem = "handed in only files that most of the class have, too"
        found.append(_submission(owner, entry, problem=problem, status=NO_NOTEBOOK))
    return found


def _released(owned: Sequence[tuple[Owner, Entry]]) -> set[tuple[str, ...]]:
    """Return the paths of files that most students have, so were handed out."""
    students = {owner.student for owner, _ in owned}
    having: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for owner, entry in owned:
        if _within(owner, entry) and not entry.notebook and not entry.problem:
            having[_within(owner, entry)].add(owner.student)
    return {path for path, some in having.items() if len(some) > max(2, len(students) / 2)}


def _within(owner: Owner, entry: Entry) -> tuple[str, ...]:
    """Return the path of a file inside a student's folder."""
    return entry.parts[owner.depth :]


def _no_notebook(entry: Entry, is_note: bool) -> str:
    suffix = PurePosixPath(entry.name).suffix
    if is_note:
        return "was handed in without a file"
    return f"is a {suffix} file, not a notebook" if suffix else "is not a notebook"


def _submission(owner: Owner, entry: Entry, *, problem: str, status: str = "") -> Submission:
    parts, depth = entry.parts, owner.depth
    student = " ".join(owner.student.split()) or "(no name)"
    if entry.empty:
        page = (bare(parts[depth - 1]), "nothing to grade")
    elif depth == len(parts) and owner.platform not in ("", "Gradescope"):
        page = (bare(parts[-1]),)  # a flat download: the name of the file is what is known
    else:
        folder = parts[depth - 1] if 0 < depth < len(parts) else ""
        named = bool(folder) and owner.platform != "Gradescope"
        inner = "/".join(bare(part) for part in parts[depth:-1])
        page = (
            bare(folder) if named else student,
            bare(parts[-1]) + (f" in {inner}" if inner else ""),
        )
    handed_in = owner.time or entry.modified
    return Submission(
        student, "/".join(parts) + ("/" if entry.empty else ""), entry.path, problem, status,
        owner.identity, handed_in, owner.order, page, entry.read,
    )  # fmt: skip


def _bounded(found: Iterable[Submission]) -> list[Submission]:
    """Sort submissions; where one student hands in very many, keep the first and say so."""
    kept: list[Submission] = []
    for student, own in groupby(sorted(found, key=_order), key=lambda s: s.student):
        all_own = list(own)
        kept += all_own[:MOST]
        if len(all_own) > MOST:
            more = len(all_own) - MOST - 1
            problem = f"and {more:,} more of this student were left out: {MOST} are graded"
            kept.append(replace(all_own[MOST], student=student, problem=problem))
    return kept


def _order(submission: Submission) -> tuple[str, str]:
    return submission.student, submission.file


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
