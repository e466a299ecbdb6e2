"""A loop over time, forwards and backwards, and the mistakes that every such loop invites.

Each switch of a loop breaks it in one way. Only mistakes are made from these loops; the oracle
does not use them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ...judging.model import Misconception
from ...rnn_utils import softmax

TOO_SMALL = 1e-2  # nothing that follows from a smaller state could be told from a bias alone


def run_forward(
    x,
    a0,
    p,
    *,
    cell,
    results,
    start=lambda a0: a0,
    first_states=lambda a0: [a0],
    handed_on=(0, 1),
    at=lambda t, T_x: t,
    steps=None,
    record=lambda after, before, p: after,
    caches="each",
    filled=None,
):
    """Run a cell over a sequence, with the bookkeeping broken in one way.

    `cell(xt, *states, p)` returns the new states, perhaps a prediction, and a cache; `results`
    says in which order these are returned. Step t reads the input at `at(t, T_x)`.
    """
    T_x, states, rows, kept = x.shape[2], first_states(start(a0)), [], []
    for t in range(min(T_x, steps or T_x)):
        *after, cache = cell(x[:, :, at(t, T_x)], *states, p)
        rows.append(record(after, states, p))
        kept.append(cache)
        states = [after[k] if k in handed_on else old for k, old in enumerate(states)]
    blank = [[np.zeros_like(part) for part in rows[0]]] * (T_x - len(rows))
    stacked = [np.stack([row[k] for row in rows + blank], axis=2) for k in results]
    stacked[0][:, :, filled or T_x :] = 0
    if caches != "each":
        kept = [kept[0 if caches == "first" else -1]] * len(kept)
    return (*stacked, (kept, x))


def forward_mistakes(forward: Callable[..., tuple]) -> tuple[Misconception, ...]:
    """List the mistakes of a forward loop; `forward` takes the switches of `run_forward`."""
    return (
        Misconception(
            "hidden state not carried",
            "The hidden state that leaves one step does not enter the next: every step is given "
            "the same one. Hand it on from step to step.",
            partial(forward, handed_on=(1,)),
        ),
        Misconception(
            "stops after a fixed number of steps",
            "Only a fixed number of steps is taken, or stored, however long the sequence is. Take "
            "the number of steps from the shape of `x`.",
            partial(forward, steps=5),
            (
                *(partial(forward, steps=n) for n in (4, 6, 7, 10)),
                *(partial(forward, filled=n) for n in (4, 5, 6, 7, 10)),
            ),
        ),
        Misconception(
            "every cache the first",
            "All entries of `caches` are the cache of one and the same step. Append each step's "
            "own cache inside the loop.",
            partial(forward, caches="first"),
            (partial(forward, caches="last"),),
        ),
        Misconception(
            "a0 ignored",
            "At step 0 the state before it is zeros, and should be the `a0` you are given. (If "
            "you read `a[:, :, t - 1]` there, that is the last step's place, still empty.)",
            partial(forward, start=np.zeros_like),
        ),
        Misconception(
            "always the same input",
            "Every step reads the same slice of `x`. Which slice belongs to step t?",
            partial(forward, at=lambda t, T_x: 0),
            (partial(forward, at=lambda t, T_x: T_x - 1),),
        ),
        Misconception(
            "input of the step before",
            "Step t reads the input of step t - 1, and step 0 that of the last step. Each step "
            "reads its own.",
            partial(forward, at=lambda t, T_x: t - 1),
        ),
        Misconception(
            "inputs backwards in time",
            "You read the inputs from the end to the start. Here, time runs forwards.",
            partial(forward, at=lambda t, T_x: T_x - 1 - t),
        ),
    )


def run_backward(
    da,
    caches,
    *,
    back,
    lstm=False,
    add=True,
    carry_c=True,
    summed=(),
    overwrites=(),
    order=lambda T_x: range(T_x - 1, -1, -1),
    first="da_prev",
    upstream=lambda da, t, T_x: da[:, :, t],
    cached=lambda t, T_x: t,
    average=False,
):
    """Run a cell's backward pass over a sequence, with the bookkeeping broken in one way."""
    kept, x = caches
    T_x, shape = len(kept), kept[0][0].shape
    da_prev, dc_prev = np.zeros(shape), np.zeros(shape)
    dx, totals, da0 = np.zeros(x.shape), {}, None
    for t in order(T_x):
        arriving = upstream(da, t, T_x) + (da_prev if add else 0.0)
        cache = kept[cached(t, T_x)]
        step = back(arriving, dc_prev, cache) if lstm else back(arriving, cache)
        dx[:, :, t], came = step.pop("dxt"), step.pop("da_prev")
        da_prev = came + da_prev if "da" in summed else came
        came_c = step.pop("dc_prev", dc_prev) if carry_c else dc_prev
        dc_prev = came_c + dc_prev if "dc" in summed else came_c
        da0 = da_prev if da0 is None else da0
        for name, value in step.items():
            grows = name in totals and name not in overwrites
            totals[name] = totals[name] + value if grows else value
    if average:
        totals = {name: value / T_x for name, value in totals.items()}
    start = {"da_prev": da_prev, "came": came, "last step": da0, "zeros": np.zeros(shape)}[first]
    return {"dx": dx, "da0": start, **totals}


