"""How far a learner is: points by notebook, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..exercises import assignment, stems
from ..session import results, runs
from .folder import Work


@dataclass(frozen=True)
class Standing:
    """What a learner has reached in one notebook."""

    stem: str
    title: str
    minutes: int  # of its exercises
    points: int
    of: int
    passed: tuple[str, ...]
    edited: tuple[str, ...]  # answers that were changed after their last check
    open: tuple[str, ...]  # exercises that have not passed, in order

    @property
    def finished(self) -> bool:
        """Return True if every exercise has passed."""
        return not self.open


def standings(work: Work) -> list[Standing]:
    """Return how far the learner is in each notebook, in the order of the course."""
    remembered = results.recall(work.results)
    paths = sorted(work.folder.glob("*.ipynb"))  # copies and renamed ones, too
    written = ["".join(cell["source"]) for path in paths for cell in runs.saved_cells(path)]
    digests = set(map(results.digest, written))
    found = []
    for stem in (stem for stem in work.stems() if stem in stems()):
        record = assignment(stem)
        checks = {name: remembered[name] for name in record.names() if name in remembered}
        found.append(
            Standing(
                stem,
                record.title,
                sum(exercise.minutes for exercise in record.exercises),
                sum(check.points for check in checks.values()),
                record.points,
                tuple(name for name, check in checks.items() if check.passed),
                tuple(
                    name
                    for name, check in checks.items()
                    if check.answer not in digests | {""}
                    and any(runs.is_def(name, source) for source in written)
                ),
                tuple(n for n in record.names() if n not in checks or not checks[n].passed),
            )
        )
    return found


def next_step(found: Sequence[Standing]) -> tuple[Standing, str] | None:
    """Return the first exercise to do, in the first notebook that is not finished."""
    return next(((each, each.open[0]) for each in found if each.open), None)


def to_text(found: Sequence[Standing]) -> str:
    """Write the standing as a table for a terminal."""
    width = max(len(each.stem) for each in found)
    lines = []
    for each in found:
        state = "finished" if each.finished else f"{len(each.passed)} passed"
        lines.append(f"{each.stem:<{width}}  {each.points:>3} / {each.of}  {state}")
        lines += [
            f"{'':<{width}}  {name} was changed after its check: check it again"
            for name in each.edited
        ]
    earned, most = sum(each.points for each in found), sum(each.of for each in found)
    lines += ["", f"The course: {earned} / {most} points"]
    if step := next_step(found):
        lines.append(f"Next: {step[1]} in {step[0].stem}")
    return "\n".join(lines)
