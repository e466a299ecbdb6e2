"""The `course` command: build, solve, check and grade."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .grading.sandbox.limits import Limits
from .streams import lost_output, steady_streams
from .workspace import WorkError

if TYPE_CHECKING:
    from .judging.model import Exercise

# Heavy imports wait inside the commands, so that `course --help` is quick. jsonschema, which
# nbformat needs, would spend a second or two on grammars of web addresses, which nothing needs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


class _Steady(click.Group):
    """A group whose commands end with a sentence and an exit code, never with a traceback."""

    def main(self, *args, **kwargs):
        """Run a command; where it could not read or write something, say so and exit with 3."""
        steady_streams()
        kwargs["prog_name"] = "course"  # also as `python -m course_utils.cli`
        try:
            return super().main(*args, **kwargs)
        except WorkError as error:
            _fail(str(error), 2)
        except OSError as error:
            named = f"{error.filename}: " if error.filename else ""
            _fail(f"{named}{error.strerror or error}", 3)
        finally:
            if lost := lost_output():
                _fail(f"the output could not be written: {lost}", 3)

    def invoke(self, context: click.Context):
        """Run a command; Ctrl-C ends it with 130."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            _fail("stopped", 130)


@click.group(cls=_Steady, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sequence-models-course")
def main() -> None:
    """Build, check and grade the notebooks of the sequence models course.

    Exit codes: 0 all is well; 1 something is not as it should be (an answer, a notebook, a
    drifted file); 2 the command cannot do what was asked; 3 something could not be read or
    written; 130 stopped by Ctrl-C.
    """


def _fail(message: str, code: int) -> None:
    click.echo(f"error: {message}", err=True)
    sys.exit(code)


def _course(root: Path):
    from .authoring.course import Course

    return Course(root.resolve())


_ROOT = click.option(
    "--root",
    default=".",
    type=click.Path(path_type=Path),
    show_default=True,
    help="The checkout that holds solutions/ and notebooks/.",
)


@main.command()
@click.argument("names", nargs=-1)
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit 1 and name drifted files."
)
@_ROOT
def build(names: tuple[str, ...], only_check: bool, root: Path) -> None:
    """Build the student notebooks from solutions/*.py.

    NAMES are notebooks, by number or by name; without any, all are built. The records of their
    exercises are checked first.
    """
    from .authoring.source import SourceError

    course = _course(root)
    try:
        if faults := list(course.faults(names)):
            for fault in faults[:-1]:
                click.echo(f"error: {fault}", err=True)
            _fail(str(faults[-1]), 2)
        if only_check:
            drifted = list(course.drift(names))
            for path, problem in drifted:
                click.echo(f"{path.relative_to(course.root)} {problem}", err=True)
            sys.exit(1 if drifted else 0)
        for source in course.sources(names):
            target, kept = course.write_student(source)
            click.echo(f"built {target.relative_to(course.root)}")
            if kept:
                click.echo(f"  what was written into it is kept in {kept.relative_to(course.root)}")
        course.write_lent_answers()
        course.write_feedback()
    except SourceError as error:
        _fail(str(error), 2)


@main.command()
@click.argument("names", nargs=-1)
@_ROOT
def solve(names: tuple[str, ...], root: Path) -> None:
    """Execute answer keys and keep their outputs.

    NAMES are notebooks, by number or by name: `course solve 04`, or `course solve
    05_word_vectors`. Without NAMES all are executed, at full length, which takes a while.
    """
    from .authoring.solve import SolveError
    from .authoring.source import SourceError

    course = _course(root)
    try:
        for source in course.sources(names):
            click.echo(f"solving {source.name} ...")
            try:
                click.echo(f"wrote {course.write_key(source).relative_to(course.root)}")
            except SolveError as error:
                _fail(f"{source.name}: {error}", 1)
    except SourceError as error:
        _fail(str(error), 2)


