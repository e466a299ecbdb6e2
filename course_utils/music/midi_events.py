"""Read the chunks and events of a Standard MIDI File, as tolerantly as players do.

mido gives up on a whole file for one event it can't decode (a key of eight sharps, a tempo that is
too short), for an unknown chunk or a wrong length, and drops the time before an unknown meta
event. Here an event is bytes at a time, and what it means is left to the caller.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from course_utils.music.melody import NoMelody

META = 0xFF00  # added to the type of a meta event
TEXT, TRACK_NAME, MARKER = META + 1, META + 3, META + 6
END_OF_TRACK, TEMPO, METRE, KEY = META + 0x2F, META + 0x51, META + 0x58, META + 0x59
_DATA_BYTES = {0xC0: 1, 0xD0: 1, 0xF1: 1, 0xF2: 2, 0xF3: 1}  # other channel messages have two


class Event(NamedTuple):
    """What happens at a tick: a status byte, or META and a type, with its data."""

    tick: int
    kind: int
    data: bytes


class MidiFile(NamedTuple):
    """Tracks of events. `kind` (0 to 2), `promised` and `division` are what the header says.

    `broken` counts the tracks that are cut short or damaged.
    """

    kind: int
    promised: int
    division: int
    tracks: list[list[Event]]
    broken: int


def parse_midi(data: bytes) -> MidiFile:
    """Return everything readable in a file, whatever surrounds it (RIFF, other chunks, padding).

    Raises NoMelody if there is no header or no track.
    """
    before, *rest = data.split(b"MThd", 2)  # a second file behind the first is not read
    if not rest and before:
        raise NoMelody(f"it is not a MIDI file: it begins with {before[:16]!r}")
    data = rest[0] if rest else b""
    at = data.find(b"MTrk")
    if at < 10:
        raise NoMelody("it is empty or cut short, before its first track: get the file again")
    header = struct.unpack(">HHH", data[4:10])
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
    return MidiFile(*header, tracks, broken)


def _is_boundary(data: bytes, at: int) -> bool:
    """Return True if the file ends here, or a chunk begins, so that a length can be trusted."""
    name, size = data[at : at + 4], data[at + 4 : at + 8]
    if at >= len(data) or name == b"MTrk":
        return at == len(data) or name == b"MTrk"
    return name.isalpha() and at + 8 + int.from_bytes(size, "big") <= len(data)


def _events(chunk: bytes, exact: bool) -> tuple[list[Event], bool]:
    """Return a track's events, and whether they are whole.

    Where the chunk's length is not `exact`, the end-of-track event ends it.
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
    """Return a number of variable length, and where the bytes go on. Raises IndexError."""
    number = 0
    while True:
        byte = chunk[at]
        number, at = number << 7 | byte & 0x7F, at + 1
        if byte < 0x80:
            return number, at
