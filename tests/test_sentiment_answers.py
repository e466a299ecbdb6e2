"""Sentiment notebook: right answers written in other ways, and what is said of some wrong ones."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from course_utils.exercises.sentiment import ASSIGNMENT, oracle
from course_utils.sentiment_utils import words_of

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


def _cut_by_padding(reviews, index, maxlen, padding, truncating):
    end = "pre" if padding == "post" else "post"  # as every other case has it
    return oracle.encode_reviews(reviews, index, maxlen, padding, end)["indices"]


def _known_first(reviews, index, maxlen, padding, truncating):
    said = [words_of(review) for review in reviews]
    kept = [[w for w in words if w in index or len(words) <= maxlen] for words in said]
    shorter = [" ".join(words) for words in kept]
    return oracle.encode_reviews(shorter, index, maxlen, padding, truncating)["indices"]


def _counted_inside(reviews, input_dim):
    text = " ".join(w for review in reviews for w in words_of(review))
    ranked = sorted({*text.split()}, key=lambda w: (-text.count(w), w))
    return {w: n for n, w in enumerate(ranked[: input_dim - 2], 2)}


def _prefixes_last(reviews, input_dim):
    counts = Counter(w for review in reviews for w in words_of(review))
    ranked = sorted(counts, key=lambda w: (counts[w], [-ord(c) for c in w]), reverse=True)
    return {w: n for n, w in enumerate(ranked[: input_dim - 2], 2)}


def _size_of_the_first(index, vectors):
    matrix = np.zeros((len(index) + 2, len(vectors[next(iter(index))])))
    for word in index.keys() & vectors.keys():
        matrix[index[word]] = vectors[word]
    return matrix


@pytest.mark.parametrize(
    ("name", "wrong", "criterion"),
    [
        ("build_vocabulary", _counted_inside, "every time a word is said counts"),
        ("build_vocabulary", _prefixes_last, "equally frequent words in alphabetical order"),
        ("encode_reviews", _cut_by_padding, "truncating='pre': the last maxlen words stay"),
        ("encode_reviews", _known_first, "unknown words are 1"),
        ("embedding_matrix", _size_of_the_first, "zeros for words without a vector"),
    ],
)
def test_a_slip_that_few_reviews_show_costs_what_it_is_about(name, wrong, criterion, judged):
    for seed in range(4):
        result = judged(ASSIGNMENT[name], wrong, seed)
        assert [each.name for each in result.criteria if not each.passed] == [criterion]


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
