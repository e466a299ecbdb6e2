"""Exercise 1: an image as a sequence of its rows, its columns or its pixels."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import oracle


def _cases(rng: np.random.Generator) -> list[Case]:
    """Draw images that are not square, so that no axis can be taken for another."""
    cases = []
    for reading in ("rows", "columns", "pixels"):
        for m, H, W, C in ((3, 4, 6, 3), (2, 5, 2, 1)):
            images = rng.integers(0, 256, (m, H, W, C), dtype=np.uint8)
            cases.append((reading, images, {reading}))
    for reading in ("rows", "columns", "pixels"):
        images = rng.normal(size=(1, 3, 7, 2)).astype(np.float32)
        cases.append((reading, images, {"one image"}))
    row = rng.normal(size=(4, 1, 5, 3)).astype(np.float32)
    cases.append(("rows", row, {"one step"}))
    return [
        Case(
            f"{reading} of images of shape {images.shape}",
            {"images": images, "reading": reading},
            frozenset(tags),
        )
        for reading, images, tags in cases
    ]


def _read(images, reading, rows=None, columns=None, pixels=None):
    """Read an image rightly, but in one way as one of the functions given says."""
    m, H, W, C = images.shape
    if reading == "columns":
        return columns(images) if columns else images.transpose(0, 2, 1, 3).reshape(m, W, H * C)
    if reading == "pixels":
        return pixels(images) if pixels else images.reshape(m, H * W, C)
    return rows(images) if rows else images.reshape(m, H, W * C)


def _but(**ways):
    return partial(_read, **ways)


def _torn_rows(images):
    m, H, W, C = images.shape
    return images.reshape(m, W, H * C)


def _columns(images):
    m, H, W, C = images.shape
    return images.transpose(0, 2, 1, 3).reshape(m, W, H * C)


def _rows(images):
    return images.reshape(len(images), images.shape[1], -1)


def _channels_apart(images):
    m, H, W, C = images.shape
    return images.transpose(0, 1, 3, 2).reshape(m, H, C * W)


def _columns_channels_apart(images):
    m, H, W, C = images.shape
    return images.transpose(0, 2, 3, 1).reshape(m, W, C * H)


def _features_first(images):
    return _rows(images).transpose(0, 2, 1)


def _columns_features_first(images):
    return _columns(images).transpose(0, 2, 1)


def _features_reshaped(images):
    m, H, W, C = images.shape
    return images.reshape(m, W * C, H)


def _images_mixed(images):
    m, H, W, C = images.shape
    return images.reshape(H, m, W * C)


def _steps_before_images(images):
    return _rows(images).transpose(1, 0, 2)


def _flat(images):
    return images.reshape(len(images), -1)


def _values(images):
    return images.reshape(len(images), -1, 1)


def _by_columns(images):
    m, H, W, C = images.shape
    return images.transpose(0, 2, 1, 3).reshape(m, W * H, C)


def _grey(images):
    return images.mean(axis=3)


def _one_channel(images):
    return images[:, :, :, 0]


def _upwards(images):
    return _rows(images)[:, ::-1]


ROWS_AS_STEPS = Exercise(
    name="rows_as_steps",
    difficulty=2,
    minutes=12,
    returns="the sequences",
    axes={"the sequences": ("image", "step", "number")},
    cases=_cases,
    oracle=oracle.rows_as_steps,
    criteria=(
        Criterion("sequences of the right shape, by rows", 2, tag="rows", aspect="shape"),
        Criterion("each step is a row of the image", 7, tag="rows"),
        Criterion("each step is a column of the image", 6, tag="columns"),
        Criterion("each step is a pixel, row by row", 2, tag="pixels"),
        Criterion("a batch of one", 1, tag="one image"),
        Criterion("images of one row: one step", 1, tag="one step"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "columns by reshape alone",
            "`reshape` never moves a number: it counts off the same line of numbers in other "
            "portions. Asked for columns it hands out torn pieces of rows. Exchange the axes "
            "first, (m, W, H, C), then reshape.",
            _but(columns=_torn_rows),
        ),
        Misconception(
            "height and width exchanged",
            "You ask for W steps of H C numbers, but the rows lie one after the other in memory: "
            "there are H of them, of W C numbers each. Your steps begin in the middle of a row.",
            _but(rows=_torn_rows),
            (_but(rows=_torn_rows, columns=_rows),),
        ),
        Misconception(
            "columns given for rows",
            "Asked for rows, you hand out columns: the axes are exchanged where they should stay. "
            "An image (m, H, W, C) has its rows along axis 1 already.",
            _but(rows=_columns),
            (_but(rows=_columns, columns=_rows),),
        ),
        Misconception(
            "always rows",
            "Whatever `reading` says, the steps are rows. Columns need the axes exchanged before "
            "the reshape.",
            _but(columns=_rows),
            (_but(columns=_rows, pixels=_rows),),
        ),
        Misconception(
            "channels apart",
            "A step has all the red numbers first, then the green, then the blue. Leave the "
            "channels where they are: a pixel's numbers stand together.",
            _but(rows=_channels_apart),
            (_but(rows=_channels_apart, columns=_columns_channels_apart),),
        ),
        Misconception(
            "steps on the last axis",
            "Steps and numbers have changed places. Keras reads a sequence along axis 1: "
            "(m, steps, numbers in a step).",
            _but(rows=_features_first),
            (
                _but(rows=_features_first, columns=_columns_features_first),
                _but(rows=_features_reshaped),
            ),
        ),
        Misconception(
            "images mixed",
            "The first axis is no longer the image, so a step holds pieces of several. Keep m in "
            "front: (m, steps, numbers).",
            _but(rows=_images_mixed),
            (_but(rows=_steps_before_images),),
        ),
        Misconception(
            "flattened",
            "An image has become one long row, or a sequence of single numbers, so that nothing "
            "says where a row ends. Three axes: (m, steps, numbers in a step).",
            _but(rows=_flat),
            (
                _but(rows=_flat, columns=_flat, pixels=_flat),
                _but(rows=_values),
                _but(pixels=_values),
                _but(pixels=_flat),
            ),
        ),
        Misconception(
            "pixels down the columns",
            "The pixels come column by column. Row by row is asked for, as they lie in memory.",
            _but(pixels=_by_columns),
        ),
        Misconception(
            "colour lost",
            "A step has one number a pixel: the colours are averaged or dropped. All W C numbers "
            "of a row belong to its step.",
            _but(rows=_grey),
            (_but(rows=_one_channel),),
        ),
        Misconception(
            "rows from the bottom up",
            "The last row comes first. Read from the top.",
            _but(rows=_upwards),
        ),
    ),
    hints=(
        "In memory an image lies row after row, and in a row pixel after pixel. In which of the "
        "three readings do the numbers keep that order, and in which must they move?",
        "Rows: (m, H, W, C) becomes (m, H, W C), nothing moves. Columns: first exchange axes 1 "
        "and 2 to get (m, W, H, C); `np.swapaxes` or `transpose(0, 2, 1, 3)` do.",
        "Take m, H, W, C from the shape. For columns exchange the axes. For pixels reshape to "
        "(m, H * W, C); else keep the first two axes and let -1 gather the rest.",
    ),
)
