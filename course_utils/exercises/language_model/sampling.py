"""The exercise that makes the network speak."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from ...rnn_utils import softmax
from ..rnn_step_by_step.cases import rnn_parameters
from . import oracle
from .cases import AXES

CLEAR = 2e-3  # between a draw and the ends of a character's share: float32 is far finer


def _keep_best(z, k):
    return np.where(z >= np.sort(z)[-k], z, -np.inf)


def _right_place(share, draw):
    return int(np.searchsorted(np.cumsum(share), draw, side="right"))


def speak(
    first,
    a0,
    p,
    draws,
    temperature,
    top_k,
    *,
    scale=lambda z, T: z / T,
    keep=_keep_best,
    choose=_right_place,
    start=lambda a0: a0,
    memory=1.0,
    feed=lambda first, drawn: {drawn[-1] if drawn else first},
    carry=True,
    keep_first=None,
    again=True,
    powers=None,
    last=True,
):
    """Draw characters from the network, broken in one way; `feed` says which ones it reads."""
    a, indices = start(a0), []
    for draw in draws:
        read = p["Wax"][:, sorted(feed(first, indices))].sum(axis=1, keepdims=True)
        new = np.tanh(read + memory * p["Waa"] @ a + p["ba"])
        a = new if carry else a
        scores = (p["Wya"] @ new + p["by"])[:, 0]
        z = scale(scores, temperature)
        kept = keep(z, top_k) if top_k else z
        # `again`: what is kept is made to add up to 1
        share = softmax(kept) if again else softmax(z) * np.isfinite(kept)
        if powers:
            share = powers(softmax(scores) ** (1 / temperature), np.isfinite(kept))
        index = choose(share, draw)
        index = min(index, len(share) - 1) if last else index
        indices.append(index)
    return np.array([first, *indices][: keep_first(indices)] if keep_first else indices)


def _from_the_likeliest(share, draw, sign=-1):
    order = np.argsort(sign * share)
    place = int(np.searchsorted(np.cumsum(share[order]), draw))
    return int(order[min(place, len(order) - 1)])


def _kept_from_the_likeliest(share, draw):
    """Lay out the likeliest first where some were left out, as a cumulative sum of them does."""
    return (_right_place if share.all() else _from_the_likeliest)(share, draw)


def _place_among_kept(share, draw):
    order = np.argsort(-share)
    return int(np.searchsorted(np.cumsum(share[order]), draw, side="right"))


def _first_that_exceeds(share, draw):
    """Return the first character whose running total exceeds the draw; 0 if none does."""
    return int(np.argmax(np.cumsum(share) > draw))


def _powers_alone(powers, kept):
    """Return the powers of the probabilities; where some are left out, they add up to 1."""
    return powers if kept.all() else powers * kept / powers[kept].sum()


def _place_if_kept(share, draw):
    """Return a place in the sorted list where some characters were left out, else a character."""
    return (_right_place if share.all() else _place_among_kept)(share, draw)


_from_zeros = partial(speak, start=np.zeros_like)


def _worst(z, k):
    return np.where(z <= np.sort(z)[k - 1], z, -np.inf)


def _cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (first, a0, parameters, draws, temperature, top_k)."""
    made = []
    for n_y, n_a, n_draws, temperature, top_k, tag in (
        (6, 4, 14, 1.0, None, ()),
        (5, 6, 16, 1.0, None, ()),
        (6, 5, 14, float(rng.uniform(0.3, 0.6)), None, ("temperature",)),
        (6, 4, 14, float(rng.uniform(1.8, 2.5)), None, ("temperature",)),
        (7, 4, 16, 1.0, 2, ("top k",)),
        (6, 5, 16, 1.0, 3, ("top k",)),
        (5, 4, 6, 1.0, 5, ("top k",)),  # of five: all of them
        (6, 5, 12, float(rng.uniform(1.5, 2.5)), 3, ("top k",)),
        (6, 4, 1, 1.0, None, ("one character",)),
    ):
        what = f"{n_draws} characters, n_y={n_y}, n_a={n_a}, temperature={temperature:.2f}"
        args = _drawn(rng, n_y, n_a, n_draws, temperature, top_k)
        while np.array_equal(oracle.sample(*args.values()), _from_zeros(*args.values())):
            args = _drawn(rng, n_y, n_a, n_draws, temperature, top_k)
        made.append(Case(f"{what}, top_k={top_k}", args, frozenset(tag)))
    return made


