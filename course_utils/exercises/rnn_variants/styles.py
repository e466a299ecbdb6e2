"""Right answers written in other ways: loops, matrices, einsum."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...rnn_utils import sigmoid
from . import oracle
from .bidirectional import bidirectional
from .gru import gru_cell, gru_sequence
from .peephole import peephole_cell
from .powers_and_clipping import clip, powers


def powers_by_svd(Waa, steps):
    """Measure by singular values, and sort by hand."""
    power, norms = np.identity(len(Waa)), []
    for _ in range(steps + 1):
        norms.append(np.linalg.svd(power, compute_uv=False)[0])
        power = Waa.dot(power)
    values = np.linalg.eig(Waa)[0]
    return np.array(sorted(np.hypot(values.real, values.imag), reverse=True)), np.array(norms)


def stacked_powers(Waa, steps):
    """Make all powers first, as one array."""
    all_powers = np.stack([np.linalg.matrix_power(Waa, k) for k in range(steps + 1)])
    sizes = -np.sort(-abs(np.linalg.eigvals(Waa)))
    return sizes, np.linalg.norm(all_powers, ord=2, axis=(1, 2))


def clip_by_if(gradients, max_norm):
    flat = np.concatenate([gradient.ravel() for gradient in gradients.values()])
    norm = float(np.linalg.norm(flat))
    if norm <= max_norm:
        return gradients, norm
    return {name: gradient * max_norm / norm for name, gradient in gradients.items()}, norm


def clip_by_einsum(gradients, max_norm):
    norm = sum(np.einsum("i,i->", g.ravel(), g.ravel()) for g in gradients.values()) ** 0.5
    factor = 1.0 if norm == 0 else min(1.0, max_norm / norm)
    return {name: np.einsum("...,->...", g, factor) for name, g in gradients.items()}, norm


def mixed(W, b, a, xt):
    n_a = len(a)
    return np.einsum("ij,jm->im", W[:, :n_a], a) + np.einsum("ij,jm->im", W[:, n_a:], xt) + b


def einsum_gru_cell(xt, a_prev, p, reset_after):
    zt, rt = (sigmoid(mixed(p[f"W{k}"], p[f"b{k}"], a_prev, xt)) for k in "zr")
    if reset_after:
        from_input = mixed(p["Wc"], p["bc"], 0 * a_prev, xt)
        from_memory = mixed(p["Wc"], p["bca"], a_prev, 0 * xt)
        cct = np.tanh(from_input + rt * from_memory)
    else:
        cct = np.tanh(mixed(p["Wc"], p["bc"], rt * a_prev, xt))
    a_next = a_prev + zt * (cct - a_prev)
    return a_next, (a_next, a_prev, zt, rt, cct, xt, p)


def fused_gru_cell(xt, a_prev, p, reset_after):
    """Compute both gates in one product."""
    n_a = len(a_prev)
    W, b = np.vstack((p["Wz"], p["Wr"])), np.vstack((p["bz"], p["br"]))
    gates = sigmoid(W @ np.vstack((a_prev, xt)) + b)
    _, (*_, cct, _, _) = gru_cell(xt, a_prev, p, reset_after)
    zt, rt = gates[:n_a], gates[n_a:]
    a_next = a_prev - zt * a_prev + zt * cct
    return a_next, (a_next, a_prev, zt, rt, cct, xt, p)


def listed_gru(x, a0, p, reset_after, cell=einsum_gru_cell):
    states, kept = [a0], []
    for xt in np.moveaxis(x, 2, 0):
        a_next, cache = cell(xt, states[-1], p, reset_after)
        states.append(a_next)
        kept.append(cache)
    return np.stack(states[1:], axis=-1), (kept, x)


def einsum_peephole(xt, a_prev, c_prev, p):
    z = {k: mixed(p[f"W{k}"], p[f"b{k}"], a_prev, xt) for k in "fico"}

    def peep(k, c):
        return np.einsum("i,im->im", p[f"p{k}"][:, 0], c)

    ft, it = (sigmoid(z[k] + peep(k, c_prev)) for k in "fi")
    cct = np.tanh(z["c"])
    c_next = ft * c_prev + it * cct
    ot = sigmoid(z["o"] + peep("o", c_next))
    a_next = ot * np.tanh(c_next)
    return a_next, c_next, (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, p)


def diagonal_peephole(xt, a_prev, c_prev, p):
    """Write a peephole as a diagonal matrix beside the gate's own."""

    def gate(k, c):
        return sigmoid(
            np.hstack((p[f"W{k}"], np.diag(p[f"p{k}"].ravel()))) @ np.vstack((a_prev, xt, c))
            + p[f"b{k}"]
        )

    cct = np.tanh(p["Wc"] @ np.vstack((a_prev, xt)) + p["bc"])
    ft, it = gate("f", c_prev), gate("i", c_prev)
    c_next = ft * c_prev + it * cct
    ot = gate("o", c_next)
    return (
        ot * np.tanh(c_next), c_next,
        (ot * np.tanh(c_next), c_next, a_prev, c_prev, ft, it, cct, ot, xt, p),
    )  # fmt: skip


