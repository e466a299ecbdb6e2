"""Grade many submissions: journaled one by one, on as many processes or machines as there are."""

from __future__ import annotations

import secrets
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol

from ...exercises import assignment
from ..core.engine import Run
from ..core.grade import Grade, no_grade
from ..core.lending import Watchdog
from ..intake.names import stem_in
from ..intake.notebook_file import Unreadable
from ..intake.submissions import Submission
from ..sandbox.limits import DEFAULT, Limits
from .grade_key import digest_of, key, version_name
from .journal import CannotRecord, Filed, Journal

MOST_MB = 4096  # for judging one answer; messages are of 80 MB at most
STUDENT_SUBMISSIONS = 10  # of the slowest that are allowed: what one student may take of a run
STUCK_SECONDS = 120.0  # for reading and judging a submission, which takes a second or two

# graded in this run, kept from an earlier one, or the same bytes as another file's
How = Literal["new", "before", "identical"]


@dataclass(frozen=True)
class Settings:
    """What the processes of one run have in common."""

    seed: int
    limits: Limits = DEFAULT
    left_out: tuple[str, ...] = ()  # folders that no submission may read
    only: str | None = None  # the one assignment to grade
    require_isolation: bool = False  # checked where submissions run, if that is elsewhere
    expected: tuple[str, ...] = ()  # assignments that files are named for: started at once

    def run(self) -> Run:
        """Return a run with these settings."""
        left_out = [Path(path) for path in self.left_out]
        return Run(
            self.seed, self.limits, left_out=left_out, only=self.only,
            require_isolation=self.require_isolation, watchdog=end_if_stuck,
        )  # fmt: skip

    def warm(self, run: Run) -> Run:
        """Start what the expected assignments need."""
        for stem in self.expected:
            run.warm(stem)
        return run


@dataclass(frozen=True)
class Task:
    """One file to grade, wherever that is done.

    Without content, `problem` says why, and `status` is that of a file that is no notebook;
    `assumed` is then the assignment it is taken for.
    """

    student: str
    file: str
    content: bytes
    key: str
    problem: str = ""
    status: str = ""
    assumed: str | None = None


class Workers(Protocol):
    """Something that grades tasks; in no particular order, and asking for few ahead."""

    def map(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Grade]]:
        """Yield every task with its grade."""


def end_if_stuck() -> Watchdog:
    """Return a watchdog for one submission: it ends this process if all it watches takes too long.

    The kernel does it, so that a single slow call of a library ends, too. What takes too much
    memory raises MemoryError instead: without a bound, the kernel would choose what to kill.
    """
    if not hasattr(signal, "setitimer"):  # Windows
        return nullcontext
    left = STUCK_SECONDS

    @contextmanager
    def watched() -> Iterator[None]:
        nonlocal left
        signal.setitimer(signal.ITIMER_REAL, left)
        try:
            with _bounded_memory():
                yield
        finally:
            left = signal.setitimer(signal.ITIMER_REAL, 0)[0] or left

    return watched


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """Let this process take MOST_MB more and no more, where the system counts that (Linux)."""
    if sys.platform != "linux":
        yield
        return
    import resource

    before = soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    wanted = used + MOST_MB * 2**20
    if soft == resource.RLIM_INFINITY or wanted < soft:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def grade_task(run: Run, task: Task) -> Grade:
    """Grade one task; whatever happens there is a grade."""
    try:
        if task.status:
            known = assignment(task.assumed) if task.assumed else None
            return no_grade(task.student, task.file, task.status, task.problem, known)
        if task.problem:
            return run.refuse(task.student, task.file, task.problem)
        return run.grade_content(task.student, task.file, task.content)
    except OSError as error:  # no room for temporary files, say
        where = f" ({error.filename2 or error.filename})" if error.filename else ""
        return not_run(task, f"{error.strerror or error}{where}")
    except Exception as error:  # a fault of ours costs one submission, and a human should look
        return not_run(task, f"the grader failed on it ({type(error).__name__}: {error})")


def not_run(task: Task, why: str) -> Grade:
    """Return the grade of a submission that could not be graded, to be tried again next time."""
    file = PurePosixPath(task.file)
    return Grade(task.student, stem_in(file.name) or file.stem, task.file, "not run",
                 notes=(f"could not be graded: {why}",))  # fmt: skip


def choose_seed(journal: Journal, wanted: int | None, fresh: bool) -> tuple[int, bool]:
    """Return the seed of a run, and whether it goes on with what the journal holds.

    A journal's grades stay comparable with what is added to them: without a wish, its own seed.
    """
    drawn = secrets.randbits(63) if wanted is None else wanted
    seed = journal.seed(drawn, replace=fresh or wanted is not None)
    return seed, seed != drawn


def grade_all(
    submissions: Iterable[Submission],
    journal: Journal,
    settings: Settings,
    workers: Workers,
    done: Callable[[Grade, How, str], None],
) -> None:
    """Grade what the journal does not hold yet.

    `done` is called with each grade, how it came about and the path of its page. A grade is in the
    journal before that. Raises JournalError.
    """
    spent: defaultdict[str, float] = defaultdict(float)  # seconds, by student
    filed: dict[tuple[str, str, str], Filed] = {}
    graded: set[str] = set()
    budget = STUDENT_SUBMISSIONS * settings.limits.submission_seconds

    def record(task: Task, grade: Grade, about: Filed, how: How) -> None:
        try:
            page = journal.record(task.key, grade, about)
        except CannotRecord as error:
            grade = not_run(task, str(error))
            page = journal.record(task.key, grade, about)
        done(grade, how, page)

    def tasks() -> Iterator[Task]:
        for submission in submissions:
            task, about = _task(submission, settings)
            found = journal.find(task.key)
            if found is None and spent[task.student] > budget:
                why = (
                    f"this student's notebooks have taken {spent[task.student]:,.0f} s so far, and "
                    f"{budget:,.0f} s is what one student has in a run: run again for the others"
                )
                record(task, not_run(task, why), about, "new")
                continue
            if found is None:
                filed[task.student, task.file, task.key] = about
                yield task
                continue
            held = journal.holds(task.student, task.file, task.key)
            found = replace(found, student=task.student, file=task.file)
            record(task, found, about, "before" if held else "identical")

    for task, grade in workers.map(tasks()):
        about = filed.pop((task.student, task.file, task.key))
        how: How = "identical" if task.key in graded else "new"  # both were under way at once
        graded.add(task.key)
        lost = grade.status == "not run"  # whoever knew how long it took may have died
        spent[task.student] += settings.limits.submission_seconds if lost else grade.seconds
        record(task, grade, about, how)


def _task(submission: Submission, settings: Settings) -> tuple[Task, Filed]:
    content, problem = b"", ""
    try:
        content = submission.read()
    except Unreadable as error:
        problem = str(error)
    name, stem = PurePosixPath(submission.file).name, submission.stem
    # without content a grade is of this file alone
    decides = content or f"{submission.status}\0{submission.file}\0{problem}".encode()
    grade_key = key(decides, f"{name} {settings.only}", stem, settings.seed, settings.limits)
    assumed = (
        stem or settings.only or (settings.expected[0] if len(settings.expected) == 1 else None)
    )
    task = Task(submission.student, submission.file, content, grade_key, problem,
                submission.status, assumed)  # fmt: skip
    about = Filed(
        digest_of(decides), submission.handed_in, submission.order,
        submission.identity, submission.page_path, settings.seed, version_name(stem),
    )  # fmt: skip
    return task, about
