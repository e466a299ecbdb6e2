"""Read a MIDI file as a score: its tracks and channels, and what it says of key and metre."""

from __future__ import annotations

from pathlib import Path

from course_utils.music_harmony import simplify
from course_utils.music_notes import Chord, Note
from course_utils.music_reading import NoMelody, Part, Score

_DRUMS = 9
_LONGEST = 20_000  # quarter notes: well over two hours


def read_midi(path: Path) -> Score:
    """Return the score of a MIDI file, of any type, drums left out.

    Raises NoMelody for what is no MIDI file, is cut short or is damaged.
    """
    import mido

    try:
        file = mido.MidiFile(path, charset="utf-8", clip=True)
        ticks = file.ticks_per_beat
    except EOFError:
        raise NoMelody("it is empty or cut short: get the file again") from None
    except Exception as error:  # mido raises whatever the damage leads to, even IndexError
        raise NoMelody(f"it is no MIDI file, or is damaged ({error or 'unreadable'})") from None
    if ticks <= 0 or ticks >= 0x8000:
        raise NoMelody("its times are in film frames, not in beats: export it in beats")
    score = Score(path.stem.replace("_", " "), [], 0.0, performed=True)
    marks: list[tuple[float, str]] = []
    for number, track in enumerate(file.tracks):
        _read_track(score, marks, track, ticks, number, alone=len(file.tracks) == 1)
    score.length = max((n.end for part in score.parts for n in part.notes), default=0.0)
    if score.length > _LONGEST:
        raise NoMelody(f"it would last {score.length:,.0f} quarter notes, so its times are damaged")
    score.chords = _chords(marks, score.length)
    if score.chords:
        score.length = score.chords[-1].end
    bars = -(-(score.length - 1e-6) // score.beats_per_bar)
    score.length = float(bars * score.beats_per_bar)
    if score.chords and score.chords[-1].end < score.length:
        last = score.chords[-1]
        score.chords = (
            *score.chords[:-1],
            Chord(last.start, score.length - last.start, last.symbol),
        )
    return score


def _read_track(score, marks, track, ticks, number, alone):
    """Add a track's channels to the score, and what it says to the score or to `marks`."""
    now, name, programs = 0, "", {}
    held: dict[tuple[int, int], tuple[int, int]] = {}  # (channel, pitch) -> (tick, velocity)
    notes: dict[int, list[Note]] = {}
    seen = set()

    def close(channel, pitch):
        start, velocity = held.pop((channel, pitch))
        if now > start:
            note = Note(start / ticks, (now - start) / ticks, pitch, velocity)
            notes.setdefault(channel, []).append(note)

    for message in track:
        now += message.time
        kind = message.type
        if kind in ("note_on", "note_off") and message.channel != _DRUMS:
            key = (message.channel, message.note)
            if key in held:
                close(*key)
            if kind == "note_on" and message.velocity:
                held[key] = (now, message.velocity)
        elif kind == "program_change":
            programs.setdefault(message.channel, message.program)
        elif kind == "track_name":
            name = name or message.name.strip("\0 ")
        elif kind in ("marker", "text"):
            marks.append((now / ticks, message.text))
        elif kind == "end_of_track" and number == 0:
            marks.append((now / ticks, ""))
        elif kind not in seen:  # the first counts
            seen.add(kind)
            _say(score, message)
    for key in list(held):
        close(*key)
    if number == 0 and not notes and name:
        score.title = name
    for channel, played in sorted(notes.items()):
        title = name if name and len(notes) == 1 and not alone else f"{name} channel {channel + 1}"
        score.parts.append(Part(title.strip(), played, programs.get(channel)))


def _say(score, message):
    """Take over what a meta message says of the whole score."""
    if message.type == "set_tempo" and message.tempo:
        score.tempo = round(60e6 / message.tempo, 2)
    elif message.type == "time_signature":
        score.beats_per_bar = 4.0 * message.numerator / message.denominator
    elif message.type == "key_signature":
        name = message.key.rstrip("m")
        score.key = name[0].lower() + name[1:] if message.key.endswith("m") else name


def _chords(marks, length) -> tuple[Chord, ...]:
    """Return the chords that marks name, unless they are something else (words, "A", "Verse")."""
    named = [(time, text.strip()) for time, text in sorted(marks) if text.strip()]
    known = [(time, simplify(text)) for time, text in named]
    letters_only = all(len(text) == 1 for _, text in named)
    if letters_only or sum(symbol is not None for _, symbol in known) < 0.8 * len(known):
        return ()
    known = [(time, symbol) for time, symbol in known if symbol]
    length = max(length, *(time for time, _ in marks))
    ends = [time for time, _ in known[1:]] + [length]
    return tuple(
        Chord(time, end - time, symbol)
        for (time, symbol), end in zip(known, ends, strict=True)
        if end > time
    )
