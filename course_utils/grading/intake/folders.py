"""Find out who handed in each file in folders that people arranged by hand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...exercises import stems
from .listing import Entry, bare
from .platforms import Owner, shared_words

MANY = 3  # folders or files of one assignment in one folder: rather a group than one student
_COPY = re.compile(r"(\s*\(\d+\)|[-_ ]+copy\s*\d*|\s+- copy.*)$", re.IGNORECASE)
_OWN_COPY = re.compile(r"-copy\d+$", re.IGNORECASE)  # as Jupyter names a duplicate
_COPY_OF = re.compile(r"^copy of ", re.IGNORECASE)
# the parts that Google Drive splits a download into
_PART = re.compile(r".*-\d{8}T\d{6}Z-\d+(-\d+)?")
# loose files that tools write beside a class
_BESIDE = re.compile(r"\.(csv|tsv|xlsx?|ya?ml|json|toml|ini|cfg|db|sqlite|log|md|txt|sh)$", re.I)


class WhoseIsIt(ValueError):
    """It is unclear who handed in what; the message says what was seen and what to do."""


@dataclass
class Layout:
    """Who handed in each entry, by its number, without entries that belong to no student.

    `notes` say in a line each what was chosen and what was left out.
    """

    owners: dict[int, list[Owner]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def without_suffix(name: str) -> str:
    """Return a name without the suffix of any file: what a platform's pattern is matched with."""
    return re.sub(r"(\.ipynb)?\.\w{1,8}$", "", name)


def _plain(name: str) -> str:
    """Return a name without what marks a copy."""
    name = _COPY_OF.sub("", name)
    while _COPY.search(name):
        name = _COPY.sub("", name)
    return name


def person_in(name: str) -> tuple[str, str | None, bool]:
    """Split a file's name into the student, the assignment, and whether it is marked as a copy.

    "ada_01_rnn_step_by_step (1)" gives ("ada", "01_rnn_step_by_step", True).
    """
    plain = _plain(name)
    copy = plain != name and not _OWN_COPY.search(name)
    for stem in stems():
        match = re.search(rf"(?:^|[\W_]){re.escape(stem)}(?:[\W_]|$)", plain, re.IGNORECASE)
        if match:
            return _plain(plain[: match.start()].strip(" _-+.")), stem, copy
    return plain.strip(" _-+.") or plain, None, copy


def _assignment_folder(name: str) -> str | None:
    """Return the assignment that a folder's name consists of, if any."""
    person, stem, _ = person_in(name)
    return stem if stem and not person else None


