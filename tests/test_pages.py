"""The student's page and the class report: their content, and that data never becomes markup."""

from __future__ import annotations

import inspect
import json
import random
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.exercises import assignment, find
from course_utils.grading import report as report_package
from course_utils.grading.batch.grade_key import digest_of
from course_utils.grading.core.grade import Grade, from_json, to_json
from course_utils.grading.intake.fingerprints import fingerprint, fingerprints
from course_utils.grading.intake.notebook_file import read_notebook
from course_utils.grading.intake.submissions import find_submissions
from course_utils.grading.report.class_page import MOST, class_report
from course_utils.grading.report.histogram import histogram
from course_utils.grading.report.html import duration, link, percent
from course_utils.grading.report.identical import identical_answers, originals
from course_utils.grading.report.output import AtHand
from course_utils.grading.report.student_page import student_page
from course_utils.grading.report.tally import ClassTally, Handed
from course_utils.judging.result import CriterionResult, Difference, Result
from tests.conftest import ROOT

STEM = "01_rnn_step_by_step"
HOLD = "landlock, limits"


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    @property
    def text(self) -> str:
        """Return the text with its white space collapsed, without the style sheet."""
        return " ".join(" ".join(w for w in self.words if "{" not in w or "}" not in w).split())

    @property
    def links(self) -> list[str]:
        """List where the page's links lead."""
        return [attrs["href"] for _, attrs in self.elements if "href" in attrs]

    def shape(self) -> list[tuple]:
        """Return every element and attribute, but for `code` (made from backticks) and links."""
        return [
            (tag, {name: "" if name == "href" else value for name, value in attrs.items()})
            for tag, attrs in self.elements
            if tag != "code"
        ]


def result(exercise="rnn_cell_forward", points=10, of=10, **changes) -> Result:
    message = changes.pop("message", "" if points == of else "wrong")
    criteria = (CriterionResult("values", points, of, message),)
    status = "passed" if points == of else "failed"
    return replace(Result(exercise, status, criteria), **changes)


def grade(student="Ada", *results: Result, **changes) -> Grade:
    file = f"{student}/{STEM}.ipynb"
    return replace(
        Grade(student, STEM, file, "graded", results, 100, confinement=HOLD, seconds=2.0), **changes
    )


def report(grades, page_of=lambda g: f"students/{g.student}.html", **changes) -> Page:
    tally = ClassTally()
    for one in grades:
        tally.add(one, page_of(one))
    return Page(class_report(tally, **({"title": "Spring", "seed": 7} | changes)))


def of_everything(text: str) -> Grade:
    """Make a grade that holds `text` wherever a grade can hold text."""
    shown = Difference(text, text, text, text, (text,) * 3, (text,) * 3, (text,) * 3, 1)
    criteria = (CriterionResult(text, 0, 5, text), CriterionResult(text, 5, 5))
    said = {"misconceptions": ((text, text),), "note": text, "hints": (text, text)}
    results = [
        Result(f"{text}{i}", status, criteria, text, shown, carried=(text, text), **said)
        for i, status in enumerate(
            ("failed", "passed", "not attempted", "not defined", "could not run")
        )
    ]
    results.append(Result(f"{text}u", "failed", criteria, text, shown, note=text))  # unexplained
    prints = {r.exercise: f"{text}-300" for r in results}
    return Grade(
        text, text, text, "graded", tuple(results), 50, (text, text), text, 1.5, prints
    )  # fmt: skip


HOSTILE = [
    "<script>alert(1)</script>",
    "</title></style></script><img src=x onerror=alert(1)>",
    "\"><svg onload='alert(1)'>",
    "' onmouseover='alert(1)' x='",
    "`<b>`",
    "`x` onclick=`alert(1)`",
    "{{7*7}} {% raw %} {# x #} ${7*7}",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//elsewhere.example/x",
    "\\\\elsewhere\\x",
    "<!-- -->]]><![CDATA[ &lt;script&gt; &#60;script&#62; &",
    "\u202egnp.exe\u2066\u200f",
    "a\0b\x1b[31m\x7f\x85\r\n\t",
    "\ud800\udfff",
    "%3Cscript%3E%00",
    "\ufeff+ADw-script+AD4-",
    "x" * 9_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t[:20]))
