"""Read who handed in what from the names that learning platforms give their downloads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from .notebook_file import Unreadable

GRADESCOPE = "submission_metadata.yml"
MAX_METADATA_MB = 64
_CLOCK = ("%Y-%m-%d-%H-%M-%S", "%Y-%m-%d %H:%M:%S", "%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p")


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

    `heads`: the name begins with the title of the assignment, to be told from the student's by
    comparing the class. `folders`: it names folders and archives only. `per_assignment`: its
    numbers for students differ between assignments.
    """

    title: str
    pattern: re.Pattern[str]
    heads: bool = False
    folders: bool = False
    per_assignment: bool = False


def _of(title: str, pattern: str, **about: bool) -> _Platform:
    return _Platform(title, re.compile(pattern + r"\Z", re.DOTALL), **about)


_DATE = r"\d{4}-\d\d-\d\d"
_PLATFORMS = (
    _of("Moodle", r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_.*)?",
        per_assignment=True),
    _of("Blackboard", rf"(?P<head>.+)_attempt_(?P<time>{_DATE}(?:-\d\d){{3}})(?:[_.].*)?",
        heads=True),
    _of("Brightspace", r"(?P<id>\d+)-\d+ - (?P<student>.+?) - (?P<time>[^-]*\b\d{4}\b[^-]*)"
                       r"(?: - .*)?"),
    _of("nbgrader", rf"(?P<student>.+)\+[^+]+\+(?P<time>{_DATE}[ T_]\d\d.\d\d.\d\d)[^+]*"
                    r"(?:\+[^+]*)?", folders=True),
    _of("GitHub Classroom", rf"(?P<head>.+?)[-_](?P<time>{_DATE}(?:[-_T ]?\d\d[-:.]?\d\d[-:.]?\d\d"
                            r"Z?)?|\d\d-\d\d-\d{4}-\d\d-\d\d-\d\d|\d{8}(?:T?\d{6}Z?)?)"
                            r"(?:[-_](?=[0-9a-f]*\d)[0-9a-f]{6,40}|[-_][0-9a-f]{6,40})?",
        heads=True, folders=True),
    _of("Canvas", r"(?P<student>anon)(?:_LATE)?_(?P<id>\w{5})_(?P<order>\d{3,})_.+"),
    _of("Canvas", r"(?P<student>.+?)(?:_LATE)?_(?P<id>\d{3,})_(?P<order>\d{3,})_.+"),
)  # fmt: skip


_Found = tuple[int, _Platform, "re.Match[str]"]


def owners(
    paths: Sequence[tuple[str, ...]],
    bare: Callable[[str], str],
    stems: Sequence[str],
    known: Collection[str] = (),
) -> dict[int, Owner]:
    """Map the numbers of those paths that a platform has named to who handed them in.

    `bare` takes the suffix of a notebook or archive off a name; `known` are students met before.
    """
    found: dict[int, _Found] = {}
    for number, parts in enumerate(paths):
        for depth, part in enumerate(parts, 1):
            folder = depth < len(parts) or bare(part) == part
            if match := _match(bare(part), folder):
                found[number] = depth, *match
                break
    found = {n: f for n, f in found.items() if not _wraps_a_class(n, f, found, paths)}
    students = _after_heads(paths, found, stems, known)
    result = {}
    for number, (depth, platform, match) in found.items():
        said = match.groupdict()
        student = said.get("student") or students[number]
        identity = said.get("id") or ""
        if student == "anon":  # Canvas, where names are hidden from the grader
            student = f"anon_{identity}"
        order = int(said.get("order") or 0)
        result[number] = Owner(student.strip(), identity, _time(said.get("time")), order, depth,
                               platform.title)  # fmt: skip
    return _told_apart(result, paths)


def _wraps_a_class(
    number: int, one: _Found, found: Mapping[int, _Found], paths: Sequence[tuple[str, ...]]
) -> bool:
    """Return True for a dated folder such as "submissions-2026-11-28" that holds a class."""
    depth, platform, _ = one
    if not (platform.folders and platform.heads):
        return False
    above = paths[number][: depth - 1]
    level = [(n, paths[n]) for n, f in found.items() if f[0] == depth and f[1] is platform]
    siblings = {parts[depth - 1] for _, parts in level if parts[: depth - 1] == above}
    inside = {parts[depth] for _, parts in level if len(parts) > depth + 1}
    return len(siblings) == 1 and len(inside) > 1


