"""What later parts of an answer should be, in view of the learner's own earlier ones."""

from __future__ import annotations

import numpy as np

from ..rnn_step_by_step.consequences import varied


def gru_cell(args, value) -> dict:
    """Derive the candidate from the cached reset gate, and the state from what it blends."""
    xt, a_prev, p = args["xt"], args["a_prev"], args["parameters"]
    a_next, (_, _, zt, rt, mine, *_) = value
    kept, n_a = varied(rt) * a_prev, len(a_prev)
    if args["reset_after"]:
        kept = rt * (p["Wc"][:, :n_a] @ a_prev + p["bca"])
        cct = np.tanh(kept + p["Wc"][:, n_a:] @ xt + p["bc"])
    else:
        cct = np.tanh(p["Wc"] @ np.concatenate((kept, xt)) + p["bc"])
    if np.array_equal(mine, a_prev):
        raise ValueError("any gate blends two equal states into the same")
    blended = (1 - varied(zt)) * a_prev + zt * varied(mine)
    return {"cache.cct": cct, "a_next": blended, "cache.a_next": varied(a_next)}


def gru_sequence(args, value) -> dict:
    """Derive the cached states from the returned a."""
    a, a0 = varied(value[0]), args["a0"]
    before = np.concatenate((a0[:, :, None], a[:, :, :-1]), axis=2)
    return {
        f"caches.steps.{t}.a_{when}": kept[:, :, t]
        for when, kept in (("next", a), ("prev", before))
        for t in range(a.shape[2])
    }


def peephole_cell(args, value) -> dict:
    """Derive a_next from the cached output gate and c_next, and the cached states from both."""
    a_next, c_next, (_, _, _, _, _, _, _, ot, *_) = value
    return {
        "a_next": varied(ot) * np.tanh(varied(c_next)),
        "cache.a_next": varied(a_next),
        "cache.c_next": varied(c_next),
    }


def clip(args, value) -> dict:
    """Derive the clipped gradients from the returned norm."""
    norm, limit = float(value[1]), args["max_norm"]
    if not np.isfinite(norm) or norm <= limit:
        raise ValueError("of such a norm it only follows that nothing is to be done")
    return {
        f"clipped.{name}": array * min(1.0, limit / norm)
        for name, array in args["gradients"].items()
    }
