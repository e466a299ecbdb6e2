"""Write a tune as a MIDI file: melody, voiced chords and bass, the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from .names import is_minor, metre, need_melody, tonic
from .notes import Chord, Note, Tune
from .swing import swung

TICKS = 480  # a quarter note: halves, thirds and sixteenths are whole numbers of ticks
MELODY, CHORDS, BASS = "Melody", "Chords", "Bass"
_PROGRAMS = {MELODY: 11, CHORDS: 4, BASS: 32}  # General MIDI: vibraphone, electric piano, bass
_LOWEST, _HIGHEST = 48, 72  # chords lie between C3 and C5
_CENTRE = 60


def to_midi(tune: Tune, swing: bool = True) -> bytes:
    """Return the tune as a MIDI file of type 1: a conductor's track, melody, chords and bass.

    With `swing`, eighths off the beat are played where `tune.swing` says, otherwise in the middle.
    The chord symbols are markers in the first track. Raises ValueError for an empty melody.
    """
    import mido

    need_melody(tune, "play")
    when = swung(tune) if swing else float
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS, charset="utf-8")
    file.tracks.append(_conductor(tune, when))
    for channel, (name, notes) in enumerate(parts(tune).items()):
        if notes:
            file.tracks.append(_track(name, notes, channel, when))
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def write_midi(tune: Tune, path: str | Path = "my_music.mid", swing: bool = True) -> Path:
    """Write the tune as a MIDI file, and return its path."""
    path = Path(path)
    path.write_bytes(to_midi(tune, swing))
    return path


def parts(tune: Tune) -> dict[str, tuple[Note, ...]]:
    """Return what is played: the melody, the chords in full and the bass, as straight notes."""
    chords, bass = [], []
    voicings = voice([chord.tones for chord in tune.chords])
    for chord, pitches in zip(tune.chords, voicings, strict=True):
        for start, end in pairwise(_strikes(chord, tune.beats_per_bar)):
            chords += [Note(start, end - start, pitch, 60) for pitch in pitches]
        steps = _strikes(chord, 2.0)  # two to a bar of 4/4, root and fifth in turn
        for i, (start, end) in enumerate(pairwise(steps)):
            tone = chord.root if i % 2 == 0 else chord.tones[2]
            bass.append(Note(start, end - start, 33 + (tone - 9) % 12, 70))  # from A1 up
    return {MELODY: tune.melody, CHORDS: tuple(chords), BASS: tuple(bass)}


def voice(chords: Iterable[Sequence[int]]) -> list[tuple[int, ...]]:
    """Choose the notes of chords, given as pitch classes, so that the hand moves little.

    Every chord is in close position, between C3 and C5, and as near as it can be to the one
    before it; the first is as near as it can be to middle C.
    """
    chosen: list[tuple[int, ...]] = []
    for tones in chords:
        tones = sorted(tones)
        turns = [tones[i:] + tones[:i] for i in range(len(tones))]
        stacks = [_stack(base, turn) for turn in turns for base in range(_LOWEST, _HIGHEST)]
        stacks = [stack for stack in stacks if stack and stack[-1] <= _HIGHEST]
        last = chosen[-1] if chosen else (_CENTRE,)
        chosen.append(min(stacks, key=lambda stack: (_distance(stack, last), _off_centre(stack))))
    return chosen


def _strikes(chord: Chord, every: float) -> list[float]:
    """List when a chord is struck, its end last: at first, then at each multiple of `every`."""
    first = int(chord.start // every) + 1
    later = [every * i for i in range(first, int(chord.end // every) + 1)]
    return [chord.start, *(time for time in later if time < chord.end), chord.end]


def _stack(base: int, tones: Sequence[int]) -> tuple[int, ...]:
    """Stack pitch classes upwards from a base pitch; empty if that is not the lowest of them."""
    return () if (base - tones[0]) % 12 else tuple(base + (t - tones[0]) % 12 for t in tones)


def _distance(one: Sequence[int], other: Sequence[int]) -> int:
    there = sum(min(abs(a - b) for b in other) for a in one)
    return there + sum(min(abs(a - b) for b in one) for a in other)


def _off_centre(pitches: Sequence[int]) -> float:
    return abs(sum(pitches) / len(pitches) - _CENTRE)


def _conductor(tune: Tune, when: Callable[[float], float]):
    import mido

    count, unit = metre(tune)
    key = tonic(tune.key) + ("m" if is_minor(tune.key) else "")
    events = [
        (0, mido.MetaMessage("track_name", name=tune.title)),
        (0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tune.tempo))),
        (0, mido.MetaMessage("time_signature", numerator=count, denominator=unit)),
        (0, mido.MetaMessage("key_signature", key=key)),
    ]
    for chord in sorted(tune.chords):
        events.append((_tick(when(chord.start)), mido.MetaMessage("marker", text=chord.symbol)))
    return _timed(events)


def _track(name: str, notes: Iterable[Note], channel: int, when: Callable[[float], float]):
    import mido

    opening = [
        (0, mido.MetaMessage("track_name", name=name)),
        (0, mido.Message("program_change", program=_PROGRAMS[name], channel=channel)),
    ]
    sounds = []
    for note in notes:
        start, end = _tick(when(note.start)), _tick(when(note.end))
        on = {"note": note.pitch, "channel": channel, "velocity": note.velocity}
        off = {"note": note.pitch, "channel": channel, "velocity": 0}
        sounds.append((start, 1, note.pitch, mido.Message("note_on", **on)))
        sounds.append((max(end, start + 1), 0, note.pitch, mido.Message("note_off", **off)))
    sounds.sort(key=lambda sound: sound[:3])  # at one tick, what stops comes before what starts
    return _timed([*opening, *((tick, message) for tick, _, _, message in sounds)])


def _timed(events: list[tuple[int, object]]):
    """Make a track of messages with times, in ticks, from the start."""
    import mido

    ticks = [0, *(tick for tick, _ in events)]
    return mido.MidiTrack(
        message.copy(time=tick - before)
        for (tick, message), before in zip(events, ticks[:-1], strict=True)
    )


def _tick(time: float) -> int:
    return round(time * TICKS)
