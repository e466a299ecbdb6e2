"""What the exercises of the RNN variants notebook should return, one scalar at a time.

As in the RNN notebook, every unit of every example is computed by itself with Python's own floats,
straight from the equations: the GRU (Cho et al. 2014; cuDNN's form resets after the product), the
LSTM with peepholes (Gers and Schmidhuber 2000), the bidirectional network (Schuster
and Paliwal 1997). Eigenvalues are the roots of the characteristic polynomial, and norms come from
squaring a matrix again and again: nothing here calls a routine for either.
"""

from __future__ import annotations

from math import exp, fsum, hypot, log, tanh

import numpy as np

from ..rnn_step_by_step.oracle import affine, columns, sigmoid


def _product(A, B) -> list[list]:
    return [[sum(a * B[j][k] for j, a in enumerate(row)) for k in range(len(B[0]))] for row in A]


def _characteristic(A) -> list[float]:
    """Return the coefficients of det(s I - A), highest power first (Faddeev and LeVerrier)."""
    n, coefficients = len(A), [1.0]
    M = [[0.0] * n for _ in range(n)]
    for k in range(1, n + 1):
        M = _product(A, M)
        for i in range(n):
            M[i][i] += coefficients[-1]
        coefficients.append(-sum(_product(A, M)[i][i] for i in range(n)) / k)
    return coefficients


def _roots(coefficients: list[float]) -> list[complex]:
    """Find all roots of a polynomial at once (Durand and Kerner)."""
    n, size = len(coefficients) - 1, 1 + max(map(abs, coefficients))
    roots = [size ** (1 / n) * (0.4 + 0.9j) ** k for k in range(n)]
    for _ in range(500):
        before = list(roots)
        for i, root in enumerate(roots):
            value, apart = 0j, 1 + 0j
            for coefficient in coefficients:
                value = value * root + coefficient
            for j, other in enumerate(roots):
                apart *= root - other if j != i else 1
            roots[i] = root - value / apart
        if all(abs(a - b) <= 1e-15 * (1 + abs(b)) for a, b in zip(before, roots, strict=True)):
            break
    return roots


def _spectral_norm(A) -> float:
    """Return the most by which A lengthens a vector, the root of A^T A's largest eigenvalue.

    That eigenvalue is the limit of trace((A^T A)^k) ** (1 / k); k is doubled by squaring.
    """
    S = _product(list(zip(*A, strict=True)), A)
    total = 0.0  # the logarithm of what was divided out, over k
    for doubling in range(32):
        trace = sum(S[i][i] for i in range(len(S)))
        if trace == 0:
            return 0.0
        total += log(trace) / 2**doubling
        S = [[value / trace for value in row] for row in S]
        S = _product(S, S)
    return exp(total / 2)


def powers_of_recurrence(Waa, steps):
    """Return the sizes of the eigenvalues, largest first, and the norms of powers 0 to steps."""
    A = [[float(value) for value in row] for row in Waa]
    power = [[float(i == j) for j in range(len(A))] for i in range(len(A))]
    norms = []
    for _ in range(int(steps) + 1):
        norms.append(_spectral_norm(power))
        power = _product(power, A)
    sizes = sorted((abs(root) for root in _roots(_characteristic(A))), reverse=True)
    return np.array(sizes), np.array(norms)


def clip_gradients(gradients, max_norm):
    """Return the gradients, shortened to max_norm where they are longer, and their norm before."""
    norm = hypot(*(float(value) for array in gradients.values() for value in array.flat))
    clipped = {}
    for name, array in gradients.items():
        clipped[name] = np.array(array, dtype=float)
        if norm > max_norm:
            for place in np.ndindex(array.shape):
                clipped[name][place] = float(array[place]) * max_norm / norm
    return clipped, np.array(norm)


