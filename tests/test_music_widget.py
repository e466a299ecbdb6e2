"""The temperature panel, driven as a browser would drive it."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import matplotlib.pyplot as plt
import pytest

from course_utils.plots import music_widget
from course_utils.plots.music_widget import explore
from tests.music_tunes import TUNES, silent


@pytest.fixture(autouse=True)
def _no_window():
    plt.switch_backend("agg")
    yield
    plt.close("all")


class Band:
    """Makes tunes titled by what it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, temperature, seed):
        self.asked.append((round(temperature, 6), seed))
        return replace(TUNES["Low Door"], title=f"Take {len(self.asked)}")


def test_it_opens_with_a_tune_heard_seen_and_written():
    band, before = Band(), plt.get_fignums()
    panel = explore(band, start=0.8, seed=3)
    assert band.asked == [(0.8, 3)]
    page = panel.shown.value
    assert page.count("<audio") == 1 and "autoplay" not in page
    assert re.findall(r'<img alt="(\w+ ?\w*) of Take 1', page) == ["Piano roll", "Score"]
    assert plt.get_fignums() == before  # nothing is left to be drawn a second time


def test_the_slider_keeps_the_seed_and_the_button_takes_the_next():
    band = Band()
    panel = explore(band)
    panel.temperature.value = 0.5
    panel.another.click()
    panel.another.click()
    panel.temperature.value = 1.5
    assert band.asked == [(1.0, 0), (0.5, 0), (0.5, 1), (0.5, 2), (1.5, 2)]
    assert "Take 5" in panel.shown.value and "autoplay" in panel.shown.value
    assert panel.tune.title == "Take 5"


def test_the_slider_has_the_ends_that_were_given():
    slider = explore(Band(), temperatures=(0.5, 1.2), start=3.0).temperature
    assert (slider.min, slider.max, slider.value) == (0.5, 1.2, 1.2)


def test_a_failure_is_shown_and_the_next_try_may_succeed():
    takes = iter([TUNES["Low Door"], silent(), TUNES["Low Door"]])
    panel = explore(lambda temperature, seed: next(takes))
    panel.another.click()
    assert "No tune this time." in panel.shown.value and "no notes" in panel.shown.value
    assert not panel.another.disabled
    panel.another.click()
    assert "<audio" in panel.shown.value


def test_where_only_the_score_fails_the_rest_is_there(monkeypatch):
    def broken(tune):
        raise RuntimeError("no <fonts>")

    monkeypatch.setattr(music_widget, "engrave", broken)
    page = explore(Band()).shown.value
    assert "No score this time." in page and "no &lt;fonts&gt;" in page
    assert page.count("<audio") == 1 and "Piano roll" in page


def test_a_button_works_from_another_thread_as_jupyterlab_presses_it():
    panel = explore(Band())
    pressed = threading.Thread(target=panel.another.click)
    pressed.start()
    pressed.join()
    assert 'alt="Score of Take 2' in panel.shown.value


def test_a_page_without_live_widgets_says_so():
    bundle = explore(Band())._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "Run this cell" in bundle["text/plain"] and "Take 1: F major" in bundle["text/plain"]


@pytest.mark.parametrize("wrong", [(0, 1), (1.5, 0.5), (1, 1)])
def test_temperatures_out_of_order_are_refused(wrong):
    with pytest.raises(ValueError, match="the lowest, above 0, then the highest"):
        explore(Band(), temperatures=wrong)
