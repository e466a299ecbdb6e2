"""The figures of the translation notebook draw what they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots.translation import attention_map, plot_groups, plot_shift, plot_training

pytestmark = pytest.mark.usefixtures("course_figures")


def drawn():
    """Lay the current figure out, which fails if a label or a limit is impossible."""
    plt.gcf().canvas.draw()


def test_a_shifted_pair_shows_the_same_character_on_both_ends_of_a_line():
    ax = plot_shift(["\t", "a", "b", ""], ["a", "b", "\n", ""])
    drawn()
    rows = {y: [t.get_text() for t in ax.texts if t.get_position()[1] == y] for y in (0, 1)}
    assert rows == {1: ["⇥", "a", "b", "·"], 0: ["a", "b", "↵", "·"]}
    assert len(ax.lines) == 2
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["says", "reads"]


def test_training_is_drawn_below_what_guessing_costs():
    ax = plot_training({"loss": [3.0, 1.0, 0.1], "val_loss": [2.0, 1.1, 0.2]}, 50)
    drawn()
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [3.0, 1.0, 0.1])
    assert ax.get_yscale() == "log" and ax.lines[2].get_ydata()[0] == pytest.approx(np.log(50))
    assert len(plot_training({"loss": [1.0]}, 5).lines) == 2


def test_groups_are_bars_with_their_counts():
    ax = plot_groups({"going": (1, 4), "asking": (3, 3)}, "construction")
    drawn()
    assert [bar.get_width() for bar in ax.patches] == [0.25, 1.0]
    assert [text.get_text() for text in ax.texts] == ["1/4", "3/3"]


def test_attention_is_a_row_for_each_character_and_one_for_the_end():
    weights = np.eye(4)[:3, :4]
    ax = attention_map(weights, "a b.", "ab")
    drawn()
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "␣", "b", "."]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b", "↵"]
    np.testing.assert_array_equal(ax.images[0].get_array(), weights)
