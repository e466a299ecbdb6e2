"""The language model notebook: a plain RNN and an LSTM of as many weights, several starts each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from course_utils.language_model_utils import (
    Alphabet,
    NGram,
    batches,
    hold_back,
    read_characters,
    read_with_lstm,
    train_lstm,
)
from course_utils.rnn_utils import rnn_parameters

from .system import Job, System

STARTS, UPDATES, M, T_X, RATE, MAX_NORM = 3, 2000, 32, 32, 0.004, 5.0
UNITS = {"RNN": 128, "LSTM": 58}
ANSWERS = (
    "language_model_loss",
    "language_model_forward",
    "output_backward",
    "language_model_backward",
    "train_step",
)


def character_models(job: Job) -> dict[str, Any]:
    """Train each network from several starts; a run that was stopped keeps those that ended."""
    alphabet = Alphabet(text := read_characters())
    learn, held = hold_back(alphabet.encode(text))
    n_y, loss = len(alphabet), job.answer("language_model_loss")
    kept = job.folder / "bits.json"
    found = json.loads(kept.read_text()) if kept.exists() else {}
    for kind in UNITS:
        for start in range(job.seed, job.seed + STARTS):
            name = f"{kind}, start {start}"
            if name not in found:
                pieces = _reporting(job, name, batches(learn, M, T_X, UPDATES))
                read = (
                    _rnn(job, pieces, n_y, start)
                    if kind == "RNN"
                    else _lstm(job, pieces, n_y, start)
                )
                found[name] = round(float(loss(read(held[None, :-1]), held[None, 1:])[0]), 4)
                kept.write_text(json.dumps(found))
    bits = {kind: [b for name, b in found.items() if name.startswith(kind)] for kind in UNITS}
    counting = {
        f"{order}-gram": round(
            float(loss(NGram(learn, n_y, order).predict(held), held[None, 1:])[0]), 4
        )
        for order in range(1, 8)
    }
    shown = "; ".join(f"{kind} {min(b):.2f} to {max(b):.2f}" for kind, b in bits.items())
    return {
        "figure": f"{shown} (trigram {counting['3-gram']:.2f}, 5-gram {counting['5-gram']:.2f})",
        "numbers": {**bits, **counting},
    }


def _reporting(job: Job, name: str, pieces: Iterable) -> Iterator:
    for k, piece in enumerate(pieces):
        if k % 100 == 0:
            job.progress(k, UPDATES, name)
        yield piece


def _rnn(job: Job, pieces: Iterable, n_y: int, seed: int):
    n_a = UNITS["RNN"]
    parameters = rnn_parameters(n_y, n_a, n_y, seed=seed, scale=n_a**-0.5)
    memory = {name: np.zeros(weights.shape) for name, weights in parameters.items()}
    step, forward, state = job.answer("train_step"), job.answer("language_model_forward"), None
    for x, targets, fresh in pieces:
        state = np.zeros((n_a, M)) if fresh else state
        parameters, memory, state, _ = step(x, targets, state, parameters, memory, RATE, MAX_NORM)
    return lambda x: forward(x, np.zeros((n_a, len(x))), parameters)[1]


def _lstm(job: Job, pieces: Iterable, n_y: int, seed: int):
    backward = job.answer("output_backward")
    parameters = train_lstm(
        pieces, n_y, backward, n_a=UNITS["LSTM"], seed=seed, rate=RATE, max_norm=MAX_NORM
    )
    return lambda x: read_with_lstm(x, parameters)[2]


SYSTEMS = [
    System(
        name="character_models",
        title="Language model: bits per character of an RNN and an LSTM with 34,000 weights each",
        stem="03_language_model",
        published="",
        data="Alice in Wonderland, the last tenth held back; three starts each",
        run=character_models,
        answers=ANSWERS,
    )
]
