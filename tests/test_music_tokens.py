"""Tokens: relative to the chord, invertible, numbered in sorted order; windows shifted by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.authoring.jazz import moved
from course_utils.music.notes import QUALITIES, Chord, Note, Tune, steps
from course_utils.music.tokens import (
    batches,
    decode,
    duration_of,
    encode,
    one_hot,
    pair_perplexity,
    prepare,
    vocabulary,
)
from course_utils.music_utils import load_corpus

NO_MARKS = str.maketrans("", "", "+-")


@pytest.fixture(scope="module")
def corpus():
    return load_corpus()


def line(notes):
    return [(steps(note.start), steps(note.duration), note.pitch) for note in notes]


def tune(pitches, symbol="C7", key="C", duration=1.0):
    notes = tuple(Note(i * duration, duration, pitch) for i, pitch in enumerate(pitches))
    length = len(pitches) * duration
    return Tune("a tune", key, notes, (Chord(0, length, symbol),) if symbol else (), length)


def test_tokens_name_degrees_of_the_chord_and_durations():
    assert encode(tune([72, 74, 76, 79])) == ["|", "1:1", "2:1", "3:1", "5:1"]
    assert encode(tune([72, 73, 82], duration=0.5)) == ["|", "1:1/2", "#1:1/2", "7+:1/2"]
    assert encode(tune([72, 75], "Cm7", duration=1 / 3)) == ["|", "1:1/3", "3:1/3"]


def test_the_first_note_tells_its_octave():
    assert encode(tune([60, 62])) == ["|", "1-:1", "2:1"]
    assert encode(tune([84, 72])) == ["|", "1+:1", "1-:1"]


def test_the_same_tokens_mean_the_same_in_every_key_and_quality():
    one = encode(tune([72, 74, 76, 79]))
    assert encode(tune([65, 67, 69, 72], "F7")) == one
    assert encode(tune([62, 64, 65, 69], "Dm7")) == one


def test_without_chords_degrees_are_the_keys():
    assert encode(tune([67, 71], None, "G")) == ["|", "1:1", "3:1"]
    assert encode(tune([69, 72], None, "a")) == ["|", "1:1", "3:1"]
    assert [n.pitch for n in decode(["1:1", "3:1"], (), 69, "a")] == [69, 72]
    assert [n.pitch for n in decode(["1:1"], (), 70, "Bb")] == [70]


def test_bar_lines_stand_before_what_starts_in_a_bar():
    assert encode(tune([72] * 6)) == ["|", *["1:1"] * 4, "|", "1:1", "1:1"]
    assert encode(tune([72] * 3, duration=3.0)) == ["|", "1:3", "1:3", "|", "1:3"]
    assert encode(replace(tune([72] * 4), beats_per_bar=3.0))[4] == "|"
    bare = decode(["1:1", "2:1"], (), 60)
    assert decode(["|", "1:1", "|", "|", "2:1", "|"], (), 60) == bare


def test_rests_end_at_bar_lines():
    silent = replace(tune([72]), melody=(Note(6.5, 0.5, 72),))
    assert encode(silent) == ["|", "R:4", "|", "R:5/2", "1:1/2"]
    assert encode(replace(silent, melody=())) == []


def test_the_corpus_comes_back_exactly(corpus):
    for one in corpus:
        back = decode(encode(one), one.chords, key=one.key)
        assert line(back) == line(one.melody)


def test_a_moved_corpus_has_the_same_tokens_but_for_its_first_octave(corpus):
    for one in corpus:
        chords = tuple(replace(c, symbol=moved(c.symbol, 3)) for c in one.chords)
        melody = tuple(replace(note, pitch=note.pitch + 3) for note in one.melody)
        there, here = encode(replace(one, chords=chords, melody=melody)), encode(one)
        first = next(i for i, token in enumerate(here) if token[0] not in "|R")
        assert there[:first] + there[first + 1 :] == here[:first] + here[first + 1 :]
        assert there[first].translate(NO_MARKS) == here[first].translate(NO_MARKS)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 30), st.integers(21, 108)), min_size=1),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(sorted(QUALITIES))), max_size=9),
)
def test_any_line_on_the_grid_comes_back(played, named):
    now, notes = 0, []
    for rest, length, pitch in played:
        notes.append(Note((now + rest) / 12, length / 12, pitch))
        now += rest + length
    chords = [
        Chord(3.0 * i, 2.5, moved("C" + quality, root)) for i, (root, quality) in enumerate(named)
    ]
    one = Tune("any", "Eb", tuple(notes), tuple(chords), now / 12)
    back = decode(encode(one), chords, key="Eb", lowest=0, highest=127)
    assert line(back) == line(notes)


def test_notes_out_of_range_move_by_octaves():
    pitches = [note.pitch for note in decode(["1+:1"] * 4, (), 72)]
    assert pitches == [84, 84, 84, 84]
    assert [note.pitch for note in decode(["1-:1"] * 3, (), 72)] == [60, 60, 60]


def test_a_degree_the_scale_lacks_wraps_round():
    assert [note.pitch % 12 for note in decode(["8:1", "7:1"], [Chord(0, 2, "C+")])] == [2, 0]


@pytest.mark.parametrize("wrong", ["", "5", "0:1", "5:1/2 ", "5+-:1", "R#:1", "5:0.5", "b3:1"])
def test_what_is_no_token_is_named(wrong):
    with pytest.raises(ValueError, match="is not a token: expected one like"):
        decode(["1:1", wrong])


def test_durations():
    assert [float(duration_of(token)) for token in ("R:2", "5:1/2", "#1-:3/2", "|")] == [
        2,
        0.5,
        1.5,
        0,
    ]


def test_a_token_is_numbered_by_sorted_order(corpus):
    values = vocabulary(map(encode, corpus))
    assert values == sorted(set(values))
    assert values == prepare(corpus)[3] == vocabulary(map(encode, reversed(corpus)))


def test_windows_are_distinct_and_targets_are_one_step_ahead(corpus):
    X, Y, n_values, values = prepare(corpus, T_x=30, m=60, seed=3)
    assert X.shape == (60, 30, n_values) and Y.shape == (30, 60, n_values)
    assert X.dtype == Y.dtype == np.float32 and n_values == len(values)
    assert (X.sum(axis=2) == 1).all() and (Y.sum(axis=2) == 1).all()
    assert (X[:, 1:] == Y.transpose(1, 0, 2)[:, :-1]).all()
    numbers = X.argmax(axis=2)
    whole = np.concatenate([numbers, Y[-1].argmax(axis=1)[:, None]], axis=1)  # (60, 31)
    assert len(np.unique(whole, axis=0)) == 60
    joined = [" ".join(encode(one)) + " " for one in corpus]
    for window in whole:
        assert any(" ".join(values[i] for i in window) + " " in melody for melody in joined)


def test_windows_are_drawn_by_the_seed(corpus):
    assert (prepare(corpus, m=9, seed=1)[0] == prepare(corpus, m=9, seed=1)[0]).all()
    assert (prepare(corpus, m=9, seed=1)[0] != prepare(corpus, m=9, seed=2)[0]).any()


def test_held_out_tunes_are_numbered_by_the_same_vocabulary(corpus):
    values = vocabulary(map(encode, corpus))
    X, _, n_values, same = prepare(corpus[-1:], T_x=5, values=values)
    assert same == values and X.shape[-1] == n_values == len(values)
    assert values[X[0, 0].argmax()] in encode(corpus[-1])
    with pytest.raises(ValueError, match="has no token"):
        prepare(corpus[-1:], T_x=5, values=values[:3])


def test_batches_are_windows_with_their_targets(corpus):
    X, Y, n_values, _ = prepare(corpus, T_x=4, m=7)
    (seen, a0, c0), targets = next(batches(X, Y, 5, 3))
    assert seen.shape == (5, 4, n_values) and a0.shape == c0.shape == (5, 3) and not a0.any()
    assert len(targets) == 4 and (np.stack(targets)[:-1].transpose(1, 0, 2) == seen[:, 1:]).all()
    _, together = next(batches(X, Y, 5, 3, stepwise=False))
    assert (together == np.stack(targets, axis=1)).all()


def test_pairs_that_always_follow_are_hardly_in_doubt():
    X, Y, n_values, _ = prepare([tune([72, 74] * 8)], T_x=3)
    assert 1 < pair_perplexity(X, Y, X, Y) < 2
    alike = np.ones_like(X) / n_values
    none = np.zeros_like(Y)
    assert pair_perplexity(alike, none, X, Y) == pytest.approx(n_values)


def test_all_windows_there_are():
    one = tune([72, 74, 76, 72, 74, 76, 72, 74])  # | 1 2 3 1 | 2 3 1 2: five windows of six
    X, Y, n_values, values = prepare([one, one], T_x=5)
    assert X.shape == (5, 5, 4) and Y.shape == (5, 5, 4)
    assert values == ["1:1", "2:1", "3:1", "|"]


def test_too_short_a_corpus_says_what_it_has_and_needs():
    with pytest.raises(ValueError, match="T_x=30 steps needs 31 tokens, .* of 1 tunes has 3"):
        prepare([tune([60, 62])])
    with pytest.raises(ValueError, match="0 tunes has 0"):
        prepare([])
    with pytest.raises(ValueError, match="m=5 windows asked for, .* have 2 distinct"):
        prepare([tune([60, 62])], T_x=1, m=5)
    with pytest.raises(ValueError, match="T_x=0"):
        prepare([tune([60, 62])], T_x=0)


def test_one_hot():
    assert (one_hot(np.array([[1], [0]]), 2) == [[[0, 1]], [[1, 0]]]).all()
