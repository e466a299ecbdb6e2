"""Exercise 6: two networks that read in opposite directions, with padding."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from ..rnn_step_by_step.cases import tags
from . import oracle
from .gru import AXES, SHAPES, gru_cell, gru_parameters, label


def _mask(rng: np.random.Generator, m: int, T_x: int, padding: str) -> np.ndarray:
    """Draw which steps are real, (m, T_x): no example is all padding.

    The first is whole, except where padding comes first: there, none is.
    """
    mask = np.ones((m, T_x), bool)
    for e in range(0 if m == 1 or padding == "at the start" else 1, m):
        long = int(rng.integers(1, T_x)) if T_x > 1 else 1
        if padding == "at the end":
            mask[e, long:] = False
        elif padding == "at the start":
            mask[e, :-long] = False
        elif padding == "anywhere":
            between = 1 + rng.permutation(T_x - 2)  # so that real steps come before and after
            mask[e, between[: (T_x - 1) // 2]] = False
    return mask


def _cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (x, mask, forwards, backwards); padded steps of x hold noise."""
    cases = []
    kinds = (
        (0, "none"), (0, "at the end"), (1, "none"), (2, "none"),
        (3, "none"), (0, "at the start"), (3, "anywhere"),
    )  # fmt: skip
    for which, padding in kinds:
        n_x, n_a, m, T_x = SHAPES[which]
        args = {
            "x": rng.normal(size=(n_x, m, T_x)),
            "mask": _mask(rng, m, T_x, padding),
            "forwards": gru_parameters(rng, n_x, n_a),
            "backwards": gru_parameters(rng, n_x, n_a),
        }
        tag = "no padding" if padding == "none" else "padding"
        more = ", no padding" if padding == "none" else f", padding {padding}"
        cases.append(Case(label(n_x, n_a, m, T_x, more), args, tags(m, T_x) | {tag}))
    return cases


def bidirectional(
    x,
    mask,
    forwards,
    backwards,
    *,
    real=lambda mask: mask,
    mask_turned=True,
    padded=lambda new, old: old,
    recorded=lambda new, old: 0 * old,
    turn=(False, True),
    stored="at its step",
    last="state",
    first=0,
    weights=lambda one, other: (one, other),
    hand_over=False,
    join=np.concatenate,
):
    """Run two GRUs over a sequence.

    `padded(new, old)` is the state after a padded step, `recorded(new, old)` what `a` holds there.
    """
    _, m, T_x = x.shape
    mask, halves, lasts = real(mask), [], []
    state = np.zeros((len(forwards["bz"]), m))
    for backward, p in zip(turn, weights(forwards, backwards), strict=True):
        state = state if hand_over and halves else np.zeros((len(p["bz"]), m))
        a = np.zeros((*state.shape, T_x))
        for s in range(T_x):
            t = T_x - 1 - s if backward else s
            new, _ = gru_cell(x[:, :, t], state, p)
            is_real = mask[:, t if mask_turned else s]
            state = np.where(is_real, new, padded(new, state))
            shown = np.where(is_real, state, recorded(new, state))
            a[:, :, t if stored == "at its step" else s] = shown
        halves.append(a)
        ends = np.arange(len(mask)), mask.sum(axis=1) - 1
        where = {"a[:, :, -1]": (slice(None), slice(None), -1), "ends": (slice(None), *ends)}
        lasts.append(state if last == "state" else a[where[last]])
    if first:
        halves, lasts = halves[::-1], lasts[::-1]
    return join(halves), join(lasts)


