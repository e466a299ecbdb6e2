# %% [markdown]
# # Images read by a recurrent network
#
# An image shows everything at once. Take its rows as time steps, and a recurrent network reads it from top to bottom as you read a page. You turn images into sequences, put a convolution in front of a recurrent network and then one beside it, and measure what each part is worth. Along the way you meet a mistake that raises no error: a reshape that runs, trains, and reads nonsense.
#
# **You will be able to**
#
# - turn images into sequences of rows, columns or pixels;
# - bring bytes and labels into the form that a network learns from;
# - join a convolution and an LSTM in two ways, one after the other and side by side;
# - train the parts of a network alone, to learn what the whole gains.
#
# <!-- points -->
#
# You should know the LSTM and Keras's functional API (the jazz notebook warms up with it); convolutions are introduced here. Plan an hour and a half.

# %%
from course_utils.check import check, hint, score
from course_utils.emo_utils import convert_to_one_hot
from course_utils.image_utils import load_images, nearest_mean_colour
from course_utils.plots import use_course_style
from course_utils.plots.images import (
    confusion_counts, plot_classes, plot_confusion, plot_learning, plot_mistakes, plot_readings,
)
from course_utils.results import stored
from course_utils.training import epochs, examples, progress_of_fit

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

use_course_style()

# %% [markdown]
# ## The images
#
# Four thousand tiles of 32x32 pixels, cut from eleven photographs that come with scikit-image and scikit-learn. The label says what the tile shows. Training and test tiles come from different parts of each photo, with a gap between them. Each tile has its own brightness and colour cast, as if photographed under another lamp. `load_images("cifar10")` or `load_images("my_images.npz")` opens other images in the same form.
#
# The figure shows tiles of each class, a row for each. **Predict:** could you tell the classes by their mean colour?
#
# <details><summary>Answer</summary>
#
# Hardly: each row shows many colours. The cell after the figure counts how often the nearest mean colour is right.
#
# </details>

# %% tags=["demo"]
tiles = load_images()
print("train", tiles.x_train.shape, tiles.y_train.shape, " test", tiles.x_test.shape, tiles.x_train.dtype)
plot_classes(tiles.x_train, tiles.y_train, tiles.names)
plt.show()

# %% [markdown]
# How far do you get without any network? Give each test tile the class whose mean colour is nearest.

# %% tags=["demo", "nbval-ignore-output"] why="two of the photos are JPEG files, which libraries decode slightly differently"
guess = nearest_mean_colour(tiles.x_train, tiles.y_train, tiles.x_test)
print(f"nearest mean colour: {np.mean(guess == tiles.y_test[:, 0]):.2f} right, guessing: 0.10")

# %% [markdown]
# **Notice:** colour says little. A network has to look at how the pixels are arranged.

# %% [markdown]
# ## Exercise: an image as a sequence
#
# In memory an image lies row after row, and in each row pixel after pixel, three numbers each. Keras wants a sequence as $(m, T_x, n_x)$: example, step, numbers in a step. Three readings of a batch $(m, H, W, C)$:
#
# | reading | one step is | shape |
# |---|---|---|
# | rows | a row, from left to right; rows from above | $(m, H, W C)$ |
# | columns | a column, from above; columns from the left | $(m, W, H C)$ |
# | pixels | a pixel, row by row | $(m, H W, C)$ |
#
# `reshape` moves nothing: it cuts the same line of numbers into pieces of another length. In one of the three readings the numbers must move first.
#
# **Expect** for an image of 2 rows and 3 columns, in one channel, `[[1, 2, 3], [4, 5, 6]]`: as rows just that, as columns `[[1, 4], [2, 5], [3, 6]]`.