@main.command("try")
@click.argument("exercise")
@_ROOT
def try_(exercise: str, root: Path) -> None:
    """Try all that is demanded of EXERCISE, the function's name; see CONTRIBUTING.

    Its record is complete, right answers pass, known mistakes are named, and changes of the answer
    key are refused. Exits with 1 if something is not as it should be.
    """
    from .authoring.proving import prove
    from .authoring.source import SourceError
    from .exercises import find

    problems = 0
    try:
        find(exercise)
    except KeyError:
        _fail(f"no notebook has an exercise {exercise}", 2)
    try:
        for finding in prove(_course(root), exercise):
            problems += len(finding.problems)
            click.echo(f"{finding.tried}: {len(finding.problems) or 'no'} problems")
            for problem in finding.problems:
                click.echo(f"  {problem}")
    except SourceError as error:
        _fail(str(error), 2)
    sys.exit(1 if problems else 0)


@main.command()
@click.argument("names", nargs=-1)
def seal(names: tuple[str, ...]) -> None:
    """Work out what every known mistake gives, so that checks can name it at once.

    NAMES are notebooks, by number or by name; without any, all are sealed. What has been sealed
    before, and has not changed, is left as it is.
    """
    from .exercises import UnknownAssignment, assignment, stem_of, stems
    from .exercises.sealed import seal as seal_exercise
    from .exercises.sealed import unsealed

    try:
        chosen = [stem_of(name) for name in names] or stems()
    except UnknownAssignment as error:
        _fail(str(error), 2)
    left = unsealed([exercise for stem in chosen for exercise in assignment(stem).exercises])
    with click.progressbar(left, label="known mistakes", item_show_func=_name_of) as exercises:
        for exercise in exercises:
            with warnings.catch_warnings(action="ignore"):  # mistakes give cause for many
                seal_exercise(exercise)


def _name_of(exercise: Exercise | None) -> str:
    return exercise.name if exercise else ""


@main.command()
@click.argument("name", metavar="NOTEBOOK")
@click.argument("exercises", nargs=-1)
def check(name: str, exercises: tuple[str, ...]) -> None:
    """Check your answers in NOTEBOOK from the terminal (all exercises, or those named).

    NOTEBOOK is the number or name of one in work/, or a path. What is checked is what is saved.
    """
    _needs_fork()
    notebook = _notebook(name)
    from .grading.core.engine import Run
    from .grading.intake.submissions import NothingToGrade, find_submissions
    from .judging.panel import Extras, to_text

    if notebook.is_dir():
        _fail(f"{notebook} is a folder: name a notebook, or use `course grade`", 2)
    try:
        found = find_submissions(notebook)
        if len(found) != 1:
            _fail(f"{notebook} holds {len(found)} files: name a notebook, or use `course grade`", 2)
        with Run() as run:
            (grade,) = run.grade(found)
    except NothingToGrade as error:
        _fail(str(error), 2)
    if grade.status != "graded":
        _fail(f"{notebook} {grade.notes[0]}", 2)
    known = [result.exercise for result in grade.results]
    for name in exercises:
        if name not in known:
            _fail(f"{grade.assignment} has no exercise {name}; it has {', '.join(known)}", 2)
    for note in grade.notes:  # first, as what follows may come from it
        click.echo(f"{notebook.name}: {note}")
    if grade.notes:
        click.echo()
    shown = [r for r in grade.results if not exercises or r.exercise in exercises]
    for result in shown:
        hint = result.hints[0] if result.hints and result.status == "failed" else ""
        text = to_text(result, Extras(hint=hint, hint_label="Hint"))
        click.echo((_for_a_terminal(text) if sys.stdout.isatty() else text) + "\n")
    click.echo(f"Score: {sum(r.points for r in shown)} / {sum(r.max_points for r in shown)} points")
    sys.exit(0 if all(r.status == "passed" for r in shown) else 1)


