"""Pictures of tunes, and of learning them: piano rolls and perplexities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from course_utils.music.names import (
    describe,
    is_minor,
    key_place,
    metre,
    need_melody,
    pitch_name,
    symbol_text,
)
from course_utils.music.notes import Chord, Note, Tune

from .html_figures import describe as describe_figure
from .style import COLOURS

_BARS_PER_ROW = 8
_WIDTH, _SEMITONE, _AROUND = 6.8, 0.06, 0.42  # inches: figure, height of a semitone, of the labels
# a note's role in its chord: colour, filled or not, and a cross or not, legible in grey too
_LOOKS = {
    "chord tone": ("cell", True, False),
    "scale tone": ("input", False, False),
    "outside": ("wrong", False, True),
    "no chord": ("text", True, False),
}


def role(pitch: int, chord: Chord | None) -> str:
    """Return "chord tone", "scale tone", "outside" or "no chord" for a pitch over a chord."""
    if chord is None:
        return "no chord"
    if pitch % 12 in chord.tones:
        return "chord tone"
    return "scale tone" if pitch % 12 in chord.scale else "outside"


def piano_roll(tune: Tune, title: str | None = None) -> list[Axes]:
    """Draw a tune's notes, pitch against time, and return the axes, one for each row of bars.

    Filled notes belong to the chord that sounds as they start, hollow ones to its scale, crossed
    ones to neither. Raises ValueError for a tune without a melody.
    """
    need_melody(tune, "draw")
    end = max(tune.length, *(note.end for note in tune.melody))
    bars = math.ceil(round(end / tune.beats_per_bar, 6))
    rows = math.ceil(bars / _BARS_PER_ROW)
    per_row = math.ceil(bars / rows)
    pitches = [note.pitch for note in tune.melody]
    low, high = min(pitches) - 2, max(pitches) + 2
    height = rows * (_SEMITONE * max(high - low, 14) + _AROUND) + 0.4
    figure, grid = plt.subplots(rows, 1, figsize=(_WIDTH, height), squeeze=False)
    axes = list(grid[:, 0])
    for row, ax in enumerate(axes):
        first = row * per_row
        ax.set(ylim=(low, high), xlim=(first, first + per_row))
        _frame(ax, tune, first, min(first + per_row, bars))
        _symbols(ax, tune, first, first + per_row)
        for note in tune.melody:
            start, stop = note.start / tune.beats_per_bar, note.end / tune.beats_per_bar
            if start < first + per_row and stop > first:
                _note(ax, start, stop, note, role(note.pitch, tune.chord_at(note.start)))
    axes[-1].set_xlabel("bar", labelpad=1)
    figure.suptitle(tune.title if title is None else title, fontsize=10)
    describe_figure(figure, f"Piano roll of {describe(tune)}.")
    found = {role(note.pitch, tune.chord_at(note.start)) for note in tune.melody}
    keys = [_key(name) for name in _LOOKS if name in found]
    figure.legend(handles=keys, loc="outside lower center", ncols=len(keys), handlelength=1.6)
    return axes


def _frame(ax: Axes, tune: Tune, first: int, last: int) -> None:
    """Draw bar lines and beats, and name the tonic, third and fifth of the key at the left."""
    for bar in range(first, last + 1):
        ax.axvline(bar, color=COLOURS["text"], lw=0.9, alpha=0.6, zorder=1)
    count = metre(tune)[0]
    beats = [bar + i / count for bar in range(first, last) for i in range(1, count)]
    ax.vlines(beats, *ax.get_ylim(), color=COLOURS["text"], lw=0.5, alpha=0.15, zorder=0.9)
    numbers = [str(bar + 1) for bar in range(first, last)]
    ax.set_xticks([bar + 0.5 for bar in range(first, last)], numbers)
    tonic = 7 * key_place(tune.key) % 12
    triad = {tonic, (tonic + 4 - is_minor(tune.key)) % 12, (tonic + 7) % 12}
    low, high = ax.get_ylim()
    named = [pitch for pitch in range(int(low) + 1, int(high)) if pitch % 12 in triad]
    ax.set_yticks(named, [pitch_name(pitch, tune.key) for pitch in named])
    ax.tick_params(length=0, labelsize=8, pad=2)
    ax.grid(axis="x", visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)


def _symbols(ax: Axes, tune: Tune, first: int, last: int) -> None:
    """Write chord symbols along the top, and repeat one that goes on from the previous row."""
    for chord in tune.chords:
        start, stop = chord.start / tune.beats_per_bar, chord.end / tune.beats_per_bar
        if start < last and stop > first:
            ax.text(
                max(start, first) + 0.03,
                1.02,
                symbol_text(chord.symbol),
                transform=ax.get_xaxis_transform(),
                va="bottom",
                fontsize=8.5,
                color=COLOURS["text"],
            )


def _note(ax: Axes, start: float, stop: float, note: Note, name: str) -> None:
    colour, filled, crossed = _LOOKS[name]
    inset = min(0.015, (stop - start) / 5)  # keeps notes that touch apart
    ax.add_patch(
        Rectangle(
            (start + inset, note.pitch - 0.6),
            stop - start - 2 * inset,
            1.2,
            facecolor=COLOURS[colour] if filled else "white",
            edgecolor=COLOURS[colour],
            linewidth=1.3,
            zorder=2,
        )
    )
    if crossed:
        middle = (start + stop) / 2
        ax.plot(middle, note.pitch, "x", color=COLOURS[colour], ms=4.5, mew=1.3, zorder=3)


def _key(name: str) -> Patch | Line2D:
    """Return a legend entry that looks like the notes."""
    colour, filled, crossed = _LOOKS[name]
    face = COLOURS[colour] if filled else "white"
    if not crossed:
        return Patch(facecolor=face, edgecolor=COLOURS[colour], linewidth=1.3, label=name)
    return Line2D([], [], color=COLOURS[colour], marker="x", ms=4.5, mew=1.3, lw=1.3, label=name)


def plot_perplexity(
    history: Mapping[str, Sequence[float]], steps: int, beside: Mapping[str, float]
) -> Axes:
    """Draw the perplexity of each epoch, learned and held out, from the losses that `fit` returns.

    steps: how many steps a loss sums over. beside: perplexities to compare with, by their name.
    """
    _, ax = plt.subplots()
    for key, label, style in (("loss", "learned", "-"), ("val_loss", "held out", "--")):
        epochs = range(1, len(history[key]) + 1)
        ax.semilogy(epochs, [math.exp(loss / steps) for loss in history[key]], style, label=label)
    for label, value in beside.items():
        ax.axhline(value, color="0.6", lw=1, ls=":")
        ax.text(len(history["loss"]), value * 0.96, label, ha="right", va="top")
    ax.yaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set(xlabel="epoch", ylabel="perplexity", ylim=(1, None))
    ax.legend(loc="lower left")
    return ax
