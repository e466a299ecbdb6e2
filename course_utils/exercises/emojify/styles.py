"""Emojify notebook: right answers written in other ways, in NumPy and with Keras."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from .networks import embedding, table


def average_by_loop(sentence, word_to_vec_map):
    any_word = list(word_to_vec_map.keys())[0]
    avg, count = np.zeros(word_to_vec_map[any_word].shape), 0
    for word in sentence.lower().split():
        if word in word_to_vec_map:
            avg += word_to_vec_map[word]
            count += 1
    if count > 0:
        avg = avg / count
    return avg


def average_in_float32(sentence, word_to_vec_map):
    return average_by_loop(sentence, word_to_vec_map).astype(np.float32)


def cost_by_one_hot(A, Y):
    return -np.sum(np.eye(A.shape[1])[Y] * np.log(A)) / len(Y)


def cost_by_loop(A, Y):
    total = 0.0
    for row, label in zip(A, Y, strict=True):
        total -= np.log(row[label])
    return total / len(Y)


def cost_by_einsum(A, Y):
    return -np.einsum("ic,ic->", np.eye(A.shape[1])[Y], np.log(A)) / A.shape[0]


def model_by_columns(X, Y, word_to_vec_map, learning_rate=0.01, num_iterations=400, kind=float):
    C, n = Y.max() + 1, len(next(iter(word_to_vec_map.values())))
    W, b = np.zeros((C, n), kind), np.zeros((C, 1), kind)
    rows = [average_by_loop(x, word_to_vec_map).astype(kind).reshape(-1, 1) for x in X]
    for _ in range(num_iterations):
        for x, label in zip(rows, Y, strict=True):
            z = W @ x + b
            a = np.exp(z) / np.sum(np.exp(z))
            a[label] -= 1
            W, b = W - learning_rate * a @ x.T, b - learning_rate * a
    pred = [int(np.argmax(W @ x + b)) for x in rows]
    return np.array(pred), W, b[:, 0]


def model_in_float32(*args):
    return model_by_columns(*args, kind=np.float32)


def indices_by_loop(X, word_to_index, max_len):
    out = np.zeros((X.shape[0], max_len))  # of floats: the layer rounds them
    for i in range(X.shape[0]):
        j = 0
        for word in X[i].lower().split():
            if word in word_to_index and j < max_len:
                out[i, j] = word_to_index[word]
                j += 1
    return out


def layer_by_argument(word_to_vec_map, word_to_index):
    filled = table(word_to_vec_map, word_to_index)
    return layers.Embedding(*filled.shape, weights=[filled], trainable=False)


def layer_by_initializer(word_to_vec_map, word_to_index):
    filled = table(word_to_vec_map, word_to_index)
    start = keras.initializers.Constant(filled)
    return layers.Embedding(*filled.shape, embeddings_initializer=start, trainable=False)


def layer_with_mask(word_to_vec_map, word_to_index):
    filled = table(word_to_vec_map, word_to_index)
    layer = layers.Embedding(*filled.shape, mask_zero=True)
    layer.trainable = False
    layer.build((None,))
    layer.set_weights([filled])
    return layer


def sequential(input_shape, word_to_vec_map, word_to_index):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            embedding(word_to_vec_map, word_to_index),
            layers.LSTM(128, return_sequences=True, unroll=True),
            layers.Dropout(0.4),
            layers.LSTM(128, unroll=True),
            layers.Dropout(0.3),
            layers.Dense(5),
            layers.Activation("softmax"),
        ]
    )


def masked(input_shape, word_to_vec_map, word_to_index):
    x = sentences = keras.Input(shape=input_shape, dtype="int32")
    x = layer_with_mask(word_to_vec_map, word_to_index)(x)
    x = layers.Dropout(rate=0.5)(layers.LSTM(units=128, return_sequences=True)(x))
    x = layers.Dropout(rate=0.5)(layers.LSTM(units=128, return_sequences=False)(x))
    return keras.Model(inputs=sentences, outputs=layers.Softmax()(layers.Dense(5)(x)))


STYLES = {
    "sentence_to_avg": {"loop": average_by_loop, "float32": average_in_float32},
    "cross_entropy": {"one-hot": cost_by_one_hot, "loop": cost_by_loop, "einsum": cost_by_einsum},
    "model": {"columns": model_by_columns, "float32": model_in_float32},
    "sentences_to_indices": {"loop": indices_by_loop},
    "pretrained_embedding_layer": {
        "argument": layer_by_argument,
        "initializer": layer_by_initializer,
        "mask": layer_with_mask,
    },
    "Emojify_V2": {"sequential": sequential, "masked": masked},
}
