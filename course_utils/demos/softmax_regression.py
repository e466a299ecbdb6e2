"""Train the first model of the Emojify notebook in a second: its loop, compiled by XLA."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from . import demo


@demo
def train_compiled(
    X_avg: np.ndarray, Y: np.ndarray, learning_rate: float = 0.01, num_iterations: int = 400
) -> tuple[np.ndarray, np.ndarray]:
    """Train a softmax regression as the Emojify notebook does, its loop compiled by XLA.

    X_avg: (m, n) averages of word vectors; Y: (m,) labels from 0 to C - 1. Weights start at zero
    and change after each row, in order; num_iterations counts epochs. Returns W, (C, n), and b,
    (C,). Raises ValueError for shapes that don't fit, or labels that are not whole numbers.
    """
    X_avg, Y = np.asarray(X_avg, np.float64), np.ravel(Y)
    if X_avg.ndim != 2 or len(X_avg) != len(Y) or not len(Y):
        raise ValueError(f"expected (m, n) and (m,), found {X_avg.shape} and {Y.shape}")
    if Y.min() < 0 or (Y.astype(int) != Y).any():
        raise ValueError(f"Y holds {Y.min()} to {Y.max()}: expected whole numbers from 0 on")
    one_hot = np.eye(int(Y.max()) + 1)[Y.astype(int)]  # (m, C)
    # an array: each plain number would have the loop compiled again
    steps = np.array(num_iterations * len(Y), np.int32)
    W, b = _sgd()(X_avg, one_hot, np.array(learning_rate, np.float64), steps)
    return W.numpy(), b.numpy()


@cache
def _sgd() -> Callable:
    """Return the compiled loop; it is compiled once for each shape."""
    import tensorflow as tf  # lazy: it takes seconds

    @tf.function(jit_compile=True)
    def train(X_avg: Any, Y_oh: Any, learning_rate: Any, steps: Any) -> Any:
        def step(i: Any, W: Any, b: Any) -> Any:
            avg, y = X_avg[i % m], Y_oh[i % m]  # (n,), (C,)
            dz = tf.nn.softmax(tf.linalg.matvec(W, avg) + b) - y  # (C,)
            return i + 1, W - learning_rate * dz[:, None] * avg, b - learning_rate * dz

        m, (C, n) = len(X_avg), (Y_oh.shape[1], X_avg.shape[1])
        start = tf.constant(0), tf.zeros((C, n), tf.float64), tf.zeros(C, tf.float64)
        return tf.while_loop(lambda i, W, b: i < steps, step, start)[1:]

    return train
