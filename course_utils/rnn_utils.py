"""Small helpers for the NumPy notebooks: nonlinearities, random weights, a length check."""

from __future__ import annotations

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + e^-z), element by element, without overflow."""
    return np.exp(-np.logaddexp(0, -z))


def softmax(z: np.ndarray) -> np.ndarray:
    """Turn scores (n_y, m) into probabilities: each column adds up to 1."""
    powers = np.exp(z - np.max(z, axis=0, keepdims=True))  # shifting changes nothing but overflow
    return powers / np.sum(powers, axis=0, keepdims=True)


def rnn_parameters(n_x: int, n_a: int, n_y: int, seed: int = 0, scale: float = 0.5) -> dict:
    """Draw the weights of a simple RNN.

    Returns Wax (n_a, n_x), Waa (n_a, n_a), Wya (n_y, n_a), ba (n_a, 1), by (n_y, 1);
    weights are normal with deviation `scale`, biases zero.
    """
    rng = np.random.default_rng(seed)
    shapes = {"Wax": (n_a, n_x), "Waa": (n_a, n_a), "Wya": (n_y, n_a)}
    weights = {name: rng.normal(0, scale, shape) for name, shape in shapes.items()}
    return weights | {"ba": np.zeros((n_a, 1)), "by": np.zeros((n_y, 1))}


def lstm_parameters(n_x: int, n_a: int, n_y: int, seed: int = 0, scale: float = 0.5) -> dict:
    """Draw the weights of an LSTM.

    Returns Wf, Wi, Wc, Wo (n_a, n_a + n_x) with bf, bi, bc, bo (n_a, 1), Wy (n_y, n_a) and
    by (n_y, 1); weights are normal with deviation `scale`, biases zero.
    """
    rng = np.random.default_rng(seed)
    parameters = {}
    for gate in "fico":
        parameters[f"W{gate}"] = rng.normal(0, scale, (n_a, n_a + n_x))
        parameters[f"b{gate}"] = np.zeros((n_a, 1))
    return parameters | {"Wy": rng.normal(0, scale, (n_y, n_a)), "by": np.zeros((n_y, 1))}


def check_time_steps(da: np.ndarray, caches: tuple) -> None:
    """Raise ValueError unless the upstream gradient has one slice for each cached time step.

    `da` is (n_a, m, T_x); `caches` is (list of T_x caches, x), as the forward pass returns it.
    """
    steps = len(caches[0])
    if da.ndim != 3:
        raise ValueError(f"da must be (n_a, m, T_x), got an array of shape {da.shape}")
    if da.shape[2] != steps:
        relation = "shorter" if da.shape[2] < steps else "longer"
        raise ValueError(
            f"the upstream gradient is {relation} than the sequence: da covers {da.shape[2]} "
            f"time steps, but the forward pass cached {steps}. Pass da with one slice a step, "
            "zeros where the loss does not look."
        )
