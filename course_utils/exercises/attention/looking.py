"""Exercises 1 and 2: scaled dot-product attention, forwards and backwards."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import intermediates, oracle

# (leading axes, T_q, T_k, d_k, d_v); all equal where a swap of two axes would hide
SHAPES = (((), 3, 5, 4, 2), ((), 4, 4, 4, 4), ((2,), 3, 4, 5, 3), ((2, 3), 4, 2, 3, 5))

AXES = {
    **dict.fromkeys(("weights",), ("query", "key")),
    **dict.fromkeys(("output", "dQ", "Q"), ("query", "feature")),
    **dict.fromkeys(("dK", "dV", "K", "V"), ("key", "feature")),
}


def _exponents(scores, axis, seen):
    """Return e^scores with the largest of each row taken off first."""
    return np.exp(scores - scores.max(axis=axis, keepdims=True))


def _softmax(scores, axis, seen, powers=_exponents):
    found = powers(scores, axis, seen) * seen
    total = found.sum(axis=axis, keepdims=True)
    return found / np.where(total == 0, 1, total)


def look(
    Q,
    K,
    V,
    mask=None,
    *,
    scale=lambda Q, K, V: Q.shape[-1] ** 0.5,
    turned=lambda K: np.swapaxes(K, -1, -2),
    chosen=lambda mask: mask,
    hide=lambda scores, seen: np.where(seen, scores, -1e30),
    normalise=_softmax,
    axis=-1,
    then=lambda weights, seen: weights,
    read=lambda Q, K, V: V,
    mix=lambda weights, V: weights @ V,
    gives=lambda output, weights: (output, weights),
):
    """Attend, with parts replaced; `then` is done to the weights, and `read` chooses the values."""
    scores = Q @ turned(K) / scale(Q, K, V)
    seen = np.broadcast_to(True if mask is None else chosen(mask), scores.shape)
    weights = then(normalise(hide(scores, seen), axis, seen), seen)
    return gives(mix(weights, read(Q, K, V)), weights)


def _plain_softmax(scores, axis, seen):
    return _softmax(scores, axis, seen, lambda scores, axis, seen: np.exp(scores))


def _softmax_of_all(scores, axis, seen):
    return _softmax(scores, None, seen)


def _shifted_by_all(scores, axis, seen):
    return _softmax(scores, axis, seen, lambda s, axis, seen: np.exp(s - s[seen].max()))


def divided_by_nothing(scores, axis, seen):
    powers = _exponents(scores, axis, seen) * seen
    return powers / powers.sum(axis=axis, keepdims=True)


def unaware(scores, axis, seen):
    """Take a softmax that knows of no mask."""
    powers = _exponents(scores, axis, seen)
    return powers / powers.sum(axis=axis, keepdims=True)


def _masked_and_divided(scores, axis, seen):
    """Take a softmax of all, hide, and divide once more."""
    weights = unaware(scores, axis, seen) * seen
    return weights / (weights.sum(axis=axis, keepdims=True) + 1e-12)


def _scales_q(Q, K, V, mask=None):
    found = look(Q, K, V, mask)
    Q /= Q.shape[-1] ** 0.5
    return found


def _arrays(rng, shape, size=1.0):
    lead, T_q, T_k, d_k, d_v = shape
    Q = rng.normal(0, size, (*lead, T_q, d_k))
    K = rng.normal(0, size, (*lead, T_k, d_k))
    return {"Q": Q, "K": K, "V": rng.normal(size=(*lead, T_k, d_v))}


def some_hidden(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw a mask whose every row hides something and shows something; T_k is at least 2."""
    *lead, T_k = shape
    order = rng.random(shape).argsort(axis=-1)
    return order < rng.integers(1, T_k, (*lead, 1))


def _label(shape, more: str = "") -> str:
    lead, T_q, T_k, d_k, d_v = shape
    return f"leading axes {lead}, T_q={T_q}, T_k={T_k}, d_k={d_k}, d_v={d_v}{more}"


