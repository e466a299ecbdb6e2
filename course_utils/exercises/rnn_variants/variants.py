"""Matrix forms of notebook 02's passes with switches that break them in one way each.

Only misconceptions are made from these; the oracle does not use them.
"""

from __future__ import annotations

import numpy as np

from ..rnn_step_by_step.variants import sigmoid


def _same(value):
    return value


def gru_cell(
    xt,
    a_prev,
    p,
    reset_after=False,
    *,
    blend=lambda z, a, c, r: (1 - z) * a + z * c,
    update=sigmoid,
    reset=sigmoid,
    candidate=np.tanh,
    x_first=False,
    form=_same,
    let=lambda r: r,
    without="",
    gates="zr",
    second="inside",
    gates_see_reset=False,
    order="nazrcxp",
):
    """Run a GRU cell; `form(reset_after)` says where it resets, `second` where bca goes."""
    n_a, n_x = len(a_prev), len(xt)

    def stack(a):
        return np.concatenate((xt, a) if x_first else (a, xt))

    b = {k: 0.0 if k in without else p[f"b{k}"] for k in "zrc"}
    rt = reset(p[f"W{gates[1]}"] @ stack(a_prev) + b[gates[1]])
    seen = rt * a_prev if gates_see_reset else a_prev
    zt = update(p[f"W{gates[0]}"] @ stack(seen) + b[gates[0]])
    after = form(reset_after)
    if after:
        Wca, Wcx = p["Wc"][:, :n_a], p["Wc"][:, n_a:]
        if x_first:
            Wcx, Wca = p["Wc"][:, :n_x], p["Wc"][:, n_x:]
        memory, rest = Wca @ a_prev, Wcx @ xt + b["c"]
        memory = memory + (p["bca"] if second == "inside" and "2" not in without else 0.0)
        if second == "around":
            memory = memory + Wcx @ xt + b["c"] + p["bca"]
            rest = 0.0
        cct = candidate(let(rt) * memory + rest + (p["bca"] if second == "outside" else 0.0))
    else:
        cct = p["Wc"] @ stack(let(rt) * a_prev) + b["c"]
        cct = candidate(cct + (p["bca"] if second == "always" else 0.0))
    a_next = blend(zt, a_prev, cct, rt)
    kept = dict(zip("nazrcxp", (a_next, a_prev, zt, rt, cct, xt, p), strict=True))
    return a_next, tuple(kept[letter] for letter in order)


def gru_sequence(
    x,
    a0,
    p,
    reset_after=False,
    *,
    carry=True,
    at=None,
    steps=None,
    caches="each",
    start=_same,
    filled=None,
    form=_same,
    record="a_next",
):
    """Run a GRU over a sequence with its bookkeeping broken in one way."""
    n_a, m, T_x = *a0.shape, x.shape[2]
    a, a_prev, kept = np.zeros((n_a, m, T_x)), start(a0), []
    for t in range(min(T_x, steps or T_x)):
        xt = x[:, :, at(t, T_x) if at else t]
        a_next, cache = gru_cell(xt, a_prev, p, form(reset_after))
        a[:, :, t] = a_next if record == "a_next" else a_prev
        kept.append(cache)
        a_prev = a_next if carry else a_prev
    a[:, :, filled or T_x :] = 0
    if caches != "each":
        kept = [kept[0 if caches == "first" else -1]] * len(kept)
    return a, (kept, x)


def peephole_cell(
    xt,
    a_prev,
    c_prev,
    p,
    *,
    sees=("old", "old", "new"),
    candidate_sees="",
    vectors="fio",
    without="",
    through=_same,
    outside=False,
    peep=lambda vector, c: vector * c,
    gate=sigmoid,
    candidate=np.tanh,
    mix=lambda f, i, g, c: f * c + i * g,
    squash=np.tanh,
    x_first=False,
    swap_cache=False,
):
    """Run an LSTM cell with peepholes: what forget, update and output gate `see`, in order."""
    stacked = np.concatenate((xt, a_prev) if x_first else (a_prev, xt))
    z = {k: p[f"W{k}"] @ stacked + (0.0 if k in without else p[f"b{k}"]) for k in "fico"}
    kinds = {"old": c_prev, "a": a_prev, "nothing": 0 * c_prev}

    def opened(k, place, states):
        extra = peep(p[f"p{vectors[place]}"], through(states[sees[place]]))
        return gate(z[k]) + extra if outside else gate(z[k] + extra)

    ft, it = opened("f", 0, kinds), opened("i", 1, kinds)
    cct = candidate(z["c"] + (p[f"p{candidate_sees}"] * c_prev if candidate_sees else 0.0))
    c_next = mix(ft, it, cct, c_prev)
    shown = squash(c_next)
    ot = opened("o", 2, kinds | {"new": c_next, "candidate": cct})
    a_next = ot * shown
    states = (c_next, a_next) if swap_cache else (a_next, c_next)
    return a_next, c_next, (*states, a_prev, c_prev, ft, it, cct, ot, xt, p)


def bidirectional(
    x,
    mask,
    forwards,
    backwards,
    *,
    real=_same,
    padded=lambda new, old: old,
    recorded=lambda new, old: 0 * old,
    turn=(False, True),
    stored="at its step",
    last="state",
    first=0,
    weights=lambda one, other: (one, other),
    hand_over=False,
    join=np.concatenate,
):
    """Run two GRUs over a sequence.

    `padded(new, old)` is the state after a padded step, `recorded(new, old)` what `a` holds there.
    """
    _, m, T_x = x.shape
    mask, halves, lasts = real(mask), [], []
    state = np.zeros((len(forwards["bz"]), m))
    for backward, p in zip(turn, weights(forwards, backwards), strict=True):
        state = state if hand_over and halves else np.zeros((len(p["bz"]), m))
        a = np.zeros((*state.shape, T_x))
        for s in range(T_x):
            t = T_x - 1 - s if backward else s
            new, _ = gru_cell(x[:, :, t], state, p)
            state = np.where(mask[:, t], new, padded(new, state))
            shown = np.where(mask[:, t], state, recorded(new, state))
            a[:, :, t if stored == "at its step" else s] = shown
        halves.append(a)
        lasts.append(state if last == "state" else a[:, :, -1])
    if first:
        halves, lasts = halves[::-1], lasts[::-1]
    return join(halves), join(lasts)


def powers(
    Waa,
    steps,
    *,
    size=np.abs,
    values=np.linalg.eigvals,
    order=lambda sizes: np.sort(sizes)[::-1],
    norm=lambda power: np.linalg.norm(power, 2),
    power=np.linalg.matrix_power,
    shift=0,
    short=0,
):
    """Return the sizes of the eigenvalues and the norms of the powers, with parts replaced."""
    exponents = range(shift, steps + 1 + shift - short)
    norms = [norm(power(Waa, k)) for k in exponents]
    return order(size(values(Waa))), np.array(norms)


def clip(
    gradients,
    max_norm,
    *,
    length=lambda arrays: np.sqrt(sum(np.sum(g**2) for g in arrays)),
    counts=lambda name: True,
    factor=lambda norm, limit: limit / max(norm, limit),
    change=None,
    report="before",
):
    """Shorten gradients; `change(array, limit)` does it to each array by itself instead."""
    norm = length([g for name, g in gradients.items() if counts(name)])
    scale = factor(norm, max_norm)
    clipped = {name: change(g, max_norm) if change else scale * g for name, g in gradients.items()}
    return clipped, norm if report == "before" else length(list(clipped.values()))
