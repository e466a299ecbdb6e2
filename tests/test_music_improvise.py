"""Improvising: the NumPy step is Keras's, solos end with their chords, measures count rightly."""

from itertools import count

import numpy as np
import pytest

from course_utils.music.notes import Chord, Note, Tune
from course_utils.music.tokens import duration_of
from course_utils.music_utils import (
    as_tune,
    generate,
    improvise,
    longest_copy,
    share_copied,
    share_of_chord_tones,
    share_that_fits,
)

VALUES = ["1:1/2", "3:1", "5:1", "R:1"]
OVER = Tune("twelve quarters", "F", (), (Chord(0, 8, "F7"), Chord(8, 4, "Bb7")), 12.0, swing=2 / 3)


def weights(n=4, units=5, seed=0):
    random = np.random.default_rng(seed)
    cell = [random.normal(size=s) for s in ((n, 4 * units), (units, 4 * units), (4 * units,))]
    return cell, [random.normal(size=(units, n)), random.normal(size=n)]


@pytest.mark.slow
def test_it_draws_as_keras_predicts():
    import keras

    cell = keras.layers.LSTM(5, return_sequences=True)
    densor = keras.layers.Dense(4, activation="softmax")
    densor(cell(np.zeros((1, 3, 4), np.float32)))
    cell.set_weights(weights()[0])  # drawn wide, so that no two tokens are nearly as probable
    densor.set_weights(weights()[1])
    tokens = generate(cell, densor, VALUES, 30, temperature=1e-5, first="5:1")
    numbers = [VALUES.index(token) for token in tokens]
    probabilities = np.asarray(densor(cell(np.eye(4, dtype=np.float32)[[numbers]])))[0]
    assert numbers[1:] == list(probabilities.argmax(axis=1)[:-1])


def test_the_same_seed_draws_the_same():
    assert generate(*weights(), VALUES, 40, seed=1) == generate(*weights(), VALUES, 40, seed=1)
    assert generate(*weights(), VALUES, 40, seed=1) != generate(*weights(), VALUES, 40, seed=2)


def test_a_high_temperature_draws_all_alike():
    tokens = generate(*weights(), VALUES, 2000, temperature=1e6)
    shares = [tokens.count(value) / len(tokens) for value in VALUES]
    assert np.allclose(shares, 0.25, atol=0.04)


def test_it_fills_the_time_asked_for():
    tokens = generate(*weights(), VALUES, 12.0)
    lasts = [duration_of(token) for token in tokens]
    assert sum(lasts) >= 12 > sum(lasts[:-1])
    assert generate(*weights(), VALUES, 0) == []


def test_bar_lines_come_when_it_is_time():
    values = ["1:1", "5:3/2", "|"]
    tokens = generate(*weights(3), values, 16.0, first="5:3/2", beats_per_bar=3.0)
    assert tokens[:2] == ["|", "5:3/2"]
    now, due = 0, 0
    for token in tokens:
        assert (token == "|") == (now >= due)
        due = now - now % 3 + 3 if token == "|" else due
        now += duration_of(token)


def test_what_does_not_fit_is_said():
    with pytest.raises(ValueError, match="made for 4 tokens in and 4 out, .* has 3"):
        generate(*weights(), VALUES[:3], 8)
    with pytest.raises(ValueError, match="temperature=0: it must be above 0"):
        generate(*weights(), VALUES, 8, temperature=0)
    with pytest.raises(ValueError, match="first='9:1' is not in the vocabulary"):
        generate(*weights(), VALUES, 8, first="9:1")


def test_a_solo_ends_with_its_chords():
    solo = improvise(*weights(), VALUES, OVER, temperature=9, seed=4)
    assert solo.chords == OVER.chords and solo.swing == 2 / 3
    assert max(note.end for note in solo.melody) <= 12.0
    cut = as_tune(["1:1/2", "R:1", "5:1"] * 99, OVER)
    assert max(note.end for note in cut.melody) == 12.0


def test_shares_that_fit():
    on_f7 = [65, 69, 72, 75, 67, 66, 64]  # chord tones, a scale tone, two from outside
    notes = tuple(Note(float(i), 1.0, pitch) for i, pitch in enumerate(on_f7))
    tune = Tune("", "F", notes, OVER.chords, 8.0)
    assert share_that_fits(tune) == pytest.approx(5 / 7)
    assert share_of_chord_tones(tune, every=2) == pytest.approx(2 / 4)
    assert share_of_chord_tones(tune, every=1) == pytest.approx(4 / 7)
    assert share_that_fits(Tune("", "F", (), (), 0.0)) == 0


def brute(tokens, melody):
    there = {tuple(melody[i:j]) for i in range(len(melody)) for j in range(i, len(melody) + 1)}
    runs = (tokens[i:j] for i in range(len(tokens)) for j in range(i, len(tokens) + 1))
    return max(len(run) for run in map(tuple, runs) if run in there or not run)


def test_the_longest_copy_is_found():
    random = np.random.default_rng(0)
    for _ in range(50):
        tokens, melody = (list(random.choice(list("abc"), size)) for size in (12, 20))
        assert longest_copy(tokens, [melody]) == brute(tokens, melody)
    assert longest_copy("xabcx", ["abd", "zabcz", "bcx"]) == 3
    assert share_copied("xabcx", ["zabcz"]) == 0.6
    assert share_copied([], ["abc"]) == 0


def test_a_network_that_hardly_moves_comes_to_an_end():
    tokens = generate(*weights(), ["1:1/12"] * 4, 10**6)
    assert len(tokens) == next(n for n in count(1) if n >= 5000)


def test_layers_without_weights_are_refused_with_what_to_do():
    with pytest.raises(ValueError, match="build and train a model with it first"):
        generate([], [], ["1:1"], 4.0)
