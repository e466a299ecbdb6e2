"""The learner's path in JupyterLab, walked by a browser: begin, answer, check, understand, play."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path

import pytest

from course_utils.session import results

pytest.importorskip("playwright", reason="needs playwright: make browser installs it")
from playwright.sync_api import Locator, expect  # noqa: E402

from .browser import (  # noqa: E402
    CHROMIUM,
    PATIENCE,
    Notebook,
    chromium,
    illegible,
    is_cut_off,
    notebook_of,
    serve,
    violations,
)  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium on the PATH"),
]

STEM = "01_rnn_step_by_step"
RIGHT = "a_next = np.tanh(Wax @ xt + Waa @ a_prev + ba)"
WRONG = "a_next = np.tanh(Wax @ xt) + np.tanh(Waa @ a_prev) + np.tanh(ba)"
SLIP = "a_next = np.tanh(Wax @ xt + Waa @ a_prev ** 2 + ba)"
PREDICTION = "yt_pred = softmax(Wya @ a_next + by)"
minutes = pytest.mark.minutes  # left to `make browser`: `make test` walks the short path only
THEMES = pytest.mark.parametrize("theme", ["Light", pytest.param("Dark", marks=minutes)])
MUSIC = """
from course_utils.music_utils import load_corpus
from course_utils.plots.music_widget import explore
tunes = load_corpus()
explore(lambda temperature, seed: tunes[(seed + round(10 * temperature)) % len(tunes)])
"""
FIGURE = """
import matplotlib.pyplot as plt
from course_utils.plots import use_course_style
use_course_style()
plt.plot([1, 2], label="a line")
plt.gca().set(xlabel="input", ylabel="state")
plt.show()
"""
SENTENCES = """
from course_utils.plots.emoji_widget import try_sentences
try_sentences({"by length": lambda s: len(s) % 5, "always": lambda s: 2}, {"a", "ball"}, "a ball")
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("lab")) as served:
        yield served


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def page(lab, browser):
    (lab.work.folder / results.FILE).unlink(missing_ok=True)
    shutil.rmtree(lab.settings.with_name("workspaces"), ignore_errors=True)  # no tabs of before
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield context.new_page()
    context.close()


@pytest.fixture
def notebook(lab, page):
    """Return a function that opens a fresh copy of the RNN notebook, or a given one, in a theme."""

    def open_notebook(theme: str = "Light", path: Path | None = None) -> Notebook:
        if path is None:
            path = lab.work.folder / f"{secrets.token_hex(4)}.ipynb"
            shutil.copyfile(lab.work.folder / f"{STEM}.ipynb", path)
        return Notebook(lab, page, path, theme)

    return open_notebook


def assert_good_to_read(shown: Locator) -> None:
    assert illegible(shown) == []
    assert not is_cut_off(shown)
    assert violations(shown) == []


def answer(opened: Notebook, *lines: str) -> tuple[int, int]:
    """Run the set-up, type an answer into the first exercise and run it; return its cells."""
    written, checked = opened.index("rnn_cell_forward"), opened.index("check_rnn_cell_forward")
    opened.run(next(i for i, node in enumerate(opened.nodes) if node["cell_type"] == "code"))
    opened.replace(written, "# YOUR CODE HERE", 2, *lines)
    opened.run(written)
    return written, checked


@THEMES
def test_it_opens_at_a_start_page_that_leads_into_the_notebooks(lab, page, theme):
    lab.theme(theme)
    page.set_default_timeout(PATIENCE)
    page.goto(lab.address.format("?"))  # as `make lab` opens it
    start = page.locator(".jp-Notebook")
    expect(start.locator("h1")).to_contain_text("Sequence models, by building them")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")
    for shown in start.locator(".jp-RenderedMarkdown").all():
        shown.scroll_into_view_if_needed()
        assert_good_to_read(shown)
    page.set_viewport_size({"width": 700, "height": 1000})
    assert not is_cut_off(start.locator(".jp-RenderedMarkdown", has=page.locator("table")).first)
    assert page.locator(".Toastify__toast").count() == 0  # no news
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.keyboard.press("Control+Shift+L")
    launcher = page.locator(".jp-Launcher")
    expect(launcher.locator(".jp-LauncherCard").first).to_be_visible()
    expect(launcher).not_to_contain_text(re.compile("Jupytext|MyST|R Markdown"))
    expect(page.get_by_role("menuitem", name="Nbgrader")).to_have_count(0)
    page.locator(".lm-TabBar-tab", has_text="00_start").click()
    start.locator("table").get_by_role("link", name="Word vectors").click()
    expect(page.locator(".jp-Notebook h1", has_text="Word vectors")).to_be_visible()


