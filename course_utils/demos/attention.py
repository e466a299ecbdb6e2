"""Three networks that translate character by character, to be compared on equal terms.

Two are recurrent: an encoder and a decoder of LSTMs, with a look back at the source or without.
The third is a transformer that reads the English and goes on in French, as one text. All number
their characters by one index of both languages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.training import progress_of_fit
from course_utils.translation.sentence_pairs import END, START

from . import demo

if TYPE_CHECKING:
    from keras import Model

Pair = tuple[str, str]
Index = Mapping[str, int]
Weights = dict[str, np.ndarray]
WARM_UP = 100  # updates


@demo
def numbered(texts: Sequence[str], index: Index, T: int) -> np.ndarray:
    """Return the numbers of each text's characters, (m, T), 0 behind its end.

    Raises ValueError if a text is too long or holds a character without a number.
    """
    rows = np.zeros((len(texts), T), np.int32)
    for row, text in zip(rows, texts, strict=True):
        if len(text) > T:
            raise ValueError(f"{text!r} has {len(text)} characters, and there is room for {T}")
        if unknown := sorted(set(text) - index.keys()):
            raise ValueError(f"{text!r}: the network has never seen {unknown[0]!r}")
        row[: len(text)] = [index[character] for character in text]
    return rows


@demo
def two_rows(pairs: Sequence[Pair], index: Index, T: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Return [source, target] and what is to be said, all (m, T), for encoder and decoder."""
    source = numbered([en for en, _ in pairs], index, T)
    target = numbered([START + fr for _, fr in pairs], index, T)
    return [source, target], numbered([fr + END for _, fr in pairs], index, T)


@demo
def one_row(pairs: Sequence[Pair], index: Index, T: int) -> tuple[np.ndarray, np.ndarray]:
    """Return texts and what is to be said, both (m, T), for a network that goes on in French.

    A text is the English, START and the French; nothing is to be said before START.
    """
    texts = numbered([en + START + fr for en, fr in pairs], index, T)
    says = numbered([en + fr + END for en, fr in pairs], index, T)
    for row, (en, _) in zip(says, pairs, strict=True):
        row[: len(en)] = 0
    return texts, says


@demo
def recurrent_model(n: int, units: int, looks_back: bool, dim: int = 64) -> tuple[Model, Model]:
    """Return an encoder and decoder of LSTMs, to train and to show; they share their layers.

    Both take [source (m, T), target (m, T)]. The first gives probabilities (m, T, n); the second
    gives these, the decoder's states and the encoder's, (m, T, units) each, and the weights
    (m, T, T) if it looks back. It does so as in the exercise `attend`: the layers "query" and
    "attended" hold Wq, and Wc and bc.
    """
    import keras
    from keras import layers

    source, target = (keras.Input((None,), dtype="int32") for _ in range(2))
    X = layers.Embedding(n, dim, mask_zero=True)(source)
    both = layers.LSTM(units // 2, return_sequences=True, return_state=True)
    S, h1, c1, h2, c2 = layers.Bidirectional(both)(X)
    states = [layers.Concatenate()([h1, h2]), layers.Concatenate()([c1, c2])]
    Y = layers.Embedding(n, dim)(target)
    h = Y = layers.LSTM(units, return_sequences=True)(Y, initial_state=states)
    shown = [h, S]
    if looks_back:
        q = layers.Dense(units, use_bias=False, name="query")(h)
        q = layers.Rescaling(units**-0.5)(q)
        context, weights = layers.Attention()([q, S], return_attention_scores=True)
        both = layers.Concatenate()([context, h])
        Y = layers.Dense(units, activation="tanh", name="attended")(both)
        shown.append(weights)
    p = layers.Dense(n, activation="softmax", name="characters")(Y)
    return keras.Model([source, target], p), keras.Model([source, target], [p, *shown])


@demo
def attend_parameters(model: Model) -> Weights:
    """Return the weights of the layers that look back, named as in the exercise `attend`."""
    Wc, bc = model.get_layer("attended").get_weights()
    return {"Wq": model.get_layer("query").get_weights()[0], "Wc": Wc, "bc": bc}


@demo
def transformer_model(
    n: int,
    T: int,
    block: Callable[[int, int, int], Model],
    encoding: Callable[[int, int], np.ndarray],
    *,
    d_model: int = 72,
    n_heads: int = 4,
    n_blocks: int = 2,
) -> tuple[Model, Model]:
    """Return a transformer, to train and to show; the two share their layers.

    block: makes a block, as in the exercise `transformer_block`; encoding: `positional_encoding`.
    Both take texts (m, T). The first gives probabilities (m, T, n); the second gives these and
    the weights of each block, (m, n_heads, T, T).
    """
    import keras
    from keras import layers

    text = keras.Input((T,), dtype="int32")
    X = layers.Embedding(n, d_model)(text) * d_model**0.5
    X = X + np.asarray(encoding(T, d_model), "float32")
    shown = []
    for _ in range(n_blocks):
        X, weights = block(d_model, n_heads, 2 * d_model)(X)
        shown.append(weights)
    p = layers.Dense(n, activation="softmax", name="characters")(X)
    return keras.Model(text, p), keras.Model(text, [p, *shown])


def _loss(y_true: Any, y_pred: Any) -> Any:
    """Return the mean cross entropy over the positions where something is to be said."""
    import keras

    losses = keras.losses.sparse_categorical_crossentropy(y_true, y_pred)
    real = keras.ops.cast(y_true != 0, losses.dtype)
    return keras.ops.sum(losses * real) / keras.ops.sum(real)


@demo
def train(
    model: Model, inputs: Any, says: np.ndarray, *, epochs: int, rate: float, batch: int = 64
) -> list[float]:
    """Train a network; return the loss of each epoch.

    The rate rises over the first updates, then falls along a cosine to nothing.
    """
    import keras

    updates = epochs * -(-len(says) // batch)
    warm_up = min(WARM_UP, updates // 2)
    falling = keras.optimizers.schedules.CosineDecay(
        0.0, updates - warm_up, warmup_target=rate, warmup_steps=warm_up
    )
    model.compile(loss=_loss, optimizer=keras.optimizers.Adam(falling, clipnorm=1.0))
    history = model.fit(
        inputs, says, epochs=epochs, batch_size=batch, verbose=0, callbacks=[progress_of_fit()]
    )  # fmt: skip
    return [float(loss) for loss in history.history["loss"]]


@demo
def translated(model: Model, sentences: Sequence[str], index: Index, T: int) -> list[str]:
    """Return the greedy translation of every sentence, by any of the three networks.

    All of them take whole rows, so each step runs the network on what has been written so far.
    """
    characters = {number: character for character, number in index.items()}
    starts = [sentence + START for sentence in sentences]
    before: list[np.ndarray] = []
    if len(model.inputs) == 2:
        starts, before = [START] * len(sentences), [numbered(sentences, index, T)]
    rows = numbered(starts, index, T)
    texts, at = [""] * len(sentences), np.array([len(start) - 1 for start in starts])
    open_ = at < T - 1
    while open_.any():
        p = model.predict_on_batch([*before, rows] if before else rows)
        for i in np.flatnonzero(open_):
            character = characters.get(int(np.argmax(p[i, at[i]])), "")
            at[i] += 1
            texts[i] += character if character != END else ""
            open_[i] = character != END and at[i] < T - 1
            rows[i, at[i]] = index.get(character, 0) if open_[i] else 0
    return texts
