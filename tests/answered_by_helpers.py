"""Answer exercises by helpers of the staged tree alone; see test_staged_helpers.

Run: python -m tests.answered_by_helpers FOLDER KIND, where FOLDER is staged and KIND is numpy or
keras. Writes FOLDER/KIND.json: for each exercise of that kind "bound", the points of its shape
criteria or what needs no helper, if that is more; how many were "called"; and what is "earned" by
each answer that is right in any part, or is made of layers and models.
It is a process of its own, because helpers called with anything do anything: they close
descriptors 0 and 1, for instance.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pickle
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

SECONDS = 5.0  # for one call of a helper
MOST = 4  # arguments whose orders are all tried
MOST_OF_MANY = 3  # of six and more, there are too many orders of four
PLAIN = np.ndarray, np.generic, int, float, str, tuple, list, dict  # what can be an answer

# ways to make an answer of what a helper returned, given the exercise's arguments
ADAPTED: dict[str, Callable] = {
    "{}": lambda result, args: result,
    "first of {}": lambda result, args: _element(result, 0),
    "last of {}": lambda result, args: _element(result, -1),
    "transposed {}": lambda result, args: np.asarray(result).T,
    "{}, its arguments": lambda result, args: (result, args),
    "{}, each argument": lambda result, args: (result, *args),
    "{} zipped with its arguments": lambda result, args: tuple(zip(result, args, strict=False)),
    "{} twice": lambda result, args: (result,) * 2,
    "{} three times": lambda result, args: (result,) * 3,
}


def _element(result: Any, place: int) -> Any:
    return list(result.values() if isinstance(result, dict) else result)[place]


def nothing() -> list[Callable]:
    """List functions that anyone has without a helper: an argument, a look-up in it, constants."""
    return [
        lambda value: value,
        lambda value, key: value[key],
        *(lambda value, each=each: each for each in (0, 1, 0.0, False, True, "", [], ([], []))),
    ]


def use_staged(folder: Path) -> list[str]:
    """Take the helpers from a staged tree, all else of the package from here; list the helpers."""
    sys.path.insert(0, str(folder))
    import course_utils

    assert Path(course_utils.__file__).is_relative_to(folder)
    here = Path(__file__).parents[1] / "course_utils"
    course_utils.__path__.append(str(here))
    for name in ("grading", "grading.sandbox"):
        package = importlib.import_module(f"course_utils.{name}")
        package.__path__.append(str(here / name.replace(".", "/")))
    files = sorted((folder / "course_utils").rglob("*.py"))
    names = [".".join(file.relative_to(folder).with_suffix("").parts) for file in files]
    own = ("course_utils.grading.", "course_utils.observing.")
    return [n.removesuffix(".__init__") for n in names if not n.startswith(own)]


def helpers(modules: Iterable[str]) -> list[Callable]:
    """List every function and class of the modules, private ones too."""
    found: dict[int, Callable] = {}
    for name in modules:
        for each in vars(importlib.import_module(name)).values():
            if str(getattr(each, "__module__", "")).startswith("course_utils") and callable(each):
                found[id(each)] = each
    return list(found.values())


@cache
def counts(helper: Callable) -> range:
    """Return how many positional arguments a helper takes."""
    try:
        parameters = inspect.signature(helper).parameters.values()
    except ValueError:  # a plain exception
        return range(0)
    placed = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in placed)
    many = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return range(max(least, 1), (MOST if many else len(placed)) + 1)


def orders(helper: Callable, n: int) -> Iterator[tuple[int, ...]]:
    """List which of an exercise's n arguments a helper may be given, in each order."""
    most = MOST if n < 6 else MOST_OF_MANY
    for r in counts(helper):
        if r <= min(n, most):
            yield from permutations(range(n), r)
        elif r == n:
            yield tuple(range(n))


def deciding(trial) -> list[int]:
    """List the smallest case of each criterion: an answer wrong in all of these earns nothing."""
    by_size = sorted(enumerate(trial.cases), key=lambda each: len(pickle.dumps(each[1].args)))
    tags = {criterion.tag for criterion in trial.exercise.criteria}
    return sorted({next(i for i, case in by_size if tag in {None, *case.tags}) for tag in tags})


