"""Mutation testing: the answer keys, changed in one small place each, must all fail."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner

from course_utils.authoring import proving
from course_utils.authoring.answers import AnswerBook
from course_utils.authoring.mutants import mutants, shown
from course_utils.authoring.proving import mutant_problems, mutants_of, survivors_of, time_limit
from course_utils.cli import main
from course_utils.exercises import find
from course_utils.judging.drawn_cases import Trial
from tests.conftest import ROOT, every_exercise, every_network


@cache
def book(stem):
    return AnswerBook(ROOT, stem)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("at", every_exercise())
def test_every_change_of_the_answer_key_fails_unless_it_is_no_mistake(at, answers):
    name = at.exercise.name
    changed = list(mutants_of(book(at.stem), name))
    assert len(changed) > 30
    tried = changed if at.exercise.probe == "call" else changed[::3]  # networks take long
    _, passed = survivors_of(at.exercise, tried, answers(at.stem))
    untried = {each.change for each in changed} - {each.change for each in tried}
    assert mutant_problems(name, passed, untried) == []


@pytest.mark.minutes
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("at", every_network())
def test_every_change_of_a_network_fails(at, answers):
    name = at.exercise.name
    _, passed = survivors_of(at.exercise, mutants_of(book(at.stem), name), answers(at.stem))
    assert mutant_problems(name, passed) == []


def tried(*arguments):
    """Run `course try`; return its exit code and what it prints."""
    result = CliRunner().invoke(main, ["try", "--root", str(ROOT), *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_an_exercise_can_be_tried():
    code, output = tried("cosine_similarity")
    assert code == 0
    lines = output.splitlines()
    assert [line.partition(": ")[2] for line in lines] == ["no problems"] * 5
    words = ("record", "cases", "known mistakes", "right answers", "changes of the answer key")
    assert all(word in line for word, line in zip(words, lines, strict=True))


def test_what_is_wrong_with_an_exercise_ends_in_1(monkeypatch):
    monkeypatch.setattr(proving, "for_authors", lambda stem, table: {})
    code, output = tried("cosine_similarity")
    assert code == 1
    assert "3 changes passed" in output
    assert "return np.dot({u, v -> v, u}) / (np.linalg.norm(u) * np.linalg.norm(v))" in output


def test_an_exercise_without_a_cell_is_tried_without_it(monkeypatch):
    monkeypatch.setattr(proving.AnswerBook, "answers", lambda self: {})
    code, output = tried("cosine_similarity")
    assert code == 1
    assert output.endswith(
        'no cell of solutions/05_word_vectors.py has exercise="cosine_similarity"\n'
    )


def test_an_unknown_exercise_cannot_be_tried(tmp_path):
    assert tried("rnn_sideways") == (2, "error: no notebook has an exercise rnn_sideways\n")
    assert tried("cosine_similarity", "--root", str(tmp_path))[0] == 2


def test_a_judge_that_looks_at_shapes_only_lets_changes_pass(answers):
    whole, exercise = find("rnn_cell_forward")
    shapes = replace(exercise, criteria=exercise.criteria[:1])
    changed = mutants_of(book(whole.stem), exercise.name)
    assert len(survivors_of(shapes, changed, answers(whole.stem))[1]) > 10


def test_survivors_are_printed_ready_to_be_listed():
    assert mutant_problems("neutralize", []) == [
        "listed as no mistake, but refused or gone: e_B = np.dot({e, g -> g, e}) / np.dot(g, g) * g"
    ]
    listed = "e_B = np.dot({e, g -> g, e}) / np.dot(g, g) * g"
    (found,) = mutant_problems("neutralize", [listed, "a{ -> .T} @ b", "x = {1 -> 2}"])
    said, _, text = found.partition(":\n")
    assert said.startswith("2 changes passed")
    assert eval(f"{{{text}}}") == {
        "neutralize": {
            "the reason": "\n            a{ -> .T} @ b\n            x = {1 -> 2}\n        "
        }
    }


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("a = np.zeros(n_a)", "a = np.ones(n_a)", "a = np.{zeros -> ones}(n_a)"),
        ("norm(u)", "norm(-u)", "norm({ -> -}u)"),
        ("a[t] = b", "a[t] += b", "a[t] {= -> +=} b"),
        ("f(axis=1)", "f(axis=-1)", "f(axis={ -> -}1)"),
        ("x = 11", "x = 1", "x = {11 -> 1}"),
        ("f(a, a)", "f(a)", "f(a{, a -> })"),
        ("return a - b", "pass", "{return a - b -> pass}"),
        ("a / b", "a // b", "a {/ -> //} b"),
    ],
)
def test_a_change_is_shown_in_its_statement(before, after, change):
    assert shown(before, after) == change


ANSWER = """
def mean(u):
    n = len(u)
    ### BEGIN SOLUTION
    total = sum(u)
    return total / n
    ### END SOLUTION
"""


def test_only_the_answer_is_changed_and_each_change_made_once():
    changes = [change for change, _ in mutants(ANSWER)]
    assert len(set(changes)) == len(changes) > 10
    assert {"return total {/ -> *} n", "total = sum({ -> -}u)"} <= set(changes)
    assert not any("len" in change for change in changes)
    assert all("return" in change for change, _ in mutants(ANSWER, only="return"))


def test_a_mutant_that_never_ends_is_stopped():
    def endless(u, v):
        while True:
            pass

    drawn = Trial(find("cosine_similarity")[1], np.random.default_rng(0))
    with time_limit(0.1):
        seen = drawn.observe_case(endless, 0)
    assert seen["type"] == "TimeoutError"
