"""Exercises on the network that reads characters: forwards, and backwards through time."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from ...rnn_utils import softmax
from ..rnn_step_by_step.loops import informative, mistakes_of_order, predictions
from . import oracle
from .cases import AXES, backward_cases, forward_cases


def forward(
    x,
    a0,
    p,
    *,
    column=lambda Wax, xt: Wax[:, xt],
    at=lambda t, T_x: t,
    carry=True,
    memory=1.0,
    start=lambda a0: a0,
    bias=True,
    seen=lambda states, a0: states,
    output=lambda z: softmax(z),
):
    """Run the network over a text, broken in one way; before its beginning there is nothing."""
    T_x, first = x.shape[1], start(a0)
    a, states = first, []
    for t in range(T_x):
        place = at(t, T_x)
        read = column(p["Wax"], x[:, place]) * (place >= 0)
        z = read + memory * p["Waa"] @ (a if carry else first)
        a = np.tanh(z + p["ba"] * bias)
        states.append(a)
    shown = np.stack(seen(states, a0), axis=2)
    scores = np.einsum("ya,amt->ymt", p["Wya"], shown) + p["by"][:, :, None]
    return np.stack(states, axis=2), output(scores)


def _follows(args, value) -> dict:
    """Derive the predictions from the learner's own states."""
    a = informative(np.asarray(value[0]))
    return {"y_pred": predictions(args["parameters"]["Wya"], args["parameters"]["by"], a)}


LANGUAGE_MODEL_FORWARD = Exercise(
    name="language_model_forward",
    difficulty=1,
    minutes=15,
    returns=("a", "y_pred"),
    axes=AXES,
    cases=forward_cases,
    stages=("a", "y_pred"),
    oracle=oracle.language_model_forward,
    follows=_follows,
    criteria=(
        Criterion("returns (a, y_pred) in the right shapes", 1, aspect="shape"),
        Criterion("a, the state after every character", 5, ("a",)),
        Criterion(
            "y_pred, the probabilities of the next character",
            5,
            ("y_pred",),
            hint="If the states are right, each gives one prediction. Which weights and bias "
            "make the scores, and along which axis do the probabilities add up to 1?",
        ),
        Criterion("works for a text of one character", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "rows of Wax",
            "You take rows of `Wax`. A product with a one-hot vector picks a column: the weights "
            "from this character to all units.",
            partial(
                forward, column=lambda Wax, xt: np.resize(Wax[xt % len(Wax)].T, (len(Wax), len(xt)))
            ),
        ),  # fmt: skip
        Misconception(
            "the number for the character",
            "You multiply by the character's number, as if z were 25 times as much as b. The "
            "number only says which column of `Wax` to take.",
            partial(forward, column=lambda Wax, xt: Wax[:, :1] * xt),
            (partial(forward, column=lambda Wax, xt: Wax.sum(axis=1, keepdims=True) * xt),),
        ),
        Misconception(
            "memory forgotten",
            "The new state ignores the state before it: the term with `Waa` is missing, or meets "
            "zeros at every step. Without it, the network knows only the character that it has "
            "just read.",
            partial(forward, memory=0.0),
        ),
        Misconception(
            "state not carried",
            "Every character is read from the same state, so nothing of the text is remembered. "
            "The state after one character must enter the next step.",
            partial(forward, carry=False),
        ),
        Misconception(
            "a0 ignored",
            "The state starts from zeros. It should start from the `a0` you are given: in "
            "training that is what the text before has left behind.",
            partial(forward, start=np.zeros_like),
        ),
        Misconception(
            "always the same character",
            "Every step reads the same character of each text. Which column of `x` belongs to "
            "step t?",
            partial(forward, at=lambda t, T_x: 0),
            (partial(forward, at=lambda t, T_x: T_x - 1),),
        ),
        Misconception(
            "read one step late",
            "The first step reads nothing, and every other one the character before its own. Step "
            "t reads x[:, t]; what it has to guess is the next.",
            partial(forward, at=lambda t, T_x: t - 1),
        ),
        Misconception(
            "text read backwards",
            "You read the text from its end to its start. Here, time runs forwards.",
            partial(forward, at=lambda t, T_x: T_x - 1 - t),
        ),
        Misconception(
            "ba left out",
            "The bias of the hidden state, `ba`, is missing. It belongs inside the tanh.",
            partial(forward, bias=False),
        ),
        Misconception(
            "prediction from the state before",
            "The prediction of step t is computed from the state before step t, which has not "
            "read that character yet. Use the new state.",
            partial(forward, seen=lambda states, a0: [a0, *states[:-1]]),
        ),
        Misconception(
            "softmax missing",
            "`y_pred` holds no probabilities: they do not add up to 1 over the characters. A "
            "softmax of the scores does.",
            partial(forward, output=lambda z: z),
            (partial(forward, output=np.exp),),
        ),
        Misconception(
            "softmax over another axis",
            "The predictions add up to 1 over the examples or over time. They should do so over "
            "the characters, axis 0.",
            partial(forward, output=lambda z: np.moveaxis(softmax(np.moveaxis(z, 1, 0)), 0, 1)),
            (partial(forward, output=lambda z: np.moveaxis(softmax(np.moveaxis(z, 2, 0)), 0, 2)),),
        ),
    ),
    hints=(
        "What is left of a sum over j of Wax[k, j] * x[j], if a single x[j] is 1 and all the "
        "others are 0?",
        "`x[:, t]` holds m whole numbers, one for each example; used as an index, "
        "`Wax[:, x[:, t]]` is (n_a, m). The loop is that of `rnn_forward`.",
        "Start from `a0`. In the loop, the new state is the tanh of three terms: the columns of "
        "Wax, Waa times the state before, and ba. Store it, then its softmax, computed from Wya "
        "and by.",
    ),
)


