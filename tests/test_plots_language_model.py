"""The figures of the language model notebook draw what they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots.html_figures import described
from course_utils.plots.language_model import plot_learning, plot_reading, plot_shares, plot_steps

pytestmark = pytest.mark.usefixtures("course_figures")


def drawn():
    """Lay the current figure out, which fails if a label or a limit is impossible."""
    plt.gcf().canvas.draw()
    return described(plt.gcf())


def test_a_learning_curve_stands_among_models_that_count():
    ax = plot_learning({"held back": {0: 6.0, 500: 2.5}}, {"uniform": 6.1, "trigram": 2.7}, top=5)
    said = drawn()
    assert [text.get_text() for text in ax.texts] == ["trigram"]  # the other one is out of sight
    assert list(ax.lines[0].get_xdata()) == [0, 500]
    assert ax.get_ylim()[0] < 2.5
    assert "bits per character against update; held back" in said


def test_the_longest_bars_are_shown():
    first, second = np.array([0.1, -0.6, 0.5]), np.array([0.2, 0.3, 0.4])
    ax = plot_shares({"one": first, "other": second}, ["a", " ", "\n"], most=2)
    said = drawn()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["␣", "¶"]
    assert [bar.get_height() for bar in ax.patches] == [-0.6, 0.5, 0.3, 0.4]
    assert "probability against character; one, other" in said


def test_steps_are_drawn_on_logarithmic_axes():
    ax = plot_steps([1e-3, 1e-2], [1e-8, 1e-6])
    assert "relative difference against nudge" in drawn()
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_a_text_is_written_on_the_colours_of_its_values():
    values = np.linspace(-1, 1, 5)
    (ax,) = plot_reading("ab\nc ", {"unit 3": values}, width=3)
    assert "unit 3" in drawn()
    shown = np.ma.masked_invalid(ax.images[0].get_array()).ravel()
    np.testing.assert_allclose(shown.compressed(), values)
    assert [text.get_text() for text in ax.texts] == ["a", "b", "¶", "c", "␣"]
    with pytest.raises(ValueError, match="unit: expected 2 values, found 1"):
        plot_reading("ab", {"unit": np.zeros(1)})
