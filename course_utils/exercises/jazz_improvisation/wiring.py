"""What both networks share: known weights, the mistakes in wiring them, and what is judged.

Keras is imported when a form is run. A state is [a, c]; the cell returns (output, a, c).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ...judging.model import Misconception
from ..readings import drawn

AXES = {"outputs": ("time step", "example", "token")}
LAYERS = "LSTM_cell used", "densor used", "parameters in new layers"
FORGET = -30.0  # the bias of a forget gate that lets nothing through: sigmoid is 1e-13


def described_layers(
    rng: np.random.Generator, n_values: int, n_a: int, memory: bool = True, looks: bool = True
) -> dict:
    """Describe an LSTM cell and the layer that reads a token off its state.

    Without `memory` the cell forgets at once; unless it `looks`, it does not see its input.
    """
    kernel = rng.normal(0, 2.0, (n_values, 4 * n_a)) * looks
    recurrent = rng.normal(0, 2.0, (n_a, 4 * n_a)) * memory
    bias = rng.normal(0, 0.5, 4 * n_a)
    if not memory:
        bias[n_a : 2 * n_a] = FORGET
    config = {"units": n_a, "return_state": True, "unroll": True}  # unrolled: half the time
    read_off = [rng.normal(0, 3.0, (n_a, n_values)), rng.normal(0, 0.5, n_values)]
    return {
        "LSTM_cell": {"layer": "LSTM", "config": config, "weights": [kernel, recurrent, bias]},
        "densor": {
            "layer": "Dense",
            "config": {"units": n_values, "activation": "softmax"},
            "weights": read_off,
        },
    }


def draw_states(rng: np.random.Generator, m: int, n_a: int, zero: bool = False) -> list[np.ndarray]:
    """Draw a0 and c0, (m, n_a) each; c reaches further than a, which lies between -1 and 1."""
    a0, c0 = rng.uniform(-0.9, 0.9, (m, n_a)), rng.normal(0, 1.5, (m, n_a))
    return [np.zeros_like(a0), np.zeros_like(c0)] if zero else [a0, c0]


def draw_tokens(
    rng: np.random.Generator, n_values: int, m: int, steps: int, same: bool = False
) -> np.ndarray:
    """Draw tokens (m, steps, n_values): all steps of an example differ, or are the same."""
    chosen = [rng.permutation(n_values)[:steps] for _ in range(m)]
    return np.eye(n_values)[np.array([row[:1].repeat(steps) if same else row for row in chosen])]


def after(layers: dict, inputs: list[np.ndarray], tag: str) -> dict:
    """Give the known weights to new layers too, so that their wiring is judged by itself.

    One case is run as in training, too.
    """
    weights = [*layers["LSTM_cell"]["weights"], *layers["densor"]["weights"]]
    ends = {"ends": {"inputs": inputs, "known": []}} if tag == "start" else {}
    return {"inputs": inputs, "weights": weights, **ends}


def read_model(args, value):
    """Reduce a model to its outputs, (time step, example, token), and to the layers it is made of.

    Keras hands a single output over as an array and not as a list.
    """
    steps = args["Tx"] if "Tx" in args else args["Ty"]
    outputs = value["outputs"]
    single = isinstance(outputs, np.ndarray)
    outputs = [outputs] if single else outputs
    shapes = list(dict.fromkeys(str(output.shape) for output in outputs))
    if single and outputs[0].ndim == 3 and outputs[0].shape[1] == steps:  # (m, steps, token)
        judged = np.swapaxes(outputs[0], 0, 1)
    else:
        judged = np.stack(outputs[:steps]) if len(shapes) == 1 else outputs
    found = {
        "number of outputs": len(outputs),
        "shape of each output": ", ".join(shapes),
        "outputs": judged,
        "LSTM_cell used": value["uses"]["LSTM_cell"],
        "densor used": value["uses"]["densor"],
        "parameters in new layers": value["made"],
    }
    return found | ({"drawn in training": drawn(value["ends"])} if "ends" in value else {})


def wired(
    first_input,
    read,
    steps,
    LSTM_cell,
    densor,
    *,
    start=lambda a0, c0: [a0, c0],
    hand_on=lambda first, states, found: [found[1], found[2]],
    head=lambda found: found[1],
    keep=lambda outputs: outputs,
    new=(),
    each_step=False,
    order=(0, 1, 2),
):
    """Run the cell `steps` times; `read(t, out)` gives its input, out being the last output."""
    import keras

    a0, c0 = keras.Input((LSTM_cell.units,)), keras.Input((LSTM_cell.units,))
    first = states = start(a0, c0)
    outputs = []
    for t in range(steps):
        if new and (each_step or t == 0):
            LSTM_cell, densor = _new_layers(LSTM_cell, densor, new)
        found = LSTM_cell(read(t, outputs[-1] if outputs else None), initial_state=states)
        states = hand_on(first, states, found)
        outputs.append(densor(head(found)))
    inputs = [first_input, a0, c0]
    return keras.Model([inputs[i] for i in order], keep(outputs))


def _new_layers(LSTM_cell, densor, new):
    from keras import layers

    if "LSTM" in new:
        LSTM_cell = layers.LSTM(LSTM_cell.units, return_state=True, unroll=True)
    if "Dense" in new:
        densor = layers.Dense(densor.units, activation="softmax")
    return LSTM_cell, densor


def _swapped(first, states, found):
    return [found[2], found[1]]


def _c0_first(a0, c0):
    return [c0, a0]


def _from_zeros(a0, c0):
    return None


def _one_array(outputs):
    from keras import ops

    return [ops.stack(outputs, axis=1)]


def wiring_mistakes(model: Callable[..., object]) -> tuple[Misconception, ...]:
    """List the mistakes that both networks invite; `model` takes the switches of `wired`."""
    return (
        Misconception(
            "a0 and c0 exchanged",
            "The network starts with `c0` in the place of `a0`, and the other way round. a comes "
            "first, both in `initial_state` and in the model's inputs.",
            partial(model, start=_c0_first),
            (partial(model, order=(0, 2, 1)),),
        ),
        Misconception(
            "a and c exchanged",
            "a and c change places from step to step. The cell returns (output, a, c), and its "
            "`initial_state` wants a first.",
            partial(model, hand_on=_swapped),
            (
                partial(model, hand_on=_swapped, start=_c0_first),
                partial(model, hand_on=_swapped, head=lambda found: found[2]),
            ),
        ),
        Misconception(
            "started again at each step",
            "No step goes on from the states of the one before, so the network remembers nothing. "
            "Give the cell, as `initial_state`, the states that the step before returned.",
            partial(model, hand_on=lambda first, states, found: first),
        ),
        Misconception(
            "no initial state",
            "Each step starts from zeros: the cell gets no `initial_state`, or one of zeros. Pass "
            "the states in: those you are given at first, then those of the step before.",
            partial(model, start=_from_zeros, hand_on=lambda first, states, found: None),
        ),
        Misconception(
            "a0 and c0 not used",
            "The first step starts from zeros. It should start from the inputs `a0` and `c0`.",
            partial(model, start=_from_zeros),
        ),
        Misconception(
            "output taken for a, a for c",
            "You put a into both states. The cell returns three things: its output, then a (the "
            "same numbers), then c. Skip one of the first two.",
            partial(model, hand_on=lambda first, states, found: [found[0], found[1]]),
        ),
        Misconception(
            "only one of a and c carried",
            "You hand on one of the two states, and the other keeps its first value. An LSTM "
            "needs both: the short-term a and the long-term c.",
            partial(model, hand_on=lambda first, states, found: [found[1], first[1]]),
            (partial(model, hand_on=lambda first, states, found: [first[0], found[2]]),),
        ),
        Misconception(
            "token read off c",
            "The outputs are read off c. The cell state stays inside: the token is read off the "
            "hidden state.",
            partial(model, head=lambda found: found[2]),
        ),
        Misconception(
            "last output repeated",
            "Every output is one and the same step's. In each turn of one loop, run the cell on "
            "that turn's token and states, and append what `densor` makes of its new a.",
            partial(model, keep=lambda outputs: [outputs[-1]] * len(outputs)),
            (partial(model, keep=lambda outputs: [outputs[0]] * len(outputs)),),
        ),
        Misconception(
            "only the last output",
            "The model returns the last step's output only. Collect the outputs of all steps in "
            "one list, made before the loop, and give the list to Model.",
            partial(model, keep=lambda outputs: outputs[-1:]),
        ),
        Misconception(
            "only the first output",
            "The model has one output, that of the first step. Is there a loop over all steps, "
            "and is the model made after it, of the whole list? A `return` inside the loop ends "
            "it in the first turn.",
            partial(model, keep=lambda outputs: outputs[:1]),
        ),
        Misconception(
            "one array for all steps",
            "The model returns one array for all steps. It should return a list with one output "
            "(m, n_values) for each step, as a loop over the steps collects them.",
            partial(model, keep=_one_array),
        ),
        *(
            Misconception(
                name,
                sentence,
                partial(model, new=new),
                (partial(model, new=new, each_step=True),),
            )
            for name, new, sentence in (
                (
                    "new LSTM",
                    ("LSTM",),
                    "You make an LSTM of your own. The weights are in the one you are given: call "
                    "`LSTM_cell` at each step, so that all steps share them.",
                ),
                (
                    "new Dense",
                    ("Dense",),
                    "You make a Dense layer of your own. The weights are in the one you are "
                    "given: call `densor` at each step, so that all steps share them.",
                ),
                (
                    "all layers new",
                    ("LSTM", "Dense"),
                    "You make new layers. Nobody has trained their weights, and no other model "
                    "shares them. Call `LSTM_cell` and `densor` as they are given to you.",
                ),
            )
        ),
    )
