"""Change how a tune is played or written: swing it, tidy it, cut an excerpt.

Tidying is a chain of small steps from notes to notes, repeated until nothing changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from .notes import GRID, Note, Tune, steps
from .tokens import HIGHEST, LOWEST

SWING = 2 / 3  # the off-beat eighth as the last of three triplets
Notes = tuple[Note, ...]
_LITTLE = 1e-6  # quarter lengths: far below any note, far above a rounding error


def swing_time(time: float, ratio: float = SWING) -> float:
    """Move a time halfway between two beats to `ratio` of the beat; keep any other time."""
    return math.floor(time) + ratio if steps(time) % GRID == GRID // 2 else time


def unswing(times: Iterable[float]) -> dict[float, float]:
    """Map each time (on the grid) to where it is written, undoing a swing of 2/3.

    A beat that also has a time at 1/3 is a real triplet and stays.
    """
    times = list(times)
    triplets = {steps(time) // GRID for time in times if steps(time) % GRID == GRID // 3}
    return {
        time: math.floor(time) + 0.5
        if steps(time) % GRID == GRID * 2 // 3 and steps(time) // GRID not in triplets
        else time
        for time in times
    }


def swung(tune: Tune) -> Callable[[float], float]:
    """Return the function from written to played time, both in quarter lengths.

    An off-beat eighth is played at `tune.swing` of its beat, unless the melody has sixteenths or
    triplets in that beat: these are played as written.
    """
    times = [time for note in tune.melody for time in (note.start, note.end)]
    straight = {math.floor(time) for time in times if steps(time) % (GRID // 2)}
    return lambda time: time if math.floor(time) in straight else swing_time(time, tune.swing)


def performed(tune: Tune) -> Tune:
    """Return the tune as it is played: the melody's times moved as `swung` says."""
    when, melody = swung(tune), []
    for note in tune.melody:
        start, end = when(note.start), when(note.end)
        melody.append(Note(start, end - start, note.pitch, note.velocity))
    return replace(tune, melody=tuple(melody), swing=0.5)


def excerpt(tune: Tune, bars: int, first: int = 1) -> Tune:
    """Return `bars` bars of a tune from bar `first` on (counted from 1), cut at the bar lines.

    Raises ValueError for bars that the tune does not have.
    """
    start = (first - 1) * tune.beats_per_bar
    end = min(start + bars * tune.beats_per_bar, tune.length)
    if first < 1 or bars < 1 or start >= tune.length:
        last = math.ceil(tune.length / tune.beats_per_bar - _LITTLE)
        raise ValueError(
            f'"{tune.title}" has bars 1 to {last}: {bars} from bar {first} on are not among them'
        )

    def cut(things: Iterable) -> tuple:
        kept = []
        for thing in things:
            before, after = max(0, start - thing.start), max(0, thing.end - end)  # what is cut off
            left = thing.duration - before - after
            if left > _LITTLE:
                begin = thing.start + before - start
                kept.append(replace(thing, start=begin, duration=left))
        return tuple(kept)

    return replace(tune, melody=cut(tune.melody), chords=cut(tune.chords), length=end - start)


def tidy(
    tune: Tune,
    *,
    grid: Sequence[int] = (4, 3),
    lowest: int = LOWEST,
    highest: int = HIGHEST,
    repeats: int = 3,
) -> Tune:
    """Return the tune with a melody that one player could play and a score could show.

    Times go to quarters or thirds of a beat (`grid`), pitches lie between `lowest` and `highest`,
    and no pitch comes more than `repeats` times in a row. Tidying twice changes nothing more.
    The melody may end up empty. Raises ValueError for a range below an octave, or a bad grid.
    """
    if highest - lowest < 11:
        raise ValueError(
            f"from {lowest} to {highest} is less than an octave: some notes have no place there"
        )
    if repeats < 1:
        raise ValueError(f"repeats is {repeats}: allow at least 1")
    before: Notes | None = None
    notes: Notes = tuple(sorted(tune.melody))
    # more than one round, as notes merged into one may be long enough to clash with the chord;
    # every further round moves or merges something for good, so this comes to an end
    while notes != before:
        before = notes
        notes = quantise(notes, grid)
        notes = within(notes, tune.length)
        notes = in_range(notes, lowest, highest)
        notes = one_voice(notes)
        notes = resolve_clashes(notes, replace(tune, melody=()), lowest, highest)
        notes = limit_repeats(notes, repeats)
    return replace(tune, melody=notes)


