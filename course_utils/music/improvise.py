"""Play tokens over the chords of a tune, and measure what was played."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from course_utils.music.notes import Tune
from course_utils.music.swing import steps
from course_utils.music.tokens import START_PITCH, decode, reference


def as_tune(
    tokens: Iterable[str],
    over: Tune,
    title: str = "Improvisation",
    start_pitch: int = START_PITCH,
) -> Tune:
    """Return the tokens as a tune over the chords of another, ending where that one ends."""
    notes = decode(tokens, over.chords, start_pitch, over.key)
    notes = [
        replace(note, duration=min(note.end, over.length) - note.start)
        for note in notes
        if steps(note.start) < steps(over.length)
    ]
    return replace(over, title=title, melody=tuple(notes))


def share_that_fits(tune: Tune) -> float:
    """Return which share of the notes, 0 to 1, belongs to the sounding chord or its scale."""
    home, fits = reference(tune.key), 0
    for note in tune.melody:
        chord = tune.chord_at(note.start + 1e-6) or home
        fits += note.pitch % 12 in chord.scale + chord.tones
    return fits / max(1, len(tune.melody))


def share_of_chord_tones(tune: Tune, every: float = 2.0) -> float:
    """Return which share of the notes on strong beats (each `every` quarters) is of the chord."""
    home = reference(tune.key)
    strong = [note for note in tune.melody if abs(note.start / every % 1) < 1e-6]
    chords = [tune.chord_at(note.start + 1e-6) or home for note in strong]
    fits = [n.pitch % 12 in chord.tones for n, chord in zip(strong, chords, strict=True)]
    return sum(fits) / max(1, len(fits))


def longest_copy(tokens: Sequence[str], melodies: Iterable[Sequence[str]]) -> int:
    """Return the length of the longest run of tokens that occurs within one of the melodies."""
    number: dict[str, int] = {}
    played = [number.setdefault(token, len(number)) for token in tokens]
    longest = 0
    for melody in melodies:
        there = np.array([number.get(token, -1) for token in melody], int)
        runs = np.zeros(len(there) + 1, int)  # runs[j]: the run that ends here and at there[j - 1]
        for token in played:
            runs[1:] = np.where(there == token, runs[:-1] + 1, 0)
            longest = max(longest, int(runs.max()))
    return longest


def share_copied(tokens: Sequence[str], melodies: Iterable[Sequence[str]]) -> float:
    """Return the longest copied run as a share, 0 to 1, of a solo's tokens."""
    return longest_copy(tokens, melodies) / max(1, len(tokens))
