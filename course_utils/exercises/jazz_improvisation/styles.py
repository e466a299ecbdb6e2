"""Right answers written in other ways with Keras."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops


def _djmodel_reading(read):
    """Write djmodel with another way to take step t of X."""

    def answer(Tx, LSTM_cell, densor, reshaper):
        n_a, n_values = LSTM_cell.units, densor.units
        X, a, c = keras.Input((Tx, n_values)), keras.Input((n_a,)), keras.Input((n_a,))
        inputs, outputs = [X, a, c], []
        for t in range(Tx):
            _, a, c = LSTM_cell(read(X, t, reshaper), initial_state=[a, c])
            outputs += [densor(a)]
        return keras.Model(inputs=inputs, outputs=outputs)

    return answer


def _lambda(X, t, reshaper):
    return reshaper(layers.Lambda(lambda x, t=t: x[:, t, :])(X))


def _cropped(X, t, reshaper):
    return layers.Cropping1D((t, X.shape[1] - 1 - t))(X)


def unstacking(Tx, LSTM_cell, densor, reshaper):
    X = keras.Input((Tx, densor.units))
    a0, c0 = keras.Input((LSTM_cell.units,)), keras.Input((LSTM_cell.units,))
    states, outputs = (a0, c0), []
    for x in ops.unstack(X, axis=1):
        out, *states = LSTM_cell(layers.RepeatVector(1)(x), initial_state=list(states))
        outputs.append(densor(out))
    return keras.Model([X, a0, c0], tuple(outputs))


def _inference_choosing(choose):
    """Write music_inference_model with another way from probabilities to the next input."""

    def answer(LSTM_cell, densor, Ty=50):
        n_a, n_values = LSTM_cell.units, densor.units
        x0, a0, c0 = keras.Input((1, n_values)), keras.Input((n_a,)), keras.Input((n_a,))
        outputs, x, a, c = [], x0, a0, c0
        for t in range(Ty):
            if t:
                x = choose(outputs[-1], n_values)
            _, a, c = LSTM_cell(x, initial_state=[a, c])
            outputs.append(densor(a))
        return keras.Model([x0, a0, c0], outputs)

    return answer


def _comparing(out, n_values):
    largest = ops.max(out, axis=-1, keepdims=True)
    return ops.expand_dims(ops.cast(ops.equal(out, largest), "float32"), 1)


def _in_a_lambda(out, n_values):
    return layers.Lambda(
        lambda p: ops.one_hot(ops.argmax(p, axis=-1), n_values)[:, None],
        output_shape=(1, n_values),
    )(out)


def called_directly(model, x, a, c):
    indices = np.array([[int(ops.argmax(p[0]))] for p in model([x, a, c])])
    return np.eye(x.shape[-1], dtype="float32")[indices[:, 0]], indices


def with_keras_ops(model, x, a, c):
    indices = ops.argmax(ops.stack(model([x, a, c])), axis=-1)
    return ops.one_hot(indices[:, 0], x.shape[2]), indices


def in_a_loop(model, x, a, c):
    results, indices = [], []
    for p in model.predict([x, a, c], verbose=0):
        indices.append([p[0].tolist().index(p.max())])
        results.append([1 if k == indices[-1][0] else 0 for k in range(p.shape[1])])
    return np.array(results), np.array(indices)


STYLES = {
    "djmodel": {
        "expand_dims": _djmodel_reading(lambda X, t, r: ops.expand_dims(X[:, t, :], 1)),
        "slice": _djmodel_reading(lambda X, t, r: X[:, t : t + 1, :]),
        "slice reshaped": _djmodel_reading(lambda X, t, r: r(X[:, t : t + 1])),
        "Lambda": _djmodel_reading(_lambda),
        "take": _djmodel_reading(lambda X, t, r: r(ops.take(X, t, axis=1))),
        "Reshape": _djmodel_reading(
            lambda X, t, r: layers.Reshape((1, X.shape[-1]))(ops.take(X, [t], axis=1))
        ),
        "Cropping1D": _djmodel_reading(_cropped),
        "unstack": unstacking,
    },
    "music_inference_model": {
        "Reshape": _inference_choosing(
            lambda p, n: layers.Reshape((1, n))(ops.one_hot(ops.argmax(p, axis=1), n))
        ),
        "expand_dims": _inference_choosing(
            lambda p, n: ops.expand_dims(ops.one_hot(ops.argmax(p, -1), n), axis=1)
        ),
        "one_hot of a column": _inference_choosing(
            lambda p, n: ops.one_hot(ops.argmax(p, axis=-1, keepdims=True), n)
        ),
        "top_k": _inference_choosing(lambda p, n: ops.one_hot(ops.top_k(p, 1)[1], n)),
        "equal to the largest": _inference_choosing(_comparing),
        "Lambda": _inference_choosing(_in_a_lambda),
    },
    "predict_and_sample": {
        "called directly": called_directly,
        "Keras ops": with_keras_ops,
        "loop": in_a_loop,
    },
}
