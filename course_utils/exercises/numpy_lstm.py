"""One step of a Keras LSTM, and a softmax, in NumPy: what the oracles of several notebooks share.

The LSTM is Hochreiter and Schmidhuber's (1997) with the forget gate of Gers et al. (2000). Keras
lays the gates out in the order input, forget, cell, output.
"""

from __future__ import annotations

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
