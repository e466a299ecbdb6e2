"""Exercise 7: one block of a transformer, in Keras.

Keras is imported when a form of an answer is run.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from ..readings import drawn
from . import oracle


def block(
    d_model,
    n_heads,
    d_ff,
    *,
    causal=True,
    biases=False,
    arrange="post",
    skip=(True, True),
    norms=(True, True),
    heads=lambda d_model, n_heads: (n_heads, d_model // n_heads),
    activation="relu",
    last=None,
    wide=lambda d_model, d_ff: d_ff,
    thinks=True,
    gives=lambda y, weights: [y, weights],
):
    """Build a block with one thing or another done wrong."""
    import keras
    from keras import layers

    def norm(x, i):
        return layers.LayerNormalization()(x) if norms[i] else x

    x = keras.Input((None, d_model))
    attention = layers.MultiHeadAttention(*heads(d_model, n_heads), use_bias=biases)
    seen = norm(x, 0) if arrange == "pre" else x
    found, weights = attention(seen, seen, use_causal_mask=causal, return_attention_scores=True)
    y = x + found if skip[0] else found
    y = y if arrange == "pre" else norm(y, 0)
    if not thinks:
        return keras.Model(x, gives(y, weights))
    z = norm(y, 1) if arrange == "pre" else y
    z = layers.Dense(wide(d_model, d_ff), activation=activation)(z)
    z = layers.Dense(d_model, activation=last)(z)
    around = {True: y, False: None, "x": x}[skip[1]]
    z = z if around is None else around + z
    return keras.Model(x, gives(z if arrange == "pre" else norm(z, 1), weights))


def _weights(rng, d_model: int, n_heads: int, d_ff: int) -> list[np.ndarray]:
    """Draw a block's weights in the order of its layers, and more for blocks of other shapes."""
    d_k, size = d_model // n_heads, d_model**-0.5

    def attention(n_heads, d_k):
        into = [rng.normal(0, 1.6 * size, (d_model, n_heads, d_k)) for _ in range(3)]
        return [*into, rng.normal(0, size, (n_heads, d_k, d_model))]

    def norm():
        return [rng.uniform(0.6, 1.6, d_model), rng.normal(0, 0.5, d_model)]

    def dense(n_in, n_out):
        return [rng.normal(0, 1.3 * n_in**-0.5, (n_in, n_out)), rng.normal(0, 0.4, n_out)]

    right = [*attention(n_heads, d_k), *norm(), *dense(d_model, d_ff), *dense(d_ff, d_model)]
    others = [*attention(n_heads, d_model), *attention(d_k, n_heads), *dense(d_model, d_model)]
    return [*right, *norm(), *others, *dense(d_model, d_model)]


