"""Film reviews as questions about neighbours, from which the word vectors notebook learns vectors.

Source: Mikolov, Sutskever, Chen, Corrado and Dean (2013), skip-gram with negative
sampling. A text is cut into windows of T words, instead of sliding one over it, so that a step
costs a few matrix products.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from course_utils.reviews.imdb import installed_reviews, words_of
from course_utils.rnn_utils import sigmoid

from . import demo

RARE = 1e-4  # a word with a greater share of the text is thinned out
HELD = 20  # one review in so many is held back


@demo
def review_words(
    n: int, most: int = 4000, seed: int = 0
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Read n of the installed reviews, drawn at random, and keep their `most` frequent words.

    Returns these words, the most frequent first, and two texts as the numbers of their words: one
    to learn from, and one of every 20th review, held back.
    """
    reviews, _ = installed_reviews()
    chosen = np.random.default_rng(seed).permutation(len(reviews))[:n]
    texts = [words_of(reviews[i]) for i in chosen]
    counts = Counter(word for text in texts for word in text)
    words = sorted(counts, key=lambda word: (-counts[word], word))[:most]
    number = {word: i for i, word in enumerate(words)}
    numbered = [[number[word] for word in text if word in number] for text in texts]
    held = [i for text in numbered[::HELD] for i in text]
    del numbered[::HELD]
    return words, np.array([i for text in numbered for i in text]), np.array(held)


@demo
def windows(
    text: np.ndarray, passes: int, rng: np.random.Generator, m: int | None = None, T: int = 10
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return batches of windows that stand in a text, and of windows of random words: (m, T) each.

    text: (n,) numbers; m: how many windows make a batch, None for all of a pass. In each pass,
    occurrences of a word that makes up a share f of the text are kept with probability
    sqrt(1e-4 / f) at most, the rest is cut into windows, and these are shuffled. The random words
    are those of the same windows in any order: how often a word occurs says nothing about which
    is which.
    """
    shares = np.bincount(text) / len(text)
    batches = []
    for _ in range(passes):
        kept = text[rng.random(len(text)) < np.sqrt(RARE / np.maximum(shares, RARE))[text]]
        kept = kept[rng.integers(T) :]
        near = rng.permutation(kept[: len(kept) // T * T].reshape(-1, T))
        noise = rng.permutation(near.ravel()).reshape(-1, T)
        size = m or len(near)
        parts = range(size, len(near) + 1, size)
        batches += [(near[end - size : end], noise[end - size : end]) for end in parts]
    return batches


@demo
def answered(
    U: np.ndarray, V: np.ndarray, near: np.ndarray, noise: np.ndarray
) -> tuple[float, float]:
    """Return the loss in bits a question, and the share of questions answered correctly.

    A question: does this word stand in the window of that one? Two for each pair of places: one
    about a window's own word, one about the random word in its place. U, V: (n_words, d).
    """
    apart = ~np.eye(near.shape[1], dtype=bool)
    u = U[near]
    scores = np.stack([u @ V[near].swapaxes(1, 2), -u @ V[noise].swapaxes(1, 2)])[..., apart]
    return float(-np.mean(np.log2(sigmoid(scores)))), float(np.mean(scores > 0))
