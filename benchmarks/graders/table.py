"""The page that compares the graders, made from the results that were measured."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tests.hostile import GROUPS, Case

Results = Mapping[str, Mapping[str, Mapping[str, Any]]]
Cells = Mapping[tuple[str, str], str]  # of an earlier page, by row and column
GRADERS = ("ours", "nbgrader", "otter")
TITLES = {
    "forging": "After points",
    "harm": "Out to do harm",
    "form": "Of odd form, most of them innocent",
}
INTRODUCTION = """\
# Bad submissions

{count} submissions that cheat, do harm or are of odd form, and what three graders make of them. Each stands in `tests/hostile/`; what a case deserves is what the honest answers in it are worth. `tests/test_hostile.py` holds ours to it.

{levels}
## Beside two other graders

nbgrader 0.9.6 and otter were measured once, on 26 November 2026, when the collection held 179 submissions. They were not measured again: cases that were added since, or changed so that their line reads differently, show – in their columns, and are not counted there.

- **ours** is `course grade` at level *full*, on 29 November 2026, with two honest students beside them.
- **nbgrader** is `nbgrader autograde` on the released notebooks as they are, for a class of the bad submission and (except where it is only after points) an honest one that is graded after it. It stops a cell after its default of 30 s.
- **otter** is `otter run` with one test an exercise, which calls the same `check` as the notebook does.

nbgrader and otter confine nothing, so each case ran alone in a cage: namespaces, a read-only disk, a user of its own, 8 GB a process, 400 processes. A case that worked for more processor time than allowed ({cpu}), or did nothing for 45 s, was ended and is shown as *hung*.

In the table **bold** is what was not deserved: points too many, or points too few for an honest fault; for whoever does harm, losing its own points is no fault. *No score* means that a human is left with it. *Touched* says what else was reached: files, scores or processes of others, services on this machine, memory. All three graders score the same exercises, most of them of the RNN notebook (100 points); in nbgrader and otter an exercise gives all its points or none.

"""
LEVELS = """\
## At each level of isolation

