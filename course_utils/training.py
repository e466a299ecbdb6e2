"""Decide whether a notebook trains in full or briefly, and let training start without delay."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from keras import Model

    Arrays = np.ndarray | list[np.ndarray]

VARIABLE = "COURSE_TRAINING"
SHORT = 2
FEW = 64


def epochs(full: int) -> int:
    """Return `full`, or at most 2 if the environment variable COURSE_TRAINING is "short".

    Raises ValueError if it is neither that nor "full" (the default).
    """
    return min(full, SHORT) if _is_short() else full


def examples(full: int, few: int = FEW) -> int:
    """Return how many examples to take: `full`, or at most `few` in short training."""
    return min(full, few) if _is_short() else full


def get_ready(model: Model, inputs: Arrays, targets: Arrays) -> None:
    """Create a compiled model's training variables, so that fit() traces its step only once.

    Keras creates the optimizer's slots, the losses and the metrics while it traces the first step;
    TensorFlow then traces that step again. For thirty outputs, or two LSTMs, this takes half of the
    time before the first epoch. `inputs` and `targets`, arrays or lists of arrays, are those of
    fit(); one example of each is used, and nothing is trained.
    """
    x, y = _first(inputs), _first(targets)
    y_pred = model(x)
    model.optimizer.build(model.trainable_variables)
    model.compute_loss(x=x, y=y, y_pred=y_pred)
    model.compute_metrics(x, y, y_pred)
    model.reset_metrics()


def _first(values: Arrays) -> Arrays:
    return [each[:1] for each in values] if isinstance(values, list) else values[:1]


def _is_short() -> bool:
    wanted = os.environ.get(VARIABLE, "full")
    if wanted not in ("full", "short"):
        raise ValueError(f"{VARIABLE} is {wanted!r}: set it to full or short, or leave it unset")
    return wanted == "short"
