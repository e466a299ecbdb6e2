"""Time what a learner waits for, in JupyterLab and a browser, from the key press to the screen.

It needs playwright and Chromium, as `make browser` does. Run `course seal` first, then, while
nothing else runs: python benchmarks/waiting.py [TIMES]. Medians of three are shown by default.
`benchmarks/checks.py` times the checks of all exercises, without a browser.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `tests`, beside this folder

KEYS = Path(__file__).parents[1] / "solutions"
NUMPY, KERAS = "01_rnn_step_by_step", "08_image_rnn"
MISTAKES = {  # in the answer key of each: a text to replace, and by what
    (NUMPY, "rnn_cell_forward"): ("np.tanh(", "np.sinh("),
    (KERAS, "cnn_then_rnn"): ("MaxPooling2D(4)", "MaxPooling2D(2)"),
}
AIMS = {"command to first passed check": 20.0, "opening to first plot, NumPy": 3.0}
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
CELLS = f"{PANEL} .jp-Notebook .jp-Cell"
RAN = """([cells, i, before]) => {
  const prompt = document.querySelectorAll(cells)[i]?.querySelector('.jp-InputPrompt')?.textContent;
  return prompt && prompt !== before && /\\d/.test(prompt);
}"""


class Opened:
    """A notebook that a link in JupyterLab opens."""

    def __init__(self, page: Page, link: Locator, path: Path) -> None:
        """Click the link, note when, and wait until the kernel is ready."""
        self.page, self.cells = page, nbformat.read(path, 4).cells
        self.code = [i for i, cell in enumerate(self.cells) if cell.cell_type == "code"]
        self.began = time.perf_counter()
        link.click()
        page.locator(".lm-TabBar-tab.jp-mod-current", has_text=path.name).wait_for()
        page.locator(f"{PANEL} [data-status=idle]").first.wait_for()

    def so_far(self) -> float:
        """Return the seconds since the click."""
        return time.perf_counter() - self.began

    def run(self, index: int) -> float:
        """Run a cell and return the seconds until its number is shown."""
        cell = self.page.locator(CELLS).nth(index)
        before = cell.locator(".jp-InputPrompt").text_content()
        began = time.perf_counter()
        while cell.locator(".jp-InputPrompt").text_content() == before:  # until it has the focus
            cell.locator(".cm-content").click(position={"x": 2, "y": 2})
            self.page.keyboard.press("Control+Enter")
            self.page.wait_for_timeout(20)
        self.page.wait_for_function(RAN, arg=[CELLS, index, before])
        return time.perf_counter() - began

    def check(self, name: str, source: str) -> float:
        """Write an answer, run it, and return the seconds that its check takes."""
        names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in self.cells]
        written = names.index(name)
        self.page.locator(CELLS).nth(written).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)
        self.run(written)
        return self.run(names.index(f"check_{name}"))


def key(stem: str, name: str) -> str:
    """Return the answer key of an exercise."""
    for cell in nbformat.read(KEYS / f"{stem}.ipynb", 4).cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution") and marks["grade_id"] == name:
            return cell.source
    raise KeyError(name)


def waits() -> Iterator[tuple[str, float]]:
    """Begin the course afresh, and yield what is waited for and how many seconds."""
    from tests.browser import PATIENCE, chromium, serve

    with ExitStack() as stack:
        page = stack.enter_context(chromium()).new_page(viewport={"width": 1280, "height": 1000})
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        began = time.perf_counter()
        lab = stack.enter_context(serve(home))
        page.set_default_timeout(PATIENCE)
        page.goto(lab.address.format("?"))
        page.locator(CELLS).get_by_role("link").first.wait_for()
        yield "command to start page", time.perf_counter() - began
        for (stem, name), (right, wrong) in MISTAKES.items():
            page.locator(".lm-TabBar-tab", has_text="00_start").click()
            link = page.locator(f"{CELLS} table a[href*='{stem}']")
            opened = Opened(page, link, lab.work.folder / f"{stem}.ipynb")
            opened.run(opened.code[0])
            tool, answer = "NumPy" if stem == NUMPY else "Keras", key(stem, name)
            yield f"opening to imports, {tool}", opened.so_far()
            if stem == NUMPY:
                opened.run(opened.code[1])
                page.locator(CELLS).nth(opened.code[1]).locator("img").wait_for()
                yield "opening to first plot, NumPy", opened.so_far()
            assert right in answer
            first = opened.check(name, answer)
            page.locator(CELLS).get_by_text(f"{name}: passed").wait_for()
            if stem == NUMPY:
                yield "command to first passed check", time.perf_counter() - began
            yield f"first check, {tool}", first
            yield f"right check, {tool}", opened.check(name, answer)
            yield f"wrong check, {tool}", opened.check(name, answer.replace(right, wrong))


def main() -> None:
    """Print the median, least and greatest time of each wait."""
    times: dict[str, list[float]] = {}
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3):
        for name, seconds in waits():
            times.setdefault(name, []).append(seconds)
    for name, found in times.items():
        aim = f"  (aim: {AIMS[name]:.0f} s)" if name in AIMS else ""
        middle = statistics.median(found)
        print(f"{name:<30} {middle:6.2f} s  ({min(found):.2f} to {max(found):.2f}){aim}")


if __name__ == "__main__":
    try:
        import playwright  # noqa: F401
    except ImportError:
        print("needs playwright, which `make browser` installs")
    else:
        main()
