"""Hear a tune: a small synthesiser in NumPy that plays the very notes of its MIDI file."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from html import escape

import numpy as np
from IPython.display import Audio

from .midi_writing import BASS, CHORDS, MELODY, to_midi
from .names import describe
from .notes import Tune

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

    def __init__(self, data: bytes, said: str, **more):
        self.said = said
        super().__init__(data=data, **more)

    def __repr__(self) -> str:
        return f"<recording of {self.said}>"

    def _repr_html_(self) -> str:
        label = f'<audio aria-label="{escape(f"Recording of {self.said}")}" '
        return super()._repr_html_().replace("<audio", label, 1)


def play(tune: Tune, rate: int = RATE, swing: bool = True, *, autoplay: bool = False) -> Recording:
    """Return a player of the tune, to be shown by a notebook.

    Raises ValueError for a tune without a melody.
    """
    sound = to_wav(synthesize(tune, rate, swing), rate)
    return Recording(sound, describe(tune), autoplay=autoplay)


def synthesize(tune: Tune, rate: int = RATE, swing: bool = True) -> np.ndarray:
    """Return the sound of the tune: float64, (samples,), between -PEAK and PEAK.

    It lasts as long as the tune, and until the last note has faded. Raises ValueError for a tune
    without a melody.
    """
    import pretty_midi

    parts = pretty_midi.PrettyMIDI(io.BytesIO(to_midi(tune, swing))).instruments
    last = max(note.end for part in parts for note in part.notes)
    seconds = max(last, tune.length * 60 / tune.tempo) + _RELEASE
    sound = np.zeros(round(seconds * rate) + 1)
    for part in parts:
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
        if k * frequency < rate / 2:  # what lies above would fold back as a wrong note
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
