"""Draw images, and weights for both networks: right ones first, then those wrong ones look for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...judging.model import Case
from ..readings import drawn_clearly
from . import oracle

FILTERS, SIZE, POOL, UNITS, CLASSES = 32, 5, 4, 50, 10
SECOND, SECOND_SIZE, SECOND_POOL = 64, 3, 2

HEARD = 4.0  # how much more a class hears of the LSTMs than of a convolution
Shape = tuple[int, ...]


def step_cases(rng: np.random.Generator) -> list[Case]:
    """Draw images that are not square, so that no axis can be taken for another."""
    drawn = [
        (reading, rng.integers(0, 256, shape, dtype=np.uint8), {reading})
        for reading in ("rows", "columns", "pixels")
        for shape in ((3, 4, 6, 3), (2, 5, 2, 1))
    ]
    drawn += [
        (reading, rng.normal(size=(1, 3, 7, 2)).astype(np.float32), {reading, "one image"})
        for reading in ("rows", "columns", "pixels")
    ]
    drawn.append(("rows", rng.normal(size=(4, 1, 5, 3)).astype(np.float32), {"one step"}))
    return [
        Case(
            f"{reading} of images of shape {images.shape}",
            {"images": images, "reading": reading},
            frozenset(tags),
        )
        for reading, images, tags in drawn
    ]


def preparing_cases(rng: np.random.Generator) -> list[Case]:
    """Draw images that are rather dark, one batch of 0 and 1 alone; the last class is there once.

    Labels that leave it out show if Y is as wide as it should be.
    """
    cases = []
    for m, classes, brightest, last, tags in (
        (5, 10, 256, 8, ()), (4, 4, 120, 3, ()), (3, 5, 2, 3, ()), (1, 3, 90, 1, ("one",)),
    ):  # fmt: skip
        images = rng.integers(brightest > 2, brightest, (m, 3, 4, 3), dtype=np.uint8)
        labels = rng.integers(0, last + 1, (m, 1)).astype(np.uint8)
        labels[0] = last
        cases.append(
            Case(
                f"m={m}, {classes} classes, brightest number {images.max()}",
                {"images": images, "labels": labels, "classes": classes},
                frozenset(tags),
            )
        )
    return cases


def then_cases(rng: np.random.Generator) -> list[Case]:
    """Draw images that are higher than wide or wider than high, with pixels that no pool takes."""
    shape = ((8, 13, 3), (14, 8, 2))[int(rng.integers(2))]
    return [drawn_clearly(lambda: _case(rng, shape, then_weights, (POOL,)), oracle.cnn_then_rnn)]


def beside_cases(rng: np.random.Generator) -> list[Case]:
    """Draw images with rows or columns that no first pool takes, and some that no second takes.

    What the second pooling leaves has two rows and two columns.
    """
    shape, pools = ((18, 20, 2), (20, 18, 2))[int(rng.integers(2))], (POOL, SECOND_POOL)
    return [drawn_clearly(lambda: _case(rng, shape, beside_weights, pools), oracle.cnn_beside_rnn)]


def _case(rng, shape: Shape, draw: Callable, pools: tuple[int, ...]) -> Case:
    inputs, weights = rng.uniform(size=(3, *shape)).astype(np.float32), draw(rng, shape)
    silent = [np.zeros_like(w) for w in weights if w.ndim == 2 and w.shape[1] == CLASSES]
    ends = {"inputs": inputs, "known": [*silent, rng.normal(0, 1.5, CLASSES)]}
    after = {"inputs": inputs, "weights": weights, "pools": pools, "ends": ends}
    return Case(f"m=3, input_shape={shape}", {"input_shape": shape}, after=after)


def _draw(rng: np.random.Generator, shape: Shape, size: float = 1.0) -> np.ndarray:
    fed_by = max(1, int(np.prod(shape[:-1])))
    return rng.normal(0, size / np.sqrt(fed_by), shape)


def _convolution(rng, channels, filters, size) -> list[np.ndarray]:
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


def _two_lstms(rng, features) -> list[np.ndarray]:
    shapes = ((features, 4 * UNITS), (UNITS, 4 * UNITS))
    return [
        array
        for _ in range(2)
        for array in (*(_draw(rng, shape) for shape in shapes), rng.normal(0, 0.3, 4 * UNITS))
    ]


def _head(rng, features) -> list[np.ndarray]:
    """Draw a dense layer that parts the classes."""
    return [_draw(rng, (features, CLASSES), 3.0), rng.normal(0, 0.5, CLASSES)]


def then_weights(rng: np.random.Generator, shape: Shape) -> list[np.ndarray]:
    """Draw the weights of cnn_then_rnn, and more for networks that are wired otherwise."""
    H, W, C = shape
    h, w = H // POOL, W // POOL
    right = [
        *_convolution(rng, C, FILTERS, SIZE),
        *_two_lstms(rng, w * FILTERS),
        *_head(rng, 2 * UNITS),
    ]
    return right + _others(rng, right, [h * FILTERS, W * FILTERS, W * C], [UNITS])


def beside_weights(rng: np.random.Generator, shape: Shape) -> list[np.ndarray]:
    """Draw the weights of cnn_beside_rnn, and more for networks that are wired otherwise."""
    H, W, C = shape
    first, second = (H // POOL, W // POOL), (H // POOL // SECOND_POOL, W // POOL // SECOND_POOL)
    flat = second[0] * second[1] * SECOND
    right = [
        *_convolution(rng, C, FILTERS, SIZE),
        *_convolution(rng, FILTERS, SECOND, SECOND_SIZE),
        *_two_lstms(rng, W * C),
        *_head(rng, flat + 2 * UNITS),
    ]
    right[-2][flat:] *= HEARD  # or the ranking hardly depends on what the LSTMs read
    padded = [-(-length // SECOND_POOL) for length in first]
    # where the second pooling rounds up, or what it leaves is joined: rows, columns, or all
    maps = [padded[0] * padded[1], second[0], second[1], 1]
    heads = [flat, flat + UNITS, first[0] * first[1] * FILTERS + 2 * UNITS]
    heads += [places * SECOND + 2 * UNITS for places in maps]
    return right + _others(rng, right, [H * C, second[1] * SECOND], heads)


def _others(rng, right, kernels, heads) -> list[np.ndarray]:
    """Draw kernels of LSTMs and heads that the right network has not, each shape once."""
    taken = {w.shape for w in right}
    shapes = [(n, 4 * UNITS) for n in kernels] + [(n, CLASSES) for n in heads]
    return [
        _draw(rng, shape, 1.0 if shape[1] > CLASSES else 3.0)
        for shape in dict.fromkeys(shapes)
        if shape not in taken
        for _ in range(2 if shape[1] > CLASSES else 1)
    ]
