"""Choose sentences of every construction, and part them into training and test."""

from __future__ import annotations

from collections import Counter
from random import Random

from .sentences import CONSTRUCTIONS

LONGEST = 30  # characters, in either language
PER_CONSTRUCTION = 400
TEST = 40  # of these, of each construction
SEED = 8
ENOUGH = 3  # times a word must occur in training, to occur in the test


def chosen() -> list[tuple[str, str, str]]:
    """Return (English, French, construction), in a random order that is always the same."""
    random = Random(SEED)
    pairs: list[tuple[str, str, str]] = []
    taken: dict[str, str] = {}
    for name, construction in CONSTRUCTIONS.items():
        possible = {
            pair: None for pair in construction() if max(map(len, pair)) <= LONGEST
        }  # once each, in order
        count = 0
        for en, fr in random.sample(list(possible), len(possible)):
            if en in taken or fr in taken.values():
                continue
            taken[en] = fr
            pairs.append((en, fr, name))
            count += 1
            if count == PER_CONSTRUCTION:
                break
    random.shuffle(pairs)
    return pairs