# %% exercise="rows_as_steps"
def rows_as_steps(images, reading="rows"):
    """Return images as sequences: a step for each row, each column, or each pixel.

    images: (m, H, W, C). reading: "rows", "columns" or "pixels", the pixels row by row.
    Returns (m, H, W * C), (m, W, H * C) or (m, H * W, C); a pixel's C numbers stay together.
    Changes no argument.
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
# Now look at what a network would read. A photo of coins, cut to 20 columns so that height and width differ, and three sequences made of it, a line for each step. The last one asks `reshape` for 20 steps and moves nothing. **Predict** what it will look like.
#
# <details><summary>Answer</summary>
#
# By rows the image is as it was. By columns it lies on its side, mirrored, and the coin's edge is still round. In the last picture most steps begin in the middle of a row, and the coin is torn.
#
# </details>

# %% tags=["demo"]
coin = tiles.x_train[tiles.y_train[:, 0] == tiles.names.index("coins")][2:3, :, :20]
print("one image:", coin.shape)
readings = {
    "by rows": rows_as_steps(coin)[0],
    "by columns": rows_as_steps(coin, "columns")[0],
    "reshape(20, 96)": coin.reshape(20, 96),
}
plot_readings(coin[0], readings)
plt.show()

# %% [markdown]
# **Notice:** the shape of the torn sequence is right, so nothing complains, and a network even learns something from it. With square images the shapes cannot give the mistake away: look at the picture.

# %% [markdown]
# ## Exercise: numbers to learn from
#
# Two preparations are often forgotten. The images hold bytes from 0 to 255; gates and softmax live around 0 and 1, so scale them. The labels are class numbers in a column, $(m, 1)$; the network answers with a row of probabilities, so each label becomes a row too, with a 1 in the column of its class: *one-hot*. How you make these rows is up to you: `np.eye`, a loop, `keras.utils.to_categorical`, or `convert_to_one_hot` of the Emojify notebook.
#
# **Expect** `X` from 0 to 1, 255 becoming exactly 1, and `Y` of shape `(m, classes)`, each row with a single 1.


# %% exercise="prepare_images"
def prepare_images(images, labels, classes=10):
    """Return images as numbers from 0 to 1, and labels as one-hot rows.

    images: (m, H, W, C) bytes, 0 to 255. labels: (m, 1) whole numbers from 0 to classes - 1.
    Returns X, of the shape of images, and Y, (m, classes). Changes no argument.
    """
    ### BEGIN SOLUTION
    X = images.astype("float32") / 255
    Y = np.eye(classes, dtype="float32")[labels[:, 0]]
    return X, Y
    ### END SOLUTION


# %%
check(prepare_images)

# %% tags=["demo"]
X, Y = prepare_images(tiles.x_train, tiles.y_train)
X_test, Y_test = prepare_images(tiles.x_test, tiles.y_test)
print(f"X {X.shape}, from {X.min():.0f} to {X.max():.0f};  Y {Y.shape}")
print("label", tiles.y_train[0, 0], "becomes", Y[0].astype(int))

# %% [markdown]
# ## Which way to read?
#
# All networks in this notebook are trained alike: batches of 32, Adam, and a learning rate that falls from 0.002 to 0 along half a cosine. The falling rate matters when there are only a few epochs: with a constant one, the last few batches decide where the weights end up. These settings were chosen on a part of CIFAR-10's training images.
#
# Batch normalisation, which you will use below, keeps moving averages for later. By default each batch counts for 0.01 of them, so they lag about a hundred batches behind, more than an epoch here. So the cell sets this share to 0.1.

# %% tags=["demo"]
def trained(model, inputs):
    m, n_epochs = examples(len(inputs)), epochs(5)
    steps = n_epochs * int(np.ceil(m / 32))
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.002, steps))
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.9
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    return model.fit(inputs[:m], Y[:m], epochs=n_epochs, batch_size=32, verbose=0, callbacks=[progress_of_fit()]).history


def accuracy(model, inputs):
    m = examples(len(inputs))
    return np.mean(model.predict(inputs[:m], verbose=0).argmax(axis=1) == tiles.y_test[:m, 0])

# %% [markdown]
# First a recurrent network by itself: two LSTMs of 50 units, one reading from the first step to the last, one from the last to the first, and a softmax on their two last states. It reads your sequences, by rows and by columns. **Predict:** will that make a difference?
#
# <details><summary>Answer</summary>
#
# Little: most of these textures look much the same lying on their side. One run of each cannot tell a small difference from chance.
#
# </details>

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
alone, learned = {}, {}
for reading in ("rows", "columns"):
    keras.utils.set_random_seed(1)
    sequences = rows_as_steps(X, reading)
    both_ways = layers.Bidirectional(layers.LSTM(50))
    model = keras.Sequential([keras.Input(sequences.shape[1:]), both_ways, layers.Dense(10, activation="softmax")])
    learned[f"{reading} alone"] = trained(model, sequences)
    alone[f"{reading} alone"] = accuracy(model, rows_as_steps(X_test, reading))
    print(f"LSTMs that read {reading}: {alone[f'{reading} alone']:.3f} of the test tiles right")

# %% [markdown]
# **Notice:** both are better than guessing, and neither is good. Do not blame the reading alone: five epochs are few for an LSTM, and its curves below are still rising when they stop. A table shows what thirty bring.

# %% [markdown]
# ## Exercise: a convolution, and then the rows
#
# An LSTM that reads pixels meets each pattern anew at every place of a row. A convolution looks for the same small patterns everywhere, and pooling keeps whether each was found in a block of the image. That leaves a smaller map with 32 numbers at each place, whose rows can be read just as well:
#
# | layer | gives | remark |
# |---|---|---|
# | convolution, 32 filters of 5x5 | $(m, H, W, 32)$ | padding `"same"`, ReLU in the layer |
# | batch normalisation | $(m, H, W, 32)$ | may also come after the pooling |
# | max-pooling, 4x4 | $(m, h, w, 32)$ | $h = H/4$ and $w = W/4$, rounded down |
# | the map's rows as steps | $(m, h, 32 w)$ | nothing moves: `layers.Reshape` |
# | two LSTMs of 50, both directions | $(m, 100)$ | their last states, side by side |
# | dense, 10 | $(m, 10)$ | softmax |
#
# Batch normalisation brings each filter's numbers to mean 0 and spread 1 over the batch, then scales and shifts them by two learned numbers. Outside training it uses moving averages, so some of its numbers are not trained.
#
# **Expect** for any height and width a model that gives ten probabilities an image.


# %% exercise="cnn_then_rnn"
def cnn_then_rnn(input_shape):
    """Return a Keras model: a convolution whose map is read row by row, both ways.

    input_shape: (H, W, C). The model maps images (m, H, W, C) to probabilities (m, 10), by the
    layers of the table.
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
# **Predict:** will it beat both readings above, with the same number of epochs?
#
# <details><summary>Answer</summary>
#
# Yes, by far. The convolution hands over eight steps that say what was found where, instead of 32 steps of brightness.
#
# </details>

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
keras.utils.set_random_seed(1)
model_then = cnn_then_rnn(X.shape[1:])
learned["CNN, then RNN"] = trained(model_then, X)
alone["CNN, then RNN"] = accuracy(model_then, X_test)
print(f"{model_then.count_params():,} numbers; {alone['CNN, then RNN']:.3f} of the test tiles right")