@THEMES
def test_an_answer_is_checked_and_a_mistake_explained(notebook, theme):
    opened = notebook(theme)
    written, checked = answer(opened, RIGHT, PREDICTION)
    cell = opened.run(checked)
    panel = cell.locator(".jp-RenderedHTML")
    expect(panel).to_contain_text("rnn_cell_forward: passed — 10/10 points")
    expect(panel).to_contain_text("Checked: your answer as run in [2].")
    expect(panel).to_contain_text("Score so far: 10 / 100 points, 1 of 8 exercises passed")
    expect(cell.locator(".jp-OutputArea-output")).to_have_count(1)
    assert_good_to_read(panel)

    opened.replace(written, "a_next = np.tanh", 1, WRONG)
    opened.run(written)
    cell = opened.run(checked)
    expect(panel).to_contain_text("rnn_cell_forward: not right yet")
    expect(panel).to_contain_text("Why: You squash")
    panel.locator("summary", has_text="Hint 1 of 3").click()
    expect(panel.get_by_text("Two quantities meet inside one tanh")).to_be_visible()
    assert_good_to_read(panel)
    opened.page.set_viewport_size({"width": 640, "height": 1000})
    assert not is_cut_off(panel)
    expect(cell.locator(".jp-OutputArea-output")).to_have_count(2)

    opened.replace(written, "a_next = np.tanh", 1, SLIP)
    opened.run(written)
    cell = opened.run(checked)
    expect(panel).to_contain_text("Look at a_prev ** 2: is all of this needed?")
    assert_good_to_read(panel)
    expect(cell.locator(".jp-OutputArea-output").nth(1)).to_have_text(
        re.compile(r"^CheckFailed: rnn_cell_forward failed, \d+/10 points \(see the panel above\)$")
    )


