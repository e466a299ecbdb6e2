"""Let trained layers improvise over chords, and measure what they play."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from course_utils.music_notes import Tune
from course_utils.music_swing import steps
from course_utils.music_tokens import BAR_LINE, START_PITCH, decode, duration_of, reference

_MAX_TOKENS = 5000  # a network that plays nothing but the shortest note still comes to an end


def arrays(layer) -> list[np.ndarray]:
    """Return the weights of a Keras layer as arrays; a sequence of arrays is kept.

    Raises ValueError if there are none yet.
    """
    held = list(layer.get_weights() if hasattr(layer, "get_weights") else layer)
    if not held:
        raise ValueError("the layer has no weights yet: build and train a model with it first")
    return held


def _sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def _lstm_step(z, a, c, recurrent):
    """Return (a, c) after one step of an LSTM, z being the input's share of its gates."""
    i, f, g, o = np.split(z + a @ recurrent, 4)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c), c


def generate(
    LSTM_cell,
    densor,
    vocabulary: Sequence[str],
    length: float,
    *,
    temperature: float = 1.0,
    seed: int | None = 0,
    first: str | None = None,
    beats_per_bar: float = 4.0,
) -> list[str]:
    """Draw tokens one after the other, each fed back as the next input, for `length` quarters.

    LSTM_cell and densor are Keras layers, or their weights: kernel (n_values, 4 n_a), recurrent
    kernel (n_a, 4 n_a), bias (4 n_a,) with the gates in the order i, f, c, o; and (n_a, n_values),
    (n_values,). A token is drawn with probabilities softmax(log p / temperature): near 0 the most
    probable one, 1 as the network has learned, above 1 more adventurous. A bar line isn't drawn
    but played when it is time, so that the network hears the beat (if the vocabulary has one).
    `first`: the token to begin with.
    Raises ValueError if weights and vocabulary don't fit, or the temperature isn't above 0.
    """
    kernel, recurrent, bias = arrays(LSTM_cell)
    W, b = arrays(densor)
    if kernel.shape[0] != len(vocabulary) or W.shape[1] != len(vocabulary):
        raise ValueError(
            f"the layers were made for {kernel.shape[0]} tokens in and {W.shape[1]} out, and the "
            f"vocabulary has {len(vocabulary)}: use the one that prepare() returned with X and Y"
        )
    if not temperature > 0:
        raise ValueError(f"temperature={temperature}: it must be above 0 (try 1.0)")
    if first is not None and first not in vocabulary:
        raise ValueError(
            f"first={first!r} is not in the vocabulary: choose from {vocabulary[:5]}..."
        )
    random = np.random.default_rng(seed)
    a = c = np.zeros(recurrent.shape[0])
    lasts = [steps(duration_of(token)) for token in vocabulary]
    line = vocabulary.index(BAR_LINE) if BAR_LINE in vocabulary else None
    given = None if first is None else vocabulary.index(first)
    end, bar = steps(length), max(1, steps(beats_per_bar))
    tokens, now, next_bar = [], 0, 0
    z = bias  # the input's share of the gates: at first it is zero, as if nothing had been played
    while now < end and len(tokens) < _MAX_TOKENS:
        if line is not None and now >= next_bar:
            choice, next_bar = line, now - now % bar + bar
        elif given is not None:
            choice, given = given, None
        else:
            if not tokens:
                a, c = _lstm_step(z, a, c, recurrent)
            scores = (a @ W + b) / temperature
            if line is not None:
                scores[line] = -np.inf
            p = np.exp(scores - scores.max())
            choice = int(random.choice(len(p), p=p / p.sum()))
        tokens.append(vocabulary[choice])
        now += lasts[choice]
        z = kernel[choice] + bias
        a, c = _lstm_step(z, a, c, recurrent)
    return tokens


def play(
    tokens: Iterable[str],
    over: Tune,
    title: str = "Improvisation",
    start_pitch: int = START_PITCH,
) -> Tune:
    """Return the tokens as a tune over the chords of another, ending where that one ends."""
    notes = decode(tokens, over.chords, start_pitch, over.key)
    notes = [
        replace(note, duration=min(note.end, over.length) - note.start)
        for note in notes
        if steps(note.start) < steps(over.length)
    ]
    return replace(over, title=title, melody=tuple(notes))


def improvise(LSTM_cell, densor, vocabulary, over: Tune, *, temperature=1.0, seed=0, first=None):
    """Return a tune that trained layers play over the chords of another: see generate()."""
    drawn = generate(
        LSTM_cell, densor, vocabulary, over.length,
        temperature=temperature, seed=seed, first=first, beats_per_bar=over.beats_per_bar,
    )  # fmt: skip
    return play(drawn, over)


def share_that_fits(tune: Tune) -> float:
    """Return which share of the notes, 0 to 1, belongs to the sounding chord or its scale."""
    home, fits = reference(tune.key), 0
    for note in tune.melody:
        chord = tune.chord_at(note.start + 1e-6) or home
        fits += note.pitch % 12 in chord.scale + chord.tones
    return fits / max(1, len(tune.melody))


def share_of_chord_tones(tune: Tune, every: float = 2.0) -> float:
    """Return which share of the notes on strong beats (each `every` quarters) is of the chord."""
    home = reference(tune.key)
    strong = [note for note in tune.melody if abs(note.start / every % 1) < 1e-6]
    chords = [tune.chord_at(note.start + 1e-6) or home for note in strong]
    fits = [n.pitch % 12 in chord.tones for n, chord in zip(strong, chords, strict=True)]
    return sum(fits) / max(1, len(fits))


def longest_copy(tokens: Sequence[str], melodies: Iterable[Sequence[str]]) -> int:
    """Return the length of the longest run of tokens that occurs within one of the melodies."""
    number: dict[str, int] = {}
    played = [number.setdefault(token, len(number)) for token in tokens]
    longest = 0
    for melody in melodies:
        there = np.array([number.get(token, -1) for token in melody], int)
        runs = np.zeros(len(there) + 1, int)  # runs[j]: the run that ends here and at there[j - 1]
        for token in played:
            runs[1:] = np.where(there == token, runs[:-1] + 1, 0)
            longest = max(longest, int(runs.max()))
    return longest


def share_copied(tokens: Sequence[str], melodies: Iterable[Sequence[str]]) -> float:
    """Return the longest copied run as a share, 0 to 1, of a solo's tokens."""
    return longest_copy(tokens, melodies) / max(1, len(tokens))
