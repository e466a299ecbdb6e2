"""Show figures in a notebook as HTML: with a text for screen readers, sharp, at home in the dark.

JupyterLab gives a plain PNG no alternative text, draws it at one density, and leaves it white on a
dark page. Kernels that `make lab` starts use this; others, such as those that execute answer keys,
keep the PNG.
"""

from __future__ import annotations

import io
import re
from base64 import b64encode
from html import escape
from typing import Any

DENSITY = 2  # pixels of the picture for one on the page
MOST = 12  # texts of a diagram that are read out
# On a dark page, white becomes the page's colour and each hue stays what it is. Left as they are:
# photographs, emojis, and maps without white, whose bright places would turn dark.
_STYLE = """<style>
[data-jp-theme-light="false"] .course-figure { filter: invert(0.93) hue-rotate(180deg); }
</style>"""


def show_figures_as_html(shell: Any) -> None:
    """Have this kernel show figures as HTML; matplotlib is not imported until one is drawn."""
    from matplotlib_inline.config import InlineBackend

    InlineBackend.instance(parent=shell).figure_formats = set()
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type_by_name("matplotlib.figure", "Figure", to_html)


def to_html(figure: Any) -> str | None:
    """Return a figure as an <img> with a description, None if there is nothing on it."""
    if not figure.axes and not figure.lines:
        return None
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=DENSITY * figure.dpi, bbox_inches="tight")
    width = int.from_bytes(png.getvalue()[16:20], "big") // DENSITY  # of the PNG's header
    themed = "" if _must_stay(figure) else ' class="course-figure"'
    data = b64encode(png.getvalue()).decode()
    return (
        f'{_STYLE}<img alt="{escape(described(figure))}"{themed} width="{width}" '
        f'style="max-width:100%; height:auto" src="data:image/png;base64,{data}">'
    )


def describe(figure: Any, text: str) -> None:
    """Give a figure the text that is read out in its place, where its axes and legend say less."""
    figure.course_description = text


def described(figure: Any) -> str:
    """Say in a sentence or two what a figure shows: its kind, its axes and what is drawn there."""
    if given := getattr(figure, "course_description", ""):
        return given
    title = figure.get_suptitle()
    parts = [_described_axes(ax) for ax in figure.axes if ax.get_label() != "<colorbar>"]
    return " ".join([*([f"{title}."] if title else []), *filter(None, parts)]) or "A figure."


def _described_axes(ax: Any) -> str:
    points = [line for line in ax.get_lines() if len(line.get_xdata()) > 1]
    lines = [line for line in points if line.get_linestyle() != "None"]
    handles, labels = ax.get_legend_handles_labels()
    names = [label for label in labels if not label.startswith("_")]
    kind = (
        "Picture" if ax.images
        else "Line plot" if lines
        else "Bar chart" if ax.containers
        else "Dots" if ax.collections or points
        else "Diagram"
    )  # fmt: skip
    axes = " against ".join(filter(None, [ax.get_ylabel(), ax.get_xlabel()]))
    words = [text.get_text() for text in ax.texts if text.get_text().strip()]
    said = f"{kind}{': ' if axes or ax.get_title() else ''}"
    said += ", ".join(filter(None, [_spoken(ax.get_title()), axes]))
    if names:
        said += f"; {', '.join(dict.fromkeys(names))}"
    elif len(lines) > 1:
        said += f"; {len(lines)} lines"
    if words and (kind == "Diagram" or len(words) <= MOST):
        said += f"; with the texts {_listed(words)}"
    for place, axis in (("from left to right", ax.xaxis), ("from top to bottom", ax.yaxis)):
        if named := _named_places(axis):
            said += f"; {place} {_listed(named)}"
    return said + "."


def _named_places(axis: Any) -> list[str]:
    """List the names that stand along an axis in place of numbers, as a reader meets them."""
    from matplotlib.category import StrCategoryLocator
    from matplotlib.ticker import FixedLocator

    if not isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator):
        return []
    names = [label.get_text() for label in axis.get_ticklabels() if label.get_text().strip()]
    upwards = axis.axis_name == "y" and not axis.get_inverted()
    is_scale = not any(letter.isalpha() for name in names for letter in name)
    return [] if is_scale else names[::-1] if upwards else names


def _listed(texts: list[str]) -> str:
    more = f" and {len(texts) - MOST} more" if len(texts) > MOST else ""
    return f"{', '.join(map(_spoken, texts[:MOST]))}{more}"


def _spoken(text: str) -> str:
    r"""Leave out what is only there to set a formula: "$a^{\langle 0 \rangle}$" becomes "a^0"."""
    text = re.sub(r"\\[a-zA-Z]+\s?", "", text.replace("\n", " "))
    return re.sub(r"[${}]|\s+(?=[}\s]|$)", "", text).strip()


def _must_stay(figure: Any) -> bool:
    from matplotlib.offsetbox import AnnotationBbox

    def turns(image: Any) -> bool:  # a map of numbers, white at its least or its middle
        white = (min(image.get_cmap()(share)[:3]) > 0.9 for share in (0.0, 0.5))
        return image.get_array().ndim == 2 and any(white)

    return any(
        not all(map(turns, ax.images))
        or any(isinstance(each, AnnotationBbox) for each in ax.get_children())
        for ax in figure.axes
    )
