"""Exercises 3 and 4: the gated recurrent unit."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception, Nested
from ...rnn_utils import sigmoid
from ..rnn_step_by_step.cases import AXES as STANDARD_AXES
from ..rnn_step_by_step.cases import gate_parameters, tags
from ..rnn_step_by_step.loops import cached_states, forward_mistakes, informative, run_forward
from . import oracle

CACHE = ("a_next", "a_prev", "zt", "rt", "cct", "xt", "parameters")
SHAPES = ((3, 5, 4, 7), (2, 3, 1, 4), (4, 4, 3, 1), (3, 2, 2, 12))  # n_x, n_a, m, T_x
AXES = {
    **STANDARD_AXES,
    **{name: ("unit", "example") for name in ("zt", "rt")},
    **{name: ("unit", "stacked input") for name in ("Wz", "Wr")},
}


def gru_parameters(rng: np.random.Generator, n_x: int, n_a: int) -> dict:
    """Draw the weights of a GRU: Wz, bz, Wr, br, Wc, bc and the second bias bca (n_a, 1)."""
    return gate_parameters(rng, n_x, n_a, "zrc") | {"bca": rng.normal(0, 0.8, (n_a, 1))}


def label(n_x: int, n_a: int, m: int, T_x: int | None = None, more: str = "") -> str:
    """Describe the sizes of a case."""
    steps = f", T_x={T_x}" if T_x is not None else ""
    return f"n_x={n_x}, n_a={n_a}, m={m}{steps}{more}"


def _cases(rng: np.random.Generator, sequence: bool) -> list[Case]:
    """Make arguments for both forms: xt and a_prev, or x and a0; parameters; reset_after."""
    cases = []
    for reset_after in (False, True):
        tag = "reset after" if reset_after else "reset before"
        shapes = SHAPES[::3] if sequence and reset_after else SHAPES  # enough, and quicker
        for n_x, n_a, m, T_x in shapes:
            shape = (n_x, m, T_x) if sequence else (n_x, m)
            parameters = gru_parameters(rng, n_x, n_a)
            if not reset_after and "long" in tags(m, T_x):
                del parameters["bca"]  # which this form does without
            args = {
                "x" if sequence else "xt": rng.normal(size=shape),
                "a0" if sequence else "a_prev": rng.normal(0, 0.8, (n_a, m)),
                "parameters": parameters,
                "reset_after": reset_after,
            }
            sizes = label(n_x, n_a, m, T_x if sequence else None, f", reset_after={reset_after}")
            cases.append(Case(sizes, args, tags(m, T_x if sequence else 0) | {tag}))
    return cases


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
    form=lambda reset_after: reset_after,
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
        has_bias = {"inside": "2" not in without, "if told": reset_after}.get(second)
        memory = memory + (p["bca"] if has_bias else 0.0)
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


def _overwrites(xt, a_prev, p, reset_after):
    a_next, cache = gru_cell(xt, a_prev, p, reset_after)
    a_prev[:] = a_next
    return a_next, cache


def _cell_follows(args, value) -> dict:
    """Derive the candidate from the learner's reset gate, and the state from what it blends."""
    xt, a_prev, p = args["xt"], args["a_prev"], args["parameters"]
    a_next, (_, _, zt, rt, mine, *_) = value
    kept, n_a = informative(rt) * a_prev, len(a_prev)
    if args["reset_after"]:
        kept = rt * (p["Wc"][:, :n_a] @ a_prev + p["bca"])
        cct = np.tanh(kept + p["Wc"][:, n_a:] @ xt + p["bc"])
    else:
        cct = np.tanh(p["Wc"] @ np.concatenate((kept, xt)) + p["bc"])
    if np.array_equal(mine, a_prev):
        raise ValueError("any gate blends two equal states into the same")
    blended = (1 - informative(zt)) * a_prev + zt * informative(mine)
    return {"cache.cct": cct, "a_next": blended, "cache.a_next": informative(a_next)}


