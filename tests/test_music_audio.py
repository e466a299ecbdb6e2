"""The sound of a tune, measured."""

from __future__ import annotations

import io
import wave
from dataclasses import replace
from html import escape

import numpy as np
import pytest
from IPython.display import Audio

from course_utils.music.notes import Tune
from course_utils.music.playing import (
    BASS,
    CHORDS,
    MELODY,
    PEAK,
    RATE,
    TIMBRES,
    play,
    synthesize,
    to_wav,
    tone,
)
from tests.music_tunes import TUNES, changes, notes, silent

TITLES = pytest.mark.parametrize("tune", TUNES.values(), ids=TUNES)
SPARSE = Tune(
    "Steps", "C", notes((0, 1, 48), (2, 1, 60), (4, 1, 69), (6, 1, 76), (8, 1, 84)), (), 10
)


def loudness(sound):
    return float(np.sqrt(np.mean(sound**2)))


def fundamental(sound, rate=RATE):
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 16 * len(sound)))
    return spectrum.argmax() * rate / (16 * len(sound))


@TITLES
def test_a_tune_sounds_and_never_clips(tune):
    sound = synthesize(tune)
    assert sound.dtype == np.float64 and sound.ndim == 1
    assert np.isclose(np.abs(sound).max(), PEAK) and PEAK < 1
    assert loudness(sound) > 0.05


@TITLES
def test_a_tune_lasts_as_long_as_its_bars(tune):
    written = tune.length * 60 / tune.tempo
    assert written <= len(synthesize(tune)) / RATE <= written + 0.15


def test_every_note_has_its_pitch_within_one_percent():
    sound = synthesize(SPARSE)
    for note in SPARSE.melody:
        start, end = (round(time * 0.5 * RATE) for time in (note.start + 0.1, note.end))
        expected = 440 * 2 ** ((note.pitch - 69) / 12)
        assert abs(fundamental(sound[start:end]) / expected - 1) < 0.01


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050])
def test_the_pitch_does_not_depend_on_the_rate(rate):
    sound = tone(440.0, 0.5, rate, TIMBRES[MELODY])
    assert abs(fundamental(sound, rate) / 440 - 1) < 0.01


def test_notes_begin_when_they_should_and_then_fade():
    sound = synthesize(SPARSE)
    window = RATE // 100
    energy = np.add.reduceat(sound**2, np.arange(0, len(sound), window))  # one a 100th of a second
    loud = energy > 1e-3 * energy.max()
    begins = np.flatnonzero(loud & ~np.concatenate([[False], loud[:-1]])) / 100
    assert np.allclose(begins, [0.5 * note.start for note in SPARSE.melody], atol=0.025)
    for note in SPARSE.melody:
        assert not loud[
            round(100 * (0.5 * note.end + 0.1)) : round(50 * (note.start + 2)) - 2
        ].any()


def test_chords_and_bass_are_quieter_than_the_melody():
    hertz = {MELODY: 440.0, CHORDS: 220.0, BASS: 55.0}
    level = {name: loudness(tone(hertz[name], 1, RATE, timbre)) for name, timbre in TIMBRES.items()}
    assert level[CHORDS] < level[BASS] < level[MELODY]
    tune = TUNES["Blue Kettle"]
    alone = loudness(synthesize(replace(tune, chords=())))
    both = synthesize(tune)
    assert loudness(both) < 1.3 * alone  # chords and bass add to the melody without covering it
    rest = both[round(12.05 * 0.5 * RATE) : round(12.4 * 0.5 * RATE)]  # the melody pauses
    assert 0.05 < loudness(rest) / loudness(both) < 0.75


def test_no_harmonic_folds_back():
    sound = tone(1500.0, 0.5, 8000, TIMBRES[MELODY])  # harmonics at 3,000, and 4,500 if it could
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    hertz = np.fft.rfftfreq(len(sound), 1 / 8000)
    wanted = (np.abs(hertz - 1500) < 100) | (np.abs(hertz - 3000) < 100)
    assert spectrum[~wanted].max() < 0.01 * spectrum.max()


def test_a_note_neither_begins_nor_ends_with_a_click():
    sound = np.abs(tone(440.0, 0.5, RATE, TIMBRES[MELODY]))
    edge = round(0.002 * RATE)
    assert sound[:edge].max() < 0.25 * sound.max()
    assert sound[-edge:].max() < 0.05 * sound.max()


def test_a_player_holds_a_small_wav_file_and_says_what_it_plays():
    tune = TUNES["Blue Kettle"]
    player = play(tune)
    assert isinstance(player, Audio)
    with wave.open(io.BytesIO(player.data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767
    assert np.allclose(frames, synthesize(tune), atol=1e-4)
    page = player._repr_html_()
    assert len(page) < 750_000  # twelve bars, 24 seconds
    assert page.count("<audio aria-label=") == 1
    assert escape("Blue Kettle: B♭ major") in page
    assert "recording of Blue Kettle" in repr(player)
    assert "autoplay" not in page and "autoplay" in play(tune, autoplay=True)._repr_html_()


def test_a_title_cannot_break_out_of_the_label():
    page = play(replace(TUNES["Low Door"], title='"><script>'))._repr_html_()
    assert "<script>" not in page


@TITLES
def test_the_same_tune_gives_the_same_bytes(tune):
    assert play(tune).data == play(replace(tune)).data


def test_silence_and_full_scale_fit_a_wav_file():
    data = to_wav(np.array([0.0, 1.0, -1.0]))
    assert np.frombuffer(data[-6:], "<i2").tolist() == [0, 32767, -32767]


def test_an_empty_melody_is_refused():
    with pytest.raises(ValueError, match="no notes in its melody"):
        play(silent())


def test_chords_may_outlast_the_melody():
    tune = Tune("x", "C", notes((0, 1, 60)), changes("C F", 4), 8)
    assert len(synthesize(tune)) / RATE >= 4
