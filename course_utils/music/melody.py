"""Make a tune of any score: choose its melody, reduce it to one line, find its chords."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import ceil, floor

from course_utils.music.arranging import SWING, excerpt, unswing
from course_utils.music.harmony import infer_chords, infer_key
from course_utils.music.notes import GRID, Chord, Note, Tune, steps

_LEADS = r"melod|lead|solo|sing|voc|voice|sopran|treble|right hand|\brh\b"
_FOLLOWS = r"chord|accomp|bass|drum|perc|\bpad|string|left hand|\blh\b|tenor|alto\b"
_ROLLED = 1 / 20  # quarter notes: onsets closer than this are one chord, played unevenly
_SIXTEENTHS, _TRIPLETS = (0, 3, 6, 9, 12), (0, 4, 8, 12)


class NoMelody(ValueError):
    """No melody could be read from a file; the message says why, and what to do."""


@dataclass
class Part:
    """One instrument or staff of a score: its notes, in any order, may sound together."""

    name: str
    notes: list[Note]
    program: int | None = None  # General MIDI: 32 to 39 are basses


@dataclass
class Score:
    """The content of a file before a melody is chosen; None where the file has no entry.

    metres: when each metre begins, how many quarter notes its bars have, and its name.
    performed: times are as played, so that swing may have to be undone.
    """

    title: str
    parts: list[Part]
    length: float
    key: str | None = None
    beats_per_bar: float = 4.0
    tempo: float = 120.0
    chords: Sequence[Chord] = ()
    performed: bool = False
    metres: Sequence[tuple[float, float, str]] = ((0.0, 4.0, "4/4"),)
    remarks: list[str] = field(default_factory=list)


def settle_metre(score: Score) -> None:
    """Choose the metre that holds longest, and move the music so that its bars are whole.

    Adds a remark if there are several metres, and rounds the score's length up to a whole bar.
    """
    if not any(part.notes for part in score.parts):
        return
    ends = [*(min(start, score.length) for start, _, _ in score.metres[1:]), score.length]
    first = min(note.start for part in score.parts for note in part.notes)
    stretches = [
        (start, end - start, beats, name)
        for (start, beats, name), end in zip(score.metres, ends, strict=True)
        if end - start > 1e-6
    ]
    held: dict[tuple[float, str], float] = {}  # how long each metre lasts while there is music
    for start, lasts, beats, name in stretches:
        heard = max(0.0, lasts - max(0.0, first - start))
        held[beats, name] = held.get((beats, name), 0.0) + heard
    beats, name = max(held, key=lambda metre: round(held[metre], 6))  # the first of equals
    if len(held) > 1:
        rest = [other for _, other in held if other != name]
        also = ", ".join(rest[:3]) + ", ..." * (len(rest) > 3)
        score.remarks.append(f"metre {name}, which holds longest (also {also})")
    together = 1
    while together * beats * 4 % 1:  # a bar of 3/32 is no whole number of sixteenths
        together *= 2
    if together > 1:
        score.remarks.append(f"{together} bars of {name} are read as one")
    size = together * beats
    phases: dict[float, float] = {}  # where in a bar its stretches begin, and for how long
    for start, lasts, other, _ in stretches:
        if other == beats:
            phase = round(start % size, 6) % size
            phases[phase] = phases.get(phase, 0.0) + lasts
    shift = -max(phases, key=phases.__getitem__) % size
    end, score.beats_per_bar = score.length, size
    score.length = ceil((end + shift) / size - 1e-6) * size
    for part in score.parts:
        part.notes = [replace(note, start=note.start + shift) for note in part.notes]
    score.chords = tuple(
        Chord(
            chord.start + shift,
            score.length - chord.start - shift if chord.end >= end else chord.duration,
            chord.symbol,
        )
        for chord in score.chords
    )


def to_tune(score: Score, part: str | int | None = None) -> tuple[Tune, str]:
    """Return the tune of a score and a line that says what was chosen.

    `part` is the name or number (from 1) of the melody's part. Without it, parts are compared by
    name, register, length and how much of them is one voice. Raises NoMelody.
    """
    parts = [p for p in score.parts if p.notes]
    if not parts:
        raise NoMelody(", ".join(["it has no notes (drums are not counted)", *score.remarks]))
    lead = _named(parts, part) if part is not None else max(parts, key=_merit(parts))
    others = [note for other in parts if other is not lead for note in other.notes]
    quantised = quantise(lead.notes)
    line = top_line(quantised)
    if len(line) < 2:
        raise NoMelody(f"its part {lead.name!r} has {len(line)} note: no melody")
    swung = score.performed and _is_swung(line)
    if swung:
        written = unswing([time for note in line for time in (note.start, note.end)])
        line = [_between(note, written[note.start], written[note.end]) for note in line]
    chords, found = tuple(score.chords), "as the file names them"
    if not chords:
        others = others or _below(lead.notes, line)
        # the melody counts half: it may hold the third, and it has notes outside the chord
        heard = others + others + line if others else []
        chords = infer_chords(heard, score.length, score.beats_per_bar)
        found = "guessed from the notes"
    key = score.key or infer_key(others + line)
    tune = Tune(
        score.title, key, tuple(line), chords, score.length, score.beats_per_bar, score.tempo,
        SWING if swung else 0.5,
    )  # fmt: skip
    remarks = [*score.remarks, *_too_fast(lead.notes, quantised)]
    before = floor(line[0].start / tune.beats_per_bar + 1e-6)
    if before:
        tune = excerpt(tune, ceil(tune.length / tune.beats_per_bar), before + 1)
        left = "the bar" if before == 1 else f"the {before} bars"
        remarks.append(f"{left} before the melody left out")
    said = [f"{tune.title}: melody from {lead.name!r} ({len(line)} notes"]
    said[0] += f" of {len(lead.notes)}, the highest)" if len(line) < len(lead.notes) else ")"
    said += [
        f"{len(chords)} chord{'s' * (len(chords) > 1)} {found}"
        if chords
        else "no chords: degrees of the key"
    ]
    said += [f"key {key}" + ("" if score.key else " (guessed)"), *["swung"] * swung]
    return tune, ", ".join(said + remarks)


def _too_fast(played: Iterable[Note], quantised: Iterable[Note]) -> list[str]:
    """Return a remark if notes fell together because they are faster than the grid."""
    starts = sorted({note.start for note in played})
    apart = 1 + sum(later - start > _ROLLED for start, later in pairwise(starts))
    lost = apart - len({steps(note.start) for note in quantised})
    return [f"too fast for sixteenths or triplets, so left out: {lost}"] * (lost > 0)


def _named(parts: Sequence[Part], part: str | int) -> Part:
    if isinstance(part, int) and 1 <= part <= len(parts):
        return parts[part - 1]
    for candidate in parts:
        if candidate.name == part:
            return candidate
    there = ", ".join(f"{i} {p.name!r}" for i, p in enumerate(parts, 1))
    raise NoMelody(f"it has no part {part!r}; there are: {there}")


def _merit(parts: Sequence[Part]) -> Callable[[Part], float]:
    """Return a function that scores how much a part looks like the melody."""
    longest = max(len(p.notes) for p in parts)

    def merit(part: Part) -> float:
        name = part.name.lower()
        hints = 3 * bool(re.search(_LEADS, name)) - 3 * bool(re.search(_FOLLOWS, name))
        onsets = Counter(steps(note.start) for note in part.notes)
        alone = sum(count == 1 for count in onsets.values()) / len(onsets)
        register = sum(note.pitch for note in part.notes) / len(part.notes)
        bass = part.program is not None and 32 <= part.program < 40
        enough = min(1.0, 4 * len(part.notes) / longest)
        return hints + 2 * alone + 2 * enough - abs(register - 74) / 8 - 3 * bass

    return merit


def quantise(notes: Iterable[Note]) -> list[Note]:
    """Move starts and ends to sixteenths or eighth triplets, whichever fits the beat better."""
    beats: dict[int, list[float]] = {}
    notes = list(notes)
    for note in notes:
        beats.setdefault(floor(note.start), []).append(note.start % 1 * GRID)
    grids: dict[int, Iterable[int]] = {}
    for beat, starts in beats.items():
        errors = [
            sum(min(abs(start - place) for place in grid) for start in starts)
            for grid in (_SIXTEENTHS, _TRIPLETS)
        ]
        grids[beat] = _TRIPLETS if errors[1] < errors[0] else _SIXTEENTHS

    def snapped(time: float) -> float:
        beat, inside = floor(time), time % 1 * GRID
        grid = grids.get(beat) or {*_SIXTEENTHS, *_TRIPLETS}
        return (beat * GRID + min(grid, key=lambda place: abs(place - inside))) / GRID

    return sorted(_between(note, snapped(note.start), snapped(note.end)) for note in notes)


def _between(note: Note, start: float, end: float) -> Note:
    """Return the note moved; if no time is left for it, it lasts a sixteenth."""
    return Note(
        start, end - start if steps(end) > steps(start) else 0.25, note.pitch, note.velocity
    )


def top_line(notes: Iterable[Note]) -> list[Note]:
    """Keep the highest note at each moment, each cut where the next one starts.

    A note below one that goes on for more than a sixteenth is left out.
    """
    line: list[Note] = []
    for note in sorted(notes, key=lambda note: (steps(note.start), -note.pitch)):
        if line:
            last = line[-1]
            together = steps(last.start) == steps(note.start)
            if together or (note.pitch < last.pitch and last.end - note.start > 0.26):
                continue
            if steps(last.end) > steps(note.start):
                line[-1] = _between(last, last.start, note.start)
        line.append(note)
    return line


def _is_swung(line: Iterable[Note]) -> bool:
    """Return True if off-beat eighths come late: few at half a beat, most at two thirds."""
    places: dict[int, set[int]] = {}
    for note in line:
        places.setdefault(floor(note.start), set()).add(steps(note.start) % GRID)
    late = sum(8 in beat and 4 not in beat for beat in places.values())
    return late >= 4 and late > 3 * sum(6 in beat for beat in places.values())


def _below(notes: Iterable[Note], line: Iterable[Note]) -> list[Note]:
    """Return the notes of a part that are not in its top line."""
    kept = {(steps(note.start), note.pitch) for note in line}
    return [note for note in notes if (steps(note.start), note.pitch) not in kept]
