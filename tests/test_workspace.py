"""Nothing a learner wrote is lost, whatever happens to the folder or the release."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import subprocess
import sys
from copy import deepcopy
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.authoring.course import Course
from course_utils.session import results
from course_utils.session.results import Remembered
from course_utils.session.runs import defined
from course_utils.workspace import WorkError
from course_utils.workspace.folder import START, Work
from course_utils.workspace.lab import lab_environment
from course_utils.workspace.released import checksum, holds_work, read, stable_id, to_bytes
from course_utils.workspace.standing import next_step, standings, to_text
from course_utils.workspace.start_page import write_start_page
from tests.conftest import ROOT

STEM = "01_rnn_step_by_step"
MARK = re.compile(r"mark_\d+_")


def graded(source: str, name: str, *, answer: bool):
    cell = new_code_cell(source)
    cell.metadata["nbgrader"] = {
        "schema_version": 3, "grade_id": name, "grade": not answer, "solution": answer,
        "locked": not answer, "task": False, "cell_type": "code",
    } | ({} if answer else {"points": 5})  # fmt: skip
    cell.metadata["nbgrader"]["checksum"] = checksum(cell)
    return cell


def release_of(exercises: list[str], edition: int, wording: dict[str, int]):
    """Make a released notebook; `wording` counts how often each cell's text has changed."""
    cells = [new_markdown_cell(f"# Title {wording.get('title', 0)}")]
    for name in exercises:
        stub = f"def {name}(x):  # {wording.get(name, 0)}\n    raise NotImplementedError"
        cells += [
            new_markdown_cell(f"## {name}: task {wording.get('text ' + name, 0)}"),
            graded(stub, name, answer=True),
            graded(f"check({name})", f"check_{name}", answer=False),
            new_code_cell(f"draw({name}, {wording.get('demo ' + name, 0)})"),
        ]
    taken: set[str] = set()
    for cell in cells:
        cell["id"] = stable_id(cell, taken)
    return new_notebook(cells=cells, metadata={"release": edition})


