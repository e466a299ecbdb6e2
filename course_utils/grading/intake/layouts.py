"""Find out who handed in each file, from the paths of the whole class.

Platforms name what they download in ways of their own (see `platforms`). Elsewhere the student's
name is the part of the path that varies over the class while the others are constant or name an
assignment. Where two readings are possible, nothing is guessed: `WhoseIsIt` says what was seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from ...exercises import stems
from .folders import Folders, Layout, WhoseIsIt, person_in, without_suffix
from .listing import Entry, bare
from .notebook_file import Unreadable
from .platforms import GRADESCOPE, Owner, gradescope, owners

# nbgrader's folders of a course and of an exchange: the one to grade, and those beside it
_ROOTS = {"submitted": {"source", "release", "autograded", "feedback"}, "inbound": {"outbound"}}


def find_owners(
    entries: Sequence[Entry],
    place: str,
    *,
    level: int | None = None,
    known: Collection[str] = (),
    stem_of: Callable[[Entry], str | None] = lambda entry: None,
) -> Layout:
    """Find whose each entry is.

    `place` names the folder or archive they were found in; `level` is the number of the part of the
    path that names the student, where the caller knows; `known` are students met before; `stem_of`
    tells which assignment a notebook is, where its name does not. Raises WhoseIsIt.
    """
    layout = Layout()
    kept, roots = _without_other_roots(entries, layout)
    if level is not None:
        for number in kept:
            _at_level(layout, entries, number, level)
        return layout
    kept = _from_gradescope(entries, kept, layout)
    paths = [entries[number].parts for number in kept]
    named = owners(paths, without_suffix, stems(), known)
    for index, owner in named.items():
        layout.owners[kept[index]] = [owner]
    rest = [number for index, number in enumerate(kept) if index not in named]
    platforms = sorted({owner.platform for owner in named.values()})
    if platforms:
        layout.notes.append(f"students are named as in a download from {' and '.join(platforms)}")
    generic = Folders(entries, layout, place, stem_of, bool(layout.owners))
    for root in {root for number in rest if (root := roots.get(number))}:
        generic.read([number for number in rest if roots.get(number) == root], len(root) - 1)
    generic.read([number for number in rest if number not in roots])
    return layout


def _without_other_roots(
    entries: Sequence[Entry], layout: Layout
) -> tuple[list[int], dict[int, tuple[str, ...]]]:
    """Leave out what is beside nbgrader's `submitted` or `inbound`.

    Return what is kept, and the path of that folder for what is in one.
    """
    beside: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for entry in entries:
        for depth, part in enumerate(entry.parts[:-1] if not entry.empty else entry.parts):
            beside[entry.parts[:depth]].add(part)
    left: dict[str, int] = defaultdict(int)
    kept, roots = [], {}
    for number, entry in enumerate(entries):
        for depth, part in enumerate(entry.parts):
            here = beside[entry.parts[:depth]]
            if not any(root in here and others & here for root, others in _ROOTS.items()):
                continue
            if part in _ROOTS:
                roots[number] = entry.parts[: depth + 1]
            else:
                left[part if len(entry.parts) > depth + 1 else "loose files"] += 1
                break
        else:
            kept.append(number)
    if left:
        said = ", ".join(f"{part} ({count})" for part, count in sorted(left.items()))
        layout.notes.append(f"an nbgrader course or exchange: left out what is in {said}")
    if not kept or not any(_ROOTS.keys() & here for here in beside.values()):
        known = set().union(*_ROOTS.values())
        for here in beside.values():
            if {"source", "release"} <= here or len(here & known) > 2:
                raise WhoseIsIt(
                    f"this looks like an nbgrader course without its folder submitted/ (it holds "
                    f"{', '.join(sorted(here & known))}): name the folder of submissions"
                )
    return kept, roots


def _at_level(layout: Layout, entries: Sequence[Entry], number: int, level: int) -> None:
    parts = entries[number].parts
    if len(parts) < level:
        layout.notes.append(f"{'/'.join(parts)} has no part {level} in its path: left out")
        return
    name = bare(parts[level - 1])
    student = (person_in(name)[0] or name) if len(parts) == level else name
    layout.owners[number] = [Owner(student, depth=level)]


def _exports(entries: Sequence[Entry], kept: list[int], layout: Layout) -> set[tuple[str, ...]]:
    """List the folders whose Gradescope metadata can be trusted.

    A student can hand in such a file, too, which would give the work to someone else. So one inside
    another's folder does not count, nor inside what a platform names as a student's; and none does
    if notebooks lie outside of all, unless a platform has named them.
    """
    if not any(entries[n].name == GRADESCOPE for n in kept):
        return set()
    named = {kept[i] for i in owners([entries[n].parts for n in kept], without_suffix, stems())}
    places = {
        entries[n].parts[:-1] for n in kept if entries[n].name == GRADESCOPE and n not in named
    }
    above = {n: [entries[n].parts[:d] for d in range(len(entries[n].parts))] for n in kept}
    outside = [
        n for n in kept if entries[n].notebook and n not in named and places.isdisjoint(above[n])
    ]
    if places and outside:
        layout.notes.append(
            f"{GRADESCOPE} in {', '.join('/'.join(p) or '.' for p in sorted(places)[:3])} was not "
            f"used: it is no part of an export, as {'/'.join(entries[outside[0]].parts)} is "
            "outside of it"
        )
        return set()
    return {p for p in places if not any(p[:depth] in places for depth in range(len(p)))}


def _from_gradescope(entries: Sequence[Entry], kept: list[int], layout: Layout) -> list[int]:
    """Assign what Gradescope's metadata names; return the rest."""
    about: dict[tuple[str, ...], dict[str, list[tuple[str, str, str]]]] = {}
    exports = _exports(entries, kept, layout)
    for number in kept:
        entry = entries[number]
        if entry.name == GRADESCOPE and entry.parts[:-1] in exports:
            try:
                about[entry.parts[:-1]] = gradescope(entry.read())
            except Unreadable as error:
                layout.notes.append(
                    f"{'/'.join(entry.parts)} {error}: students are named by their folders"
                )
    names: dict[str, set[str]] = defaultdict(set)
    for found in about.values():
        for people in found.values():
            for name, identity, _ in people:
                names[name].add(identity)
    rest = []
    for number in kept:
        parts = entries[number].parts
        for depth in range(len(parts)):
            people = about.get(parts[:depth], {}).get(parts[depth])
            if people:
                layout.owners[number] = [
                    Owner(f"{name} ({identity})" if len(names[name]) > 1 else name, identity, time,
                          depth=depth + 1, platform="Gradescope")
                    for name, identity, time in people
                ]  # fmt: skip
                break
        else:
            if parts[-1] != GRADESCOPE:
                rest.append(number)
    if about:
        layout.notes.append(f"students are named as in Gradescope's {GRADESCOPE}")
    return rest