def quantise(notes: Iterable[Note], grid: Sequence[int] = (4, 3)) -> Notes:
    """Move starts and ends to the nearest point of the grid, and drop notes that lose all length.

    `grid` lists into how many even parts a beat may be cut. Each beat is cut into the number that
    fits its times best, the first among equals. So a beat holds sixteenths or triplets, never
    both, and eighths belong to the first number.
    """
    if not grid or not all(isinstance(parts, int) and parts > 0 for parts in grid):
        raise ValueError(
            f"grid is {grid!r}: list into how many parts a beat is cut, such as (4, 3)"
        )
    notes = tuple(notes)
    beats: dict[int, list[float]] = {}
    for time in (time for note in notes for time in (note.start, note.end)):
        beats.setdefault(_beat(time), []).append(time)
    parts = {beat: min(grid, key=lambda n: _misses(times, n)) for beat, times in beats.items()}
    moved = []
    for note in notes:
        start, end = (
            Fraction(round(time * parts[_beat(time)]), parts[_beat(time)])
            for time in (note.start, note.end)
        )
        if end > start:
            moved.append(replace(note, start=float(start), duration=float(end - start)))
    return tuple(sorted(moved))


def within(notes: Iterable[Note], length: float) -> Notes:
    """Drop notes outside the tune, and end the last ones with its last whole beat."""
    last = math.floor(length + _LITTLE)
    return tuple(
        note if note.end <= last + _LITTLE else replace(note, duration=last - note.start)
        for note in notes
        if 0 <= note.start < last - _LITTLE
    )


def in_range(notes: Iterable[Note], lowest: int, highest: int) -> Notes:
    """Move notes out of range by octaves, no further than needed."""

    def move(pitch: int) -> int:
        up = max(0, -(-(lowest - pitch) // 12))  # octaves, rounded up
        down = max(0, -(-(pitch - highest) // 12))
        return pitch + 12 * (up - down)

    return tuple(replace(note, pitch=move(note.pitch)) for note in notes)


def one_voice(notes: Iterable[Note]) -> Notes:
    """Keep the highest of notes that start together, and end each note when the next starts."""
    top: dict[float, Note] = {}
    for note in sorted(notes, key=lambda note: (note.start, note.pitch, note.duration)):
        top[note.start] = note
    kept = list(top.values())
    for i, after in enumerate(kept[1:]):
        if kept[i].end > after.start + _LITTLE:
            kept[i] = replace(kept[i], duration=after.start - kept[i].start)
    return tuple(kept)


def resolve_clashes(
    notes: Iterable[Note], tune: Tune, lowest: int = 0, highest: int = 127
) -> Notes:
    """Move a note that clashes with its chord to the nearest chord tone in range.

    Only where it is heard as a mistake and not as colour: it starts on a strong beat (the first
    of the bar, or half-way through 4/4), lasts a beat or more, is not in the chord's scale and
    lies a semitone from a chord tone.
    """
    moved = []
    for note in notes:
        chord = tune.chord_at(note.start)
        strong = tune.beats_per_bar / (2 if tune.beats_per_bar % 4 == 0 else 1)
        heard = note.start % strong == 0 and note.duration >= 1 - _LITTLE
        if heard and chord and note.pitch % 12 not in (*chord.scale, *chord.tones):
            near = [p for p in range(lowest, highest + 1) if p % 12 in chord.tones]
            best = min(near, key=lambda p: (abs(p - note.pitch), p), default=note.pitch)
            if any((tone - note.pitch) % 12 in (1, 11) for tone in chord.tones):
                note = replace(note, pitch=best)
        moved.append(note)
    return tuple(moved)


def limit_repeats(notes: Iterable[Note], repeats: int = 3, longest: float = 4.0) -> Notes:
    """Allow one pitch `repeats` times in a row.

    Each further one is added to the note before if it follows at once and the two last no longer
    than `longest` together; otherwise it is dropped.
    """
    kept: list[Note] = []
    row = 0
    for note in notes:
        row = row + 1 if kept and kept[-1].pitch == note.pitch else 1
        if row <= repeats:
            kept.append(note)
            continue
        last = kept[-1]
        if abs(note.start - last.end) < _LITTLE and note.end - last.start <= longest + _LITTLE:
            kept[-1] = replace(last, duration=note.end - last.start)
    return tuple(kept)


def _beat(time: float) -> int:
    return math.floor(time + _LITTLE)


def _misses(times: Iterable[float], parts: int) -> float:
    """Sum how far times are from the nearest of `parts` points of their beats, squared."""
    return round(sum((time - round(time * parts) / parts) ** 2 for time in times), 9)
