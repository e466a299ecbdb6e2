"""Translate many sentences at once, and search with a beam, with the two models of notebook 08."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.translation.characters import END, START

from . import demo


@demo
def numbers_of(sentences: Sequence[str], index: Mapping[str, int], T: int = 0) -> np.ndarray:
    """Return the characters' numbers, (m, T), padded with 0; T is at least the longest's length.

    Raises ValueError that names a character without a number.
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
    encoder_model,
    decoder_model,
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
    sentence: str, translation: str, encoder_model, decoder_model, source_index, target_index
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
    sentence: str, encoder_model, decoder_model, source_index, target_index, max_length, width=4
) -> list[tuple[str, float]]:
    """Return up to `width` translations with their log-probabilities, the best first.

    At each step every open translation is continued by every character, and the `width` most
    probable of all are kept; one that ends is set aside. One still open at max_length counts.
    """
    characters = {number: character for character, number in target_index.items()}
    h, c = encoder_model.predict(numbers_of([sentence], source_index), verbose=0)
    open_, ended = [("", 0.0, target_index[START])], []
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
