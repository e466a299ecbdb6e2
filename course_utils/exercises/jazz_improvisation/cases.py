"""Small networks with known weights, each with an eye for one side of the wiring.

Where only one thing is looked at, the network can't tell the rest: it has no memory, or does not
look at its input, or starts from zero.
"""

from __future__ import annotations

import numpy as np

from ...judging.model import Case
from . import oracle

MARGIN = 0.05  # between the most probable token and the next: float32 is far finer
FORGET = -30.0  # the bias of a forget gate that lets nothing through: sigmoid is 1e-13


def _layers(rng, n_values, n_a, *, memory=True, looks=True) -> dict:
    """Describe an LSTM cell and the layer that reads a token off its state."""
    kernel = rng.normal(0, 2.0, (n_values, 4 * n_a)) * looks
    recurrent = rng.normal(0, 2.0, (n_a, 4 * n_a)) * memory
    bias = rng.normal(0, 0.5, 4 * n_a)
    if not memory:
        bias[n_a : 2 * n_a] = FORGET
    config = {"units": n_a, "return_state": True, "unroll": True}  # unrolled: half the time
    read_off = [rng.normal(0, 3.0, (n_a, n_values)), rng.normal(0, 0.5, n_values)]
    return {
        "LSTM_cell": {"layer": "LSTM", "config": config, "weights": [kernel, recurrent, bias]},
        "densor": {
            "layer": "Dense",
            "config": {"units": n_values, "activation": "softmax"},
            "weights": read_off,
        },
    }


def _states(rng, m, n_a, zero=False) -> list[np.ndarray]:
    """Draw a0 and c0, (m, n_a) each; c reaches further than a, which lies between -1 and 1."""
    a0, c0 = rng.uniform(-0.9, 0.9, (m, n_a)), rng.normal(0, 1.5, (m, n_a))
    return [np.zeros_like(a0), np.zeros_like(c0)] if zero else [a0, c0]


def _one_hot(rng, n_values, m, steps, same=False) -> np.ndarray:
    """Draw tokens (m, steps, n_values), no two steps of an example the same, or all of them."""
    chosen = [rng.permutation(n_values)[:steps] for _ in range(m)]
    return np.eye(n_values)[np.array([row[:1].repeat(steps) if same else row for row in chosen])]


def _after(layers, inputs) -> dict:
    """Give the known weights to new layers too, so that their wiring is judged by itself."""
    weights = [*layers["LSTM_cell"]["weights"], *layers["densor"]["weights"]]
    return {"inputs": inputs, "weights": weights}


def djmodel_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (Tx, LSTM_cell, densor, reshaper), and inputs X, a0, c0."""
    return [
        _learning(rng, "start", "one step", n_values=4, n_a=6, m=3, Tx=1),
        _learning(rng, "carry", "the same token at each step", n_values=7, n_a=3, m=1, Tx=3,
                  same=True, zero=True),
        _learning(rng, "read", "a network without memory", n_values=6, n_a=4, m=2, Tx=4,
                  memory=False),
    ]  # fmt: skip


def _learning(rng, tag, what, *, n_values, n_a, m, Tx, same=False, zero=False, memory=True):
    layers = _layers(rng, n_values, n_a, memory=memory)
    reshaper = {"layer": "Reshape", "config": {"target_shape": [1, n_values]}}
    inputs = [_one_hot(rng, n_values, m, Tx, same), *_states(rng, m, n_a, zero)]
    return Case(
        f"{what}: Tx={Tx}, n_values={n_values}, n_a={n_a}, m={m}",
        {"Tx": Tx, **layers, "reshaper": reshaper},
        frozenset({tag}),
        _after(layers, inputs),
    )


def inference_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (LSTM_cell, densor, Ty), and inputs x0, a0, c0."""
    return [
        _playing(rng, "start", "one step", n_values=7, n_a=5, m=3, Ty=1),
        _playing(rng, "carry", "a network that doesn't look at its input", n_values=4, n_a=6, m=1,
                 Ty=3, zero=True, looks=False),
        _playing(rng, "feed back", "a network without memory", n_values=6, n_a=4, m=2, Ty=4,
                 memory=False),
    ]  # fmt: skip


def _playing(rng, tag, what, *, n_values, n_a, m, Ty, zero=False, **network):
    for _ in range(1000):
        layers = _layers(rng, n_values, n_a, **network)
        inputs = [_one_hot(rng, n_values, m, 1), *_states(rng, m, n_a, zero)]
        if tag != "feed back" or _is_lively(oracle.choices(*layers.values(), Ty, inputs)):
            break
    else:
        raise RuntimeError(f"no network drawn for {what!r} that chooses clearly")
    return Case(
        f"{what}: Ty={Ty}, n_values={n_values}, n_a={n_a}, m={m}",
        {**layers, "Ty": Ty},
        frozenset({tag}),
        _after(layers, inputs),
    )


def _is_lively(p: np.ndarray) -> bool:
    """Return True if the choices are clear, change with time, and differ between examples."""
    tokens = p.argmax(axis=-1)
    changes = (np.diff(tokens, axis=0) != 0).all()
    differ = (tokens[:-1, 0] != tokens[:-1, 1]).all()
    return bool(clear(p) and changes and differ)


def clear(p: np.ndarray) -> bool:
    """Return True if the most probable token wins by a margin everywhere."""
    ranked = np.sort(p, axis=-1)
    return bool((ranked[..., -1] - ranked[..., -2] > MARGIN).all())


def sampling_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (inference_model, x_initializer, a_initializer, c_initializer)."""
    return [
        _sampling(rng, "input", "a model that looks at x only", n_values=7, n_a=3, Ty=4),
        _sampling(rng, "states", "a model that looks at all three", n_values=6, n_a=4, Ty=5),
    ]


def _sampling(rng, tag, what, *, n_values, n_a, Ty):
    seen = np.repeat([1.0, float(tag == "states"), float(tag == "states")], [n_values, n_a, n_a])
    for _ in range(10_000):
        x = np.eye(n_values)[rng.integers(n_values)][None, None]
        a, c = _states(rng, 1, n_a)
        heads = [
            (
                rng.normal(0, 2.0, (len(seen), n_values)) * seen[:, None],
                rng.normal(0, 0.5, n_values),
            )
            for _ in range(Ty)
        ]
        model = {"heads": heads, "inputs": [(1, n_values), (n_a,), (n_a,)]}
        if _is_telling(model, x, a, c, states=tag == "states"):
            break
    else:
        raise RuntimeError(f"no model drawn for {what!r} that chooses clearly")
    args = {"inference_model": model, "x_initializer": x, "a_initializer": a, "c_initializer": c}
    return Case(f"{what}: Ty={Ty}, n_values={n_values}, n_a={n_a}", args, frozenset({tag}))


def _is_telling(model, x, a, c, states) -> bool:
    """Return True if the choices are clear and any other use of the inputs changes them."""
    no = np.zeros_like
    p = oracle.run_heads(model, x, a, c)
    given = [(x, a, c), (no(x), a, c)]
    if states:
        given += [(x, c, a), (x, no(a), no(c)), (x, no(a), c), (x, a, no(c)), (x, a, a), (x, c, c)]
    chosen = [tuple(oracle.run_heads(model, *inputs).argmax(axis=-1)) for inputs in given]
    several = len(set(chosen[0])) >= 3 and p.shape[1] - 1 not in chosen[0]  # the last one never
    return clear(p) and several and len(set(chosen)) == len(chosen)
