"""Exercises 1 and 2: images as sequences, as numbers from 0 to 1, and labels as one-hot rows."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import oracle
from .cases import preparing_cases, step_cases


def _by(*order):
    """Exchange axes of images (m, H, W, C), then make one step of the last two."""

    def read(images):
        turned = images.transpose(order)
        return turned.reshape(*turned.shape[:2], -1)

    return read


_rows, _columns = _by(0, 1, 2, 3), _by(0, 2, 1, 3)


def _pixels(images):
    return images.reshape(len(images), -1, images.shape[3])


def _read(images, reading, rows=_rows, columns=_columns, pixels=_pixels):
    """Read an image rightly, but in one way or another as the functions given say."""
    return {"rows": rows, "columns": columns, "pixels": pixels}[reading](images)


def _shaped(shape):
    """Reshape images (m, H, W, C) to a shape made of these lengths, and move nothing."""
    return lambda images: images.reshape(shape(*images.shape))


_torn = _shaped(lambda m, H, W, C: (m, W, H * C))
_flat = _shaped(lambda m, H, W, C: (m, H * W * C))
_values = _shaped(lambda m, H, W, C: (m, H * W * C, 1))


ROWS_AS_STEPS = Exercise(
    name="rows_as_steps",
    difficulty=2,
    minutes=12,
    returns="the sequences",
    axes={"the sequences": ("image", "step", "number")},
    cases=step_cases,
    oracle=oracle.rows_as_steps,
    criteria=(
        Criterion("sequences of the right shape, by rows", 2, tag="rows", aspect="shape"),
        Criterion("each step is a row of the image", 7, tag="rows"),
        Criterion("each step is a column of the image", 6, tag="columns",
            hint="A column runs down the image: step w holds what has the same w in all "
                 "rows. Which two axes change places before the reshape?"),
        Criterion("each step is a pixel, row by row", 2, tag="pixels",
            hint="Each pixel is a step of its own with C numbers. How many steps does that "
                 "make?"),
        Criterion("a batch of one", 1, tag="one image"),
        Criterion("images of one row: one step", 1, tag="one step"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception("columns by reshape alone",
            "`reshape` never moves a number: it counts off the same line of numbers in other "
            "portions. Asked for columns it hands out torn pieces of rows. Exchange the axes "
            "first.",
            partial(_read, columns=_torn)),
        Misconception("height and width exchanged",
            "Asked for rows, you make as many steps as an image has columns, so they begin in the "
            "middle of a row. Images are (m, H, W, C): there are H rows, of W C numbers each.",
            partial(_read, rows=_torn),
            (partial(_read, rows=_torn, columns=_rows),)),
        Misconception("columns given for rows",
            "Asked for rows, you hand out columns: the axes are exchanged where they should stay. "
            "An image (m, H, W, C) has its rows along axis 1 already.",
            partial(_read, rows=_columns),
            (partial(_read, rows=_columns, columns=_rows),)),
        Misconception("always rows",
            "Asked for columns, you hand out rows. Columns need their axes exchanged before the "
            "reshape. (`swapaxes` and `transpose` return a new array: is it that one which is "
            "reshaped?)",
            partial(_read, columns=_rows),
            (partial(_read, columns=_rows, pixels=_rows),)),
        Misconception("channels apart",
            "A step has all the red numbers first, then the green, then the blue. Leave the "
            "channels where they are: a pixel's numbers stand together.",
            partial(_read, rows=_by(0, 1, 3, 2)),
            (partial(_read, rows=_by(0, 1, 3, 2), columns=_by(0, 2, 3, 1)),)),
        Misconception("steps on the last axis",
            "Steps and numbers have changed places. Keras reads a sequence along axis 1: "
            "(m, steps, numbers in a step).",
            partial(_read, rows=lambda images: _rows(images).swapaxes(1, 2)),
            (partial(_read, rows=lambda images: _rows(images).swapaxes(1, 2),
                     columns=lambda images: _columns(images).swapaxes(1, 2)),
             partial(_read, rows=_shaped(lambda m, H, W, C: (m, W * C, H))))),
        Misconception("images mixed",
            "The first axis is no longer the image: the batch has become the second one. Keep m "
            "in front: (m, steps, numbers in a step).",
            partial(_read, rows=_shaped(lambda m, H, W, C: (H, m, W * C))),
            (partial(_read, rows=lambda images: _rows(images).swapaxes(0, 1)),)),
        Misconception("flattened",
            "An image has become one long row, or a sequence of single numbers, so nothing says "
            "what belongs to one step. Make (m, steps, numbers in a step), with all numbers of a "
            "row, a column or a pixel in its step.",
            partial(_read, rows=_flat),
            (partial(_read, rows=_flat, columns=_flat, pixels=_flat), partial(_read, rows=_values),
             partial(_read, pixels=_values), partial(_read, pixels=_flat))),
        Misconception("pixels down the columns",
            "The pixels come column by column. Row by row is asked for, as they lie in memory.",
            partial(_read, pixels=lambda images: _pixels(images.swapaxes(1, 2)))),
        Misconception("colour lost",
            "A step has one number a pixel: the colours are averaged or dropped. All W C numbers "
            "of a row belong to its step.",
            partial(_read, rows=lambda images: images.mean(axis=3)),
            (partial(_read, rows=lambda images: images[..., 0]),)),
        Misconception("rows from the bottom up",
            "The last row comes first. Read from the top.",
            partial(_read, rows=lambda images: _rows(images)[:, ::-1])),
    ),
    hints=(
        "In memory an image lies row after row, and in a row pixel after pixel. In which of the "
        "three readings do the numbers keep that order, and in which must they move?",
        "Rows: (m, H, W, C) becomes (m, H, W C), nothing moves. Columns: first exchange axes 1 "
        "and 2 to get (m, W, H, C); `np.swapaxes` or `transpose(0, 2, 1, 3)` do.",
        "Take m, H, W, C from the shape. For columns exchange the axes. For pixels reshape to "
        "(m, H * W, C); else keep the first two axes and let -1 gather the rest.",
    ),
)  # fmt: skip


def _prepared(images, labels, classes, scale=lambda images: images.astype(np.float32) / 255,
              encode=lambda labels, classes: np.eye(classes)[labels[:, 0]]):  # fmt: skip
    """Prepare images and labels with one thing or another done wrong."""
    return scale(images), encode(labels, classes)


def _standardised_by_place(images):
    scaled = images.astype(np.float32) / 255
    return (scaled - scaled.mean(axis=0)) / scaled.std(axis=0)


def _stretched(images):
    low, high = float(images.min()), float(images.max())
    return (images - low) / (high - low)


def _normalised(axis):
    def scale(images):
        lengths = np.linalg.norm(images.astype(np.float64), axis=axis, keepdims=True)
        return images / np.where(lengths == 0, 1, lengths)

    return scale


PREPARE_IMAGES = Exercise(
    name="prepare_images",
    difficulty=1,
    minutes=8,
    returns=("X", "Y"),
    axes={"X": ("image", "row", "column", "channel"), "Y": ("image", "class")},
    cases=preparing_cases,
    oracle=oracle.prepare_images,
    criteria=(
        Criterion("X as the images, Y (m, classes)", 2, aspect="shape"),
        Criterion("X from 0 to 1", 5, leaves=("X",)),
        Criterion("Y: a one in the column of each label", 6, leaves=("Y",),
            hint="`labels` is (m, 1). Does label 0 put its 1 into column 0, and is a row of "
                 "Y as wide as there are classes?"),
        Criterion("a batch of one", 1, tag="one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception("not scaled",
            "The numbers still go up to 255. Gates and softmax work around 0 and 1; fed with "
            "hundreds they are shut or wide open from the start. Scale them.",
            partial(_prepared, scale=lambda images: images.astype(np.float32)),
            (partial(_prepared, scale=lambda images: images),)),
        Misconception("divided as whole numbers",
            "The fractions are lost: whole numbers were divided as whole numbers, or the result "
            "was rounded or turned into whole numbers. Use `/`, and leave the result as floats.",
            partial(_prepared, scale=lambda images: images // 255),
            (partial(_prepared, scale=lambda images: (images / 255).astype(np.uint8)),
             partial(_prepared, scale=lambda images: np.round(images / 255)))),
        Misconception("divided by the brightest number",
            "You scale by the largest number in this batch, or by its range, so the same picture "
            "would look different in another batch. Divide by the largest number there can be.",
            partial(_prepared, scale=lambda images: images / images.max()),
            (partial(_prepared, scale=_stretched),)),
        Misconception("divided by 256",
            "You divide by 256. White is 255, and it should become 1.",
            partial(_prepared, scale=lambda images: images / 256)),
        Misconception("from -1 to 1",
            "The numbers go from -1 to 1, a scale that is used too. Here 0 is black and 1 is "
            "white.",
            partial(_prepared, scale=lambda images: images / 127.5 - 1)),
        Misconception("standardised",
            "You subtract the batch's mean, and perhaps divide by its spread, so what a picture "
            "looks like depends on its neighbours. Black should be 0, and white 1.",
            partial(_prepared, scale=lambda images: (images - images.mean()) / images.std()),
            (partial(_prepared, scale=lambda images: images / 255 - np.mean(images / 255)),
             partial(_prepared, scale=_standardised_by_place))),
        Misconception("lengths made 1",
            "You divide by the length of each line of numbers, as `keras.utils.normalize` does, "
            "so the same byte becomes another number from place to place. Divide all by the "
            "largest that a byte can be.",
            partial(_prepared, scale=_normalised(-1)),
            (partial(_prepared, scale=_normalised(1)), partial(_prepared, scale=_normalised(2)))),
        Misconception("labels not one-hot",
            "Y still holds class numbers. The network answers with a probability for each class, "
            "so Y needs a row for each image: 1 in the column of its class, 0 elsewhere.",
            partial(_prepared, encode=lambda labels, classes: labels),
            (partial(_prepared, encode=lambda labels, classes: labels[:, 0]),
             partial(_prepared, encode=lambda labels, classes: labels.astype(np.float32)))),
        Misconception("an axis too many in the labels",
            "The labels come as a column, (m, 1), so a one-hot row for each of its entries makes "
            "(m, 1, classes). Flatten them first.",
            partial(_prepared, encode=lambda labels, classes: np.eye(classes)[labels])),
        Misconception("as many columns as labels found",
            "Y is only as wide as the labels of this batch ask for. Use `classes`: the last class "
            "may be missing here and come in the next batch.",
            partial(_prepared, encode=lambda labels, _: np.eye(int(labels.max()) + 1)[
                labels[:, 0]])),
        Misconception("labels one off",
            "The ones stand one column off. Labels are counted from 0, as columns are: nothing is "
            "to be added or taken off.",
            partial(_prepared, encode=lambda labels, classes: np.eye(classes)[
                labels[:, 0].astype(int) - 1]),
            (partial(_prepared, encode=lambda labels, classes: np.eye(classes + 1)[
                labels[:, 0] + 1]),)),
        Misconception("classes down, images across",
            "Y has a row for each class. Keras wants a row for each image: (m, classes).",
            partial(_prepared, encode=lambda labels, classes: np.eye(classes)[labels[:, 0]].T)),
    ),
    hints=(
        "What is the largest number an image of bytes can hold? And what shape has one label when "
        "all labels are (m, 1)?",
        "images / 255 makes floats. np.eye(classes) has the one-hot row of label k as its row k; "
        "look all of them up at once with labels of shape (m,).",
        "X: the images as float32, divided by 255. Y: np.eye(classes) indexed by "
        "labels.reshape(-1); keras.utils.to_categorical or convert_to_one_hot will do, too.",
    ),
)  # fmt: skip
