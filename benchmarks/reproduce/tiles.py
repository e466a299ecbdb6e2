"""Images: how much longer training helps LSTMs that read pixels, on the course's photo tiles.

A convolution whose map is read, after five epochs, stands beside them.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import numpy as np

from course_utils.image_utils import load_images

from .system import Job, System

BATCH, RATE, SEEDS = 32, 0.002, 3
READINGS = ("rows", "columns")
RUNS = (
    ("rows alone", 5),
    ("rows alone", 30),
    ("columns alone", 30),
    ("CNN, then RNN", 5),
)


def tiles(job: Job) -> dict[str, Any]:
    """Train each network from several seeds; a run that was stopped keeps those that ended."""
    import keras

    images, prepare = load_images(), job.answer("prepare_images")
    X, Y = prepare(images.x_train, images.y_train)
    X_test, Y_test = prepare(images.x_test, images.y_test)
    as_steps = job.answer("rows_as_steps")
    read = {f"{reading} alone": partial(as_steps, reading=reading) for reading in READINGS}
    builds = dict.fromkeys(read, _reader) | {"CNN, then RNN": job.answer("cnn_then_rnn")}
    kept = job.folder / "done.json"
    done: dict[str, list[float]] = json.loads(kept.read_text()) if kept.exists() else {}
    for name, epochs in RUNS:
        inputs, new = (read.get(name, lambda x: x)(x) for x in (X, X_test))
        for seed in range(job.seed, job.seed + SEEDS):
            key = f"{name}, {epochs} epochs, seed {seed}"
            if key not in done:
                keras.utils.set_random_seed(seed)
                model = builds[name](inputs.shape[1:])
                learned = _trained(model, inputs, Y, epochs)
                answers = model.predict(new, batch_size=250, verbose=0).argmax(axis=1)
                right = np.mean(answers == Y_test.argmax(axis=1))
                done[key] = [round(float(share), 4) for share in (learned, right)]
                kept.write_text(json.dumps(done))
                job.progress(len(done), len(RUNS) * SEEDS, f"{key}: {right:.3f}")
                keras.backend.clear_session()
    found = {}
    for run in (f"{name}, {epochs} epochs" for name, epochs in RUNS):
        learned, right = zip(*(done[key] for key in done if key.startswith(run)), strict=True)
        found[run] = {"training": learned, "test": right}
    figure = "; ".join(f"{run} {np.mean(shares['test']):.2f}" for run, shares in found.items())
    return {"figure": figure, "numbers": found}


def _trained(model: Any, inputs: np.ndarray, Y: np.ndarray, epochs: int) -> float:
    """Train as the notebook does; return the share right on the training tiles, last epoch."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9
    falling = keras.optimizers.schedules.CosineDecay(RATE, epochs * -(-len(inputs) // BATCH))
    model.compile(
        loss="categorical_crossentropy",
        optimizer=keras.optimizers.Adam(falling),
        metrics=["accuracy"],
    )
    history = model.fit(inputs, Y, epochs=epochs, batch_size=BATCH, verbose=0).history
    return history["accuracy"][-1]


def _reader(shape: tuple[int, int]) -> Any:
    import keras
    from keras import layers

    both_ways = layers.Bidirectional(layers.LSTM(50))
    answer = layers.Dense(10, activation="softmax")
    return keras.Sequential([keras.Input(shape), both_ways, answer])


SYSTEMS = [
    System(
        name="image_tiles",
        title="Images: LSTMs that read pixels, trained for longer, and a convolution, test accuracy",  # noqa: E501
        stem="08_image_rnn",
        published="",
        data="the course's 4,000 photo tiles, 1,000 of them to test; mean of three starts",
        run=tiles,
        answers=("prepare_images", "rows_as_steps", "cnn_then_rnn"),
    )
]
