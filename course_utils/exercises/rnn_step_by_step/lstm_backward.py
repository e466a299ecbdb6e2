"""Exercises 7 and 8: the LSTM backwards."""

from __future__ import annotations

from functools import partial

from ...judging.model import Criterion, Exercise, Misconception
from . import arguments, gradients, oracle
from .rnn_backward import AXES as RNN_AXES
from .slips import backward_slips
from .variants import lstm_cell_back, through_time

AXES = {
    **RNN_AXES,
    "dc_prev": ("unit", "example"),
    **{f"dW{k}": ("unit", "input") for k in "fico"},
    **{f"db{k}": ("unit", "column") for k in "fico"},
}
_GATES = {"f": "forget gate", "i": "update gate", "c": "candidate", "o": "output gate"}


def _cell(**broken):
    return partial(lstm_cell_back, **broken)


LSTM_CELL_BACKWARD = Exercise(
    name="lstm_cell_backward",
    difficulty=3,
    minutes=25,
    returns="gradients",
    axes=AXES,
    cases=arguments.lstm_cell_backward_cases,
    oracle=gradients.lstm_cell_backward,
    criteria=(
        Criterion("returns the eleven gradients in the right shapes", 1, aspect="shape"),
        Criterion("dxt", 2, ("dxt",)),
        Criterion("da_prev", 2, ("da_prev",)),
        Criterion("dc_prev", 2, ("dc_prev",)),
        *(
            Criterion(f"dW{k}, db{k} ({gate})", 2, (f"dW{k}", f"db{k}"))
            for k, gate in _GATES.items()
        ),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "dc_next ignored",
            "The gradient that arrives along the cell state, `dc_next`, is not used. It adds "
            "to what comes through `a_next`: that is the road on which long memory is learned.",
            _cell(carried=False),
        ),
        Misconception(
            "a_next does not reach the cell state",
            "`da_next` reaches the output gate but not the cell state. a_next = ot * "
            "tanh(c_next), so `da_next * ot * (1 - tanh(c_next)**2)` flows into it too.",
            _cell(through_c=False),
        ),
        Misconception(
            "tanh of the cell state not differentiated",
            "On its way from `a_next` into the cell state the gradient meets tanh(c_next): "
            "multiply by 1 - tanh(c_next)**2.",
            _cell(squash_slope=False),
        ),
        Misconception(
            "slope of the gates forgotten",
            "The gates' gradients lack the slope of the sigmoid, gate * (1 - gate).",
            _cell(gate_slope=False),
        ),
        Misconception(
            "slope of the candidate forgotten",
            "The candidate's gradient lacks the slope of tanh, 1 - cct**2.",
            _cell(candidate_slope=False),
        ),
        Misconception(
            "dc_prev through the wrong gate",
            "Old memory came in through the forget gate, so the gradient goes back through "
            "`ft`: dc_prev is the cell state's gradient times `ft`.",
            _cell(kept="it"),
            (_cell(kept="1"),),
        ),
        Misconception(
            "output gate from c_next without tanh",
            "The output gate multiplied tanh(c_next), not `c_next`.",
            _cell(out_state=lambda c: c),
        ),
        Misconception(
            "halves swapped",
            "The gradient of the stacked input is split the wrong way: its first n_a rows are "
            "`da_prev`, the n_x rows after them are `dxt`.",
            _cell(swap_halves=True),
        ),
        Misconception(
            "inputs stacked the other way",
            "The weights' gradients multiply by [xt; a_prev]. Forwards the stack was [a_prev; xt].",
            _cell(x_first=True),
        ),
        Misconception(
            "biases not summed over the batch",
            "The biases' gradients have a column per example: sum over axis 1, keeping the "
            "axis, (n_a, 1).",
            _cell(total=lambda dz: dz),
        ),
        Misconception(
            "biases lost their second axis",
            "The biases' gradients are (n_a,), but the biases are (n_a, 1): keepdims=True.",
            _cell(total=lambda dz: dz.sum(axis=1)),
        ),
    ),
    hints=(
        "Along which two roads does the loss depend on `c_next`?",
        "First the whole gradient of c_next, (n_a, m); then each gate's, times the slope of its "
        "own nonlinearity; then each weight by `dz @ stacked.T` with stacked (n_a + n_x, m).",
        "dc = dc_next + da_next * ot * (1 - tanh(c_next)**2). Forget gate: dc * c_prev * ft * "
        "(1 - ft), and the others alike. Stacked input: sum of W.T @ dz over the four; rows "
        ":n_a are da_prev, rows n_a: are dxt. dc_prev = dc * ft.",
    ),
)


def _back(**broken):
    return partial(through_time, back=lstm_cell_back, lstm=True, **broken)


LSTM_BACKWARD = Exercise(
    name="lstm_backward",
    difficulty=3,
    minutes=20,
    needs=("lstm_cell_backward",),
    returns="gradients",
    axes=AXES,
    cases=partial(
        arguments.sequence_backward_cases,
        draw_parameters=arguments.lstm_parameters,
        forward=oracle.lstm_forward,
    ),
    oracle=gradients.lstm_backward,
    criteria=(
        Criterion(
            "returns dx, da0 and the gates' gradients in the right shapes", 1, aspect="shape"
        ),
        Criterion("dx", 2, ("dx",)),
        Criterion("da0", 2, ("da0",)),
        *(Criterion(f"dW{k} ({gate})", 1, (f"dW{k}",)) for k, gate in _GATES.items()),
        Criterion("dbf, dbi, dbc, dbo", 1, ("db?",)),
        Criterion("works for a sequence of one step", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "hidden gradient not carried back",
            "The `da_prev` that comes back from step t + 1 is dropped: add it to `da[:, :, t]`. "
            "(A published version of this function makes this very slip.)",
            _back(add=False),
        ),
        Misconception(
            "cell gradient not carried back",
            "`dc_prev` is not handed on to the step before. The cell state is the road along "
            "which gradients survive: carry it back too.",
            _back(carry_c=False),
        ),
        Misconception(
            "nothing carried back",
            "Neither `da_prev` nor `dc_prev` is handed on: every step is treated as a sequence "
            "of its own.",
            _back(add=False, carry_c=False),
        ),
        *backward_slips(_back, [f"dW{k}" for k in "fico"], [f"db{k}" for k in "fico"]),
    ),
    hints=(
        "Two gradients travel back from step to step. Which, and what are they before the last "
        "step?",
        "Carried da and dc are zeros (n_a, m) at first. Totals for the eight weights start at "
        "zero; `dx` is (n_x, m, T_x).",
        "For t from the last to 0: call lstm_cell_backward with da[:, :, t] + carried da, the "
        "carried dc and the cache of t; store dxt; add up the weights; carry da_prev and "
        "dc_prev.",
    ),
)
