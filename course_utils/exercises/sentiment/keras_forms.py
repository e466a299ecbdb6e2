"""The three models of this notebook, right but for what is asked for.

Keras is imported when a form is run.
"""

from __future__ import annotations


def learned(
    input_dim,
    output_dim,
    maxlen,
    *,
    pool="flatten",
    activation="sigmoid",
    outputs=1,
    trainable=True,
    more_rows=0,
    hidden=0,
    dense=True,
):
    """Build learned_embedding_model with one thing or another done wrong."""
    import keras
    from keras import layers

    numbers = keras.Input((maxlen,), dtype="int32")
    x = layers.Embedding(input_dim + more_rows, output_dim, trainable=trainable)(numbers)
    if pool == "flatten":
        x = layers.Flatten()(x)
    elif pool == "mean":
        x = layers.GlobalAveragePooling1D()(x)
    elif pool == "max":
        x = layers.GlobalMaxPooling1D()(x)
    if hidden:
        x = layers.Dense(hidden, activation="relu")(x)
    if dense:
        x = layers.Dense(outputs, activation=activation)(x)
    return keras.Model(numbers, x)


def pretrained(
    matrix,
    maxlen,
    *,
    trainable=False,
    filled=True,
    shift=0,
    pool="flatten",
    hidden="relu",
    units=32,
    activation="sigmoid",
    outputs=1,
):
    """Build glove_classifier with one thing or another done wrong."""
    import keras
    import numpy as np
    from keras import layers

    embedding = layers.Embedding(*matrix.shape, trainable=trainable)
    embedding.build((None, maxlen))
    if filled:
        embedding.set_weights([np.roll(matrix, shift, axis=0)])
    numbers = keras.Input((maxlen,), dtype="int32")
    x = embedding(numbers)
    if pool == "flatten":
        x = layers.Flatten()(x)
    elif pool == "mean":
        x = layers.GlobalAveragePooling1D()(x)
    if units:
        x = layers.Dense(units, activation=hidden)(x)
    return keras.Model(numbers, layers.Dense(outputs, activation=activation)(x))


def bidirectional(
    maxlen,
    input_dim,
    output_dim,
    units,
    *,
    mask=True,
    trainable=True,
    both=(True, True),
    merge="concat",
    layers_used=2,
    sequences=(True, False),
    between=None,
    take=None,
    drop=(0.5, 0.5),
    activation="sigmoid",
    outputs=1,
):
    """Build bilstm_classifier with one thing or another done wrong."""
    import keras
    from keras import layers

    numbers = keras.Input((maxlen,), dtype="int32")
    x = layers.Embedding(input_dim, output_dim, mask_zero=mask, trainable=trainable)(numbers)
    if drop[0]:
        x = layers.Dropout(drop[0])(x)
    for number in range(layers_used):
        # not unrolled, which would be quicker: Keras then gives zeros where a mask ends a row
        lstm = layers.LSTM(units, return_sequences=sequences[number - layers_used])
        x = (layers.Bidirectional(lstm, merge_mode=merge) if both[number] else lstm)(x)
        if number == 0 and between == "one step":
            x = layers.Reshape((1, -1))(x)
    if take == "last":
        x = x[:, -1]
    elif take == "mean":
        x = layers.GlobalAveragePooling1D()(x)
    if drop[1]:
        x = layers.Dropout(drop[1])(x)
    return keras.Model(numbers, layers.Dense(outputs, activation=activation)(x))