def worth_judging(trial, found: list[Callable]) -> Iterator[tuple[str, Callable]]:
    """List the answers that are right in any part of a deciding case, by what they do."""
    chosen = deciding(trial)
    given = [arguments(trial, i) for i in chosen]
    for helper in found:
        if not any(map(_has_layers, given)):  # which take long to make
            given = [arguments(trial, i) for i in chosen]  # it may change what it is given
        for places in orders(helper, len(given[0])):
            results = [_outcome(helper, places, args) for args in given]
            cases = zip(chosen, results, given, strict=True)
            tried = [each for each in cases if isinstance(each[1], PLAIN)]
            called = f"{helper.__module__}.{helper.__qualname__}{places}"
            for form, adapt in ADAPTED.items() if tried else ():
                if any(_any_right(trial, i, adapt, result, args) for i, result, args in tried):

                    def answer(*args, helper=helper, places=places, adapt=adapt):
                        return adapt(helper(*(args[place] for place in places)), args)

                    yield form.format(called), answer


def arguments(trial, i: int) -> tuple:
    """Return the arguments of a case as an answer would get them, layers and models too."""
    got: list[tuple] = []
    trial.observe_case(lambda *args: got.append(args), i, looking=False)
    return got[0]


def _outcome(helper: Callable, places: tuple[int, ...], args: tuple) -> Any:
    signal.setitimer(signal.ITIMER_REAL, SECONDS)  # it may read from a pipe that nobody writes to
    try:
        return helper(*(args[place] for place in places))
    except (Exception, SystemExit):
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _too_long(*_: object) -> None:
    raise TimeoutError


def _any_right(trial, i: int, adapt: Callable, result: Any, args: tuple) -> bool:
    try:
        value = adapt(result, args)
        if trial.exercise.probe.startswith("keras_"):  # it tells what it is when it is observed
            return _has_layers(value) and not _has_layers(args)
        seen = {"status": "returned", "value": value, "changed": {}}
        return any(leaf.kind == "ok" for leaf in trial.compare(i, seen))
    except Exception:
        return False


def _has_layers(value: Any, depth: int = 5) -> bool:
    """Look for layers in a value; a helper may have put a list into itself."""
    if isinstance(value, (tuple, list)):
        return depth > 0 and any(_has_layers(each, depth - 1) for each in value)
    return hasattr(type(value), "trainable_weights")  # a helper may have put a layer into itself


def observed(trial, answer: Callable) -> list[dict]:
    """Observe an answer without its variables, which cost time and give no points."""
    return [trial.observe_case(answer, i, looking=False) for i in range(len(trial.cases))]


def refuse(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("nothing is drawn here: what is drawn was computed before")


def main(folder: Path, kind: str) -> None:
    """Write down what every answer earns."""
    found = helpers(use_staged(folder))
    from course_utils.exercises import assignment, stems
    from course_utils.judging.drawn_cases import Trial
    from course_utils.judging.judge import judge

    signal.signal(signal.SIGALRM, _too_long)
    plt.subplots = refuse
    sys.modules["music21"] = None  # it takes seconds, and reads scores only
    np.set_printoptions(override_repr=lambda array: "array")  # most time went on messages
    written = {}
    for exercise in [each for stem in stems() for each in assignment(stem).exercises]:
        if (exercise.probe == "call") != (kind == "numpy"):
            continue
        trial = Trial(exercise, np.random.default_rng(0))

        def earned(helpers, trial=trial):
            return {
                said: judge(trial, observed(trial, answer), explaining=False).points
                for said, answer in worth_judging(trial, helpers)
            }

        shape = sum(c.points for c in exercise.criteria if c.aspect == "shape")
        written[exercise.name] = {
            "bound": max([shape, *earned(nothing()).values()]),
            "called": len(found),
            "earned": earned(found),
        }
        Path(folder, f"{kind}.json").write_text(json.dumps(written))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    main(Path(sys.argv[1]), sys.argv[2])
