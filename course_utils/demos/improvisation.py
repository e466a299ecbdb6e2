"""Let trained layers improvise over chords."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.music.notes import Tune, steps
from course_utils.music.tokens import BAR_LINE, as_tune, duration_of

from . import demo

_MAX_TOKENS = 5000  # ends a solo of a network that plays bar lines or the shortest notes only
Layer = Any  # a Keras layer, or its weights as a sequence of arrays


@demo
def arrays(layer: Layer) -> list[np.ndarray]:
    """Return the weights of a Keras layer as arrays; a sequence of arrays stays as it is.

    Raises ValueError if there are none yet.
    """
    held = list(layer.get_weights() if hasattr(layer, "get_weights") else layer)
    if not held:
        raise ValueError("the layer has no weights yet: build and train a model with it first")
    return held


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * z))


def _lstm_step(
    z: np.ndarray, a: np.ndarray, c: np.ndarray, recurrent: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (a, c) after one step of an LSTM; z is the input's share of its gates."""
    i, f, g, o = np.split(z + a @ recurrent, 4)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c), c


@demo
def generate(
    LSTM_cell: Layer,
    densor: Layer,
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
    but inserted when it is due, so that the network hears the beat (if the vocabulary has one).
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
    tokens: list[str] = []
    now = next_bar = 0
    z = bias  # the input's share of the gates: before the first token, the input is zero
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


@demo
def improvise(
    LSTM_cell: Layer,
    densor: Layer,
    vocabulary: Sequence[str],
    over: Tune,
    *,
    temperature: float = 1.0,
    seed: int | None = 0,
    first: str | None = None,
) -> Tune:
    """Return a tune that trained layers play over the chords of another: see generate()."""
    drawn = generate(
        LSTM_cell, densor, vocabulary, over.length,
        temperature=temperature, seed=seed, first=first, beats_per_bar=over.beats_per_bar,
    )  # fmt: skip
    return as_tune(drawn, over)
