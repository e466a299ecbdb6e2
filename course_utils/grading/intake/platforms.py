"""Read who handed in what from the names that learning platforms give their downloads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import chain

from .listing import Entry
from .names import without_suffix, without_title
from .notebook_file import Unreadable

GRADESCOPE = "submission_metadata.yml"
MAX_METADATA_MB = 64
_CLOCK = ("%Y-%m-%d-%H-%M-%S", "%Y-%m-%d %H:%M:%S", "%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p")

Path = tuple[str, ...]


@dataclass(frozen=True)
class Owner:
    """Who handed something in, according to its path.

    `identity` is the platform's number or address of the student; `time` is when it was handed in,
    "2026-01-31 09:15:00", or ""; `order` sorts attempts without a time; `depth` is the number of
    parts of the path up to and including the one that names the student; `note` goes to the
    instructor.
    """

    student: str
    identity: str = ""
    time: str = ""
    order: int = 0
    depth: int = 1
    platform: str = ""
    note: str = ""


@dataclass(frozen=True)
class _Platform:
    """How a platform names files or folders.

    `titled`: the name begins with the title of the assignment, which only a comparison with the
    rest of the class tells from the student's. `folders`: it names folders and archives only.
    `per_assignment`: its numbers for students differ between assignments.
    """

    title: str
    pattern: re.Pattern[str]
    titled: bool = False
    folders: bool = False
    per_assignment: bool = False


def _of(title: str, pattern: str, **about: bool) -> _Platform:
    return _Platform(title, re.compile(pattern + r"\Z", re.DOTALL), **about)


_DATE = r"\d{4}-\d\d-\d\d"
_PLATFORMS = (
    _of("Moodle", r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_.*)?",
        per_assignment=True),
    _of("Blackboard", rf"(?P<titled>.+)_attempt_(?P<time>{_DATE}(?:-\d\d){{3}})(?:[_.].*)?",
        titled=True),
    _of("Brightspace", r"(?P<id>\d+)-\d+ - (?P<student>.+?) - (?P<time>[^-]*\b\d{4}\b[^-]*)"
                       r"(?: - .*)?"),
    _of("nbgrader", rf"(?P<student>.+)\+[^+]+\+(?P<time>{_DATE}[ T_]\d\d.\d\d.\d\d)[^+]*"
                    r"(?:\+[^+]*)?", folders=True),
    _of("GitHub Classroom", rf"(?P<titled>.+?)[-_](?P<time>{_DATE}(?:[-_T ]?\d\d[-:.]?\d\d[-:.]?"
                            r"\d\dZ?)?|\d\d-\d\d-\d{4}-\d\d-\d\d-\d\d|\d{8}(?:T?\d{6}Z?)?)"
                            r"(?:[-_](?=[0-9a-f]*\d)[0-9a-f]{6,40}|[-_][0-9a-f]{6,40})?",
        titled=True, folders=True),
    _of("Canvas", r"(?P<student>anon)(?:_LATE)?_(?P<id>\w{5})_(?P<order>\d{3,})_.+"),
    _of("Canvas", r"(?P<student>.+?)(?:_LATE)?_(?P<id>\d{3,})_(?P<order>\d{3,})_.+"),
)  # fmt: skip
_PER_ASSIGNMENT = {platform.title for platform in _PLATFORMS if platform.per_assignment}


@dataclass(frozen=True, eq=False)
class _Found:
    """The part of a path that a platform has named: its number, and what it says."""

    depth: int
    platform: _Platform
    said: re.Match[str]


def named_by_platforms(entries: Iterable[Entry], known: Collection[str] = ()) -> dict[Entry, Owner]:
    """Map those entries that a platform has named to who handed them in.

    `known` are students met before.
    """
    found = {entry: part for entry in entries if (part := _named_part(entry.parts))}
    around = _around_a_class(found)
    found = {entry: part for entry, part in found.items() if part not in around}
    students = _without_titles(found, known)
    owners = {}
    for entry, part in found.items():
        said = part.said.groupdict()
        student, identity = said.get("student") or students[entry], said.get("id") or ""
        if student == "anon":  # Canvas, where names are hidden from the grader
            student = f"anon_{identity}"
        order = int(said.get("order") or 0)
        owners[entry] = Owner(student.strip(), identity, _time(said.get("time")), order,
                              part.depth, part.platform.title)  # fmt: skip
    return _with_numbers(owners)


def _named_part(parts: Path) -> _Found | None:
    """Return the first part of a path that a platform has named."""
    for depth, part in enumerate(parts, 1):
        name = without_suffix(part)
        if match := _match(name, depth < len(parts) or name == part):
            return _Found(depth, *match)
    return None


@lru_cache(100_000)
def _match(name: str, is_folder: bool) -> tuple[_Platform, re.Match[str]] | None:
    for platform in _PLATFORMS:
        if (is_folder or not platform.folders) and (match := platform.pattern.match(name)):
            return platform, match
    return None


def _around_a_class(found: Mapping[Entry, _Found]) -> set[_Found]:
    """Return the parts that name a dated folder, as "submissions-2026-11-28", around a class."""
    beside: dict[tuple, set[str]] = defaultdict(set)
    inside: dict[int, set[str]] = defaultdict(set)
    dated = [
        (entry.parts, part)
        for entry, part in found.items()
        if part.platform.folders and part.platform.titled
    ]
    for parts, part in dated:
        beside[parts[: part.depth - 1]].add(parts[part.depth - 1])
        if len(parts) > part.depth + 1:
            inside[part.depth].add(parts[part.depth])
    return {
        part
        for parts, part in dated
        if len(beside[parts[: part.depth - 1]]) == 1 and len(inside[part.depth]) > 1
    }


def _time(text: str | None) -> str:
    if not text:
        return ""
    text = text.strip().replace(".", "").replace("T", " ").replace("_", " ")
    for clock in _CLOCK:
        try:
            return datetime.strptime(text, clock).isoformat(" ")
        except ValueError:
            continue
    return text if re.match(r"\d{4}", text) else ""


def _without_titles(found: Mapping[Entry, _Found], known: Collection[str]) -> dict[Entry, str]:
    """Cut the assignment's title off names like "Homework 1_ada": what all in a folder share."""
    beside: dict[tuple, dict[Entry, str]] = defaultdict(dict)
    for entry, part in found.items():
        if part.platform.titled:
            folder = part.platform.title, *entry.parts[: part.depth - 1]
            beside[folder][entry] = part.said["titled"]
    students: dict[Entry, str] = {}
    for names in beside.values():
        cut = without_title(set(names.values()), known)
        students |= {entry: cut[name] for entry, name in names.items()}
    return students


