"""Play a tune: as a MIDI file, and as sound from a small synthesiser that plays that very file.

A tune gives the same bytes every time.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import Audio

from .arranging import swung
from .names import describe, is_minor, metre, need_melody, tonic
from .notes import Chord, Note, Tune

TICKS = 480  # a quarter note: halves, thirds and sixteenths are whole numbers of ticks
MELODY, CHORDS, BASS = "Melody", "Chords", "Bass"
_PROGRAMS = {MELODY: 11, CHORDS: 4, BASS: 32}  # General MIDI: vibraphone, electric piano, bass
_LOWEST, _HIGHEST = 48, 72  # chords lie between C3 and C5
_CENTRE = 60

# A notebook keeps what it plays, and a second at this rate is 22 kB. It carries sound up to
# 5.5 kHz: the highest note here, C6 (1 kHz), still has its five harmonics.
RATE = 11_025
PEAK = 0.89  # one decibel below the loudest a file can hold
_ATTACK, _RELEASE = 0.012, 0.07  # seconds in which a note grows and fades, so that none clicks


@dataclass(frozen=True)
class Timbre:
    """The sound of a part: how loud it is, its harmonics, and how fast a note dies away."""

    gain: float
    harmonics: tuple[float, ...]
    decay: float  # a second; the k-th harmonic decays faster, by the root of k


TIMBRES = {
    MELODY: Timbre(1.0, (1.0, 0.5, 0.28, 0.12, 0.06), 1.1),
    CHORDS: Timbre(0.34, (1.0, 0.3, 0.1), 1.6),
    BASS: Timbre(0.5, (1.0, 0.6, 0.3, 0.12), 1.8),
}


class Recording(Audio):
    """A player for a notebook that also says in words what it plays."""

    def __init__(self, data: bytes, said: str, **more: Any) -> None:
        self.said = said
        super().__init__(data=data, **more)

    def __repr__(self) -> str:
        return f"<recording of {self.said}>"

    def _repr_html_(self) -> str:
        label = f'<audio aria-label="{escape(f"Recording of {self.said}")}" '
        return super()._repr_html_().replace("<audio", label, 1)


def play(tune: Tune, rate: int = RATE, swing: bool = True, *, autoplay: bool = False) -> Recording:
    """Return a player of the tune, which a notebook shows.

    Raises ValueError for a tune without a melody.
    """
    sound = to_wav(synthesize(tune, rate, swing), rate)
    return Recording(sound, describe(tune), autoplay=autoplay)


def write_midi(tune: Tune, path: str | Path = "my_music.mid", swing: bool = True) -> Path:
    """Write the tune as a MIDI file, and return its path."""
    path = Path(path)
    path.write_bytes(to_midi(tune, swing))
    return path


def to_midi(tune: Tune, swing: bool = True) -> bytes:
    """Return the tune as a MIDI file of type 1: a conductor's track, melody, chords and bass.

    With `swing`, off-beat eighths are played where `tune.swing` says, otherwise in the middle.
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


def parts(tune: Tune) -> dict[str, tuple[Note, ...]]:
    """Return what is played: the melody, the chords in full and the bass, as straight notes."""
    chords, bass = [], []
    voicings = voice([chord.tones for chord in tune.chords])
    for chord, pitches in zip(tune.chords, voicings, strict=True):
        for start, end in pairwise(_strikes(chord, tune.beats_per_bar)):
            chords += [Note(start, end - start, pitch, 60) for pitch in pitches]
        strikes = _strikes(chord, 2.0)  # two to a bar of 4/4, root and fifth in turn
        for i, (start, end) in enumerate(pairwise(strikes)):
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
    """List when a chord is struck, then its end: at its start and each multiple of `every`."""
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


def _conductor(tune: Tune, when: Callable[[float], float]) -> Any:
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


def _track(name: str, notes: Iterable[Note], channel: int, when: Callable[[float], float]) -> Any:
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
    sounds.sort(key=lambda sound: sound[:3])  # at one tick, notes stop before others start
    return _timed([*opening, *((tick, message) for tick, _, _, message in sounds)])


def _timed(events: Sequence[tuple[int, Any]]) -> Any:
    """Make a track of messages with times, in ticks, from the start."""
    import mido

    ticks = [0, *(tick for tick, _ in events)]
    return mido.MidiTrack(
        message.copy(time=tick - before)
        for (tick, message), before in zip(events, ticks[:-1], strict=True)
    )


def _tick(time: float) -> int:
    return round(time * TICKS)


def synthesize(tune: Tune, rate: int = RATE, swing: bool = True) -> np.ndarray:
    """Return the sound of the tune: float64, (samples,), between -PEAK and PEAK.

    It lasts until the tune is over and the last note has faded. Raises ValueError for a tune
    without a melody.
    """
    import pretty_midi

    instruments = pretty_midi.PrettyMIDI(io.BytesIO(to_midi(tune, swing))).instruments
    last = max(note.end for part in instruments for note in part.notes)
    seconds = max(last, tune.length * 60 / tune.tempo) + _RELEASE
    sound = np.zeros(round(seconds * rate) + 1)
    for part in instruments:
        for note in part.notes:
            pitch = pretty_midi.note_number_to_hz(note.pitch)
            one = tone(pitch, note.end - note.start, rate, TIMBRES[part.name])
            start = round(note.start * rate)
            one = one[: len(sound) - start]
            sound[start : start + len(one)] += note.velocity / 127 * one
    return sound * (PEAK / np.abs(sound).max())


def tone(frequency: float, seconds: float, rate: int, timbre: Timbre) -> np.ndarray:
    """Return one note of `frequency` Hz: float64, (samples,), fading after `seconds`."""
    time = np.arange(round((seconds + _RELEASE) * rate)) / rate
    sound = np.zeros_like(time)
    for k, strength in enumerate(timbre.harmonics, 1):
        if k * frequency < rate / 2:  # a higher one would fold back as a wrong note
            decay = np.exp(-timbre.decay * np.sqrt(k) * time)
            sound += strength * decay * np.sin(2 * np.pi * k * frequency * time)
    fade = np.clip((seconds + _RELEASE - time) / _RELEASE, 0, 1)
    return timbre.gain * sound * np.minimum(time / _ATTACK, 1) * fade


def to_wav(sound: np.ndarray, rate: int = RATE) -> bytes:
    """Return a sound between -1 and 1, (samples,), as a WAV file: one channel of 16 bits."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(sound * 32767).astype("<i2").tobytes())
    return out.getvalue()
