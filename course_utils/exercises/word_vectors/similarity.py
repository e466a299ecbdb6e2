"""The cosine of two vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.linalg import norm

from ...judging.model import Case, Criterion, Exercise, Misconception
from . import intermediates, oracle


def _cosine(u, v):
    return u @ v / (norm(u) * norm(v))


def _after(u, v, change: Callable):
    """Change a right cosine."""
    return change(_cosine(u, v))


def _over(u, v, below: Callable):
    """Divide the dot product by something else than the product of the lengths."""
    return u @ v / below(u, v)


def _changed(change: Callable):
    return partial(_after, change=change)


def _divided(below: Callable):
    return partial(_over, below=below)


def _distance(u, v):
    return norm(u - v)


def _near_by_distance(u, v):
    return 1 / (1 + norm(u - v))


def _minus_distance(u, v):
    return -norm(u - v)


def _angle(u, v):
    return np.arccos(np.clip(_cosine(u, v), -1, 1))


def _angle_in_degrees(u, v):
    return np.degrees(_angle(u, v))


def _pearson(u, v):
    return _cosine(u - u.mean(), v - v.mean())


def _precedence(u, v):
    return u @ v / norm(u) * norm(v)


def _no_guard(u, v):
    return np.float64(u @ v) / (norm(u) * norm(v))


def _guarded(form: Callable):
    """Return 0.0 for a zero vector, as the lines do that the cell comes with."""
    return lambda u, v: form(u, v) if np.any(u) and np.any(v) else 0.0


def _with_guard(misconception: Misconception) -> Misconception:
    """Let every form of a mistake come with the cell's guard against zero vectors, or without."""
    first, *others = (g for form in misconception.forms() for g in (_guarded(form), form))
    return replace(misconception, wrong=first, variants=tuple(others))


