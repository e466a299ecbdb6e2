"""What is judged of both networks, and the slips that both of them invite."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..model import Misconception
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
            "sigmoid",
            "The ten numbers don't add up to 1: this is a sigmoid for each class. An image "
            "belongs to one class only, so end with a softmax.",
            wired(head=forms.sigmoid),
        ),
        Misconception(
            "no softmax",
            "The network ends with raw scores. Give the last layer a softmax.",
            wired(head=forms.scores),
            (wired(head=forms.rectified),),
        ),
        Misconception(
            "softmax twice",
            "A softmax stands on a softmax, which flattens all differences. Once is enough.",
            wired(head=forms.twice),
        ),
        Misconception(
            "no batch normalisation",
            "There is no batch normalisation. Without it the later layers must follow every "
            "change of scale that the convolution makes while it learns.",
            wired(norm=None),
        ),
        Misconception(
            "batch normalisation stuck in training",
            "Batch normalisation is called with training=True, so it uses this batch's own mean "
            "and spread for good, and an image's answer depends on its neighbours. Leave "
            "`training` out: Keras passes it on.",
            wired(norm="batch"),
        ),
        Misconception(
            "no ReLU",
            "The convolution has no activation, so all it does is add. Let it drop what is below "
            "0: activation='relu'.",
            wired(activation=None),
        ),
        Misconception(
            "ReLU after the normalisation",
            "ReLU comes after batch normalisation here. Many networks do that too; in this one "
            "it belongs to the convolution: activation='relu' there.",
            wired(activation=None, late="relu"),
            (wired(late="relu"),),
        ),
        Misconception(
            "average pooling",
            "You take the mean of each block. Max-pooling keeps the largest: that a pattern was "
            "seen, and not how much of the block it fills.",
            wired(pooling="average"),
        ),
        Misconception(
            "one direction only",
            "The LSTM reads from the top only. Wrap it in Bidirectional, so that a second one "
            "reads from the bottom.",
            wired(recurrent=forms.one_way),
        ),
        Misconception(
            "directions added up",
            "The two directions are added or averaged. Keep both, side by side (100 numbers): "
            "what Bidirectional does if you say nothing.",
            wired(recurrent=forms.summed),
            (wired(recurrent=forms.averaged),),
        ),
    )
