"""Every exercise of every notebook: the right answers pass, each named mistake is named."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.exercises import assignment, find, stems
from course_utils.judging.drawn_cases import Trial
from tests.conftest import every_exercise

SEEDS = range(3)


@pytest.fixture(scope="module")
def mistaken():
    """Return a function that judges every form of every mistake of an exercise, once a seed."""
    found: dict = {}

    def results(exercise, judged, seed=0):
        if (exercise.name, seed) not in found:
            with np.errstate(all="ignore"):
                found[exercise.name, seed] = [
                    (misconception, judged(exercise, form, seed))
                    for misconception in exercise.misconceptions
                    for form in misconception.forms()
                ]
        return found[exercise.name, seed]

    return results


@pytest.mark.parametrize("stem", stems())
def test_an_assignment_is_worth_100_points(stem):
    assert assignment(stem).points == 100


def test_names_are_unique_in_the_course():
    names = [name for stem in stems() for name in assignment(stem).names()]
    assert len(names) == len(set(names))


def test_find_knows_every_exercise_and_no_other():
    assert find("rnn_forward")[1].name == "rnn_forward"
    with pytest.raises(KeyError):
        find("rnn_sideways")


@pytest.mark.parametrize("at", every_exercise())
def test_the_record_is_complete(at):
    exercise = at.exercise
    assert len(exercise.misconceptions) >= 4
    assert len({m.name for m in exercise.misconceptions}) == len(exercise.misconceptions)
    assert all(len(m.sentence) > 40 for m in exercise.misconceptions)
    assert 2 <= len(exercise.hints) <= 3
    assert all(len(hint) > 40 for hint in exercise.hints)
    assert 1 <= exercise.difficulty <= 3
    assert 5 <= exercise.minutes <= 25
    assert all(criterion.points > 0 for criterion in exercise.criteria)
    assert set(exercise.needs) <= set(assignment(at.stem).names())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("at", every_exercise())
def test_the_reference_passes(at, seed, answers, judged):
    result = judged(at.exercise, answers(at.stem)[at.exercise.name], seed)
    assert result.status == "passed", result.diagnosis
    assert result.points == result.max_points == at.exercise.points


@pytest.mark.parametrize("at", every_exercise())
def test_the_oracle_is_not_the_reference(at, answers):
    reference = answers(at.stem)[at.exercise.name]
    assert at.exercise.oracle is not reference
    assert at.exercise.oracle.__module__.startswith("course_utils.exercises.")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("at", every_exercise())
def test_every_misconception_fails_and_is_named_first(at, seed, judged, mistaken):
    for misconception, result in mistaken(at.exercise, judged, seed):
        assert result.status == "failed", misconception.name
        assert result.points < at.exercise.points
        assert result.misconceptions[0][0] == misconception.name
        assert misconception.sentence in result.diagnosis


@pytest.mark.parametrize("at", every_exercise())
def test_every_criterion_is_lost_by_some_wrong_answer(at, judged, mistaken):
    results = [result for _, result in mistaken(at.exercise, judged)]
    results.append(judged(at.exercise, lambda *args: None))
    lost = {c.name for result in results for c in result.criteria if not c.passed}
    assert lost == {c.name for c in at.exercise.criteria}


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


@pytest.mark.parametrize("at", every_exercise())
def test_cases_are_fresh_for_each_seed_and_equal_for_the_same(at):
    def draw(seed):
        trial = Trial(at.exercise, np.random.default_rng(seed))
        return repr(
            [
                (case.args, case.after, want)
                for case, want in zip(trial.cases, trial.expected, strict=True)
            ]
        )

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
