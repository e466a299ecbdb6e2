"""Set-up: a moved, copied, broken or half-made environment is noticed and mended."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
import venv

import pytest

from course_utils import environment
from course_utils.environment import Environment, Progress, SetUpError, set_up
from tests.conftest import ROOT

AWKWARD = "é $x 'q' #1 50% [a]"

# stands in for pip: notes how it was called, and writes absolute paths as pip does
FAKE_PIP = """
import os, pathlib, sys
if "--version" in sys.argv:
    sys.exit()
root, site = pathlib.Path.cwd(), pathlib.Path(__file__).parents[1]
with (root / "calls").open("a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
if (root / "fail").exists():
    sys.exit("no network")
for name in ("a", "b"):
    record = site / f"{name}-1.dist-info" / "RECORD"
    record.parent.mkdir(exist_ok=True)
    record.touch()
if "-e" in sys.argv:
    (site / "__editable__.sequence_models_course-0.1.0.pth").write_text(f"{root}\\n")
    script = pathlib.Path(sys.prefix, "bin", "course")
    script.write_text(f"#!{sys.prefix}/bin/python\\nimport course_utils\\n"
                      "print(course_utils.__file__)\\n")
    script.chmod(0o755)
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Environment:
    """A checkout in a folder with an awkward name, with a pip that downloads nothing."""
    monkeypatch.setattr(environment, "LARGE", ())
    root = tmp_path / AWKWARD
    (root / "course_utils").mkdir(parents=True)
    (root / "course_utils" / "__init__.py").touch()
    (root / "requirements.lock").write_text("a==1\nb==1\n")
    (root / "pyproject.toml").touch()
    venv.EnvBuilder(symlinks=True).create(root / ".venv")
    made = Environment(root)
    (made.packages / "pip").mkdir()
    (made.packages / "pip" / "__main__.py").write_text(FAKE_PIP)
    return made


def calls(made: Environment) -> list[str]:
    """Return how pip was called, and forget it."""
    file = made.root / "calls"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return lines


def course_of(made: Environment, **variables: str) -> str:
    """Run the `course` script and return where it found the package."""
    command = [made.folder / "bin" / "course"]
    ran = subprocess.run(
        command, capture_output=True, text=True, cwd="/", env={**os.environ, **variables}
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def inside(made: Environment) -> str:
    return str(made.root / "course_utils" / "__init__.py")


def moved(made: Environment, name: str) -> Environment:
    return Environment(made.root.rename(made.root.parent / name))


def names(script, folder):
    """Return True if a script names a folder, which some versions of Python quote."""
    text = script.read_text(encoding="utf-8")
    return str(folder) in text or shlex.quote(str(folder)) in text


def test_a_set_up_is_done_once(checkout, capsys):
    set_up(checkout)
    assert checkout.is_ready()
    assert len(calls(checkout)) == 2
    assert course_of(checkout) == inside(checkout)
    capsys.readouterr()
    set_up(checkout)
    assert (calls(checkout), capsys.readouterr().out) == ([], "")


def test_scripts_heed_no_variable_of_another_python(checkout):
    set_up(checkout)
    assert course_of(checkout, PYTHONHOME="/nowhere", PYTHONPATH="/") == inside(checkout)


def test_a_moved_folder_works_and_is_mended_without_pip(checkout, capsys):
    set_up(checkout)
    calls(checkout)
    there = moved(checkout, "other é")
    assert course_of(there) == inside(there)
    capsys.readouterr()
    set_up(there)
    assert capsys.readouterr().out.startswith("This folder was moved or copied: repairing")
    assert calls(there) == []
    assert there.is_ready()
    assert names(there.folder / "bin" / "activate", there.folder)


@pytest.mark.parametrize("links", [False, True], ids=["copied", "hard links"])
def test_a_copy_never_runs_the_original(checkout, links):
    set_up(checkout)
    copy = checkout.root.with_name("copy")
    shutil.copytree(
        checkout.root, copy, symlinks=True, copy_function=os.link if links else shutil.copy2
    )
    there = Environment(copy)
    assert course_of(there) == inside(there)
    set_up(there)
    assert course_of(there) == inside(there)
    assert checkout.is_ready()
    assert names(checkout.folder / "bin" / "activate", checkout.folder)


def test_an_environment_of_before_is_brought_up_to_date(checkout, capsys):
    """Set-up used to leave an empty note."""
    (checkout.folder / ".installed").touch()
    set_up(checkout)
    assert capsys.readouterr().out.startswith("Bringing .venv up to date")
    assert checkout.is_ready()


def test_a_python_that_is_gone_is_replaced(checkout, capsys):
    set_up(checkout)
    for link in checkout.folder.glob("bin/python*"):
        link.unlink()
        link.symlink_to("/nowhere/python")
    assert not checkout.is_ready()
    capsys.readouterr()
    set_up(checkout)
    assert "is gone" in capsys.readouterr().out
    assert course_of(checkout) == inside(checkout)


def test_packages_of_another_python_do_not_fit(checkout):
    set_up(checkout)
    (checkout.folder / "lib" / "python3.9").mkdir()
    assert not checkout.fits()
    assert "Rebuilding .venv" in checkout.state(checkout.fits())


def test_a_broken_pip_does_not_fit(checkout):
    (checkout.packages / "pip" / "__main__.py").write_text("import nothing_of_this_name")
    assert not checkout.fits()


def test_a_set_up_that_was_cut_off_goes_on(checkout, capsys):
    set_up(checkout)
    (checkout.folder / ".installed").unlink()
    cut_off, whole = checkout.packages / "c-1.dist-info", checkout.packages / "a-1.dist-info"
    cut_off.mkdir()
    (cut_off / "METADATA").touch()
    stashed = checkout.packages / "~c"
    stashed.mkdir()
    capsys.readouterr()
    set_up(checkout)
    assert "was interrupted" in capsys.readouterr().out
    assert [path.exists() for path in (cut_off, stashed, whole)] == [False, False, True]


@pytest.mark.parametrize("file", ["requirements.lock", "pyproject.toml"])
def test_a_changed_requirement_is_installed(checkout, file):
    set_up(checkout)
    calls(checkout)
    (checkout.root / file).touch()
    set_up(checkout)
    assert calls(checkout) == []
    (checkout.root / file).write_text("c==1\n")
    set_up(checkout)
    assert len(calls(checkout)) == 2


def test_what_pip_refuses_is_an_error_and_can_be_tried_again(checkout):
    (checkout.root / "fail").touch()
    with pytest.raises(SetUpError, match="pip could not install the packages"):
        set_up(checkout)
    assert not checkout.is_ready()
    (checkout.root / "fail").unlink()
    set_up(checkout)
    assert checkout.is_ready()


def test_a_full_disk_is_named(checkout, monkeypatch):
    (checkout.root / "fail").touch()
    usage = shutil.disk_usage("/")._replace(free=2_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)
    with pytest.raises(SetUpError, match=r"only 0\.0 GB are free in .*\.venv"):
        set_up(checkout)


def test_packages_that_landed_elsewhere_are_an_error(checkout, monkeypatch):
    monkeypatch.setattr(environment, "LARGE", ("numpy_of_nowhere",))
    with pytest.raises(SetUpError, match="not into .venv: numpy_of_nowhere.*pip config list"):
        set_up(checkout)


def test_settings_that_lead_elsewhere_do_not_reach_pip(monkeypatch):
    for name in ("PIP_USER", "PIP_TARGET", "PIP_REQUIRE_VIRTUALENV", "PYTHONPATH", "PYTHONHOME"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PIP_INDEX_URL", "mirror")
    kept = environment.clean()
    assert not [name for name in kept if name.startswith(("PIP_U", "PIP_T", "PIP_REQ", "PYTHONP"))]
    assert kept["PIP_INDEX_URL"] == "mirror"


def test_a_colon_in_the_path_is_refused_with_the_reason(checkout):
    there = moved(checkout, "a:b")
    with pytest.raises(SetUpError, match="PATH separator.*Move or rename the folder"):
        set_up(there)


def test_two_at_once_take_turns(checkout, capsys):
    with (checkout.root / "requirements.lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = threading.Thread(target=set_up, args=[checkout])
        second.start()
        time.sleep(0.5)
        assert calls(checkout) == []
    second.join(timeout=30)
    assert capsys.readouterr().out.startswith("Waiting for another `make`")
    assert checkout.is_ready()


def test_progress_counts_what_pip_says():
    progress = Progress(4)
    for line in (
        "Ignoring appnope: markers 'sys_platform' don't match your environment",
        "Collecting numpy==2.4 (from -r requirements.lock (line 7))",
        "  Downloading https://mirror/x/numpy-2.4-cp311.whl (16.0 MB)",
    ):
        progress.read(line + "\n")
    assert progress.text() == (
        "fetching: 1 of 3 packages, downloading numpy-2.4-cp311.whl (16.0 MB)"
    )
    progress.read("Installing collected packages: numpy\n")
    progress.installed = 2
    assert progress.text() == "installing: 2 of 3 packages"


def test_without_a_terminal_a_line_comes_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr(Progress, "EVERY", 0)
    progress = Progress(1)
    progress.show()
    progress.read("Installing collected packages: numpy\n")
    progress.show()
    progress.close()
    assert capsys.readouterr().out == "  installing: 0 of 1 packages\n"


@pytest.mark.parametrize(
    "head",
    [
        "#!/old/.venv/bin/python3.11\n",
        "#!/bin/sh\n'''exec' \"/old place/.venv/bin/python\" \"$0\" \"$@\"\n' '''\n",
    ],
    ids=["short", "long"],
)
def test_scripts_of_pip_find_python_beside_themselves(tmp_path, head):
    script = tmp_path / "s c" / "script"
    script.parent.mkdir()
    script.write_text(head + "import sys\nprint(sys.argv[1:], sys.executable)\n")
    script.chmod(0o755)
    (script.parent / "python").symlink_to(sys.executable)
    environment.relocate(script)
    once = script.read_bytes()
    environment.relocate(script)
    assert script.read_bytes() == once
    (tmp_path / "link").symlink_to(script)
    for place in (script, tmp_path / "link"):
        ran = subprocess.run([place, "a b"], capture_output=True, text=True, check=True)
        assert ran.stdout.startswith("['a b'] ")


@pytest.mark.parametrize("text", ["#!/bin/bash\necho\n", "#!/usr/bin/env python3\n", "\x7fELF"])
def test_other_files_are_left_alone(tmp_path, text):
    script = tmp_path / "script"
    script.write_text(text)
    environment.relocate(script)
    assert script.read_text() == text


def test_make_refuses_a_python_that_does_not_run():
    ran = subprocess.run(
        ["make", "setup", "PYTHON=/no/such python"], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode != 0
    assert "the course needs Python 3.11" in ran.stderr
    assert "/no/such python" in ran.stderr


def test_make_keeps_the_variables_of_others_from_python():
    variables = {**os.environ, "PYTHONPATH": "/x", "PYTHONHOME": "/x", "JUPYTER_PATH": "/x"}
    recipe = "include Makefile\nshown: ; @env\n"
    ran = subprocess.run(
        ["make", "-s", "-f", "-", "shown"],
        input=recipe, cwd=ROOT, env=variables, capture_output=True, text=True, check=True,
    )  # fmt: skip
    shown = dict(line.split("=", 1) for line in ran.stdout.splitlines() if "=" in line)
    assert not shown.keys() & {"PYTHONPATH", "PYTHONHOME", "JUPYTER_PATH"}
    assert shown["JUPYTER_PREFER_ENV_PATH"] == "1"


def test_the_note_of_a_finished_set_up_is_not_taken_from_elsewhere(checkout):
    set_up(checkout)
    noted = json.loads((checkout.folder / ".installed").read_text())
    assert noted["root"] == str(checkout.root)
    (checkout.folder / ".installed").write_text("[]")
    assert not checkout.is_ready()
