"""Exercises 4 and 5: a decoder that looks back, and several heads side by side."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import intermediates, oracle
from .looking import blind_somewhere, divided_by_nothing, look, some_hidden, unaware


def look_back(
    h,
    S,
    real,
    parameters,
    *,
    attention=look,
    query=lambda h, Wq: h @ Wq,
    may=lambda real: real,
    sharpen=lambda weights: weights,
    joined=lambda context, h: np.concatenate((context, h), axis=-1),
    squash=np.tanh,
    bias=1,
    gives=lambda attended, weights, context: (attended, weights),
):
    """Let a decoder look back, with parts replaced."""
    q = query(h, parameters["Wq"])[:, None]  # (m, 1, n_s)
    _, weights = attention(q, S, S, may(real)[:, None])
    weights = sharpen(weights[:, 0])
    context = np.einsum("mt,mts->ms", weights, S)
    z = joined(context, h) @ parameters["Wc"] + bias * parameters["bc"]
    return gives(squash(z), weights, context)


def _attend_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (h, S, real, parameters): plain and with padding, which holds noise."""
    cases = []
    for m, T_x, n_s, n_a, padded in (
        (3, 5, 4, 2, False), (2, 4, 4, 4, False), (1, 6, 3, 5, False),
        (4, 5, 3, 3, True), (2, 7, 2, 3, True),
    ):  # fmt: skip
        args = {
            "h": rng.uniform(-1, 1, (m, n_a)),
            "S": rng.normal(size=(m, T_x, n_s)),
            "real": some_hidden(rng, (m, T_x)) if padded else np.ones((m, T_x), bool),
            "parameters": {
                "Wq": rng.normal(size=(n_a, n_s)),
                "Wc": rng.normal(0, 0.7, (n_s + n_a, n_a)),
                "bc": rng.normal(0, 0.5, n_a),
            },
        }
        label = f"m={m}, T_x={T_x}, n_s={n_s}, n_a={n_a}{', padding' * padded}"
        cases.append(Case(label, args, frozenset({"padding"} if padded else ())))
    return cases


def _attend_follows(args, value) -> dict:
    """Derive what is attended from the learner's weights."""
    weights, p = value[1], args["parameters"]
    if not np.isfinite(weights).all() or np.ptp(weights, axis=-1).max() < 1e-3:
        raise ValueError("these are no weights")
    context = np.einsum("mt,mts->ms", weights, args["S"])
    return {"attended": np.tanh(np.hstack((context, args["h"])) @ p["Wc"] + p["bc"])}


