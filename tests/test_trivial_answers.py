"""What answers without logic can earn: right shapes, filled with unrelated values."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from course_utils.exercises import assignment, stems
from course_utils.judging.drawn_cases import Trial
from course_utils.judging.judge import judge

AT_MOST = 4  # points of 100


def _noise(array: np.ndarray, scale: float) -> np.ndarray:
    return scale * np.random.default_rng(zlib.crc32(array.tobytes())).normal(size=array.shape)


def _numbers(array: np.ndarray, low: int, high: int) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(array.tobytes())).integers(low, high, array.shape)


def _from_arguments(array: np.ndarray, given: list[np.ndarray]) -> np.ndarray:
    """Return the first argument of this shape, else the numbers of all of them, from the end."""
    for argument in given:
        if argument.shape == array.shape:
            return argument
    pool = np.concatenate([argument.ravel() for argument in given]) if given else np.zeros(1)
    return np.resize(pool[::-1], array.shape)


FILLS: dict[str, Callable[[np.ndarray, list[np.ndarray]], np.ndarray]] = {
    **{
        str(number): lambda array, _, number=number: np.full(array.shape, number)
        for number in (np.nan, np.inf, -np.inf, 0.0, 1.0, 0.5, 1e-9)
    },
    "whole 0": lambda array, _: np.zeros(array.shape, int),
    "whole 1": lambda array, _: np.ones(array.shape, int),
    "false": lambda array, _: np.zeros(array.shape, bool),
    "arguments": _from_arguments,
    "arguments, the last first": lambda array, given: _from_arguments(array, given[::-1]),
    "noise": lambda array, _: _noise(array, 1.0),
    "noise between 0 and 1": lambda array, _: 1 / (1 + np.exp(-_noise(array, 1.0))),
    "small noise": lambda array, _: _noise(array, 1e-3),
    "tiny noise": lambda array, _: _noise(array, 1e-9),
    "whole numbers": lambda array, _: _numbers(array, 0, 3),
    "one-hot rows": lambda array, _: (
        np.eye(max(array.shape[-1:] or (1,)))[
            _numbers(array[..., :1], 0, max(array.shape[-1:] or (1,)))[..., 0]
        ].reshape(array.shape)
        if array.ndim
        else np.ones(())
    ),
}


def _arrays(value: Any) -> list[np.ndarray]:
    """List the arrays of numbers anywhere in the arguments of a call."""
    if isinstance(value, np.ndarray):
        return [value] if value.dtype.kind in "biuf" else []
    if isinstance(value, Mapping):
        return [array for item in value.values() for array in _arrays(item)]
    if isinstance(value, (tuple, list)):
        return [array for item in value for array in _arrays(item)]
    return [np.asarray(float(value))] if isinstance(value, (int, float)) else []


def _filled(value: Any, fill: Callable, given: list[np.ndarray], words: list[str], kept: set):
    """Replace every array and text of a right answer, except for the arrays that `kept` names."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return value if (value.shape, value.tobytes()) in kept else fill(value, given)
    if isinstance(value, str):
        return words[0] if words else ""
    if isinstance(value, Mapping):
        made = {key: _filled(item, fill, given, words, kept) for key, item in value.items()}
        if all(item.ndim == 0 for item in value.values()):  # words and their numbers
            return {f"word{number}": item for number, item in enumerate(made.values())}
        return made
    if isinstance(value, (tuple, list)):
        return type(value)(_filled(item, fill, given, words, kept) for item in value)
    return value


def _structure(value: Any, fill: Callable, given: list[np.ndarray]) -> Any:
    """Map what layers and models compute, and how many weights they have."""
    if isinstance(value, Mapping):
        return {key: _structure(item, fill, given) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_structure(item, fill, given) for item in value)
    if isinstance(value, np.ndarray):
        return fill(value, given)
    return value


