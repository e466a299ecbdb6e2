"""Tell where a given model reads more steps than it is made for, of which Keras says nothing."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from contextlib import suppress

import numpy as np

from ...observing.keras_objects import is_described
from ..drawn_cases import Observation
from ..model import Case


def fed_too_many_steps(case: Case, seen: Observation) -> str:
    """Name an array whose last axis is longer than the one that a given model declares.

    Keras checks the number of axes, but not their sizes where the last one is to be 1: a row of k
    numbers is read as k steps. "" if all fits, or if what is handed over is no variable.
    """
    inputs = {
        name: value["inputs"]
        for name, value in case.args.items()
        if is_described(value) and "graph" in value
    }
    for line in dict.fromkeys(seen.get("lines", {}).values()) if inputs else ():
        for model, fed in _calls(line, inputs):
            for name, (shape, _) in zip(fed, inputs[model].values(), strict=False):
                array = np.asarray(seen["variables"].get(name, 0))
                if array.ndim == 2 and tuple(shape) == (1,) and array.shape[1] > 1:
                    k = array.shape[1]
                    return (
                        f"`{model}` is made for one step, an array of shape (m, 1), and gets "
                        f"`{name}` of shape {array.shape}. Keras lets it pass, and the model takes "
                        f"its {k} numbers for {k} steps, one after the other."
                    )
    return ""


def _calls(line: str, models: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Find the calls of models; each with the variables in its first list."""
    with suppress(SyntaxError):  # a line may be cut short
        for node in ast.walk(ast.parse(line)):
            if isinstance(node, ast.Call) and node.args:
                called = node.func.value if isinstance(node.func, ast.Attribute) else node.func
                if isinstance(called, ast.Name) and called.id in models:
                    yield called.id, _listed(node.args[0])


def _listed(node: ast.expr) -> list[str]:
    """Name what stands in a list; "" for what has no name. `[a] + states` begins as [a] does."""
    if isinstance(node, ast.BinOp):
        return _listed(node.left)
    elements = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return [each.id if isinstance(each, ast.Name) else "" for each in elements]
