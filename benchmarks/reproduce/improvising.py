"""Jazz improvisation: how far the loss of the unrolled model falls."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.music_utils import load_corpus, prepare
from course_utils.training import get_ready

from .system import Job, System

T_X, UNITS, EXAMPLES, BATCH, EPOCHS = 30, 64, 60, 30, 100


def jazz(job: Job) -> dict[str, Any]:
    import keras
    from keras import layers

    keras.utils.set_random_seed(job.seed)
    X, Y, n_values, _ = prepare(load_corpus(), T_X, EXAMPLES, job.seed)
    model = job.answer("djmodel")(
        T_X,
        layers.LSTM(UNITS, return_state=True, unroll=True),
        layers.Dense(n_values, activation="softmax"),
        layers.Reshape((1, n_values)),
    )
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(0.017))
    zeros = np.zeros((EXAMPLES, UNITS), "float32")
    get_ready(model, [X, zeros, zeros], list(Y))
    model.fit(
        [X, zeros, zeros], list(Y), epochs=EPOCHS, batch_size=BATCH, verbose=0,
        steps_per_epoch=EXAMPLES // BATCH, callbacks=job.callbacks(EPOCHS),
    )  # fmt: skip
    loss = job.history()["loss"]
    return {
        "figure": f"loss {loss[0]:.1f} falls to {loss[-1]:.2f}, to 1/{loss[0] / loss[-1]:.0f}",
        "numbers": {"first": loss[0], "last": loss[-1], "n_values": n_values},
        "history": {"loss": loss},
    }


SYSTEMS = [
    System(
        name="jazz",
        title="Jazz: loss over 30 steps, epoch 1 and epoch 100",
        stem="04_jazz_improvisation",
        published="",
        data="the course's own corpus, 60 windows of 30 tokens",
        run=jazz,
        answers=("djmodel",),
    )
]
