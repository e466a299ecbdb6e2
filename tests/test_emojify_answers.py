"""Emojify notebook: right answers written in other ways, and what is said of some wrong ones."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from course_utils.exercises.emojify import ASSIGNMENT, oracle
from course_utils.exercises.emojify.cases import numbered, vocabulary

pytest.importorskip("keras")
from course_utils.exercises.emojify.styles import masked  # noqa: E402


def test_the_oracle_of_the_two_lstms_agrees_with_keras():
    rng = np.random.default_rng(0)
    words = vocabulary(rng, 8, 4)
    index = numbered(rng, words)
    model = masked((5,), words, index)
    inputs = rng.integers(1, 9, (3, 5))
    weights = [np.asarray(w) for w in model.get_weights() if w.shape != (9, 4)]
    ends = {"known": [np.zeros(5)]}
    args = (5,), words, index
    expected = oracle.emojify_v2(*args, inputs=inputs, weights=weights, ends=ends)["outputs"]
    np.testing.assert_allclose(np.asarray(model(inputs)), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("Emojify_V2", lambda *args: [1, 2], "should return a Keras model, got 2 things in a list"),
        ("pretrained_embedding_layer", lambda *args: np.ones(3), "should return a Keras layer"),
        ("model", lambda X, Y, *rest: (Y, Y), "(pred, W, b), got 2"),
    ],
)
def test_what_is_returned_is_described(name, answer, said, judged):
    assert said in judged(ASSIGNMENT[name], answer).summary


def _average(sentence, words, *, split=lambda text: text.lower().split(), counts=lambda v: True):
    found = [words[w] for w in split(sentence) if w in words and counts(words[w])]
    return np.mean(found, axis=0) if found else np.zeros(len(next(iter(words.values()))))


def _without_marks(text):
    return [w.strip(".,!?") for w in text.lower().split()]


def _at_blanks_and_tabs(text):
    return text.lower().replace("\t", " ").split(" ")


@pytest.mark.parametrize(
    ("changes", "criterion"),
    [
        ({}, None),
        ({"split": _at_blanks_and_tabs}, "words are separated by any white space"),
        ({"split": _without_marks}, "words are separated by any white space"),
        (
            {"split": lambda text: [w for w in text.lower().split() if len(w) > 1]},
            "words are separated by any white space",
        ),
        ({"counts": np.any}, "unknown words are left out"),
    ],
)
def test_what_a_word_is_costs_what_it_is_about(changes, criterion, judged):
    for seed in range(3):
        result = judged(
            ASSIGNMENT["sentence_to_avg"], lambda *args: _average(*args, **changes), seed
        )
        lost = [each.name for each in result.criteria if not each.passed]
        assert lost == ([criterion] if criterion else [])


def test_the_logarithm_of_a_product_underflows(judged):
    def product(A, Y):
        with np.errstate(divide="ignore"):
            return -np.log(np.prod(A[np.arange(len(Y)), Y])) / len(Y)

    result = judged(ASSIGNMENT["cross_entropy"], product)
    assert [each.name for each in result.criteria if not each.passed] == ["hundreds of examples"]


def test_records_never_import_keras():
    code = (
        "import sys, numpy as np\n"
        "from course_utils.exercises.emojify import ASSIGNMENT\n"
        "from course_utils.judging.drawn_cases import Trial\n"
        "for e in ASSIGNMENT.exercises: Trial(e, np.random.default_rng(0)).expected\n"
        "print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
