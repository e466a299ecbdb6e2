"""The forecast in the RNN variants notebook: the series, the cell, and what its text says."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.authoring.source import parse
from course_utils.plots.html_figures import described
from course_utils.plots.variants import plot_forecasts
from course_utils.rnn_variants_utils import count, predict, read_carbon_dioxide, start, train
from tests.conftest import ROOT, reference_answers

SOURCE = ROOT / "solutions" / "02_rnn_variants.py"


def test_the_series_is_monthly_and_without_gaps():
    months, ppm = read_carbon_dioxide()
    assert months.shape == ppm.shape == (526,)
    assert (np.diff(months) == np.timedelta64(1, "M")).all()
    assert str(months[0]) == "1958-03" and str(months[-1]) == "2001-12"
    assert ppm[0] == pytest.approx(316.1)  # one week of March
    assert ppm[3] == pytest.approx((ppm[2] + ppm[4]) / 2)  # June 1958 was not measured
    assert ppm.min() > 310 and ppm.max() < 376


def test_a_network_learns_from_whatever_is_drawn():
    def draw(rng, m, T_x):
        x = rng.normal(size=(1, m, T_x))
        return x, x[0, :, -1]

    p, losses, _ = train("GRU", start("GRU", 1, 6, seed=0), dict, T_x=3, updates=150, seed=0,
                         rate=0.02, draw=draw)  # fmt: skip
    assert losses[-20:].mean() < 0.1 * losses[:20].mean()
    x, y = draw(np.random.default_rng(9), 50, 3)
    assert np.mean((predict("GRU", p, x) - y) ** 2) < 0.3


@pytest.fixture(scope="module")
def ran():
    """Run the notebook's cell in full and return its variables."""
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    cells = parse(SOURCE.read_text("utf-8"), SOURCE)
    (cell,) = (cell.source for cell in cells if "read_carbon_dioxide()" in cell.source)
    state = dict(reference_answers("02_rnn_variants"))
    state["epochs"] = lambda full: full
    exec(cell, state)
    plt.close("all")
    return state


def test_the_free_forecasts_are_what_they_are_called(ran):
    ppm, now, free = ran["ppm"], ran["now"], ran["forecasts"]
    for row in (0, 50, 96):
        for h in (1, 12, 13, 24):
            month = now[row, 0] + h
            assert free["last value"][0][row, h - 1] == ppm[now[row, 0]]
            years = -(-h // 12)
            assert free["same month last year"][0][row, h - 1] == ppm[month - 12 * years]
            rise = years * (ppm[now[row, 0]] - ppm[now[row, 0] - 12])
            assert free["plus growth"][0][row, h - 1] == pytest.approx(
                ppm[month - 12 * years] + rise
            )
    assert now.min() == len(ppm) - 121 and now.max() == len(ppm) - 25


def test_a_rolled_out_forecast_adds_up_its_changes(ran):
    ppm, now = ran["ppm"], ran["now"]
    flat = ran["roll_out"](lambda known: np.full(len(known), -ran["mean"] / ran["size"]))
    np.testing.assert_allclose(flat, ppm[now] + np.zeros(24))
    seen = ran["roll_out"](lambda known: known[:, -12])  # each change is that of a year before
    np.testing.assert_allclose(seen, ran["forecasts"]["plus growth"][0])


def test_what_the_text_says_of_the_errors(ran):
    errors = ran["errors"]
    last, same, grown, fit = (
        errors[name][0]
        for name in ("last value", "same month last year", "plus growth", "least squares")
    )
    grus = np.array(errors["GRU, three starts"])  # (3, 24)
    assert last[0] < same[0] and same[1] < last[1] and last[11] == pytest.approx(same[11])
    assert (grown < np.minimum(last, same)).all()
    assert (grown[0] - 0.1 < grus[:, 0]).all() and (grus[:, 0] < grown[0]).all()
    assert (np.abs(grus[:, 0] - fit[0]) < 0.05).all() and (grus[:, 5] > fit[5]).all()
    assert 0.2 < fit[0] < 0.3
    assert grus[:, 5].min() < grown[5] < grus[:, 5].max()  # "it depends on the start"
    assert (grus < np.minimum(last, same)).all()
    network = start("GRU", 1, 16, 0)
    assert count(network) + network["V"].size + network["v"].size == 881 and len(ran["fit"]) == 25


@pytest.mark.usefixtures("course_figures")
def test_the_figure_has_a_line_for_every_run():
    months = np.arange("2000-01", "2000-09", dtype="datetime64[M]")
    errors = {"free": [np.arange(3.0)], "network": [np.ones(3), np.zeros(3)]}
    left, right = plot_forecasts(months, np.ones(5), np.ones(3), {"network": np.ones(3)}, errors)
    assert [len(line.get_xdata()) for line in left.lines] == [5, 3, 3]
    assert left.lines[2].get_color() == right.lines[1].get_color() != right.lines[0].get_color()
    assert len(right.lines) == 3
    assert "free 0.00 and 2.00, network 0.50 and 0.50" in described(left.figure)