# %% [markdown]
# ## Exercise: side by side
#
# Instead of one part reading what the other has left, let both look at the image and decide together:
#
# | convolutional branch | gives | recurrent branch | gives |
# |---|---|---|---|
# | convolution 32, normalisation, pooling 4x4, as before | $(m, h, w, 32)$ | the *image's* rows as steps | $(m, H, W C)$ |
# | convolution 64 of 3x3, the same padding and ReLU | $(m, h, w, 64)$ | two LSTMs of 50, both directions | $(m, 100)$ |
# | normalisation, pooling 2x2 | $(m, h/2, w/2, 64)$ | | |
# | flatten | $(m, n)$ | | |
#
# Then one row of $n + 100$ numbers, the convolutional branch first, and a dense layer of 10 with softmax. Both branches start from the same `image`, so this is no longer a chain: give the tensors of each branch their own names.
#
# **Expect** again ten probabilities an image, for any height and width of at least 8.


# %% exercise="cnn_beside_rnn"
def cnn_beside_rnn(input_shape):
    """Return a Keras model: a convolutional and a recurrent branch, side by side.

    input_shape: (H, W, C). The model maps images (m, H, W, C) to probabilities (m, 10), by the
    layers of the table, the convolutional branch first.
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

# %% [markdown]
# What does each branch bring? Train the whole, and the convolutional branch alone, with the same budget. **Predict** their order, and how much the recurrent branch adds.
#
# <details><summary>Answer</summary>
#
# Both are far ahead of the recurrent networks above. What the recurrent branch adds is small, and one run of each cannot tell it from chance.
#
# </details>

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
keras.utils.set_random_seed(1)
model_beside = cnn_beside_rnn(X.shape[1:])
learned["CNN beside RNN"] = trained(model_beside, X)
alone["CNN beside RNN"] = accuracy(model_beside, X_test)
keras.utils.set_random_seed(1)
image = keras.Input(X.shape[1:])
x = layers.MaxPooling2D(4)(layers.BatchNormalization()(layers.Conv2D(32, 5, padding="same", activation="relu")(image)))
x = layers.MaxPooling2D(2)(layers.BatchNormalization()(layers.Conv2D(64, 3, padding="same", activation="relu")(x)))
model_cnn = keras.Model(image, layers.Dense(10, activation="softmax")(layers.Flatten()(x)))
learned["CNN alone"] = trained(model_cnn, X)
alone["CNN alone"] = accuracy(model_cnn, X_test)
for name, right in alone.items():
    print(f"{name:>15}: {right:.3f} of the test tiles right")

# %% [markdown]
# The figures show how all five learned: the loss on the training tiles, and the share of them that each got right during each epoch.

# %% tags=["train", "nbval-ignore-output"] why="floating point differs between processors, and tests train briefly"
plot_learning(learned)
plt.show()

# %% [markdown]
# Each network was trained once, and the two that read rows and columns had not finished. The next cell shows a record of three starts each (`make reproduce ONLY=image_tiles`), in which these two went on for thirty epochs. **Predict:** do they catch up? And which differences are larger than those between two starts of one network?

# %% tags=["demo"]
print(f"{'':>26}   training    test   the three starts")
for name, shares in stored("image_tiles")["numbers"].items():
    each = " ".join(f"{share:.3f}" for share in shares["test"])
    print(f"{name:>26}: {np.mean(shares['training']):9.3f} {np.mean(shares['test']):7.3f}   {each}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# No. Thirty epochs bring a reader much further than five, but even then every start stays far behind every start of the convolution after five. Rows and columns, though, differ no more than two starts of one network do. Before you believe in a difference of a few hundredths, train both again from other seeds.
#
# </details>
#
# **Notice**, too, that all networks do better on the training tiles than on the test tiles: training tiles overlap, and test tiles come from other parts of the photos.

# %% [markdown]
# The confusion matrix of the network with two branches has a row for each class and a column for each answer. **Predict:** which two classes will be taken for each other?
#
# <details><summary>Answer</summary>
#
# It depends on the training, so look for the largest count off the diagonal, and then at the tiles of its two classes.
#
# </details>

# %% tags=["train", "nbval-ignore-output"] why="the answers depend on training"
predicted = model_beside.predict(X_test, verbose=0).argmax(axis=1)
plot_confusion(confusion_counts(tiles.y_test, predicted, 10), tiles.names)
plt.show()

# %% [markdown]
# Look at some of its mistakes. Would you have known?

# %% tags=["train", "nbval-ignore-output"] why="the answers depend on training"
plot_mistakes(tiles.x_test, tiles.y_test, predicted, tiles.names)
plt.show()

# %% [markdown]
# ## The real thing: CIFAR-10
#
# Tiles of eleven photos are a small world. CIFAR-10 has ten classes of things (airplane, cat, ship) in as many different photographs as there are images. The full run, three epochs on 10,000 of its images, was done once with the answers above and is kept with the course; `make reproduce CIFAR=your.npz` does it again. Published figures for these two designs are 0.452 and 0.500, after three epochs on all 50,000.

# %% tags=["demo"]
for system in ("cnn_then_rnn", "cnn_beside_rnn", "image_branches"):
    record = stored(system)
    for design, seeds in record["numbers"]["test accuracy"].items():
        print(f"{design:>26}: {np.mean(seeds):.3f} right,", " ".join(f"{seed:.3f}" for seed in seeds))
print(record["data"])

# %% [markdown]
# Each number after the mean is a training of its own, from other random weights. The last four networks were trained once. *Pixels of the map* is the first design, reading the places of its map one by one. Compare the convolutional branch alone with both branches: it lies between the worst and the best of their three runs. So these runs do not show that the recurrent branch adds anything. Rows and columns alone come far behind, after three epochs.

# %% [markdown]
# The figure is the confusion matrix of the first run with two branches, drawn as above. **Predict** its most frequent mistake.
#
# <details><summary>Answer</summary>
#
# Dogs taken for cats. Trucks taken for automobiles, cats for dogs, deer for birds and airplanes for ships follow.
#
# </details>

# %% tags=["demo"]
cifar = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
plot_confusion(stored("cnn_beside_rnn")["numbers"]["confusion"], cifar)
plt.show()

# %% [markdown]
# **Notice:** both designs come out above their published figures, with a fifth of the images; the falling learning rate probably helps. The mistakes make sense, too: dogs look like cats.

# %% [markdown]
# ## What to take away
#
# - `reshape` counts, `transpose` moves. After either, draw what a step holds; a right shape proves nothing.
# - A recurrent network can read images, and a convolution in front of it makes its work easier: fewer steps, and each says what was found rather than how bright it was.
# - To know what a part is worth, train without it, with the same budget, and from more than one start.

# %% [markdown]
# **Open experiments**
#
# 1. Train the network that reads rows for 100 epochs: replace `epochs(5)` in `trained`. Does it ever reach a network with a convolution after five?
# 2. Let `cnn_then_rnn` read the places of the map one by one, `layers.Reshape((-1, 32))`, and then its columns (`layers.Permute` helps). What becomes slower, and what becomes worse?
# 3. Train the recurrent network on `X.reshape(-1, 96, 32)`: each step a third of a row. How much does the torn reading cost?
# 4. `load_images("cifar10")` brings 50,000 images. Do five times as many change the order of the networks?

# %% tags=["demo"]
score()
