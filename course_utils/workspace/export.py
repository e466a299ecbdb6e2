"""Export a notebook as one HTML file that needs no network, and as PDF where a browser is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from html import escape
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from ..session.results import replace
from . import WorkError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "microsoft-edge", "msedge")
SECONDS = 120  # for printing
STYLE = """
.jp-Notebook pre, .jp-Notebook code { white-space: pre-wrap; overflow-wrap: anywhere; }
.jp-Notebook img, .jp-Notebook svg, .jp-Notebook math { max-width: 100%; }
.jp-Notebook table { overflow-wrap: anywhere; }
/* JupyterLab's own are below a contrast of 4.5 */
:root { --jp-mirror-editor-comment-color: #357070; --jp-mirror-editor-number-color: #070;
  --jp-mirror-editor-operator-color: #9314e0; --jp-cell-prompt-not-active-opacity: 1;
  --jp-cell-prompt-not-active-font-color: var(--jp-content-font-color1); }
@media screen and (prefers-color-scheme: dark) { :root {
  --jp-mirror-editor-comment-color: #6bb3b3; --jp-mirror-editor-number-color: #7ac77a;
  --jp-mirror-editor-operator-color: #cf8bff; }
  .course-figure { filter: invert(0.93) hue-rotate(180deg); } }
.jp-RenderedText pre span { color: inherit !important; background: none !important; }
.jp-RenderedHTMLCommon a:link { text-decoration: underline; }
body { max-width: 60em; margin: auto; }
@media print { .jp-Cell { break-inside: auto; } pre, img, tr, details { break-inside: avoid; }
  h1, h2, h3 { break-after: avoid; }
  details::details-content { content-visibility: visible; } }  /* nobody can open them on paper */
"""


class _Formulas(IPythonRenderer):
    """Renders formulas as MathML, which browsers show by themselves."""

    def block_html(self, html: str) -> str:
        """Leave HTML as it is, unless it has pictures to embed: <details> closes further down."""
        return super().block_html(html) if "<img" in html else html

    def block_math(self, body: str) -> str:
        """Render a formula in a line of its own."""
        return _mathml(body, "block")

    def inline_math(self, body: str) -> str:
        """Render a formula in the text."""
        return _mathml(body, "inline")

    def latex_environment(self, name: str, body: str) -> str:
        """Render an environment, such as align."""
        return _mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


def _mathml(body: str, display: str) -> str:
    try:
        found = convert(body, display=display)
    except Exception:  # what MathML cannot say stays readable as it was written
        return f"<code>{escape(body)}</code>"
    return re.sub(r">\\(\w+)<", r">\1<", found)  # a name it does not know, such as \arg


class _OnePage(HTMLExporter):
    """HTML with everything in it: pictures, styles and formulas, and no script."""

    def __init__(self) -> None:
        super().__init__(template_name="lab", embed_images=True)

    @pass_context
    def markdown2html(self, context: Context, source: str) -> str:
        """Render a text cell, with the pictures that were pasted into it."""
        renderer = _Formulas(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=True,
            path=context.get("resources", {}).get("metadata", {}).get("path", ""),
            anchor_link_text="",
            exclude_anchor_links=True,
        )
        return MarkdownWithMath(renderer=renderer).render(source)


def to_html(notebook: nbformat.NotebookNode, title: str, folder: Path) -> str:
    """Return a notebook with its outputs as one page, light or dark as its reader prefers.

    Pictures are looked for in `folder`.
    """
    exporter = _OnePage()
    body, _ = exporter.from_notebook_node(
        notebook, {"metadata": {"name": title, "path": str(folder)}}
    )
    page = BeautifulSoup(body, "html.parser")
    for script in page.select("script"):
        script.decompose()
    for name in page.select("mrow > mi"):
        if len(name.text) > 1 and getattr(name.next_sibling, "name", "") in ("mi", "msub", "msup"):
            name.insert_after(page.new_tag("mspace", width="0.2em"))  # "tanh z", not "tanhz"
    for head in page.select("th:empty"):  # as in the corner of a table: it is no heading
        head.name = "td"
    dark = exporter.environment.loader.get_source(exporter.environment, "static/theme-dark.css")[0]
    style = page.new_tag("style")
    style.string = f"@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n{STYLE}"
    assert page.head is not None  # every page of the template has one
    page.head.append(style)
    return str(page)


def export(path: Path, folder: Path) -> tuple[Path, Path | str]:
    """Write a notebook into `folder` as HTML and PDF; return both, or why there is no PDF.

    Raises WorkError if it cannot be read.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        raise WorkError(f"{path} cannot be read as a notebook: {error}") from None
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{path.stem}.html"
    replace(
        page,
        to_html(notebook, _title(notebook) or path.stem, path.parent).encode("utf-8", "replace"),
    )
    return page, to_pdf(page)


def to_pdf(page: Path) -> Path | str:
    """Print a page with the first browser that is there; return the file, or why there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        return (
            "no browser was found to print with (Chromium, Chrome or Edge): open the page in yours "
            "and print it to a file"
        )
    target = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as profile:
        command = [
            *(found, "--headless", "--disable-gpu", "--no-pdf-header-footer", "--no-sandbox"),
            *(f"--user-data-dir={profile}", f"--print-to-pdf={target}", page.resolve().as_uri()),
        ]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return f"{found} did not finish within {SECONDS} seconds"
    if ran.returncode or not target.is_file():
        return f"{found} could not print it: {(ran.stderr.splitlines() or ['no reason given'])[-1]}"
    return target


def _title(notebook: nbformat.NotebookNode) -> str:
    first = notebook.cells[0].source if notebook.cells else ""
    heading = re.match(r"#\s+(.+)", first)
    return heading[1].strip() if heading else ""
