"""Write a melody as tokens relative to its chords, play tokens over chords, measure the result.

A token is a degree and a duration: `5:1/2` is the fifth note of the scale that goes with the
sounding chord, for half a quarter. `#` before the degree raises it by a semitone. The octave is the
one closest to the previous note; each `+` or `-` after the degree goes one further up or down.
`R:1` is a rest, and `|` a bar line, before whatever starts in the bar.
So "1 2 3 5" is the same four tokens over every chord, in every key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from course_utils.music.names import is_minor, tonic
from course_utils.music.notes import GRID, Chord, Note, Tune, steps

LOWEST, HIGHEST = 52, 84  # E3 to C6: a note that would leave this range is moved by an octave
START_PITCH = 67
BAR_LINE = "|"
_TOKEN = re.compile(r"(?:R|(#?)([1-9])(\++|-+)?):(\d+(?:/\d+)?)")


def reference(key: str) -> Chord:
    """Return the chord that degrees refer to where no chord sounds: the key's own, everywhere."""
    return Chord(float("-inf"), float("inf"), tonic(key) + ("m" if is_minor(key) else ""))


class _Sounding:
    """Find the chord that sounds at a step; steps must be asked for in order."""

    def __init__(self, chords: Iterable[Chord], key: str) -> None:
        self.chords, self.home, self.at = sorted(chords), reference(key), 0

    def __call__(self, step: int) -> Chord:
        while self.at < len(self.chords) and steps(self.chords[self.at].end) <= step:
            self.at += 1
        if self.at < len(self.chords) and steps(self.chords[self.at].start) <= step:
            return self.chords[self.at]
        return self.home


def _nearest(pitch_class: int, pitch: int) -> int:
    """Return the pitch of a class that is nearest to `pitch`, the upper one if two are."""
    return pitch + (pitch_class - pitch + 5) % 12 - 5


def _degree(pitch: int, chord: Chord) -> str:
    """Name a pitch by its place in the chord's scale."""
    place = {pitch_class: str(i) for i, pitch_class in enumerate(chord.scale, 1)}
    name = place.get(pitch % 12)
    return name if name else f"#{place[(pitch - 1) % 12]}"  # no scale here has a gap above 2


def _marks(octaves: int) -> str:
    return "+" * octaves if octaves > 0 else "-" * -octaves


def encode(tune: Tune, start_pitch: int = START_PITCH) -> list[str]:
    """Write the melody as tokens, from the tune's beginning to the end of its last note.

    The octave of the first note is counted from `start_pitch`, as `decode` counts it. Times are
    rounded to twelfths of a quarter. A rest is divided at bar lines. A note is not: a bar line that
    falls within it comes after it.
    """
    tokens, now, sounding = [], 0, _Sounding(tune.chords, tune.key)
    bar, next_bar = max(1, steps(tune.beats_per_bar)), 0
    before = start_pitch
    for note in tune.melody:
        start, end = steps(note.start), steps(note.end)
        while now < start or now >= next_bar:
            if now >= next_bar:
                tokens.append(BAR_LINE)
                next_bar = now - now % bar + bar
            else:
                rest = min(start, next_bar) - now
                tokens.append(f"R:{Fraction(rest, GRID)}")
                now += rest
        chord = sounding(start)
        octaves = (note.pitch - _nearest(note.pitch % 12, before)) // 12
        duration = Fraction(max(1, end - start), GRID)
        tokens.append(f"{_degree(note.pitch, chord)}{_marks(octaves)}:{duration}")
        now, before = start + max(1, end - start), note.pitch
    return tokens


def duration_of(token: str) -> Fraction:
    """Return how long a token lasts, in quarter lengths. Raises ValueError if it is not a token."""
    if token == BAR_LINE:
        return Fraction(0)
    return Fraction(_parse(token)[4])


def _parse(token: str) -> re.Match[str]:
    match = _TOKEN.fullmatch(token)
    if not match:
        raise ValueError(
            f'{token!r} is not a token: expected one like "5:1/2", "#4-:1", "R:2" or "|"'
        )
    return match


def decode(
    tokens: Iterable[str],
    chords: Sequence[Chord] = (),
    start_pitch: int = START_PITCH,
    key: str = "C",
    *,
    velocity: int = 90,
    lowest: int = LOWEST,
    highest: int = HIGHEST,
) -> tuple[Note, ...]:
    """Play tokens over chords, or over the tonic of `key` where no chord sounds.

    `start_pitch` stands for the note before the first one. Bar lines are skipped. Undoes `encode`
    exactly, except for velocities and for notes outside `lowest` to `highest`, which move by
    octaves.
    Raises ValueError that names the first thing that is not a token.
    """
    notes, now, before, sounding = [], 0, start_pitch, _Sounding(chords, key)
    for token in tokens:
        if token == BAR_LINE:
            continue
        sharp, degree, marks, duration = _parse(token).groups()
        length = steps(Fraction(duration))
        if degree:
            scale = sounding(now).scale
            place = scale[(int(degree) - 1) % len(scale)] + (sharp == "#")
            octaves = len(marks or "") * (-1 if marks and marks[0] == "-" else 1)
            pitch = _nearest(place % 12, before) + 12 * octaves
            while pitch > highest:
                pitch -= 12
            while pitch < lowest:
                pitch += 12
            notes.append(Note(now / GRID, length / GRID, pitch, velocity))
            before = pitch
        now += length
    return tuple(notes)


def vocabulary(melodies: Iterable[Iterable[str]]) -> list[str]:
    """List the distinct tokens in sorted order: a token's number is its place in this list."""
    return sorted({token for melody in melodies for token in melody})


