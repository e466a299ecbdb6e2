"""Make a tune of any score: choose its melody, reduce it to one line, find its chords."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import floor

from course_utils.music_harmony import infer_chords, infer_key
from course_utils.music_notes import Chord, Note, Tune
from course_utils.music_swing import GRID, SWING, steps, unswing

_LEADS = r"melod|lead|solo|sing|voc|voice|sopran|treble|right hand|\brh\b"
_FOLLOWS = r"chord|accomp|bass|drum|perc|\bpad|string|left hand|\blh\b|tenor|alto\b"
_SIXTEENTHS, _TRIPLETS = (0, 3, 6, 9, 12), (0, 4, 8, 12)


class NoMelody(ValueError):
    """Say why no melody could be read from a file, and what to do."""


@dataclass
class Part:
    """One instrument or staff of a score: its notes, in any order, may sound together."""

    name: str
    notes: list[Note]
    program: int | None = None  # General MIDI: 32 to 39 are basses


@dataclass
class Score:
    """Hold what a file says, before a melody is chosen; None where it says nothing.

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
    remarks: list[str] = field(default_factory=list)


def to_tune(score: Score, part: str | int | None = None) -> tuple[Tune, str]:
    """Return the tune of a score and a line that says what was chosen.

    `part` names the melody's part, or counts it from 1; otherwise the best is found by its name,
    how much of it is one voice, its register and its length. Raises NoMelody.
    """
    parts = [p for p in score.parts if p.notes]
    if not parts:
        raise NoMelody("it has no notes (drums are not counted)")
    lead = _named(parts, part) if part is not None else max(parts, key=_merit(parts))
    others = [note for other in parts if other is not lead for note in other.notes]
    line = top_line(quantise(lead.notes))
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
    said = [f"{tune.title}: melody from {lead.name!r} ({len(line)} notes"]
    said[0] += f" of {len(lead.notes)}, the highest)" if len(line) < len(lead.notes) else ")"
    said += [f"{len(chords)} chords {found}" if chords else "no chords: degrees of the key"]
    said += [f"key {key}" + ("" if score.key else " (guessed)"), *["swung"] * swung]
    return tune, ", ".join(said + score.remarks)


def _named(parts, part):
    if isinstance(part, int) and 1 <= part <= len(parts):
        return parts[part - 1]
    for candidate in parts:
        if candidate.name == part:
            return candidate
    there = ", ".join(f"{i} {p.name!r}" for i, p in enumerate(parts, 1))
    raise NoMelody(f"it has no part {part!r}; there are: {there}")


def _merit(parts):
    """Return a function that grades how much a part looks like the melody."""
    longest = max(len(p.notes) for p in parts)

    def merit(part):
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
    grids = {}
    for beat, starts in beats.items():
        errors = [
            sum(min(abs(start - place) for place in grid) for start in starts)
            for grid in (_SIXTEENTHS, _TRIPLETS)
        ]
        grids[beat] = _TRIPLETS if errors[1] < errors[0] else _SIXTEENTHS

    def snapped(time):
        beat, inside = floor(time), time % 1 * GRID
        grid = grids.get(beat) or {*_SIXTEENTHS, *_TRIPLETS}
        return (beat * GRID + min(grid, key=lambda place: abs(place - inside))) / GRID

    moved = [_between(note, snapped(note.start), snapped(note.end)) for note in notes]
    return sorted(moved)


def _between(note, start, end):
    """Return the note moved; one that would vanish lasts a sixteenth."""
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


def _is_swung(line):
    """Say whether the eighths off the beat come late: few in the middle, most at two thirds."""
    places: dict[int, set[int]] = {}
    for note in line:
        places.setdefault(floor(note.start), set()).add(steps(note.start) % GRID)
    late = sum(8 in beat and 4 not in beat for beat in places.values())
    return late >= 4 and late > 3 * sum(6 in beat for beat in places.values())


def _below(notes, line):
    """Return the notes of a part that are not in its top line."""
    kept = {(steps(note.start), note.pitch) for note in line}
    return [note for note in notes if (steps(note.start), note.pitch) not in kept]
