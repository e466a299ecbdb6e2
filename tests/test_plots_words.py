"""The figures of the word-vector notebooks."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb

from course_utils.plots import COLOURS, use_course_style
from course_utils.plots.words import (
    analogy,
    plot_shares,
    principal_axes,
    project,
    word_map,
)
from course_utils.w2v_utils import along_axis

pytestmark = pytest.mark.usefixtures("course_figures")


def vectors(n_words=24, n=12, seed=0):
    rng = np.random.default_rng(seed)
    return {f"word{i:02}": rng.normal(size=n) for i in range(n_words)}


def in_groups(words, k=3):
    names = list(words)
    return {f"group {i}": names[i::k] for i in range(k)}


def labels(ax, words):
    texts = [text for text in ax.texts if text.get_text() in words]
    ax.figure.canvas.draw()
    return {text.get_text(): text.get_window_extent() for text in texts}


def test_principal_axes_are_orthonormal_and_of_fixed_sign():
    rows = np.stack(list(vectors().values()))
    axes = principal_axes(rows)
    assert np.allclose(axes @ axes.T, np.eye(2))
    assert all(axis[np.abs(axis).argmax()] > 0 for axis in axes)
    assert np.allclose(principal_axes(rows[::-1]), axes)
    assert np.allclose(principal_axes(-rows), axes)


def test_the_first_principal_axis_spreads_the_points_most():
    rows = np.stack(list(vectors().values()))
    points = project(rows)
    assert np.allclose(points.mean(axis=0), 0)
    assert points[:, 0].var() >= points[:, 1].var()
    for direction in np.eye(rows.shape[1]):
        assert points[:, 0].var() >= (rows @ direction).var() - 1e-12


def test_a_word_map_has_a_dot_a_label_and_a_colour_for_every_word():
    words = vectors()
    ax = word_map(in_groups(words), words)
    assert isinstance(ax, Axes)
    assert set(labels(ax, words)) == set(words)
    assert sum(len(dots.get_offsets()) for dots in ax.collections) == len(words)
    colours = {to_hex(dots.get_facecolor()[0]) for dots in ax.collections}
    assert len(colours) == 3
    assert colours <= set(COLOURS.values())


@pytest.mark.parametrize("seed", range(5))
def test_labels_neither_overlap_nor_leave_the_figure(seed):
    words = vectors(seed=seed)
    ax = word_map(in_groups(words), words)
    boxes = list(labels(ax, words).values())
    frame = ax.get_window_extent()
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1
        assert frame.y0 <= box.y0 and box.y1 <= frame.y1
    for dots in ax.collections:
        for x, y in ax.transData.transform(dots.get_offsets()):
            assert not any(box.contains(x, y) for box in boxes)


def test_a_perfect_analogy_is_a_parallelogram():
    rng = np.random.default_rng(1)
    a, step, shift = rng.normal(size=(3, 9))
    words = {"a": a, "b": a + step, "c": a + shift, "d": a + step + shift}
    ax = analogy("a", "b", "c", "d", words)
    assert isinstance(ax, Axes)
    a, b, c, d = ax.collections[0].get_offsets()
    assert np.allclose(b - a, d - c)
    assert np.isclose(np.linalg.norm(b - a), np.linalg.norm(step))  # nothing is foreshortened
    assert set(labels(ax, words)) == set(words)


def test_shares_are_bars_in_the_order_given():
    ax = plot_shares({"one": {"this": 0.2, "that": 0.4}, "two": {"this": 1.0, "that": 0.0}})
    assert [bar.get_height() for bar in ax.patches] == [0.2, 1.0, 0.4, 0.0]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["one", "two"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["this", "that"]


def test_words_along_an_axis_stand_at_their_cosine():
    words = vectors(5)
    axis = np.ones(12)
    after = {word: vector - vector.mean() for word, vector in words.items()}
    ax = along_axis(list(words), axis, words, after, ends=("low", "high"))
    assert isinstance(ax, Axes)
    marks = {c.get_label(): c.get_offsets() for c in ax.collections if c.get_label()[0] != "_"}
    expected = [v @ axis / np.linalg.norm(v) / np.linalg.norm(axis) for v in words.values()]
    assert np.allclose(marks["before"][:, 0], expected)
    assert np.allclose(marks["after"][:, 0], 0)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(words)
    assert "low" in ax.get_xlabel() and "high" in ax.get_xlabel()
    low, high = ax.get_xlim()
    assert low < min(expected) and max(expected) < high
    assert low == -high


def test_words_along_an_axis_without_an_after():
    words = vectors(4)
    ax = along_axis(list(words), np.ones(12), words)
    assert ax.get_legend() is None


def test_a_figure_is_the_same_every_time():
    words = vectors()

    def drawn():
        ax = word_map(in_groups(words), words)
        ax.figure.canvas.draw()
        return np.asarray(ax.figure.canvas.buffer_rgba())

    assert np.array_equal(drawn(), drawn())


@pytest.mark.parametrize("name", COLOURS)
def test_every_colour_reads_on_the_card(name):
    use_course_style()
    assert contrast(COLOURS[name], plt.rcParams["figure.facecolor"]) >= 4.5


def contrast(one, other):
    lights = sorted(luminance(to_rgb(colour)) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(rgb):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
