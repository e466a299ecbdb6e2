"""What confines a submission, layer by layer, and what the grader does where a layer is missing."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from course_utils.cli import main
from course_utils.exercises import find
from course_utils.exercises.sealed import seal, sealed_root
from course_utils.grading.batch.run import MOST_MB, end_if_stuck
from course_utils.grading.core.engine import Run
from course_utils.grading.intake.submissions import find_submissions
from course_utils.grading.sandbox import isolation as isolation_module
from course_utils.grading.sandbox import worker_handle
from course_utils.grading.sandbox.inside import landlock, resources
from course_utils.grading.sandbox.isolation import Isolation, isolation
from course_utils.grading.sandbox.limits import Limits
from course_utils.grading.sandbox.stage import stage, staged_folder
from course_utils.grading.sandbox.templates import TemplateHandle, TemplatePool
from course_utils.grading.sandbox.worker_handle import WorkerLost, WorkerStopped
from course_utils.observing.frameworks import NUMPY
from tests.conftest import ROOT
from tests.test_grading import RIGHT, SETUP, STEM, grade, write

CONFINES = isolation().full
confined = pytest.mark.skipif(not CONFINES, reason="this system cannot confine")


# Which paths are allowed


def test_a_folder_left_out_leaves_its_neighbours(tmp_path):
    for name in ("keep/a", "mixed/secret", "mixed/b"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "mixed/c.txt").touch()
    (tmp_path / "mixed/link").symlink_to(tmp_path / "mixed/secret")
    found = dict(landlock.below_without(tmp_path, [tmp_path / "mixed/secret"]))
    assert found == {
        tmp_path: False,
        tmp_path / "keep": True,
        tmp_path / "mixed": False,
        tmp_path / "mixed/b": True,
        tmp_path / "mixed/c.txt": True,
    }
    assert list(landlock.below_without(tmp_path, [tmp_path])) == []
    assert list(landlock.below_without(tmp_path, [Path("/elsewhere")])) == [(tmp_path, True)]


def test_landlock_allows_what_its_rules_say_and_nothing_else(tmp_path):
    if not landlock.version():
        pytest.skip("no Landlock here")
    for name in ("read", "write", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    code = f"""
import ctypes, os
from pathlib import Path
from course_utils.grading.sandbox.inside import landlock, resources
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
place = Path({str(tmp_path)!r})
landlock.restrict([(place / "read", landlock.READ), (place / "write", landlock.EVERYTHING)])
for name in ("read", "write", "other"):
    for mode in "ra":
        try: open(place / name / "file", mode).close(); print(name, mode)
        except PermissionError: pass
try: os.kill({os.getpid()}, 0); print("signal")
except PermissionError: pass
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    allowed = done.stdout.splitlines()
    assert [line for line in allowed if line != "signal"] == ["read r", "write r", "write a"]
    assert ("signal" in allowed) is (landlock.version() < 6)


# What is said


def test_what_is_missing_is_said_once_and_graded_all_the_same(tmp_path, monkeypatch):
    lacking = Isolation(("Landlock, which keeps files away",), "none")
    monkeypatch.setattr("course_utils.grading.command.isolation", lambda limits: lacking)
    for name in ("ada", "bob"):
        write(tmp_path / "in" / name / f"{STEM}.ipynb", SETUP, RIGHT)
    done, rows, _ = grade(tmp_path / "in", tmp_path / "out")
    assert done.exit_code == 0 and len(rows) == 2
    said = [line for line in done.stderr.splitlines() if "not fully confined" in line]
    assert said == ["note: submissions are not fully confined here. Missing: " + lacking.missing[0]]


def test_isolation_that_is_required_and_missing_refuses_before_anything_runs(tmp_path, monkeypatch):
    lacking = Isolation(("Landlock", "namespaces"), "partial")
    monkeypatch.setattr("course_utils.grading.command.isolation", lambda limits: lacking)
    write(tmp_path / "in" / "ada" / f"{STEM}.ipynb", SETUP, RIGHT)
    done, rows, _ = grade(tmp_path / "in", tmp_path / "out", "--require-isolation")
    assert done.exit_code == 2 and rows == []
    assert "cannot confine what it would run. It lacks Landlock; namespaces" in done.stderr


