# %% [markdown]
# # Sentiment: what a review thinks of its film
#
# <!-- points -->

# %%
from collections import Counter

import keras
import numpy as np
from keras import layers

from course_utils.check import check, hint, score
from course_utils.sentiment_utils import words_of

# %% [markdown]
# ## Exercise 1: build_vocabulary


# %% exercise="build_vocabulary"
def build_vocabulary(reviews, input_dim):
    """Number the most frequent words of reviews, for a table of input_dim rows.

    reviews: a list of strings. Returns a dict: word -> number, from 2 to input_dim - 1 at most, 2
    for the most frequent word; words said equally often stand in alphabetical order.
    """
    ### BEGIN SOLUTION
    counts = Counter(word for review in reviews for word in words_of(review))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: number for number, word in enumerate(ranked[: input_dim - 2], start=2)}
    ### END SOLUTION


# %%
check(build_vocabulary)

# %% [markdown]
# ## Exercise 2: encode_reviews


# %% exercise="encode_reviews"
def encode_reviews(reviews, word_to_index, maxlen, padding="pre", truncating="pre"):
    """Return the numbers of the words of each review, all rows of one length.

    reviews: a list of m strings. word_to_index: word -> number, from 2 on; other words are 1.
    padding, truncating: "pre" or "post", the end at which short reviews get zeros and long ones
    lose words. Returns an array of shape (m, maxlen) of whole numbers.
    """
    ### BEGIN SOLUTION
    rows = np.zeros((len(reviews), maxlen), dtype="int32")
    for row, review in zip(rows, reviews, strict=True):
        numbers = [word_to_index.get(word, 1) for word in words_of(review)]
        numbers = numbers[-maxlen:] if truncating == "pre" else numbers[:maxlen]
        start = maxlen - len(numbers) if padding == "pre" else 0
        row[start : start + len(numbers)] = numbers
    return rows
    ### END SOLUTION


# %%
check(encode_reviews)

# %% [markdown]
# ## Exercise 3: learned_embedding_model


# %% exercise="learned_embedding_model"
def learned_embedding_model(input_dim=10000, output_dim=8, maxlen=20):
    """Return an uncompiled Keras model from word numbers to the probability of *positive*.

    input_dim: how many numbers there are; output_dim: of a word's vector. The model maps
    (m, maxlen) numbers to (m, 1).
    """
    ### BEGIN SOLUTION
    return keras.Sequential([
        keras.Input((maxlen,), dtype="int32"),
        layers.Embedding(input_dim, output_dim),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    ])
    ### END SOLUTION


# %%
check(learned_embedding_model)

# %% [markdown]
# ## Exercise 4: embedding_matrix


# %% exercise="embedding_matrix"
def embedding_matrix(word_to_index, word_to_vec_map):
    """Return the table of pretrained vectors of the words of a vocabulary.

    word_to_index: word -> number, from 2 on. word_to_vec_map: maps a word to its vector, (n,);
    not every word has one. Returns an array of shape (len(word_to_index) + 2, n), whose row
    word_to_index[word] is the word's vector; all other rows are zeros.
    """
    ### BEGIN SOLUTION
    n = len(next(iter(word_to_vec_map.values())))
    matrix = np.zeros((len(word_to_index) + 2, n))
    for word, number in word_to_index.items():
        if word in word_to_vec_map:
            matrix[number] = word_to_vec_map[word]
    return matrix
    ### END SOLUTION


# %%
check(embedding_matrix)

# %% [markdown]
# ## Exercise 5: glove_classifier


# %% exercise="glove_classifier"
def glove_classifier(matrix, maxlen=100):
    """Return an uncompiled Keras model on top of frozen pretrained vectors.

    matrix: (input_dim, n), a row for each word number. The model maps (m, maxlen) numbers to
    (m, 1), the probability of *positive*.
    """
    ### BEGIN SOLUTION
    embedding = layers.Embedding(*matrix.shape, trainable=False)
    embedding.build((None, maxlen))
    embedding.set_weights([matrix])
    return keras.Sequential([
        keras.Input((maxlen,), dtype="int32"),
        embedding,
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ])
    ### END SOLUTION


# %%
check(glove_classifier)

# %% [markdown]
# ## Exercise 6: bilstm_classifier


# %% exercise="bilstm_classifier"
def bilstm_classifier(maxlen=200, input_dim=20000, output_dim=128, units=64):
    """Return an uncompiled Keras model that reads a review in both directions, twice.

    units: of each LSTM, in each direction. The model maps (m, maxlen) word numbers, 0 being
    padding, to (m, 1), the probability of *positive*.
    """
    ### BEGIN SOLUTION
    numbers = keras.Input((maxlen,), dtype="int32")
    X = layers.Embedding(input_dim, output_dim, mask_zero=True)(numbers)
    X = layers.Dropout(0.5)(X)
    X = layers.Bidirectional(layers.LSTM(units, return_sequences=True))(X)
    X = layers.Bidirectional(layers.LSTM(units))(X)
    X = layers.Dropout(0.5)(X)
    X = layers.Dense(1, activation="sigmoid")(X)
    return keras.Model(numbers, X)
    ### END SOLUTION


# %%
check(bilstm_classifier)

# %% tags=["demo"]
score()
