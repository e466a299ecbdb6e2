"""Exercise 1: the powers of a recurrence."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...judging.model import Criterion, Exercise, Misconception
from . import cases, oracle
from .variants import powers


def _powers(**broken):
    return partial(powers, **broken)


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


POWERS_OF_RECURRENCE = Exercise(
    name="powers_of_recurrence",
    difficulty=1,
    minutes=15,
    returns=("sizes", "norms"),
    axes=cases.AXES,
    cases=cases.powers_cases,
    oracle=oracle.powers_of_recurrence,
    criteria=(
        Criterion("returns (sizes, norms) of the right shapes", 1, aspect="shape"),
        Criterion("sizes of the eigenvalues, largest first", 4, ("sizes",)),
        Criterion("norms of the powers 0 to steps", 4, ("norms",)),
        Criterion("works for one unit", 1, tag="one unit"),
        Criterion("works for no steps: the norm of the identity", 1, tag="no steps", beside=True),
        Criterion("leaves its inputs unmodified", 1, aspect="unmodified"),
    ),
    misconceptions=(
        Misconception(
            "real parts for sizes",
            "An eigenvalue may be complex: it turns as well as stretches. Its size is its "
            "distance from 0 in the complex plane, np.abs, not its real part.",
            _powers(size=np.real),
            (_powers(size=lambda values: np.abs(np.real(values))),),
        ),
        Misconception(
            "singular values",
            "`sizes` holds singular values. They say how much one step can stretch; eigenvalues "
            "say what many steps of the same matrix come to.",
            _powers(values=lambda Waa: np.linalg.svd(Waa, compute_uv=False)),
        ),
        Misconception(
            "eigenvalues of a symmetric matrix",
            "`eigvalsh` reads one triangle of the matrix and takes it for symmetric. `Waa` is "
            "not: use `np.linalg.eigvals`.",
            _powers(values=np.linalg.eigvalsh),
            (_powers(values=lambda Waa: np.linalg.eigvalsh((Waa + Waa.T) / 2)),),
        ),
        Misconception(
            "smallest first",
            "The sizes are in rising order, as np.sort leaves them. The largest decides what "
            "happens in the long run: put it first.",
            _powers(order=np.sort),
        ),
        Misconception(
            "element by element powers",
            "`Waa**k` raises each number to a power. Going through k steps multiplies matrices: "
            "`Waa @ Waa @ ...`.",
            _powers(power=lambda Waa, k: Waa**k),
            (_powers(power=lambda Waa, k: Waa**k if k else np.eye(len(Waa))),),
        ),
        Misconception(
            "one power late",
            "The norms begin with `Waa` itself. After no step at all, what is multiplied is the "
            "identity: `norms[0]` is 1.",
            _powers(shift=1),
        ),
        Misconception(
            "one power short",
            "There are `steps` norms. The powers run from 0 to steps, both included, so there "
            "are steps + 1.",
            _powers(short=1),
            (_powers(shift=1, short=1),),
        ),
        Misconception(
            "another norm",
            "These are norms, but not the spectral one. The most by which a matrix lengthens any "
            "vector is `np.linalg.norm(power, 2)`; without the 2 it adds up all squares.",
            _powers(norm=np.linalg.norm),
            (
                _powers(norm=lambda power: np.abs(power).max()),
                _powers(norm=lambda power: np.linalg.norm(power, 1)),
                _powers(norm=lambda power: np.linalg.norm(power, np.inf)),
            ),
        ),
        Misconception(
            "a power of the norm",
            "You raise the norm of `Waa` to the power k. That is only a bound: the directions "
            "that one step stretches are not those that the next one does.",
            _bound,
        ),
        Misconception(
            "a power of the largest eigenvalue",
            "You raise the largest eigenvalue to the power k. In the long run the norms go that "
            "way, but on the way there they may be much larger: multiply the matrices.",
            _radius_only,
        ),
        Misconception(
            "Waa overwritten",
            "The powers were written into `Waa` itself, so the network's weights are gone. "
            "Let the product be a new array.",
            _overwrites,
        ),
    ),
    hints=(
        "How do you measure a complex number, and how do you measure a matrix, if all you want "
        "to know is how much longer a vector can get?",
        "`np.linalg.eigvals` gives the eigenvalues, `np.abs` their sizes. The product starts as "
        "the identity, `np.eye(n_a)`; `np.linalg.norm(power, 2)` measures it.",
        "Sort the absolute eigenvalues and turn them round. Then, steps + 1 times: store the "
        "norm of the product so far, and multiply it by `Waa` once more.",
    ),
)