@pytest.mark.parametrize(
    ("platform", "abi", "works", "level"),
    [
        ("linux", 7, {"_namespaces", "_seccomp"}, "full"),
        ("linux", 0, {"_namespaces", "_seccomp"}, "full"),
        ("linux", 7, {"_seccomp"}, "partial"),
        ("linux", 7, {"_namespaces"}, "partial"),
        ("linux", 0, {"_namespaces"}, "none"),
        ("darwin", 0, {"_namespaces", "_seccomp"}, "none"),
    ],
)
def test_full_isolation_needs_namespaces_and_seccomp(monkeypatch, platform, abi, works, level):
    monkeypatch.setattr(isolation_module.sys, "platform", platform)
    monkeypatch.setattr(landlock, "version", lambda: abi)
    monkeypatch.setattr(isolation_module, "_works", lambda attempt: attempt.__name__ in works)
    found = isolation()
    assert (found.level, found.full) == (level, level == "full")
    assert bool(found.missing) is not found.full


@pytest.mark.parametrize("command", ["grade", "check"])
def test_a_system_that_cannot_fork_is_refused_with_what_to_use_instead(
    tmp_path, monkeypatch, command
):
    monkeypatch.delattr(os, "fork")
    path = write(tmp_path / f"{STEM}.ipynb", SETUP, RIGHT)
    done = CliRunner().invoke(main, [command, str(path)])
    assert done.exit_code == 2
    (said,) = done.stderr.splitlines()
    assert all(word in said for word in ("Linux", "macOS", "WSL", "container"))


def test_a_worker_that_lacks_a_layer_runs_nothing_where_isolation_is_required(tmp_path):
    path = write(tmp_path / "ada" / f"{STEM}.ipynb", SETUP, RIGHT)
    with Run(1, Limits(namespaces=False), require_isolation=True) as run:
        (found,) = run.grade(find_submissions(path))
    assert (found.status, found.score) == ("not run", 0)
    assert "it could not be confined by more than limits" in found.notes[0]


