"""Figures as HTML: what is read out, how sharp they are, and which follow a dark page."""

from __future__ import annotations

import re
from base64 import b64decode

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots.emoji import plot_confusion_matrix
from course_utils.plots.html_figures import described, to_html
from course_utils.plots.recurrent import draw_unrolled

pytestmark = pytest.mark.usefixtures("course_figures")


def test_a_plot_is_read_out_with_its_axes_and_legend():
    figure, ax = plt.subplots()
    ax.plot([1, 2], label="memory <1>")
    ax.plot([2, 1], label="memory 2")
    ax.set(xlabel="input", ylabel="state", title="a title")
    assert described(figure) == "Line plot: a title, state against input; memory <1>, memory 2."
    assert 'alt="Line plot: a title, state against input; memory &lt;1&gt;' in to_html(figure)


def test_a_diagram_is_read_out_by_its_texts():
    draw_unrolled(2)
    said = described(plt.gcf())
    assert said.startswith("Diagram; with the texts ") and "cell" in said


def test_it_has_two_pixels_for_one_on_the_page():
    figure, ax = plt.subplots(figsize=(4, 2))
    ax.plot([1, 2])
    page = to_html(figure)
    png = b64decode(re.search(r"base64,([^\"]+)", page)[1])
    assert int(re.search(r'width="(\d+)"', page)[1]) == int.from_bytes(png[16:20], "big") // 2


def test_only_figures_without_pictures_follow_the_page():
    figure, ax = plt.subplots()
    ax.plot([1, 2])
    assert 'class="course-figure"' in to_html(figure)
    figure, ax = plt.subplots()
    ax.imshow(np.zeros((3, 3)))
    assert 'class="course-figure"' not in to_html(figure)
    assert 'class="course-figure"' not in to_html(plot_confusion_matrix([0, 1], [0, 1]).figure)


def test_an_empty_figure_is_not_shown():
    assert to_html(plt.figure()) is None
