"""Exercises 7 and 8: the LSTM backwards."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from ...rnn_utils import sigmoid
from . import intermediates, oracle
from .cases import AXES, backward_cases
from .loops import backward_mistakes, informative, run_backward
from .lstm_forward import LSTM_CELL_FORWARD, LSTM_FORWARD

_GATES = {"f": "forget gate", "i": "update gate", "c": "candidate", "o": "output gate"}
_GATE_HINTS = {
    "f": "dWf is made of a dz and of the stack. In c_next the forget gate multiplies the old "
    "memory: what is its share of dc, times the slope of a sigmoid whose value is `ft`? And is "
    "`a_prev` on top of the stack?",
    "i": "In c_next the update gate multiplies the candidate. What is its share of dc, and what is "
    "the slope of a sigmoid whose value is `it`?",
    "c": "The candidate went through a tanh, not a sigmoid. What is the slope of a tanh whose "
    "value is `cct`?",
    "o": "The output gate multiplies tanh of the new memory, and only in `a_next`. So which of "
    "the two upstream gradients does it see?",
}


def lstm_cell_back(
    da_next,
    dc_next,
    cache,
    *,
    carried=True,
    through_c=True,
    gate_slope=lambda gate: gate * (1 - gate),
    squash_slope=lambda c: 1 - np.tanh(c) ** 2,
    candidate_slope=lambda cct: 1 - cct**2,
    kept="ft",
    total=lambda dz: dz.sum(axis=1, keepdims=True),
    swap_halves=False,
    out_state=np.tanh,
    x_first=False,
    open_brackets="",
):
    """Go back through an LSTM cell with any of its factors left out or exchanged."""
    _, c_next, a_prev, c_prev, ft, it, cct, ot, xt, p = cache
    slope = squash_slope(c_next)
    dc = (dc_next if carried else 0.0) + (da_next * ot * slope if through_c else 0.0)
    dz = {
        "f": dc * c_prev * gate_slope(ft),
        "i": dc * cct * gate_slope(it),
        "c": dc * it * candidate_slope(cct),
        "o": da_next * out_state(c_next) * gate_slope(ot),
    }
    steep = {
        "f": (c_prev, gate_slope(ft)),
        "i": (cct, gate_slope(it)),
        "c": (it, candidate_slope(cct)),
    }
    for k in open_brackets:
        dz[k] = dc_next * steep[k][0] + da_next * ot * slope * steep[k][0] * steep[k][1]
    inputs = np.concatenate((xt, a_prev) if x_first else (a_prev, xt))
    joined = sum(p[f"W{k}"].T @ dz[k] for k in "fico")  # (n_a + n_x, m)
    n_a, n_x = a_prev.shape[0], xt.shape[0]
    halves = (joined[:n_a], joined[n_a:])
    if swap_halves:
        halves = (joined[n_x:], joined[:n_x])
    grads = {
        "dxt": halves[1],
        "da_prev": halves[0],
        "dc_prev": dc * {"ft": ft, "it": it, "1": 1.0}[kept],
    }
    for k in "fico":
        grads[f"dW{k}"], grads[f"db{k}"] = dz[k] @ inputs.T, total(dz[k])
    return grads


def _cell_follows(args, value) -> dict:
    """Derive the other gradients from the learner's dW, each of which is dz times the inputs."""
    *_, a_prev, _, _, _, _, _, xt, p = args["cache"]
    inputs = np.concatenate((a_prev, xt))
    if np.linalg.matrix_rank(inputs) < inputs.shape[1]:
        return {}  # several dz give the same product
    dz = {k: informative(value[f"dW{k}"]) @ np.linalg.pinv(inputs.T) for k in _GATES}
    joined = sum(p[f"W{k}"].T @ dz[k] for k in _GATES)
    biases = {f"db{k}": dz[k].sum(axis=1, keepdims=True) for k in _GATES}
    return biases | {"da_prev": joined[: len(a_prev)], "dxt": joined[len(a_prev) :]}