@pytest.mark.parametrize(("deaths", "status"), [(1, "graded"), (2, "not run")])
def test_who_dies_while_the_machine_is_out_of_memory_is_tried_again(
    tmp_path, monkeypatch, deaths, status
):
    """The kernel picks a process to kill, and may pick an honest one next to a hog."""
    path = write(tmp_path / "ada" / f"{STEM}.ipynb", SETUP, RIGHT)
    counted = iter(range(10**6))
    monkeypatch.setattr(worker_handle, "ended_for_memory", lambda: next(counted))
    spawn, left = TemplatePool.spawn, [deaths]

    def spawn_and_kill(self, framework):
        worker = spawn(self, framework)
        if left[0]:
            left[0] -= 1
            (child,) = resources.descendants(self._made[framework.name]._process.pid)
            os.kill(child, signal.SIGKILL)
        return worker

    monkeypatch.setattr(TemplatePool, "spawn", spawn_and_kill)
    with Run(1) as run:
        (found,) = run.grade(find_submissions(path))
    assert (found.status, found.score) == (status, 10 * (status == "graded"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="tried in a child process")
def test_other_threads_do_not_hinder_the_look_at_the_system():
    code = """
import sys, threading
from course_utils.grading.sandbox.isolation import isolation
sys.setswitchinterval(1e-6)
def spin():
    while True:
        pass
for _ in range(3):
    threading.Thread(target=spin, daemon=True).start()
print([isolation().full for _ in range(10)])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == str([CONFINES] * 10)


@confined
def test_the_level_is_kept_with_the_grade(tmp_path):
    path = write(tmp_path / "ada" / f"{STEM}.ipynb", SETUP, RIGHT)
    with Run(1) as run:
        (found,) = run.grade(find_submissions(path))
    layers = found.confinement.split(", ")
    assert {"namespaces", "no privileges", "seccomp", "limits"} <= {*layers}


# What holds where a layer is missing

DETACHED = """
import os, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
open("left", "w").write("x")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what is left")
@pytest.mark.parametrize(
    "limits",
    [
        Limits(),
        Limits(namespaces=False),
        Limits(landlock=False),
        Limits(landlock=False, namespaces=False),
    ],
    ids=["all", "no namespaces", "no Landlock", "neither"],
)
def test_nothing_outlives_a_submission_whatever_holds_it(tmp_path, limits):
    path = write(tmp_path / "eve" / f"{STEM}.ipynb", SETUP, DETACHED, RIGHT)
    with Run(1, limits) as run:
        (found,) = run.grade(find_submissions(path))
        assert found.score == 10
        staged = str(run._templates._staged)
        assert len(processes(staged)) == 1  # the template
        assert [list(place.iterdir()) for place in run._templates._staged.glob("scratch-*")] == [[]]
    assert processes(staged) == []


def processes(mark: str) -> list[str]:
    """List the processes of a run: its templates have its folder on their command line."""
    found = subprocess.run(["ps", "-ewwo", "pid,args"], capture_output=True, text=True, check=True)
    lines = found.stdout.splitlines()
    return [line for line in lines if ".template_main" in line and mark in line]


@confined
def test_a_worker_does_not_outlive_its_template(tmp_path):
    staged = stage(tmp_path)
    template = TemplateHandle(staged, Limits(), NUMPY)
    worker = template.spawn()
    assert len(processes(str(staged))) == 2
    # it asks not to be killed (PR_SET_PDEATHSIG)
    asks = "import ctypes, time\nctypes.CDLL(None).prctl(1, 0, 0, 0, 0)"
    assert next(worker.run([asks], lambda: 60))["ok"]
    os.kill(template._process.pid, signal.SIGKILL)
    with pytest.raises(WorkerLost):
        next(worker.run(["time.sleep(60)"], lambda: 60))
    wait(lambda: not processes(str(staged)))
    template.close()


PARTIAL = Limits(namespaces=False, disk_mb=8)
partial = pytest.mark.skipif(isolation(PARTIAL).level != "partial", reason="no Landlock here")


@partial
def test_what_has_detached_itself_does_not_outlive_a_template_that_is_killed(tmp_path):
    template = TemplateHandle(stage(tmp_path), PARTIAL, NUMPY)
    worker = template.spawn()
    assert next(worker.run([DETACHED], lambda: 60))["ok"]
    template_id = template._process.pid
    family = resources.descendants(template_id)
    assert len(family) >= 4
    os.kill(template_id, signal.SIGKILL)
    wait(lambda: template._process.poll() is not None)
    template.close()
    assert [pid for pid in family if Path(f"/proc/{pid}").exists()] == []
    worker.close()


HOLDS = {
    "an open file": "f = open('f', 'wb'); os.unlink('f'); f.write(x); f.flush(); kept.append(f)",
    "a file never named": "f = tempfile.TemporaryFile(); f.write(x); f.flush(); kept.append(f)",
    "a file written over": (
        "f = open('f', 'wb'); f.write(x); f.flush(); kept.append(f)\n"
        "    open('g', 'w').close(); os.rename('g', 'f')"
    ),
    "a mapped file": (
        "f = os.open('f', os.O_RDWR | os.O_CREAT); os.write(f, x)\n"
        "    assert c.mmap(None, 4096, 1, 2, f, ctypes.c_long(0)) != 2**64 - 1\n"
        "    os.unlink('f'); os.close(f)"
    ),
    "empty folders": "for n in range(1_500): os.mkdir(f'{_}-{n}')",
}


@partial
@pytest.mark.parametrize("way", HOLDS)
def test_files_count_that_have_lost_their_names(tmp_path, way):
    cell = f"""
import ctypes, os, tempfile, time
c, kept, x = ctypes.CDLL(None), [], bytes(6 * 2**20)
c.mmap.restype = ctypes.c_void_p
for _ in range(2):
    {HOLDS[way]}
time.sleep(8)
"""
    path = write(tmp_path / "eve" / f"{STEM}.ipynb", SETUP, cell, RIGHT)
    with Run(1, PARTIAL) as run:
        (found,) = run.grade(find_submissions(path))
    assert "a cell failed: wrote more than 8 MB" in found.notes


@partial
def test_files_that_lose_their_names_honestly_cost_nothing(tmp_path):
    honest = """
import tempfile, mmap
for _ in range(50):
    with tempfile.TemporaryFile() as file:
        file.write(bytes(2**20))
        file.flush()
        mmap.mmap(file.fileno(), 4096).close()
time.sleep(0.5)
"""
    path = write(tmp_path / "ada" / f"{STEM}.ipynb", SETUP, "import time" + honest, RIGHT)
    with Run(1, PARTIAL) as run:
        (found,) = run.grade(find_submissions(path))
    assert (found.score, found.notes) == (10, ())


REFUSED = """
import ctypes, fcntl, os, socket, struct
c = ctypes.CDLL(None, use_errno=True)
def error(result):
    return os.strerror(ctypes.get_errno()) if result < 0 else "allowed"
here = os.open(os.__file__, os.O_RDONLY)
said = {}
for name, request in (("FS_IOC_SETFLAGS", 0x40086602), ("FICLONE", 0x40049409), ("made up", 7)):
    said[name] = error(c.ioctl(here, ctypes.c_ulong(request), ctypes.byref(ctypes.c_long(0x40))))
one, other = os.pipe()
os.write(other, b"abc")
said["FIONREAD"] = struct.unpack("i", fcntl.ioctl(one, 0x541B, b"    "))[0]
said["PR_SET_DUMPABLE"] = error(c.prctl(4, 1, 0, 0, 0))
said["PR_SET_SECCOMP"] = error(c.prctl(22, 2, 0, 0, 0))
said["landlock_create_ruleset"] = error(c.syscall(444, 0, 0, 1))
said["setxattr"] = error(c.setxattr(b".", b"user.a", b"b", 1, 0))
for file in (here, os.open(os.__file__, os.O_RDONLY)):  # of two, only one could have the lock
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
mine, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
mine.send(b"x")
for name, call in {
    "send_fds": lambda: socket.send_fds(mine, [b"x"], [here]),
    "sendto": lambda: mine.sendto(b"x", "/somewhere"),
    "connect": lambda: mine.connect("/somewhere"),
    "sendfile": lambda: os.sendfile(other, here, 0, 1),
}.items():
    try:
        said[name] = call()
    except OSError as problem:
        said[name] = os.strerror(problem.errno)
raise ValueError(json.dumps(said))
"""


@pytest.mark.parametrize(
    "limits",
    [pytest.param(Limits(), marks=confined), pytest.param(PARTIAL, marks=partial)],
    ids=["full", "partial"],
)
def test_a_filter_refuses_what_nothing_else_governs(tmp_path, limits):
    template = TemplateHandle(stage(tmp_path), limits, NUMPY)
    worker = template.spawn()
    (said,) = worker.run(["import json" + REFUSED], lambda: 30)
    worker.close()
    template.close()
    none = "Inappropriate ioctl for device"
    assert json.loads(said["message"].partition("`: ")[2]) == {
        "FS_IOC_SETFLAGS": none,
        "FICLONE": none,
        "made up": none,
        "FIONREAD": 3,
        **dict.fromkeys(
            (
                "PR_SET_DUMPABLE",
                "PR_SET_SECCOMP",
                "landlock_create_ruleset",
                "setxattr",
                "send_fds",
                "sendto",
                "connect",
                "sendfile",
            ),
            "Operation not permitted",
        ),
    }


SPINS = """
import os, threading, time
for _ in range(6):
    if os.fork() == 0:
        os.setsid()
        end = time.monotonic() + 20
        while time.monotonic() < end:
            os.sched_setaffinity(0, range(os.cpu_count()))
time.sleep(6)
"""


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="there is one core only")
@confined
def test_many_processes_of_a_submission_leave_the_other_cores_to_others(tmp_path):
    template = TemplateHandle(stage(tmp_path), Limits(), NUMPY)
    worker = template.spawn()
    outcomes = worker.run([SPINS], lambda: 60)
    pids: set[int] = set()

    def kept():
        pids.update(resources.descendants(template._process.pid))
        cores = [os.sched_getaffinity(pid) for pid in pids if Path(f"/proc/{pid}").exists()]
        return len(pids) >= 7 and all(len(each) == 1 for each in cores)

    def spin():
        with contextlib.suppress(WorkerStopped):
            next(outcomes)

    thread = threading.Thread(target=spin)
    thread.start()
    wait(kept)
    worker.close()
    thread.join()
    template.close()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root has any")
