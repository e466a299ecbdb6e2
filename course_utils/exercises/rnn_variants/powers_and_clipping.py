"""Exercises 1 and 2: what many steps make of a gradient, and how to shorten one."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Case, Criterion, Exercise, Misconception, Nested
from . import oracle


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


def _bound(Waa, steps):
    sizes, _ = powers(Waa, 0)
    return sizes, np.linalg.norm(Waa, 2) ** np.arange(steps + 1)


def _radius_only(Waa, steps):
    sizes, _ = powers(Waa, 0)
    return sizes, sizes[0] ** np.arange(steps + 1)


def _overwrites(Waa, steps):
    results = powers(Waa, steps)
    Waa[:] = np.linalg.matrix_power(Waa, steps + 1)
    return results


def _powers_cases(rng: np.random.Generator) -> list[Case]:
    """Make arguments (Waa, steps): random, turning, growing before it fades, one unit."""
    random = rng.normal(size=(5, 5))
    random *= rng.uniform(0.8, 1.2) / np.abs(np.linalg.eigvals(random)).max()
    swap = np.array([[0.2, rng.uniform(1.0, 1.4)], [rng.uniform(0.6, 0.8), -0.5]])
    length, angle = rng.uniform(0.85, 1.15), rng.uniform(0.5, 2.5)
    turning = length * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
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


POWERS_OF_RECURRENCE = Exercise(
    name="powers_of_recurrence",
    difficulty=1,
    minutes=15,
    returns=("sizes", "norms"),
    axes={"Waa": ("unit", "unit before"), "sizes": ("eigenvalue",), "norms": ("power",)},
    cases=_powers_cases,
    oracle=oracle.powers_of_recurrence,
    criteria=(
        Criterion("returns (sizes, norms), one size a unit", 1, ("sizes",), aspect="shape"),
        Criterion("sizes of the eigenvalues, largest first", 4, ("sizes",)),
        Criterion(
            "norms of the powers 0 to steps",
            4,
            ("norms",),
            hint="norms[0] belongs to the power 0, the identity. How many norms are there "
            "for `steps` steps, and which norm says how much longer a vector can get?",
        ),
        Criterion("works for one unit", 1, tag="one unit"),
        Criterion(
            "works for no steps: the norm of the identity",
            1,
            tag="no steps",
            beside=True,
            hint="With no steps, one number is left. Which matrix does it measure?",
        ),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "real parts for sizes",
            "An eigenvalue may be complex: it turns as well as stretches. Its size is its "
            "distance from 0 in the complex plane and not its real part.",
            partial(powers, size=np.real),
            (partial(powers, size=lambda values: np.abs(np.real(values))),),
        ),
        Misconception(
            "singular values",
            "`sizes` holds singular values. They say how much one step can stretch; eigenvalues "
            "say what many steps of the same matrix come to.",
            partial(powers, values=lambda Waa: np.linalg.svd(Waa, compute_uv=False)),
        ),
        Misconception(
            "eigenvalues of a symmetric matrix",
            "These are the eigenvalues of a symmetric matrix, which `Waa` is not: it was made "
            "symmetric, or taken for it, as `eigh` and `eigvalsh` do.",
            partial(powers, values=np.linalg.eigvalsh),
            (partial(powers, values=lambda Waa: np.linalg.eigvalsh((Waa + Waa.T) / 2)),),
        ),
        Misconception(
            "smallest first",
            "The sizes are in rising order, as np.sort leaves them. The largest decides what "
            "happens in the long run, so it comes first.",
            partial(powers, order=np.sort),
        ),
        Misconception(
            "element by element powers",
            "Each number is raised to a power. Going through k steps multiplies matrices.",
            partial(powers, power=lambda Waa, k: Waa**k),
            (partial(powers, power=lambda Waa, k: Waa**k if k else np.eye(len(Waa))),),
        ),
        Misconception(
            "one power late",
            "The norms begin with `Waa` itself. They should begin with no step at all: which "
            "matrix leaves every vector as it is?",
            partial(powers, shift=1),
        ),
        Misconception(
            "one power short",
            "There are `steps` norms. The powers run from 0 to `steps`, both included.",
            partial(powers, short=1),
            (partial(powers, shift=1, short=1),),
        ),
        Misconception(
            "another norm",
            "These are norms, but not spectral ones. The spectral norm is the most by which a "
            "matrix lengthens any vector; see the `ord` of np.linalg.norm.",
            partial(powers, norm=np.linalg.norm),
            (
                partial(powers, norm=lambda power: np.abs(power).max()),
                partial(powers, norm=lambda power: np.linalg.norm(power, 1)),
                partial(powers, norm=lambda power: np.linalg.norm(power, np.inf)),
            ),
        ),
        Misconception(
            "the length of one vector",
            "You follow a single vector, and each norm is its length. The spectral norm of a power "
            "is the most by which it lengthens any vector: measure the matrix itself.",
            partial(powers, norm=lambda power: np.linalg.norm(power.sum(axis=1))),
            (
                partial(powers, norm=lambda power: np.linalg.norm(power.sum(axis=0))),
                partial(powers, norm=lambda power: np.linalg.norm(power.mean(axis=1))),
                partial(powers, norm=lambda power: np.linalg.norm(power[:, 0])),
            ),
        ),
        Misconception(
            "a power of the norm",
            "You raise the norm of `Waa` to the power k. This is only an upper bound: the "
            "directions that one step stretches are not those that the next one stretches.",
            _bound,
        ),
        Misconception(
            "a power of the largest eigenvalue",
            "Your norms are the largest eigenvalue to the power k. In the long run the norms go "
            "that way, but on the way there they may be much larger: take the norm of each power.",
            _radius_only,
        ),
        Misconception(
            "Waa overwritten",
            "You wrote the powers into `Waa` itself, so the network's weights are gone. Let the "
            "product be a new array.",
            _overwrites,
        ),
    ),
    hints=(
        "How do you measure a complex number? And how do you measure a matrix, if all you want "
        "to know is how much longer a vector can get?",
        "`np.linalg.eigvals` gives the eigenvalues, `np.abs` their sizes. The product starts as "
        "the identity, `np.eye(n_a)`; `np.linalg.norm` with `ord=2` measures it.",
        "Sort the absolute eigenvalues and turn them round. Then, once for each power, store the "
        "norm of the product so far and multiply the product by `Waa` once more.",
    ),
)


def _joint_norm(arrays):
    return np.sqrt(sum(np.sum(g**2) for g in arrays))


def clip(
    gradients,
    max_norm,
    *,
    length=_joint_norm,
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


def _in_place(gradients, max_norm):
    clipped, norm = clip(gradients, max_norm)
    for name, array in gradients.items():
        array[...] = clipped[name]
    return gradients, norm


def _each_alone(array, limit):
    return array * limit / max(np.linalg.norm(array), limit)


def _by_those_so_far(gradients, max_norm):
    arrays = list(gradients.values())
    norms = [_joint_norm(arrays[: i + 1]) for i in range(len(arrays))]
    factors = [max_norm / max(norm, max_norm) for norm in norms]
    return dict(zip(gradients, map(np.multiply, factors, arrays), strict=True)), norms[-1]


def _mean_square(arrays):
    return np.sqrt(np.mean(np.concatenate([g.ravel() for g in arrays]) ** 2))


def _clip_cases(rng: np.random.Generator) -> list[Case]:
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


def _clip_follows(args, value) -> dict:
    """Derive the clipped gradients from the learner's norm."""
    norm, limit = float(value[1]), args["max_norm"]
    if not np.isfinite(norm) or norm <= limit:
        raise ValueError("from such a norm it only follows that there is nothing to do")
    return {
        f"clipped.{name}": array * min(1.0, limit / norm)
        for name, array in args["gradients"].items()
    }


