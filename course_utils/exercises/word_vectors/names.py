"""Words to hang made-up vectors on, and the vectors."""

from __future__ import annotations

import numpy as np

_TEXT = """
acorn amber anchor apple apron arrow autumn badge baker bamboo barley basket beacon berry
birch blanket bottle branch bread bridge bronze bucket butter button cabin candle canoe canvas
carpet castle cedar chalk cherry circle clay clock cloud clover copper coral cotton cradle
cricket crystal curtain dancer desert diamond donkey drum eagle echo ember engine falcon
feather fiddle field flame flute forest fossil fountain garden garlic ginger glacier glove
granite grape hammer harbour hazel helmet honey island ivory jacket jasmine juniper kettle
kitchen kitten ladder lantern lemon lentil lily linen lizard lobster magnet maple marble
meadow melon mirror mitten moss mountain needle nutmeg oak oasis ocean olive orange orchard
otter oven oyster paddle paper parrot pasture pebble pepper pigeon pillow planet plum pocket
pond puzzle quilt rabbit raven ribbon river rocket saddle saffron sailor salmon sandal sesame
shadow silver spoon sparrow spring stone straw sugar summer thistle thunder timber tulip
tunnel turtle valley velvet violin walnut whistle willow window winter
"""
WORDS = _TEXT.split()


def draw_words(rng: np.random.Generator, size: int) -> list[str]:
    """Draw distinct words."""
    return [str(word) for word in rng.choice(WORDS, size, replace=False)]


def word_map(rng: np.random.Generator, n: int, size: int = 8) -> dict[str, np.ndarray]:
    """Draw words with vectors of n numbers, of lengths near 1."""
    return {word: rng.normal(size=n) / np.sqrt(n) for word in draw_words(rng, size)}


def chosen(rng: np.random.Generator, words: dict, count: int) -> list[str]:
    """Draw distinct words of a map."""
    return [str(word) for word in rng.choice(list(words), count, replace=False)]


def unit(vector: np.ndarray) -> np.ndarray:
    """Scale a vector to length 1."""
    return vector / np.linalg.norm(vector)


def at_right_angles(vector: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Return the unit vector at right angles to a unit axis that is nearest to `vector`."""
    return unit(vector - (vector @ axis) * axis)