def _added(dWax, xt, dz):
    np.add.at(dWax.T, xt, dz.T)


def _written_once(dWax, xt, dz):
    dWax[:, xt] += dz  # a character that comes twice is counted once


def _overwritten(dWax, xt, dz):
    dWax[:, xt] = dz


def backward(
    da,
    a,
    x,
    a0,
    p,
    *,
    slope=lambda a_next: 1 - a_next**2,
    slope_at=lambda a, a_prev: a,
    carry=True,
    summed=False,
    grows=("dWaa", "dba"),
    start=lambda a0: a0,
    before=True,
    transpose=True,
    scatter=_added,
    order=lambda T_x: range(T_x - 1, -1, -1),
    total=lambda dz: dz.sum(axis=1, keepdims=True),
    scale=lambda m, T_x: 1,
    through=lambda slope, da, carried: slope * (da + carried),
):
    """Go back through the network, broken in one way."""
    n_a, m, T_x = a.shape
    back = p["Waa"].T if transpose else p["Waa"]
    da_next = np.zeros((n_a, m))
    dWax, dWaa, dba = np.zeros(p["Wax"].shape), np.zeros(p["Waa"].shape), total(da_next)
    for t in order(T_x):
        a_prev = start(a0) if t == 0 and start else a[:, :, t - 1]
        steepness = slope(slope_at(a[:, :, t], a_prev))
        dz = through(steepness, da[:, :, t], da_next * carry)
        scatter(dWax, x[:, t], dz)
        share = dz @ (a_prev if before else a[:, :, t]).T
        dWaa = dWaa * ("dWaa" in grows) + share
        dba = dba * ("dba" in grows) + total(dz)
        da_next = back @ dz + da_next * summed
    size = scale(m, T_x)
    return {"dWax": dWax / size, "dWaa": dWaa / size, "dba": dba / size}


def _between(da, a, x, a0, p) -> dict[str, tuple[np.ndarray, ...]]:
    """Name the gradients of a state and of its tanh's argument: of step 0, the last, and of all."""
    steps = []  # the last step first

    def through(slope, da, carried):
        steps.append((da + carried, slope * (da + carried)))
        return steps[-1][1]

    backward(da, a, x, a0, p, through=through)
    dh, dz = (np.stack(each[::-1], axis=2) for each in zip(*steps, strict=True))
    names = {"dh": dh} | dict.fromkeys(("dz", "dhraw", "dtanh"), dz)
    return {name: (whole[:, :, 0], whole) for name, whole in names.items()}


