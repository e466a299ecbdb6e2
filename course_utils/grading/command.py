"""What `course grade` does: find, grade, journal, write tables and pages, say what happened."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..exercises import UnknownAssignment, stem_of
from .archive import unpack
from .batch import Settings, Workers, choose_seed, grade_all
from .grade import Grade
from .isolation import isolation
from .journal import Journal, JournalError
from .limits import Limits
from .reading import assignment_stem
from .submissions import NothingToGrade, Submission, find_submissions, readable
from .tables import Screen, problems, write_csv

if TYPE_CHECKING:
    from .outputs import Pages

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
    cell_seconds: float = Limits.cell_seconds,
    probe_seconds: float = Limits.probe_seconds,
    submission_seconds: float = Limits.submission_seconds,
) -> int:
    """Grade what is in `place`; return how many notebooks could not be graded."""
    from .exports import CannotExport, read_roster

    limits = Limits(cell_seconds, probe_seconds, submission_seconds)
    try:
        only = stem_of(only) if only else None
        roster_rows = read_roster(roster) if roster else None
    except (UnknownAssignment, CannotExport) as error:
        raise GradingError(str(error)) from None
    _check_isolation(limits, require_isolation)
    with ExitStack() as stack:
        found = _find(place, stack, only)
        journal = _open(out, stack)
        try:
            chosen, goes_on = choose_seed(journal, seed, fresh)
            left_out = (str(place.resolve()), str(out.resolve()))
            named = {assignment_stem(Path(s.file), []) for s in found} - {None}
            settings = Settings(chosen, limits, left_out, only, tuple(sorted(named)))
            workers = _workers(settings, jobs, scheduler, found)
            from .outputs import Pages, write_report  # once the workers' own imports are under way

            screen = _grade(found, journal, settings, workers, goes_on, Pages(out))
            files = [(s.student, s.file) for s in found]
            paths = write_csv(journal.grades(files), out)
            report = write_report(journal, files, out, readable(place.resolve().name), chosen)
            for system in exports:
                _export(system, journal.grades(files), out, roster_rows)
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
    click.echo(f"wrote {paths[0]}, {paths[1]}, {report} and a page for each notebook")
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


def _find(place: Path, stack: ExitStack, only: str | None) -> list[Submission]:
    """Find submissions, but for those that are named for another assignment than `only`."""
    try:
        if place.suffix.lower() == ".zip" and place.is_file():
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="course-zip-"))
            found = unpack(place, Path(folder))
        else:
            found = find_submissions(place)
    except NothingToGrade as error:
        raise GradingError(str(error)) from None
    if only:
        found = [s for s in found if assignment_stem(Path(s.file), []) in (None, only)]
    if not found:
        raise GradingError(f"no notebook in {place} is named for {only}")
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
    stack.callback(journal.close)
    return journal


def _workers(
    settings: Settings, jobs: int | None, scheduler: str | None, found: list[Submission]
) -> Workers:
    jobs = min(jobs or os.cpu_count() or 1, len(found))
    if scheduler:
        from .cluster import Cluster, ClusterError

        try:
            return Cluster(settings, scheduler)
        except ClusterError as error:
            raise GradingError(str(error)) from None
    from .pool import Processes

    return Processes(settings, jobs)


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
    lines = kept = 0
    shown_at = 0.0
    # without a thread of its own, so that processes can be forked beside it
    with Progress(*columns, console=console, auto_refresh=False, transient=True,
                  disable=not console.is_terminal) as progress:  # fmt: skip
        bar = progress.add_task("", total=len(found), last="")

        def done(grade: Grade, new: bool) -> None:
            nonlocal lines, kept, shown_at
            screen.add(grade)
            pages.write(grade, new=new)
            kept += not new
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
    if kept:
        said = f" with seed {settings.seed} (--fresh draws new cases)" if goes_on else ""
        click.echo(f"{kept} of {len(found)} were graded before; went on{said}", err=True)
    return screen


def _export(
    system: str, grades: Iterable[Grade], out: Path, roster: Mapping[str, Mapping[str, str]] | None
) -> None:
    """Write the grades for another system, and say whom its roster does not know."""
    from .exports import to_canvas, to_moodle, to_nbgrader

    if system == "nbgrader":
        to_nbgrader(grades, out / "gradebook.db")
        return
    write = {"canvas": to_canvas, "moodle": to_moodle}[system]
    missing = write(grades, out / f"{system}.csv", roster)
    if missing:
        click.echo(f"{system}: not in the roster: {', '.join(missing[:20])}", err=True)