ATTEND = Exercise(
    name="attend",
    difficulty=2,
    minutes=15,
    needs=("scaled_dot_product_attention",),
    returns=("attended", "weights"),
    axes={"attended": ("example", "unit"), "weights": ("example", "source position")},
    cases=_attend_cases,
    oracle=oracle.attend,
    follows=_attend_follows,
    charged_first=("weights",),
    intermediates=intermediates.attend,
    criteria=(
        Criterion("returns (attended, weights) of the right shapes", 1, aspect="shape"),
        Criterion("weights: where the decoder looks", 4, ("weights",)),
        Criterion("attended: what it then knows", 4, ("attended",),
            hint="What was found and `h` are joined, in the text's order. Which weights and "
                 "which function come after that?"),
        Criterion("no look at padding", 2, tag="padding",
            hint="`real` says which positions hold characters. Where does it enter, and with "
                 "which axis for the one query?"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception("state before context",
            "You join state and context in the other order. The context comes first: the first "
            "n_s rows of `Wc` are for it.",
            partial(look_back, joined=lambda context, h: np.concatenate((h, context), axis=-1))),
        Misconception("padding read",
            "The decoder looks at padding. `real` is False there.",
            partial(look_back, may=lambda real: np.ones_like(real))),
        Misconception("padding alone read",
            "The decoder looks at nothing but padding: `real` is True where it may look.",
            partial(look_back, may=np.logical_not),
            (partial(look_back, may=np.logical_not, attention=partial(look, normalise=unaware)),)),
        Misconception("one row of real for all",
            "All examples are hidden where one of them is. Each has padding of its own: row i of "
            "`real` belongs to example i.",
            partial(look_back, may=lambda real: np.broadcast_to(real[:1], real.shape)),
            (partial(look_back, may=lambda real: np.broadcast_to(
                real.all(axis=0, keepdims=True), real.shape)),)),
        Misconception("not scaled",
            "The scores are not divided by the root of n_s, the length of a key. Your "
            "`scaled_dot_product_attention` does that.",
            partial(look_back, attention=partial(look, scale=lambda Q, K, V: 1.0))),
        Misconception("everything alike",
            "The context is the plain mean of the states, whatever the decoder asks for. Its "
            "query decides.",
            partial(look_back, query=lambda h, Wq: 0 * h @ Wq)),
        Misconception("only the best",
            "The decoder looks at one position only. An argmax has no slope, so nothing could be "
            "learned: take the weights of the softmax.",
            partial(look_back, sharpen=lambda weights: np.eye(weights.shape[1])[
                weights.argmax(axis=1)])),
        Misconception("tanh forgotten",
            "The result is not squashed. It goes through tanh, like every state.",
            partial(look_back, squash=lambda z: z)),
        Misconception("bias forgotten",
            "`bc` is missing: it is added before the tanh.",
            partial(look_back, bias=0)),
        Misconception("context returned",
            "You return the context. It still has to meet the state: joined, times `Wc`, plus "
            "`bc`, squashed.",
            partial(look_back, gives=lambda attended, weights, context: (context, weights))),
        Misconception("weights first",
            "You return (weights, attended). The order is attended, weights.",
            partial(look_back, gives=lambda attended, weights, context: (weights, attended))),
        Misconception("an axis too many",
            "The axis of the one query is still there. One step has one query an example: take "
            "[:, 0] of what comes back.",
            partial(look_back, gives=lambda attended, weights, context: (
                attended[:, None], weights[:, None])),
            (partial(look_back, gives=lambda attended, weights, context: (
                attended, weights[:, None])),)),
    ),
    hints=(
        "How many queries does one step of the decoder have? What are the keys here, and what are "
        "the values?",
        "`(h @ Wq)[:, None]` is (m, 1, n_s), one query an example. The mask needs the same axis: "
        "`real[:, None]`.",
        "Call scaled_dot_product_attention with `S` for keys and for values, take [:, 0] of both "
        "results, join context and `h` with np.concatenate along axis 1, and go through tanh.",
    ),
)  # fmt: skip


def split_columns(X, n_heads):
    """Turn (m, T, d_model) into (m, n_heads, T, d_k): head h gets the h-th block of columns."""
    return X.reshape(*X.shape[:2], n_heads, -1).swapaxes(1, 2)


def join_columns(X):
    """Turn (m, n_heads, T, d_k) back into (m, T, d_model)."""
    return X.swapaxes(1, 2).reshape(X.shape[0], X.shape[2], -1)


def many_heads(
    X_q,
    X_kv,
    parameters,
    n_heads,
    mask=None,
    *,
    split=split_columns,
    join=join_columns,
    attention=look,
    sources=lambda X_q, X_kv: (X_q, X_kv, X_kv),
    names=("Wq", "Wk", "Wv"),
    times=lambda X, W: X @ W,
    last=lambda X, Wo: X @ Wo,
    spread=lambda mask: mask[:, None],
    gives=lambda output, weights: (output, weights),
):
    """Attend with several heads, with parts replaced."""
    projected = [
        times(X, parameters[name]) for X, name in zip(sources(X_q, X_kv), names, strict=True)
    ]
    Q, K, V = (split(X, n_heads) for X in projected)
    output, weights = attention(Q, K, V, None if mask is None else spread(mask))
    return gives(last(join(output), parameters["Wo"]), weights)


def _uncut(X, n_heads):
    return X.reshape(X.shape[0], n_heads, X.shape[1], -1)


def _in_turns(X, n_heads):
    m, T, _ = X.shape
    return np.moveaxis(X.reshape(m, T, -1, n_heads), -1, 1)


def _multi_head_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (X_q, X_kv, parameters, n_heads, mask)."""
    cases, masks = [], {"mask": some_hidden, "nothing": blind_somewhere}
    for m, T_q, T_k, d_model, n_heads, kind in (
        (2, 3, 4, 6, 2, ""), (1, 4, 4, 6, 3, ""), (3, 3, 3, 9, 3, ""),
        (2, 3, 5, 4, 1, "one head"), (2, 5, 6, 12, 4, "mask"), (3, 4, 4, 6, 3, "mask"),
        (2, 3, 4, 6, 2, "nothing"),
    ):  # fmt: skip
        args = {
            "X_q": rng.normal(size=(m, T_q, d_model)),
            "X_kv": rng.normal(size=(m, T_k, d_model)),
            "parameters": {
                name: rng.normal(0, 1.3 * d_model**-0.5, (d_model, d_model))
                for name in ("Wq", "Wk", "Wv", "Wo")
            },
            "n_heads": n_heads,
            "mask": masks[kind](rng, (m, T_q, T_k)) if kind in masks else None,
        }
        label = f"m={m}, T_q={T_q}, T_k={T_k}, d_model={d_model}, n_heads={n_heads}"
        label += f", d_k={d_model // n_heads}"
        more = ", a query that sees nothing" if kind == "nothing" else f", {kind}" if kind else ""
        cases.append(Case(label + more, args, frozenset({kind} if kind else ())))
    return cases


def _heads_follow(args, value) -> dict:
    """Derive the output from the learner's weights."""
    weights, p = value[1], args["parameters"]
    if not np.isfinite(weights).all() or np.ptp(weights, axis=-1).max() < 1e-3:
        raise ValueError("these are no weights")
    if np.abs(weights).max() > 10:
        raise ValueError("these are no weights")
    V = split_columns(args["X_kv"] @ p["Wv"], args["n_heads"])
    return {"output": join_columns(weights @ V) @ p["Wo"]}


_BLOCKS = "Head h has the columns from h * d_k to (h + 1) * d_k of the products. "

MULTI_HEAD_ATTENTION = Exercise(
    name="multi_head_attention",
    difficulty=3,
    minutes=25,
    needs=("scaled_dot_product_attention",),
    returns=("output", "weights"),
    axes={
        "output": ("example", "query", "feature"),
        "weights": ("example", "head", "query", "key"),
    },
    cases=_multi_head_cases,
    stages=("weights", "output"),
    oracle=oracle.multi_head_attention,
    intermediates=intermediates.multi_head_attention,
    follows=_heads_follow,
    charged_first=("weights",),
    criteria=(
        Criterion("returns (output, weights) of the right shapes", 1, aspect="shape"),
        Criterion("weights: each head looks with its own columns", 6, ("weights",)),
        Criterion("output: the heads side by side, times Wo", 6, ("output",),
            hint="The heads' results are laid side by side again. Is the axis of the heads "
                 "back beside that of the features before the reshape, and what does `Wo` "
                 "multiply?"),
        Criterion("one mask for all heads of an example", 2, tag="mask",
            hint="The mask is (m, T_q, T_k), the scores have an axis of heads as well. Where "
                 "does the mask need a new axis, so that each example keeps its own?"),
        Criterion("a query that may look at nothing gets zeros", 1, tag="nothing",
            hint="If a whole row is hidden, its sum is 0. Which function of yours knows what "
                 "to make of 0 / 0?"),
        Criterion("works with one head", 1, tag="one head"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception("split by a reshape alone",
            _BLOCKS + "A reshape to (m, n_heads, T, d_k) cuts along the sequence instead. Reshape "
            "to (m, T, n_heads, d_k), then exchange two axes.",
            partial(many_heads, split=_uncut),
            (partial(many_heads, split=_uncut, join=lambda X: X.reshape(
                X.shape[0], X.shape[2], -1)),)),
        Misconception("joined by a reshape alone",
            "You reshape (m, n_heads, T_q, d_k) straight to (m, T_q, d_model), which mixes "
            "positions. Exchange the two middle axes back first.",
            partial(many_heads, join=lambda X: X.reshape(X.shape[0], X.shape[2], -1))),
        Misconception("columns dealt out in turns",
            _BLOCKS + "You give it every n_heads-th column.",
            partial(many_heads, split=_in_turns),
            (partial(many_heads, split=_in_turns,
                     join=lambda X: np.moveaxis(X, 1, -1).reshape(X.shape[0], X.shape[2], -1)),)),
        Misconception("scaled by the whole",
            "You divide the scores by the root of d_model. Each head's queries have d_k = d_model "
            "/ n_heads features.",
            partial(many_heads, attention=lambda Q, K, V, mask: look(
                Q, K, V, mask, scale=lambda Q, K, V: (Q.shape[-1] * Q.shape[1]) ** 0.5))),
        Misconception("one head only",
            "You attend with all columns at once, as one head would. Each head has a softmax of "
            "its own, so it can look elsewhere than the others.",
            partial(many_heads, split=lambda X, n_heads: np.repeat(
                X[:, None], n_heads, axis=1), join=lambda X: X[:, 0])),
        Misconception("Wo forgotten",
            "The heads stand side by side, but nothing mixes them: multiply by `Wo`.",
            partial(many_heads, last=lambda X, Wo: X)),
        Misconception("weights transposed",
            "You multiply by the transposed weights, as in the NumPy notebooks with features "
            "first. Here features come last: X @ W.",
            partial(many_heads, times=lambda X, W: X @ W.T, last=lambda X, Wo: X @ Wo.T),
            (partial(many_heads, times=lambda X, W: X @ W.T),)),
        Misconception("keys and values from X_q",
            "Queries, keys and values all come from `X_q`. Keys and values come from `X_kv`, "
            "which may be another sequence.",
            partial(many_heads, sources=lambda X_q, X_kv: (X_q, X_q, X_q))),
        Misconception("queries from X_kv",
            "`X_q` makes the keys and values, and `X_kv` the queries. It is the other way round.",
            partial(many_heads, sources=lambda X_q, X_kv: (X_kv, X_q, X_q))),
        Misconception("Wk and Wv exchanged",
            "The products with `Wv` serve as keys, and those with `Wk` as values. Check the "
            "products, and the order in which you hand them on.",
            partial(many_heads, names=("Wq", "Wv", "Wk"))),
        Misconception("Wq and Wk exchanged",
            "The products with `Wk` serve as queries, and those with `Wq` as keys. Check the "
            "products, and the order in which you hand them on.",
            partial(many_heads, names=("Wk", "Wq", "Wv"))),
        Misconception("mask without its axis of heads",
            "`mask` is (m, T_q, T_k), and the scores are (m, n_heads, T_q, T_k). Without an axis "
            "of its own for the heads, example i's mask falls on head i: mask[:, None].",
            partial(many_heads, spread=lambda mask: mask)),
        Misconception("nan where nothing is seen",
            "A query that may look at nothing gets nan: all its scores are minus infinity, or its "
            "powers add up to 0. Its weights should be 0. Your `scaled_dot_product_attention` "
            "sees to it.",
            partial(many_heads, attention=partial(look, normalise=divided_by_nothing))),
        Misconception("mask forgotten",
            "`mask` makes no difference: hand it on to `scaled_dot_product_attention`.",
            partial(many_heads, spread=lambda mask: None)),
        Misconception("weights averaged",
            "You return one map for all heads. Keep each head's own: (m, n_heads, T_q, T_k).",
            partial(many_heads, gives=lambda output, weights: (output, weights.mean(axis=1)))),
        Misconception("weights first",
            "You return (weights, output). The order is output, weights.",
            partial(many_heads, gives=lambda output, weights: (weights, output))),
    ),
    hints=(
        "The columns of `X_q @ Wq` are shared out among the heads. In which order do the axes "
        "have to stand for your function to attend in all heads at once?",
        "(m, T, d_model) -> reshape (m, T, n_heads, d_k) -> np.swapaxes -> (m, n_heads, T, d_k). "
        "The way back is the same in reverse. `mask[:, None]` holds for all heads.",
        "Write a small function that splits, and use it on all three products. Then attend, swap "
        "the axes back, reshape to (m, T_q, d_model), and multiply by `Wo`.",
    ),
)  # fmt: skip