def test_no_element_or_attribute_comes_from_data(text):
    backticks = "".join("`" if c == "`" else "x" for c in text[:50])
    for status in ("graded", text):
        bad = replace(of_everything(text), status=status)
        plain = replace(of_everything(backticks), status="graded" if status == "graded" else "x")
        assert Page(student_page(bad)).shape() == Page(student_page(plain)).shape()
        both = [
            report(
                [one, replace(one, student=one.student + "2")],
                title=one.student,
                seed=one.student,
                code_of=lambda handed, exercise: handed.student,
                page_of=lambda g: g.student,
            )
            for one in (bad, plain)
        ]
        assert both[0].shape() == both[1].shape()
        assert all(re.match(r"\./[\w.%/~-]+$|#[\w-]+$", path, re.A) for path in both[0].links)


@given(st.text())
def test_any_text_is_shown_as_text(text):
    html = student_page(of_everything(text))
    tags = {tag for tag, _ in Page(html).elements}
    assert not tags & {"script", "img", "svg", "iframe", "object", "form", "base", "link"}
    assert html.encode() and not re.search("[\0\x1b\u202e\ud800-\udfff]", html)


def test_a_criterion_that_was_not_reached_has_no_cross():
    criteria = (
        CriterionResult("shapes", 0, 5, "Not reached: it raised."),
        CriterionResult("values", 0, 5, "They are wrong."),
        CriterionResult("unmodified", 5, 5),
    )
    shown = Result("rnn_cell_forward", "failed", criteria, "It raised.")
    page = Page(student_page(grade("Ada", shown)))
    marks = [attrs["aria-label"] for _, attrs in page.elements if attrs.get("role") == "img"]
    assert marks == ["not reached", "failed", "passed"]
    assert "– shapes Not reached: it raised." in page.text


def test_template_syntax_is_not_evaluated_and_controls_are_shown():
    html = student_page(of_everything("{{7*7}}\u202e\0"))
    assert "{{7*7}}\\u202e\\x00" in html
    assert "49" not in Page(html).text


def test_backticks_become_code_after_escaping():
    html = student_page(grade("Ada", result(points=0, message="`<b>` and `a_next`")))
    assert "<code>&lt;b&gt;</code> and <code>a_next</code>" in html