LANGUAGE_MODEL_BACKWARD = Exercise(
    name="language_model_backward",
    difficulty=3,
    minutes=20,
    returns="gradients",
    axes=AXES,
    cases=backward_cases,
    oracle=oracle.language_model_backward,
    intermediates=_between,
    criteria=(
        Criterion("returns the gradients in the right shapes", 1, ("dW*",), aspect="shape"),
        Criterion("dWax", 5, ("dWax",)),
        Criterion(
            "dWaa",
            4,
            ("dWaa",),
            hint="dWaa is made of dz and the state that `Waa` multiplied. Which state is "
            "that at step t, and which at step 0?",
        ),
        Criterion(
            "dba",
            2,
            ("dba",),
            hint="The bias was added for every example at every step. Is dz summed over the "
            "batch, with the axis kept, and added up over the steps?",
        ),
        Criterion("works for a text of one character", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "a character that comes twice is counted once",
            "Where two examples read the same character at a step, only one of them reaches "
            "`dWax`: `dWax[:, xt] += dz` writes to each column once. `np.add.at` adds every one.",
            partial(backward, scatter=_written_once),
        ),
        Misconception(
            "dWax overwritten",
            "Each step overwrites the columns of `dWax`. A character that comes again adds to "
            "its column.",
            partial(backward, scatter=_overwritten),
        ),
        Misconception(
            "gradients overwritten",
            "The gradient of `Waa` or `ba` holds the share of one step alone. Both work at every "
            "step, so their gradients add up over time, inside the loop.",
            partial(backward, grows=()),
            (partial(backward, grows=("dWaa",)), partial(backward, grows=("dba",))),
        ),
        Misconception(
            "one of two through tanh",
            "Only one of `da` and what comes back is multiplied by the slope of tanh. Both come "
            "to the same state, and go through the same tanh: add them first.",
            partial(backward, through=lambda slope, da, carried: da + slope * carried),
            (partial(backward, through=lambda slope, da, carried: slope * da + carried),),
        ),
        Misconception(
            "derivative of tanh forgotten",
            "The gradient passes tanh untouched. Multiply it by the slope of tanh, which the "
            "state `a` knows.",
            partial(backward, slope=lambda a_next: 1.0),
        ),
        Misconception(
            "1 - a instead of 1 - a squared",
            "The slope of tanh is 1 - tanh(z)**2. Yours lacks the square.",
            partial(backward, slope=lambda a_next: 1 - a_next),
        ),
        Misconception(
            "slope at the state before",
            "You take the slope of tanh from the state before the step. The tanh of step t gave "
            "the state of step t: its slope is 1 minus that one's square.",
            partial(backward, slope_at=lambda a, a_prev: a_prev),
        ),
        Misconception(
            "gradient not carried back",
            "Each step looks at its own `da` only. The state also shaped all later states: add "
            "what the step after sends back.",
            partial(backward, carry=False),
        ),
        Misconception(
            "what comes back added up",
            "You add what comes back from a step to what came back before. A step receives only "
            "what the step after it sends: that takes the place of the older.",
            partial(backward, summed=True),
        ),
        Misconception(
            "Waa not transposed",
            "On the way back, `Waa` is transposed: what left along a column returns along it.",
            partial(backward, transpose=False),
        ),
        Misconception(
            "dWaa from the new state",
            "`dWaa` multiplies by the state after the step. On the way forward `Waa` met the "
            "state before it.",
            partial(backward, before=False),
        ),
        Misconception(
            "a0 taken for zeros",
            "Step 0 adds nothing to `dWaa`. The state before it is neither zeros nor missing: it "
            "is `a0`, and `Waa` met it.",
            partial(backward, start=np.zeros_like),
        ),
        Misconception(
            "last state taken for a0",
            "At step 0, index t - 1 is -1, which is the last step. The state before step 0 is "
            "`a0`.",
            partial(backward, start=None),
        ),
        *mistakes_of_order(backward),
        Misconception(
            "step 0 left out",
            "Step 0 is left out, so the first character of each text teaches nothing. Where does "
            "your range begin, and where does it end? (The end is not in it.)",
            partial(backward, order=lambda T_x: range(T_x - 1, 0, -1)),
        ),
        Misconception(
            "averaged again",
            "You divide by the number of examples, steps or both. The mean is in `da` already; "
            "here gradients are sums.",
            partial(backward, scale=lambda m, T_x: m * T_x),
            (
                partial(backward, scale=lambda m, T_x: m),
                partial(backward, scale=lambda m, T_x: T_x),
            ),
        ),
        Misconception(
            "dba lost its second axis",
            "`dba` is (n_a,), but `ba` is (n_a, 1), and adding the two would broadcast into a "
            "square. Keep the axis that you sum over.",
            partial(backward, total=lambda dz: dz.sum(axis=1)),
        ),
    ),
    hints=(
        "A step picks a column of Wax and adds it to z. If you know dz, whose gradient does it "
        "add to, and where?",
        "As in `rnn_backward`: from the last step to the first, dz is the slope of tanh times "
        "(`da` of this step + what comes back). `a[:, :, t - 1]` is the state before step t, and "
        "`a0` the one before step 0.",
        "dz (n_a, m) goes to three places: each of its columns to the column of dWax that its "
        "example's character names (np.add.at on dWax.T adds up repeats), dz times the state "
        "before, transposed, to dWaa, and its sum over the batch to dba. Waa.T @ dz goes back.",
    ),
)
