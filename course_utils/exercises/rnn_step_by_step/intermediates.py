"""What stands between the arguments and the gradients of one step, under the names in use.

A name that is used for several quantities has each of them: any is right.
"""

from __future__ import annotations

import numpy as np

Known = dict[str, tuple[np.ndarray, ...]]


def rnn_cell_forward(xt, a_prev, parameters) -> Known:
    """Name what a plain RNN's step puts through tanh, and through softmax."""
    p = parameters
    from_x, from_a = p["Wax"] @ xt, p["Waa"] @ a_prev
    z = from_x + from_a + p["ba"]
    terms = from_x, from_a, from_x + from_a, from_x + p["ba"], from_a + p["ba"]
    scores = p["Wya"] @ np.tanh(z) + p["by"]
    return dict.fromkeys(("z", "zt", "z_t", "Z", "pre"), (z, scores, *terms))


def rnn_cell_backward(da_next, cache) -> Known:
    """Name what leads to the gradients of a plain RNN's step."""
    a_next = cache[0]
    slope = 1 - a_next**2
    dz = slope * da_next
    return _unpacked("a_next a_prev xt", cache) | dict.fromkeys(("dz", "dtanh"), (dz, slope))


def lstm_cell_backward(da_next, dc_next, cache) -> Known:
    """Name what leads to the gradients of an LSTM's step."""
    _, c_next, a_prev, c_prev, ft, it, cct, ot, xt, _ = cache
    squashed = np.tanh(c_next)
    slope = 1 - squashed**2
    from_a = da_next * ot * slope
    dc = dc_next + from_a
    gates = {"f": (dc * c_prev, ft), "i": (dc * cct, it), "o": (da_next * squashed, ot)}
    known = _unpacked("a_next c_next a_prev c_prev ft it cct ot xt", cache)
    known |= {"dc": (dc, from_a, slope), "stacked": (np.concatenate((a_prev, xt)),)}
    known["concat"] = known["stacked"]
    for letter, (gradient, gate) in gates.items():
        both = gradient * gate * (1 - gate), gradient  # with respect to z, and to the gate
        known |= {f"d{letter}t": both} | _spelled(letter, both[:1])
    candidate = dc * it
    both = candidate * (1 - cct**2), candidate
    return known | {"dcct": both} | _spelled("c", both[:1])


def _unpacked(names: str, cache: tuple) -> Known:
    """Name what the cache holds, in its order."""
    return {name: (array,) for name, array in zip(names.split(), cache, strict=False)}


def _spelled(letter: str, values: tuple[np.ndarray, ...]) -> Known:
    """Name the gradient with respect to what goes into a gate, in the ways it is written."""
    return dict.fromkeys((f"dz{letter}", f"dz_{letter}", f"dz['{letter}']"), values)