def one_reader(x, mask, p):
    """Read forwards, blending by the mask as a number."""
    a, state = [], np.zeros((len(p["bz"]), x.shape[1]))
    for t in range(x.shape[2]):
        real = mask[:, t].astype(x.dtype)
        state = real * einsum_gru_cell(x[..., t], state, p, False)[0] + (1 - real) * state
        a.append(real * state)
    return np.stack(a, axis=-1), state


def turned(x, mask, forwards, backwards):
    """Turn the sequence round, read it forwards, and turn the states back."""
    one, end = one_reader(x, mask, forwards)
    other, start = one_reader(x[..., ::-1], mask[:, ::-1], backwards)
    return np.vstack((one, other[..., ::-1])), np.vstack((end, start))


def by_example(x, mask, forwards, backwards):
    """Cut the padding out of each example, read what is left, and put it back."""
    n_a, (_, m, T_x) = len(forwards["bz"]), x.shape
    a, last = np.zeros((2 * n_a, m, T_x), x.dtype), np.zeros((2 * n_a, m), x.dtype)
    for e in range(m):
        real = np.flatnonzero(mask[e])
        start = np.zeros((n_a, 1))
        one, _ = gru_sequence(x[:, e : e + 1, real], start, forwards)
        other, _ = gru_sequence(x[:, e : e + 1, real[::-1]], start, backwards)
        a[:n_a, e, real], a[n_a:, e, real[::-1]] = one[:, 0], other[:, 0]
        last[:, e] = np.concatenate((one[:, 0, -1], other[:, 0, -1]))
    return a, last


STYLES = {
    "powers_of_recurrence": {
        "loop": oracle.powers_of_recurrence, "vectorised": powers,
        "singular values": powers_by_svd, "stacked": stacked_powers,
    },
    "clip_gradients": {
        "loop": oracle.clip_gradients, "vectorised": clip,
        "if": clip_by_if, "einsum": clip_by_einsum,
    },
    "gru_cell_forward": {
        "loop": oracle.gru_cell_forward, "vectorised": gru_cell,
        "einsum": einsum_gru_cell, "fused": fused_gru_cell,
    },
    "gru_forward": {
        "loop": oracle.gru_forward, "vectorised": gru_sequence,
        "einsum": listed_gru, "fused": partial(listed_gru, cell=fused_gru_cell),
    },
    "peephole_lstm_cell_forward": {
        "loop": oracle.peephole_lstm_cell_forward, "vectorised": peephole_cell,
        "einsum": einsum_peephole, "diagonal": diagonal_peephole,
    },
    "bidirectional_forward": {
        "loop": oracle.bidirectional_forward, "vectorised": bidirectional,
        "turned": turned, "by example": by_example,
    },
}  # fmt: skip
