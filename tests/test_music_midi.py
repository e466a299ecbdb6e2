"""The MIDI files we write, read back by other programs."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import combinations, pairwise

import mido
import numpy as np
import pretty_midi
import pytest

from course_utils.music.arranging import swung
from course_utils.music.notes import Note, Tune
from course_utils.music.playing import BASS, CHORDS, MELODY, to_midi, voice, write_midi
from tests.music_tunes import TUNES, changes, notes, silent

TITLES = pytest.mark.parametrize("tune", TUNES.values(), ids=TUNES)


def read(tune, **how):
    parts = pretty_midi.PrettyMIDI(io.BytesIO(to_midi(tune, **how))).instruments
    return {part.name: sorted(part.notes, key=lambda n: (n.start, n.pitch)) for part in parts}


def meta(tune, kind):
    first = mido.MidiFile(file=io.BytesIO(to_midi(tune)), charset="utf-8").tracks[0]
    now, found = 0, []
    for message in first:
        now += message.time
        if message.type == kind:
            found.append((now, message))
    return found


@TITLES
def test_a_straight_melody_comes_back_in_seconds(tune):
    melody = read(tune, swing=False)[MELODY]
    beat = 60 / tune.tempo
    assert [note.pitch for note in melody] == [note.pitch for note in tune.melody]
    assert [note.velocity for note in melody] == [note.velocity for note in tune.melody]
    for name in ("start", "end"):
        got = [getattr(note, name) for note in melody]
        assert np.allclose(got, [beat * getattr(n, name) for n in tune.melody], atol=1e-3)


def test_swing_delays_eighths_off_the_beat_and_nothing_else():
    melody = read(TUNES["Blue Kettle"])[MELODY]
    starts = [note.start * 2 for note in melody]  # 120 quarters a minute
    assert np.allclose(starts[:7], [0, 2 / 3, 1, 5 / 3, 2, 3, 3 + 2 / 3], atol=2e-3)
    assert np.isclose(melody[0].end * 2, 2 / 3, atol=2e-3)
    for written in (8 + 1 / 3, 16.25, 16.5, 16.75):  # triplets and sixteenths
        assert np.isclose(starts, written, atol=2e-3).any()


def test_swing_keeps_the_order_of_times():
    when = swung(TUNES["Blue Kettle"])
    times = [i / 12 for i in range(12 * 48)]
    written = sorted(n.start for n in TUNES["Blue Kettle"].melody)
    assert all(when(a) < when(b) for a, b in pairwise(written))
    assert [when(time) for time in times if time % 1 == 0] == list(range(48))


def test_a_straight_tune_is_not_swung():
    assert to_midi(TUNES["Waltz for a Spoon"]) == to_midi(TUNES["Waltz for a Spoon"], swing=False)


@TITLES
def test_the_first_track_tells_title_tempo_metre_key_and_chords(tune):
    assert meta(tune, "track_name")[0][1].name == tune.title
    assert np.isclose(mido.tempo2bpm(meta(tune, "set_tempo")[0][1].tempo), tune.tempo)
    time = meta(tune, "time_signature")[0][1]
    assert 4 * time.numerator / time.denominator == tune.beats_per_bar
    keys = {"Bb": "Bb", "a": "Am", "F": "F"}
    assert meta(tune, "key_signature")[0][1].key == keys[tune.key]
    markers = [(tick / 480, message.text) for tick, message in meta(tune, "marker")]
    assert markers == [(chord.start, chord.symbol) for chord in tune.chords]


def test_the_file_is_of_type_1_with_a_track_for_each_part():
    file = mido.MidiFile(file=io.BytesIO(to_midi(TUNES["Blue Kettle"])))
    assert file.type == 1
    assert [track.name for track in file.tracks[1:]] == [MELODY, CHORDS, BASS]


@pytest.mark.parametrize("title", ["Blue Kettle", "Waltz for a Spoon"])
def test_chords_are_complete_in_the_middle_register_and_the_bass_has_their_roots(title):
    tune = TUNES[title]
    parts = read(tune, swing=False)
    beat = 60 / tune.tempo
    for chord in tune.chords:
        middle = beat * (chord.start + 0.1)
        sounding = {n.pitch for n in parts[CHORDS] if n.start <= middle < n.end}
        assert {pitch % 12 for pitch in sounding} == set(chord.tones)
        assert all(48 <= pitch <= 72 for pitch in sounding)
        (bass,) = (n.pitch for n in parts[BASS] if n.start <= middle < n.end)
        assert bass % 12 == chord.root and 33 <= bass < 45


def test_the_bass_goes_from_root_to_fifth():
    bass = read(TUNES["Blue Kettle"], swing=False)[BASS]
    assert [note.pitch % 12 for note in bass[:4]] == [
        10,
        5,
        3,
        10,
    ]  # B flat and F, E flat and B flat
    assert [note.start for note in bass[:4]] == [0, 1, 2, 3]


@pytest.mark.parametrize("text", ["Bb7 Eb7 Edim7 G7 Cm7 F7", "C D E F# G# Bb C D", "Am6 D F#m7b5"])
def test_no_other_voicing_is_nearer_to_the_chord_before(text):
    def moved(one, other):
        return sum(min(abs(a - b) for b in other) for a in one) + sum(
            min(abs(a - b) for b in one) for a in other
        )

    chords = [chord.tones for chord in changes(text, 4)]
    for tones, (before, chosen) in zip(chords[1:], pairwise(voice(chords)), strict=True):
        close = [
            stack
            for stack in combinations([p for p in range(48, 73) if p % 12 in tones], len(tones))
            if {p % 12 for p in stack} == set(tones) and stack[-1] - stack[0] < 12
        ]
        assert chosen in close
        assert moved(chosen, before) == min(moved(stack, before) for stack in close)


def test_every_quality_in_every_key_finds_a_voicing():
    from course_utils.music.notes import QUALITIES

    every = [
        tuple((root + step) % 12 for step in tones)
        for tones, _ in QUALITIES.values()
        for root in range(12)
    ]
    for tones, pitches in zip(every, voice(every), strict=True):
        assert {pitch % 12 for pitch in pitches} == set(tones)
        assert len(pitches) == len(tones) and min(pitches) >= 48 and max(pitches) <= 72


def test_a_repeated_note_is_struck_again():
    tune = Tune("x", "C", notes((0, 1, 60), (1, 1, 60)), (), 2)
    assert [note.start for note in read(tune)[MELODY]] == [0, 0.5]
    track = mido.MidiFile(file=io.BytesIO(to_midi(tune))).tracks[1]
    struck = [message.velocity > 0 for message in track if message.type.startswith("note")]
    assert struck == [True, False, True, False]  # it stops before it starts again


@TITLES
def test_the_same_tune_gives_the_same_bytes(tune, tmp_path):
    path = write_midi(tune, tmp_path / "my_music.mid")
    assert path.read_bytes() == to_midi(tune) == to_midi(replace(tune))


def test_a_title_may_have_any_letters():
    tune = replace(TUNES["Low Door"], title="Für B♭")
    assert meta(tune, "track_name")[0][1].name == "Für B♭"


def test_an_empty_melody_is_refused():
    with pytest.raises(ValueError, match="Nobody Home.*no notes in its melody"):
        to_midi(silent())


def test_an_unknown_chord_is_named():
    tune = Tune("x", "C", (Note(0, 1, 60),), changes("C13", 4), 4)
    with pytest.raises(ValueError, match="'C13'"):
        to_midi(tune)
