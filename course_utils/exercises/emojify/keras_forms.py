"""Ways to write the two Keras exercises of this notebook, right but for what is asked for.

Keras is imported when a form is run.
"""

from __future__ import annotations

import numpy as np


def table(words, index):
    """Fill the matrix of vectors: row index[word] holds the word's vector, row 0 zeros."""
    filled = np.zeros((len(index) + 1, len(next(iter(words.values())))))
    for word, number in index.items():
        filled[number] = words[word]
    return filled


def in_order(words, names):
    """Fill the matrix from row 1 on, in the order in which `names` lists the words."""
    return table(words, {word: place for place, word in enumerate(names, 1)})


def embedding(words, index, trainable=False, matrix=table, change=lambda m: m):
    """Make an embedding layer of a matrix; with matrix=None its numbers are random."""
    from keras import layers

    n = len(next(iter(words.values())))
    if matrix is None:
        return layers.Embedding(len(index) + 1, n, trainable=trainable)
    filled = change(matrix(words, index))
    layer = layers.Embedding(*filled.shape, trainable=trainable)
    layer.build((None,))
    layer.set_weights([filled])
    return layer


def emojify(
    input_shape,
    words,
    index,
    *,
    trainable=False,
    matrix=table,
    first_dropout=0.5,
    second_dropout=0.5,
    units=(128, 128),
    second=True,
    from_embedding=False,
    all_steps=False,
    activation="softmax",
    head=True,
    go_backwards=False,
):
    """Build Emojify_V2 with one thing or another done wrong."""
    import keras
    from keras import layers

    sentences = keras.Input(input_shape, dtype="int32")
    embedded = embedding(words, index, trainable, matrix)(sentences)
    x = layers.LSTM(units[0], return_sequences=True, go_backwards=go_backwards)(embedded)
    if first_dropout:
        x = layers.Dropout(first_dropout)(x)
    if second:
        x = layers.LSTM(units[1], return_sequences=all_steps)(embedded if from_embedding else x)
        if second_dropout:
            x = layers.Dropout(second_dropout)(x)
    if head:
        x = layers.Dense(5, activation=activation)(x)
    return keras.Model(sentences, x)
