"""Exercises 3 and 6: which positions may be looked at, and where in the sequence they stand."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import intermediates, oracle


def mask_of(
    numbers,
    T_q,
    causal,
    *,
    real=lambda numbers: numbers != 0,
    last=0,
    order=lambda queries, keys: keys <= queries,
    join=np.logical_and,
    hides_rows=False,
    spread=True,
    at_the_end=False,
    applies=lambda causal: causal,
    gives=lambda mask: mask,
):
    """Make a mask, with parts replaced; a query sees keys up to `last` positions after its own."""
    m, T_k = numbers.shape
    keys = real(numbers)[:, None]
    if spread:
        keys = np.broadcast_to(keys, (m, T_q, T_k))
    if hides_rows:  # of a square, or of as many queries as there are
        T_q = T_k if hides_rows == "square" else T_q
        keys = np.broadcast_to(real(numbers)[:, :T_q, None], (m, T_q, T_k))
    if not applies(causal):
        return gives(keys)
    queries = np.arange(T_q)[:, None] + last
    if at_the_end:
        queries = queries + T_k - T_q
    return gives(join(keys, order(queries, np.arange(T_k))))


def _numbers(rng, m: int, T: int, padded: bool) -> np.ndarray:
    """Draw whole numbers (m, T) from 1 to 9; if `padded`, 0 behind a first part of each row."""
    numbers = rng.integers(1, 10, (m, T))
    if padded:
        for row in numbers:
            row[rng.integers(1, T) :] = 0
    return numbers


def _mask_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (numbers, T_q, causal): padding alone, order alone, both."""
    anywhere = _numbers(rng, 2, 6, False)
    anywhere[:, [0, 3]] = 0
    made = (
        ("padding at the end", _numbers(rng, 3, 5, True), 4, False, ("padding",)),
        ("padding anywhere", anywhere, 6, False, ("padding",)),
        ("no padding", _numbers(rng, 2, 5, False), 5, True, ("causal",)),
        ("no padding", _numbers(rng, 1, 6, False), 3, True, ("causal",)),
        ("no padding", _numbers(rng, 2, 3, False), 5, True, ("causal",)),
        ("padding at the end", _numbers(rng, 3, 5, True), 5, True, ("padding", "causal")),
        ("padding anywhere", anywhere[:, ::-1].copy(), 4, True, ("padding", "causal")),
    )
    return [
        Case(
            f"m={len(numbers)}, T_k={numbers.shape[1]}, T_q={T_q}, causal={causal}, {what}",
            {"numbers": numbers, "T_q": T_q, "causal": causal},
            frozenset(tags),
        )
        for what, numbers, T_q, causal, tags in made
    ]