def _for_a_terminal(text: str) -> str:
    """Break long sentences at the terminal's width, and set `code` in bold."""
    width = shutil.get_terminal_size().columns
    lines = [
        line if line.startswith(" ") else textwrap.fill(line, width, break_on_hyphens=False)
        for line in text.splitlines()  # a line that is indented belongs to a table
    ]
    return re.sub(r"`([^`]+)`", lambda code: click.style(code[1], bold=True), "\n".join(lines))


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> None:
    """Open your own notebooks in JupyterLab, at the start page.

    They are in the folder work/, copied from notebooks/ where they are not there yet. ARGUMENTS go
    to JupyterLab.
    """
    from .workspace.lab import lab_command, lab_environment
    from .workspace.start_page import write_start_page

    work = _work()
    copied = work.prepare()
    write_start_page(work)
    if copied:
        click.echo(f"Copied to {work.folder}: {', '.join(copied)}")
    if outdated := work.outdated():
        click.echo(
            f"There is a newer edition of {', '.join(outdated)}: `course update` brings your "
            "copies up to date and keeps your answers."
        )
    sys.stdout.flush()
    command = lab_command(work, arguments)
    os.execve(command[0], command, lab_environment(work))


@main.command()
@click.argument("names", nargs=-1)
def update(names: tuple[str, ...]) -> None:
    """Bring your notebooks in work/ up to the newest edition, with your answers in them.

    NAMES are notebooks, by number or by name; without any, all are brought up to date. A copy of
    what was there before is kept in work/kept/.
    """
    work, said = _work(), 0
    for line in work.update(names):
        click.echo(line)
        said += 1
    if not said:
        click.echo("Everything is up to date.")


@main.command()
@click.argument("notebook")
@click.argument("exercise", required=False, default="")
def reset(notebook: str, exercise: str) -> None:
    """Put NOTEBOOK in work/ back as it was released, or only your answer to EXERCISE.

    A copy of what was there before is kept in work/kept/.
    """
    click.echo(_work().reset(notebook, exercise))


@main.command()
def status() -> None:
    """Show your points in every notebook, and what comes next."""
    from .workspace.standing import standings, to_text

    click.echo(to_text(standings(_work())))


@main.command()
@click.argument("notebook")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write to.  [default: exported/ beside the notebook]",
)
def export(notebook: str, out: Path | None) -> None:
    """Write NOTEBOOK as one HTML page that needs no network, and as PDF.

    NOTEBOOK is the number or name of one in work/, or a path. What is exported is what is saved.
    """
    from .workspace.export import export as write

    path = _notebook(notebook)
    page, printed = write(path, out or path.parent / "exported")
    click.echo(f"wrote {page}")
    click.echo(f"wrote {printed}" if isinstance(printed, Path) else f"no PDF: {printed}")


def _work():
    from .workspace.folder import Work

    return Work()


def _notebook(name: str) -> Path:
    """Find a notebook by its path, or in work/ by the file's name, its number or its name."""
    work = _work()
    for path in (Path(name), work.folder / name):
        if path.exists():
            return path
    if Path(name).parent.resolve() not in (Path.cwd(), work.folder.resolve()):
        _fail(f"{name} does not exist", 2)
    stem = work.stem_of(name)
    if (mine := work.mine(stem)) is None:
        _fail(f"{stem} is not in {work.folder} yet: `course lab` copies it there", 2)
    return mine


def _needs_fork() -> None:
    """Refuse where no process can be forked, on Windows: what runs submissions is made of forks."""
    if not hasattr(os, "fork"):
        _fail(
            "running notebooks from the command line needs Linux, which confines them, or macOS, "
            "which does not: on Windows, use WSL or a container",
            2,
        )


def _seconds(flag: str, default: float, what: str):
    return click.option(
        flag,
        default=default,
        type=click.FloatRange(0.1),
        show_default=True,
        envvar=f"COURSE_{flag.strip('-').replace('-', '_').upper()}",
        help=f"How long {what} may take.",
    )


