"""Curves of a training, and the running score of a review."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import same_color

from course_utils.plots.sentiment import NEGATIVE, POSITIVE, plot_curves, plot_running_score

pytestmark = pytest.mark.usefixtures("course_figures")


def test_curves_count_epochs_from_one():
    history = {"accuracy": [0.6, 0.8, 0.9], "val_accuracy": [0.6, 0.7, 0.65], "loss": [3, 2, 1]}
    figure, ax = plt.subplots()
    assert plot_curves(history, "a title", ax) is ax
    training, validation = ax.lines
    assert list(training.get_xdata()) == [1, 2, 3]
    assert list(validation.get_ydata()) == [0.6, 0.7, 0.65]
    assert ax.get_title() == "a title"


def test_curves_of_one_epoch_and_without_validation():
    assert len(plot_curves({"accuracy": [0.5], "val_accuracy": [0.5]}).lines) == 2
    with pytest.raises(ValueError, match="history lacks val_accuracy"):
        plot_curves({"accuracy": [0.5]})


def test_words_that_move_the_score_are_coloured_as_their_dots_are():
    words = ["a", "great", "bore", "terrible", "end"]
    ax = plot_running_score(words, [0.55, 0.9, 0.1, 0.05, 0.0])  # 0: infinite log-odds
    labels = ax.get_xticklabels()
    assert [label.get_text() for label in labels] == words
    assert [label.get_fontweight() for label in labels] == ["normal"] + 4 * ["bold"]
    assert same_color(labels[1].get_color(), POSITIVE)
    assert all(same_color(label.get_color(), NEGATIVE) for label in labels[2:])
    dots = {part.get_label(): part.get_offsets()[:, 0].tolist() for part in ax.collections[1:]}
    assert dots == {"raises it": [1.0], "lowers it": [2.0, 3.0, 4.0]}


@pytest.mark.parametrize(("words", "scores"), [([], []), (["a"], [0.1, 0.2])])
def test_a_score_for_each_word_is_demanded(words, scores):
    with pytest.raises(ValueError, match="a score for each word"):
        plot_running_score(words, scores)
