"""Image RNN notebook: right answers written in other ways, and what is said of some wrong ones."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from course_utils.exercises.image_rnn import ASSIGNMENT, cases, networks, oracle
from course_utils.judging.drawn_cases import Trial
from course_utils.results import stored

pytest.importorskip("keras")


def test_a_shape_that_fits_no_block_is_rounded_down():
    """The oracle agrees with Keras where the pooling leaves a border out."""
    shape, rng = (9, 15, 2), np.random.default_rng(0)
    weights = cases.then_weights(rng, shape)
    inputs = rng.uniform(size=(1, *shape)).astype("float32")
    known = {"weights": weights, "pools": (cases.POOL,), "ends": {"known": [np.zeros(10)]}}
    expected = oracle.cnn_then_rnn(shape, inputs=inputs, **known)
    model = networks.then(shape)
    for weight, value in zip(_in_order(model), weights, strict=False):
        weight.assign(value)
    np.testing.assert_allclose(np.asarray(model(inputs)), expected["outputs"], rtol=1e-4)
    np.testing.assert_allclose(expected["outputs"].sum(axis=1), 1)


def _in_order(model):
    """List the weights as the oracle takes them: what is not trained after what is, by layer."""
    return [weight for layer in model.layers for weight in layer.weights]


def test_the_cases_never_have_square_images():
    for seed in range(6):
        for exercise in ASSIGNMENT.exercises[2:]:
            for case in Trial(exercise, np.random.default_rng(seed)).cases:
                H, W, _ = case.args["input_shape"]
                assert H != W and len(case.after["inputs"]) > 1


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("cnn_then_rnn", lambda shape: [1, 2], "should return a Keras model, got 2 things"),
        ("rows_as_steps", lambda images, reading: None, "got None"),
        ("prepare_images", lambda images, labels, classes: images, "(X, Y)"),
    ],
)
def test_what_is_returned_is_described(name, answer, said, judged):
    assert said in judged(ASSIGNMENT[name], answer).summary


def test_torn_columns_keep_the_points_for_the_other_readings(judged):
    exercise = ASSIGNMENT["rows_as_steps"]
    (torn,) = (m for m in exercise.misconceptions if m.name == "columns by reshape alone")
    result = judged(exercise, torn.wrong)
    lost = [c.name for c in result.criteria if not c.passed]
    assert lost == ["each step is a column of the image"]


def test_the_last_class_and_images_of_0_and_1_cost_what_they_are_about(judged):
    exercise = ASSIGNMENT["prepare_images"]

    def no_last_class(images, labels, classes):
        return images / 255, (labels == np.arange(classes)) * (np.arange(classes) < classes - 1)

    def scaled_if_bright(images, labels, classes):
        return images / (255 if images.max() > 1 else 1), np.eye(classes)[labels[:, 0]]

    for answer, about in ((no_last_class, "Y: a one"), (scaled_if_bright, "X from 0 to 1")):
        lost = [c.name for c in judged(exercise, answer).criteria if not c.passed]
        assert len(lost) == 1 and lost[0].startswith(about)


def test_the_second_pooling_leaves_out_what_fills_no_block():
    for seed in range(4):
        (case,) = ASSIGNMENT["cnn_beside_rnn"].cases(np.random.default_rng(seed))
        height, width = (length // cases.POOL for length in case.args["input_shape"][:2])
        assert (height % 2 or width % 2) and min(height, width) // 2 > 1


def test_records_never_import_keras():
    code = (
        "import sys, numpy as np\n"
        "from course_utils.exercises.image_rnn import ASSIGNMENT\n"
        "from course_utils.judging.drawn_cases import Trial\n"
        "for e in ASSIGNMENT.exercises: Trial(e, np.random.default_rng(0)).expected\n"
        "print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_what_the_notebook_says_of_its_record_holds():
    found = stored("image_tiles")["numbers"]
    short, rows, columns, convolution = (run["test"] for run in found.values())
    assert min(rows) > max(short) + 0.1
    assert min(convolution) > max(rows + columns) + 0.1
    assert min(columns) <= max(rows)  # their ranges overlap
