"""A Keras LSTM, a softmax and a model in NumPy, which the oracles of several notebooks share.

The LSTM is Hochreiter and Schmidhuber's (1997) with the forget gate of Gers et al. (2000). Keras
lays the gates out in the order input, forget, cell, output.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def softmax(z):
    """Return the probabilities of one example's scores."""
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def step(x, a, c, kernel, recurrent, bias):
    """Return the states (a, c) of one example after one more step."""
    i, f, g, o = (x @ kernel + a @ recurrent + bias).reshape(4, -1)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c), c


def states(steps, kernel, recurrent, bias):
    """Return the state a of one example at every step, starting from zeros."""
    a = c = np.zeros(recurrent.shape[0])
    found = []
    for x in steps:
        a, c = step(x, a, c, kernel, recurrent, bias)
        found.append(a)
    return found


class ModelInNumpy:
    """Gives what a network with known weights gives, in a hundredth of the time."""

    def __init__(self, call: Callable[[Any], Any]) -> None:
        """`call` takes an array, or a list of arrays, as the network does."""
        self._call = call

    def __call__(self, inputs: Any, training: bool | None = None) -> Any:
        """Return what the network gives for these inputs, whatever holds their numbers."""
        several = isinstance(inputs, (list, tuple))
        return self._call([np.asarray(x) for x in inputs] if several else np.asarray(inputs))

    def predict(self, inputs: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """Return the same, as there is nothing to do in batches."""
        return self(inputs)

    predict_on_batch = predict