def _with_numbers(owners: Mapping[Entry, Owner]) -> dict[Entry, Owner]:
    """Add the platform's number to the names of different students who have the same name."""
    numbers: dict[tuple, set[str]] = defaultdict(set)
    for entry, owner in owners.items():
        if owner.identity:
            within = entry.parts[: owner.depth - 1] if owner.platform in _PER_ASSIGNMENT else ()
            numbers[owner.platform, owner.student, within].add(owner.identity)
    shared = {key[:2] for key, identities in numbers.items() if len(identities) > 1}
    return {
        entry: replace(owner, student=f"{owner.student} ({owner.identity})")
        if (owner.platform, owner.student) in shared and owner.identity
        else owner
        for entry, owner in owners.items()
    }


def named_by_gradescope(entries: Sequence[Entry], notes: list[str]) -> dict[Entry, list[Owner]]:
    """Map what the metadata of Gradescope's exports name to its owners: a group has several.

    What an instructor should know of it is added to `notes`.
    """
    about: dict[Path, dict[str, list[tuple[str, str, str]]]] = {}
    for entry in _exports(entries, notes):
        try:
            about[entry.parts[:-1]] = submitters(entry.read())
        except Unreadable as error:
            notes.append(f"{entry} {error}: students are named by their folders")
    if not about:
        return {}
    notes.append(f"students are named as in Gradescope's {GRADESCOPE}")
    identities: dict[str, set[str]] = defaultdict(set)
    for export in about.values():
        for name, identity, _ in chain.from_iterable(export.values()):
            identities[name].add(identity)
    owners = {}
    for entry in entries:
        for depth, part in enumerate(entry.parts, 1):
            people = about.get(entry.parts[: depth - 1], {}).get(part)
            if people:
                owners[entry] = [
                    Owner(f"{name} ({identity})" if len(identities[name]) > 1 else name, identity,
                          time, depth=depth, platform="Gradescope")
                    for name, identity, time in people
                ]  # fmt: skip
                break
    return owners


def _exports(entries: Sequence[Entry], notes: list[str]) -> list[Entry]:
    """List the files of metadata that can be trusted.

    A student can hand in such a file, too, which would give the work to someone else. So one inside
    another's folder does not count, nor inside what a platform names as a student's; and none does
    if notebooks lie outside of all, unless a platform has named them.
    """
    metadata = [entry for entry in entries if entry.name == GRADESCOPE]
    if not metadata:
        return []
    named = named_by_platforms(entries)
    metadata = [entry for entry in metadata if entry not in named]
    folders = {entry.parts[:-1] for entry in metadata}

    def inside(parts: Path) -> bool:
        return any(parts[:depth] in folders for depth in range(len(parts)))

    outside = [e for e in entries if e.notebook and e not in named and not inside(e.parts)]
    if folders and outside:
        shown = ", ".join("/".join(folder) or "." for folder in sorted(folders)[:3])
        notes.append(
            f"{GRADESCOPE} in {shown} was not used: it is no part of an export, as {outside[0]} is "
            "outside of it"
        )
        return []
    return [entry for entry in metadata if not inside(entry.parts[:-1])]


def submitters(content: bytes) -> dict[str, list[tuple[str, str, str]]]:
    """Map the names in Gradescope's metadata to the (name, id, time) of those who handed them in.

    Raises Unreadable.
    """
    import yaml

    if len(content) > MAX_METADATA_MB * 2**20:
        raise Unreadable(f"is larger than {MAX_METADATA_MB} MB")
    # takes every value as text, and knows no tags: it is written by Ruby
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        found = {}
        for name, about in yaml.load(content, Loader=loader).items():
            people = [
                (one.get(":name") or one.get(":email") or one.get(":sid") or "",
                 one.get(":sid") or one.get(":email") or "", _ruby_time(about.get(":created_at")))
                for one in about[":submitters"]
            ]  # fmt: skip
            found[str(name)] = [one for one in people if one[0]]
    except (
        *(yaml.YAMLError, RecursionError),
        *(AttributeError, KeyError, TypeError, UnicodeError),
    ) as error:
        raise Unreadable(f"is not Gradescope's metadata ({type(error).__name__})") from None
    return found


def _ruby_time(text: str | None) -> str:
    match = re.match(rf"({_DATE})[ T](\d\d:\d\d:\d\d)", str(text or ""))
    return f"{match[1]} {match[2]}" if match else ""