def _one_mask(chosen):
    return partial(bidirectional, real=lambda mask: np.broadcast_to(chosen(mask), mask.shape))


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
        **AXES,
        "a": ("row", "example", "time step"),
        "last": ("row", "example"),
        "mask": ("example", "time step"),
    },
    cases=_cases,
    oracle=oracle.bidirectional_forward,
    criteria=(
        Criterion("returns (a, last) of the right shapes", 1, aspect="shape"),
        Criterion("a, the states of both readers", 6, ("a",)),
        Criterion(
            "a, where there is padding",
            6,
            ("a",),
            "padding",
            hint="At a padded position nothing is read: what is stored there, and what "
            "becomes of the state that goes on?",
        ),
        Criterion(
            "last, what each half knows in the end",
            6,
            ("last",),
            hint="Each reader ends somewhere else. At which end of the sequence has the one "
            "that reads backwards read everything?",
        ),
        Criterion("works for a sequence of one step", 1, tag="one step"),
        Criterion("works for a batch of one", 1, tag="batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "both read forwards",
            "The second half reads from the start as well. It must begin at the last step and "
            "end at step 0.",
            partial(bidirectional, turn=(False, False)),
        ),
        Misconception(
            "directions exchanged",
            "The first half reads from the end. `forwards` belongs on top, and reads from step 0.",
            partial(bidirectional, turn=(True, False)),
            (partial(bidirectional, turn=(True, True)),),
        ),
        Misconception(
            "backward half not turned back",
            "You store the second half in the order in which you computed it. What it knew at step "
            "t belongs to step t: turn it round in time before you join the two.",
            partial(bidirectional, stored="as read"),
        ),
        Misconception(
            "last is the last step",
            "Both halves of `last` come from the last step. There, the second reader has only just "
            "begun. At which step has it read everything?",
            partial(bidirectional, last="a[:, :, -1]"),
            (partial(bidirectional, last="ends"),),
        ),
        Misconception(
            "mask ignored",
            "You read padding as if it were input. Where `mask` is False, the state stays what it "
            "was.",
            partial(bidirectional, real=np.ones_like),
        ),
        Misconception(
            "padding blanked, not skipped",
            "You put zeros in place of the padded input and take the step. A step with zero input "
            "still moves the state: where `mask` is False, keep the old one.",
            _zeros_for_input,
        ),
        Misconception(
            "mask not turned round",
            "The second reader gets `x` from its end and `mask` from its beginning, so it skips "
            "steps that are real. Turn both round in time, or neither.",
            partial(bidirectional, mask_turned=False),
        ),
        Misconception(
            "mask upside down",
            "You skip the real steps and read the padding. True marks the real steps.",
            partial(bidirectional, real=np.logical_not),
        ),
        Misconception(
            "one mask for the whole batch",
            "All examples stop together. Each has padding of its own, so choose between the new "
            "and the old state for each example by itself.",
            _one_mask(lambda mask: mask.any(axis=0)),
            (
                _one_mask(lambda mask: mask.all(axis=0)),
                _one_mask(lambda mask: mask[0]),
                _one_mask(lambda mask: mask[-1]),
            ),
        ),
        Misconception(
            "state lost at padding",
            "A padded step sets the state to zero, and what was read before it is gone. Keep the "
            "old state.",
            partial(bidirectional, padded=lambda new, old: 0 * old),
        ),
        Misconception(
            "state recorded at padding",
            "You keep the state over padding, which is right, but you also record a state there. "
            "There was nothing to read: `a` is zero where `mask` is False.",
            partial(bidirectional, recorded=lambda new, old: old),
            (partial(bidirectional, recorded=lambda new, old: new),),
        ),
        Misconception(
            "backward half on top",
            "The halves are the wrong way round: the first n_a rows read forwards, the others "
            "backwards.",
            partial(bidirectional, first=1),
        ),
        Misconception(
            "one network twice",
            "A direction uses the other one's weights. They are two networks: `forwards` reads "
            "from the start and `backwards` from the end.",
            partial(bidirectional, weights=lambda one, other: (one, one)),
            (
                partial(bidirectional, weights=lambda one, other: (other, other)),
                partial(bidirectional, weights=lambda one, other: (other, one)),
            ),
        ),
        Misconception(
            "second half starts where the first ended",
            "The second network starts from the first one's last state. They never meet before "
            "they are joined: each starts from zeros.",
            partial(bidirectional, hand_over=True),
        ),
        Misconception(
            "added instead of joined",
            "The two halves are added up, averaged or stacked along a new axis. Concatenate them "
            "into 2 n_a rows, so that the next layer can tell past from future.",
            partial(bidirectional, join=sum),
            (
                partial(bidirectional, join=lambda parts: np.mean(parts, axis=0)),
                partial(bidirectional, join=np.stack),
            ),
        ),
        Misconception(
            "joined along another axis",
            "The halves are joined along the batch or in time. Units are axis 0: one example "
            "at one step has 2 n_a of them.",
            partial(bidirectional, join=partial(np.concatenate, axis=1)),
            (partial(bidirectional, join=partial(np.concatenate, axis=-1)),),
        ),
        Misconception(
            "x overwritten",
            "You blanked the padding in `x` itself, which belongs to the caller. Choose between "
            "states, and leave the input alone.",
            _blanks_x,
        ),
    ),
    hints=(
        "When the second network arrives at step t, which part of the sequence has it read? And "
        "at which step has it read everything?",
        "`reversed(range(T_x))` gives the steps from the end; what you find at step t is still "
        "stored at t. `np.where` with `mask[:, t]` chooses example by example, both for the state "
        "and for what you store.",
        "For each direction, start from a state of zeros (n_a, m) and take the steps in its "
        "order. At each, compute the new state, keep the old one where the mask is False, and "
        "store the state, or 0 there. Then join the two arrays, and the two final states.",
    ),
)
