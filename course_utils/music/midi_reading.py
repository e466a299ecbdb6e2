"""Read a MIDI file as scores, as tolerantly as players do.

mido gives up on a whole file because of one event it cannot decode (a key of eight sharps, a tempo
that is too short), an unknown chunk or a wrong length, and loses the time before an unknown meta
event. So the file is first parsed into events, a status byte with its data, and only then are
notes, key, metre and chords read from these.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import NamedTuple, TypeVar

from course_utils.music.harmony import simplify
from course_utils.music.melody import NoMelody, Part, Score, settle_metre
from course_utils.music.names import key_name
from course_utils.music.notes import Chord, Note

META = 0xFF00  # added to the type of a meta event
TEXT, TRACK_NAME, MARKER = META + 1, META + 3, META + 6
END_OF_TRACK, TEMPO, METRE, KEY = META + 0x2F, META + 0x51, META + 0x58, META + 0x59
_DATA_BYTES = {0xC0: 1, 0xD0: 1, 0xF1: 1, 0xF2: 2, 0xF3: 1}  # other channel messages have two
_DRUMS = 9
_LONGEST = 20_000  # quarter notes: well over two hours
_LONGEST_HELD = 4  # quarter notes, for a note whose end is missing
_TITLE = 80  # characters; some files tell a story there

Key = tuple[int, int]  # channel, pitch
T = TypeVar("T")


class Event(NamedTuple):
    """An event at a tick: a status byte, or META plus a type, with its data."""

    tick: int
    kind: int
    data: bytes


class MidiFile(NamedTuple):
    """Tracks of events; `kind` (0 to 2), `promised` tracks and `division` come from the header.

    `broken` counts the tracks that are cut short or damaged.
    """

    kind: int
    promised: int
    division: int
    tracks: list[list[Event]]
    broken: int


def read_midi(path: Path) -> list[Score]:
    """Return the score of a MIDI file, or of each of its patterns if it is of type 2.

    Drums are left out. A damaged file is read as far as possible, with a remark.
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


def parse_midi(data: bytes) -> MidiFile:
    """Return everything readable in a file, whatever surrounds it (RIFF, other chunks, padding).

    Raises NoMelody if there is no header or no track.
    """
    before, *rest = data.split(b"MThd", 2)  # a second file after the first is not read
    if not rest and before:
        raise NoMelody(f"it is not a MIDI file: it begins with {before[:16]!r}")
    data = rest[0] if rest else b""
    at = data.find(b"MTrk")
    if at < 10:
        raise NoMelody("it is empty or cut short, before its first track: get the file again")
    kind, promised, division = struct.unpack(">HHH", data[4:10])
    tracks, broken = [], 0
    while at >= 0:
        first = at + 8
        end = first + int.from_bytes(data[at + 4 : first], "big")
        exact = _is_boundary(data, end)
        if not exact:
            following = data.find(b"MTrk", first)
            end = following if following >= 0 else len(data)
        events, whole = _events(data[first:end], exact)
        tracks.append(events)
        broken += not whole
        at = data.find(b"MTrk", end)
    return MidiFile(kind, promised, division, tracks, broken)


def _is_boundary(data: bytes, at: int) -> bool:
    """Return True if the file ends or a chunk begins here, so that a length can be trusted."""
    name, size = data[at : at + 4], data[at + 4 : at + 8]
    if at >= len(data) or name == b"MTrk":
        return at == len(data) or name == b"MTrk"
    return name.isalpha() and at + 8 + int.from_bytes(size, "big") <= len(data)


def _events(chunk: bytes, exact: bool) -> tuple[list[Event], bool]:
    """Return a track's events, and whether all of them could be read.

    If the chunk's length is not `exact`, the end-of-track event ends it.
    """
    events: list[Event] = []
    at = tick = running = 0
    try:
        while at < len(chunk):
            delta, at = _number(chunk, at)
            tick += delta
            status = chunk[at]
            if status >= 0x80:
                at += 1
            else:
                status = running  # also across meta and system events, as many programs write it
            if status in (0xF0, 0xF7, 0xFF):
                kind = META + chunk[at] if status == 0xFF else status
                size, at = _number(chunk, at + (status == 0xFF))
                if at + size > len(chunk):
                    return events, False
            elif status:
                kind = status
                high = status if status >= 0xF0 else status & 0xF0
                size = _DATA_BYTES.get(high, 0 if status >= 0xF0 else 2)
                running = status if status < 0xF0 else running
                chunk[at + size - 1]  # raises if it is cut off
            else:
                return events, False
            events.append(Event(tick, kind, chunk[at : at + size]))
            at += size
            if kind == END_OF_TRACK and not exact:
                return events, True
    except IndexError:
        return events, False
    return events, exact


