"""Sentiment notebook: right answers written in other ways."""

from __future__ import annotations

from collections import Counter, defaultdict

import keras
import numpy as np
from keras import layers

from course_utils.sentiment_utils import words_of


def vocabulary_by_loop(reviews, input_dim):
    counts = defaultdict(int)
    for review in reviews:
        for word in words_of(review):
            counts[word] += 1
    pairs = sorted(counts.items())
    pairs.sort(key=lambda pair: pair[1], reverse=True)  # stable: ties keep the alphabet
    word_to_index = {}
    for word, _ in pairs:
        if len(word_to_index) == input_dim - 2:
            break
        word_to_index[word] = len(word_to_index) + 2
    return word_to_index


def vocabulary_by_most_common(reviews, input_dim):
    words = sorted(word for review in reviews for word in words_of(review))
    ranked = [word for word, _ in Counter(words).most_common()]  # ties as they come: sorted
    return dict(zip(ranked, range(2, input_dim), strict=False))


def rows_by_keras(reviews, word_to_index, maxlen, padding="pre", truncating="pre"):
    numbers = [[word_to_index.get(word, 1) for word in words_of(review)] for review in reviews]
    return keras.utils.pad_sequences(numbers, maxlen, padding=padding, truncating=truncating)


def rows_by_lists(reviews, word_to_index, maxlen, padding="pre", truncating="pre"):
    rows = []
    for review in reviews:
        row = []
        for word in words_of(review):
            if word in word_to_index:
                row.append(word_to_index[word])
            else:
                row.append(1)
        if len(row) > maxlen:
            row = row[len(row) - maxlen :] if truncating == "pre" else row[:maxlen]
        zeros = [0] * (maxlen - len(row))
        if padding == "pre":
            rows.append(zeros + row)
        else:
            rows.append(row + zeros)
    return np.array(rows, dtype=np.float32)  # of floats: the layer rounds them


def matrix_in_float32(word_to_index, word_to_vec_map):
    any_vector = word_to_vec_map[list(word_to_vec_map)[0]]
    matrix = np.zeros((max(word_to_index.values()) + 1, len(any_vector)), dtype=np.float32)
    for word in word_to_index:
        vector = word_to_vec_map.get(word)
        if vector is not None:
            matrix[word_to_index[word], :] = vector
    return matrix


def matrix_by_rows(word_to_index, word_to_vec_map):
    n = len(list(word_to_vec_map.values())[0])
    nothing = np.zeros(n)
    ranked = sorted(word_to_index, key=lambda word: word_to_index[word])
    return np.stack([nothing, nothing, *[word_to_vec_map.get(word, nothing) for word in ranked]])


def learned_functional(input_dim=10000, output_dim=8, maxlen=20):
    x = numbers = keras.Input(shape=(maxlen,))
    x = layers.Embedding(input_dim=input_dim, output_dim=output_dim)(x)
    x = layers.Reshape((maxlen * output_dim,))(x)
    return keras.Model(inputs=numbers, outputs=layers.Dense(1, "sigmoid")(x))


def learned_step_by_step(input_dim=10000, output_dim=8, maxlen=20):
    model = keras.Sequential()
    model.add(keras.Input((maxlen,)))
    model.add(layers.Embedding(input_dim, output_dim))
    model.add(layers.Flatten())
    model.add(layers.Dense(1))
    model.add(layers.Activation("sigmoid"))
    return model


def glove_by_argument(matrix, maxlen=100):
    return keras.Sequential(
        [
            keras.Input((maxlen,)),
            layers.Embedding(matrix.shape[0], matrix.shape[1], weights=[matrix], trainable=False),
            layers.Flatten(),
            layers.Dense(32, "relu"),
            layers.Dense(1, "sigmoid"),
        ]
    )


def glove_by_initializer(matrix, maxlen=100):
    start = keras.initializers.Constant(matrix)
    embedding = layers.Embedding(*matrix.shape, embeddings_initializer=start)
    numbers = keras.Input((maxlen,), dtype="int32")
    x = layers.Flatten()(embedding(numbers))
    embedding.trainable = False
    x = layers.ReLU()(layers.Dense(32)(x))
    return keras.Model(numbers, layers.Dense(1, activation="sigmoid")(x))


def bilstm_sequential(maxlen=200, input_dim=20000, output_dim=128, units=64):
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(input_dim, output_dim, mask_zero=True),
            layers.SpatialDropout1D(0.3),
            layers.Bidirectional(layers.LSTM(units, return_sequences=True)),
            layers.Bidirectional(layers.LSTM(units), merge_mode="concat"),
            layers.Dropout(0.2),
            layers.Dense(1),
            layers.Activation("sigmoid"),
        ]
    )


def bilstm_masked_apart(maxlen=200, input_dim=20000, output_dim=128, units=64):
    numbers = keras.Input((maxlen,), dtype="int32")
    embedding = layers.Embedding(input_dim, output_dim)
    mask = keras.ops.not_equal(numbers, 0)
    x = layers.Dropout(0.5)(embedding(numbers))
    x = layers.Bidirectional(layers.LSTM(units, return_sequences=True))(x, mask=mask)
    x = layers.Bidirectional(layers.LSTM(units))(x, mask=mask)
    return keras.Model(numbers, layers.Dense(1, activation="sigmoid")(layers.Dropout(0.5)(x)))


STYLES = {
    "build_vocabulary": {"loop": vocabulary_by_loop, "most common": vocabulary_by_most_common},
    "encode_reviews": {"keras": rows_by_keras, "lists": rows_by_lists},
    "learned_embedding_model": {
        "functional": learned_functional,
        "step by step": learned_step_by_step,
    },
    "embedding_matrix": {"float32": matrix_in_float32, "rows": matrix_by_rows},
    "glove_classifier": {"argument": glove_by_argument, "initializer": glove_by_initializer},
    "bilstm_classifier": {"sequential": bilstm_sequential, "mask apart": bilstm_masked_apart},
}