def test_no_capability_stays_where_root_lacks_the_one_that_workers_keep():
    """A container's root usually lacks CAP_DAC_READ_SEARCH."""
    code = """
from course_utils.grading.sandbox.inside import privileges
privileges._set_capabilities(0x1FF & ~privileges._DAC_READ_SEARCH)
status = open("/proc/self/status")
privileges.drop(2_000_000_001)
print(status.read())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    status = dict(line.split(":\t", 1) for line in done.stdout.splitlines() if ":\t" in line)
    assert status["Uid"].split() == ["2000000001"] * 4
    assert {int(status[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Amb")} == {0}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere memory is not bounded")
def test_what_takes_too_much_memory_to_judge_raises_and_the_bound_ends_with_it():
    size = 2 * MOST_MB * 2**20
    with end_if_stuck()(), pytest.raises(MemoryError):
        np.empty(size, np.uint8)
    assert np.empty(size, np.uint8).size == size  # nothing is touched, so nothing is taken


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be killed")
@pytest.mark.parametrize(("kills", "status"), [(1, "graded"), (2, "not run")])
def test_a_template_that_is_killed_costs_a_second_try(tmp_path, monkeypatch, kills, status):
    path = write(tmp_path / "ada" / f"{STEM}.ipynb", SETUP, RIGHT)
    spawn, killed = TemplatePool.spawn, []

    def spawn_and_kill(self, framework):
        worker = spawn(self, framework)
        if len(killed) < kills:
            killed.append(self._made[framework.name]._process.pid)
            os.kill(killed[-1], signal.SIGKILL)
            wait(lambda: self._made[framework.name]._process.poll() is not None)
        return worker

    monkeypatch.setattr(TemplatePool, "spawn", spawn_and_kill)
    with Run(1) as run:
        (found,) = run.grade(find_submissions(path))
        assert (found.status, found.score, len(killed)) == (status, 10 * (kills == 1), kills)
        (found,) = run.grade(find_submissions(path))
    assert (found.status, found.score) == ("graded", 10)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be killed")
def test_nothing_outlives_a_grader_that_is_killed(tmp_path):
    slow = "import time\ntime.sleep(600)"
    write(tmp_path / "in" / "eve" / f"{STEM}.ipynb", SETUP, slow, RIGHT)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "course_utils.cli", "grade", str(tmp_path / "in"),
         "--out", str(tmp_path / "out")],
        env=os.environ | {"TMPDIR": str(temporary)},
    )  # fmt: skip
    wait(lambda: len(processes(str(temporary))) >= 2)  # a template and a worker
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    wait(lambda: not processes(str(temporary)))
    wait(lambda: not list(temporary.glob("course-staged-*")))


def wait(until) -> None:
    end = time.monotonic() + 60
    while not until():
        assert time.monotonic() < end, "not within a minute"
        time.sleep(0.1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a lock that ends with its process")
def test_what_a_killed_run_has_left_is_cleared_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed, lock = staged_folder()
    running, held = staged_folder()
    deep = killed / "scratch-x" / "/".join(["d"] * 1_500)
    subprocess.run(["mkdir", "-p", deep], check=True)
    lock.close()
    following, another = staged_folder()
    assert not killed.exists() and running.exists() and following.exists()
    for file in (held, another):
        file.close()


LOOKS_ROUND = """
import os
seen = {place: sorted(os.listdir(place)) for place in ("/", "/tmp", "/dev", "/etc")}
seen["processes"] = [name for name in os.listdir("/proc") if name.isdigit()]
seen["mounts"] = {line.split()[1]: line.split()[3].split(",")[0] for line in open("/proc/mounts")}
seen["fds"] = sorted(os.readlink(f"/proc/self/fd/{n}") for n in range(3) )
seen["ppid"], seen["oom"] = os.getppid(), open("/proc/self/oom_score_adj").read().strip()
"""


@confined
def test_a_worker_sees_what_it_needs_and_nothing_else(tmp_path):
    template = TemplateHandle(stage(tmp_path), Limits(), NUMPY, left_out=[ROOT / "course_utils"])
    worker = template.spawn()
    cells = [LOOKS_ROUND, "import json\nraise ValueError(json.dumps(seen['PLACE']))"]
    seen = {}
    try:
        list(worker.run(cells[:1], lambda: 30))
        for name in ("/dev", "processes", "ppid", "oom", "/etc"):
            (said,) = worker.run([cells[1].replace("PLACE", name)], lambda: 30)
            seen[name] = json.loads(said["message"].partition("`: ")[2])
        (said,) = worker.run(
            ["raise ValueError([m for m in seen['mounts'].items() if m[1] != 'ro'])"], lambda: 30
        )
    finally:
        worker.close()
        template.close()
    assert seen["/dev"] == ["fd", "full", "null", "random", "shm", "urandom"]
    assert (seen["processes"], seen["ppid"], seen["oom"]) == (["1"], 0, "1000")
    assert "passwd" not in seen["/etc"] and "shadow" not in seen["/etc"]
    assert said["message"].endswith(": [('/tmp', 'rw')]")


@confined
@pytest.mark.parametrize("namespaces", [True, False])
def test_a_submission_reads_the_cache_but_not_what_is_sealed_in_it(
    tmp_path, monkeypatch, namespaces
):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    assert seal(find("rnn_cell_forward")[1]) and any(sealed_root().iterdir())
    (tmp_path / "cache" / "words").mkdir()
    (tmp_path / "cache" / "words" / "words.txt").write_text("cat")
    reads = """
import contextlib, os
read = []
for place, _, names in os.walk(os.environ["COURSE_CACHE"]):
    for name in names:
        with contextlib.suppress(PermissionError):
            read.append(open(os.path.join(place, name), "rb").read(9))
raise ValueError(read)
"""
    path = write(tmp_path / "in" / f"{STEM}.ipynb", SETUP, reads, RIGHT)
    with Run(1, Limits(namespaces=namespaces)) as run:
        (graded,) = run.grade(find_submissions(path))
    assert graded.score == 10 and any("[b'cat']" in note for note in graded.notes), graded.notes
