"""What `course grade` does, from a folder to a row in grades.csv.

1. `intake` lists the files of a class (`listing`), finds whose each one is (`owners`, which asks
   `platforms` and `folders`), and makes them `submissions`.
2. `batch.run` looks each up in the `journal` by what its grade depends on (`grade_key`), and hands
   the others to `processes` (or a `cluster`).
3. There `core.engine` reads the notebook (`intake.notebook_file`), has a confined worker observe it
   (`core.session`, through `sandbox.worker_handle`), and judges (`judging.judge`).
4. The grade goes into the journal; at the end `report.output` reads all of the journal once and
   writes `report.tables`, the class report and exports.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..exercises import UnknownAssignment, stem_of
from .batch.journal import Journal, JournalError
from .batch.run import How, Settings, Workers, choose_seed, grade_all
from .core.grade import Grade
from .intake.names import readable
from .intake.submissions import NothingToGrade, Submission, find_class
from .report.exports import (
    CannotExport,
    Counting,
    Roster,
    to_canvas,
    to_moodle,
    to_nbgrader,
)
from .report.screen import Screen, problems
from .sandbox.isolation import isolation
from .sandbox.limits import Limits

if TYPE_CHECKING:
    from .report.student_page import Pages

AT_MOST = 200  # lines about single submissions


class GradingError(Exception):
    """A run cannot be done; `code` is the exit code."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


def grade_folder(
    place: Path,
    *,
    out: Path,
    only: str | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    seed: int | None = None,
    fresh: bool = False,
    require_isolation: bool = False,
    exports: Sequence[str] = (),
    roster: Path | None = None,
    attempt: str = "best",
    student_level: int | None = None,
    cell_seconds: float = Limits.cell_seconds,
    probe_seconds: float = Limits.probe_seconds,
    submission_seconds: float = Limits.submission_seconds,
) -> int:
    """Grade what is in `place`; return how many submissions could not be graded.

    The options are those of the command; raises GradingError.
    """
    limits = Limits(cell_seconds, probe_seconds, submission_seconds)
    try:
        only = stem_of(only) if only else None
        people = Roster(roster) if roster else None
    except (UnknownAssignment, CannotExport) as error:
        raise GradingError(str(error)) from None
    if not scheduler:  # the workers of a cluster are asked themselves
        _check_isolation(limits, require_isolation)
    with ExitStack() as stack:
        began = (out / "journal.sqlite").exists()
        known = _open(out, stack) if began else None  # its students are already known
        found = _find(place, only, out, student_level, known)
        journal = known or _open(out, stack)
        try:
            chosen, goes_on = choose_seed(journal, seed, fresh)
            left_out = (str(place.resolve()), str(out.resolve()))
            expected = tuple(sorted({s.stem for s in found if s.stem}))
            settings = Settings(chosen, limits, left_out, only, require_isolation, expected)
            workers = _workers(settings, jobs, scheduler, found)
            # once the workers' own imports are under way
            from .report.output import Output
            from .report.student_page import Pages

            screen = _grade(found, journal, settings, workers, goes_on, Pages(out))
            damaged = len(journal.damaged)
            output, title = Output(out), readable(place.resolve().name)
            rows = journal.rows(newest=attempt == "newest")
            counting = output.write(rows, title, ", ".join(journal.seeds()), found)
            _say_damaged(journal, damaged)
            for system in exports:
                _export(system, counting, out, people)
        except JournalError as error:
            raise GradingError(str(error), 3) from None
        except CannotExport as error:
            raise GradingError(f"{error}; the grades are in {out}") from None
        except OSError as error:
            raise GradingError(
                f"cannot write to {out}: {error.strerror}; what is graded so far is kept", 3
            ) from None
        except KeyboardInterrupt:
            raise GradingError("stopped: run the same command to go on from here", 130) from None
    screen.show(Console(width=None if sys.stdout.isatty() else 120))
    click.echo(
        f"wrote {output.grades}, {output.criteria}, {output.report} and the pages that "
        f"{output.manifest} lists"
    )
    click.echo(f"the cases are those of --seed {chosen}")
    return screen.ungraded


def _check_isolation(limits: Limits, required: bool) -> None:
    held = isolation(limits)
    if held.full:
        return
    lacks = "; ".join(held.missing)
    if required:
        raise GradingError(f"this system cannot confine what it would run. It lacks {lacks}")
    click.echo(f"note: submissions are not fully confined here. Missing: {lacks}", err=True)


