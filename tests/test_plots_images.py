"""Figures of images: what stands where, and what is counted."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.plots import images as plots

pytestmark = pytest.mark.usefixtures("course_figures")
NAMES = ("apple", "pear", "plum")


@pytest.fixture
def fruit():
    x = np.random.default_rng(0).integers(0, 250, (9, 4, 5, 3), dtype=np.uint8)
    return x, np.array([0, 1, 2, 0, 1, 2, 0, 1, 1])[:, None]


def shown(ax):
    (picture,) = ax.images
    return np.asarray(picture.get_array())


def test_the_classes_stand_in_rows(fruit):
    x, y = fruit
    ax = plots.plot_classes(x, y, NAMES, each=3)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(NAMES)
    page = shown(ax)
    np.testing.assert_array_equal(page[6:10, 7:12], x[4])  # the second pear
    assert (page[12:16, 14:19] == 255).all()  # there are two plums only


def test_readings_are_drawn_dot_by_dot(fruit):
    image = fruit[0][0]
    axes = plots.plot_readings(image, {"torn": image.reshape(5, 12)})
    assert [ax.get_title() for ax in axes] == ["the image", "torn"]
    np.testing.assert_array_equal(shown(axes[0]), image)
    np.testing.assert_array_equal(shown(axes[1]), image.reshape(5, 4, 3))


def test_each_network_has_its_curves():
    kept = {"loss": [2.0, 1.0, 0.5], "accuracy": [0.1, 0.4, 0.7]}
    left, right = plots.plot_learning({"one": kept, "other": kept})
    assert [line.get_label() for line in left.lines] == ["one", "other"]
    np.testing.assert_array_equal(right.lines[1].get_xydata(), [[1, 0.1], [2, 0.4], [3, 0.7]])


def test_a_confusion_matrix_shows_its_counts():
    counts = plots.confusion_counts([[0], [0], [1]], [0, 2, 1], 3)
    assert counts.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]
    ax = plots.plot_confusion(counts, NAMES, "fruit")
    assert {t.get_position(): t.get_text() for t in ax.texts} == {
        (0, 0): "1", (2, 0): "1", (1, 1): "1",
    }  # fmt: skip
    assert ax.get_title() == "fruit: 2 of 3 right"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == list(NAMES)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (([0], [0, 1]), "Y_true': 1, 'Y_pred': 2"),
        (([], []), "at least one"),
        (([3], [0]), "from 0 to 2"),
        (([0], [-1]), "from 0 to 2"),
    ],
)
def test_counts_refuse(labels, said):
    with pytest.raises(ValueError, match=said):
        plots.confusion_counts(*labels, 3)


def test_mistakes_say_what_they_are_and_were_taken_for(fruit):
    x, y = fruit
    predicted = y[:, 0].copy()
    predicted[[1, 5]] = 0
    axes = plots.plot_mistakes(x, y, predicted, NAMES, most=4)
    titles = [ax.get_title() for ax in axes]
    assert titles == ["pear\nread as apple", "plum\nread as apple", "", ""]
    np.testing.assert_array_equal(shown(axes[1]), x[5])
