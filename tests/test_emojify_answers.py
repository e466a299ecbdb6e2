"""Notebook 05: right answers written in other ways, and what is said of some wrong ones."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from course_utils.exercises.emojify import ASSIGNMENT, oracle
from course_utils.exercises.emojify.cases import numbered, vocabulary
from course_utils.exercises.emojify.keras_forms import embedding, table

keras = pytest.importorskip("keras")
from keras import layers  # noqa: E402


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
    "sentence_to_avg": [average_by_loop, average_in_float32],
    "cross_entropy": [cost_by_one_hot, cost_by_loop, cost_by_einsum],
    "model": [model_by_columns, model_in_float32],
    "sentences_to_indices": [indices_by_loop],
    "pretrained_embedding_layer": [layer_by_argument, layer_by_initializer, layer_with_mask],
    "Emojify_V2": [sequential, masked],
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("name", "answer"),
    [pytest.param(name, f, id=f"{name}-{f.__name__}") for name in STYLES for f in STYLES[name]],
)
def test_other_styles_pass(name, answer, seed, judged):
    result = judged(ASSIGNMENT[name], answer, seed)
    assert result.status == "passed", result.diagnosis


def test_every_exercise_is_written_in_another_way():
    assert set(STYLES) == set(ASSIGNMENT.names())


def test_the_oracle_of_the_two_lstms_agrees_with_keras():
    rng = np.random.default_rng(0)
    words = vocabulary(rng, 8, 4)
    index = numbered(rng, words)
    model = masked((5,), words, index)
    inputs = rng.integers(1, 9, (3, 5))
    weights = [np.asarray(w) for w in model.get_weights() if w.shape != (9, 4)]
    expected = oracle.emojify_v2((5,), words, index, inputs=inputs, weights=weights)["outputs"]
    np.testing.assert_allclose(np.asarray(model(inputs)), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("Emojify_V2", lambda *args: [1, 2], "should return a Keras model, got 2 things in a list"),
        ("pretrained_embedding_layer", lambda *args: np.ones(3), "should return a Keras layer"),
        ("model", lambda X, Y, *rest: (Y, Y), "(pred, W, b), got 2"),
    ],
)
def test_what_is_returned_is_described(name, answer, said, judged):
    assert said in judged(ASSIGNMENT[name], answer).summary


def test_records_never_import_keras():
    code = (
        "import sys, numpy as np\n"
        "from course_utils.exercises.emojify import ASSIGNMENT\n"
        "from course_utils.exercises.trial import Trial\n"
        "for e in ASSIGNMENT.exercises: Trial(e, np.random.default_rng(0)).expected\n"
        "print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