@pytest.mark.parametrize("html", [
    student_page(of_everything("x")),
    class_report(ClassTally(), title="x", seed=None),
])  # fmt: skip
def test_a_page_needs_nothing_and_runs_nothing(html):
    policy = next(a["content"] for t, a in Page(html).elements if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "<html lang=" in html and "<h1>" in html
    assert not re.search(r"https?:|<script|<link|@import|url\(", html)


@pytest.mark.parametrize(
    "name",
    ["A B", "O'Brien", 'say "x"', "a#b", "a?b=1", "50%", "%41", "李 محمد", "a:b", "a\\b", "é"],
)
def test_links_lead_to_the_file_of_that_name(name):
    path = f"students/{name}.html"
    (href,) = report([grade(name, result(points=0, misconceptions=(("m", "s"),)))]).links[:1]
    assert href == link(path)
    assert re.fullmatch(r"[\w.%/~-]+", href, re.A)
    assert unquote(urljoin("file:///grades/report.html", href)) == f"file:///grades/{path}"


def test_links_to_names_that_are_not_utf8_keep_their_bytes():
    assert link("a\udcff.html") == "./a%FF.html"
    assert link("a\ud800.html") == "./a%3F.html"


def test_no_page_no_link():
    page = report([grade(notes=("a cell failed: x",))], page_of=lambda g: None)
    assert page.links == [] and "Ada" in page.text


STATUSES = {
    "passed": "✓", "failed": "✗", "not attempted": "○", "not defined": "?", "could not run": "!",
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_said_in_words_beside_its_mark(status):
    shown = result(points=0, status=status, summary="This is why.", message="This is why.")
    text = Page(student_page(grade("Ada", shown))).text
    assert f"{STATUSES[status]} {status} · 0 / 10 points" in text
    assert text.count("This is why.") == 1


@pytest.mark.parametrize("status", ["unreadable", "unknown assignment", "not run"])
def test_what_could_not_be_graded_says_why_and_no_more(status):
    none = grade("Ada", result(points=0), status=status, notes=("is no notebook: `{`",))
    page = Page(student_page(none))
    assert f"Not graded: {status} is no notebook: {{" in page.text
    assert "rnn_cell_forward" not in page.text


def test_an_unknown_assignment_is_called_by_its_stem():
    page = Page(student_page(grade(assignment="essay", status="unknown assignment", max_score=0)))
    assert "Ada essay Not graded: unknown assignment No reason was recorded." in page.text


def test_a_student_page_says_what_the_feedback_says(judged):
    exercise = assignment(STEM)["rnn_cell_forward"]
    mistake = exercise.misconceptions[0]
    found = judged(exercise, mistake.wrong)
    page = Page(student_page(from_json(to_json(grade("Ada", found, notes=("a cell failed: x",))))))
    plain = page.text.replace(" ", "")
    wanted = [assignment(STEM).title, mistake.sentence, found.difference.place, *exercise.hints]
    wanted += [text for c in found.criteria for text in (c.name, c.message)]
    wanted += [*found.difference.got, *found.difference.expected, "a cell failed: x", "Why:"]
    for text in wanted:
        assert text.replace("`", "").replace(" ", "") in plain
    assert f"{found.points} of 100 points" in page.text


@pytest.mark.parametrize(
    ("carried", "said"),
    [
        (("a",), "judged with a right a , so its mistake is charged once."),
        (("a", "b"), "judged with right a and b , so their mistakes are charged once."),
        (("a", "b", "c"), "judged with right a , b and c , so their mistakes are charged once."),
    ],
)
def test_a_carried_result_says_so(carried, said):
    page = Page(student_page(grade("Ada", result(carried=carried))))
    assert f"Carried forward: {said}" in page.text


SENTENCE = "Every step starts again from a0."


def small_class():
    wrong = result("rnn_forward", 4, misconceptions=(("a0 each step", SENTENCE),))
    right = result("rnn_forward")
    prints = {"rnn_forward": "same-3000"}
    yield grade("Ada", result(), wrong, fingerprints=prints, seconds=1)
    yield grade("Bob", result(points=5), wrong, fingerprints=prints, seconds=2)
    yield grade("Cleo", result(), replace(right, carried=("rnn_cell_forward",)), seconds=90)
    yield grade(
        "Dan", result(points=0, status="not attempted"), right, notes=("a cell failed: no",)
    )
    yield grade("Eve", status="unreadable", notes=("is no notebook",), seconds=0, confinement="")
    yield grade("Ada", status="unreadable", notes=("is no notebook",), seconds=0)


def test_a_report_adds_up():
    text = report(small_class()).text
    for said in (
        "Submissions 6 Students 5 Graded 4 Not graded 2",
        "unreadable : is no notebook 2 students Eve Ada",
        "Graded submissions 4 Mean 13.2 Median 12 Points to be had 100",
        "0 to 9 percent: 1; 10 to 19 percent: 2; 20 to 29 percent: 1.",
        "rnn_cell_forward 50% 62% 1 0 0",
        "rnn_forward 50% 70% 0 0 1",
        f"a0 each step in rnn_forward {SENTENCE} 2 students Ada Bob",
        "This is for a person to judge",
        "a cell failed: no 1 student Dan",
        "1 min 35 s in all, 1.5 s for the median submission. The slowest: Cleo : 1 min 30 s",
        "Cases drawn from seed 7 . Code held by: landlock, limits.",
    ):
        assert said in text, said
    assert "Warning" not in text


def gave(value, **changes) -> Result:
    """Make a wrong answer that no misconception explains, by the number it gave."""
    shown = Difference("a_next", "unit 0", "m=3", "example", ("0",), (value,), ("1.0",), 0)
    said = {"message": f"got {value}", "summary": f"got {value}", "difference": shown}
    return result(points=0, **(said | changes))


def test_wrong_answers_that_give_the_same_stand_together_with_a_specimen():
    error = "raised IndexError at line {}, `{}`: out of range"
    grades = [
        grade("Ada", gave("2.0")),
        grade("Bob", gave("2.0")),
        grade("Cleo", gave("3.0")),
        grade("Dan", result(points=0, message="m", summary=error.format(3, "x[i]"))),
        grade("Eve", result(points=0, message="m", summary=error.format(9, "y[j]"))),
        grade("Fay", gave("2.0", misconceptions=(("m", "Known."),))),
        grade("Gus", gave("2.0", carried=("rnn_forward",))),
        grade("Hal", result()),
    ]
    text = report(grades, code_of=lambda handed, exercise: f"def f(): # by {handed.student}").text
    begins = text.index("Wrong answers that match no known misconception")
    shown = text[begins : text.index("Identical answers")]
    for students in ("2 students Ada Bob", "2 students Dan Eve", "1 student Cleo"):
        assert shown.count(students) == 1
    assert shown.count("Specimen: Ada def f(): # by Ada") == 1
    assert not any(name in shown for name in ("Fay", "Gus", "Hal"))
    assert "not at hand any more: see Ada/" in report(grades).text


def test_a_specimen_s_code_is_that_which_was_graded(tmp_path):
    path = tmp_path / "ada" / f"{STEM}.ipynb"
    path.parent.mkdir()
    answer = "# mine\n@decorated\ndef rnn_cell_forward(xt):\n    return xt  # so\n"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": answer + "x = 1"}]}))
    (submission,) = find_submissions(tmp_path)
    code = AtHand([submission]).code
    handed = Handed("ada", None, submission.file, digest_of(submission.read()))
    assert code(handed, "rnn_cell_forward") == answer.removeprefix("# mine\n").rstrip("\n")
    assert code(handed, "rnn_forward") == ""
    assert code(handed._replace(digest="another"), "rnn_cell_forward") == ""
    assert code(handed._replace(student="bob"), "rnn_cell_forward") == ""


def test_each_assignment_has_a_section():
    other = replace(grade("Bob", result("neutralize")), assignment="05_word_vectors")
    page = report([grade("Ada", result()), other])
    ids = [attrs.get("id") for tag, attrs in page.elements if tag == "section"]
    assert ids[:2] == ["assignment-1", "assignment-2"]
    assert {"#assignment-1", "#assignment-2"} <= set(page.links)


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (("none", "none"), "some code ran without confinement"),
        ((HOLD, "limits"), "held in different ways: landlock, limits; limits"),
    ],
)
def test_weak_or_mixed_confinement_is_a_warning(levels, said):
    grades = [grade(name, confinement=level) for name, level in zip("AB", levels, strict=True)]
    assert said in report(grades).text


