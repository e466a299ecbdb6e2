"""Tidying a generated solo: each step, and that doing it twice changes nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.music.arranging import (
    excerpt,
    in_range,
    limit_repeats,
    one_voice,
    quantise,
    resolve_clashes,
    tidy,
    within,
)
from course_utils.music.notes import Note, Tune
from tests.music_tunes import THIRD, TUNES, changes, notes

TIMES = st.floats(-1, 20, allow_nan=False)
NOTES = st.builds(Note, TIMES, st.floats(0, 5), st.integers(0, 127), st.integers(1, 127))
CHORDS = st.sampled_from(["", "Cmaj7 A7 Dm7 G7", "Bb7 Eb7 Edim7*2", "Bm7b5*4"])
MELODIES = st.builds(
    lambda melody, chords, length, beats: Tune(
        "x", "C", tuple(melody), changes(chords, beats), length, beats
    ),
    st.lists(NOTES, max_size=25),
    CHORDS,
    st.sampled_from([16.0, 12.0, 13.7]),
    st.sampled_from([4.0, 3.0, 3.5]),
)


@settings(deadline=None, max_examples=80)
@given(MELODIES)
def test_tidying_twice_is_tidying_once(tune):
    once = tidy(tune)
    assert tidy(once) == once


@settings(deadline=None, max_examples=80)
@given(MELODIES)
def test_a_tidy_tune_can_be_played_and_written(tune):
    tidied = tidy(tune, lowest=55, highest=79, repeats=2)
    assert replace(tidied, melody=()) == replace(tune, melody=())
    for note in tidied.melody:
        assert 55 <= note.pitch <= 79
        assert note.start >= 0 and note.end <= tune.length + 1e-9
        assert note.duration >= 0.25 - 1e-9
        for time in (note.start, note.end):
            assert min(abs(time * n - round(time * n)) for n in (3, 4)) < 1e-6
    for one, other in pairwise(tidied.melody):
        assert one.end <= other.start + 1e-9
    row = [note.pitch for note in tidied.melody]
    assert not any(len(set(row[i : i + 3])) == 1 for i in range(len(row) - 2))


@pytest.mark.parametrize("tune", TUNES.values(), ids=TUNES)
def test_a_tune_that_is_tidy_stays_as_it_is(tune):
    tidied = tidy(tune, lowest=30, highest=90)
    assert [(n.start, n.duration) for n in tidied.melody] == [
        (n.start, n.duration) for n in tune.melody
    ]
    assert [n.pitch for n in tidied.melody] == [n.pitch for n in tune.melody]


def test_a_beat_has_triplets_or_sixteenths_whichever_fit_best():
    played = notes(
        (0.02, 0.5, 60), (0.49, 0.53, 62), (1.0, 0.3, 64), (1.35, 0.3, 65), (1.65, 0.4, 67)
    )
    assert quantise(played) == notes(
        (0, 0.5, 60),
        (0.5, 0.5, 62),
        (1, THIRD, 64),
        (1 + THIRD, THIRD, 65),
        (5 / 3, THIRD, 67),
    )


def test_a_grid_of_halves_has_only_eighths():
    assert quantise(notes((0.3, 0.6, 60)), grid=(2,)) == notes((0.5, 0.5, 60))


def test_what_rounds_to_nothing_is_dropped():
    assert quantise(notes((0, 0.05, 60), (1, 1, 62))) == notes((1, 1, 62))


def test_notes_end_with_the_tune():
    assert within(notes((-1, 1, 60), (6, 4, 62), (8, 1, 64)), 8.0) == notes((6, 2, 62))


def test_notes_out_of_range_move_by_octaves():
    moved = in_range(notes((0, 1, 20), (1, 1, 60), (2, 1, 100)), 52, 84)
    assert [note.pitch for note in moved] == [56, 60, 76]


def test_the_highest_of_notes_that_start_together_stays():
    assert one_voice(notes((0, 2, 60), (0, 1, 64))) == notes((0, 1, 64))


def test_a_note_ends_where_the_next_starts():
    assert one_voice(notes((0, 3, 60), (1, 1, 64))) == notes((0, 1, 60), (1, 1, 64))


@pytest.mark.parametrize(
    ("start", "duration", "pitch", "expected"),
    [
        (0, 2, 61, 60),  # D flat held over C on the first beat: down to the root
        (2, 1, 66, 67),  # F sharp: up to the fifth, a semitone away
        (0, 0.5, 61, 61),  # short: colour
        (1, 2, 61, 61),  # on a weak beat: colour
        (0, 2, 62, 62),  # in the scale
        (0, 2, 70, 70),  # B flat: outside, but a whole tone from the nearest chord tone
        (4, 2, 61, 61),  # nothing sounds
    ],
)
def test_a_held_clash_on_a_strong_beat_moves_to_the_chord(start, duration, pitch, expected):
    tune = Tune("x", "C", (), changes("C", 4), 8)
    (note,) = resolve_clashes(notes((start, duration, pitch)), tune)
    assert note.pitch == expected


def test_a_clash_is_resolved_inside_the_range():
    tune = Tune("x", "C", (), changes("C", 4), 4)
    (note,) = resolve_clashes(notes((0, 2, 61)), tune, 61, 80)
    assert note.pitch == 64


def test_repeats_that_follow_at_once_become_one_long_note():
    row = notes(*((i / 2, 0.5, 60) for i in range(5)))
    assert limit_repeats(row, 3) == notes((0, 0.5, 60), (0.5, 0.5, 60), (1, 1.5, 60))


def test_repeats_after_a_rest_or_too_many_are_dropped():
    row = notes((0, 1, 60), (1, 1, 60), (3, 1, 60), (4, 1, 62), (5, 3, 62), (8, 2, 62))
    assert limit_repeats(row, 1) == notes((0, 2, 60), (4, 4, 62))


def test_a_tune_may_be_tidied_away():
    assert tidy(Tune("x", "C", notes((0, 0.01, 60)), (), 4)).melody == ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"grid": ()}, "into how many parts"),
        ({"grid": (4, 0)}, "into how many parts"),
        ({"lowest": 60, "highest": 65}, "less than an octave"),
        ({"repeats": 0}, "allow at least 1"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        tidy(TUNES["Low Door"], **wrong)


def test_an_excerpt_is_cut_at_its_bar_lines():
    tune = TUNES["Blue Kettle"]
    part = excerpt(tune, 2, first=2)
    assert part.length == 8
    assert part.melody[0] == Note(0, 1, 74)  # tied over from bar 1
    assert [(c.start, c.duration, c.symbol) for c in part.chords] == [(0, 4, "Eb7"), (4, 4, "Bb7")]
    assert excerpt(tune, 99).melody == tune.melody
    assert excerpt(tune, 12) == tune


@pytest.mark.parametrize(("bars", "first"), [(0, 1), (1, 0), (4, 13)])
def test_bars_that_there_are_not_are_refused(bars, first):
    with pytest.raises(ValueError, match="has bars 1 to 12"):
        excerpt(TUNES["Blue Kettle"], bars, first)
