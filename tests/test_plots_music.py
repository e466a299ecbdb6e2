"""The piano roll."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from course_utils.music.names import symbol_text
from course_utils.music.notes import Chord
from course_utils.plots import COLOURS
from course_utils.plots.music import piano_roll, plot_perplexity, role
from tests.music_tunes import TUNES, silent

TITLES = pytest.mark.parametrize("tune", TUNES.values(), ids=TUNES)


pytestmark = pytest.mark.usefixtures("course_figures")


def blocks(axes):
    return [patch for ax in axes for patch in ax.patches if isinstance(patch, Rectangle)]


@pytest.mark.parametrize(
    ("pitch", "symbol", "expected"),
    [
        (68, "Bb7", "chord tone"),
        (72, "Bb7", "scale tone"),
        (73, "Bb7", "outside"),
        (60, None, "no chord"),
    ],
)
def test_notes_have_a_role(pitch, symbol, expected):
    assert role(pitch, Chord(0, 4, symbol) if symbol else None) == expected


@TITLES
def test_every_note_is_a_block_at_its_time_and_pitch(tune):
    found = sorted((b.get_x(), b.get_y() + b.get_height() / 2) for b in blocks(piano_roll(tune)))
    starts = [note.start / tune.beats_per_bar for note in tune.melody]
    assert len(found) == len(starts)
    assert np.allclose([x for x, _ in found], starts, atol=0.02)
    assert np.allclose([y for _, y in found], [note.pitch for note in tune.melody])


def test_colour_fill_and_cross_tell_the_roles_apart():
    tune = TUNES["Blue Kettle"]
    axes = piano_roll(tune)
    roles = [role(note.pitch, tune.chord_at(note.start)) for note in tune.melody]
    made = sorted(blocks(axes), key=lambda block: block.get_x())
    looks = {
        "chord tone": ("cell", True),
        "scale tone": ("input", False),
        "outside": ("wrong", False),
    }
    for name, block in zip(roles, made, strict=True):
        colour, filled = looks[name]
        assert to_hex(block.get_edgecolor()) == COLOURS[colour]
        assert (to_hex(block.get_facecolor()) == COLOURS[colour]) == filled
    crosses = [line for ax in axes for line in ax.lines if line.get_marker() == "x"]
    assert len(crosses) == roles.count("outside") > 0
    shown = [text.get_text() for text in axes[0].figure.legends[0].get_texts()]
    assert shown == ["chord tone", "scale tone", "outside"]


@TITLES
def test_chord_symbols_stand_along_the_top_without_touching(tune):
    axes = piano_roll(tune)
    axes[0].figure.canvas.draw()
    texts = [text.get_text() for ax in axes for text in ax.texts]
    assert texts == [symbol_text(chord.symbol) for chord in tune.chords]
    for ax in axes:
        boxes = [text.get_window_extent() for text in ax.texts]
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
        names = [label.get_window_extent() for label in ax.get_yticklabels()]
        assert not any(a.overlaps(b) for i, a in enumerate(names) for b in names[:i])


def test_bars_are_numbered_and_wrapped_evenly():
    axes = piano_roll(TUNES["Blue Kettle"])
    assert [ax.get_xlim() for ax in axes] == [(0, 6), (6, 12)]
    numbers = [label.get_text() for ax in axes for label in ax.get_xticklabels()]
    assert numbers == [str(bar) for bar in range(1, 13)]


def test_pitches_are_named_as_in_the_key():
    names = {label.get_text() for label in piano_roll(TUNES["Blue Kettle"])[0].get_yticklabels()}
    assert {"B♭4", "D5", "F5"} <= names


def test_the_title_may_be_given():
    assert piano_roll(TUNES["Low Door"])[0].figure.get_suptitle() == "Low Door"
    assert piano_roll(TUNES["Low Door"], "Mine")[0].figure.get_suptitle() == "Mine"


def test_an_empty_melody_is_refused():
    with pytest.raises(ValueError, match="no notes in its melody"):
        piano_roll(silent())


def test_perplexities_are_drawn_from_losses():
    history = {"loss": [30 * math.log(8), 30 * math.log(2)], "val_loss": [30 * math.log(9)] * 2}
    ax = plot_perplexity(history, 30, {"all alike": 68})
    ax.figure.canvas.draw()
    assert [list(map(round, drawn.get_ydata())) for drawn in ax.lines] == [[8, 2], [9, 9], [68, 68]]
    assert [text.get_text() for text in ax.texts] == ["all alike"]
