"""Read the whole IMDB data set: as Keras keeps it, or from the folder its authors publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

Part = tuple[list[str], np.ndarray]

_SPECIAL = 3  # Keras's numbers 0, 1, 2 are padding, the start of a review, and unknown words
_FOLDERS = [f"{part}/{verdict}" for part in ("train", "test") for verdict in ("neg", "pos")]


def from_keras() -> tuple[Part, Part]:
    """Return (X, Y) to train on and (X, Y) to test on, of keras.datasets.imdb.

    The reviews are words with spaces between; capitals and punctuation are lost in that set.
    Raises ConnectionError if it is not there yet and cannot be had.
    """
    from keras.datasets import imdb  # lazy: Keras takes seconds

    try:
        ranks = imdb.get_word_index()
        # without num_words, Keras takes the rarest word for an unknown one
        train, test = imdb.load_data(num_words=len(ranks) + _SPECIAL + 1, index_from=_SPECIAL)
    except Exception as error:  # get_file raises a plain Exception where there is no network
        raise ConnectionError(
            f"keras.datasets.imdb could not be had: {str(error)[:300]}. It is downloaded once, to "
            "~/.keras/datasets; read_reviews() without an argument needs no network."
        ) from None
    return tuple((decode(rows, ranks), np.asarray(Y, int)) for rows, Y in (train, test))


def decode(rows: Sequence[Sequence[int]], ranks: Mapping[str, int]) -> list[str]:
    """Turn Keras's rows of numbers back into words; ranks: word -> rank, from 1 on.

    The start of a review and unknown words are left out. Raises ValueError for other numbers.
    """
    words = {rank + _SPECIAL: word for word, rank in ranks.items()}
    odd = {number for row in rows for number in row if number > _SPECIAL} - words.keys()
    if odd:
        raise ValueError(f"number {min(odd)} stands for no word of the {len(ranks)} in the index")
    return [" ".join(words[number] for number in row if number > _SPECIAL) for row in rows]


def from_folder(folder: Path) -> tuple[Part, Part]:
    """Return (X, Y) to train on and (X, Y) to test on, of a folder such as aclImdb.

    It holds train/pos, train/neg, test/pos and test/neg, each with one review a .txt file.
    Raises FileNotFoundError, or ValueError that says which folder or file is not as it should be.
    """
    folder = folder.expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"There is no folder {str(folder)!r} (looking from {Path.cwd()}): unpack "
            'aclImdb_v1.tar.gz and give the path of aclImdb, or take "keras", or nothing at all.'
        )
    if missing := [name for name in _FOLDERS if not (folder / name).is_dir()]:
        hint = f"; try {str(folder / 'aclImdb')!r}" if (folder / "aclImdb").is_dir() else ""
        raise ValueError(f"{folder.name} lacks the folder {missing[0]}{hint}")
    read = {name: _read(folder, name) for name in _FOLDERS}

    def part(name: str) -> Part:
        negative, positive = read[f"{name}/neg"], read[f"{name}/pos"]
        return negative + positive, np.repeat([0, 1], [len(negative), len(positive)])

    return part("train"), part("test")


def _read(folder: Path, name: str) -> list[str]:
    reviews = []
    for file in sorted((folder / name).glob("*.txt")):
        try:
            text = file.read_text(encoding="utf-8").strip()
        except UnicodeDecodeError:
            raise ValueError(f"{name}/{file.name} is not UTF-8 text") from None
        if not text:
            raise ValueError(f"{name}/{file.name} is empty: expected a review")
        reviews.append(text)
    if not reviews:
        raise ValueError(f"{name} holds no .txt files: expected one review in each")
    return reviews