def _find(
    place: Path, only: str | None, out: Path, level: int | None, journal: Journal | None
) -> list[Submission]:
    """Find submissions, but for those that are named for another assignment than `only`."""
    try:
        known = journal.people() if journal else {}
        found, notes = find_class(place, left_out=out.resolve(), level=level, known=known)
    except NothingToGrade as error:
        raise GradingError(str(error)) from None
    if only:
        found = [s for s in found if s.stem in (None, only)]
    if not found:
        raise GradingError(f"no notebook in {place} is named for {only}")
    for note in (*([journal.note] if journal and journal.note else []), *notes):
        click.echo(f"note: {note}", err=True)
    return found


def _open(out: Path, stack: ExitStack) -> Journal:
    """Open the journal before an hour's grading, not after it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        journal = Journal(out / "journal.sqlite")
    except OSError as error:
        raise GradingError(f"cannot write to {out}: {error.strerror}") from None
    except JournalError as error:
        raise GradingError(str(error), 3) from None
    return stack.enter_context(journal)


def _workers(
    settings: Settings, jobs: int | None, scheduler: str | None, found: list[Submission]
) -> Workers:
    if scheduler:
        from .batch.cluster import Cluster, ClusterError

        try:
            return Cluster(settings, scheduler)
        except ClusterError as error:
            raise GradingError(str(error)) from None
    from .batch.processes import Processes

    return Processes(settings, min(jobs or os.cpu_count() or 1, len(found)))


def _grade(
    found: list[Submission],
    journal: Journal,
    settings: Settings,
    workers: Workers,
    goes_on: bool,
    pages: Pages,
) -> Screen:
    """Grade with a progress bar on stderr, saying what is odd about a submission as it comes."""
    screen, console = Screen(), Console(stderr=True)
    columns = (
        *(TextColumn("grading"), BarColumn(), MofNCompleteColumn()),
        *(TextColumn("{task.fields[last]}", markup=False), TimeRemainingColumn()),
    )
    lines = 0
    came: Counter[How] = Counter()
    shown_at = 0.0
    # without a thread of its own, so that processes can be forked beside it
    with Progress(*columns, console=console, auto_refresh=False, transient=True,
                  disable=not console.is_terminal) as progress:  # fmt: skip
        bar = progress.add_task("", total=len(found), last="")

        def done(grade: Grade, how: How, page: str) -> None:
            nonlocal lines, shown_at
            screen.add(grade)
            pages.write(grade, page, new=how == "new")
            came[how] += 1
            for line in problems(grade) if lines < AT_MOST else ():
                progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
                lines += 1
            last = f"{grade.student[:20]} {grade.score}/{grade.max_score}"
            progress.update(bar, advance=1, last=last)
            if time.monotonic() - shown_at > 0.1:
                progress.refresh()
                shown_at = time.monotonic()

        grade_all(found, journal, settings, workers, done)
    if lines >= AT_MOST:
        click.echo("... and more of this kind: see report.html", err=True)
    if kept := came["before"]:
        said = f" with seed {settings.seed} (--fresh draws new cases)" if goes_on else ""
        click.echo(f"{kept} of {len(found)} were graded before; went on{said}", err=True)
    if same := came["identical"]:
        said = "is identical to another file and has its grade"
        said = said if same == 1 else "are identical to other files and have their grades"
        click.echo(f"{same} of {len(found)} {said}", err=True)
    return screen


def _say_damaged(journal: Journal, again: int) -> None:
    """Report the rows of the journal that could not be read, the first `again` in this run."""
    if again:
        click.echo(f"{again} damaged in {journal.path}: graded again", err=True)
    if lost := journal.damaged[again:]:
        click.echo(
            f"{len(lost)} damaged in {journal.path}, of earlier runs: {', '.join(lost[:5])}. "
            "Grade their folders again",
            err=True,
        )


def _export(system: str, counting: Counting, out: Path, roster: Roster | None) -> None:
    """Write the grades for another system, and say whom its roster does not know."""
    if system == "nbgrader":
        to_nbgrader(counting, out / "gradebook.db")
        return
    write = {"canvas": to_canvas, "moodle": to_moodle}[system]
    missing = write(counting, out / f"{system}.csv", roster)
    if missing:
        click.echo(f"{system}: not in the roster: {', '.join(missing[:20])}", err=True)
