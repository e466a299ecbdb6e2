"""Exercises 1 and 2: the network that learns, and the one that plays.

Each case has an eye for one side of the wiring. Its network can't tell the rest: it has no memory,
or does not look at its input, or starts from zeros.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import oracle
from .wiring import (
    AXES,
    LAYERS,
    after,
    described_layers,
    draw_states,
    draw_tokens,
    read_model,
    wired,
    wiring_mistakes,
)


def _learning_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (Tx, LSTM_cell, densor, reshaper), and inputs X, a0, c0."""
    return [
        _learning(rng, "start", "one step", n_values=4, n_a=6, m=3, Tx=1),
        _learning(rng, "carry", "the same token at each step", n_values=7, n_a=3, m=1, Tx=3,
                  same=True, zero=True),
        _learning(rng, "read", "a network without memory", n_values=6, n_a=4, m=2, Tx=4,
                  memory=False),
    ]  # fmt: skip


def _learning(rng, tag, what, *, n_values, n_a, m, Tx, same=False, zero=False, memory=True):
    layers = described_layers(rng, n_values, n_a, memory)
    reshaper = {"layer": "Reshape", "config": {"target_shape": [1, n_values]}}
    inputs = [draw_tokens(rng, n_values, m, Tx, same), *draw_states(rng, m, n_a, zero)]
    return Case(
        f"{what}: Tx={Tx}, n_values={n_values}, n_a={n_a}, m={m}",
        {"Tx": Tx, **layers, "reshaper": reshaper},
        frozenset({tag}),
        after(layers, inputs, tag),
    )


def djmodel(Tx, LSTM_cell, densor, reshaper, *, at=lambda t, Tx: t, **broken):
    """Build djmodel with the wiring broken in one way."""
    import keras

    X = keras.Input((Tx, densor.units))

    def read(t, out):
        return reshaper(X[:, at(t, Tx), :])

    return wired(X, read, Tx, LSTM_cell, densor, **broken)


DJMODEL = Exercise(
    name="djmodel",
    difficulty=3,
    minutes=25,
    returns=(),
    axes=AXES,
    cases=_learning_cases,
    oracle=oracle.djmodel,
    probe="keras_model",
    reading=read_model,
    criteria=(
        Criterion(
            "one output (m, n_values) for each time step",
            5,
            leaves=("number of outputs", "shape of each output"),
            beside=True,
        ),
        Criterion("starts from a0 and c0", 7, leaves=("outputs",), tag="start"),
        Criterion(
            "carries a and c from step to step",
            10,
            leaves=("outputs",),
            tag="carry",
            hint="The cell returns an output and two states. Which of your variables does "
            "the next turn of the loop read, and did this turn change both?",
        ),
        Criterion(
            "reads the step it is at",
            10,
            leaves=("outputs",),
            tag="read",
            hint="At step t the cell must read token t. What is sliced out of X, and is the "
            "number of the step fixed at the time when the layer runs?",
        ),
        Criterion(
            "uses the layers it is given, and makes none",
            8,
            leaves=(*LAYERS, "drawn in training"),
            beside=True,
            hint="`LSTM_cell`, `densor` and `reshaper` are arguments. Does your loop call "
            "these three, or does a line make a layer of its own?",
        ),
    ),
    misconceptions=(
        Misconception(
            "always the first step",
            "Every step reads the first token. Step t reads the tokens of step t.",
            partial(djmodel, at=lambda t, Tx: 0),
        ),
        Misconception(
            "always the last step",
            "Every step reads the last token, where step t should read that of step t. (A Lambda "
            "layer looks `t` up when the model runs, and by then the loop is over: slice X "
            "directly.)",
            partial(djmodel, at=lambda t, Tx: Tx - 1),
        ),
        Misconception(
            "time read backwards",
            "You read the tokens from the end to the start. Time runs forwards: step t reads the "
            "tokens of step t.",
            partial(djmodel, at=lambda t, Tx: Tx - 1 - t),
        ),
        Misconception(
            "the step before",
            "Step t reads the token of step t - 1, and step 0 that of the last step. The targets "
            "are shifted already, so step t reads its own token.",
            partial(djmodel, at=lambda t, Tx: t - 1),
        ),
        *wiring_mistakes(djmodel),
    ),
    hints=(
        "The same cell works at every step. What does it need at step t besides the token, and "
        "where does that come from at step 0?",
        "`X[:, t, :]` is (m, n_values). The cell wants a sequence, so `reshaper` makes it (m, 1, "
        "n_values). `LSTM_cell(x, initial_state=[...])` returns three things: output, a, c.",
        "Before the loop, set both states to those you are given and make an empty list. In it, "
        "slice, reshape, run the cell with both states, keep both new states, and append what "
        "`densor` makes of a. At the end, give Model the three inputs and the list.",
    ),
)

MARGIN = 0.05  # between the most probable token and the next: float32 is far finer


def clear(p: np.ndarray) -> bool:
    """Return True if the most probable token wins by a margin everywhere."""
    ranked = np.sort(p, axis=-1)
    return bool((ranked[..., -1] - ranked[..., -2] > MARGIN).all())


