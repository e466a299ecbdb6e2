"""A grading run can be stopped at any moment: no grade is lost, computed twice or changed."""

from __future__ import annotations

import contextlib
import csv
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from course_utils.grading.batch.grade_key import key, version
from course_utils.grading.batch.journal import Filed, Journal, JournalError
from course_utils.grading.core.grade import Grade, from_json, to_json
from course_utils.grading.sandbox.limits import Limits
from course_utils.judging.result import CriterionResult, Difference, Result
from tests.test_grading import RIGHT, SETUP, STEM, grade, write

WRONG = Result(
    "rnn_cell_forward",
    "failed",
    (CriterionResult("values", 0, 5, "is wrong"), CriterionResult("shapes", 2, 2)),
    "`a_next` is wrong",
    Difference("a_next", "unit 2", "m=3", "example", ("0", "1"), ("1.0", "2.0"), ("1.0", "3"), 1),
    (("sigmoid", "A <sentence>."),),
    "a note",
    ("a hint",),
    ("rnn_cell_backward",),
)
GRADE = Grade("zoé / x", STEM, "zoé / x/n.ipynb", "graded", (WRONG,), 100, ("a note",), "none", 1.5,
              {"rnn_cell_forward": "ab"})  # fmt: skip


def test_a_grade_comes_back_from_json_as_it_was():
    assert from_json(to_json(GRADE)) == GRADE


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def test_what_is_recorded_is_there_for_the_next_run(tmp_path, journal):
    journal.record("k", GRADE)
    journal.close()
    again = Journal(tmp_path / "journal.sqlite")
    assert again.find("k") == GRADE
    assert again.find("other") is None
    assert [row.grade for row in again.rows()] == [GRADE]
    again.close()


def test_a_grade_is_never_changed_but_one_that_could_not_be_run_is_tried_again(journal):
    journal.record("k", GRADE)
    journal.record("k", Grade("b", STEM, "n.ipynb", "graded"))
    assert journal.find("k") == GRADE
    journal.record("late", Grade("b", STEM, "m.ipynb", "not run"))
    assert journal.find("late") is None
    journal.record("late", GRADE)
    assert journal.find("late") == GRADE


def test_the_seed_stays_until_another_is_asked_for(journal):
    assert journal.seed(5) == 5
    assert journal.seed(6) == 5
    assert journal.seed(7, replace=True) == 7
    assert journal.seed(8) == 7


def test_a_key_depends_on_content_exercises_seed_and_limits():
    first = key(b"x", "n.ipynb", STEM, 1)
    assert first == key(b"x", "other name.ipynb", STEM, 1)
    others = [(b"y", STEM, 1), (b"x", "05_word_vectors", 1), (b"x", STEM, 2), (b"x", None, 1)]
    assert len({first, *(key(c, "n.ipynb", stem, seed) for c, stem, seed in others)}) == 5
    assert first != key(b"x", "n.ipynb", STEM, 1, Limits(cell_seconds=1))
    assert version(STEM) != version("05_word_vectors") != version(None)


def tried(student, score, **about):
    """Make a grade and what is filed with it, for a notebook of that score."""
    results = (Result("rnn_cell_forward", "failed", (CriterionResult("all", score, 10),)),)
    file = about.pop("file", f"{student}/{STEM}.ipynb")
    status = about.pop("status", "graded")
    return Grade(student, STEM, file, status, results, 100), Filed(**about)


def recorded_in(journal, *all_tried):
    for number, (one, filed) in enumerate(all_tried):
        journal.record(f"k{number}", one, filed)
    return {(row.grade.student, row.grade.score): row for row in journal.rows()}


def test_attempts_are_numbered_by_time_and_the_best_counts(journal):
    rows = recorded_in(
        journal,
        tried("ada", 3, digest="b", handed_in="2026-02-01 10:00:00"),
        tried("ada", 7, digest="a", handed_in="2026-01-01 10:00:00"),
        tried("ada", 9, digest="c", handed_in="2026-03-01 10:00:00", status="not run"),
        tried("bob", 1, digest="d"),
    )
    assert {key: (row.attempt, row.counts) for key, row in rows.items()} == {
        ("ada", 7): (1, True), ("ada", 3): (2, False), ("ada", 9): (3, False),
        ("bob", 1): (1, True),
    }  # fmt: skip
    newest = {row.grade.score for row in journal.rows(newest=True) if row.counts}
    assert newest == {3, 1}