def mistakes_of_order(backward: Callable[..., dict]) -> tuple[Misconception, Misconception]:
    """List the wrong orders of a loop back through time; `backward` takes the switch `order`."""
    return (
        Misconception(
            "forwards in time",
            "Your loop runs forwards. Before you can treat step t, you need what comes back from "
            "step t + 1: at which step must the loop start?",
            partial(backward, order=range),
        ),
        Misconception(
            "one step back only",
            "Only one step's gradients reach the result. Do all lines that use what a step gives "
            "stand inside the loop, and does the loop, or the function, end too early?",
            partial(backward, order=lambda T_x: range(T_x - 1, T_x)),
            (partial(backward, order=lambda T_x: range(1)),),
        ),
    )


def backward_mistakes(
    backward: Callable[..., dict], weights: Sequence[str], biases: Sequence[str], *, empty: str = ""
) -> tuple[Misconception, ...]:
    """List the mistakes of a backward loop; `backward` takes the switches of `run_backward`.

    `weights` and `biases` name the gradients that add up over time; `empty` is the one of the
    weights that gets nothing from step 0.
    """
    weights, biases = tuple(weights), tuple(biases)
    alone = (name for name in weights if name != empty)
    return (
        Misconception(
            "weights' gradients overwritten",
            "A weight's gradient holds the share of one step alone. The same weights work at every "
            "step, so their gradients add up over time, inside the loop.",
            partial(backward, overwrites=weights + biases),
            (
                partial(backward, overwrites=weights),
                *(partial(backward, overwrites=(name,)) for name in alone),
            ),
        ),
        Misconception(
            "biases' gradients overwritten",
            "The gradient of a bias holds the share of one step alone. A bias works at every step, "
            "as a matrix does, so its gradients add up over time, inside the loop.",
            partial(backward, overwrites=biases),
            tuple(partial(backward, overwrites=(name,)) for name in biases[1:]),
        ),
        *mistakes_of_order(backward),
        Misconception(
            "what comes back added up",
            "You add what comes back from a step to what came back before. A step receives only "
            "what the step after it sends: that takes the place of the older.",
            partial(backward, summed=("da",)),
            tuple(
                partial(backward, summed=summed, first=first)
                for summed in (("da",), ("da", "dc"))
                for first in ("da_prev", "came")
            )[1:],
        ),
        Misconception(
            "the cache of another step",
            "A step goes back with the cache of another one. Step t, whatever the order of the "
            "loop, needs the cache with the number t.",
            partial(backward, cached=lambda t, T_x: T_x - 1 - t),
            (
                partial(backward, cached=lambda t, T_x: T_x - 1),
                partial(backward, cached=lambda t, T_x: 0),
            ),
        ),
        Misconception(
            "da0 never set",
            "`da0` is zero. It is what comes out of the loop in the end, on the far side of "
            "step 0.",
            partial(backward, first="zeros"),
        ),
        Misconception(
            "da0 from the last step",
            "`da0` holds what the last time step sent back. It should hold what step 0 sends "
            "back: a loop that runs from the last step to the first ends there.",
            partial(backward, first="last step"),
        ),
        Misconception(
            "only the last output counts",
            "You use the upstream gradient of the last step only. Every hidden state may feed the "
            "loss, so each step adds its own slice of `da`.",
            partial(backward, upstream=lambda da, t, T_x: da[:, :, t] * (t == T_x - 1)),
        ),
        Misconception(
            "da left out",
            "Everything is zero. Does the loop run at all, does it store what each step returns, "
            "and does that step's slice of `da` reach the cell?",
            partial(backward, upstream=lambda da, t, T_x: 0.0 * da[:, :, t]),
        ),
        Misconception(
            "averaged over time",
            "You divide the weights' gradients by T_x. They are sums over time, not means.",
            partial(backward, average=True),
        ),
    )


# What follows from a learner's own states: who gets the state wrong, and then computes the
# prediction rightly from it, has made one mistake and not two.


def informative(state: np.ndarray) -> np.ndarray:
    """Return a state that later results may follow from.

    Raises ValueError if it has nan, is far smaller or larger than any state, or is the same in
    every unit: an answer without logic would have no trouble to follow from that.
    """
    largest = np.abs(state).max()
    if not TOO_SMALL < largest < 1 / TOO_SMALL:  # also True for nan
        raise ValueError("the state is not plausible")
    if np.ptp(state, axis=0).min() == 0 and state.shape[0] > 1:
        raise ValueError("the state is the same in every unit")
    return state


def cached_states(name: str, states: np.ndarray, start: np.ndarray) -> dict[str, np.ndarray]:
    """Derive what the caches of every step should hold of one kind of state (n_a, m, T_x)."""
    before = np.concatenate((start[:, :, None], states[:, :, :-1]), axis=2)
    return {
        f"caches.steps.{t}.{name}_{when}": kept[:, :, t]
        for when, kept in (("next", states), ("prev", before))
        for t in range(states.shape[2])
    }


def predictions(W: np.ndarray, b: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Derive the predictions (n_y, m, T_x) of all steps from their hidden states."""
    return softmax(np.einsum("ya,amt->ymt", W, a) + b[:, :, None])