def gru_cell_forward(xt, a_prev, parameters, reset_after):
    """Return (a_next, cache) of one step of a GRU."""
    p, n_a = parameters, a_prev.shape[0]
    lists: dict[str, list[list[float]]] = {name: [] for name in ("a_next", "zt", "rt", "cct")}
    for example in range(xt.shape[1]):
        a, x = list(map(float, a_prev[:, example])), list(map(float, xt[:, example]))
        z, r = (
            [sigmoid(affine(p[f"W{k}"][u], a + x, p[f"b{k}"][u, 0])) for u in range(n_a)]
            for k in "zr"
        )
        c = []
        for u, row in enumerate(p["Wc"]):
            if reset_after:
                memory = r[u] * affine(row[:n_a], a, p["bca"][u, 0])
            else:
                memory = fsum(float(row[j]) * r[j] * a[j] for j in range(n_a))
            c.append(tanh(memory + affine(row[n_a:], x, p["bc"][u, 0])))
        state = [a[u] - z[u] * a[u] + z[u] * c[u] for u in range(n_a)]
        for name, value in zip(lists, (state, z, r, c), strict=True):
            lists[name].append(value)
    a_next, zt, rt, cct = (columns(values) for values in lists.values())
    return a_next, (a_next, a_prev, zt, rt, cct, xt, parameters)


def gru_forward(x, a0, parameters, reset_after):
    """Return (a, caches) of a GRU over a sequence."""
    a_prev, states, caches = a0, [], []
    for t in range(x.shape[2]):
        a_prev, cache = gru_cell_forward(x[:, :, t], a_prev, parameters, reset_after)
        states.append(a_prev)
        caches.append(cache)
    return np.stack(states, axis=2), (caches, x)


def peephole_lstm_cell_forward(xt, a_prev, c_prev, parameters):
    """Return (a_next, c_next, cache) of one step of an LSTM whose gates see the cell state."""
    p, n_a = parameters, a_prev.shape[0]
    names = ("a_next", "c_next", "ft", "it", "cct", "ot")
    lists: dict[str, list[list[float]]] = {name: [] for name in names}
    for example in range(xt.shape[1]):
        inputs = [*a_prev[:, example], *xt[:, example]]
        rows: list[list[float]] = []
        for u in range(n_a):
            z = {k: affine(p[f"W{k}"][u], inputs, p[f"b{k}"][u, 0]) for k in "fico"}
            peep = {k: float(p[f"p{k}"][u, 0]) for k in "fio"}
            old = float(c_prev[u, example])
            f, i = sigmoid(z["f"] + peep["f"] * old), sigmoid(z["i"] + peep["i"] * old)
            candidate = tanh(z["c"])
            c = f * old + i * candidate
            o = sigmoid(z["o"] + peep["o"] * c)
            rows.append([o * tanh(c), c, f, i, candidate, o])
        for name, values in zip(names, zip(*rows, strict=True), strict=True):
            lists[name].append(list(values))
    a_next, c_next, ft, it, cct, ot = (columns(lists[name]) for name in names)
    return a_next, c_next, (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters)


def bidirectional_forward(x, mask, forwards, backwards):
    """Return (a, last) of two GRUs that read in opposite directions and pass over padding.

    Each example is read by itself, its real steps only; at a padded step `a` is zero.
    """
    _, m, T_x = x.shape
    n_a = forwards["bz"].shape[0]
    a, last = np.zeros((2 * n_a, m, T_x)), np.zeros((2 * n_a, m))
    for half, (p, steps) in enumerate(
        ((forwards, range(T_x)), (backwards, range(T_x - 1, -1, -1)))
    ):
        rows = slice(half * n_a, (half + 1) * n_a)
        for e in range(m):
            state = np.zeros((n_a, 1))
            for t in steps:
                if mask[e, t]:
                    state, _ = gru_cell_forward(x[:, e : e + 1, t], state, p, False)
                    a[rows, e, t] = state[:, 0]
            last[rows, e] = state[:, 0]
    return a, last