ATTENTION_MASK = Exercise(
    name="attention_mask",
    difficulty=1,
    minutes=15,
    returns="mask",
    axes={"mask": ("example", "query", "key")},
    cases=_mask_cases,
    oracle=oracle.attention_mask,
    criteria=(
        Criterion("one truth value for each example, query and key", 1, aspect="shape"),
        Criterion("no query sees padding", 4, tag="padding"),
        Criterion("if causal, no query sees what comes after it", 5, tag="causal",
            hint="Query t may look at key t and at those before it. Does your comparison let "
                 "it see itself, and nothing later?"),
    ),
    misconceptions=(
        Misconception("upside down",
            "True stands where a query may not look. In this course True means that it may; "
            "`np.logical_not` turns a mask round.",
            partial(mask_of, gives=np.logical_not)),
        Misconception("numbers to be added",
            "You return 0 and minus infinity, to be added to scores. Return truth values: adding "
            "them up would mean something else.",
            partial(mask_of, gives=lambda mask: np.where(mask, 0.0, -np.inf)),
            (partial(mask_of, gives=lambda mask: np.where(mask, 0.0, -1e9)),)),
        Misconception("blind to itself",
            "If causal, a query doesn't see its own position. What stands there has already been "
            "read.",
            partial(mask_of, last=-1)),
        Misconception("one position ahead",
            "If causal, a query sees one position too many: the very one that is to be predicted.",
            partial(mask_of, last=1)),
        Misconception("the future instead of the past",
            "Your triangle is turned round: each query sees what comes after it. Query i sees the "
            "keys 0 to i.",
            partial(mask_of, order=lambda queries, keys: keys >= queries),
            (partial(mask_of, order=lambda queries, keys: keys > queries),)),
        Misconception("the last query sees all",
            "Your triangle ends in the corner: with fewer queries than keys, query 0 sees more "
            "than key 0. Positions of queries and keys are both counted from 0.",
            partial(mask_of, at_the_end=True)),
        Misconception("padding of the queries",
            "You hide whole rows: the queries that are padding. Hide the keys that are padding, "
            "for every query: columns.",
            partial(mask_of, hides_rows="square"), (partial(mask_of, hides_rows="cut"),)),
        Misconception("either is enough",
            "With both, a query sees what is real or in the past. It should see what is real and "
            "in the past.",
            partial(mask_of, join=np.logical_or)),
        Misconception("padding forgotten",
            "Padding can be seen. `numbers` is 0 there.",
            partial(mask_of, real=lambda numbers: np.ones(numbers.shape, bool))),
        Misconception("keys counted, not looked at",
            "You count how many keys are real, and let a query see so many from the first on. "
            "Padding may stand anywhere: ask of each key whether it is real.",
            partial(mask_of, real=lambda numbers: (
                np.arange(numbers.shape[1]) < np.count_nonzero(numbers, axis=1)[:, None]
            ))),
        Misconception("nothing but padding",
            "Padding can be seen, and nothing else. `numbers` is 0 where there is padding.",
            partial(mask_of, real=lambda numbers: numbers == 0)),
        Misconception("order alone, if causal",
            "If causal, you forget the padding. Both must hold: real, and not in the future.",
            partial(mask_of, join=lambda keys, order: np.broadcast_to(order, keys.shape))),
        Misconception("never causal",
            "`causal` makes no difference. If it is True, a query sees no later position.",
            partial(mask_of, applies=lambda causal: False)),
        Misconception("always causal",
            "The future is hidden though `causal` is False.",
            partial(mask_of, applies=lambda causal: True)),
        Misconception("left to broadcasting",
            "The shape has an axis of length 1. It would broadcast, but here the whole mask is "
            "asked for: (m, T_q, T_k).",
            partial(mask_of, gives=lambda mask: mask[:, :1]),
            (partial(mask_of, spread=False),)),
    ),
    hints=(
        "For one query and one key there are two questions. Which of them has the same answer for "
        "every query, and which for every example?",
        "`numbers != 0` is (m, T_k); `[:, None]` makes room for the queries. `np.arange(T_k) <= "
        "np.arange(T_q)[:, None]` compares every key with every query.",
        "np.tri(T_q, T_k, dtype=bool) is the triangle. `&` joins two masks and broadcasts them; "
        "np.broadcast_to or np.repeat gives the shape (m, T_q, T_k) where there is no triangle.",
    ),
)  # fmt: skip


def encoding(
    T,
    d_model,
    *,
    base=10000.0,
    power=lambda column, d_model: (column - column % 2) / d_model,
    first=0,
    turned=False,
    arrange=lambda sines, cosines: np.stack((sines, cosines), axis=-1).reshape(len(sines), -1),
):
    """Encode positions, with parts replaced; `power` is that of the base, for each column."""
    t = np.arange(first, T + first)[:, None]
    column = np.arange(d_model)
    speeds = base ** -power(column, d_model)
    angles = t / speeds if turned else t * speeds
    return arrange(np.sin(angles[:, ::2]), np.cos(angles[:, 1::2]))