def _cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (d_model, n_heads, d_ff), inputs and weights: one position, and several."""
    cases = []
    for sizes, m, T in (((6, 2, 5), 3, 1), ((6, 3, 7), 2, 4)):
        args = dict(zip(("d_model", "n_heads", "d_ff"), sizes, strict=True))
        after = {
            "inputs": rng.normal(size=(m, T, sizes[0])).astype(np.float32),
            "weights": _weights(rng, *sizes),
        }
        after["ends"] = {"inputs": after["inputs"], "known": after["weights"]}
        label = f"m={m}, T={T}, " + ", ".join(f"{name}={n}" for name, n in args.items())
        cases.append(Case(label, args, frozenset({"several"} if T > 1 else ()), after))
    return cases


def _read(args, value):
    """Part the two outputs."""
    found = value["outputs"]
    outputs, weights = found if isinstance(found, list) and len(found) == 2 else (found, None)
    return {"outputs": outputs, "weights": weights, "drawn in training": drawn(value["ends"])}


TRANSFORMER_BLOCK = Exercise(
    name="transformer_block",
    difficulty=3,
    minutes=25,
    returns=(),
    axes={
        "outputs": ("example", "position", "feature"),
        "weights": ("example", "head", "query", "key"),
    },
    cases=_cases,
    oracle=oracle.transformer_block,
    probe="keras_model",
    reading=_read,
    criteria=(
        Criterion("a model with two outputs of the right shapes", 2, aspect="shape"),
        Criterion("attend, add and normalise; think, add and normalise", 9,
                  ("outputs", "drawn in training")),
        Criterion("each position looks at itself and at earlier ones, in every head", 5,
                  ("weights",), tag="several",
            hint="While it writes, a position must not see what comes later. Which argument "
                 "of the call sees to it, and which one returns the weights?"),
    ),
    misconceptions=(
        Misconception("not causal",
            "Every position sees the whole sequence, the characters that it is to predict too. "
            "MultiHeadAttention hides them if it is called with use_causal_mask=True.",
            partial(block, causal=False)),
        Misconception("attention with biases",
            "The attention has biases. Switch them off: use_bias=False.",
            partial(block, biases=True)),
        Misconception("no way around the attention",
            "What attention finds takes the place of its input. It should be added to it: a "
            "position must not forget what it is itself.",
            partial(block, skip=(False, True))),
        Misconception("no way around the dense layers",
            "What the dense layers give takes the place of their input. It should be added to it.",
            partial(block, skip=(True, False))),
        Misconception("no way around at all",
            "Nothing is added: each part replaces its input. Add the input of each part to its "
            "output.",
            partial(block, skip=(False, False))),
        Misconception("around both parts",
            "The second sum adds the block's own input. It should add what went into the dense "
            "layers: the normalised sum before.",
            partial(block, skip=(True, "x"))),
        Misconception("normalised before, not after",
            "You normalise what goes into each part. Today's networks do so, but this block, as in "
            "2017, normalises each sum.",
            partial(block, arrange="pre")),
        Misconception("first sum not normalised",
            "The sum around the attention goes on as it is. A LayerNormalization follows each of "
            "the two sums.",
            partial(block, norms=(False, True))),
        Misconception("second sum not normalised",
            "The block ends with a plain sum. A LayerNormalization follows each of the two sums.",
            partial(block, norms=(True, False))),
        Misconception("nothing normalised",
            "There is no layer normalisation. One follows each of the two sums.",
            partial(block, norms=(False, False))),
        Misconception("no ReLU",
            "The two dense layers have nothing between them, so they are one matrix. The first "
            "has a ReLU.",
            partial(block, activation=None)),
        Misconception("another activation",
            "The first dense layer has another activation than ReLU.",
            partial(block, activation="gelu"), (partial(block, activation="tanh"),)),
        Misconception("ReLU at the end too",
            "The second dense layer has a ReLU as well, so it can only add. It has no activation.",
            partial(block, last="relu")),
        Misconception("heads as wide as the whole",
            "Each head has d_model features. The heads share them: key_dim is d_model // n_heads.",
            partial(block, heads=lambda d_model, n_heads: (n_heads, d_model))),
        Misconception("number and width of heads exchanged",
            "MultiHeadAttention takes the number of heads first, then the width of one.",
            partial(block, heads=lambda d_model, n_heads: (d_model // n_heads, n_heads))),
        Misconception("narrow dense layer",
            "The first dense layer has d_model units. It has d_ff.",
            partial(block, wide=lambda d_model, d_ff: d_model)),
        Misconception("attention alone",
            "The block ends after the attention. Two dense layers follow, with a sum and a "
            "LayerNormalization of their own.",
            partial(block, thinks=False)),
        Misconception("weights first",
            "The model returns the attention weights first. The order is y, weights.",
            partial(block, gives=lambda y, weights: [weights, y])),
        Misconception("weights not returned",
            "The model returns one output. The maps need the weights too: call the attention with "
            "return_attention_scores=True.",
            partial(block, gives=lambda y, weights: y)),
    ),
    hints=(
        "Two parts, each with a sum and a LayerNormalization behind it. What is added in each of "
        "the two sums?",
        "`attention(x, x, use_causal_mask=True, return_attention_scores=True)` returns (found, "
        "weights). Keras adds two tensors with +.",
        "y = LayerNormalization()(x + found). Then Dense(d_ff, relu) and Dense(d_model) of y; add "
        "y, and normalise once more. keras.Model(x, [z, weights]) has two outputs.",
    ),
)  # fmt: skip
