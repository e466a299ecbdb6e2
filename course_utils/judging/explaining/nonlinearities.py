"""Tell where a nonlinearity is missing, goes in twice, or is not the one that belongs there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ..compare import capital, differs, same
from .wrong_parts import Wrong


def nonlinearity(wrong: Sequence[Wrong], name: str) -> str:
    """A nonlinearity that is missing, or that is applied twice."""
    floats = all(w.want.dtype.kind == "f" and w.want.ndim > 0 and w.want.size > 1 for w in wrong)
    if not floats:
        return ""
    named: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "tanh": np.tanh, "sigmoid": _sigmoid, "log": np.log, "exp": np.exp, "square root": np.sqrt,
    }  # fmt: skip
    for axis in range(min(w.want.ndim for w in wrong)):
        if all(np.allclose(w.want.sum(axis=axis), 1, atol=1e-4) for w in wrong):
            named = {"softmax": lambda z, axis=axis: _softmax(z, axis)} | named
    if all((w.want > 0).all() and same(w.got, np.log(w.want)) for w in wrong):
        return f"{capital(name)} holds the logarithms of what is expected."
    for function, apply in named.items():
        # where all numbers are nearly zero, any smooth function of them is
        if not all(differs(apply(w.got), w.got).any() for w in wrong):
            continue
        if all(same(apply(w.got), w.want) for w in wrong):
            return f"{capital(name)} lacks the {function}: it holds what should go into it."
        if all(same(w.got, apply(w.want)) for w in wrong):
            return f"The right {name} has gone through another {function}: that is one too many."
    if said := _of_exponents(wrong, name) or _another_function(wrong, name):
        return said
    if "softmax" in named and all(w.got.ndim == 2 for w in wrong):
        for axis in (0, 1):
            if all(np.allclose(w.got.sum(axis=axis), 1, atol=1e-4) for w in wrong) and not all(
                np.allclose(w.want.sum(axis=axis), 1, atol=1e-4) for w in wrong
            ):
                return (
                    f"The numbers in {name} add up to 1 along axis {axis}, and should along the "
                    "other axis: the softmax runs over the wrong one."
                )
        if all((w.got < 0).any() for w in wrong):
            return f"{capital(name)} has negative entries, so it is no softmax of anything."
    return ""


def _softmax(z: np.ndarray, axis: int) -> np.ndarray:
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def _hard(slope: float, z: np.ndarray) -> np.ndarray:
    return np.clip(slope * z + 0.5, 0, 1)


def _of_exponents(wrong: Sequence[Wrong], name: str) -> str:
    """A softmax or sigmoid of -z, or a softmax that is divided by another sum."""
    if all(same(w.got, 1 - w.want) for w in wrong):
        return (
            f"{capital(name)} is 1 minus what is expected: look at the sign in an exponent, or at "
            "a `1 - ...`."
        )
    if not all((w.got > 0).all() for w in wrong):
        return ""
    for axis in range(min(w.want.ndim for w in wrong)):
        if not all(np.allclose(w.want.sum(axis=axis), 1, atol=1e-4) for w in wrong):
            continue
        if all(same(_shares(1 / w.got, axis), w.want) for w in wrong):
            return (
                f"The softmax in {name} takes exp(-z): its exponent has the wrong sign, so the "
                "highest score gets the smallest share."
            )
        if all(same(_shares(w.got, axis), w.want) for w in wrong):
            return (
                f"The numbers in {name} have the right proportions, but they do not add up to 1 "
                f"along axis {axis}. Divide each by the sum over that axis alone."
            )
    return ""


def _shares(values: np.ndarray, axis: int) -> np.ndarray:
    return values / values.sum(axis=axis, keepdims=True)


def _another_function(wrong: Sequence[Wrong], name: str) -> str:
    """The right numbers z, sent through another nonlinearity than the one that belongs here."""
    for right, inverse, low in (("tanh", np.arctanh, -1.0), ("sigmoid", _logit, 0.0)):
        if not all((w.want > low).all() and (w.want < 1).all() for w in wrong):
            continue
        scores = [inverse(w.want) for w in wrong]
        others: dict[str, Callable[[np.ndarray], np.ndarray]] = {
            "tanh": np.tanh, "sigmoid": _sigmoid, "ReLU": lambda z: np.maximum(z, 0),
            **{f"hard sigmoid, {slope:.2g} z + 0.5 cut off at 0 and 1": partial(_hard, slope)
               for slope in (0.2, 1 / 6)},
            **{f"softmax over axis {axis}": partial(_softmax, axis=axis)
               for axis in range(min(w.want.ndim for w in wrong))},
        }  # fmt: skip
        for other, apply in others.items():
            gone = zip(wrong, scores, strict=True)
            if other != right and all(same(w.got, apply(z)) for w, z in gone):
                return f"{capital(name)} goes through a {other}, where a {right} belongs."
    return ""


def _logit(p: np.ndarray) -> np.ndarray:
    return np.log(p) - np.log1p(-p)
