"""Find out who handed in each file in folders that people arranged by hand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from .listing import Entry
from .names import (
    Named,
    after_stem,
    bare,
    is_assignment,
    read_name,
    without_copy_mark,
    without_numbered_words,
    without_suffix,
)
from .platforms import Owner

MANY = 3  # folders or files of one assignment in one folder: rather a group than one student
# notebooks of one folder that are looked into: more than there are assignments, so some share one
LOOKS = 30
# the parts that Google Drive splits a download into
_PART = re.compile(r".*-\d{8}T\d{6}Z-\d+(-\d+)?")
# loose files that tools write beside a class
_BESIDE = re.compile(r"\.(csv|tsv|xlsx?|ya?ml|json|toml|ini|cfg|db|sqlite|log|md|txt|sh)$", re.I)


class WhoseIsIt(ValueError):
    """It is unclear who handed in what; the message says what was seen and what to do."""


@dataclass
class Layout:
    """Who handed in each entry, without entries that belong to no student.

    `notes` say in a line each what was chosen and what was left out.
    """

    owners: dict[Entry, list[Owner]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Folder:
    """A folder or archive: `entries` is all below it, and `files` what lies in it directly.

    `depth` is the number of parts in its path.
    """

    def __init__(self, name: str, depth: int, entries: Sequence[Entry]) -> None:
        """Sort `entries` into folders."""
        self.name, self.depth, self.entries = name, depth, entries
        self.files: list[Entry] = []
        inside: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            below = len(entry.parts) - depth
            if below > 1 or (entry.empty and below == 1):
                inside[bare(entry.parts[depth])].append(entry)
            elif below == 1:
                self.files.append(entry)
        self.folders = {one: Folder(one, depth + 1, some) for one, some in inside.items()}


def _notebooks(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.notebook]


class HandMade:
    """Reads folders as people make them, from the top down."""

    def __init__(
        self, layout: Layout, place: str, stem_inside: Callable[[Entry], str | None]
    ) -> None:
        """Add to `layout`, which holds what platforms have named already.

        `place` names the folder or archive that everything is in; `stem_inside` returns the
        assignment that a notebook's content is of.
        """
        self._layout, self._place, self._stem_inside = layout, place, stem_inside
        self._platforms = bool(layout.owners)
        self._students = {o.student for some in layout.owners.values() for o in some}
        self._beside: list[Entry] = []

    def read(self, entries: Sequence[Entry], depth: int = 0) -> None:
        """Find the owners of these entries, which lie in a folder `depth` parts down."""
        self._beside.clear()
        if self._platforms:  # a platform writes such files beside what it has named
            self._beside += [entry for entry in entries if not entry.notebook]
            entries = _notebooks(entries)
        self._read(Folder(self._place, depth, entries), self._place)
        if self._beside:
            more = len(self._beside) - 5
            said = ", ".join(map(str, self._beside[:5])) + (f" and {more} more" if more > 0 else "")
            self._layout.notes.append(f"left out, as they belong to no student: {said}")

    def _own(self, entries: Iterable[Entry], owner: Owner) -> None:
        for entry in entries:
            self._layout.owners[entry] = [owner]
            self._students.add(owner.student)

    def _read(self, folder: Folder, name: str, *, of_class: bool = False) -> None:
        """Read one folder.

        `name` is the student's if no part of the paths in it is; `of_class` says it is not one
        student's folder.
        """
        folders = dict(folder.folders)
        if folders and all(map(_PART.fullmatch, folders)):
            inside = [entry for part in folders.values() for entry in part.entries]
            self._read(Folder(name, folder.depth + 1, inside), name, of_class=of_class)
            folders = {}
        of_class = of_class or bool(folders)
        if submitted := folders.pop("submitted", None):  # nbgrader's
            for one in submitted.folders.values():
                self._own(one.entries, Owner(one.name, depth=one.depth))
            self._files(submitted.files, submitted.depth, name, of_class=True)
        if folders:
            self._folders(folders, folder, name)
        self._files(folder.files, folder.depth, name, of_class=of_class)

    def _folders(self, folders: Mapping[str, Folder], above: Folder, name: str) -> None:
        """Read folders: those of one class, of assignments, of groups or of students."""
        if len(folders) == 1 and not _notebooks(above.files):
            (folder,) = folders.values()
            if self._is_around_a_class(folder):
                self._read(folder, folder.name)
                return
        if all(map(is_assignment, folders)) or self._are_by_assignment(folders):
            for folder in folders.values():
                self._read(folder, name, of_class=True)
        elif self._are_groups(folders):
            said = ", ".join(list(folders)[:4])
            self._layout.notes.append(f"took the folders {said} for groups, not for students")
            for folder in folders.values():
                self._read(folder, folder.name, of_class=True)
        else:
            head = re.sub(r"submissions$", "", name)  # as GitHub Classroom's command names a class
            cut = len(head) if head != name and all(f.startswith(head) for f in folders) else 0
            for folder in folders.values():
                self._own(folder.entries, Owner(folder.name[cut:], depth=folder.depth))

    def _is_around_a_class(self, folder: Folder) -> bool:
        """Return True if an only folder is around a class, not a student's own."""
        if _notebooks(folder.files):
            said = self._said(folder.files)
            people = {one.student for one in said.values() if one.student and one.stem}
            unnamed = {one.student: entry for entry, one in said.items() if one.stem is None}
            if len(unnamed) > 1:
                inside = [self._stem_inside(e) for e in islice(unnamed.values(), LOOKS)]
                if None in inside or len(set(inside)) < len(inside):
                    people |= unnamed.keys()  # not one student's different assignments
            if people and people != {folder.name}:
                people |= unnamed.keys()
                people |= {one.name for one in folder.folders.values() if _notebooks(one.entries)}
            return folder.name == self._place or len(people) > 1
        if "submitted" in folder.folders:
            return True
        if folder.folders and all(map(is_assignment, folder.folders)):
            return any(_claims(one) for one in folder.folders.values())
        if len(folder.folders) == 1 and folder.name != self._place:
            (only,) = folder.folders.values()
            return self._is_around_a_class(only)
        return bool(folder.folders)

    def _are_by_assignment(self, folders: Mapping[str, Folder]) -> bool:
        """Return True if each folder holds one assignment of its own, of the same students."""
        labels = [_claims(folder).keys() for folder in folders.values()]
        if _all_different(labels) or max(map(len, labels)) < 2:
            return False
        stems = [self._stems(_notebooks(folder.entries)) for folder in folders.values()]
        return all(len(some) == 1 for some in stems) and _all_different(stems)

    def _are_groups(self, folders: Mapping[str, Folder]) -> bool:
        """Return True if the folders are sections or groups with students' folders in them."""
        if len(folders) < 2:
            return False
        claims = {folder.name: _claims(folder, descend=True) for folder in folders.values()}
        crowded = [
            name
            for name, found in claims.items()
            if not _all_different(self._stems(some) for some in islice(found.values(), LOOKS))
        ]
        labels = [label for found in claims.values() for label in found]
        if not crowded or len(set(labels)) < len(labels) * 0.75:  # the same again: attempts, parts
            return False
        if 2 * len(crowded) < sum(bool(_notebooks(one.entries)) for one in folders.values()):
            return False  # what one student's folder holds must not say what others' are
        one_student_s = [folder for folder in folders.values() if _notebooks(folder.files)]
        if len(one_student_s) >= len(crowded):
            return False
        if all(len(claims[name]) >= MANY for name in crowded):
            return True
        if not any(label.endswith("/") for name in crowded for label in claims[name]):
            return False  # two files in one folder: one student's attempts
        shown = crowded[0]
        level = folders[shown].depth
        inner = ", ".join(label.strip("/") for label in list(claims[shown])[:4])
        raise WhoseIsIt(
            f"cannot tell students from groups: {shown}/ holds {inner} with the same assignment. "
            f"If {shown} is a student, say --student-level {level}; if {shown} is a group of "
            f"students, say --student-level {level + 1}"
        )

    def _stems(self, notebooks: Iterable[Entry]) -> set[str]:
        """List what assignments notebooks are, or their names where that is not known."""
        found = set()
        for entry in islice(notebooks, LOOKS):
            said = (read_name(bare(part)).stem for part in reversed(entry.parts))
            stem = next(filter(None, said), None) or self._stem_inside(entry)
            found.add(stem or without_copy_mark(bare(entry.name)))
        return found

    def _said(self, files: Iterable[Entry]) -> dict[Entry, Named]:
        """Read what the names of notebooks say.

        Names after the assignment's are students' if all files have one.
        """
        said = {entry: read_name(bare(entry.name)) for entry in _notebooks(files)}
        after = {
            entry: one._replace(student=after_stem(bare(entry.name), one.stem))
            for entry, one in said.items()
            if one.stem and not one.student
        }
        students = {one.student for one in after.values()}
        return after if len(after) == len(said) and len(students) > 1 and all(students) else said

    def _files(self, files: Sequence[Entry], depth: int, name: str, *, of_class: bool) -> None:
        """Read files in one folder, whose names say who handed them in."""
        said = self._said(files)
        unnamed = [entry for entry, one in said.items() if one.stem is None]
        nameless = {entry for entry, one in said.items() if one.stem and not one.student}
        if len(unnamed) == len(said) == 1 and not of_class:
            nameless, unnamed = set(unnamed), []
        others = {
            entry: read_name(without_suffix(entry.name)) for entry in files if not entry.notebook
        }
        names = {said[entry].student for entry in unnamed}
        if unnamed:
            names |= {one.student for e, one in others.items() if not _BESIDE.search(e.name)}
        cut = without_numbered_words(names)
        claims: dict[str | None, list[Entry]] = defaultdict(list)
        for entry, one in said.items():
            if entry in nameless:
                claims[one.stem].append(entry)
            else:
                student = cut.get(one.student, one.student) if one.stem is None else one.student
                self._own([entry], Owner(student, depth=depth + 1))
        unclear = False
        for stem, entries in claims.items():
            if len(entries) > 1 and any(said[entry].copy for entry in entries):
                self._unclear(entries, stem, len(entries) == len(said) and not of_class)
                unclear = True
            else:
                self._own(entries, Owner(name, depth=depth))
        one_student_s = said and not of_class and not unclear and len(nameless) == len(said)
        for entry, one in others.items():
            if one_student_s:
                self._own([entry], Owner(name, depth=depth))
            elif one.student in self._students or (one.stem and one.student):
                self._own([entry], Owner(one.student, depth=depth + 1))
            elif _BESIDE.search(entry.name) and (of_class or said):
                self._beside.append(entry)
            elif one.stem:
                self._own([entry], Owner(name, depth=depth))
            else:
                student = cut.get(one.student, one.student)
                self._own([entry], Owner(student, depth=depth + 1))

    def _unclear(self, entries: Sequence[Entry], stem: str | None, alone: bool) -> None:
        """Refuse to guess; among files that are clear, these become rows of their own."""
        names = ", ".join(entry.name for entry in entries[:4])
        why = (
            f"{len(entries)} notebooks of {stem} have no student's name ({names}): they may be "
            "one student's copies or several students' work. Put each student's files into a "
            "folder of that name"
        )
        if alone and not self._platforms:
            raise WhoseIsIt(why)
        for entry in entries:
            note = "has no student's name"
            self._own([entry], Owner(bare(entry.name), depth=len(entry.parts), note=note))
        self._layout.notes.append(why)


def _claims(folder: Folder, *, descend: bool = False) -> dict[str, list[Entry]]:
    """Map what may be students' names in a folder to the notebooks there.

    With `descend`, folders with nothing but a folder in them are passed by.
    """
    while descend and not _notebooks(folder.files):
        inner = [one for one in folder.folders.values() if _notebooks(one.entries)]
        if len(inner) != 1:
            break
        (folder,) = inner
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in _notebooks(folder.entries):
        name = bare(entry.parts[folder.depth])
        if len(entry.parts) == folder.depth + 1:
            label = read_name(name).student
        else:
            label = "" if is_assignment(name) else f"{name}/"
        if label:
            found[label].append(entry)
    return found


def _all_different(sets: Iterable[Iterable[str]]) -> bool:
    """Return True if no two of the sets share anything."""
    met: set[str] = set()
    for some in sets:
        if not met.isdisjoint(some):
            return False
        met |= set(some)
    return True
