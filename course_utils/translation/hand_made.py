"""Networks whose probabilities are written down, to follow a search by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .sentence_pairs import END


class HandMade:
    """A stand-in for a Keras model: it is called, or asked to predict, with arrays."""

    def __init__(self, function: Any) -> None:
        self._function = function

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Return the outputs for a batch of inputs."""
        return self._function(inputs)

    predict = predict_on_batch = __call__


def networks_of(
    tree: Mapping[str, Mapping[str, float]], target_index: Mapping[str, int]
) -> tuple[HandMade, HandMade]:
    """Return an encoder and a decoder that follow a tree of probabilities.

    tree: the beginning of a text -> the probability of each next character. A text that is not in
    it ends. target_index: the numbers of the start and end characters, and of all that follow. The
    state h, (m, 1), is the place in the tree, and c is another h.
    """
    said = dict.fromkeys(["", *tree, *(text + ch for text in tree for ch in tree[text])])
    texts = ["(start)", *said, "(elsewhere)"]  # by the number of their place
    characters = {number: character for character, number in target_index.items()}

    def encode(source: np.ndarray) -> list[np.ndarray]:
        return [np.zeros((len(source), 1))] * 2

    def decode(inputs: Sequence[Any]) -> list[np.ndarray]:
        numbers, h, _ = (np.asarray(each).ravel().astype(int) for each in inputs)
        p = np.full((len(h), 1, max(characters) + 1), 1e-12)  # what is not in the tree
        after = np.zeros((len(h), 1))
        for i, (number, place) in enumerate(zip(numbers, h, strict=True)):
            text = texts[place] + characters[number] if place else ""
            after[i] = texts.index(text) if text in said else len(texts) - 1
            for character, share in tree.get(text, {END: 1.0}).items():
                p[i, 0, target_index[character]] = share
        return [p, after, after]

    return HandMade(encode), HandMade(decode)
