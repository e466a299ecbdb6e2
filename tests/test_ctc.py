"""CTC in the translation notebook: the cell's forward sums, its claims and the lattice."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, product

import numpy as np
import pytest

from course_utils.authoring.source import parse
from course_utils.plots.html_figures import described
from course_utils.plots.translation import plot_lattice
from tests.conftest import ROOT

SOURCE = ROOT / "solutions" / "09_translation.py"
LETTERS = "-be"


@pytest.fixture(scope="module")
def cell():
    """Run the cell as far as it needs neither Keras nor a figure; return its variables."""
    cells = parse(SOURCE.read_text("utf-8"), SOURCE)
    (source,) = (cell.source for cell in cells if "def forward_sums" in cell.source)
    state = {"np": np, "Counter": Counter, "groupby": groupby, "product": product}
    exec(source.partition("theirs = ")[0], state)
    return state


def read(path):
    return "".join(LETTERS[i] for i, _ in groupby(path)).replace("-", "")


def log_probability(cell, scores, label):
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return np.log(cell["forward_sums"](p, label)[1][-1, -2:].sum())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("label", ["b", "be", "bb", "bee", "eeb", "bebe"])
def test_forward_sums_are_those_of_all_beginnings(cell, seed, label):
    p = np.random.default_rng(seed).dirichlet(np.ones(3), 5)
    rows, alpha = cell["forward_sums"](p, label)
    assert rows == "-" + "-".join(label) + "-" and alpha.shape == (5, len(rows))
    whole = sum(
        np.prod(p[range(5), path]) for path in product(range(3), repeat=5) if read(path) == label
    )
    assert alpha[-1, -2:].sum() == pytest.approx(whole, rel=1e-12)


def test_what_the_text_says_of_the_paths(cell):
    sums, paths = cell["sums"], cell["paths"]
    assert read([0, 1, 1, 2, 0, 2, 2, 0]) == "bee" and read([1, 2, 2]) == "be"
    assert paths.total() == 3**8 == 6561 and 28 < 6561 / paths["bee"] < 33
    assert sums.most_common(1)[0][0] == "bee"
    assert sum(sums.values()) == pytest.approx(1)
    assert cell["forward_sums"](cell["heard"], "bee")[1].shape == (8, 7)


def test_the_gradient_compares_each_step_with_what_it_is_likely_to_be_given_the_label(cell):
    scores = np.random.default_rng(3).normal(size=(5, 3))
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    given = np.zeros((5, 3))
    for path in product(range(3), repeat=5):
        if read(path) == "bee":
            given[range(5), path] += np.prod(p[range(5), path])
    given /= given[0].sum()
    for place in np.ndindex(5, 3):
        nudge = np.zeros((5, 3))
        nudge[place] = 1e-6
        up, down = (-log_probability(cell, scores + s * nudge, "bee") for s in (1, -1))
        assert (up - down) / 2e-6 == pytest.approx((p - given)[place], abs=1e-7)


@pytest.mark.usefixtures("course_figures")
def test_the_lattice_has_the_steps_of_complete_alignments_alone(cell):
    p = np.full((5, 3), 1 / 3)
    rows, alpha = cell["forward_sums"](p, "bee")
    ax = plot_lattice(alpha, rows)
    lines = {
        tuple(int(v) for v in np.ravel([line.get_xdata(), line.get_ydata()])) for line in ax.lines
    }
    onward = {(t, s, to) for t, _, s, to in lines}
    found = set()
    for path in product(range(len(rows)), repeat=5):
        steps = list(zip(path, path[1:], strict=False))
        begins, ends = path[0] < 2, path[-1] >= len(rows) - 2
        moves = all(
            to in (s, s + 1) or (to == s + 2 and rows[to] not in ("-", rows[s])) for s, to in steps
        )
        if begins and ends and moves:
            found |= {(t, s, to) for t, (s, to) in enumerate(steps)}
    assert onward == found
    assert ax.images[0].get_array().shape == (len(rows), 5)
    assert [label.get_text() for label in ax.get_yticklabels()] == list("-b-e-e-")
    assert "alignments of -b-e-e- with 5 time steps" in described(ax.figure)
