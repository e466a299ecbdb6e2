"""Figures as HTML: what is read out, how sharp they are, and which follow a dark page."""

from __future__ import annotations

import re
from base64 import b64decode

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_utils.plots import COLOURS
from course_utils.plots.emoji import plot_confusion_matrix
from course_utils.plots.html_figures import described, to_html
from course_utils.plots.images import plot_confusion
from course_utils.plots.recurrent import draw_unrolled
from course_utils.plots.translation import attention_map

pytestmark = pytest.mark.usefixtures("course_figures")


def test_a_plot_is_read_out_with_its_axes_and_legend():
    figure, ax = plt.subplots()
    ax.plot([1, 2], label="memory <1>")
    ax.plot([2, 1], label="memory 2")
    ax.set(xlabel="input", ylabel="state", title="a title")
    assert described(figure) == "Line plot: a title, state against input; memory <1>, memory 2."
    assert 'alt="Line plot: a title, state against input; memory &lt;1&gt;' in to_html(figure)


def test_a_diagram_is_read_out_by_its_texts_or_by_its_own_description():
    _, ax = plt.subplots()
    ax.text(0, 0, r"$a^{\langle 0 \rangle}$")
    assert described(ax.figure) == "Diagram; with the texts a^0."
    draw_unrolled(2)
    assert described(plt.gcf()).startswith("A network unrolled over 2 time steps:")


def test_names_along_an_axis_are_read_out_in_order_and_numbers_are_not():
    figure, ax = plt.subplots()
    ax.plot([1, 2], [3, 4], "o")
    ax.set_yticks([3, 4], ["low\nest", "high"])
    ax.set_xticks([1, 2])
    assert described(figure) == "Dots; from top to bottom high, low est."
    attention_map(np.eye(2), "ab", "xy")
    assert "from left to right a, b; from top to bottom x, y" in described(plt.gcf())


def test_a_confusion_matrix_is_read_out_by_its_mistakes():
    plot_confusion(np.array([[3, 2], [0, 4]]), ["cat", "dog"])
    assert described(plt.gcf()) == (
        "Confusion matrix: 7 of 9 right; most often taken: cat as dog (2)."
    )


def test_it_has_two_pixels_for_one_on_the_page():
    figure, ax = plt.subplots(figsize=(4, 2))
    ax.plot([1, 2])
    page = to_html(figure)
    png = b64decode(re.search(r"base64,([^\"]+)", page)[1])
    assert int(re.search(r'width="(\d+)"', page)[1]) == int.from_bytes(png[16:20], "big") // 2


def test_figures_follow_the_page_unless_that_changed_what_they_say():
    figure, ax = plt.subplots()
    ax.plot([1, 2])
    assert 'class="course-figure"' in to_html(figure)
    figure, ax = plt.subplots()
    ax.imshow(np.zeros((3, 3)), cmap="RdBu_r")
    assert 'class="course-figure"' in to_html(figure)
    assert 'class="course-figure"' in to_html(attention_map(np.eye(2), "ab", "ab").figure)
    figure, ax = plt.subplots()
    ax.imshow(np.zeros((3, 3)))  # bright for much, on any page
    assert 'class="course-figure"' not in to_html(figure)
    figure, ax = plt.subplots()
    ax.imshow(np.zeros((3, 3, 3)))
    assert 'class="course-figure"' not in to_html(figure)
    assert 'class="course-figure"' not in to_html(plot_confusion_matrix([0, 1], [0, 1]).figure)


def test_an_empty_figure_is_not_shown():
    assert to_html(plt.figure()) is None


@pytest.mark.parametrize("name", COLOURS)
def test_every_colour_can_be_read_on_a_dark_page(name):
    """As the CSS filters invert(0.93) and hue-rotate(180deg) are specified."""
    luma = np.array([0.213, 0.715, 0.072])
    rotated = 2 * np.tile(luma, (3, 1)) - np.eye(3)  # by half a turn

    def luminance(colour):
        ink = np.array(to_rgb(colour))
        seen = np.clip(rotated @ (0.93 * (1 - ink) + 0.07 * ink), 0, 1)
        linear = np.where(seen <= 0.03928, seen / 12.92, ((seen + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    assert (luminance(COLOURS[name]) + 0.05) / (luminance("white") + 0.05) >= 4.5