def _drawn(rng, n_y, n_a, n_draws, temperature, top_k) -> dict:
    """Draw a network, and numbers that choose characters clearly.

    Where character 0 may not be drawn, the first number is 0: no total exceeds it before one may.
    """
    parameters = rnn_parameters(rng, n_y, n_a, n_y)
    parameters["Wya"] *= 0.8
    first, a0 = int(rng.integers(n_y)), rng.normal(0, 0.6, (n_a, 1))
    draws, index, a = np.zeros(n_draws), first, a0
    for i in range(n_draws):
        a, shares = oracle.probabilities(index, a, parameters, temperature, top_k)
        ends = np.cumsum([0.0, *shares])
        draw = 0.0 if shares[0] == 0 and draws[:i].all() else rng.uniform()
        while draw and np.abs(ends - draw).min() < CLEAR:
            draw = rng.uniform()
        draws[i], index = draw, int(np.searchsorted(ends[1:], draw, side="right"))
    return {
        "first": first, "a0": a0, "parameters": parameters, "draws": draws,
        "temperature": temperature, "top_k": top_k,
    }  # fmt: skip


SAMPLE = Exercise(
    name="sample",
    difficulty=2,
    minutes=20,
    needs=("language_model_forward",),
    returns="indices",
    axes=AXES,
    cases=_cases,
    oracle=oracle.sample,
    criteria=(
        Criterion("one index for each draw", 1, aspect="shape"),
        Criterion("the characters that the draws choose", 8),
        Criterion(
            "temperature",
            4,
            tag="temperature",
            hint="A temperature below 1 makes the likely more likely. Is it the scores that "
            "are divided by it, or the probabilities, and do they add up to 1 "
            "afterwards?",
        ),
        Criterion(
            "top_k",
            4,
            tag="top k",
            hint="Only the k most probable characters may be chosen. What becomes of the "
            "probability of all others, and what must be done so that the rest adds up "
            "to 1?",
        ),
        Criterion(
            "works for one character",
            1,
            tag="one character",
            beside=True,
            hint="With one draw there is one character to choose. What has the network read "
            "before it?",
        ),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "always the likeliest",
            "You take the likeliest character and never use the draw. Such a text soon goes "
            "round in circles.",
            partial(speak, choose=lambda share, draw: int(np.argmax(share))),
        ),
        Misconception(
            "the character before is not read",
            "Every step reads `first`. The character that was just drawn is the next input: that "
            "is how the network hears itself.",
            partial(speak, feed=lambda first, drawn: {first}),
        ),
        Misconception(
            "characters gathered in the input",
            "The one-hot input keeps the ones of all characters so far. Each step reads one "
            "character alone: start from zeros again.",
            partial(speak, feed=lambda first, drawn: {first, *drawn}),
        ),
        Misconception(
            "memory forgotten",
            "The new state ignores the state before it: the term with `Waa` is missing, or meets "
            "zeros at every step. Without it, the network knows only the character that it has "
            "just read.",
            partial(speak, memory=0.0),
        ),
        Misconception(
            "state not carried",
            "Every step starts from the same state, so the network knows only one character. "
            "Carry the state on.",
            partial(speak, carry=False),
        ),
        Misconception(
            "a0 ignored",
            "The state starts from zeros. It should start from the `a0` you are given, which "
            "may have read a text.",
            _from_zeros,
        ),
        Misconception(
            "first returned",
            "The indices begin with `first`, which was given and not drawn. Return what was drawn, "
            "one character for each draw.",
            partial(speak, keep_first=len),
            (partial(speak, keep_first=lambda drawn: len(drawn) + 1),),
        ),
        Misconception(
            "one character too early",
            "You choose the last character whose running total is still below the draw. Choose "
            "the first whose total exceeds it.",
            partial(
                speak,
                choose=lambda share, draw: max(
                    int(np.searchsorted(np.cumsum(share), draw, side="right")) - 1, 0
                ),
            ),
        ),
        Misconception(
            "one character too late",
            "You choose the character after the one whose running total exceeds the draw.",
            partial(
                speak,
                choose=lambda share, draw: int(np.searchsorted(np.cumsum(share), draw)) + 1,
            ),
        ),
        Misconception(
            "a total that only reaches the draw",
            "You choose the first character whose running total reaches the draw, also where it is "
            "just as large. It has to exceed it: a draw of 0 chooses no character that may not be "
            "drawn.",
            partial(speak, choose=lambda share, draw: int(np.searchsorted(np.cumsum(share), draw))),
        ),
        Misconception(
            "no running total",
            "You compare the draw with each probability by itself. It falls on one piece of a "
            "line: compare it with the ends of the pieces, which are running totals.",
            partial(speak, choose=lambda share, draw: int(np.argmax(share > draw))),
        ),
        Misconception(
            "totals in the order of the probabilities",
            "You add up the probabilities in another order than that of the characters. The "
            "docstring says which character a draw means: by running totals in their own order.",
            partial(speak, choose=_from_the_likeliest),
            (
                partial(speak, choose=_kept_from_the_likeliest),
                partial(speak, choose=partial(_from_the_likeliest, sign=1)),
            ),
        ),
        Misconception(
            "place in the sorted list",
            "What you return is a place in a list sorted by probability, not a character. Keep "
            "the characters' own numbers: set the probabilities of the others to 0 instead.",
            partial(speak, choose=_place_among_kept),
            (partial(speak, choose=_place_if_kept),),
        ),
        Misconception(
            "temperature ignored",
            "The temperature changes nothing. Divide the scores by it before the softmax.",
            partial(speak, scale=lambda z, T: z),
        ),
        Misconception(
            "multiplied by the temperature",
            "Your temperature works upside down: a hot network becomes more certain. It divides "
            "the scores; a power of the probabilities has its inverse for an exponent.",
            partial(speak, scale=lambda z, T: z * T),
        ),
        Misconception(
            "softmax of probabilities",
            "You take a softmax of probabilities, which come from one already. The temperature "
            "divides the scores, before the only softmax.",
            partial(speak, scale=lambda z, T: softmax(z) / T),
        ),
        Misconception(
            "powers not made to add up to 1",
            "Powers of probabilities no longer add up to 1, so your running totals end somewhere "
            "else. Divide by their sum, or compare with draw times the sum.",
            partial(speak, powers=_powers_alone),
            (
                partial(speak, powers=_powers_alone, choose=_first_that_exceeds),
                partial(speak, powers=np.multiply),
                partial(speak, powers=np.multiply, choose=_first_that_exceeds),
            ),
        ),
        Misconception(
            "top_k ignored",
            "All characters can still be drawn. With `top_k`, all but the likeliest get a "
            "probability of 0.",
            partial(speak, keep=lambda z, k: z),
        ),
        Misconception(
            "not made to add up to 1 again",
            "With `top_k`, your probabilities add up to less than 1, so a large draw falls behind "
            "all of them. Divide by their sum, or compare with draw times the sum.",
            partial(speak, again=False),
            (
                partial(speak, again=False, last=False),
                partial(speak, again=False, choose=_first_that_exceeds),
            ),
        ),
        Misconception(
            "one too many or too few",
            "You keep one character more than `top_k`, or one fewer.",
            partial(speak, keep=lambda z, k: _keep_best(z, min(k + 1, len(z)))),
            (partial(speak, keep=lambda z, k: _keep_best(z, k - 1)),),
        ),
        Misconception(
            "the first k characters",
            "You keep the first `top_k` characters of the alphabet. Keep those with the highest "
            "scores.",
            partial(speak, keep=lambda z, k: np.where(np.arange(len(z)) < k, z, -np.inf)),
        ),
        Misconception(
            "the least likely",
            "You keep the least likely characters. Sorting goes upwards: the best stand at the "
            "end.",
            partial(speak, keep=_worst),
        ),
    ),
    hints=(
        "A draw of 0.7 lands somewhere on a line from 0 to 1. How would you divide that line "
        "among the characters, so that each gets a piece as long as its probability?",
        "`language_model_forward(np.array([[index]]), a, parameters)` reads one character and "
        "gives a (n_a, 1, 1) and y_pred (n_y, 1, 1). Powers of probabilities, p ** (1 / "
        "temperature), made to add up to 1 again, are the softmax of scores / temperature.",
        "In a loop over the draws: read the last character, sharpen or flatten the "
        "probabilities, set those below the k-th largest to 0, make them add up to 1. np.cumsum "
        "gives running totals; count how many of them are not above the draw.",
    ),
)