NAMES = assignment(STEM).names()


def answered(student, forms, right=(), size=400):
    """Make a grade whose answers have these forms, one an exercise; `right` are those that pass."""
    results = [result(n, points=10 if n in right else 0) for n in NAMES[: len(forms)]]
    prints = {n: f"{form}-{size}" for n, form in zip(NAMES, forms, strict=False)}
    return grade(student, *results, fingerprints=prints)


def alone(student, count=8):
    """Make forms that nobody else has."""
    return [f"{student} {n}" for n in range(count)]


def groups(grades, course=lambda stem: {}):
    """Return who is listed together: those with the same answers, and those with the course's."""
    tally = ClassTally()
    for one in grades:
        tally.add(one, None)
    found = identical_answers(tally.assignments[STEM], tally, course(STEM))
    return [
        {tuple(sorted(tally.names(group.numbers))) for group in some}
        for some in (found.groups, found.course)
    ]


def test_large_groups_are_listed():
    """Ten copies of one notebook and eight of a wrong one, in a class of twenty."""
    key, wrong = alone("key"), alone("wrong")
    grades = [answered(f"k{n}", key, NAMES) for n in range(10)]
    grades += [answered(f"w{n}", wrong, NAMES[:3]) for n in range(8)]
    grades += [answered("ada", alone("ada"), NAMES), answered("bob", alone("bob"))]
    found, _ = groups(grades)
    assert found == {
        tuple(sorted(f"k{n}" for n in range(10))), tuple(sorted(f"w{n}" for n in range(8)))
    }  # fmt: skip


@pytest.mark.parametrize("students", [3, 20, 200, 2000])
def test_a_pair_that_shares_all_long_answers_is_listed(students):
    same = alone("same")
    grades = [answered("ada", same, NAMES), answered("bob", same, NAMES)]
    grades += [answered(f"s{n}", alone(f"s{n}"), NAMES) for n in range(students - 2)]
    assert groups(grades)[0] == {("ada", "bob")}


def test_a_copy_with_one_answer_of_its_own_is_in_the_group():
    same = alone("same")
    grades = [answered("ada", same), answered("bob", same), answered("cy", [*same[:7], "own"])]
    grades += [answered(f"s{n}", alone(f"s{n}")) for n in range(30)]
    assert groups(grades)[0] == {("ada", "bob", "cy")}


