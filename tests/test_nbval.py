"""Our use of nbval: a changed number fails, a warning does not, a stub must fail as one."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def run_nbval(tmp_path_factory):
    """Return a function that runs cells (source, stored, tags) as `make test` would.

    `stored` is the text that the cell is said to have printed, or a list of its outputs.
    """

    def run(*cells):
        folder = tmp_path_factory.mktemp("nbval")
        notebook = nbformat.v4.new_notebook()
        for number, (source, stored, tags) in enumerate(cells, 1):
            ran = None if "raises-exception" in tags else number  # a student edition has not run
            cell = nbformat.v4.new_code_cell(source, execution_count=ran)
            cell.metadata["tags"] = list(tags)
            if isinstance(stored, str) and stored:
                stored = [nbformat.v4.new_output("stream", name="stdout", text=stored)]
            cell.outputs = list(stored)
            notebook.cells.append(cell)
        nbformat.write(notebook, folder / "n.ipynb")
        for name in ("conftest.py", "tests/nbval_sanitize.cfg"):
            shutil.copy(ROOT / name, folder / Path(name).name)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "-p",
             "no:cacheprovider", "--nbval-sanitize-with", "nbval_sanitize.cfg", "n.ipynb"],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout

    return run


@pytest.mark.slow
def test_only_what_should_fail_fails(run_nbval):
    said = run_nbval(
        ("print(0.8909)", "0.8909\n", ()),
        ("print(0.8909)", "0.8908\n", ()),  # an altered number
        ("import sys; print('careful', file=sys.stderr); print(1)", "1\n", ()),
        ("import warnings; warnings.warn('old')", "", ()),
        ("print('unexpected')", "", ()),
        ("raise NotImplementedError", "", ("raises-exception",)),
        ("x = 1", "", ("raises-exception",)),  # should have failed
        ("1 / 0", "", ("raises-exception",)),  # fails, but not for want of an answer
        ("1 / 0", "", ()),
    )
    assert re.findall(r"^FAILED .*?::Cell (\d)", said, re.MULTILINE) == ["1", "4", "6", "7", "8"]
    assert "5 failed, 4 passed" in said


WHITE = np.full((20, 20), 255, np.uint8)
DRAW = """\
import io, numpy as np
from IPython.display import Image, display
from PIL import Image as Pixels
white, buffer = np.full((20, 20), 255, np.uint8), io.BytesIO()
Pixels.fromarray(white).save(buffer, "PNG")
display(Image(buffer.getvalue()))
"""


def drawn(pixels):
    """Return the output of a cell that draws these pixels."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    data = {"image/png": b64encode(buffer.getvalue()).decode()}
    data["text/plain"] = "<IPython.core.display.Image object>"
    return [nbformat.v4.new_output("display_data", data=data)]


@pytest.mark.slow
def test_another_picture_fails_and_one_rounded_pixel_does_not(run_nbval):
    rounded, moved = WHITE.copy(), WHITE.copy()
    rounded[3, 3] -= 1
    moved[3, 3:6] = 0
    said = run_nbval(
        (DRAW, drawn(WHITE), ()),
        (DRAW, drawn(rounded), ()),
        (DRAW, drawn(moved), ()),
        (DRAW, drawn(WHITE[1:]), ()),
        (DRAW, drawn(moved), ("nbval-ignore-output",)),
        (DRAW, (), ()),
        ("x = 1", drawn(WHITE), ()),
    )
    assert re.findall(r"^FAILED .*?::Cell (\d)", said, re.MULTILINE) == ["2", "3", "5", "6"]
    assert "4 failed, 3 passed" in said


@pytest.mark.slow
def test_an_altered_number_in_a_real_solution_fails(tmp_path):
    """Alter one digit of a figure that word vectors prints and see nbval refuse it there."""
    source = ROOT / "solutions" / "05_word_vectors.ipynb"
    notebook = nbformat.read(source, as_version=4)
    altered = 0
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and "0.8909" in output.text:
                output.text = output.text.replace("0.8909", "0.8908", 1)
                altered = number
        if altered:
            break
    assert altered
    notebook.cells = notebook.cells[:altered]  # the rest of the notebook need not run
    nbformat.write(notebook, tmp_path / source.name)
    shutil.copy(ROOT / "conftest.py", tmp_path / "conftest.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "-p",
         "no:cacheprovider", source.name],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "1 failed" in done.stdout
    assert "0.8908" in done.stdout
