"""Models that count: how probable a character is after the few before it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np


class NGram:
    """Counts of every character after every context of up to `order` - 1 characters.

    A long context that was seen often is trusted, a rare one hardly: each count is mixed with the
    prediction of the next shorter context, in proportion to how many different characters have
    followed it (Witten and Bell, 1991). The shortest one is mixed with equal shares.
    """

    def __init__(self, indices: Sequence[int], n_y: int, order: int) -> None:
        """Count in a text. order: 1 for single characters, 2 for pairs, 3 for triples, ...

        Raises ValueError for an order below 1 or characters that are not from 0 to n_y - 1.
        """
        text = np.asarray(indices, int).tolist()
        if order < 1 or not all(0 <= c < n_y for c in set(text)):
            raise ValueError(f"expected an order of at least 1, and characters below {n_y}")
        self.n_y, self.order = n_y, order
        self._known: dict[tuple[int, ...], np.ndarray] = {}  # distributions that were asked for
        self._counts: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for t, character in enumerate(text):
            for length in range(min(order - 1, t) + 1):
                self._counts[tuple(text[t - length : t])][character] += 1

    @property
    def size(self) -> int:
        """Return how many counts the model keeps."""
        return sum(map(len, self._counts.values()))

    def probabilities(self, context: Sequence[int]) -> np.ndarray:
        """Return the probability of every character after a context, (n_y,)."""
        return self._after(tuple(context)[max(0, len(context) - self.order + 1) :]).copy()

    def _after(self, context: tuple[int, ...]) -> np.ndarray:
        if context not in self._known:
            shorter = self._after(context[1:]) if context else np.full(self.n_y, 1 / self.n_y)
            counts = self._counts.get(context, Counter())
            mixed = max(1, len(counts)) * shorter
            mixed[list(counts)] += list(counts.values())
            self._known[context] = mixed / mixed.sum()
        return self._known[context]

    def predict(self, indices: Sequence[int]) -> np.ndarray:
        """Return the probabilities of each next character of a text, (n_y, 1, len(text) - 1).

        They have the layout of a network's predictions; targets are `indices[1:]`.
        """
        text = np.asarray(indices, int).tolist()
        reach = self.order - 1
        steps = [self._after(tuple(text[max(0, t - reach) : t])) for t in range(1, len(text))]
        return np.stack(steps, axis=1)[:, None]
