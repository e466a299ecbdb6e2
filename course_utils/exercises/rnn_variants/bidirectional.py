"""Exercise 6: two networks that read in opposite directions, with padding."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import cases, oracle
from .variants import bidirectional


def _both(**broken):
    return partial(bidirectional, **broken)


def _nothing(new, old):
    return 0 * old


def _old(new, old):
    return old


def _any_real(mask):
    return np.repeat(mask.any(axis=0, keepdims=True), len(mask), axis=0)


def _all_real(mask):
    return np.repeat(mask.all(axis=0, keepdims=True), len(mask), axis=0)


def _blanks_x(x, mask, forwards, backwards):
    x *= mask
    return bidirectional(x, mask, forwards, backwards)


def _zeros_for_input(x, mask, forwards, backwards):
    return bidirectional(x * mask, np.ones_like(mask), forwards, backwards)


BIDIRECTIONAL_FORWARD = Exercise(
    name="bidirectional_forward",
    difficulty=3,
    minutes=25,
    needs=("gru_cell_forward",),
    returns=("a", "last"),
    axes={
        **cases.AXES,
        "a": ("row", "example", "time step"),
        "last": ("row", "example"),
        "mask": ("example", "time step"),
    },
    cases=cases.bidirectional_cases,
    oracle=oracle.bidirectional_forward,
    criteria=(
        Criterion("returns (a, last) of the right shapes", 1, aspect="shape"),
        Criterion("a, where nothing is padded", 6, ("a",), "no padding"),
        Criterion("a, where there is padding", 6, ("a",), "padding"),
        Criterion("last, what each half knows in the end", 6, ("last",)),
        Criterion("works for a sequence of one step", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "both read forwards",
            "The second half reads from the start as well. It must begin at the last step and "
            "end at step 0.",
            _both(turn=(False, False)),
        ),
        Misconception(
            "directions exchanged",
            "The first half reads backwards and the second forwards. `forwards` belongs on top "
            "and reads from step 0.",
            _both(turn=(True, False)),
            (_both(turn=(True, True)),),
        ),
        Misconception(
            "backward half not turned back",
            "The second half is stored in the order in which it was computed. What it knew at "
            "step t belongs to step t: turn it round in time before you join the two.",
            _both(stored="as read"),
        ),
        Misconception(
            "last is the last step",
            "`last` is `a[:, :, -1]`. There the second half has only just begun: it has read "
            "everything when it arrives at step 0.",
            _both(last="a[:, :, -1]"),
        ),
        Misconception(
            "mask ignored",
            "Padding is read as if it were input. Where `mask` is False the state stays what it "
            "was.",
            _both(real=np.ones_like),
        ),
        Misconception(
            "padding blanked, not skipped",
            "You put zeros in place of the padded input and step on. A step with zero input "
            "still moves the state: where `mask` is False, keep the old one.",
            _zeros_for_input,
        ),
        Misconception(
            "mask upside down",
            "Real steps are skipped and padding is read: True marks the real ones.",
            _both(real=np.logical_not),
        ),
        Misconception(
            "one mask for the whole batch",
            "All examples stop together. Each has padding of its own: choose between new and "
            "old state column by column, with `mask[:, t]`.",
            _both(real=_any_real),
            (
                _both(real=_all_real),
                _both(real=lambda mask: np.repeat(mask[:1], len(mask), axis=0)),
                _both(real=lambda mask: np.repeat(mask[-1:], len(mask), axis=0)),
            ),
        ),
        Misconception(
            "state lost at padding",
            "A padded step sets the state to zero, so what was read before it is gone. Keep "
            "the old state.",
            _both(padded=_nothing),
        ),
        Misconception(
            "state recorded at padding",
            "You keep the state over padding, which is right, and record it there as well. There "
            "was nothing to read: `a` is zero where `mask` is False.",
            _both(recorded=_old),
            (_both(recorded=lambda new, old: new),),
        ),
        Misconception(
            "backward half on top",
            "The halves stand the other way round: first the n_a rows that read forwards, then "
            "those that read backwards.",
            _both(first=1),
        ),
        Misconception(
            "one network twice",
            "Both directions use the same weights. They are two networks: `forwards` and "
            "`backwards`.",
            _both(weights=lambda one, other: (one, one)),
            (
                _both(weights=lambda one, other: (other, other)),
                _both(weights=lambda one, other: (other, one)),
            ),
        ),
        Misconception(
            "second half starts where the first ended",
            "The second network starts from the first one's last state. They never meet before "
            "they are joined: each starts from zeros.",
            _both(hand_over=True),
        ),
        Misconception(
            "added instead of joined",
            "The two halves are added up or averaged. Concatenate them, so that the next layer "
            "can tell past from future: 2 n_a rows.",
            _both(join=sum),
            (_both(join=lambda parts: np.mean(parts, axis=0)), _both(join=np.stack)),
        ),
        Misconception(
            "joined along another axis",
            "The halves are joined along the batch or in time. Units are axis 0: one example "
            "at one step has 2 n_a of them.",
            _both(join=partial(np.concatenate, axis=1)),
            (_both(join=partial(np.concatenate, axis=-1)),),
        ),
        Misconception(
            "x overwritten",
            "The padding was blanked in `x` itself. It belongs to the caller: choose between "
            "states, and leave the input alone.",
            _blanks_x,
        ),
    ),
    hints=(
        "When the second network arrives at step t, which part of the sequence has it read? And "
        "at which step has it read everything?",
        "`reversed(range(T_x))` gives the steps from the end; store at `a[:, :, t]` all the "
        "same. `np.where(mask[:, t], new, old)` chooses example by example, for the state and "
        "for what is stored.",
        "For each direction: state of zeros (n_a, m); for each t in its order: new state from "
        "gru_cell_forward, keep the old one where the mask is False; store it, or 0 there. "
        "Then concatenate both arrays, and both final states.",
    ),
)
