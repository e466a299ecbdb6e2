"""Both networks of this notebook, right but for what is asked for.

Keras is imported when a form is run. A map is what a convolution makes of an image.
"""

from __future__ import annotations

FILTERS, SIZE, POOL, UNITS, CLASSES = 32, 5, 4, 50, 10
SECOND, SECOND_SIZE, SECOND_POOL = 64, 3, 2


def convolved(x, *, filters=FILTERS, size=SIZE, pool=POOL, norm=True, pooling="max"):
    """Convolve, normalise and pool; or leave some of that out."""
    from keras import layers

    x = layers.Conv2D(filters, size, padding="same", activation="relu")(x)
    if norm:
        x = layers.BatchNormalization()(x)
    if pooling == "max":
        x = layers.MaxPooling2D(pool)(x)
    if pooling == "average":
        x = layers.AveragePooling2D(pool)(x)
    return x


def rows(x):
    """Make a step of each row."""
    from keras import layers

    _, h, w, c = x.shape
    return layers.Reshape((h, w * c))(x)


def columns(x):
    """Make a step of each column."""
    from keras import layers

    _, h, w, c = x.shape
    return layers.Reshape((w, h * c))(layers.Permute((2, 1, 3))(x))


def torn(x):
    """Make as many steps as there are columns, out of rows."""
    from keras import layers

    _, h, w, c = x.shape
    return layers.Reshape((w, h * c))(x)


def both_ways(x):
    """Read a sequence from both ends and keep both last states."""
    from keras import layers

    return layers.Bidirectional(layers.LSTM(UNITS))(x)


def one_way(x):
    """Read a sequence from its start only."""
    from keras import layers

    return layers.LSTM(UNITS)(x)


def summed(x):
    """Add the two last states up."""
    from keras import layers

    return layers.Bidirectional(layers.LSTM(UNITS), merge_mode="sum")(x)


def every_step(x):
    """Keep the states of all steps."""
    from keras import layers

    return layers.Bidirectional(layers.LSTM(UNITS, return_sequences=True))(x)


def softmax(x):
    """End with a probability for each class."""
    from keras import layers

    return layers.Dense(CLASSES, activation="softmax")(x)


def sigmoid(x):
    """End with an answer for each class on its own."""
    from keras import layers

    return layers.Dense(CLASSES, activation="sigmoid")(x)


def scores(x):
    """End with raw scores."""
    from keras import layers

    return layers.Dense(CLASSES)(x)


def over_the_batch(x):
    """Let the images of a batch compete for each class, in place of the classes."""
    from keras import layers

    return layers.Softmax(axis=0)(layers.Dense(CLASSES)(x))


def then(input_shape, *, read=rows, recurrent=both_ways, head=softmax, skip_map=False, **slips):
    """Build cnn_then_rnn with one thing or another done wrong."""
    import keras

    image = keras.Input(input_shape)
    found = convolved(image, **slips)
    return keras.Model(image, head(recurrent(read(image if skip_map else found))))


def flat(x):
    """Put all numbers of a map in one row."""
    from keras import layers

    return layers.Flatten()(x)


def beside(
    input_shape,
    *,
    read=rows,
    recurrent=both_ways,
    head=softmax,
    order=(0, 1),
    keep=(0, 1),
    of_map=False,
    second=True,
    **slips,
):
    """Build cnn_beside_rnn with one thing or another done wrong."""
    import keras
    from keras import layers

    image = keras.Input(input_shape)
    found = convolved(image, **slips)
    if second:
        found = convolved(found, filters=SECOND, size=SECOND_SIZE, pool=SECOND_POOL, **slips)
    branches = [flat(found), recurrent(read(found if of_map else image))]
    chosen = [branches[i] for i in order if i in keep]
    return keras.Model(image, head(layers.Concatenate()(chosen) if chosen[1:] else chosen[0]))