LSTM_CELL_BACKWARD = Exercise(
    name="lstm_cell_backward",
    difficulty=3,
    minutes=25,
    returns="gradients",
    axes=AXES,
    intermediates=intermediates.lstm_cell_backward,
    cases=partial(
        backward_cases,
        cases=LSTM_CELL_FORWARD.cases,
        forward=oracle.lstm_cell_forward,
        upstream=("da_next", "dc_next"),
    ),
    oracle=oracle.lstm_cell_backward,
    charged_first=("dc_prev", "dW?", "da_prev"),
    follows=_cell_follows,
    criteria=(
        Criterion(
            "returns eleven gradients, those of xt, states and matrices in the right shapes",
            1,
            ("dxt", "da_prev", "dc_prev", "dW?"),
            aspect="shape",
        ),
        Criterion("dxt", 2, ("dxt",)),
        Criterion(
            "da_prev",
            3,
            ("da_prev",),
            hint="`a_prev` is the upper part of the stack, and all four matrices read it. "
            "How many terms does its gradient have, and which columns of each matrix "
            "belong to it?",
        ),
        Criterion(
            "dc_prev",
            3,
            ("dc_prev",),
            hint="`c_prev` reached `c_next` through one product only. By what was it "
            "multiplied, and is the gradient of c_next complete, with both of its "
            "roads?",
        ),
        *(
            Criterion(f"dW{k} ({gate})", 1, (f"dW{k}",), hint=_GATE_HINTS[k])
            for k, gate in _GATES.items()
        ),
        Criterion(
            "dbf, dbi, dbc, dbo",
            2,
            ("db?",),
            hint="Each bias was added to every example. Its gradient sums its own dz over "
            "the batch, and stays (n_a, 1).",
        ),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "dc_next ignored",
            "You do not use `dc_next`, the gradient that arrives along the cell state. It adds to "
            "what comes through `a_next`: this is the road on which long memory is learned.",
            partial(lstm_cell_back, carried=False),
        ),
        Misconception(
            "a_next does not reach the cell state",
            "`da_next` reaches the output gate but not the cell state. The hidden state is made "
            "from both, so the gradient flows into both.",
            partial(lstm_cell_back, through_c=False),
        ),
        Misconception(
            "tanh of the cell state not differentiated",
            "On its way from `a_next` into the cell state, the gradient passes a tanh. Multiply "
            "by the slope of tanh at `c_next`.",
            partial(lstm_cell_back, squash_slope=lambda c: 1.0),
        ),
        Misconception(
            "slope of the gates forgotten",
            "The gradients of the gates lack the slope of the sigmoid, gate * (1 - gate).",
            partial(lstm_cell_back, gate_slope=lambda gate: 1.0),
        ),
        Misconception(
            "slope of the candidate forgotten",
            "The gradient of the candidate lacks the slope of its tanh.",
            partial(lstm_cell_back, candidate_slope=lambda cct: 1.0),
        ),
        Misconception(
            "tanh of the candidate taken again",
            "`cct` is a tanh already, so its slope follows from its square. You take the tanh of "
            "it once more. (A formula in a published course does so, too.)",
            partial(lstm_cell_back, candidate_slope=lambda cct: 1 - np.tanh(cct) ** 2),
            (partial(lstm_cell_back, candidate_slope=lambda cct: cct * (1 - np.tanh(cct) ** 2)),),
        ),
        Misconception(
            "sigmoid of a gate taken again",
            "A gate is a sigmoid already, so its slope is gate * (1 - gate). You take the sigmoid "
            "of it once more.",
            partial(lstm_cell_back, gate_slope=lambda gate: sigmoid(gate) * (1 - sigmoid(gate))),
        ),
        Misconception(
            "brackets of a sum forgotten",
            "A slope multiplies only the term with `da_next`. It belongs to the whole gradient of "
            "the cell state: put the sum of both terms in brackets first.",
            partial(lstm_cell_back, open_brackets="fic"),
            tuple(partial(lstm_cell_back, open_brackets=k) for k in ("c", "i", "f", "ic", "fi")),
        ),
        Misconception(
            "dc_prev through the wrong gate",
            "The old memory came in through one gate, and its gradient goes back through the same "
            "gate. For `dc_prev` you use another one, or none.",
            partial(lstm_cell_back, kept="it"),
            (partial(lstm_cell_back, kept="1"),),
        ),
        Misconception(
            "output gate from c_next without tanh",
            "Forwards, the output gate multiplied tanh(c_next) and not `c_next`. Its gradient "
            "needs the same factor.",
            partial(lstm_cell_back, out_state=lambda c: c),
        ),
        Misconception(
            "halves swapped",
            "The parts for `a_prev` and `xt` are cut in the wrong place. The first n_a rows of "
            "the stack, and so the first n_a columns of each weight, belong to `a_prev`.",
            partial(lstm_cell_back, swap_halves=True),
        ),
        Misconception(
            "inputs stacked the other way",
            "In the gradients of the weights, `xt` comes before `a_prev`. Forwards, `a_prev` was "
            "on top of the stack.",
            partial(lstm_cell_back, x_first=True),
        ),
        Misconception(
            "biases not summed over the batch",
            "The gradients of the biases have a column for each example. One bias serves the "
            "whole batch, so its gradient is the sum over axis 1, of shape (n_a, 1).",
            partial(lstm_cell_back, total=lambda dz: dz),
        ),
        Misconception(
            "biases lost their second axis",
            "The gradients of the biases are (n_a,), but the biases are (n_a, 1). Keep the axis "
            "that you sum over.",
            partial(lstm_cell_back, total=lambda dz: dz.sum(axis=1)),
        ),
    ),
    hints=(
        "Along which two roads does the loss depend on `c_next`?",
        "First collect the whole gradient of c_next, (n_a, m). Then each of the four gets its "
        "share, times the slope of its own nonlinearity. Then each weight's gradient is a product "
        "with the stack, (n_a + n_x, m).",
        "Follow the text line by line: dc, then the four dz, then the weights and biases. Each "
        "gate's transposed weights send its dz back to the stack; add the four up, and cut the "
        "sum after its first n_a rows.",
    ),
)

