"""The report on a class: how it went, what went wrong, and what needs a person's look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import nlargest
from statistics import fmean, median

from .histogram import histogram
from .html import render
from .identical import Group, identical_answers
from .tally import AssignmentTally, ClassTally, Handed, Members

MOST = {
    "people": 50,
    "misconceptions": 60,
    "unexplained": 60,
    "groups": 40,
    "reasons": 100,
    "notes": 100,
}
MOST_LINES = 60  # of a specimen's code
TRIES = 5  # members of a group whose code is looked for
OPEN = 8  # of each list, the next being folded
SLOWEST = 5


def class_report(
    tally: ClassTally,
    *,
    title: str,
    seed: int | str | None,
    course: Callable[[str], Mapping[str, frozenset[str]]] = lambda stem: {},
    code_of: Callable[[Handed, str], str] = lambda handed, exercise: "",
) -> str:
    """Return the report on a class as an HTML page that needs no other file and runs no script.

    `course` gives the fingerprints of the course's own code for an assignment's exercises;
    `code_of` the code of a submission's answer, "" where it is not at hand.
    """
    return render(
        "report.html",
        title=title,
        seed=seed,
        levels=sorted(tally.levels),
        submissions=len(tally.handed),
        students=len({handed.student for handed in tally.handed}),
        graded=sum(len(found.scores) for found in tally.assignments.values()),
        not_graded=_first("reasons", _by_size(tally.not_graded, tally)),
        notes=_first("notes", _by_size(tally.notes, tally)),
        assignments=[
            (stem, _assignment(found, tally, course(stem), code_of))
            for stem, found in sorted(tally.assignments.items())
        ],
        time=_time(tally),
    )


def _assignment(
    found: AssignmentTally,
    tally: ClassTally,
    course: Mapping[str, frozenset[str]],
    code_of: Callable[[Handed, str], str],
) -> dict:
    most = found.max_score or 1
    same = identical_answers(found, tally, course)

    def listed(groups: Sequence[Group]) -> dict:
        return _first("groups", [(group, _people(group.numbers, tally)) for group in groups])

    return {
        "count": len(found.scores),
        "max_score": found.max_score,
        "mean": fmean(found.scores),
        "median": median(found.scores),
        "histogram": histogram(score / most for score in found.scores),
        "exercises": found.exercises,
        "misconceptions": _first(
            "misconceptions",
            [
                (exercise, name, found.sentences[exercise, name], people)
                for (exercise, name), people in _by_size(found.misconceptions, tally)
            ],
        ),
        "unexplained": _unexplained(found, tally, code_of),
        "same": same,
        "groups": listed(same.groups),
        "as_the_course": listed(same.course),
    }


def _unexplained(
    found: AssignmentTally, tally: ClassTally, code_of: Callable[[Handed, str], str]
) -> dict:
    """List wrong answers that no known mistake explains, each with a specimen and its code."""
    cut = _first("unexplained", _by_size(found.unexplained, tally))
    shown = []
    for gave, people in cut["shown"]:
        result, numbers = found.specimens[gave], found.unexplained[gave]
        handed = [tally.handed[number] for number in numbers[:TRIES]]
        codes = ((one, code_of(one, result.exercise)) for one in handed)
        one, code = next((found for found in codes if found[1]), (handed[0], ""))
        shown.append((result, people, one, code.splitlines()))
    return cut | {"shown": shown, "most_lines": MOST_LINES}


def _by_size(members: Members, tally: ClassTally) -> list[tuple]:
    """List what submissions share with who they are, what the most students share first."""
    found = [(shared, _people(numbers, tally)) for shared, numbers in members.items()]
    return sorted(found, key=lambda item: -item[1]["count"])


def _people(numbers: Sequence[int], tally: ClassTally) -> dict:
    """Count the students behind submissions, and list the first with a page of theirs."""
    pages: dict[str, str | None] = {}
    for number in numbers:
        pages.setdefault(tally.handed[number].student, tally.handed[number].page)
    shown = list(pages.items())[: MOST["people"]]
    return {"count": len(pages), "shown": shown, "more": len(pages) - len(shown)}


def _first(what: str, found: list) -> dict:
    """Cut a list to what can be read, and count the rest."""
    most = MOST[what]
    return {"shown": found[:most], "open": OPEN, "more": max(0, len(found) - most)}


def _time(tally: ClassTally) -> dict | None:
    if not tally.seconds:
        return None
    slowest = nlargest(SLOWEST, range(len(tally.seconds)), key=tally.seconds.__getitem__)
    return {
        "total": sum(tally.seconds),
        "median": median(tally.seconds),
        "slowest": [(*tally.handed[n][:2], tally.seconds[n]) for n in slowest],
    }
