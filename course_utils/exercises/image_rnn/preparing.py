"""Exercise 2: numbers from 0 to 1, and labels as one-hot rows."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import oracle


def _cases(rng: np.random.Generator) -> list[Case]:
    """Draw images that are rather dark, and labels that leave the last class out."""
    cases = []
    for m, classes, brightest, tags in (
        (5, 10, 256, {"several"}),
        (4, 4, 120, {"several"}),
        (1, 3, 90, {"one"}),
    ):
        images = rng.integers(1, brightest, (m, 3, 4, 3), dtype=np.uint8)
        labels = rng.integers(0, classes - 1, (m, 1)).astype(np.uint8)
        labels[0] = classes - 2
        cases.append(
            Case(
                f"m={m}, {classes} classes, brightest number {images.max()}",
                {"images": images, "labels": labels, "classes": classes},
                frozenset(tags),
            )
        )
    return cases


def _scaled(images):
    return images.astype(np.float32) / 255


def _one_hot(labels, classes):
    return np.eye(classes, dtype=np.float32)[labels[:, 0]]


def _prepared(images, labels, classes, scale=_scaled, encode=_one_hot):
    return scale(images), encode(labels, classes)


def _but(**slips):
    return partial(_prepared, **slips)


def _shifted(labels, classes):
    return np.eye(classes + 1)[labels[:, 0] + 1]


def _one_too_low(labels, classes):
    return np.eye(classes)[labels[:, 0].astype(int) - 1]


PREPARE_IMAGES = Exercise(
    name="prepare_images",
    difficulty=1,
    minutes=8,
    returns=("X", "Y"),
    axes={"X": ("image", "row", "column", "channel"), "Y": ("image", "class")},
    cases=_cases,
    oracle=oracle.prepare_images,
    criteria=(
        Criterion("X as the images, Y (m, classes)", 2, aspect="shape"),
        Criterion("X from 0 to 1", 5, leaves=("X",), tag="several"),
        Criterion("Y: a one in the column of each label", 6, leaves=("Y",), tag="several"),
        Criterion("a batch of one", 1, tag="one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "not scaled",
            "The numbers still go up to 255. Gates and softmax work around 0 and 1; fed with "
            "hundreds they are shut or wide open from the start. Divide by 255.",
            _but(scale=lambda images: images.astype(np.float32)),
            (_but(scale=lambda images: images),),
        ),
        Misconception(
            "divided as whole numbers",
            "Nearly everything is 0: whole numbers were divided as whole numbers, or the fractions "
            "rounded away afterwards. Use `/`, and leave the result as floats.",
            _but(scale=lambda images: images // 255),
            (
                _but(scale=lambda images: (images / 255).astype(np.uint8)),
                _but(scale=lambda images: np.round(images / 255)),
            ),
        ),
        Misconception(
            "divided by the brightest number",
            "You divide by the largest number in this batch. The same picture would then look "
            "different in another batch: divide by 255, the largest there can be.",
            _but(scale=lambda images: images / images.max()),
        ),
        Misconception(
            "divided by 256",
            "You divide by 256. White is 255, and it should become 1.",
            _but(scale=lambda images: images / 256),
        ),
        Misconception(
            "from -1 to 1",
            "The numbers go from -1 to 1, a scale that is used too. Here 0 is black and 1 is "
            "white: divide by 255, no more.",
            _but(scale=lambda images: images / 127.5 - 1),
        ),
        Misconception(
            "standardised",
            "You subtract the batch's mean and divide by its spread. What a picture looks like "
            "then depends on its neighbours: divide by 255, no more.",
            _but(scale=lambda images: (images - images.mean()) / images.std()),
            (_but(scale=lambda images: images / 255 - np.mean(images / 255)),),
        ),
        Misconception(
            "labels not one-hot",
            "Y still holds class numbers. The network answers with a probability for each class, "
            "so Y needs a row for each image: 1 in the column of its class, 0 elsewhere.",
            _but(encode=lambda labels, classes: labels),
            (
                _but(encode=lambda labels, classes: labels[:, 0]),
                _but(encode=lambda labels, classes: labels.astype(np.float32)),
            ),
        ),
        Misconception(
            "an axis too many in the labels",
            "The labels come as a column, (m, 1), so looking rows up with them gives "
            "(m, 1, classes). Flatten them first.",
            _but(encode=lambda labels, classes: np.eye(classes)[labels]),
        ),
        Misconception(
            "as many columns as labels found",
            "Y is only as wide as the labels of this batch ask for. Use `classes`: the last class "
            "may be missing here and come in the next batch.",
            _but(encode=lambda labels, classes: np.eye(int(labels.max()) + 1)[labels[:, 0]]),
        ),
        Misconception(
            "labels one off",
            "The ones stand one column off. Labels are counted from 0, as columns are: nothing is "
            "to be added or taken off.",
            _but(encode=_one_too_low),
            (_but(encode=_shifted),),
        ),
        Misconception(
            "classes down, images across",
            "Y has a row for each class. Keras wants a row for each image: (m, classes).",
            _but(encode=lambda labels, classes: np.eye(classes)[labels[:, 0]].T),
        ),
    ),
    hints=(
        "What is the largest number an image of bytes can hold? And what shape has one label when "
        "all labels are (m, 1)?",
        "images / 255 makes floats. np.eye(classes) has the one-hot row of label k as its row k; "
        "look all of them up at once with labels of shape (m,).",
        "X: the images as float32, divided by 255. Y: np.eye(classes) indexed by "
        "labels.reshape(-1), or keras.utils.to_categorical(labels, classes).",
    ),
)