GRU_CELL_FORWARD = Exercise(
    name="gru_cell_forward",
    difficulty=2,
    minutes=25,
    returns=("a_next", Nested("cache", CACHE)),
    stages=("zt", "rt", "cct", "a_next"),
    axes=AXES,
    cases=partial(_cases, sequence=False),
    oracle=oracle.gru_cell_forward,
    follows=_cell_follows,
    charged_first=("cache.?t", "cache.cct"),
    criteria=(
        Criterion("returns (a_next, cache) of the right shapes", 1, aspect="shape"),
        Criterion("gates zt and rt", 5, ("cache.zt", "cache.rt")),
        Criterion(
            "candidate cct",
            3,
            ("cache.cct",),
            hint="The candidate reads a past that the reset gate has let through. Is `rt` "
            "multiplied with the state before the matrix sees it, and which function "
            "squashes the sum?",
        ),
        Criterion(
            "candidate cct, reset after the product",
            3,
            ("cache.cct",),
            "reset after",
            hint="With reset_after the matrix sees the whole state, and the gate comes after "
            "the product. What does it multiply, and where does the bias `bca` stand?",
        ),
        Criterion(
            "a_next, the new hidden state",
            5,
            ("a_next",),
            hint="The new state lies between the old one and the candidate. At zt = 1, which "
            "of the two should it be by the text?",
        ),
        Criterion(
            "cache holds the states, xt and parameters in order",
            1,
            ("cache.a_*", "cache.xt", "cache.parameters.*"),
            beside=True,
            hint="Compare your cache with the docstring's, one by one: is each thing in its "
            "place, and as it was given?",
        ),
        Criterion("works for a batch of one", 1, ("a_next",), "batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "update gate the other way round",
            "You keep the share `zt` of the memory and take 1 - zt of the candidate, as Keras and "
            "the first paper do. Here, `zt` says how much is new.",
            partial(gru_cell, blend=lambda z, a, c, r: z * a + (1 - z) * c),
        ),
        Misconception(
            "old memory kept whole",
            "You add the new content without letting go of the old. Scale `a_prev` down by what "
            "you replace, so that the state stays between its past and the candidate.",
            partial(gru_cell, blend=lambda z, a, c, r: a + z * c),
        ),
        Misconception(
            "old memory dropped",
            "`a_next` holds the gated candidate only. What the gate does not replace should stay.",
            partial(gru_cell, blend=lambda z, a, c, r: z * c),
        ),
        Misconception(
            "blended with the reset memory",
            "You blend in `rt * a_prev`. The reset gate only hides the past from the candidate; "
            "what you keep is `a_prev` itself.",
            partial(gru_cell, blend=lambda z, a, c, r: (1 - z) * r * a + z * c),
        ),
        Misconception(
            "reset gate as forget gate",
            "You let `rt` decide how much memory is kept, as if this were an LSTM. Here one gate "
            "does both jobs: what is not new is old.",
            partial(gru_cell, blend=lambda z, a, c, r: r * a + z * c),
        ),
        Misconception(
            "reset gate not used",
            "The candidate sees all of the past: `rt` multiplies nothing.",
            partial(gru_cell, let=lambda r: 1.0),
        ),
        Misconception(
            "reset gate upside down",
            "The candidate sees the share 1 - rt of the past. A reset gate of 1 should let all of "
            "it through, one of 0 should start afresh.",
            partial(gru_cell, let=lambda r: 1 - r),
        ),
        Misconception(
            "always reset before",
            "`reset_after` makes no difference in your cell. With `reset_after`, the gate "
            "multiplies what the matrix and its bias made of the memory.",
            partial(gru_cell, form=lambda after: False),
        ),
        Misconception(
            "always reset after",
            "You always multiply after the product. Without `reset_after`, the gate multiplies "
            "the memory itself, before the matrix mixes the units.",
            partial(gru_cell, form=lambda after: True),
            (partial(gru_cell, form=lambda after: True, second="if told"),),
        ),
        Misconception(
            "the two forms exchanged",
            "The two forms are the wrong way round: `reset_after` means that the matrix comes "
            "first and the gate after it.",
            partial(gru_cell, form=lambda after: not after),
        ),
        Misconception(
            "bca outside the reset",
            "The second bias `bca` belongs to the memory's product, so the reset gate multiplies "
            "it too.",
            partial(gru_cell, second="outside"),
        ),
        Misconception(
            "bca in both forms",
            "`bca` belongs to the form with `reset_after`. The other form has one bias, `bc`.",
            partial(gru_cell, second="always"),
        ),
        Misconception(
            "everything reset",
            "With `reset_after`, the gate multiplies the memory's share only. Yours also scales "
            "the input's share and `bc`.",
            partial(gru_cell, second="around"),
        ),
        Misconception(
            "gates see the reset memory",
            "The update gate looks at `rt * a_prev`. Both gates look at the whole `a_prev`; only "
            "the candidate's view is reset.",
            partial(gru_cell, gates_see_reset=True),
        ),
        Misconception(
            "update and reset gate exchanged",
            "A gate uses the other gate's weights: `zt` needs `Wz, bz` and `rt` needs `Wr, br`.",
            partial(gru_cell, gates="rz"),
            (partial(gru_cell, gates="rr"), partial(gru_cell, gates="zz")),
        ),
        Misconception(
            "xt before a_prev",
            "`xt` meets the first columns of the weights. The first n_a columns of every matrix "
            "belong to `a_prev`, the n_x after them to `xt`.",
            partial(gru_cell, x_first=True),
        ),
        Misconception(
            "sigmoid for the candidate",
            "The candidate lacks its tanh. With a sigmoid the state could never be negative, and "
            "with nothing in its place it could grow without limit.",
            partial(gru_cell, candidate=sigmoid),
            (partial(gru_cell, candidate=lambda z: z),),
        ),
        Misconception(
            "tanh for a gate",
            "A gate says how much, from 0 to 1: that is a sigmoid. With tanh it could take a "
            "negative amount of the past.",
            partial(gru_cell, update=np.tanh, reset=np.tanh),
            (partial(gru_cell, update=np.tanh), partial(gru_cell, reset=np.tanh)),
        ),
        Misconception(
            "biases forgotten",
            "A bias is missing. `bz`, `br` and `bc` are added before the nonlinearity, and with "
            "`reset_after` so is `bca`.",
            partial(gru_cell, without="zrc2"),
            tuple(partial(gru_cell, without=which) for which in ("z", "r", "c", "2", "zr", "zrc")),
        ),
        Misconception(
            "cache in another order",
            "The cache holds the right things in another order than the docstring gives.",
            partial(gru_cell, order="nacrzxp"),
            tuple(partial(gru_cell, order=order) for order in ("narzcxp", "anzrcxp", "nxzrcap")),
        ),
        Misconception(
            "a_prev overwritten",
            "You wrote the new state into `a_prev` itself, so the caller's old state is gone. "
            "Make a new array.",
            _overwrites,
            costs="leaves its inputs unmodified",
        ),
    ),
    hints=(
        "Which of the three (two gates, one candidate) sees a different past from the other two?",
        "Each gate is a sigmoid of its matrix times np.concatenate((a_prev, xt)), plus a bias. "
        "For reset_after, `Wc[:, :n_a]` is the part of the matrix that meets the memory.",
        "Make both gates, then the candidate: without reset_after, stack the gated memory above "
        "`xt` and multiply once; with it, gate the memory's product and its bias, then add the "
        "input's product and `bc`. Last, move from a_prev towards cct by the share zt.",
    ),
)