_ABOUT_ZERO = Misconception(
    "nan for a zero vector",
    "A zero vector has length 0, and 0/0 is nan, which spoils every comparison that it meets. "
    "Ask for it first and return 0.0.",
    _no_guard,
)
_ABOUT_EQUALS = Misconception(
    "equal vectors before zeros",
    "Two zero vectors get 1, perhaps because they are equal. The docstring asks for 0.0 wherever "
    "one of them is zero: ask for that first.",
    lambda u, v: 1.0 if np.array_equal(u, v) else _guarded(_cosine)(u, v),
)
_NO_ZEROS = Misconception(
    "equal vectors alone asked for",
    "You ask whether `u` equals `v`, and never for zeros. One zero vector has length 0, and 0/0 is "
    "nan; two of them are equal. Return 0.0 for both.",
    lambda u, v: 1.0 if np.array_equal(u, v) else _no_guard(u, v),
)
_ABOUT_THE_REST = (
    Misconception(
        "dot product alone",
        "This is the dot product, which grows with the length of either vector. Divide by "
        "both lengths: a frequent word's long vector should not look similar to everything.",
        _divided(lambda u, v: 1.0),
        (_divided(lambda u, v: u.size),),
    ),
    Misconception(
        "divided by one length only",
        "Only one vector's length goes into what you divide by, once or twice. Scale the other by "
        "ten and the answer grows tenfold, yet the angle has not moved: divide by both lengths.",
        _divided(lambda u, v: norm(u)),
        (
            _divided(lambda u, v: norm(v)),
            _divided(lambda u, v: u @ u),
            _divided(lambda u, v: v @ v),
        ),
    ),
    Misconception(
        "division and multiplication in the wrong order",
        "`x / a * b` means (x / a) * b, so you multiply by the second length. Put the "
        "product of the two lengths in brackets.",
        _precedence,
        (lambda u, v: u @ v / norm(v) * norm(u),),
    ),
    Misconception(
        "squared lengths",
        "Each length is divided out twice: a square root is missing, or a square is too many. The "
        "length is sqrt(sum of squares), which np.linalg.norm gives.",
        _divided(lambda u, v: (u @ u) * (v @ v)),
    ),
    Misconception(
        "lengths added",
        "The two lengths are added. The dot product scales with each of them, so only "
        "dividing by their product takes both out.",
        _divided(lambda u, v: norm(u) + norm(v)),
    ),
    Misconception(
        "lengths as sums of absolute values",
        "The length here is the straight-line one, sqrt(sum of squares), not a sum of the numbers "
        "or of their absolute values; only then is the result the cosine of an angle.",
        _divided(lambda u, v: np.abs(u).sum() * np.abs(v).sum()),
        (_divided(lambda u, v: u.sum() * v.sum()),),
    ),
    Misconception(
        "length of the product",
        "You divide by the length of the element-wise product. The two vectors have a "
        "length each: take both and multiply those.",
        _divided(lambda u, v: norm(u * v)),
    ),
    Misconception(
        "cosine distance",
        "This is 1 - cosine, a distance: small for similar words. Here similar words should "
        "score high, so return the cosine itself.",
        _changed(lambda cosine: 1 - cosine),
    ),
    Misconception(
        "absolute value",
        "The sign is lost. Words that point apart have a negative cosine, and the analogies "
        "below need to tell one direction from its opposite.",
        _changed(abs),
    ),
    Misconception(
        "angle instead of its cosine",
        "This is the angle; the exercise wants its cosine. Stop one step earlier: no arccos.",
        _angle,
        (_angle_in_degrees,),
    ),
    Misconception(
        "cosine cubed",
        "This is the cosine to the third power: it agrees at -1, 0 and 1 and is too close "
        "to 0 in between. Divide by each length once.",
        _changed(lambda cosine: cosine**3),
    ),
    Misconception(
        "cosine squared",
        "This is the cosine squared, which also loses the sign. Divide the dot product "
        "itself by the two lengths.",
        _changed(lambda cosine: cosine**2),
    ),
    Misconception(
        "correlation",
        "You subtract each vector's mean first, which gives a correlation. The zero point of "
        "word vectors carries meaning: leave the vectors where they are.",
        _pearson,
    ),
    Misconception(
        "Euclidean distance",
        "This measures how far apart the tips of the vectors are. The cosine looks at their "
        "directions only: start from the dot product.",
        _distance,
        (_near_by_distance, _minus_distance),
    ),
)