class World:
    """A changing release, a learner who writes, and the course's messages in between."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng, self.count = random.Random(seed), 0
        self.work = Work(folder / "work", folder / "notebooks")
        self.work.release.mkdir()
        self.exercises = {"alpha": ["f", "g"], "beta": ["h"]}
        self.order, self.wording, self.edition = ["alpha", "beta"], {}, 0
        self.said = ""
        self.pull()

    def released(self) -> dict[str, bytes]:
        self.edition += 1
        return {
            f"{number:02}_{name}.ipynb": to_bytes(
                release_of(self.exercises[name], self.edition, self.wording)
            )
            for number, name in enumerate(self.order, 1)
        }

    # what others do

    def pull(self) -> None:
        """Replace the release by one that has changed in some way."""
        kind = self.rng.choice(["title", "f", "text g", "demo f", "demo h", "order", "drop", "add"])
        if kind == "order":
            self.rng.shuffle(self.order)
        elif kind == "drop" and len(self.exercises["alpha"]) > 1:
            self.exercises["alpha"].pop(self.rng.randrange(len(self.exercises["alpha"])))
        elif kind == "add":
            self.exercises["alpha"].append(f"f{self.edition}")
        else:
            self.wording[kind] = self.wording.get(kind, 0) + 1
        shutil.rmtree(self.work.release)
        self.work.release.mkdir()
        for name, content in self.released().items():
            (self.work.release / name).write_bytes(content)

    def build(self) -> None:
        """Build the release, into which the learner may have written."""
        for name, content in self.released().items():
            target = self.work.release / name
            self.said += f"{self.work.keep_before_build(target, content)}\n"
            target.write_bytes(content)

    def restart(self) -> None:
        self.work.prepare()
        self.said += f"{self.work.outdated()}"

    def update(self) -> None:
        self.said += "\n".join(self.work.update())

    def reset(self) -> None:
        self.said += self.work.reset(self.rng.choice(self.work.stems()))

    def reset_one(self) -> None:
        try:
            self.said += self.work.reset("alpha", self.rng.choice(self.exercises["alpha"]))
        except WorkError as error:
            self.said += str(error)

    # what the learner does

    def mark(self) -> str:
        self.count += 1
        return f"mark_{self.count}_"

    def write(self) -> None:
        """Change a notebook in one of the ways that a learner has, and save it."""
        folder = self.work.release if self.rng.random() < 0.15 else self.work.folder
        paths = sorted(folder.glob("*.ipynb"))
        if not paths:
            return
        path = self.rng.choice(paths)
        notebook = read(path.read_bytes(), path)
        cells, i = notebook.cells, self.rng.randrange(len(notebook.cells))
        kinds = ["add", "add", "delete", "move", "copy", "convert", "split", "merge", "lose"]
        kinds += ["paste", "cut", "duplicate", "rename"]
        kind = self.rng.choice(["edit"] * 4 + kinds)
        if kind == "edit":
            cells[i].source += f"\n{self.mark()}"
        elif kind == "add":
            cells.insert(i, new_code_cell(self.mark()))
        elif kind == "delete" and not MARK.search(cells[i].source):
            del cells[i]
        elif kind == "move":
            cells.insert(self.rng.randrange(len(cells)), cells.pop(i))
        elif kind == "copy":
            twin = deepcopy(cells[i])
            twin["id"] = f"copy{self.mark().strip('_')}"
            twin.source += self.mark()
            cells.insert(i + 1, twin)
        elif kind == "convert":
            new = [nbformat.v4.new_raw_cell, new_markdown_cell, new_code_cell]
            cell = self.rng.choice(new)(cells[i].source, id=cells[i]["id"])
            cell.metadata = cells[i].metadata
            cells[i] = cell
        elif kind == "split":
            rest = deepcopy(cells[i])
            lines = cells[i].source.splitlines(keepends=True)
            at = self.rng.randrange(len(lines) + 1)
            cells[i].source, rest.source = "".join(lines[:at]), "".join(lines[at:])
            self.rng.choice([cells[i], rest])["id"] = f"half{self.edition}-{len(cells)}"
            if self.rng.random() < 0.5:
                rest.metadata = nbformat.from_dict({})
            cells.insert(i + 1, rest)
        elif kind == "merge" and i + 1 < len(cells):
            cells[i].source += "\n\n" + cells.pop(i + 1).source
        elif kind in ("paste", "cut"):
            self.bring(cells, i, self.rng.choice([each for each in paths if each != path] or paths),
                       cut=kind == "cut" and len(paths) > 1)  # fmt: skip
        elif kind == "duplicate":
            shutil.copyfile(path, path.with_name(f"{path.stem}-Copy{self.mark()}.ipynb"))
        elif kind == "rename":
            path.unlink()
            path = path.with_name(f"my{self.mark()}{path.name}")
        elif kind == "lose":
            self.save_elsewhere(notebook)
        path.write_text(json.dumps(notebook))

    def bring(self, cells: list, i: int, other: Path, *, cut: bool) -> None:
        """Paste a cell of another notebook, in which it stays unless it is cut."""
        notebook = read(other.read_bytes(), other)
        there = self.rng.randrange(len(notebook.cells))
        cell = deepcopy(notebook.cells[there])
        if cut:
            del notebook.cells[there]
            other.write_text(json.dumps(notebook))
        if any(each["id"] == cell["id"] for each in cells):
            cell["id"] = f"pasted{self.mark().strip('_')}"
        cells.insert(i, cell)

    def save_elsewhere(self, notebook) -> None:
        """Lose what other editors lose: ids, the marks of graded cells, a level of the format."""
        lost = self.rng.choice(["ids", "ids and level", "level", "marks", "marks and ids"])
        for number, cell in enumerate(notebook.cells):
            if "ids and level" in lost:
                del cell["id"]
                cell.metadata["id"] = f"new{number}"
            elif "ids" in lost:
                cell["id"] = f"new{self.edition}-{number}-{self.rng.randrange(1000)}"
            if "marks" in lost:
                cell.metadata = nbformat.from_dict({})
        if "level" in lost:
            notebook.nbformat_minor = 2

    def written(self) -> set[str]:
        """List what the learner wrote that is still in their notebooks or the released ones."""
        paths = [*self.work.folder.glob("*.ipynb"), *self.work.release.glob("*.ipynb")]
        return {mark for path in paths for mark in MARK.findall(path.read_text())}

    def at_hand(self) -> set[str]:
        """List what the learner wrote that is in their own notebooks."""
        paths = self.work.folder.glob("*.ipynb")
        return {mark for path in paths for mark in MARK.findall(path.read_text())}

    def defined(self) -> dict[tuple[str, str], str]:
        """Map each notebook's functions to the sources of the cells that define them if all run."""
        return {
            (path.stem.split("_", 1)[1], name): cell.source
            for path in self.work.folder.glob("*.ipynb")
            for cell in read(path.read_bytes(), path).cells
            if cell.cell_type == "code"
            for name in defined(cell.source)
        }

    def kept(self) -> set[str]:
        """List what is in the kept copies that a message named."""
        return {
            mark
            for path in (self.work.folder / "kept").glob("*.ipynb")
            if path.name in self.said
            for mark in MARK.findall(path.read_text())
        }


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_all_that_was_written_is_found_again(tmp_path, seed):
    world = World(tmp_path, seed)
    world.restart()
    steps = [world.update, world.reset, world.reset_one, world.build, world.restart, world.pull]
    for _ in range(40):
        for _ in range(world.rng.randrange(3)):
            world.write()
        before = world.written()
        step = world.rng.choice(steps)
        if step == world.pull and any(map(worked_in, world.work.release.glob("*.ipynb"))):
            continue  # git refuses to pull over changes
        step()
        assert before <= world.written() | world.kept(), step.__name__
        for path in world.work.folder.glob("*.ipynb"):
            read(path.read_bytes(), path)