def test_the_same_bytes_of_another_student_are_named(journal):
    same = {"digest": "a"}
    rows = recorded_in(journal, tried("ada", 1, **same), tried("bob", 1, **same), tried("cy", 1))
    assert {student: row.twin for (student, _), row in rows.items()} == {
        "ada": "bob", "bob": "ada", "cy": "",
    }  # fmt: skip


def test_pages_that_differ_in_capitals_only_are_told_apart(journal):
    def page(name):
        return lambda number: f"{name}{number}.html"

    rows = recorded_in(
        journal,
        tried("Ada", 1, page=page("Zo\u00eb")),
        tried("ada", 1, page=page("ZOE\u0308")),
        tried("bob", 1, page=page("bob")),
    )
    pages = {student: row.filed.page for (student, _), row in rows.items()}
    assert pages == {"Ada": "Zo\u00eb1.html", "ada": "ZOE\u03082.html", "bob": "bob1.html"}
    journal.record("k0", *tried("Ada", 1, page=page("other")))
    assert {row.filed.page for row in journal.rows()} == set(pages.values())  # as it was


@pytest.mark.parametrize("damage", [
    "substr(grade, 1, 40)", "replace(grade, '100', '900')", "''", "CAST(x'fffe' AS TEXT)", "'[]'",
])  # fmt: skip
def test_a_damaged_row_is_graded_again(tmp_path, damage):
    path = tmp_path / "journal.sqlite"
    journal = Journal(path)
    journal.record("k", GRADE)
    journal.close()
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute(f"UPDATE grades SET grade = {damage}")
        base.commit()
    again = Journal(path)
    (row,) = again.rows()
    assert row.grade.status == "not run" and "damaged" in row.grade.notes[0]
    assert again.damaged == [GRADE.file]
    assert again.find("k") is None
    again.record("k", GRADE)
    assert again.find("k") == GRADE
    again.close()


