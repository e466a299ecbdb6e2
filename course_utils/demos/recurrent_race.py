"""Three recurrent networks ready to train, for the experiments of the RNN variants notebook.

Each network keeps the weights of all gates in one matrix, so that a step costs one product (two for
the GRU): W (gates * n_a, n_a + n_x) and b (gates * n_a, 1), whose blocks of n_a rows are named in
`GATES`. An output V (1, n_a), v (1, 1) reads the last hidden state.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.rnn_utils import sigmoid
from course_utils.training import progress

from . import demo

GATES = {"SRNN": "a", "GRU": "zrc", "LSTM": "fico"}
Array = np.ndarray
Parameters = dict[str, Array]
States = tuple[Array, ...]  # the hidden state, and the LSTM's cell state
Back = tuple[Array, Array, Array, States]  # dW, the gradient before the gates, dxt, of the states


@demo
def start(kind: str, n_x: int, n_a: int, seed: int, remember: float = 1.0) -> Parameters:
    """Draw a network's initial weights.

    Weights from inputs are normal with deviation 1 / sqrt(n_x), those from the state orthogonal.
    The bias of the memory's gate is set so that a share sigmoid(`remember`) of it is kept.
    """
    rng, gates = np.random.default_rng(seed), GATES[kind]
    blocks = []
    for _ in gates:
        turn, upper = np.linalg.qr(rng.normal(size=(n_a, n_a)))
        inputs = rng.normal(0, n_x**-0.5, (n_a, n_x))
        blocks.append(np.hstack((turn * np.sign(np.diag(upper)), inputs)))
    b = np.zeros((len(gates) * n_a, 1))
    if kind != "SRNN":  # the first gate: z forgets, f keeps
        b[:n_a] = -remember if kind == "GRU" else remember
    V = rng.normal(0, n_a**-0.5, (1, n_a))
    return {"W": np.vstack(blocks), "b": b, "V": V, "v": np.zeros((1, 1))}


@demo
def count(parameters: Parameters) -> int:
    """Count the recurrent weights and biases, without the output's."""
    return parameters["W"].size + parameters["b"].size


@demo
def split(kind: str, parameters: Parameters) -> Parameters:
    """Return the weights of each gate, as the notebooks name them: Wz, bz, Wr, br, ..."""
    named: Parameters = {}
    for letter in "Wb":
        blocks = np.split(parameters[letter], len(GATES[kind]))
        named |= {f"{letter}{g}": block for g, block in zip(GATES[kind], blocks, strict=True)}
    return named


def _srnn(W: Array, b: Array, xt: Array, states: States) -> tuple[States, Callable]:
    (a,) = states
    stacked = np.concatenate((a, xt))
    new = np.tanh(W @ stacked + b)

    def back(grads: States) -> Back:
        dz = grads[0] * (1 - new**2)
        dstacked = W.T @ dz
        return dz @ stacked.T, dz, dstacked[len(a) :], (dstacked[: len(a)],)

    return (new,), back


def _gru(W: Array, b: Array, xt: Array, states: States) -> tuple[States, Callable]:
    (a,), n = states, len(states[0])
    stacked = np.concatenate((a, xt))
    zr = sigmoid(W[: 2 * n] @ stacked + b[: 2 * n])
    z, r = zr[:n], zr[n:]
    reset = np.concatenate((r * a, xt))
    c = np.tanh(W[2 * n :] @ reset + b[2 * n :])

    def back(grads: States) -> Back:
        (da,) = grads
        dc = da * z * (1 - c**2)
        dreset = W[2 * n :].T @ dc
        dzr = np.concatenate((da * (c - a), dreset[:n] * a)) * zr * (1 - zr)
        dstacked = W[: 2 * n].T @ dzr
        dW = np.concatenate((dzr @ stacked.T, dc @ reset.T))
        da_prev = da * (1 - z) + dreset[:n] * r + dstacked[:n]
        return dW, np.concatenate((dzr, dc)), dreset[n:] + dstacked[n:], (da_prev,)

    return (a + z * (c - a),), back


def _lstm(W: Array, b: Array, xt: Array, states: States) -> tuple[States, Callable]:
    (a, c), n = states, len(states[0])
    stacked = np.concatenate((a, xt))
    pre = W @ stacked + b
    f, i, o = (sigmoid(pre[k * n : (k + 1) * n]) for k in (0, 1, 3))
    g = np.tanh(pre[2 * n : 3 * n])
    new = f * c + i * g
    shown = np.tanh(new)

    def back(grads: States) -> Back:
        da, dc = grads
        dc = dc + da * o * (1 - shown**2)
        parts = (dc * c * f * (1 - f), dc * g * i * (1 - i), dc * i * (1 - g**2),
                 da * shown * o * (1 - o))  # fmt: skip
        dpre = np.concatenate(parts)
        dstacked = W.T @ dpre
        return dpre @ stacked.T, dpre, dstacked[n:], (dstacked[:n], dc * f)

    return (o * shown, new), back


STEPS: dict[str, Callable] = {"SRNN": _srnn, "GRU": _gru, "LSTM": _lstm}