How many of each kind got what they deserve, and touched nothing of others. [Grading a class](grading.md#how-untrusted-code-is-held) says what the levels are. At level *none* nothing holds a submission, so that run stood in a cage of its own, as an ordinary user: there, whoever looks for the answer key, the oracles or another student's notebook on the disk finds them, and one that does harm shut the folder for results, which ended the run (exit code 3) with no grades. The machine was busy; at *partial, user* two cases ran out of time (4 s a cell here) and were run again alone. Where root grades at level *none*, a submission still becomes a user of its own who owns nothing. In a cage, in slices of 14 to 25 cases, none of them changed a file of others, ended a process or cost an honest student points; they could read answers on the disk, talk to services, leave files in shared folders and use up what a machine shares.

"""
CPU = "nbgrader 100 s, otter 40 s"


def page(cases: Sequence[Case], results: Results, before: str = "") -> str:
    """Write the whole page in Markdown; what has no result stays as it was `before`."""
    kept = cells_of(before)
    levels = "".join(_levels(cases, results.get("levels", {}), kept))
    introduction = INTRODUCTION.format(count=len(cases), cpu=CPU, levels=levels)
    parts = [introduction, *_summary(cases, results, kept)]
    for group in GROUPS:
        parts += [
            f"\n## {TITLES[group]}\n",
            "\n| what it tries | deserved | ours | nbgrader | otter |\n",
        ]
        parts.append("|---|---:|---|---|---|\n")
        for case in cases:
            if case.group == group:
                tries = _plain(case.tries)
                cells = [
                    shown(results[g][case.id], case)
                    if case.id in results.get(g, {})
                    else kept.get((tries, g), "–")
                    for g in GRADERS
                ]
                parts.append(f"| {tries} | {case.deserves} | {' | '.join(cells)} |\n")
    return "".join(parts)


def cells_of(page: str) -> dict[tuple[str, str], str]:
    """Map (row, column) to each cell of a page's tables; a grader's column lacks its version."""
    found: dict[tuple[str, str], str] = {}
    columns: list[str] = []
    for line in page.splitlines():
        cells = [cell[1:-1] for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and not columns:  # the heading, which keeps the versions
            columns = [cell if "," in cell else cell.partition(" ")[0] for cell in cells]
        columns = columns if cells else []
        found |= {(cells[0], column): cell for column, cell in zip(columns, cells, strict=False)}
    return found


def _levels(cases: Sequence[Case], levels: Mapping[str, Any], kept: Cells) -> list[str]:
    """Count at each level, for each kind, the cases that got what they deserve and no more."""
    earlier = [column for row, column in kept if row == TITLES[GROUPS[0]] and "," in column]
    names = [*dict.fromkeys((*earlier, *levels))]
    if not names:
        return []
    rows = [LEVELS, f"| | {' | '.join(names)} |\n", f"|---|{'---:|' * len(names)}\n"]
    for group in GROUPS:
        cells = []
        for name in names:
            if name not in levels:
                cells.append(kept[TITLES[group], name])
                continue
            found = levels[name]
            known = [case for case in cases if case.group == group and case.id in found]
            fine = sum(as_deserved(case, found[case.id]) for case in known)
            cells.append(f"{fine} of {len(known)}" if known else "not run")
        rows.append(f"| {TITLES[group]} | {' | '.join(cells)} |\n")
    return rows


def as_deserved(case: Case, seen: Mapping[str, Any]) -> bool:
    """Return True if a case got what it deserves and touched nothing."""
    score = seen["score"]
    if score is None:  # nothing that could be graded was handed in
        return case.deserves == 0 and case.group != "forging"
    return score >= case.least and not undeserved(case, seen) and not seen.get("touched")


def _summary(cases: Sequence[Case], results: Results, kept: Cells) -> list[str]:
    """Count what matters, grader by grader."""
    headings = [
        kept.get(("", name), name) if name not in results else name + _version(package)
        for name, package in (("nbgrader", "nbgrader"), ("otter", "otter-grader"))
    ]
    rows = [f"| | ours | {' | '.join(headings)} |\n"]
    rows.append("|---|---:|---:|---:|\n")
    for title, counts in (
        ("cases run", lambda case, seen: True),
        ("with points not deserved", undeserved),
        ("innocent, with points too few or no score", wronged),
        ("hung, or ended at the bound on memory", lambda case, seen: bool(seen.get("ended"))),
        ("touched something of others", lambda case, seen: bool(seen.get("touched"))),
        (
            "left a process behind",
            lambda case, seen: bool(seen.get("left")) and not seen.get("ended"),
        ),
    ):
        row = []
        for grader in GRADERS:
            if grader not in results:
                row.append(kept.get((title, grader), "–"))
                continue
            seen = [(case, results.get(grader, {}).get(case.id)) for case in cases]
            known = [(case, each) for case, each in seen if each and not _absent(each)]
            row.append(str(sum(map(lambda pair: bool(counts(*pair)), known))) if known else "–")
        rows.append(f"| {title} | {' | '.join(row)} |\n")
    return rows


def undeserved(case: Case, seen: Mapping[str, Any]) -> bool:
    """Tell whether a case got points that it does not deserve."""
    return seen["score"] is not None and seen["score"] > case.deserves


def wronged(case: Case, seen: Mapping[str, Any]) -> bool:
    """Tell whether an innocent case got less than it deserves."""
    innocent = case.group == "form" and case.deserves == case.least > 0
    return innocent and (seen["score"] is None or seen["score"] < case.least)


def shown(seen: Mapping[str, Any] | None, case: Case) -> str:
    """Show one result in a table's cell."""
    if not seen:
        return "–"
    if _absent(seen):
        return f"– ({seen.get('skipped', 'not run')})"
    score = "no score" if seen["score"] is None else f"{seen['score']:g}"
    if undeserved(case, seen) or wronged(case, seen):
        score = f"**{score}**"
    ended = seen.get("ended", "")
    told = [score] + (["hung"] if "after" in ended else [ended] if ended else [])
    touched = [_plain(_short(each)) for each in dict.fromkeys(seen.get("touched", ()))]
    if seen.get("left") and not ended:
        touched.append("a process outlived it")
    if touched:
        more = f" and {len(touched) - 3} more" if len(touched) > 3 else ""
        told.append(f"touched: {', '.join(touched[:3])}{more}")
    return "; ".join(told)


def _absent(seen: Mapping[str, Any]) -> bool:
    return "skipped" in seen or "failed" in seen


def _short(mark: str) -> str:
    """Name a mark by what it means."""
    if mark.startswith("touched_"):
        return "left a file"
    if "touched_" in mark:
        return f"a service {mark.split('touched_')[0].strip()} something"
    if mark.endswith(": None"):
        return f"no score for {mark.removeprefix('the score of ').removesuffix(': None')}"
    if mark.startswith("changed submitted"):
        return "changed another's notebook"
    return mark


def _plain(text: str) -> str:
    """Return text with nothing in it that Markdown would read."""
    for special in "\\`*_<>|[]~":
        text = text.replace(special, "\\" + special)
    return text


def _version(package: str) -> str:
    try:
        return f" {version(package)}"
    except PackageNotFoundError:
        return ""
