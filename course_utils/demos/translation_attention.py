"""A translator that looks at the source at every step: Luong's attention, of Keras layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.translation.characters import END, START

from . import demo
from .translation_search import numbers_of


@demo
def attention_model(n_source: int, n_target: int, embedding_dim: int = 64, units: int = 128):
    """Return two Keras models that share their layers: one to train, one that shows the weights.

    Both take [source (m, T_x), target (m, T_y)]. The first gives probabilities (m, T_y, n_target),
    the second these and the attention weights (m, T_y, T_x). Scores are dot products (Luong,
    Pham and Manning 2015) of the decoder's states with both ways' states of the encoder.
    """
    import keras
    from keras import layers

    source = keras.Input((None,), dtype="int32")
    target = keras.Input((None,), dtype="int32")
    X = layers.Embedding(n_source, embedding_dim, mask_zero=True)(source)
    both = layers.LSTM(units // 2, return_sequences=True, return_state=True)
    X, h1, c1, h2, c2 = layers.Bidirectional(both)(X)  # (m, T_x, units)
    h, c = layers.Concatenate()([h1, h2]), layers.Concatenate()([c1, c2])
    Y = layers.Embedding(n_target, embedding_dim)(target)
    Y = layers.LSTM(units, return_sequences=True)(Y, initial_state=[h, c])  # (m, T_y, units)
    context, weights = layers.Attention()([Y, X], return_attention_scores=True)
    Y = layers.Dense(units, activation="tanh")(layers.Concatenate()([Y, context]))
    p = layers.Dense(n_target, activation="softmax")(Y)
    return keras.Model([source, target], p), keras.Model([source, target], [p, weights])


@demo
def align(
    sentence: str,
    showing_model,
    source_index: Mapping[str, int],
    target_index: Mapping[str, int],
    max_length: int,
) -> tuple[str, np.ndarray]:
    """Translate greedily; return the translation and where it looked: (characters + 1, source).

    The last row is that of the end character.
    """
    characters = {number: character for character, number in target_index.items()}
    source = numbers_of([sentence], source_index)
    # one row of full length, so that Keras traces one shape only
    target = np.zeros((1, max_length + 1), np.int32)
    target[0, 0] = target_index[START]
    for t in range(max_length):
        p, weights = showing_model.predict_on_batch([source, target])
        target[0, t + 1] = np.asarray(p)[0, t].argmax()
        if target[0, t + 1] == target_index[END]:
            break
    text = "".join(characters.get(n, " ") for n in target[0, 1:].tolist() if n)
    text = text.split(END)[0]
    return text, np.asarray(weights)[0, : len(text) + 1]


@demo
def translate_attending(
    sentences: Sequence[str], model, source_index, target_index, max_length
) -> list[str]:
    """Return the greedy translation of every sentence by the first model of attention_model()."""
    characters = {number: character for character, number in target_index.items()}
    source = numbers_of(sentences, source_index)
    target = np.zeros((len(sentences), max_length + 1), np.int32)
    target[:, 0] = target_index[START]
    for t in range(max_length):
        p = model.predict_on_batch([source, target])
        target[:, t + 1] = np.asarray(p)[:, t].argmax(axis=-1)
        if (target == target_index[END]).any(axis=1).all():
            break
    texts = ["".join(characters.get(n, "") for n in row[1:].tolist()) for row in target]
    return [text.split(END)[0] for text in texts]
