"""Judge answers to Keras exercises in a process without TensorFlow; see test_keras_on_numpy.

Run: KERAS_BACKEND=numpy python -m tests.judged_on_numpy STEM. Prints JSON: for each exercise a
status for the reference, for each style and for each form of each misconception.
"""

import json
import sys
from importlib import import_module

import numpy as np

from course_utils.grading import keras_on_numpy

keras_on_numpy.prepare()

from course_utils.exercises import assignment  # noqa: E402
from course_utils.exercises.judge import judge  # noqa: E402
from course_utils.exercises.trial import Trial  # noqa: E402

from .conftest import reference_answers  # noqa: E402


def styles_of(stem: str) -> dict:
    """Return right answers written in other ways: exercise -> style -> function."""
    if stem == "03_jazz_improvisation":
        return import_module("tests.test_jazz_answers").OTHERS
    return import_module(f"course_utils.authoring.styles.{stem.partition('_')[2]}").STYLES


def main(stem: str) -> None:
    """Judge all answers to one assignment."""
    styles = styles_of(stem)
    statuses = {}
    for exercise in assignment(stem).exercises:
        trial = Trial(exercise, np.random.default_rng(0))

        def status(function, trial=trial):
            return judge(trial, trial.observe(function)).status

        statuses[exercise.name] = {
            "right": {
                "reference": status(reference_answers(stem)[exercise.name]),
                **{name: status(answer) for name, answer in styles[exercise.name].items()},
            },
            "wrong": {
                f"{misconception.name} {i}": status(form)
                for misconception in exercise.misconceptions
                for i, form in enumerate(misconception.forms())
            },
        }
    assert "tensorflow" not in sys.modules
    json.dump(statuses, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
