"""The figures of the RNN variants notebook draw what they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.exercises.rnn_variants import oracle
from course_utils.exercises.rnn_variants.gru import gru_parameters
from course_utils.plots.variants import (
    KINDS,
    plot_around,
    plot_distance,
    plot_gru,
    plot_powers,
    plot_race,
    plot_reach,
    plot_walks,
)

pytestmark = pytest.mark.usefixtures("course_figures")


def drawn():
    """Lay the current figure out, which fails if a label or a limit is impossible."""
    plt.gcf().canvas.draw()


def test_powers_are_drawn_beside_their_eigenvalues():
    W = np.diag([0.5, -2.0])
    found = {"two": oracle.powers_of_recurrence(W, 3)}
    plane, ax = plot_powers(found, {"two": np.linalg.eigvals(W)})
    drawn()
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [1, 2, 4, 8])
    assert sorted(plane.lines[1].get_xdata()) == [-2.0, 0.5]
    assert ax.get_yscale() == "log"


def test_walks_are_drawn_over_the_loss():
    ax = plot_walks([0, 1], [2, 3], {"one": np.array([[0.0, 2.0], [1.0, 3.0]])})
    drawn()
    assert [line.get_label() for line in ax.lines][1:] == ["one"]
    assert list(ax.lines[1].get_xdata()) == [0, 1]


def test_a_gru_is_drawn_with_its_gates_above_its_state():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 1, 6))
    a, (caches, _) = oracle.gru_forward(x, np.zeros((3, 1)), gru_parameters(rng, 2, 3), False)
    top, bottom = plot_gru(caches, x, unit=1)
    drawn()
    np.testing.assert_allclose(top.lines[0].get_ydata(), [cache[2][1, 0] for cache in caches])
    np.testing.assert_allclose(bottom.lines[1].get_ydata(), a[1, 0])


def test_units_that_peak_at_marks_stand_on_top():
    marks = np.zeros((3, 40))
    marks[[0, 1, 2], [15, 20, 2]] = 1  # the last is too near the edge
    values = np.full((2, 3, 40), 0.5)
    values[1] = marks
    ax = plot_around(values, marks)
    drawn()
    shown = ax.images[0].get_array()
    assert shown.shape == (2, 21) and shown[0].argmax() == 10 and shown[0].sum() == 1
    assert (shown[1] == 0.5).all()


def test_what_did_not_change_is_left_white():
    change = np.zeros((4, 5))
    change[:2, 2:] = -0.1
    change[2:, :3] = 0.01
    ax = plot_reach(change, step=2, length=4)
    drawn()
    shown = ax.images[0].get_array()
    np.testing.assert_array_equal(np.ma.getmaskarray(np.ma.masked_invalid(shown)), change == 0)


@pytest.mark.parametrize("updates", [1, 2, 200])
def test_a_race_of_any_length_is_drawn(updates):
    runs = {kind: [np.full(updates, 0.1)] * 3 for kind in KINDS}
    ax = plot_race(runs, baseline=1 / 6)
    drawn()
    assert len(ax.lines) == 3 * len(KINDS) + 1
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(KINDS)


def test_distances_share_an_axis():
    curves = {kind: np.full((3, 10), 0.5) for kind in KINDS}
    axes = plot_distance({"before": curves, "after": curves})
    drawn()
    assert [ax.get_title() for ax in axes] == ["before", "after"]
    assert axes[0].get_ylim() == axes[1].get_ylim()
