"""Read a MIDI file as scores: its tracks and channels, and what it says of key and metre."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from math import inf
from pathlib import Path

from course_utils.music.harmony import simplify
from course_utils.music.melody import NoMelody, Part, Score, settle_metre
from course_utils.music.midi_events import (
    END_OF_TRACK,
    KEY,
    MARKER,
    METRE,
    TEMPO,
    TEXT,
    TRACK_NAME,
    parse_midi,
)
from course_utils.music.names import key_name
from course_utils.music.notes import Chord, Note

_DRUMS = 9
_LONGEST = 20_000  # quarter notes: well over two hours
_LONGEST_HELD = 4  # quarter notes, for a note whose end is missing
_TITLE = 80  # characters; some files tell a story there


def read_midi(path: Path) -> list[Score]:
    """Return the score of a MIDI file, or of each of its patterns if it is of type 2.

    Drums are left out. What can be read of a damaged file is read, with a remark.
    Raises NoMelody if it is not a MIDI file, or its times are not in beats.
    """
    file = parse_midi(path.read_bytes())
    if file.division >= 0x8000:
        raise NoMelody("its times are in film frames, not in beats: export it in beats")
    if not file.division:
        raise NoMelody(
            "its header has 0 ticks to a beat, so its times mean nothing: export it again"
        )
    title = path.stem.replace("_", " ")
    if file.kind == 2:
        scores = [
            _score(f"{title} {number}", [track], file.division)
            for number, track in enumerate(file.tracks, 1)
        ]
    else:
        scores = [_score(title, file.tracks, file.division)]
    remarks = []
    if file.promised > len(file.tracks):
        remarks.append(
            f"only {len(file.tracks)} of the {file.promised} tracks it promises are there"
        )
    if file.broken:
        count = f"{file.broken} of {len(file.tracks)} tracks"
        remarks.append(f"{count} cut short or damaged: read up to there")
    for score in scores:
        score.remarks += remarks
    return scores


def _score(title, tracks, ticks):
    """Return the score of tracks that sound together."""
    score = Score(title, [], 0.0, performed=True)
    said = {kind: {} for kind in (TEMPO, METRE, KEY)}
    for track in reversed(tracks):  # at one tick the first track counts, and its last event
        for tick, kind, data in track:
            if kind in said:
                said[kind][tick] = data
    words = defaultdict(list)  # one list for each track and kind: lyrics are no chords
    drums = False
    for number, track in enumerate(tracks):
        drums |= _read_track(score, track, ticks, number, alone=len(tracks) == 1)
        for tick, kind, data in track:
            if kind in (TEXT, MARKER):
                words[number, kind].append((tick / ticks, _text(data)))
    notes = [note for part in score.parts for note in part.notes]
    score.length = max((note.end for note in notes), default=0.0)
    if score.length > _LONGEST:
        raise NoMelody(f"it would last {score.length:,.0f} quarter notes, so its times are damaged")
    if drums and not notes:
        raise NoMelody("it has no notes but drums (channel 10)")
    first = min((note.start for note in notes), default=0.0) * ticks + ticks / 8  # or just after
    score.tempo = _in_force(said[TEMPO], first, _tempo) or 120.0
    score.key = _in_force(said[KEY], first, _key) or _in_force(said[KEY], inf, _key)
    metres = {0.0: (4.0, "4/4")}
    metres |= {tick / ticks: metre for tick, data in said[METRE].items() if (metre := _metre(data))}
    score.metres = sorted((start, *metre) for start, metre in metres.items())
    ends = [tick / ticks for tick, kind, _ in tracks[0] if kind == END_OF_TRACK]
    named = [chords for marks in words.values() if (chords := _chords(marks, score.length, ends))]
    if named:
        score.chords = max(named, key=len)
        score.length = score.chords[-1].end
    settle_metre(score)
    return score


def _read_track(score, track, ticks, number, alone) -> bool:
    """Add a track's channels to the score's parts; return whether it has drums."""
    name = next((_text(data) for _, kind, data in track if kind == TRACK_NAME and _text(data)), "")
    programs, notes = {}, _notes(track, ticks)
    for _, kind, data in track:
        if 0xC0 <= kind < 0xD0:
            programs.setdefault(kind & 15, data[0])
    drums = bool(notes.pop(_DRUMS, None))
    if number == 0 and not notes and name:
        score.title = name
    for channel, played in sorted(notes.items()):
        title = name if name and len(notes) == 1 and not alone else f"{name} channel {channel + 1}"
        score.parts.append(Part(title.strip(), played, programs.get(channel)))
    return drums


def _notes(track, ticks) -> dict[int, list[Note]]:
    """Return the notes of each channel.

    A note ends when it is struck again. Its own end, which may follow, ends nothing else, unless
    the pitch has fewer ends than beginnings. A note that never ends, or ends as it begins (some
    programs write that end first), lasts until the next starts.
    """
    spans = defaultdict(list)  # channel -> [start, end, pitch, velocity], in ticks
    held: dict[tuple[int, int], list] = {}  # (channel, pitch) -> the span that sounds
    owed, early = Counter(), {}  # ends still to come; when an end came that belonged to no note
    keys = [_struck(event) for event in track]
    unended = Counter(key for key, begins in filter(None, keys) if begins)
    unended.subtract(key for key, begins in filter(None, keys) if not begins)
    for (tick, _, data), struck in zip(track, keys, strict=True):
        if struck is None:
            continue
        key, begins = struck
        if not begins:
            if owed[key]:
                owed[key] -= 1
            elif key in held:
                held.pop(key)[1] = tick
            else:
                early[key] = tick
            continue
        twice = key in held and held[key][0] == tick
        if key in held and unended[key] <= 0:
            owed[key] += 1
            held[key][1] = tick
        if not twice:
            span = [tick, tick, key[1], min(data[1], 127)]
            spans[key[0]].append(span)
            if early.pop(key, None) != tick:
                held[key] = span
    last = track[-1].tick if track else 0
    return {channel: _lasting(found, last, ticks) for channel, found in spans.items()}


def _struck(event) -> tuple[tuple[int, int], bool] | None:
    """Return (channel, pitch) and whether a note begins, for an event that begins or ends one."""
    if not 0x80 <= event.kind < 0xA0:
        return None
    begins = event.kind >= 0x90 and event.data[1] > 0
    return (event.kind & 15, min(event.data[0], 127)), begins


def _lasting(spans, last, ticks) -> list[Note]:
    """Return spans as notes; one without a length goes on to the next onset, or the end."""
    starts = sorted({start for start, *_ in spans} | {last})
    sounding = {start for start, end, *_ in spans if end > start}
    notes = []
    for start, end, pitch, velocity in spans:
        if end == start:
            if start in sounding:
                continue
            following = bisect_right(starts, start)
            end = starts[following] if following < len(starts) else start + ticks
            end = min(end, start + _LONGEST_HELD * ticks)
        notes.append(Note(start / ticks, (end - start) / ticks, pitch, velocity))
    return notes


def _text(data: bytes) -> str:
    """Return text as one printable line; old files have it in other encodings than UTF-8."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_TITLE]


