"""Find out who handed in each file, from the paths of the whole class.

Platforms name what they download in ways of their own (see `platforms`). Elsewhere the student's
name is the part of the path that varies over the class while the others are constant or name an
assignment (see `folders`). Where two readings are possible, nothing is guessed: `WhoseIsIt` says
what was seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence

from .folders import HandMade, Layout, WhoseIsIt
from .listing import Entry
from .names import bare, read_name
from .platforms import GRADESCOPE, Owner, Path, named_by_gradescope, named_by_platforms

# nbgrader's folders of a course and of an exchange: the one to grade, and those beside it
_NBGRADER = {"submitted": {"source", "release", "autograded", "feedback"}, "inbound": {"outbound"}}


def find_owners(
    entries: Sequence[Entry],
    place: str,
    *,
    level: int | None = None,
    known: Collection[str] = (),
    stem_inside: Callable[[Entry], str | None] = lambda entry: None,
) -> Layout:
    """Find whose each entry is.

    `place` names the folder or archive they were found in; `level` is the number of the part of the
    path that names the student, where the caller knows; `known` are students met before;
    `stem_inside` returns the assignment that a notebook's content is of. Raises WhoseIsIt.
    """
    layout = Layout()
    kept, courses = _without_released(entries, layout)
    if level is not None:
        for entry in kept:
            _at_level(layout, entry, level)
        return layout
    layout.owners |= named_by_gradescope(kept, layout.notes)
    kept = [e for e in kept if e not in layout.owners and e.name != GRADESCOPE]
    named = _named_outside_folders_of_students(kept, named_by_platforms(kept, known))
    layout.owners |= {entry: [owner] for entry, owner in named.items()}
    if named:
        platforms = sorted({owner.platform for owner in named.values()})
        layout.notes.append(f"students are named as in a download from {' and '.join(platforms)}")
    by_course: dict[Path, list[Entry]] = defaultdict(list)
    for entry in kept:
        if entry not in named:
            by_course[courses.get(entry, ())].append(entry)
    hand_made = HandMade(layout, place, stem_inside)
    for course in sorted(by_course, reverse=True):  # the rest of the place last
        hand_made.read(by_course[course], len(course))
    return layout


def _named_outside_folders_of_students(
    entries: Sequence[Entry], named: dict[Entry, Owner]
) -> dict[Entry, Owner]:
    """Leave out names that stand in a folder which is a student's own: anyone can write them there.

    A folder is one where more folders beside it hold notebooks without such names than there are
    students named in it. Raises WhoseIsIt where it names as many, yet most folders beside it are
    one student's: it may be a download among them, or the work of a student who forges names.
    """
    students: dict[Path, set[str]] = defaultdict(set)  # by the folder that they are named in
    for entry, owner in named.items():
        for depth in range(1, owner.depth):
            students[entry.parts[:depth]].add(owner.student)
    plain: dict[Path, set[str]] = defaultdict(set)  # folders by the one around them
    direct: dict[Path, set[str]] = defaultdict(set)  # of these, which hold notebooks themselves
    for entry in entries:
        if entry.notebook and entry not in named:
            direct[entry.parts[:-2]].update(entry.parts[-2:-1])
            for depth in range(1, len(entry.parts)):
                if entry.parts[:depth] not in students:
                    plain[entry.parts[: depth - 1]].add(entry.parts[depth - 1])
    own = {folder for folder, some in students.items() if len(plain[folder[:-1]]) > len(some)}
    named_in = Counter(folder[:-1] for folder in students)
    for folder, some in students.items():
        around = folder[:-1]
        one_student_s = sorted(plain[around] & direct[around])
        if folder not in own and len(one_student_s) > max(1, named_in[around]):
            raise WhoseIsIt(
                f"cannot tell whose {'/'.join(folder)}/ is: platforms' names of {len(some)} "
                f"students stand in it, and beside it are folders such as {one_student_s[0]}/ and "
                f"{one_student_s[1]}/. If it is one student's, say --student-level {len(folder)}; "
                "if it is a download, move it elsewhere and grade it into the same --out"
            )
    return {
        entry: owner
        for entry, owner in named.items()
        if not any(entry.parts[:depth] in own for depth in range(1, owner.depth))
    }


def _at_level(layout: Layout, entry: Entry, level: int) -> None:
    if len(entry.parts) < level:
        layout.notes.append(f"{entry} has no part {level} in its path: left out")
        return
    name = bare(entry.parts[level - 1])
    student = (read_name(name).student or name) if len(entry.parts) == level else name
    layout.owners[entry] = [Owner(student, depth=level)]


def _without_released(
    entries: Sequence[Entry], layout: Layout
) -> tuple[list[Entry], dict[Entry, Path]]:
    """Leave out what is beside nbgrader's `submitted` or `inbound`.

    Return what is kept and, of what is in such a folder, the course or exchange around it.
    """
    folders: dict[Path, set[str]] = defaultdict(set)
    for entry in entries:
        for depth, part in enumerate(entry.parts if entry.empty else entry.parts[:-1]):
            folders[entry.parts[:depth]].add(part)
    around = {
        path
        for path, names in folders.items()
        if any(one in names and others & names for one, others in _NBGRADER.items())
    }
    left: Counter[str] = Counter()
    kept: list[Entry] = []
    courses: dict[Entry, Path] = {}
    for entry in entries:
        for depth, part in enumerate(entry.parts if around else ()):
            if entry.parts[:depth] in around:
                if part not in _NBGRADER:
                    left[part if len(entry.parts) > depth + 1 else "loose files"] += 1
                    break
                courses[entry] = entry.parts[:depth]
        else:
            kept.append(entry)
    if left:
        said = ", ".join(f"{part} ({count})" for part, count in sorted(left.items()))
        layout.notes.append(f"an nbgrader course or exchange: left out what is in {said}")
    if not kept or not any(_NBGRADER.keys() & names for names in folders.values()):
        released = set().union(*_NBGRADER.values())
        for path, names in folders.items():
            if any(entry.parts[: len(path)] != path for entry in entries):
                continue  # a student's
            if {"source", "release"} <= names or len(names & released) > 2:
                raise WhoseIsIt(
                    "this looks like an nbgrader course without its folder submitted/ (it holds "
                    f"{', '.join(sorted(names & released))}): name the folder of submissions"
                )
    return kept, courses