lstm_back = partial(run_backward, back=lstm_cell_back, lstm=True)

LSTM_BACKWARD = Exercise(
    name="lstm_backward",
    difficulty=3,
    minutes=20,
    needs=("lstm_cell_backward",),
    returns="gradients",
    axes=AXES,
    cases=partial(
        backward_cases, cases=LSTM_FORWARD.cases, forward=oracle.lstm_forward, upstream=("da",)
    ),
    oracle=oracle.lstm_backward,
    criteria=(
        Criterion(
            "returns ten gradients, those of x, a0 and the matrices in the right shapes",
            1,
            ("dx", "da0", "dW?"),
            aspect="shape",
        ),
        Criterion("dx", 2, ("dx",)),
        Criterion(
            "da0",
            2,
            ("da0",),
            hint="`da0` is the hidden state's gradient that leaves step 0. In which variable "
            "is it when the loop has ended?",
        ),
        *(
            Criterion(
                f"dW{k} ({gate})",
                1,
                (f"dW{k}",),
                hint="The same matrix worked at every step, so its total has a term from each. "
                f"Is this step's {gate} added to the {gate}'s total?",
            )
            for k, gate in _GATES.items()
        ),
        Criterion(
            "dbf, dbi, dbc, dbo",
            1,
            ("db?",),
            hint="There are four biases with a total each. Does every one of them start at "
            "zero, in the shape (n_a, 1), and grow at every step?",
        ),
        Criterion("works for a sequence of one step", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "hidden gradient not carried back",
            "The `da_prev` that comes back from step t + 1 is dropped. Add it to the upstream "
            "gradient of step t. (A published version of this function makes this very slip.)",
            partial(lstm_back, add=False),
        ),
        Misconception(
            "cell gradient not carried back",
            "`dc_prev` is not handed on to the step before. The cell state is the road along "
            "which gradients survive: carry its gradient back too.",
            partial(lstm_back, carry_c=False),
        ),
        Misconception(
            "nothing carried back",
            "You hand on neither `da_prev` nor `dc_prev`, so every step is treated as a sequence "
            "of its own.",
            partial(lstm_back, add=False, carry_c=False),
        ),
        Misconception(
            "gradients exchanged",
            "The cell takes the gradient of the hidden state first, and that of the cell state "
            "second. You hand them over the other way round.",
            partial(lstm_back, back=lambda da, dc, cache: lstm_cell_back(dc, da, cache)),
        ),
        *backward_mistakes(  # at step 0, where c_prev is 0, the forget gate has nothing to forget
            lstm_back, [f"dW{k}" for k in "fico"], [f"db{k}" for k in "fico"], empty="dWf"
        ),
    ),
    hints=(
        "Two gradients travel back from step to step. Which, and what are they before the last "
        "step?",
        "The carried da and dc are zeros (n_a, m) at first. Totals for the eight weights and "
        "biases start at zero; `dx` is (n_x, m, T_x).",
        "Go from the last step to step 0. Call lstm_cell_backward with this step's slice of `da` "
        "plus the carried da, with the carried dc, and with this step's cache. Store dxt, add up "
        "the weights and biases, and carry da_prev and dc_prev on.",
    ),
)
