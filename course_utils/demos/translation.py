"""Translate many sentences at once, search with a beam, and attend to the source.

The models: an encoder gives states h and c, (m, units), of the source's numbers; a
decoder turns one character and these states into probabilities and the next states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.translation.sentence_pairs import END, START

from . import demo

if TYPE_CHECKING:
    from keras import Model


@demo
def numbers_of(sentences: Sequence[str], index: Mapping[str, int], T: int = 0) -> np.ndarray:
    """Return the characters' numbers, (m, T), padded with 0.

    T grows to the length of the longest sentence. Raises ValueError that names a character without
    a number.
    """
    T = max([T, *map(len, sentences)])
    rows = np.zeros((len(sentences), T), np.int32)
    for row, sentence in zip(rows, sentences, strict=True):
        for t, character in enumerate(sentence):
            if character not in index:
                raise ValueError(f"{sentence!r}: the network has never seen {character!r}")
            row[t] = index[character]
    return rows


@demo
def translate(
    sentences: Sequence[str],
    encoder_model: Model,
    decoder_model: Model,
    source_index: Mapping[str, int],
    target_index: Mapping[str, int],
    max_length: int,
    width: int = 1,
    alpha: float = 0.0,
) -> list[str]:
    """Return the best translation of every sentence that a beam finds; greedy with width 1."""
    networks = encoder_model, decoder_model, source_index, target_index
    return [found[0][0] for found in search(sentences, *networks, max_length, width, alpha)]


@demo
def search(
    sentences: Sequence[str],
    encoder_model: Model,
    decoder_model: Model,
    source_index: Mapping[str, int],
    target_index: Mapping[str, int],
    max_length: int,
    width: int = 4,
    alpha: float = 0.0,
) -> list[list[tuple[str, float]]]:
    """Return, for every sentence, `width` translations with their scores, the best first.

    Does what the exercise beam_search describes, for all sentences together.
    """
    m, characters = len(sentences), {number: ch for ch, number in target_index.items()}
    states = encoder_model.predict(numbers_of(sentences, source_index), verbose=0, batch_size=256)
    states = [np.repeat(state, width, axis=0) for state in states]  # (m * width, units)
    number = np.full((m, width), target_index[START])
    log_p = np.full((m, width), -np.inf)
    log_p[:, 0] = 0.0  # one open text each, the empty one
    texts = np.full((m, width), "", dtype=object)
    finished: list[list[tuple[str, float]]] = [[] for _ in sentences]
    for t in range(1, max_length + 1):
        p, *states = decoder_model.predict_on_batch([number.reshape(-1, 1), *states])
        log_q = np.log(np.asarray(p)[:, -1] + 1e-30).reshape(m, width, -1)
        log_q[..., 0] = -np.inf  # no character
        longer = (log_p[..., None] + log_q).reshape(m, -1)  # (m, width * n_target)
        best = np.argsort(-longer, axis=1)[:, :width]
        row, number = np.divmod(best, log_q.shape[-1])
        log_p = np.take_along_axis(longer, best, axis=1)
        texts = np.take_along_axis(texts, row, axis=1)
        for i in range(m):
            log_p[i, width - len(finished[i]) :] = -np.inf
            for k in np.flatnonzero(log_p[i] > -np.inf):
                if number[i, k] == target_index[END]:
                    finished[i].append((texts[i, k], log_p[i, k] / t**alpha))
                    log_p[i, k] = -np.inf
                else:
                    texts[i, k] += characters[int(number[i, k])]
        if np.isinf(log_p).all():
            break
        picked = (np.arange(m)[:, None] * width + row).ravel()
        states = [np.asarray(state)[picked] for state in states]
    for i, k in np.argwhere(log_p > -np.inf):
        finished[i].append((texts[i, k], log_p[i, k] / max_length**alpha))
    return [sorted(found, key=lambda pair: -pair[1]) for found in finished]


@demo
def attention_model(
    n_source: int, n_target: int, embedding_dim: int = 64, units: int = 128
) -> tuple[Model, Model]:
    """Return two Keras models that share their layers: one to train, one that shows the weights.

    Both take [source (m, T_x), target (m, T_y)]. The first gives probabilities (m, T_y, n_target),
    the second these and the attention weights (m, T_y, T_x). Scores are dot products (Luong,
    Pham and Manning 2015) of the decoder's states with the states of a bidirectional encoder.
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
    showing_model: Model,
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
    sentences: Sequence[str],
    model: Model,
    source_index: Mapping[str, int],
    target_index: Mapping[str, int],
    max_length: int,
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
