"""Draw images, and weights for both networks: right ones first, then those wrong ones look for."""

from __future__ import annotations

import numpy as np

from .keras_forms import CLASSES, FILTERS, POOL, SECOND, SECOND_POOL, SECOND_SIZE, SIZE, UNITS

Shape = tuple[int, ...]


def images(rng: np.random.Generator, m: int, shape: Shape) -> np.ndarray:
    """Draw m images of numbers from 0 to 1."""
    return rng.uniform(size=(m, *shape)).astype(np.float32)


def _draw(rng: np.random.Generator, shape: Shape, size: float = 1.0) -> np.ndarray:
    fed_by = max(1, int(np.prod(shape[:-1])))
    return rng.normal(0, size / np.sqrt(fed_by), shape)


def convolution(rng, channels, filters, size) -> list[np.ndarray]:
    """Draw kernel, bias, and of the norm gamma, beta, moving mean, moving variance.

    All of gamma is positive, so that it makes no difference whether the pooling comes before.
    """
    return [
        _draw(rng, (size, size, channels, filters), 2.0),
        rng.normal(0, 0.2, filters),
        rng.uniform(0.6, 1.6, filters),
        rng.normal(0, 0.5, filters),
        rng.normal(0.5, 0.3, filters),
        rng.uniform(0.3, 2.0, filters),
    ]


def both_ways(rng, features) -> list[np.ndarray]:
    """Draw the weights of two LSTMs."""
    return [w for _ in range(2) for w in _lstm(rng, features)]


def _lstm(rng, features) -> list[np.ndarray]:
    shapes = ((features, 4 * UNITS), (UNITS, 4 * UNITS))
    return [*(_draw(rng, shape) for shape in shapes), rng.normal(0, 0.3, 4 * UNITS)]


def head(rng, features) -> list[np.ndarray]:
    """Draw a dense layer that parts the classes."""
    return [_draw(rng, (features, CLASSES), 3.0), rng.normal(0, 0.5, CLASSES)]


def then_weights(rng, shape: Shape) -> list[np.ndarray]:
    """Draw the weights of cnn_then_rnn, and more for networks that are wired otherwise."""
    H, W, C = shape
    h, w = H // POOL, W // POOL
    right = [
        *convolution(rng, C, FILTERS, SIZE),
        *both_ways(rng, w * FILTERS),
        *head(rng, 2 * UNITS),
    ]
    kernels = [h * FILTERS, W * FILTERS, W * C]
    return right + _others(rng, right, kernels, [UNITS])


def beside_weights(rng, shape: Shape) -> list[np.ndarray]:
    """Draw the weights of cnn_beside_rnn, and more for networks that are wired otherwise."""
    H, W, C = shape
    first, second = (H // POOL, W // POOL), (H // POOL // SECOND_POOL, W // POOL // SECOND_POOL)
    flat = second[0] * second[1] * SECOND
    right = [
        *convolution(rng, C, FILTERS, SIZE),
        *convolution(rng, FILTERS, SECOND, SECOND_SIZE),
        *both_ways(rng, W * C),
        *head(rng, flat + 2 * UNITS),
    ]
    kernels = [H * C, second[1] * SECOND]
    heads = [flat, flat + UNITS]
    return right + _others(rng, right, kernels, [*heads, first[0] * first[1] * FILTERS + 2 * UNITS])


def _others(rng, right, kernels, heads) -> list[np.ndarray]:
    """Draw kernels of LSTMs and heads that the right network has not, each shape once."""
    taken = {w.shape for w in right}
    more = []
    for features in kernels:
        if (features, 4 * UNITS) not in taken:
            taken.add((features, 4 * UNITS))
            more += [_draw(rng, (features, 4 * UNITS)) for _ in range(2)]
    for features in heads:
        if (features, CLASSES) not in taken:
            taken.add((features, CLASSES))
            more.append(_draw(rng, (features, CLASSES), 3.0))
    return more