def worked_in(path: Path) -> bool:
    return holds_work(read(path.read_bytes(), path))


@pytest.mark.parametrize("seed", range(12))
def test_an_update_leaves_every_function_as_it_was_and_is_done_once(tmp_path, seed):
    world = World(tmp_path, seed)
    world.restart()
    for _ in range(10):
        world.write()
    written, functions = world.at_hand(), world.defined()
    world.pull()
    world.update()
    assert written <= world.at_hand()  # in the notebooks, not only in a kept copy
    now = world.defined()
    mine = {name for name, source in functions.items() if MARK.search(source)}
    assert {name: now[name] for name in mine} == {name: functions[name] for name in mine}
    assert list(world.work.update()) == [] == world.work.outdated()


def answers_in(path: Path) -> dict[str, str]:
    found = {}
    for cell in nbformat.read(path, 4).cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            found.setdefault(marks["grade_id"], cell.source)
    return found


@pytest.fixture
def work(tmp_path):
    """Return a learner's folder of the real notebooks."""
    return Work(tmp_path / "work", ROOT / "notebooks")


def edit(path: Path, name: str, source: str) -> None:
    notebook = nbformat.read(path, 4)
    (cell,) = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name]
    cell.source = source
    nbformat.write(notebook, path)


def test_the_real_notebooks_are_as_released_and_their_answers_are_noticed(work):
    assert work.prepare() == work.stems() and work.prepare() == []
    for stem in work.stems():
        assert not worked_in(work.folder / f"{stem}.ipynb")
    edit(work.mine(STEM), "rnn_forward", "def rnn_forward(): return 1")
    assert worked_in(work.mine(STEM))
    assert work.outdated() == []
    assert "](02_rnn_variants.ipynb)" in nbformat.read(work.mine(STEM), 4).cells[-1].source
    last = nbformat.read(work.mine(work.stems()[-1]), 4).cells[-1].source
    assert last == f"This was the last notebook. Back to [the map of the course]({START})."


def test_answers_that_were_written_into_the_release_come_along(tmp_path):
    """Some learners work directly in the released notebooks."""
    release = tmp_path / "notebooks"
    release.mkdir()
    fresh = (ROOT / "notebooks" / f"{STEM}.ipynb").read_bytes()
    (release / f"{STEM}.ipynb").write_bytes(fresh)
    edit(release / f"{STEM}.ipynb", "rnn_forward", "my own")
    work = Work(tmp_path / "work", release)
    work.prepare()
    (release / f"{STEM}.ipynb").write_bytes(fresh)
    (said,) = work.update()
    assert "your answers are in it (rnn_forward)" in said
    assert answers_in(work.mine(STEM))["rnn_forward"] == "my own"


