"""The `course` command ends well even if nobody reads its output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import nbformat
import pytest

from course_utils import cli
from course_utils.session import results
from course_utils.workspace import WorkError
from tests.conftest import ROOT

COURSE = [sys.executable, "-m", "course_utils.cli"]
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
SAYING = """
import click
from course_utils.cli import main
@main.command()
def speak():
    for number in range(20_000):
        click.echo(f"{number} \\u2014 \\u2713 \\udce9")
    open(PLACE, "w").write("all was done")
main()
"""


def speak(tmp_path: Path, *, shell: str = "", **variables: str):
    """Run a command that prints 20,000 lines, then writes a file; return process and file."""
    place = tmp_path / "done"
    script = tmp_path / "speak.py"
    script.write_text(f"PLACE = {str(place)!r}\n{SAYING}", encoding="utf-8")
    command = f'"$0" "$1" speak {shell}'
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command, sys.executable, str(script)],
        cwd=ROOT, env={**environ, "PYTHONPATH": str(ROOT), **variables}, capture_output=True,
    )  # fmt: skip
    return ran, place.read_text() if place.exists() else ""


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"PYTHONIOENCODING": "utf-8"}, "0 — ✓ \\udce9".encode()),
        ({"PYTHONIOENCODING": "latin-1"}, b"0 - \\u2713 \\udce9"),
        ({"PYTHONIOENCODING": "cp1252"}, b"0 \x97 \\u2713 \\udce9"),
        ({"LC_ALL": "C", "PYTHONUTF8": "0"}, "0 — ✓ \\udce9".encode()),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, b"0 "),
        ({"LANG": "fr_FR.ISO-8859-1", "PYTHONUTF8": "0"}, b"0 "),
    ],
)
def test_any_encoding_will_do(tmp_path, variables, line):
    ran, done = speak(tmp_path, **variables)
    assert (ran.returncode, ran.stderr, done) == (0, b"", "all was done")
    assert ran.stdout.startswith(line)
    assert len(ran.stdout.splitlines()) == 20_000


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_has_seen_enough_stops_nothing(tmp_path, unbuffered):
    ran, done = speak(tmp_path, shell="| head -1", PYTHONUNBUFFERED=unbuffered)
    assert (ran.returncode, ran.stderr, done) == (0, b"", "all was done")


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_takes_nothing_into_another_file(tmp_path, closed):
    ran, done = speak(tmp_path, shell=closed)
    assert (ran.returncode, ran.stdout, ran.stderr, done) == (0, b"", b"", "all was done")


@needs_full
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_an_error_after_the_work_is_done(tmp_path, unbuffered):
    ran, done = speak(tmp_path, shell="> /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert (ran.returncode, done) == (3, "all was done")
    assert ran.stderr == b"error: the output could not be written: No space left on device\n"


@needs_full
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "--help"]])
def test_what_click_itself_writes_is_covered(arguments):
    with FULL.open("w") as full:
        ran = subprocess.run([*COURSE, *arguments], cwd=ROOT, stdout=full, stderr=subprocess.PIPE)
    assert ran.returncode == 3
    assert b"Traceback" not in ran.stderr


def test_it_is_called_course_however_it_is_started():
    ran = subprocess.run([*COURSE, "--help"], cwd=ROOT, capture_output=True, text=True)
    assert ran.stdout.startswith("Usage: course ")


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "solutions").mkdir()
    source = next((ROOT / "solutions").glob("*word_vectors.py"))
    (tmp_path / "solutions" / source.name).write_bytes(source.read_bytes())
    (tmp_path / "notebooks").touch()  # a file, where a folder is wanted
    ran = subprocess.run(
        [*COURSE, "build", "--root", str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 3
    assert ran.stderr.startswith(f"error: {tmp_path / 'notebooks'}")
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
@needs_full
@pytest.mark.parametrize("lost", ["2> /dev/full", "2>&1 >/dev/null | true", ">&- 2>&-"])
def test_grades_are_written_though_nobody_listens(tmp_path, lost):
    """Problems with a submission go to stderr while the class is graded."""
    cell = nbformat.v4.new_code_cell("x = 1")
    for student in ("anna", "ben"):
        path = tmp_path / "class" / student / "05_word_vectors.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    (tmp_path / "class" / "ben" / "05_word_vectors.ipynb").write_text("no notebook")
    command = f'"$0" -m course_utils.cli grade "$1/class" --out "$1/out" {lost}'
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command, sys.executable, tmp_path], cwd=ROOT
    )
    assert ran.returncode == 1  # one could not be graded
    assert len((tmp_path / "out" / "grades.csv").read_text().splitlines()) == 3


def test_on_a_terminal_sentences_end_at_its_width_and_code_is_bold(monkeypatch):
    monkeypatch.setenv("COLUMNS", "24")
    said = cli._for_a_terminal("`rnn_forward` gives the wrong shape.\n  [tables stay as they are]")
    assert said.splitlines() == [
        f"{click.style('rnn_forward', bold=True)} gives the",
        "wrong shape.",
        "  [tables stay as they are]",
    ]


def test_a_notebook_goes_by_its_number_its_name_its_file_or_a_path(tmp_path, monkeypatch):
    monkeypatch.setenv(results.VARIABLE, str(tmp_path))
    mine, copy = tmp_path / "01_rnn_step_by_step.ipynb", tmp_path / "01 copy.ipynb"
    for path in (mine, copy):
        path.write_text("{}")
    assert {cli._notebook(name) for name in ("01", "rnn_step_by_step", mine.name, str(mine))} == {
        mine
    }
    assert cli._notebook(copy.name) == copy
    with pytest.raises(WorkError, match="there is no notebook 77: choose from 01_rnn_step_by_step"):
        cli._notebook("77")