def _forward(kind: str, parameters: Parameters, x: Array) -> tuple[States, list[Callable]]:
    W, b = parameters["W"], parameters["b"]
    n_a = len(b) // len(GATES[kind])
    states: States = (np.zeros((n_a, x.shape[1]), W.dtype),) * (2 if kind == "LSTM" else 1)
    backs = []
    for t in range(x.shape[2]):
        states, back = STEPS[kind](W, b, x[:, :, t], states)
        backs.append(back)
    return states, backs


def _backward(da: Array, states: States, backs: list[Callable]) -> tuple[Array, Array, Array]:
    """Return dW, db and dx, of the gradient of the last hidden state."""
    dW: Any = 0.0  # not an array, which would turn float32 into float64
    db: Any = 0.0
    dx = []
    grads: States = (da, *(np.zeros_like(s) for s in states[1:]))
    for back in reversed(backs):
        dW_t, dpre, dxt, grads = back(grads)
        dW, db = dW + dW_t, db + dpre.sum(axis=1, keepdims=True)
        dx.append(dxt)
    return dW, db, np.stack(dx[::-1], axis=2)


@demo
def predict(kind: str, parameters: Parameters, x: np.ndarray) -> np.ndarray:
    """Return the network's answer (m,) after reading x (n_x, m, T_x)."""
    (a, *_), _ = _forward(kind, parameters, x)
    return (parameters["V"] @ a + parameters["v"])[0]


@demo
def loss_and_gradients(
    kind: str, parameters: Parameters, x: np.ndarray, y: np.ndarray
) -> tuple[float, Parameters]:
    """Return the mean squared error against y (m,) and its gradients dW, db, dV, dv."""
    states, backs = _forward(kind, parameters, x)
    V = parameters["V"]
    error = V @ states[0] + parameters["v"] - y  # (1, m)
    dout = 2 * error / error.size
    dW, db, _ = _backward(V.T @ dout, states, backs)
    dV, dv = dout @ states[0].T, dout.sum(axis=1, keepdims=True)
    return float(np.mean(error**2)), {"dW": dW, "db": db, "dV": dV, "dv": dv}


@demo
def gradient_by_distance(kind: str, parameters: Parameters, x: np.ndarray) -> np.ndarray:
    """Return how much the last hidden state depends on the input 0, 1, ... steps earlier, (T_x,).

    It is the norm of the gradient of a random direction of that state, relative to distance 0.
    """
    states, backs = _forward(kind, parameters, x)
    da = np.random.default_rng(0).normal(size=states[0].shape)
    norms = np.linalg.norm(_backward(da, states, backs)[2], axis=(0, 1))[::-1]
    return norms / norms[0]


@demo
def adding_problem(rng: np.random.Generator, m: int, T_x: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw sequences x (2, m, T_x) and answers y (m,), the sum of two marked numbers.

    Channel 0 holds numbers from 0 to 1, channel 1 is 1 at two steps, one in each half
    (Hochreiter and Schmidhuber, 1997). Always answering 1 gives a mean squared error of 1/6.
    """
    x = np.zeros((2, m, T_x))
    x[0] = rng.uniform(size=(m, T_x))
    for low, high in ((0, T_x // 2), (T_x // 2, T_x)):
        x[1, np.arange(m), rng.integers(low, high, m)] = 1
    return x, (x[0] * x[1]).sum(axis=1)


@demo
def train(
    kind: str,
    parameters: Parameters,
    clip: Callable[[Parameters], Parameters],
    *,
    T_x: int,
    updates: int,
    seed: int,
    rate: float = 0.01,
    m: int = 32,
    draw: Callable[..., tuple[Array, Array]] = adding_problem,
) -> tuple[Parameters, np.ndarray, float]:
    """Train with Adam (Kingma and Ba, 2015), by default on fresh adding problems.

    `draw(rng, m, T_x)` returns x (n_x, m, T_x) and y (m,) for an update; `clip` shortens the
    gradients before it. Returns the new parameters, the loss at each update, and the processor
    time an update took, in milliseconds (the median).
    """
    rng = np.random.default_rng(seed)
    p = {name: value.astype(np.float32) for name, value in parameters.items()}
    mean, square = ({name: np.zeros_like(value) for name, value in p.items()} for _ in range(2))
    losses, times = [], []
    for k in progress(range(1, updates + 1), "update"):
        began = time.process_time()
        x, y = (array.astype(np.float32) for array in draw(rng, m, T_x))
        loss, gradients = loss_and_gradients(kind, p, x, y)
        gradients = clip(gradients)
        for name in p:
            mean[name] += 0.1 * (gradients[f"d{name}"] - mean[name])
            square[name] += 0.01 * (gradients[f"d{name}"] ** 2 - square[name])
            step = mean[name] / (1 - 0.9**k) / (np.sqrt(square[name] / (1 - 0.99**k)) + 1e-8)
            p[name] = p[name] - np.float32(rate) * step.astype(np.float32)
        losses.append(loss)
        times.append(time.process_time() - began)
    return p, np.array(losses), 1000 * float(np.median(times))