def test_a_build_keeps_what_was_written_into_the_release(tmp_path):
    (tmp_path / "solutions").mkdir()
    source = tmp_path / "solutions" / f"{STEM}.py"
    shutil.copyfile(ROOT / "solutions" / f"{STEM}.py", source)
    course = Course(tmp_path)
    target, kept = course.write_student(source)
    assert kept is None and course.write_student(source) == (target, None)
    edit(target, "rnn_forward", "my own")
    _, kept = course.write_student(source)
    assert answers_in(kept)["rnn_forward"] == "my own" != answers_in(target)["rnn_forward"]
    target.write_text("<<<<<<< conflict")
    _, kept = course.write_student(source)
    assert kept.read_text() == "<<<<<<< conflict"


def test_outputs_stay_where_the_source_is_the_same(work):
    work.prepare()
    path = work.mine(STEM)
    notebook = nbformat.read(path, 4)
    notebook.metadata["course_edition"]["edition"] = "another"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        cell.outputs = [nbformat.v4.new_output("stream", text=f"out {number}")]
        cell.execution_count = number
    nbformat.write(notebook, path)
    (said,) = work.update([STEM])
    assert "there was nothing of yours to carry" in said
    after = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in after] == list(range(1, len(code) + 1))
    assert after[3].outputs[0].text == "out 4"


@pytest.fixture
def updated(tmp_path):
    """Return a function that changes a learner's copy, then updates it to a newer edition.

    It returns the cells of the copy, and what the update said.
    """

    def update(change):
        release = tmp_path / "notebooks"
        release.mkdir()
        shutil.copyfile(ROOT / "notebooks" / f"{STEM}.ipynb", release / f"{STEM}.ipynb")
        work = Work(tmp_path / "work", release)
        work.prepare()
        notebook = nbformat.read(work.mine(STEM), 4)
        change(notebook)
        work.mine(STEM).write_text(json.dumps(notebook))
        newer = nbformat.read(release / f"{STEM}.ipynb", 4)
        for cell in newer.cells:
            if cell.cell_type == "markdown":
                cell.source += " Reworded."
                cell["id"] = stable_id(cell, set())
        nbformat.write(newer, release / f"{STEM}.ipynb")
        (said,) = work.update()
        assert list(work.update()) == []
        cells = nbformat.read(work.mine(STEM), 4).cells
        return cells, said, len(cells) - len(newer.cells) - 1  # the text that leads on

    return update


def at(cells, name: str) -> int:
    """Find the cell with this mark."""
    (i,) = [
        i for i, c in enumerate(cells) if c.metadata.get("nbgrader", {}).get("grade_id") == name
    ]
    return i


def test_an_answer_finds_its_cell_again_after_an_editor_has_lost_all_marks(updated):
    def change(notebook):
        notebook.cells[at(notebook.cells, "rnn_forward")].source = "def rnn_forward(x): return 1"
        for number, cell in enumerate(notebook.cells):
            del cell["id"]
            cell.metadata = nbformat.from_dict({"id": f"cell{number}", "colab": {}})
        notebook.nbformat_minor = 0

    cells, said, more = updated(change)
    assert cells[at(cells, "rnn_forward")].source == "def rnn_forward(x): return 1"
    assert "your answers are in it (rnn_forward)" in said and "changed" not in said
    assert more == 0 and holds_work(nbformat.from_dict({"cells": cells, "metadata": {}}))


def test_the_half_that_defines_the_function_is_the_answer(updated):
    def change(notebook):
        i = at(notebook.cells, "rnn_forward")
        helper, answer = deepcopy(notebook.cells[i]), notebook.cells[i]
        helper.source, answer.source = "helper = 1", "def rnn_forward(x): return helper"
        answer["id"] = "another"
        notebook.cells.insert(i, helper)

    cells, _, more = updated(change)
    i = at(cells, "rnn_forward")
    assert [cell.source for cell in cells[i - 1 : i + 1]] == [
        "helper = 1", "def rnn_forward(x): return helper"
    ]  # fmt: skip
    assert more == 1


