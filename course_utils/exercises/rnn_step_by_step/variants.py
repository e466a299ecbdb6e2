"""Matrix forms of the four passes with switches that break them in one way each.

Only misconceptions are made from these; the oracle does not use them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def sigmoid(z):
    """Return 1 / (1 + e^-z)."""
    return 1 / (1 + np.exp(-z))


def softmax(z, axis=0):
    """Return the softmax over an axis (None: over everything)."""
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _same(value):
    return value


def rnn_cell(
    xt, a_prev, p, *, state: Callable | None = None, output=softmax, seen="a_next", order="apxw"
):
    """Run a plain RNN cell; `state(wx, wa, b)` mixes the three terms, `order` the cache."""
    mix = state or (lambda wx, wa, b: np.tanh(wx + wa + b))
    a_next = mix(p["Wax"] @ xt, p["Waa"] @ a_prev, p["ba"])
    source = a_next if seen == "a_next" else a_prev
    yt_pred = output(p["Wya"] @ source + p["by"])
    kept = {"a": a_next, "p": a_prev, "x": xt, "w": p}
    return a_next, yt_pred, tuple(kept[letter] for letter in order)


def lstm_cell(
    xt,
    a_prev,
    c_prev,
    p,
    *,
    join=None,
    gate=sigmoid,
    candidate=np.tanh,
    out_gate=sigmoid,
    mix=lambda f, i, g, c: f * c + i * g,
    squash=np.tanh,
    without="",
    output=softmax,
    seen="a",
    shift=0.0,
    swap_cache=False,
):
    """Run an LSTM cell with any of its parts replaced."""
    inputs = np.concatenate(join(xt, a_prev) if join else (a_prev, xt))
    b = {k: 0.0 if k in without else p[f"b{k}"] for k in "fico"}
    ft, it = (gate(p[f"W{k}"] @ inputs + b[k]) for k in "fi")
    cct, ot = candidate(p["Wc"] @ inputs + b["c"]), out_gate(p["Wo"] @ inputs + b["o"])
    c_next = mix(ft, it, cct, c_prev)
    a_next = ot * squash(c_next)
    yt_pred = output(p["Wy"] @ {"a": a_next, "c": c_next, "a_prev": a_prev}[seen] + p["by"])
    states = (c_next, a_next) if swap_cache else (a_next, c_next)
    cache = (*states, a_prev, c_prev, ft, it, cct, ot, xt, p)
    return a_next, c_next + shift, yt_pred, cache


def rnn_sequence(
    x,
    a0,
    p,
    *,
    carry=True,
    at=None,
    steps=None,
    y_from=None,
    caches="each",
    start=_same,
    filled=None,
):
    """Run a plain RNN over a sequence; `at(t, T_x)` chooses the input that step t reads."""
    n_a, m, T_x = *a0.shape, x.shape[2]
    a, y_pred = np.zeros((n_a, m, T_x)), np.zeros((p["Wya"].shape[0], m, T_x))
    a_prev, kept = start(a0), []
    for t in range(min(T_x, steps or T_x)):
        xt = x[:, :, at(t, T_x) if at else t]
        a_next, yt_pred, cache = rnn_cell(xt, a_prev, p)
        if y_from == "a_prev":
            yt_pred = softmax(p["Wya"] @ a_prev + p["by"])
        a[:, :, t], y_pred[:, :, t] = a_next, yt_pred
        kept.append(cache)
        a_prev = a_next if carry else a_prev
    a[:, :, filled or T_x :] = 0
    return a, y_pred, (_chosen(kept, caches), x)


def lstm_sequence(
    x,
    a0,
    p,
    *,
    carry_a=True,
    carry_c=True,
    steps=None,
    start=_same,
    start_c=None,
    shift=0.0,
    record_c="c",
    caches="each",
    at=None,
    filled=None,
):
    """Run an LSTM over a sequence with its bookkeeping broken in one way."""
    n_a, m, T_x = *a0.shape, x.shape[2]
    a, c = np.zeros((n_a, m, T_x)), np.zeros((n_a, m, T_x))
    y = np.zeros((p["Wy"].shape[0], m, T_x))
    a_prev, c_prev, kept = start(a0), start_c(a0) if start_c else np.zeros_like(a0), []
    for t in range(min(T_x, steps or T_x)):
        xt = x[:, :, at(t, T_x) if at else t]
        a_next, c_next, yt_pred, cache = lstm_cell(xt, a_prev, c_prev, p)
        recorded = {"c": c_next, "a": a_next, "c_prev": c_prev}[record_c]
        a[:, :, t], c[:, :, t], y[:, :, t] = a_next, recorded + shift, yt_pred
        kept.append(cache)
        a_prev, c_prev = a_next if carry_a else a_prev, c_next if carry_c else c_prev
    a[:, :, filled or T_x :] = 0
    return a, y, c, (_chosen(kept, caches), x)


def _chosen(kept: list, caches: str) -> list:
    if caches == "first":
        return [kept[0]] * len(kept)
    return [kept[-1]] * len(kept) if caches == "last" else kept


def _total(array, axis=1):
    return array.sum(axis=axis, keepdims=True)


def rnn_cell_back(
    da_next, cache, *, slope=None, total=_total, state="a_prev", transpose=True, average=False
):
    """Go back through a plain RNN cell; `slope(a_next, a_prev)` stands for tanh'."""
    a_next, a_prev, xt, p = cache
    dz = da_next * (slope(a_next, a_prev) if slope else 1 - a_next**2)
    m = xt.shape[1] if average else 1
    seen = a_prev if state == "a_prev" else a_next
    return {
        "dxt": p["Wax"].T @ dz,
        "da_prev": (p["Waa"].T if transpose else p["Waa"]) @ dz,
        "dWax": dz @ xt.T / m,
        "dWaa": dz @ seen.T / m,
        "dba": total(dz) / m,
    }