def gru_sequence(x, a0, p, reset_after=False, *, form=lambda reset_after: reset_after, **broken):
    """Run a GRU over a sequence; `form(reset_after)` is what the cell is told."""

    def cell(xt, a, p):
        return gru_cell(xt, a, p, form(reset_after))

    return run_forward(x, a0, p, cell=cell, results=(0,), **broken)


def _sequence_follows(args, value) -> dict:
    """Derive the cached states from the learner's a."""
    return cached_states("a", informative(value[0]), args["a0"])


GRU_FORWARD = Exercise(
    name="gru_forward",
    difficulty=2,
    minutes=10,
    needs=("gru_cell_forward",),
    returns=("a", Nested("caches", (Nested("steps", CACHE, each=True), "x"))),
    stages=("zt", "rt", "cct", "a_next"),
    axes=AXES,
    cases=partial(_cases, sequence=True),
    oracle=oracle.gru_forward,
    follows=_sequence_follows,
    criteria=(
        Criterion("returns (a, caches) of the right shapes", 1, aspect="shape"),
        Criterion("a, the hidden state of every step", 6, ("a",)),
        Criterion(
            "reset_after reaches every step",
            2,
            ("a",),
            "reset after",
            hint="gru_cell_forward has an argument of its own for `reset_after`. Does every "
            "call in the loop pass it on?",
        ),
        Criterion(
            "caches holds (one cache a step, x)",
            2,
            ("caches.*",),
            hint="`caches` is a pair: a list with the cache of every step, first step first, "
            "and the whole `x`.",
        ),
        Criterion("works for a sequence of one step", 1, ("a",), "one step"),
        Criterion("works for a batch of one", 1, ("a",), "batch of one"),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "reset_after not handed on",
            "Your steps do not do what `reset_after` says. Each must reset before or after the "
            "product, as `gru_forward` was told.",
            partial(gru_sequence, form=lambda after: False),
            (
                partial(gru_sequence, form=lambda after: True),
                partial(gru_sequence, form=lambda after: not after),
            ),
        ),
        Misconception(
            "a records the state before",
            "`a[:, :, t]` holds the state that enters step t. Store the one that leaves it.",
            partial(gru_sequence, record=lambda after, before, p: before),
        ),
        *forward_mistakes(gru_sequence),
    ),
    hints=(
        "An LSTM hands on two states. How many does a GRU hand on, and where does it start?",
        "`a` is (n_a, m, T_x). Make it of zeros, fill one slice of it at each step of a loop over "
        "T_x, and append each step's cache to a list.",
        "In the loop, call gru_cell_forward on the slice of `x`, the running state, the "
        "parameters and reset_after. Store the new state and the cache, and let the new state be "
        "the running one.",
    ),
)
