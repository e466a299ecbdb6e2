"""Emojify: softmax regression over average vectors, and two LSTMs."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.emo_utils import predict, read_csv
from course_utils.w2v_utils import read_glove_vecs

from .system import Job, System

_STEM = "06_emojify"
_DATA = "the course's own 1,200 sentences; test 80, hard 40 (order or negation decides)"
SETS = ("train", "test", "hard")
EPOCHS_V1, EPOCHS_V2 = 400, 50


def v1(job: Job) -> dict[str, Any]:
    word_to_vec_map = read_glove_vecs()[1]
    X, Y = read_csv("train")
    order = np.random.default_rng(job.seed).permutation(len(X))  # it starts from zeros
    _, W, b = job.answer("model")(X[order], Y[order], word_to_vec_map, num_iterations=EPOCHS_V1)
    sentence_to_avg = job.answer("sentence_to_avg")
    right = {}
    for name in SETS:
        X, Y = read_csv(name)
        averages = np.array([sentence_to_avg(sentence, word_to_vec_map) for sentence in X])
        right[name] = float(np.mean(predict(averages, W, b) == Y))
    return {"figure": _shown(right), "numbers": right}


def v2(job: Job) -> dict[str, Any]:
    import keras

    word_to_index, _, word_to_vec_map = read_glove_vecs(index=True)
    sets = {name: read_csv(name) for name in SETS}
    max_len = max(len(sentence.split()) for sentence in sets["train"][0])
    encode = job.answer("sentences_to_indices")
    indices = {name: encode(X, word_to_index, max_len) for name, (X, _) in sets.items()}
    keras.utils.set_random_seed(job.seed)
    model = job.answer("Emojify_V2")((max_len,), word_to_vec_map, word_to_index)
    optimizer = keras.optimizers.Adam(0.014)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        indices["train"], sets["train"][1], batch_size=400, epochs=EPOCHS_V2, verbose=0,
        callbacks=job.callbacks(EPOCHS_V2),
    )  # fmt: skip
    right = {
        name: float(np.mean(model.predict(indices[name], verbose=0).argmax(axis=1) == Y))
        for name, (_, Y) in sets.items()
    }
    return {"figure": _shown(right), "numbers": right, "history": job.history()}


def _shown(right: dict[str, float]) -> str:
    return f"test {right['test']:.3f}, hard {right['hard']:.3f}"


SYSTEMS = [
    System(
        name="emojify_v1",
        title="Emojify V1, average of word vectors (accuracy)",
        stem=_STEM,
        published="test 0.857 (56 sentences)",
        data=_DATA,
        run=v1,
        answers=("sentence_to_avg", "model"),
    ),
    System(
        name="emojify_v2",
        title="Emojify V2, two LSTMs (accuracy)",
        stem=_STEM,
        published="test 0.82 and 0.84 (as two learners report)",
        data=_DATA,
        run=v2,
        answers=("sentences_to_indices", "pretrained_embedding_layer", "Emojify_V2"),
    ),
]