def similarity_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (u, v): short and long, near and far, at right angles and opposed."""
    cases = []
    for n in (7, 50, 300):
        u = rng.normal(0.4, 1.0, n)
        v = 0.5 * u + rng.normal(0.3, 1.0, n)
        v = np.copysign(1.0, u @ v) * v  # signs are tried below
        cases.append(Case(f"{n} numbers each", {"u": u, "v": v}, frozenset({"ordinary"})))
    u = rng.normal(0.4, 1.0, 9)
    v = u + rng.normal(0.0, 0.8, 9)
    u[:2], v[2:4] = 0.0, 0.0  # a length is that of the whole vector
    cases.append(Case("some numbers are 0", {"u": u, "v": v}, frozenset({"ordinary"})))
    u = rng.normal(0.4, 1.0, 20)
    v = -1.2 * u + rng.normal(0.2, 0.6, 20)
    cases.append(Case("pointing apart", {"u": u, "v": v}, frozenset({"negative"})))
    u = rng.normal(0.4, 1.0, 12)
    v = u + rng.normal(0.0, 0.8, 12)
    long_short = {"u": 40.0 * u, "v": 0.05 * v}
    cases.append(Case("one long, one short", long_short, frozenset({"lengths"})))
    parallel = {"u": u, "v": rng.uniform(2.0, 5.0) * u}
    cases.append(Case("v a multiple of u", parallel, frozenset({"lengths"})))
    a, b, c, d = (float(k) for k in rng.integers(1, 6, 4))
    square = {"u": np.array([a, b, c, d]), "v": np.array([b, -a, d, -c])}
    cases.append(Case("at right angles", square, frozenset({"right angle"})))
    single = {"u": np.array([rng.uniform(2, 4)]), "v": np.array([-rng.uniform(2, 4)])}
    cases.append(Case("one number each", single, frozenset({"negative"})))
    zero, other = np.zeros(6), rng.normal(0.4, 1.0, 6)
    cases.append(Case("u is zero", {"u": zero, "v": other}, frozenset({"zero"})))
    cases.append(Case("v is zero", {"u": other.copy(), "v": zero.copy()}, frozenset({"zero"})))
    cases.append(Case("both are zero", {"u": zero.copy(), "v": zero.copy()}, frozenset({"zero"})))
    return cases


COSINE_SIMILARITY = Exercise(
    name="cosine_similarity",
    difficulty=1,
    minutes=8,
    returns="the cosine",
    cases=similarity_cases,
    intermediates=intermediates.cosine_similarity,
    oracle=oracle.cosine_similarity,
    criteria=(
        Criterion("returns one number", 1, aspect="shape"),
        Criterion("the cosine of two vectors of any size", 6, tag="ordinary"),
        Criterion(
            "does not depend on the lengths",
            3,
            tag="lengths",
            hint="Make `u` ten times as long: what happens to your numerator, and what to "
            "your denominator?",
        ),
        Criterion(
            "is negative where vectors point apart",
            3,
            tag="negative",
            hint="Which of your steps loses a sign: an absolute value, a square, a maximum?",
        ),
        Criterion(
            "is 0 at right angles",
            1,
            tag="right angle",
            beside=True,
            hint="At right angles the dot product is 0. What does your function make of it then?",
        ),
        Criterion(
            "is 0.0 if one of them is zero",
            1,
            tag="zero",
            beside=True,
            hint="A zero vector has length 0. What does the docstring want in this case, and "
            "is it asked before the division?",
        ),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(*map(_with_guard, _ABOUT_THE_REST), _ABOUT_ZERO, _ABOUT_EQUALS, _NO_ZEROS),
    hints=(
        "If you double `u`, its dot product with `v` doubles too. What must you divide by to "
        "undo that, and the same for `v`?",
        "`u` and `v` are (n,). A dot product of two such vectors is one number; "
        "`np.linalg.norm` gives a length, one number too.",
        "Three numbers: the dot product, the length of u, the length of v. Divide the first by "
        "the product of the other two, and mind the brackets.",
    ),
)


def loop_cosine(u, v):
    u, v = u.tolist(), v.tolist()
    dot = lengths_u = lengths_v = 0.0
    for a, b in zip(u, v, strict=True):
        dot, lengths_u, lengths_v = dot + a * b, lengths_u + a * a, lengths_v + b * b
    if not lengths_u or not lengths_v:
        return 0.0
    return dot / lengths_u**0.5 / lengths_v**0.5


def einsum_cosine(u, v):
    lengths = np.sqrt(np.einsum("i,i->", u, u) * np.einsum("i,i->", v, v))
    return np.einsum("i,i->", u, v) / lengths if lengths else 0.0


def unguarded_cosine(u, v):
    return np.sum(u / np.linalg.norm(u) * v / np.linalg.norm(v))


def normed_cosine(u, v):
    with np.errstate(all="ignore"):
        return np.nan_to_num(unguarded_cosine(u, v))


STYLES = {
    "cosine_similarity": {
        "loop": loop_cosine,
        "einsum": einsum_cosine,
        "nan to zero": normed_cosine,
    },
}

SURVIVORS = {
    "cosine_similarity": {
        "the dot product of two vectors commutes": """
            return np.dot({u, v -> v, u}) / (np.linalg.norm(u) * np.linalg.norm(v))
        """,
        "an even function of it: the sign goes out in the square or the length": """
            return np.dot(u, v) / (np.linalg.norm({ -> -}u) * np.linalg.norm(v))
            return np.dot(u, v) / (np.linalg.norm(u) * np.linalg.norm({ -> -}v))
        """,
    },
}