@main.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--assignment", "only", help="Grade this assignment only: NN, or NN_name.")
@click.option(
    "--out",
    default="grades",
    type=click.Path(path_type=Path, file_okay=False),
    show_default=True,
    help="Where tables, pages and the journal go; a run that was stopped goes on from there.",
)
@click.option(
    "--jobs", type=click.IntRange(1), help="Processes to grade on.  [default: one a core]"
)
@click.option("--scheduler", help="Grade on the Dask cluster at tcp://HOST:PORT instead.")
@click.option("--seed", type=click.IntRange(0), help="Draw the cases of this seed.")
@click.option("--fresh", is_flag=True, help="Draw new cases, and grade all anew.")
@click.option(
    "--export",
    "exports",
    multiple=True,
    type=click.Choice(["nbgrader", "canvas", "moodle"]),
    help="Write gradebook.db, canvas.csv or moodle.csv as well; may be given again.",
)
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="CSV that maps `student`, as grades.csv has it, to the columns Canvas or Moodle know.",
)
@click.option(
    "--attempt",
    type=click.Choice(["best", "newest"]),
    default="best",
    show_default=True,
    help="Which of several notebooks of a student for one assignment counts.",
)
@click.option(
    "--student-level",
    type=click.IntRange(1),
    help="The part of each path that names the student, 1 being the first below SUBMISSIONS.",
)
@click.option(
    "--require-isolation", is_flag=True, help="Refuse to grade where code cannot be confined."
)
@_seconds("--cell-seconds", Limits.cell_seconds, "one cell")
@_seconds("--probe-seconds", Limits.probe_seconds, "one call of a function")
@_seconds("--submission-seconds", Limits.submission_seconds, "one notebook in all")
def grade(submissions: Path, **options) -> None:
    """Grade the notebooks in SUBMISSIONS: a folder, a .zip of one, or one notebook.

    Known are the downloads of Blackboard, Brightspace, Canvas, GitHub Classroom, Google Classroom,
    Gradescope, Moodle and nbgrader, a folder for each student, and files named
    <student>_NN_name.ipynb. Grades are added to those that --out holds.
    """
    _needs_fork()
    from .grading.command import GradingError, grade_folder

    try:
        ungraded = grade_folder(submissions, **options)
    except GradingError as error:
        _fail(str(error), error.code)
    sys.exit(1 if ungraded else 0)


@main.command("sample-class")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--students", default=30, type=click.IntRange(1), show_default=True, help="How many.")
@click.option(
    "--seed",
    default=0,
    type=click.IntRange(0),
    show_default=True,
    help="The same seed makes the same class.",
)
@click.option(
    "--assignment",
    "names",
    multiple=True,
    default=("01",),
    show_default=True,
    help="NN or NN_name; may be given again for more.",
)
@click.option("--honest", is_flag=True, help="Right answers and untouched stubs only.")
@click.option(
    "--endless", is_flag=True, help="Some answers never end; costs the grader its time limits."
)
@_ROOT
def sample_class(
    folder: Path,
    students: int,
    seed: int,
    names: tuple[str, ...],
    honest: bool,
    endless: bool,
    root: Path,
) -> None:
    """Make a class of students who don't exist in DIR, and truth.csv beside them."""
    from .authoring.sample_class import CannotMake, make_class
    from .authoring.source import SourceError
    from .exercises import UnknownAssignment, stem_of

    try:
        stems = [stem_of(name) for name in names]
        options = {"honest": honest, "endless": endless}
        count = make_class(root.resolve(), folder, students, seed, stems, **options)
    except (CannotMake, SourceError, UnknownAssignment) as error:
        _fail(str(error), 2)
    click.echo(f"wrote {count} notebooks and truth.csv to {folder}")


if __name__ == "__main__":
    main()