def _positional_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (T, d_model): several sizes, and one position."""
    sizes = [(int(rng.integers(5, 9)), 8), (12, 2 * int(rng.integers(5, 9))), (9, 4), (1, 6)]
    return [
        Case(
            f"T={T}, d_model={d_model}",
            {"T": T, "d_model": d_model},
            frozenset({"one"} if T == 1 else ()),
        )
        for T, d_model in sizes
    ]


def _by_column(args, value):
    """Part the even columns of a table from the odd ones, so that each kind is judged by itself."""
    table = isinstance(value, np.ndarray) and value.shape == (args["T"], args["d_model"])
    return {
        f"{kind} columns": value[:, first::2] if table else value
        for first, kind in enumerate(("even", "odd"))
    }


def _columns(T, d_model):
    return _by_column({"T": T, "d_model": d_model}, oracle.positional_encoding(T, d_model))


POSITIONAL_ENCODING = Exercise(
    name="positional_encoding",
    difficulty=1,
    minutes=15,
    returns=(),
    axes=dict.fromkeys(("even columns", "odd columns"), ("position", "pair")),
    cases=_positional_cases,
    oracle=_columns,
    reading=_by_column,
    intermediates=intermediates.positional_encoding,
    charged_first=("even columns",),
    criteria=(
        Criterion("a row for each position, a column for each feature", 1, aspect="shape"),
        Criterion("sines in the even columns", 3, ("even columns",)),
        Criterion("cosines in the odd columns", 3, ("odd columns",),
            hint="Columns 2k and 2k + 1 are a pair with the same angle. Which k belongs to "
                 "column 5?"),
        Criterion("works for a single position", 1, tag="one", beside=True),
    ),
    misconceptions=(
        Misconception("sines first, then cosines",
            "All sines stand in the first half and all cosines in the second. Some libraries do "
            "so; here they take turns: even columns and odd columns.",
            partial(encoding, arrange=lambda s, c: np.hstack((s, c)))),
        Misconception("cosines in the even columns",
            "Sine and cosine are exchanged. Column 0 is a sine, and 0 at position 0.",
            partial(encoding, arrange=lambda s, c: np.stack((c, s), -1).reshape(len(s), -1))),
        Misconception("a speed for each column",
            "Each column has a speed of its own. A sine and the cosine beside it share one: the "
            "two hands of one clock.",
            partial(encoding, power=lambda column, d_model: column / d_model)),
        Misconception("speeds too close",
            "The speeds fall by the square root of the factor asked for, from pair to pair. The "
            "base is 10000 and the exponent 2k / d_model, with k the number of the pair.",
            partial(encoding, power=lambda column, d_model: (column // 2) / d_model)),
        Misconception("speeds too far apart",
            "Your exponents can grow to almost 2, and should stay below 1. 2k is the number of "
            "the even column itself: is something doubled, or half of d_model taken?",
            partial(encoding, power=lambda column, d_model: 2 * (column - column % 2) / d_model),
            (partial(encoding, power=lambda column, d_model: 2 * column / d_model),)),
        Misconception("slowest clock too slow",
            "Your exponents run from 0 to 1, as in the library tensor2tensor. Here the exponent "
            "is 2k / d_model, which stays below 1.",
            partial(encoding, power=lambda column, d_model: (
                (column // 2) / max(d_model / 2 - 1, 1)
            ))),
        Misconception("the power divided, not its exponent",
            "`**` goes before `/`: without brackets, the power is divided by d_model, and not its "
            "exponent.",
            partial(encoding, power=lambda column, d_model: (
                column - column % 2 + np.log(d_model) / np.log(10000.0)
            )),
            (partial(encoding, power=lambda column, d_model: (
                column - column % 2 - np.log(d_model) / np.log(10000.0)
            )),)),
        Misconception("all of one speed",
            "All pairs turn at one speed, as if the exponent were 0. It grows from pair to pair, "
            "in fractions.",
            partial(encoding, power=lambda column, d_model: 0 * column)),
        Misconception("faster instead of slower",
            "The angles grow with the power of 10000, where each pair should turn more slowly "
            "than the one before. Do you multiply by it, or divide by a power with a negative "
            "exponent?",
            partial(encoding, turned=True)),
        Misconception("positions from 1",
            "Position 0 has angles above 0. Positions count from 0, so the first row is 0, 1, 0, "
            "1, ...",
            partial(encoding, first=1)),
        Misconception("another base",
            "The speeds fall by another factor than asked for. The base of the power is 10000.",
            partial(encoding, base=1000.0),
            (partial(encoding, base=100000.0),)),
        Misconception("sines only",
            "Every column is a sine. The odd columns are cosines: with one of the two alone, a "
            "position could not be told from its mirror image.",
            partial(encoding, arrange=lambda s, c: np.repeat(s, 2, axis=1))),
    ),
    hints=(
        "What is the angle of pair k at position t? Position and pair make a table: which of the "
        "two runs down it?",
        "`t = np.arange(T)[:, None]` and `k = np.arange(d_model // 2)` broadcast to (T, d_model / "
        "2) angles.",
        "Begin with zeros (T, d_model). `encoding[:, 0::2]` is all the even columns at once, "
        "`encoding[:, 1::2]` the odd ones.",
    ),
)  # fmt: skip