def _playing_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (LSTM_cell, densor, Ty), and inputs x0, a0, c0."""
    return [
        _playing(rng, "start", "one step", n_values=7, n_a=5, m=3, Ty=1),
        _playing(rng, "carry", "a network that doesn't look at its input", n_values=4, n_a=6, m=1,
                 Ty=3, zero=True, looks=False),
        _playing(rng, "feed back", "a network without memory", n_values=6, n_a=4, m=2, Ty=4,
                 memory=False),
    ]  # fmt: skip


def _playing(rng, tag, what, *, n_values, n_a, m, Ty, zero=False, **network):
    for _ in range(1000):
        layers = described_layers(rng, n_values, n_a, **network)
        inputs = [draw_tokens(rng, n_values, m, 1), *draw_states(rng, m, n_a, zero)]
        if tag != "feed back" or _is_lively(oracle.choices(*layers.values(), Ty, inputs)):
            break
    else:
        raise RuntimeError(f"no network drawn for {what!r} that chooses clearly")
    return Case(
        f"{what}: Ty={Ty}, n_values={n_values}, n_a={n_a}, m={m}",
        {**layers, "Ty": Ty},
        frozenset({tag}),
        after(layers, inputs, tag),
    )


def _is_lively(p: np.ndarray) -> bool:
    """Return True if the choices are clear, change with time, and differ between examples."""
    tokens = p.argmax(axis=-1)
    changes = (np.diff(tokens, axis=0) != 0).all()
    differ = (tokens[:-1, 0] != tokens[:-1, 1]).all()
    return bool(clear(p) and changes and differ)


def _most_probable(p, n_values):
    from keras import ops

    return ops.one_hot(ops.argmax(p, axis=-1), n_values)


def _least_probable(p, n_values):
    from keras import ops

    return ops.one_hot(ops.argmin(p, axis=-1), n_values)


def music_inference_model(
    LSTM_cell,
    densor,
    Ty,
    *,
    choose=_most_probable,
    more=0,
    returned=lambda p, n_values: p,
    keep=lambda outputs: outputs,
    **broken,
):
    """Build music_inference_model with the wiring broken in one way.

    `choose` makes the next input of the probabilities; None keeps x0. `returned` makes an output
    of them.
    """
    import keras
    from keras import ops

    n_values = densor.units
    x0 = keras.Input((1, n_values))

    def read(t, p):
        if p is None or choose is None:
            return x0
        return ops.reshape(choose(p, n_values), (-1, 1, n_values))

    def kept(outputs):
        return keep([returned(p, n_values) for p in outputs])

    return wired(x0, read, Ty + more, LSTM_cell, densor, keep=kept, **broken)


MUSIC_INFERENCE_MODEL = Exercise(
    name="music_inference_model",
    difficulty=3,
    minutes=20,
    returns=(),
    axes=AXES,
    cases=_playing_cases,
    oracle=oracle.music_inference_model,
    probe="keras_model",
    reading=read_model,
    criteria=(
        Criterion(
            "one output (m, n_values) for each of Ty steps",
            5,
            leaves=("number of outputs", "shape of each output"),
            beside=True,
        ),
        Criterion("starts from x0, a0 and c0", 6, leaves=("outputs",), tag="start"),
        Criterion(
            "carries a and c from step to step",
            8,
            leaves=("outputs",),
            tag="carry",
            hint="The cell returns an output and two states. Which of your variables does "
            "the next turn of the loop read, and did this turn change both?",
        ),
        Criterion(
            "feeds its choice back as the next input",
            10,
            leaves=("outputs",),
            tag="feed back",
            hint="What the network chose at step t is what it reads at step t + 1. Is the "
            "variable that the cell reads set anew in each turn, to a one-hot token?",
        ),
        Criterion(
            "uses the layers it is given, and makes none",
            6,
            leaves=(*LAYERS, "drawn in training"),
            beside=True,
            hint="`LSTM_cell` and `densor` are arguments. Does your loop call these two, or "
            "does a line make a layer of its own?",
        ),
    ),
    misconceptions=(
        Misconception(
            "least probable token",
            "The network goes on with the least probable token. It should choose the most "
            "probable one.",
            partial(music_inference_model, choose=_least_probable),
        ),
        Misconception(
            "probabilities fed back",
            "The next input is the whole row of probabilities: a bit of every token at once. The "
            "network has learned from single tokens, so choose one and write it one-hot.",
            partial(music_inference_model, choose=lambda p, n_values: p),
        ),
        Misconception(
            "x never updated",
            "Every step reads `x0`. After each step, the input becomes the token that has just "
            "been chosen.",
            partial(music_inference_model, choose=None),
        ),
        Misconception(
            "choices returned instead of probabilities",
            "The outputs are the one-hot choices. Those are for the next step's input; what you "
            "return are the probabilities.",
            partial(music_inference_model, returned=_most_probable),
        ),
        Misconception(
            "one step too few or too many",
            "The loop runs once too few or once too many. Ty steps give Ty outputs.",
            partial(music_inference_model, more=1),
            (partial(music_inference_model, more=-1),),
        ),
        *wiring_mistakes(music_inference_model),
    ),
    hints=(
        "When the network plays, nobody hands it the next token. What has to become of the "
        "probabilities of step t before the cell can read them at step t + 1?",
        "The probabilities are (m, n_values). keras.ops.argmax over the last axis gives (m,), "
        "keras.ops.one_hot (m, n_values) again; layers.RepeatVector(1) makes that (m, 1, "
        "n_values).",
        "Before the loop, set the input and both states to those you are given. In it, run the "
        "cell, let `densor` read a, and append the result. Then choose the most probable token, "
        "and make a sequence of one step of it for the next turn.",
    ),
)
