"""Emoji drawn on axes, and the confusion matrix."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.offsetbox import AnnotationBbox

from course_utils import emo_utils
from course_utils.plots.counts import confusion_counts
from course_utils.plots.emoji import emoji_ticks, icon, plot_confusion_matrix
from course_utils.plots.emoji_icons import ICONS, NAMES
from course_utils.plots.emoji_widget import try_sentences

pytestmark = pytest.mark.usefixtures("course_figures")


def drawn(figure):
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3]


def icon_alone(label, size=40):
    figure, ax = plt.subplots(figsize=(1, 1))
    ax.axis("off")
    placed = AnnotationBbox(icon(label, size), (0.5, 0.5), frameon=False)
    ax.add_artist(placed)
    return drawn(figure)


@pytest.mark.parametrize("label", range(5))
def test_an_icon_is_drawn_in_its_own_colours_inside_its_box(label):
    pixels = icon_alone(label)
    fill = np.array(to_rgb(ICONS[label][0][1])) * 255
    inked = (pixels < 250).any(axis=-1)
    assert (np.abs(pixels - fill).max(axis=-1) < 4).sum() > 100
    rows, columns = np.nonzero(inked)
    side = 40 * mpl.rcParams["figure.dpi"] / 72 + 2
    assert np.ptp(rows) <= side and np.ptp(columns) <= side


def test_the_five_icons_differ_and_stand_upright():
    pictures = [icon_alone(label) for label in range(5)]
    for i, one in enumerate(pictures):
        assert not any(np.array_equal(one, other) for other in pictures[:i])
    red = (pictures[0][..., 0] > 150) & (pictures[0][..., 1] < 100)
    widths = red.sum(axis=1)[red.any(axis=1)]
    assert widths[len(widths) // 4] > 2 * widths[-4]  # a heart's point is at the bottom


def test_ticks_carry_icons_and_names_on_both_axes():
    figure, ax = plt.subplots()
    ax.set(xlim=(-0.5, 4.5), ylim=(-0.5, 4.5))
    emoji_ticks(ax, "x")
    emoji_ticks(ax, "y")
    figure.canvas.draw()
    placed = {box.get_gid(): box.get_window_extent() for box in ax.artists}
    assert set(placed) == {f"{axis}-{name}" for axis in "xy" for name in NAMES}
    assert [tick.get_text() for tick in ax.get_xticklabels()] == list(NAMES)
    frame = ax.get_window_extent()
    for label, name in enumerate(NAMES):
        below, left = placed[f"x-{name}"], placed[f"y-{name}"]
        x, y = ax.transData.transform((label, label))
        assert below.y1 <= frame.y0 and np.isclose((below.x0 + below.x1) / 2, x, atol=1)
        assert left.x1 <= frame.x0 and np.isclose((left.y0 + left.y1) / 2, y, atol=1)
    with pytest.raises(ValueError, match='expected "x" or "y"'):
        emoji_ticks(ax, "z")


@pytest.mark.parametrize("draw", [plot_confusion_matrix, emo_utils.plot_confusion_matrix])
def test_a_confusion_matrix_shows_its_counts(draw):
    ax = draw([0, 0, 1, 4], np.array([[0], [3], [1], [4]]))
    assert isinstance(ax, Axes)
    assert {t.get_position(): t.get_text() for t in ax.texts if t.get_text()} == {
        (0, 0): "1", (3, 0): "1", (1, 1): "1", (4, 4): "1",
    }  # fmt: skip
    assert ax.get_title() == "3 of 4 right"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")


def test_nothing_of_a_confusion_matrix_leaves_the_figure_or_overlaps():
    ax = plot_confusion_matrix(np.arange(5).repeat(3), np.arange(15) % 5)
    ax.figure.canvas.draw()
    page = ax.figure.bbox
    boxes = [box.get_window_extent() for box in ax.artists]
    boxes += [label.get_window_extent() for label in (ax.xaxis.label, ax.yaxis.label, ax.title)]
    for i, box in enumerate(boxes):
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
        assert not any(box.overlaps(other) for other in boxes[:i])


def test_counts():
    counts = confusion_counts([0, 0, 2], [0, 1, 2], 5)
    assert counts.sum() == 3 and counts[0, 0] == counts[0, 1] == counts[2, 2] == 1


@pytest.mark.parametrize(
    "labels, message",
    [
        (([0], [0, 1]), "Y_true': 1, 'Y_pred': 2"),
        (([], []), "at least one"),
        (([5], [0]), "Y_true has 5"),
        (([0], [-1]), "Y_pred has -1"),
        (([0.5], [0]), "Y_true has 0.5"),
    ],
)
def test_counts_refuse(labels, message):
    with pytest.raises(ValueError, match=message):
        confusion_counts(*labels, 5)


def test_sentences_are_tried_on_every_model():
    panel = try_sentences({"first": lambda s: len(s) % 5, "<b>": lambda s: 0}, {"a", "ball"}, "a")
    assert panel.labels == {"first": 1, "<b>": 0}
    assert "model</th>" in panel.answer.value and "<b>" not in panel.answer.value
    assert "no vector" not in panel.answer.value
    panel.sentence.value = "A ball <i>"
    assert panel.labels["first"] == 0
    assert "no vector for it: <code>&lt;i&gt;</code>" in panel.answer.value
    panel.sentence.value = "xyz"
    assert panel.labels == {} and "Type at least one word" in panel.answer.value


def test_a_model_that_fails_stops_the_cell_at_first_and_is_told_later():
    with pytest.raises(ZeroDivisionError):
        try_sentences({"broken": lambda s: 1 // 0}, {"a"}, "a")
    panel = try_sentences({"short of breath": lambda s: 1 // (3 - len(s))}, {"a"}, "a")
    panel.sentence.value = "a a"
    assert "role='alert'" in panel.answer.value and "ZeroDivisionError" in panel.answer.value