@minutes
def test_a_check_never_passes_for_what_the_cell_no_longer_says(notebook):
    opened = notebook()
    written, checked = answer(opened, RIGHT, PREDICTION)
    expect(opened.run(checked)).to_contain_text("rnn_cell_forward: passed")

    opened.replace(written, "a_next = np.tanh", 1, WRONG)  # not run, but saved by itself
    expect(opened.page.locator(".jp-mod-current .jp-mod-dirty")).to_have_count(0)
    expect(opened.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    cell = opened.run(checked)
    expect(cell).to_contain_text("its cell has been changed since it ran in [2]")
    expect(cell).not_to_contain_text("passed")

    opened.replace(written, "a_next = np.tanh", 1, RIGHT + ")")
    opened.run(written)
    cell = opened.run(checked)
    expect(cell).to_contain_text("Python could not read its cell: SyntaxError: unmatched ')'")
    expect(cell).not_to_contain_text("passed")

    opened.replace(written, "a_next = np.tanh", 1, RIGHT)
    opened.run(written)
    expect(opened.run(checked)).to_contain_text("rnn_cell_forward: passed")


@minutes
def test_after_a_restart_it_says_what_to_run_first_and_the_points_are_there(notebook):
    opened = notebook()
    written, checked = answer(opened, RIGHT, PREDICTION)
    expect(opened.run(checked)).to_contain_text("passed")
    opened.menu("Kernel", "Restart Kernel…")
    opened.page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(opened.page.locator("#jp-main-statusbar")).to_contain_text("| Idle")
    cell = opened.cells.nth(checked)
    opened.run(checked)
    expect(cell).to_contain_text(
        "`check` is not defined yet: run the cell that begins `import matplotlib"
    )
    opened.run(next(i for i, node in enumerate(opened.nodes) if node["cell_type"] == "code"))
    opened.run(checked)
    expect(cell).to_contain_text("`rnn_cell_forward` is not defined yet: run its cell first.")
    expect(cell.locator(".jp-OutputArea-output")).to_have_count(1)
    last = opened.run(len(opened.nodes) - 2)  # before the link to the next notebook
    expect(last).to_contain_text(f"10 / 100 {STEM}")


@minutes
def test_run_all_of_an_untouched_notebook_reaches_its_end(notebook):
    opened = notebook()
    opened.menu("Run", "Run All Cells$")
    code = [i for i, node in enumerate(opened.nodes) if node["cell_type"] == "code"]
    prompts = [opened.cells.nth(i).locator(".jp-InputPrompt") for i in code]
    expect(prompts[-1]).to_have_text(re.compile(r"\[\d+\]:"))
    assert [p.text_content() for p in prompts] == [f"[{n}]:" for n in range(1, len(code) + 1)]
    checks = [i for i in code if "".join(opened.nodes[i]["source"]).startswith("check(")]
    assert len(checks) == 8
    for i in checks:
        outputs = opened.cells.nth(i).locator(".jp-OutputArea-output")
        expect(outputs).to_have_count(2)
        expect(outputs.nth(0)).to_contain_text("not attempted yet")
        expect(outputs.nth(1)).to_have_text(
            re.compile(r"^CheckFailed: \w+ not attempted, 0/\d+ .*$")
        )


@minutes
def test_an_exercise_opens_with_its_badge_formulas_and_hints(notebook):
    opened = notebook()
    heading = opened.cells.nth(opened.index("rnn_cell_forward") - 1)
    heading.scroll_into_view_if_needed()
    expect(heading.locator("h2 + p")).to_have_text("10 points · difficulty ●○○ · about 10 minutes")
    expect(heading.locator("mjx-container[display=true]")).to_have_count(2)
    expect(heading.locator("mjx-merror")).to_have_count(0)
    expect(heading.locator("details")).to_have_count(3)
    expect(heading.locator("details[open]")).to_have_count(0)
    heading.locator("summary").nth(1).click()
    expect(heading.get_by_text("broadcasts over the batch.")).to_be_visible()


@minutes
@THEMES
def test_a_figure_is_read_out_sharp_and_at_home_on_the_page(lab, notebook, theme):
    opened = notebook(theme, notebook_of(lab.work.folder, FIGURE))
    cell = opened.run(0)
    shown = cell.get_by_role("img", name="Line plot: state against input; a line.")
    expect(shown).to_have_count(1)
    expect(cell.locator("img")).to_have_count(1)
    wide, natural = shown.evaluate("e => [e.clientWidth, e.naturalWidth]")
    assert natural >= 2 * wide - 1
    inverted = shown.evaluate("e => getComputedStyle(e).filter") != "none"
    assert inverted == (theme == "Dark")


@minutes
@THEMES
def test_the_temperature_panel_plays_again_and_again(lab, notebook, theme):
    opened = notebook(theme, notebook_of(lab.work.folder, MUSIC))
    cell = opened.run(0)
    panel = cell.locator(".jupyter-widgets.widget-vbox")
    score, seen = panel.get_by_role("img", name=re.compile("^Score of")), set()
    for _ in range(4):
        expect(score).to_have_count(1)
        seen.add(score.get_attribute("alt"))
        panel.get_by_role("button", name="Play another").click()
        opened.page.wait_for_function(
            "old => !old.includes(document.querySelector('img[alt^=\"Score of\"]')?.alt)",
            arg=sorted(seen),
        )
    handle = panel.get_by_role("slider", name="temperature")
    for _ in range(3):
        before = score.get_attribute("alt")
        handle.press("ArrowRight")
        expect(score).not_to_have_attribute("alt", before)
    expect(panel.get_by_role("alert")).to_have_count(0)
    expect(panel.get_by_role("img", name=re.compile("^Piano roll of"))).to_have_count(1)
    expect(panel.locator("audio")).to_have_count(1)
    assert violations(panel) == []


@minutes
@THEMES
def test_the_sentence_panel_answers_again_and_again(lab, notebook, theme):
    opened = notebook(theme, notebook_of(lab.work.folder, SENTENCES))
    panel = opened.run(0).locator(".jupyter-widgets.widget-vbox")
    box = panel.get_by_role("textbox", name="sentence")
    for sentence, said in (
        ("ball", "fork"),
        ("a", "baseball"),
        ("a zebra", "zebra"),
        ("x", "Type"),
    ):
        box.fill(sentence)
        box.press("Enter")
        expect(panel).to_contain_text(said)
    box.fill("a ball")
    box.press("Enter")
    expect(panel.locator("th")).to_have_text(["model", "predicted"])
    assert violations(panel) == []
    assert illegible(panel) == []