def _match(name: str, folder: bool) -> tuple[_Platform, re.Match[str]] | None:
    for platform in _PLATFORMS:
        if platform.folders and not folder:
            continue
        if match := platform.pattern.match(name):
            return platform, match
    return None


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


def _after_heads(
    paths: Sequence[tuple[str, ...]],
    found: Mapping[int, _Found],
    stems: Sequence[str],
    known: Collection[str],
) -> dict[int, str]:
    """Cut the assignment's title off names like "Homework 1_ada": what all in a folder share."""
    siblings: dict[tuple, dict[int, str]] = defaultdict(dict)
    for number, (depth, platform, match) in found.items():
        if platform.heads:
            place = (platform.title, *paths[number][: depth - 1])
            siblings[place][number] = match["head"]
    result = {}
    for heads in siblings.values():
        cut = without_common(set(heads.values()), stems, known)
        result |= {number: cut[head] for number, head in heads.items()}
    return result


def without_common(
    names: set[str], stems: Sequence[str], known: Collection[str] = ()
) -> dict[str, str]:
    """Map names to the part that differs: "hw1-ada", "hw1-bob" to "ada", "bob".

    One name alone is cut where a known student's name or that of an assignment of this course
    shows where.
    """
    for stem in (*stems, *(stem.replace("_", "-") for stem in stems)):
        rest = {name: name[len(stem) :].strip("-_ ") for name in names}
        if all(name.lower().startswith(stem.lower()) and rest[name] for name in names):
            return rest
    if len(names) == 1:
        (name,) = names
        ends = [student for student in known if re.search(rf"[-_ ]{re.escape(student)}$", name)]
        return {name: max(ends, key=len, default=name.split("_", 1)[-1] if " " in name else name)}
    split = {name: re.split(r"([-_ ]+)", name) for name in names}  # words, and what parts them
    shortest = min(map(len, split.values()))
    shared = 0
    while shared + 1 < shortest and len({words[shared] for words in split.values()}) == 1:
        shared += 1
    return {name: "".join(words[shared:]).strip("-_ ") or name for name, words in split.items()}


def _told_apart(found: Mapping[int, Owner], paths: Sequence[tuple[str, ...]]) -> dict[int, Owner]:
    """Add the platform's number to the names of different students who have the same name."""
    numbers: dict[tuple, set[str]] = defaultdict(set)
    changing = {platform.title for platform in _PLATFORMS if platform.per_assignment}

    def group(number: int, owner: Owner) -> tuple:
        within = paths[number][: owner.depth - 1] if owner.platform in changing else ()
        return owner.platform, owner.student, within

    for number, owner in found.items():
        if owner.identity:
            numbers[group(number, owner)].add(owner.identity)
    double = {key[:2] for key, identities in numbers.items() if len(identities) > 1}
    return {
        number: replace(owner, student=f"{owner.student} ({owner.identity})")
        if (owner.platform, owner.student) in double and owner.identity
        else owner
        for number, owner in found.items()
    }


def gradescope(content: bytes) -> dict[str, list[tuple[str, str, str]]]:
    """Map the names in a Gradescope export to the (name, id, time) of those who handed them in.

    Raises Unreadable.
    """
    import yaml

    if len(content) > MAX_METADATA_MB * 2**20:
        raise Unreadable(f"is larger than {MAX_METADATA_MB} MB")
    # takes every value as text, and knows no tags: it is written by Ruby
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        read = yaml.load(content, Loader=loader)
        found = {}
        for name, about in read.items():
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


def shared_words(names: Collection[str]) -> dict[str, str]:
    """Cut off the words all names begin or end with, if they number something: "hw1_ada"."""
    if len(names) < 2:
        return {}
    split = {name: re.split(r"([-_ ]+)", name) for name in names}
    for end in (0, -1):
        while min(map(len, split.values())) > 2:
            words = {words[end] for words in split.values()}
            if len(words) > 1 or not re.search(r"\d", *words):
                break
            split = {n: (w[2:] if end == 0 else w[:-2]) for n, w in split.items()}
    return {name: "".join(words) for name, words in split.items()}