def _in_force(said, tick, meaning):
    """Return what the last event up to a tick means; None if there is no such event."""
    values = [(at, meaning(data)) for at, data in sorted(said.items()) if at <= tick]
    return next((value for _, value in reversed(values) if value), None)


def _tempo(data) -> float | None:
    """Return quarter notes a minute."""
    microseconds = int.from_bytes(data, "big") if len(data) == 3 else 0
    return round(60e6 / microseconds, 2) if microseconds else None


def _metre(data) -> tuple[float, str] | None:
    """Return how many quarter notes a bar has, and the metre's name."""
    if len(data) < 2 or not data[0] or data[1] > 6:
        return None
    return 4.0 * data[0] / 2 ** data[1], f"{data[0]}/{2 ** data[1]}"


def _key(data) -> str | None:
    if len(data) < 2 or data[1] > 1:
        return None
    sharps = int.from_bytes(data[:1], "big", signed=True)
    return key_name(sharps, bool(data[1])) if abs(sharps) <= 7 else None


def _chords(marks, length, ends) -> tuple[Chord, ...]:
    """Return the chords that marks name, unless they are something else (words, "A", "Verse")."""
    named = [(time, text) for time, text in sorted(marks) if text]
    known = [(time, simplify(text)) for time, text in named]
    letters_only = all(len(text) == 1 for _, text in named)
    if letters_only or sum(symbol is not None for _, symbol in known) < 0.8 * len(known):
        return ()
    known = [(time, symbol) for time, symbol in known if symbol]
    length = max(length, *ends, *(time for time, _ in marks))
    ends = [time for time, _ in known[1:]] + [length]
    return tuple(
        Chord(time, end - time, symbol)
        for (time, symbol), end in zip(known, ends, strict=True)
        if end > time
    )
