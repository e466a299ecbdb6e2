"""Image RNN notebook: right answers written in other ways, in NumPy and with Keras."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers


def steps_by_loop(images, reading="rows"):
    m, H, W, C = images.shape
    if reading == "rows":
        steps = [images[:, r].reshape(m, W * C) for r in range(H)]
    elif reading == "columns":
        steps = [images[:, :, c].reshape(m, H * C) for c in range(W)]
    else:
        steps = [images[:, r, c] for r in range(H) for c in range(W)]
    return np.stack(steps, axis=1)


def steps_by_einsum(images, reading="rows"):
    m, H, W, C = images.shape
    if reading == "columns":
        return np.einsum("ihwc->iwhc", images).reshape((m, W, -1))
    return images.reshape((m, H, -1) if reading == "rows" else (m, -1, C))


def prepared_by_loop(images, labels, classes=10):
    Y = np.zeros((len(labels), classes))
    for i, label in enumerate(labels.ravel()):
        Y[i, label] = 1
    return images * (1.0 / 255.0), Y


def prepared_by_keras(images, labels, classes=10):
    return np.float32(images) / np.float32(255), keras.utils.to_categorical(labels, classes)


def then_sequential(input_shape):
    H, W, _ = input_shape
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(filters=32, kernel_size=(5, 5), padding="same"),
            layers.ReLU(),
            layers.BatchNormalization(momentum=0.9),
            layers.MaxPool2D((4, 4)),
            layers.Reshape((H // 4, W // 4 * 32)),
            layers.Bidirectional(layers.LSTM(50), merge_mode="concat"),
            layers.Dense(10),
            layers.Softmax(),
        ]
    )


def then_pooled_first(input_shape):
    image = keras.Input(shape=input_shape)
    x = layers.Conv2D(32, 5, padding="same", activation="relu")(image)
    x = layers.BatchNormalization()(layers.MaxPooling2D(pool_size=4)(x))
    x = layers.TimeDistributed(layers.Flatten())(x)
    downwards = layers.LSTM(50)(x)
    upwards = layers.LSTM(50, go_backwards=True)(x)
    x = layers.concatenate([downwards, upwards])
    return keras.Model(inputs=image, outputs=layers.Dense(10, activation="softmax")(x))


def beside_recurrent_first(input_shape):
    image = keras.Input(shape=input_shape)
    r = layers.TimeDistributed(layers.Flatten())(image)
    r = layers.Bidirectional(layers.LSTM(50))(r)
    x = layers.Conv2D(32, 5, padding="same", activation="relu")(image)
    x = layers.MaxPool2D(4)(layers.BatchNormalization()(x))
    x = layers.Conv2D(64, 3, padding="same", activation=keras.activations.relu)(x)
    x = layers.MaxPool2D(2)(layers.BatchNormalization()(x))
    both = keras.ops.concatenate([layers.Flatten()(x), r], axis=-1)
    return keras.Model(image, layers.Activation("softmax")(layers.Dense(10)(both)))


STYLES = {
    "rows_as_steps": {"loop": steps_by_loop, "einsum": steps_by_einsum},
    "prepare_images": {"loop": prepared_by_loop, "keras": prepared_by_keras},
    "cnn_then_rnn": {"sequential": then_sequential, "pooled first": then_pooled_first},
    "cnn_beside_rnn": {"recurrent first": beside_recurrent_first},
}