def test_no_stub_comes_behind_an_answer_that_was_merged_into_another_cell(updated):
    def change(notebook):
        first, second = (at(notebook.cells, f"rnn_{name}forward") for name in ("cell_", ""))
        both = "def rnn_cell_forward(x): return 1\n\ndef rnn_forward(x): return 2"
        notebook.cells[first].source = both
        del notebook.cells[second]

    cells, _, more = updated(change)
    assert [c.source for c in cells if "def rnn_forward" in c.source] == [
        "def rnn_cell_forward(x): return 1\n\ndef rnn_forward(x): return 2"
    ]
    assert more == -1 and at(cells, "check_rnn_forward")


def test_what_was_written_into_a_check_stays_in_the_notebook(updated):
    def change(notebook):
        notebook.cells[at(notebook.cells, "check_rnn_forward")].source += "\nmine = 1"

    cells, said, more = updated(change)
    i = at(cells, "check_rnn_forward")
    assert cells[i].source == "check(rnn_forward)"
    assert cells[i + 1].source == "check(rnn_forward)\nmine = 1"
    assert more == 1 and "1 more" in said


def test_a_full_disk_changes_nothing(work, monkeypatch):
    work.prepare()
    edit(work.mine(STEM), "rnn_forward", "my own")
    before = {path: path.read_bytes() for path in work.folder.rglob("*.ipynb")}

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        work.reset(STEM)
    assert {path: path.read_bytes() for path in work.folder.rglob("*.ipynb")} == before
    work.mine(STEM).unlink()
    with pytest.raises(OSError, match="No space left"):
        work.prepare()
    assert work.mine(STEM) is None


def test_what_cannot_be_read_is_left_as_it_is(work):
    work.prepare()
    path = work.mine(STEM)
    path.write_text("<<<<<<< HEAD")
    (said,) = work.update()
    assert "not a notebook that can be read" in said and path.read_text() == "<<<<<<< HEAD"
    with pytest.raises(WorkError, match="left as it is"):
        work.reset(STEM, "rnn_forward")
    said = work.reset(STEM)
    kept = re.search(r"kept/(\S+\.ipynb)", said)[1]
    assert (work.folder / "kept" / kept).read_text() == "<<<<<<< HEAD"
    assert not worked_in(path)


def test_a_reset_forgets_the_points_and_nothing_else(work):
    work.prepare()
    for name in ("rnn_forward", "rnn_backward", "djmodel"):
        entry = Remembered("passed", 10, 10, "2026-01-01T00:00:00Z", "0" * 16)
        found = results.recall(work.results) | {name: entry}
        results._change(lambda _, found=found: found, work.results)
    edit(work.mine(STEM), "rnn_forward", "my own")
    edit(work.mine(STEM), "rnn_backward", "my other")
    work.reset("01", "rnn_forward")
    assert set(results.recall(work.results)) == {"rnn_backward", "djmodel"}
    assert "NotImplementedError" in answers_in(work.mine(STEM))["rnn_forward"]
    assert answers_in(work.mine(STEM))["rnn_backward"] == "my other"
    work.reset("01")
    assert set(results.recall(work.results)) == {"djmodel"}


def test_the_standing_names_what_is_done_what_was_edited_and_what_comes_next(work):
    work.prepare()
    answer = "def rnn_cell_forward(): ..."
    edit(work.mine(STEM), "rnn_cell_forward", answer)
    entry = Remembered("passed", 10, 10, "2026-01-01T00:00:00Z", results.digest(answer))
    results._change(lambda _: {"rnn_cell_forward": entry}, work.results)
    found = standings(work)
    assert (found[0].points, found[0].passed, found[0].edited) == (10, ("rnn_cell_forward",), ())
    assert next_step(found)[1] == "rnn_forward"
    edit(work.mine(STEM), "rnn_cell_forward", answer + " # more")
    said = to_text(standings(work))
    assert "rnn_cell_forward was changed after its check" in said
    shutil.copyfile(work.mine(STEM), work.folder / "renamed.ipynb")
    edit(work.folder / "renamed.ipynb", "rnn_cell_forward", answer)
    assert standings(work)[0].edited == ()
    assert f"{STEM}     10 / 100  1 passed" in said and f"10 / {100 * len(found)} points" in said


