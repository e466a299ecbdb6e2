"""Every exercise of every notebook: the right answers pass, each named mistake is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from course_utils import PACKAGE
from course_utils.authoring import records
from course_utils.authoring.proving import (
    KEY,
    SEEDS,
    case_problems,
    mistake_problems,
    right_answer_problems,
)
from course_utils.authoring.records import faults
from course_utils.exercises import assignment, find, for_authors, stems
from tests.conftest import every_exercise, every_network


def test_find_knows_every_exercise_and_no_other():
    assert find("rnn_forward")[1].name == "rnn_forward"
    with pytest.raises(KeyError):
        find("rnn_sideways")


@pytest.mark.parametrize("stem", stems())
def test_the_records_are_complete(stem):
    assert list(map(str, faults(stem))) == []


@pytest.mark.parametrize("at", every_exercise())
def test_the_cases_are_fresh_for_each_seed(at):
    assert case_problems(at.exercise) == []


@pytest.mark.parametrize("at", every_exercise())
def test_right_answers_pass(at, answers, trial):
    name = at.exercise.name
    right = {KEY: answers(at.stem)[name], **for_authors(at.stem, "STYLES").get(name, {})}
    assert right_answer_problems(at.exercise, right, trial) == []


@pytest.mark.parametrize("at", every_exercise())
def test_the_oracle_is_not_the_reference(at, answers):
    reference = answers(at.stem)[at.exercise.name]
    assert at.exercise.oracle is not reference
    assert at.exercise.oracle.__module__.startswith("course_utils.exercises.")


@pytest.mark.parametrize("at", every_exercise())
def test_known_mistakes_fail_and_are_named(at, trial):
    seeds = SEEDS if at.exercise.probe == "call" else SEEDS[:1]
    assert mistake_problems(at.exercise, trial, seeds) == []


@pytest.mark.minutes
@pytest.mark.parametrize("at", every_network())
def test_known_mistakes_of_networks_are_named_on_other_seeds(at, trial):
    assert mistake_problems(at.exercise, trial, SEEDS[1:]) == []


@pytest.mark.parametrize("at", every_exercise())
def test_a_stub_is_not_attempted_and_earns_nothing(at, judged):
    def stub(*args):
        raise NotImplementedError

    stub.__code__ = stub.__code__.replace(co_name=at.exercise.name)
    result = judged(at.exercise, stub)
    assert result.status == "not attempted"
    assert result.points == 0


@pytest.mark.parametrize("at", every_exercise())
@pytest.mark.parametrize(
    "answer",
    [lambda *args: None, lambda *args: 1 / 0, lambda *args: (), lambda *args: object(), lambda: 0],
    ids=["none", "raises", "empty", "opaque", "no arguments"],
)
def test_nonsense_fails_without_breaking_the_judge(at, answer, judged):
    result = judged(at.exercise, answer)
    assert result.status == "failed"
    assert result.points == 0
    assert result.summary


# a record that is not as it should be


def changed(monkeypatch, at, /, **changes):
    """Return what is wrong with the records if that of `at` is changed."""
    whole, exercise = find(at)
    others = [replace(e, **changes) if e is exercise else e for e in whole.exercises]
    monkeypatch.setattr(
        records, "assignment",
        lambda stem: replace(whole, exercises=tuple(others)) if stem == whole.stem
        else assignment(stem),
    )  # fmt: skip
    return list(map(str, faults(whole.stem)))


def line_of(text, path="neutralizing.py"):
    lines = (PACKAGE / "exercises" / "word_vectors" / path).read_text("utf-8").splitlines()
    return 1 + next(i for i, line in enumerate(lines) if text in line)


NEUTRALIZE = find("neutralize")[1]


@pytest.mark.parametrize(
    ("changes", "at", "words"),
    [
        ({"misconceptions": NEUTRALIZE.misconceptions[:3]}, "misconceptions=(", "only 3"),
        ({"misconceptions": NEUTRALIZE.misconceptions * 2}, "misconceptions=(", "'subtracted tw"),
        ({"hints": NEUTRALIZE.hints[:1]}, "hints=(", "1 hints: write 2 or 3"),
        ({"hints": ("Think.", *NEUTRALIZE.hints[:2])}, "hints=(", "few words"),
        ({"difficulty": 4}, "difficulty=", "write 1, 2 or 3"),
        ({"minutes": 40}, "minutes=", "40 minutes"),
        ({"needs": ("cosine",)}, "Exercise(", "needs cosine"),
        ({"oracle": print}, "oracle=", "stands in builtins"),
        ({"name": "equalize"}, "", "has this name"),
        ({"name": "neutralise"}, "", "no other right answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_fault_of_a_record_has_its_file_and_line(monkeypatch, changes, at, words):
    found, *_ = [f for f in changed(monkeypatch, "neutralize", **changes) if words in f]
    if at:
        place = "course_utils/exercises/word_vectors/neutralizing.py"
        assert found.startswith(f"{place}:{line_of(at)}: neutralize: ")


def test_points_that_do_not_total_100_are_a_fault(monkeypatch):
    more = replace(NEUTRALIZE.criteria[0], points=NEUTRALIZE.criteria[0].points + 1)
    (found,) = changed(monkeypatch, "neutralize", criteria=(more, *NEUTRALIZE.criteria[1:]))
    place = f"course_utils/exercises/word_vectors/__init__.py:{line_of('= Assig', '__init__.py')}"
    assert found.startswith(f"{place}: the exercises total 101 points, not 100: cosine_similarity")


def test_a_mistake_needs_a_sentence(monkeypatch):
    first = replace(NEUTRALIZE.misconceptions[0], sentence="Wrong.")
    (found,) = changed(
        monkeypatch, "neutralize", misconceptions=(first, *NEUTRALIZE.misconceptions[1:])
    )
    assert f"neutralizing.py:{line_of(first.name) - 1}: neutralize, {first.name!r}" in found


def test_what_fails_where_it_should_not_is_found(trial):
    wrong = {"its mistake": NEUTRALIZE.misconceptions[0].wrong}
    found = right_answer_problems(NEUTRALIZE, wrong, trial, seeds=[0])
    assert [problem.split(" fails on seed 0: ")[0] for problem in found] == [
        "its mistake", "its mistake, in float32",
    ]  # fmt: skip
    right = replace(NEUTRALIZE.misconceptions[0], wrong=NEUTRALIZE.oracle)
    found = mistake_problems(replace(NEUTRALIZE, misconceptions=(right,)), trial, seeds=[0])
    assert found[0] == f"{right.name!r}, form 0, on seed 0: passed"
    twice = replace(NEUTRALIZE.misconceptions[0], name="again")
    both = replace(NEUTRALIZE, misconceptions=(NEUTRALIZE.misconceptions[0], twice))
    assert "'again', form 0, on seed 0: named" in mistake_problems(both, trial, seeds=[0])[0]


def test_cases_that_do_not_come_from_the_seed_are_found():
    def fixed(rng):
        return NEUTRALIZE.cases(np.random.default_rng(0))

    drawn = iter(range(100))

    def unseeded(rng):
        return NEUTRALIZE.cases(np.random.default_rng(next(drawn)))

    assert "another seed" in case_problems(replace(NEUTRALIZE, cases=fixed))[0]
    assert "the same seed" in case_problems(replace(NEUTRALIZE, cases=unseeded))[0]
    odd = replace(NEUTRALIZE.criteria[0], tag="odd")
    assert "looks at no case" in case_problems(replace(NEUTRALIZE, criteria=(odd,)))[0]


def test_what_a_mistake_costs_is_a_criterion(monkeypatch):
    first = replace(NEUTRALIZE.misconceptions[0], costs="the length")
    (found,) = changed(
        monkeypatch, "neutralize", misconceptions=(first, *NEUTRALIZE.misconceptions[1:])
    )
    assert f"neutralizing.py:{line_of(first.name) - 1}: neutralize, {first.name!r}" in found
    assert found.endswith("no criterion 'the length'")
