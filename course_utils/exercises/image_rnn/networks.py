"""Exercises 3 and 4: a convolution whose map is read row by row, and one beside the rows.

Keras is imported when a form of an answer is run. A map is what a convolution makes of an image.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ...judging.model import Criterion, Exercise, Misconception
from ..readings import drawn, ends, ranking
from . import oracle
from .cases import (
    CLASSES,
    FILTERS,
    POOL,
    SECOND,
    SECOND_POOL,
    SECOND_SIZE,
    SIZE,
    UNITS,
    beside_cases,
    then_cases,
)

AXES = {
    "outputs": ("image", "class"),
    "ranking of the classes": ("image", "place"),
    "probabilities": ("class",),
}


def _read(args, value):
    """Say what a model's outputs show of it, and how many numbers move when it sees a batch."""
    return {
        "outputs": value["outputs"],
        "ranking of the classes": ranking(value["outputs"]),
        "probabilities": ends(value["ends"]["outputs"]),
        "moving averages": sum(run[0].size for run in value["ends"]["moved"]),
        "drawn in training": drawn(value["ends"]),
    }


def _convolved(x, *, filters=FILTERS, size=SIZE, pool=POOL, norm=True, pooling="max"):
    """Convolve, normalise and pool; or leave some of that out."""
    from keras import layers

    x = layers.Conv2D(filters, size, padding="same", activation="relu")(x)
    if norm:
        x = layers.BatchNormalization()(x)
    kinds = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}
    return kinds[pooling](pool)(x) if pooling else x


def _as_steps(x, reading):
    """Make a step of each row or column, or as many as there are columns out of torn rows."""
    from keras import layers

    _, h, w, c = x.shape
    if reading == "columns":
        x = layers.Permute((2, 1, 3))(x)
    return layers.Reshape((h, w * c) if reading == "rows" else (w, h * c))(x)


def _read_by_lstms(x, *, both=True, merge="concat", all_steps=False):
    from keras import layers

    lstm = layers.LSTM(UNITS, return_sequences=all_steps)
    return (layers.Bidirectional(lstm, merge_mode=merge) if both else lstm)(x)


def _decided(x, activation="softmax", axis=-1):
    """End with a number for each class; with axis=0, the images compete in place of the classes."""
    from keras import layers

    x = layers.Dense(CLASSES, activation=activation if axis == -1 else None)(x)
    return x if axis == -1 else layers.Softmax(axis=axis)(x)


def then(input_shape, *, read="rows", recurrent=_read_by_lstms, head=_decided, skip_map=False,
         **convolution):  # fmt: skip
    """Build cnn_then_rnn with one thing or another done wrong."""
    import keras

    image = keras.Input(input_shape)
    found = _convolved(image, **convolution)
    return keras.Model(image, head(recurrent(_as_steps(image if skip_map else found, read))))


def beside(input_shape, *, read="rows", recurrent=_read_by_lstms, head=_decided, order=(0, 1),
           of_map=False, second=True, **convolution):  # fmt: skip
    """Build cnn_beside_rnn with one thing or another done wrong; `order` lists the branches."""
    import keras
    from keras import layers

    image = keras.Input(input_shape)
    found = _convolved(image, **convolution)
    if second:
        found = _convolved(found, filters=SECOND, size=SECOND_SIZE, pool=SECOND_POOL, **convolution)
    both = layers.Flatten()(found), recurrent(_as_steps(found if of_map else image, read))
    kept = [both[i] for i in order]
    return keras.Model(image, head(layers.Concatenate()(kept) if kept[1:] else kept[0]))


def _slips(form: Callable) -> tuple[Misconception, ...]:
    """Make the slips with layers that both networks invite."""
    return (
        Misconception("softmax over the batch",
            "The softmax runs along axis 0: the images of a batch compete for a class, and each "
            "answer depends on the neighbours. A row of probabilities lies along the last axis.",
            partial(form, head=partial(_decided, axis=0))),
        Misconception("no softmax",
            "The network ends with raw scores. Turn them into probabilities: a softmax.",
            partial(form, head=partial(_decided, activation=None))),
        Misconception("sigmoid",
            "The ten numbers don't add up to 1: this is a sigmoid for each class. An image "
            "belongs to one class only, so end with a softmax.",
            partial(form, head=partial(_decided, activation="sigmoid"))),
        Misconception("softmax twice",
            "The scores go through two softmaxes. The second one takes probabilities for scores "
            "and makes nearly equal numbers of them: one is enough.",
            partial(form, head=_softmax_twice)),
        Misconception("no batch normalisation",
            "There is no batch normalisation. Without it the later layers must follow every "
            "change of scale that the convolution makes while it learns.",
            partial(form, norm=False)),
        Misconception("one direction only",
            "The LSTM reads from the top only. A second one should read from the bottom.",
            partial(form, recurrent=partial(_read_by_lstms, both=False))),
    )  # fmt: skip


def _softmax_twice(x):
    from keras import layers

    return layers.Softmax()(_decided(x))