CLIP_GRADIENTS = Exercise(
    name="clip_gradients",
    difficulty=1,
    minutes=10,
    returns=(Nested("clipped", ()), "norm"),
    cases=_clip_cases,
    oracle=oracle.clip_gradients,
    follows=_clip_follows,
    criteria=(
        Criterion("returns (clipped, norm) with the same names and shapes", 1, aspect="shape"),
        Criterion("norm, the length of all gradients together", 3, ("norm",)),
        Criterion(
            "shortens what is too long",
            2,
            ("clipped.*",),
            "too long",
            hint="What is too long becomes exactly `max_norm` long and keeps its direction. "
            "Which one factor does that, and is every array multiplied by it?",
        ),
        Criterion(
            "leaves what is short enough as it is",
            2,
            ("clipped.*",),
            "short enough",
            beside=True,
            hint="Gradients shorter than `max_norm` are not to grow. What is your factor "
            "when the norm is below `max_norm`?",
        ),
        Criterion(
            "copes with gradients that are all zero",
            1,
            tag="all zero",
            beside=True,
            hint="If all gradients are zero, so is their norm. Which line divides by it?",
        ),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "shortened before all are measured",
            "You shorten each array while the norm is still being added up, so the first ones get "
            "another factor than the last. Go through all arrays for the norm, then once more.",
            _by_those_so_far,
        ),
        Misconception(
            "each number by itself",
            "You cut off every number at the limit. That bends the gradient towards another "
            "direction. If one factor multiplies all of them, only the length changes.",
            partial(clip, change=lambda g, limit: np.clip(g, -limit, limit)),
        ),
        Misconception(
            "each array by itself",
            "You shorten every array by a factor of its own, which changes their proportions. "
            "They are one long vector: one norm, one factor.",
            partial(clip, change=_each_alone),
        ),
        Misconception(
            "short gradients stretched",
            "You stretch gradients that are shorter than the limit. Near a minimum gradients are "
            "small for a good reason: leave them.",
            partial(clip, factor=lambda norm, limit: limit / norm),
            (partial(clip, factor=lambda norm, limit: limit / (norm + 1e-8)),),
        ),
        Misconception(
            "made one long",
            "Gradients that are too long come out with length 1. They should come out as long as "
            "`max_norm`.",
            partial(clip, factor=lambda norm, limit: 1 / norm if norm > limit else 1.0),
        ),
        Misconception(
            "too long thrown away",
            "Gradients that are too long become zero, so the steepest places teach nothing. "
            "Shorten them and keep their direction.",
            partial(clip, factor=lambda norm, limit: 1.0 if norm <= limit else 0.0),
        ),
        Misconception(
            "not clipped at all",
            "The gradients come back as they were, even where their norm is above `max_norm`.",
            partial(clip, factor=lambda norm, limit: 1.0),
        ),
        Misconception(
            "square root forgotten",
            "`norm` is the sum of the squares. A length is its square root.",
            partial(clip, length=lambda arrays: sum(np.sum(g**2) for g in arrays)),
        ),
        Misconception(
            "norms added up",
            "You combine the lengths of the arrays. Lengths at right angles don't add up, but "
            "their squares do: one root around one sum of squares.",
            partial(clip, length=lambda arrays: sum(np.linalg.norm(g) for g in arrays)),
            (
                partial(clip, length=lambda arrays: max(np.linalg.norm(g) for g in arrays)),
                partial(clip, length=lambda arrays: np.mean([np.linalg.norm(g) for g in arrays])),
            ),
        ),
        Misconception(
            "mean instead of sum",
            "You average the squares. A length adds them up: a network with more weights has a "
            "longer gradient.",
            partial(clip, length=_mean_square),
            (partial(clip, length=lambda arrays: np.sqrt(sum(np.mean(g**2) for g in arrays))),),
        ),
        Misconception(
            "absolute values added up",
            "`norm` adds up absolute values. The length of a vector is the root of the sum of "
            "its squares.",
            partial(clip, length=lambda arrays: sum(np.sum(np.abs(g)) for g in arrays)),
        ),
        Misconception(
            "norm after clipping",
            "You return the norm of the clipped gradients, which is never above the limit. The "
            "norm before clipping is what tells you that something exploded.",
            partial(clip, report="after"),
        ),
        Misconception(
            "biases left out",
            "The norm counts the matrices only. The gradients of the biases belong to the same "
            "vector.",
            partial(clip, counts=lambda name: not name.startswith("db")),
        ),
        Misconception(
            "gradients overwritten",
            "You put the clipped values into what you were given. Return a new dict of new "
            "arrays: the caller may still want to look at the old ones.",
            _in_place,
        ),
    ),
    hints=(
        "Should clipping change the direction of a step, or only its length?",
        "All arrays together are one vector: add up `np.sum(g**2)` over them before the root. "
        "One factor, never above 1, then multiplies every array.",
        "Divide `max_norm` by the larger of the norm and `max_norm`. This factor is 1 for short "
        "gradients, and it never divides by zero. Build a new dict with the factor times each "
        "array.",
    ),
)
