# %% [markdown]
# # Images read by a recurrent network
#
# x
#
# <!-- points -->

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

from course_utils.check import check, hint, score
from course_utils.plots import use_course_style
from course_utils.training import epochs

use_course_style()

# %% [markdown]
# ## Exercise 1: an image as a sequence
#
# Text.


# %% exercise="rows_as_steps"
def rows_as_steps(images, reading="rows"):
    """Return images as sequences: a step for each row, each column, or each pixel.

    images: (m, H, W, C). reading: "rows", "columns" or "pixels", the pixels row by row.
    Returns (m, H, W * C), (m, W, H * C) or (m, H * W, C); a pixel's C numbers stay together.
    """
    ### BEGIN SOLUTION
    m, H, W, C = images.shape
    if reading == "pixels":
        return images.reshape(m, H * W, C)
    if reading == "columns":
        images = np.swapaxes(images, 1, 2)  # (m, W, H, C)
    return images.reshape(m, images.shape[1], -1)
    ### END SOLUTION


# %%
check(rows_as_steps)

# %% [markdown]
# ## Exercise 2: prepare
#
# Text


# %% exercise="prepare_images"
def prepare_images(images, labels, classes=10):
    """Return images as numbers from 0 to 1, and labels as one-hot rows.

    images: (m, H, W, C) bytes, 0 to 255. labels: (m, 1) whole numbers from 0 to classes - 1.
    Returns X, of the shape of images, and Y, (m, classes).
    """
    ### BEGIN SOLUTION
    X = images.astype("float32") / 255
    Y = np.eye(classes, dtype="float32")[labels[:, 0]]
    return X, Y
    ### END SOLUTION


# %%
check(prepare_images)

# %% [markdown]
# ## Exercise 3: after
#
# Text


# %% exercise="cnn_then_rnn"
def cnn_then_rnn(input_shape):
    """Return an uncompiled Keras model: a convolution whose map is read row by row, both ways.

    input_shape: (H, W, C). The model maps images (m, H, W, C) to probabilities (m, 10).
    """
    image = keras.Input(input_shape)
    ### BEGIN SOLUTION
    x = layers.Conv2D(32, 5, padding="same", activation="relu")(image)  # (m, H, W, 32)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling2D(4)(x)
    _, h, w, c = x.shape
    x = layers.Reshape((h, w * c))(x)  # a step for each row of the map
    x = layers.Bidirectional(layers.LSTM(50))(x)  # (m, 100)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))
    ### END SOLUTION


# %%
check(cnn_then_rnn)

# %% [markdown]
# ## Exercise 4: beside
#
# Text


# %% exercise="cnn_beside_rnn"
def cnn_beside_rnn(input_shape):
    """Return an uncompiled Keras model: a convolutional and a recurrent branch, side by side.

    input_shape: (H, W, C). The model maps images (m, H, W, C) to probabilities (m, 10).
    """
    H, W, C = input_shape
    image = keras.Input(input_shape)
    ### BEGIN SOLUTION
    x = image
    for filters, size, pool in ((32, 5, 4), (64, 3, 2)):
        x = layers.Conv2D(filters, size, padding="same", activation="relu")(x)
        x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D(pool)(x)
    x = layers.Flatten()(x)
    r = layers.Reshape((H, W * C))(image)
    r = layers.Bidirectional(layers.LSTM(50))(r)  # (m, 100)
    both = layers.Concatenate()([x, r])
    return keras.Model(image, layers.Dense(10, activation="softmax")(both))
    ### END SOLUTION


# %%
check(cnn_beside_rnn)

# %% tags=["demo"]
score()