def test_a_journal_of_an_earlier_version_is_set_aside_with_its_seed(tmp_path):
    path = tmp_path / "journal.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.executescript("""
            CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
            CREATE TABLE grades (key TEXT PRIMARY KEY, status TEXT, grade TEXT NOT NULL);
            CREATE TABLE submissions (student TEXT, file TEXT, key TEXT NOT NULL);
            INSERT INTO about VALUES ('layout', '1'), ('seed', '17');
            INSERT INTO grades VALUES ('k', 'graded', 'mine');
        """)
    journal = Journal(path)
    assert "is kept as journal-earlier.sqlite" in journal.note
    assert journal.seed(5) == 17 and list(journal.rows()) == []
    journal.close()
    assert recorded(tmp_path / "journal-earlier.sqlite") == {"k": "mine"}
    assert Journal(path).note == ""


def test_a_journal_of_a_later_version_is_refused(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    journal._base.execute("UPDATE about SET value = '99' WHERE name = 'layout'")
    journal.close()
    with pytest.raises(JournalError, match="later version"):
        Journal(tmp_path / "journal.sqlite")


def test_two_runs_cannot_write_to_one_journal(tmp_path, journal):
    journal.seed(1)
    with pytest.raises(JournalError, match="is in use: another run"):
        Journal(tmp_path / "journal.sqlite")


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 2000])
def test_a_damaged_journal_is_said_to_be_and_left_alone(tmp_path, content):
    path = tmp_path / "journal.sqlite"
    path.write_bytes(content)
    with pytest.raises(JournalError, match="damaged"):
        Journal(path)
    assert path.read_bytes() == content


def test_a_full_disk_leaves_what_was_recorded(tmp_path):
    """The disk is as full as a limit on the size of files makes it, in a process of its own."""
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from tests.test_journal import GRADE, Journal, JournalError\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "for n in range(10_000):\n"
        "    try: journal.record(f'k{n}', GRADE)\n"
        "    except JournalError as error: print(n, error); break\n"
    )
    path = tmp_path / "journal.sqlite"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    count, said = done.stdout.split(" ", 1)
    assert int(count) > 5 and "what is graded so far is kept; make room and run again" in said
    again = Journal(path)
    assert [again.find(f"k{n}") for n in range(int(count))] == [GRADE] * int(count)
    again.record("more", GRADE)
    again.close()


def recorded(path) -> dict[str, str]:
    with contextlib.closing(sqlite3.connect(path)) as base:
        return dict(base.execute("SELECT key, grade FROM grades"))


def test_after_a_power_cut_that_lost_the_end_of_the_log_the_rest_is_whole(tmp_path):
    """What the disk had not taken yet is cut off the write-ahead log, anywhere."""
    path = tmp_path / "journal.sqlite"
    code = (
        "import os, sys; from pathlib import Path\n"
        "from tests.test_journal import GRADE, Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for n in range(30): journal.record(f'k{n}', GRADE)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    base, log = path.read_bytes(), (tmp_path / "journal.sqlite-wal").read_bytes()
    assert len(log) > 50_000
    kept = []
    for cut in (len(log), len(log) - 1, len(log) // 2, len(log) // 3, 40_000, 33, 0):
        path.write_bytes(base)
        (tmp_path / "journal.sqlite-wal").write_bytes(log[:cut])
        again = Journal(path)
        found = [n for n in range(30) if again.find(f"k{n}") == GRADE]
        assert found == list(range(len(found)))  # those before the cut, all of them whole
        again.record("after", GRADE)
        assert again.find("after") == GRADE
        again.close()
        kept.append(len(found))
    assert kept[0] == 30 and kept == sorted(kept, reverse=True) and kept[-1] == 0


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """Hand in eight notebooks, each slow and unlike the others, and grade them undisturbed."""
    place = tmp_path_factory.mktemp("school")
    for number in range(8):
        slow = f"import time; time.sleep(1); x = {number}"
        right = RIGHT if number % 2 else RIGHT.replace("np.tanh", "np.arctan")
        write(place / "in" / f"s{number:02}" / f"{STEM}.ipynb", SETUP, slow, right)
    whole, *_ = grade(place / "in", place / "whole", "--seed", "5", "--jobs", "2")
    assert whole.exit_code == 0
    return place


def command(school, out, *options):
    return [sys.executable, "-m", "course_utils.cli", "grade", str(school / "in"), "--out",
            str(school / out), "--seed", "5", *options]  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be killed")
def test_a_run_that_is_killed_goes_on_where_it_was(school):
    before, killed = {}, school / "killed"
    for enough in (1, 3):
        running = subprocess.Popen(
            command(school, killed.name, "--jobs", "1"), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for(killed, enough)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        now = copy_of(killed)
        assert before.items() <= now.items()  # none lost, none changed
        before = now
    assert 3 <= len(before) < 8
    done = subprocess.run(
        command(school, killed.name, "--jobs", "1"), capture_output=True, text=True, check=False
    )
    assert f"{len(before)} of 8 were graded before" in done.stderr
    assert before.items() <= recorded(killed / "journal.sqlite").items()
    for table in ("grades.csv", "criteria.csv"):
        assert timeless(killed / table) == timeless(school / "whole" / table)


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
@pytest.mark.parametrize("dying", ["grader", "template"])
def test_rows_are_the_same_whichever_process_is_killed(school, dying):
    out = school / dying
    running = started(school, out.name)
    wait_for(out, 5)
    before = copy_of(out)
    named = {"grader": "course_utils.cli", "template": "template_main"}[dying]
    (pid, *_) = [pid for pid, line in descendants(running.pid).items() if named in line]
    os.kill(pid, signal.SIGKILL)
    assert running.wait(120) == 0
    assert before.items() <= copy_of(out).items()
    for table in ("grades.csv", "criteria.csv"):
        assert timeless(out / table) == timeless(school / "whole" / table)


KILLS = 30


@pytest.fixture(scope="module")
def large_school(tmp_path_factory):
    """Hand in more notebooks than a run can grade between thirty kills, and grade them."""
    place = tmp_path_factory.mktemp("large_school")
    for number in range(3 * KILLS):
        pause = f"import time; time.sleep(0.3); x = {number}"
        right = RIGHT if number % 2 else RIGHT.replace("np.tanh", "np.arctan")
        write(place / "in" / f"s{number:02}" / f"{STEM}.ipynb", SETUP, pause, right)
    whole, *_ = grade(place / "in", place / "whole", "--seed", "5", "--jobs", "2")
    assert whole.exit_code == 0
    return place


def kill_all(running, out):
    """End a run and all its processes at once, as a power cut does, or only the first of them."""
    pids = [running.pid, *descendants(running.pid)]
    for pid in pids if len(copy_of(out)) % 2 else pids[:1]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert running.wait(120) in (-signal.SIGKILL, 0)


def fill_disk(running, out):
    """Leave no room for a byte until the run gives up."""
    filler, size = out / "filler", 2**20
    with filler.open("wb", buffering=0) as file:
        while running.poll() is None:
            try:
                file.write(b"x" * size)
            except OSError:  # too large, or full until the run makes room
                size = max(size // 2, 512)
                time.sleep(0.01)
    assert running.wait(120) in (3, 0)
    filler.unlink()


@pytest.fixture(params=[kill_all, fill_disk], ids=lambda how: how.__name__)
def disturbed(request, large_school):
    """Return what disturbs a run, and where it writes: a disk of its own, where one is filled."""
    out = large_school / request.param.__name__
    out.mkdir()
    if request.param is kill_all:
        yield request.param, out
        return
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(out)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root can make a small disk")
    yield request.param, out
    subprocess.run(["umount", "-l", str(out)], check=True)


@pytest.mark.minutes
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_rows_are_those_of_an_undisturbed_run_after_thirty_kills(large_school, disturbed):
    """All thirty hit one run of two graders between its fifth and its last grade."""
    disturb, out = disturbed
    before: dict[str, str] = {}
    for _ in range(KILLS):
        running = started(large_school, out.name)
        wait_for(out, max(5, len(before) + 1))
        assert running.poll() is None
        disturb(running, out)
        now = copy_of(out)
        assert before.items() <= now.items()  # none lost, none changed
        assert len(before) < len(now) < 3 * KILLS
        before = now
    assert started(large_school, out.name).wait(300) == 0
    assert before.items() <= copy_of(out).items()
    for table in ("grades.csv", "criteria.csv"):
        assert timeless(out / table) == timeless(large_school / "whole" / table)


def started(school, out) -> subprocess.Popen:
    """Begin a run of two graders."""
    return subprocess.Popen(
        command(school, out, "--jobs", "2"), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def descendants(pid) -> dict[int, str]:
    """Map the processes below one to their command lines."""
    children = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            line = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            children.setdefault(parent, []).append((int(place.name), line))
    found, waiting = {}, [pid]
    while waiting:
        for child, line in children.get(waiting.pop(), ()):
            found[child] = line
            waiting.append(child)
    return found


def timeless(table):
    """Read a table without the time of grading."""
    with table.open(encoding="utf-8", newline="") as file:
        return [{k: v for k, v in row.items() if k != "graded"} for row in csv.DictReader(file)]


def wait_for(out, count):
    """Wait until a run that is going on has written so many grades down."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if len(copy_of(out)) >= count:
            return
        time.sleep(0.1)
    pytest.fail(f"no {count} grades within two minutes")


def copy_of(out) -> dict[str, str]:
    """Read a copy of a journal, which its run may hold locked."""
    with tempfile.TemporaryDirectory() as made:
        for name in ("journal.sqlite", "journal.sqlite-wal"):
            content = (out / name).read_bytes() if (out / name).exists() else b""
            (Path(made) / name).write_bytes(content)
        try:
            return recorded(Path(made) / "journal.sqlite")
        except sqlite3.Error:  # it was being made
            return {}
