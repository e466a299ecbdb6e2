"""Swing: written as straight eighths, played long and short."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import floor

from course_utils.music.notes import Note, Tune

GRID = 12  # steps in a quarter: sixteenths (3) and eighth triplets (4) both fall on it
SWING = 2 / 3  # the off-beat eighth as the last of three triplets


def steps(time: float) -> int:
    """Return a time in quarter lengths as a number of steps of the grid."""
    return round(time * GRID)


def swing_time(time: float, ratio: float = SWING) -> float:
    """Move a time that falls halfway between two beats to `ratio` of the beat; keep any other."""
    return floor(time) + ratio if steps(time) % GRID == GRID // 2 else time


def unswing(times: Iterable[float]) -> dict[float, float]:
    """Map each time (on the grid) to where it is written, undoing a swing of 2/3.

    A beat that also has a time at 1/3 is a real triplet and stays.
    """
    times = list(times)
    triplets = {steps(time) // GRID for time in times if steps(time) % GRID == GRID // 3}
    return {
        time: floor(time) + 0.5
        if steps(time) % GRID == GRID * 2 // 3 and steps(time) // GRID not in triplets
        else time
        for time in times
    }


def swung(tune: Tune) -> Callable[[float], float]:
    """Return the function from written to played time, both in quarter lengths.

    An eighth off the beat is played at `tune.swing` of it, unless the melody has sixteenths or
    triplets in the same beat: these are played as written.
    """
    times = [time for note in tune.melody for time in (note.start, note.end)]
    straight = {floor(time) for time in times if steps(time) % (GRID // 2)}
    return lambda time: time if floor(time) in straight else swing_time(time, tune.swing)


def performed(tune: Tune) -> Tune:
    """Return the tune as it is played: the melody's times moved as `swung` says."""
    when, melody = swung(tune), []
    for note in tune.melody:
        start, end = when(note.start), when(note.end)
        melody.append(Note(start, end - start, note.pitch, note.velocity))
    return replace(tune, melody=tuple(melody), swing=0.5)
