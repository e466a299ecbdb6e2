"""What later parts of an answer should be, in view of the learner's own hidden states.

A learner who gets the state wrong and then computes the prediction rightly from it has made
one mistake, not two. A state that does not vary earns no such credit: nothing follows from it.
"""

from __future__ import annotations

import numpy as np

from .variants import softmax

LEAST = 1e-2  # a smaller state is as good as none: the prediction would not notice it


def varied(state: np.ndarray) -> np.ndarray:
    """Return a state that later results may follow from.

    Raises ValueError if it is no number somewhere, of a size that no state has, or the same in
    every unit.
    """
    largest = np.abs(state).max()
    if not LEAST < largest < 1 / LEAST:  # nor is nan
        raise ValueError("the state is not plausible")
    if np.ptp(state, axis=0).min() == 0 and state.shape[0] > 1:
        raise ValueError("the state is the same in every unit")
    return state


def rnn_cell(args, value) -> dict:
    """Derive yt_pred and the cached state from the returned a_next."""
    a, p = varied(value[0]), args["parameters"]
    return {"yt_pred": softmax(p["Wya"] @ a + p["by"]), "cache.a_next": a}


def lstm_cell(args, value) -> dict:
    """Derive yt_pred and the cached states from the returned a_next and c_next."""
    a, c, p = varied(value[0]), varied(value[1]), args["parameters"]
    return {"yt_pred": softmax(p["Wy"] @ a + p["by"]), "cache.a_next": a, "cache.c_next": c}


def _over_time(name: str, states: np.ndarray, start: np.ndarray) -> dict:
    """Derive what the caches of every step hold of one kind of state (n_a, m, T_x)."""
    before = np.concatenate((start[:, :, None], states[:, :, :-1]), axis=2)
    return {
        f"caches.steps.{t}.{name}_{when}": kept[:, :, t]
        for when, kept in (("next", states), ("prev", before))
        for t in range(states.shape[2])
    }


def _predictions(W: np.ndarray, b: np.ndarray, a: np.ndarray) -> np.ndarray:
    return softmax(np.einsum("ya,amt->ymt", W, a) + b[:, :, None])


def rnn_sequence(args, value) -> dict:
    """Derive y_pred and the cached states from the returned a."""
    a, p = varied(value[0]), args["parameters"]
    return {"y_pred": _predictions(p["Wya"], p["by"], a), **_over_time("a", a, args["a0"])}


def lstm_sequence(args, value) -> dict:
    """Derive y and the cached states from the returned a and c."""
    a, c, p = varied(value[0]), varied(value[2]), args["parameters"]
    return {
        "y": _predictions(p["Wy"], p["by"], a),
        **_over_time("a", a, args["a0"]),
        **_over_time("c", c, np.zeros_like(args["a0"])),
    }