CNN_THEN_RNN = Exercise(
    name="cnn_then_rnn",
    difficulty=2,
    minutes=20,
    returns=(),
    axes=AXES,
    cases=then_cases,
    oracle=oracle.cnn_then_rnn,
    probe="keras_model",
    reading=_read,
    criteria=(
        Criterion("a model with one row of ten numbers an image", 3, leaves=("outputs",),
                  aspect="shape"),
        Criterion("convolution, normalisation, pooling, rows read both ways, ten numbers", 22,
                  leaves=("ranking of the classes",)),
        Criterion("the probabilities of this very network", 3,
                  leaves=("outputs", "drawn in training"),
            hint="The order of the classes is right, the numbers are not. Does something act "
                 "on the map, the states or the scores that the network of the text does not "
                 "have?"),
        Criterion("ends with a softmax over the classes, once", 4, leaves=("probabilities",),
            hint="Ten numbers that add up to 1: which layer sees to it, and is it there only "
                 "once?"),
        Criterion("batches move two averages for each filter", 3, leaves=("moving averages",),
                  beside=True,
            hint="Which layer keeps a mean and a variance of every filter, and where does it "
                 "stand?"),
    ),
    misconceptions=(
        Misconception("torn rows",
            "As many steps as the map has columns are counted off with a plain reshape, so a step "
            "begins in the middle of a row. The map is (m, h, w, 32), and a row of it has w * 32 "
            "numbers. On square images the shapes would not have shown it.",
            partial(then, read="torn")),
        Misconception("columns as steps",
            "The steps are the map's columns. Rows are asked for, and need no Permute.",
            partial(then, read="columns")),
        Misconception("convolution cut off",
            "The recurrent part reads the image itself, so nothing that a convolution finds "
            "reaches it. Pass the pooled map on.",
            partial(then, skip_map=True)),
        Misconception("no pooling",
            "There is no pooling. It makes the sequence four times shorter and its steps four "
            "times smaller, and forgives a shift by a pixel or two.",
            partial(then, pooling=None)),
        Misconception("an answer for each row",
            "You get ten numbers for each row. There is one decision an image: the LSTM returns "
            "its last state only.",
            partial(then, recurrent=partial(_read_by_lstms, all_steps=True))),
        Misconception("average pooling",
            "You take the mean of each block. Max-pooling keeps the largest: that a pattern was "
            "seen, and not how much of the block it fills.",
            partial(then, pooling="average")),
        Misconception("directions added up",
            "The two directions are added or averaged. Keep both, side by side (100 numbers): "
            "what Bidirectional does if you say nothing.",
            partial(then, recurrent=partial(_read_by_lstms, merge="sum"))),
        *_slips(then),
    ),
    hints=(
        "What does the pooled map look like, axis by axis, and which axis should become time? "
        "Which two axes then belong to one step?",
        "Input -> Conv2D(32, 5) -> BatchNormalization -> MaxPooling2D(4), (m, h, w, 32) -> "
        "Reshape((h, w * 32)) -> Bidirectional(LSTM(50)), (m, 100) -> Dense(10).",
        "Name the tensor anew at each step, x = layer(x). Its shape says h and w: _, h, w, c = "
        "x.shape. The convolution has padding='same' and activation='relu', the last layer "
        "activation='softmax'.",
    ),
)  # fmt: skip


CNN_BESIDE_RNN = Exercise(
    name="cnn_beside_rnn",
    difficulty=3,
    minutes=20,
    returns=(),
    axes=AXES,
    cases=beside_cases,
    oracle=oracle.cnn_beside_rnn,
    probe="keras_model",
    reading=_read,
    criteria=(
        Criterion("a model with one row of ten numbers an image", 3, leaves=("outputs",),
                  aspect="shape"),
        Criterion("both branches read the image, and the last layer sees both", 18,
                  leaves=("ranking of the classes",)),
        Criterion("the probabilities of this very network", 3,
                  leaves=("outputs", "drawn in training"),
            hint="The order of the classes is right, the numbers are not. Does something act "
                 "on one of the branches or the scores that the network of the text does not "
                 "have?"),
        Criterion("ends with a softmax over the classes, once", 3, leaves=("probabilities",),
            hint="Ten numbers that add up to 1: which layer sees to it, and is it there only "
                 "once?"),
        Criterion("batches move two averages for each filter", 3, leaves=("moving averages",),
                  beside=True,
            hint="Which layer keeps a mean and a variance of every filter, and does it "
                 "follow each convolution?"),
    ),
    misconceptions=(
        Misconception("recurrent branch on top of the convolutional one",
            "The LSTMs read the map, so the second branch stands on the first. Beside it means "
            "that both begin at the image.",
            partial(beside, of_map=True)),
        Misconception("branches in the other order",
            "The recurrent numbers come before the convolutional ones. Either order can learn; "
            "the table puts the convolutional branch first, so that the two can be compared.",
            partial(beside, order=(1, 0))),
        Misconception("convolutional branch alone",
            "The softmax sees the convolutional branch only. The recurrent one, which reads the "
            "image's rows, has to be joined to it: concatenate the two.",
            partial(beside, order=(0,))),
        Misconception("torn rows",
            "As many steps as the image has columns are counted off with a plain reshape, so a "
            "step begins in the middle of a row. The image is (m, H, W, C), and a row of it has "
            "W * C numbers. On square images the shapes would not have shown it.",
            partial(beside, read="torn")),
        Misconception("one convolution only",
            "The convolutional branch has one convolution. A second one, of 64 filters, looks for "
            "patterns in what the first has found.",
            partial(beside, second=False)),
        *_slips(beside),
    ),
    hints=(
        "Both branches begin at the same tensor. Which one is it, and what shape does each of "
        "them end with?",
        "One branch: two times Conv2D, BatchNormalization, MaxPooling2D; then Flatten. The other: "
        "Reshape((H, W * C)), then Bidirectional(LSTM(50)). Then Concatenate and Dense(10).",
        "Keep the input under a name of its own: x = image; ...; x = Flatten()(x). Then r = "
        "Reshape(...)(image); r = Bidirectional(LSTM(50))(r). Last Concatenate()([x, r]).",
    ),
)  # fmt: skip