class Folders:
    """Reads folders as people make them, from the top down."""

    def __init__(
        self,
        entries: Sequence[Entry],
        layout: Layout,
        place: str,
        stem_of: Callable[[Entry], str | None],
        others: bool,
    ) -> None:
        """`others`: a platform has named some students already."""
        self._entries, self._layout, self._place = entries, layout, place
        self._stem_of, self._others = stem_of, others
        self._beside: list[str] = []

    def read(self, numbers: Sequence[int], depth: int = 0) -> None:
        """Find the owners of these entries, which lie in a folder `depth` parts down."""
        self._beside.clear()
        if self._others:  # a platform writes such files beside what it has named
            beside = [n for n in numbers if not self._entries[n].notebook]
            self._beside += ["/".join(self._entries[number].parts) for number in beside]
            numbers = self._notebooks(numbers)
        self._level(numbers, depth, self._place)
        if self._beside:
            shown = ", ".join(self._beside[:5])
            more = len(self._beside) - 5
            said = shown + (f" and {more} more" if more > 0 else "")
            self._layout.notes.append(f"left out, as they belong to no student: {said}")

    def _level(
        self, numbers: Sequence[int], depth: int, name: str, *, of_class: bool = False
    ) -> None:
        """Read one folder: `numbers` are the entries in it, `depth` the parts above them.

        `name` is the student's if no part of the paths in it is; `of_class` says it is not one
        student's folder.
        """
        folders: dict[str, list[int]] = defaultdict(list)
        loose: list[int] = []
        for number in numbers:
            entry = self._entries[number]
            here = len(entry.parts) - depth
            if here > 1 or (entry.empty and here == 1):
                folders[bare(entry.parts[depth])].append(number)
            elif here == 1:
                loose.append(number)
        if folders and all(_PART.fullmatch(folder) for folder in folders):
            inside = [number for some in folders.values() for number in some]
            self._level(inside, depth + 1, name, of_class=of_class)
            folders = {}
        among = bool(folders)
        if submitted := folders.pop("submitted", None):  # nbgrader's
            self._submitted(submitted, depth + 1, name)
        if folders:
            self._folders(folders, depth, name, bool(self._notebooks(loose)))
        self._files(loose, depth, name, among or of_class)

    def _submitted(self, numbers: Sequence[int], depth: int, name: str) -> None:
        """Read nbgrader's folder: the student's is the one below it."""
        loose = []
        for number in numbers:
            entry = self._entries[number]
            if len(entry.parts) - depth > 1 or (entry.empty and len(entry.parts) > depth):
                self._layout.owners[number] = [Owner(bare(entry.parts[depth]), depth=depth + 1)]
            else:
                loose.append(number)
        self._files(loose, depth, name, True)

    def _notebooks(self, numbers: Iterable[int]) -> list[int]:
        return [number for number in numbers if self._entries[number].notebook]

    def _folders(
        self,
        folders: Mapping[str, list[int]],
        depth: int,
        name: str,
        loose: bool,
    ) -> None:
        if len(folders) == 1 and not loose:
            ((folder, inside),) = folders.items()
            if self._wraps(folder, inside, depth):
                self._level(inside, depth + 1, folder)
                return
        if all(_assignment_folder(folder) for folder in folders) or self._by_assignment(
            folders, depth
        ):
            for inside in folders.values():
                self._level(inside, depth + 1, name, of_class=True)
            return
        if self._groups(folders, depth):
            said = ", ".join(list(folders)[:4])
            self._layout.notes.append(f"took the folders {said} for groups, not for students")
            for folder, inside in folders.items():
                self._level(inside, depth + 1, folder, of_class=True)
            return
        head = re.sub(r"submissions$", "", name)  # as GitHub Classroom's command names a class
        cut = len(head) if head != name and all(f.startswith(head) for f in folders) else 0
        for folder, inside in folders.items():
            for number in inside:
                self._layout.owners[number] = [Owner(folder[cut:], depth=depth + 1)]

    def _wraps(self, folder: str, inside: Sequence[int], depth: int) -> bool:
        """Return True if the only folder is around a class, not a student's own."""
        below: dict[str, list[int]] = defaultdict(list)
        loose = []
        for number in inside:
            entry = self._entries[number]
            if len(entry.parts) > depth + 2 or (entry.empty and len(entry.parts) > depth + 1):
                below[bare(entry.parts[depth + 1])].append(number)
            else:
                loose.append(number)
        if self._notebooks(loose):
            said = self._said(loose)
            people = {person for person, stem, _ in said.values() if person and stem}
            unnamed = {person: [n] for n, (person, stem, _) in said.items() if stem is None}
            if len(unnamed) > 1:
                inside_them = [self._stem_of(self._entries[n]) for (n,) in unnamed.values()]
                if None in inside_them or len(set(inside_them)) < len(inside_them):
                    people |= unnamed.keys()  # not one student's different assignments
            if people and people != {folder}:
                people |= unnamed.keys()
                people |= {one for one, some in below.items() if self._notebooks(some)}
            return folder == self._place or len(people) > 1
        if "submitted" in below:
            return True
        if below and all(_assignment_folder(one) for one in below):
            return any(self._labels(some, depth + 1) for some in below.values())
        if len(below) == 1 and folder != self._place:
            ((one, some),) = below.items()
            return self._wraps(one, some, depth + 1)
        return bool(below)

    def _labels(
        self, inside: Iterable[int], depth: int, *, descend: bool = False
    ) -> dict[str, list[int]]:
        """Map what may be students' names one level further down to the notebooks there.

        With `descend`, folders with nothing but a folder in them are passed by.
        """
        notebooks = self._notebooks(inside)
        paths = [self._entries[number].parts for number in notebooks]
        while (
            descend
            and paths
            and all(len(p) > depth + 2 for p in paths)
            and len({p[depth + 1] for p in paths}) == 1
        ):
            depth += 1
        found: dict[str, list[int]] = defaultdict(list)
        for number in notebooks:
            parts = self._entries[number].parts
            if len(parts) > depth + 2:
                label = bare(parts[depth + 1])
                label = "" if _assignment_folder(label) else label + "/"
            else:
                label = person_in(bare(parts[-1]))[0]
            if label:
                found[label].append(number)
        return found

    def _stems(self, numbers: Iterable[int]) -> list[str]:
        """List what assignments notebooks are, or their names where that is not known."""
        found = []
        for number in numbers:
            entry = self._entries[number]
            stem = next(
                (s for part in reversed(entry.parts) if (s := person_in(bare(part))[1])), None
            )
            found.append(stem or self._stem_of(entry) or _plain(bare(entry.name)))
        return found

    def _by_assignment(self, folders: Mapping[str, list[int]], depth: int) -> bool:
        """Return True if each folder holds one assignment of its own, of the same students."""
        if len(folders) < 2:
            return False
        labels = [set(self._labels(inside, depth)) for inside in folders.values()]
        met: set[str] = set()
        again: set[str] = set()
        for found in labels:
            again |= met & found
            met |= found
        if not again or max(map(len, labels)) < 2:
            return False
        by_folder = [set(self._stems(self._notebooks(inside))) for inside in folders.values()]
        return all(len(found) == 1 for found in by_folder) and len(set().union(*by_folder)) == len(
            by_folder
        )

    def _groups(self, folders: Mapping[str, list[int]], depth: int) -> bool:
        """Return True if the folders are sections or groups with students' folders in them."""
        labels = {
            folder: self._labels(inside, depth, descend=True) for folder, inside in folders.items()
        }
        direct = [
            folder
            for folder, inside in folders.items()
            if any(len(self._entries[n].parts) == depth + 2 for n in self._notebooks(inside))
        ]
        crowded = [
            folder for folder, found in labels.items() if len(found) > 1 and self._conflict(found)
        ]
        if not crowded or len(folders) < 2:
            return False
        every = [label for found in labels.values() for label in found]
        if len(set(every)) < len(every) * 0.75:  # the same names again: attempts, or parts
            return False
        if len(direct) >= len(crowded):  # elsewhere a folder is one student's
            return False
        if all(len(labels[folder]) >= MANY for folder in crowded):
            return True
        if not any(label.endswith("/") for folder in crowded for label in labels[folder]):
            return False  # two files in one folder: one student's attempts
        shown = crowded[0]
        inner = ", ".join(label.strip("/") for label in list(labels[shown])[:4])
        raise WhoseIsIt(
            f"cannot tell students from groups: {shown}/ holds {inner} with the same assignment. "
            f"If {shown} is a student, say --student-level {depth + 1}; if {shown} is a group of "
            f"students, say --student-level {depth + 2}"
        )

    def _conflict(self, found: Mapping[str, list[int]]) -> bool:
        """Return True if several names claim one assignment."""
        met: set[str] = set()
        for numbers in found.values():
            own = set(self._stems(numbers))
            if own & met:
                return True
            met |= own
        return False

    def _files(self, loose: Sequence[int], depth: int, name: str, among_folders: bool) -> None:
        """Read files in one folder, whose names say who handed them in."""
        notebooks = self._notebooks(loose)
        said = self._said(loose)
        unnamed = [n for n, (_, stem, _) in said.items() if stem is None]
        nameless = [n for n, (person, stem, _) in said.items() if stem and not person]
        if len(unnamed) == 1 and not among_folders and len(said) == 1:
            nameless, unnamed = unnamed, []
        others = [self._entries[n].name for n in loose if n not in said]
        cut = shared_words(
            {said[n][0] for n in unnamed}
            | {person_in(without_suffix(o))[0] for o in others if unnamed and not _BESIDE.search(o)}
        )
        claims: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        for number, (person, stem, _) in said.items():
            if number in nameless:
                claims[name, stem].append(number)
                continue
            student = cut.get(person, person) if stem is None else person
            self._layout.owners[number] = [Owner(student, depth=depth + 1)]
        for (_, stem), numbers in claims.items():
            owner = Owner(name, depth=depth)
            if len(numbers) > 1 and any(said[n][2] for n in numbers):
                self._unclear(numbers, stem, len(numbers) == len(notebooks) and not among_folders)
                continue
            for number in numbers:
                self._layout.owners[number] = [owner]
        self._other_files(loose, depth, name, cut, among_folders)

    def _said(self, loose: Iterable[int]) -> dict[int, tuple[str, str | None, bool]]:
        """Read what the names of notebooks say (see `_person`).

        Names after the assignment's are students' if all files have one.
        """
        said, after = {}, {}
        for number in self._notebooks(loose):
            name = bare(self._entries[number].name)
            person, stem, copy = said[number] = person_in(name)
            if stem and not person:
                rest = _plain(name)
                rest = rest[rest.lower().rindex(stem.lower()) + len(stem) :].strip(" _-+.")
                if rest:
                    after[number] = rest, stem, copy
        return (
            after if len({a[0] for a in after.values()}) > 1 and len(after) == len(said) else said
        )

    def _unclear(self, numbers: Sequence[int], stem: str | None, alone: bool) -> None:
        names = ", ".join(self._entries[number].name for number in numbers[:4])
        why = (
            f"{len(numbers)} notebooks of {stem} have no student's name ({names}): they may be "
            "one student's copies or several students' work. Put each student's files into a "
            "folder of that name"
        )
        if alone and not self._others:
            raise WhoseIsIt(why)
        for number in numbers:
            student = bare(self._entries[number].name)
            self._layout.owners[number] = [
                Owner(student, depth=len(self._entries[number].parts), note="has no student's name")
            ]
        self._layout.notes.append(why)

    def _other_files(
        self,
        loose: Sequence[int],
        depth: int,
        name: str,
        cut: Mapping[str, str],
        among_folders: bool,
    ) -> None:
        """Assign files other than notebooks to students, except those that tools write."""
        for number in loose:
            entry = self._entries[number]
            if entry.notebook:
                continue
            person, stem, _ = person_in(without_suffix(entry.name))
            own = {n for n in loose if self._entries[n].notebook}
            if (
                own
                and not among_folders
                and all(self._layout.owners.get(n) == [Owner(name, depth=depth)] for n in own)
            ):  # one student's folder
                self._layout.owners[number] = [Owner(name, depth=depth)]
                continue
            students = {owner.student for found in self._layout.owners.values() for owner in found}
            if person in students or (stem and person):
                self._layout.owners[number] = [Owner(person, depth=depth + 1)]
            elif _BESIDE.search(entry.name) and (among_folders or own):
                self._beside.append("/".join(entry.parts))
            elif stem:
                self._layout.owners[number] = [Owner(name, depth=depth)]
            else:
                self._layout.owners[number] = [Owner(cut.get(person, person), depth=depth + 1)]