def lstm_cell_back(
    da_next,
    dc_next,
    cache,
    *,
    carried=True,
    through_c=True,
    gate_slope=True,
    squash_slope=True,
    candidate_slope=True,
    kept="ft",
    total=_total,
    swap_halves=False,
    out_state=np.tanh,
    x_first=False,
):
    """Go back through an LSTM cell with any of its factors left out or exchanged."""
    _, c_next, a_prev, c_prev, ft, it, cct, ot, xt, p = cache
    slope = (1 - np.tanh(c_next) ** 2) if squash_slope else 1.0
    dc = (dc_next if carried else 0.0) + (da_next * ot * slope if through_c else 0.0)
    dz = {
        "f": dc * c_prev * (ft * (1 - ft) if gate_slope else 1.0),
        "i": dc * cct * (it * (1 - it) if gate_slope else 1.0),
        "c": dc * it * ((1 - cct**2) if candidate_slope else 1.0),
        "o": da_next * out_state(c_next) * (ot * (1 - ot) if gate_slope else 1.0),
    }
    inputs = np.concatenate((xt, a_prev) if x_first else (a_prev, xt))
    joined = sum(p[f"W{k}"].T @ dz[k] for k in "fico")  # (n_a + n_x, m)
    n_a, n_x = a_prev.shape[0], xt.shape[0]
    halves = (joined[:n_a], joined[n_a:])
    if swap_halves:
        halves = (joined[n_x:], joined[:n_x])
    grads = {
        "dxt": halves[1],
        "da_prev": halves[0],
        "dc_prev": dc * {"ft": ft, "it": it, "1": 1.0}[kept],
    }
    for k in "fico":
        grads[f"dW{k}"], grads[f"db{k}"] = dz[k] @ inputs.T, total(dz[k])
    return grads


def through_time(
    da,
    caches,
    back,
    *,
    lstm=False,
    add=True,
    carry_c=True,
    overwrites=(),
    forwards=False,
    first="da_prev",
    upstream=lambda da, t, T_x: da[:, :, t],
    average=False,
):
    """Run a cell's backward pass over a sequence with its bookkeeping broken in one way."""
    kept, x = caches
    T_x, shape = len(kept), kept[0][0].shape
    da_prev, dc_prev = np.zeros(shape), np.zeros(shape)
    dx, totals, da0 = np.zeros(x.shape), {}, None
    for t in range(T_x) if forwards else reversed(range(T_x)):
        arriving = upstream(da, t, T_x) + (da_prev if add else 0.0)
        step = back(arriving, dc_prev, kept[t]) if lstm else back(arriving, kept[t])
        dx[:, :, t], da_prev = step.pop("dxt"), step.pop("da_prev")
        dc_prev = step.pop("dc_prev", dc_prev) if carry_c else dc_prev
        da0 = da_prev if da0 is None else da0
        for name, value in step.items():
            grows = name in totals and name not in overwrites
            totals[name] = totals[name] + value if grows else value
    if average:
        totals = {name: value / T_x for name, value in totals.items()}
    start = {"da_prev": da_prev, "last step": da0, "zeros": np.zeros(shape)}[first]
    return {"dx": dx, "da0": start, **totals}