def blind_somewhere(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw a mask that hides everything from one query, and nothing from the others."""
    mask = np.ones(shape, bool)
    mask[tuple(rng.integers(shape[:-1]))] = False
    return mask


def _large(rng: np.random.Generator, shape) -> dict[str, np.ndarray]:
    """Draw arrays with scores in the thousands, and many times that in the first row."""
    arrays = _arrays(rng, shape, 60.0)
    arrays["Q"][0] *= 30  # so that the rows are of sizes that are far apart
    return arrays


def _largest_hidden(rng: np.random.Generator, shape) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Draw arrays with a mask that hides the two largest scores of each row.

    They lie far above what is seen, and all that the first row sees lies far below 0.
    """
    for _ in range(10_000):
        arrays = _large(rng, shape)
        scores = arrays["Q"] @ arrays["K"].T / arrays["Q"].shape[-1] ** 0.5
        ranked = np.sort(scores, axis=-1)
        apart = ranked[:, -2] - ranked[:, -3], ranked[:, -3] - ranked[:, -4]
        if ranked[0, -3] < -20_000 and min(apart[0]) > 1500 and min(apart[1]) > 50:
            return arrays, scores < ranked[:, -2:-1]
    raise RuntimeError("no scores drawn that lie far enough apart")


def _cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (Q, K, V, mask): plain, leading axes, masks, a blind query, large scores."""
    two, square, batch, heads = SHAPES
    made = (
        (two, _arrays(rng, two), None, (), ""),
        (square, _arrays(rng, square), None, (), ""),
        (batch, _arrays(rng, batch), None, ("leading",), ""),
        (heads, _arrays(rng, heads), None, ("leading",), ""),
        (two, _arrays(rng, two), some_hidden(rng, (3, 5)), ("mask",), ", a mask (T_q, T_k)"),
        (square, _arrays(rng, square), some_hidden(rng, (1, 4)), ("mask",), ", a mask (1, T_k)"),
        (heads, _arrays(rng, heads), some_hidden(rng, (2, 1, 1, 2)), ("mask",),
         ", a mask (2, 1, 1, T_k)"),
        (square, _arrays(rng, square), blind_somewhere(rng, (4, 4)), ("nothing",),
         ", a query that sees nothing"),
        (heads, _arrays(rng, heads), blind_somewhere(rng, (2, 1, 4, 2)), ("nothing", "leading"),
         ", a mask (2, 1, T_q, T_k), and a query that sees nothing"),
        (two, _large(rng, two), None, ("large",), ", large scores"),
        (two, *_largest_hidden(rng, two), ("large", "mask"),
         ", large scores, and a mask that hides the largest"),
    )  # fmt: skip
    return [
        Case(_label(shape, more), {**arrays, "mask": mask}, frozenset(tags))
        for shape, arrays, mask, tags, more in made
    ]


def _is_telling(weights: np.ndarray) -> bool:
    """Return True if something can follow from weights: shares that differ within some row."""
    return bool(np.isfinite(weights).all() and np.ptp(weights, axis=-1).max() > 1e-3)


def _follows(args, value) -> dict:
    """Derive the output from the learner's weights."""
    _, weights = value
    if not _is_telling(weights) or np.abs(weights).max() > 10:
        raise ValueError("these are no weights")
    return {"output": weights @ args["V"]}


_SOFTMAX_OVER_KEYS = (
    "The weights of a query don't add up to 1: the softmax runs along another axis. Each query "
    "shares its attention out among the keys, which lie along the last axis of the scores."
)

SCALED_DOT_PRODUCT_ATTENTION = Exercise(
    name="scaled_dot_product_attention",
    difficulty=2,
    minutes=25,
    returns=("output", "weights"),
    axes=AXES,
    cases=_cases,
    stages=("weights", "output"),
    oracle=oracle.scaled_dot_product_attention,
    follows=_follows,
    charged_first=("weights",),
    intermediates=intermediates.scaled_dot_product_attention,
    criteria=(
        Criterion("returns (output, weights) of the right shapes", 1, aspect="shape"),
        Criterion("weights: a softmax over the keys of the scaled scores", 5, ("weights",)),
        Criterion("output: the values, mixed by the weights", 4, ("output",),
            hint="If the weights are right, one product is left. Which array do they mix?"),
        Criterion("works with any leading axes", 2, tag="leading",
            hint="There may be any number of axes before the last two. Which line counts "
                 "axes from the front, or transposes all of them?"),
        Criterion("what is masked gets no weight, and the rest of the row adds up to 1", 3,
                  tag="mask",
            hint="A hidden key gets no weight, and the others share 1. Is it hidden before "
                 "or after the softmax divides by the sum?"),
        Criterion("a query that may look at nothing gets zeros", 2, tag="nothing",
            hint="If a whole row is hidden, its sum is 0. What does your division make of 0 "
                 "/ 0?"),
        Criterion("scores in the thousands are no trouble", 2, tag="large",
            hint="The exponential of 1,000 is infinite. Which constant may you take off all "
                 "scores of a row without changing its softmax?"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception("not scaled",
            "The scores are not divided by the root of d_k. The longer the vectors, the larger "
            "their dot products, and the softmax soon gives everything to one key.",
            partial(look, scale=lambda Q, K, V: 1.0)),
        Misconception("divided by d_k",
            "You divide the scores by d_k. A sum of d_k products grows with the root of d_k, so "
            "this makes the weights almost equal where vectors are long.",
            partial(look, scale=lambda Q, K, V: Q.shape[-1])),
        Misconception("multiplied by the root",
            "You multiply the scores by the root of d_k and should divide by it.",
            partial(look, scale=lambda Q, K, V: Q.shape[-1] ** -0.5)),
        Misconception("root of another size",
            "You take the root of another size than d_k. A score is a sum over the features of a "
            "query, and these lie along the last axis of `Q`.",
            partial(look, scale=lambda Q, K, V: K.shape[-2] ** 0.5),
            (partial(look, scale=lambda Q, K, V: V.shape[-1] ** 0.5),
             partial(look, scale=lambda Q, K, V: Q.shape[-2] ** 0.5))),
        Misconception("softmax over the queries", _SOFTMAX_OVER_KEYS, partial(look, axis=-2)),
        Misconception("softmax over all scores",
            "All weights of an example, or of the whole batch, add up to 1. Each query has a "
            "softmax of its own, along the last axis.",
            partial(look, normalise=_softmax_of_all)),
        Misconception("K.T",
            "`K.T` reverses all axes. With leading axes only the last two should change places: "
            "np.swapaxes(K, -1, -2).",
            partial(look, turned=lambda K: K.T)),
        Misconception("keys reshaped",
            "A reshape lets the numbers stand in their order and cuts them elsewhere, so a column "
            "holds parts of several keys. Exchange the axes instead: np.swapaxes.",
            partial(look, turned=lambda K: K.reshape(*K.shape[:-2], K.shape[-1], K.shape[-2]))),
        Misconception("mask upside down",
            "The queries look at just what the mask hides. True means that a query may look.",
            partial(look, chosen=np.logical_not),
            (partial(look, chosen=np.logical_not, normalise=unaware),
             partial(look, chosen=np.logical_not, normalise=unaware,
                     hide=lambda scores, seen: scores + np.where(seen, 0, -1e9)))),
        Misconception("mask ignored",
            "`mask` makes no difference. Where it is False, the weight should be 0.",
            partial(look, chosen=lambda mask: True)),
        Misconception("mask after the softmax",
            "You set weights to 0 after the softmax, so what is left no longer adds up to 1. Hide "
            "the scores before the softmax, which then shares out among the others.",
            partial(look, hide=lambda scores, seen: scores, normalise=unaware,
                    then=lambda weights, seen: weights * seen)),
        Misconception("hidden scores set to 0",
            "Hidden scores become 0, and e to the power of 0 is 1: these keys still get weight. "
            "Their scores should be so low that the softmax leaves nothing for them.",
            partial(look, hide=lambda scores, seen: scores * seen, normalise=unaware)),
        Misconception("mask added to the scores",
            "The mask moves a score by 1 at most, so hidden keys still get weight. Hidden scores "
            "need a very low number in their place: np.where(mask, scores, ...).",
            partial(look, hide=lambda scores, seen: scores + seen, normalise=unaware),
            (partial(look, hide=lambda scores, seen: scores - seen, normalise=unaware),)),
        Misconception("hidden by a small number",
            "Hidden scores are low, but not low enough: some weight leaks through. Use a number "
            "such as -1e30.",
            partial(look, hide=lambda scores, seen: np.where(seen, scores, -1.0),
                    normalise=unaware),
            (partial(look, hide=lambda scores, seen: np.where(seen, scores, -5.0),
                     normalise=unaware),)),
        Misconception("nan where nothing is seen",
            "A query that may look at nothing gets nan: all its scores are minus infinity, or its "
            "powers add up to 0. Its weights and its output should be 0.",
            partial(look, normalise=divided_by_nothing),
            (partial(look, hide=lambda scores, seen: np.where(seen, scores, -np.inf),
                     normalise=unaware),)),
        Misconception("everything where nothing is seen",
            "A query that may look at nothing still looks at all keys: the mask treats all their "
            "scores alike, and the softmax shares out among them. Its weights should be 0.",
            partial(look, hide=lambda scores, seen: np.where(seen, scores, -1e30),
                    normalise=unaware),
            (partial(look, hide=lambda scores, seen: scores + np.where(seen, 0, -1e9),
                     normalise=unaware),)),
        Misconception("powers of large scores",
            "e to the power of a large score is infinite. A softmax stays the same if each row's "
            "largest score is taken off first.",
            partial(look, normalise=_plain_softmax),
            (partial(look, hide=lambda scores, seen: scores, normalise=_plain_softmax),)),
        Misconception("one largest score for all rows",
            "You take the largest of all scores off every row. Where a row lies far below it, all "
            "its powers are 0. Each row needs its own: axis=-1, keepdims=True.",
            partial(look, normalise=_shifted_by_all)),
        Misconception("a hidden score taken for the largest",
            "The largest score of a row, which you take off, is that of a hidden key, so far above "
            "the others that their powers are all 0. Hidden scores must lie below all that can be "
            "seen before you look for the largest.",
            partial(look, hide=lambda scores, seen: scores),
            (partial(look, hide=lambda scores, seen: scores, normalise=_masked_and_divided),
             partial(look, hide=lambda scores, seen: np.where(seen, scores, -1e4))),
            costs="scores in the thousands are no trouble"),
        Misconception("keys mixed instead of values",
            "The output is made of the keys. They are for being found; what is read off are the "
            "values.",
            partial(look, read=lambda Q, K, V: K)),
        Misconception("weights turned round",
            "You multiply the values by the transposed weights, so each key gathers from the "
            "queries. It is the queries that gather.",
            partial(look, mix=lambda weights, V: np.swapaxes(weights, -1, -2) @ V)),
        Misconception("weights first",
            "You return (weights, output). The order is output, weights.",
            partial(look, gives=lambda output, weights: (weights, output))),
        Misconception("Q overwritten",
            "You scaled `Q` itself, which belongs to the caller. Divide the scores, or make a new "
            "array.",
            _scales_q),
    ),
    hints=(
        "Which axis of the scores counts the keys? What does a softmax do with a score that is "
        "far below all others?",
        "`Q @ np.swapaxes(K, -1, -2)` makes (..., T_q, T_k) scores. np.where(mask, scores, -1e30) "
        "hides some of them. Take each row's largest score off before np.exp.",
        "Multiply the powers by the mask as well, so that a row that sees nothing is all 0, and "
        "divide by the row's sum, or by 1 where that is 0. Then mix the values: weights @ V.",
    ),
)  # fmt: skip


def go_back(
    doutput,
    Q,
    K,
    V,
    weights,
    *,
    scale=lambda Q, K: Q.shape[-1] ** -0.5,
    slope=lambda weights, dW: weights * (dW - (weights * dW).sum(axis=-1, keepdims=True)),
    seen_by=lambda Q, K, weights: weights,
    into_v=lambda weights, doutput: np.swapaxes(weights, -1, -2) @ doutput,
    into_q=lambda dscores, Q, K: dscores @ K,
    into_k=lambda dscores, Q, K: np.swapaxes(dscores, -1, -2) @ Q,
    gives=lambda dQ, dK, dV: {"dQ": dQ, "dK": dK, "dV": dV},
):
    """Go back through attention, with parts replaced; `slope` goes back through the softmax."""
    weights = seen_by(Q, K, weights)
    dV = into_v(weights, doutput)
    dscores = slope(weights, doutput @ np.swapaxes(V, -1, -2)) * scale(Q, K)
    return gives(into_q(dscores, Q, K), into_k(dscores, Q, K), dV)


def _slope_over(axis):
    return lambda weights, dW: weights * (dW - (weights * dW).sum(axis=axis, keepdims=True))


def _backward_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (doutput, Q, K, V, weights): plain, leading axes, with masks."""
    cases = []
    two, square, batch, heads = SHAPES
    for shape, mask, tags in (
        (two, None, ()),
        (square, None, ()),
        (batch, None, ("leading",)),
        (heads, None, ("leading",)),
        (two, some_hidden(rng, (3, 5)), ("mask",)),
        (square, np.tri(4, k=-1, dtype=bool), ("mask",)),  # the first query sees nothing
    ):
        arrays = _arrays(rng, shape)
        output, weights = look(arrays["Q"], arrays["K"], arrays["V"], mask)
        args = {"doutput": rng.normal(size=output.shape), **arrays, "weights": weights}
        more = ", some keys masked" if tags == ("mask",) else ""
        cases.append(Case(_label(shape, more), args, frozenset(tags)))
    return cases


ATTENTION_BACKWARD = Exercise(
    name="attention_backward",
    difficulty=3,
    minutes=25,
    returns="gradients",
    axes=AXES,
    cases=_backward_cases,
    oracle=oracle.attention_backward,
    charged_first=("dV", "dQ", "dK"),
    intermediates=intermediates.attention_backward,
    criteria=(
        Criterion("returns dQ, dK and dV in the shapes of Q, K and V", 1, aspect="shape"),
        Criterion("dV", 3, ("dV",)),
        Criterion("dQ", 4, ("dQ",),
            hint="`Q` reached the output through the scores and the softmax. Is the gradient "
                 "of the scores complete, with the scale, and what does it multiply?"),
        Criterion("dK", 4, ("dK",),
            hint="In the scores `K` stands transposed. Which product of dscores and `Q` has "
                 "the shape of `K`?"),
        Criterion("no gradient passes where the weight is 0", 2, tag="mask",
            hint="A hidden key has the weight 0. What does the softmax's gradient become "
                 "there by itself, and which line changes that?"),
        Criterion("works with any leading axes", 1, tag="leading",
            hint="There may be any number of axes before the last two. Which line counts "
                 "axes from the front, or transposes all of them?"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception("slope of a sigmoid",
            "weights * (1 - weights) is the slope of numbers that are squashed by themselves. In "
            "a softmax, more weight for one key is less for the others: all of a row belong "
            "together.",
            partial(go_back, slope=lambda weights, dW: weights * (1 - weights) * dW)),
        Misconception("softmax left out",
            "You pass the gradient of the weights on as that of the scores. Between the two "
            "stands a softmax, with a slope of its own.",
            partial(go_back, slope=lambda weights, dW: dW)),
        Misconception("what the others lose",
            "You multiply by the weights, but take nothing off. If all weights of a row should "
            "grow, none can: subtract the row's mean of the gradient, weighted by the weights.",
            partial(go_back, slope=lambda weights, dW: weights * dW)),
        Misconception("plain mean taken off",
            "What is taken off each row is a plain sum or mean of the gradient. It is the mean "
            "weighted by the weights: np.sum(weights * dweights, axis=-1, keepdims=True).",
            partial(go_back, slope=lambda weights, dW: weights * (
                dW - dW.mean(axis=-1, keepdims=True))),
            (partial(go_back, slope=lambda weights, dW: weights * (
                dW - dW.sum(axis=-1, keepdims=True))),)),
        Misconception("not multiplied by the weights",
            "You take the weighted mean off, but don't multiply by the weights. A key without "
            "weight has no say, so its score has no gradient.",
            partial(go_back, slope=lambda weights, dW: dW - (weights * dW).sum(
                axis=-1, keepdims=True))),
        Misconception("summed over the queries",
            "The sum in the softmax's slope runs over the queries. Each query had a softmax of "
            "its own, over the keys: the last axis.",
            partial(go_back, slope=_slope_over(-2))),
        Misconception("summed over everything",
            "The sum in the softmax's slope runs over all numbers. Each row had a softmax of its "
            "own: axis=-1, keepdims=True.",
            partial(go_back, slope=_slope_over(None))),
        Misconception("scale forgotten",
            "The scores were divided by the root of d_k on the way forward. So are their "
            "gradients on the way back.",
            partial(go_back, scale=lambda Q, K: 1.0)),
        Misconception("scale turned round",
            "You multiply by the root of d_k. The scores were divided by it on the way forward, "
            "and a division is the same division on the way back.",
            partial(go_back, scale=lambda Q, K: Q.shape[-1] ** 0.5)),
        Misconception("divided by d_k",
            "The gradients are too small: the root of d_k is divided out twice, or d_k itself "
            "stands there. The scores were divided once, by the root.",
            partial(go_back, scale=lambda Q, K: 1 / Q.shape[-1])),
        Misconception("weights not transposed for dV",
            "`dV` multiplies by the weights as they are. A value hears from every query that "
            "looked at it, so the weights are transposed: (T_k, T_q).",
            partial(go_back, into_v=lambda weights, doutput: weights @ doutput)),
        Misconception("scores' gradient not transposed for dK",
            "`dK` multiplies by the scores' gradient as it is. A key hears from every query, so "
            "its gradient takes that array transposed: (T_k, T_q).",
            partial(go_back, into_k=lambda dscores, Q, K: dscores @ Q)),
        Misconception("dQ from Q, dK from K",
            "A score is a product of a query and a key, so the gradient of each is made of the "
            "other.",
            partial(go_back, into_q=lambda dscores, Q, K: dscores @ Q,
                    into_k=lambda dscores, Q, K: np.swapaxes(dscores, -1, -2) @ K)),
        Misconception("dQ and dK exchanged",
            "`dQ` holds the gradient of the keys, and `dK` that of the queries.",
            partial(go_back, gives=lambda dQ, dK, dV: {"dQ": dK, "dK": dQ, "dV": dV})),
        Misconception("weights computed anew",
            "You compute the weights again, without the mask. The weights you are given have a 0 "
            "wherever a key was hidden, and no gradient passes there.",
            partial(go_back, seen_by=lambda Q, K, weights: _softmax(
                Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5, -1, True))),
    ),
    hints=(
        "The output is weights @ V, and a product sends a gradient to both of its factors. Which "
        "way did each number of `Q` take to the output?",
        "First dweights = doutput @ V, transposed, in the shape of the weights. Then through the "
        "softmax, row by row. Then the scores are a product again.",
        "dscores = weights * (dweights - the row's sum of weights * dweights), divided by the root "
        "of d_k. It multiplies `K` for dQ, and transposed it multiplies `Q` for dK.",
    ),
)  # fmt: skip
