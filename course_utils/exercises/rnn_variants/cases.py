"""Random arguments for notebook 02: batches of one, single steps, padding in several places."""

from __future__ import annotations

import numpy as np

from ...judging.model import Case
from ..rnn_step_by_step import arguments

SHAPES = ((3, 5, 4, 7), (2, 3, 1, 4), (4, 4, 3, 1), (3, 2, 2, 12))  # n_x, n_a, m, T_x
AXES = {
    **arguments.AXES,
    **{name: ("unit", "example") for name in ("a_next", "c_next", "zt", "rt", "ft", "it")},
    **{name: ("unit", "example") for name in ("cct", "ot")},
    "a": ("unit", "example", "time step"),
    "Wz": ("unit", "stacked input"),
    "Wr": ("unit", "stacked input"),
    "sizes": ("eigenvalue",),
    "norms": ("power",),
}


def _gates(rng: np.random.Generator, n_x: int, n_a: int, gates: str) -> dict:
    parameters = {}
    for gate in gates:
        parameters[f"W{gate}"] = rng.normal(0, 0.6, (n_a, n_a + n_x))
        parameters[f"b{gate}"] = rng.normal(0, 0.5, (n_a, 1))
    return parameters


def gru_parameters(rng: np.random.Generator, n_x: int, n_a: int) -> dict:
    """Draw the weights of a GRU: Wz, bz, Wr, br, Wc, bc and the second bias bca (n_a, 1)."""
    return _gates(rng, n_x, n_a, "zrc") | {"bca": rng.normal(0, 0.8, (n_a, 1))}


def peephole_parameters(rng: np.random.Generator, n_x: int, n_a: int) -> dict:
    """Draw the weights of an LSTM with peepholes pf, pi, po (n_a, 1)."""
    peepholes = {f"p{gate}": rng.normal(0, 0.9, (n_a, 1)) for gate in "fio"}
    return _gates(rng, n_x, n_a, "fico") | peepholes


def _label(n_x: int, n_a: int, m: int, T_x: int | None = None, more: str = "") -> str:
    steps = f", T_x={T_x}" if T_x is not None else ""
    return f"n_x={n_x}, n_a={n_a}, m={m}{steps}{more}"


def _both_forms(rng: np.random.Generator, sequence: bool) -> list[Case]:
    cases = []
    for reset_after in (False, True):
        tag = "reset after" if reset_after else "reset before"
        shapes = SHAPES[:2] if sequence and reset_after else SHAPES  # enough, and quicker
        for n_x, n_a, m, T_x in shapes:
            shape = (n_x, m, T_x) if sequence else (n_x, m)
            args = {
                "x" if sequence else "xt": rng.normal(size=shape),
                "a0" if sequence else "a_prev": rng.normal(0, 0.8, (n_a, m)),
                "parameters": gru_parameters(rng, n_x, n_a),
                "reset_after": reset_after,
            }
            label = _label(n_x, n_a, m, T_x if sequence else None, f", reset_after={reset_after}")
            tags = arguments.tags(m, T_x if sequence else 0)
            cases.append(Case(label, args, tags | {tag}))
    return cases


def gru_cell_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (xt, a_prev, parameters, reset_after)."""
    return _both_forms(rng, sequence=False)


def gru_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (x, a0, parameters, reset_after)."""
    return _both_forms(rng, sequence=True)


