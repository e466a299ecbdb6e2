"""JupyterLab as `make lab` opens it, driven by a browser; needs playwright and Chromium."""

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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
from playwright.sync_api import Locator, Page, expect, sync_playwright

from course_utils.authoring.build import METADATA
from course_utils.session import results
from course_utils.workspace.folder import Work

from .conftest import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
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


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: the learner's folder, its settings, and the address of a path."""

    work: Work
    settings: Path
    address: str

    def theme(self, name: str) -> None:
        """Choose the theme, "Light" or "Dark", for pages that are opened from now on."""
        folder = self.settings / "@jupyterlab" / "apputils-extension"
        folder.mkdir(parents=True, exist_ok=True)
        chosen = json.dumps({"theme": f"JupyterLab {name}"})
        (folder / "themes.jupyterlab-settings").write_text(chosen)


@contextmanager
def serve(home: Path) -> Iterator[Lab]:
    """Run `course lab` on a fresh folder in `home`, as `make lab` does; stop it at the end."""
    work = Work(home / "work", ROOT / "notebooks")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex()
    env = os.environ | {
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "COURSE_TRAINING": "short",
        results.VARIABLE: str(work.folder),
    }
    command = [
        *(sys.executable, "-m", "course_utils.cli", "lab", "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
    ]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, env=env, cwd=home, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + PATIENCE / 1000
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/api", timeout=5).close()
                break
            except (URLError, OSError):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((home / "log").read_text()) from None
                time.sleep(0.2)
        yield Lab(work, home / "settings", f"http://127.0.0.1:{port}/{{}}token={token}")
    finally:
        server.terminate()  # it shuts its kernels down before it goes
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def chromium():
    """Start the system's Chromium."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())


class Notebook:
    """A notebook that is open in a browser."""

    def __init__(self, lab: Lab, page: Page, path: Path, theme: str = "Light") -> None:
        """Open it and wait until its kernel is ready."""
        lab.theme(theme)
        self.page, self.nodes = page, json.loads(path.read_text("utf-8"))["cells"]
        page.set_default_timeout(PATIENCE)
        page.goto(lab.address.format(f"lab/tree/{path.name}?reset&"))
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

    def menu(self, name: str, item: str) -> None:
        """Choose an item of a menu."""
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        self.page.locator(".lm-Menu-item", has_text=re.compile(f"^{item}")).click()


def notebook_of(folder: Path, *sources: str) -> Path:
    """Write a notebook of code cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    path = folder / f"{secrets.token_hex(4)}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), path)
    return path


def violations(locator: Locator) -> list[str]:
    """Return what axe finds wrong in an element, [] where axe is not installed."""
    try:
        import axe_playwright_python
    except ImportError:
        return []
    page = locator.page
    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = locator.evaluate("async element => (await axe.run(element)).violations")
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def illegible(locator: Locator) -> list[tuple[float, str]]:
    """Return the visible texts of an element whose contrast is below 4.5, with that contrast."""
    locator.page.mouse.move(0, 0)  # a table row under the pointer is highlighted
    return [(ratio, text) for ratio, text in locator.evaluate(CONTRASTS) if ratio < 4.5]


def is_cut_off(locator: Locator) -> bool:
    """Return True if an element is wider or higher than what is shown of it."""
    return locator.evaluate("e => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight")
