"""Exercises 5 and 6: the plain RNN backwards."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import arguments, gradients, oracle
from .slips import backward_slips
from .variants import rnn_cell_back, through_time

AXES = {
    **arguments.AXES,
    "dxt": ("input feature", "example"),
    "da_prev": ("unit", "example"),
    "dx": ("input feature", "example", "time step"),
    "da0": ("unit", "example"),
    "dWax": ("unit", "input feature"),
    "dWaa": ("unit", "unit"),
    "dba": ("unit", "column"),
}


def _cell(**broken):
    return partial(rnn_cell_back, **broken)


def _flat_bias(dz):
    return dz.sum(axis=1)


RNN_CELL_BACKWARD = Exercise(
    name="rnn_cell_backward",
    difficulty=2,
    minutes=20,
    returns="gradients",
    axes=AXES,
    cases=arguments.rnn_cell_backward_cases,
    oracle=gradients.rnn_cell_backward,
    criteria=(
        Criterion("returns dxt, da_prev, dWax, dWaa, dba of the right shapes", 1, aspect="shape"),
        Criterion("dxt", 2, ("dxt",)),
        Criterion("da_prev", 2, ("da_prev",)),
        Criterion("dWax", 2, ("dWax",)),
        Criterion("dWaa", 2, ("dWaa",)),
        Criterion("dba", 1, ("dba",)),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "derivative of tanh forgotten",
            "The gradient passes tanh untouched. Multiply by its slope, 1 - a_next**2: a "
            "saturated unit lets almost nothing through.",
            _cell(slope=lambda a_next, a_prev: 1.0),
        ),
        Misconception(
            "1 - a instead of 1 - a squared",
            "The slope of tanh is 1 - tanh(z)**2; yours lacks the square.",
            _cell(slope=lambda a_next, a_prev: 1 - a_next),
        ),
        Misconception(
            "slope of sigmoid",
            "a * (1 - a) is the slope of a sigmoid. This cell uses tanh: 1 - a**2.",
            _cell(slope=lambda a_next, a_prev: a_next * (1 - a_next)),
        ),
        Misconception(
            "slope taken at a_prev",
            "The slope of tanh is taken at `a_prev`. The tanh of this step produced `a_next`.",
            _cell(slope=lambda a_next, a_prev: 1 - a_prev**2),
        ),
        Misconception(
            "tanh applied twice",
            "`a_next` is already tanh(z); you take it for z and apply tanh once more. The slope "
            "is 1 - a_next**2.",
            _cell(slope=lambda a_next, a_prev: 1 - np.tanh(a_next) ** 2),
        ),
        Misconception(
            "Waa not transposed",
            "On the way back the weights are transposed: unit k sent its signal along column "
            "k of `Waa`, so the blame comes back by `Waa.T @ dz`.",
            _cell(transpose=False),
        ),
        Misconception(
            "dWaa from a_next",
            "`dWaa` multiplies by `a_next`. On the way forward `Waa` met `a_prev`, so its "
            "gradient does too.",
            _cell(state="a_next"),
        ),
        Misconception(
            "dba not summed over the batch",
            "`dba` has a column per example. One bias serves the whole batch: sum over "
            "axis 1 and keep the axis, (n_a, 1).",
            _cell(total=lambda dz: dz),
        ),
        Misconception(
            "dba lost its second axis",
            "`dba` is (n_a,), but `ba` is (n_a, 1), and adding the two would broadcast into a "
            "square. Sum with keepdims=True.",
            _cell(total=_flat_bias),
        ),
        Misconception(
            "averaged over the batch",
            "The weights' gradients are divided by m. The loss here is a sum over the batch, "
            "so each gradient is a sum too.",
            _cell(average=True),
            (_cell(total=lambda dz: dz.mean(axis=1, keepdims=True)),),
        ),
    ),
    hints=(
        "Call z what goes into tanh. If you knew dz, what would the gradient of each of its "
        "three terms be?",
        "dz is (n_a, m): the upstream gradient times the slope of tanh, element by element. A "
        "gradient has the shape of the thing itself.",
        "dz = (1 - a_next**2) * da_next. For a product W @ v: dW = dz @ v.T and dv = W.T @ dz. "
        "For the bias: sum dz over the batch, keeping the axis.",
    ),
)


def _back(**broken):
    return partial(through_time, back=rnn_cell_back, **broken)


RNN_BACKWARD = Exercise(
    name="rnn_backward",
    difficulty=3,
    minutes=20,
    needs=("rnn_cell_backward",),
    returns="gradients",
    axes=AXES,
    cases=partial(
        arguments.sequence_backward_cases,
        draw_parameters=arguments.rnn_parameters,
        forward=oracle.rnn_forward,
    ),
    oracle=gradients.rnn_backward,
    criteria=(
        Criterion("returns dx, da0, dWax, dWaa, dba of the right shapes", 1, aspect="shape"),
        Criterion("dx", 2, ("dx",)),
        Criterion("da0", 2, ("da0",)),
        Criterion("dWax", 2, ("dWax",)),
        Criterion("dWaa", 2, ("dWaa",)),
        Criterion("dba", 1, ("dba",)),
        Criterion("works for a sequence of one step", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "gradient not carried back",
            "Each step looks at its own upstream gradient only. `a` at step t also shapes "
            "every later step: add the `da_prev` that comes back from step t + 1.",
            _back(add=False),
        ),
        *backward_slips(_back, ("dWax", "dWaa"), ("dba",)),
    ),
    hints=(
        "The hidden state of step t reaches the loss along two roads. Which?",
        "Loop t from T_x - 1 down to 0. Totals for the weights start at zero and grow; `dx` is "
        "filled slice by slice; the carried gradient is (n_a, m).",
        "In the loop: call rnn_cell_backward with da[:, :, t] plus the carried da_prev; store "
        "dxt in dx[:, :, t]; add the three weights' gradients; carry da_prev on. At the end the "
        "carried gradient is da0.",
    ),
)