def test_the_start_page_links_to_every_notebook_and_keeps_notes(work):
    work.prepare()
    page = nbformat.read(write_start_page(work), 4)
    nbformat.validate(page)
    text = "\n".join(cell.source for cell in page.cells)
    assert all(f"({stem}.ipynb)" in text for stem in work.stems())
    page.cells.insert(2, new_markdown_cell("my note"))
    page.cells[3].source = "score()  # and mine"
    nbformat.write(page, work.folder / START)
    entry = Remembered("passed", 10, 10, "2026-01-01T00:00:00Z", "")
    results._change(lambda _: {"rnn_cell_forward": entry}, work.results)
    again = nbformat.read(write_start_page(work), 4)
    text = "\n".join(cell.source for cell in again.cells)
    assert "| 10 / 100 |" in text and "my note" in text and "# and mine" in text
    assert len(again.cells) == len(page.cells) and again.cells[2].source == "my note"


def course(work: Work, *arguments: str, **options):
    env = os.environ | {results.VARIABLE: str(work.folder)}
    command = [sys.executable, "-m", "course_utils.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, **options)


def test_lab_starts_kernels_with_the_courses_extension(work):
    folder = Path(lab_environment(work, {})["JUPYTER_PATH"]) / "kernels"
    spec = KernelSpecManager(kernel_dirs=[str(folder)]).get_kernel_spec("python3")
    name = spec.argv[-1].removeprefix("--IPKernelApp.extra_extensions=")
    assert callable(import_module(name).load_ipython_extension)
    given = {"JUPYTER_PATH": "/mine", "JUPYTER_CONFIG_PATH": "/also"}
    env = lab_environment(work, given)
    assert env["JUPYTER_PATH"].endswith(":/mine") and env["JUPYTER_CONFIG_PATH"].endswith(":/also")


@pytest.mark.slow
def test_the_commands(work):
    ran = course(work, "lab", "--version")  # all but opening JupyterLab
    assert ran.returncode == 0 and f"Copied to {work.folder}: {STEM}" in ran.stdout
    assert (work.folder / START).is_file()
    assert "Next: rnn_cell_forward in 01" in course(work, "status").stdout
    assert course(work, "update").stdout == "Everything is up to date.\n"
    assert "as released. Your copy" in course(work, "reset", "01", "rnn_forward").stdout
    ran = course(work, "reset", "77")
    assert ran.returncode == 2 and ran.stderr.startswith("error: there is no notebook 77")


FORMULA = r"""# Title

Text with $W_{ax}$, $\tanh z$, $\arg\max_w$ and

$$a^{\langle t \rangle} = \tanh(b_a)$$

| | a |
|---|---|
| b | c |

<details><summary>Hint</summary>

inside

</details>"""


@pytest.mark.slow
def test_an_export_is_one_file_that_needs_no_network(tmp_path):
    export = pytest.importorskip("course_utils.workspace.export")
    long_line = "x = " + " + ".join(["1"] * 200)
    code = new_code_cell(long_line, execution_count=1)
    code.outputs = [nbformat.v4.new_output("display_data", {"text/html": "<script>a()</script>b"})]
    notebook = new_notebook(cells=[new_markdown_cell(FORMULA), code])
    path = tmp_path / "a_notebook.ipynb"
    nbformat.write(notebook, path)
    page, printed = export.export(path, tmp_path / "out")
    text = page.read_text("utf-8")
    assert "<title>Title</title>" in text and "<script" not in text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)
    body = text.split("</head>")[1]
    assert body.count("<math") == 4 and 'display="block"' in body and "$" not in body
    assert "\\arg" not in body and "<th></th>" not in body
    assert '<mi>tanh</mi><mspace width="0.2em"></mspace><mi>z</mi>' in body
    assert re.search(r"<details>\s*<summary>Hint</summary>\s*<p>inside</p>\s*</details>", text)
    assert "white-space: pre-wrap" in text
    if isinstance(printed, Path):
        assert printed.read_bytes().startswith(b"%PDF")
    else:
        assert "browser" in printed


def test_where_there_is_no_browser_the_export_says_so(tmp_path, monkeypatch):
    export = pytest.importorskip("course_utils.workspace.export")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no browser was found" in export.to_pdf(tmp_path / "page.html")
