"""Measure the two emoji models: accuracy over five seeds, and ways to train the recurrent one.

Run: python benchmarks/emojify.py [--speed]
"""

import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from course_utils.emo_utils import EMBEDDED, predict, read_csv, train_compiled
from course_utils.training import get_ready
from course_utils.w2v_utils import read_glove_vecs

SEEDS = range(5)
# what the Emojify notebook is recommended to use
V1 = {"learning_rate": 0.01, "num_iterations": 400}
V2 = {"batch_size": 400, "epochs": 50, "learning_rate": 0.014, "mask": False}
TRAINER = {"unroll": False, "jit": False, "dtype": "float32", "ready": True}
VARIANTS = [  # each differs from the recommended settings in one thing
    {},
    {"ready": False},
    {"unroll": True},
    {"jit": True},
    {"mask": True},
    {"dtype": "mixed_bfloat16"},
    {"batch_size": 256},
    {"batch_size": 128},
]


def averages(sentences, word_to_vec_map):
    """Return (m, 50): the mean vector of each sentence's known words, zeros without any."""

    def average(sentence):
        known = [word_to_vec_map[w] for w in sentence.lower().split() if w in word_to_vec_map]
        return np.mean(known, axis=0) if known else np.zeros(50)

    return np.stack([average(sentence) for sentence in sentences])


def indices(sentences, word_to_index, max_len):
    """Return (m, max_len) int32: the first known words, padded with 0 at the end."""
    X = np.zeros((len(sentences), max_len), np.int32)
    for row, sentence in zip(X, sentences, strict=True):
        known = [word_to_index[word] for word in sentence.lower().split() if word in word_to_index]
        row[: len(known)] = known[:max_len]
    return X


def build_v2(E, max_len, learning_rate, mask, unroll, jit):
    import keras
    from keras import layers

    embedding = layers.Embedding(*E.shape, trainable=False, mask_zero=mask)
    embedding.build((None, max_len))
    embedding.set_weights([E])
    model = keras.Sequential(
        [
            keras.Input((max_len,), dtype="int32"),
            embedding,
            layers.LSTM(128, return_sequences=True, unroll=unroll),
            layers.Dropout(0.5),
            layers.LSTM(128, unroll=unroll),
            layers.Dropout(0.5),
            layers.Dense(5),
            layers.Activation("softmax"),
        ]
    )
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert (model.count_params(), trained) == (20_223_927, 223_877)
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", jit_compile=jit)
    return model


def train_v2(E, X, Y, seed, batch_size, epochs, learning_rate, mask, unroll, jit, dtype, ready):
    """Return (model, seconds of fit, and of getting ready for it where that is done)."""
    import keras

    keras.backend.clear_session()
    keras.config.set_dtype_policy(dtype)
    keras.utils.set_random_seed(seed)
    model = build_v2(E, X.shape[1], learning_rate, mask, unroll, jit)
    start = time.perf_counter()
    if ready:
        get_ready(model, X, Y)
    model.fit(X, Y, batch_size=batch_size, epochs=epochs, verbose=0)
    return model, time.perf_counter() - start


def report(title, runs):
    """Print the mean of (train, test, hard, seconds) over runs, and the spread of several."""
    train, test, hard, seconds = (
        f"{statistics.mean(column):.3f}"
        + (f" ± {statistics.pstdev(column):.3f}" if len(column) > 1 else "")
        for column in zip(*runs, strict=True)
    )
    print(f"  {title:32} {train:>15} {test:>15} {hard:>15} {seconds:>17} s", flush=True)


def main(speed):
    word_to_index, _, word_to_vec_map = read_glove_vecs(index=True)
    files = {name: read_csv(name) for name in EMBEDDED}
    max_len = max(len(sentence.split()) for sentence in files["train"][0])
    ids = {name: indices(X, word_to_index, max_len) for name, (X, _) in files.items()}
    start = time.perf_counter()
    E = np.zeros((len(word_to_index) + 1, 50), np.float32)  # row 0 is the padding's
    for word, i in word_to_index.items():
        E[i] = word_to_vec_map[word]
    print(f"embedding of {len(E):,} rows filled by a loop: {time.perf_counter() - start:.2f} s")
    print(f"  {'':32} {'train':>15} {'test':>15} {'hard':>15} {'training':>17}")

    def run_v2(seed, **settings):
        model, seconds = train_v2(E, ids["train"], files["train"][1], seed, **settings)
        right = [
            (model.predict(ids[name], verbose=0).argmax(axis=1) == files[name][1]).mean()
            for name in EMBEDDED
        ]
        return [*right, seconds]

    if speed:
        recommended = None
        for variant in VARIANTS:
            runs = [run_v2(0, **(V2 | TRAINER | variant))]
            recommended = recommended or runs[0][-1]
            name = ", ".join(f"{key}={value}" for key, value in variant.items()) or "recommended"
            report(f"{name} ({runs[0][-1] / recommended:.2f} x)", runs)
        return

    X_avg = {name: averages(X, word_to_vec_map) for name, (X, _) in files.items()}
    runs = []
    for seed in SEEDS:  # it starts from zeros, so a seed only changes the order of the sentences
        order = np.arange(len(X_avg["train"]))
        if seed:
            np.random.default_rng(seed).shuffle(order)
        start = time.perf_counter()
        W, b = train_compiled(X_avg["train"][order], files["train"][1][order], **V1)
        seconds = time.perf_counter() - start
        right = [(predict(X_avg[name], W, b) == files[name][1]).mean() for name in EMBEDDED]
        runs.append([*right, seconds])
        if not seed:
            report("V1, order of the file", runs)
    report("V1, five orders", runs)
    runs = [run_v2(seed, **V2, **TRAINER) for seed in SEEDS]
    report("V2, five seeds", runs)
    print(f"V1 {V1}\nV2 {V2 | TRAINER}, {max_len} words")


if __name__ == "__main__":
    main("--speed" in sys.argv[1:])
