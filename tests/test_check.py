"""`check` in a terminal and in a notebook."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import course_utils.check as check_module
from course_utils.check import CheckerFault, CheckFailed, case, check, hint, score
from course_utils.exercises import find
from course_utils.exercises.rnn_step_by_step.rnn_forward import rnn_cell, rnn_sequence
from course_utils.judging.panel import Extras, to_html, to_text
from course_utils.judging.result import NOT_REACHED, CriterionResult, Difference, Result
from course_utils.session import attempts, results


@pytest.fixture(autouse=True)
def fresh_session(monkeypatch):
    monkeypatch.setattr(results, "_here", {})
    monkeypatch.setattr(check_module, "_checked", set())
    for memory in ("_failed", "_hints", "_opened", "_last"):
        monkeypatch.setattr(attempts, memory, type(getattr(attempts, memory))())


def rnn_cell_forward(xt, a_prev, parameters):
    return rnn_cell(xt, a_prev, parameters)


def rnn_forward(x, a0, parameters):
    return rnn_sequence(x, a0, parameters, handed_on=())


def test_a_right_answer_passes_and_counts(capsys):
    check(rnn_cell_forward)
    said = capsys.readouterr().out
    assert "rnn_cell_forward: passed — 10/10 points" in said
    assert "Score so far: 10 / 100 points, 1 of 8 exercises passed" in said
    assert "FAIL" not in said


def test_a_wrong_answer_names_what_where_and_why(capsys):
    with pytest.raises(CheckFailed, match=r"rnn_forward failed, \d/10 points"):
        check(rnn_forward)
    said = capsys.readouterr().out
    assert "FAIL a, the hidden state of every step (0/3)" in said
    assert "ok   works for a sequence of one step (1/1)" in said
    assert "every step is given the same one" in said
    assert "time step 1" in said
    assert "got" in said and "expected" in said
    assert "Hint 1 of 3" in said


def test_a_hint_counts_when_it_is_opened(capsys):
    for _ in range(2):
        with pytest.raises(CheckFailed):
            check(rnn_forward)
        assert "Hint 1 of 3" in capsys.readouterr().out
    for rung in (1, 2, 3, 3):
        hint(rnn_forward)
        said = capsys.readouterr().out
        assert said.startswith(f"Hint {rung} of 3 for rnn_forward: ")
        assert ("last hint. The answer key is solutions/01_rnn_step_by_step.ipynb" in said) == (
            rung == 3
        )


def test_hint_without_a_function_is_about_the_last_check(capsys):
    hint()
    assert "Say which exercise: hint(rnn_cell_forward)" in capsys.readouterr().out
    with pytest.raises(CheckFailed):
        check(rnn_forward)
    capsys.readouterr()
    hint()
    hint("lstm_forward")
    hint("no_such_exercise")
    first, second, third = capsys.readouterr().out.splitlines()
    assert "for rnn_forward" in first and "for lstm_forward" in second
    assert "Say which exercise" in third


def test_the_case_that_failed_can_be_had_and_is_tried_first(capsys):
    with pytest.raises(CheckFailed, match="has failed on a case"):
        case(rnn_forward)
    with pytest.raises(CheckFailed):
        check(rnn_forward)
    assert "rnn_forward(**case(rnn_forward))" in capsys.readouterr().out
    arguments = case(rnn_forward)
    assert list(arguments) == ["x", "a0", "parameters"]
    exercise = find("rnn_forward")[1]
    first = next(iter(attempts.trials(exercise)))
    number = attempts._failed["rnn_forward"][1]
    assert np.array_equal(first.cases[number].args["x"], arguments["x"])
    wanted, got = exercise.oracle(**arguments), rnn_forward(**arguments)
    assert not np.allclose(wanted[0], got[0])


def test_in_a_notebook_a_hint_opens_inside_the_one_before():
    page = to_html(RESULT, Extras(hint="one", hint_label="A", more_hints=(("B", "two"),)))
    assert (
        page.index("A</summary>") < page.index("B</summary>") < page.index("</details></details>")
    )


def test_what_is_charged_elsewhere_or_counts_later_says_so():
    met = CriterionResult("a", 2, 2, elsewhere=True)
    later = CriterionResult("b", 0, 1, "This holds, which counts once some value is right.")
    result = Result("f", "failed", (met, later), summary="`a` is wrong.")
    text, html = to_text(result), to_html(result)
    assert "ok   a (2/2, charged elsewhere)" in text
    assert "--   b (0/1, counts once some value is right)" in text
    assert "✗</span>" not in html
    assert "2/2, charged elsewhere" in html


def test_what_was_not_reached_is_no_cross():
    result = Result("f", "failed", (CriterionResult("c", 0, 3, f"{NOT_REACHED}it stopped."),), "s")
    assert "--   c (0/3, not reached)" in to_text(result)
    assert "✗" not in to_html(result).partition("</b>")[2]


def test_a_stub_whose_given_lines_answer_a_case_is_not_attempted():
    def cosine_similarity(u, v):
        if not (np.any(u) and np.any(v)):
            return 0.0
        raise NotImplementedError("write cosine_similarity")

    with pytest.raises(CheckFailed, match="not attempted, 0/16"):
        check(cosine_similarity)


def test_without_a_function_check_says_what_to_pass():
    with pytest.raises(CheckFailed, match=r"pass the function itself.*check\(rnn_cell_forward\)"):
        check()


def test_a_stub_is_not_attempted(capsys):
    def rnn_cell_forward(xt, a_prev, parameters):
        raise NotImplementedError

    with pytest.raises(CheckFailed, match="not attempted, 0/10"):
        check(rnn_cell_forward)
    assert "not attempted yet" in capsys.readouterr().out


def test_an_unwritten_helper_is_named(capsys):
    def rnn_cell_forward(xt, a_prev, parameters):
        raise NotImplementedError

    def rnn_forward(x, a0, parameters):
        return rnn_cell_forward(x[:, :, 0], a0, parameters)

    with pytest.raises(CheckFailed):
        check(rnn_forward)
    assert "calls `rnn_cell_forward`, which is not written yet" in capsys.readouterr().out


def test_a_failed_helper_is_pointed_out(capsys):
    def rnn_cell_forward(xt, a_prev, parameters):
        return None

    for fn in (rnn_cell_forward, rnn_forward):
        with pytest.raises(CheckFailed):
            check(fn)
    assert "builds on `rnn_cell_forward`" in capsys.readouterr().out


def test_an_error_in_the_answer_is_told_with_its_line(capsys):
    def rnn_cell_forward(xt, a_prev, parameters):
        return xt @ parameters["Wax"] + a_prev  # the line that fails

    with pytest.raises(CheckFailed):
        check(rnn_cell_forward)
    said = capsys.readouterr().out
    assert "raised ValueError at line" in said
    assert "the line that fails" in said


def test_a_crash_of_the_checker_never_blames_the_learner(monkeypatch, capsys):
    def broken(*args):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(attempts, "shown", broken)
    with pytest.raises(CheckerFault, match="fault of the course, not of your answer"):
        check(rnn_cell_forward)
    assert "rnn_cell_forward" not in results.recall()


@pytest.mark.parametrize(
    ("argument", "advice"),
    [
        ("rnn_cell_forward", r"check\(rnn_cell_forward\)"),
        ((1, 2), "pass the function itself"),
        (lambda: 0, "there is no exercise called <lambda>"),
        (None, "pass the function itself"),
    ],
)
def test_the_wrong_thing_to_check_is_explained(argument, advice):
    with pytest.raises(CheckFailed, match=advice):
        check(argument)


def test_a_misspelt_name_gets_a_suggestion():
    def rnn_cel_forward():
        return 0

    with pytest.raises(CheckFailed, match="Did you mean rnn_cell_forward"):
        check(rnn_cel_forward)


def test_the_error_is_rendered_without_a_stack():
    assert CheckFailed("short")._render_traceback_() == ["CheckFailed: short"]


def test_score_lists_every_exercise(capsys):
    score()
    assert "Nothing checked yet" in capsys.readouterr().out
    check(rnn_cell_forward)
    capsys.readouterr()
    score()
    said = capsys.readouterr().out
    assert "10 / 10  rnn_cell_forward (passed)" in said
    assert "0 / 13  lstm_backward (not checked)" in said


RESULT = Result(
    "f<script>",
    "failed",
    (CriterionResult("c<b>", 0, 3, "m<i>"), CriterionResult("fine", 2, 2)),
    "`x` is <img src=x onerror=alert(1)>",
    Difference(
        "p<u>", "row <1>", "case <2>", "along<3>", ("<0>", "1"), ("<a>", "b"), ("c", "d"), 0
    ),
    (("name", "because <s>"),),
    "note <t>",
)


def test_everything_shown_is_escaped():
    page = to_html(RESULT, Extras("score <y>", "hint <z>", "label <w>", "first <v>"))
    for letter in "bisuvwyzt":
        assert f"<{letter}>" not in page.replace("<b>✗", "").replace("<b>Why:</b>", "")
    assert "<script>" not in page and "<img" not in page
    assert "&lt;script&gt;" in page and "<code>x</code>" in page


def test_the_panel_has_no_fixed_background_and_uses_the_theme():
    page = to_html(RESULT)
    assert "var(--jp-ui-font-color1" in page
    assert "background" not in page


def test_text_marks_the_first_difference():
    said = to_text(RESULT)
    lines = said.splitlines()
    expected = next(i for i, line in enumerate(lines) if line.strip().startswith("expected"))
    assert lines[expected + 1].strip() == "^^^"
    assert lines[expected - 1].split() == ["got", "<a>", "b"]
    assert "FAIL c<b> (0/3)" in said and "ok   fine (2/2)" in said


@pytest.mark.slow
def test_a_numpy_check_imports_neither_tensorflow_nor_plotting():
    code = """
import sys
from course_utils.check import check, CheckFailed
from course_utils.exercises.rnn_step_by_step.rnn_forward import rnn_cell
def rnn_cell_forward(xt, a_prev, parameters): return rnn_cell(xt, a_prev, parameters)
check(rnn_cell_forward)
heavy = {"tensorflow", "keras", "pandas", "music21", "matplotlib", "nbformat"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_how_numpy_takes_errors_is_the_checks_own_affair(answers, capsys):
    with np.errstate(all="raise"):  # the checks' own softmax underflows
        check(answers("10_attention")["attention_backward"])
        assert np.geterr()["under"] == "raise"
    assert "16/16" in capsys.readouterr().out
