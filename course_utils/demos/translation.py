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
) -> list[str]:
    """Return the greedy translation of every sentence, step by step for all of them together."""
    characters = {number: character for character, number in target_index.items()}
    h, c = encoder_model.predict(numbers_of(sentences, source_index), verbose=0, batch_size=256)
    number = np.full((len(sentences), 1), target_index[START])
    texts, over = [""] * len(sentences), np.zeros(len(sentences), bool)
    for _ in range(max_length):
        p, h, c = decoder_model.predict_on_batch([number, h, c])
        number = np.asarray(p)[:, -1].argmax(axis=-1)[:, None]
        over |= number[:, 0] == target_index[END]
        if over.all():
            break
        for i in np.flatnonzero(~over):
            texts[i] += characters.get(int(number[i, 0]), "")
    return texts


@demo
def log_probability(
    sentence: str,
    translation: str,
    encoder_model: Model,
    decoder_model: Model,
    source_index: Mapping[str, int],
    target_index: Mapping[str, int],
) -> float:
    """Return the logarithm of the probability of a translation, its end character included."""
    h, c = encoder_model.predict(numbers_of([sentence], source_index), verbose=0)
    total, text = 0.0, START + translation + END
    for before, after in zip(text, text[1:], strict=False):
        p, h, c = decoder_model.predict_on_batch([np.array([[target_index[before]]]), h, c])
        total += float(np.log(p[0, -1, target_index[after]] + 1e-30))
    return total


@demo
def beam_search(
    sentence: str,
    encoder_model: Model,
    decoder_model: Model,
    source_index: Mapping[str, int],
    target_index: Mapping[str, int],
    max_length: int,
    width: int = 4,
) -> list[tuple[str, float]]:
    """Return up to `width` translations with their log-probabilities, the best first.

    At each step every open translation is continued by every character, and the `width` most
    probable of all are kept. One that ends is set aside; one still open at max_length counts too.
    """
    characters = {number: character for character, number in target_index.items()}
    h, c = encoder_model.predict(numbers_of([sentence], source_index), verbose=0)
    open_: list[tuple[str, float, int]] = [("", 0.0, target_index[START])]
    ended: list[tuple[str, float]] = []
    for _ in range(max_length):
        last = np.array([[number] for *_, number in open_])
        p, h, c = decoder_model.predict_on_batch([last, h, c])
        scores = np.log(np.asarray(p)[:, -1] + 1e-30) + np.array([[s] for _, s, _ in open_])
        best = np.argsort(scores, axis=None)[::-1][:width]
        rows, numbers = np.unravel_index(best, scores.shape)
        going, kept = [], []
        for row, number in zip(rows.tolist(), numbers.tolist(), strict=True):
            text, score = open_[row][0], float(scores[row, number])
            if number == target_index[END]:
                ended.append((text, score))
            else:
                going.append((text + characters.get(number, ""), score, number))
                kept.append(row)
        ended = sorted(ended, key=lambda one: -one[1])[:width]
        # a longer translation is never more probable than its beginning
        if not going or (len(ended) == width and ended[-1][1] >= going[0][1]):
            going = []
            break
        open_, h, c = going, np.asarray(h)[kept], np.asarray(c)[kept]
    else:
        ended += [(text, score) for text, score, _ in open_]
    return sorted(ended, key=lambda one: -one[1])[:width]


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