@pytest.mark.parametrize(("share", "size"), [(1, 150), (0.9, 150), (0.5, 300), (0.3, 400)])
@pytest.mark.parametrize("students", [5, 40, 300])
@pytest.mark.parametrize("exercises", [1, 3, 8])
def test_answers_that_many_write_alike_by_themselves_are_not_listed(
    share, size, students, exercises
):
    """Each student takes one of a few usual forms for each exercise, or one of their own."""
    rng = random.Random(f"{share} {students} {exercises}")
    grades = []
    for n in range(students):
        forms = [
            "usual" if rng.random() < share else rng.choice(["second", "third", f"own {n}"])
            for _ in range(exercises)
        ]
        grades.append(answered(f"s{n}", forms, NAMES, size=size))
    assert groups(grades)[0] == set()


def test_long_answers_that_are_the_course_s_own_are_listed_whoever_else_has_them():
    course = {name: frozenset({f"key {n}-400"}) for n, name in enumerate(NAMES)}
    everyone = [answered(f"s{n}", alone("key"), NAMES) for n in range(6)]
    short = {name: frozenset({f"key {n}-100"}) for n, name in enumerate(NAMES)}
    two = answered("ada", [*alone("key")[:2], *alone("ada")[2:]], NAMES)
    found, own = groups([*everyone, two], lambda stem: course)
    assert own == {tuple(f"s{n}" for n in range(6))}
    brief = [answered(f"s{n}", alone("key"), NAMES, size=100) for n in range(6)]
    assert groups(brief, lambda stem: short)[1] == set()
    text = report([*everyone, two], course=lambda stem: course).text
    assert "Answers that are the course's own code" in text
    assert "6 students, 8 answers: " in text and "1 student with the same form" in text


def test_the_key_is_known_as_the_course_s_own():
    cells = read_notebook((ROOT / "solutions" / f"{STEM}.ipynb").read_bytes()).sources()
    prints = fingerprints(cells, NAMES)
    assert len(prints) == len(NAMES)
    found = originals(STEM)
    assert all(prints[name] in found[name] for name in NAMES)
    oracle = inspect.getsource(find("rnn_cell_forward")[1].oracle)
    assert fingerprint(oracle) in found["rnn_cell_forward"]


def test_one_student_s_two_notebooks_are_no_group():
    grades = [answered("Ada", alone("x")) for _ in range(2)]
    assert "2 students" not in report(grades).text


def test_a_large_class_streams_and_stays_short():
    seen = 0

    def many():
        nonlocal seen
        wrong = result(points=3, misconceptions=(("m", "s"),))
        for seen in range(1, 2001):  # noqa: B007
            notes = (f"a cell failed: {seen}",)
            yield grade(f"s{seen}", wrong, notes=notes, fingerprints={NAMES[0]: f"{seen // 2}-900"})

    tally = ClassTally()
    for one in many():
        tally.add(one, one.student)
    html = class_report(tally, title="x", seed=1)
    text = Page(html).text
    assert seen == 2000 and len(html) < 200_000
    assert "m in rnn_cell_forward s 2,000 students" in text
    assert f"and {2000 - MOST['people']:,} more" in text
    assert f"and {2000 - MOST['notes']:,} more" in text


def test_a_report_on_nothing():
    assert "There are no submissions." in report([]).text


def test_histogram_counts_every_share_once():
    shares = [i / 100 for i in range(101)]
    drawn = histogram(shares)
    assert [bar.count for bar in drawn.bars] == [10] * 9 + [11]
    assert histogram([]).lines[-1][0] == 1
    assert all(bar.y >= 16 - 1e-6 for bar in drawn.bars)


def test_numbers_are_written_for_people():
    assert [percent(x) for x in (0, 0.001, 0.5, 0.999, 1)] == ["0%", "1%", "50%", "99%", "100%"]
    assert [duration(x) for x in (0.34, 95, 7300)] == ["0.3 s", "1 min 35 s", "2 h 1 min"]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_is_readable_in_both_schemes(scheme):
    css = (Path(report_package.__file__).parent / "style.css").read_text("utf-8")
    colours = dict(re.findall(r"--(\w+): (#\w{6});", css.split(":root {")[1 + scheme]))
    for ground in ("page", "card"):
        for ink in ("ink", "soft", "link", "good", "bad", "warn"):
            a, b = sorted(luminance(colours[name]) for name in (ground, ink))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (ground, ink)
