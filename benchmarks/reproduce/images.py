"""Images: a recurrent network after a CNN and beside one, three epochs of CIFAR-10 each.

The settings below and the layers of the two networks (filters of 5x5, pooling by 4, where the
second convolution stands) were chosen on the last 2,000 of 10,000 training images, trained on the
first 8,000. What counted most was that the steps shrink to nothing by the end: with a constant
rate the accuracy jumped by several points from one epoch to the next.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course_utils.image_utils import Images, load_images

from .system import Job, System

STEM = "08_image_rnn"
EPOCHS, BATCH, RATE, SEEDS = 3, 32, 0.002, 3
_PUBLISHED = " (3 epochs of all 50,000 images)"
_SAMPLE = "CIFAR-10, 10,000 images to train on, 2,000 to test"


def _opened(job: Job) -> Images:
    given = job.files["cifar"]
    return load_images("cifar10" if str(given) == "keras" else given)


def _trained(model, X: np.ndarray, Y: np.ndarray, batch_size: int = BATCH, rate: float = RATE):
    """Train for three epochs, with a rate that falls to 0; return the history."""
    import keras

    steps = EPOCHS * -(-len(X) // batch_size)
    falling = keras.optimizers.schedules.CosineDecay(rate, steps)
    model.compile(
        loss="categorical_crossentropy",
        optimizer=keras.optimizers.Adam(falling),
        metrics=["accuracy"],
    )
    return model.fit(X, Y, epochs=EPOCHS, batch_size=batch_size, verbose=0).history


def _runs(job: Job, builds: Mapping[str, Callable], seeds: int) -> dict[str, Any]:
    """Train each network from several seeds; return test accuracies, kept as they come."""
    import keras

    images = _opened(job)
    prepare = job.answer("prepare_images")
    X, Y = prepare(images.x_train, images.y_train, len(images.names))
    X_test, Y_test = prepare(images.x_test, images.y_test, len(images.names))
    done_file = job.folder / "done.json"
    done = json.loads(done_file.read_text()) if done_file.exists() else {}
    for name, build in builds.items():
        for seed in range(job.seed, job.seed + seeds):
            key = f"{name}, seed {seed}"
            if key in done:
                continue
            keras.utils.set_random_seed(seed)
            model = build(X.shape[1:])
            history = _trained(model, X, Y)
            probabilities = model.predict(X_test, batch_size=250, verbose=0)
            predicted = probabilities.argmax(axis=1)
            right = float(np.mean(predicted == Y_test.argmax(axis=1)))
            counts = np.zeros((len(images.names),) * 2, int)
            np.add.at(counts, (Y_test.argmax(axis=1), predicted), 1)
            done[key] = {"accuracy": right, "counts": counts.tolist(), "history": history}
            done_file.write_text(json.dumps(done))
            job.progress(len(done), len(builds) * seeds, f"{key}: {right:.3f}")
            keras.backend.clear_session()
    return done


def _said(accuracies: list[float]) -> str:
    each = ", ".join(f"{a:.3f}" for a in accuracies)
    return f"{np.mean(accuracies):.3f}" + (f" ({each})" if accuracies[1:] else "")


def _result(done: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    first = next(iter(done.values()))
    found = {
        name: [run["accuracy"] for key, run in done.items() if key.startswith(f"{name},")]
        for name in names
    }
    accuracies = {name: [round(a, 4) for a in values] for name, values in found.items()}
    figure = "; ".join(
        (f"{name} " if names[1:] else "") + _said(values) for name, values in found.items()
    )
    return {
        "figure": figure,
        "numbers": {"test accuracy": accuracies, "confusion": first["counts"]},
        "history": {
            name: [round(float(v), 4) for v in values] for name, values in first["history"].items()
        },
    }


def then(job: Job) -> dict[str, Any]:
    done = _runs(job, {"cnn_then_rnn": job.answer("cnn_then_rnn")}, SEEDS)
    return _result(done, ("cnn_then_rnn",))


def beside(job: Job) -> dict[str, Any]:
    done = _runs(job, {"cnn_beside_rnn": job.answer("cnn_beside_rnn")}, SEEDS)
    return _result(done, ("cnn_beside_rnn",))


def branches(job: Job) -> dict[str, Any]:
    builds = {
        "convolutional branch alone": _convolutional,
        "rows alone": _by_rows,
        "columns alone": _by_columns,
        "pixels of the map": _pixels_of_map,
    }
    return _result(_runs(job, builds, 1), tuple(builds))


def _headed(image, x):
    import keras

    return keras.Model(image, keras.layers.Dense(10, activation="softmax")(x))


def _map(x, filters: int, size: int, pool: int):
    from keras import layers

    x = layers.Conv2D(filters, size, padding="same", activation="relu")(x)
    return layers.MaxPooling2D(pool)(layers.BatchNormalization()(x))


def _both_ways(x):
    from keras import layers

    return layers.Bidirectional(layers.LSTM(50))(x)


def _convolutional(shape):
    import keras

    image = keras.Input(shape)
    return _headed(image, keras.layers.Flatten()(_map(_map(image, 32, 5, 4), 64, 3, 2)))


def _by_rows(shape):
    import keras

    H, W, C = shape
    image = keras.Input(shape)
    return _headed(image, _both_ways(keras.layers.Reshape((H, W * C))(image)))


def _by_columns(shape):
    import keras

    H, W, C = shape
    image = keras.Input(shape)
    turned = keras.layers.Permute((2, 1, 3))(image)
    return _headed(image, _both_ways(keras.layers.Reshape((W, H * C))(turned)))


def _pixels_of_map(shape):
    import keras

    image = keras.Input(shape)
    return _headed(image, _both_ways(keras.layers.Reshape((-1, 32))(_map(image, 32, 5, 4))))


SYSTEMS = [
    System(
        name="cnn_then_rnn",
        title="Images: a convolution whose map two LSTMs read, test accuracy",
        stem=STEM,
        published="0.452" + _PUBLISHED,
        data=_SAMPLE,
        run=then,
        answers=("prepare_images", "cnn_then_rnn"),
        needs="cifar",
    ),
    System(
        name="cnn_beside_rnn",
        title="Images: a convolutional branch beside two LSTMs that read rows, test accuracy",
        stem=STEM,
        published="0.500" + _PUBLISHED,
        data=_SAMPLE,
        run=beside,
        answers=("prepare_images", "cnn_beside_rnn"),
        needs="cifar",
    ),
    System(
        name="image_branches",
        title="Images: each branch alone, and other ways to read, test accuracy",
        stem=STEM,
        published="",
        data=_SAMPLE,
        run=branches,
        answers=("prepare_images",),
        needs="cifar",
    ),
]