def blank_model(case, expected) -> Callable:
    """Return an answer that makes a model of the right shapes: one layer, whatever comes in."""
    shapes = [np.shape(x) for x in _arrays(case.after["inputs"])]
    made = expected["outputs"]

    def answer(*args):
        import keras
        from keras import layers

        inputs = [keras.Input(shape[1:]) for shape in shapes]
        flat = layers.Concatenate()([layers.Flatten()(x) for x in [*inputs, inputs[0]]])
        by_step = "number of outputs" in expected  # then the time steps come first
        steps, shape = (len(made), made.shape[2:]) if by_step else (1, made.shape[1:])
        outputs = [
            layers.Softmax()(layers.Reshape(shape)(layers.Dense(int(np.prod(shape)))(flat)))
            for _ in range(steps)
        ]
        whole = outputs if steps > 1 else outputs[0]
        return keras.Model(inputs if len(inputs) > 1 else inputs[0], whole)

    return answer


def _trivial(exercise, trial, right, fill: Callable, keep_arguments: bool) -> int:
    """Return what one exercise gives for a trivial answer."""
    seen = []
    for case, observation in zip(trial.cases, right, strict=True):
        given = _arrays(dict(case.args))
        kept = {(a.shape, a.tobytes()) for a in given if a.ndim} if keep_arguments else set()
        words = [word for word in case.args.values() if isinstance(word, str)]
        value = observation["value"]
        if exercise.probe in ("call", "call_with_keras"):
            value = _filled(value, fill, given, words, kept)
        else:
            value = _structure(value, fill, given)
        seen.append({"status": "returned", "value": value, "changed": {}})
    return judge(trial, seen, explaining=False).points


def table(stem: str, answers, trial) -> dict[str, dict[str, int]]:
    """Return the points of every trivial answer to every exercise of a notebook."""
    points: dict[str, dict[str, int]] = {}
    for exercise in assignment(stem).exercises:
        drawn = trial(exercise)
        right = drawn.observe(answers[exercise.name])
        points[exercise.name] = {
            f"{name}{', arguments kept' * keep}": _trivial(exercise, drawn, right, fill, keep)
            for name, fill in FILLS.items()
            for keep in (False, True)
        }
        if exercise.probe == "keras_model":
            pairs = enumerate(zip(drawn.cases, drawn.expected, strict=True))
            seen = [drawn.observe_case(blank_model(*pair), i) for i, pair in pairs]
            points[exercise.name]["blank model"] = judge(drawn, seen, explaining=False).points
    return points


@pytest.mark.parametrize("stem", stems())
def test_an_answer_without_logic_earns_next_to_nothing(stem, answers, trial):
    points = table(stem, answers(stem), trial)
    kinds = {kind for row in points.values() for kind in row}
    totals = {kind: sum(row.get(kind, 0) for row in points.values()) for kind in kinds}
    assert max(totals.values()) <= AT_MOST, totals
    best = {name: max(row.values()) for name, row in points.items()}
    assert sum(best.values()) <= AT_MOST, best  # even if each exercise gets what suits it best


NETWORKS = [
    pytest.param(exercise, id=exercise.name)
    for stem in stems()
    for exercise in assignment(stem).exercises
    if exercise.probe == "keras_model"
]


@pytest.mark.parametrize("exercise", NETWORKS)
def test_a_network_that_looks_at_nothing_ranks_wrongly(exercise):
    """Its bias alone decides, and a right one may be the nearest to what is expected."""
    for seed in range(5):
        drawn = Trial(exercise, np.random.default_rng(seed))
        for expected in drawn.expected:
            for part in [name for name in expected if name.startswith("ranking")]:
                ranked = np.asarray(expected[part])
                if ranked.ndim == 1:  # of rows that are all alike, the first comes first
                    assert ranked.tolist() != sorted(ranked)
                    continue
                rows = ranked.reshape(-1, ranked.shape[-1])
                assert all(2 * (rows == row).all(axis=1).sum() <= len(rows) for row in rows)
