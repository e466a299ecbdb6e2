"""Sentiment notebook: right answers written in other ways, and what is said of some wrong ones."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from course_utils.exercises.sentiment import ASSIGNMENT, oracle

pytest.importorskip("keras")
from course_utils.exercises.sentiment.styles import bilstm_sequential  # noqa: E402


def test_the_oracle_of_the_bidirectional_lstms_agrees_with_keras():
    model = bilstm_sequential(5, 9, 4, 3)
    inputs = np.array([[1, 8, 2, 3, 5], [0, 0, 0, 4, 7], [6, 1, 0, 0, 0], [2, 2, 2, 2, 0]])
    known = {"weights": model.get_weights(), "ends": {"known": [np.zeros(1)]}}
    expected = oracle.bilstm_classifier(5, 9, 4, 3, inputs=inputs, **known)
    parts = ("outputs", "outputs for padded reviews")
    joined = np.concatenate([expected[part] for part in parts])
    np.testing.assert_allclose(np.asarray(model(inputs)), joined, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("bilstm_classifier", lambda *args: [1, 2], "should return a Keras model, got 2 things"),
        ("build_vocabulary", lambda reviews, input_dim: ["the"], "got a list of 1"),
        ("embedding_matrix", lambda index, vectors: None, "got None"),
    ],
)
def test_what_is_returned_is_described(name, answer, said, judged):
    result = judged(ASSIGNMENT[name], answer)
    assert (result.status, result.points) == ("failed", 0)
    assert said in result.summary


def test_random_rows_are_recognised_whatever_the_numbers(judged):
    """They differ in every run, so what is compared is that they are not zeros."""

    def answer(index, vectors):
        matrix = np.random.default_rng().normal(size=(len(index) + 2, 1)) @ np.ones((1, 9))
        matrix = matrix[:, : len(next(iter(vectors.values())))]
        matrix[:2] = 0
        for word in index.keys() & vectors.keys():
            matrix[index[word]] = vectors[word]
        return matrix

    assert judged(ASSIGNMENT["embedding_matrix"], answer).misconceptions[0][0] == (
        "unknown rows filled"
    )


def test_records_never_import_keras():
    code = (
        "import sys, numpy as np\n"
        "from course_utils.exercises.sentiment import ASSIGNMENT\n"
        "from course_utils.judging.drawn_cases import Trial\n"
        "for e in ASSIGNMENT.exercises: Trial(e, np.random.default_rng(0)).expected\n"
        "print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
