"""Exercises 5 and 6: the plain RNN backwards."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import intermediates, oracle
from .cases import AXES, backward_cases
from .loops import backward_mistakes, run_backward
from .rnn_forward import RNN_CELL_FORWARD, RNN_FORWARD


def rnn_cell_back(
    da_next,
    cache,
    *,
    slope=lambda a_next, a_prev: 1 - a_next**2,
    total=lambda dz: dz.sum(axis=1, keepdims=True),
    state="a_prev",
    transpose=True,
    average=False,
):
    """Go back through a plain RNN cell; `slope(a_next, a_prev)` stands for tanh'."""
    a_next, a_prev, xt, p = cache
    dz = da_next * slope(a_next, a_prev)
    m = xt.shape[1] if average else 1
    da_prev = (p["Waa"].T if transpose else p["Waa"]) @ dz
    seen = {"a_prev": a_prev, "a_next": a_next, "da_prev": da_prev}[state]
    return {
        "dxt": p["Wax"].T @ dz,
        "da_prev": da_prev,
        "dWax": dz @ xt.T / m,
        "dWaa": dz @ seen.T / m,
        "dba": total(dz) / m,
    }


RNN_CELL_BACKWARD = Exercise(
    name="rnn_cell_backward",
    difficulty=2,
    minutes=20,
    returns="gradients",
    axes=AXES,
    intermediates=intermediates.rnn_cell_backward,
    cases=partial(
        backward_cases,
        cases=RNN_CELL_FORWARD.cases,
        forward=oracle.rnn_cell_forward,
        upstream=("da_next",),
    ),
    oracle=oracle.rnn_cell_backward,
    criteria=(
        Criterion(
            "returns the gradients, those of xt, a_prev and the matrices in the right shapes",
            1,
            ("dxt", "da_prev", "dW*"),
            aspect="shape",
        ),
        Criterion("dxt", 2, ("dxt",)),
        Criterion(
            "da_prev",
            2,
            ("da_prev",),
            hint="In z, `a_prev` was multiplied by `Waa`. What undoes the direction of a "
            "product when a gradient travels back through it?",
        ),
        Criterion(
            "dWax",
            2,
            ("dWax",),
            hint="dWax has the shape of Wax, (n_a, n_x). Which product of dz, (n_a, m), and "
            "`xt`, (n_x, m), has it?",
        ),
        Criterion(
            "dWaa",
            2,
            ("dWaa",),
            hint="dWaa belongs to the product with the state. Was that the state before the "
            "step or the one after it?",
        ),
        Criterion(
            "dba",
            1,
            ("dba",),
            hint="The bias was added to every example of the batch. What, then, happens to "
            "the columns of dz, and is the result still (n_a, 1)?",
        ),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "derivative of tanh forgotten",
            "The gradient passes tanh untouched. Multiply it by the slope of tanh: a saturated "
            "unit lets almost nothing through.",
            partial(rnn_cell_back, slope=lambda a_next, a_prev: 1.0),
        ),
        Misconception(
            "1 - a instead of 1 - a squared",
            "The slope of tanh is 1 - tanh(z)**2. Yours lacks the square.",
            partial(rnn_cell_back, slope=lambda a_next, a_prev: 1 - a_next),
        ),
        Misconception(
            "slope of sigmoid",
            "a * (1 - a) is the slope of a sigmoid. This cell uses tanh, whose slope is another "
            "one.",
            partial(rnn_cell_back, slope=lambda a_next, a_prev: a_next * (1 - a_next)),
        ),
        Misconception(
            "slope taken at a_prev",
            "You take the slope of tanh from `a_prev`. Which state did the tanh of this step "
            "produce?",
            partial(rnn_cell_back, slope=lambda a_next, a_prev: 1 - a_prev**2),
        ),
        Misconception(
            "tanh applied twice",
            "`a_next` is already tanh(z). You take it for z and apply tanh once more.",
            partial(rnn_cell_back, slope=lambda a_next, a_prev: 1 - np.tanh(a_next) ** 2),
        ),
        Misconception(
            "Waa not transposed",
            "On the way back, the weights are transposed: unit k sent its signal along column k "
            "of `Waa`, so the blame returns along that column.",
            partial(rnn_cell_back, transpose=False),
        ),
        Misconception(
            "dWaa from a_next",
            "`dWaa` multiplies by `a_next`. On the way forward `Waa` met `a_prev`, so its "
            "gradient does too.",
            partial(rnn_cell_back, state="a_next"),
        ),
        Misconception(
            "dWaa from da_prev",
            "`dWaa` multiplies by `da_prev`, which is a gradient. On the way forward `Waa` met "
            "the state `a_prev`, so its gradient does too.",
            partial(rnn_cell_back, state="da_prev"),
        ),
        Misconception(
            "dba not summed over the batch",
            "`dba` has a column for each example. One bias serves the whole batch, so its "
            "gradient is the sum over axis 1, of shape (n_a, 1).",
            partial(rnn_cell_back, total=lambda dz: dz),
        ),
        Misconception(
            "dba lost its second axis",
            "`dba` is (n_a,), but `ba` is (n_a, 1), and adding the two would broadcast into a "
            "square. Keep the axis that you sum over.",
            partial(rnn_cell_back, total=lambda dz: dz.sum(axis=1)),
        ),
        Misconception(
            "averaged over the batch",
            "You divide the gradients of the weights by m. The loss here is a sum over the batch, "
            "so each gradient is a sum too.",
            partial(rnn_cell_back, average=True),
        ),
        Misconception(
            "dba averaged over the batch",
            "`dba` is a mean over the batch. The loss here is a sum over the batch, so `dba` is a "
            "sum too, like the gradients of the matrices.",
            partial(rnn_cell_back, total=lambda dz: dz.mean(axis=1, keepdims=True)),
        ),
    ),
    hints=(
        "Call z what goes into tanh. If you knew dz, what would the gradient of each of its "
        "three terms be?",
        "dz is (n_a, m): the upstream gradient times the slope of tanh, element by element. A "
        "gradient has the shape of the thing itself.",
        "First dz, from `da_next` and `a_next`. Then apply the rule for a product W @ v to both "
        "products in z: each gives the gradient of a matrix and of what the matrix multiplied. "
        "The bias gets the sum of dz over the batch, with the axis kept.",
    ),
)

