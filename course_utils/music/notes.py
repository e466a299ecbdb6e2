"""Hold a tune as plain data: notes, chord symbols, key and metre.

Times and durations are in quarter lengths (a quarter note is 1.0), pitches are MIDI numbers
(middle C is 60), pitch classes run from 0 (C) to 11 (B). Whole steps, `GRID` to a quarter, are
used where times are compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

GRID = 12  # steps in a quarter: sixteenths (3) and eighth triplets (4) both fall on it
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SYMBOL = re.compile(r"([A-G])(#|b)?(.*)")

# quality: (intervals of the chord, intervals of the scale played over it), semitones from the root
# as in Levine, The Jazz Theory Book (1995), chapter 3
QUALITIES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "": ((0, 4, 7), (0, 2, 4, 5, 7, 9, 11)),
    "6": ((0, 4, 7, 9), (0, 2, 4, 5, 7, 9, 11)),
    "maj7": ((0, 4, 7, 11), (0, 2, 4, 5, 7, 9, 11)),
    "7": ((0, 4, 7, 10), (0, 2, 4, 5, 7, 9, 10)),
    "m": ((0, 3, 7), (0, 2, 3, 5, 7, 9, 10)),
    "m6": ((0, 3, 7, 9), (0, 2, 3, 5, 7, 9, 11)),
    "m7": ((0, 3, 7, 10), (0, 2, 3, 5, 7, 9, 10)),
    "m7b5": ((0, 3, 6, 10), (0, 1, 3, 5, 6, 8, 10)),
    "dim7": ((0, 3, 6, 9), (0, 2, 3, 5, 6, 8, 9, 11)),
    "+": ((0, 4, 8), (0, 2, 4, 6, 8, 10)),
    "sus4": ((0, 5, 7), (0, 2, 4, 5, 7, 9, 10)),
}


def steps(time: float | Fraction) -> int:
    """Return a time in quarter lengths as a number of steps of the grid."""
    return round(time * GRID)


@dataclass(frozen=True, order=True)
class Note:
    """One sounding note: start and duration in quarter lengths, MIDI pitch, velocity 1 to 127."""

    start: float
    duration: float
    pitch: int
    velocity: int = 90

    @property
    def end(self) -> float:
        """Return when the note stops, in quarter lengths."""
        return self.start + self.duration


@dataclass(frozen=True, order=True)
class Chord:
    """A chord symbol such as "Bb7" and how long it holds, in quarter lengths."""

    start: float
    duration: float
    symbol: str

    @property
    def end(self) -> float:
        """Return when the chord stops, in quarter lengths."""
        return self.start + self.duration

    @property
    def root(self) -> int:
        """Return the pitch class of the root. Raises ValueError for an unknown symbol."""
        return parse_symbol(self.symbol)[0]

    @property
    def tones(self) -> tuple[int, ...]:
        """Return the pitch classes of the chord, the root first."""
        root, quality = parse_symbol(self.symbol)
        return tuple((root + step) % 12 for step in QUALITIES[quality][0])

    @property
    def scale(self) -> tuple[int, ...]:
        """Return the pitch classes of the scale that goes with the chord, the root first."""
        root, quality = parse_symbol(self.symbol)
        return tuple((root + step) % 12 for step in QUALITIES[quality][1])


@dataclass(frozen=True)
class Tune:
    """A melody of one voice over chords (none, if the music has none).

    `key` is like "Bb" or "c" (lower case for minor), `length` in quarter lengths, `tempo` in
    quarter notes a minute. `swing`: where in its beat an off-beat eighth is played. It is always
    written at 0.5; `arranging.performed` moves it.
    """

    title: str
    key: str
    melody: tuple[Note, ...]
    chords: tuple[Chord, ...]
    length: float
    beats_per_bar: float = 4.0
    tempo: float = 120.0
    swing: float = 0.5

    def chord_at(self, time: float) -> Chord | None:
        """Return the chord that sounds at `time` (quarter lengths), None where there is none."""
        held = [chord for chord in self.chords if chord.start <= time < chord.end]
        return held[-1] if held else None


@cache
def parse_symbol(symbol: str) -> tuple[int, str]:
    """Split a chord symbol into the pitch class of its root and its quality.

    Raises ValueError that names the known qualities.
    """
    match = _SYMBOL.fullmatch(symbol)
    if not match or match[3] not in QUALITIES:
        known = ", ".join(f'"{quality}"' for quality in QUALITIES)
        raise ValueError(f"{symbol!r} is not a known chord symbol: a root, then one of {known}")
    accidental = {"#": 1, "b": -1, None: 0}[match[2]]
    return (LETTERS[match[1]] + accidental) % 12, match[3]
