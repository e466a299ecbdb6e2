"""Slips that both networks invite in the loop over time, forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...judging.model import Misconception


def forward_slips(sequence: Callable[..., Callable]) -> tuple[Misconception, ...]:
    """Make the slips of a forward loop; `sequence(**broken)` is the pass, broken in one way."""
    return (
        Misconception(
            "stops after a fixed number of steps",
            "The states are zero after the first few steps: the loop runs a fixed number of "
            "times. Take the number of steps from `x.shape[2]`.",
            sequence(steps=5),
            (
                *(sequence(steps=n) for n in (4, 6, 7, 10)),
                *(sequence(filled=n) for n in (4, 5, 6, 7, 10)),
            ),
        ),
        Misconception(
            "every cache the first",
            "Every entry of `caches` is the cache of one and the same step. Append the cache "
            "of step t, made inside the loop.",
            sequence(caches="first"),
            (sequence(caches="last"),),
        ),
        Misconception(
            "a0 ignored",
            "The hidden state starts from zeros. It should start from the `a0` you are given.",
            sequence(start=np.zeros_like),
        ),
        Misconception(
            "always the same input",
            "Every step reads the same slice of `x`. Step t reads `x[:, :, t]`.",
            sequence(at=lambda t, T_x: 0),
            (sequence(at=lambda t, T_x: T_x - 1),),
        ),
        Misconception(
            "inputs backwards in time",
            "The inputs are read from the end to the start. Time runs forwards here.",
            sequence(at=lambda t, T_x: T_x - 1 - t),
        ),
    )


def backward_slips(
    back: Callable[..., Callable], weights: Sequence[str], biases: Sequence[str]
) -> tuple[Misconception, ...]:
    """Make the slips of a backward loop; `back(**broken)` is the pass, broken in one way.

    `weights` and `biases` name the gradients that add up over time.
    """
    weights, biases = tuple(weights), tuple(biases)
    return (
        Misconception(
            "weights' gradients overwritten",
            "A weight's gradient is overwritten at each step. The same weights work at every "
            "step, so their gradients add up over time.",
            back(overwrites=weights + biases),
            (back(overwrites=weights), *(back(overwrites=(name,)) for name in weights)),
        ),
        Misconception(
            "biases' gradients overwritten",
            "A bias's gradient is overwritten at each step while the matrices add up: add it "
            "up too.",
            back(overwrites=biases),
            tuple(back(overwrites=(name,)) for name in biases[1:]),
        ),
        Misconception(
            "forwards in time",
            "The loop runs forwards. What comes back from step t + 1 must be known before "
            "step t: start at the last step.",
            back(forwards=True),
        ),
        Misconception(
            "da0 never set",
            "`da0` is zero. It is the gradient that comes out at the bottom of the loop, "
            "after step 0.",
            back(first="zeros"),
        ),
        Misconception(
            "da0 from the last step",
            "`da0` is what the last time step sent back. It should be what step 0 sends back, "
            "the last one your loop reaches.",
            back(first="last step"),
        ),
        Misconception(
            "only the last output counts",
            "The upstream gradient of all but the last step is ignored. Every `a[:, :, t]` "
            "may feed the loss: add `da[:, :, t]` at each step.",
            back(upstream=lambda da, t, T_x: da[:, :, t] * (t == T_x - 1)),
        ),
        Misconception(
            "averaged over time",
            "The weights' gradients are divided by T_x. They are sums over time.",
            back(average=True),
        ),
    )
