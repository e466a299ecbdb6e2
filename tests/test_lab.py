"""The learner's path in JupyterLab, walked by a browser: answer, check, understand, run all."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from types import SimpleNamespace
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from .conftest import ROOT

pytest.importorskip("playwright", reason="needs playwright: pip install playwright")
from playwright.sync_api import Locator, Page, expect, sync_playwright  # noqa: E402

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium on the PATH"),
]

STEM = "01_rnn_step_by_step"
RIGHT = "a_next = np.tanh(Wax @ xt + Waa @ a_prev + ba)"
WRONG = "a_next = np.tanh(Wax @ xt) + np.tanh(Waa @ a_prev) + np.tanh(ba)"
PREDICTION = "yt_pred = softmax(Wya @ a_next + by)"
PATIENCE = 90_000  # milliseconds: a cold start of JupyterLab and a kernel on a busy machine
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
# The contrast of every visible text below an element with what lies behind it, by WCAG 2.
CONTRASTS = """root => {
  const channels = text => {
    const numbers = text.match(/-?[\\d.]+/g).map(Number);
    const scale = text.startsWith("color(") ? 255 : 1;  // color(srgb 0.5 ...) against rgb(127, ...)
    return [...numbers.slice(0, 3).map(v => v * scale), numbers[3] ?? 1];
  };
  const over = (top, under) => under.map((v, i) => top[i] * top[3] + v * (1 - top[3]));
  const light = colour => {
    const [r, g, b] = colour.map(v => v / 255).map(
      v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [], texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const holder = texts.currentNode.parentElement, text = texts.currentNode.textContent.trim();
    if (!text || !holder.checkVisibility()) continue;
    let behind = [255, 255, 255], opacity = 1;
    const ancestors = [];
    for (let e = holder; e; e = e.parentElement) ancestors.unshift(getComputedStyle(e));
    for (const style of ancestors) {
      behind = over(channels(style.backgroundColor), behind);
      opacity *= style.opacity;
    }
    const ink = channels(getComputedStyle(holder).color);
    ink[3] *= opacity;
    const [dim, bright] = [light(over(ink, behind)), light(behind)].sort((a, b) => a - b);
    found.push([(bright + 0.05) / (dim + 0.05), text]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Serve an empty folder with JupyterLab; yield the folder, its settings and its address."""
    home = tmp_path_factory.mktemp("lab")
    folder, settings = home / "notebooks", home / "settings" / "@jupyterlab" / "apputils-extension"
    folder.mkdir()
    settings.mkdir(parents=True)
    news = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(news))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex()
    env = os.environ | {
        "JUPYTER_TOKEN": token,
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    command = [sys.executable, "-m", "jupyterlab", str(folder), "--no-browser", "--allow-root"]
    command += ["--ServerApp.ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + PATIENCE / 1000
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/api", timeout=5).close()
                break
            except (URLError, OSError):
                if server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"JupyterLab did not start:\n{(home / 'log').read_text()}")
                time.sleep(0.2)
        address = f"http://127.0.0.1:{port}/lab/tree/{{}}?reset&token={token}"
        yield SimpleNamespace(folder=folder, settings=settings, address=address)
    finally:
        server.terminate()  # it shuts its kernels down before it goes
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())


class Notebook:
    """A copy of the student edition, open in a browser."""

    def __init__(self, lab: SimpleNamespace, page: Page, theme: str) -> None:
        """Open a fresh copy and wait until its kernel is ready."""
        source = ROOT / "notebooks" / f"{STEM}.ipynb"
        copy = lab.folder / f"{secrets.token_hex(4)}.ipynb"
        shutil.copyfile(source, copy)
        chosen = json.dumps({"theme": f"JupyterLab {theme}"})
        (lab.settings / "themes.jupyterlab-settings").write_text(chosen)
        self.page, self.nodes = page, json.loads(source.read_text("utf-8"))["cells"]
        page.set_default_timeout(PATIENCE)
        page.goto(lab.address.format(copy.name))
        self.cells = page.locator(".jp-Notebook .jp-Cell")
        expect(self.cells).to_have_count(len(self.nodes))
        expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")
        is_light = "true" if theme == "Light" else "false"
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", is_light)

    def index(self, name: str) -> int:
        """Find the cell of this nbgrader id."""
        ids = [node["metadata"].get("nbgrader", {}).get("grade_id") for node in self.nodes]
        return ids.index(name)

    def run(self, index: int) -> Locator:
        """Run a cell as a learner does, and wait until it has ended."""
        cell = self.cells.nth(index)
        prompt = cell.locator(".jp-InputPrompt")
        cell.locator(".cm-content").click(position={"x": 2, "y": 2})
        before = prompt.text_content()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"))
        return cell

    def replace(self, index: int, line: str, count: int, *new: str) -> None:
        """Type new lines over the `count` lines that begin at `line`, in a function's body."""
        cell = self.cells.nth(index)
        cell.locator(".cm-line", has_text=line).click()
        keys = ["Home", *["Shift+ArrowDown"] * (count - 1), "Shift+End"]
        for key in keys:
            self.page.keyboard.press(key)
        self.page.keyboard.insert_text("\n    ".join(new))
        for text in new:
            expect(cell.locator(".cm-content")).to_contain_text(text)


@pytest.fixture
def notebook(lab, browser):
    """Return a function that opens a fresh copy of the notebook in a theme."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield lambda theme="Light": Notebook(lab, context.new_page(), theme)
    context.close()


def assert_legible(panel: Locator) -> None:
    """Check that a panel's text stands out from the page and that nothing is cut off."""
    panel.page.mouse.move(0, 0)  # a table row under the pointer is highlighted
    contrasts = panel.evaluate(CONTRASTS)
    assert len(contrasts) > 10
    assert not [(ratio, text) for ratio, text in contrasts if ratio < 4.5]
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_an_answer_is_checked_and_a_mistake_explained(notebook, theme):
    opened = notebook(theme)
    answer, checked = opened.index("rnn_cell_forward"), opened.index("check_rnn_cell_forward")
    opened.run(next(i for i, node in enumerate(opened.nodes) if node["cell_type"] == "code"))

    opened.replace(answer, "# YOUR CODE HERE", 2, RIGHT, PREDICTION)
    opened.run(answer)
    cell = opened.run(checked)
    panel = cell.locator(".jp-RenderedHTML")
    expect(panel).to_contain_text("rnn_cell_forward: passed — 10/10 points")
    expect(panel).to_contain_text("Score so far: 10 / 100 points, 1 of 8 exercises passed")
    expect(cell.locator(".jp-OutputArea-output")).to_have_count(1)
    assert_legible(panel)

    opened.replace(answer, "a_next = np.tanh", 1, WRONG)
    opened.run(answer)
    cell = opened.run(checked)
    expect(panel).to_contain_text("rnn_cell_forward: not right yet")
    expect(panel).to_contain_text("Why: You squash each term and then add.")
    panel.locator("summary", has_text="Hint 1 of 3").click()
    expect(panel.get_by_text("Two quantities meet inside one tanh")).to_be_visible()
    assert_legible(panel)
    expect(cell.locator(".jp-OutputArea-output")).to_have_count(2)
    expect(cell.locator(".jp-OutputArea-output").nth(1)).to_have_text(
        re.compile(r"^CheckFailed: rnn_cell_forward failed, \d+/10 points \(see the panel above\)$")
    )


def test_run_all_of_an_untouched_notebook_reaches_its_end(notebook):
    opened = notebook()
    opened.page.get_by_role("menuitem", name="Run", exact=True).click()
    opened.page.locator(".lm-Menu-item", has_text=re.compile("^Run All Cells$")).click()
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
