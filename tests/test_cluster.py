"""Grading on a Dask cluster gives the same tables, even if a worker is killed halfway."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.test_grading import RIGHT, SETUP, STEM, grade, write
from tests.test_journal import timeless

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    """Start a scheduler and two worker processes, as an instructor would on two machines."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as made:
        yield made


@pytest.fixture
def school(tmp_path):
    for number in range(6):
        slow = f"import time; time.sleep(1); x = {number}"
        right = RIGHT if number % 2 else RIGHT.replace("np.tanh", "np.arctan")
        write(tmp_path / "in" / f"s{number:02}" / f"{STEM}.ipynb", SETUP, slow, right)
    return tmp_path


def test_a_cluster_gives_the_same_tables_though_a_worker_is_killed(school, cluster):
    grade(school / "in", school / "here", "--seed", "5", "--jobs", "1")
    command = [sys.executable, "-m", "course_utils.cli", "grade", str(school / "in"), "--seed", "5"]
    command += ["--out", str(school / "there"), "--scheduler", cluster.scheduler_address]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    victim = busy_worker(cluster)
    os.kill(victim, signal.SIGKILL)
    said = running.communicate(timeout=300)[1]
    assert running.returncode == 0, said
    for table in ("grades.csv", "criteria.csv"):
        assert timeless(school / "there" / table) == timeless(school / "here" / table)
    assert len((school / "there" / "grades.csv").read_text().splitlines()) == 7


def busy_worker(cluster) -> int:
    """Wait until a worker is grading; return its process."""
    with distributed.Client(cluster) as client:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            for address, tasks in client.processing().items():
                if tasks:
                    return client.run(os.getpid, workers=[address])[address]
            time.sleep(0.05)
    pytest.fail("no worker was given anything to grade")


def test_no_scheduler_is_one_line_and_exit_2(school):
    done, rows, _ = grade(school / "in", school / "out", "--scheduler", "tcp://127.0.0.1:9")
    assert done.exit_code == 2 and rows == []
    assert "no scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert len(done.stderr.splitlines()) == 2  # the first says what was found


def test_workers_that_cannot_confine_are_refused(school, cluster, monkeypatch):
    from course_utils.grading.batch import cluster as ours
    from course_utils.grading.batch.run import Settings, Task
    from course_utils.grading.sandbox.limits import Limits

    settings = Settings(5, Limits(seccomp=False, landlock=False), require_isolation=True)
    with pytest.raises(ours.ClusterError, match="2 of 2 workers cannot confine.* lacks .*seccomp"):
        ours.Cluster(settings, cluster.scheduler_address)
    # one that joined later
    late = ours.grade_here(settings, Task("ada", f"{STEM}.ipynb", b"{}", "k"))
    assert late.status == "not run" and "seccomp" in late.notes[0]