def _number(chunk: bytes, at: int) -> tuple[int, int]:
    """Return a number of variable length and the place after it. Raises IndexError."""
    number = 0
    while True:
        byte = chunk[at]
        number, at = number << 7 | byte & 0x7F, at + 1
        if byte < 0x80:
            return number, at


def _score(title: str, tracks: Sequence[list[Event]], ticks: int) -> Score:
    """Return the score of tracks that sound together."""
    score = Score(title, [], 0.0, performed=True)
    said: dict[int, dict[int, bytes]] = {kind: {} for kind in (TEMPO, METRE, KEY)}
    for track in reversed(tracks):  # at one tick the first track counts, and its last event
        for tick, kind, data in track:
            if kind in said:
                said[kind][tick] = data
    words = defaultdict(list)  # one list for each track and kind: lyrics are not chords
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


def _read_track(score: Score, track: list[Event], ticks: int, number: int, alone: bool) -> bool:
    """Add a track's channels to the score's parts; return whether it has drums."""
    name = next((_text(data) for _, kind, data in track if kind == TRACK_NAME and _text(data)), "")
    notes = _notes(track, ticks)
    programs: dict[int, int] = {}
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


def _notes(track: list[Event], ticks: int) -> dict[int, list[Note]]:
    """Return the notes of each channel.

    A note ends when its pitch is struck again. Its own end may come later; that end ends nothing
    else, unless the pitch has fewer ends than beginnings. A note that never ends, or ends as it
    begins (some programs write the end first), lasts until the next note starts.
    """
    spans: dict[int, list[list[int]]] = defaultdict(list)  # channel -> start, end, pitch, velocity
    held: dict[Key, list[int]] = {}  # the span that sounds
    owed: Counter[Key] = Counter()  # ends still to come
    early: dict[Key, int] = {}  # when an end came that belonged to no note
    struck = [_struck(event) for event in track]
    unended = Counter(key for key, begins in filter(None, struck) if begins)
    unended.subtract(key for key, begins in filter(None, struck) if not begins)
    for (tick, _, data), one in zip(track, struck, strict=True):
        if one is None:
            continue
        key, begins = one
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


def _struck(event: Event) -> tuple[Key, bool] | None:
    """Return (channel, pitch) and whether a note begins, for an event that begins or ends one."""
    if not 0x80 <= event.kind < 0xA0:
        return None
    begins = event.kind >= 0x90 and event.data[1] > 0
    return (event.kind & 15, min(event.data[0], 127)), begins


def _lasting(spans: Iterable[list[int]], last: int, ticks: int) -> list[Note]:
    """Return spans as notes; one without a length lasts until the next onset, or the end."""
    spans = list(spans)
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


def _in_force(
    said: Mapping[int, bytes], tick: float, meaning: Callable[[bytes], T | None]
) -> T | None:
    """Return the meaning of the last event up to a tick; None if there is no such event."""
    values = [(at, meaning(data)) for at, data in sorted(said.items()) if at <= tick]
    return next((value for _, value in reversed(values) if value), None)


def _tempo(data: bytes) -> float | None:
    """Return quarter notes a minute."""
    microseconds = int.from_bytes(data, "big") if len(data) == 3 else 0
    return round(60e6 / microseconds, 2) if microseconds else None


def _metre(data: bytes) -> tuple[float, str] | None:
    """Return how many quarter notes a bar has, and the metre's name."""
    if len(data) < 2 or not data[0] or data[1] > 6:
        return None
    return 4.0 * data[0] / 2 ** data[1], f"{data[0]}/{2 ** data[1]}"


def _key(data: bytes) -> str | None:
    if len(data) < 2 or data[1] > 1:
        return None
    sharps = int.from_bytes(data[:1], "big", signed=True)
    return key_name(sharps, bool(data[1])) if abs(sharps) <= 7 else None


def _chords(
    marks: Sequence[tuple[float, str]], length: float, ends: Iterable[float]
) -> tuple[Chord, ...]:
    """Return the chords that marks name, or none if they are something else (words, "Verse")."""
    named = [(time, text) for time, text in sorted(marks) if text]
    simplified = [(time, simplify(text)) for time, text in named]
    known = [(time, symbol) for time, symbol in simplified if symbol]
    letters_only = all(len(text) == 1 for _, text in named)
    if letters_only or len(known) < 0.8 * len(named):
        return ()
    length = max(length, *ends, *(time for time, _ in marks))
    following = [time for time, _ in known[1:]] + [length]
    return tuple(
        Chord(time, end - time, symbol)
        for (time, symbol), end in zip(known, following, strict=True)
        if end > time
    )
