"""What is judged of both networks, and the slips that both of them invite."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...judging.model import Misconception
from . import keras_forms as forms

AXES = {"outputs": ("image", "class"), "sums": ("image",)}


def reading(args, value):
    """Reduce a model to its outputs, their sums, and how much of it is trained."""
    return {
        "outputs": value["outputs"],
        "sums": np.asarray(value["outputs"]).sum(axis=-1),
        "n_trainable": value["n_trainable"],
        "n_frozen": value["n_weights"] - value["n_trainable"],
    }


def slips(wired: Callable[..., Callable]) -> tuple[Misconception, ...]:
    """Make the slips with layers; `wired(**slips)` is the network, built wrongly."""
    return (
        Misconception(
            "softmax over the batch",
            "The softmax runs along axis 0: the images of a batch compete for a class, and each "
            "answer depends on the neighbours. A row of probabilities lies along the last axis, "
            "which is what softmax takes if you say nothing.",
            wired(head=forms.over_the_batch),
        ),
        Misconception(
            "no softmax",
            "The network ends with raw scores. Give the last layer a softmax.",
            wired(head=forms.scores),
        ),
        Misconception(
            "no batch normalisation",
            "There is no batch normalisation. Without it the later layers must follow every "
            "change of scale that the convolution makes while it learns.",
            wired(norm=False),
        ),
        Misconception(
            "one direction only",
            "The LSTM reads from the top only. Wrap it in Bidirectional, so that a second one "
            "reads from the bottom.",
            wired(recurrent=forms.one_way),
        ),
    )
