"""Exercise 2: the network that plays, with its own choices as inputs."""

from __future__ import annotations

from functools import partial

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import inference_cases
from .keras_forms import best, music_inference_model, worst
from .slips import AXES, layer_slips, reading, state_slips


def _wired(**slips):
    return partial(music_inference_model, **slips)


MUSIC_INFERENCE_MODEL = Exercise(
    name="music_inference_model",
    difficulty=3,
    minutes=20,
    returns=(),
    axes=AXES,
    cases=inference_cases,
    oracle=oracle.music_inference_model,
    probe="keras_model",
    reading=reading,
    criteria=(
        Criterion(
            "one output (m, n_values) for each of Ty steps",
            5,
            leaves=("number of outputs", "shape of each output"),
            beside=True,
        ),
        Criterion("starts from x0, a0 and c0", 6, leaves=("outputs",), tag="start"),
        Criterion("carries a and c from step to step", 8, leaves=("outputs",), tag="carry"),
        Criterion(
            "feeds its choice back as the next input", 10, leaves=("outputs",), tag="feed back"
        ),
        Criterion(
            "uses the layers it is given, and makes none",
            6,
            leaves=("LSTM_cell used", "densor used", "parameters in new layers"),
            beside=True,
        ),
    ),
    misconceptions=(
        Misconception(
            "least probable token",
            "The network goes on with the least probable token. argmax finds the most probable "
            "one.",
            _wired(choose=worst),
        ),
        Misconception(
            "probabilities fed back",
            "The next input is the whole row of probabilities: a bit of every token at once. The "
            "network has learned from single tokens, so choose one: argmax, then one-hot.",
            _wired(choose=lambda p, n_values: p),
        ),
        Misconception(
            "x never updated",
            "Every step reads `x0`. After each step, x becomes the token that has just been "
            "chosen.",
            _wired(choose=None),
        ),
        Misconception(
            "choices returned instead of probabilities",
            "The outputs are the one-hot choices. Those are for the next step's input; append "
            "`out`, the probabilities.",
            _wired(returned=best),
        ),
        Misconception(
            "one step too few or too many",
            "The loop runs once too few or once too many. Ty steps give Ty outputs: `range(Ty)`.",
            _wired(more=1),
            (_wired(more=-1),),
        ),
        *state_slips(_wired),
        *layer_slips(_wired),
    ),
    hints=(
        "When the network plays, nobody hands it the next token. What has to become of the "
        "probabilities of step t before the cell can read them at step t + 1?",
        "`out` is (m, n_values). keras.ops.argmax over the last axis gives (m,), keras.ops.one_hot "
        "(m, n_values) again; keras.layers.RepeatVector(1) or Reshape makes it (m, 1, n_values).",
        "Before the loop: a, c, x = a0, c0, x0. In it: run the cell on x, let `densor` read a, "
        "append; then x = one_hot(most probable token of out), as a sequence of one step.",
    ),
)