rnn_back = partial(run_backward, back=rnn_cell_back)

RNN_BACKWARD = Exercise(
    name="rnn_backward",
    difficulty=3,
    minutes=20,
    needs=("rnn_cell_backward",),
    returns="gradients",
    axes=AXES,
    cases=partial(
        backward_cases, cases=RNN_FORWARD.cases, forward=oracle.rnn_forward, upstream=("da",)
    ),
    oracle=oracle.rnn_backward,
    criteria=(
        Criterion(
            "returns the gradients, those of x, a0 and the matrices in the right shapes",
            1,
            ("dx", "da0", "dW*"),
            aspect="shape",
        ),
        Criterion("dx", 2, ("dx",)),
        Criterion(
            "da0",
            2,
            ("da0",),
            hint="`da0` is the gradient that leaves step 0 towards the past. In which "
            "variable is it when the loop has ended?",
        ),
        Criterion(
            "dWax",
            2,
            ("dWax",),
            hint="The same Wax worked at every step. What does that mean for the gradients "
            "that the steps return?",
        ),
        Criterion(
            "dWaa",
            2,
            ("dWaa",),
            hint="The same Waa worked at every step. Is the total of as many terms as there "
            "are steps, and did it start at zero?",
        ),
        Criterion(
            "dba",
            1,
            ("dba",),
            hint="The same bias was added at every step. Do its gradients replace one "
            "another, or add up?",
        ),
        Criterion("works for a sequence of one step", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "gradient not carried back",
            "Each step looks at its own upstream gradient only. The state of step t also shapes "
            "every later step: add what comes back from step t + 1.",
            partial(rnn_back, add=False),
        ),
        *backward_mistakes(rnn_back, ("dWax", "dWaa"), ("dba",)),
    ),
    hints=(
        "The hidden state of step t reaches the loss along two roads. Which?",
        "Loop t from T_x - 1 down to 0. Totals for the weights start at zero and grow; `dx` is "
        "filled slice by slice; the carried gradient is (n_a, m).",
        "In the loop, call rnn_cell_backward with this step's slice of `da` plus the carried "
        "gradient. Store its dxt in `dx`, add its weights' gradients to the totals, and carry its "
        "da_prev on. When the loop ends, look at what you are carrying.",
    ),
)