def peephole_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (xt, a_prev, c_prev, parameters)."""
    cases = []
    for n_x, n_a, m, _ in SHAPES:
        args = {
            "xt": rng.normal(size=(n_x, m)),
            "a_prev": rng.normal(0, 0.6, (n_a, m)),
            "c_prev": rng.normal(0, 1.2, (n_a, m)),
            "parameters": peephole_parameters(rng, n_x, n_a),
        }
        cases.append(Case(_label(n_x, n_a, m), args, arguments.tags(m, 0)))
    return cases


def _mask(rng: np.random.Generator, m: int, T_x: int, padding: str) -> np.ndarray:
    """Draw which steps are real, (m, T_x): no example is all padding, the first is whole."""
    mask = np.ones((m, T_x), bool)
    for e in range(0 if m == 1 else 1, m):
        long = int(rng.integers(1, T_x)) if T_x > 1 else 1
        if padding == "at the end":
            mask[e, long:] = False
        elif padding == "at the start":
            mask[e, :-long] = False
        elif padding == "anywhere":
            mask[e, rng.permutation(T_x)[: T_x - long]] = False
    return mask


def bidirectional_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (x, mask, forwards, backwards); what stands at padded steps is noise."""
    cases = []
    kinds = (
        (0, "none"), (0, "at the end"), (1, "at the end"), (2, "none"),
        (3, "none"), (0, "at the start"), (3, "anywhere"),
    )  # fmt: skip
    for which, padding in kinds:
        n_x, n_a, m, T_x = SHAPES[which]
        args = {
            "x": rng.normal(size=(n_x, m, T_x)),
            "mask": _mask(rng, m, T_x, padding),
            "forwards": gru_parameters(rng, n_x, n_a),
            "backwards": gru_parameters(rng, n_x, n_a),
        }
        tag = "no padding" if padding == "none" else "padding"
        more = ", no padding" if padding == "none" else f", padding {padding}"
        label = _label(n_x, n_a, m, T_x, more)
        cases.append(Case(label, args, arguments.tags(m, T_x) | {tag}))
    return cases


def _turn(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def powers_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (Waa, steps): random, turning, growing before it fades, one unit."""
    random = rng.normal(size=(5, 5))
    random *= rng.uniform(0.8, 1.2) / np.abs(np.linalg.eigvals(random)).max()
    swap = np.array([[0.2, rng.uniform(1.0, 1.4)], [rng.uniform(0.6, 0.8), -0.5]])
    turning = rng.uniform(0.85, 1.15) * _turn(rng.uniform(0.5, 2.5))
    fades = np.diag([0.6, -0.8, 0.3])  # sorted neither forwards nor backwards
    fades[0, 1:] = rng.uniform(2, 3, size=2)
    made = (
        ("5 units", random, 6, ()),
        ("a matrix that turns by an angle", turning, 9, ()),
        ("a matrix that grows before it fades", fades, 8, ()),
        ("one unit", np.array([[-rng.uniform(0.6, 1.2)]]), 4, ("one unit",)),
        ("no steps", swap, 0, ("no steps",)),
    )
    return [
        Case(f"{what}, steps={steps}", {"Waa": Waa, "steps": steps}, frozenset(tags))
        for what, Waa, steps, tags in made
    ]


def clip_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (gradients, max_norm): too long, short enough, all zero, one array."""

    def draw(size: float, *names: str) -> dict:
        shapes = {"dWax": (4, 3), "dWaa": (4, 4), "dba": (4, 1), "dWz": (2, 3, 2), "dbz": (2,)}
        return {name: rng.normal(0, size, shapes[name]) for name in names}

    three = ("dWax", "dWaa", "dba")
    made = (
        ("too long", draw(2.0, *three), rng.uniform(0.5, 3.0)),
        ("too long", draw(30.0, "dWz", "dbz"), rng.uniform(1.5, 5.0)),
        ("too long", draw(1.0, "dWaa"), rng.uniform(0.3, 0.8)),
        ("short enough", draw(0.2, *three), rng.uniform(4.0, 6.0)),
        ("short enough", draw(0.01, "dWz", "dbz"), rng.uniform(0.5, 0.9)),
        ("all zero", {name: 0 * g for name, g in draw(1.0, *three).items()}, 1.5),
    )
    return [
        Case(
            f"{what}, max_norm={max_norm:.2f}",
            {"gradients": gradients, "max_norm": float(max_norm)},
            frozenset({what}),
        )
        for what, gradients, max_norm in made
    ]