def one_hot(numbers: np.ndarray, n_values: int) -> np.ndarray:
    """Turn numbers (any shape) into float32 rows with a single 1: that shape + (n_values,)."""
    return np.eye(n_values, dtype=np.float32)[numbers]


def prepare(
    tunes: Sequence[Tune],
    T_x: int = 30,
    m: int | None = None,
    seed: int = 0,
    values: Sequence[str] | None = None,
) -> tuple[np.ndarray, np.ndarray, int, list[str]]:
    """Cut tunes into windows of T_x + 1 tokens: the first T_x to see, the last T_x to predict.

    Returns X (m, T_x, n_values), Y (T_x, m, n_values), both float32 one-hot, n_values and the
    vocabulary (a sorted list). Y[t] is the token after X[:, t]; time comes first in Y, so that
    list(Y) has one target for each step. The windows are distinct, and each lies inside one tune:
    `m` of them drawn by `seed`, or all of them. `values`: the vocabulary, if it is not that of
    these tunes.
    Raises ValueError if no tune is long enough, there are fewer than `m` windows, or a token is not
    in the vocabulary.
    """
    if T_x < 1:
        raise ValueError(f"T_x={T_x}: a window has at least one step")
    melodies = [encode(tune) for tune in tunes]
    values = vocabulary(melodies) if values is None else list(values)
    number = {token: i for i, token in enumerate(values)}
    if unknown := {*vocabulary(melodies)} - {*values}:
        raise ValueError(f"the vocabulary has no token {min(unknown)!r}, which these tunes have")
    need, longest = T_x + 1, max(map(len, melodies), default=0)
    if longest < need:
        raise ValueError(
            f"a window of T_x={T_x} steps needs {need} tokens, and the longest of "
            f"{len(melodies)} tunes has {longest}: use longer tunes, or a smaller T_x"
        )
    all_windows = [
        np.lib.stride_tricks.sliding_window_view([number[token] for token in melody], need)
        for melody in melodies
        if len(melody) >= need
    ]
    windows = np.unique(np.concatenate(all_windows), axis=0)  # (windows, T_x + 1), each once
    if m is not None:
        if not 1 <= m <= len(windows):
            raise ValueError(
                f"m={m} windows asked for, and these tunes have {len(windows)} distinct ones "
                f"of {need} tokens: ask for 1 to {len(windows)}, or leave m out"
            )
        windows = np.random.default_rng(seed).permutation(windows)[:m]
    X = one_hot(windows[:, :-1], len(values))  # (m, T_x, n_values)
    Y = one_hot(windows[:, 1:].T, len(values))  # (T_x, m, n_values)
    return X, Y, len(values), values


def batches(
    X: np.ndarray, Y: np.ndarray, size: int, n_a: int, *, stepwise: bool = True, seed: int = 0
) -> Iterator[tuple[tuple[np.ndarray, ...], Any]]:
    """Draw windows for ever: yield ((X, a0, c0), targets), `size` windows and zeros (size, n_a).

    X (m, T_x, n_values) and Y (T_x, m, n_values) as `prepare` returns them. The targets are T_x
    arrays (size, n_values), or, not stepwise, one (size, T_x, n_values).
    """
    rng, zeros = np.random.default_rng(seed), np.zeros((size, n_a), np.float32)
    while True:
        chosen = rng.integers(len(X), size=size)
        targets = tuple(Y[:, chosen]) if stepwise else Y[:, chosen].transpose(1, 0, 2)
        yield (X[chosen], zeros, zeros), targets


def pair_perplexity(X: np.ndarray, Y: np.ndarray, X_val: np.ndarray, Y_val: np.ndarray) -> float:
    """Return the perplexity, on other windows, of predicting each token from the one before alone.

    Arrays as `prepare` returns them. The pairs of tokens in X and Y are counted; each pair counts a
    tenth more, so that none is impossible.
    """
    counts = np.einsum("mti,tmj->ij", X, Y) + 0.1
    log_p = np.log(counts / counts.sum(axis=1, keepdims=True))
    before, after = X_val.argmax(axis=-1), Y_val.argmax(axis=-1).T  # (m, T_x)
    return float(np.exp(-log_p[before, after].mean()))


def as_tune(
    tokens: Iterable[str],
    over: Tune,
    title: str = "Improvisation",
    start_pitch: int = START_PITCH,
) -> Tune:
    """Return the tokens as a tune over the chords of another, ending where that one ends."""
    melody = tuple(
        replace(note, duration=min(note.end, over.length) - note.start)
        for note in decode(tokens, over.chords, start_pitch, over.key)
        if steps(note.start) < steps(over.length)
    )
    return replace(over, title=title, melody=melody)


def share_that_fits(tune: Tune) -> float:
    """Return the share of notes, 0 to 1, that belong to the sounding chord or its scale."""
    home, fits = reference(tune.key), 0
    for note in tune.melody:
        chord = tune.chord_at(note.start + 1e-6) or home
        fits += note.pitch % 12 in chord.scale + chord.tones
    return fits / max(1, len(tune.melody))


def share_of_chord_tones(tune: Tune, every: float = 2.0) -> float:
    """Return the share of notes on strong beats (every `every` quarters) that are chord tones."""
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
        runs = np.zeros(len(there) + 1, int)  # runs[j]: the run that ends at there[j - 1]
        for token in played:
            runs[1:] = np.where(there == token, runs[:-1] + 1, 0)
            longest = max(longest, int(runs.max()))
    return longest


def share_copied(tokens: Sequence[str], melodies: Iterable[Sequence[str]]) -> float:
    """Return the longest copied run as a share, 0 to 1, of a solo's tokens."""
    return longest_copy(tokens, melodies) / max(1, len(tokens))
