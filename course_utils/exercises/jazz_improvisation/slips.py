"""What is judged of both networks, and the slips that both of them invite."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...judging.model import Misconception
from . import keras_forms as forms

AXES = {"outputs": ("time step", "example", "token")}


def reading(args, value):
    """Reduce a model to its outputs, (time step, example, token), and to the layers it is made of.

    Keras hands a single output over as an array, not as a list.
    """
    steps = args["Tx"] if "Tx" in args else args["Ty"]
    outputs = value["outputs"]
    single = isinstance(outputs, np.ndarray)
    outputs = [outputs] if single else outputs
    shapes = list(dict.fromkeys(str(output.shape) for output in outputs))
    alike = len(shapes) == 1 and not (single and steps > 1)  # one array for all steps is no list
    return {
        "number of outputs": len(outputs),
        "shape of each output": ", ".join(shapes),
        "outputs": np.stack(outputs[:steps]) if alike else outputs,
        "LSTM_cell used": value["uses"]["LSTM_cell"],
        "densor used": value["uses"]["densor"],
        "parameters in new layers": value["made"],
    }


def state_slips(wired: Callable[..., Callable]) -> tuple[Misconception, ...]:
    """Make the slips with a and c; `wired(**slips)` is the network, wired wrongly."""
    return (
        Misconception(
            "a0 and c0 exchanged",
            "The network starts with `c0` in the place of `a0`, and the other way round. The "
            "order is [a0, c0], in `initial_state` as in the model's inputs.",
            wired(start=forms.exchanged),
            (wired(order=(0, 2, 1)),),
        ),
        Misconception(
            "a and c exchanged",
            "a and c change places from step to step. The cell returns (output, a, c) and takes "
            "`initial_state=[a, c]`.",
            wired(hand_on=forms.swapped),
            (
                wired(hand_on=forms.swapped, start=forms.exchanged),
                wired(hand_on=forms.swapped, head=forms.read_c),
            ),
        ),
        Misconception(
            "started again at each step",
            "Every step starts from `a0` and `c0`, so the network remembers nothing. Give the "
            "cell the a and c that the step before returned.",
            wired(hand_on=forms.reset),
        ),
        Misconception(
            "no initial state",
            "The cell is called without `initial_state`, so each step starts from zeros. Pass "
            "`initial_state=[a, c]`: a0 and c0 at first, then what the step before returned.",
            wired(start=forms.from_nothing, hand_on=forms.no_states),
        ),
        Misconception(
            "a0 and c0 not used",
            "The first step starts from zeros. It should start from the inputs `a0` and `c0`: "
            "set a, c = a0, c0 before the loop.",
            wired(start=forms.from_nothing),
        ),
        Misconception(
            "output taken for a, a for c",
            "`a, c, _ = LSTM_cell(...)` puts a into both. The cell returns three things: its "
            "output, then a (the same numbers), then c. Skip one of the first two.",
            wired(hand_on=forms.a_twice),
        ),
        Misconception(
            "only one of a and c carried",
            "One of the two states is handed on and the other still is what it was at the start. "
            "An LSTM needs both: the short-term a and the long-term c.",
            wired(hand_on=forms.only_a),
            (wired(hand_on=forms.only_c),),
        ),
        Misconception(
            "token read off c",
            "`densor` is given c. The cell state stays inside; the token is read off a.",
            wired(head=forms.read_c),
        ),
        Misconception(
            "last output repeated",
            "Every output is one and the same step's. Append `out` inside the loop, right after "
            "it is computed.",
            wired(keep=forms.last_only),
            (wired(keep=forms.first_only),),
        ),
        Misconception(
            "only the last output",
            "The model returns the last step's output only. Collect them: begin with an empty "
            "list, append `out` at each step, and hand the list to Model.",
            wired(keep=forms.final),
        ),
        Misconception(
            "one array for all steps",
            "The model returns one array for all steps. A list is wanted, with one output "
            "(m, n_values) for each step: leave the outputs as they are collected.",
            wired(keep=forms.stacked),
        ),
    )


def layer_slips(wired: Callable[..., Callable]) -> tuple[Misconception, ...]:
    """Make the slips with new layers where the given ones should be shared."""
    return tuple(
        Misconception(name, sentence, wired(new=new), (wired(new=new, each_step=True),))
        for name, new, sentence in (
            (
                "new LSTM",
                ("LSTM",),
                "You make an LSTM of your own. The one you are given, `LSTM_cell`, has the "
                "weights: call it at each step, so that all steps share them.",
            ),
            (
                "new Dense",
                ("Dense",),
                "You make a Dense layer of your own. The one you are given, `densor`, has the "
                "weights: call it at each step, so that all steps share them.",
            ),
            (
                "all layers new",
                ("LSTM", "Dense"),
                "You make new layers, whose weights nobody has trained and no other model "
                "shares. Call `LSTM_cell` and `densor` as they are given to you.",
            ),
        )
    )
