"""Open labelled images: the course's own tiles, CIFAR-10, or an .npz file of your own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from course_utils.files.opening import find
from course_utils.images.image_files import Images, read_images
from course_utils.images.photo_tiles import SOURCES, make_tiles

CIFAR10 = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)


def load_images(source: str | Path | None = None) -> Images:
    """Open the course's photo tiles, CIFAR-10, or any .npz file of colour images.

    source: None for the tiles; "cifar10" for Keras's download of it; the path of its batches, a
    folder or a .tar.gz, for Python or binary; or the path of an .npz that holds x_train, y_train,
    x_test, y_test, and perhaps label_names.
    Raises FileNotFoundError; ValueError that says what is wrong with the file.
    """
    if source is None:
        return Images(*make_tiles("train"), *make_tiles("test"), names=tuple(SOURCES))
    if source == "cifar10":
        from keras import datasets  # lazy: TensorFlow

        (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data()
        return Images(x_train, y_train, x_test, y_test, CIFAR10)
    instead = 'load_images() opens our own tiles, load_images("cifar10") downloads CIFAR-10.'
    return read_images(find(source, instead, folder=True))


def mean_colours(x: np.ndarray) -> np.ndarray:
    """Return the mean colour of each image (m, H, W, 3): (m, 3)."""
    return np.asarray(x, np.float64).mean(axis=(1, 2))


def nearest_mean_colour(x_train: np.ndarray, y_train: Sequence[int], x: np.ndarray) -> np.ndarray:
    """Guess the class whose mean colour is nearest to an image's: (m,) labels, with no network.

    x_train, x: (m, H, W, 3). y_train: (m,) or (m, 1) labels.
    """
    labels = np.unique(y_train)
    colours, y = mean_colours(x_train), np.ravel(y_train)
    centres = np.array([colours[y == label].mean(axis=0) for label in labels])  # (classes, 3)
    apart = np.linalg.norm(mean_colours(x)[:, None] - centres, axis=2)  # (m, classes)
    return labels[apart.argmin(axis=1)]
